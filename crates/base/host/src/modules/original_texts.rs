//! The original texts of a session that are kept for code frames.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// The longest original text that is kept for a code frame, in bytes.
pub(super) const MAX_TEXT: usize = 4 << 20;
/// All original texts that are kept of a session, in bytes.
const MAX_TEXTS: usize = 64 << 20;

/// The original texts of a session, by the names of their scripts.
#[derive(Debug, Default)]
pub(super) struct OriginalTexts(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    texts: HashMap<String, Arc<str>>,
    bytes: usize,
}

impl OriginalTexts {
    pub(super) fn get(&self, script: &str) -> Option<Arc<str>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).texts.get(script).cloned()
    }

    pub(super) fn has_room(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).bytes < MAX_TEXTS
    }

    pub(super) fn keep(&self, script: &str, text: &str) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = script.len() + text.len();
        if text.len() <= MAX_TEXT && kept.bytes + bytes <= MAX_TEXTS && !kept.texts.contains_key(script) {
            kept.bytes += bytes;
            kept.texts.insert(script.to_owned(), text.into());
        }
    }
}
