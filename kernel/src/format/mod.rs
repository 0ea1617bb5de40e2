//! How values are shown: formats that they provide themselves, by custom inspect hooks ([`hooks`]) and bundles of
//! formats ([`bundle`]), and options of programs ([`inspect_options`]).

pub(crate) mod bundle;
pub(crate) mod hooks;
pub(crate) mod inspect_options;
