//! Detects circles of waits. Runs of a kernel wait for earlier runs, a run waits for the functions that it calls, and a
//! function for the runs that it awaits. A circle of these would never end.

use std::{
    any::Any,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use drupe_protocol::RunId;

use crate::Error;

/// Tells kernels apart, also those that are gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KernelId(u64);

impl KernelId {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// A run in the queue of its kernel.
#[derive(Debug)]
pub(crate) struct Place {
    kernel: KernelId,
    run: RunId,
    ended: AtomicBool,
}

impl Place {
    pub(crate) fn new(kernel: KernelId, run: RunId) -> Arc<Self> {
        Arc::new(Self { kernel, run, ended: AtomicBool::new(false) })
    }

    pub(crate) fn run(&self) -> RunId {
        self.run
    }

    fn is_open(&self) -> bool {
        !self.ended.load(Ordering::SeqCst)
    }

    /// Whether `self` cannot end before `other` has.
    fn waits_for(&self, other: &Self) -> bool {
        self.is_open() && other.is_open() && self.kernel == other.kernel && other.run <= self.run
    }
}

/// The run has not ended while this exists.
#[derive(Debug)]
pub(crate) struct Turn(pub(crate) Arc<Place>);

impl Turn {
    /// The run has ended.
    pub(crate) fn end(&self) {
        self.0.ended.store(true, Ordering::SeqCst);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.end();
    }
}

/// The kernel that a supervisor works for, as `kernel.rs` knows it.
pub(crate) type WeakOwner = Weak<dyn Any + Send + Sync>;

/// The same, once there is one.
pub(crate) type Owner = Arc<OnceLock<WeakOwner>>;

/// Who called the function that a task answers for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caller {
    /// The run, if it has not ended.
    pub(crate) run: Option<Arc<Place>>,
    pub(crate) kernel: Option<WeakOwner>,
}

tokio::task_local! {
    static CALLER: Caller;
}

impl Caller {
    /// Does the work that it called for.
    pub(crate) async fn answer<T>(self, work: impl Future<Output = T>) -> T {
        CALLER.scope(self, work).await
    }

    /// Of the task that asks; nobody if that answers no call.
    pub(crate) fn current() -> Self {
        CALLER.try_with(Self::clone).unwrap_or_default()
    }
}

/// A function that `caller` waits for awaits the end of `awaited`.
#[derive(Debug)]
struct Edge {
    caller: Arc<Place>,
    awaited: Arc<Place>,
}

/// All that wait. Few do at a time.
static EDGES: Mutex<Vec<Arc<Edge>>> = Mutex::new(Vec::new());

fn edges() -> MutexGuard<'static, Vec<Arc<Edge>>> {
    EDGES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A function waits for a run, until this is dropped.
#[derive(Debug)]
pub(crate) struct Wait(Arc<Edge>);

impl Wait {
    /// The task that asks is about to await `run`. `None` if it answers no call: then no
    /// other kernel waits for it.
    ///
    /// **Under one lock**: of the waits that make a circle, the last finds it.
    pub(crate) fn begin(awaited: &Arc<Place>) -> Result<Option<Self>, Error> {
        let caller = CALLER.try_with(|caller| caller.run.clone()).ok().flatten();
        let Some(caller) = caller else { return Ok(None) };
        let mut edges = edges();
        if leads_to(&edges, awaited, &caller) {
            return Err(Error::Deadlock { run: awaited.run, caller: caller.run });
        }
        let edge = Arc::new(Edge { caller, awaited: awaited.clone() });
        edges.push(edge.clone());
        Ok(Some(Self(edge)))
    }

    /// Whether it is the task that asks that waits.
    pub(crate) fn is_of_current(&self) -> bool {
        let is_caller = |caller: &Caller| caller.run.as_ref().is_some_and(|run| Arc::ptr_eq(run, &self.0.caller));
        CALLER.try_with(is_caller).unwrap_or(false)
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        let mut edges = edges();
        if let Some(index) = edges.iter().position(|edge| Arc::ptr_eq(edge, &self.0)) {
            edges.swap_remove(index);
        }
    }
}

/// Whether `from` cannot end before `to` has.
fn leads_to(edges: &[Arc<Edge>], from: &Place, to: &Place) -> bool {
    let (mut seen, mut open) = (vec![false; edges.len()], vec![from]);
    while let Some(place) = open.pop() {
        if place.waits_for(to) {
            return true;
        }
        for (edge, seen) in edges.iter().zip(&mut seen) {
            if !*seen && place.waits_for(&edge.caller) {
                *seen = true;
                open.push(&edge.awaited);
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Edge, KernelId, Place, Turn, leads_to};

    #[test]
    fn circles_are_found_through_any_number_of_kernels() {
        let kernels = [KernelId::new(), KernelId::new(), KernelId::new()];
        let place = |kernel: usize, run| Place::new(kernels[kernel], run);
        let edge =
            |caller: &Arc<Place>, awaited: &Arc<Place>| Arc::new(Edge { caller: caller.clone(), awaited: awaited.clone() });
        let (a1, a2, a3) = (place(0, 1), place(0, 2), place(0, 3));
        let (b1, b2, c1) = (place(1, 1), place(1, 2), place(2, 1));
        // Behind its caller, at whatever distance; the caller itself; and not one before it or elsewhere.
        assert!(leads_to(&[], &a2, &a1) && leads_to(&[], &a3, &a1) && leads_to(&[], &a1, &a1));
        assert!(!leads_to(&[], &a1, &a2) && !leads_to(&[], &b1, &a1));
        // A waits for B, B for C: C may not wait for A, nor for whatever comes after what waits.
        let edges = [edge(&a1, &b1), edge(&b1, &c1)];
        assert!(leads_to(&edges, &a2, &c1) && leads_to(&edges, &a1, &c1) && leads_to(&edges, &b2, &c1));
        assert!(!leads_to(&edges, &c1, &a1));
        // A circle of those that wait already ends the search.
        assert!(!leads_to(&[edge(&a1, &b1), edge(&b1, &a2)], &a2, &c1));
        // Whoever has ended holds nobody up.
        drop(Turn(b1));
        assert!(!leads_to(&edges, &a2, &c1));
    }
}
