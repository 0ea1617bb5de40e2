//! The beginning of a line: whether it may begin a statement.

/// How a line stands to the text before it, which could end there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineStart {
    /// No statement begins like this: it goes on.
    GoesOn,
    /// In a file it goes on with the line before, although it may begin a statement. The field is a text that goes on
    /// with the same lines and begins no statement.
    MayGoOn(&'static str),
    /// It begins a statement, or is no code.
    Begins,
}

/// How a line whose text (without white space and comments before it) is `text` begins.
#[must_use]
pub fn line_start(text: &str) -> LineStart {
    let is_twice = |sign| text.starts_with(sign) && text[1..].starts_with(sign);
    match text.chars().next() {
        _ if can_only_go_on(text) => LineStart::GoesOn,
        Some('(' | '[' | '`') => LineStart::MayGoOn(".x"),
        Some('+' | '-' | '/') if !is_twice('+') && !is_twice('-') => LineStart::MayGoOn("* 1"),
        _ => LineStart::Begins,
    }
}

/// Whether a line begins as a declaration that only ES modules have.
#[must_use]
pub fn is_module_line(line: &str) -> bool {
    let line = line.trim_start();
    let rest = line.strip_prefix("import").or_else(|| line.strip_prefix("export"));
    rest.is_some_and(|rest| rest.starts_with([' ', '\t', '{', '*', '"', '\'']))
}

/// Whether no statement begins like this.
fn can_only_go_on(text: &str) -> bool {
    let (word, rest) = text.split_at(crate::chars::name_length(text));
    let next = rest.trim_start().chars().next();
    match word {
        "" => {}
        "else" | "catch" | "finally" | "in" | "instanceof" | "extends" => return true,
        // Of an import or export.
        "from" => return matches!(next, Some('\'' | '"')),
        "with" => return next == Some('{'),
        _ => return false,
    }
    let mut chars = text.chars();
    let (first, second) = (chars.next().unwrap_or_default(), chars.next());
    match first {
        ',' | ')' | ']' | '}' | ':' | '?' | '=' | '*' | '%' | '&' | '|' | '^' | '>' => true,
        // A number may begin with a dot.
        '.' => second.is_none_or(|second| second != '.' && !second.is_ascii_digit()),
        '!' | '+' | '-' => second == Some('='),
        // What is no element.
        '<' => {
            second.is_some_and(|second| matches!(second, '=' | '<' | '(') || second.is_ascii_digit() || second.is_whitespace())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::LineStart::{self, Begins, GoesOn, MayGoOn};

    #[test]
    fn declarations_of_modules_are_known() {
        let is = ["import a", "  export{a}", "import'a'", "importer", "import(a)", "x"].map(super::is_module_line);
        assert_eq!(is, [true, true, true, false, false, false]);
    }

    #[test]
    fn a_line_goes_on_or_begins() {
        let start = |text: &str| -> LineStart { super::line_start(text) };
        assert_eq!(
            ["else", "else$", ".then(f)", ".5", "?? c", "<< 1", "<a>"].map(start),
            [GoesOn, Begins, GoesOn, Begins, GoesOn, GoesOn, Begins]
        );
        assert_eq!(
            ["(1)", "`a`", "+ 1", "++x", "/x/", "\\u0065lse", ""].map(start),
            [MayGoOn(".x"), MayGoOn(".x"), MayGoOn("* 1"), Begins, MayGoOn("* 1"), Begins, Begins]
        );
    }
}
