//! The life of runs. [`event_loop`] is the main thread, [`session`] an isolate with its state. [`life`] takes a run
//! from its request to the result of its code, [`ends`] from there to its outcome. [`active`] is the run that executes
//! or awaits, and its phase.

mod active;
mod aside;
mod ends;
pub(crate) mod event_loop;
mod exit;
mod halted;
mod jobs;
mod life;
mod replies;
pub(crate) mod session;
mod showing;

use active::{Active, Phase, Wanted};
