//! The tests of this crate, in one program: each file is a module.
//!
//! One program is linked once.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

mod beside;
mod causality;
mod commonjs;
mod completion;
mod console;
mod console_vs_node;
mod errors;
mod evaluation;
mod halts;
mod handles;
mod help;
mod hooks;
mod host;
mod inspect;
mod leftovers;
mod modules;
mod node_essentials;
mod node_hostile;
mod pollution;
mod preview;
mod programs;
mod stopping;
mod values;
mod web;
mod web_vs_node;
