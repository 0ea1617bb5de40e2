//! Checks that property descriptors in the kernel's JavaScript inherit from nothing: the language also looks for `get`,
//! `value` and other keys on the prototype, where a program may have put them (threats A4, A7).

use std::path::Path;

use super::{TidyError, Violation, output, read};

/// Functions that take descriptors, and the place of that argument, counted from 0.
const CALLS: [(&str, usize); 4] = [("efineProperty(", 2), ("efineProperties(", 1), ("ObjectCreate(", 1), ("Object.create(", 1)];

/// How a literal that inherits from nothing begins.
const BARE: &str = "__proto__: null";

pub(super) fn check(root: &Path) -> Result<Vec<Violation>, TidyError> {
    let list = ["ls-files", "--cached", "--others", "--exclude-standard", "--", "kernel/js/*.js"];
    let mut violations = Vec::new();
    for path in output(root, "git", &list)?.lines().filter(|path| root.join(path).is_file()) {
        for (line, descriptor) in inheriting(&read(root, path)?) {
            let wrong = format!("{path}:{line} gives a descriptor that inherits from Object.prototype: {descriptor}");
            violations.push(Violation::new(wrong, format!("begin it with `{{ {BARE},`")));
        }
    }
    Ok(violations)
}

/// Descriptors that inherit: the line of the call, counted from 1, and how the descriptor begins. A variable is taken
/// at its word.
fn inheriting(source: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (name, place) in CALLS {
        for (at, _) in source.match_indices(name) {
            let start = at + name.len();
            let Some(argument) = argument(&source[start..], place) else { continue };
            let literal = argument.strip_prefix('{').map(str::trim_start);
            let inherits = literal.is_some_and(|rest| !rest.starts_with(BARE))
                || argument.contains("GetOwnPropertyDescriptor") && literal.is_none();
            if inherits {
                let line = source[..at].matches('\n').count() + 1;
                found.push((line, argument.lines().next().unwrap_or_default().chars().take(60).collect()));
            }
        }
    }
    found.sort();
    found
}

/// An argument of a call whose `(` stands right before `text`; `None` where there are fewer.
fn argument(text: &str, place: usize) -> Option<&str> {
    let (mut depth, mut index, mut start, mut quote) = (0_usize, 0, 0, None);
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if let Some(open) = quote {
            quote = (escaped || c != open).then_some(open);
            escaped = c == '\\' && !escaped;
            continue;
        }
        match c {
            '\'' | '"' | '`' => quote = Some(c),
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth > 0 => depth -= 1,
            ')' | ']' | '}' => return (index == place).then(|| text[start..at].trim()).filter(|argument| !argument.is_empty()),
            ',' if depth == 0 => {
                if index == place {
                    return Some(text[start..at].trim());
                }
                (index, start) = (index + 1, at + 1);
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_descriptor_that_inherits_is_found() {
        assert_eq!(inheriting("ObjectDefineProperty(a, 'b', { __proto__: null, value: 1 });"), []);
        assert_eq!(inheriting("ObjectDefineProperty(a, f(b, '),{'), {\n  __proto__: null,\n});"), []);
        assert_eq!(inheriting("ObjectCreate(null);\nObjectDefineProperty(a, 'b', descriptor);"), []);
        let found = |text: &str| inheriting(text).into_iter().map(|(line, _)| line).collect::<Vec<_>>();
        assert_eq!(found("\nReflect.defineProperty(a, [b, c], { value: 1 });"), [2]);
        assert_eq!(found("defineProperties(a, {\n b: {} });\nObject.create(a, { b });"), [1, 3]);
        assert_eq!(found("ObjectDefineProperties(a, ObjectGetOwnPropertyDescriptors(b));"), [1]);
    }
}
