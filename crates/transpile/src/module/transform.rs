//! Modules that need new code: enums, namespaces, parameter properties, decorators, JSX, `import a = …`.

use drupe_protocol::SourceMap;
use swc_core::common::comments::NoopComments;
use swc_core::common::errors::{HANDLER, Handler};
use swc_core::common::sync::Lrc;
use swc_core::common::util::take::Take;
use swc_core::common::{DUMMY_SP, FileName, GLOBALS, Globals, Mark, SourceMap as Files};
use swc_core::ecma::ast::{
    Class, ClassMember, ParamOrTsParamProp, Pat, Program, TsKeywordType, TsKeywordTypeKind, TsParamPropParam, TsTypeAnn,
};
use swc_core::ecma::transforms::base::helpers::{HELPERS, Helpers, inject_helpers};
use swc_core::ecma::transforms::base::{fixer::fixer, hygiene::hygiene, resolver};
use swc_core::ecma::transforms::proposal::decorator_2023_11::decorator_2023_11;
use swc_core::ecma::transforms::proposal::decorators::{Config as Decorators, decorators};
use swc_core::ecma::transforms::react::{self, Runtime};
use swc_core::ecma::transforms::typescript::{Config, TsImportExportAssignConfig, typescript};
use swc_core::ecma::visit::{VisitMut, VisitMutWith as _};
use swc_ecma_parser_metered::metered::Meter;

use crate::blank::Needs;
use crate::cost;
use crate::decorators::{is_constructor_decorated, is_method_decorated};
use crate::diagnostic::{Diagnostic, DiagnosticKind};
use crate::emit::{self, Problems};
use crate::enums;
use crate::fields;
use crate::jsx;
use crate::options::{Options, Project};
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
    let project = &options.project;
    GLOBALS.set(&Globals::new(), || {
        HANDLER.set(&handler, || HELPERS.set(&Helpers::new(false), || run_passes(program, &files, needs, jsx_options, project)));
    });
    if let Some((message, at)) = problems.first() {
        let from = file.offset(at);
        return Err(Diagnostic::new(DiagnosticKind::Unsupported, message, source, from..from + 1, options));
    }
    emit::print(program, files, file.base, source, options)
}

fn run_passes(program: &mut Program, files: &Lrc<Files>, needs: Needs, jsx_options: Option<react::Options>, project: &Project) {
    let (unresolved, top_level) = (Mark::new(), Mark::new());
    let is_script = program.is_script();
    program.mutate(resolver(unresolved, top_level, true));
    if needs.decorators {
        // The pass renames its classes' uses at module level only.
        *program = emit::into_module(program.take());
        if project.legacy_decorators {
            if project.decorator_metadata {
                program.visit_mut_with(&mut Annotate);
            }
            program.mutate(decorators(Decorators {
                legacy: true,
                emit_metadata: project.decorator_metadata,
                use_define_for_class_fields: !project.assign_fields,
            }));
        } else {
            program.mutate(decorator_2023_11());
        }
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
    if project.assign_fields {
        fields::drop_declared(program);
    }
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

/// Gives the type `any` to what decorators are told the type of and has none: to compilers of TypeScript, that is one as well.
struct Annotate;

impl VisitMut for Annotate {
    fn visit_mut_class(&mut self, class: &mut Class) {
        class.visit_mut_children_with(self);
        for member in &mut class.body {
            match member {
                ClassMember::ClassProp(field) if !field.decorators.is_empty() => annotate(&mut field.type_ann),
                ClassMember::Method(method) => {
                    let function = &mut method.function;
                    if is_method_decorated(function) {
                        function.params.iter_mut().for_each(|param| annotate_pattern(&mut param.pat));
                    }
                }
                ClassMember::Constructor(constructor) if is_constructor_decorated(&class.decorators, &constructor.params) => {
                    constructor.params.iter_mut().for_each(annotate_parameter);
                }
                _ => {}
            }
        }
    }
}

fn annotate_parameter(parameter: &mut ParamOrTsParamProp) {
    match parameter {
        ParamOrTsParamProp::Param(param) => annotate_pattern(&mut param.pat),
        ParamOrTsParamProp::TsParamProp(property) => match &mut property.param {
            TsParamPropParam::Ident(name) => annotate(&mut name.type_ann),
            TsParamPropParam::Assign(assign) => annotate_pattern(&mut assign.left),
        },
    }
}

fn annotate_pattern(pattern: &mut Pat) {
    match pattern {
        Pat::Ident(name) => annotate(&mut name.type_ann),
        Pat::Array(array) => annotate(&mut array.type_ann),
        Pat::Object(object) => annotate(&mut object.type_ann),
        Pat::Assign(assign) => annotate_pattern(&mut assign.left),
        // What is left over is an array.
        Pat::Rest(_) | Pat::Invalid(_) | Pat::Expr(_) => {}
    }
}

fn annotate(annotation: &mut Option<Box<TsTypeAnn>>) {
    annotation.get_or_insert_with(|| {
        let any = TsKeywordType { span: DUMMY_SP, kind: TsKeywordTypeKind::TsAnyKeyword };
        Box::new(TsTypeAnn { span: DUMMY_SP, type_ann: Box::new(any.into()) })
    });
}
