//! `--watch`: a program that is run again when one of its modules changes.

use std::{
    ffi::OsStr,
    future::ready,
    io::{self, IsTerminal, Write, stderr, stdout},
    process::ExitCode,
};

use drupe_client::host::modules::ModuleWatch;
use drupe_repl::ReplError;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{
    args::Flags,
    exit,
    fronts::{self, Program},
    program,
};

/// Clears the screen, and what was scrolled out of it.
const CLEAR: &str = "\x1b[2J\x1b[3J\x1b[H";

/// Runs a program, and again after each change, until Ctrl-C.
pub(crate) async fn run_again_and_again(flags: &Flags, file: &OsStr, mut program: Program) -> Result<ExitCode, ReplError> {
    let watch = match ModuleWatch::new() {
        Ok(watch) => watch,
        Err(error) => return Ok(exit::usage(&format!("cannot watch files: {error}"))),
    };
    // Also what cannot be loaded is to be run again once it can.
    for file in program::files(file).iter().chain(&flags.preload) {
        if let Ok(file) = file.canonicalize() {
            watch.note(&file, || true);
        }
    }
    program.surroundings.watch = Some(watch.clone());
    // From now on, also between two runs.
    let mut presses = signal(SignalKind::interrupt()).map_err(ReplError::Output)?;
    loop {
        let changed = tokio::select! {
            biased;
            changed = watch.changed() => changed,
            done = fronts::run_program(flags, program.clone()) => {
                let done = done?;
                if done.is_interrupted {
                    return Ok(done.status);
                }
                let status = if done.is_success { "Completed" } else { "Failed" };
                // What the program has heard was meant for it.
                forget(&mut presses).await;
                tell(&format!("{status} running {}; waiting for a change", file.display()))?;
                tokio::select! {
                    changed = watch.changed() => changed,
                    _ = presses.recv() => return Ok(exit::interrupted()),
                }
            }
        };
        let changed = changed.map_err(ReplError::Output)?;
        if !flags.program.watch_preserve_output && stdout().is_terminal() {
            let mut out = stdout().lock();
            out.write_all(CLEAR.as_bytes()).and_then(|()| out.flush()).map_err(ReplError::Output)?;
        }
        tell(&format!("{} has changed; restarting {}", changed.display(), file.display()))?;
    }
}

/// Takes the presses that have come.
async fn forget(presses: &mut Signal) {
    loop {
        tokio::select! {
            biased;
            Some(()) = presses.recv() => {}
            () = ready(()) => return,
        }
    }
}

/// Says something beside what the program prints.
fn tell(text: &str) -> Result<(), ReplError> {
    let mut err = stderr().lock();
    let told = if err.is_terminal() { writeln!(err, "\x1b[2mdrupe: {text}\x1b[22m") } else { writeln!(err, "drupe: {text}") };
    match told {
        // Nobody listens.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        told => told.map_err(ReplError::Output),
    }
}
