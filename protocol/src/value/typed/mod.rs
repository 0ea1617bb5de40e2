//! Rust types as values and back, by serde.
//!
//! [`to_value`] and [`from_value`] document the value for each Rust type. [`Value`](super::Value) itself may stand in a
//! type at any depth: it is handed over as it is.

mod access;
mod args;
mod copy;
mod error;
mod from;
mod handover;
mod keys;
mod plain;
mod to;

pub use args::from_args;
pub use error::ConvertError;
pub use from::from_value;
pub(super) use handover::{NAME, give};
pub(super) use plain::PlainVisitor;
pub use to::to_value;
