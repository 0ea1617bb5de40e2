//! The table of words: which words of JavaScript and TypeScript mean something, and what.

const RESERVED: u16 = 1;
const KEYWORD: u16 = 1 << 1;
const CONSTANT: u16 = 1 << 2;
const OFFERED: u16 = 1 << 3;
const VALUE: u16 = 1 << 4;
const OPERAND: u16 = 1 << 5;
const MAYBE: u16 = 1 << 6;
const HEAD: u16 = 1 << 7;
const GOES_ON: u16 = 1 << 8;
const TAKEN: u16 = 1 << 9;
const DECLARES: u16 = 1 << 10;
const TYPE: u16 = 1 << 11;
const JOINS: u16 = 1 << 12;

/// A reserved word that is coloured and offered.
const PLAIN: u16 = RESERVED | KEYWORD | OFFERED;

/// A word that means something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    text: &'static str,
    marks: u16,
}

impl Word {
    /// Its text.
    #[must_use]
    pub fn text(self) -> &'static str {
        self.text
    }

    /// It names nothing, in strict code and elsewhere.
    #[must_use]
    pub fn is_reserved(self) -> bool {
        self.has(RESERVED)
    }

    /// It is shown as a word of the language.
    #[must_use]
    pub fn is_keyword(self) -> bool {
        self.has(KEYWORD)
    }

    /// It is shown as a constant.
    #[must_use]
    pub fn is_constant(self) -> bool {
        self.has(CONSTANT)
    }

    /// A completion offers it.
    #[must_use]
    pub fn is_offered(self) -> bool {
        self.has(OFFERED)
    }

    /// No chunk can declare a variable of this name, although it may be a name elsewhere.
    #[must_use]
    pub fn is_taken(self) -> bool {
        self.has(TAKEN)
    }

    /// It is a value by itself.
    #[must_use]
    pub fn is_value(self) -> bool {
        self.has(VALUE)
    }

    /// An operand follows: a `/` begins a regular expression.
    #[must_use]
    pub fn wants_operand(self) -> bool {
        self.has(OPERAND)
    }

    /// It may be a keyword or a name where it stands, and only the grammar tells whether a `/` after it divides.
    #[must_use]
    pub fn may_be_name(self) -> bool {
        self.has(MAYBE)
    }

    /// It governs what follows its parentheses: `if (…) /x/` has a regular expression.
    #[must_use]
    pub fn is_head(self) -> bool {
        self.has(HEAD)
    }

    /// A statement that ends with it goes on.
    #[must_use]
    pub fn goes_on(self) -> bool {
        self.has(GOES_ON)
    }

    /// A new name follows.
    #[must_use]
    pub fn declares(self) -> bool {
        self.has(DECLARES)
    }

    /// It names a type of TypeScript, and so hardly an element.
    #[must_use]
    pub fn is_type(self) -> bool {
        self.has(TYPE)
    }

    /// At the beginning of a line, it may go on with the statement before.
    #[must_use]
    pub fn may_join(self) -> bool {
        self.has(JOINS)
    }

    fn has(self, mark: u16) -> bool {
        self.marks & mark != 0
    }
}

