//! Rules about files: their length, their first lines, forbidden content, and required files.

use std::path::Path;

use super::{TidyError, Violation, output, read};

/// Checks every file that Git tracks or would track.
pub(super) fn check(root: &Path) -> Result<Vec<Violation>, TidyError> {
    let listed = output(root, "git", &["ls-files", "--cached", "--others", "--exclude-standard"])?;
    let paths: Vec<&str> = listed.lines().filter(|path| root.join(path).is_file()).collect();
    let mut violations = missing(&paths);
    for path in paths.into_iter().filter(|path| is_source(path)) {
        let text = read(root, path)?;
        violations.extend(length(path, &text));
        violations.extend(opening(path, &text));
        violations.extend(comment_columns(path, &text));
        violations.extend(leftovers(path, &text));
        violations.extend(registry_addresses(path, &text));
    }
    Ok(violations)
}

/// Files that a project of this kind has, and ours promises.
const REQUIRED: &[&str] = &[
    ".github/workflows/ci.yml",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "RELEASING.md",
    "SECURITY.md",
    "protocol/WIRE.md",
    "third_party/rustyline/README.md",
    "third_party/swc_ecma_parser/README.md",
    "third_party/v8/README.md",
];

/// Lines that a source file may have.
const MAX_LINES: usize = 400;

/// Files that may be longer than [`MAX_LINES`], up to [`MAX_LINES_LISTED`], because splitting them would hurt. Say why
/// beside each.
const LISTED: &[&str] = &[];

/// Lines that a file in [`LISTED`] may have.
const MAX_LINES_LISTED: usize = 450;

/// Columns that a line of a comment may have.
const MAX_COLUMNS: usize = 120;

/// What marks work as unfinished. Spelled in halves, so that this file does not find itself.
const LEFTOVERS: &[&str] =
    &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("todo", "!"), concat!("unimplemented", "!")];

/// The first comment that is too wide. Rows of tables, and lines that have no place to break, may be wider, and so may
/// comments in expected texts of tests.
fn comment_columns(path: &str, text: &str) -> Option<Violation> {
    if path.contains("/tests/") || !path.ends_with(".rs") && !path.starts_with("kernel/js/") {
        return None;
    }
    let wide = |line: &&str| {
        let comment = line.trim_start();
        let prose = comment.trim_start_matches(['/', '!']).trim_start();
        let breaks = prose.split('`').step_by(2).any(|part| part.contains(' '));
        comment.starts_with("//") && !prose.starts_with('|') && breaks && line.chars().count() > MAX_COLUMNS
    };
    let (number, _) = text.lines().enumerate().find(|(_, line)| wide(line))?;
    let wrong = format!("{path}:{} has a comment of more than {MAX_COLUMNS} columns", number + 1);
    Some(Violation::new(wrong, "break the line"))
}

/// Endings of the files that are read at all.
const SOURCES: &[&str] =
    &[".rs", ".js", ".cjs", ".mjs", ".ts", ".tsx", ".toml", ".md", ".sh", ".py", "/run", "package-lock.json"];

fn is_source(path: &str) -> bool {
    !path.starts_with("third_party/") && SOURCES.iter().any(|ending| path.ends_with(ending))
}

fn is_code(path: &str) -> bool {
    [".rs", ".js", ".mjs", ".cjs"].iter().any(|ending| path.ends_with(ending))
}

/// Tests may be as long as their tables are.
fn is_test(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "tests" | "tests.rs"))
}

fn is_generated(text: &str) -> bool {
    text.lines().take(3).any(|line| line.contains(concat!("@", "generated")))
}

fn missing(paths: &[&str]) -> Vec<Violation> {
    let absent = REQUIRED.iter().filter(|required| !paths.contains(required));
    absent.map(|required| Violation::new(format!("{required} is missing"), "write it; readers look for it there")).collect()
}

fn length(path: &str, text: &str) -> Option<Violation> {
    if !is_code(path) || is_test(path) || is_generated(text) {
        return None;
    }
    let limit = if LISTED.contains(&path) { MAX_LINES_LISTED } else { MAX_LINES };
    let lines = text.lines().count();
    let wrong = format!("{path} has {lines} lines; the limit is {limit}");
    (lines > limit).then(|| Violation::new(wrong, "split it where a second subject begins"))
}

