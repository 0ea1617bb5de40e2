//! The last statement of a chunk.

use swc_core::common::{BytePos, Spanned};
use swc_core::ecma::ast::{Ident, ModuleDecl, ModuleItem, Program};
use swc_core::ecma::visit::{Visit, VisitWith};

use crate::parse::chunk::Chunk;
use crate::parse::signatures::Head;
use crate::parse::types_only::is_type_only;

/// The place (byte offset) of a function without a body that is the last to be left of a chunk when it runs.
pub(super) fn last_signature(chunk: &Chunk) -> Option<usize> {
    let last = match &chunk.program {
        Program::Script(script) => Head::of_statement(script.body.iter().rfind(|statement| !statement.is_empty())?),
        Program::Module(module) => Head::of_item(module.body.iter().rfind(|item| stays(item))?),
    };
    last.filter(|head| !head.has_body).map(|head| chunk.offset(head.at.lo))
}

/// Whether something is left of an item where it stands: imports, aliases, types and lists of exports go.
pub(super) fn stays(item: &ModuleItem) -> bool {
    match item {
        ModuleItem::Stmt(statement) => !statement.is_empty(),
        // A function that has no body yet.
        item if Head::of_item(item).is_some() => true,
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
