//! What every file uses.

pub(crate) mod http;
mod kernels;
pub(crate) mod memory;
mod node;
mod player;
mod script;

pub(crate) use kernels::*;
pub(crate) use node::node20;
pub(crate) use player::play;
