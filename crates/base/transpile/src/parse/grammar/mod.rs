//! Rules of TypeScript's grammar that the parser does not enforce: without them, a malformed declaration would be
//! blanked like a type, and the user would not be told. It takes a parsed program with its text, and returns the first
//! error. It changes nothing, and V8 enforces the rules of JavaScript.

mod ambient;
mod expressions;
mod lists;
mod members;
mod modifiers;
mod overloads;
mod parameters;
mod types;

use std::ops::Range;

use drupe_lexer::Text;
use swc_core::common::{BytePos, Span, Spanned};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

/// A rule that a program breaks.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) message: String,
    /// The place, as byte offsets in the text.
    pub(crate) bytes: Range<usize>,
}

/// The first error in a TypeScript program. `text` is the text that was parsed. The parser's positions in it begin
/// at 1.
pub(crate) fn check(program: &Program, text: &str) -> Option<Broken> {
    let mut checker = Checker { text: Text(text), place: Place::default(), broken: None };
    program.visit_with(&mut checker);
    checker.broken
}

/// The first error in the imports of a JavaScript program: V8 never sees those of a chunk.
pub(crate) fn check_imports(program: &Program, text: &str) -> Option<Broken> {
    let mut checker = Checker { text: Text(text), place: Place::default(), broken: None };
    let Program::Module(module) = program else { return None };
    for import in module.body.iter().filter_map(|item| item.as_module_decl()?.as_import()) {
        checker.import(import);
    }
    checker.broken
}

/// What surrounds the node that is visited.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    /// Inside of `declare`: nothing there has a value.
    is_ambient: bool,
    /// Inside of a function or a block.
    is_nested: bool,
    /// Directly in a namespace, and in no function.
    is_namespace: bool,
}

struct Checker<'text> {
    text: Text<'text>,
    place: Place,
    broken: Option<Broken>,
}

impl Checker<'_> {
    /// Keeps an error if it comes before all others.
    fn report(&mut self, bytes: Range<usize>, message: impl Into<String>) {
        if self.broken.as_ref().is_none_or(|broken| bytes.start < broken.bytes.start) {
            self.broken = Some(Broken { message: message.into(), bytes });
        }
    }

    fn report_at(&mut self, span: Span, message: impl Into<String>) {
        let bytes = self.bytes(span);
        self.report(bytes, message);
    }

    fn offset(&self, position: BytePos) -> usize {
        (position.0.saturating_sub(1) as usize).min(self.text.0.len())
    }

    fn bytes(&self, span: Span) -> Range<usize> {
        self.offset(span.lo)..self.offset(span.hi)
    }

    /// Visits what is inside of a node, in another place.
    fn within(&mut self, place: Place, visit: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.place, place);
        visit(self);
        self.place = outer;
    }

    fn within_function(&mut self, visit: impl FnOnce(&mut Self)) {
        self.within(Place { is_nested: true, is_namespace: false, ..self.place }, visit);
    }
}

