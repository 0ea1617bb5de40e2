//! `drupe eval`, `drupe run` and `drupe repl`: configures a kernel from the flags, and starts the front end for it.

use std::{
    ffi::OsStr,
    fs,
    io::{self, IsTerminal, Write, stderr, stdin, stdout},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use drupe_client::{Builder, Chunk, Kernel, Signals, Stdio, Surroundings};
use drupe_repl::{
    Began, Conversation, Followed, Follower, Format, Interrupts, Look, Preferences, Renderer, ReplError, Settings, Show, Startup,
    Text, config_folder, follow, history_path, init_file, interactive, piped, prompt_queue,
};

#[cfg(target_os = "linux")]
use crate::watch;
use crate::{
    altered::{Alter, Altered},
    args::{Events, Flags, Input, Person},
    as_console::as_console,
    checked::{CheckedCopy, Renaming, words_for},
    events_json::EventsJson,
    exit, input,
    outputs::Told,
    program,
    program_flags::InputType,
    system_error::plain,
    task::{NO_CODE, Values},
};

/// The longest string that is printed as it is, in bytes: those that are longer are printed as the REPL does.
const MAX_STRING: u64 = 64 << 20;

/// The name of code that the command line brings, as Node calls it.
const FROM_COMMAND_LINE: &str = "[eval]";

/// The name of a program that standard input brings, as Node calls it.
const FROM_STANDARD_INPUT: &str = "[stdin]";

/// The name of code that is an ES module and no file, as Node calls it.
const GIVEN_MODULE: &str = "[eval1]";

/// Prints a text.
pub(crate) fn print(text: &str) -> Result<ExitCode, ReplError> {
    let mut out = stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(ReplError::Output)?;
    Ok(ExitCode::SUCCESS)
}

/// Evaluates `code`, or what standard input brings if there is none. What follows it is in the global
/// `args`, too, where the code is `drupe eval`'s. `may_be_empty`: whether standard input may bring nothing.
pub(crate) async fn eval(
    flags: &Flags,
    code: Option<String>,
    may_be_empty: bool,
    args: Vec<String>,
    values: Values,
) -> Result<ExitCode, ReplError> {
    if code.is_none() && values == Values::Console && stdin().is_terminal() {
        return Ok(exit::usage("-p takes code, or reads it from standard input, where that is no terminal: drupe -p '1 + 1'"));
    }
    let name = if code.is_some() { FROM_COMMAND_LINE } else { FROM_STANDARD_INPUT };
    let code = match code.map_or_else(read_code, Ok) {
        Ok(code) if code.trim().is_empty() && !may_be_empty => return Ok(exit::usage(NO_CODE)),
        Ok(code) => code,
        Err(error) => return Ok(exit::usage(&format!("cannot read standard input: {}", plain(&error)))),
    };
    if flags.program.input_type == Some(InputType::Module) {
        let surroundings = flags.program.surroundings(args.clone(), false);
        return match given(flags, code, &args, surroundings) {
            Ok(program) => run_chunk(flags, Program { builtins: true, ..program }).await,
            Err(error) => Ok(exit::usage(&error)),
        };
    }
    let chunk = program_settings(flags).chunk(code);
    let chunk = match values {
        Values::Repl => chunk,
        // As in Node, which has no file for them either.
        Values::Console | Values::Hidden => {
            chunk.name(name).brace_is_block(true).input("__filename", name).input("__dirname", ".")
        }
    };
    // Who shows a string as it is must have it.
    let chunk = if values == Values::Console { chunk.value_limit(MAX_STRING).preview(true) } else { chunk };
    let surroundings = flags.program.surroundings(args.clone(), false);
    let program = Program { chunk, values, builtins: true, surroundings, renaming: None };
    // Node has no such global: `-e` and `-p` are its.
    let program = if values == Values::Repl { program.with_args(args) } else { program };
    run_chunk(flags, program).await
}

/// Runs a program: first its file, then what it finds in `process.argv` and, with `named_args`, in the global `args`.
/// What comes from standard input is a chunk, for it is nowhere that imports could start from.
pub(crate) async fn run(flags: &Flags, file: &OsStr, args: Vec<String>, named_args: bool) -> Result<ExitCode, ReplError> {
    let mut words = vec![program::named(file)];
    words.extend(args.iter().cloned());
    let surroundings = flags.program.surroundings(words, true);
    let (builtins, values) = (false, Values::Hidden);
    let read = if file == "-" {
        Some((FROM_STANDARD_INPUT.into(), read_code()))
    } else {
        program::stream(file).map(|path| (file.to_string_lossy(), fs::File::open(path).and_then(input::text)))
    };
    if let Some((name, read)) = read {
        if flags.program.watch {
            return Ok(exit::usage(&format!("cannot watch {name}: it is read once")));
        }
        let chunk = match read {
            Ok(source) if flags.program.input_type == Some(InputType::Module) => {
                return match given(flags, source, &args, surroundings) {
                    Ok(program) => run_chunk(flags, if named_args { program.with_args(args) } else { program }).await,
                    Err(error) => Ok(exit::usage(&error)),
                };
            }
            Ok(source) => {
                // As Node calls them.
                let path = Path::new(file);
                let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
                let written = if file == "-" { FROM_STANDARD_INPUT.into() } else { file.to_string_lossy() };
                let chunk = program_settings(flags).chunk(source).name(&name);
                chunk.input("__filename", &*written).input("__dirname", &*folder.to_string_lossy())
            }
            Err(error) if file == "-" => return Ok(exit::usage(&format!("cannot read standard input: {}", plain(&error)))),
            Err(error) => return Ok(unreadable(&format!("cannot read {name}: {}", plain(&error)), named_args)),
        };
        let program = Program { chunk, values, builtins, surroundings, renaming: None };
        return run_chunk(flags, if named_args { program.with_args(args) } else { program }).await;
    }
    let chunk = match program::specifier(file) {
        Ok(specifier) => program_settings(flags).limit(Chunk::program(&specifier, &args)),
        Err(error) => return Ok(unreadable(&format!("cannot read {}: {}", file.display(), plain(&error)), named_args)),
    };
    let program = Program { chunk, values, builtins, surroundings, renaming: None };
    let program = if named_args { program.with_args(args) } else { program };
    #[cfg(target_os = "linux")]
    if flags.program.watch {
        return watch::run_again_and_again(flags, file, program).await;
    }
    run_chunk(flags, program).await
}

/// A program cannot be read: wrong usage of `drupe run`, and Node's status for `drupe FILE`.
fn unreadable(message: &str, is_command: bool) -> ExitCode {
    if is_command { exit::usage(message) } else { exit::no_program(message) }
}

/// The program that code is as an ES module, which is no file.
fn given(flags: &Flags, code: String, args: &[String], mut surroundings: Surroundings) -> Result<Program, String> {
    let specifier = program::given(GIVEN_MODULE).map_err(|error| format!("cannot tell the working folder: {error}"))?;
    surroundings.given = Some((GIVEN_MODULE.to_owned(), code));
    let chunk = program_settings(flags).limit(Chunk::program(&specifier, args));
    Ok(Program { chunk, values: Values::Hidden, builtins: false, surroundings, renaming: None })
}

/// Checks the syntax of a program: JavaScript as V8 reads it, and TypeScript. What it imports is not looked at.
pub(crate) async fn check(flags: &Flags, file: &OsStr) -> Result<ExitCode, ReplError> {
    let copied = match CheckedCopy::of(file) {
        Ok(copied) => copied,
        Err(error) => return Ok(exit::usage(&format!("cannot read {}: {}", words_for(file), plain(&error)))),
    };
    let checked = copied.as_ref().map_or(file, |copy| copy.file.as_os_str());
    let chunk = match program::specifier(checked) {
        Ok(specifier) => program_settings(flags).limit(Chunk::check(&specifier)),
        Err(error) => return Ok(exit::usage(&format!("cannot read {}: {}", file.display(), plain(&error)))),
    };
    let surroundings = flags.program.surroundings(vec![file.to_string_lossy().into_owned()], true);
    let called = if file == "-" { FROM_STANDARD_INPUT.into() } else { file.to_string_lossy() };
    let renaming = copied.as_ref().map(|copy| copy.renamed(&called));
    run_chunk(flags, Program { chunk, values: Values::Hidden, builtins: false, surroundings, renaming }).await
}

/// Code from standard input, all of it.
fn read_code() -> io::Result<String> {
    input::text(input::code_here())
}

/// A chunk that is run as a program, and what it finds.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) chunk: Chunk,
    pub(crate) values: Values,
    /// Whether it sees the built-in modules by their names, as what `node -e` runs and `node -p` does.
    pub(crate) builtins: bool,
    pub(crate) surroundings: Surroundings,
    /// The name that errors have in place of that of the file that is checked.
    pub(crate) renaming: Option<Renaming>,
}

