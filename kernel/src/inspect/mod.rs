//! The inspector (`drupe_inspect`) in the kernel: [`presets`] has the kernel's limits, [`origins`] maps names and
//! places to the user's text.

pub(crate) mod origins;
pub(crate) mod presets;
