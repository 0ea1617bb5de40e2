//! What values say of themselves: objects that show themselves ([`hooks`]), and the formats that a value offers ([`bundle`]).

pub(crate) mod bundle;
pub(crate) mod hooks;
