//! Where decorators stand, and those that would be applied to nothing.

use swc_core::common::Span;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

use crate::parse::Chunk;
use crate::source::diagnostic::{Diagnostic, DiagnosticKind};
use crate::source::options::Options;

/// A decorator that is applied to nothing.
pub(crate) struct Refused {
    pub(crate) at: Span,
    pub(crate) kind: DiagnosticKind,
    pub(crate) message: &'static str,
}

const PARAMETER: &str = "decorators of parameters are not supported here: only TypeScript's experimentalDecorators have them";
const DECLARED: &str = "A decorator cannot stand before a field that is declared only";
const PRIVATE: &str = "A decorator cannot stand before a private name: TypeScript's experimentalDecorators have none there";
const THIS: &str = "'this' is no parameter that can have a decorator";
const FUNCTION: &str = "A decorator stands before a parameter of a class member only";
const SIGNATURE: &str = "A decorator stands before a parameter of the implementation, not of a signature";

/// The first decorator that would be lost. `is_legacy`: they are those of TypeScript before version 5.
pub(crate) fn refused(program: &Program, is_legacy: bool) -> Option<Refused> {
    let mut finder = Finder { is_legacy, is_member: false, found: None };
    program.visit_with(&mut finder);
    finder.found
}

struct Finder {
    is_legacy: bool,
    /// The next function is that of a class member.
    is_member: bool,
    found: Option<Refused>,
}

impl Finder {
    fn refuse(&mut self, decorators: &[Decorator], kind: DiagnosticKind, message: &'static str) {
        if let Some(first) = decorators.first().filter(|_| self.found.is_none()) {
            self.found = Some(Refused { at: first.span, kind, message });
        }
    }

    fn parameter(&mut self, decorators: &[Decorator]) {
        if !self.is_legacy {
            self.refuse(decorators, DiagnosticKind::Unsupported, PARAMETER);
        }
    }

    /// The parameters of a function in a class.
    fn signature(&mut self, body: Option<&FunctionBody>, parameters: &[Param]) {
        for parameter in parameters {
            let is_this = parameter.pat.as_ident().is_some_and(|name| name.id.sym == "this");
            if body.is_none() || is_this {
                self.refuse(&parameter.decorators, DiagnosticKind::Syntax, if is_this { THIS } else { SIGNATURE });
            }
        }
    }
}

impl Visit for Finder {
    fn visit_param(&mut self, parameter: &Param) {
        self.parameter(&parameter.decorators);
        parameter.visit_children_with(self);
    }

    fn visit_ts_param_prop(&mut self, property: &TsParamProp) {
        self.parameter(&property.decorators);
        property.visit_children_with(self);
    }

    fn visit_function(&mut self, function: &Function) {
        if !std::mem::take(&mut self.is_member) {
            for parameter in &function.params {
                self.refuse(&parameter.decorators, DiagnosticKind::Syntax, FUNCTION);
            }
        }
        function.visit_children_with(self);
    }

    fn visit_class_method(&mut self, method: &ClassMethod) {
        self.signature(method.function.body.as_ref(), &method.function.params);
        method.key.visit_with(self);
        self.is_member = true;
        method.function.visit_with(self);
    }

    fn visit_private_method(&mut self, method: &PrivateMethod) {
        if self.is_legacy {
            self.refuse(&method.function.decorators, DiagnosticKind::Syntax, PRIVATE);
        }
        self.is_member = true;
        method.visit_children_with(self);
    }

    fn visit_private_prop(&mut self, field: &PrivateProp) {
        if self.is_legacy {
            self.refuse(&field.decorators, DiagnosticKind::Syntax, PRIVATE);
        }
        field.visit_children_with(self);
    }

    fn visit_class_prop(&mut self, field: &ClassProp) {
        if (field.declare || field.is_abstract) && !self.is_legacy {
            self.refuse(&field.decorators, DiagnosticKind::Syntax, DECLARED);
        }
        field.visit_children_with(self);
    }

    fn visit_auto_accessor(&mut self, field: &AutoAccessor) {
        if self.is_legacy && field.key.is_private() {
            self.refuse(&field.decorators, DiagnosticKind::Syntax, PRIVATE);
        } else if field.is_abstract && !self.is_legacy {
            self.refuse(&field.decorators, DiagnosticKind::Syntax, DECLARED);
        }
        field.visit_children_with(self);
    }
}

/// Whether a method has decorators: its own, or those of its parameters.
pub(crate) fn is_method_decorated(function: &Function) -> bool {
    !function.decorators.is_empty() || function.params.iter().any(|parameter| !parameter.decorators.is_empty())
}

/// Whether a constructor has decorators: those of its class, or of its parameters.
pub(crate) fn is_constructor_decorated(class: &[Decorator], parameters: &[ParamOrTsParamProp]) -> bool {
    let has_decorators = |parameter: &ParamOrTsParamProp| match parameter {
        ParamOrTsParamProp::TsParamProp(property) => !property.decorators.is_empty(),
        ParamOrTsParamProp::Param(parameter) => !parameter.decorators.is_empty(),
    };
    !class.is_empty() || parameters.iter().any(has_decorators)
}

/// An error where a decorator would be lost.
pub(crate) fn check(chunk: &Chunk, source: &str, is_legacy: bool, options: &Options) -> Result<(), Diagnostic> {
    if !source.contains('@') {
        return Ok(());
    }
    let Some(refused) = refused(&chunk.program, is_legacy) else { return Ok(()) };
    let from = chunk.offset(refused.at.lo);
    Err(Diagnostic::new(refused.kind, refused.message, source, from..from + 1, options))
}
