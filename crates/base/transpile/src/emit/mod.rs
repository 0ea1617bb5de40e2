//! The last stage: the script of a chunk. It takes the program and the changes that are planned. It gives the text:
//! unchanged, edited in place, or, where a construct needs new code, transformed and printed with a source map.

pub(crate) mod bounded;
pub(crate) mod class_names;
pub(crate) mod computed_names;
pub(crate) mod decorator_places;
pub(crate) mod decorators;
pub(crate) mod edit;
pub(crate) mod enums;
pub(crate) mod fields;
pub(crate) mod jsx;
pub(crate) mod jsx_places;
pub(crate) mod merge;
pub(crate) mod print;

use std::borrow::Cow;
use std::sync::{Arc, Mutex};

use drupe_protocol::SourceMap;
use swc_core::common::errors::{DiagnosticBuilder, Emitter as DiagnosticEmitter, HANDLER, Handler};
use swc_core::common::sync::Lrc;
use swc_core::common::{BytePos, FileName, GLOBALS, Globals, Mark, SourceMap as Files, comments::NoopComments, util::take::Take};
use swc_core::ecma::ast::{Module, ModuleItem, Program, Script, Stmt};
use swc_core::ecma::transforms::base::helpers::{HELPERS, Helpers, inject_helpers};
use swc_core::ecma::transforms::base::{fixer::fixer, hygiene::hygiene, resolver};
use swc_core::ecma::transforms::proposal::decorator_2023_11::decorator_2023_11;
use swc_core::ecma::transforms::react::{self, Runtime};
use swc_core::ecma::transforms::typescript::{Config as TypeScriptConfig, typescript};

use crate::decide::Decided;
use crate::emit::class_names::Noted;
use crate::emit::jsx_places::Blamed;
use crate::parse::Chunk;
use crate::plan::Changes;
use crate::plan::blank::Needs;
use crate::source::diagnostic::{Diagnostic, DiagnosticKind};
use crate::source::edits::Edits;
use crate::source::options::Options;

/// The text of a script.
pub(crate) struct Emitted<'source> {
    pub(crate) code: Cow<'source, str>,
    /// Where positions moved.
    pub(crate) map: Option<SourceMap>,
    /// It was printed of a program: its declarations are not yet written for where their names live.
    pub(crate) is_printed: bool,
}

/// Makes the changes to a chunk.
pub(crate) fn emit<'source>(
    chunk: Chunk,
    source: &'source str,
    options: &Options,
    decided: &Decided<'_>,
    changes: Changes,
) -> Result<Emitted<'source>, Diagnostic> {
    match changes {
        Changes::Edits(edits) if edits.is_empty() => Ok(Emitted { code: Cow::Borrowed(source), map: None, is_printed: false }),
        Changes::Edits(edits) => {
            let (code, map) = edit::render(edits, source);
            Ok(Emitted { code: Cow::Owned(code), map, is_printed: false })
        }
        Changes::Print(needs) => {
            let (code, map) = transform(chunk, source, options, needs, decided)?;
            Ok(Emitted { code: Cow::Owned(code), map: Some(map), is_printed: true })
        }
    }
}

impl Emitted<'_> {
    /// Edits the text of the script.
    pub(crate) fn edit(&mut self, edits: Edits) {
        if edits.is_empty() {
            return;
        }
        let (code, map) = match &self.map {
            Some(map) => {
                let (code, map) = edit::render_through(edits, &self.code, map);
                (code, Some(map))
            }
            None => edit::render(edits, &self.code),
        };
        (self.code, self.map) = (Cow::Owned(code), map);
    }
}

/// Runs swc's transforms over the whole chunk and prints it.
fn transform(
    chunk: Chunk,
    source: &str,
    options: &Options,
    needs: Needs,
    decided: &Decided<'_>,
) -> Result<(String, SourceMap), Diagnostic> {
    let (base, homes) = (chunk.base, decided.homes.as_ref());
    let files: Lrc<Files> = Lrc::default();
    files.new_source_file(FileName::Anon.into(), chunk.text(source).into_owned());
    let problems = Problems::default();
    let handler = Handler::with_emitter(false, false, Box::new(problems.clone()));
    let targets = decided.jsx.as_ref().filter(|_| needs.jsx);
    let jsx_options = targets.map(|targets| jsx::options(targets, options)).transpose()?;

    let mut program = into_script(chunk.program);
    let blamed = if needs.jsx { Blamed::find(&program) } else { Blamed::default() };
    let extends = &|name: &str, is_namespace| homes.is_some_and(|homes| homes.extends(name, is_namespace));
    GLOBALS.set(&Globals::new(), || {
        HANDLER.set(&handler, || {
            HELPERS.set(&Helpers::new(false), || run_passes(&mut program, &files, needs, jsx_options, extends))
        });
    });
    if let Some((message, at)) = problems.first() {
        let from = at.0.saturating_sub(base) as usize;
        return Err(Diagnostic::new(DiagnosticKind::Unsupported, message, source, from..from + 1, options));
    }

    print::print(&program, files, base, source, &blamed, options)
}

fn run_passes(
    program: &mut Program,
    files: &Lrc<Files>,
    needs: Needs,
    jsx_options: Option<react::Options>,
    extends: &dyn Fn(&str, bool) -> bool,
) {
    let (unresolved, top_level) = (Mark::new(), Mark::new());
    let named = if needs.decorators { class_names::note(program, false, decorators::is_decorated) } else { Noted::default() };
    if needs.decorators {
        decorators::isolate(program);
    }
    program.mutate(resolver(unresolved, top_level, true));
    if needs.decorators {
        // The pass renames its classes' uses at module level only.
        *program = into_module(program.take());
        program.mutate(decorator_2023_11());
        class_names::settle(program, named);
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
