//! A cheap scan of the text, ahead of the parser: an upper bound of its tree's depth, and the number of open brackets
//! at its end.
//!
//! Hostile text cannot push the bound below the real depth. Every token that can hold another expression counts,
//! whether or not it does. A closing bracket or a separator counts only where the scan is sure that it is code.
//! Strings, templates, comments and regular expressions are skipped as long as it is certain which is which. Where it
//! is not (a `/` after `}`, anything after possible JSX) the scan stops skipping and stops closing: until the line ends
//! if no construct that spans lines can have begun there, otherwise for good. The bound is then too large, never too
//! small.
//!
//! So this is not [`tokens`](crate::tokens()), which guesses where only a grammar could tell: a wrong guess of a colour
//! costs nothing, a wrong guess here the process. Words, and the ends of literals, are the same.

use crate::{Word, extent::has_rare_line_end};

/// The meaning of a word.
fn word(text: &[u8]) -> Option<Word> {
    crate::word(str::from_utf8(text).ok()?)
}

/// What the brackets of a text tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Nesting {
    /// No less than the depth of the text's syntax tree.
    pub depth: usize,
    /// How many brackets are open at the end: a hint.
    pub open: u32,
}

/// Reads the nesting of a text, as far as it is no deeper than `most`. `has_jsx`: its language has elements, whose text
/// is no code.
#[must_use]
pub fn nesting(source: &str, most: usize, has_jsx: bool) -> Nesting {
    let reader = Reader::run(source, most, has_jsx);
    Nesting { depth: reader.deepest, open: reader.open }
}

/// What came before, as far as it decides what a `/` or a `<` means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// Something that wants an operand: a `/` starts a regular expression.
    Operator,
    /// A complete operand: a `/` divides.
    Operand,
    /// `++` or `--`.
    Step,
    /// A member access.
    Dot,
    /// `if`, `while`, `for`, `with`: the parenthesis after it belongs to a statement.
    Control,
    /// A word that may be a keyword or a name.
    MaybeKeyword,
    /// `await`, which may belong to `for await (`.
    Await,
    /// The end of a block or of an object, a `!`, a `>`.
    Unclear,
}

#[derive(Clone, Copy)]
pub(crate) enum Opener {
    Bracket,
    Brace,
    Parenthesis(Before),
    Template,
}

struct Level {
    opener: Opener,
    /// Tokens since the last separator.
    chain: usize,
    /// `<` since the last semicolon: commas separate type arguments, too.
    angles: usize,
    /// `else` since the level began: semicolons do not end its chain.
    elses: usize,
}

impl Level {
    fn new(opener: Opener) -> Self {
        Self { opener, chain: 0, angles: 0, elses: 0 }
    }

    fn depth(&self) -> usize {
        1 + self.chain + self.angles + self.elses
    }
}

pub(crate) struct Reader<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) at: usize,
    levels: Vec<Level>,
    depth: usize,
    deepest: usize,
    open: u32,
    pub(crate) before: Before,
    after_word: bool,
    /// The last token ended an operand or a block for certain.
    closed: bool,
    pub(crate) line_has_token: bool,
    pub(crate) lost: Lost,
    has_jsx: bool,
}

