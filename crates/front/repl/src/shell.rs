//! `!` and a shell command: tells it from JavaScript, and runs it.
//!
//! If a person is at a terminal and their session may do everything, the program gets the terminal, as from their own
//! shell. In all other cases it runs as one of the session's programs: each limit of the policy is asked about, and
//! confines it.

use std::{
    collections::HashMap,
    env,
    path::{Path, PathBuf},
    process::Command,
};

use drupe_client::{Kernel, Value, host::permissions::words};

use crate::{ReplError, front::Front};

/// What went wrong is told in fewer bytes.
const MAX_MESSAGE: u64 = 1 << 16;

/// Words that begin an expression after `!`, whatever programs there are.
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
pub(crate) const BUILT_IN: [&str; 19] = [
    "alias", "cd", "command", "echo", "exec", "export", "hash", "printf", "pwd", "read", "set", "test", "times", "trap", "type",
    "ulimit", "umask", "unset", "wait",
];

/// Words that begin a command of several parts in a shell. In JavaScript none of them goes on with a space after `!`.
const COMPOUND: [&str; 5] = ["case", "for", "if", "until", "while"];

/// What stands after `!` in `text`, if that is a command: it begins with the name of a program that is there, or as
/// JavaScript cannot.
pub(crate) fn command(text: &str) -> Option<&str> {
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
pub(crate) fn is_command(text: &str, word: &str) -> bool {
    word.chars().all(|char| char.is_alphanumeric() || matches!(char, '_' | '-' | '.' | '+'))
        && !WORDS.contains(&word)
        && !COMPOUND.contains(&word)
        && is_on_path(word)
        && !text[word.len()..].trim_start().starts_with(['=', '(', '?', ':'])
}

/// Whether no JavaScript begins so after `!`, whatever programs there are: then the shell says what is wrong.
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
fn assigned(command: &str) -> Option<&str> {
    let (name, value) = command.split_once('=')?;
    let is_name = !name.is_empty()
        && !name.starts_with(|char: char| char.is_ascii_digit())
        && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_');
    (is_name && !value.starts_with(['=', '>'])).then_some(name)
}

/// What to say of a command that would change its shell and nothing else: **the shell ends with it**.
fn in_vain(command: &str) -> Option<String> {
    // What stands for something else is the shell's.
    if command.contains([';', '|', '&', '<', '>', '(', '`', '$']) {
        return None;
    }
    let words = words(command).ok()?;
    let (first, rest) = words.split_first()?;
    let variables = || words.iter().filter(|word| *word != "export").collect::<Vec<_>>();
    match (first.as_str(), rest) {
        ("cd", rest) => {
            let folder = if rest.is_empty() { "~".to_owned() } else { rest.join(" ") };
            Some(format!("!cd changes its own shell alone, which ends; type .cd {folder}"))
        }
        ("unset", [name, ..]) => Some(format!("!unset changes its own shell alone, which ends; type delete process.env.{name}")),
        _ if !variables().is_empty() && variables().iter().all(|word| assigned(word).is_some()) => {
            let (name, value) = variables().first()?.split_once('=')?;
            let typed = if first == "export" { "export".to_owned() } else { format!("{name}=") };
            Some(format!("!{typed} changes its own shell alone, which ends; type process.env.{name} = {}", quoted(value)))
        }
        _ => None,
    }
}

/// Whether a shell would find a program by this word.
fn is_program(word: &str) -> bool {
    if word.contains('/') {
        return is_executable(&expand(word));
    }
    BUILT_IN.contains(&word) || is_on_path(word)
}

fn is_on_path(word: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| is_executable(&folder.join(word)))
}

#[cfg(unix)]
pub(crate) fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
pub(crate) fn is_executable(path: &Path) -> bool {
    path.is_file()
}

/// `~/…` as a path.
pub(crate) fn expand(path: &str) -> PathBuf {
    match (path.strip_prefix('~'), env::var_os("HOME")) {
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => {
            Path::new(&home).join(rest.trim_start_matches('/'))
        }
        _ => path.into(),
    }
}

/// The first word, if it could be the name of a variable, too.
fn variable(command: &str) -> Option<&str> {
    let end = command.find(|char: char| !drupe_lexer::is_name_part(char)).unwrap_or(command.len());
    (end > 0).then(|| &command[..end])
}

/// Whether the first word of `command` is a name of the session.
pub(crate) async fn names_a_variable(kernel: &Kernel, command: &str) -> bool {
    let Some(name) = variable(command) else { return false };
    let cursor = u32::try_from(name.encode_utf16().count()).unwrap_or(u32::MAX);
    // Names of built-in modules, such as `url`, exist in every session and do not count.
    let globals = kernel.globals().await;
    let is_declared = globals.is_ok_and(|globals| globals.iter().any(|global| global.name == name));
    is_declared && matches!(kernel.inspect(name, cursor).await, Ok(Some(_)))
}

