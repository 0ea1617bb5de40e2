//! What only ES modules have, in a file that is none.

use std::ops::Range;

use swc_core::common::{BytePos, Span, Spanned as _};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

use crate::decide::unused::Unused;
use crate::parse;
use crate::parse::types_only;
use crate::source::diagnostic::{Diagnostic, DiagnosticKind};
use crate::source::options::Options;

/// The first of it. What is erased is none; declarations that are lowered are none, either: beside `export =` these are
/// the imports.
pub(super) fn find(
    file: &parse::Chunk,
    unused: &Unused,
    is_lowered: bool,
    source: &str,
    options: &Options,
) -> Option<Diagnostic> {
    let Program::Module(module) = &file.program else { return None };
    let (message, bytes) = declaration(file, module, unused, is_lowered).or_else(|| expression(file, module))?;
    Some(Diagnostic::new(DiagnosticKind::Syntax, message, source, bytes, options))
}

fn declaration(file: &parse::Chunk, module: &Module, unused: &Unused, is_lowered: bool) -> Option<(String, Range<usize>)> {
    let declarations = || module.body.iter().filter_map(ModuleItem::as_module_decl);
    if is_lowered && !declarations().any(ModuleDecl::is_ts_export_assignment) {
        return None;
    }
    let of_commonjs = |item: &ModuleDecl| {
        matches!(item, ModuleDecl::TsImportEquals(_) | ModuleDecl::TsExportAssignment(_) | ModuleDecl::TsNamespaceExport(_))
    };
    let is_gone = |item: &ModuleDecl| item.as_import().is_some_and(|import| is_lowered || unused.covers(import));
    let found = declarations().find(|item| !types_only::is_type_only(item) && !of_commonjs(item) && !is_gone(item))?;
    let (word, span) = match found {
        ModuleDecl::Import(import) => ("import", import.span),
        other => ("export", other.span()),
    };
    let why = match declarations().any(ModuleDecl::is_ts_export_assignment) {
        true => ": 'export =' says that it is CommonJS, and is all that it exports",
        false => "",
    };
    let from = file.offset(span.lo);
    Some((format!("Cannot use {word} statement outside a module{why}"), from..from + "import".len()))
}

/// The first `await` at the top level, or `import.meta`, in the words of V8.
fn expression(file: &parse::Chunk, module: &Module) -> Option<(String, Range<usize>)> {
    let mut finder = Finder { nested: 0, found: None };
    module.visit_with(&mut finder);
    let (message, span) = finder.found?;
    Some((message.to_owned(), file.offset(span.lo)..file.offset(span.hi)))
}

struct Finder {
    /// How many functions are around.
    nested: usize,
    found: Option<(&'static str, Span)>,
}

impl Finder {
    fn note(&mut self, message: &'static str, span: Span) {
        if self.found.is_none_or(|(_, before)| span.lo < before.lo) {
            self.found = Some((message, span));
        }
    }

    fn awaits(&mut self, from: Span) {
        if self.nested == 0 {
            let word = Span { lo: from.lo, hi: from.lo + BytePos("await".len() as u32) };
            self.note("await is only valid in async functions and the top level bodies of modules", word);
        }
    }

    fn within(&mut self, visit: impl FnOnce(&mut Self)) {
        self.nested += 1;
        visit(self);
        self.nested -= 1;
    }
}

impl Visit for Finder {
    fn visit_function(&mut self, function: &Function) {
        self.within(|finder| function.visit_children_with(finder));
    }

    fn visit_arrow_expr(&mut self, arrow: &ArrowExpr) {
        self.within(|finder| arrow.visit_children_with(finder));
    }

    fn visit_constructor(&mut self, constructor: &Constructor) {
        self.within(|finder| constructor.visit_children_with(finder));
    }

    fn visit_await_expr(&mut self, expression: &AwaitExpr) {
        self.awaits(expression.span);
        expression.visit_children_with(self);
    }

    fn visit_for_of_stmt(&mut self, statement: &ForOfStmt) {
        if statement.is_await {
            self.awaits(statement.span);
        }
        statement.visit_children_with(self);
    }

    fn visit_using_decl(&mut self, declaration: &UsingDecl) {
        if declaration.is_await {
            self.awaits(declaration.span);
        }
        declaration.visit_children_with(self);
    }

    fn visit_meta_prop_expr(&mut self, property: &MetaPropExpr) {
        if property.kind == MetaPropKind::ImportMeta {
            let word = Span { lo: property.span.hi - BytePos("meta".len() as u32), hi: property.span.hi };
            self.note("Cannot use 'import.meta' outside a module", word);
        }
    }
}
