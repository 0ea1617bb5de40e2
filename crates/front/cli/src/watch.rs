//! `--watch`: runs a program again when one of its modules changes.

use std::{
    cell::Cell,
    ffi::OsStr,
    future::ready,
    io::{self, IsTerminal, Write, stderr, stdout},
    pin::pin,
    process::ExitCode,
    time::Duration,
};

use drupe_client::{Signals, host::modules::ModuleWatch};
use drupe_repl::{Interrupts, ReplError};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{
    args::Flags,
    exit,
    fronts::{self, Program},
    program,
};

/// How long a program that was told to end by SIGTERM may take to do so.
const GRACE: Duration = Duration::from_secs(1);

/// How long one may take before it is run again, in which it may put things in order.
const CLEANING: Duration = Duration::from_secs(10);

/// Clears the screen, and what was scrolled out of it.
const CLEAR: &str = "\x1b[2J\x1b[3J\x1b[H";

/// Runs a program, and again after each change, until Ctrl-C.
pub(crate) async fn run_again_and_again(flags: &Flags, file: &OsStr, mut program: Program) -> Result<ExitCode, ReplError> {
    let watch = match ModuleWatch::new() {
        Ok(watch) => watch,
        Err(error) => return Ok(exit::usage(&format!("cannot watch files: {error}"))),
    };
    // Also what cannot be loaded, or is not there, is to be run again once it can.
    let mut files = program::files(file);
    if files.is_empty() {
        files.push(program::plain(file));
    }
    for file in files.iter().chain(&flags.preload) {
        if let Ok(file) = file.canonicalize().or_else(|_| std::path::absolute(file)) {
            watch.note(&file);
        }
    }
    program.surroundings.watch = Some(watch.clone());
    // From now on, also between two runs.
    let mut presses = signal(SignalKind::interrupt()).map_err(ReplError::Output)?;
    // SIGTERM goes to the program, too. Watching ends when the program does, or after `GRACE`.
    let mut terminations = signal(SignalKind::terminate()).map_err(ReplError::Output)?;
    loop {
        let is_told = Cell::new(false);
        let mut ended = Box::pin(async {
            terminations.recv().await;
            is_told.set(true);
            tokio::time::sleep(GRACE).await;
        });
        let signals = Signals::default();
        // Each Ctrl-C comes to both. It ends watching, unless the program has heard one.
        let interrupts = Interrupts::listen();
        let heard = interrupts.heard();
        if forget(&mut presses).await {
            return Ok(exit::interrupted());
        }
        let mut run = pin!(fronts::run_program(flags, program.clone(), signals.clone(), interrupts));
        let changed = tokio::select! {
            biased;
            changed = watch.changed() => {
                if forget(&mut presses).await && !heard.get() {
                    return Ok(exit::interrupted());
                }
                if is_told.get() {
                    tokio::select! {
                        done = &mut run => {
                            done?;
                        }
                        () = &mut ended => {}
                    }
                    return Ok(exit::terminated());
                }
                // As in Node, a program that listens puts things in order before it is run again.
                if signals.deliver("SIGTERM") {
                    tokio::select! {
                        done = &mut run => {
                            let done = done?;
                            if done.is_interrupted {
                                return Ok(done.status);
                            }
                        }
                        () = tokio::time::sleep(CLEANING) => {}
                        _ = presses.recv() => return Ok(exit::interrupted()),
                        () = &mut ended => return Ok(exit::terminated()),
                    }
                    if is_told.get() {
                        return Ok(exit::terminated());
                    }
                }
                changed
            }
            () = &mut ended => return Ok(exit::terminated()),
            done = &mut run => {
                let done = done?;
                if done.is_interrupted {
                    return Ok(done.status);
                }
                if let Some(trouble) = watch.take_trouble() {
                    tell(&trouble)?;
                }
                let status = if done.is_success { "Completed" } else { "Failed" };
                // Ctrl-C that the program has handled does not end watching. One that came when it had all but ended
                // does.
                if forget(&mut presses).await && !heard.get() {
                    return Ok(exit::interrupted());
                }
                if is_told.get() {
                    return Ok(exit::terminated());
                }
                drop(ended);
                tell(&format!("{status} running {}; waiting for a change", file.display()))?;
                tokio::select! {
                    biased;
                    _ = presses.recv() => return Ok(exit::interrupted()),
                    _ = terminations.recv() => return Ok(exit::terminated()),
                    changed = watch.changed() => changed,
                }
            }
        };
        let changed = changed.map_err(ReplError::Output)?;
        let trouble = watch.take_trouble();
        if !flags.program.watch_preserve_output && stdout().is_terminal() {
            let mut out = stdout().lock();
            out.write_all(CLEAR.as_bytes()).and_then(|()| out.flush()).map_err(ReplError::Output)?;
        }
        if let Some(trouble) = trouble {
            tell(&trouble)?;
        }
        tell(&format!("{} has changed; restarting {}", changed.display(), file.display()))?;
    }
}

/// Takes the signals that have come. Says whether there were any.
async fn forget(signals: &mut Signal) -> bool {
    let mut had = false;
    loop {
        tokio::select! {
            biased;
            Some(()) = signals.recv() => had = true,
            () = ready(()) => return had,
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