fn opening(path: &str, text: &str) -> Option<Violation> {
    let is_library = path == "lib.rs" || path.ends_with("/lib.rs");
    let remedy = "open it with `//!`: what the crate does, what it deliberately does not, where to start reading";
    (is_library && !text.starts_with("//!"))
        .then(|| Violation::new(format!("{path} does not open with its documentation"), remedy))
}

fn leftovers(path: &str, text: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if let Some(word) = LEFTOVERS.iter().find(|word| has_word(line, word)) {
            let wrong = format!("{path}:{} says {word}", index + 1);
            violations.push(Violation::new(wrong, "finish it, or file an issue and take the mark out"));
        }
    }
    violations
}

/// A lockfile with addresses in it installs from where it was made, and from nowhere else.
fn registry_addresses(path: &str, text: &str) -> Option<Violation> {
    let remedy = "make it again with `npm install --package-lock-only --omit-lockfile-registry-resolved`";
    let wrong = || format!("{path} holds addresses of a package registry");
    // A link to a folder of this checkout is no address.
    let has_address = text.lines().any(|line| line.trim_start().starts_with("\"resolved\"") && line.contains("://"));
    (path.ends_with("package-lock.json") && has_address).then(|| Violation::new(wrong(), remedy))
}

/// Whether `word` occurs in `line` with no letter, digit or underscore on either side.
fn has_word(line: &str, word: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    line.match_indices(word).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + word.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_a_violation_unless_it_is_a_test_or_generated() {
        let text = "x\n".repeat(MAX_LINES);
        assert_eq!(length("kernel/src/a.rs", &text), None);
        let text = text + "x\n";
        assert_eq!(length("kernel/src/a.rs", &text).unwrap().wrong, "kernel/src/a.rs has 401 lines; the limit is 400");
        assert!(length("kernel/js/a.js", &text).is_some());
        assert_eq!(length("kernel/tests/a.rs", &text), None);
        assert_eq!(length("README.md", &text), None);
        assert_eq!(length("kernel/src/a.rs", &format!("// @{}\n{text}", "generated")), None);
    }

    #[test]
    fn a_library_opens_with_its_documentation() {
        assert_eq!(opening("client/src/lib.rs", "//! The client.\n"), None);
        assert!(opening("client/src/lib.rs", "use std::io;\n").is_some());
        assert_eq!(opening("client/src/run.rs", "use std::io;\n"), None);
    }

    #[test]
    fn a_mark_is_found_as_a_word_only() {
        let text = format!("let a = 1; // {}: later\n\"drupe-{}X\"\n    {}()\n", LEFTOVERS[0], LEFTOVERS[2], LEFTOVERS[3]);
        let wrongs: Vec<String> = leftovers("a.rs", &text).into_iter().map(|violation| violation.wrong).collect();
        assert_eq!(wrongs, [format!("a.rs:1 says {}", LEFTOVERS[0]), format!("a.rs:3 says {}", LEFTOVERS[3])]);
    }

    #[test]
    fn a_lockfile_may_link_a_folder_and_name_no_registry() {
        let path = "examples/inline-runner/package-lock.json";
        assert_eq!(registry_addresses(path, "      \"resolved\": \"../../client/typescript\",\n      \"link\": true\n"), None);
        let address = "      \"resolved\": \"https://registry.example/a.tgz\",\n";
        assert!(registry_addresses(path, address).is_some());
        assert_eq!(registry_addresses("examples/a.json", address), None);
    }

    #[test]
    fn what_is_not_ours_is_not_read() {
        assert!(is_source(".ci/run"));
        assert!(is_source("crates/xtask/src/main.rs"));
        assert!(!is_source("third_party/v8/src_binding.rs"));
        assert!(!is_source("third_party/v8/library.a.gz"));
    }

    #[test]
    fn required_files_are_missed() {
        assert_eq!(missing(REQUIRED), []);
        assert_eq!(missing(&REQUIRED[1..])[0].wrong, ".github/workflows/ci.yml is missing");
    }
}
