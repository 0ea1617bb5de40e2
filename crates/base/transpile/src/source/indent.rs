//! The indent hint for the next line of an unfinished chunk.
//!
//! It is a hint: it follows the user's own indentation, reads tokens but no grammar, and treats JSX as code. Where the
//! next line belongs to a string or a template it is zero, because spaces would change the text.

/// How many spaces a level of nesting is worth.
const STEP: u32 = 2;

/// Words after which a `/` begins a regular expression, and an unfinished statement goes on.
const GOING_ON: [&str; 15] = [
    "await",
    "case",
    "delete",
    "do",
    "else",
    "extends",
    "implements",
    "in",
    "instanceof",
    "new",
    "of",
    "return",
    "throw",
    "typeof",
    "void",
];
/// Words whose parentheses are followed by what they govern.
const CONTROL: [&str; 5] = ["for", "if", "switch", "while", "with"];

/// The hint for the line after `source`.
pub(crate) fn next_line(source: &str) -> u32 {
    let mut reader = Reader { text: source, at: 0, line: 0, open: Vec::new(), last: Last::Nothing, head: "", questions: 0 };
    match reader.read() {
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
    /// The parenthesis after a word of [`CONTROL`].
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
    at: usize,
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
    fn read(&mut self) -> Inside {
        while let Some(&byte) = self.text.as_bytes().get(self.at) {
            let rest = &self.text[self.at..];
            let head = std::mem::take(&mut self.head);
            match byte {
                b'\n' => {
                    (self.head, self.line) = (head, self.at + 1);
                    self.at += 1;
                }
                _ if byte.is_ascii_whitespace() => {
                    self.head = head;
                    self.at += 1;
                }
                b'/' if rest.starts_with("//") => self.at += rest.find('\n').unwrap_or(rest.len()),
                b'/' if rest.starts_with("/*") => match rest.get(2..).and_then(|body| body.find("*/")) {
                    Some(end) => self.skip(end + 4),
                    None => return Inside::Comment(self.at),
                },
                b'"' | b'\'' | b'`' => {
                    self.at += 1;
                    if !self.text_until(byte) {
                        return Inside::Text;
                    }
                }
                b'/' if !self.is_after_value() => self.regular_expression(),
                _ if is_word(byte) => self.word(),
                _ => {
                    if !self.punctuation(byte, head) {
                        return Inside::Text;
                    }
                }
            }
        }
        Inside::Code
    }

    fn hint(&self) -> u32 {
        let innermost = self.open.last();
        let base = innermost.map_or(0, |open| leading(&self.text[open.line..]) + STEP);
        let in_switch = innermost.is_some_and(|open| open.head == "switch" && open.byte == b'{');
        let goes_on = match self.last {
            Last::Nothing | Last::Value => false,
            Last::Word(word) => GOING_ON.contains(&word),
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

    fn is_after_value(&self) -> bool {
        match self.last {
            Last::Value => true,
            Last::Word(word) => !GOING_ON.contains(&word),
            Last::Nothing | Last::Head(_) | Last::Operator(_) => false,
        }
    }

    /// Goes on by `length` bytes, which may hold line breaks.
    fn skip(&mut self, length: usize) {
        let skipped = &self.text[self.at..self.at + length];
        if let Some(end) = skipped.rfind('\n') {
            self.line = self.at + end + 1;
        }
        self.at += length;
    }

    fn word(&mut self) {
        let rest = &self.text[self.at..];
        let word = &rest[..rest.bytes().position(|byte| !is_word(byte)).unwrap_or(rest.len())];
        self.at += word.len();
        let is_member = self.last == Last::Operator(b'.');
        if matches!(word, "case" | "default")
            && let Some(open) = self.open.last_mut()
        {
            open.has_case = true;
        }
        self.head = if CONTROL.contains(&word) && !is_member { word } else { "" };
        // `for await (`.
        if word == "await" && self.last == Last::Word("for") {
            self.head = "for";
        }
        self.last = if is_member { Last::Value } else { Last::Word(word) };
    }

    /// A bracket or an operator; `false` if a template goes on after it and does not end.
    fn punctuation(&mut self, byte: u8, head: &'a str) -> bool {
        self.at += 1;
        match byte {
            b'(' | b'[' | b'{' => {
                let head = match (byte, self.last) {
                    (b'{', Last::Head(word)) => word,
                    (b'(', _) => head,
                    _ => "",
                };
                self.push(byte, head);
            }
            b')' | b']' | b'}' => {
                let Some(open) = self.open.pop() else { return true };
                self.questions = open.questions;
                self.last = if byte == b')' && !open.head.is_empty() { Last::Head(open.head) } else { Last::Value };
                if open.byte == b'$' {
                    return self.text_until(b'`');
                }
            }
            b'+' | b'-' if self.last == Last::Operator(byte) && self.text.as_bytes()[self.at - 2] == byte => {
                self.last = Last::Value
            }
            _ => {
                match byte {
                    b'?' if !matches!(self.text.as_bytes().get(self.at), Some(b'.' | b'?')) => self.questions += 1,
                    b':' => {
                        // The one that this belongs to counts until the next token.
                        let had = matches!(self.last, Last::Operator(b':'));
                        self.questions = self.questions.saturating_sub(usize::from(had));
                    }
                    b';' | b',' => self.questions = 0,
                    _ => {}
                }
                self.last = Last::Operator(byte);
            }
        }
        true
    }

    fn push(&mut self, byte: u8, head: &'a str) {
        let questions = std::mem::take(&mut self.questions);
        self.open.push(Open { byte, line: self.line, head, has_case: false, questions });
        self.last = Last::Operator(b'{');
    }

    /// The text of a string or a template; `false` if the next line belongs to it.
    fn text_until(&mut self, quote: u8) -> bool {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            match byte {
                b'\\' => {
                    let escaped = self.text[self.at + 1..].chars().next().map_or(0, char::len_utf8);
                    self.skip(1 + escaped);
                    continue;
                }
                b'$' if quote == b'`' && bytes.get(self.at + 1) == Some(&b'{') => {
                    self.push(b'$', "");
                    self.at += 2;
                    return true;
                }
                // A string that its line does not close is a mistake.
                b'\n' if quote != b'`' => break,
                b'\n' => self.line = self.at + 1,
                _ => {}
            }
            self.at += 1;
            if byte == quote {
                self.last = Last::Value;
                return true;
            }
        }
        self.last = Last::Value;
        self.at < bytes.len()
    }

    fn regular_expression(&mut self) {
        let bytes = self.text.as_bytes();
        let mut in_class = false;
        self.at += 1;
        while let Some(&byte) = bytes.get(self.at).filter(|byte| **byte != b'\n') {
            self.at += 1;
            match byte {
                b'\\' if bytes.get(self.at).is_some_and(|next| *next != b'\n') => self.at += 1,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'/' if !in_class => break,
                _ => {}
            }
        }
        while self.text.as_bytes().get(self.at).is_some_and(|byte| is_word(*byte)) {
            self.at += 1;
        }
        // An escape may have led into a character.
        self.at = self.text.ceil_char_boundary(self.at);
        self.last = Last::Value;
    }
}

/// Whether a byte may belong to a name or a number; all of those of other scripts do.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'#' | 0x80..)
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
