//! What a server remembers of sessions that are closed: why, and which callers have not heard of it.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::caller::Caller;

/// How many sessions are remembered.
const MAX_FORMER: usize = 256;

/// Sessions that are closed. **Each is told to its own caller alone.**
#[derive(Debug, Default)]
pub(crate) struct Former(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    closed: VecDeque<Closed>,
    /// The callers of sessions whose handles no answer has told.
    unheard: VecDeque<Caller>,
}

/// A session that is closed.
#[derive(Debug)]
struct Closed {
    caller: Caller,
    handle: String,
    why: String,
    /// Handles of its runs and pages.
    within: Vec<String>,
}

impl Former {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes why a session was closed. `within`: the handles of its runs and pages.
    pub(crate) fn note(&self, caller: &Caller, handle: &str, why: &str, within: Vec<String>) {
        let closed = &mut self.state().closed;
        closed.truncate(MAX_FORMER - 1);
        closed.push_front(Closed { caller: caller.clone(), handle: handle.to_owned(), why: why.to_owned(), within });
    }

    /// Why a session of this caller was closed, if it was, and is remembered.
    pub(crate) fn why(&self, caller: &Caller, handle: &str) -> Option<String> {
        let state = self.state();
        let closed = state.closed.iter().find(|closed| closed.caller == *caller && closed.handle == handle)?;
        Some(closed.why.clone())
    }

    /// The session of this caller that a run or a page belonged to, and why it was closed.
    pub(crate) fn owner(&self, caller: &Caller, handle: &str) -> Option<(String, String)> {
        let state = self.state();
        let is_within = |closed: &&Closed| closed.caller == *caller && closed.within.iter().any(|within| within == handle);
        let closed = state.closed.iter().find(is_within)?;
        Some((closed.handle.clone(), closed.why.clone()))
    }

    /// Notes that a session was closed of which the caller knows nothing.
    pub(crate) fn note_unheard(&self, caller: &Caller) {
        let unheard = &mut self.state().unheard;
        unheard.truncate(MAX_FORMER - 1);
        unheard.push_front(caller.clone());
    }

    /// How many such sessions there were, since it was asked last.
    pub(crate) fn take_unheard(&self, caller: &Caller) -> usize {
        let unheard = &mut self.state().unheard;
        let before = unheard.len();
        unheard.retain(|of| of != caller);
        before - unheard.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_session_is_told_to_its_own_caller() {
        let [one, other] = [0, 1].map(|token| Caller { connection: None, token: Some(token) });
        let former = Former::default();
        former.note(&one, "s-1", "it was closed", vec!["r-1".to_owned()]);
        assert_eq!((former.why(&one, "s-1").as_deref(), former.why(&other, "s-1")), (Some("it was closed"), None));
        let owner = former.owner(&one, "r-1").unwrap_or_default();
        assert_eq!((&*owner.0, &*owner.1, former.owner(&other, "r-1")), ("s-1", "it was closed", None));
        former.note_unheard(&one);
        former.note_unheard(&one);
        assert_eq!([former.take_unheard(&other), former.take_unheard(&one), former.take_unheard(&one)], [0, 2, 0]);
        for number in 0..2 * MAX_FORMER {
            former.note(&other, &format!("t-{number}"), "x", Vec::new());
            former.note_unheard(&other);
        }
        assert_eq!((former.why(&one, "s-1"), former.state().closed.len()), (None, MAX_FORMER));
        assert_eq!(former.take_unheard(&other), MAX_FORMER);
    }
}
