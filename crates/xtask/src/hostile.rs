//! `cargo xtask hostile`: runs the test program `hostile` with more cases than a test run has.

use std::{
    io,
    path::Path,
    process::{Command, ExitCode},
};

/// The test, and how cargo is told to run it alone.
const TEST: &[&str] = &["test", "--package", "drupe-tests", "--test", "hostile"];
const ALONE: &[&str] = &["--", "--exact", "no_hostile_input_costs_the_parent_more_than_its_bounds", "--nocapture"];

/// Try hostile sources, modules, archives, answers and calls, and tell what each costs the parent.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How many generated sources follow the fixed list.
    #[arg(long, default_value_t = 200)]
    cases: u64,
    /// The first number that sources are generated from; `generated N` is the same source each time.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only cases whose names contain this.
    #[arg(long)]
    only: Option<String>,
    /// With optimised programs, as they are shipped; building them takes minutes.
    #[arg(long)]
    release: bool,
    /// Show what the measured parents and their kernels write to standard error.
    #[arg(long)]
    stderr: bool,
}

/// Why nothing was tried.
#[derive(Debug, thiserror::Error)]
#[error("cannot start {program}: {source}")]
struct Error {
    program: String,
    source: io::Error,
}

/// Builds the test and runs it.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> ExitCode {
    match start(root, arguments) {
        Ok(code) => code,
        Err(error) => {
            println!("hostile: {error}");
            ExitCode::FAILURE
        }
    }
}

fn start(root: &Path, arguments: &Arguments) -> Result<ExitCode, Error> {
    let program = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut command = Command::new(&program);
    command.args(TEST).args(arguments.release.then_some("--release")).args(ALONE).current_dir(root);
    command.env("DRUPE_HOSTILE_EVERY", "1");
    command.env("DRUPE_HOSTILE_CASES", arguments.cases.to_string()).env("DRUPE_HOSTILE_SEED", arguments.seed.to_string());
    if let Some(only) = &arguments.only {
        command.env("DRUPE_HOSTILE_ONLY", only);
    }
    if arguments.stderr {
        command.env("DRUPE_HOSTILE_STDERR", "1");
    }
    let status = command.status().map_err(|source| Error { program, source })?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
