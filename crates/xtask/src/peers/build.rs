//! Builds the optimised programs: the kernel, the command, and this one with the dependencies for measuring.

use std::{
    io,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

/// One command, so that what both need is compiled once.
const BUILD: &[&str] = &[
    "build",
    "--release",
    "--package",
    "drupe-kernel",
    "--bin",
    "drupe-kernel",
    "--package",
    "drupe",
    "--bin",
    "drupe",
    "--package",
    "xtask",
    "--bin",
    "xtask",
    "--features",
    "xtask/peers",
];

/// Why nothing could be measured.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("cannot start {program}: {source}")]
    Start { program: String, source: io::Error },
    #[error("cannot tell where this program is: {0}")]
    Executable(io::Error),
    #[error("`cargo {}` failed", BUILD.join(" "))]
    Build,
}

/// Builds them and runs `xtask arguments...`.
pub(super) fn build_and_run(root: &Path, arguments: &[String]) -> Result<ExitCode, Error> {
    println!("peers: building the kernel, the command and the measuring program for release; the first time takes minutes");
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let built = Command::new(&cargo).args(BUILD).current_dir(root).status();
    if !built.map_err(|source| Error::Start { program: cargo, source })?.success() {
        return Err(Error::Build);
    }
    let program = release_folder()?.join(format!("xtask{}", std::env::consts::EXE_SUFFIX));
    let status = Command::new(&program).args(arguments).current_dir(root).status();
    let status = status.map_err(|source| Error::Start { program: program.display().to_string(), source })?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Where release builds go: beside the folder of the profile that this program was built with.
fn release_folder() -> Result<PathBuf, Error> {
    let executable = std::env::current_exe().map_err(Error::Executable)?;
    let target = executable.ancestors().nth(2).ok_or_else(|| Error::Executable(io::ErrorKind::NotFound.into()))?;
    Ok(target.join("release"))
}
