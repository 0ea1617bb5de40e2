//! The parent's end of a kernel's calls: every brokered request is answered here.
//!
//! A kernel has no authority of its own. Each request of its JavaScript for something outside arrives here as a
//! [`Call`], and a [`Service`] answers it, under the permissions that the embedder gave. The crate deliberately knows
//! nothing of kernels or V8. It keeps the state of a session in the [`Session`] that the client passes with each call.
//!
//! Start reading at [`Host::call`], the only entry. [`permissions`] decide, [`functions`] are those of embedders, and
//! [`modules`] are found, read and compiled here.

#![cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "some services are there on Linux only"))]

pub mod answer_budget;
mod call;
pub mod dialogs;
#[cfg(target_os = "linux")]
mod env;
#[cfg(target_os = "linux")]
mod follow;
#[cfg(target_os = "linux")]
mod fs;
pub mod functions;
mod host;
#[cfg(target_os = "linux")]
pub mod modules;
pub mod net;
pub mod permissions;
#[cfg(target_os = "linux")]
mod process;
mod session;
pub mod shell;
pub mod signals;
mod standard;
pub mod stdio;
#[cfg(target_os = "linux")]
mod stop;
mod surroundings;
pub mod typed_input;

pub use call::{Answer, Answering, Call, Items, Pending};
pub use dialogs::Dialogs;
pub use drupe_protocol::HostError;
#[cfg(target_os = "linux")]
pub use fs::working_folder;
pub use functions::{BadName, Functions};
pub use host::{Host, Service};
#[cfg(target_os = "linux")]
pub use modules::{ModuleCache, Modules};
pub use permissions::{Permissions, Policy};
#[cfg(target_os = "linux")]
pub use process::{Hold, landlock_version};
pub use session::Session;
pub use signals::Signals;
pub use stdio::Stdio;
pub use surroundings::{KernelProcess, Surroundings};
pub use typed_input::TypedInput;
