//! The program that becomes a kernel: this one.

use std::{
    env,
    path::{Path, PathBuf},
};

use drupe_client::Program;

/// Where Linux keeps the program of the asking process, even after its file is gone.
const SELF: &str = "/proc/self/exe";

/// This program, to be started again as `drupe kernel`.
pub(crate) fn this_program() -> Program {
    Program::new(path()).arg("kernel")
}

fn path() -> PathBuf {
    match env::current_exe() {
        // A file that was deleted or replaced since: what runs is still at hand, and fits.
        Ok(path) if !path.exists() && Path::new(SELF).exists() => SELF.into(),
        Ok(path) => path,
        Err(_) => SELF.into(),
    }
}
