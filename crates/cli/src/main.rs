//! `drupe`, the command: parses arguments, and calls a front end or the kernel.
//!
//! It holds no logic of kernels or of the terminal: `args` says what can be typed, `fronts` calls the front ends, `exit` says what
//! its status means, `events_json` what programs read. Every front end launches this same program again as `drupe kernel`
//! (`program`): an install is one file. Start reading at [`main`] and `args`.

// As in the client: a new kind of event or end does not compile until each place says what it is.
#![warn(clippy::wildcard_enum_match_arm)]

mod args;
mod doctor;
mod events_json;
mod exit;
mod fronts;
mod input;
mod json_escape;
mod json_line;
mod json_value;
mod program;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Arguments, Command};

fn main() -> ExitCode {
    // A kernel must start fast: nothing of the command line, let alone of an async runtime, is touched on its way.
    if program::is_kernel(std::env::args_os()) {
        return drupe_kernel::main();
    }
    quiet_parser();
    #[cfg_attr(not(target_os = "linux"), allow(unused_mut, reason = "lock files are there on Linux only"))]
    let Arguments { command, mut flags } = Arguments::parse();
    if let Err(bad) = flags.permissions.policy() {
        return exit::usage(&bad.to_string());
    }
    #[cfg(target_os = "linux")]
    match flags.lock_file() {
        Ok(lock) => flags.opened_lock = lock,
        Err(bad) => return exit::usage(&bad.to_string()),
    }
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit::usage(&format!("cannot start: {error}")),
    };
    let done = runtime.block_on(async {
        match command.unwrap_or(Command::Repl { input: None }) {
            Command::Eval { code } => fronts::eval(&flags, code).await,
            Command::Run { script } => fronts::run(&flags, &script).await,
            Command::Repl { input } => fronts::repl(&flags, input).await,
            Command::Doctor => doctor::doctor(&flags).await,
        }
    });
    // Threads may still work. The command does not wait for them.
    runtime.shutdown_background();
    done.unwrap_or_else(|error| exit::failed(&error))
}

/// The parser that reads chunks panics on some texts, which `drupe-transpile` catches and tells as diagnostics: nobody needs to see
/// it twice.
fn quiet_parser() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !info.location().is_some_and(|location| location.file().contains("swc_")) {
            tell(info);
        }
    }));
}
