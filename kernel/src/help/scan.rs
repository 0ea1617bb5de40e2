//! What is being typed at the cursor, found lexically: the code before it need not be a program.

use super::{
    chain::{Chain, chain},
    tokens::{Open, Token, tokens},
};

/// What a completion would complete.
#[derive(Debug, PartialEq)]
pub(super) enum Site {
    /// Nothing: a comment, a number, a new name.
    Nothing,
    /// A name in scope.
    Name { prefix: String, declared: Vec<(String, Declared)> },
    /// A member, after `.` or `?.`.
    Member { object: Chain, prefix: String },
    /// A key in brackets, after its opening quote.
    Key { object: Chain, prefix: String, quote: char },
}

/// What a name is declared as in the code itself, as far as one word tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Declared {
    Variable,
    Function,
    Class,
}

/// Says what `text`, the code up to the cursor, ends with.
pub(super) fn site(text: &str) -> Site {
    let (tokens, open) = tokens(text);
    match open {
        Open::Opaque => return Site::Nothing,
        Open::String { quote, start } => {
            let object = match tokens.split_last() {
                Some((Token::Punct("["), object)) => chain(strip_optional(object)),
                _ => None,
            };
            return object.map_or(Site::Nothing, |object| Site::Key { object, prefix: text[start..].to_owned(), quote });
        }
        Open::Nothing => {}
    }
    let (prefix, before) = match tokens.split_last() {
        Some((Token::Name(name), before)) if text.ends_with(name) => (*name, before),
        _ => ("", &tokens[..]),
    };
    match before.last() {
        Some(Token::Punct("." | "?.")) => match chain(&before[..before.len() - 1]) {
            Some(object) => Site::Member { object, prefix: prefix.to_owned() },
            None => Site::Nothing,
        },
        Some(Token::Punct("#")) => Site::Nothing,
        Some(Token::Name("let" | "const" | "var" | "class" | "function" | "enum" | "interface" | "namespace")) => Site::Nothing,
        _ => Site::Name { prefix: prefix.to_owned(), declared: declared(before) },
    }
}

/// The names that simple declarations make.
fn declared(tokens: &[Token]) -> Vec<(String, Declared)> {
    let pairs = tokens.windows(2).filter_map(|pair| match pair {
        [Token::Name("let" | "const" | "var" | "using"), Token::Name(name)] => Some((name, Declared::Variable)),
        [Token::Name("function"), Token::Name(name)] => Some((name, Declared::Function)),
        [Token::Name("class"), Token::Name(name)] => Some((name, Declared::Class)),
        _ => None,
    });
    pairs.map(|(name, declared)| ((*name).to_owned(), declared)).collect()
}

/// Without the `?.` of `a?.[`.
pub(super) fn strip_optional<'t, 'a>(tokens: &'t [Token<'a>]) -> &'t [Token<'a>] {
    match tokens.split_last() {
        Some((Token::Punct("?."), before)) => before,
        _ => tokens,
    }
}
