//! Formats a chunk in one style: two spaces a level, a semicolon after each statement, comments and blank lines between
//! statements kept.
//!
//! Each top-level statement is printed by swc's printer, which keeps comments, quotes and the spelling of literals, but
//! not blank lines and line breaks within a statement. The printer was made for output to machines. So **its output is
//! parsed again, and a statement whose tree or comments would differ is left as it was written**.

use swc_core::common::comments::{Comment, CommentKind, SingleThreadedComments};
use swc_core::common::sync::Lrc;
use swc_core::common::{BytePos, EqIgnoreSpan, FileName, SourceMap as Files, Span, Spanned};
use swc_core::ecma::ast::Program;
use swc_core::ecma::codegen::text_writer::JsWriter;
use swc_core::ecma::codegen::{Config as PrintConfig, Emitter};
use swc_ecma_parser_metered::metered::Meter;

use crate::parse::{self, Dialect};
use crate::source::diagnostic::Diagnostic;
use crate::source::nesting::{self, Reading};
use crate::source::options::Options;

const INDENT: &str = "  ";

/// The chunk in one style: the same program with the same comments. What the printer cannot do justice to is left as it
/// is.
///
/// # Errors
/// A [`Diagnostic`] where the chunk is no valid program, is too long or nested too deep: as of
/// [`transpile`](crate::transpile).
pub fn format(source: &str, options: &Options) -> Result<String, Diagnostic> {
    nesting::guarded(source, options, |reading| {
        let (parsed, meter) = (parse::parse(source, options.language, reading), reading.meter);
        let chunk = parsed.map_err(|failure| failure.into_diagnostic(source, options))?;
        let is_parenthesized = chunk.parenthesized.is_some();
        let formatted = lay_out(&chunk.text(source), chunk.dialect, meter).and_then(|formatted| match is_parenthesized {
            true => Some(formatted.trim_end().strip_prefix('(')?.strip_suffix(");")?.to_owned() + "\n"),
            false => Some(formatted),
        });
        let is_same = |text: &String| match parse::parse(text, options.language, &Reading::of(text, options, meter)) {
            Ok(again) => again.parenthesized.is_some() == is_parenthesized && again.program.eq_ignore_span(&chunk.program),
            Err(_) => false,
        };
        Ok(formatted.filter(is_same).unwrap_or_else(|| source.to_owned()))
    })?
}

/// The statements of `text`, each printed or left alone, and what stands between them; `None` where that is more than
/// comments.
fn lay_out(text: &str, dialect: Dialect, meter: &Meter<'_>) -> Option<String> {
    let (program, comments) = parsed(text, dialect, meter)?;
    let comments = in_order(comments);
    let offset = |position: BytePos| position.0.saturating_sub(1) as usize;
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut at = 0;
    if let Some(line) = text.lines().next().filter(|line| line.starts_with("#!")) {
        out.push_str(line);
        at = line.len();
    }
    for span in statements(&program) {
        let (from, to) = (offset(span.lo), offset(span.hi));
        at = between(text, at, from, &comments, &mut out)?;
        separate(&text[at..from], false, &mut out);
        out.push_str(&statement(&text[from..to], dialect, meter));
        at = to;
    }
    let at = between(text, at, text.len(), &comments, &mut out)?;
    if !text[at..].trim().is_empty() {
        return None;
    }
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    Some(out)
}

fn statements(program: &Program) -> Vec<Span> {
    match program {
        Program::Module(module) => module.body.iter().map(Spanned::span).collect(),
        Program::Script(script) => script.body.iter().map(Spanned::span).collect(),
    }
}

/// Writes the comments of `text[from..to]`, each on its line or behind what stands before it. Returns where the last
/// one ends.
fn between(text: &str, from: usize, to: usize, comments: &[Comment], out: &mut String) -> Option<usize> {
    let mut at = from;
    let offset = |comment: &Comment| comment.span.lo.0.saturating_sub(1) as usize;
    let first = comments.partition_point(|comment| offset(comment) < from);
    for comment in comments[first..].iter().take_while(|comment| offset(comment) < to) {
        let (start, end) = ((comment.span.lo.0 as usize).checked_sub(1)?, (comment.span.hi.0 as usize).checked_sub(1)?);
        if start < from || end > to {
            continue;
        }
        let gap = text.get(at..start)?;
        if !gap.trim().is_empty() {
            return None;
        }
        separate(gap, true, out);
        out.push_str(text.get(start..end)?.trim_end());
        at = end;
    }
    text.get(at..to)?.trim().is_empty().then_some(at)
}

