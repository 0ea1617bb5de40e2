//! Static `import` and `export` in chunks.
//!
//! An import becomes a request to the kernel, and a call that makes it (`bind`). The kernel loads the module and makes
//! the imported names live bindings: getters on the global object, where all later code finds them. Names that V8 holds
//! elsewhere since earlier chunks are declared again there, with their values at that moment; the old value stays if
//! the import has none for them. Imports come before all else in their chunk, and all are made before the first that
//! failed ends it. In TypeScript, a name that the chunk uses as a type only is a type, and an unused name may be one.
//! An alias of a namespace's member is a constant, unless the chunk uses it as a type only. An export is only its
//! declaration, because a chunk cannot be imported. An export that names another module imports that module for its
//! effects. Type-only imports and exports are erased elsewhere.

use std::collections::HashSet;

use drupe_lexer::Text;
use drupe_protocol::{Position, module::StaticImport};
use swc_core::common::{Span, Spanned, util::take::Take};
use swc_core::ecma::ast::*;
use swc_ecma_parser_metered::metered::Meter;

use crate::decide::aliases;
use crate::decide::bind::{Import, Name};
use crate::decide::bindings::Home;
use crate::decide::bindings::{Binding, BindingKind};
use crate::decide::homes::Homes;
use crate::decide::unused::{self, Presence, Unused};
use crate::parse::types_only::is_type_only;
use crate::parse::{Chunk, Dialect};
use crate::source::diagnostic::{Diagnostic, DiagnosticKind};
use crate::source::edits::Edits;
use crate::source::options::Options;
use crate::source::position::Walker;

/// What a chunk imports, in order, and the edits that make its exports plain declarations.
#[derive(Default)]
pub(crate) struct Imports {
    list: Vec<Import>,
    /// Where aliases are that become constants.
    aliases: Vec<usize>,
    pub(crate) edits: Edits,
}

/// Takes the imports out of a chunk, and makes declarations and expressions of its exports.
pub(crate) fn take(chunk: &mut Chunk, source: &str, options: &Options, meter: &Meter<'_>) -> Result<Imports, Diagnostic> {
    let Program::Module(module) = &mut chunk.program else { return Ok(Imports::default()) };
    if !module.body.iter().any(ModuleItem::is_module_decl) {
        return Ok(Imports::default());
    }
    let unused = match chunk.dialect {
        Dialect::Tsx | Dialect::TypeScript => unused::unused(module, source, options, meter).and_aliases(module, source, options),
        Dialect::Declarations | Dialect::Jsx | Dialect::JavaScript => Unused::default(),
    };
    let mut taker = Taker {
        base: chunk.base,
        walker: Walker::new(source),
        text: Text(source),
        unused,
        found: Imports::default(),
        leads: true,
    };
    let mut body = Vec::with_capacity(module.body.len());
    for item in module.body.take() {
        match item {
            ModuleItem::ModuleDecl(declaration) if !is_type_only(&declaration) => match taker.declaration(declaration) {
                Ok(item) => body.extend(item),
                Err(Refused(message, span)) => {
                    let bytes = chunk.base..;
                    let offset = |position: swc_core::common::BytePos| position.0.saturating_sub(bytes.start) as usize;
                    let bytes = offset(span.lo)..offset(span.hi);
                    return Err(Diagnostic::new(DiagnosticKind::Unsupported, message, source, bytes, options));
                }
            },
            item => {
                taker.leads &= item.as_stmt().is_none_or(Stmt::can_precede_directive);
                body.push(item);
            }
        }
    }
    module.body = body;
    Ok(taker.found)
}

struct Refused(&'static str, Span);

struct Taker<'source> {
    base: u32,
    walker: Walker<'source>,
    text: Text<'source>,
    unused: Unused,
    found: Imports,
    leads: bool,
}

