//! Modules that need new code: enums, namespaces, parameter properties, decorators, JSX, `import a = …`.

use drupe_protocol::SourceMap;
use swc_core::common::comments::NoopComments;
use swc_core::common::errors::{HANDLER, Handler};
use swc_core::common::sync::Lrc;
use swc_core::common::util::take::Take;
use swc_core::common::{FileName, GLOBALS, Globals, Mark, SourceMap as Files};
use swc_core::ecma::ast::Program;
use swc_core::ecma::transforms::base::helpers::{HELPERS, Helpers, inject_helpers};
use swc_core::ecma::transforms::base::{fixer::fixer, hygiene::hygiene, resolver};
use swc_core::ecma::transforms::proposal::decorator_2023_11::decorator_2023_11;
use swc_core::ecma::transforms::react::{self, Runtime};
use swc_core::ecma::transforms::typescript::{Config, TsImportExportAssignConfig, typescript};
use swc_ecma_parser_metered::metered::Meter;

use crate::blank::Needs;
use crate::cost;
use crate::diagnostic::{Diagnostic, DiagnosticKind};
use crate::emit::{self, Problems};
use crate::enums;
use crate::jsx;
use crate::options::Options;
use crate::parse::Chunk;

/// Runs swc's transforms over a module, and prints it.
pub(super) fn transform(
    file: &mut Chunk,
    source: &str,
    options: &Options,
    needs: Needs,
    meter: &Meter<'_>,
) -> Result<(String, SourceMap), Diagnostic> {
    if !cost::may_transform(&file.program, meter) {
        return Err(emit::too_costly(options));
    }
    let files: Lrc<Files> = Lrc::default();
    files.new_source_file(FileName::Anon.into(), source.to_owned());
    let problems = Problems::default();
    let handler = Handler::with_emitter(false, false, Box::new(problems.clone()));
    let jsx_options = if needs.jsx { Some(jsx::module_options(source, options)?) } else { None };
    let program = &mut file.program;
    GLOBALS.set(&Globals::new(), || {
        HANDLER.set(&handler, || HELPERS.set(&Helpers::new(false), || run_passes(program, &files, needs, jsx_options)));
    });
    if let Some((message, at)) = problems.first() {
        let from = file.offset(at);
        return Err(Diagnostic::new(DiagnosticKind::Unsupported, message, source, from..from + 1, options));
    }
    emit::print(program, files, file.base, source, options)
}

fn run_passes(program: &mut Program, files: &Lrc<Files>, needs: Needs, jsx_options: Option<react::Options>) {
    let (unresolved, top_level) = (Mark::new(), Mark::new());
    let is_script = program.is_script();
    program.mutate(resolver(unresolved, top_level, true));
    if needs.decorators {
        // The pass renames its classes' uses at module level only.
        *program = emit::into_module(program.take());
        program.mutate(decorator_2023_11());
    }
    program.mutate(typescript(
        Config {
            native_class_properties: true,
            no_empty_export: true,
            // What only types need is gone already.
            verbatim_module_syntax: true,
            import_export_assign_config: match &*program {
                // `import a = require("a")` is no syntax of a script, and `export =` means CommonJS.
                program if super::erase::is_commonjs(program) => TsImportExportAssignConfig::Classic,
                _ => TsImportExportAssignConfig::NodeNext,
            },
            ts_enum_is_mutable: true,
            ..Config::default()
        },
        unresolved,
        top_level,
    ));
    enums::complete(program);
    if let Some(settings) = jsx_options {
        debug_assert!(settings.runtime.is_some_and(|runtime| runtime != Runtime::Preserve));
        program.mutate(react::jsx(files.clone(), None::<NoopComments>, settings, top_level, unresolved));
    }
    if needs.decorators {
        program.mutate(inject_helpers(unresolved));
    }
    program.mutate(hygiene());
    program.mutate(fixer(None));
    if is_script && program.is_module() {
        *program = emit::into_script(program.take());
    }
}
