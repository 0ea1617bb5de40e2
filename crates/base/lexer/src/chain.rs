//! Reads the expression before a dot or a bracket backwards: a root, and the steps that lead from it.

use crate::{
    pieces::{Piece, Pieces, ends_value},
    word,
};

/// A value that can be found without running code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// Where it begins.
    pub root: Root,
    /// What leads on from there, in order.
    pub steps: Vec<Step>,
}

/// Where a chain begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Root {
    /// A variable or a property of the global object.
    Name(String),
    /// The global object.
    Global,
    /// A literal, of which only the class matters.
    Literal(Literal),
    /// `require("fs")`: what a module exports.
    Module(String),
    /// `import("fs")`: a promise of what a module exports. `None`: the specifier is no literal.
    Import(Option<String>),
}

/// A step of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A member.
    Key(String),
    /// `new`: an instance of the class so far, which does not exist yet.
    Instance,
    /// `await` in parentheses: what the promise so far is fulfilled with.
    Awaited,
}

/// A kind of literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Literal {
    /// A string or a template.
    String,
    /// A number.
    Number,
    /// `1n`.
    BigInt,
    /// `true` or `false`.
    Boolean,
    /// A regular expression.
    RegExp,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// Words before parentheses that make no value of these.
const STATEMENTS: [&str; 6] = ["catch", "for", "if", "switch", "while", "with"];

/// How deep parentheses are looked into.
const MAX_DEPTH: usize = 20;

/// How many steps a chain may have; a person types far fewer.
const MAX_STEPS: usize = 1_000;

/// The chain that the pieces before the index `end` end with.
pub(crate) fn chain(pieces: &Pieces, end: usize) -> Option<Chain> {
    backwards(pieces, 0, end, MAX_DEPTH).map(|(chain, _)| chain).filter(|chain| chain.steps.len() <= MAX_STEPS)
}

/// The chain that ends before the index `end`, and the index of its first piece, from `begin` on.
fn backwards(pieces: &Pieces, begin: usize, mut end: usize, depth: usize) -> Option<(Chain, usize)> {
    let depth = depth.checked_sub(1)?;
    let mut keys = Vec::new();
    let root = |root| Chain { root, steps: Vec::new() };
    let literal = |literal| root(Root::Literal(literal));
    loop {
        let (mut chain, start) = match pieces.before(begin, end)? {
            // TypeScript's `a!.b`.
            Piece::Sign("!") => {
                end -= 1;
                continue;
            }
            Piece::Name(name) => match pieces.before(begin, end - 1) {
                Some(Piece::Sign("." | "?.")) => {
                    keys.push(Step::Key((*name).to_owned()));
                    end -= 2;
                    continue;
                }
                Some(Piece::Sign("#")) => return None,
                _ => (root(named(name)?), end - 1),
            },
            Piece::Sign("]") => {
                let open = pieces.partner(begin, end)?;
                let object = pieces.without_optional(begin, open);
                if object == open && !ends_value(pieces.before(begin, object)) && !pieces.is_sign(begin, object, "!") {
                    (literal(Literal::Array), open)
                } else {
                    keys.push(Step::Key(key(pieces.list.get(open + 1..end - 1)?)?));
                    end = object;
                    continue;
                }
            }
            Piece::Sign(")") => parenthesised(pieces, begin, end, depth, keys.is_empty())?,
            Piece::Number(number) => {
                let big = number.ends_with('n') && !number.starts_with("0x");
                (literal(if big { Literal::BigInt } else { Literal::Number }), end - 1)
            }
            Piece::String(_) => (literal(Literal::String), end - 1),
            // The value of a tagged template is known only after calling.
            Piece::Template if ends_value(pieces.before(begin, end - 1)) => return None,
            Piece::Template => (literal(Literal::String), end - 1),
            Piece::RegExp => (literal(Literal::RegExp), end - 1),
            Piece::Sign(_) | Piece::Text => return None,
        };
        chain.steps.extend(keys.into_iter().rev());
        return Some((chain, start));
    }
}

fn named(name: &str) -> Option<Root> {
    match name {
        "this" => Some(Root::Global),
        "true" | "false" => Some(Root::Literal(Literal::Boolean)),
        "await" => None,
        _ if word(name).is_some_and(|word| word.is_reserved()) => None,
        _ => Some(Root::Name(name.to_owned())),
    }
}

/// The parentheses before the index `end`: another chain, an object literal, or the arguments of `new`. `last`: no
/// member of it is meant.
fn parenthesised(pieces: &Pieces, begin: usize, end: usize, depth: usize, last: bool) -> Option<(Chain, usize)> {
    let open = pieces.partner(begin, end)?;
    if ends_value(pieces.before(begin, open)) {
        return called(pieces, begin, open, end, depth);
    }
    let root = |root| Chain { root, steps: Vec::new() };
    match pieces.before(begin, open) {
        Some(Piece::Name("import")) => {
            let specifier = match pieces.list.get(open + 1..end - 1)? {
                [Piece::String(specifier)] => Some(specifier.clone().into_owned()),
                _ => None,
            };
            return Some((root(Root::Import(specifier)), open - 1));
        }
        Some(Piece::Name(word)) if STATEMENTS.contains(word) => return None,
        _ => {}
    }
    let inner = open + 1;
    if pieces.is_sign(inner, end - 1, "}") && pieces.partner(inner, end - 1) == Some(inner) {
        return Some((root(Root::Literal(Literal::Object)), open));
    }
    let (mut chain, start) = backwards(pieces, inner, end - 1, depth)?;
    match pieces.list.get(inner..start)? {
        [] => Some((chain, open)),
        [Piece::Name("await")] => {
            chain.steps.push(Step::Awaited);
            Some((chain, open))
        }
        // `(-5)` and `(+x)` are numbers.
        [Piece::Sign("-" | "+")] if last && chain.steps.is_empty() => Some((root(Root::Literal(Literal::Number)), open)),
        _ => None,
    }
}

/// What is called with the arguments between the indices `open` and `end`.
fn called(pieces: &Pieces, begin: usize, open: usize, end: usize, depth: usize) -> Option<(Chain, usize)> {
    let (mut callee, start) = backwards(pieces, begin, open, depth)?;
    if let Some(Piece::Name("new")) = pieces.before(begin, start) {
        callee.steps.push(Step::Instance);
        return Some((callee, start - 1));
    }
    match pieces.list.get(open + 1..end - 1)? {
        [Piece::String(specifier)] if callee.root == Root::Name("require".to_owned()) && callee.steps.is_empty() => {
            Some((Chain { root: Root::Module(specifier.clone().into_owned()), steps: Vec::new() }, start))
        }
        // What another call returns is known only after calling.
        _ => None,
    }
}

/// An index that needs no evaluation.
fn key(pieces: &[Piece]) -> Option<String> {
    match pieces {
        [Piece::String(key)] => Some(key.clone().into_owned()),
        [Piece::Number(index)] if index.bytes().all(|byte| byte.is_ascii_digit()) => Some((*index).to_owned()),
        _ => None,
    }
}