/// Runs `command`; or, where its first word is a name of the session, the expression that it then is.
pub(crate) async fn run(front: &mut impl Front, command: &str) -> Result<(), ReplError> {
    let kernel = front.kernel().clone();
    if front.supervise(names_a_variable(&kernel, command)).await? {
        let source = format!("!{command}");
        let chunk = front.settings().chunk(source.as_str());
        return front.run(chunk, source).await.map(|_| ());
    }
    if let Some(said) = in_vain(command) {
        return front.fail(&said);
    }
    let is_unlimited = front.kernel().permissions().policy().is_unlimited();
    if is_unlimited && front.is_attended() && cfg!(unix) {
        return outside(front, command).await;
    }
    // A program alone needs no shell, and so no permission for one.
    let call = match without_shell(command) {
        Some((program, arguments)) => format!(
            "spawnSync({}, [{}], {{",
            quoted(&program),
            arguments.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", ")
        ),
        None => format!("spawnSync({}, {{ shell: true,", quoted(command)),
    };
    // What went wrong is the value: nobody wants to see this source.
    let source = format!(
        "await (async () => {{ try {{ const {{ status, signal, error }} = (await import('node:child_process')).{call} stdio: ['ignore', \
         'inherit', 'inherit'] }}); if (error) return error.message; if (signal) return 'signal: ' + signal; if (status) return 'exit \
         status: ' + status }} catch (error) {{ return error.message }} }})()"
    );
    let chunk = front.settings().chunk(source).name("shell").keep_last(false).journaled(false).value_limit(MAX_MESSAGE);
    match front.run_quietly(chunk).await? {
        Some(Value::String(message)) => front.fail(&message),
        _ => Ok(()),
    }
}

/// The program and the arguments of a command in which nothing is the shell's.
fn without_shell(command: &str) -> Option<(String, Vec<String>)> {
    let is_plain = !command.contains(|char: char| "|&;<>()$`*?[]{}~#=!\\\n".contains(char));
    let mut words = words(command).ok().filter(|_| is_plain)?.into_iter();
    // Some of what a shell knows by itself is no program.
    let program = words.next().filter(|word| !BUILT_IN.contains(&word.as_str()) || is_on_path(word))?;
    Some((program, words.collect()))
}

/// `text` as a string of JavaScript.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from("'");
    for char in text.chars() {
        match char {
            '\'' | '\\' => quoted.extend(['\\', char]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\u{2028}' | '\u{2029}' => quoted.push_str(&format!("\\u{:04x}", u32::from(char))),
            char => quoted.push(char),
        }
    }
    quoted + "'"
}

/// The environment variables of the session: what `!` runs has them, as programs that code starts do.
const VARIABLES: &str = "JSON.stringify({ ...globalThis.process.env })";

/// They are told in fewer bytes.
const MAX_VARIABLES: u64 = 16 << 20;

/// Runs it with the terminal.
async fn outside(front: &mut impl Front, command: &str) -> Result<(), ReplError> {
    front.show().flush().map_err(ReplError::Output)?;
    let variables = front.settings().chunk(VARIABLES).keep_last(false).journaled(false).value_limit(MAX_VARIABLES);
    let variables = front.run_quietly(variables).await?;
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(command).current_dir(front.kernel().working_folder());
    // A session whose code has changed what `process` is has no variables of its own.
    if let Some(variables) = variables.as_ref().and_then(Value::as_str).and_then(|text| serde_json::from_str(text).ok()) {
        let variables: HashMap<String, String> = variables;
        shell.env_clear().envs(variables);
    }
    match front.at_terminal(shell).await? {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => front.fail(&format!("{status}")),
        Err(error) => front.fail(&format!("cannot run it: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::{command, in_vain, quoted, variable, without_shell};

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
            assert_eq!(command(text), found, "{text}");
        }
        let said = |text| in_vain(text).unwrap_or_default();
        assert!(said("cd 'a b'").ends_with("type .cd a b"));
        assert!(said("cd").ends_with("type .cd ~"));
        assert!(said("export A=x").starts_with("!export changes") && said("A=x").starts_with("!A= changes"));
        for text in ["A=x", "export A=x"] {
            assert!(said(text).ends_with("type process.env.A = 'x'"), "{text}");
        }
        assert!(said("unset A").ends_with("type delete process.env.A"));
        for text in ["export A=$HOME", "cd $HOME", "A=\"$B\"", "cd /tmp && ls", "A=1 date", "export", "ls", "echo A=1"] {
            assert_eq!(in_vain(text), None, "{text}");
        }
        let plain = |text| without_shell(text).map(|(program, arguments)| (program, arguments.join("|")));
        assert_eq!(plain("git log 'a b' -1"), Some(("git".to_owned(), "log|a b|-1".to_owned())));
        assert_eq!((plain("ls | wc"), plain("echo $HOME"), plain("ls *.ts")), (None, None, None));
        // No program: the shell's own.
        assert_eq!(plain("ulimit -a"), None);
        assert_eq!(variable("ls -la"), Some("ls"));
        assert_eq!(quoted("it's\n\\"), "'it\\'s\\n\\\\'");
    }
}
