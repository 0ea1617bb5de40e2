//! Whole-system tests: a parent, a wire, a process.
//!
//! What one crate can show alone is tested there (`kernel/tests` runs the kernel over the memory pair, `protocol/tests`
//! the bytes). Here is what needs both ends:
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

/// What every file uses: kernels to spawn, reports to take apart.
mod support;

/// Chunks go in, events and outcomes come out: order, values, queues, sessions, late events.
mod spine;

/// Public structs, made by their constructors from outside of their crates.
mod api;

/// Functions that are events: calls in order with the output.
mod custom_events;

/// Kernels somewhere else, over byte streams of the embedder's.
#[cfg(target_os = "linux")]
mod attached;

/// The client for programs without async: waiting, interrupts, and calls that would wait for themselves.
mod blocking;

/// Anything declared again as anything: kinds after kinds, constants, failed chunks, new sessions.
mod bindings;

/// What is thrown: its source in the user's own text, its frames across chunks and sessions.
mod errors;

/// Inputs of chunks: they win over what the session has by their names.
mod inputs;

/// Errors of files: where they are, in the text that was loaded.
#[cfg(target_os = "linux")]
mod pointing;
#[cfg(target_os = "linux")]
mod pointing_modules;
mod pointing_text;

/// Random sessions of declarations, assignments and failures, against a model.
mod bindings_model;

/// Limits, interrupts, deaths, respawns: what is stopped, what is kept, and that it is told.
mod control;

/// Limits that end after the last moment that a clock can tell.
mod long_limits;

/// Runs that begin while others await.
mod beside;

/// Runs that were sent to a kernel that died: what is sent again, and what never is.
mod respawns;

/// Runs that are interrupted before they begin.
mod withdrawn;

/// The lock-down: native code tries to get out, levels refuse or accept, nothing is missing from JavaScript.
mod lockdown;

/// Peers that lie, stall and die: every one a typed error, in bounded time and memory.
mod misbehaviour;

/// A parent that sends nonsense to a real kernel.
#[cfg(target_os = "linux")]
mod nonsense;

/// Published JavaScript: the bundles of typescript, acorn, lodash, mathjs and d3, evaluated as chunks and used.
mod bundles;

/// What a person types, and what is said: the semantics of the REPL, as data in `transcripts/`.
mod transcripts;

/// Functions of the embedder, called from JavaScript: values, errors, streams, interrupts, panics.
mod functions;

/// Rust types of serde as inputs, results, arguments and answers.
mod typed;

/// Functions that use the kernel which calls them: what they keep alive, and whom they wait for.
mod waits;

/// What code asks a person: permissions, `alert`, `confirm`, `prompt`; who asks, what is told, what is taken back.
mod questions;

/// What a session ran, played again after its death.
mod journal;

/// The database of the example: rows, transactions, errors, interrupts, and kernels that die.
mod database;

/// Completion, names and status, asked of a busy kernel.
mod help;

/// Handles: what is in an object, page by page.
mod handles;

/// The corpus of escapes: every mechanism, at every level of confinement.
mod containment;

/// The world outside, by permission: files, programs, modules, networks.
mod world;

/// Stops: loops, built-ins that do not listen, jobs, callbacks, patterns, sources, awaits; each by every way.
mod stops;

/// Sources that take long to read: refused, interrupted, limited, and waiting for their turn.
mod sources;

/// Stops that race with ends.
mod races;

/// Leftovers, clocks, secrets.
mod residue;
