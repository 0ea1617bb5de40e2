//! The kernel: the process that holds V8 and runs the user's chunks. The only crate that knows V8.
//!
//! It reads requests from the data channel, runs them one after the other in one persistent session, and says what happens. It
//! deliberately has no authority of its own: no files, no network, no environment. It does not transpile (that is the parent's), and
//! it needs no async runtime: see `ARCHITECTURE.md` for its three threads.
//!
//! Start reading at [`main`], then `sandbox`, `serve`, `event_loop`, `runs`, `session` and `evaluate`. **V8's types stop at `inspect`, `values`
//! and `exception`**: what leaves these is protocol.

mod async_context;
mod attempt;
mod buffer;
mod buffers;
mod builtin_names;
mod console;
mod control;
mod cpu_clock;
mod custom;
mod display;
mod environment;
mod evaluate;
mod event_loop;
mod exception;
mod fatal;
mod flood;
#[cfg(test)]
mod frameless;
mod guard;
mod halt;
mod handles;
mod hash;
mod help;
mod host;
mod inbox;
mod inspect;
mod inspector;
#[cfg(unix)]
mod job;
mod last_values;
#[cfg(unix)]
mod last_words;
mod launch;
mod library;
mod limits;
mod located;
mod modules;
mod native;
mod ops;
mod outbox;
mod peek;
mod platform;
mod process;
mod program;
mod realm;
mod regexp;
mod rejections;
mod runs;
mod said;
mod sandbox;
mod scripts;
mod serve;
mod session;
mod show;
mod stacks;
mod threads;
mod time_zone;
mod timers;
mod util;
mod values;
mod watchdog;
mod web;
mod zlib;

pub use event_loop::LoopError;
pub use launch::{Options, main, main_with};
pub use platform::Platform;
pub use serve::{Config, ServeError, serve};
pub use session::SessionError;
