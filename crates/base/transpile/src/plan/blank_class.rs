//! Types in classes: modifiers, signatures, `implements`, index signatures, and the semicolons that keep fields apart.

use swc_core::common::{Span, Spanned};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::VisitWith;

use crate::plan::blank::Eraser;

/// The words before a member's name that only types know.
const MODIFIERS: [&str; 7] = ["public", "private", "protected", "override", "readonly", "abstract", "declare"];

impl Eraser<'_> {
    pub(crate) fn class(&mut self, class: &Class, name: Option<Span>) {
        class.decorators.visit_with(self);
        let (start, _) = self.bytes(class.span);
        if class.is_abstract {
            let after = class.decorators.last().map_or(start, |last| self.bytes(last.span).1);
            self.blank_word(after, "abstract");
        }
        class.type_params.visit_with(self);
        class.super_class.visit_with(self);
        class.super_type_params.visit_with(self);
        if let (Some(first), Some(last)) = (class.implements.first(), class.implements.last()) {
            let parts = [
                name,
                class.type_params.as_ref().map(|parameters| parameters.span),
                class.super_class.as_ref().map(|parent| parent.span()),
                class.super_type_params.as_ref().map(|arguments| arguments.span),
            ];
            let (first, _) = self.bytes(first.span);
            let (_, end) = self.bytes(last.span);
            let head = parts.into_iter().flatten().map(|part| self.bytes(part).1).max();
            // An anonymous class without a parent: the keyword is the last thing before its list.
            let keyword =
                head.map_or_else(|| first.saturating_sub("implements ".len()).max(start), |head| self.text.skip_trivia(head));
            self.blank(keyword, end);
        }
        self.members(&class.body);
    }

    fn members(&mut self, members: &[ClassMember]) {
        // Where the member before ended, if it was a field: only those want their semicolon.
        let mut open_field = None;
        for member in members {
            let bytes = self.bytes(member.span());
            if is_signature(member) {
                // TypeScript's decorators before version 5 are applied to fields that are declared only.
                match member {
                    ClassMember::ClassProp(field) => field.decorators.visit_with(self),
                    ClassMember::AutoAccessor(field) => field.decorators.visit_with(self),
                    _ => {}
                }
                self.blank_item(bytes, open_field);
                continue;
            }
            self.member(member, open_field);
            let is_field =
                matches!(member, ClassMember::ClassProp(_) | ClassMember::PrivateProp(_) | ClassMember::AutoAccessor(_));
            open_field = is_field.then_some(bytes.1);
        }
    }

    fn member(&mut self, member: &ClassMember, open_field: Option<usize>) {
        let (start, _) = self.bytes(member.span());
        match member {
            ClassMember::Constructor(constructor) => {
                self.modifiers(start, &[], constructor.key.span(), open_field);
                constructor.params.visit_with(self);
                constructor.body.visit_with(self);
            }
            ClassMember::Method(method) => {
                self.modifiers(start, &method.function.decorators, method.key.span(), open_field);
                method.key.visit_with(self);
                self.method(method.key.span(), method.is_optional, &method.function);
            }
            ClassMember::PrivateMethod(method) => {
                self.modifiers(start, &method.function.decorators, method.key.span, open_field);
                self.method(method.key.span, method.is_optional, &method.function);
            }
            ClassMember::ClassProp(field) => {
                field.decorators.visit_with(self);
                self.modifiers(start, &field.decorators, field.key.span(), open_field);
                field.key.visit_with(self);
                self.field(field.key.span(), field.type_ann.as_deref(), field.value.is_some());
                field.value.visit_with(self);
            }
            ClassMember::PrivateProp(field) => {
                field.decorators.visit_with(self);
                self.modifiers(start, &field.decorators, field.key.span, open_field);
                self.field(field.key.span, field.type_ann.as_deref(), field.value.is_some());
                field.value.visit_with(self);
            }
            ClassMember::AutoAccessor(_)
            | ClassMember::StaticBlock(_)
            | ClassMember::Empty(_)
            | ClassMember::TsIndexSignature(_) => {
                member.visit_children_with(self);
            }
        }
    }

    fn method(&mut self, key: Span, optional: bool, function: &Function) {
        if optional {
            let (_, end) = self.bytes(key);
            self.blank_mark(end, b'?');
        }
        // Its decorators, too: **each is visited once**, for what is nested in them would be visited exponentially
        // often.
        function.visit_with(self);
    }

    /// A field's `?` or `!` and its type. A field that is named like a modifier must not capture the member after it.
    fn field(&mut self, key: Span, annotation: Option<&TsTypeAnn>, has_value: bool) {
        let (start, end) = self.bytes(key);
        self.blank_mark(end, b'?');
        self.blank_mark(end, b'!');
        let Some(annotation) = annotation else { return };
        annotation.visit_with(self);
        if !has_value && matches!(self.text.word(start), "get" | "set" | "static" | "async" | "accessor") {
            let (colon, _) = self.bytes(annotation.span);
            self.found.edits.substitute(colon, ';');
        }
    }

    /// Blanks the type-only words between a member's decorators and its name.
    fn modifiers(&mut self, start: usize, decorators: &[Decorator], key: Span, open_field: Option<usize>) {
        let (key, _) = self.bytes(key);
        let mut at = self.text.skip_trivia(decorators.last().map_or(start, |last| self.bytes(last.span).1));
        let mut is_first = true;
        while at < key {
            let word = self.text.word(at);
            if word.is_empty() {
                return;
            }
            if MODIFIERS.contains(&word) {
                self.blank(at, at + word.len());
                if is_first && open_field.is_some_and(|end| !self.is_terminated(end)) {
                    self.found.edits.substitute(at, ';');
                }
            }
            is_first = false;
            at = self.text.skip_trivia(at + word.len());
        }
    }

    fn blank_word(&mut self, from: usize, word: &str) {
        let at = self.text.skip_trivia(from);
        if self.text.word(at) == word {
            self.blank(at, at + word.len());
        }
    }
}

/// Whether a member leaves nothing behind at run time: overloads, abstract and declared members, index signatures.
fn is_signature(member: &ClassMember) -> bool {
    match member {
        ClassMember::Constructor(constructor) => constructor.body.is_none(),
        ClassMember::Method(method) => method.is_abstract || method.function.body.is_none(),
        ClassMember::PrivateMethod(method) => method.is_abstract || method.function.body.is_none(),
        ClassMember::ClassProp(field) => field.declare || field.is_abstract,
        ClassMember::AutoAccessor(accessor) => accessor.is_abstract,
        ClassMember::TsIndexSignature(_) => true,
        ClassMember::PrivateProp(_) | ClassMember::StaticBlock(_) | ClassMember::Empty(_) => false,
    }
}