impl Taker<'_> {
    fn bytes(&self, span: Span) -> (usize, usize) {
        (span.lo.0.saturating_sub(self.base) as usize, span.hi.0.saturating_sub(self.base) as usize)
    }

    /// Places are asked for in source order.
    fn place(&mut self, span: Span) -> Position {
        let (from, _) = self.bytes(span);
        self.walker.advance(from)
    }

    /// What stays of a declaration in the chunk.
    fn declaration(&mut self, declaration: ModuleDecl) -> Result<Option<ModuleItem>, Refused> {
        let span = declaration.span();
        let (from, to) = self.bytes(span);
        let stays = match declaration {
            ModuleDecl::Import(import) => {
                self.import(import)?;
                return Ok(None);
            }
            ModuleDecl::TsImportEquals(import) => {
                let reference = match &import.module_ref {
                    TsModuleRef::TsExternalModuleRef(reference) => reference,
                    TsModuleRef::TsEntityName(_) if self.unused.presence_of_alias(&import) == Presence::Type => {
                        self.found.edits.blank(from, to);
                        self.found.edits.substitute(from, ';');
                        return Ok(None);
                    }
                    TsModuleRef::TsEntityName(target) => return Ok(Some(self.alias(&import, target))),
                };
                let specifier = text(&reference.expr);
                let at = self.place(import.id.span);
                let names = vec![Name { local: import.id, at, exported: "=".into(), presence: Presence::Value }];
                let from = reference.expr.span;
                self.found.list.push(Import { span, specifier, from, kind: None, names, leads: self.leads });
                return Ok(None);
            }
            ModuleDecl::ExportAll(ExportAll { src, with, .. }) => {
                self.effects(span, &src, with.as_deref());
                return Ok(None);
            }
            ModuleDecl::ExportNamed(NamedExport { src, with, .. }) => {
                match src {
                    Some(src) => self.effects(span, &src, with.as_deref()),
                    None => {
                        self.found.edits.blank(from, to);
                        self.found.edits.substitute(from, ';');
                    }
                }
                return Ok(None);
            }
            ModuleDecl::ExportDecl(export) => {
                self.found.edits.blank(from, self.bytes(export.decl.span()).0.max(from));
                Stmt::Decl(export.decl)
            }
            ModuleDecl::ExportDefaultExpr(export) => self.expression(span, export.expr),
            ModuleDecl::ExportDefaultDecl(export) => match export.decl {
                DefaultDecl::Fn(FnExpr { ident: Some(ident), function }) => {
                    self.found.edits.blank(from, self.bytes(function.span).0);
                    Stmt::Decl(Decl::Fn(FnDecl { ident, declare: false, function }))
                }
                DefaultDecl::Class(ClassExpr { ident: Some(ident), class }) => {
                    self.found.edits.blank(from, self.bytes(class.span).0);
                    Stmt::Decl(Decl::Class(ClassDecl { ident, declare: false, class }))
                }
                DefaultDecl::Fn(function) => self.expression(span, Box::new(Expr::Fn(function))),
                DefaultDecl::Class(class) => self.expression(span, Box::new(Expr::Class(class))),
                DefaultDecl::TsInterfaceDecl(_) => return Ok(None),
            },
            ModuleDecl::TsExportAssignment(_) | ModuleDecl::TsNamespaceExport(_) => {
                return Err(Refused("export = in a chunk is not supported; write the expression alone", span));
            }
        };
        self.leads = false;
        Ok(Some(ModuleItem::Stmt(stays)))
    }

    /// `import A = B.C` becomes `const A = B.C`. Where nothing uses it, `B` may have types only, and is asked whether
    /// it is there.
    fn alias(&mut self, alias: &TsImportEqualsDecl, target: &TsEntityName) -> ModuleItem {
        let (from, _) = self.bytes(alias.span);
        let (name, _) = self.bytes(alias.id.span);
        self.found.edits.blank(from, name);
        self.found.aliases.push(from);
        let is_perhaps = self.unused.presence_of_alias(alias) == Presence::Unused;
        if is_perhaps {
            let asked = format!("typeof {}==\"undefined\"?void 0:", aliases::root(target).sym);
            self.found.edits.insert(self.bytes(target.span()).0, asked);
            let mut rest = target;
            while let TsEntityName::TsQualifiedName(qualified) = rest {
                rest = &qualified.left;
                if let Some(dot) = self.text.expect(self.bytes(rest.span()).1, b'.') {
                    self.found.edits.insert(dot, "?");
                }
            }
        }
        self.leads = false;
        ModuleItem::Stmt(Stmt::Decl(Decl::Var(Box::new(aliases::constant(alias, target, is_perhaps)))))
    }

    /// `export default` before an expression becomes parentheses around it, lest it begin with a brace or `function`.
    fn expression(&mut self, span: Span, expr: Box<Expr>) -> Stmt {
        let (from, _) = self.bytes(span);
        let (begin, end) = self.bytes(expr.span());
        self.found.edits.blank(from, begin);
        self.found.edits.substitute(from, ';');
        self.found.edits.substitute(from + 1, '(');
        self.found.edits.insert(end, ")");
        let expr = Box::new(Expr::Paren(ParenExpr { span: expr.span(), expr }));
        Stmt::Expr(ExprStmt { span, expr })
    }

    fn effects(&mut self, span: Span, src: &Str, with: Option<&ObjectLit>) {
        let (specifier, from) = (text(src), src.span);
        self.found.list.push(Import { span, specifier, from, kind: kind(with), names: Vec::new(), leads: self.leads });
    }

    fn import(&mut self, import: ImportDecl) -> Result<(), Refused> {
        if import.phase != ImportPhase::Evaluation {
            return Err(Refused("import defer and import source are not supported in a chunk", import.span));
        }
        let mut names = Vec::with_capacity(import.specifiers.len());
        for specifier in import.specifiers {
            let presence = self.unused.presence(&specifier);
            let at = self.place(specifier.span());
            names.push(match specifier {
                ImportSpecifier::Default(default) => Name { local: default.local, at, exported: "default".into(), presence },
                ImportSpecifier::Namespace(all) => Name { local: all.local, at, exported: "*".into(), presence: Presence::Value },
                ImportSpecifier::Named(named) if named.is_type_only => continue,
                ImportSpecifier::Named(named) => {
                    let exported = match named.imported {
                        Some(ModuleExportName::Ident(name)) => name.sym.to_string(),
                        Some(ModuleExportName::Str(name)) => name.value.to_string_lossy().into_owned(),
                        None => named.local.sym.to_string(),
                    };
                    Name { local: named.local, at, exported, presence }
                }
            });
        }
        let (specifier, from) = (text(&import.src), import.src.span);
        let kind = kind(import.with.as_deref());
        self.found.list.push(Import { span: import.span, specifier, from, kind, names, leads: self.leads });
        Ok(())
    }
}

