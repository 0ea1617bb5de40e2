//! Elements of JSX around a place in a text that is no program: for what a mistake there is told as.
//!
//! A place is given by the text `before` it and the text `after` it. What is looked at is bounded, and is a guess.

use crate::{
    chars::{is_name_part, is_tag_part},
    last_word,
};

/// How long a word may be that counts.
const MAX_WORD: usize = 40;

/// How far from a place the tags of its element are looked for, in bytes.
const MAX_ELEMENT: usize = 4_000;

/// How long the type parameters and parameters of an arrow function may be, in bytes, to be recognised.
const MAX_HEAD: usize = 400;

/// Whether a text ends with `<name` where an expression may begin.
#[must_use]
pub fn ends_in_tag(before: &str) -> bool {
    let before = before.trim_end();
    let rest = before.trim_end_matches(is_tag_part);
    rest.len() < before.len() && rest.strip_suffix('<').is_some_and(takes_expression)
}

/// Whether an expression may begin behind a text.
#[must_use]
pub fn takes_expression(before: &str) -> bool {
    let text = before.trim_end();
    let goes_on = |last: char| is_name_part(last) || matches!(last, ')' | ']' | '"' | '\'' | '`');
    let word = last_word(text, MAX_WORD);
    matches!(word, "return" | "default" | "yield" | "await" | "case" | "else") || !text.ends_with(goes_on)
}

/// Whether a text begins with an attribute of a tag.
#[must_use]
pub fn begins_with_attribute(after: &str) -> bool {
    let rest = after.trim_start_matches(is_tag_part).trim_start();
    if rest.len() == after.len() {
        return after.starts_with("{...");
    }
    match rest.strip_prefix('=') {
        Some(value) => value.trim_start().starts_with(['"', '\'', '{']),
        None => rest.starts_with("/>") || rest.starts_with('>') && after.contains("</"),
    }
}

/// Whether a text ends where the value of an element's attribute begins: a string there may span lines.
#[must_use]
pub fn ends_before_value(before: &str) -> bool {
    let before = before.trim_end();
    let Some(open) = before.rfind('<').filter(|_| before.ends_with('=')) else { return false };
    let tag = &before[open + 1..];
    tag.starts_with(|first: char| first.is_alphabetic() || first == '_' || first == '$') && !tag.replace("=>", "").contains('>')
}

/// Whether a place is in an element, between its tags, or in the first expression in braces there.
#[must_use]
pub fn is_in_element(before: &str, after: &str) -> bool {
    let before = &before[before.ceil_char_boundary(before.len().saturating_sub(MAX_ELEMENT))..];
    let after = &after[..after.floor_char_boundary(MAX_ELEMENT)];
    let is_open = |(at, _): (usize, &str)| {
        let Some((name, inside)) = before[at + 1..].split_once('>') else { return false };
        let is_tag = !name.is_empty() && name.chars().all(is_tag_part) && takes_expression(&before[..at]);
        let depth = |brace: char| inside.matches(brace).count();
        let closing = format!("</{name}>");
        is_tag && depth('{') <= depth('}') + 1 && !inside.contains(&closing) && after.contains(&closing)
    };
    before.rmatch_indices('<').any(is_open)
}

/// The word at a place that begins a statement, where the place is at the beginning of braces in an element: these hold
/// an expression.
#[must_use]
pub fn statement_in_braces<'text>(before: &'text str, after: &'text str) -> Option<&'text str> {
    // `let` may also be a name: what follows it is the mistake.
    let (before, word) = match last_word(before.trim_end(), MAX_WORD) {
        "let" => before.trim_end().split_at(before.trim_end().len() - "let".len()),
        _ => (before, &after[..after.find(|char| !is_name_part(char)).unwrap_or(after.len())]),
    };
    const WORDS: [&str; 14] =
        ["break", "const", "continue", "debugger", "do", "for", "if", "let", "return", "switch", "throw", "try", "var", "while"];
    let outside = before.trim_end().strip_suffix('{')?;
    let is_in_braces = ends_before_value(outside) || is_in_element(outside, after);
    (WORDS.contains(&word) && is_in_braces).then_some(word)
}

