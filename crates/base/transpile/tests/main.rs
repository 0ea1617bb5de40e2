//! The tests of this crate, in one program: each file is a module.
//!
//! One program is linked once. Files that count allocations, or replace the allocator, are programs of their own:
//! `bombs`.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

mod bindings;
mod completeness;
mod declarations;
mod diagnostics;
mod format;
mod grammar;
mod imports;
mod modules;
mod objects;
mod positions;
mod prefixes;
mod projects;
mod redeclare;
mod robustness;
mod strip;
mod transforms;
