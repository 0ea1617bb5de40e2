//! Finds what is being typed at the end of code, which need not be a program.

use std::ops::Range;

use crate::{
    Level,
    chain::{Chain, chain},
    chars::is_name_part,
    code_end::End,
    is_reserved, last_word,
    pieces::{Piece, Pieces, ends_value},
    specifier, tokens, word,
};

/// How long the name of an argument may be, in characters, to be recognised.
const MAX_NAME: usize = 100;

/// What a completion would complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Site {
    /// Nothing: a comment, a number, a new name.
    Nothing,
    /// A name in scope.
    Name {
        /// What is typed of it.
        prefix: String,
        /// The names that the code itself declares, in order.
        declared: Vec<(String, Declared)>,
    },
    /// A member, after `.` or `?.`.
    Member {
        /// The object.
        object: Chain,
        /// What is typed of its name.
        prefix: String,
    },
    /// A key in brackets, after its opening quote.
    Key {
        /// The object.
        object: Chain,
        /// What is typed of it, as it stands there.
        prefix: String,
        /// The quote.
        quote: char,
    },
    /// The specifier of a module, after its opening quote.
    Specifier {
        /// What is typed of it, as it stands there.
        prefix: String,
        /// The quote.
        quote: char,
        /// Whether it is that of a `require`, and not of an import.
        is_required: bool,
    },
}

/// What a name is declared as in the code itself, as far as one word tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declared {
    /// `let`, `const`, `var` or `using`.
    Variable,
    /// `function`.
    Function,
    /// `class`.
    Class,
}

/// What `text`, the code up to the cursor, ends with.
#[must_use]
pub fn site(text: &str) -> Site {
    let (pieces, end) = Pieces::read(text);
    let count = pieces.list.len();
    match end {
        End::Text => return Site::Nothing,
        End::String { quote, start } => {
            let prefix = text[start..].to_owned();
            let is_required = specifier::is_required(&pieces);
            if is_required || specifier::is_imported(&pieces) {
                return Site::Specifier { prefix, quote, is_required };
            }
            let is_key = pieces.is_sign(0, count, "[");
            let object = if is_key { chain(&pieces, pieces.without_optional(0, count - 1)) } else { None };
            return object.map_or(Site::Nothing, |object| Site::Key { object, prefix, quote });
        }
        End::Code => {}
    }
    let (prefix, end) = match pieces.before(0, count) {
        Some(Piece::Name(name)) if text.ends_with(name) => (*name, count - 1),
        _ => ("", count),
    };
    match pieces.before(0, end) {
        Some(Piece::Sign("." | "?.")) => match chain(&pieces, end - 1) {
            Some(object) => Site::Member { object, prefix: prefix.to_owned() },
            None => Site::Nothing,
        },
        Some(Piece::Sign("#")) => Site::Nothing,
        Some(Piece::Name(name)) if word(name).is_some_and(|word| word.declares()) => Site::Nothing,
        _ => Site::Name { prefix: prefix.to_owned(), declared: declared(&pieces.list[..end]) },
    }
}

/// The names that simple declarations make.
fn declared(pieces: &[Piece]) -> Vec<(String, Declared)> {
    let pairs = pieces.windows(2).filter_map(|pair| match pair {
        [Piece::Name("let" | "const" | "var" | "using"), Piece::Name(name)] => Some((name, Declared::Variable)),
        [Piece::Name("function"), Piece::Name(name)] => Some((name, Declared::Function)),
        [Piece::Name("class"), Piece::Name(name)] => Some((name, Declared::Class)),
        _ => None,
    });
    pairs.map(|(name, declared)| ((*name).to_owned(), declared)).collect()
}

/// A call whose arguments are being typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// What is called.
    pub callee: Chain,
    /// Where its name stands, in bytes; empty where it has none.
    pub name: Range<usize>,
    /// The argument at the cursor, from 0.
    pub argument: u32,
}

