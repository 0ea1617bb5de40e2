//! The last statement of a chunk.

use swc_core::common::{BytePos, Spanned};
use swc_core::ecma::ast::{Decl, Ident, ModuleDecl, ModuleItem, Program, Stmt};
use swc_core::ecma::visit::{Visit, VisitWith};

use crate::parse::chunk::Chunk;
use crate::parse::types_only::is_type_only;

/// The place (byte offset) of a function without a body that is the last to be left of a chunk when it runs.
pub(super) fn last_signature(chunk: &Chunk) -> Option<usize> {
    let last = match &chunk.program {
        Program::Script(script) => script.body.iter().rfind(|statement| !statement.is_empty()),
        Program::Module(module) => module.body.iter().rfind(|item| stays(item))?.as_stmt(),
    };
    match last {
        Some(Stmt::Decl(Decl::Fn(function))) if !function.declare && function.function.body.is_none() => {
            Some(chunk.offset(function.ident.span.lo))
        }
        _ => None,
    }
}

/// Whether something is left of an item where it stands: imports, aliases, types and lists of exports go.
fn stays(item: &ModuleItem) -> bool {
    match item {
        ModuleItem::Stmt(statement) => !statement.is_empty(),
        ModuleItem::ModuleDecl(
            ModuleDecl::Import(_) | ModuleDecl::TsImportEquals(_) | ModuleDecl::ExportNamed(_) | ModuleDecl::ExportAll(_),
        ) => false,
        ModuleItem::ModuleDecl(declaration) => !is_type_only(declaration),
    }
}

/// Whether a chunk ends in a bare `await`: a name to the parser, but the beginning of something to V8's REPL mode.
pub(crate) fn ends_in_await(chunk: &Chunk) -> bool {
    struct Finder(bool, BytePos);
    impl Visit for Finder {
        fn visit_ident(&mut self, name: &Ident) {
            self.0 |= name.span.hi == self.1 && name.sym == "await";
        }
    }
    let Some(last) = chunk.statements().next_back() else { return false };
    let mut finder = Finder(false, last.span_hi());
    last.visit_with(&mut finder);
    finder.0
}
