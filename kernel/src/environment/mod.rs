//! The execution of JavaScript: [`evaluate`] for chunks, [`library`] for the files in `js/lib`, [`timers`] for timers
//! and immediates, [`program`] for a session that is a program.

pub(crate) mod evaluate;
pub(crate) mod last_values;
pub(crate) mod library;
pub(crate) mod program;
pub(crate) mod timers;
