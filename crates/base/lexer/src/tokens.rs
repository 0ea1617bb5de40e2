//! Makes tokens of text.

use crate::{
    Kind, Level, Token,
    brackets::opens_object,
    chars::{is_name_part, is_space, name_length},
    extent::{self, Extent},
    jsx, signs, word,
};

/// Reads all of `source`: the tokens tile it.
#[must_use]
pub fn tokens(source: &str) -> Tokens<'_> {
    let last_closing_tag = source.rfind("</").unwrap_or(0);
    Tokens {
        source,
        at: 0,
        levels: Vec::new(),
        last: None,
        after_value: false,
        braces: 0,
        after_for_await: false,
        last_closing_tag,
        has_elements: true,
        looked: 0,
    }
}

/// The tokens of a text, one after the other.
#[derive(Clone, Debug)]
pub struct Tokens<'a> {
    source: &'a str,
    at: usize,
    levels: Vec<Level>,
    /// The last significant token.
    last: Option<Token>,
    /// Whether a value ends with it, so that a `/` divides.
    after_value: bool,
    /// How many braces of code are open.
    braces: usize,
    /// Whether it is the `await` of `for await`.
    after_for_await: bool,
    /// Where the last `</` stands.
    last_closing_tag: usize,
    /// Whether a `<` may open an element.
    has_elements: bool,
    /// How many bytes were looked at beyond the ends of tokens.
    looked: usize,
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let first = self.rest().chars().next()?;
        let before = self.last;
        let token = match self.levels.last() {
            Some(Level::Template) => self.template_rest(),
            Some(Level::Children) => self.child(first),
            Some(Level::Tag { .. }) => self.in_tag(first),
            _ => self.code(first),
        };
        self.at = token.end;
        if token.is_significant() {
            let is_for = |last: Token| last.kind == Kind::Keyword && last.text(self.source) == "for";
            self.after_for_await = token.text(self.source) == "await" && before.is_some_and(is_for);
            self.last = Some(token);
        }
        Some(token)
    }
}

impl<'a> Tokens<'a> {
    /// Reads a text that has no elements of JSX, as a file of declarations: a `<` opens none.
    #[must_use]
    pub fn without_elements(self) -> Self {
        Self { has_elements: false, ..self }
    }

    /// What is open after the tokens so far, from the outermost.
    #[must_use]
    pub fn levels(&self) -> &[Level] {
        &self.levels
    }

    fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn token(&self, kind: Kind, length: usize) -> Token {
        Token { kind, start: self.at, end: self.at + length, closed: true }
    }

    fn extent(&self, kind: Kind, of: impl FnOnce(&[u8], usize) -> Extent) -> Token {
        let Extent { end, closed } = of(self.source.as_bytes(), self.at);
        Token { kind, start: self.at, end: self.source.ceil_char_boundary(end), closed }
    }

    fn value(&mut self, token: Token) -> Token {
        self.after_value = true;
        token
    }

    /// White space or a comment, if that begins here.
    fn trivia(&self, first: char) -> Option<Token> {
        let rest = self.rest();
        if is_space(first) {
            return Some(self.token(Kind::Space, rest.find(|char| !is_space(char)).unwrap_or(rest.len())));
        }
        if rest.starts_with("//") || (self.at == 0 && rest.starts_with("#!")) {
            let line = |text: &[u8], at| {
                let end = extent::line_end(text, at);
                Extent { end, closed: end < text.len() }
            };
            return Some(self.extent(Kind::Comment, line));
        }
        rest.starts_with("/*").then(|| self.extent(Kind::Comment, extent::comment))
    }

    fn code(&mut self, first: char) -> Token {
        if let Some(trivia) = self.trivia(first) {
            return trivia;
        }
        let rest = self.rest();
        let second = rest[first.len_utf8()..].chars().next();
        match first {
            '/' if !self.after_value => self.regular_expression(),
            '\'' | '"' => {
                let string = self.extent(Kind::String, extent::quoted);
                self.value(string)
            }
            '`' => self.template(),
            '0'..='9' => self.number(rest),
            '.' if second.is_some_and(|second| second.is_ascii_digit()) => self.number(rest),
            '#' if second.is_some_and(is_name_part) => {
                let name = self.token(Kind::Private, 1 + name_length(&rest[1..]));
                self.value(name)
            }
            '<' if !self.after_value && self.opens_element() => self.open_tag(false),
            '(' | '[' | '{' => self.open(first),
            ')' | ']' | '}' => self.close(first),
            _ if is_name_part(first) || rest.starts_with("\\u") => self.word(rest),
            _ => self.operator(rest, first),
        }
    }