impl Program {
    fn with_args(self, args: Vec<String>) -> Self {
        Self { chunk: self.chunk.input("args", args), ..self }
    }
}

/// Talks with a person at a terminal, or takes chunk after chunk from anything else. `input`: how they are told apart.
pub(crate) async fn repl(flags: &Flags, input: Option<Input>) -> Result<ExitCode, ReplError> {
    let person = is_attended(flags) && input.is_none();
    let mut show = show(flags, Values::Repl);
    let (prompts, questions) = prompt_queue();
    let person = person.then_some(Person { prompts, decides: true });
    // **A program that reads standard input gets an error that says why it cannot**, and not an empty input.
    let stdio = Stdio::without(if person.is_some() {
        "the prompt reads standard input; ask with prompt('…'), or run the program with `drupe run FILE`"
    } else {
        "standard input is the code of this session; a program that reads it is run with `drupe run FILE`"
    });
    let mut builder = flags.kernel(person.as_ref());
    if let Some(person) = &person {
        builder = builder.typed_input(Arc::new(person.prompts.clone()));
    }
    let builder = builder.surroundings(flags.program.surroundings(Vec::new(), false)).stdio(&stdio).builtin_names(true);
    let Some(kernel) = spawn(builder, &mut *show).await? else { return Ok(exit::no_kernel()) };
    let left = if person.is_some() {
        interactive(kernel, settings(flags), conversation(flags), questions).await?
    } else {
        let format = if input == Some(Input::Json) { Format::Json } else { Format::Text };
        piped(&kernel, &settings(flags), &startup(flags), input::code(), format, &mut *show).await?
    };
    Ok(exit::of_repl(left))
}

