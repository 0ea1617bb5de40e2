//! Ends this process when its parent dies.

use rustix::process::{Signal, getppid, set_parent_process_death_signal};

use super::Applied;

/// Asks to be killed when the parent ends: on Linux, when the *thread* ends that started this process.
///
/// A parent that was gone even before this was called is noticed all the same: it has no socket left to connect to.
pub(super) fn die_with_parent() -> Applied {
    let parent = getppid();
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(|error| format!("cannot ask to die with the parent: {error}"))?;
    // It may have ended between the two calls, and then no signal comes.
    if getppid() == parent { Ok("killed when its parent dies".to_owned()) } else { Err("the parent has died".to_owned()) }
}
