//! Handles: what a parent holds of a session's objects.

use std::collections::BTreeMap;

use drupe_protocol::handles::{Handle, MAX_HANDLES, Stale};

/// The handles of one session. **What they lead to stays alive for them**, so there are only so many: the oldest make room.
#[derive(Debug)]
pub(crate) struct Handles {
    generation: u64,
    last: u64,
    held: BTreeMap<u64, v8::Global<v8::Object>>,
}

impl Handles {
    pub(crate) fn new(generation: u64) -> Self {
        Self { generation, last: 0, held: BTreeMap::new() }
    }

    /// A new handle for `value`, if that is an object.
    pub(crate) fn give(&mut self, scope: &v8::Isolate, value: v8::Local<v8::Value>) -> Option<Handle> {
        let object = value.try_cast::<v8::Object>().ok()?;
        while self.held.len() >= MAX_HANDLES {
            self.held.pop_first();
        }
        self.last += 1;
        self.held.insert(self.last, v8::Global::new(scope, object));
        Some(Handle { generation: self.generation, number: self.last })
    }

    /// What a handle leads to.
    pub(crate) fn find(&self, handle: Handle) -> Result<&v8::Global<v8::Object>, Stale> {
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
