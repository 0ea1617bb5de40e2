//! Programs that a build of packages runs.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use super::Error;

/// A program to run, and how to tell of it.
pub(super) struct Run {
    command: Command,
    shown: String,
}

impl Run {
    pub(super) fn new<'a>(program: impl AsRef<OsStr>, arguments: impl IntoIterator<Item = &'a str>) -> Self {
        let (mut command, mut shown) = (Command::new(program.as_ref()), program.as_ref().to_string_lossy().into_owned());
        for argument in arguments {
            command.arg(argument);
            shown = format!("{shown} {argument}");
        }
        command.stdin(Stdio::null());
        Self { command, shown }
    }

    /// Adds a path to the arguments.
    pub(super) fn path(mut self, path: &Path) -> Self {
        self.command.arg(path);
        self.shown = format!("{} {}", self.shown, path.display());
        self
    }

    /// In this folder.
    pub(super) fn at(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    pub(super) fn with(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it. What it prints is shown as it comes, on standard error.
    pub(super) fn done(mut self) -> Result<(), Error> {
        let shown = || self.shown.clone();
        let status =
            self.command.stdout(std::io::stderr()).status().map_err(|source| Error::Start { command: shown(), source })?;
        if status.success() { Ok(()) } else { Err(Error::Failed { command: shown(), status, said: String::new() }) }
    }

    /// Runs it: what it prints on standard output.
    pub(super) fn output(mut self) -> Result<String, Error> {
        let output = self.command.output().map_err(|source| Error::Start { command: self.shown.clone(), source })?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = format!(": {}", String::from_utf8_lossy(&output.stderr).trim());
        Err(Error::Failed { command: self.shown, status: output.status, said })
    }
}