/// What the person at the terminal wants: their settings, and what runs first.
fn conversation(flags: &Flags) -> Conversation {
    let folder = config_folder();
    let (preferences, notices) = folder.as_deref().map(Preferences::read).unwrap_or_default();
    let init = folder.as_deref().and_then(init_file);
    let Startup { files, code } = startup(flags);
    let startup = Startup { files: init.into_iter().chain(files).collect(), code };
    Conversation { history: history_path(), preferences, notices, startup }
}

fn startup(flags: &Flags) -> Startup {
    // **Relative to where this process began**: `.cd` changes that.
    let whole = |file: &PathBuf| std::path::absolute(file).unwrap_or_else(|_| file.clone());
    Startup { files: flags.preload.iter().map(whole).collect(), code: flags.program.preloading() }
}

/// How a program was run.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: ExitCode,
    pub(crate) is_success: bool,
    /// By Ctrl-C, or by a signal that ends this process.
    pub(crate) is_interrupted: bool,
}

/// Runs a program until its timers are done.
async fn run_chunk(flags: &Flags, program: Program) -> Result<ExitCode, ReplError> {
    Ok(run_program(flags, program, Signals::default(), Interrupts::listen()).await?.status)
}

/// Runs a program until its timers are done; the kernel ends with that, or when this is dropped. It hears of `signals`
/// and `interrupts`. One that comes before the kernel is there ends this.
pub(crate) async fn run_program(
    flags: &Flags,
    program: Program,
    signals: Signals,
    mut interrupts: Interrupts,
) -> Result<Ran, ReplError> {
    let (prompts, questions) = prompt_queue();
    // A program may run unattended even at a terminal: what it is not allowed by a flag it must not hang for.
    let person = is_attended(flags).then_some(Person { prompts, decides: false });
    // Where events are written, standard output is theirs.
    let stdio = Stdio::of_process(flags.events.is_none());
    stdio.restore_before_ends(&signals);
    let mut show = show_program(flags, program.values, &stdio);
    if let Some(renaming) = program.renaming {
        show = altered(show, Box::new(move |event| Ok(renaming.apply(event))));
    }
    let builder = flags.kernel(person.as_ref()).signals(&signals).surroundings(program.surroundings).stdio(&stdio);
    let builder = builder.builtin_names(program.builtins);
    let spawned = tokio::select! {
        biased;
        Some(()) = interrupts.recv() => {
            stdio.restore();
            return Ok(Ran { status: exit::interrupted(), is_success: false, is_interrupted: true });
        }
        spawned = spawn(builder, &mut *show) => spawned?,
    };
    let Some(kernel) = spawned else {
        return Ok(Ran { status: exit::no_kernel(), is_success: false, is_interrupted: false });
    };
    let mut follower = Follower::with(&kernel, interrupts).asking(questions).hearing(signals).settling(&stdio);
    // As in Node, what comes before the program does not wait for what nothing is left to bring.
    let settings = Settings { ends_unsettled: true, ..program_settings(flags) };
    let began = startup(flags).run(&kernel, &settings, &mut follower, &mut *show).await;
    match began {
        Ok(Began::Whole) => {}
        Ok(Began::Unread) => {
            stdio.restore();
            return Ok(Ran { status: exit::preload_failed(), is_success: false, is_interrupted: false });
        }
        Ok(Began::Stopped) => {
            stdio.restore();
            return Ok(Ran { status: exit::interrupted(), is_success: false, is_interrupted: true });
        }
        // It is part of the program.
        Ok(Began::Failed(followed)) => {
            stdio.restore();
            return Ok(ran(&followed));
        }
        Err(error) => {
            stdio.restore();
            return Err(error);
        }
    }
    let followed = follow(&kernel, program.chunk.until_idle(true), &mut follower, &mut *show).await;
    stdio.restore();
    let followed = followed?;
    // What was written last could not be, and the program is over: it has heard nothing of that.
    #[cfg(target_os = "linux")]
    if let Some(error) = stdio.first_untold() {
        return Err(ReplError::Output(error));
    }
    Ok(ran(&followed))
}

