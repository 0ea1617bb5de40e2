//! Words from other tools that people type, such as `exit`: says what to type instead, if the session has no such name.

use drupe_client::{Kernel, Outcome, host::shell};
use drupe_lexer::is_name_part;

/// The word, and what is said.
const WORDS: [(&str, &str); 9] = [
    ("exit", ".exit leaves (as Ctrl-D does)"),
    ("quit", ".exit leaves (as Ctrl-D does)"),
    ("bye", ".exit leaves (as Ctrl-D does)"),
    ("help", ".help lists the commands, .doc NAME tells what a name is"),
    ("clear", ".clear clears the screen, .reset begins an empty session"),
    ("ls", "!ls runs the program"),
    ("pwd", ".cd tells the working folder"),
    ("cd", ".cd FOLDER changes the working folder"),
    ("man", ".doc NAME tells what a name is, .help lists the commands"),
];

/// Words that begin a line in IPython, and what is said.
const MAGICS: [(&str, &str); 12] = [
    ("cd", ".cd FOLDER changes the working folder"),
    ("edit", ".edit opens the last chunk in an editor"),
    ("hist", ".history lists what was typed"),
    ("history", ".history lists what was typed"),
    ("load", ".load FILE runs a file"),
    ("reset", ".reset begins an empty session"),
    ("run", ".load FILE runs a file"),
    ("save", ".save FILE writes what has run"),
    ("time", ".time shows what each run costs"),
    ("timeit", ".time shows what each run costs"),
    ("who", ".globals lists the names of the session"),
    ("whos", ".globals lists the names of the session"),
];

/// What to say instead of running `text`, if it is such a word alone, perhaps called.
pub(crate) async fn instead(kernel: &Kernel, text: &str) -> Option<&'static str> {
    let word = text.trim().trim_end_matches(';').trim_end();
    let word = word.strip_suffix("()").unwrap_or(word);
    let (word, said) = WORDS.iter().find(|(known, _)| *known == word)?;
    let cursor = u32::try_from(word.len()).unwrap_or(u32::MAX);
    match kernel.inspect(*word, cursor).await {
        Ok(None) => Some(said),
        // It has a meaning, or nobody knows.
        Ok(Some(_)) | Err(_) => None,
    }
}

/// What to type instead of `text`, which has failed as code and reads as a command of a shell, or of IPython.
pub(crate) fn after(text: &str, outcome: &Outcome) -> Option<String> {
    let text = text.trim();
    if let Some(command) = text.strip_prefix('!') {
        return no_program(command.trim(), outcome);
    }
    let word = text.split_whitespace().next()?;
    let name = &text[..text.find(|char: char| !is_name_part(char)).unwrap_or(text.len())];
    let is_none = matches!(outcome, Outcome::SyntaxError(_))
        // `ls -l` is a difference.
        || outcome.exception().is_some_and(|exception| {
            exception.name.as_deref() == Some("ReferenceError") && exception.message == format!("{name} is not defined")
        });
    if !is_none || text.contains('\n') {
        return None;
    }
    if word == "cd" {
        return Some(format!(".{text} changes the working folder"));
    }
    if let Some(magic) = word.strip_prefix('%') {
        let known = MAGICS.iter().find(|(known, _)| *known == magic.trim_start_matches('%'));
        return Some(known.map_or(".help lists the commands", |(_, said)| said).to_owned());
    }
    if let Some(name) = asked_about(text) {
        return Some(format!(".doc {name} tells what it is"));
    }
    if text.starts_with("print(") && name == "print" {
        return Some("console.log(…) prints".to_owned());
    }
    shell::is_command(text, word).then(|| format!("!{text} runs the program {word}"))
}

/// What to say of a command after `!` that was taken for code, because there is no such program.
fn no_program(command: &str, outcome: &Outcome) -> Option<String> {
    let word = command.split_whitespace().next()?;
    let is_undefined = |exception: &drupe_client::Exception| exception.message == format!("{word} is not defined");
    let is_none = matches!(outcome, Outcome::SyntaxError(_)) || outcome.exception().is_some_and(is_undefined);
    let is_name = word.starts_with(|first: char| first.is_ascii_alphabetic())
        && word.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | '.' | '+'));
    (is_none && is_name && !shell::is_on_path(word)).then(|| format!("there is no program {word} on the PATH"))
}

/// The name in `?NAME` and `NAME?`, by which IPython tells what something is.
fn asked_about(text: &str) -> Option<&str> {
    let name = text.trim_matches('?');
    let is_name = |part: &str| part.chars().all(is_name_part) && part.starts_with(|first: char| !first.is_numeric());
    (name.split('.').all(is_name) && name.len() < text.len()).then_some(name)
}
