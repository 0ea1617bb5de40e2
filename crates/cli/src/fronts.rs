//! `drupe eval`, `drupe run` and `drupe repl`: a kernel as the flags want it, and the front end that talks to it.

use std::{
    ffi::OsString,
    fs,
    io::{self, IsTerminal, stderr, stdin, stdout},
    path::Path,
    process::ExitCode,
};

use drupe_client::{Builder, Chunk, Kernel, Signals, Stdio};
use drupe_repl::{Follower, Look, Renderer, ReplError, Settings, Show, Text, desk, follow, history_path, interactive, piped};

use crate::{
    args::{Events, Flags, Person},
    events_json::EventsJson,
    exit, input,
};

/// Evaluates `code` and prints its value.
pub(crate) async fn eval(flags: &Flags, code: String) -> Result<ExitCode, ReplError> {
    run_chunk(flags, program_settings(flags).chunk(code), true).await
}

/// Runs a program: first its file, then what it finds in the global `args` and in `process.argv`. What comes from standard input is a
/// chunk, for it is nowhere that imports could start from.
pub(crate) async fn run(flags: &Flags, script: &[OsString]) -> Result<ExitCode, ReplError> {
    let Some((file, args)) = script.split_first() else { return Ok(exit::usage("run takes a file")) };
    let file = Path::new(file);
    let args = args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect::<Vec<_>>();
    let is_stream = input::is_stream(file);
    if file != Path::new("-") && !is_stream {
        let chunk = match fs::canonicalize(file) {
            Ok(path) => Chunk::program(&file_url(&path.to_string_lossy()), &args),
            Err(error) => return Ok(exit::usage(&format!("cannot read {}: {error}", file.display()))),
        };
        return run_chunk(flags, program_settings(flags).limit(chunk).input("args", args), false).await;
    }
    let (name, read) = if is_stream {
        (file.to_string_lossy(), fs::read_to_string(file))
    } else {
        ("stdin".into(), io::read_to_string(input::code_here()))
    };
    let source = match read {
        Ok(source) => source,
        Err(error) if is_stream => return Ok(exit::usage(&format!("cannot read {name}: {error}"))),
        Err(error) => return Ok(exit::usage(&format!("cannot read standard input: {error}"))),
    };
    let source = source.strip_prefix('\u{feff}').unwrap_or(&source);
    run_chunk(flags, program_settings(flags).chunk(source).name(&name).input("args", args), false).await
}

/// Talks with a person at a terminal, or takes chunk after chunk from anything else.
pub(crate) async fn repl(flags: &Flags) -> Result<ExitCode, ReplError> {
    let person = is_attended(flags);
    let mut show = show(flags, true);
    let (desk, questions) = desk();
    let person = person.then_some(Person { desk, decides: true });
    // **Who reads is told so**, rather than that there is nothing.
    let stdio = Stdio::without(if person.is_some() {
        "the prompt reads standard input; ask with prompt('…'), or run the program with `drupe run FILE`"
    } else {
        "standard input is the code of this session; a program that reads it is run with `drupe run FILE`"
    });
    let builder = flags.kernel(person.as_ref()).stdio(&stdio);
    let Some(kernel) = spawn(builder, &mut *show).await? else { return Ok(exit::no_kernel()) };
    let left = if person.is_some() {
        interactive(kernel, settings(flags), history_path(), questions).await?
    } else {
        piped(&kernel, &settings(flags), input::code(), &mut *show).await?
    };
    Ok(exit::of_repl(left))
}

/// Runs one chunk until its timers are done.
async fn run_chunk(flags: &Flags, chunk: Chunk, values: bool) -> Result<ExitCode, ReplError> {
    let mut show = show_program(flags, values);
    let (desk, questions) = desk();
    // A program may run unattended even at a terminal: what it is not allowed by a flag it must not hang for.
    let person = is_attended(flags).then_some(Person { desk, decides: false });
    let signals = Signals::default();
    // Where events are written, standard output is theirs.
    let stdio = Stdio::of_process(flags.events.is_none());
    stdio.restore_before_ends(&signals);
    let builder = flags.kernel(person.as_ref()).signals(&signals).stdio(&stdio);
    let Some(kernel) = spawn(builder, &mut *show).await? else { return Ok(exit::no_kernel()) };
    let mut follower = Follower::new(&kernel).asking(questions).hearing(signals).settling(&stdio);
    let followed = follow(&kernel, chunk.until_idle(true), &mut follower, &mut *show).await;
    stdio.restore();
    Ok(exit::of_run(&followed?))
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

fn settings(flags: &Flags) -> Settings {
    Settings { limits: flags.limits(), by_value: flags.events.is_some(), keep_last: true, ..Settings::default() }
}

/// Those of a program: values are coloured as Node colours them.
fn program_settings(flags: &Flags) -> Settings {
    let colors = match flags.events {
        Some(Events::Json) => (false, false),
        None => (Look::of_program(&stdout()).colors, Look::of_program(&stderr()).colors),
    };
    Settings { keep_last: false, preview: colors.0, colors, ..settings(flags) }
}

/// Shows events of a program as the flags want them.
fn show_program(flags: &Flags, values: bool) -> Box<dyn Show> {
    match flags.events {
        Some(Events::Json) => show(flags, values),
        None => {
            let (out, err) = (Look::of_program(&stdout()), Look::of_program(&stderr()));
            let renderer = Renderer { out, err, values, costs: false, raw: true };
            Box::new(Text::new(renderer, stdout(), stderr()))
        }
    }
}

/// Shows events as the flags want them; `values`: the values of chunks, too.
pub(crate) fn show(flags: &Flags, values: bool) -> Box<dyn Show> {
    match flags.events {
        Some(Events::Json) => Box::new(EventsJson::new(stdout())),
        None => {
            let renderer = Renderer { out: Look::of(&stdout()), err: Look::of(&stderr()), values, costs: false, raw: false };
            Box::new(Text::new(renderer, stdout(), stderr()))
        }
    }
}

/// The URL of a file. Whoever resolves it escapes what else there is to escape.
fn file_url(path: &str) -> String {
    let escaped = path.replace('%', "%25").replace('?', "%3F").replace('#', "%23").replace('\\', "%5C");
    format!("file://{escaped}")
}
