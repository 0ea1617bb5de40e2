//! The clients' own names of runs.

use std::collections::{HashMap, VecDeque};

use drupe_client::RunId;

/// The most tags that a kernel remembers.
pub(crate) const MAX_TAGS: usize = 4096;

/// The latest tags, and their runs.
#[derive(Debug, Default)]
pub(crate) struct Tags {
    runs: HashMap<String, RunId>,
    order: VecDeque<String>,
}

impl Tags {
    pub(crate) fn get(&self, tag: &str) -> Option<RunId> {
        self.runs.get(tag).copied()
    }

    /// Remembers a tag that is not known yet.
    pub(crate) fn insert(&mut self, tag: String, run: RunId) {
        if self.order.len() == MAX_TAGS
            && let Some(oldest) = self.order.pop_front()
        {
            self.runs.remove(&oldest);
        }
        self.order.push_back(tag.clone());
        self.runs.insert(tag, run);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_tag_is_forgotten() {
        let mut tags = Tags::default();
        for run in 0..=MAX_TAGS as u64 {
            tags.insert(run.to_string(), run);
        }
        assert_eq!((tags.get("0"), tags.get("1"), tags.get("4096")), (None, Some(1), Some(4096)));
    }
}