/// Whether the reader still knows what is code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lost {
    No,
    UntilLineEnd,
    Forever,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8], has_jsx: bool) -> Self {
        Self {
            bytes,
            at: 0,
            levels: vec![Level::new(Opener::Brace)],
            depth: 1,
            deepest: 1,
            open: 0,
            before: Before::Operator,
            after_word: false,
            closed: false,
            line_has_token: false,
            lost: Lost::No,
            has_jsx,
        }
    }

    fn run(source: &'a str, most: usize, has_jsx: bool) -> Self {
        let mut reader = Self::new(source.as_bytes(), has_jsx);
        if source.starts_with("#!") {
            reader.skip_line();
        }
        while reader.at < reader.bytes.len() && reader.deepest <= most {
            reader.token();
        }
        reader
    }

    fn token(&mut self) {
        let byte = self.bytes[self.at];
        let after_word = std::mem::replace(&mut self.after_word, false);
        let closed = std::mem::replace(&mut self.closed, false);
        match byte {
            b' ' | b'\t' | 0x0B | 0x0C => {
                (self.after_word, self.closed) = (after_word, closed);
                self.at += 1;
                return;
            }
            b'\n' | b'\r' => {
                (self.after_word, self.closed) = (after_word, closed);
                self.line_has_token = false;
                if self.lost == Lost::UntilLineEnd {
                    self.lost = Lost::No;
                    self.before = Before::Unclear;
                }
                self.at += 1;
                return;
            }
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$' | b'\\' | 0x80.. => {
                let line_has_token = self.line_has_token;
                if closed && !line_has_token {
                    self.end_statement();
                }
                if self.word(after_word) {
                    // It may be white space, and a `-->` behind it still a comment.
                    self.line_has_token = line_has_token;
                    return;
                }
            }
            b'(' => {
                let before = self.before;
                self.open(Opener::Parenthesis(before));
            }
            b'[' => self.open(Opener::Bracket),
            b'{' => self.open(Opener::Brace),
            b')' | b']' | b'}' => self.close(),
            b';' | b',' => self.separate(byte == b';'),
            b'\'' | b'"' | b'`' | b'/' if self.lost == Lost::No => {
                let is_trivia = matches!((byte, self.peek(1)), (b'/', Some(b'/' | b'*')));
                self.quote_or_slash(byte);
                if is_trivia {
                    (self.after_word, self.closed) = (after_word, closed);
                    return;
                }
            }
            _ => self.operator(byte),
        }
        self.line_has_token = true;
    }

    pub(crate) fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn deepen(&mut self, change: impl FnOnce(&mut Level)) {
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        if let Some(level) = self.levels.last_mut() {
            change(level);
        }
    }

    pub(crate) fn open(&mut self, opener: Opener) {
        self.at += 1;
        self.open += 1;
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        self.levels.push(Level::new(opener));
        self.before = Before::Operator;
    }

    fn close(&mut self) {
        let byte = self.bytes[self.at];
        self.at += 1;
        self.open = self.open.saturating_sub(1);
        self.before = if byte == b'}' { Before::Unclear } else { Before::Operand };
        if self.lost == Lost::No && self.levels.len() > 1 {
            let Some(level) = self.levels.pop() else { return };
            self.depth -= level.depth();
            match level.opener {
                // What a statement's head governs is still to come.
                Opener::Parenthesis(Before::Control) => self.before = Before::Operator,
                Opener::Parenthesis(Before::Await) => self.before = Before::Unclear,
                Opener::Template if byte == b'}' => return self.template(),
                _ => self.closed = true,
            }
        }
        self.deepen(|level| level.chain += 1);
    }

    fn separate(&mut self, is_semicolon: bool) {
        self.at += 1;
        self.before = Before::Operator;
        self.end_chain(is_semicolon);
    }

    /// A statement without a semicolon: something closed, the line ended, and the word that begins the next cannot go
    /// on.
    fn end_statement(&mut self) {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$')).count();
        let is_plain = length > 0 && !matches!(rest.get(length), Some(b'\\' | 0x80..));
        if is_plain && !word(&rest[..length]).is_some_and(Word::may_join) {
            self.end_chain(true);
        }
    }

    fn end_chain(&mut self, is_semicolon: bool) {
        if self.lost != Lost::No {
            return;
        }
        if let Some(level) = self.levels.last_mut() {
            self.depth -= level.chain;
            level.chain = 0;
            if is_semicolon {
                self.depth -= level.angles;
                level.angles = 0;
            }
        }
    }

    /// A word or a number; says whether it has characters that need not be part of a word.
    fn word(&mut self, after_word: bool) -> bool {
        let start = self.at;
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'\\' | 0x80..);
        self.at += self.bytes[start..].iter().take_while(|byte| is_part(byte)).count();
        let word = &self.bytes[start..self.at];
        self.after_word = true;
        if after_word {
            self.deepen(|level| level.chain += 1);
        }
        let is_unclear = word.iter().any(|byte| matches!(byte, b'\\' | 0x80..));
        if is_unclear && has_rare_line_end(word) {
            self.lost = Lost::Forever;
        }
        let is_member = self.before == Before::Dot;
        let meaning = self::word(word);
        self.before = match word {
            _ if is_unclear => Before::Unclear,
            _ if is_member => Before::Operand,
            b"await" => Before::Await,
            b"else" => {
                self.deepen(|level| level.elses += 1);
                Before::Operator
            }
            // Only braces follow its parentheses.
            b"switch" => Before::Operand,
            _ if meaning.is_some_and(Word::is_head) => Before::Control,
            _ if meaning.is_some_and(Word::wants_operand) => Before::Operator,
            _ if meaning.is_some_and(Word::may_be_name) => Before::MaybeKeyword,
            _ => Before::Operand,
        };
        is_unclear
    }

    fn operator(&mut self, byte: u8) {
        let next = self.peek(1);
        let previous = self.at.checked_sub(1).map(|at| self.bytes[at]);
        let wants_operand =
            matches!(self.before, Before::Operator | Before::Unclear | Before::MaybeKeyword | Before::Await | Before::Control);
        let comment_opens = (byte == b'<' && self.bytes[self.at..].starts_with(b"<!--"))
            || (byte == b'-' && !self.line_has_token && self.bytes[self.at..].starts_with(b"-->"));
        let opens_element = self.has_jsx && byte == b'<' && wants_operand && previous != Some(b'<');
        // A `<` in place of an operand may open an element, whose text is no code.
        if comment_opens || opens_element {
            self.lost = Lost::Forever;
        }
        if byte == b'<' {
            self.deepen(|level| level.angles += 1);
        } else {
            self.deepen(|level| level.chain += 1);
        }
        self.before = match byte {
            b'.' => Before::Dot,
            b'+' | b'-' if previous == Some(byte) => Before::Step,
            b'!' if next != Some(b'=') && !matches!(self.before, Before::Operator) => Before::Unclear,
            b'>' if previous != Some(b'=') && next != Some(b'=') => Before::Unclear,
            b'#' => Before::Dot,
            _ => Before::Operator,
        };
        self.at += 1;
    }

    /// A string, template, comment, regular expression or division, while it is known what is code.
    fn quote_or_slash(&mut self, byte: u8) {
        match (byte, self.peek(1)) {
            (b'/', Some(b'/')) => self.skip_line(),
            (b'/', Some(b'*')) => self.skip_comment(),
            (b'/', _) => match self.before {
                Before::Operator => self.skip_regular_expression(),
                Before::Operand => self.operator(byte),
                _ => {
                    self.lose_line();
                    self.operator(byte);
                }
            },
            (b'`', _) => {
                // Templates can follow each other as calls.
                self.deepen(|level| level.chain += 1);
                self.at += 1;
                self.template();
            }
            _ => {
                self.skip_quoted();
                self.before = Before::Operand;
                self.closed = true;
            }
        }
    }
}
