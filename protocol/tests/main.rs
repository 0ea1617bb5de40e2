//! The tests of this crate, in one program: each file is a module.
//!
//! One program is linked once. Files that count allocations, or replace the allocator, are programs of their own:
//! `frame`, `hostile`, `mutations`.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod arbitrary;
mod samples;

mod golden;
mod pages;
mod pieces;
mod roundtrip;
mod tolerance;
mod typed;
mod wire_md;
