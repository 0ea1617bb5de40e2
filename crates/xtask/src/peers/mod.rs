//! `cargo xtask peers`: drupe beside other programs that do the same, measured in one run.
//!
//! They take turns: if the machine is busy for a while, it is busy for all of them. Start reading at `task`, which
//! defines what is timed. `Peer` is a contender (`drupe`, `script` for Node, Deno and Bun, `floor` for bare sockets),
//! `figures` evaluates the samples and has the goals, `report` writes the table. `clients` and `notebooks` are
//! measurements of their own, of contenders that are scripts (`contender`).
//!
//! All of that is compiled with the feature `peers` only, so that the other chores stay quick to build. Without it, or
//! without optimisation, this module [builds](build) the measured and the measuring programs, and runs the latter.

use std::{path::Path, process::ExitCode};

mod build;
#[cfg(feature = "peers")]
mod clients;
#[cfg(feature = "peers")]
mod command;
#[cfg(feature = "peers")]
mod contender;
#[cfg(feature = "peers")]
mod drupe;
#[cfg(feature = "peers")]
mod figures;
#[cfg(feature = "peers")]
mod filter;
#[cfg(feature = "peers")]
mod floor;
#[cfg(feature = "peers")]
mod machine;
#[cfg(feature = "peers")]
mod measure;
#[cfg(feature = "peers")]
mod measured;
#[cfg(feature = "peers")]
mod memory;
#[cfg(feature = "peers")]
mod notebooks;
#[cfg(feature = "peers")]
mod package;
#[cfg(feature = "peers")]
mod peer;
#[cfg(feature = "peers")]
mod placement;
#[cfg(feature = "peers")]
mod report;
#[cfg(feature = "peers")]
mod script;
#[cfg(feature = "peers")]
mod table;
#[cfg(feature = "peers")]
mod task;

/// What to measure, and how long.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Try everything briefly, and write nothing.
    #[arg(long)]
    quick: bool,
    /// Measure only what has this word in its name, as in `--only import`, and write nothing.
    #[arg(long)]
    only: Option<String>,
    /// Measure the clients in other languages instead, beside what people use there.
    #[arg(long)]
    clients: bool,
    /// Measure kernels of Jupyter instead.
    #[arg(long, conflicts_with = "clients")]
    notebooks: bool,
    /// Be the other end of the ping-pong: read so many bytes from standard input, a socket, then write so many, over
    /// and over.
    #[arg(long, hide = true, num_args = 2, value_names = ["READ", "WRITE"])]
    echo: Option<Vec<usize>>,
}

impl Arguments {
    /// The same, for another process.
    fn to_vec(&self) -> Vec<String> {
        let quick = self.quick.then(|| "--quick".to_owned());
        let others = [(self.clients, "--clients"), (self.notebooks, "--notebooks")];
        let others = others.into_iter().filter(|(is_given, _)| *is_given).map(|(_, flag)| flag.to_owned());
        let only = self.only.iter().map(|word| format!("--only={word}"));
        ["peers".to_owned()].into_iter().chain(quick).chain(others).chain(only).collect()
    }
}

/// Measures; or builds what can, and lets that do it.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> ExitCode {
    let result = run_here(root, arguments).unwrap_or_else(|| build::build_and_run(root, &arguments.to_vec()));
    result.unwrap_or_else(|error| {
        eprintln!("peers: {error}");
        ExitCode::FAILURE
    })
}

/// `None` if this is not the program to measure with.
#[cfg(feature = "peers")]
fn run_here(root: &Path, arguments: &Arguments) -> Option<Result<ExitCode, build::Error>> {
    if let Some(&[read, write]) = arguments.echo.as_deref() {
        return Some(Ok(floor::echo(read, write)));
    }
    (!cfg!(debug_assertions)).then(|| {
        // What measures is a program of its own as far as its errors go.
        let measured = if arguments.clients {
            clients::run(root, arguments.quick).map_err(|error| error.to_string())
        } else if arguments.notebooks {
            notebooks::run(root, arguments.quick).map_err(|error| error.to_string())
        } else {
            measure::run(root, arguments.quick, arguments.only.as_deref()).map_err(|error| error.to_string())
        };
        Ok(measured.map_or_else(
            |error| {
                eprintln!("peers: {error}");
                ExitCode::FAILURE
            },
            |()| ExitCode::SUCCESS,
        ))
    })
}

#[cfg(not(feature = "peers"))]
fn run_here(_: &Path, arguments: &Arguments) -> Option<Result<ExitCode, build::Error>> {
    arguments.echo.is_some().then_some(Ok(ExitCode::FAILURE))
}
