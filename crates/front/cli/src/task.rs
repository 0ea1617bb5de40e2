//! The task that the command line requests.

use std::{ffi::OsString, io::IsTerminal as _};

use crate::{
    args::{Arguments, Command, Flags, Input},
    completions::{self, CompletionFlags},
    jupyter_flags::JupyterFlags,
    manual,
    mcp_flags::McpFlags,
    node_flags, program,
    program_flags::InputType,
    serve_flags::ServeFlags,
    words::{self, Words},
};

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Task {
    /// Evaluate code; `None`: what standard input brings.
    Eval {
        code: Option<String>,
        /// Whether what standard input brings may be nothing: it was asked for.
        may_be_empty: bool,
        args: Vec<String>,
        values: Values,
    },
    /// Run a program: a file, or `-` for standard input.
    Run {
        file: OsString,
        args: Vec<String>,
        /// Whether the arguments are in the global `args`, too.
        named_args: bool,
    },
    /// Check the syntax of a program.
    Check {
        file: OsString,
    },
    Repl {
        input: Option<Input>,
    },
    Serve(ServeFlags),
    Mcp(McpFlags),
    Jupyter(JupyterFlags),
    Doctor,
    /// Print a text that was made of the definition of the command line.
    Print(String),
}

/// How the value of a chunk is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    /// As the REPL does.
    Repl,
    /// As `console.log` does: strings as they are.
    Console,
    /// Not at all.
    Hidden,
}

/// Why a command line is refused.
#[derive(Debug)]
pub(crate) enum Refused {
    /// It is wrong.
    Usage(String),
    /// It names a program that is not there.
    NoProgram(String),
}

impl From<String> for Refused {
    fn from(message: String) -> Self {
        Self::Usage(message)
    }
}

impl Arguments {
    /// Reads the command line; what is wrong with it is told, and ends this process.
    pub(crate) fn read(all: Vec<OsString>) -> Result<(Task, Flags), Refused> {
        let definition = Self::definition();
        let (all, taken) = node_flags::take_out(&definition, all)?;
        let (task, mut flags) = Self::read_words(definition, all)?;
        flags.program.own.splice(..0, taken);
        let task = if flags.program.check { checked(task)? } else { task };
        let task = match flags.program.input_type {
            Some(kind) => typed(task, kind)?,
            None => task,
        };
        let is_file = matches!(&task, Task::Run { file, .. } if file != "-");
        #[cfg(target_os = "linux")]
        if flags.program.watch && !is_file {
            return Err("--watch runs a file again when it changes: drupe --watch FILE".to_owned().into());
        }
        #[cfg(not(target_os = "linux"))]
        let _ = is_file;
        Ok((task, flags))
    }

    fn read_words(definition: clap::Command, all: Vec<OsString>) -> Result<(Task, Flags), Refused> {
        let flags_of = |flags: &[OsString]| told(flags.iter().skip(1).cloned().collect());
        match words::take_apart(&definition, all).map_err(|missing| missing.0.to_owned())? {
            Words::Command(all) => {
                let own = flags_of(&words::flags(&definition, &all));
                let arguments = Self::parse_words(definition, all);
                let task = task_of(arguments.command.unwrap_or(Command::Repl { input: None }))?;
                Ok((task, given_as(arguments.flags, own)))
            }
            Words::Code { flags, code, print, args } => {
                let mut own = flags_of(&flags);
                own.push(if print { "-p" } else { "-e" }.to_owned());
                own.extend(code.iter().map(|code| code.to_string_lossy().into_owned()));
                let code = code.map(OsString::into_string).transpose().map_err(|_| "the code is no valid UTF-8".to_owned())?;
                let values = if print { Values::Console } else { Values::Hidden };
                let flags = given_as(Self::parse_words(definition, flags).flags, own);
                Ok((Task::Eval { code, may_be_empty: true, args: told(args), values }, flags))
            }
            Words::File { flags, file, args } => {
                let own = flags_of(&flags);
                let flags = given_as(Self::parse_words(definition, flags).flags, own);
                if file != "-" && !program::is_there(&file) {
                    return Err(Refused::NoProgram(words::meant(&Self::definition(), &file.to_string_lossy())));
                }
                Ok((Task::Run { file, args: told(args), named_args: false }, flags))
            }
        }
    }
}