fn ran(followed: &Followed) -> Ran {
    let code = exit::code_of_run(followed);
    Ran { status: ExitCode::from(code), is_success: code == 0, is_interrupted: followed.is_interrupt() }
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
        None => (look(flags, &stdout()).colors, look(flags, &stderr()).colors),
    };
    Settings { keep_last: false, preview: colors.0, colors, ..settings(flags) }
}

/// What a stream can show of a program, which may have variables of its own.
fn look(flags: &Flags, stream: &impl IsTerminal) -> Look {
    let surroundings = flags.program.surroundings(Vec::new(), false);
    // A rule that is none is told where the kernel is configured.
    let policy = flags.permissions.policy().unwrap_or_default();
    Look::of_program(stream, |name| surroundings.variable(name, &policy))
}

fn altered(show: Box<dyn Show>, alter: Alter) -> Box<dyn Show> {
    Box::new(Altered { show, alter })
}

/// Shows events of a program as the flags want them. `stdio`: its streams, which may fail.
fn show_program(flags: &Flags, values: Values, stdio: &Stdio) -> Box<dyn Show> {
    let (out, err) = (look(flags, &stdout()), look(flags, &stderr()));
    let renderer = Renderer { out, err, values: values != Values::Hidden, costs: false, raw: true };
    show_as(flags, values, renderer, Told::new(stdout(), stdio, 1), Told::new(stderr(), stdio, 2))
}

/// Shows events as the flags want them.
pub(crate) fn show(flags: &Flags, values: Values) -> Box<dyn Show> {
    let (out, err) = (Look::of(&stdout()), Look::of(&stderr()));
    let renderer = Renderer { out, err, values: values != Values::Hidden, costs: false, raw: false };
    show_as(flags, values, renderer, stdout(), stderr())
}

fn show_as<O: Write + 'static, E: Write + 'static>(
    flags: &Flags,
    values: Values,
    renderer: Renderer,
    out: O,
    err: E,
) -> Box<dyn Show> {
    match flags.events {
        // They are not the program's output.
        Some(Events::Json) => Box::new(EventsJson::new(stdout())),
        None => {
            let text = Text::new(renderer, out, err);
            match values {
                Values::Console => altered(Box::new(text.joining_lines()), Box::new(as_console)),
                Values::Repl | Values::Hidden => Box::new(text),
            }
        }
    }
}
