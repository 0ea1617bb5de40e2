//! The tests of this crate, in one program: each file is a module.
//!
//! One program is linked once.

mod peer;

mod ends;
mod name;
mod parent;
