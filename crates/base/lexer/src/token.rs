//! Tokens: a kind and a span.

use std::ops::Range;

/// What a stretch of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// White space and line breaks.
    Space,
    /// A comment, or the first line of a script for a shell.
    Comment,
    /// A name: of a variable, a member, a key.
    Name,
    /// `#name`.
    Private,
    /// A word of the language; see [`word`](crate::word()).
    Keyword,
    /// `true`, `null`, `undefined` and the like.
    Constant,
    /// A number.
    Number,
    /// A string, or the value of an attribute in JSX.
    String,
    /// A template from its opening quote to its end or to its first `${`.
    Template,
    /// The text of a template after a `}`, to its end or to its next `${`.
    TemplateRest,
    /// A regular expression with its flags.
    RegExp,
    /// Text between the tags of an element.
    JsxText,
    /// `(`, `[`, `{` or `${`.
    Open,
    /// `)`, `]` or `}`.
    Close,
    /// Any other sign. `>` is always alone, because it may close type arguments.
    Operator,
}

/// A stretch of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Where it begins, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Whether it has the end that its kind needs: the closing quote of a string, the `*/` of a comment, the line break
    /// after `//`, the slash of a regular expression; for a template's text, the closing quote of the template.
    pub closed: bool,
}

impl Token {
    /// Where it stands.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    /// Its text in `source`, which it was read from.
    #[must_use]
    pub fn text<'a>(&self, source: &'a str) -> &'a str {
        source.get(self.range()).unwrap_or_default()
    }

    /// Whether it is neither white space nor a comment.
    #[must_use]
    pub fn is_significant(&self) -> bool {
        !matches!(self.kind, Kind::Space | Kind::Comment)
    }
}
