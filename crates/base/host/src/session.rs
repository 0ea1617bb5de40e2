//! The state that services keep for one session of a kernel: open files, running programs, changed variables.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

type States = HashMap<TypeId, Arc<dyn Any + Send + Sync>>;

/// A session of a kernel, as its calls bring it along; clones are the same session. **When it ends, its last clone is
/// dropped, and with it all that services keep in it**: a service closes and kills in `Drop`.
#[derive(Clone, Default)]
pub struct Session {
    states: Arc<Mutex<States>>,
}

impl Session {
    /// What a service keeps: one of each type, made when it is first asked for.
    #[must_use]
    pub fn state<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        let state = states.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(T::default())).clone();
        // Filed under its own type.
        state.downcast().unwrap_or_default()
    }
}

impl PartialEq for Session {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.states, &other.states)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Session(..)")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[derive(Default)]
    struct Counter(AtomicU32);

    #[test]
    fn clones_share_what_services_keep_and_the_last_one_drops_it() {
        let session = Session::default();
        session.clone().state::<Counter>().0.store(7, Ordering::SeqCst);
        assert_eq!(session.state::<Counter>().0.load(Ordering::SeqCst), 7);
        let weak = Arc::downgrade(&session.state::<Counter>());
        drop(session);
        assert!(weak.upgrade().is_none());
    }
}
