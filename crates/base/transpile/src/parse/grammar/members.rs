//! Members of classes: their modifiers, marks and bodies, and the decorators that some of them cannot have.

use swc_core::common::{Span, Spanned};
use swc_core::ecma::ast::*;

use super::Checker;

impl Checker<'_> {
    /// One member of a class.
    pub(super) fn member(&mut self, class: &Class, member: &ClassMember) {
        match member {
            ClassMember::Constructor(constructor) => {
                self.member_head(constructor.span, &[], constructor.key.span());
                if constructor.is_optional {
                    self.report_at(constructor.key.span(), "A constructor cannot be optional");
                }
            }
            ClassMember::Method(method) => {
                self.method(&method.function, method.kind, method.is_abstract, method.span, method.key.span());
            }
            ClassMember::PrivateMethod(method) => {
                self.private(method.accessibility, method.key.span);
                self.method(&method.function, method.kind, method.is_abstract, method.span, method.key.span);
            }
            ClassMember::ClassProp(field) => self.field(class, field),
            ClassMember::PrivateProp(field) => {
                self.private(field.accessibility, field.key.span);
                self.member_head(field.span, &field.decorators, field.key.span);
                self.definite_field(field.definite, field.is_static, field.type_ann.as_deref(), field.key.span);
            }
            ClassMember::AutoAccessor(field) => self.accessor(field),
            ClassMember::TsIndexSignature(signature) => {
                let start = self.offset(signature.span.lo);
                if self.text.word(start) == "declare" {
                    self.report(start..start + "declare".len(), "'declare' cannot stand before an index signature");
                }
            }
            ClassMember::StaticBlock(_) | ClassMember::Empty(_) => {}
        }
    }

    /// The words before a member's name; the words found are returned.
    fn member_head(&mut self, member: Span, decorators: &[Decorator], name: Span) -> Vec<&'static str> {
        let start = decorators.last().map_or(member.lo, |last| last.span.hi);
        let modifiers = self.modifiers_in(self.offset(start), self.offset(name.lo));
        self.modifiers(&modifiers);
        modifiers.into_iter().map(|(word, _)| word).collect()
    }

    fn method(&mut self, function: &Function, kind: MethodKind, is_abstract: bool, member: Span, name: Span) {
        let modifiers = self.member_head(member, &function.decorators, name);
        let is_accessor = kind != MethodKind::Method;
        if is_accessor && modifiers.contains(&"declare") {
            self.report_at(name, "'declare' cannot stand before a getter or setter");
        }
        if modifiers.contains(&"accessor") {
            self.report_at(name, "'accessor' stands before fields only");
        }
        if function.body.is_none() && is_accessor && !is_abstract && !self.place.is_ambient {
            self.report_at(name, "A getter or setter needs a body: { … }");
        }
        self.signature(function, is_abstract, name);
        if kind == MethodKind::Setter {
            self.setter(function.params.first().map(|parameter| &parameter.pat), function.return_type.as_deref());
        }
        if function.body.is_none()
            && let Some(first) = function.decorators.first()
        {
            self.report_at(first.span, "A decorator stands before the implementation of a method, not before a signature");
        }
    }

    fn field(&mut self, class: &Class, field: &ClassProp) {
        self.member_head(field.span, &field.decorators, field.key.span());
        self.ambient_field(field);
        self.definite_field(field.definite, field.is_static, field.type_ann.as_deref(), field.key.span());
        if field.is_abstract && !class.is_abstract {
            self.report_at(field.key.span(), "An abstract field stands in an abstract class");
        }
    }

    fn accessor(&mut self, field: &AutoAccessor) {
        let name = field.key.span();
        self.member_head(field.span, &field.decorators, name);
        let end = self.offset(name.hi);
        if let Some(mark) = self.text.expect(end, b'?') {
            self.report(mark..mark + 1, "A field with 'accessor' cannot be optional");
        }
        if self.place.is_ambient
            && let Some(value) = &field.value
        {
            self.report_at(value.span(), "What is declared with 'declare' has no initial value");
        }
        if let Key::Private(name) = &field.key {
            self.private(field.accessibility, name.span);
        }
    }

    fn private(&mut self, accessibility: Option<Accessibility>, name: Span) {
        if accessibility.is_some() {
            self.report_at(name, "A name with '#' is private already: leave out the other word");
        }
    }

    /// `x!: T` of a field.
    fn definite_field(&mut self, is_definite: bool, is_static: bool, annotation: Option<&TsTypeAnn>, name: Span) {
        let message = match is_definite {
            true if is_static => "A static field has no '!'",
            true if self.place.is_ambient => "A field that is declared only has no '!'",
            true if annotation.is_none() => "A field with '!' needs a type: 'name!: Type'",
            _ => return,
        };
        let end = self.offset(name.hi);
        let mark = self.text.expect(end, b'!').unwrap_or(end);
        self.report(mark..mark + 1, message);
    }

    /// The parameter of a setter.
    pub(super) fn setter(&mut self, parameter: Option<&Pat>, returned: Option<&TsTypeAnn>) {
        if let Some(Pat::Ident(name)) = parameter
            && name.id.optional
        {
            self.report_at(name.id.span, "The parameter of a setter cannot be optional");
        }
        if let Some(returned) = returned {
            self.report_at(returned.span, "A setter returns nothing: it has no type");
        }
    }

    /// The modifiers that an object's members do not have.
    pub(super) fn object(&mut self, object: &ObjectLit) {
        let mut end = self.offset(object.span.lo) + 1;
        for property in &object.props {
            let from = self.text.skip_trivia(end);
            let start = self.offset(property.span_lo());
            if from < start {
                self.report(
                    from..start,
                    format!("Unexpected '{}' before a member of an object", self.text.0[from..start].trim_end()),
                );
            }
            let after = self.offset(property.span_hi());
            end = self.text.expect(after, b',').map_or(after, |comma| comma + 1);
        }
    }

    /// Expressions after `@` are names, properties of names, and calls of these; all others stand in parentheses.
    pub(super) fn decorator(&mut self, decorator: &Decorator) {
        let callee = match &*decorator.expr {
            Expr::Call(CallExpr { callee: Callee::Expr(callee), .. }) => callee,
            whole => whole,
        };
        if !is_dotted(callee) && self.text.byte(self.text.skip_trivia(self.offset(decorator.span.lo) + 1)) != Some(b'(') {
            self.report_at(decorator.span, "Put parentheses around the expression of this decorator: @(…)");
        }
    }
}

fn is_dotted(mut expression: &Expr) -> bool {
    loop {
        match expression {
            Expr::Ident(name) => return !matches!(&*name.sym, "this" | "super"),
            Expr::Member(MemberExpr { obj, prop: MemberProp::Ident(_) | MemberProp::PrivateName(_), .. }) => expression = obj,
            Expr::TsNonNull(inner) => expression = &inner.expr,
            Expr::TsInstantiation(inner) => expression = &inner.expr,
            _ => return false,
        }
    }
}
