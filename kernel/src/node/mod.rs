//! The native halves of Node's built-in modules; the others are in `js/lib/node`.

pub(crate) mod async_context;
pub(crate) mod buffer;
pub(crate) mod builtin_names;
pub(crate) mod hash;
pub(crate) mod process;
pub(crate) mod util;
pub(crate) mod variables;
pub(crate) mod zlib;
