//! A rough lexer of JavaScript and TypeScript that may be unfinished, for colours and brackets only. The transpiler
//! decides whether text is a program.

use std::ops::Range;

/// What a stretch of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Keyword,
    /// `true`, `null`, `undefined` and the like.
    Constant,
    Number,
    /// Strings, and the text of templates.
    String,
    RegExp,
    Comment,
    Name,
    Open,
    Close,
    Operator,
}

/// A stretch of text. White space belongs to none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) at: Range<usize>,
}

const KEYWORDS: [&str; 52] = [
    "abstract",
    "as",
    "async",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "declare",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "export",
    "extends",
    "finally",
    "for",
    "from",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "namespace",
    "new",
    "of",
    "private",
    "protected",
    "public",
    "readonly",
    "return",
    "satisfies",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "try",
    "type",
    "typeof",
    "using",
    "var",
    "void",
    "while",
    "yield",
];
const CONSTANTS: [&str; 6] = ["Infinity", "NaN", "false", "null", "true", "undefined"];

/// Reads all of `text`.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { text, at: 0, tokens: Vec::new(), braces: Vec::new() };
    while lexer.at < text.len() {
        lexer.next();
    }
    lexer.tokens
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
    /// For each open brace, whether it is that of a template's `${`.
    braces: Vec<bool>,
}

impl Lexer<'_> {
    fn next(&mut self) {
        let rest = &self.text[self.at..];
        let Some(first) = rest.chars().next() else { return };
        match first {
            _ if first.is_whitespace() => self.at += first.len_utf8(),
            '/' if rest.starts_with("//") => self.push(Kind::Comment, rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("/*") => self.push(Kind::Comment, rest[2..].find("*/").map_or(rest.len(), |end| end + 4)),
            '/' if self.wants_operand() => self.regexp(rest),
            '\'' | '"' => self.push(Kind::String, quoted(rest, first)),
            '`' => self.template(1),
            '0'..='9' => self.number(rest),
            '.' if rest[1..].starts_with(|next: char| next.is_ascii_digit()) => self.number(rest),
            '}' if self.braces.pop() == Some(true) => {
                self.push(Kind::Close, 1);
                self.template(0);
            }
            '(' | '[' | '{' => {
                if first == '{' {
                    self.braces.push(false);
                }
                self.push(Kind::Open, 1);
            }
            ')' | ']' | '}' => self.push(Kind::Close, 1),
            _ if is_name(first) => self.word(rest),
            _ => self.push(Kind::Operator, first.len_utf8()),
        }
    }

    fn push(&mut self, kind: Kind, length: usize) {
        self.tokens.push(Token { kind, at: self.at..self.at + length });
        self.at += length;
    }

    fn last(&self) -> Option<(Kind, &str)> {
        let token = self.tokens.iter().rev().find(|token| token.kind != Kind::Comment)?;
        Some((token.kind, &self.text[token.at.clone()]))
    }

    /// Whether a `/` here begins a regular expression.
    fn wants_operand(&self) -> bool {
        match self.last() {
            None => true,
            Some((Kind::Keyword, word)) => !matches!(word, "this" | "super"),
            Some((kind, _)) => matches!(kind, Kind::Open | Kind::Operator),
        }
    }

    fn regexp(&mut self, rest: &str) {
        let (mut in_class, mut escaped) = (false, false);
        let end = rest[1..].find(|char| {
            if std::mem::take(&mut escaped) {
                return char == '\n';
            }
            match char {
                '\\' => escaped = true,
                '[' => in_class = true,
                ']' => in_class = false,
                _ => {}
            }
            char == '\n' || (char == '/' && !in_class)
        });
        match end {
            Some(end) if rest[1 + end..].starts_with('/') => {
                let flags = rest[end + 2..].find(|char| !is_name(char)).unwrap_or(rest.len() - end - 2);
                self.push(Kind::RegExp, end + 2 + flags);
            }
            _ => self.push(Kind::Operator, 1),
        }
    }

    /// The text of a template from here (`skip` bytes are its opening) to its end or its next `${`.
    fn template(&mut self, skip: usize) {
        let rest = &self.text[self.at..];
        let bytes = rest.as_bytes();
        let mut end = skip;
        while end < bytes.len() {
            match bytes[end] {
                b'\\' => end += 1,
                b'`' => return self.push(Kind::String, end + 1),
                b'$' if bytes.get(end + 1) == Some(&b'{') => {
                    self.push(Kind::String, end);
                    self.braces.push(true);
                    return self.push(Kind::Open, 2);
                }
                _ => {}
            }
            end += 1;
        }
        self.push(Kind::String, rest.len());
    }

    fn number(&mut self, rest: &str) {
        let mut before = ' ';
        let end = rest.find(|char: char| {
            let signed = matches!(char, '+' | '-') && matches!(before, 'e' | 'E') && !rest.starts_with("0x");
            before = char;
            !(is_name(char) || char == '.' || signed)
        });
        self.push(Kind::Number, end.unwrap_or(rest.len()));
    }

    fn word(&mut self, rest: &str) {
        let length = rest.find(|char| !is_name(char)).unwrap_or(rest.len());
        let word = &rest[..length];
        let is_member = matches!(self.last(), Some((Kind::Operator, "."))) && !self.text[..self.at].ends_with("..");
        let is_key = rest[length..].trim_start().starts_with(':') && !matches!(word, "default");
        let kind = if is_member || is_key {
            Kind::Name
        } else if CONSTANTS.binary_search(&word).is_ok() {
            Kind::Constant
        } else if KEYWORDS.binary_search(&word).is_ok() {
            Kind::Keyword
        } else {
            Kind::Name
        };
        self.push(kind, length);
    }
}

