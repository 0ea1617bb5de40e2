//! The stacks of errors: [`frames`] reads them, [`located`] and [`said`] keep facts that V8 does not.

pub(crate) mod frames;
pub(crate) mod located;
pub(crate) mod said;
