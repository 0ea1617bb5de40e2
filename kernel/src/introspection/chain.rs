//! Reads the expression before a dot or a bracket backwards: a root, and the keys that lead from it.

use super::{
    scan::strip_optional,
    tokens::{KEYWORDS, Token, ends_value},
};

/// A value that can be found without running code.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Chain {
    pub(super) root: Root,
    /// From the root on.
    pub(super) keys: Vec<String>,
}

/// Where a chain begins.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Root {
    /// A variable or a property of the global object.
    Name(String),
    /// The global object.
    Global,
    /// A literal of which only the class matters.
    Literal(Literal),
    /// `new` and a constructor: an instance, which is not there yet.
    New(Box<Chain>),
    /// `require("fs")`: what a module exports.
    Module(String),
    /// `import("fs")`: a promise of what a module exports.
    Import(Option<String>),
    /// `await` in parentheses: what a promise is fulfilled with.
    Awaited(Box<Chain>),
}

/// Words before parentheses that make no value of these.
const STATEMENTS: [&str; 6] = ["catch", "for", "if", "switch", "while", "with"];

/// A kind of literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Literal {
    String,
    Number,
    BigInt,
    Boolean,
    RegExp,
    Array,
    Object,
    Promise,
}

/// How deep parentheses are looked into.
const MAX_DEPTH: usize = 20;

/// The chain that `tokens` end with.
pub(super) fn chain(tokens: &[Token]) -> Option<Chain> {
    backwards(tokens, MAX_DEPTH).map(|(chain, _)| chain)
}

/// The chain, and the index of its first token.
fn backwards(tokens: &[Token], depth: usize) -> Option<(Chain, usize)> {
    let depth = depth.checked_sub(1)?;
    let mut keys = Vec::new();
    let mut end = tokens.len();
    loop {
        let before = &tokens[..end];
        let (root, start) = match before.last()? {
            // TypeScript's `a!.b`.
            Token::Punct("!") => {
                end -= 1;
                continue;
            }
            Token::Name(name) => match before.get(..end - 1)?.split_last() {
                Some((Token::Punct("." | "?."), object)) => {
                    keys.push((*name).to_owned());
                    end = object.len();
                    continue;
                }
                Some((Token::Punct("#"), _)) => return None,
                _ => (named(name)?, end - 1),
            },
            Token::Punct("]") => {
                let open = matching(before, "[", "]")?;
                let object = strip_optional(&before[..open]);
                if object.len() == open && !ends_value(object.last()) && object.last() != Some(&Token::Punct("!")) {
                    (Root::Literal(Literal::Array), open)
                } else {
                    keys.push(key(&before[open + 1..end - 1])?);
                    end = object.len();
                    continue;
                }
            }
            Token::Punct(")") => parenthesised(before, &mut keys, depth)?,
            Token::Number(number) => {
                let big = number.ends_with('n') && !number.starts_with("0x");
                (Root::Literal(if big { Literal::BigInt } else { Literal::Number }), end - 1)
            }
            Token::String(_) => (Root::Literal(Literal::String), end - 1),
            // What a tag makes of a template is its own affair.
            Token::Template if ends_value(before.get(..end - 1)?.last()) => return None,
            Token::Template => (Root::Literal(Literal::String), end - 1),
            Token::Regex => (Root::Literal(Literal::RegExp), end - 1),
            Token::Punct(_) => return None,
        };
        keys.reverse();
        return Some((Chain { root, keys }, start));
    }
}

fn named(name: &str) -> Option<Root> {
    match name {
        "this" => Some(Root::Global),
        "true" | "false" => Some(Root::Literal(Literal::Boolean)),
        "async" | "of" | "using" | "static" | "let" => Some(Root::Name(name.to_owned())),
        _ if KEYWORDS.contains(&name) => None,
        _ => Some(Root::Name(name.to_owned())),
    }
}

/// What `before` ends with, in parentheses: another chain, an object literal, or the arguments of `new`.
fn parenthesised(before: &[Token], keys: &mut Vec<String>, depth: usize) -> Option<(Root, usize)> {
    let open = matching(before, "(", ")")?;
    let inner = &before[open + 1..before.len() - 1];
    if !ends_value(before[..open].last()) {
        match before[..open].last() {
            Some(Token::Name("import")) => {
                let specifier = match inner {
                    [Token::String(specifier)] => Some(specifier.clone().into_owned()),
                    _ => None,
                };
                return Some((Root::Import(specifier), open - 1));
            }
            Some(Token::Name(word)) if STATEMENTS.contains(word) => return None,
            _ => {}
        }
        if inner.first() == Some(&Token::Punct("{")) && matching(inner, "{", "}") == Some(0) {
            return Some((Root::Literal(Literal::Object), open));
        }
        let (chain, start) = backwards(inner, depth)?;
        if inner[..start] == [Token::Name("await")] {
            return Some((Root::Awaited(Box::new(chain)), open));
        }
        keys.extend(chain.keys.into_iter().rev());
        return match inner[..start] {
            [] => Some((chain.root, open)),
            // `(-5)` and `(+x)` are numbers.
            [Token::Punct("-" | "+")] if keys.is_empty() => Some((Root::Literal(Literal::Number), open)),
            _ => None,
        };
    }
    let (class, start) = backwards(&before[..open], depth)?;
    match before[..start].split_last() {
        Some((Token::Name("new"), rest)) => Some((Root::New(Box::new(class)), rest.len())),
        _ => match (class, inner) {
            (Chain { root: Root::Name(name), keys }, [Token::String(specifier)]) if name == "require" && keys.is_empty() => {
                Some((Root::Module(specifier.clone().into_owned()), start))
            }
            // What another call returns is known only after calling.
            _ => None,
        },
    }
}

/// An index that needs no evaluation.
fn key(tokens: &[Token]) -> Option<String> {
    match tokens {
        [Token::String(key)] => Some(key.clone().into_owned()),
        [Token::Number(index)] if index.bytes().all(|byte| byte.is_ascii_digit()) => Some((*index).to_owned()),
        _ => None,
    }
}

/// Where the bracket opens that the last token closes.
fn matching(tokens: &[Token], open: &str, close: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (index, token) in tokens.iter().enumerate().rev() {
        match token {
            Token::Punct(punct) if *punct == close => depth += 1,
            Token::Punct(punct) if *punct == open => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(index);
                }
            }
            _ if depth == 0 => return None,
            _ => {}
        }
    }
    None
}
