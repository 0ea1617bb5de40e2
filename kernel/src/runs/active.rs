//! The run that executes or awaits: its settings, and its phase.

use std::time::{Duration, Instant};

use drupe_protocol::{
    RunId,
    event::End,
    module::{Entry, StaticImport},
    request::Run,
};

use super::showing::Showing;
use crate::{environment::evaluate::Evaluation, isolate::halt::Halt};

pub(crate) struct Active {
    pub(crate) run: RunId,
    pub(crate) phase: Phase,
    pub(crate) wanted: Wanted,
    /// Whether promise jobs were thrown away while it was active.
    pub(crate) dropped_jobs: bool,
    /// How the stretch was stopped that has just ended, until its consequences are drawn.
    pub(crate) held: Option<Halt>,
    /// How many stretches of others were stopped meanwhile.
    pub(crate) stopped_callbacks: u32,
    /// Whether its own code has not begun, because what the session begins with has not come to its end.
    pub(crate) in_preload: bool,
    /// Whether others may run while it awaits.
    pub(crate) beside: bool,
    /// Whether the heap's limit is this run's own.
    pub(crate) memory_limited: bool,
    pub(crate) wall_start: Instant,
    pub(crate) cpu_start: Duration,
}

/// How far a run has come. It goes from one to the next, and leaves out what it does not need.
pub(crate) enum Phase {
    /// No evaluation is under way.
    Begun,
    /// What the session begins with is evaluated; the chunk comes next.
    Preloading(Evaluation, Script),
    /// The chunk is evaluated, or awaits.
    Evaluating(Evaluation),
    /// The value is being asked how it wants to be shown.
    Showing(Box<Showing>),
    /// What the chunk came to is known. The run ends so when nothing is left that it waits for.
    Answered(End),
}

/// A script to be evaluated.
pub(crate) struct Script {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) imports: Vec<StaticImport>,
    pub(crate) entry: Option<Entry>,
}

/// What a run's request wants besides its code.
#[derive(Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) budget: Option<Duration>,
    pub(crate) until_idle: bool,
    pub(crate) ends_unsettled: bool,
    pub(crate) keep_last: bool,
    pub(crate) value_limit: usize,
    pub(crate) preview: bool,
    /// Levels of objects that the result shows, if the run says so.
    pub(crate) depth: Option<u32>,
    pub(crate) handles: bool,
    pub(crate) inspect_hooks: bool,
    pub(crate) bundle: bool,
}

/// Whether a run is beside others.
pub(super) fn is_beside(run: &Run) -> bool {
    run.beside && !run.until_idle && run.memory_limit.is_none()
}

impl Active {
    pub(super) fn new(run: &Run, cpu_start: Duration) -> Self {
        Self {
            run: run.run,
            phase: Phase::Begun,
            wanted: Wanted {
                budget: run.vm_timeout_ms.map(Duration::from_millis),
                until_idle: run.until_idle,
                ends_unsettled: run.ends_unsettled,
                keep_last: run.keep_last,
                value_limit: usize::try_from(run.value_limit).unwrap_or(usize::MAX),
                preview: run.preview,
                depth: run.depth,
                handles: run.handles || run.result_handle,
                inspect_hooks: run.inspect_hooks,
                bundle: run.bundle,
            },
            dropped_jobs: false,
            held: None,
            stopped_callbacks: 0,
            in_preload: false,
            beside: is_beside(run),
            memory_limited: false,
            wall_start: Instant::now(),
            cpu_start,
        }
    }

    /// Whether what the session begins with is being evaluated.
    pub(crate) fn preloads(&self) -> bool {
        matches!(self.phase, Phase::Preloading(..))
    }

    /// What is evaluated, until it has settled.
    pub(crate) fn evaluation(&self) -> Option<&Evaluation> {
        match &self.phase {
            Phase::Preloading(evaluation, _) | Phase::Evaluating(evaluation) => Some(evaluation),
            Phase::Begun | Phase::Showing(_) | Phase::Answered(_) => None,
        }
    }

    /// Whether it has neither thrown nor said its value yet.
    pub(crate) fn is_unanswered(&self) -> bool {
        matches!(self.phase, Phase::Preloading(..) | Phase::Evaluating(_) | Phase::Showing(_))
    }

    /// How it is to end, once the parent was told what it came to.
    pub(crate) fn answer(&self) -> Option<&End> {
        match &self.phase {
            Phase::Answered(end) => Some(end),
            Phase::Begun | Phase::Preloading(..) | Phase::Evaluating(_) | Phase::Showing(_) => None,
        }
    }
}