/// Whether a text begins with the rest of a closing tag, whose `<` is before it, and an opening tag stands before that.
#[must_use]
pub fn closes_element(before: &str, after: &str) -> bool {
    let name = after.strip_prefix('/').and_then(|rest| rest.split(|char| !is_tag_part(char)).next());
    let before = before.strip_suffix('<').unwrap_or(before);
    name.is_some_and(|name| before.contains(&format!("<{name}")))
}

/// The rest of a closing tag behind its `<`, with its `>`.
#[must_use]
pub fn closing_tag(after: &str) -> Option<&str> {
    let end = after.find('>')?;
    let name = after[..end].strip_prefix('/')?;
    name.chars().all(is_tag_part).then_some(&after[..=end])
}

/// Whether a text has `<T>(` before a place, and an arrow or an annotation there: no element has that.
#[must_use]
pub fn is_in_generic_arrow(before: &str, after: &str) -> bool {
    let before = &before[before.floor_char_boundary(before.len().saturating_sub(MAX_HEAD))..];
    let Some((open, tag)) = before.rmatch_indices(">(").find_map(|(end, _)| {
        let open = before[..end].rfind('<')?;
        Some((open, &before[open + 1..end]))
    }) else {
        return false;
    };
    let is_type = |name: &str| !name.is_empty() && name.chars().all(is_name_part);
    let is_async = before[..open].trim_end().ends_with("async");
    let is_arrow = before.ends_with('=') && after.starts_with('>');
    let is_annotation = is_async && after.starts_with(':');
    tag.split(',').all(|name| is_type(name.trim())) && (is_arrow || is_annotation) && !after.contains(&format!("</{tag}>"))
}

#[cfg(test)]
mod tests {
    use super::{
        begins_with_attribute, closes_element, closing_tag, ends_before_value, ends_in_tag, is_in_element, is_in_generic_arrow,
        statement_in_braces,
    };

    #[test]
    fn tags_are_told_by_what_is_around() {
        assert_eq!(["x = <a", "(<a.b ", "return <a", "x <a", "<", "a"].map(ends_in_tag), [true, true, true, false, false, false]);
        assert_eq!(
            ["b='1'", "b />", "{...c}", "b > c", "> 1", "b"].map(begins_with_attribute),
            [true, true, true, false, false, false]
        );
        assert_eq!(["x = <a b=", "<a f={() => 1} b=", "a < b, c =", "<a> b="].map(ends_before_value), [true, true, false, false]);
        assert!(closes_element("<a>b<", "/a>") && !closes_element("<b<", "/a>"));
        assert_eq!(
            [closing_tag("/a>x"), closing_tag("/>"), closing_tag("/a b>"), closing_tag("a>")],
            [Some("/a>"), Some("/>"), None, None]
        );
    }

    #[test]
    fn a_statement_in_the_braces_of_an_element_is_known_by_its_word() {
        for (before, after, word) in [
            ("x = <a>{", "if (b) c}</a>", Some("if")),
            ("x = <a>\n  b {\n ", "for (;;) {}}</a>", Some("for")),
            ("x = <a>{b}{", "const c = 1}</a>", Some("const")),
            ("x = <a>{let ", "c = 1}</a>", Some("let")),
            ("x = <a b={", "return 1}/>", Some("return")),
            ("x = <a>{", "iff}</a>", None),
            ("x = <a>{", "function () {}}</a>", None),
            ("x = <a>{b + ", "if}</a>", None),
            ("x = {", "if (b) c}", None),
            ("f(() => {", "if (b) c})", None),
            ("x = <a>b</a>; {", "if (b) c}", None),
        ] {
            assert_eq!(statement_in_braces(before, after), word, "{before}{after}");
        }
    }

    #[test]
    fn a_place_is_in_an_element_or_in_an_arrow_function() {
        assert!(is_in_element("x = <a>it", "s</a>") && is_in_element("<a>{b", "}</a>"));
        assert!(!is_in_element("<a>b</a> c", "d</a>") && !is_in_element("x <a> b", "</a>"));
        assert!(is_in_generic_arrow("f = <T>(x: T) =", "> x") && is_in_generic_arrow("async <T>(x)", ": T => x"));
        assert!(!is_in_generic_arrow("<T>(x)", ": T</T>") && !is_in_generic_arrow("<a b>(x) =", "> 1"));
    }
}