    fn open(&mut self, first: char) -> Token {
        let before = self.last.map(|last| (last.kind, last.text(self.source)));
        let is_head = |(kind, text)| kind == Kind::Keyword && word(text).is_some_and(|word| word.is_head());
        match first {
            '(' => self.levels.push(Level::Parenthesis { head: self.after_for_await || before.is_some_and(is_head) }),
            '[' => self.levels.push(Level::Bracket),
            _ if opens_object(before, self.levels.last().copied()) => self.push_brace(Level::Object),
            _ => self.push_brace(Level::Block),
        }
        self.after_value = false;
        self.token(Kind::Open, 1)
    }

    fn push_brace(&mut self, level: Level) {
        self.braces += 1;
        self.levels.push(level);
    }

    /// A brace closes the innermost one, whatever is open in it. Another bracket that does not fit closes nothing.
    fn close(&mut self, first: char) -> Token {
        while first == '}' && self.braces > 0 && matches!(self.levels.last(), Some(Level::Parenthesis { .. } | Level::Bracket)) {
            self.levels.pop();
        }
        let closed = self.levels.last().copied().filter(|level| match level {
            Level::Parenthesis { .. } => first == ')',
            Level::Bracket => first == ']',
            Level::Block | Level::Object | Level::TemplateCode | Level::JsxCode => first == '}',
            Level::Template | Level::Tag { .. } | Level::Children => false,
        });
        if closed.is_some() {
            self.levels.pop();
            self.braces -= usize::from(first == '}');
        }
        self.after_value = match closed {
            Some(Level::Parenthesis { head }) => !head,
            Some(Level::Block) => false,
            Some(_) => true,
            None => first != '}',
        };
        self.token(Kind::Close, 1)
    }

    fn template(&mut self) -> Token {
        let template = self.extent(Kind::Template, |text, at| extent::template(text, at + 1));
        if !template.closed {
            self.levels.push(Level::Template);
        }
        self.value(template)
    }

    /// Goes on within a template: code, or text up to the next.
    fn template_rest(&mut self) -> Token {
        if self.rest().starts_with("${") {
            self.push_brace(Level::TemplateCode);
            self.after_value = false;
            return self.token(Kind::Open, 2);
        }
        let rest = self.extent(Kind::TemplateRest, extent::template);
        if rest.closed {
            self.levels.pop();
        }
        self.value(rest)
    }

    fn regular_expression(&mut self) -> Token {
        let mut token = self.extent(Kind::RegExp, extent::regular_expression);
        if token.closed {
            token.end += name_length(self.source.get(token.end..).unwrap_or_default());
        }
        self.value(token)
    }

    fn number(&mut self, rest: &str) -> Token {
        let mut length = name_length(rest);
        let is_decimal = rest[..length].bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
        if is_decimal && rest[length..].starts_with('.') {
            length += 1;
            if rest[length..].starts_with(|next: char| next.is_ascii_digit() || matches!(next, 'e' | 'E')) {
                length += name_length(&rest[length..]);
            }
        }
        // The sign of an exponent. In `0xe-1` it is none.
        let is_exponent = rest[..length].ends_with(['e', 'E']) && !rest.starts_with("0x") && !rest.starts_with("0X");
        let signed =
            rest[length..].strip_prefix(['+', '-']).filter(|digits| digits.starts_with(|next: char| next.is_ascii_digit()));
        if let Some(digits) = signed.filter(|_| is_exponent) {
            length += 1 + name_length(digits);
        }
        // A number at the end may still grow.
        let closed = length < rest.len();
        let number = Token { closed, ..self.token(Kind::Number, length) };
        self.value(number)
    }

    fn word(&mut self, rest: &str) -> Token {
        let length = name_length(rest);
        let text = &rest[..length];
        let is_member = self.last.is_some_and(|last| matches!(last.text(self.source), "." | "?."));
        let behind = rest[length..].trim_start();
        self.looked += rest.len() - length - behind.len();
        let is_key = behind.starts_with(':') && text != "default";
        let meaning = word(text).filter(|_| !is_member && !is_key);
        let kind = match meaning {
            Some(word) if word.is_constant() => Kind::Constant,
            Some(word) if word.is_keyword() => Kind::Keyword,
            _ => Kind::Name,
        };
        self.after_value = !meaning.is_some_and(|word| {
            let binds = word.wants_operand() || matches!(text, "of" | "as" | "satisfies");
            binds || (word.is_reserved() && !word.is_value())
        });
        self.token(kind, length)
    }

