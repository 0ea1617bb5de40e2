//! The terminal front end: reads chunks from a person or a pipe, gives them to a kernel, and shows what happens.
//!
//! [`interactive`] edits lines with rustyline (history, colours, whole chunks, output above the prompt); [`piped`] takes chunk after
//! chunk from standard input; [`follow`] drives one run, and is what `drupe eval` and `drupe run` use, too. What is shown goes through
//! a [`Show`]: [`Text`] for people, the command line's JSON lines for programs. What code asks the person comes to a [`Desk`].
//!
//! It deliberately knows nothing of how kernels work: it neither launches one nor reads its wire, and decides where a chunk ends only
//! by asking [`drupe_client::completeness`]. Start reading at [`follow`], then [`piped`], then `interactive`.

// What is told here is told in full: a new kind of event or end does not compile until each place says what it is.
#![warn(clippy::wildcard_enum_match_arm)]

mod ahead;
mod allow;
mod ask_kernel;
mod asking;
mod assist;
mod call;
mod commands;
mod desk;
mod duration;
mod error;
mod explain;
mod fold;
mod follow;
mod gather;
mod highlight;
mod hint;
mod history;
mod interactive;
mod lead;
mod lexer;
mod manual;
mod menu;
#[cfg(unix)]
mod modes;
mod obey;
mod outcomes;
mod piped;
mod prompt;
mod render;
mod sanitize;
mod screen;
mod show;
mod signals;
mod status;
mod tty;
mod unfinished;
mod waits;

pub use desk::{Desk, Questions, desk};
pub use duration::{DurationError, parse_duration};
pub use error::ReplError;
pub use follow::{Followed, Follower, Settings, follow};
pub use history::history_path;
pub use interactive::interactive;
pub use outcomes::{how_it_ended, state_lost};
pub use piped::{Left, piped};
pub use render::{Look, Renderer};
pub use sanitize::sanitize;
pub use show::{Show, Text};
pub use status::Busy;
