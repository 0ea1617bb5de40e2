//! The kernel: the process that holds V8 and runs the user's chunks. Only this crate and its inspector
//! (`drupe_inspect`) know V8.
//!
//! It reads requests from the data channel, runs them one after the other in one persistent session, and sends events.
//! It deliberately has no authority of its own: no files, no network, no environment. It does not transpile (the parent
//! does), and it needs no async runtime: `ARCHITECTURE.md` describes its three threads.
//!
//! Start reading at [`main`], then `sandbox`, `serve`, and in `runs` the event loop, the session and the life of a run.
//! `ARCHITECTURE.md` lists the storeys. **V8's types stop at `drupe_inspect`, `values`, `stacks` and `errors`**: these
//! return types of the protocol.

mod console;
mod control;
mod environment;
mod errors;
mod format;
#[cfg(test)]
mod frameless;
mod host;
mod inspect;
mod introspection;
mod isolate;
mod launch;
mod modules;
mod natives;
mod node;
mod process;
mod runs;
mod sandbox;
mod serve;
mod stacks;
mod values;
mod web;
mod wire;

pub use launch::{Options, main, main_with};
pub use process::platform::Platform;
pub use runs::{event_loop::LoopError, session::SessionError};
pub use serve::{Config, ServeError, serve};

/// The version of the V8 that is linked here, such as `15.2.1-rusty`.
#[must_use]
pub fn v8_version() -> &'static str {
    v8::V8::get_version()
}
