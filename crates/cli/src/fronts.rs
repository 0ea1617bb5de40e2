//! `drupe eval`, `drupe run` and `drupe repl`: a kernel as the flags want it, and the front end that talks to it.

use std::{
    ffi::OsString,
    fs,
    io::{self, IsTerminal, stderr, stdin, stdout},
    path::Path,
    process::ExitCode,
};

use drupe_client::{Builder, Chunk, Kernel, Signals};
use drupe_repl::{
    Conversation, Follower, Format, Look, Preferences, Renderer, ReplError, Settings, Show, Startup, Text, config_folder, desk, follow,
    history_path, init_file, interactive, piped,
};

use crate::{
    args::{Events, Flags, Input, Person},
    events_json::EventsJson,
    exit, input,
};

/// Evaluates `code` and prints its value.
pub(crate) async fn eval(flags: &Flags, code: String) -> Result<ExitCode, ReplError> {
    run_chunk(flags, settings(flags, false).chunk(code), true).await
}

/// Runs a program: first its file, then what it finds in the global `args` and in `process.argv`. What comes from standard input is a
/// chunk, for it is nowhere that imports could start from.
pub(crate) async fn run(flags: &Flags, script: &[OsString]) -> Result<ExitCode, ReplError> {
    let Some((file, args)) = script.split_first() else { return Ok(exit::usage("run takes a file")) };
    let file = Path::new(file);
    let args = args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect::<Vec<_>>();
    if file != Path::new("-") {
        let chunk = match fs::canonicalize(file) {
            Ok(path) => Chunk::program(&file_url(&path.to_string_lossy()), &args),
            Err(error) => return Ok(exit::usage(&format!("cannot read {}: {error}", file.display()))),
        };
        return run_chunk(flags, settings(flags, false).limit(chunk).input("args", args), false).await;
    }
    let mut source = String::new();
    if let Err(error) = io::Read::read_to_string(&mut input::code_here(), &mut source) {
        return Ok(exit::usage(&format!("cannot read standard input: {error}")));
    }
    let source = source.strip_prefix('\u{feff}').unwrap_or(&source);
    run_chunk(flags, settings(flags, false).chunk(source).name("stdin").input("args", args), false).await
}

/// Talks with a person at a terminal, or takes chunk after chunk from anything else. `input`: how they are told apart.
pub(crate) async fn repl(flags: &Flags, input: Option<Input>) -> Result<ExitCode, ReplError> {
    let person = is_attended(flags) && input.is_none();
    let settings = settings(flags, true);
    let mut show = show(flags, true);
    let (desk, questions) = desk();
    let person = person.then_some(Person { desk, decides: true });
    let Some(kernel) = spawn(flags.kernel(person.as_ref()).builtin_names(true), &mut *show).await? else { return Ok(exit::no_kernel()) };
    let left = if person.is_some() {
        interactive(kernel, settings, conversation(flags), questions).await?
    } else {
        let format = if input == Some(Input::Json) { Format::Json } else { Format::Text };
        piped(&kernel, &settings, &startup(flags), input::code(), format, &mut *show).await?
    };
    Ok(exit::of_repl(left))
}

/// What the person at the terminal wants: their settings, and what runs first.
fn conversation(flags: &Flags) -> Conversation {
    let folder = config_folder();
    let (preferences, notices) = folder.as_deref().map(Preferences::read).unwrap_or_default();
    let init = folder.as_deref().and_then(init_file);
    let startup = Startup { files: init.into_iter().chain(startup(flags).files).collect() };
    Conversation { history: history_path(), preferences, notices, startup }
}

fn startup(flags: &Flags) -> Startup {
    Startup { files: flags.preload.clone() }
}

/// Runs one chunk until its timers are done.
async fn run_chunk(flags: &Flags, chunk: Chunk, values: bool) -> Result<ExitCode, ReplError> {
    let mut show = show(flags, values);
    let (desk, questions) = desk();
    // A program may run unattended even at a terminal: what it is not allowed by a flag it must not hang for.
    let person = is_attended(flags).then_some(Person { desk, decides: false });
    let signals = Signals::default();
    // As in Node: what a person types has the names of built-in modules, a program has what it requires.
    let builder = flags.kernel(person.as_ref()).signals(&signals).builtin_names(values);
    let Some(kernel) = spawn(builder, &mut *show).await? else { return Ok(exit::no_kernel()) };
    let mut follower = Follower::new(&kernel).asking(questions).hearing(signals);
    if !startup(flags).run(&kernel, &settings(flags, false), &mut follower, &mut *show).await? {
        return Ok(exit::preload_failed());
    }
    let followed = follow(&kernel, chunk.until_idle(true), &mut follower, &mut *show).await?;
    Ok(exit::of_run(&followed))
}

/// Whether there is a person who sees what is written, and answers.
fn is_attended(flags: &Flags) -> bool {
    flags.events.is_none() && stdin().is_terminal() && stdout().is_terminal()
}

/// Launches a kernel. `None`: it could not be, and that was shown.
async fn spawn(builder: Builder, show: &mut dyn Show) -> Result<Option<Kernel>, ReplError> {
    match builder.spawn().await {
        Ok(kernel) => Ok(Some(kernel)),
        Err(error) => {
            show.error(None, &error).and_then(|()| show.flush()).map_err(ReplError::Output)?;
            Ok(None)
        }
    }
}

fn settings(flags: &Flags, keep_last: bool) -> Settings {
    Settings { limits: flags.limits(), by_value: flags.events.is_some(), keep_last, ..Settings::default() }
}

/// Shows events as the flags want them; `values`: the values of chunks, too.
pub(crate) fn show(flags: &Flags, values: bool) -> Box<dyn Show> {
    match flags.events {
        Some(Events::Json) => Box::new(EventsJson::new(stdout())),
        None => {
            let renderer = Renderer { out: Look::of(&stdout()), err: Look::of(&stderr()), values, costs: false };
            Box::new(Text::new(renderer, stdout(), stderr()))
        }
    }
}

/// The URL of a file. Whoever resolves it escapes what else there is to escape.
fn file_url(path: &str) -> String {
    let escaped = path.replace('%', "%25").replace('?', "%3F").replace('#', "%23").replace('\\', "%5C");
    format!("file://{escaped}")
}
