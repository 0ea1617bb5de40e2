//! The tokens of code that need not be a program, and the construct that it ends in.

use std::borrow::Cow;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'a> {
    Name(&'a str),
    Number(&'a str),
    String(Cow<'a, str>),
    Template,
    Regex,
    Punct(&'a str),
}

/// What the text ends inside of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Open {
    Nothing,
    /// Comment, template text, regular expression, number.
    Opaque,
    /// A string, whose text begins here.
    String {
        quote: char,
        start: usize,
    },
}

/// The tokens of `text`, each finished template as one, and what the text ends inside of.
pub(super) fn tokens(text: &str) -> (Vec<Token<'_>>, Open) {
    let mut scanner = Scanner { text, at: 0, tokens: Vec::new(), braces: Vec::new() };
    let open = scanner.scan();
    (scanner.tokens, open)
}

/// Words that are no names of variables, for completion and to tell what a bracket or a slash means.
pub(super) const KEYWORDS: &[&str] = &[
    "async",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "import",
    "in",
    "instanceof",
    "let",
    "new",
    "null",
    "of",
    "return",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "using",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

/// Keywords that are values.
const VALUES: [&str; 5] = ["this", "true", "false", "null", "super"];

/// Whether a value ends with `token`, so that a bracket after it is an index or a call, and a slash divides.
pub(super) fn ends_value(token: Option<&Token>) -> bool {
    match token {
        None => false,
        Some(Token::Name(name)) => VALUES.contains(name) || !KEYWORDS.contains(name),
        Some(Token::Punct(punct)) => matches!(*punct, ")" | "]"),
        Some(_) => true,
    }
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token<'a>>,
    /// The braces that are open; for the `${` of a template, where its tokens begin.
    braces: Vec<Option<usize>>,
}

impl<'a> Scanner<'a> {
    fn scan(&mut self) -> Open {
        while let Some(char) = self.peek() {
            let open = match char {
                _ if char.is_whitespace() => {
                    self.at += char.len_utf8();
                    None
                }
                '/' if self.rest().starts_with("//") => self.skip_past("\n", 2),
                '/' if self.rest().starts_with("/*") => self.skip_past("*/", 2),
                '"' | '\'' => self.string(char),
                '`' => {
                    self.at += 1;
                    self.template(self.tokens.len())
                }
                '/' if !ends_value(self.tokens.last()) => self.regex(),
                '0'..='9' => self.number(),
                '.' if self.rest()[1..].starts_with(|next: char| next.is_ascii_digit()) => self.number(),
                _ if is_name(char) => {
                    let name = self.take(is_name);
                    self.tokens.push(Token::Name(name));
                    None
                }
                _ => self.punct(char),
            };
            if let Some(open) = open {
                return open;
            }
        }
        Open::Nothing
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = &rest[..rest.find(|char| !belongs(char)).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }

    fn skip_past(&mut self, end: &str, from: usize) -> Option<Open> {
        match self.rest()[from..].find(end) {
            Some(found) => {
                self.at += from + found + end.len();
                None
            }
            None => Some(Open::Opaque),
        }
    }

    fn string(&mut self, quote: char) -> Option<Open> {
        let start = self.at + 1;
        let mut escaped = false;
        for (index, char) in self.text[start..].char_indices() {
            match char {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                // A string that its line does not close is a mistake; what follows it may be none.
                '\n' => {
                    self.at = start + index;
                    return None;
                }
                _ if char == quote => {
                    let raw = &self.text[start..start + index];
                    self.tokens.push(Token::String(unescape(raw)));
                    self.at = start + index + 1;
                    return None;
                }
                _ => {}
            }
        }
        Some(Open::String { quote, start })
    }

    /// The text of a template whose tokens begin at `first`.
    fn template(&mut self, first: usize) -> Option<Open> {
        let mut escaped = false;
        while let Some(char) = self.peek() {
            self.at += char.len_utf8();
            match char {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '`' => {
                    self.tokens.truncate(first);
                    self.tokens.push(Token::Template);
                    return None;
                }
                '$' if self.peek() == Some('{') => {
                    self.at += 1;
                    self.braces.push(Some(first));
                    self.tokens.push(Token::Punct("${"));
                    return None;
                }
                _ => {}
            }
        }
        Some(Open::Opaque)
    }

    fn regex(&mut self) -> Option<Open> {
        self.at += 1;
        let (mut escaped, mut class) = (false, false);
        while let Some(char) = self.peek() {
            self.at += char.len_utf8();
            match char {
                '\n' => return None,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '[' => class = true,
                ']' => class = false,
                '/' if !class => {
                    self.take(is_name);
                    self.tokens.push(Token::Regex);
                    return None;
                }
                _ => {}
            }
        }
        Some(Open::Opaque)
    }

    fn number(&mut self) -> Option<Open> {
        let start = self.at;
        self.take(is_name);
        let whole = &self.text[start..self.at];
        let decimal = whole.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
        if decimal && self.rest().starts_with('.') {
            self.at += 1;
            if self.rest().starts_with(|next: char| next.is_ascii_digit() || next == 'e') {
                self.take(is_name);
            }
        }
        self.tokens.push(Token::Number(&self.text[start..self.at]));
        // Still growing.
        self.rest().is_empty().then_some(Open::Opaque)
    }

    fn punct(&mut self, char: char) -> Option<Open> {
        let rest = self.rest();
        let digit_follows = rest[char.len_utf8()..].chars().nth(1).is_some_and(|next| next.is_ascii_digit());
        let length = match char {
            '.' if rest.starts_with("...") => 3,
            '?' if rest.starts_with("?.") && !digit_follows => 2,
            '=' if rest.starts_with("=>") => 2,
            _ => char.len_utf8(),
        };
        self.at += length;
        match char {
            '{' => self.braces.push(None),
            '}' => {
                if let Some(Some(first)) = self.braces.pop() {
                    return self.template(first);
                }
            }
            _ => {}
        }
        self.tokens.push(Token::Punct(&rest[..length]));
        None
    }
}

fn is_name(char: char) -> bool {
    char.is_alphanumeric() || matches!(char, '_' | '$' | '\u{200c}' | '\u{200d}')
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
