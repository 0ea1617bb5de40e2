//! Heads of classes and interfaces, imports and exports: their lists, and the words that cannot stand there.

use swc_core::common::{Span, Spanned};
use swc_core::ecma::ast::*;

use super::Checker;

impl Checker<'_> {
    /// A class without a name may implement something, too; but its list is then no list of another word.
    pub(super) fn heritage(&mut self, class: &Class) {
        if let Some(last) = class.implements.last() {
            self.trailing_comma(last.span);
        }
    }

    /// `implements` without anything that is implemented.
    pub(super) fn implements(&mut self, class: &Class, name: Option<Span>) {
        let parts = [
            name,
            class.type_params.as_ref().map(|parameters| parameters.span),
            class.super_class.as_ref().map(|parent| parent.span()),
            class.super_type_params.as_ref().map(|arguments| arguments.span),
        ];
        let Some(head) = parts.into_iter().flatten().map(|part| part.hi).max() else { return };
        if class.implements.is_empty() {
            self.empty_list(head, "implements");
        }
    }

    pub(super) fn interface(&mut self, interface: &TsInterfaceDecl) {
        let start = self.offset(interface.span.lo);
        if self.text.word(start) == "abstract" {
            self.report(start..start + "abstract".len(), "'abstract' stands before classes and their members");
        }
        match interface.extends.last() {
            Some(last) => self.trailing_comma(last.span),
            None => {
                let head = interface.type_params.as_ref().map_or(interface.id.span, |parameters| parameters.span);
                self.empty_list(head.hi, "extends");
            }
        }
    }

    fn trailing_comma(&mut self, last: Span) {
        let end = self.offset(last.hi);
        if let Some(comma) = self.text.expect(end, b',') {
            self.report(comma..comma + 1, "Unexpected token ',': the list ends here");
        }
    }

    fn empty_list(&mut self, head: swc_core::common::BytePos, word: &str) {
        let at = self.text.skip_trivia(self.offset(head));
        if self.text.word(at) == word {
            self.report(at..at + word.len(), format!("'{word}' needs a name after it"));
        }
    }

    pub(super) fn import(&mut self, import: &ImportDecl) {
        if import.phase == ImportPhase::Source {
            self.report_at(import.span, "'import source' is not supported");
        }
        if let Some(ImportSpecifier::Default(default)) = import.specifiers.first() {
            let end = self.offset(default.span.hi);
            let comma = self.text.expect(end, b',');
            if let Some(comma) = comma.filter(|_| import.specifiers.len() == 1)
                && !matches!(self.text.next_byte(comma + 1), Some(b'{'))
            {
                self.report(comma..comma + 1, "Unexpected token ',': expected '{' or '*' after it");
            }
        }
        for attribute in import.with.iter().flat_map(|attributes| &attributes.props) {
            let value = attribute.as_prop().and_then(|property| property.as_key_value()).map(|pair| &pair.value);
            if !value.is_some_and(|value| matches!(**value, Expr::Lit(Lit::Str(_)))) {
                self.report_at(attribute.span(), "An import attribute is a name and a string: with { type: 'json' }");
            }
        }
    }

    /// `export default enum E {}`.
    pub(super) fn default_export(&mut self, export: &ExportDecl) {
        let from = self.text.skip_trivia(self.offset(export.span.lo) + "export".len());
        if self.text.word(from) == "default" {
            let message = "This declaration cannot be the default export: declare it, then write 'export default' and its name";
            self.report(from..from + "default".len(), message);
        }
    }

    pub(super) fn catch(&mut self, clause: &CatchClause) {
        let annotation = match &clause.param {
            Some(Pat::Ident(name)) => &name.type_ann,
            Some(Pat::Object(object)) => &object.type_ann,
            Some(Pat::Array(array)) => &array.type_ann,
            _ => return,
        };
        let Some(annotation) = annotation else { return };
        let is_open = annotation
            .type_ann
            .as_ts_keyword_type()
            .is_some_and(|keyword| matches!(keyword.kind, TsKeywordTypeKind::TsAnyKeyword | TsKeywordTypeKind::TsUnknownKeyword));
        if !is_open {
            self.report_at(annotation.span, "The type of a caught value is 'any' or 'unknown'");
        }
    }
}
