//! Finds the call whose arguments are being typed.

use crate::lexer::{Kind, Token, tokens};

/// A call that is not closed yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OpenCall {
    /// Where the name of what is called ends, in bytes.
    pub(crate) end: usize,
    pub(crate) is_new: bool,
}

/// The innermost call whose parenthesis is open at the end of `text`, if its arguments are what is typed there.
pub(crate) fn open_call(text: &str) -> Option<OpenCall> {
    let tokens = tokens(text);
    let is = |token: &Token, word: &str| &text[token.at.clone()] == word;
    let mut open = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        if token.kind == Kind::Open {
            open.push(index);
        } else if token.kind == Kind::Close {
            open.pop();
        }
    }
    for index in open.into_iter().rev() {
        let before = index.checked_sub(1).map(|index| &tokens[index]);
        let bracket = &tokens[index];
        if is(bracket, "(") {
            // Parentheses after something else are around an argument.
            let Some(name) = before.filter(|name| name.kind == Kind::Name) else { continue };
            let word = index.checked_sub(2).map(|index| &tokens[index]);
            if word.is_some_and(|word| is(word, "function") || is(word, "*")) {
                return None;
            }
            let is_new = chain_begins_after_new(&tokens, index - 1, text);
            return Some(OpenCall { end: name.at.end, is_new });
        }
        // The body of a function is not what its caller is told of.
        let is_argument = before.is_some_and(|before| ["(", ",", ":", "[", "=", "..."].iter().any(|word| is(before, word)));
        if is(bracket, "{") && !is_argument {
            return None;
        }
    }
    None
}

/// Whether the member chain that ends with the token `last` follows `new`.
fn chain_begins_after_new(tokens: &[Token], last: usize, text: &str) -> bool {
    let mut index = last;
    while index >= 2 && &text[tokens[index - 1].at.clone()] == "." && tokens[index - 2].kind == Kind::Name {
        index -= 2;
    }
    index >= 1 && &text[tokens[index - 1].at.clone()] == "new"
}

#[cfg(test)]
mod tests {
    use super::{OpenCall, open_call};

    fn called(text: &str) -> Option<(&str, bool)> {
        open_call(text).map(|OpenCall { end, is_new }| (&text[..end], is_new))
    }

    #[test]
    fn the_innermost_open_call_is_found() {
        for (text, name, is_new) in [
            ("f(", "f", false),
            ("f(1, ", "f", false),
            ("f(g(1), ", "f", false),
            ("f(g(", "f(g", false),
            ("a.b.c(", "a.b.c", false),
            ("new Map(", "new Map", true),
            ("new a.B(", "new a.B", true),
            ("f([1, {a: ", "f", false),
            ("f((1 + ", "f", false),
            ("f(`${", "f", false),
        ] {
            assert_eq!(called(text), Some((name, is_new)), "{text}");
        }
        for text in ["f", "f()", "if (", "(", "function f(", "f(() => {", "f(function () { return ", "'f('", "while (x", ""] {
            assert_eq!(called(text), None, "{text}");
        }
    }
}
