//! Formats that values provide themselves: custom inspect hooks ([`hooks`]), and bundles of formats ([`bundle`]).

pub(crate) mod bundle;
pub(crate) mod hooks;
