//! `drupe mcp`: kernels as tools of the Model Context Protocol, for models and the programs that run them.
//!
//! A tool runs code in a kernel, and the answer says all that came of it: what ran, what stopped it, what is left of
//! the session, and what it cost. Everything goes through the client library; the messages of the protocol are
//! `rmcp`'s.
//!
//! A [`Server`] has the sessions, and the [`Settings`] of what callers can get. `handler` answers the requests of one
//! connection, `tools` has the tools one by one, and `session` is a kernel that is lent to a caller. `record` is what
//! is known of a run, `late` what its callbacks did after its end, and `answer` makes the result of a call:
//! `going` says what a run that goes on waits for, and `notice` says all of it in words.
//! `questions` are those of JavaScript to a person (`asked`: what they are), and `asking` puts them to the client.
//! [`stdio`] and [`http`] accept connections; `incoming` reads what a client says, from `lines` or from a `body`, and
//! says what is wrong with what is no message. `cors` tells browsers which pages may call. Start reading at [`Server`]
//! and `tools::run`.

// As in the client: a new kind of event or end does not compile until each place says what it is.
#![warn(clippy::wildcard_enum_match_arm)]

mod answer;
mod asked;
mod asking;
mod attending;
mod body;
mod caller;
mod cors;
mod describe;
mod failure;
mod former;
mod going;
mod handler;
mod head;
pub mod http;
mod image;
mod incoming;
mod late;
mod lines;
mod names;
mod notice;
mod open_ids;
mod open_requests;
mod outcome;
mod parts;
mod person;
mod questions;
mod record;
mod refusal;
mod server;
mod session;
pub mod stdio;
mod tools;
mod transcript;
mod wanted;

pub use http::Access;
pub use server::{Server, Settings};
