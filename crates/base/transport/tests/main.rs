//! The tests of this crate, in one program: each file is a module.
//!
//! One program is linked once.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod peer;

mod ends;
mod name;
mod parent;
