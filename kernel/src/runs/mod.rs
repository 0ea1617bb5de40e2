//! The life of runs. [`event_loop`] is the main thread, [`session`] an isolate with all that belongs to it. [`life`] takes a run from its
//! request to what its code came to, [`ends`] to its outcome. [`active`] is the run that executes or awaits, and how far it has come.

mod active;
mod ends;
pub(crate) mod event_loop;
mod exit;
mod halted;
mod life;
mod replies;
pub(crate) mod session;
mod showing;

use active::{Active, Phase, Wanted};
