//! `drupe`, the command: parses arguments, and calls a front end or the kernel.
//!
//! It holds no logic of kernels or of the terminal. `args` defines the arguments, `fronts` calls the front ends, `exit`
//! defines the exit statuses, `events_json` the output for programs. Every front end launches this same program again
//! as `drupe kernel` (`program`): an install is one file. Start reading at [`main`] and `args`.

// As in the client: a new kind of event or end does not compile until each place says what it is.
#![warn(clippy::wildcard_enum_match_arm)]

mod altered;
mod args;
mod as_console;
mod checked;
mod completions;
mod doctor;
mod env_file;
mod events_json;
mod exit;
mod fronts;
mod input;
mod installed;
mod json_line;
mod jupyter;
mod jupyter_choices;
mod jupyter_flags;
mod manual;
mod mcp;
mod mcp_flags;
mod node_flags;
mod outputs;
mod permission_flags;
mod program;
mod program_flags;
mod refused;
mod remedies;
mod serve;
mod serve_flags;
mod size;
mod system_error;
mod task;
mod version;
#[cfg(target_os = "linux")]
mod watch;
mod words;

use std::process::ExitCode;

use crate::{
    args::Arguments,
    task::{Refused, Task},
};

fn main() -> ExitCode {
    // A kernel must start fast: nothing of the command line, let alone of an async runtime, is touched on its way.
    if program::is_kernel(std::env::args_os()) {
        return drupe_kernel::main();
    }
    quiet_parser();
    let (task, mut flags) = match Arguments::read(std::env::args_os().collect()) {
        Ok(read) => read,
        Err(Refused::Usage(wrong)) => return exit::usage(&wrong),
        Err(Refused::NoProgram(missing)) => return exit::no_program(&missing),
    };
    if let Task::Jupyter(jupyter) = &task
        && let Err(bad) = jupyter_choices::apply(&jupyter.choose, &mut flags)
    {
        return exit::usage(&bad);
    }
    if let Err(bad) = flags.permissions.policy() {
        return exit::usage(&bad.to_string());
    }
    if let Err(bad) = flags.program.read_variables() {
        return exit::usage(&bad);
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
        match task {
            Task::Eval { code, may_be_empty, args, values } => fronts::eval(&flags, code, may_be_empty, args, values).await,
            Task::Run { file, args, named_args } => fronts::run(&flags, &file, args, named_args).await,
            Task::Check { file } => fronts::check(&flags, &file).await,
            Task::Repl { input } => fronts::repl(&flags, input).await,
            Task::Serve(serve) => serve::serve(&flags, &serve).await,
            Task::Mcp(mcp) => mcp::mcp(&flags, &mcp).await,
            Task::Jupyter(jupyter) => jupyter::jupyter(&flags, &jupyter).await,
            Task::Doctor => doctor::doctor(&flags).await,
            Task::Print(text) => fronts::print(&text),
        }
    });
    // Threads may still work. The command does not wait for them.
    runtime.shutdown_background();
    done.unwrap_or_else(|error| exit::failed(&error))
}

/// The parser that reads chunks panics on some texts, which `drupe-transpile` catches and tells as diagnostics: nobody
/// needs to see it twice.
fn quiet_parser() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !info.location().is_some_and(|location| location.file().contains("swc_")) {
            tell(info);
        }
    }));
}
