//! Prints a program, and makes the source map that leads back from it.

use std::collections::{HashMap, HashSet};
use std::io;

use drupe_protocol::{NOWHERE, SourceMap};
use swc_core::common::sync::Lrc;
use swc_core::common::{BytePos, LineCol, SourceMap as Files};
use swc_core::ecma::ast::Program;
use swc_core::ecma::codegen::text_writer::JsWriter;
use swc_core::ecma::codegen::{Config as PrintConfig, Emitter};

use crate::decide::cost::too_costly;
use crate::emit::bounded::Bounded;
use crate::emit::jsx_places::Blamed;
use crate::source::diagnostic::{Diagnostic, DiagnosticKind};
use crate::source::options::Options;
use crate::source::position::Walker;

/// The text of a program, and the way back from it.
pub(crate) fn print(
    program: &Program,
    files: Lrc<Files>,
    base: u32,
    source: &str,
    blamed: &Blamed,
    options: &Options,
) -> Result<(String, SourceMap), Diagnostic> {
    let mut printed = Bounded::new(source);
    let mut marks = Vec::new();
    let print = {
        let writer = JsWriter::new(files.clone(), "\n", &mut printed, Some(&mut marks));
        let mut emitter = Emitter { cfg: PrintConfig::default(), cm: files, comments: None, wr: writer };
        emitter.emit_program(program)
    };
    let failed = |message: String| Diagnostic::whole(DiagnosticKind::Internal, message, options);
    print.map_err(|error| match error.kind() {
        io::ErrorKind::FileTooLarge => too_costly(options),
        _ => failed(format!("the code could not be printed: {error}")),
    })?;
    let code = String::from_utf8(printed.text).map_err(|_| failed("the printed code is not UTF-8".into()))?;
    lead_to_elements(&mut marks, blamed);
    let map = source_map(&marks, base, source, &code, &printed.made);
    Ok((code, map))
}

/// Leads what begins with an element to that. V8 blames the first column alone: what follows stays where it was
/// written.
fn lead_to_elements(marks: &mut Vec<(BytePos, LineCol)>, blamed: &Blamed) {
    let mut behind = Vec::new();
    for (position, place) in marks.iter_mut() {
        let Some(element) = blamed.instead(*position) else { continue };
        behind.push((*position, LineCol { line: place.line, col: place.col + 1 }));
        *position = element;
    }
    // If two marks are at one place, the first one is used.
    let known: HashSet<_> = marks.iter().map(|(_, place)| (place.line, place.col)).collect();
    marks.extend(behind.into_iter().filter(|(_, place)| !known.contains(&(place.line, place.col))));
}

/// Segments from the printer's marks: (source position, printed place), in printed order. Lines without any, such as
/// those of helpers, are nobody's. `comments`: where those begin that a transform has made.
fn source_map(marks: &[(BytePos, LineCol)], base: u32, source: &str, code: &str, comments: &[usize]) -> SourceMap {
    let mut places: Vec<(usize, [u32; 2], bool)> = marks
        .iter()
        .filter(|(position, _)| !position.is_dummy() && position.0 >= base && (position.0 - base) as usize <= source.len())
        .map(|(position, place)| ((position.0 - base) as usize, [place.line, place.col], false))
        .collect();
    places.sort_unstable_by_key(|(_, place, _)| *place);
    let mut printed = Printed::new(code);
    let mut members = Vec::new();
    for (offset, place, is_called) in &mut places {
        // What a transform made of an enum or a namespace is called right behind its end.
        let rest = printed.rest(*place);
        *is_called = rest.starts_with("})(") || rest.starts_with("}(");
        // What JSX compiles to: V8 blames the member that is called.
        if source.get(*offset..).is_some_and(|text| text.starts_with('<')) {
            members.extend(members_of(rest).map(|column| (*offset, [place[0], place[1] + column])));
        }
    }
    places.sort_unstable();
    members.sort_unstable();
    let mut walker = Walker::new(source);
    let mut segments: Vec<[u32; 4]> = Vec::with_capacity(places.len());
    for (offset, [line, column], is_called) in places {
        let from = walker.advance(offset);
        segments.push([line, column, from.line, from.column]);
        let written = source.get(offset..).and_then(|text| text.strip_prefix('}')).map(str::trim_start);
        if is_called && written.is_some_and(|after| !after.starts_with([')', '('])) {
            segments.push([line, column + 1, NOWHERE, 0]);
        }
    }
    let mut walker = Walker::new(source);
    segments.extend(members.into_iter().map(|(offset, [line, column])| {
        let from = walker.advance(offset);
        [line, column, from.line, from.column]
    }));
    segments.extend(made(&segments, code, comments));
    // Of two at one place the first stays: what was written.
    segments.sort_by_key(|segment| [segment[0], segment[1]]);
    segments.dedup_by_key(|segment| [segment[0], segment[1]]);
    SourceMap { segments }
}

