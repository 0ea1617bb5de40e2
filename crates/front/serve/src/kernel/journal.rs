//! The latest events of a kernel, numbered from 1, in bounded memory.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use drupe_client::RunId;

use super::entry::{Entry, Told};

/// The most events that a journal holds.
pub(crate) const MAX_EVENTS: usize = 65_536;

/// Events in order. The oldest are dropped when there are too many, and then only their types are known, for a while.
#[derive(Debug)]
pub(crate) struct Journal {
    entries: VecDeque<Arc<Entry>>,
    /// What is known of the events before the first entry, the latest last.
    dropped: VecDeque<Dropped>,
    last: u64,
    weight: usize,
    limit: usize,
}

/// What is known of an event that the journal does not hold any more.
#[derive(Clone, Copy, Debug)]
struct Dropped {
    kind: &'static str,
    /// The run that it ended.
    ended: Option<RunId>,
}

/// What comes after an event.
#[derive(Debug)]
pub(crate) enum Next {
    /// This event.
    Event(Arc<Entry>),
    /// These events are not there any more.
    Missed(Gap),
}

/// Events that a journal does not hold any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// How many of each type, as far as it is known.
    pub(crate) types: BTreeMap<&'static str, u64>,
    /// The runs that ended, as far as it is known.
    pub(crate) ended: Vec<RunId>,
}

impl Next {
    /// About how many bytes it takes.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::Event(entry) => entry.weight(),
            Self::Missed(_) => 0,
        }
    }
}

impl Journal {
    /// An empty journal for `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Self { entries: VecDeque::new(), dropped: VecDeque::new(), last: 0, weight: 0, limit }
    }

    /// The number of the last event.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    /// The number of the first event that is held, or of the next if none is.
    pub(crate) fn first(&self) -> u64 {
        self.last + 1 - self.entries.len() as u64
    }

    /// Whether another event needs the room of an old one.
    pub(crate) fn is_full(&self) -> bool {
        self.weight >= self.limit || self.entries.len() >= MAX_EVENTS
    }

    /// Adds an event.
    pub(crate) fn push(&mut self, told: Told) {
        self.last += 1;
        let entry = Entry::new(self.last, told);
        self.weight += entry.weight();
        self.entries.push_back(Arc::new(entry));
    }

    /// Drops the oldest events while there are too many, but none from `needed` on. The last one stays until all have
    /// it, who have all before `delivered`.
    pub(crate) fn trim(&mut self, needed: u64, delivered: u64) {
        while self.is_full() && self.first() < needed && (self.entries.len() > 1 || self.last < delivered) {
            let Some(entry) = self.entries.pop_front() else { return };
            self.weight -= entry.weight();
            if self.dropped.len() == MAX_EVENTS {
                self.dropped.pop_front();
            }
            self.dropped.push_back(Dropped { kind: entry.told().kind(), ended: entry.told().ended() });
        }
    }

    /// What comes after event `seq`; `None` if nothing has yet.
    pub(crate) fn after(&self, seq: u64) -> Option<Next> {
        let first = self.first();
        if seq >= self.last {
            return None;
        }
        if seq + 1 < first {
            return Some(Next::Missed(self.gap(seq + 1, first - 1)));
        }
        let index = usize::try_from(seq + 1 - first).ok()?;
        self.entries.get(index).map(|entry| Next::Event(entry.clone()))
    }

    fn gap(&self, first: u64, last: u64) -> Gap {
        let mut gap = Gap { first, last, types: BTreeMap::new(), ended: Vec::new() };
        // The last of those that were dropped is the one before the first entry.
        let known = usize::try_from(last + 1 - first).unwrap_or(usize::MAX).min(self.dropped.len());
        for dropped in self.dropped.iter().skip(self.dropped.len() - known) {
            *gap.types.entry(dropped.kind).or_default() += 1;
            gap.ended.extend(dropped.ended);
        }
        gap
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use drupe_client::{Event, Outcome, Report, State};

    use super::*;

    fn event(name: &str) -> Told {
        Told::Event(None, Event::Unknown { name: name.to_owned() })
    }

    fn end(run: RunId) -> Told {
        Told::End(Box::new(Report::new(run, Outcome::Unsettled, State::Kept)), None)
    }

    fn seq(next: Option<Next>) -> u64 {
        match next {
            Some(Next::Event(entry)) => entry.seq(),
            Some(Next::Missed(gap)) => panic!("{gap:?}"),
            None => 0,
        }
    }

    #[test]
    fn events_are_numbered_and_read_by_their_numbers() {
        let mut journal = Journal::new(1 << 20);
        assert_eq!((journal.first(), journal.last()), (1, 0));
        assert!(journal.after(0).is_none());
        for name in ["a", "b", "c"] {
            journal.push(event(name));
        }
        assert_eq!([0, 1, 2, 3, 9].map(|after| seq(journal.after(after))), [1, 2, 3, 0, 0]);
    }

    #[test]
    fn what_is_dropped_is_told_by_its_types() {
        let mut journal = Journal::new(1);
        journal.push(event("a"));
        journal.push(end(7));
        journal.push(event("b"));
        assert!(journal.is_full());
        journal.trim(1, 1);
        assert_eq!(journal.first(), 1, "somebody needs the first");
        journal.trim(3, 3);
        assert_eq!(journal.first(), 3);
        let Some(Next::Missed(gap)) = journal.after(0) else { panic!("nothing is missed") };
        let types = BTreeMap::from([("outcome", 1), ("unknown", 1)]);
        assert_eq!(gap, Gap { first: 1, last: 2, types, ended: vec![7] });
        let Some(Next::Missed(gap)) = journal.after(1) else { panic!("nothing is missed") };
        assert_eq!((gap.first, gap.last, gap.types.len()), (2, 2, 1));
        assert_eq!(seq(journal.after(2)), 3);
        journal.trim(4, 3);
        assert_eq!(journal.first(), 3, "not everybody has the last");
        journal.trim(4, 4);
        assert_eq!((journal.first(), journal.last()), (4, 3));
        journal.push(event("c"));
        assert_eq!(seq(journal.after(3)), 4);
    }
}
