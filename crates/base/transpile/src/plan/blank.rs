//! Blanks types in place: a walk over the tree that collects the parts of the source that become spaces.
//!
//! A blanked type can leave two statements joined that it kept apart (automatic semicolons), so some blanked parts
//! leave a `;` or a moved parenthesis behind. Constructs that cannot be blanked (enums, JSX, …) are only noted; `emit`
//! then transforms the whole chunk.

use drupe_lexer::Text;
use swc_core::common::{Span, Spanned};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

use crate::parse::Chunk;
use crate::parse::mixing;
use crate::parse::types_only::{item_leaves_nothing, leaves_nothing};
use crate::source::edits::Edits;

/// What the walk found.
#[derive(Debug, Default)]
pub(crate) struct Erasure {
    pub(crate) edits: Edits,
    pub(crate) needs: Needs,
}

/// The constructs that need new code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    /// Enums, namespaces, parameter properties.
    pub(crate) typescript: bool,
    /// Decorators and auto-accessors.
    pub(crate) decorators: bool,
    /// JSX elements and fragments.
    pub(crate) jsx: bool,
}

impl Needs {
    pub(crate) fn any(self) -> bool {
        self.typescript || self.decorators || self.jsx
    }
}

/// Plans the blanking of the types in a program. `kept` says of what declarations of modules others decide.
pub(crate) fn erase(chunk: &Chunk, source: &str, kept: fn(&ModuleDecl) -> bool) -> Erasure {
    let mut eraser = Eraser { text: Text(source), base: chunk.base, kept, found: Erasure::default() };
    chunk.program.visit_with(&mut eraser);
    eraser.found
}

pub(crate) struct Eraser<'source> {
    pub(crate) text: Text<'source>,
    base: u32,
    kept: fn(&ModuleDecl) -> bool,
    pub(crate) found: Erasure,
}

impl Eraser<'_> {
    /// Byte offsets of a span.
    pub(crate) fn bytes(&self, span: Span) -> (usize, usize) {
        (span.lo.0.saturating_sub(self.base) as usize, span.hi.0.saturating_sub(self.base) as usize)
    }

    pub(crate) fn blank(&mut self, from: usize, to: usize) {
        self.found.edits.blank(from, to);
    }

    /// Blanks an item of a list; a `;` takes its place if what is before it would run into what follows.
    pub(crate) fn blank_item(&mut self, (from, to): (usize, usize), previous: Option<usize>) {
        self.blank(from, to);
        let needs_end = match previous {
            Some(end) => !self.is_terminated(end),
            // A string that comes first by accident would become a directive.
            None => matches!(self.text.next_byte(to), Some(b'"' | b'\'')),
        };
        if needs_end {
            self.found.edits.substitute(from, ';');
        }
    }

    /// Whether the item that ends at `end` has its semicolon, in its span or behind it.
    pub(crate) fn is_terminated(&self, end: usize) -> bool {
        end.checked_sub(1).and_then(|last| self.text.byte(last)) == Some(b';') || self.text.expect(end, b';').is_some()
    }

    fn list<'a, T: Spanned + VisitWith<Self> + 'a>(&mut self, items: &'a [T], erased: impl Fn(&'a T) -> bool) {
        let mut previous = None;
        for item in items {
            let (from, to) = self.bytes(item.span());
            if erased(item) {
                self.blank_item((from, to), previous);
            } else {
                item.visit_with(self);
                previous = Some(to);
            }
        }
    }

    /// Blanks the `?` or `!` that stands at or after `from`, and says whether it did.
    pub(crate) fn blank_mark(&mut self, from: usize, mark: u8) {
        if let Some(at) = self.text.expect(from, mark) {
            self.blank(at, at + 1);
        }
    }

    fn optional_pattern(&mut self, optional: bool, annotation: Option<&TsTypeAnn>, span: Span) {
        if !optional {
            return;
        }
        let (_, end) = self.bytes(span);
        let end = annotation.map_or(end, |annotation| self.bytes(annotation.span).0);
        match self.text.last_before(end).filter(|&at| self.text.byte(at) == Some(b'?')) {
            Some(at) => self.blank(at, at + 1),
            None => self.blank_mark(end, b'?'),
        }
    }
}

