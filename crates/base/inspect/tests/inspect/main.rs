//! The inspector alone: values made by scripts, described in an isolate of the test's own, without a kernel.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod embedders;
mod hostile;
mod kinds;
mod page;
mod pages;
mod shapes;
mod vs_node;
