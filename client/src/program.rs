//! Where the kernel's program is.

use std::{env, fmt, path::PathBuf};

use crate::LaunchError;

/// A program that becomes a kernel, and the arguments that make it one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    pub(crate) path: PathBuf,
    pub(crate) args: Vec<String>,
}

impl Program {
    /// The program at `path`, without arguments.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), args: Vec::new() }
    }

    /// Adds an argument, such as the `kernel` of `drupe kernel`.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<String>) -> Self {
        self.args.push(arg.into());
        self
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        self.args.iter().try_for_each(|arg| write!(f, " {arg}"))
    }
}

/// Looks for the kernel's program: `drupe-kernel` beside this executable or one folder above it, then what the environment
/// variable `DRUPE_KERNEL` names, then `drupe-kernel` and `drupe kernel` on the `PATH`.
///
/// # Errors
/// [`LaunchError::NoProgram`] lists every place that was tried.
pub fn find_program() -> Result<Program, LaunchError> {
    let file = format!("drupe-kernel{}", env::consts::EXE_SUFFIX);
    let mut tried = Vec::new();
    let mut look = |path: PathBuf| {
        let found = path.is_file();
        tried.push(path.clone());
        found.then_some(path)
    };
    if let Ok(executable) = env::current_exe() {
        for folder in executable.ancestors().skip(1).take(2) {
            if let Some(path) = look(folder.join(&file)) {
                return Ok(Program::new(path));
            }
        }
    }
    if let Some(path) = env::var_os("DRUPE_KERNEL").map(PathBuf::from).and_then(&mut look) {
        return Ok(Program::new(path));
    }
    let on_path = env::var_os("PATH").unwrap_or_default();
    for folder in env::split_paths(&on_path).filter(|folder| folder.is_absolute()) {
        if let Some(path) = look(folder.join(&file)) {
            return Ok(Program::new(path));
        }
        if let Some(path) = look(folder.join(format!("drupe{}", env::consts::EXE_SUFFIX))) {
            return Ok(Program::new(path).arg("kernel"));
        }
    }
    Err(LaunchError::NoProgram { tried })
}
