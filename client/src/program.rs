//! Finds the kernel's program.

use std::{
    env::{self, consts::EXE_SUFFIX},
    fmt, io,
    path::{Path, PathBuf},
};

use crate::LaunchError;

/// The variable that names the kernel's program.
const VARIABLE: &str = "DRUPE_KERNEL";

/// The program that is nothing but a kernel.
const KERNEL: &str = "drupe-kernel";

/// The command, which becomes a kernel when it is told so.
const COMMAND: &str = "drupe";

/// What the command is told.
const BE_A_KERNEL: &str = "kernel";

/// The program of a kernel, with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    pub(crate) path: PathBuf,
    pub(crate) args: Vec<String>,
}

impl Program {
    /// The program at `path`, relative to the working folder, or the one of that name on the `PATH` if `path` is only a
    /// name.
    ///
    /// Unless it is called `drupe-kernel` or is given [arguments](Self::arg), it is started with the argument `kernel`.
    /// With it `drupe` becomes a kernel, under any name; a program that is only a kernel ignores it.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), args: Vec::new() }
    }

    /// Adds an argument, such as the `kernel` of `drupe kernel`.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<String>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// As it is to be started: from another folder, and in an environment without a `PATH`.
    pub(crate) fn resolved(&self) -> Result<Self, LaunchError> {
        let path = if self.is_name() {
            let mut search = Search::default();
            on_path(&self.path, &mut search).ok_or(LaunchError::NoProgram { tried: search.tried })?
        } else {
            std::path::absolute(&self.path).map_err(|error| LaunchError::Start { program: self.clone(), error })?
        };
        let mut args = self.args.clone();
        if args.is_empty() && !is_called(&path, KERNEL) {
            args.push(BE_A_KERNEL.to_owned());
        }
        Ok(Self { path, args })
    }

    fn is_name(&self) -> bool {
        self.path.file_name() == Some(self.path.as_os_str())
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        self.args.iter().try_for_each(|arg| write!(f, " {arg}"))
    }
}

fn is_called(path: &Path, name: &str) -> bool {
    path.file_name().is_some_and(|file| file == name || file == format!("{name}{EXE_SUFFIX}").as_str())
}

/// Looks for the kernel's program, which is `drupe-kernel` or `drupe`: first beside this executable; then by the
/// environment variable `DRUPE_KERNEL`, which must name an existing program if it is set and not empty; then on the
/// `PATH`, in each folder `drupe-kernel` first.
///
/// A file beside the executable must belong to the owner of the executable, or to root. It must not be writable by
/// everybody, nor must its folder. A link must belong to one of the two as well. For an executable that Cargo has built
/// in `target/*/deps` or `target/*/examples`, the folder above is searched, too.
///
/// # Errors
/// [`LaunchError::Variable`] when `DRUPE_KERNEL` names no file. [`LaunchError::NoProgram`] lists every place that was
/// tried.
pub fn find_program() -> Result<Program, LaunchError> {
    let mut search = Search::default();
    if let Ok(executable) = env::current_exe()
        && let Some(path) = beside(&executable, &mut search)
    {
        return Ok(Program::new(path));
    }
    match env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
        Some(value) => {
            let named = Program::new(value);
            // A name alone is looked for as shells do; anything else is a path.
            let found = if named.is_name() { on_path(&named.path, &mut search) } else { search.look(named.path.clone()) };
            match found {
                Some(path) => Ok(Program::new(path)),
                None => Err(LaunchError::Variable { value: named.path, tried: search.tried }),
            }
        }
        None => folders_on_path()
            .find_map(|folder| search.either(&folder, is_executable))
            .map(Program::new)
            .ok_or(LaunchError::NoProgram { tried: search.tried }),
    }
}

/// What was tried, each place once.
#[derive(Default)]
struct Search {
    tried: Vec<PathBuf>,
}

impl Search {
    /// The file, if there is one.
    fn look(&mut self, path: PathBuf) -> Option<PathBuf> {
        let found = path.is_file().then(|| path.clone());
        if !self.tried.contains(&path) {
            self.tried.push(path);
        }
        found
    }

    /// Either program in `folder` that `may` be started.
    fn either(&mut self, folder: &Path, may: impl Fn(&Path) -> bool) -> Option<PathBuf> {
        let mut both = [KERNEL, COMMAND].into_iter().map(|name| folder.join(format!("{name}{EXE_SUFFIX}")));
        both.find_map(|path| self.look(path).filter(|path| may(path)))
    }
}

fn folders_on_path() -> impl Iterator<Item = PathBuf> {
    let folders = env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect::<Vec<_>>();
    // What is relative depends on where somebody happens to be.
    folders.into_iter().filter(|folder| folder.is_absolute())
}

fn on_path(name: &Path, search: &mut Search) -> Option<PathBuf> {
    let mut with_suffix = name.as_os_str().to_owned();
    with_suffix.push(EXE_SUFFIX);
    folders_on_path().find_map(|folder| {
        let mut both = [folder.join(name), folder.join(&with_suffix)].into_iter();
        both.find_map(|path| search.look(path).filter(|path| is_executable(path)))
    })
}

/// The program beside `executable`, which may be called `drupe` itself.
fn beside(executable: &Path, search: &mut Search) -> Option<PathBuf> {
    let folder = executable.parent()?;
    let above = folder.parent().filter(|above| is_built_by_cargo(folder, above));
    let itself = executable.canonicalize().ok();
    let is_itself = |path: &Path| itself.is_some() && path.canonicalize().ok() == itself;
    let may = |path: &Path| !is_itself(path) && is_executable(path) && is_trusted(path, executable);
    // **Where everybody may put files, what was found may be something else when it is started.**
    let safe = |folder: &Path| !is_everybodys(folder);
    [Some(folder), above].into_iter().flatten().find_map(|folder| search.either(folder, |path| safe(folder) && may(path)))
}

/// Whether Cargo has made `folder` and what is `above` it: tests and examples do not lie where the programs do that
/// they start.
fn is_built_by_cargo(folder: &Path, above: &Path) -> bool {
    let is_named = folder.file_name().is_some_and(|name| name == "deps" || name == "examples");
    is_named && above.join(".fingerprint").is_dir() && above.join("deps").is_dir()
}

#[cfg(unix)]
fn metadata(path: &Path) -> io::Result<std::fs::Metadata> {
    std::fs::metadata(path)
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0)
}

/// Whether everybody may put files there.
#[cfg(unix)]
fn is_everybodys(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata(folder).map_or(true, |metadata| metadata.permissions().mode() & 0o002 != 0)
}

/// Whether a file may be started that was found by a search. **Another user could have put it there.** A
/// link and the file that it leads to must both belong to the owner of the executable, or to root.
#[cfg(unix)]
fn is_trusted(file: &Path, executable: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    // Whoever owns the executable could have made it anything.
    let owner = metadata(executable).map(|metadata| metadata.uid()).ok();
    let is_ours = |metadata: io::Result<std::fs::Metadata>| {
        metadata.is_ok_and(|metadata| metadata.uid() == 0 || Some(metadata.uid()) == owner)
    };
    is_ours(std::fs::symlink_metadata(file)) && is_ours(metadata(file)) && !is_everybodys(file)
}

#[cfg(not(unix))]
fn is_executable(_: &Path) -> bool {
    true
}

#[cfg(not(unix))]
fn is_everybodys(_: &Path) -> bool {
    false
}

#[cfg(not(unix))]
fn is_trusted(_: &Path, _: &Path) -> bool {
    true
}
