//! What the parts of a namespace, or of an enum, see of each other, and aliases in namespaces.
//!
//! To TypeScript all parts of a namespace share what they export, and all parts of an enum their members; the transform
//! looks at each part alone. So a part of a namespace declares the names that it uses of other parts, without a value:
//! the transform writes members for them. In values of enums, names of members of other parts are written as members.
//! An alias (`import A = B.C`) becomes the constant that it compiles to, for the transform does not look into its right
//! side. Parts can be in earlier chunks, too.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use swc_core::atoms::Atom;
use swc_core::common::DUMMY_SP;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

use crate::decide::aliases::{constant, root};
use crate::decide::exports::{Exports, MAX_DEPTH, each_declared, is_value};
use crate::decide::used::Used;
use crate::parse::types_only::leaves_nothing;
use crate::plan::qualify::qualify;

/// Lets all parts of namespaces and enums in a program see each other. `before` tells what earlier chunks' parts of a
/// name have.
pub(crate) fn join<'a>(program: &mut Program, before: impl Fn(&str) -> Option<&'a Exports>) {
    let mut types = Types::default();
    program.visit_with(&mut types);
    if !types.found {
        return;
    }
    let joiner = Joiner { types };
    let before = |name: &str| before(name).map(|exports| (exports, false));
    match program {
        Program::Script(script) => joiner.level(script.body.iter_mut().filter_map(declaration_in), before),
        Program::Module(module) => joiner.level(module.body.iter_mut().filter_map(declaration), before),
    };
}

fn declaration_in(statement: &mut Stmt) -> Option<&mut Decl> {
    if let Stmt::Decl(declaration) = statement { Some(declaration) } else { None }
}

fn declaration(item: &mut ModuleItem) -> Option<&mut Decl> {
    match item {
        ModuleItem::Stmt(statement) => declaration_in(statement),
        ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(export)) => Some(&mut export.decl),
        ModuleItem::ModuleDecl(_) => None,
    }
}

/// The names in a program that types only have.
#[derive(Default)]
struct Types {
    types: HashSet<Atom>,
    values: HashSet<Atom>,
    /// There are namespaces or enums.
    found: bool,
}

impl Types {
    fn has(&self, name: &Atom) -> bool {
        self.types.contains(name) && !self.values.contains(name)
    }
}

impl Visit for Types {
    fn visit_decl(&mut self, declaration: &Decl) {
        self.found |= matches!(declaration, Decl::TsModule(_) | Decl::TsEnum(_));
        let names = if is_value(declaration) { &mut self.values } else { &mut self.types };
        each_declared(declaration, &mut |name| {
            names.insert(name.sym.clone());
        });
        match declaration {
            Decl::TsInterface(interface) => {
                self.types.insert(interface.id.sym.clone());
            }
            Decl::TsTypeAlias(alias) => {
                self.types.insert(alias.id.sym.clone());
            }
            _ => {}
        }
        declaration.visit_children_with(self);
    }

    fn visit_ts_namespace_decl(&mut self, inner: &TsNamespaceDecl) {
        self.values.insert(inner.id.sym.clone());
        inner.visit_children_with(self);
    }

    fn visit_import_specifier(&mut self, specifier: &ImportSpecifier) {
        self.values.insert(specifier.local().sym.clone());
    }
}

/// Names that are used as values.
type Names = HashSet<Atom>;

struct Joiner {
    types: Types,
}

impl Joiner {
    /// Joins the parts among declarations that stand side by side, and says which names they use. `known` is what is
    /// known of a name, and whether that is all.
    fn level<'d, 'a>(
        &self,
        declarations: impl Iterator<Item = &'d mut Decl>,
        known: impl Fn(&str) -> Option<(&'a Exports, bool)>,
    ) -> Names {
        let parts = |declaration: &&mut Decl| {
            matches!(&**declaration, Decl::TsModule(module) if module.id.is_ident()) || declaration.is_ts_enum()
        };
        let parts: Vec<&mut Decl> = declarations.filter(parts).filter(|declaration| !leaves_nothing(declaration)).collect();
        let mut groups: HashMap<Atom, Cow<'a, Exports>> = HashMap::new();
        for part in &parts {
            each_declared(part, &mut |name| match known(&name.sym) {
                Some((exports, true)) => drop(groups.insert(name.sym.clone(), Cow::Borrowed(exports))),
                exports => {
                    let exports = || Cow::Owned(exports.map(|(exports, _)| exports.clone()).unwrap_or_default());
                    groups.entry(name.sym.clone()).or_insert_with(exports).to_mut().add(part, MAX_DEPTH);
                }
            });
        }
        let mut used = Names::new();
        for part in parts {
            match part {
                Decl::TsModule(module) => {
                    let TsModuleName::Ident(name) = &module.id else { continue };
                    let (Some(exports), Some(body)) = (groups.get(&name.sym), &mut module.body) else { continue };
                    unite(&mut used, self.body(body, exports));
                }
                Decl::TsEnum(declaration) => {
                    if let Some(exports) = groups.get(&declaration.id.sym) {
                        qualify(declaration, &exports.members);
                    }
                    let mut values = Used::default();
                    declaration.members.visit_with(&mut values);
                    unite(&mut used, values.names);
                }
                _ => {}
            }
        }
        used
    }

    fn body(&self, body: &mut TsNamespaceBody, exports: &Exports) -> Names {
        match body {
            TsNamespaceBody::TsModuleBlock(block) => self.block(&mut block.body, exports),
            TsNamespaceBody::TsNamespaceDecl(inner) => {
                let none = Exports::default();
                let used = self.body(&mut inner.body, exports.names.get(&*inner.id.sym).unwrap_or(&none));
                let shared = shared(&used, exports, &Names::from([inner.id.sym.clone()]));
                let empty = TsNamespaceBody::TsModuleBlock(TsModuleBlock { span: DUMMY_SP, body: Vec::new() });
                if !shared.is_empty() {
                    // `namespace A.B { … }` is a block of `A` that exports `B`.
                    let decl = TsModuleDecl {
                        span: inner.span,
                        declare: false,
                        global: false,
                        namespace: true,
                        id: TsModuleName::Ident(inner.id.clone()),
                        body: Some(std::mem::replace(&mut *inner.body, empty)),
                    };
                    let export = ExportDecl { span: inner.span, decl: Decl::TsModule(Box::new(decl)) };
                    let export = ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(export));
                    *body = TsNamespaceBody::TsModuleBlock(TsModuleBlock {
                        span: inner.span,
                        body: vec![shared_names(shared), export],
                    });
                }
                used
            }
        }
    }

