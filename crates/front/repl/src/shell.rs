//! `!` and a shell command: runs it.
//!
//! If a person is at a terminal and their session may do everything, the program gets the terminal, as from their own
//! shell. In all other cases it runs as one of the session's programs: each limit of the policy is asked about, and
//! confines it.

use std::{collections::HashMap, process::Command};

use drupe_client::{
    Kernel, Value,
    host::{
        permissions::words,
        shell::{assigned, without_shell},
    },
};

use crate::{ReplError, front::Front};

/// What went wrong is told in fewer bytes.
const MAX_MESSAGE: u64 = 1 << 16;

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
    use super::{in_vain, quoted, variable};

    #[test]
    fn commands_are_run_or_told_to_be_in_vain() {
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
        assert_eq!(variable("ls -la"), Some("ls"));
        assert_eq!(quoted("it's\n\\"), "'it\\'s\\n\\\\'");
    }
}
