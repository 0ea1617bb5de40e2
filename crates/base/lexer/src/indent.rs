//! The indent hint for the next line of an unfinished chunk.
//!
//! It is a hint: it follows the user's own indentation, reads tokens but no grammar, and treats tags of JSX as code.
//! Where the next line belongs to a string or a template it is zero, because spaces would change the text.

use crate::{Kind, Level, Token, Tokens, Word, tokens, word};

/// How many spaces a level of nesting is worth.
const STEP: u32 = 2;

/// How many spaces the line after an unfinished `source` could begin with.
#[must_use]
pub fn next_indent(source: &str) -> u32 {
    let tokens = tokens(source);
    let mut reader = Reader { text: source, line: 0, open: Vec::new(), last: Last::Nothing, head: "", questions: 0 };
    match reader.read(tokens) {
        Inside::Text => 0,
        Inside::Comment(start) => {
            // The stars of a comment stand below each other.
            let begins_here = !source[start..].contains('\n');
            leading(last_line(source)) + u32::from(begins_here && source[start..].starts_with("/**"))
        }
        Inside::Code => reader.hint(),
    }
}

/// What the text ends inside of.
enum Inside {
    Code,
    /// A string or a template, whose line breaks count.
    Text,
    /// A comment that begins there.
    Comment(usize),
}

/// The last token, as far as it matters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last<'a> {
    Nothing,
    Word(&'a str),
    /// A value that is no word.
    Value,
    /// The parenthesis after the head of a statement, such as `if`.
    Head(&'a str),
    Operator(u8),
}

struct Open<'a> {
    byte: u8,
    /// Where its line begins.
    line: usize,
    /// The control word before a parenthesis; `switch` for the braces of one.
    head: &'a str,
    /// A `case` or `default` was read between these braces.
    has_case: bool,
    questions: usize,
}

struct Reader<'a> {
    text: &'a str,
    /// Where the line begins.
    line: usize,
    open: Vec<Open<'a>>,
    last: Last<'a>,
    /// The control word that a parenthesis would belong to.
    head: &'a str,
    /// `?` since the last separator that have no `:` yet.
    questions: usize,
}

impl<'a> Reader<'a> {
    fn read(&mut self, mut tokens: Tokens<'a>) -> Inside {
        for token in tokens.by_ref() {
            let ends_open = !token.closed && token.end == self.text.len();
            match token.kind {
                Kind::Comment if ends_open && token.text(self.text).starts_with("/*") => return Inside::Comment(token.start),
                Kind::String | Kind::Template | Kind::TemplateRest if ends_open => return Inside::Text,
                Kind::Space | Kind::Comment => {}
                _ => self.take(token),
            }
            if let Some(end) = token.text(self.text).rfind('\n') {
                self.line = token.start + end + 1;
            }
        }
        if tokens.levels().last() == Some(&Level::Template) { Inside::Text } else { Inside::Code }
    }

    fn take(&mut self, token: Token) {
        let text = token.text(self.text);
        let head = std::mem::take(&mut self.head);
        match token.kind {
            Kind::Name | Kind::Private | Kind::Keyword | Kind::Constant | Kind::Number => self.word(text),
            Kind::Open => self.opened(text, head),
            Kind::Close => self.closed(text),
            Kind::Operator => self.operator(text),
            _ => self.last = Last::Value,
        }
    }

    fn hint(&self) -> u32 {
        let innermost = self.open.last();
        let base = innermost.map_or(0, |open| leading(&self.text[open.line..]) + STEP);
        let in_switch = innermost.is_some_and(|open| open.head == "switch" && open.byte == b'{');
        let goes_on = match self.last {
            Last::Nothing | Last::Value => false,
            Last::Word(text) => word(text).is_some_and(Word::goes_on),
            Last::Head(word) => word != "switch",
            Last::Operator(b'(' | b'[' | b'{' | b';' | b'@') => false,
            // Between brackets it separates, elsewhere the declaration goes on.
            Last::Operator(b',') => innermost.is_none(),
            Last::Operator(b':') => self.questions > 0 || (innermost.is_some() && !in_switch),
            Last::Operator(_) => true,
        };
        let in_case = in_switch && innermost.is_some_and(|open| open.has_case);
        base + STEP * (u32::from(goes_on) + u32::from(in_case))
    }

    fn word(&mut self, text: &'a str) {
        let is_member = self.last == Last::Operator(b'.');
        if matches!(text, "case" | "default")
            && let Some(open) = self.open.last_mut()
        {
            open.has_case = true;
        }
        let is_head = !is_member && word(text).is_some_and(Word::is_head);
        self.head = match text {
            // `for await (`.
            "await" if self.last == Last::Word("for") => "for",
            _ if is_head => text,
            _ => "",
        };
        self.last = if is_member { Last::Value } else { Last::Word(text) };
    }

    fn opened(&mut self, text: &str, head: &'a str) {
        let byte = text.as_bytes()[0];
        let head = match (byte, self.last) {
            (b'{', Last::Head(word)) => word,
            (b'(', _) => head,
            _ => "",
        };
        let questions = std::mem::take(&mut self.questions);
        self.open.push(Open { byte, line: self.line, head, has_case: false, questions });
        self.last = Last::Operator(b'{');
    }

    fn closed(&mut self, text: &str) {
        let Some(open) = self.open.pop() else { return };
        self.questions = open.questions;
        self.last = if text == ")" && !open.head.is_empty() { Last::Head(open.head) } else { Last::Value };
    }

    fn operator(&mut self, text: &str) {
        match text {
            "++" | "--" => return self.last = Last::Value,
            "?" => self.questions += 1,
            // The one that this belongs to counts until the next token.
            ":" => self.questions = self.questions.saturating_sub(usize::from(self.last == Last::Operator(b':'))),
            ";" | "," => self.questions = 0,
            _ => {}
        }
        self.last = text.bytes().next_back().map_or(Last::Nothing, Last::Operator);
    }
}

fn last_line(text: &str) -> &str {
    text.rfind('\n').map_or(text, |end| &text[end + 1..])
}

/// How many columns of white space a line begins with.
fn leading(line: &str) -> u32 {
    line.bytes()
        .map_while(|byte| match byte {
            b' ' => Some(1),
            b'\t' => Some(STEP),
            _ => None,
        })
        .sum()
}
