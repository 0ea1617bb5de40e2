//! Which request caused a run: output, errors and questions of a run go to its cell, also after its end.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
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
    /// Whether somebody has asked to stop it. Its next run is stopped, too.
    pub(crate) interrupted: AtomicBool,
    /// Whether code of it has begun.
    pub(crate) begun: AtomicBool,
    /// Whether the person was told that it does not stop.
    pub(crate) lingers: AtomicBool,
}

/// Cells by their runs.
#[derive(Debug, Default)]
pub(crate) struct Cells {
    by_run: Mutex<BTreeMap<RunId, Arc<Cell>>>,
    /// Cells whose requests have no answer yet.
    active: Mutex<Vec<Arc<Cell>>>,
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

    /// The run that a cell has submitted last.
    pub(crate) fn last_run(&self, cell: &Arc<Cell>) -> Option<RunId> {
        let by_run = self.by_run.lock().unwrap_or_else(PoisonError::into_inner);
        by_run.iter().rev().find(|(_, of)| Arc::ptr_eq(of, cell)).map(|(run, _)| *run)
    }

    /// A cell begins. It ends when the answer is dropped.
    pub(crate) fn begin(self: &Arc<Self>, cell: &Arc<Cell>) -> Active {
        self.active().push(cell.clone());
        Active { cells: self.clone(), cell: cell.clone() }
    }

    /// Notes that all cells are to stop. **What they run already is to be interrupted after this**: a run that is
    /// submitted later finds the note. Returns the cells.
    pub(crate) fn interrupt(&self) -> Vec<Arc<Cell>> {
        let active = self.active();
        active.iter().for_each(|cell| cell.interrupted.store(true, Ordering::Relaxed));
        active.clone()
    }

    /// The cells that have begun before this one, and have no answer yet.
    pub(crate) fn before(&self, cell: &Arc<Cell>) -> Vec<Arc<Cell>> {
        self.active().iter().take_while(|active| !Arc::ptr_eq(active, cell)).cloned().collect()
    }

    /// Whether this cell has no answer yet.
    pub(crate) fn is_active(&self, cell: &Arc<Cell>) -> bool {
        self.active().iter().any(|active| Arc::ptr_eq(active, cell))
    }

    /// Marks those of the cells that have no answer yet: they do not stop. Returns them.
    pub(crate) fn linger(&self, cells: &[Arc<Cell>]) -> Vec<Arc<Cell>> {
        let active = self.active();
        let is_active = |cell: &&Arc<Cell>| active.iter().any(|active| Arc::ptr_eq(active, cell));
        let lingering = cells.iter().filter(is_active).filter(|cell| !cell.lingers.swap(true, Ordering::Relaxed));
        lingering.cloned().collect()
    }

    /// The cells that do not stop.
    pub(crate) fn lingering(&self) -> Vec<Arc<Cell>> {
        self.active().iter().filter(|cell| cell.lingers.load(Ordering::Relaxed)).cloned().collect()
    }

    fn active(&self) -> MutexGuard<'_, Vec<Arc<Cell>>> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A cell whose request has no answer yet.
pub(crate) struct Active {
    cells: Arc<Cells>,
    cell: Arc<Cell>,
}

impl Drop for Active {
    fn drop(&mut self) {
        self.cells.active().retain(|cell| !Arc::ptr_eq(cell, &self.cell));
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
        assert_eq!((cells.last_run(&cell), cells.last_run(&Arc::default())), (Some(REMEMBERED as RunId + 5), None));
    }

    #[test]
    fn an_interrupt_is_noted_by_the_cells_that_have_begun() {
        let cells = Arc::new(Cells::default());
        let [before, during] = [(), ()].map(|()| Arc::new(Cell::default()));
        let first = cells.begin(&before);
        let active = cells.begin(&during);
        assert!(cells.before(&before).is_empty() && Arc::ptr_eq(&cells.before(&during)[0], &before));
        drop(first);
        assert!(cells.before(&during).is_empty() && !cells.is_active(&before) && cells.is_active(&during));
        let interrupted = cells.interrupt();
        assert!(interrupted.len() == 1 && cells.lingering().is_empty());
        // It is told once.
        assert_eq!((cells.linger(&interrupted).len(), cells.linger(&interrupted).len(), cells.lingering().len()), (1, 0, 1));
        drop(active);
        assert!(cells.interrupt().is_empty() && cells.linger(&interrupted).is_empty() && cells.lingering().is_empty());
        let noted = [before, during].map(|cell| cell.interrupted.load(Ordering::Relaxed));
        assert_eq!(noted, [false, true]);
    }
}
