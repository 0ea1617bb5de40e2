//! `!` and a shell command: tells it from JavaScript.

use std::{
    env,
    path::{Path, PathBuf},
};

use crate::permissions::words;

/// Words that begin an expression after `!`, also if programs have these names.
const WORDS: [&str; 18] = [
    "true",
    "false",
    "null",
    "undefined",
    "typeof",
    "void",
    "new",
    "await",
    "this",
    "function",
    "class",
    "async",
    "import",
    "super",
    "delete",
    "eval",
    "isNaN",
    "require",
];

/// What a shell knows by itself.
pub const BUILT_IN: [&str; 19] = [
    "alias", "cd", "command", "echo", "exec", "export", "hash", "printf", "pwd", "read", "set", "test", "times", "trap", "type",
    "ulimit", "umask", "unset", "wait",
];

/// Words that begin a command of several parts in a shell. In JavaScript none of them goes on with a space after `!`.
const COMPOUND: [&str; 5] = ["case", "for", "if", "until", "while"];

/// What stands after `!` in `text`, if that is a command: it begins with the name of a program that is there, or as
/// JavaScript cannot.
#[must_use]
pub fn command(text: &str) -> Option<&str> {
    let command = text.strip_prefix('!')?.trim();
    if command.contains('\n') {
        return None;
    }
    let word = command.split(|char: char| char.is_whitespace() || matches!(char, ';' | '|' | '&' | '<' | '>')).next()?;
    if assigned(command).is_some() || is_shells_own(command, word) {
        return Some(command);
    }
    let is_name = |char: char| char.is_alphanumeric() || matches!(char, '_' | '-' | '.' | '/' | '~' | '+');
    let begins = word.starts_with(|char: char| char.is_alphabetic() || matches!(char, '/' | '~' | '.'));
    (begins && word.chars().all(is_name) && !WORDS.contains(&word) && is_program(word)).then_some(command)
}

/// Whether `text`, whose first word this is, would be a command after `!`. Words of the language count as none.
#[must_use]
pub fn is_command(text: &str, word: &str) -> bool {
    word.chars().all(|char| char.is_alphanumeric() || matches!(char, '_' | '-' | '.' | '+'))
        && !WORDS.contains(&word)
        && !COMPOUND.contains(&word)
        && is_on_path(word)
        && !text[word.len()..].trim_start().starts_with(['=', '(', '?', ':'])
}

/// Whether JavaScript cannot begin so after `!`. Then it is a command, also if there is no such program: the shell says
/// what is wrong.
fn is_shells_own(command: &str, word: &str) -> bool {
    let is_compound = COMPOUND.contains(&word)
        && command[word.len()..].trim_start().starts_with(|char: char| {
            char.is_alphanumeric() || matches!(char, '_' | '[' | '!' | '$' | '"' | '\'' | '/' | '.' | '~' | '{' | ':')
        });
    let is_plain = |path: &str| !path.is_empty() && path.chars().all(|char| char.is_alphanumeric() || "_-.+/".contains(char));
    let is_path = ["~/", "./", "../"].iter().any(|start| word.strip_prefix(start).is_some_and(is_plain));
    // `~/x/` may be a regular expression.
    is_compound || (is_path && !word.ends_with('/'))
}

/// The name of the variable that `command` begins by setting, as in `TZ=UTC date`. After `!` no JavaScript looks so.
#[must_use]
pub fn assigned(command: &str) -> Option<&str> {
    let (name, value) = command.split_once('=')?;
    let is_name = !name.is_empty()
        && !name.starts_with(|char: char| char.is_ascii_digit())
        && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_');
    (is_name && !value.starts_with(['=', '>'])).then_some(name)
}

/// The program and the arguments of a command in which nothing is the shell's.
#[must_use]
pub fn without_shell(command: &str) -> Option<(String, Vec<String>)> {
    let is_plain = !command.contains(|char: char| "|&;<>()$`*?[]{}~#=!\\\n".contains(char));
    let mut words = words(command).ok().filter(|_| is_plain)?.into_iter();
    // Some of what a shell knows by itself is no program.
    let program = words.next().filter(|word| !BUILT_IN.contains(&word.as_str()) || is_on_path(word))?;
    Some((program, words.collect()))
}

/// Whether a shell would find a program by this word.
fn is_program(word: &str) -> bool {
    if word.contains('/') {
        return is_executable(&expand(word));
    }
    BUILT_IN.contains(&word) || is_on_path(word)
}

/// Whether the search path of this process has a program of this name.
#[must_use]
pub fn is_on_path(word: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| is_executable(&folder.join(word)))
}

/// Whether `path` is a file that may be executed.
#[cfg(unix)]
#[must_use]
pub fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// Whether `path` is a file.
#[cfg(not(unix))]
#[must_use]
pub fn is_executable(path: &Path) -> bool {
    path.is_file()
}

/// `~/…` as a path.
#[must_use]
pub fn expand(path: &str) -> PathBuf {
    match (path.strip_prefix('~'), env::var_os("HOME")) {
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => {
            Path::new(&home).join(rest.trim_start_matches('/'))
        }
        _ => path.into(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn commands_are_told_from_expressions() {
        for (text, found) in [
            ("!ls", Some("ls")),
            ("!ls -la | wc -l", Some("ls -la | wc -l")),
            ("! sh -c true", Some("sh -c true")),
            ("!/bin/sh", Some("/bin/sh")),
            ("!ls;pwd", Some("ls;pwd")),
            ("!true", None),
            ("!!ls", None),
            ("!(ls)", None),
            ("!ls.length", None),
            ("!ls(1)", None),
            ("![]", None),
            ("!1", None),
            ("!no_such_program_here", None),
            ("!ls\n1", None),
            ("!TZ=UTC date", Some("TZ=UTC date")),
            ("!A=1", Some("A=1")),
            ("!a==1", None),
            ("!a=>1", None),
            ("!for x in 1 2; do echo $x; done", Some("for x in 1 2; do echo $x; done")),
            ("!if [ -f x ]; then ls; fi", Some("if [ -f x ]; then ls; fi")),
            ("!while true; do ls; done", Some("while true; do ls; done")),
            ("!~/no/such/file -x", Some("~/no/such/file -x")),
            ("!./no_such_file", Some("./no_such_file")),
            ("!../no_such_file", Some("../no_such_file")),
            ("!~/a/.test('b')", None),
            ("!~/a/", None),
            ("!/a/", None),
            ("!for", None),
            ("!until", None),
            ("!if (a) b", None),
            ("!cd /tmp && ls", Some("cd /tmp && ls")),
            ("ls", None),
        ] {
            assert_eq!(super::command(text), found, "{text}");
        }
    }

    #[test]
    fn a_program_alone_needs_no_shell() {
        let plain = |text| super::without_shell(text).map(|(program, arguments)| (program, arguments.join("|")));
        assert_eq!(plain("git log 'a b' -1"), Some(("git".to_owned(), "log|a b|-1".to_owned())));
        assert_eq!((plain("ls | wc"), plain("echo $HOME"), plain("ls *.ts")), (None, None, None));
        // No program: the shell's own.
        assert_eq!(plain("ulimit -a"), None);
    }
}
