//! Static `import` and `export` in chunks: refused for now, with the place and the way out. Type-only ones are erased elsewhere.

use swc_core::common::{Span, Spanned};
use swc_core::ecma::ast::{ExportSpecifier, ImportSpecifier, ModuleDecl, Program};

use crate::chunk::Options;
use crate::diagnostic::{Diagnostic, DiagnosticKind};
use crate::parse::Chunk;

/// An error if the chunk has an import or export that is more than a type.
pub(crate) fn refuse(chunk: &Chunk, source: &str, options: &Options) -> Result<(), Diagnostic> {
    let Program::Module(module) = &chunk.program else { return Ok(()) };
    let Some((message, span)) = module.body.iter().filter_map(|item| item.as_module_decl()).find_map(refusal) else {
        return Ok(());
    };
    let bytes = chunk.offset(span.lo)..chunk.offset(span.hi);
    Err(Diagnostic::new(DiagnosticKind::Unsupported, message, source, bytes, options))
}

/// Whether a module declaration leaves nothing behind at run time.
pub(crate) fn is_type_only(declaration: &ModuleDecl) -> bool {
    refusal(declaration).is_none()
}

fn refusal(declaration: &ModuleDecl) -> Option<(&'static str, Span)> {
    const IMPORT: &str = "static import in a chunk is not supported yet; use await import()";
    const EXPORT: &str = "export in a chunk is not supported yet; declare without export";
    let message = match declaration {
        ModuleDecl::Import(import) if import.type_only => return None,
        ModuleDecl::Import(import) => {
            let types = |specifier: &ImportSpecifier| matches!(specifier, ImportSpecifier::Named(named) if named.is_type_only);
            if !import.specifiers.is_empty() && import.specifiers.iter().all(types) {
                return None;
            }
            IMPORT
        }
        ModuleDecl::ExportDecl(export) if crate::blank::leaves_nothing(&export.decl) => return None,
        ModuleDecl::ExportNamed(export) if export.type_only => return None,
        ModuleDecl::ExportNamed(export) => {
            let types = |specifier: &ExportSpecifier| matches!(specifier, ExportSpecifier::Named(named) if named.is_type_only);
            if !export.specifiers.is_empty() && export.specifiers.iter().all(types) {
                return None;
            }
            EXPORT
        }
        ModuleDecl::ExportAll(export) if export.type_only => return None,
        ModuleDecl::TsImportEquals(import) if import.is_type_only => return None,
        ModuleDecl::TsImportEquals(_) => "import = in a chunk is not supported; use const or await import()",
        ModuleDecl::TsNamespaceExport(_) => return None,
        ModuleDecl::ExportDecl(_)
        | ModuleDecl::ExportDefaultDecl(_)
        | ModuleDecl::ExportDefaultExpr(_)
        | ModuleDecl::ExportAll(_)
        | ModuleDecl::TsExportAssignment(_) => EXPORT,
    };
    Some((message, declaration.span()))
}
