//! The dot commands: their names, what they take, and how a line is told from one.

use std::time::Duration;

use crate::duration::parse_duration;

/// A command that was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Clear,
    Reset,
    Restart,
    Load(String),
    Save(String),
    Editor,
    Globals,
    Mem,
    Time,
    /// Tells the limits, or sets one; `None` lifts it.
    ShowTimeout,
    SetTimeout(Clock, Option<Duration>),
    History,
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

/// Name, arguments and meaning of each command, in the order of `.help`.
pub(crate) const COMMANDS: [(&str, &str, &str); 13] = [
    (".clear", "", "clear the screen"),
    (".editor", "", "type a chunk line by line, until Ctrl-D"),
    (".exit", "", "leave (as Ctrl-D does)"),
    (".globals", "", "list the names of the session"),
    (".help", "", "show this"),
    (".history", "", "list what was typed"),
    (".load", "FILE", "run a file as one chunk"),
    (".mem", "", "show what the kernel's heap holds"),
    (".reset", "", "begin an empty session in the same process"),
    (".restart", "", "begin an empty session in a new process"),
    (".save", "FILE", "write this session's chunks to a file"),
    (".time", "", "show what each run costs, or stop it"),
    (".timeout", "[vm|wall] DURATION|off", "limit CPU or (default) wall time of runs"),
];

/// Reads a command. `None`: the text is code. The error says what is wrong with the command.
///
/// A command is a single line that begins with a dot and a letter, up to a space: `.5+1` and `.then(f)` are code.
pub(crate) fn parse(text: &str) -> Option<Result<Command, String>> {
    let text = text.trim();
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
    match name {
        ".clear" => plain(Command::Clear),
        ".editor" => plain(Command::Editor),
        ".exit" => plain(Command::Exit),
        ".globals" => plain(Command::Globals),
        ".help" => plain(Command::Help),
        ".history" => plain(Command::History),
        ".load" => file(Command::Load),
        ".mem" => plain(Command::Mem),
        ".reset" => plain(Command::Reset),
        ".restart" => plain(Command::Restart),
        ".save" => file(Command::Save),
        ".time" => plain(Command::Time),
        ".timeout" => timeout(argument),
        _ => Err(unknown(name)),
    }
}

fn timeout(argument: &str) -> Result<Command, String> {
    let (clock, limit) = match argument.split_once(char::is_whitespace) {
        Some(("vm", limit)) => (Clock::Vm, limit.trim()),
        Some(("wall", limit)) => (Clock::Wall, limit.trim()),
        _ => (if argument == "off" { Clock::Both } else { Clock::Wall }, argument),
    };
    match limit {
        "" => Ok(Command::ShowTimeout),
        "off" => Ok(Command::SetTimeout(clock, None)),
        limit => parse_duration(limit).map(|limit| Command::SetTimeout(clock, Some(limit))).map_err(|error| error.to_string()),
    }
}

fn unknown(name: &str) -> String {
    let begun = COMMANDS.iter().map(|(known, ..)| *known).find(|known| known.starts_with(name));
    let misspelt =
        || COMMANDS.iter().map(|(known, ..)| (distance(name, known), *known)).min().filter(|(distance, _)| *distance <= 2);
    match begun.or_else(|| misspelt().map(|(_, known)| known)) {
        Some(known) => format!("no command {name}; did you mean {known}?"),
        None => format!("no command {name}; .help lists them"),
    }
}

/// How many letters have to be inserted, removed or replaced to make `b` of `a`.
fn distance(a: &str, b: &str) -> usize {
    let mut row = (0..=b.len()).collect::<Vec<_>>();
    for (i, from) in a.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, to) in b.bytes().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Clock, Command, parse};

    #[test]
    fn commands_are_read() {
        assert_eq!(parse(".help"), Some(Ok(Command::Help)));
        assert_eq!(parse("  .load  a b.ts "), Some(Ok(Command::Load("a b.ts".into()))));
        assert_eq!(parse(".timeout"), Some(Ok(Command::ShowTimeout)));
        let limit = Some(Duration::from_secs(5));
        assert_eq!(parse(".timeout 5s"), Some(Ok(Command::SetTimeout(Clock::Wall, limit))));
        assert_eq!(parse(".timeout vm 5s"), Some(Ok(Command::SetTimeout(Clock::Vm, limit))));
        assert_eq!(parse(".timeout off"), Some(Ok(Command::SetTimeout(Clock::Both, None))));
    }

    #[test]
    fn code_is_no_command() {
        for code in [".5+1", "...rest", ".", "x.help", "'a'\n.charAt(0)", ".charAt(0)", ".then(f)", ".a.b", "", "/.help/"] {
            assert_eq!(parse(code), None, "{code}");
        }
    }

    #[test]
    fn mistakes_are_told() {
        for (line, said) in [
            (".hlep", "no command .hlep; did you mean .help?"),
            (".re", "no command .re; did you mean .reset?"),
            (".frobnicate", "no command .frobnicate; .help lists them"),
            (".load", ".load takes the name of a file"),
            (".exit now", ".exit takes no argument"),
        ] {
            assert_eq!(parse(line), Some(Err(said.to_owned())), "{line}");
        }
        assert!(matches!(parse(".timeout soon"), Some(Err(_))));
    }
}
