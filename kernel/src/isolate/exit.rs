//! The pending end of the session's program.

use std::cell::Cell;

use drupe_protocol::RunId;

/// How the session's program wants to end.
#[derive(Debug, Default)]
pub(crate) struct Exit {
    /// The status that it has set.
    code: Cell<Option<u8>>,
    /// Whether the active run has set it.
    is_set: Cell<bool>,
    /// What the status was when the active run called `process.exit`, which ends that run alone.
    before: Cell<Option<Option<u8>>>,
    /// Whether the status was set back, and JavaScript does not know it yet.
    exited: Cell<bool>,
    /// The active run, if it is a program.
    program: Cell<Option<RunId>>,
    /// Whether what ends the program is that there was no room for a buffer, and nobody caught that.
    pub(crate) lacks_memory: Cell<bool>,
    /// The run that is about to end by itself, until it has.
    leaving: Cell<Option<(RunId, Leaving)>>,
}

/// Why a run ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaving {
    /// It has called `process.exit`.
    Exited,
    /// Nobody caught an error of it.
    Failed,
}

impl Exit {
    /// JavaScript sets a status, or takes it back.
    pub(crate) fn set_code(&self, code: Option<u8>) {
        self.code.set(code);
        self.is_set.set(code.is_some());
    }

    /// The status that is set.
    pub(crate) fn code(&self) -> Option<u8> {
        self.code.get()
    }

    /// Whether the active run has set the status.
    pub(crate) fn is_set(&self) -> bool {
        self.is_set.get()
    }

    /// A run begins, which has set no status yet, or goes on, which may have set it.
    pub(crate) fn begin_run(&self, is_set: bool) {
        self.is_set.set(is_set);
    }

    /// The active run is a program from now on, or none is.
    pub(crate) fn set_program(&self, run: Option<RunId>) {
        self.program.set(run);
        self.leaving.take();
        self.lacks_memory.take();
    }

    /// The active run, if it is a program.
    pub(crate) fn program(&self) -> Option<RunId> {
        self.program.get()
    }

    /// `run` is about to end by itself.
    pub(crate) fn leave(&self, run: RunId, why: Leaving) {
        self.leaving.set(Some((run, why)));
    }

    /// The active run has called `process.exit`: what sets a status from now on does so for this run alone.
    pub(crate) fn begin(&self) {
        self.before.set(self.before.get().or(Some(self.code.get())));
    }

    /// The active run has ended: the status is what it was before `process.exit`, if that was called.
    pub(crate) fn end(&self) {
        if let Some(before) = self.before.take() {
            self.code.set(before);
            self.exited.set(true);
        }
    }

    /// Whether a run has ended that called `process.exit`; said once.
    pub(crate) fn has_exited(&self) -> bool {
        self.exited.take()
    }

    /// Whether a run is about to end by itself.
    pub(crate) fn is_leaving(&self) -> bool {
        self.leaving.get().is_some()
    }

    /// Why `run` ends by itself, if it does.
    pub(crate) fn leaving(&self, run: RunId) -> Option<Leaving> {
        self.leaving.get().filter(|(leaving, _)| *leaving == run).map(|(_, why)| why)
    }

    /// As [`Self::leaving`]; said once.
    pub(crate) fn take(&self, run: RunId) -> Option<Leaving> {
        let leaving = self.leaving(run);
        self.leaving.take();
        leaving
    }
}
