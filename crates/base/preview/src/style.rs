//! Colours as a table, so that a front end may use its own.

/// What is written before and after a piece of text: the parameters of two "select graphic rendition" sequences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Switches it on.
    pub on: &'static str,
    /// Switches it off again, and nothing else.
    pub off: &'static str,
}

impl Style {
    /// No change at all.
    pub const NONE: Self = Self { on: "", off: "" };

    const fn new(on: &'static str, off: &'static str) -> Self {
        Self { on, off }
    }
}

/// The style of every kind of thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the language's own")]
pub struct Styles {
    pub bigint: Style,
    pub boolean: Style,
    pub date: Style,
    /// Names of properties that need no quotes.
    pub name: Style,
    pub null: Style,
    pub number: Style,
    pub regexp: Style,
    /// What is said about a value rather than being part of it: `[Getter]`, `[Circular *1]`, `[Function: f]`.
    pub special: Style,
    pub string: Style,
    pub symbol: Style,
    pub undefined: Style,
}

impl Styles {
    /// The colours of Node.
    pub const NODE: Self = Self {
        bigint: Style::new("33", "39"),
        boolean: Style::new("33", "39"),
        date: Style::new("35", "39"),
        name: Style::NONE,
        null: Style::new("1", "22"),
        number: Style::new("33", "39"),
        regexp: Style::new("31", "39"),
        special: Style::new("36", "39"),
        string: Style::new("32", "39"),
        symbol: Style::new("32", "39"),
        undefined: Style::new("90", "39"),
    };
}

/// Which row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    BigInt,
    Boolean,
    Date,
    Name,
    Null,
    Number,
    RegExp,
    Special,
    String,
    Symbol,
    Undefined,
}

impl Ink {
    pub(crate) fn of(self, styles: &Styles) -> Style {
        match self {
            Self::BigInt => styles.bigint,
            Self::Boolean => styles.boolean,
            Self::Date => styles.date,
            Self::Name => styles.name,
            Self::Null => styles.null,
            Self::Number => styles.number,
            Self::RegExp => styles.regexp,
            Self::Special => styles.special,
            Self::String => styles.string,
            Self::Symbol => styles.symbol,
            Self::Undefined => styles.undefined,
        }
    }
}
