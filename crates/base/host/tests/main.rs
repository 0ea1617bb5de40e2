//! The tests of this crate, in one program: each file is a module.
//!
//! One program is linked once. Files that count allocations, or replace the allocator, are programs of their own:
//! `moves`.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod calls;
#[path = "../../../../tests/support/http.rs"]
mod http;
mod modules_common;
#[path = "../../../../protocol/tests/mutating/mod.rs"]
mod mutating;
mod net_common;

mod costs;
mod damaged_calls;
mod links;
mod modules;
mod modules_hostile;
mod modules_people;
mod modules_remote;
mod net;
mod net_bodies;
mod permissions;
mod pipes;
mod programs;
mod stdio;
