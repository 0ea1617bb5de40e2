//! What every file uses.

pub(crate) mod http;
mod kernels;
pub(crate) mod memory;
mod player;
mod script;

pub(crate) use kernels::*;
pub(crate) use player::play;
