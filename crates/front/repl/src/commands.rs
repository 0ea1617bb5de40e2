//! The dot commands: their names, their arguments, and the parser that tells a command from code.

use std::time::Duration;

use drupe_client::host::shell;

use crate::{
    allow::{self, Change},
    duration::parse_duration,
    manual::{self, Entry},
};

/// A command that was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Of one command, or of all.
    Help(Option<&'static Entry>),
    /// Tells what is allowed, or changes it.
    Allow(Vec<Change>),
    /// Changes the working folder; without one, tells it.
    Cd(Option<String>),
    Clear,
    /// Of an expression, or of the last result.
    Copy(Option<String>),
    Replay,
    Reset,
    Restart,
    /// A module, or all of them.
    Reload(Option<String>),
    Load(String),
    Save(String),
    /// Of an expression that is a name or leads to a member.
    Doc(String),
    Type(String),
    Editor,
    /// In the person's own editor: what a name was declared as, or the last chunk.
    Edit(Option<String>),
    /// Drops unfinished input.
    Break,
    Globals,
    Mem,
    More,
    Time,
    /// Tells the limits, or sets one; `None` lifts it.
    ShowTimeout,
    SetTimeout(Clock, Option<Duration>),
    History,
    /// `!` and a command of the shell.
    Shell(String),
    Exit,
}

/// What a timeout is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clock {
    Vm,
    Wall,
    /// Whichever is set.
    Both,
}

/// Reads a command. `None`: the text is code. The error says what is wrong with the command.
///
/// A command is a single line that begins with a dot and a letter, up to a space: `.5+1` and `.then(f)` are code.
pub(crate) fn parse(text: &str) -> Option<Result<Command, String>> {
    let text = text.trim();
    if let Some(command) = shell::command(text) {
        return Some(Ok(Command::Shell(command.to_owned())));
    }
    if text.contains('\n') || !text.strip_prefix('.')?.starts_with(|char: char| char.is_ascii_alphabetic()) {
        return None;
    }
    let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let is_word = name[1..].chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-'));
    is_word.then(|| command(name, rest.trim()))
}

fn command(name: &str, argument: &str) -> Result<Command, String> {
    let plain = |command: Command| match argument {
        "" => Ok(command),
        _ => Err(format!("{name} takes no argument")),
    };
    let file = |command: fn(String) -> Command| match argument {
        "" => Err(format!("{name} takes the name of a file")),
        file => Ok(command(file.to_owned())),
    };
    let perhaps = |command: fn(Option<String>) -> Command| Ok(command((!argument.is_empty()).then(|| argument.to_owned())));
    let name_of = |command: fn(String) -> Command| match argument {
        "" => Err(format!("{name} takes a name, or what leads to a member: {name} console.log")),
        expression => Ok(command(expression.to_owned())),
    };
    match name {
        ".cd" => perhaps(Command::Cd),
        ".copy" => perhaps(Command::Copy),
        ".edit" => perhaps(Command::Edit),
        ".break" => plain(Command::Break),
        ".clear" => plain(Command::Clear),
        ".editor" => plain(Command::Editor),
        ".exit" => plain(Command::Exit),
        ".globals" => plain(Command::Globals),
        ".allow" => allow::parse(argument).map(Command::Allow),
        ".doc" => name_of(Command::Doc),
        ".type" => name_of(Command::Type),
        ".help" => match argument {
            "" => Ok(Command::Help(None)),
            name => manual::find(name).map(|entry| Command::Help(Some(entry))).ok_or_else(|| manual::unknown(name)),
        },
        ".more" => plain(Command::More),
        ".history" => plain(Command::History),
        ".load" => file(Command::Load),
        ".mem" => plain(Command::Mem),
        ".reload" => perhaps(Command::Reload),
        ".replay" => plain(Command::Replay),
        ".reset" => plain(Command::Reset),
        ".restart" => plain(Command::Restart),
        ".save" => file(Command::Save),
        ".time" => plain(Command::Time),
        ".timeout" => timeout(argument),
        _ => Err(manual::unknown(name)),
    }
}

