//! Checks that no arm of a `match` is `A | _`. Clippy's `wildcard_enum_match_arm` looks at arms that are `_`
//! and nothing else, so that such an arm takes each new event, outcome or error without a word.

use std::path::Path;

use super::{TidyError, Violation, output, read};

/// All sources but this file, whose tests have such arms.
const SOURCES: [&str; 5] =
    ["client/src/*.rs", "crates/*/src/*.rs", "kernel/src/*.rs", "protocol/src/*.rs", ":!crates/xtask/src/tidy/arms.rs"];

pub(super) fn check(root: &Path) -> Result<Vec<Violation>, TidyError> {
    let list = [&["ls-files", "--cached", "--others", "--exclude-standard", "--"][..], &SOURCES].concat();
    let mut violations = Vec::new();
    for path in output(root, "git", &list)?.lines().filter(|path| root.join(path).is_file()) {
        for line in mixed(&read(root, path)?) {
            let wrong = format!("{path}:{line} has an arm `... | _`, which clippy does not see");
            violations.push(Violation::new(wrong, "give `_` an arm of its own"));
        }
    }
    Ok(violations)
}

/// The lines, counted from 1, where `_` is one of several patterns of an arm.
fn mixed(source: &str) -> Vec<usize> {
    let lines = source.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    lines.filter(|(_, line)| is_mixed(line)).map(|(index, _)| index + 1).collect()
}

/// Whether the line has `| _` as the last pattern of an arm, or of its alternatives.
fn is_mixed(line: &str) -> bool {
    line.split("| _").skip(1).any(|rest| {
        let rest = rest.trim_start();
        rest.is_empty() || rest.starts_with("=>") || rest.starts_with(") =>") || rest.starts_with("if ")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arm_with_a_wildcard_among_others_is_found() {
        let arms = "match it {\n    A | _ => 1,\n    B\n    | _ => 2,\n    it @ (C | _) => 3,\n    D | _ if x => 4,\n}";
        assert_eq!(mixed(arms), [2, 4, 5, 6]);
    }

    #[test]
    fn other_lines_are_not() {
        let others = "// A | _ => 1\n_ => 1,\n(A | B, _) => 2,\nlet f = |_| 3;\nlet g = |a, _| 3;\nfold(0, |_, it| _x | _y)";
        assert_eq!(mixed(others), [0; 0]);
    }
}
