//! Finds the text that is being typed at the cursor. This is lexical: the code before it need not be a program.

use super::{
    chain::{Chain, chain},
    tokens::{KEYWORDS, Open, Token, ends_value, tokens},
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

/// A call whose arguments are being typed.
#[derive(Debug, PartialEq)]
pub(super) struct Call {
    /// What is called.
    pub(super) callee: Chain,
    /// Where the name of that stands, in bytes; empty where it has none.
    pub(super) name: std::ops::Range<usize>,
    /// The argument at the cursor, from 0.
    pub(super) argument: u32,
}

/// The innermost call whose arguments `text`, the code up to the cursor, ends in.
pub(super) fn call(text: &str) -> Option<Call> {
    let (tokens, _) = tokens(text);
    let (mut depth, mut commas) = (0_usize, 0_u32);
    for (index, token) in tokens.iter().enumerate().rev() {
        let Token::Punct(punct) = token else { continue };
        match *punct {
            ")" | "]" | "}" => depth += 1,
            "(" | "[" | "{" | "${" if depth > 0 => depth -= 1,
            "(" => {
                let before = without_type_arguments(strip_optional(&tokens[..index]));
                if let Some(callee) = callee(before) {
                    return Some(Call { callee, name: name_at_end(text, before, punct), argument: commas });
                }
                commas = 0;
            }
            "{" if opens_body(tokens[..index].last()) => return None,
            "[" | "{" | "${" => commas = 0,
            ";" if depth == 0 => return None,
            "," if depth == 0 => commas += 1,
            _ => {}
        }
    }
    None
}

/// What is called, if an open parenthesis after `tokens` begins the arguments of a call.
fn callee(tokens: &[Token]) -> Option<Chain> {
    if !ends_value(tokens.last()) {
        return None;
    }
    if let [.., before, Token::Name(_)] = tokens
        && matches!(before, Token::Name("function") | Token::Punct("*"))
    {
        return None;
    }
    chain(tokens)
}

/// Whether a brace after `token` opens a body of statements or of a class, and no object.
fn opens_body(token: Option<&Token>) -> bool {
    match token {
        Some(Token::Punct(punct)) => matches!(*punct, ")" | "=>" | "}" | ";"),
        Some(Token::Name(word)) => !matches!(*word, "return" | "await" | "yield" | "in" | "of") || !KEYWORDS.contains(word),
        Some(Token::Number(_) | Token::String(_) | Token::Template | Token::Regex) | None => true,
    }
}

/// Where the last name of `before` stands in `text`; else where `open` does, which follows it.
fn name_at_end(text: &str, before: &[Token], open: &str) -> std::ops::Range<usize> {
    let offset = |part: &str| part.as_ptr() as usize - text.as_ptr() as usize;
    match before.last() {
        Some(Token::Name(name)) => offset(name)..offset(name) + name.len(),
        _ => offset(open)..offset(open),
    }
}

/// Without the `<T>` of `f<T>(`.
fn without_type_arguments<'t, 'a>(tokens: &'t [Token<'a>]) -> &'t [Token<'a>] {
    /// Longer ones are not found: each open parenthesis has its own look back.
    const MAX_TOKENS: usize = 200;
    let mut depth = 0_usize;
    if tokens.last() != Some(&Token::Punct(">")) {
        return tokens;
    }
    for (index, token) in tokens.iter().enumerate().rev().take(MAX_TOKENS) {
        match token {
            Token::Punct(">") => depth += 1,
            Token::Punct("<") => {
                depth -= 1;
                if depth == 0 {
                    return &tokens[..index];
                }
            }
            Token::Punct(";") => break,
            _ => {}
        }
    }
    tokens
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

#[cfg(test)]
mod tests {
    use super::call;

    #[test]
    fn many_closed_type_arguments_take_little_time() {
        let text = format!("f({}", ">(".repeat(50_000));
        let begin = std::time::Instant::now();
        assert!(call(&text).is_some_and(|call| &text[call.name] == "f"));
        let linear = begin.elapsed();
        assert!(linear.as_secs() < 5, "{linear:?}");
    }

    #[test]
    fn the_call_around_the_cursor_is_found() {
        for (text, name, argument) in [
            ("f(", "f", 0),
            ("f(1, ", "f", 1),
            ("f(1", "f", 0),
            ("a.b.f([1, 2], {x: 1, ", "f", 1),
            ("f('a, b', \"c", "f", 1),
            ("f(`a, ${b}, c", "f", 0),
            ("f(`${x}`, ", "f", 1),
            ("f(g(1, 2), ", "f", 1),
            ("f(g(1, ", "g", 1),
            ("f((1, 2), (3", "f", 1),
            ("new Map(", "Map", 0),
            ("x = await f<Map<string, number>>(1, ", "f", 1),
            ("f?.(", "f", 0),
            ("if (f(1, 2), g(", "g", 0),
            ("f(/[,(]/, ", "f", 1),
            ("// g(\nf(", "f", 0),
        ] {
            let found = call(text).map(|call| (text[call.name].to_owned(), call.argument));
            assert_eq!(found, Some((name.to_owned(), argument)), "{text}");
        }
        for text in [
            "f",
            "f()",
            "f(1);",
            "if (",
            "function f(",
            "(",
            "f(() => { ",
            "f(); (1, ",
            "while (x",
            "[1, ",
            "f(1) + (",
            "f(function () { x",
        ] {
            assert_eq!(call(text), None, "{text}");
        }
    }
}
