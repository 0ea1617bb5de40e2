//! The tokens of code up to a cursor, as completion reads them: finished templates as one piece, without white space
//! and comments, each bracket with its partner.

use std::borrow::Cow;

use crate::{
    Kind,
    code_end::{End, read},
    word,
};

/// One of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece<'a> {
    /// A name or a word.
    Name(&'a str),
    Number(&'a str),
    /// With its escapes undone.
    String(Cow<'a, str>),
    Template,
    RegExp,
    Sign(&'a str),
    /// Text of an element.
    Text,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Pieces<'a> {
    pub(crate) list: Vec<Piece<'a>>,
    /// Where each begins in the text.
    pub(crate) starts: Vec<usize>,
    /// The index of each bracket's partner.
    partners: Vec<Option<usize>>,
}

impl<'a> Pieces<'a> {
    /// Reads `text`, and tells what it ends inside of. A string or number that it ends inside of is no piece.
    pub(crate) fn read(text: &'a str) -> (Self, End) {
        let mut pieces = Self::default();
        // For each template that is open, the number of pieces before it.
        let mut templates = Vec::new();
        let end = read(text, |token| {
            let content = token.text(text);
            match token.kind {
                Kind::Space | Kind::Comment => {}
                Kind::Name | Kind::Keyword | Kind::Constant => pieces.push(token.start, Piece::Name(content)),
                Kind::Private => {
                    pieces.push(token.start, Piece::Sign(&content[..1]));
                    pieces.push(token.start + 1, Piece::Name(&content[1..]));
                }
                Kind::Number => pieces.push(token.start, Piece::Number(content)),
                Kind::String if token.closed => pieces.push(token.start, Piece::String(unescape(&content[1..content.len() - 1]))),
                Kind::RegExp if token.closed => pieces.push(token.start, Piece::RegExp),
                // What its line does not close is a mistake, and what follows it may be none.
                Kind::String | Kind::RegExp => {}
                Kind::Template if token.closed => pieces.push(token.start, Piece::Template),
                Kind::Template => templates.push((pieces.list.len(), token.start)),
                Kind::TemplateRest if token.closed => {
                    if let Some((count, start)) = templates.pop() {
                        pieces.truncate(count);
                        pieces.push(start, Piece::Template);
                    }
                }
                Kind::TemplateRest => {}
                Kind::JsxText => pieces.push(token.start, Piece::Text),
                Kind::Open | Kind::Close | Kind::Operator => pieces.push(token.start, Piece::Sign(content)),
            }
        });
        pieces.find_partners();
        (pieces, end)
    }

    fn push(&mut self, start: usize, piece: Piece<'a>) {
        self.list.push(piece);
        self.starts.push(start);
    }

    fn truncate(&mut self, count: usize) {
        self.list.truncate(count);
        self.starts.truncate(count);
    }

    fn find_partners(&mut self) {
        self.partners = vec![None; self.list.len()];
        let mut open: Vec<usize> = Vec::new();
        for (index, piece) in self.list.iter().enumerate() {
            let Piece::Sign(sign) = piece else { continue };
            let opener = match *sign {
                "(" | "[" | "{" | "${" => {
                    open.push(index);
                    continue;
                }
                ")" => "(",
                "]" => "[",
                "}" => "{",
                _ => continue,
            };
            if let Some(other) = open.pop_if(|other| matches!(self.list[*other], Piece::Sign(sign) if sign.ends_with(opener))) {
                self.partners[index] = Some(other);
                self.partners[other] = Some(index);
            }
        }
    }

    /// The piece before the index `end`, if it is not before `begin`.
    pub(crate) fn before(&self, begin: usize, end: usize) -> Option<&Piece<'a>> {
        if end > begin { self.list.get(end - 1) } else { None }
    }

    /// Whether the piece before the index `end` is this sign.
    pub(crate) fn is_sign(&self, begin: usize, end: usize, sign: &str) -> bool {
        matches!(self.before(begin, end), Some(Piece::Sign(found)) if *found == sign)
    }

    /// The partner of the bracket before the index `end`, from `begin` on.
    pub(crate) fn partner(&self, begin: usize, end: usize) -> Option<usize> {
        let index = end.checked_sub(1)?;
        self.partners.get(index).copied().flatten().filter(|partner| *partner >= begin)
    }

    /// The index `end`, or that before a `?.` which ends there.
    pub(crate) fn without_optional(&self, begin: usize, end: usize) -> usize {
        if self.is_sign(begin, end, "?.") { end - 1 } else { end }
    }
}

/// Whether a value ends with `piece`: a bracket after it is an index or a call.
pub(crate) fn ends_value(piece: Option<&Piece>) -> bool {
    match piece {
        None => false,
        Some(Piece::Name(name)) => word(name).is_none_or(|word| word.is_value() || !word.is_offered()),
        Some(Piece::Sign(sign)) => matches!(*sign, ")" | "]"),
        Some(_) => true,
    }
}

/// Undoes the simple escapes; a key that has others is not found, and nothing is lost but help.
fn unescape(raw: &str) -> Cow<'_, str> {
    if !raw.contains('\\') {
        return raw.into();
    }
    let mut text = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(char) = chars.next() {
        match (char, if char == '\\' { chars.next() } else { None }) {
            ('\\', Some('n')) => text.push('\n'),
            ('\\', Some('t')) => text.push('\t'),
            ('\\', Some(other)) => text.push(other),
            _ => text.push(char),
        }
    }
    text.into()
}
