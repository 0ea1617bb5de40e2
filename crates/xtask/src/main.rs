//! The project's own chores, run as `cargo xtask CHORE`.
//!
//! Each chore is a variant of [`Chore`] and a module beside this file. Nothing here is shipped, and no crate may depend
//! on it.

#![allow(clippy::print_stdout, reason = "a command-line tool talks on standard output")]

use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod dist;
#[cfg(target_os = "linux")]
mod hostile;
#[cfg(target_os = "linux")]
mod peers;
#[cfg(unix)]
mod picture;
mod tidy;
mod v8;

/// The project's own chores.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Check the house rules that no compiler checks: walls between crates, file sizes, the freshness of WIRE.md,
    /// checksums.
    Tidy,
    /// Measure drupe beside Node, Deno, Bun and a bare socket, and write docs/BENCHMARKS.md.
    #[cfg(target_os = "linux")]
    Peers(peers::Arguments),
    /// Type a session into the prompt, and draw its screen as docs/session.svg.
    #[cfg(unix)]
    Picture,
    /// Try hostile input, and tell what it costs the parent: the test `hostile`, with more generated cases.
    #[cfg(target_os = "linux")]
    Hostile(hostile::Arguments),
    /// Make the packages of a release: archives, wheels, npm packages, a Debian package.
    Dist(dist::Arguments),
    /// Get or build the V8 library.
    V8(v8::Arguments),
}

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new("."));
    match Arguments::parse().chore {
        Chore::Tidy => tidy::run(root),
        #[cfg(target_os = "linux")]
        Chore::Peers(arguments) => peers::run(root, &arguments),
        #[cfg(unix)]
        Chore::Picture => picture::run(root),
        #[cfg(target_os = "linux")]
        Chore::Hostile(arguments) => hostile::run(root, &arguments),
        Chore::Dist(arguments) => dist::run(root, &arguments),
        Chore::V8(arguments) => v8::run(root, &arguments),
    }
}
