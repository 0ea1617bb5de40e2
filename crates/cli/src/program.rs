//! The program that becomes a kernel: this one.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

use drupe_client::Program;

/// Where Linux keeps the program of the asking process, even after its file is gone.
const SELF: &str = "/proc/self/exe";

/// This program, to be started again as `drupe kernel`.
pub(crate) fn this_program() -> Program {
    Program::new(path()).arg("kernel")
}

/// Whether this program was started as a kernel: by its argument, or by the name of the program that is nothing else.
pub(crate) fn is_kernel(mut args: impl Iterator<Item = OsString>) -> bool {
    let name = args.next().map(PathBuf::from);
    let is_named_so = name.as_deref().and_then(Path::file_stem).is_some_and(|name| name == "drupe-kernel");
    is_named_so || args.next().is_some_and(|first| first == "kernel")
}

fn path() -> PathBuf {
    match env::current_exe() {
        // A file that was deleted or replaced since: what runs is still at hand, and fits.
        Ok(path) if !path.exists() && Path::new(SELF).exists() => SELF.into(),
        Ok(path) => path,
        Err(_) => SELF.into(),
    }
}