/// Whether `text`, up to a place, ends in the name that begins an argument: a `:` behind it is a mistake of who knows
/// languages in which arguments have names, or functions are written so.
#[must_use]
pub fn names_argument(text: &str) -> bool {
    let name = last_word(text, MAX_NAME);
    let before = &text[..text.len() - name.len()];
    let is_name = name.starts_with(|first: char| is_name_part(first) && !first.is_numeric()) && !is_reserved(name);
    if !is_name || !before.trim_end().ends_with(['(', ',']) {
        return false;
    }
    let mut before = tokens(before);
    before.by_ref().for_each(drop);
    before.levels().last() == Some(&Level::Parenthesis { head: false }) && call(text).is_some()
}

/// The innermost call whose arguments `text`, the code up to the cursor, ends in.
#[must_use]
pub fn call(text: &str) -> Option<Call> {
    let (pieces, _) = Pieces::read(text);
    let (mut depth, mut commas) = (0_usize, 0_u32);
    for (index, piece) in pieces.list.iter().enumerate().rev() {
        let Piece::Sign(sign) = piece else { continue };
        match *sign {
            ")" | "]" | "}" => depth += 1,
            "(" | "[" | "{" | "${" if depth > 0 => depth -= 1,
            "(" => {
                let end = without_type_arguments(&pieces, pieces.without_optional(0, index));
                if let Some(callee) = callee(&pieces, end) {
                    return Some(Call { callee, name: name_at_end(&pieces, end, index), argument: commas });
                }
                commas = 0;
            }
            "{" if opens_body(pieces.before(0, index)) => return None,
            "[" | "{" | "${" => commas = 0,
            ";" if depth == 0 => return None,
            "," if depth == 0 => commas += 1,
            _ => {}
        }
    }
    None
}

/// What is called, if an open parenthesis after the index `end` begins the arguments of a call.
fn callee(pieces: &Pieces, end: usize) -> Option<Chain> {
    let last = pieces.before(0, end);
    if !ends_value(last) {
        return None;
    }
    let is_declared =
        matches!((pieces.before(0, end - 1), last), (Some(Piece::Name("function") | Piece::Sign("*")), Some(Piece::Name(_))));
    if is_declared { None } else { chain(pieces, end) }
}

/// Whether a brace after `piece` opens a body of statements or of a class, and no object.
fn opens_body(piece: Option<&Piece>) -> bool {
    match piece {
        Some(Piece::Sign(sign)) => matches!(*sign, ")" | "=>" | "}" | ";"),
        Some(Piece::Name(word)) => !matches!(*word, "return" | "await" | "yield" | "in" | "of"),
        Some(Piece::Number(_) | Piece::String(_) | Piece::Template | Piece::RegExp | Piece::Text) | None => true,
    }
}

/// Where the name before the index `end` stands in the text; else where the parenthesis at the index `open` does.
fn name_at_end(pieces: &Pieces, end: usize, open: usize) -> Range<usize> {
    let start = |index: usize| pieces.starts.get(index).copied().unwrap_or_default();
    match pieces.before(0, end) {
        Some(Piece::Name(name)) => start(end - 1)..start(end - 1) + name.len(),
        _ => start(open)..start(open),
    }
}

/// The index `end`, or that before the `<T>` of `f<T>` which ends there.
fn without_type_arguments(pieces: &Pieces, end: usize) -> usize {
    /// Longer ones are not found: each open parenthesis has its own look back.
    const MAX_PIECES: usize = 200;
    if !pieces.is_sign(0, end, ">") {
        return end;
    }
    let mut depth = 0_usize;
    for (index, piece) in pieces.list[..end].iter().enumerate().rev().take(MAX_PIECES) {
        match piece {
            Piece::Sign(">") => depth += 1,
            Piece::Sign("<") => {
                depth -= 1;
                if depth == 0 {
                    return index;
                }
            }
            Piece::Sign(";") => break,
            _ => {}
        }
    }
    end
}

#[cfg(test)]
#[path = "site_tests.rs"]
mod tests;
