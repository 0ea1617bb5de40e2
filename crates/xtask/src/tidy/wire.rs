//! Checks that `protocol/WIRE.md` is complete: every name that crosses the wire, and the protocol's revision, must be
//! in it.
//!
//! The sources are read line by line, as rustfmt lays them out. No parser is needed, because the house style is
//! regular.

use std::path::Path;

use super::{TidyError, Violation, output, read};

/// Checks the reference against the sources of the protocol.
pub(super) fn check(root: &Path) -> Result<Vec<Violation>, TidyError> {
    if !root.join(REFERENCE).exists() {
        return Ok(Vec::new()); // `files` says so
    }
    let reference = read(root, REFERENCE)?;
    let mut violations = Vec::new();
    for path in sources(root)? {
        let names = names(&read(root, &path)?);
        violations.extend(names.iter().filter_map(|name| undocumented(&path, name, &reference)));
    }
    violations.extend(stale_revision(&read(root, REVISION_SOURCE)?, &reference));
    Ok(violations)
}

const REFERENCE: &str = "protocol/WIRE.md";
const SOURCES: &str = "protocol/src";
const REVISION_SOURCE: &str = "protocol/src/hello.rs";

/// The protocol's Rust files, relative to `root`.
fn sources(root: &Path) -> Result<Vec<String>, TidyError> {
    let listed = output(root, "git", &["ls-files", "--cached", "--others", "--exclude-standard", SOURCES])?;
    let ours = listed.lines().filter(|path| path.ends_with(".rs") && root.join(path).is_file());
    Ok(ours.map(str::to_owned).collect())
}

/// A name that crosses the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Name {
    kind: &'static str,
    text: String,
}

/// What the lines being read belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Nothing,
    /// A `messages!` block: lines such as `"run" => Run(Run),`.
    Messages,
    /// A struct that is serialised: its public fields.
    Fields,
    /// An enum whose variants are serialised in snake case.
    Words,
}

/// Every name in a source that crosses the wire: messages, fields, the words of closed lists, the numbers of extension
/// types. Tests are not read.
fn names(source: &str) -> Vec<Name> {
    let mut names = Vec::new();
    let mut inside = Inside::Nothing;
    let (mut serialised, mut snake_case, mut renamed) = (false, false, None);
    for line in source.lines().take_while(|line| line.trim() != "#[cfg(test)]") {
        let code = line.trim();
        if code.starts_with("//") || code.is_empty() {
            continue;
        }
        if code.starts_with("#[") {
            serialised |= code.starts_with("#[derive") && code.contains("Serialize");
            snake_case |= code.contains("rename_all = \"snake_case\"");
            renamed = quoted_after(code, "rename = \"").or(renamed);
            continue;
        }
        match inside {
            Inside::Nothing => {
                names.extend(extension(code).map(|number| named("extension type", number)));
                inside = opened(code, serialised, snake_case);
                (serialised, snake_case) = (false, false);
            }
            _ if line == "}" => inside = Inside::Nothing,
            Inside::Messages => {
                names.extend(
                    code.strip_prefix('"').and_then(|rest| rest.split_once("\" => ")).map(|(name, _)| named("message", name)),
                );
            }
            Inside::Fields => {
                let field = code.strip_prefix("pub ").and_then(|rest| rest.split_once(':')).map(|(field, _)| field);
                names.extend(field.map(|field| named("field", renamed.as_deref().unwrap_or(field))));
            }
            Inside::Words => {
                let variant: String = code.chars().take_while(char::is_ascii_alphanumeric).collect();
                names.extend((!variant.is_empty()).then(|| named("word", &renamed.take().unwrap_or(snake(&variant)))));
            }
        }
        renamed = None;
    }
    names
}

/// What a line that stands outside of everything opens.
fn opened(code: &str, serialised: bool, snake_case: bool) -> Inside {
    if code.starts_with("messages! {") {
        Inside::Messages
    } else if serialised && code.starts_with("pub struct") && code.ends_with('{') {
        Inside::Fields
    } else if serialised && snake_case && code.starts_with("pub enum") && code.ends_with('{') {
        Inside::Words
    } else {
        Inside::Nothing
    }
}

/// The number in `pub const MAP: i8 = 0x20;`: extension types are the only constants of msgpack's type for them.
fn extension(code: &str) -> Option<&str> {
    let (_, number) = code.strip_prefix("pub const ")?.split_once(": i8 = ")?;
    number.strip_suffix(';')
}

