//! Handles: numbers by which a parent refers to a session's objects and long strings.

use std::collections::BTreeMap;

use drupe_protocol::handles::{Handle, MAX_HANDLES, Stale};

/// Of strings that are not longer a page shows all, and they need no handle.
pub(crate) const SHORT_STRING: usize = 1_000;

/// The handles of one session. **What they lead to stays alive for them**, so there are only so many: the oldest make
/// room.
#[derive(Debug)]
pub(crate) struct Handles {
    generation: u64,
    last: u64,
    held: BTreeMap<u64, v8::Global<v8::Value>>,
}

impl Handles {
    pub(crate) fn new(generation: u64) -> Self {
        Self { generation, last: 0, held: BTreeMap::new() }
    }

    /// Whether such a value has a handle: an object, or a long string.
    pub(crate) fn holds(value: v8::Local<v8::Value>) -> bool {
        value.is_object() || value.try_cast::<v8::String>().is_ok_and(|string| string.length() > SHORT_STRING)
    }

    /// A new handle for `value`, if such a value has one.
    pub(crate) fn give(&mut self, scope: &v8::Isolate, value: v8::Local<v8::Value>) -> Option<Handle> {
        if !Self::holds(value) {
            return None;
        }
        while self.held.len() >= MAX_HANDLES {
            self.held.pop_first();
        }
        self.last += 1;
        self.held.insert(self.last, v8::Global::new(scope, value));
        Some(Handle { generation: self.generation, number: self.last })
    }

    /// What a handle leads to.
    pub(crate) fn find(&self, handle: Handle) -> Result<&v8::Global<v8::Value>, Stale> {
        if handle.generation != self.generation {
            return Err(Stale::Session);
        }
        let given = (1..=self.last).contains(&handle.number);
        self.held.get(&handle.number).ok_or(if given { Stale::Released } else { Stale::Unknown })
    }

    /// Lets go of what a handle leads to, if it leads anywhere.
    pub(crate) fn release(&mut self, handle: Handle) {
        if handle.generation == self.generation {
            self.held.remove(&handle.number);
        }
    }
}
