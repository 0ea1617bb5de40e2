//! Turns the tree into text: unchanged, blanked in place, or, where a construct needs new code, transformed and printed
//! with a source map.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::{Arc, Mutex};

use drupe_protocol::{NOWHERE, SourceMap};
use swc_core::common::errors::{DiagnosticBuilder, Emitter as DiagnosticEmitter, HANDLER, Handler};
use swc_core::common::sync::Lrc;
use swc_core::common::{
    BytePos, FileName, GLOBALS, Globals, LineCol, Mark, SourceMap as Files, comments::NoopComments, util::take::Take,
};
use swc_core::ecma::ast::{Module, ModuleItem, Program, Script, Stmt};
use swc_core::ecma::codegen::text_writer::JsWriter;
use swc_core::ecma::codegen::{Config as PrintConfig, Emitter};
use swc_core::ecma::transforms::base::helpers::{HELPERS, Helpers, inject_helpers};
use swc_core::ecma::transforms::base::{fixer::fixer, hygiene::hygiene, resolver};
use swc_core::ecma::transforms::proposal::decorator_2023_11::decorator_2023_11;
use swc_core::ecma::transforms::react::{self, Runtime};
use swc_core::ecma::transforms::typescript::{Config as TypeScriptConfig, typescript};
use swc_ecma_parser_metered::metered::Meter;

use crate::blank::{self, Erasure, Needs};
use crate::cost::{self, Bounded};
use crate::diagnostic::{Diagnostic, DiagnosticKind};
use crate::homes::Homes;
use crate::imports::Imports;
use crate::options::Options;
use crate::parse::{self, Chunk};
use crate::position::Walker;
use crate::redeclare;
use crate::{decorator_places, decorators, edits, enums, jsx, merge, namespaces, rewrite};

/// The script's text, and a source map where positions moved.
pub(crate) fn emit<'source>(
    chunk: Chunk,
    source: &'source str,
    options: &Options,
    homes: Option<&Homes<'_>>,
    imports: Imports,
    meter: &Meter<'_>,
) -> Result<(Cow<'source, str>, Option<SourceMap>), Diagnostic> {
    let plan = homes.map(|homes| redeclare::plan(&chunk, source, homes)).unwrap_or_default();
    let mut erasure = if parse::is_plain(&chunk, source) { Erasure::default() } else { blank::erase(&chunk, source, |_| false) };
    check_decorators(&chunk, source, false, options)?;
    if erasure.needs.any() || !plan.hoist.is_empty() {
        let mut chunk = chunk;
        imports.put(&mut chunk.program, homes, meter);
        let (code, map) = transform(chunk, source, options, erasure.needs, &plan.hoist, homes, meter)?;
        let (code, map) = match homes {
            Some(homes) => redeclare_printed(code, map, homes, meter),
            None => (code, map),
        };
        return Ok((Cow::Owned(code), Some(map)));
    }
    let mut edits = imports.write(&chunk, homes);
    edits.append(erasure.edits);
    edits.append(plan.edits);
    erasure.edits = edits;
    if let Some(expression) = parse::inner_expression(&chunk) {
        let span = swc_core::common::Spanned::span(expression);
        let (from, to) = (chunk.offset(span.lo), chunk.offset(span.hi));
        match from.checked_sub(1).map(|before| source.as_bytes()[before]) {
            Some(b' ' | b'\t') => erasure.edits.substitute(from - 1, '('),
            _ => erasure.edits.insert(from, "("),
        }
        erasure.edits.insert(to, ")");
    }
    if erasure.edits.is_empty() {
        return Ok((Cow::Borrowed(source), None));
    }
    let (code, map) = erasure.edits.render(source);
    Ok((Cow::Owned(code), map))
}

/// An error where a decorator would be lost.
pub(crate) fn check_decorators(chunk: &Chunk, source: &str, is_legacy: bool, options: &Options) -> Result<(), Diagnostic> {
    if !source.contains('@') {
        return Ok(());
    }
    let Some(refused) = decorators::refused(&chunk.program, is_legacy) else { return Ok(()) };
    let from = chunk.offset(refused.at.lo);
    Err(Diagnostic::new(refused.kind, refused.message, source, from..from + 1, options))
}

