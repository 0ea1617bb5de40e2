//! Which request caused a run: output, errors and questions of a run go to its cell, also after its end.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use drupe_client::RunId;

use crate::message::Parent;

/// How many runs are remembered. What a callback of an older run says belongs to no cell.
const REMEMBERED: usize = 20_000;

/// A request that runs code.
#[derive(Debug, Default)]
pub(crate) struct Cell {
    pub(crate) parent: Arc<Parent>,
    /// The client that answers questions. `None`: it answers none.
    pub(crate) stdin: Option<Bytes>,
    /// Whether nothing of it is shown.
    pub(crate) silent: bool,
}

/// Cells by their runs.
#[derive(Debug, Default)]
pub(crate) struct Cells {
    by_run: Mutex<BTreeMap<RunId, Arc<Cell>>>,
}

impl Cells {
    /// Submits a run of a cell: `submit` returns the run, whose id `id` tells. **Nothing that the run says is looked up
    /// before this returns.**
    pub(crate) fn submit<R>(&self, cell: &Arc<Cell>, submit: impl FnOnce() -> R, id: impl FnOnce(&R) -> RunId) -> R {
        let mut by_run = self.by_run.lock().unwrap_or_else(PoisonError::into_inner);
        let run = submit();
        by_run.insert(id(&run), cell.clone());
        if by_run.len() > REMEMBERED {
            by_run.pop_first();
        }
        run
    }

    /// The cell of a run.
    pub(crate) fn get(&self, run: Option<RunId>) -> Option<Arc<Cell>> {
        let by_run = self.by_run.lock().unwrap_or_else(PoisonError::into_inner);
        by_run.get(&run?).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_of_runs_is_bounded() {
        let cells = Cells::default();
        let cell = Arc::new(Cell::default());
        for run in 1..=REMEMBERED as RunId + 5 {
            assert_eq!(cells.submit(&cell, || run, |run| *run), run);
        }
        assert!(cells.get(Some(5)).is_none() && cells.get(Some(6)).is_some() && cells.get(None).is_none());
        assert_eq!(Arc::strong_count(&cell), REMEMBERED + 1);
    }
}
