//! Parameters: the marks of optional ones, `this`, rest parameters, and the properties that constructors make of them.

use swc_core::common::Spanned;
use swc_core::ecma::ast::*;

use super::Checker;

const REQUIRED: &str = "A required parameter cannot stand behind an optional one";

impl Checker<'_> {
    pub(super) fn parameters(&mut self, parameters: &[Param]) {
        self.patterns_of(parameters.iter().map(|parameter| &parameter.pat));
    }

    pub(super) fn patterns(&mut self, patterns: &[Pat]) {
        self.patterns_of(patterns.iter());
    }

    fn patterns_of<'a>(&mut self, patterns: impl Iterator<Item = &'a Pat>) {
        let mut has_optional = false;
        for pattern in patterns {
            match pattern {
                Pat::Ident(name) if name.id.sym == "this" => {}
                Pat::Rest(rest) => self.rest(rest),
                Pat::Assign(default) => self.default(default),
                pattern if self.is_cast(pattern) => {
                    self.report_at(pattern.span(), "A cast cannot be a parameter: write 'name: Type'");
                }
                pattern if is_optional(pattern) => has_optional = true,
                pattern if has_optional => self.report_at(pattern.span(), REQUIRED),
                _ => {}
            }
        }
    }

    /// Whether a pattern was written as `x as T`: its type does not begin at a colon.
    fn is_cast(&self, pattern: &Pat) -> bool {
        let annotation = match pattern {
            Pat::Ident(name) => &name.type_ann,
            Pat::Array(array) => &array.type_ann,
            Pat::Object(object) => &object.type_ann,
            _ => return false,
        };
        annotation.as_ref().is_some_and(|annotation| self.text.byte(self.offset(annotation.span.lo)) != Some(b':'))
    }

    pub(super) fn constructor_parameters(&mut self, parameters: &[ParamOrTsParamProp]) {
        let mut has_optional = false;
        for parameter in parameters {
            match parameter {
                ParamOrTsParamProp::Param(parameter) => match &parameter.pat {
                    Pat::Rest(rest) => self.rest(rest),
                    Pat::Assign(default) => self.default(default),
                    pattern if is_optional(pattern) => has_optional = true,
                    pattern if has_optional => self.report_at(pattern.span(), REQUIRED),
                    _ => {}
                },
                ParamOrTsParamProp::TsParamProp(property) => match &property.param {
                    TsParamPropParam::Ident(name) if name.id.sym == "this" => {
                        self.report_at(property.span, "'this' is no property: leave out the word before it");
                    }
                    TsParamPropParam::Ident(name) if name.id.optional => has_optional = true,
                    TsParamPropParam::Ident(name) if has_optional => self.report_at(name.id.span, REQUIRED),
                    TsParamPropParam::Ident(_) => {}
                    TsParamPropParam::Assign(default) => self.default(default),
                },
            }
        }
    }

    fn rest(&mut self, rest: &RestPat) {
        if rest.arg.as_ident().is_some_and(|name| name.id.sym == "this") {
            self.report_at(rest.span, "'this' cannot be a rest parameter");
        }
    }

    fn default(&mut self, default: &AssignPat) {
        if is_optional(&default.left) {
            self.report_at(default.left.span(), "A parameter with a default is optional already: leave out the '?'");
        }
    }
}

fn is_optional(pattern: &Pat) -> bool {
    match pattern {
        Pat::Ident(name) => name.id.optional,
        Pat::Array(array) => array.optional,
        Pat::Object(object) => object.optional,
        _ => false,
    }
}
