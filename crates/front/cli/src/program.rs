//! The program that becomes a kernel, which is this one; and the programs to run, as the command line names them.

use std::{
    env,
    ffi::{OsStr, OsString},
    fs, io,
    path::{Component, Path, PathBuf},
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

/// The endings that the name of a program may leave out, in the order in which they are tried.
const ENDINGS: [&str; 9] = ["js", "json", "node", "ts", "cts", "tsx", "jsx", "mjs", "mts"];

/// What a word of the command line names as a program: its URL, or a path whose ending or main file the kernel's host
/// finds.
pub(crate) fn specifier(word: &OsStr) -> io::Result<String> {
    if is_url(word) {
        return Ok(word.to_string_lossy().into_owned());
    }
    let named = plain(word);
    let path = match fs::canonicalize(&named) {
        Ok(path) if path.is_file() => return Ok(file_url(&path.to_string_lossy())),
        Ok(folder) => folder,
        Err(_) if is_there(word) => named,
        Err(error) => return Err(error),
    };
    Ok(path.to_string_lossy().into_owned())
}

/// What `process.argv[1]` says of a program that the command line names so: an absolute path, through links as they
/// are; other words are left as they are.
pub(crate) fn named(word: &OsStr) -> String {
    let named = if word == "-" || is_url(word) { word.into() } else { plain(word) };
    named.to_string_lossy().into_owned()
}

/// The absolute path that a word names, without `.` and `..`. As in Node, these are taken out of the text alone:
/// `none/../a.js` is `a.js`, whether or not there is a folder `none`.
pub(crate) fn plain(word: &OsStr) -> PathBuf {
    let Ok(path) = std::path::absolute(word) else { return word.into() };
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => _ = plain.pop(),
            Component::CurDir => {}
            part @ (Component::Prefix(_) | Component::RootDir | Component::Normal(_)) => plain.push(part),
        }
    }
    plain
}

/// The path of a word that names what is read once and has no place that imports could start from: a pipe, a terminal,
/// a device.
pub(crate) fn stream(word: &OsStr) -> Option<PathBuf> {
    let is_stream = |path: &PathBuf| path.metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir());
    Some(plain(word)).filter(is_stream)
}

/// The files that a word may name, by itself or without its ending.
pub(crate) fn files(word: &OsStr) -> Vec<PathBuf> {
    let named = plain(word);
    let with_ending = |ending: &&str| {
        let mut name = named.clone().into_os_string();
        name.push(".");
        name.push(ending);
        PathBuf::from(name)
    };
    std::iter::once(named.clone()).chain(ENDINGS.iter().map(with_ending)).filter(|path: &PathBuf| path.is_file()).collect()
}

/// Whether there is something that a word could name.
pub(crate) fn is_there(word: &OsStr) -> bool {
    is_url(word) || plain(word).exists() || !files(word).is_empty()
}

fn is_url(word: &OsStr) -> bool {
    let word = word.to_string_lossy();
    ["https://", "http://", "file://", "data:"].iter().any(|scheme| word.starts_with(scheme))
}

/// What a kernel's host calls a module of this name in the folder of the command.
pub(crate) fn given(name: &str) -> io::Result<String> {
    Ok(file_url(&env::current_dir()?.join(name).to_string_lossy()))
}

/// The URL of a file. Whoever resolves it escapes what else there is to escape.
fn file_url(path: &str) -> String {
    let escaped = path.replace('%', "%25").replace('?', "%3F").replace('#', "%23").replace('\\', "%5C");
    format!("file://{escaped}")
}

fn path() -> PathBuf {
    match env::current_exe() {
        // A file that was deleted or replaced since: what runs is still at hand, and fits.
        Ok(path) if !path.exists() && Path::new(SELF).exists() => SELF.into(),
        Ok(path) => path,
        Err(_) => SELF.into(),
    }
}
