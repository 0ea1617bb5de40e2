//! `drupe serve`, by the messages of `SERVE.md`.

mod calls;
mod client;
mod deaths;
mod doors;
mod limits;
mod mistakes;
mod resume;
mod sessions;
mod slow;
mod words;
