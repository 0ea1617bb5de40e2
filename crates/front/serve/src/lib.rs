//! `drupe serve`: kernels for programs in any language, over the protocol of `SERVE.md`.
//!
//! Clients send source text. Transpiling, permissions, modules and limits stay in this process, by way of the client
//! library. A [`Server`] has the kernels and the [`Ceiling`] of what clients can get. [`listen`] accepts connections,
//! `connection` serves one client, and `kernel` is a kernel with its journal and its clients. `message` has the
//! messages as types. A [`Registry`] and [`secret`] names are for every server that lends kernels. Start reading at
//! [`Server`] and `connection`.

// As in the client: a new kind of event or end does not compile until each place says what it is.
#![warn(clippy::wildcard_enum_match_arm)]

mod ceiling;
mod connection;
#[cfg(test)]
mod document;
mod form;
mod kernel;
pub mod listen;
mod message;
mod open;
mod origin;
mod registry;
mod reply;
mod secret;
mod server;

pub use ceiling::{Ceiling, MIN_HEAP};
pub use connection::VERSION;
pub use listen::Access;
pub use origin::is_origin;
pub use registry::{NoPlace, Place, Registry};
pub use secret::secret;
pub use server::Server;