/// As many line ends as `gap` has, but no more than one blank line. Statements of one line get a line each, comments
/// stay where they are.
fn separate(gap: &str, is_comment: bool, out: &mut String) {
    let breaks = gap.matches('\n').count();
    match breaks {
        _ if out.is_empty() => {}
        0 if out.ends_with("*/") || is_comment => out.push(' '),
        0 | 1 => out.push('\n'),
        _ => out.push_str("\n\n"),
    }
}

/// One statement, printed if that changes nothing.
fn statement(text: &str, dialect: Dialect, meter: &Meter<'_>) -> String {
    printed(text, dialect, meter).unwrap_or_else(|| text.to_owned())
}

fn printed(text: &str, dialect: Dialect, meter: &Meter<'_>) -> Option<String> {
    let (program, comments) = parsed(text, dialect, meter)?;
    let files: Lrc<Files> = Lrc::default();
    files.new_source_file(FileName::Anon.into(), text.to_owned());
    let mut printed = Vec::with_capacity(text.len() + text.len() / 4);
    let mut writer = JsWriter::new(files.clone(), "\n", &mut printed, None);
    writer.set_indent_str(INDENT);
    // The printer takes what it prints.
    let kept = in_order(comments.clone());
    let mut emitter = Emitter { cfg: PrintConfig::default(), cm: files, comments: Some(&comments), wr: writer };
    emitter.emit_program(&program).ok()?;
    let code = String::from_utf8(printed).ok()?.trim_end().to_owned();
    let (again, found) = parsed(&code, dialect, meter)?;
    let is_same = |again: &Program, found: SingleThreadedComments| {
        again.eq_ignore_span(&program) && words(&in_order(found)) == words(&kept)
    };
    let tidied = before_comments(&code, &in_order(found.clone()));
    if tidied != code && parsed(&tidied, dialect, meter).is_some_and(|(again, found)| is_same(&again, found)) {
        return Some(tidied);
    }
    is_same(&again, found).then_some(code)
}

/// With the semicolons that the printer puts on a line of their own, behind a comment, where they belong: before it.
fn before_comments(code: &str, comments: &[Comment]) -> String {
    let mut tidied = String::with_capacity(code.len() + 1);
    let mut copied = 0;
    for comment in comments {
        let (start, end) = (comment.span.lo.0.saturating_sub(1) as usize, comment.span.hi.0.saturating_sub(1) as usize);
        let (Some(before), Some(after)) = (code.get(..start), code.get(end..)) else { continue };
        let line_end = after.find('\n').map_or(after.len(), |end| end + 1);
        let semicolon = line_end + after[line_end..].len() - after[line_end..].trim_start_matches(' ').len();
        let stands_alone = after[..line_end].trim().is_empty()
            && matches!(after.get(semicolon..), Some(rest) if rest == ";" || rest.starts_with(";\n"));
        let follows_code = !before.trim_end_matches(' ').ends_with('\n');
        if stands_alone && follows_code {
            let place = before.trim_end().len();
            tidied.extend([code.get(copied..place).unwrap_or_default(), ";", code.get(place..end).unwrap_or_default()]);
            copied = end + semicolon + 1;
        }
    }
    tidied.push_str(code.get(copied..).unwrap_or_default());
    tidied
}

fn parsed(text: &str, dialect: Dialect, meter: &Meter<'_>) -> Option<(Program, SingleThreadedComments)> {
    let comments = SingleThreadedComments::default();
    let program = parse::with_comments(text, dialect, &comments, meter)?;
    Some((program, comments))
}

/// All comments of a text in the order in which they stand.
fn in_order(comments: SingleThreadedComments) -> Vec<Comment> {
    let (leading, trailing) = comments.borrow_all();
    let mut all: Vec<Comment> = leading.values().chain(trailing.values()).flatten().cloned().collect();
    all.sort_by_key(|comment| comment.span.lo);
    all.dedup_by_key(|comment| comment.span.lo);
    all
}

/// What comments say; how their lines are indented says nothing.
fn words(comments: &[Comment]) -> Vec<(CommentKind, String)> {
    let words = |comment: &Comment| comment.text.split_whitespace().collect::<Vec<_>>().join(" ");
    comments.iter().map(|comment| (comment.kind, words(comment))).collect()
}