/// Writes the declarations of what the transforms printed for where their names live. The printed text is parsed for that: so all
/// declarations, also those that the transforms made, are of the few kinds that JavaScript has.
fn redeclare_printed(code: String, map: SourceMap, homes: &Homes<'_>, meter: &Meter<'_>) -> (String, SourceMap) {
    // What was printed is valid; if it were not, V8 would tell.
    let Some(chunk) = parse::printed(&code, meter) else { return (code, map) };
    let edits = redeclare::plan(&chunk, &code, homes).edits;
    if edits.is_empty() {
        return (code, map);
    }
    let map = edits::map_through(&edits, &code, &map);
    (edits.render(&code).0, map)
}

/// Runs swc's transforms over the whole chunk and prints it.
fn transform(
    chunk: Chunk,
    source: &str,
    options: &Options,
    needs: Needs,
    hoist: &HashSet<String>,
    homes: Option<&Homes<'_>>,
    meter: &Meter<'_>,
) -> Result<(String, SourceMap), Diagnostic> {
    let base = chunk.base;
    let text = if chunk.parenthesized { rewrite::parenthesize(source) } else { source.to_owned() };
    let files: Lrc<Files> = Lrc::default();
    files.new_source_file(FileName::Anon.into(), text);
    let problems = Problems::default();
    let handler = Handler::with_emitter(false, false, Box::new(problems.clone()));
    let jsx_options = if needs.jsx { Some(jsx::options(source, options)?) } else { None };

    let mut program = into_script(chunk.program);
    redeclare::hoist(&mut program, hoist);
    if !cost::may_transform(&program, meter) {
        return Err(too_costly(options));
    }
    let extends = &|name: &str, is_namespace| homes.is_some_and(|homes| homes.extends(name, is_namespace));
    namespaces::join(&mut program, |name| homes.and_then(|homes| homes.exports(name)));
    GLOBALS.set(&Globals::new(), || {
        HANDLER.set(&handler, || {
            HELPERS.set(&Helpers::new(false), || run_passes(&mut program, &files, needs, jsx_options, extends))
        });
    });
    if let Some((message, at)) = problems.first() {
        let from = at.0.saturating_sub(base) as usize;
        return Err(Diagnostic::new(DiagnosticKind::Unsupported, message, source, from..from + 1, options));
    }

    print(&program, files, base, source, options)
}

/// What is made of a program would be too long, or take too long.
pub(crate) fn too_costly(options: &Options) -> Diagnostic {
    let message = "what the chunk compiles to is too long, or would take too long to make; split it";
    Diagnostic::whole(DiagnosticKind::Limit, message, options)
}

/// The text of a program, and the way back from it.
pub(crate) fn print(
    program: &Program,
    files: Lrc<Files>,
    base: u32,
    source: &str,
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
    let map = source_map(&marks, base, source, &code, &printed.made);
    Ok((code, map))
}

fn run_passes(
    program: &mut Program,
    files: &Lrc<Files>,
    needs: Needs,
    jsx_options: Option<react::Options>,
    extends: &dyn Fn(&str, bool) -> bool,
) {
    let (unresolved, top_level) = (Mark::new(), Mark::new());
    if needs.decorators {
        decorators::isolate(program);
    }
    program.mutate(resolver(unresolved, top_level, true));
    if needs.decorators {
        // The pass renames its classes' uses at module level only.
        *program = into_module(program.take());
        program.mutate(decorator_2023_11());
        decorator_places::place(program);
        *program = into_script(program.take());
    }
    program.mutate(typescript(
        TypeScriptConfig {
            native_class_properties: true,
            no_empty_export: true,
            verbatim_module_syntax: true,
            // Another chunk may define the enum anew: its members are looked up, not copied.
            ts_enum_is_mutable: true,
            ..TypeScriptConfig::default()
        },
        unresolved,
        top_level,
    ));
    merge::start_anew(program, extends);
    enums::complete(program);
    if let Some(mut settings) = jsx_options {
        settings.runtime = Some(Runtime::Classic);
        program.mutate(react::jsx(files.clone(), None::<NoopComments>, settings, top_level, unresolved));
    }
    let helpers =
        needs.decorators.then(|| decorators::take_helpers(program, |program| program.mutate(inject_helpers(unresolved))));
    program.mutate(hygiene());
    program.mutate(fixer(None));
    if let Some(helpers) = helpers {
        decorators::put_helpers(program, helpers);
    }
}

