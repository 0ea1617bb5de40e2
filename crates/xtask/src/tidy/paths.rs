//! Checks the paths that documents name, in backticks or as links: each that looks like a path of this checkout must
//! exist.

use std::collections::BTreeSet;
use std::path::Path;

use super::{TidyError, Violation, output, read};

/// What has its place and is not there yet, as the documents say beside it.
const PLANNED: [&str; 2] = ["crates/front/jupyter", "crates/front/serve"];

/// Endings by which a name is a file's, wherever in the checkout that is.
const ENDINGS: [&str; 6] = [".rs", ".js", ".md", ".toml", ".repl", ".txt"];

pub(super) fn check(root: &Path) -> Result<Vec<Violation>, TidyError> {
    let listed = output(root, "git", &["ls-files", "--cached", "--others", "--exclude-standard"])?;
    let files: Vec<&str> = listed.lines().filter(|path| root.join(path).is_file()).collect();
    let tree = Tree::of(&files);
    let mut violations = Vec::new();
    for document in files.iter().filter(|path| path.ends_with(".md") && !path.starts_with("third_party/")) {
        violations.extend(missing(&tree, document, &read(root, document)?));
    }
    Ok(violations)
}

fn missing(tree: &Tree, document: &str, text: &str) -> Vec<Violation> {
    let gone = named(text).into_iter().filter(|(_, name)| !tree.has(document, name));
    gone.map(|(line, name)| {
        Violation::new(format!("{document}:{line}: there is no {name}"), "name what is there now, or take the name out")
    })
    .collect()
}

/// What stands in backticks and in links, outside blocks of code, each with its line; `a/{b,c}` is two.
fn named(text: &str) -> Vec<(usize, String)> {
    let mut named = Vec::new();
    let mut is_code = false;
    for (line, text) in (1..).zip(text.lines()) {
        is_code ^= text.trim_start().starts_with("```");
        if is_code {
            continue;
        }
        let quoted = text.split('`').skip(1).step_by(2).flat_map(alternatives);
        let linked = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        // A link is relative to its document, and says so here.
        let linked = linked.filter(|target| !target.is_empty() && !target.contains(':')).map(|target| format!("./{target}"));
        named.extend(quoted.chain(linked).map(|name| (line, name)));
    }
    named
}

fn alternatives(name: &str) -> Vec<String> {
    match name.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?))) {
        Some((before, (names, after))) => names.split(',').map(|name| format!("{before}{name}{after}")).collect(),
        None => vec![name.to_owned()],
    }
}

/// All files and folders.
struct Tree<'a>(BTreeSet<&'a str>);

impl<'a> Tree<'a> {
    fn of(files: &[&'a str]) -> Self {
        let ends = |path: &'a str| path.match_indices('/').map(move |(at, _)| &path[..at]).chain([path]);
        Self(files.iter().flat_map(|path| ends(path)).collect())
    }

    /// Whether `name` is there, or is none of a path in this checkout.
    fn has(&self, document: &str, name: &str) -> bool {
        let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
        if let Some(target) = name.strip_prefix("./") {
            return self.holds(&joined(folder, target));
        }
        let is_file = ENDINGS.iter().any(|ending| name.ends_with(ending));
        let looks_like_path = name.contains('/')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./*".contains(&byte))
            && (is_file || name.split('/').next().is_some_and(|top| self.0.contains(top)));
        // Of many files the folder is named.
        let name = name.split_once("/*").map_or(name, |(folder, _)| folder).trim_end_matches('/');
        !looks_like_path
            || PLANNED.contains(&name)
            || self.holds(name)
            || self.holds(&joined(folder, name))
            || (is_file && self.0.iter().any(|path| path.strip_suffix(name).is_some_and(|before| before.ends_with('/'))))
    }

    /// A file or folder; a module may be named without its ending.
    fn holds(&self, path: &str) -> bool {
        ["", ".rs", ".js"].iter().any(|ending| self.0.contains(format!("{path}{ending}").as_str()))
    }
}

fn joined(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_path_must_be_there() {
        let tree = Tree::of(&["docs/A.md", "kernel/src/deep/one.rs", "README.md"]);
        let there = "`kernel/src/{deep,deep/one}`, `deep/one.rs`, `kernel/src/deep/*.rs`, [A](docs/A.md#part), `node:fs/promises`, \
            [out](https://a.example/b), `text/html`, `crates/front/serve`\n```\nkernel/gone.rs\n```";
        assert_eq!(missing(&tree, "README.md", there), []);
        assert_eq!(missing(&tree, "docs/A.md", "[up](../README.md) `src/deep/one.rs`"), []);
        let gone = missing(&tree, "docs/A.md", "`kernel/src/{deep,gone}`\n`other/two.rs` [up](README.md) `docs/B.md`");
        let wrongs = gone.into_iter().map(|violation| violation.wrong).collect::<Vec<_>>();
        assert_eq!(
            wrongs,
            [
                "docs/A.md:1: there is no kernel/src/gone",
                "docs/A.md:2: there is no other/two.rs",
                "docs/A.md:2: there is no docs/B.md",
                "docs/A.md:2: there is no ./README.md"
            ]
        );
    }
}
