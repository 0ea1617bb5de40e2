//! The results of a measurement.

use std::collections::HashMap;

use super::{peer::Who, task::Task};

/// All samples, and what there is to know of those who gave them.
pub(super) struct Measured {
    pub(super) samples: HashMap<(Task, Who), Vec<f64>>,
    /// In the order of [`Who::ALL`]; those who are not on this machine are left out.
    pub(super) present: Vec<Present>,
    /// What went wrong, for people.
    pub(super) failures: Vec<String>,
    pub(super) quick: bool,
    /// What else the machine had to do: its load when the run began.
    pub(super) load: Option<f64>,
}

/// Somebody who took part.
pub(super) struct Present {
    pub(super) who: Who,
    pub(super) version: String,
    pub(super) v8: Option<String>,
}

impl Measured {
    /// The samples of `who`, if there are any.
    pub(super) fn of(&self, task: Task, who: Who) -> Option<&[f64]> {
        self.samples.get(&(task, who)).map(Vec::as_slice).filter(|samples| !samples.is_empty())
    }

    /// Whether `who` took part.
    pub(super) fn is_present(&self, who: Who) -> bool {
        self.present.iter().any(|present| present.who == who)
    }

    /// The version of V8 that `who` has.
    pub(super) fn v8(&self, who: Who) -> Option<&str> {
        self.present.iter().find(|present| present.who == who)?.v8.as_deref()
    }
}