/// The columns of the members in the dotted name that a text begins with, if that is called.
fn members_of(text: &str) -> impl Iterator<Item = u32> {
    let is_part = |char: char| char.is_alphanumeric() || matches!(char, '_' | '$' | '.');
    let name = &text[..text.find(|char| !is_part(char)).unwrap_or(text.len())];
    let name = if text[name.len()..].starts_with('(') { name } else { "" };
    let mut column = 0;
    name.chars().filter_map(move |char| {
        column += if char.len_utf16() == 2 { 2 } else { 1 };
        (char == '.').then_some(column)
    })
}

/// A printed text, read from ascending places on in one pass.
struct Printed<'code> {
    lines: std::str::Split<'code, char>,
    next: u32,
    /// What is left of the line, and the column where that begins.
    rest: &'code str,
    column: u32,
}

impl<'code> Printed<'code> {
    fn new(code: &'code str) -> Self {
        Self { lines: code.split('\n'), next: 0, rest: "", column: 0 }
    }

    /// What its line says from a place on, which must not be before that of the last call. Columns are UTF-16.
    fn rest(&mut self, [line, column]: [u32; 2]) -> &'code str {
        while self.next <= line {
            (self.rest, self.column) = (self.lines.next().unwrap_or_default(), 0);
            self.next += 1;
        }
        let mut chars = self.rest.chars();
        while self.column < column
            && let Some(char) = chars.next()
        {
            self.column += if char.len_utf16() == 2 { 2 } else { 1 };
        }
        self.rest = chars.as_str();
        self.rest
    }
}

/// Where lines begin that a transform has made. V8 blames the beginning of a statement for some of what is in it: that
/// stands for the first that was written of the line.
fn made(segments: &[[u32; 4]], code: &str, comments: &[usize]) -> Vec<[u32; 4]> {
    let mut marks: HashMap<u32, &[u32; 4]> = HashMap::new();
    for segment in segments.iter().filter(|segment| segment[2] != NOWHERE) {
        let first = marks.entry(segment[0]).or_insert(segment);
        if segment[1] < first[1] {
            *first = segment;
        }
    }
    let columns = |bytes: &str| u32::try_from(bytes.encode_utf16().count()).unwrap_or(u32::MAX);
    let mut comments = comments.iter().copied().peekable();
    let (mut made, mut start) = (Vec::new(), 0);
    for (line, text) in (0..).zip(code.split('\n')) {
        let indent = columns(&text[..text.len() - text.trim_start().len()]);
        match marks.get(&line) {
            None => made.push([line, 0, NOWHERE, 0]),
            Some([_, first, from, at]) if *first > indent => {
                // Of two at one place the first stays.
                made.extend([[line, indent, *from, *at], [line, 0, NOWHERE, 0], [line, indent + 1, NOWHERE, 0]]);
            }
            Some(_) => {}
        }
        // Such a comment stands before the function of an enum. Each is counted from the one before it.
        let (mut counted, mut column) = (0, 0);
        while let Some(comment) = comments.next_if(|comment| *comment < start + text.len()) {
            let at = comment - start;
            column += columns(&text[counted..at]);
            counted = at;
            if text[at..].starts_with("/*#__PURE__*/ function(") {
                made.push([line, column, NOWHERE, 0]);
            }
        }
        start += text.len() + 1;
    }
    made
}

#[cfg(test)]
mod tests {
    use super::{Printed, members_of};

    #[test]
    fn members_that_are_called_are_found() {
        assert_eq!(members_of("React.createElement('a')").collect::<Vec<_>>(), [6]);
        assert_eq!(members_of("a.\u{1d4b3}.b(1)").collect::<Vec<_>>(), [2, 5]);
        for text in ["h('a')", "a.b", "a.b.c = 1", "(a.b)()", ""] {
            assert_eq!(members_of(text).count(), 0, "{text}");
        }
    }

    #[test]
    fn columns_are_counted_in_utf_16() {
        let mut printed = Printed::new("\u{1f34e}ä})(\n\na}(");
        assert_eq!(printed.rest([0, 0]), "\u{1f34e}ä})(");
        assert_eq!([printed.rest([0, 3]), printed.rest([0, 3]), printed.rest([0, 4])], ["})(", "})(", ")("]);
        assert_eq!([printed.rest([2, 1]), printed.rest([2, 9]), printed.rest([7, 0])], ["}(", "", ""]);
    }
}
