//! The second stage: text to a syntax tree. It takes the source and its language. It gives the program of the first
//! grammar that accepts the whole text, or the error of the attempt that came furthest, in plain words.
//!
//! A chunk is a sloppy script with top-level `await`. The parser has no such entry point, but its "program" mode comes
//! close: it first reads the text with module grammar and sloppy lexing, and keeps strict-mode errors apart until the
//! end, where they are dropped here. Errors that only V8 can judge (it handles strictness) are dropped too; V8 reports
//! them at the same position.

pub(crate) mod chunk;
pub(crate) mod elements;
pub(crate) mod ends;
pub(crate) mod found;
pub(crate) mod grammar;
pub(crate) mod jsx_phrases;
pub(crate) mod mixing;
pub(crate) mod phrases;
pub(crate) mod rewrite;
pub(crate) mod signatures;
pub(crate) mod types_only;
pub(crate) mod unfinished;

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use drupe_lexer::{Text, tags};
use swc_core::common::comments::{Comments, SingleThreadedComments};
use swc_core::common::input::StringInput;
use swc_core::common::{BytePos, Spanned};
use swc_core::ecma::ast::{EsVersion, Program};
use swc_ecma_parser_metered::error::{Error, SyntaxError};
use swc_ecma_parser_metered::metered::{Meter, parse_program};
use swc_ecma_parser_metered::{Context, Lexer};

pub(crate) use self::chunk::{Chunk, Dialect};

use crate::source::diagnostic::{Diagnostic, DiagnosticKind};
use crate::source::nesting::Reading;
use crate::source::options::{Language, Options};

/// Why no grammar accepted a chunk.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The error of the attempt that came furthest.
    fault: Fault,
    /// Some attempt failed only because the text ends too early.
    pub(crate) unfinished: bool,
}

#[derive(Debug)]
struct Fault {
    message: String,
    /// Byte offsets in the source.
    from: usize,
    to: usize,
    unfinished: bool,
    /// It is of a rule that JavaScript does not have, or of JSX.
    of_types: bool,
    /// The parser came to the end of the text in spite of it.
    whole: bool,
}

impl Failure {
    pub(crate) fn into_diagnostic(self, source: &str, options: &Options) -> Diagnostic {
        Diagnostic::new(DiagnosticKind::Syntax, self.fault.message, source, self.fault.from..self.fault.to, options)
    }
}

/// Parses a chunk: the first dialect that accepts it wins. **Whatever is parsed is charged to the meter of its
/// source.**
pub(crate) fn parse(source: &str, language: Language, reading: &Reading<'_>) -> Result<Chunk, Failure> {
    parse_unless(source, language, reading, |_| false)
}

/// The same for text that may go on: the beginning of an element is no cast.
pub(crate) fn parse_typed(source: &str, language: Language, reading: &Reading<'_>) -> Result<Chunk, Failure> {
    parse_unless(source, language, reading, |program| elements::has_beginning(program, source, 1))
}

/// Parses a chunk; `goes_on` says of what the text is the beginning of, if one dialect found it unfinished.
fn parse_unless(
    source: &str,
    language: Language,
    reading: &Reading<'_>,
    goes_on: impl Fn(&Program) -> bool,
) -> Result<Chunk, Failure> {
    let begins_with_brace = !reading.brace_is_block && rewrite::begins_with_brace(source);
    let may_be_object = begins_with_brace && !rewrite::ends_in_semicolon(source);
    // What ends in a semicolon may be in a method of an object.
    let is_open = begins_with_brace && reading.nesting.open > 0;
    let wrapped = (may_be_object || is_open).then(|| rewrite::parenthesize(source));
    // The parser takes a quote that closes an attribute near the text's end for the beginning of another string.
    let ends_in_quote = source.contains('<') && source.trim_end().ends_with(['"', '\'']);
    let padded = ends_in_quote.then(|| format!("{source}\n\n"));
    let mut failure: Option<Failure> = None;
    for &dialect in Dialect::of(language, source) {
        let mut unfinished = false;
        if let Some(wrapped) = &wrapped {
            match attempt(wrapped, dialect, 2, source, reading) {
                Ok(program) if may_be_object => {
                    if let Some(inner) = rewrite::in_one_parenthesis(&program, wrapped.len()) {
                        return Ok(Chunk::new(program, dialect, Some(inner)));
                    }
                }
                Ok(_) => {}
                Err(fault) => unfinished = fault.unfinished,
            }
        }
        match attempt(padded.as_deref().unwrap_or(source), dialect, 1, source, reading) {
            // The text of an element, whose end may yet come.
            Ok(program) if failure.as_ref().is_some_and(|before| before.unfinished) && goes_on(&program) => {}
            Ok(program) => return Ok(Chunk::new(program, dialect, None)),
            Err(fault) => {
                unfinished |= fault.unfinished || failure.as_ref().is_some_and(|before| before.unfinished);
                let furthest = failure.take().map(|before| before.fault);
                let furthest = furthest.filter(|before| before.of_types || before.whole || before.from >= fault.from);
                failure = Some(Failure { fault: furthest.unwrap_or(fault), unfinished });
            }
        }
    }
    Err(failure.unwrap_or_else(|| Failure {
        fault: Fault {
            message: "no grammar to parse with".into(),
            from: 0,
            to: 0,
            unfinished: false,
            of_types: false,
            whole: false,
        },
        unfinished: false,
    }))
}

