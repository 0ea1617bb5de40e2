//! Decides whether a `<` in place of an operand opens an element, type parameters or a cast.

use crate::{
    chars::{is_name_part, is_tag_part},
    word,
};

/// What stands after a `<`, as far as it matters.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// Whether it opens an element.
    pub(crate) element: bool,
    /// How many bytes were looked at.
    pub(crate) length: usize,
}

/// Looks at `rest`, the text after a `<`. `closes_later`: somewhere behind, a tag closes an element.
///
/// Unfinished text does not always tell. A name alone in angles is a cast or type parameters if it is that of a type,
/// or stands before a parenthesis, or no element is closed later.
pub(crate) fn look(rest: &str, closes_later: bool) -> Look {
    if rest.starts_with('>') {
        return Look { element: true, length: 1 };
    }
    let name = name_length(rest);
    let (tag, after) = rest.split_at(name);
    let spaces = after.len() - after.trim_start().len();
    let next = &after[spaces..];
    let second = next.find(|char| !is_name_part(char)).unwrap_or(next.len());
    let is_type = word(tag).is_some_and(|word| word.is_type());
    let element = match next.chars().next() {
        _ if !tag.starts_with(|first: char| is_name_part(first) && !first.is_numeric()) => false,
        None => true,
        Some('>') if is_type || tag.starts_with(char::is_uppercase) => closes_later && !next[1..].trim_start().starts_with('('),
        Some('>' | '/') => true,
        Some('{') => spaces > 0,
        Some(first) if is_name_part(first) => spaces > 0 && tag != "const" && &next[..second] != "extends",
        Some(_) => false,
    };
    Look { element, length: name + spaces + second.max(1) }
}

/// The length of the name of a tag or an attribute: `a`, `a-b`, `a:b`, `a.b`.
fn name_length(text: &str) -> usize {
    text.find(|char| !is_tag_part(char)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::look;

    #[test]
    fn elements_and_types_are_told_apart() {
        for text in ["div>it's", "div", "A b", "A {...c}", "a-b c={1}", "A/>", "A />", ">x", "b>(x)</b>"] {
            assert!(look(text, false).element, "<{text}");
        }
        assert!(look("A>it's</A>", true).element);
        for text in [
            "T>(x: T) => x",
            "T, U>(x)",
            "T extends U>(x)",
            "number>x",
            "T = X>(x)",
            " 1",
            "1",
            "",
            "(",
            "any[]>x",
            "const>x",
            "const A extends B>(a: A) => A",
            "const A>(a: A)",
            "const A, B>(a: A)",
        ] {
            assert!(!look(text, false).element, "<{text}");
        }
        assert!(!look("T>(x: T) => x", true).element);
        assert!(!look("A>x", false).element);
    }
}
