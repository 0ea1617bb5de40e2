//! The modifiers of class members: words before the name, in a fixed order and each once.

use std::ops::Range;

use super::Checker;

/// Modifiers in the order in which they stand. Those of one rank exclude each other.
const RANKS: [(&str, u8); 9] = [
    ("public", 0),
    ("private", 0),
    ("protected", 0),
    ("abstract", 1),
    ("static", 2),
    ("override", 3),
    ("readonly", 4),
    ("accessor", 4),
    ("async", 5),
];

/// The modifier that may stand before or after any other.
const FREE: &str = "declare";

/// The modifiers that never go with `abstract`.
const NOT_ABSTRACT: [&str; 3] = ["private", "static", "async"];

impl Checker<'_> {
    /// The modifiers before a member's name, each with its place.
    pub(super) fn modifiers_in(&self, from: usize, name: usize) -> Vec<(&'static str, Range<usize>)> {
        let mut found = Vec::new();
        let mut at = self.text.skip_trivia(from);
        while at < name {
            let word = self.text.word(at);
            if let Some(modifier) = RANKS.iter().map(|(modifier, _)| *modifier).chain([FREE]).find(|modifier| *modifier == word) {
                found.push((modifier, at..at + word.len()));
            }
            let step = if word.is_empty() { self.text.character(at).map_or(1, char::len_utf8) } else { word.len() };
            at = self.text.skip_trivia(at + step);
        }
        found
    }

    /// Whether modifiers are written once, and in order.
    pub(super) fn modifiers(&mut self, modifiers: &[(&'static str, Range<usize>)]) {
        let has_abstract = modifiers.iter().any(|(word, _)| *word == "abstract");
        for (index, (word, bytes)) in modifiers.iter().enumerate() {
            let before = || modifiers[..index].iter().map(|(word, _)| *word);
            if before().any(|other| other == *word) {
                self.report(bytes.clone(), format!("'{word}' is written twice"));
            } else if has_abstract && NOT_ABSTRACT.contains(word) {
                self.report(bytes.clone(), format!("'{word}' and 'abstract' exclude each other"));
            } else if let Some(other) = before().find(|other| rank(word).is_some() && rank(other) == rank(word)) {
                self.report(bytes.clone(), format!("'{word}' and '{other}' exclude each other"));
            } else if let Some(other) = before().find(|other| is_misplaced(word, other)) {
                self.report(bytes.clone(), format!("'{word}' stands before '{other}'"));
            }
        }
    }
}

fn rank(word: &str) -> Option<u8> {
    RANKS.iter().find(|(modifier, _)| *modifier == word).map(|(_, rank)| *rank)
}

/// Whether a modifier that stands after another should stand before it.
fn is_misplaced(word: &str, before: &str) -> bool {
    rank(word).is_some_and(|own| rank(before).is_some_and(|before| own < before))
}