fn named(kind: &'static str, text: &str) -> Name {
    Name { kind, text: text.trim_start_matches("r#").to_owned() }
}

/// `CountReset` as `count_reset`.
fn snake(variant: &str) -> String {
    let mut text = String::new();
    for character in variant.chars() {
        if character.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(character.to_ascii_lowercase());
    }
    text
}

fn quoted_after(code: &str, start: &str) -> Option<String> {
    code.split_once(start).and_then(|(_, rest)| rest.split_once('"')).map(|(quoted, _)| quoted.to_owned())
}

fn undocumented(path: &str, name: &Name, reference: &str) -> Option<Violation> {
    let Name { kind, text } = name;
    let told = reference.contains(&format!("`{text}`")) || reference.contains(&format!("\"{text}\""));
    let remedy = format!("describe `{text}` there, in backticks: a client in another language is written from that file");
    (!told).then(|| Violation::new(format!("{REFERENCE} does not know the {kind} `{text}` of {path}"), remedy))
}

/// The revision must be stated as `revision N`, whatever stands around the number.
fn stale_revision(source: &str, reference: &str) -> Option<Violation> {
    let Some(revision) = constant(source, "REVISION") else {
        let wrong = format!("{REVISION_SOURCE} has no `pub const REVISION: u32`");
        return Some(Violation::new(wrong, "keep the protocol's revision there, as a number or as the name of another constant"));
    };
    let plain = reference.to_lowercase().replace(['`', '*', ':', '='], "");
    let stated = plain.split("revision").skip(1).any(|rest| {
        let number: String = rest.trim_start().chars().take_while(char::is_ascii_digit).collect();
        number == revision
    });
    let wrong = format!("{REFERENCE} does not state the protocol's revision, {revision}");
    (!stated)
        .then(|| Violation::new(wrong, format!("say which revision it describes, as `revision {revision}`, and what changed")))
}

/// The number that a constant stands for, which may be given as another constant's name.
fn constant(source: &str, name: &str) -> Option<String> {
    let start = format!("pub const {name}: u32 = ");
    let value = source.lines().find_map(|line| line.trim().strip_prefix(&start))?.trim_end_matches(';');
    if value.bytes().all(|byte| byte.is_ascii_digit()) { Some(value.to_owned()) } else { constant(source, value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = r#"
messages! {
    /// What "is" => not a message.
    pub enum Request {
        /// Execute.
        "run" => Run(Box<Run>),
        "reset_done" => ResetDone(ResetDone),
    }
}

/// A run.
#[derive(Clone, Serialize, Deserialize)]
pub struct Run {
    /// Its id.
    pub run: RunId,
    #[serde(default)]
    pub vm_timeout_ms: Option<u64>,
    #[serde(rename = "type")]
    pub kind: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    Log,
    /// Start again.
    CountReset,
}

pub mod head {
    /// Map.
    pub const MAP: i8 = 0x20;
}

#[derive(Clone)]
pub struct Private {
    pub hidden: u32,
}

#[cfg(test)]
mod tests {
    "never" => Never(Never),
}
"#;

    #[test]
    fn names_are_messages_fields_words_and_extension_types() {
        let found: Vec<String> = names(SOURCE).iter().map(|name| format!("{} {}", name.kind, name.text)).collect();
        let expected = [
            "message run",
            "message reset_done",
            "field run",
            "field vm_timeout_ms",
            "field type",
            "word log",
            "word count_reset",
            "extension type 0x20",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_name_must_stand_in_backticks_or_quotes() {
        let name = named("message", "run");
        assert_eq!(undocumented("a.rs", &name, "send `run` first"), None);
        assert_eq!(undocumented("a.rs", &name, r#"["run", {}]"#), None);
        assert!(undocumented("a.rs", &name, "run away").is_some());
    }

    #[test]
    fn the_revision_is_followed_through_a_named_constant_and_must_be_stated() {
        let source = "pub const REVISION_FIRST: u32 = 1;\npub const REVISION: u32 = REVISION_FIRST;\n";
        assert_eq!(constant(source, "REVISION").as_deref(), Some("1"));
        assert_eq!(stale_revision(source, "This is Revision **1** of it."), None);
        assert_eq!(stale_revision(source, "`revision`: 1"), None);
        assert!(stale_revision(source, "revision 10").is_some());
        assert!(stale_revision("", "revision 1").is_some());
    }
}
