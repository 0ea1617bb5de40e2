//! Decides whether a chunk is complete, needs another line, or can never become valid.

use drupe_lexer::next_indent;

use crate::parse;
use crate::parse::unfinished;
use crate::source::diagnostic::Diagnostic;
use crate::source::nesting;
use crate::source::options::Options;

/// What a prompt should do with the text typed so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// It can run.
    Complete,
    /// It is the beginning of something: ask for another line.
    Incomplete {
        /// How many spaces the next line could start with; 0 where they would become part of a string.
        indent: u32,
    },
    /// No further line can make it valid.
    Invalid(Diagnostic),
}

/// Tells complete from unfinished and invalid input. Text that only V8 would refuse counts as complete.
#[must_use]
pub fn completeness(source: &str, options: &Options) -> Completeness {
    let unfinished = || Completeness::Incomplete { indent: next_indent(source) };
    let parsed = nesting::guarded(source, options, |reading| {
        parse::parse_typed(source, options.language, reading).map(|chunk| {
            let open = chunk.last_signature.is_some() || unfinished::in_type_arguments(&chunk, source, reading.meter);
            (open, parse::ends::ends_in_await(&chunk))
        })
    });
    match parsed {
        Err(diagnostic) => Completeness::Invalid(diagnostic),
        // Its implementation is to come, or its body, or the end of type arguments.
        Ok(Ok((true, _))) => unfinished(),
        Ok(Ok((false, true))) if !source.trim_end().ends_with(';') => unfinished(),
        Ok(Ok(_)) => Completeness::Complete,
        Ok(Err(failure)) if failure.unfinished => unfinished(),
        Ok(Err(failure)) => Completeness::Invalid(failure.into_diagnostic(source, options)),
    }
}
