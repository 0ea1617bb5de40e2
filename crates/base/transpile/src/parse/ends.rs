//! The last statement of a chunk, and its only expression.

use swc_core::common::{BytePos, Spanned};
use swc_core::ecma::ast::{Decl, Expr, Ident, Stmt};
use swc_core::ecma::visit::{Visit, VisitWith};

use super::Chunk;

/// The place (byte offset) of a function at the chunk's end whose missing body made the parser take it for an overload
/// signature.
pub(crate) fn last_signature(chunk: &Chunk) -> Option<usize> {
    match chunk.statements().rfind(|statement| !statement.is_empty()) {
        Some(Stmt::Decl(Decl::Fn(function))) if !function.declare && function.function.body.is_none() => {
            Some(chunk.offset(function.ident.span.lo))
        }
        _ => None,
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

/// The expression inside a chunk's parentheses, where [`Chunk::parenthesized`].
pub(crate) fn inner_expression(chunk: &Chunk) -> Option<&Expr> {
    match chunk.statements().next() {
        Some(Stmt::Expr(statement)) if chunk.parenthesized => statement.expr.as_paren().map(|paren| &*paren.expr),
        _ => None,
    }
}
