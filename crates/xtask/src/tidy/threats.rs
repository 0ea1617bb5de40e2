//! Checks the table in docs/SECURITY.md that maps threats to tests: every threat has a test, and every named test
//! exists.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{TidyError, Violation, output, read};

const TABLE: &str = "docs/SECURITY.md";

/// The list: a letter for the boundary, how many rows it has there, and whether each must have a test. `V` are the
/// mechanisms of published escapes; what the host does for kernels (`G`, `H`) grows with it; `K` is what that costs.
/// `N` are those of notebooks, whose tests are in Python, too.
const ROWS: &[(char, u32, bool)] = &[
    ('A', 13, true),
    ('B', 10, true),
    ('C', 11, true),
    ('D', 6, true),
    ('E', 13, true),
    ('F', 11, true),
    ('G', 14, false),
    ('H', 6, false),
    ('I', 6, true),
    ('J', 3, true),
    ('K', 11, true),
    ('N', 10, true),
    ('V', 12, true),
];

pub(super) fn check(root: &Path) -> Result<Vec<Violation>, TidyError> {
    let table = read(root, TABLE)?;
    let mut sources = String::new();
    for path in output(root, "git", &["ls-files", "--cached", "--others", "--exclude-standard", "*.rs", "*.py"])?.lines() {
        if root.join(path).is_file() {
            sources.push_str(&read(root, path)?);
        }
    }
    Ok(violations(&table, &tests(&sources)))
}

fn violations(table: &str, tests: &BTreeSet<&str>) -> Vec<Violation> {
    let rows = rows(table);
    let mut violations = Vec::new();
    for (row, names) in &rows {
        for name in names.iter().filter(|name| !tests.contains(**name)) {
            let wrong = format!("{TABLE}: {row} names {name}, and there is no such test");
            violations.push(Violation::new(wrong, "name the test as it is called now"));
        }
    }
    let expected = ROWS
        .iter()
        .filter(|(.., must)| *must)
        .flat_map(|(letter, count, _)| (1..=*count).map(move |number| format!("{letter}{number}")));
    for row in expected.filter(|row| rows.get(row.as_str()).is_none_or(Vec::is_empty)) {
        violations.push(Violation::new(format!("{TABLE}: {row} has no test"), "write one, and a row for it"));
    }
    violations
}

/// Row to tests, from the lines of Markdown tables whose first cell holds rows of the list, and whose last cell holds
/// tests.
fn rows(table: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut rows: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in table.lines() {
        let cells = line.trim_matches('|').split(" | ").map(|cell| cell.trim_matches([' ', '|'])).collect::<Vec<_>>();
        let [names, _, .., tests] = cells[..] else { continue };
        let tests = tests.split('`').skip(1).step_by(2).collect::<Vec<_>>();
        for row in names.split(", ").filter(|row| is_row(row)) {
            rows.entry(row).or_default().extend(&tests);
        }
    }
    rows
}

fn is_row(name: &str) -> bool {
    let mut characters = name.chars();
    let letter = characters.next();
    ROWS.iter().any(|(row, ..)| letter == Some(*row)) && !characters.as_str().is_empty() && characters.all(|c| c.is_ascii_digit())
}

/// The names of all functions in Rust and Python, and of the tests that macros make: `name: "data",`.
fn tests(sources: &str) -> BTreeSet<&str> {
    let functions = sources.lines().filter_map(|line| {
        let line = line.trim_start();
        let line = line.strip_prefix("async ").unwrap_or(line);
        line.strip_prefix("fn ").or_else(|| line.strip_prefix("def "))?.split(['(', '<']).next()
    });
    let made = sources.lines().filter_map(|line| {
        let (name, data) = line.trim_start().split_once(": ")?;
        data.starts_with('"').then_some(name)
    });
    functions.chain(made).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_that_does_not_exist_and_a_row_without_one_are_violations() {
        let tests = tests("#[test]\n    fn is_there() {\n  made: \"a.js\",\ndef test_in_python(kernel):\n");
        let table = "| row | threat | test |\n|-|-|-|\n| A1, B2 | both | `is_there`, `made` |\n| A2 | one | `gone` |\n\
                     | N1 | python | `test_in_python` |\n";
        let wrongs = violations(table, &tests).into_iter().map(|violation| violation.wrong).collect::<Vec<_>>();
        assert_eq!(wrongs[0], "docs/SECURITY.md: A2 names gone, and there is no such test");
        assert_eq!(wrongs[1], "docs/SECURITY.md: A3 has no test");
        assert!(!wrongs.iter().any(|wrong| ["A1 ", "B2 ", "N1 "].iter().any(|row| wrong.contains(row))));
        assert!(wrongs.iter().any(|wrong| wrong.contains("V12 has no test")));
    }
}