/// All of them, in the order of their texts.
static WORDS: &[(&str, u16)] = &[
    ("Infinity", CONSTANT | TAKEN | VALUE),
    ("NaN", CONSTANT | TAKEN | VALUE),
    ("__proto__", TAKEN),
    ("abstract", KEYWORD | JOINS),
    ("any", TYPE),
    ("as", KEYWORD | MAYBE | JOINS),
    ("async", KEYWORD | OFFERED | MAYBE | JOINS),
    ("await", KEYWORD | OFFERED | OPERAND | GOES_ON | TAKEN),
    ("bigint", TYPE),
    ("boolean", TYPE),
    ("break", PLAIN),
    ("case", PLAIN | OPERAND | GOES_ON),
    ("catch", PLAIN | JOINS),
    ("class", PLAIN | DECLARES | JOINS),
    ("const", PLAIN | DECLARES | TYPE),
    ("continue", PLAIN),
    ("debugger", PLAIN),
    ("declare", KEYWORD),
    ("default", PLAIN | MAYBE),
    ("delete", PLAIN | OPERAND | GOES_ON),
    ("do", PLAIN | OPERAND | GOES_ON),
    ("else", PLAIN | OPERAND | GOES_ON | JOINS),
    ("enum", PLAIN | DECLARES),
    ("export", PLAIN | JOINS),
    ("extends", PLAIN | MAYBE | GOES_ON | JOINS),
    ("false", RESERVED | CONSTANT | OFFERED | VALUE),
    ("finally", PLAIN | MAYBE | JOINS),
    ("for", PLAIN | HEAD),
    ("from", KEYWORD | JOINS),
    ("function", PLAIN | DECLARES),
    ("if", PLAIN | HEAD),
    ("implements", KEYWORD | GOES_ON | JOINS),
    ("import", PLAIN),
    ("in", PLAIN | OPERAND | GOES_ON | JOINS),
    ("instanceof", PLAIN | OPERAND | GOES_ON | JOINS),
    ("interface", KEYWORD | DECLARES),
    ("is", MAYBE | JOINS),
    ("keyof", MAYBE),
    ("let", KEYWORD | OFFERED | MAYBE | TAKEN | DECLARES),
    ("namespace", KEYWORD | DECLARES),
    ("never", TYPE),
    ("new", PLAIN | OPERAND | GOES_ON),
    ("null", RESERVED | CONSTANT | OFFERED | VALUE | TYPE),
    ("number", TYPE),
    ("object", TYPE),
    ("of", KEYWORD | OFFERED | MAYBE | GOES_ON | JOINS),
    ("private", KEYWORD),
    ("protected", KEYWORD),
    ("public", KEYWORD),
    ("readonly", KEYWORD),
    ("return", PLAIN | OPERAND | GOES_ON),
    ("satisfies", KEYWORD | MAYBE | JOINS),
    ("static", KEYWORD | OFFERED),
    ("string", TYPE),
    ("super", PLAIN | VALUE),
    ("switch", PLAIN | HEAD),
    ("symbol", TYPE),
    ("this", PLAIN | VALUE | TYPE),
    ("throw", PLAIN | OPERAND | GOES_ON),
    ("true", RESERVED | CONSTANT | OFFERED | VALUE),
    ("try", PLAIN | MAYBE),
    ("type", KEYWORD | MAYBE),
    ("typeof", PLAIN | OPERAND | GOES_ON),
    ("undefined", CONSTANT | TAKEN | VALUE | TYPE),
    ("unknown", TYPE),
    ("using", KEYWORD | OFFERED),
    ("var", PLAIN | DECLARES),
    ("void", PLAIN | OPERAND | GOES_ON | TYPE),
    ("while", PLAIN | HEAD | JOINS),
    ("with", PLAIN | HEAD | JOINS),
    ("yield", PLAIN | MAYBE),
];

/// What `text` means, if it is such a word.
#[must_use]
pub fn word(text: &str) -> Option<Word> {
    let at = WORDS.binary_search_by_key(&text, |(text, _)| text).ok()?;
    let (text, marks) = WORDS[at];
    Some(Word { text, marks })
}

/// Whether `text` names nothing, in strict code and elsewhere.
#[must_use]
pub fn is_reserved(text: &str) -> bool {
    word(text).is_some_and(Word::is_reserved)
}

/// The words that a completion offers.
pub fn offered() -> impl Iterator<Item = &'static str> {
    WORDS.iter().filter(|(_, marks)| marks & OFFERED != 0).map(|(text, _)| *text)
}

#[cfg(test)]
mod tests {
    use super::{WORDS, Word, offered, word};

    fn with(has: impl Fn(Word) -> bool) -> Vec<&'static str> {
        WORDS.iter().filter_map(|(text, _)| word(text)).filter(|word| has(*word)).map(Word::text).collect()
    }

    #[test]
    fn the_table_is_in_order_and_every_word_is_found() {
        assert!(WORDS.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(with(|_| true).len(), WORDS.len());
        assert!(word("constructor").is_none() && word("").is_none());
    }

    /// ECMA-262, "Keywords and Reserved Words", all those that are reserved everywhere.
    #[test]
    fn reserved_words_are_those_of_the_language() {
        let reserved = "break case catch class const continue debugger default delete do else enum export extends false finally \
                        for function if import in instanceof new null return super switch this throw true try typeof var void \
                        while with yield";
        assert_eq!(with(Word::is_reserved), reserved.split_whitespace().collect::<Vec<_>>());
    }

    /// The transpiler's bound of the nesting rests on these.
    #[test]
    fn words_before_an_operand_are_those_of_the_grammar() {
        let is = |has: fn(Word) -> bool, words: &str| assert_eq!(with(has), words.split_whitespace().collect::<Vec<_>>());
        is(Word::wants_operand, "await case delete do else in instanceof new return throw typeof void");
        is(Word::may_be_name, "as async default extends finally is keyof let of satisfies try type yield");
        is(Word::is_head, "for if switch while with");
        let joins =
            "abstract as async catch class else export extends finally from implements in instanceof is of satisfies while with";
        is(Word::may_join, joins);
    }

    #[test]
    fn what_is_offered_is_a_word_of_the_language() {
        assert!(offered().all(|text| word(text).is_some_and(|word| word.is_keyword() || word.is_constant())));
        assert_eq!(offered().count(), 43);
    }
}
