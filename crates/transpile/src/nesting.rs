//! Deep nesting: how deep a text could possibly be, so that recursion in the parser has the stack it needs, or a clear error.
//!
//! swc's parser, its passes and the tree's destructors recurse once per level, and running out of stack would end the process.
//! The bound here is never too small, whatever the text: it may only be too large, which costs a larger (untouched) stack.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use crate::brackets::{self, Reading};
use crate::diagnostic::{Diagnostic, DiagnosticKind};
use crate::options::{MAX_SOURCE_BYTES, Options};

/// How many levels of nesting a chunk may have. Brackets, operators and keywords that can hold another expression each count.
pub const MAX_NESTING: usize = 100_000;

/// How many `<T>(` may be nested: the parser takes twice as long for each.
const MAX_GUESSES: usize = 16;
/// The length of `<T>(`.
const SHORTEST_GUESS: usize = 4;
/// Up to this many levels the caller's own stack is used.
const SHALLOW: usize = 64;
/// Stack for one level.
const BYTES_PER_LEVEL: usize = 16 << 10;
/// Stack for everything else.
const BASE_STACK: usize = 1 << 20;

/// Runs `work` with enough stack for `source`; a text that is too long or too deep, and a parser that panics, are diagnostics.
pub(crate) fn guarded<T: Send>(source: &str, options: &Options, work: impl FnOnce() -> T + Send) -> Result<T, Diagnostic> {
    let limit = |message: String| Diagnostic::whole(DiagnosticKind::Limit, message, options);
    if source.len() > MAX_SOURCE_BYTES {
        let message = format!("the chunk has {} bytes; the limit is {MAX_SOURCE_BYTES} (MAX_SOURCE_BYTES)", source.len());
        return Err(limit(message));
    }
    let Reading { depth, guesses, .. } = if source.len() <= SHALLOW {
        // No text is deeper than it is long.
        Reading { depth: source.len(), guesses: source.len() / SHORTEST_GUESS, open: 0 }
    } else {
        brackets::read(source)
    };
    if depth > MAX_NESTING {
        return Err(limit(format!("the chunk is nested too deeply; the limit is {MAX_NESTING} levels (MAX_NESTING)")));
    }
    if guesses > MAX_GUESSES {
        return Err(limit(format!(
            "more than {MAX_GUESSES} casts or generic functions of the form <T>(…) are nested in each other"
        )));
    }
    let broken = || Diagnostic::whole(DiagnosticKind::Internal, "the compiler failed on this chunk", options);
    if depth <= SHALLOW {
        return catch_unwind(AssertUnwindSafe(work)).map_err(|_| broken());
    }
    thread::scope(|scope| {
        let stack = BASE_STACK + depth * BYTES_PER_LEVEL;
        let spawned = thread::Builder::new().name("transpile".into()).stack_size(stack).spawn_scoped(scope, work);
        match spawned {
            Ok(handle) => handle.join().map_err(|_| broken()),
            Err(error) => Err(limit(format!("no stack of {stack} bytes for a deeply nested chunk: {error}"))),
        }
    })
}