impl Visit for Checker<'_> {
    fn visit_module_items(&mut self, items: &[ModuleItem]) {
        self.functions_of_items(items);
        items.visit_children_with(self);
    }

    fn visit_stmts(&mut self, statements: &[Stmt]) {
        self.functions_of_statements(statements);
        statements.visit_children_with(self);
    }

    fn visit_block_stmt(&mut self, block: &BlockStmt) {
        self.within(Place { is_nested: true, ..self.place }, |checker| block.visit_children_with(checker));
    }

    fn visit_function(&mut self, function: &Function) {
        self.parameters(&function.params);
        self.within_function(|checker| function.visit_children_with(checker));
    }

    fn visit_arrow_expr(&mut self, arrow: &ArrowExpr) {
        self.patterns(&arrow.params);
        self.within_function(|checker| arrow.visit_children_with(checker));
    }

    fn visit_constructor(&mut self, constructor: &Constructor) {
        self.constructor_parameters(&constructor.params);
        self.within_function(|checker| constructor.visit_children_with(checker));
    }

    fn visit_static_block(&mut self, block: &StaticBlock) {
        self.within_function(|checker| block.visit_children_with(checker));
    }

    fn visit_class(&mut self, class: &Class) {
        self.heritage(class);
        class.body.iter().for_each(|member| self.member(class, member));
        self.methods(class);
        self.within(Place { is_namespace: false, ..self.place }, |checker| class.visit_children_with(checker));
    }

    fn visit_class_decl(&mut self, declaration: &ClassDecl) {
        self.implements(&declaration.class, Some(declaration.ident.span));
        self.declare(declaration.declare, declaration.span_lo(), |checker| declaration.visit_children_with(checker));
    }

    fn visit_class_expr(&mut self, expression: &ClassExpr) {
        self.implements(&expression.class, expression.ident.as_ref().map(|name| name.span));
        expression.visit_children_with(self);
    }

    fn visit_decorator(&mut self, decorator: &Decorator) {
        self.decorator(decorator);
        decorator.visit_children_with(self);
    }

    fn visit_fn_decl(&mut self, declaration: &FnDecl) {
        self.signature(&declaration.function, declaration.declare, declaration.ident.span);
        self.declare(declaration.declare, declaration.span_lo(), |checker| declaration.visit_children_with(checker));
    }

    fn visit_var_decl(&mut self, variables: &VarDecl) {
        self.variables(variables);
        self.declare(variables.declare, variables.span.lo, |checker| variables.visit_children_with(checker));
    }

    fn visit_var_declarator(&mut self, declarator: &VarDeclarator) {
        self.definite_variable(declarator);
        declarator.visit_children_with(self);
    }

    fn visit_ts_enum_decl(&mut self, declaration: &TsEnumDecl) {
        self.declare(declaration.declare, declaration.span.lo, |checker| declaration.visit_children_with(checker));
    }

    fn visit_ts_interface_decl(&mut self, interface: &TsInterfaceDecl) {
        self.interface(interface);
        interface.visit_children_with(self);
    }

    fn visit_ts_module_decl(&mut self, module: &TsModuleDecl) {
        self.namespace(module);
    }

    fn visit_return_stmt(&mut self, statement: &ReturnStmt) {
        if self.place.is_namespace {
            self.report_at(statement.span, "'return' outside of a function");
        }
        statement.visit_children_with(self);
    }

    fn visit_await_expr(&mut self, expression: &AwaitExpr) {
        if self.place.is_namespace {
            self.report_at(expression.span, "'await' cannot stand in a namespace outside of an async function");
        }
        expression.visit_children_with(self);
    }

    fn visit_export_decl(&mut self, export: &ExportDecl) {
        self.default_export(export);
        export.visit_children_with(self);
    }

    fn visit_import_decl(&mut self, import: &ImportDecl) {
        self.import(import);
        import.visit_children_with(self);
    }

    fn visit_ts_import_equals_decl(&mut self, import: &TsImportEqualsDecl) {
        if import.is_type_only && import.module_ref.is_ts_entity_name() {
            self.report_at(import.span, "An alias of a name cannot be 'import type': write 'type A = B', or 'import A = B'");
        }
        import.visit_children_with(self);
    }

    fn visit_catch_clause(&mut self, clause: &CatchClause) {
        self.catch(clause);
        clause.visit_children_with(self);
    }

    fn visit_assign_expr(&mut self, assignment: &AssignExpr) {
        self.assignment(assignment);
        assignment.visit_children_with(self);
    }

    fn visit_member_expr(&mut self, member: &MemberExpr) {
        self.instantiated(&member.obj);
        member.visit_children_with(self);
    }

    fn visit_bin_expr(&mut self, expression: &BinExpr) {
        self.power(expression);
        expression.visit_children_with(self);
    }

    fn visit_object_lit(&mut self, object: &ObjectLit) {
        self.object(object);
        object.visit_children_with(self);
    }

    fn visit_setter_prop(&mut self, setter: &SetterProp) {
        let parameter = setter.function.params.first().map(|parameter| &parameter.pat);
        self.setter(parameter, setter.function.return_type.as_deref());
        setter.visit_children_with(self);
    }

    fn visit_ts_type_param_decl(&mut self, parameters: &TsTypeParamDecl) {
        if parameters.params.is_empty() {
            self.report_at(parameters.span, "A list of type parameters cannot be empty");
        }
        parameters.visit_children_with(self);
    }

    fn visit_ts_type_param_instantiation(&mut self, arguments: &TsTypeParamInstantiation) {
        if arguments.params.is_empty() {
            self.report_at(arguments.span, "A list of type arguments cannot be empty");
        }
        arguments.visit_children_with(self);
    }

    fn visit_ts_index_signature(&mut self, signature: &TsIndexSignature) {
        self.index_signature(signature);
        signature.visit_children_with(self);
    }

    fn visit_ts_type_operator(&mut self, operator: &TsTypeOperator) {
        self.type_operator(operator);
        operator.visit_children_with(self);
    }
}
