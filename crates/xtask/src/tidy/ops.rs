//! Checks `ops`, the object that the kernel's native functions and its JavaScript share: every called function is
//! defined, and every defined function is used. Otherwise a missing function would be found only when a program calls
//! it.

use std::{collections::BTreeMap, path::Path};

use super::{TidyError, Violation, output, read};

/// Where the names are written.
const SOURCES: [&str; 2] = ["kernel/js/*.js", "kernel/src/*.rs"];

/// What is defined for tests alone.
const FOR_TESTS: [&str; 1] = ["collect"];

/// Names, each with the file where it stands first.
#[derive(Default)]
struct Names {
    defined: BTreeMap<String, String>,
    used: BTreeMap<String, String>,
    /// Strings in the kernel's Rust: JavaScript's functions are called by them.
    strings: BTreeMap<String, String>,
}

pub(super) fn check(root: &Path) -> Result<Vec<Violation>, TidyError> {
    let list = [&["ls-files", "--cached", "--others", "--exclude-standard", "--"][..], &SOURCES].concat();
    let mut names = Names::default();
    for path in output(root, "git", &list)?.lines().filter(|path| root.join(path).is_file()) {
        names.read(path, &read(root, path)?);
    }
    Ok(names.violations())
}

impl Names {
    fn read(&mut self, path: &str, text: &str) {
        let text: String =
            text.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| [line, "\n"]).collect();
        let note = |into: &mut BTreeMap<String, String>, name: &str| {
            into.entry(name.to_owned()).or_insert_with(|| path.to_owned());
        };
        if path.ends_with(".rs") {
            for (at, _) in text.match_indices('"') {
                let name = word(&text[at + 1..]);
                if name.is_empty() || !text[at + 1 + name.len()..].starts_with('"') {
                    continue;
                }
                let is_definition = text[..at].trim_end().ends_with("ops,") && defines(&text[..at]);
                note(if is_definition { &mut self.defined } else { &mut self.strings }, name);
            }
            return;
        }
        for (at, _) in text.match_indices("ops.") {
            let name = word(&text[at + "ops.".len()..]);
            let is_other = text[..at].ends_with(|char: char| char.is_alphanumeric() || matches!(char, '_' | '$' | '.'));
            if is_other || name.is_empty() {
                continue;
            }
            let rest = text[at + "ops.".len() + name.len()..].trim_start();
            let rest = rest.strip_prefix("??").unwrap_or(rest);
            let assigns = rest.starts_with('=') && !rest.starts_with("==") && !rest.starts_with("=>");
            note(if assigns { &mut self.defined } else { &mut self.used }, name);
        }
        // `const { a, b: c } = ops;`
        for (end, _) in text.match_indices("} = ops;") {
            let inside = text[..end].rfind('{').map_or("", |open| &text[open + 1..end]);
            inside
                .split(',')
                .map(|part| word(part.trim()))
                .filter(|name| !name.is_empty())
                .for_each(|name| note(&mut self.used, name));
        }
    }

    fn violations(&self) -> Vec<Violation> {
        let missing = self.used.iter().filter(|(name, _)| !self.defined.contains_key(*name)).map(|(name, path)| {
            Violation::new(format!("{path} uses ops.{name}, which nobody defines"), "define it, or do without")
        });
        let is_idle = |name: &String| !self.used.contains_key(name) && !self.strings.contains_key(name);
        let idle = self
            .defined
            .iter()
            .filter(|(name, _)| is_idle(name) && !FOR_TESTS.contains(&&***name))
            .map(|(name, path)| Violation::new(format!("{path} defines ops.{name}, which nobody uses"), "take it out"));
        missing.chain(idle).collect()
    }
}

/// Whether what stands before a name is the beginning of `add(scope, ops, "name"`, or of the same with `put`.
fn defines(before: &str) -> bool {
    let call = before.rfind('(').map_or("", |at| &before[at.saturating_sub("add".len())..]);
    let inside: String = call.chars().filter(|char| !char.is_whitespace()).collect();
    matches!(&*inside, "add(scope,ops," | "put(scope,ops,")
}

/// The word that a text begins with.
fn word(text: &str) -> &str {
    &text[..text.find(|char: char| !char.is_ascii_alphanumeric() && char != '_').unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(js: &str, rust: &str) -> Vec<String> {
        let mut names = Names::default();
        names.read("kernel/js/a.js", js);
        names.read("kernel/src/a.rs", rust);
        names.violations().into_iter().map(|violation| violation.wrong).collect()
    }

    #[test]
    fn calls_of_what_is_not_there_are_found() {
        let rust = "add(scope, ops, \"exit\", exit)?;\nadd(\n    scope,\n    ops,\n    \"idle\", idle)?;\nask(scope, \"programEnds\", &[]);";
        let js =
            "// ops.comment();\nops.programEnds = () => ops.exit();\nif (ops.missing?.()) shops.other();\nconst { gone } = ops;";
        let expected = [
            "kernel/js/a.js uses ops.gone, which nobody defines",
            "kernel/js/a.js uses ops.missing, which nobody defines",
            "kernel/src/a.rs defines ops.idle, which nobody uses",
        ];
        assert_eq!(violations(js, rust), expected);
        assert!(violations("ops.a = 1; ops.a == 2; ops.b ??= 3; ops.b;", "").is_empty());
    }
}