fn is_name(char: char) -> bool {
    char.is_alphanumeric() || matches!(char, '_' | '$' | '#' | '@')
}

/// The length of the string that begins `text`: to its closing quote, or to the end of an unfinished line.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    let end = text[1..].find(|char| {
        let ends = !escaped && (char == quote || char == '\n');
        escaped = !escaped && char == '\\';
        ends
    });
    match end {
        Some(end) if text[1 + end..].starts_with(quote) => end + 2,
        Some(end) => end + 1,
        None => text.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::{CONSTANTS, KEYWORDS, Kind, tokens};

    fn read(text: &str) -> Vec<(Kind, &str)> {
        tokens(text).into_iter().map(|token| (token.kind, &text[token.at])).collect()
    }

    #[test]
    fn words_are_looked_up_in_order() {
        assert!(KEYWORDS.is_sorted() && CONSTANTS.is_sorted());
    }

    #[test]
    fn what_is_typed_is_told_apart() {
        use Kind::*;
        assert_eq!(read("let x = 1.5e-3"), [(Keyword, "let"), (Name, "x"), (Operator, "="), (Number, "1.5e-3")]);
        assert_eq!(read("a.delete"), [(Name, "a"), (Operator, "."), (Name, "delete")]);
        assert_eq!(read("'it\\'s' // x"), [(String, "'it\\'s'"), (Comment, "// x")]);
        assert_eq!(read("a / b / c").iter().filter(|(kind, _)| *kind == RegExp).count(), 0);
        assert_eq!(read("x = /[/']\\//gi"), [(Name, "x"), (Operator, "="), (RegExp, "/[/']\\//gi")]);
        assert_eq!(read("null"), [(Constant, "null")]);
        assert_eq!(read("'open"), [(String, "'open")]);
    }

    #[test]
    fn templates_hold_code() {
        use Kind::*;
        let expected = [(String, "`a"), (Open, "${"), (Open, "{"), (Close, "}"), (Close, "}"), (String, "b`")];
        assert_eq!(read("`a${{}}b`"), expected);
        assert_eq!(read("`日本"), [(String, "`日本")]);
    }

    #[test]
    fn any_text_is_read_to_its_end() {
        for text in ["/", "/*", "`${", "\\", "'\\", "}}}", "é`$", "0x", "//", "/[", "…", "`\\", "@x #y"] {
            let end = read(text).last().map(|(_, text)| text.len());
            assert!(end.is_some(), "{text}");
        }
    }
}
