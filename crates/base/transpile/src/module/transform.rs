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
use swc_core::ecma::transforms::proposal::decorators::{Config as Decorators, decorators};
use swc_core::ecma::transforms::react::{self, Runtime};
use swc_core::ecma::transforms::typescript::{Config, TsImportExportAssignConfig, typescript};
use swc_ecma_parser_metered::metered::Meter;

use super::metadata::Asked;
use super::{legacy, legacy_keys, lower, metadata};
use crate::decide::cost;
use crate::decide::jsx::Targets;
use crate::emit::class_names::{self, Noted};
use crate::emit::decorator_places;
use crate::emit::decorators::{add_helpers, is_decorated};
use crate::emit::enums;
use crate::emit::fields;
use crate::emit::jsx;
use crate::emit::jsx_places::Blamed;
use crate::emit::{self, Problems, print};
use crate::parse::Chunk;
use crate::plan::blank::Needs;
use crate::plan::namespaces;
use crate::source::diagnostic::{Diagnostic, DiagnosticKind};
use crate::source::options::{Options, Project};

/// What there is to do besides what the project asks for.
pub(super) struct Work<'a> {
    pub(super) needs: Needs,
    pub(super) asked: &'a Asked,
    /// It becomes a CommonJS module.
    pub(super) is_lowered: bool,
    /// It is an ES module, also where only imports of types made it one.
    pub(super) is_module: bool,
}

/// Runs swc's transforms over a module, and prints it.
pub(super) fn transform(
    file: &mut Chunk,
    source: &str,
    options: &Options,
    work: &Work<'_>,
    meter: &Meter<'_>,
) -> Result<(String, SourceMap), Diagnostic> {
    if !cost::may_transform(&file.program, meter) {
        return Err(cost::too_costly(options));
    }
    let files: Lrc<Files> = Lrc::default();
    // What JSX for development names.
    files.new_source_file(FileName::Real(options.name.clone().into()).into(), source.to_owned());
    let problems = Problems::default();
    let handler = Handler::with_emitter(false, false, Box::new(problems.clone()));
    let jsx_options = match work.needs.jsx {
        true => Some(jsx::module_options(&Targets::of(source, options), options)?),
        false => None,
    };
    let blamed = if work.needs.jsx { Blamed::find(&file.program) } else { Blamed::default() };
    let program = &mut file.program;
    let project = &options.project;
    GLOBALS.set(&Globals::new(), || {
        HANDLER.set(&handler, || {
            HELPERS.set(&Helpers::new(false), || {
                run_passes(program, &files, work, jsx_options, project, meter);
            });
        });
    });
    if let Some((message, at)) = problems.first() {
        let from = file.offset(at);
        return Err(Diagnostic::new(DiagnosticKind::Unsupported, message, source, from..from + 1, options));
    }
    print::print(program, files, file.base, source, &blamed, options)
}

fn run_passes(
    program: &mut Program,
    files: &Lrc<Files>,
    work: &Work<'_>,
    jsx_options: Option<react::Options>,
    project: &Project,
    meter: &Meter<'_>,
) {
    let Work { needs, asked, is_lowered, is_module } = *work;
    let (unresolved, top_level) = (Mark::new(), Mark::new());
    let is_script = program.is_script();
    namespaces::join(program, |_| None);
    let named = match needs.decorators {
        true => class_names::note(program, project.legacy_decorators, is_decorated),
        false => Noted::default(),
    };
    program.mutate(resolver(unresolved, top_level, true));
    if needs.decorators {
        decorate(program, project, named, asked, meter);
    }
    if project.assign_fields {
        // Before parameters become properties, for these come first.
        fields::assign(program);
    }
    program.mutate(typescript(
        Config {
            native_class_properties: !project.assign_fields,
            no_empty_export: true,
            // What only types need is gone already.
            verbatim_module_syntax: true,
            // `import a = require("a")` is no syntax of a script, and `export =` means CommonJS.
            import_export_assign_config: match is_module {
                true => TsImportExportAssignConfig::NodeNext,
                false => TsImportExportAssignConfig::Classic,
            },
            ts_enum_is_mutable: true,
            ..Config::default()
        },
        unresolved,
        top_level,
    ));
    if project.assign_fields {
        fields::drop_declared(program);
    }
    enums::complete(program);
    if let Some(settings) = jsx_options {
        if project.jsx_development {
            program.mutate(react::jsx_src(true, files.clone()));
            program.mutate(react::jsx_self(true));
        }
        debug_assert!(settings.runtime.is_some_and(|runtime| runtime != Runtime::Preserve));
        program.mutate(react::jsx(files.clone(), None::<NoopComments>, settings, top_level, unresolved));
    }
    if needs.decorators {
        add_helpers(program, unresolved, |program| program.mutate(inject_helpers(unresolved)));
    }
    if is_lowered {
        lower::lower(program, meter);
    }
    program.mutate(hygiene());
    program.mutate(fixer(None));
    if is_script && program.is_module() {
        *program = emit::into_script(program.take());
    }
}

/// Runs the transform of the project's decorators.
fn decorate(program: &mut Program, project: &Project, named: Noted, asked: &Asked, meter: &Meter<'_>) {
    // The pass renames its classes' uses at module level only.
    *program = emit::into_module(program.take());
    if project.legacy_decorators {
        if project.decorator_metadata {
            metadata::tell(program, project.strict_null_checks, asked, meter);
        }
        legacy::expand_accessors(program, false);
        let declared = legacy::take_declared(program);
        legacy::keep_places(program);
        program.mutate(decorators(Decorators {
            legacy: true,
            emit_metadata: false,
            use_define_for_class_fields: !project.assign_fields,
        }));
        legacy::drop_declared(program, &declared);
        legacy::order_statics(program);
        legacy_keys::put_back(program);
    } else {
        if project.assign_fields {
            legacy::expand_accessors(program, true);
        }
        program.mutate(decorator_2023_11());
    }
    class_names::settle(program, named);
    decorator_places::place(program);
}
