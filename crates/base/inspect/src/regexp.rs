//! The flags of a regular expression as letters, and back.

use v8::RegExpCreationFlags as F;

/// In the order in which the language lists them.
const LETTERS: [(F, char); 9] = [
    (F::HAS_INDICES, 'd'),
    (F::GLOBAL, 'g'),
    (F::IGNORE_CASE, 'i'),
    (F::LINEAR, 'l'),
    (F::MULTILINE, 'm'),
    (F::DOT_ALL, 's'),
    (F::UNICODE, 'u'),
    (F::UNICODE_SETS, 'v'),
    (F::STICKY, 'y'),
];

/// The letters of `flags`.
pub fn letters(flags: F) -> String {
    LETTERS.into_iter().filter(|(flag, _)| flags.contains(*flag)).map(|(_, letter)| letter).collect()
}

/// Flags from letters; `None` for one that does not exist. `l` exists only where V8's experimental engine is switched
/// on.
pub fn parse_flags(letters: &str) -> Option<F> {
    letters.chars().try_fold(F::empty(), |flags, letter| {
        let known = LETTERS.iter().find(|(flag, known)| *known == letter && *flag != F::LINEAR);
        known.map(|(flag, _)| flags | *flag)
    })
}