/// The attribute `type`. Others are the host's to refuse, who is not told of them: none exists.
fn kind(with: Option<&ObjectLit>) -> Option<String> {
    with?.props.iter().find_map(|property| {
        let PropOrSpread::Prop(property) = property else { return None };
        let Prop::KeyValue(pair) = &**property else { return None };
        let is_type = match &pair.key {
            PropName::Ident(name) => name.sym == *"type",
            PropName::Str(name) => name.value.to_string_lossy() == "type",
            _ => false,
        };
        if is_type { pair.value.as_lit().and_then(|lit| lit.as_str()).map(text) } else { None }
    })
}

fn text(string: &Str) -> String {
    string.value.to_string_lossy().into_owned()
}

impl Imports {
    fn names(&self) -> impl Iterator<Item = &Name> {
        self.list.iter().flat_map(|import| &import.names)
    }

    /// Puts the names that are imported before those that the chunk declares.
    ///
    /// # Errors
    ///
    /// When a name is declared twice: V8, which sees no import, would not tell.
    pub(crate) fn declare(
        &self,
        bindings: &mut Vec<Binding>,
        chunk: &Chunk,
        source: &str,
        options: &Options,
    ) -> Result<(), Diagnostic> {
        let declared: HashSet<&str> = bindings.iter().map(|binding| &*binding.name).collect();
        let mut imported = HashSet::new();
        for Name { local, .. } in self.names() {
            if declared.contains(&*local.sym) || !imported.insert(&*local.sym) {
                let message = format!("Identifier '{}' has already been declared", local.sym);
                let bytes = chunk.offset(local.span.lo)..chunk.offset(local.span.hi);
                return Err(Diagnostic::new(DiagnosticKind::Syntax, message, source, bytes, options));
            }
        }
        let kind = BindingKind::Import;
        let names = self.names().map(|name| Binding::new(&name.local.sym, kind, Home::of(kind)));
        drop(bindings.splice(0..0, names.collect::<Vec<_>>()));
        Ok(())
    }

    /// What the kernel is asked for, in the order in which the script's statements make it.
    pub(crate) fn requests(&self, homes: Option<&Homes<'_>>) -> Vec<StaticImport> {
        self.list.iter().flat_map(|import| import.requests(homes)).collect()
    }

    /// Writes the imports into the chunk's text.
    pub(crate) fn write(mut self, chunk: &Chunk, homes: Option<&Homes<'_>>) -> Edits {
        let first = chunk.statements().find(|statement| !statement.can_precede_directive());
        let first = first.map_or(0, |statement| chunk.offset(statement.span_lo()));
        let list = std::mem::take(&mut self.list);
        // Where a session's constants are written anew, so are these.
        if !homes.is_some_and(Homes::changes_declarations) {
            let letters = self.aliases.iter().flat_map(|at| (*at..).zip("const".chars()));
            letters.for_each(|(at, letter)| self.edits.substitute(at, letter));
        }
        let mut made = 0;
        for import in &list {
            let (from, to) = (chunk.offset(import.span.lo), chunk.offset(import.span.hi));
            self.edits.blank(from, to);
            let at = if import.leads {
                from
            } else {
                self.edits.substitute(from, ';');
                first
            };
            for statement in import.statements(homes, &mut made) {
                let (before, call) = statement.split_at(statement.find("await").unwrap_or_default());
                self.edits.insert(at, before.to_owned());
                // What fails leads back to the specifier.
                self.edits.insert_from(at, call.to_owned(), chunk.offset(import.from.lo));
            }
        }
        self.edits
    }

    /// The statements that make the imports, each with the place of its specifier.
    pub(crate) fn statements(&self, homes: Option<&Homes<'_>>) -> Vec<(String, Span)> {
        let mut made = 0;
        let statements =
            |import: &Import| import.statements(homes, &mut made).into_iter().map(|text| (text, import.from)).collect();
        self.list.iter().flat_map::<Vec<_>, _>(statements).collect()
    }
}
