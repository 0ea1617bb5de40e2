//! Bounds the cost of a source: its possible depth, so that recursion has enough stack, and the amount that the parser
//! may read.
//!
//! swc's parser, its passes and the tree's destructors recurse once per level, and a stack overflow would end the
//! process. The bound here is never too small, whatever the text. It may only be too large, which costs a larger
//! (untouched) stack. The real depth of the parser's calls is measured: beyond the depth that V8 could compile it
//! stops.
//!
//! The parser goes back where it guessed wrong about types and arrow functions, and nested guesses multiply. So
//! **everything that it reads is counted, each time that it reads it, and bounded by a multiple of the source's
//! length**.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use drupe_lexer::{Nesting, nesting};
use swc_ecma_parser_metered::metered::{End, Meter};

use crate::source::diagnostic::{Diagnostic, DiagnosticKind};
use crate::source::options::{MAX_SOURCE_BYTES, Options};

/// How many levels of nesting a chunk may have. Brackets, operators and keywords that can hold another expression each
/// count.
pub const MAX_NESTING: usize = 100_000;

/// How much of a source may be read, in units of the meter (a token, or a byte of one), for each of its bytes. Ordinary
/// sources need 2; those that are valid only in the last of the grammars that are tried need up to 9.
const UNITS_PER_BYTE: u64 = 24;
/// What may be read besides: short sources may be as ambiguous as they like.
const BASE_UNITS: u64 = 32 << 10;

/// How much of the stack the parser may use. V8 has 1 MiB for the same text, and smaller frames: it gives up first.
const PARSER_STACK: usize = 8 << 20;

/// How many digits a `BigInt` literal may have where the text is as long: they become a number in quadratic time.
const MAX_DIGITS: usize = 256 << 10;

/// Up to this many levels the caller's own stack is used.
const SHALLOW: usize = 64;
/// Stack for one level.
const BYTES_PER_LEVEL: usize = 16 << 10;
/// Stack for everything else.
const BASE_STACK: usize = 1 << 20;

/// What is known of a text before it is parsed.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'meter> {
    pub(crate) nesting: Nesting,
    /// Whether a brace at the beginning opens a block in any case.
    pub(crate) brace_is_block: bool,
    /// **Whatever is parsed of the text is charged to it.**
    pub(crate) meter: &'meter Meter<'meter>,
}

impl<'meter> Reading<'meter> {
    /// Reads a text that was made of the one that `meter` is for.
    pub(crate) fn of(text: &str, options: &Options, meter: &'meter Meter<'meter>) -> Self {
        let nesting = nesting(text, MAX_NESTING, options.language.has_jsx());
        Self { nesting, brace_is_block: options.brace_is_block, meter }
    }
}

/// Runs `work` with enough stack for `source`, and what was read of it: **its brackets are read once, here**. A text
/// that is too long, too deep or too ambiguous, work that was stopped, and a parser that panics are diagnostics.
pub(crate) fn guarded<T: Send>(
    source: &str,
    options: &Options,
    work: impl FnOnce(&Reading<'_>) -> T + Send,
) -> Result<T, Diagnostic> {
    let limit = |message: String| Diagnostic::whole(DiagnosticKind::Limit, message, options);
    if source.len() > MAX_SOURCE_BYTES {
        let message = format!("the chunk has {} bytes; the limit is {MAX_SOURCE_BYTES} (MAX_SOURCE_BYTES)", source.len());
        return Err(limit(message));
    }
    if source.len() > MAX_DIGITS && has_long_number(source) {
        return Err(limit(format!("a number in the chunk has more than {MAX_DIGITS} digits")));
    }
    let nesting = nesting(source, MAX_NESTING, options.language.has_jsx());
    // No text is deeper than it is long.
    let depth = nesting.depth.min(source.len());
    if depth > MAX_NESTING {
        return Err(limit(format!("the chunk is nested too deeply; the limit is {MAX_NESTING} levels (MAX_NESTING)")));
    }
    let metered = || {
        let units = BASE_UNITS + UNITS_PER_BYTE * source.len() as u64;
        let meter = Meter::new(units, PARSER_STACK, options.stop.flag());
        let done =
            catch_unwind(AssertUnwindSafe(|| work(&Reading { nesting, brace_is_block: options.brace_is_block, meter: &meter })));
        (done, meter.end())
    };
    let (done, end) = if depth <= SHALLOW {
        metered()
    } else {
        thread::scope(|scope| -> Result<_, Diagnostic> {
            let stack = BASE_STACK + depth * BYTES_PER_LEVEL;
            let spawned = thread::Builder::new().name("transpile".into()).stack_size(stack).spawn_scoped(scope, metered);
            let handle =
                spawned.map_err(|error| limit(format!("no stack of {stack} bytes for a deeply nested chunk: {error}")))?;
            Ok(handle.join().unwrap_or_else(|panicked| (Err(panicked), None)))
        })?
    };
    match end {
        Some(End::Spent) => Err(limit(
            "the chunk is too ambiguous to parse: nested types, casts, arrow functions or generic calls in it can be read in too \
             many ways; split it, or give its parts names"
                .to_owned(),
        )),
        Some(End::Costly) => Err(limit(
            "the chunk is too costly to compile: scopes are nested too deeply for the names in it, or its enums and constants are \
             too many or too long; split it"
                .to_owned(),
        )),
        Some(End::Deep) => Err(limit("the chunk is nested too deeply to be compiled; split it".to_owned())),
        Some(End::Stopped) => Err(Diagnostic::whole(DiagnosticKind::Stopped, "the work on the chunk was stopped", options)),
        None => done.map_err(|_| Diagnostic::whole(DiagnosticKind::Internal, "the compiler failed on this chunk", options)),
    }
}

/// Whether something in the text may be a `BigInt` literal that is longer than [`MAX_DIGITS`].
fn has_long_number(source: &str) -> bool {
    let words = source.as_bytes().split(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_'));
    let is_number = |word: &[u8]| word.first().is_some_and(u8::is_ascii_digit) && word.last() == Some(&b'n');
    words.into_iter().any(|word| word.len() > MAX_DIGITS && is_number(word))
}
