//! The messages of `SERVE.md`, as types: what a client says ([`client`]) and what the server says ([`server`]).
//!
//! Both forms, msgpack and JSON, are made of the same types. [`envelope`] reads and writes `[name, body]` in either.

mod body;
pub(crate) mod client;
pub(crate) mod envelope;
pub(crate) mod event_type;
mod map;
pub(crate) mod server;
mod words;
