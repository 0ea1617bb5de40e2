//! Values by copy: converts JavaScript values to [`drupe_protocol::Value`] and back.

mod from_wire;
mod to_wire;

pub(crate) use from_wire::from_wire;
pub(crate) use to_wire::{Limits, opaque, to_wire, to_wire_counted, to_wire_shared};
