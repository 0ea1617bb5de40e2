//! Erases types from `import` and `export` declarations, in place. `blank` handles the inside of other declarations.

use std::ops::Range;

use drupe_lexer::Text;
use swc_core::common::{Span, Spanned};
use swc_core::ecma::ast::*;

use crate::decide::unused::Unused;
use crate::parse::Chunk;
use crate::parse::types_only::is_type_specifier;
use crate::source::edits::Edits;

/// Whether a module has declarations that need new code: `import a = …` and `export = …`.
pub(super) fn needs_transform(program: &Program) -> bool {
    let Program::Module(module) = program else { return false };
    module.body.iter().any(|item| match item {
        ModuleItem::ModuleDecl(ModuleDecl::TsImportEquals(import)) => !import.is_type_only,
        ModuleItem::ModuleDecl(ModuleDecl::TsExportAssignment(_)) => true,
        _ => false,
    })
}

/// Whether a program that has TypeScript's own imports and exports is a CommonJS module: it has no others, or says
/// `export =`.
pub(super) fn is_commonjs(program: &Program) -> bool {
    let Program::Module(module) = program else { return true };
    let declarations = || module.body.iter().filter_map(ModuleItem::as_module_decl);
    let only_theirs = || {
        let theirs = |declaration: &ModuleDecl| matches!(declaration, ModuleDecl::TsImportEquals(import) if !import.is_type_only && !import.is_export);
        declarations().count() > 0 && declarations().all(theirs)
    };
    declarations().any(ModuleDecl::is_ts_export_assignment) || only_theirs()
}

/// Whether a program says `export =`.
pub(super) fn assigns_exports(program: &Program) -> bool {
    let Program::Module(module) = program else { return false };
    module.body.iter().filter_map(ModuleItem::as_module_decl).any(ModuleDecl::is_ts_export_assignment)
}

/// Whether a program has an `import` declaration that is left when types are out.
pub(super) fn imports(program: &Program, unused: &Unused) -> bool {
    let Program::Module(module) = program else { return false };
    let mut imports = module.body.iter().filter_map(|item| item.as_module_decl()?.as_import());
    imports.any(|import| !unused.covers(import))
}

/// Whether this file decides what is left of a declaration.
pub(super) fn is_own(declaration: &ModuleDecl) -> bool {
    matches!(declaration, ModuleDecl::Import(_) | ModuleDecl::ExportNamed(_))
}

/// Plans the blanking of declarations, or parts of them, that leave nothing behind.
pub(super) fn erase(file: &Chunk, source: &str, unused: &Unused, edits: &mut Edits) {
    let Program::Module(module) = &file.program else { return };
    let bytes = |span: Span| file.offset(span.lo)..file.offset(span.hi);
    let text = Text(source);
    for item in &module.body {
        let ModuleItem::ModuleDecl(declaration) = item else { continue };
        match declaration {
            ModuleDecl::Import(import) if unused.covers(import) => whole(bytes(import.span), edits),
            ModuleDecl::Import(import) if unused.empties(import) => {
                let names = file.offset(import.span.lo) + "import".len()..file.offset(import.src.span.lo);
                edits.blank(names.start, names.end);
            }
            ModuleDecl::Import(import) => {
                let specifiers = import.specifiers.iter().map(|specifier| (bytes(specifier.span()), unused.has(specifier)));
                parts(text, specifiers, edits);
            }
            ModuleDecl::ExportNamed(export) if unused.covers_export(export) => whole(bytes(export.span), edits),
            ModuleDecl::ExportNamed(export) => {
                parts(text, export.specifiers.iter().map(|part| (bytes(part.span()), is_type_specifier(part))), edits);
            }
            _ => {}
        }
    }
}

/// Blanks a declaration; the `;` ends whatever stands before it.
fn whole(span: Range<usize>, edits: &mut Edits) {
    edits.blank(span.start, span.end);
    edits.substitute(span.start, ';');
}

/// Blanks the specifiers that are types, each with the comma after it.
fn parts(text: Text, specifiers: impl Iterator<Item = (Range<usize>, bool)>, edits: &mut Edits) {
    for (span, _) in specifiers.filter(|(_, is_type)| *is_type) {
        let end = text.expect(span.end, b',').map_or(span.end, |comma| comma + 1);
        edits.blank(span.start, end);
    }
}