/// Parses a file: a module or a script, which may return at its top level, as CommonJS modules may.
pub(crate) fn parse_file(source: &str, dialect: Dialect, reading: &Reading<'_>) -> Result<Chunk, Failure> {
    match attempt_as(source, dialect, 1, source, reading, |error| {
        is_for_v8(error) || matches!(error, SyntaxError::ReturnNotAllowed)
    }) {
        Ok(program) => Ok(Chunk::new(program, dialect, None)),
        Err(fault) => Err(Failure { unfinished: fault.unfinished, fault }),
    }
}

/// How much a text that was made of the source may cost, in units of the meter for each of its bytes.
const PRINTED: u64 = 6;

/// Parses JavaScript that was printed here.
pub(crate) fn printed(code: &str, meter: &Meter<'_>) -> Option<Chunk> {
    Some(Chunk::new(made(code, Dialect::JavaScript, None, meter)?, Dialect::JavaScript, None))
}

/// One parse of `text` in one dialect, and all comments in it.
pub(crate) fn with_comments(
    text: &str,
    dialect: Dialect,
    comments: &SingleThreadedComments,
    meter: &Meter<'_>,
) -> Option<Program> {
    made(text, dialect, Some(comments), meter)
}

/// One parse of a text that was made of the source.
fn made(text: &str, dialect: Dialect, comments: Option<&dyn Comments>, meter: &Meter<'_>) -> Option<Program> {
    meter.allow(PRINTED * text.len() as u64);
    let parsed = catch_unwind(AssertUnwindSafe(|| attempt_unguarded(text, dialect, comments, meter, is_for_v8).ok()));
    parsed.ok().flatten()
}

/// One parse of `text` in one dialect. Positions less `base` are offsets in `source`.
fn attempt(text: &str, dialect: Dialect, base: u32, source: &str, reading: &Reading<'_>) -> Result<Program, Fault> {
    attempt_as(text, dialect, base, source, reading, is_for_v8)
}

/// The same, with errors that do not count.
fn attempt_as(
    text: &str,
    dialect: Dialect,
    base: u32,
    source: &str,
    reading: &Reading<'_>,
    tolerated: fn(&SyntaxError) -> bool,
) -> Result<Program, Fault> {
    // Where its debug assertions are on, swc's parser panics at the end of some unfinished texts.
    let parsed = catch_unwind(AssertUnwindSafe(|| attempt_unguarded(text, dialect, None, reading.meter, tolerated)));
    let Failed { errors, tried, whole } = match parsed {
        Ok(Ok(program)) => return checked(program, text, dialect, base, source),
        Ok(Err(failed)) => failed,
        Err(_) => Failed::default(),
    };
    let offset = |position: BytePos| boundary(source, position.0.saturating_sub(base) as usize);
    let bytes = |error: &Error| offset(error.span().lo)..offset(error.span().hi);
    let goes_on = |error: &Error| unfinished::goes_on(error.kind(), bytes(error), source);
    let tried_unfinished = tried.iter().any(goes_on);
    let last_unfinished = errors.last().is_some_and(goes_on);
    let Some(first) = errors.into_iter().min_by_key(|error| error.span().lo) else {
        let unfinished = reading.nesting.open > 0;
        let (from, to) = (source.len(), source.len());
        return Err(Fault { message: "Syntax error".into(), from, to, unfinished, of_types: false, whole: false });
    };
    let Range { start: mut from, end: mut to } = bytes(&first);
    let unfinished = goes_on(&first) || last_unfinished && unfinished::waits_for_body(first.kind(), source);
    if !unfinished && tried_unfinished {
        (from, to) = (source.len(), source.len());
    }
    let unfinished = unfinished || tried_unfinished;
    let is_statement = has_jsx(dialect) && tags::statement_in_braces(&source[..from], &source[from..]).is_some();
    let at_end = unfinished && Text(source).skip_trivia(from) >= source.len();
    let message = match first.kind() {
        SyntaxError::JSXUnclosed { .. } => phrases::plain(first.kind(), source, from, has_jsx(dialect), base).into_owned(),
        _ if at_end => "Unexpected end of input".into(),
        kind => phrases::plain(kind, source, from, has_jsx(dialect), base).into_owned(),
    };
    let Range { start: from, end: to } = jsx_phrases::place_of(first.kind(), base).unwrap_or(from..to);
    Err(Fault {
        message,
        from,
        to,
        unfinished,
        of_types: is_statement || phrases::is_of_types(first.kind()) || phrases::is_of_jsx(first.kind()),
        whole,
    })
}

