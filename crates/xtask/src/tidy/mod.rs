//! `cargo xtask tidy`: the house rules that no compiler checks.
//!
//! There is one module for each subject. [`walls`] checks the dependencies between the crates (as [`cargo`] reports
//! them), [`crate_folders`] the storeys that they lie in, [`circles`] and [`storeys`] the imports within them,
//! [`files`] the files themselves. [`wire`] compares the messages with their reference, [`operations`] the host's
//! operations, [`limits`] the numbers. [`threats`] compares the threats with their tests, [`builtins`] Node's modules
//! with their document. [`paths`] checks paths in documents, [`arms`] the arms of matches, [`clocks`] the
//! clocks in use, [`descriptors`] and [`ops`] the kernel's JavaScript, [`checksums`] prebuilt files,
//! [`toolchain`] the compiler's version. Each reports its [`Violation`]s; none stops at the first.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

mod arms;
mod builtins;
mod cargo;
mod checksums;
mod circles;
mod clocks;
mod crate_folders;
mod descriptors;
mod files;
mod limits;
mod operations;
mod ops;
mod paths;
mod storeys;
mod threats;
mod toolchain;
mod walls;
mod wire;

/// Runs every check on the checkout at `root` and prints what it found; fails if there was anything.
pub(crate) fn run(root: &Path) -> ExitCode {
    let checks: [(&str, Check); 17] = [
        ("walls between crates", walls::check),
        ("folders of the crates", crate_folders::check),
        ("circles within crates", circles::check),
        ("storeys of the kernel", storeys::check),
        ("files", files::check),
        ("protocol/WIRE.md", wire::check),
        ("operations of the host", operations::check),
        ("limits in WIRE.md", limits::check),
        ("docs/SECURITY.md", threats::check),
        ("paths in documents", paths::check),
        ("arms of matches", arms::check),
        ("clocks", clocks::check),
        ("property descriptors", descriptors::check),
        ("functions of the kernel", ops::check),
        ("docs/NODE.md", builtins::check),
        ("prebuilt libraries", checksums::check),
        ("rust-toolchain.toml", toolchain::check),
    ];
    let mut found = 0;
    for (subject, check) in checks {
        let violations = check(root).unwrap_or_else(|error| vec![Violation::from(&error)]);
        println!("tidy: {subject}: {}", if violations.is_empty() { "ok" } else { "violated" });
        for violation in &violations {
            println!("  {violation}");
        }
        found += violations.len();
    }
    match found {
        0 => ExitCode::SUCCESS,
        1 => fail("1 violation"),
        _ => fail(&format!("{found} violations")),
    }
}

type Check = fn(&Path) -> Result<Vec<Violation>, TidyError>;

/// A broken rule, and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Violation {
    /// What is wrong, starting with where.
    wrong: String,
    /// What to do about it.
    remedy: String,
}

impl Violation {
    fn new(wrong: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { wrong: wrong.into(), remedy: remedy.into() }
    }
}

impl From<&TidyError> for Violation {
    fn from(error: &TidyError) -> Self {
        Self::new(format!("the check itself failed: {error}"), "make that work, then run tidy again")
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n    -> {}", self.wrong, self.remedy)
    }
}

/// Why a check could not be made.
#[derive(Debug, thiserror::Error)]
enum TidyError {
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{} is not Rust that this check can read: {source}", path.display())]
    Parse { path: PathBuf, source: syn::Error },
    #[error("cannot start `{command}`: {source}")]
    Start { command: String, source: io::Error },
    #[error("`{command}` failed: {stderr}")]
    Failed { command: String, stderr: String },
    #[error("`cargo metadata` printed something else than expected: {0}")]
    Metadata(#[from] serde_json::Error),
    #[error(transparent)]
    Library(#[from] crate::v8::Error),
    #[error("`cargo tree` printed something else than the tree of {package}")]
    Tree { package: String },
}

/// The text of a file below `root`.
fn read(root: &Path, path: &str) -> Result<String, TidyError> {
    let path = root.join(path);
    fs::read_to_string(&path).map_err(|source| TidyError::Read { path, source })
}

/// What `program arguments...` prints when run in `root`.
fn output(root: &Path, program: &str, arguments: &[&str]) -> Result<String, TidyError> {
    let command = format!("{program} {}", arguments.join(" "));
    match Command::new(program).args(arguments).current_dir(root).output() {
        Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        Ok(output) => Err(TidyError::Failed { command, stderr: String::from_utf8_lossy(&output.stderr).trim().to_owned() }),
        Err(source) => Err(TidyError::Start { command, source }),
    }
}

fn fail(summary: &str) -> ExitCode {
    println!("tidy: {summary}");
    ExitCode::FAILURE
}