    fn block(&self, items: &mut Vec<ModuleItem>, exports: &Exports) -> Names {
        let mut used =
            self.level(items.iter_mut().filter_map(declaration), |name| exports.names.get(name).map(|exports| (exports, true)));
        let mut own = Names::new();
        let mut values = Used::default();
        for item in &*items {
            let declared = match item {
                ModuleItem::ModuleDecl(ModuleDecl::TsImportEquals(alias)) => {
                    own.insert(alias.id.sym.clone());
                    continue;
                }
                ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(export)) => Some(&export.decl),
                ModuleItem::Stmt(Stmt::Decl(declaration)) => Some(declaration),
                _ => None,
            };
            if let Some(declared) = declared.filter(|declared| is_value(declared)) {
                each_declared(declared, &mut |name| {
                    own.insert(name.sym.clone());
                });
            }
            if !declared.is_some_and(|declared| declared.is_ts_module() || declared.is_ts_enum()) {
                item.visit_with(&mut values);
            }
        }
        unite(&mut used, values.names);
        self.resolve_aliases(items, &mut used);
        let shared = shared(&used, exports, &own);
        if !shared.is_empty() {
            items.insert(0, shared_names(shared));
        }
        used
    }

    /// Makes constants of the aliases of values; those that nothing uses are taken for types.
    fn resolve_aliases(&self, items: &mut Vec<ModuleItem>, used: &mut Names) {
        for item in items.iter_mut().rev() {
            let ModuleItem::ModuleDecl(ModuleDecl::TsImportEquals(alias)) = item else { continue };
            let TsModuleRef::TsEntityName(target) = &alias.module_ref else { continue };
            let root = &root(target).sym;
            let is_value = alias.is_export && !self.types.has(root) || used.contains(&alias.id.sym);
            if alias.is_type_only || !is_value {
                *item = ModuleItem::Stmt(Stmt::Empty(EmptyStmt { span: DUMMY_SP }));
                continue;
            }
            used.insert(root.clone());
            let constant = Decl::Var(Box::new(constant(alias, target, false)));
            *item = match alias.is_export {
                true => ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(ExportDecl { span: alias.span, decl: constant })),
                false => ModuleItem::Stmt(Stmt::Decl(constant)),
            };
        }
        items.retain(|item| !matches!(item, ModuleItem::Stmt(Stmt::Empty(empty)) if empty.span.is_dummy()));
    }
}

/// Adds the fewer to the more.
fn unite(names: &mut Names, mut others: Names) {
    if others.len() > names.len() {
        std::mem::swap(names, &mut others);
    }
    names.extend(others);
}

/// The names that are used of what other parts export, in order.
fn shared(used: &Names, exports: &Exports, own: &Names) -> BTreeSet<Atom> {
    if exports.names.is_empty() {
        return BTreeSet::new();
    }
    used.iter().filter(|name| exports.names.contains_key(&***name) && !own.contains(*name)).cloned().collect()
}

/// `export let a, b`: without values no code comes of it, but the names become members of the namespace.
fn shared_names(names: BTreeSet<Atom>) -> ModuleItem {
    let declarator = |name: Atom| VarDeclarator {
        span: DUMMY_SP,
        name: Pat::Ident(Ident::new_no_ctxt(name, DUMMY_SP).into()),
        init: None,
        definite: false,
    };
    let decls = names.into_iter().map(declarator).collect();
    let decl = Decl::Var(Box::new(VarDecl { kind: VarDeclKind::Let, decls, ..VarDecl::default() }));
    ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(ExportDecl { span: DUMMY_SP, decl }))
}
