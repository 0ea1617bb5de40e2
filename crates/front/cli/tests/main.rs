//! The tests of this crate, in one program: each file is a module.
//!
//! One program is linked once.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

mod chunk_imports;
mod command_line;
mod contract;
mod doctor;
mod documents;
mod editing;
mod elements;
mod ends;
mod environment;
mod events;
mod finding;
mod formats_vs_node;
mod frames;
mod hints;
mod job;
#[cfg(unix)]
mod jupyter;
mod library_vs_node;
mod loaded;
#[cfg(unix)]
mod mcp;
#[cfg(unix)]
mod mcp_ends;
mod mcp_messages;
#[cfg(unix)]
mod mcp_text;
#[cfg(unix)]
mod mcp_words;
mod mistakes;
mod more;
mod node_flags;
#[cfg(target_os = "linux")]
mod node_path;
mod npm;
mod outputs_vs_node;
mod packages;
mod pipe_commands;
mod piped;
mod process_vs_node;
mod program;
mod programs_vs_node;
mod projects;
mod prompt;
mod questions;
mod saved;
#[cfg(unix)]
mod serve;
mod session;
mod settings;
mod shells;
mod signals;
mod source_maps;
mod stdin_vs_node;
mod streams;
mod terminal;
mod terminal_programs;
mod typed_input;
mod typing;
mod working_folder;
