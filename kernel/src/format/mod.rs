//! How values are shown: the inspector with the kernel's own options ([`presets`]), objects that show themselves ([`hooks`]), and the
//! formats that a value offers ([`bundle`]).

pub(crate) mod bundle;
pub(crate) mod hooks;
pub(crate) mod presets;