/// Arguments as JavaScript has them.
fn told(args: Vec<OsString>) -> Vec<String> {
    args.into_iter().map(|arg| arg.to_string_lossy().into_owned()).collect()
}

/// What is said of `drupe eval` without code.
pub(crate) const NO_CODE: &str =
    "eval takes code, or reads it from standard input: drupe eval '1 + 1', drupe eval < FILE, drupe eval -";

/// What a command requests.
fn task_of(command: Command) -> Result<Task, String> {
    Ok(match command {
        Command::Eval { code: None, .. } if std::io::stdin().is_terminal() => return Err(NO_CODE.to_owned()),
        Command::Eval { code, args } => {
            let may_be_empty = code.is_some();
            Task::Eval { code: code.filter(|code| code != "-"), may_be_empty, args: told(args), values: Values::Repl }
        }
        Command::Run { mut script } => Task::Run { file: script.remove(0), args: told(script), named_args: true },
        Command::Repl { input } => Task::Repl { input },
        Command::Serve(serve) => Task::Serve(serve),
        Command::Mcp(mcp) => Task::Mcp(mcp),
        Command::Jupyter(jupyter) => Task::Jupyter(jupyter),
        Command::Doctor => Task::Doctor,
        Command::Completions(flags) => Task::Print(completion(&flags)),
        Command::Man => Task::Print(manual::page(Arguments::definition())),
    })
}

/// The script of a shell, or what may follow the words that are typed.
fn completion(flags: &CompletionFlags) -> String {
    let typed = flags.words.iter().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>();
    match flags.shell {
        Some(shell) => shell.script().to_owned(),
        None => completions::reply(&mut Arguments::definition(), &typed).text(),
    }
}

/// With --check, a program is checked and not run.
fn checked(task: Task) -> Result<Task, String> {
    match task {
        Task::Run { file, .. } => Ok(Task::Check { file }),
        // As in Node.
        Task::Repl { input: None } if !std::io::stdin().is_terminal() => Ok(Task::Check { file: "-".into() }),
        Task::Eval { .. }
        | Task::Check { .. }
        | Task::Repl { .. }
        | Task::Serve(_)
        | Task::Mcp(_)
        | Task::Jupyter(_)
        | Task::Doctor
        | Task::Print(_) => {
            Err("--check takes a file, or code from standard input: drupe --check FILE, drupe --check - < FILE".to_owned())
        }
    }
}

/// With --input-type, code that is no file is what the flag says.
fn typed(task: Task, kind: InputType) -> Result<Task, String> {
    match task {
        Task::Eval { values: Values::Console, .. } if kind == InputType::Module => {
            Err("-p prints a value, and a module has none: leave out --input-type=module, or run -e with console.log".to_owned())
        }
        Task::Eval { values: Values::Console | Values::Hidden, .. } => Ok(task),
        Task::Run { ref file, .. } if file == "-" => Ok(task),
        // As in Node.
        Task::Repl { input: None } if !std::io::stdin().is_terminal() => {
            Ok(Task::Run { file: "-".into(), args: Vec::new(), named_args: false })
        }
        Task::Eval { .. }
        | Task::Run { .. }
        | Task::Check { .. }
        | Task::Repl { .. }
        | Task::Serve(_)
        | Task::Mcp(_)
        | Task::Jupyter(_)
        | Task::Doctor
        | Task::Print(_) => Err("--input-type is for code of -e and from standard input; a file is a module by its name, its \
                                 package or its text"
            .to_owned()),
    }
}

/// The same flags, which were given in these words.
fn given_as(mut flags: Flags, own: Vec<String>) -> Flags {
    flags.program.own = own;
    flags
}
