//! The ticks and promise jobs behind a stretch of JavaScript.

use std::cell::RefCell;

use drupe_protocol::RunId;

use crate::{
    isolate::{
        entry::Entry,
        guard::{Guard, Stop},
        realm::Realm,
    },
    node::process::{self, Ticked, Ticks},
};

/// A stop that came while ticks and promise jobs were run.
pub(super) struct StoppedJobs {
    pub(super) stop: Stop,
    /// The run to which the tick belongs that was stopped.
    pub(super) run: Option<RunId>,
    /// Whether there were any to stop.
    pub(super) dropped: bool,
}

/// How ticks and promise jobs ended.
enum JobsEnd {
    /// There are none any more.
    Done,
    /// They were stopped. Where that was in a tick: the run that it belonged to. Of promise jobs V8 tells no more.
    Stopped(Option<RunId>),
}

/// Runs the ticks and promise jobs that are due, in a stretch of its own: V8 throws all waiting jobs away when it is
/// stopped here, and only here. Returns why it was stopped, if it was. **No tick is left then, either.**
pub(super) fn enter_jobs(scope: &mut v8::PinScope, realm: &Realm, guard: &Guard, entry: Entry) -> Option<StoppedJobs> {
    let (end, stopped) = guard.enter(entry, || run_jobs(scope, realm));
    let stop = stopped?;
    realm.state::<RefCell<Ticks>>().borrow_mut().clear();
    Some(match end {
        JobsEnd::Done => StoppedJobs { stop, run: None, dropped: false },
        JobsEnd::Stopped(run) => StoppedJobs { stop, run, dropped: true },
    })
}

/// Runs what `process.nextTick` has put off and then the promise jobs, until there is neither. **After a stop neither
/// goes on**: V8 throws its jobs away.
fn run_jobs(scope: &mut v8::PinScope, realm: &Realm) -> JobsEnd {
    loop {
        let ticked = process::run_ticks(scope, realm);
        // V8 lowers its flag when it stops a tick. The jobs must see it.
        realm.guard.renew_stop();
        let stopped = {
            v8::tc_scope!(let scope, scope);
            scope.perform_microtask_checkpoint();
            scope.has_terminated()
        };
        let ticks_left = !realm.state::<RefCell<Ticks>>().borrow().is_empty();
        match ticked {
            Ticked::Stopped(run) => return JobsEnd::Stopped(run),
            Ticked::Done if stopped || (ticks_left && realm.guard.is_stopped()) => return JobsEnd::Stopped(None),
            Ticked::Done if !ticks_left => return JobsEnd::Done,
            Ticked::Done => {}
        }
    }
}
