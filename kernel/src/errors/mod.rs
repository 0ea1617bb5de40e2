//! What is told of errors: [`exception`] describes them, [`stacks`] reads their frames, [`located`] and [`said`] keep what V8 does not.

pub(crate) mod exception;
pub(crate) mod located;
pub(crate) mod said;
pub(crate) mod stacks;
