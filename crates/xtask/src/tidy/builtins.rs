//! Checks that `docs/NODE.md` has the state of every built-in module of Node: existing modules in its first table, the
//! others in its second.

use std::path::Path;

use super::{TidyError, Violation, read};

const LIST: &str = "kernel/js/lib/node/builtins.js";
const DOCUMENT: &str = "docs/NODE.md";

/// What the second table begins with.
const MISSING: &str = "What is missing altogether:";

pub(super) fn check(root: &Path) -> Result<Vec<Violation>, TidyError> {
    let (list, document) = (read(root, LIST)?, read(root, DOCUMENT)?);
    let is_there = |name: &str| {
        let file = |name: &str| root.join(format!("kernel/js/lib/node/{}.js", name.replacen('/', "_", 1))).is_file();
        // A part of another module may have no file of its own; `sys` is another name.
        file(name)
            || name == "sys"
            || name.split_once('/').is_some_and(|(whole, part)| file(whole) && !matches!(part, "promises"))
    };
    Ok(violations(&names(&list), &document, is_there))
}

/// The names in the list, which is the first array of the file, and those that need the scheme.
fn names(list: &str) -> Vec<&str> {
    let inside = |begin: &str| {
        let rest = list.split_once(begin).map_or("", |(_, rest)| rest);
        rest.split_once(']').map_or("", |(inside, _)| inside)
    };
    let arrays = ["const NAMES = [", "const SCHEME_ONLY = ["].map(inside);
    arrays.into_iter().flat_map(|array| array.split('\'').skip(1).step_by(2)).collect()
}

fn violations(names: &[&str], document: &str, is_there: impl Fn(&str) -> bool) -> Vec<Violation> {
    let (there, missing) = document.split_once(MISSING).unwrap_or((document, ""));
    let has_row = |table: &str, name: &str| {
        let cell = format!("`{name}`");
        let rows = table.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
        rows.into_iter().any(|first| first.contains(&cell))
    };
    let wrong = names.iter().filter_map(|name| match (is_there(name), has_row(there, name), has_row(missing, name)) {
        (true, true, false) | (false, false, true) => None,
        (true, _, _) => Some(format!("{DOCUMENT} does not list `{name}` as there, and only there, which it is")),
        (false, _, _) => Some(format!("{DOCUMENT} does not list `{name}` as missing, and only so, which it is")),
    });
    wrong.map(|wrong| Violation::new(wrong, "give it its row in the right table")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_module_stands_in_one_table() {
        let document = "| `a`, `a/b` | all | |\n\nWhat is missing altogether:\n\n| `c` | no |\n| `d` | `a` |\n";
        let there = |name: &str| name.starts_with('a');
        assert!(violations(&["a", "a/b", "c", "d"], document, there).is_empty());
        assert_eq!(violations(&["a/c", "e"], document, there).len(), 2);
        assert_eq!(violations(&["a", "c"], document, |name| name == "c").len(), 2);
        assert_eq!(names("const NAMES = [\n  'a', 'a/b',\n];\nconst SCHEME_ONLY = ['c'];"), ["a", "a/b", "c"]);
    }
}