    fn operator(&mut self, rest: &str, first: char) -> Token {
        let digit_follows = rest.chars().nth(2).is_some_and(|third| third.is_ascii_digit());
        let sign = signs::token(rest).filter(|sign| *sign != "?." || !digit_follows);
        let length = sign.map_or(first.len_utf8(), |sign| sign.len());
        // `x++` is a value, and so is TypeScript's `x!`.
        let is_postfix = matches!(&rest[..length], "++" | "--" | "!");
        self.after_value = self.after_value && is_postfix;
        self.token(Kind::Operator, length)
    }

    fn opens_element(&mut self) -> bool {
        if !self.has_elements {
            return false;
        }
        let jsx::Look { element, length } = jsx::look(&self.rest()[1..], self.last_closing_tag > self.at);
        self.looked += length;
        element
    }

    /// The `<` or `</` of a tag.
    fn open_tag(&mut self, closing: bool) -> Token {
        self.levels.push(Level::Tag { closing, angles: 0 });
        self.after_value = false;
        self.token(Kind::Operator, 1 + usize::from(closing))
    }

    /// Between the tags of an element.
    fn child(&mut self, first: char) -> Token {
        let rest = self.rest();
        match first {
            '<' => self.open_tag(rest.starts_with("</")),
            '{' => self.open_jsx_code(),
            _ => {
                let length = rest.find(['<', '{']).unwrap_or(rest.len());
                let is_blank = rest[..length].chars().all(is_space);
                self.token(if is_blank { Kind::Space } else { Kind::JsxText }, length)
            }
        }
    }

    fn open_jsx_code(&mut self) -> Token {
        self.push_brace(Level::JsxCode);
        self.after_value = false;
        self.token(Kind::Open, 1)
    }

    /// Between the `<` and the `>` of a tag.
    fn in_tag(&mut self, first: char) -> Token {
        if let Some(trivia) = self.trivia(first) {
            return trivia;
        }
        let rest = self.rest();
        match first {
            '\'' | '"' => {
                // No escapes, and line breaks are text.
                let end = rest[1..].find(first).map(|length| length + 2);
                let length = end.unwrap_or(rest.len());
                Token { closed: end.is_some(), ..self.token(Kind::String, length) }
            }
            '{' => self.open_jsx_code(),
            '>' => self.close_angle(),
            '<' => {
                if let Some(Level::Tag { angles, .. }) = self.levels.last_mut() {
                    *angles += 1;
                }
                self.token(Kind::Operator, 1)
            }
            _ if is_name_part(first) => {
                let length = rest.find(|char| !(is_name_part(char) || char == '-')).unwrap_or(rest.len());
                self.token(Kind::Name, length)
            }
            _ => self.token(Kind::Operator, first.len_utf8()),
        }
    }

    /// The `>` of type arguments or of the tag.
    fn close_angle(&mut self) -> Token {
        let is_empty = self.last.is_some_and(|last| last.text(self.source) == "/");
        match self.levels.pop() {
            Some(Level::Tag { closing, angles }) if angles > 0 => self.levels.push(Level::Tag { closing, angles: angles - 1 }),
            Some(Level::Tag { closing: true, .. }) => drop(self.levels.pop_if(|level| *level == Level::Children)),
            _ if !is_empty => self.levels.push(Level::Children),
            _ => {}
        }
        let close = self.token(Kind::Operator, 1);
        self.value(close)
    }
}

#[cfg(test)]
mod tests {
    use super::tokens;

    /// What is looked at beyond a token's end is bounded by the text, whatever the text is.
    #[test]
    fn hostile_text_is_looked_at_few_times() {
        let units = [
            "<a ", "<a", "< ", "a ", "a\n", "/[", "/", "`${", "{", "}", "<a>", "</", "<A>", "\\u{", "0e+", "?.", "<a b={", "#",
            "'\\", "/*", "if(", ">(", "(x]", "<!--", "\u{feff}", "\u{2028}", "é",
        ];
        for one in units {
            for other in units {
                let text = format!("{one}{other}").repeat(500);
                let mut reading = tokens(&text);
                let count = reading.by_ref().count();
                assert!(
                    count <= text.len() && reading.looked <= 4 * text.len(),
                    "{one}{other}: {} of {}",
                    reading.looked,
                    text.len()
                );
            }
        }
    }
}