impl Visit for Eraser<'_> {
    fn visit_stmts(&mut self, statements: &[Stmt]) {
        self.list(statements, |statement| matches!(statement, Stmt::Decl(declaration) if leaves_nothing(declaration)));
    }

    fn visit_module_items(&mut self, items: &[ModuleItem]) {
        let kept = self.kept;
        self.list(items, |item| match item {
            ModuleItem::Stmt(Stmt::Empty(_)) => false,
            ModuleItem::ModuleDecl(declaration) if kept(declaration) => false,
            item => item_leaves_nothing(item),
        });
    }

    fn visit_decl(&mut self, declaration: &Decl) {
        if leaves_nothing(declaration) {
            // The body of an `if` or a loop: something must stay there.
            let (from, to) = self.bytes(declaration.span());
            self.blank(from, to);
            self.found.edits.substitute(from, ';');
            return;
        }
        declaration.visit_children_with(self);
    }

    fn visit_ts_enum_decl(&mut self, _: &TsEnumDecl) {
        self.found.needs.typescript = true;
    }

    fn visit_ts_module_decl(&mut self, module: &TsModuleDecl) {
        self.found.needs.typescript = true;
        // JSX and decorators inside count too.
        module.visit_children_with(self);
    }

    fn visit_ts_param_prop(&mut self, property: &TsParamProp) {
        self.found.needs.typescript = true;
        property.visit_children_with(self);
    }

    fn visit_decorator(&mut self, decorator: &Decorator) {
        self.found.needs.decorators = true;
        decorator.visit_children_with(self);
    }

    fn visit_auto_accessor(&mut self, accessor: &AutoAccessor) {
        self.found.needs.decorators = true;
        accessor.visit_children_with(self);
    }

    fn visit_jsx_element(&mut self, element: &JSXElement) {
        self.found.needs.jsx = true;
        element.visit_children_with(self);
    }

    fn visit_jsx_fragment(&mut self, fragment: &JSXFragment) {
        self.found.needs.jsx = true;
        fragment.visit_children_with(self);
    }

    fn visit_var_declarator(&mut self, declarator: &VarDeclarator) {
        if declarator.definite {
            let (from, _) = self.bytes(declarator.name.span());
            let end = self.text.identifier_end(from);
            self.blank_mark(end, b'!');
        }
        declarator.visit_children_with(self);
    }

    fn visit_binding_ident(&mut self, name: &BindingIdent) {
        if name.id.optional {
            let (from, _) = self.bytes(name.id.span);
            let end = self.text.identifier_end(from);
            self.blank_mark(end, b'?');
        }
        name.type_ann.visit_with(self);
    }

    fn visit_array_pat(&mut self, pattern: &ArrayPat) {
        self.optional_pattern(pattern.optional, pattern.type_ann.as_deref(), pattern.span);
        pattern.visit_children_with(self);
    }

    fn visit_object_pat(&mut self, pattern: &ObjectPat) {
        self.optional_pattern(pattern.optional, pattern.type_ann.as_deref(), pattern.span);
        pattern.visit_children_with(self);
    }

    fn visit_ts_this_param(&mut self, parameter: &TsThisParam) {
        let (from, to) = self.bytes(parameter.span);
        let end = self.text.expect(to, b',').map_or(to, |comma| comma + 1);
        self.blank(from, end);
    }

    fn visit_ts_type_ann(&mut self, annotation: &TsTypeAnn) {
        let (from, to) = self.bytes(annotation.span);
        self.blank(from, to);
    }

    fn visit_ts_type_param_decl(&mut self, parameters: &TsTypeParamDecl) {
        let (from, to) = self.bytes(parameters.span);
        self.blank(from, to);
    }

    fn visit_ts_type_param_instantiation(&mut self, arguments: &TsTypeParamInstantiation) {
        let (from, to) = self.bytes(arguments.span);
        self.blank(from, to);
    }

    fn visit_class_decl(&mut self, declaration: &ClassDecl) {
        self.class(&declaration.class, Some(declaration.ident.span));
    }

    fn visit_class_expr(&mut self, expression: &ClassExpr) {
        self.class(&expression.class, expression.ident.as_ref().map(|name| name.span));
    }

    fn visit_arrow_expr(&mut self, arrow: &ArrowExpr) {
        self.arrow(arrow);
    }

    fn visit_bin_expr(&mut self, expression: &BinExpr) {
        for operand in mixing::mixed(expression) {
            let (from, to) = self.bytes(operand.span);
            self.found.edits.insert(from, "(");
            self.found.edits.insert(to, ")");
        }
        expression.visit_children_with(self);
    }

    fn visit_ts_as_expr(&mut self, cast: &TsAsExpr) {
        cast.expr.visit_with(self);
        self.postfix_cast(&cast.expr, cast.span);
    }

    fn visit_ts_satisfies_expr(&mut self, cast: &TsSatisfiesExpr) {
        cast.expr.visit_with(self);
        self.postfix_cast(&cast.expr, cast.span);
    }

    fn visit_ts_const_assertion(&mut self, cast: &TsConstAssertion) {
        cast.expr.visit_with(self);
        if cast.span.lo < cast.expr.span_lo() {
            self.prefix_cast(&cast.expr, cast.span);
        } else {
            self.postfix_cast(&cast.expr, cast.span);
        }
    }

    fn visit_ts_type_assertion(&mut self, cast: &TsTypeAssertion) {
        cast.expr.visit_with(self);
        self.prefix_cast(&cast.expr, cast.span);
    }

    fn visit_ts_non_null_expr(&mut self, assertion: &TsNonNullExpr) {
        assertion.expr.visit_with(self);
        self.suffix(&assertion.expr, assertion.span);
    }

    fn visit_ts_instantiation(&mut self, instantiation: &TsInstantiation) {
        instantiation.expr.visit_with(self);
        self.suffix(&instantiation.expr, instantiation.span);
    }
}
