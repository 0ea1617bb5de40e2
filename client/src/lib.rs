//! Run JavaScript and TypeScript in a kernel process of its own, from Rust.
//!
//! A [`Kernel`] is a handle to a process that holds a V8 context. State persists from chunk to chunk. A chunk that
//! loops, leaks or crashes costs its own run, never this process.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! use drupe_client::{Event, Kernel, Outcome};
//!
//! let kernel = Kernel::builder().spawn().await?;
//! kernel.run("const add = (a: number, b: number): number => a + b").await?;
//!
//! let mut run = kernel.run("console.log('adding'); add(1, 2)");
//! while let Some(event) = run.next_event().await {
//!     if let Event::Console(console) = event {
//!         assert_eq!(console.text(), "adding");
//!     }
//! }
//! let report = run.await?;
//! assert_eq!(report.outcome, Outcome::Value { value: Some(3.0.into()), text: "3".into() });
//! # Ok::<(), drupe_client::Error>(())
//! # }).unwrap();
//! ```
//!
//! Two kinds of failure are never mixed. The effect of the user's code is an [`Outcome`]. An [`Error`] says that a
//! kernel could not be launched, broke the protocol, or died, and why.
//!
//! The crate transpiles chunks (`drupe-transpile`), launches and watches processes, and routes events to runs. It
//! deliberately knows nothing of V8, and prints nothing. Start reading at [`Kernel`] and [`Run`]. Inside, everything
//! meets in `supervisor`.

// What is told here is told in full: a new kind of event or end does not compile until each place says what it is.
#![warn(clippy::wildcard_enum_match_arm)]

/// The code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// The program of the document runs.
#[cfg(doctest)]
#[doc = include_str!("../../docs/EMBEDDING.md")]
struct Embedding;

mod attach;
mod beside;
pub mod blocking;
mod builder;
mod builtin_signatures;
mod call;
#[cfg(target_os = "linux")]
mod cgroup;
mod chunk;
mod config;
mod cursor;
mod death;
mod duration;
mod ending;
mod error;
mod event;
mod exceptions;
mod global;
mod grants;
mod inspection;
mod jobs;
mod journal;
#[cfg(feature = "json")]
pub mod json;
mod kernel;
mod launch;
mod limits;
mod link;
mod machine;
mod mailbox;
mod outcome;
mod preload;
mod process;
mod program;
mod questions;
mod replay;
mod replies;
mod result;
mod run;
mod sandbox;
mod script_name;
mod showing;
mod signature;
mod site;
mod sources;
mod specifiers;
mod standstill;
mod supervisor;
mod trace;
mod transpiled;
mod typed;
mod unknown;
mod variables;
mod waits;

pub use attach::{Connection, Wanted};
pub use builder::Builder;
pub use call::Call;
pub use chunk::Chunk;
pub use config::Respawn;
pub use cursor::{byte_offset, point_offset, utf16_offset, utf16_offset_of_point};
pub use death::{Cause, Death};
pub use drupe_host::{self as host, Answer, BadName, Host, HostError, Items, Permissions, Policy, Signals, Stdio, Surroundings};
pub use drupe_protocol::{
    CodeFrame, Exception, Frame, FrameRow, Position, RunId, Value,
    describe::{Member, MemberKind, Sort},
    event::{Console, Level, Location, Method, Origin, Part, RunResult, Started, Stopped, Uncaught},
    handles::{Handle, MAX_HANDLES, MAX_PAGE, Property, Stale},
    hello::Engine,
    introspection::{Completion, CompletionKind},
    output::{Output, Stream},
    preview,
    sandbox::{SandboxLayer, SandboxLevel},
    value,
};
pub use drupe_transpile::{
    Completeness, Diagnostic, DiagnosticKind, Jsx, Language, Options, Project, Range, Stop, completeness, format, object_in,
};
#[cfg(unix)]
pub use drupe_transport::{ReadHalf, WriteHalf, halves};
pub use duration::duration_in_words;
pub use error::{Begun, Error, LaunchError};
pub use event::{Custom, Event, NewSession, SessionReason};
pub use global::{Global, GlobalKind};
pub use inspection::Inspection;
pub use kernel::{Kernel, WeakKernel};
pub use limits::Limits;
pub use outcome::{Budget, InterruptReason, Outcome, OutcomeDetails, Report, State};
pub use program::{Program, find_program};
pub use replay::{Replay, Replayed};
pub use replies::{Completions, Page, Status};
pub use result::ResultError;
pub use run::{LateEvents, Run};
pub use sandbox::{Sandbox, SandboxStatus};
pub use signature::Signature;
pub use supervisor::Info;