fn has_jsx(dialect: Dialect) -> bool {
    matches!(dialect, Dialect::Tsx | Dialect::Jsx)
}

/// The program, unless it breaks a rule of TypeScript's grammar that the parser does not know.
fn checked(program: Program, text: &str, dialect: Dialect, base: u32, source: &str) -> Result<Program, Fault> {
    let broken = match dialect {
        Dialect::Tsx | Dialect::TypeScript => grammar::check(&program, text),
        Dialect::Declarations | Dialect::Jsx | Dialect::JavaScript => grammar::check_imports(&program, text),
    };
    let Some(grammar::Broken { message, bytes }) = broken else { return Ok(program) };
    let before = base as usize - 1;
    let [from, to] = [bytes.start, bytes.end].map(|at| boundary(source, at.saturating_sub(before)));
    Err(Fault { message, from, to, unfinished: false, of_types: true, whole: true })
}

/// What was wrong, and whether a whole program came out in spite of it.
#[derive(Default)]
struct Failed {
    errors: Vec<Error>,
    /// Why the parser gave up what it took for types or for an arrow function, where the text had ended.
    tried: Vec<Error>,
    whole: bool,
}

fn attempt_unguarded(
    text: &str,
    dialect: Dialect,
    comments: Option<&dyn Comments>,
    meter: &Meter<'_>,
    tolerated: fn(&SyntaxError) -> bool,
) -> Result<Program, Failed> {
    let start = BytePos(1);
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX - 1);
    let input = StringInput::new(text, start, start + BytePos(length));
    let lexer = Lexer::new(dialect.syntax(), EsVersion::EsNext, input, comments);
    let curable = |error: &SyntaxError| {
        tolerated(error) || unfinished::is_curable(error) || matches!(error, SyntaxError::NullishCoalescingWithLogicalOp)
    };
    // Leaving module context keeps what is only wrong in strict code out of the errors.
    let (parsed, mut errors) = parse_program(lexer, meter, Context::Module | Context::Strict, &curable);
    let casts = matches!((dialect, &parsed), (Dialect::Tsx | Dialect::TypeScript, Ok(program)) if errors.iter().any(is_mixing) && mixing::is_cast_everywhere(program));
    let counts = |error: &Error| !(tolerated(error.kind()) || casts && is_mixing(error));
    errors.retain(counts);
    match parsed {
        Ok(program) if errors.is_empty() => Ok(program),
        Ok(_) => Err(Failed { errors, tried: meter.take_tried(), whole: true }),
        Err(error) => {
            errors.push(error);
            Err(Failed { errors, tried: meter.take_tried(), whole: false })
        }
    }
}

/// The offset itself, or the last one before it that is in the text and between two characters.
fn boundary(source: &str, offset: usize) -> usize {
    let offset = offset.min(source.len());
    (0..=offset).rev().find(|&at| source.is_char_boundary(at)).unwrap_or(0)
}

/// `??` beside `&&` or `||`.
fn is_mixing(error: &Error) -> bool {
    matches!(error.kind(), SyntaxError::NullishCoalescingWithLogicalOp)
}

/// Errors that depend on strictness, on what V8 alone knows, or on types, which nobody checks here. V8 parses the text
/// again and has the last word.
fn is_for_v8(error: &SyntaxError) -> bool {
    use SyntaxError as E;
    match error {
        E::WithLabel { inner, .. } => is_for_v8(inner.kind()),
        E::LegacyDecimal
        | E::LegacyOctal
        | E::LegacyCommentInModule
        | E::InvalidIdentInStrict(_)
        | E::EvalAndArgumentsInStrict
        | E::IllegalLanguageModeDirective
        | E::WithInStrict
        | E::LabelledFunctionInStrict
        | E::TopLevelAwaitInScript
        | E::UnknownRegExpFlags
        | E::DuplicatedRegExpFlags(_)
        | E::TS1085
        | E::TS1100
        | E::TS1102
        | E::TS2371
        | E::TS2406
        | E::TS2410
        | E::TS2414
        | E::TS2427
        | E::TS2483
        | E::TS2491
        | E::TS2499
        | E::TS2703
        | E::TS4112 => true,
        _ => false,
    }
}