fn timeout(argument: &str) -> Result<Command, String> {
    let (clock, limit) = match argument.split_once(char::is_whitespace) {
        Some(("vm" | "cpu", limit)) => (Clock::Vm, limit.trim()),
        Some(("wall", limit)) => (Clock::Wall, limit.trim()),
        _ => (if argument == "off" { Clock::Both } else { Clock::Wall }, argument),
    };
    match limit {
        "" => Ok(Command::ShowTimeout),
        "vm" | "cpu" | "wall" => Err(format!(".timeout {limit} takes a duration, such as 5s, or off")),
        "off" => Ok(Command::SetTimeout(clock, None)),
        limit => parse_duration(limit).map(|limit| Command::SetTimeout(clock, Some(limit))).map_err(|error| {
            let word = limit.split_whitespace().next().unwrap_or_default();
            if limit.contains(char::is_whitespace) && parse_duration(word).is_err() {
                return format!(
                    "there is no clock {word:?}; .timeout takes vm (CPU time) or wall, and a duration: .timeout vm 5s"
                );
            }
            error.to_string()
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Clock, Command, parse};

    #[test]
    fn commands_are_read() {
        assert_eq!(parse(".help"), Some(Ok(Command::Help(None))));
        assert_eq!(parse("  .load  a b.ts "), Some(Ok(Command::Load("a b.ts".into()))));
        assert_eq!(parse(".timeout"), Some(Ok(Command::ShowTimeout)));
        let limit = Some(Duration::from_secs(5));
        assert_eq!(parse(".timeout 5s"), Some(Ok(Command::SetTimeout(Clock::Wall, limit))));
        assert_eq!(parse(".timeout vm 5s"), Some(Ok(Command::SetTimeout(Clock::Vm, limit))));
        assert_eq!(parse(".timeout cpu 5s"), Some(Ok(Command::SetTimeout(Clock::Vm, limit))));
        assert_eq!(parse(".cd"), Some(Ok(Command::Cd(None))));
        assert_eq!(parse(".edit f"), Some(Ok(Command::Edit(Some("f".into())))));
        assert_eq!(parse("!sh -c 'exit 3'"), Some(Ok(Command::Shell("sh -c 'exit 3'".into()))));
        assert_eq!(parse(".timeout off"), Some(Ok(Command::SetTimeout(Clock::Both, None))));
    }

    #[test]
    fn code_is_no_command() {
        for code in [
            ".5+1",
            "...rest",
            ".",
            "x.help",
            "'a'\n.charAt(0)",
            ".charAt(0)",
            ".then(f)",
            ".a.b",
            "",
            "/.help/",
            "!true",
            "!(1)",
            "!!x",
            "!no_such_program_1",
        ] {
            assert_eq!(parse(code), None, "{code}");
        }
    }

    #[test]
    fn mistakes_are_told() {
        for (line, said) in [
            (".hlep", "no command .hlep; did you mean .help?"),
            (".re", "no command .re; did you mean .reload?"),
            (".frobnicate", "no command .frobnicate; .help lists them"),
            (".foo", "no command .foo; .help lists them"),
            (".timeEnd", "no command .timeEnd; did you mean .time?"),
            (".Help", "no command .Help; did you mean .help?"),
            (".quit", "no command .quit; did you mean .exit?"),
            (".laod", "no command .laod; did you mean .load?"),
            (".load", ".load takes the name of a file"),
            (".help lod", "no command .lod; did you mean .load?"),
            (".exit now", ".exit takes no argument"),
            (".foo", "no command .foo; .help lists them"),
            (".timeout cpu", ".timeout cpu takes a duration, such as 5s, or off"),
            (
                ".timeout gpu 5s",
                "there is no clock \"gpu\"; .timeout takes vm (CPU time) or wall, and a duration: .timeout vm 5s",
            ),
        ] {
            assert_eq!(parse(line), Some(Err(said.to_owned())), "{line}");
        }
        assert!(matches!(parse(".timeout soon"), Some(Err(_))));
    }
}
