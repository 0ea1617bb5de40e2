//! The terminal front end: reads chunks from a person or a pipe, gives them to a kernel, and shows the events.
//!
//! [`interactive`] edits lines with rustyline (history, colours, whole chunks, output above the prompt). [`piped`]
//! takes chunk after chunk from standard input. [`follow`] drives one run, and `drupe eval` and `drupe run` use it,
//! too. All output goes through a [`Show`]: [`Text`] for people, the command line's JSON lines for programs. Questions
//! of code to the person go to a [`PromptQueue`].
//!
//! The crate deliberately knows nothing of the inside of kernels. It neither launches one nor reads its wire, and it
//! finds the end of a chunk only by [`drupe_client::completeness`]. Commands (`commands`, `dispatch`) are the same at a
//! terminal and in a pipe: both implement `front`. Start reading at [`follow`], then [`piped`], then `interactive`.

// What is told here is told in full: a new kind of event or end does not compile until each place says what it is.
#![warn(clippy::wildcard_enum_match_arm)]

mod allow;
#[cfg_attr(not(unix), expect(dead_code, reason = "nobody can be asked there"))]
mod answer_line;
#[cfg(unix)]
mod answers;
mod ask_kernel;
mod asking;
mod assist;
mod at_prompt;
mod call_head;
mod chunk_reader;
mod commands;
mod config;
mod continuation;
mod cut_text;
mod declaration_files;
mod disk;
mod dispatch;
mod duration;
mod error;
mod explain;
mod finder;
mod follow;
mod framed;
mod front;
mod highlight;
mod hint;
mod history;
mod input_question;
mod interactive;
mod interrupt_presses;
mod interrupts;
mod leaving;
mod left_out;
mod line_prefix;
mod lines;
mod manual;
mod menu;
#[cfg(unix)]
mod modes;
#[cfg(not(unix))]
mod no_tty;
mod pager;
mod pasted;
mod paths;
mod pending_chunk;
mod person;
mod piped;
mod programs;
mod promises;
mod prompt;
mod prompt_queue;
mod render;
mod run_questions;
mod sanitize;
mod saved;
mod screen;
mod settings;
mod settled_output;
mod shell;
mod show;
mod signals;
mod source_file;
mod startup;
mod status;
mod submit;
mod supervise;
mod text;
mod tty;
mod type_ahead;
mod typed_text;
mod typings;
mod unfinished;
mod waits;
mod watched;
mod width;
mod words;

pub use config::{Preferences, config_folder, init_file};
pub use duration::{DurationError, parse_duration};
pub use error::ReplError;
pub use follow::{Followed, Follower, follow};
pub use history::history_path;
pub use interactive::{Conversation, interactive};
pub use interrupts::{HeardByProgram, Interrupts};
pub use leaving::Left;
pub use lines::Input;
pub use piped::{Format, piped};
pub use prompt_queue::{PromptQueue, Questions, prompt_queue};
pub use render::{Look, Renderer};
pub use sanitize::sanitize;
pub use saved::chunks_of_file;
pub use settings::Settings;
pub use show::{Altering, Show};
pub use startup::{Began, Startup};
pub use status::Busy;
pub use text::Text;
