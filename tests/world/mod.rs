//! The world outside of a kernel, by permission. One file a subject:

/// Files, by all of `fs`: what is granted, what is not, and every way around.
mod files;

/// `fs` beside Node's own, call by call.
mod files_vs_node;

/// `fetch` against a server of our own: bodies, streams, aborts, redirects, denials.
mod fetch;

/// `fetch` beside Node's own.
mod fetch_vs_node;

/// A kernel that may do nothing, and one that may read one folder: through every function there is.
mod denied;

/// Modules from real files: imported again after an edit, and found from the file that needs them.
mod modules;

/// Modules from a server of our own: by permission, kept as they came, and never without end.
mod modules_remote;

/// Rules that deny, whatever is granted.
mod denials;

/// Grants for programs: by which ways one could become another.
mod run_grants;

/// What confines programs: denied, replaced and inherited things.
mod confined;

/// Programs: output, exit codes, input, limits, and that none outlives its session.
mod programs;

/// Standard input that an embedder gives, and what a kernel without one says.
#[cfg(target_os = "linux")]
mod stdio;

/// `child_process` beside Node's own: streams, ends, what listeners throw.
mod programs_vs_node;