/// A chunk is a script also where top-level `await` made the parser call it a module. Type-only imports and exports go.
pub(crate) fn into_script(program: Program) -> Program {
    match program {
        Program::Script(script) => Program::Script(script),
        Program::Module(module) => {
            let body: Vec<Stmt> = module.body.into_iter().filter_map(ModuleItem::stmt).collect();
            Program::Script(Script { span: module.span, body, shebang: module.shebang })
        }
    }
}

pub(crate) fn into_module(program: Program) -> Program {
    match program {
        Program::Module(module) => Program::Module(module),
        Program::Script(script) => {
            let body = script.body.into_iter().map(ModuleItem::Stmt).collect();
            Program::Module(Module { span: script.span, body, shebang: script.shebang })
        }
    }
}

/// Segments from the printer's marks: (source position, printed place), in printed order. Lines without any, such as those of helpers, are
/// nobody's. `comments`: where those begin that a transform has made.
fn source_map(marks: &[(BytePos, LineCol)], base: u32, source: &str, code: &str, comments: &[usize]) -> SourceMap {
    let mut places: Vec<(usize, [u32; 2], bool)> = marks
        .iter()
        .filter(|(position, _)| !position.is_dummy() && position.0 >= base && (position.0 - base) as usize <= source.len())
        .map(|(position, place)| ((position.0 - base) as usize, [place.line, place.col], false))
        .collect();
    places.sort_unstable_by_key(|(_, place, _)| *place);
    let mut printed = Printed::new(code);
    for (_, place, is_called) in &mut places {
        // What a transform made of an enum or a namespace is called right behind its end.
        let rest = printed.rest(*place);
        *is_called = rest.starts_with("})(") || rest.starts_with("}(");
    }
    places.sort_unstable();
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
    segments.extend(made(&segments, code, comments));
    // Of two at one place the first stays: what was written.
    segments.sort_by_key(|segment| [segment[0], segment[1]]);
    segments.dedup_by_key(|segment| [segment[0], segment[1]]);
    SourceMap { segments }
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

/// Where lines begin that a transform has made. V8 blames the beginning of a statement for some of what is in it: that stands for the first
/// that was written of the line.
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
                made.extend([[line, 0, NOWHERE, 0], [line, indent, *from, *at], [line, indent + 1, NOWHERE, 0]]);
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

/// What the transforms complained about.
#[derive(Clone, Default)]
pub(crate) struct Problems(Arc<Mutex<Vec<(String, BytePos)>>>);

impl Problems {
    pub(crate) fn first(&self) -> Option<(String, BytePos)> {
        self.0.lock().ok().and_then(|problems| problems.first().cloned())
    }
}

impl DiagnosticEmitter for Problems {
    fn emit(&mut self, problem: &mut DiagnosticBuilder<'_>) {
        let at = problem.span.primary_span().map_or(BytePos(0), |span| span.lo);
        if let Ok(mut problems) = self.0.lock() {
            problems.push((problem.message(), at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Printed;

    #[test]
    fn columns_are_counted_in_utf_16() {
        let mut printed = Printed::new("\u{1f34e}ä})(\n\na}(");
        assert_eq!(printed.rest([0, 0]), "\u{1f34e}ä})(");
        assert_eq!([printed.rest([0, 3]), printed.rest([0, 3]), printed.rest([0, 4])], ["})(", "})(", ")("]);
        assert_eq!([printed.rest([2, 1]), printed.rest([2, 9]), printed.rest([7, 0])], ["}(", "", ""]);
    }
}
