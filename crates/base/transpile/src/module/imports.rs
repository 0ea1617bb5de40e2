//! The imports of a module. Imports of types only leave nothing behind.

use std::collections::HashSet;

use drupe_protocol::marks::MARK;
use swc_core::atoms::Atom;
use swc_core::common::DUMMY_SP;
use swc_core::ecma::ast::*;

use super::Import;
use super::metadata::Asked;
use crate::decide::unused::Unused;
use crate::parse::Chunk;
use crate::parse::types_only::is_type_specifier;
use crate::source::position::Walker;

/// What follows the name that JSX is imported from in the specifiers of its modules.
const JSX_MODULES: [&str; 3] = ["", "/jsx-runtime", "/jsx-dev-runtime"];

/// Takes imports out of the tree that leave nothing behind. What decorators are told of may be a type only: it is asked
/// for among all that its module exports, so that it is no error where it is not there.
pub(super) fn elide(program: &mut Program, unused: &Unused) -> Asked {
    let mut asked = Asked::new();
    let Program::Module(module) = program else { return asked };
    if !unused.told.is_empty() {
        ask(&mut module.body, unused, &mut asked);
    }
    module.body.retain_mut(|item| match item {
        ModuleItem::ModuleDecl(ModuleDecl::Import(import)) if unused.covers(import) => false,
        ModuleItem::ModuleDecl(ModuleDecl::Import(import)) => {
            import.specifiers.retain(|specifier| !unused.has(specifier));
            true
        }
        ModuleItem::ModuleDecl(ModuleDecl::TsImportEquals(import)) if unused.covers_requirement(import) => false,
        ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(export)) if unused.covers_export(export) => false,
        ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(export)) => {
            export.specifiers.retain(|specifier| !is_type_specifier(specifier));
            true
        }
        ModuleItem::ModuleDecl(ModuleDecl::ExportAll(export)) => !export.type_only,
        _ => true,
    });
    asked
}

/// Imports all of the modules that export something that decorators are told of.
fn ask(items: &mut Vec<ModuleItem>, unused: &Unused, asked: &mut Asked) {
    let mut added = Vec::new();
    for (index, item) in items.iter_mut().enumerate() {
        let ModuleItem::ModuleDecl(ModuleDecl::Import(import)) = item else { continue };
        let all = Atom::from(format!("types{MARK}{index}"));
        let is_asked = |specifier: &ImportSpecifier| match specifier {
            ImportSpecifier::Named(named) if named.is_type_only => None,
            ImportSpecifier::Named(named) => {
                Some(named.imported.as_ref().map_or(named.local.sym.clone(), |name| name.atom().into_owned()))
            }
            ImportSpecifier::Default(_) => Some("default".into()),
            ImportSpecifier::Namespace(_) => None,
        };
        let before = asked.len();
        if !import.type_only {
            import.specifiers.retain(|specifier| {
                let name = is_asked(specifier).filter(|_| unused.told.contains(&specifier.local().sym));
                let is_kept = name.is_none();
                if let Some(name) = name {
                    asked.insert(specifier.local().sym.clone(), (all.clone(), name));
                }
                is_kept
            });
        }
        if asked.len() == before {
            continue;
        }
        let local = Ident::new_no_ctxt(all, DUMMY_SP);
        let specifier = ImportSpecifier::Namespace(ImportStarAsSpecifier { span: DUMMY_SP, local });
        let all = ImportDecl { specifiers: vec![specifier], ..import.clone() };
        // One that names nothing any more would only repeat it.
        match import.specifiers.iter().all(|specifier| unused.has(specifier)) {
            true => *import = all,
            false => added.push((index, all)),
        }
    }
    if added.is_empty() {
        return;
    }
    let mut added = added.into_iter().peekable();
    let mut all = Vec::with_capacity(items.len() + added.len());
    for (index, item) in items.drain(..).enumerate() {
        all.push(item);
        if let Some((_, import)) = added.next_if(|(after, _)| *after == index) {
            all.push(ModuleItem::ModuleDecl(ModuleDecl::Import(import)));
        }
    }
    *items = all;
}

/// The static imports that are left. `elements`: where the first element of JSX stands, and what JSX is imported from.
pub(super) fn of(file: &Chunk, source: &str, elements: Option<(usize, String)>) -> Vec<Import> {
    let Program::Module(module) = &file.program else { return Vec::new() };
    let mut seen = HashSet::new();
    let declarations = module.body.iter().filter_map(ModuleItem::as_module_decl);
    let imports = declarations.filter_map(|declaration| match declaration {
        ModuleDecl::Import(import) => Some((&*import.src, import.with.as_deref())),
        ModuleDecl::ExportNamed(export) => Some((export.src.as_deref()?, export.with.as_deref())),
        ModuleDecl::ExportAll(export) => Some((&*export.src, export.with.as_deref())),
        _ => None,
    });
    // What a transform has made stands nowhere, but for what elements need.
    let made_for = |specifier: &str| match &elements {
        Some((at, from)) if specifier.strip_prefix(&**from).is_some_and(|rest| JSX_MODULES.contains(&rest)) => *at,
        _ => usize::MAX,
    };
    let mut imports: Vec<(usize, Import)> = imports
        .filter_map(|(source, attributes)| {
            let specifier = source.value.as_str()?.to_owned();
            let at = if source.span.is_dummy() { made_for(&specifier) } else { file.offset(source.span.lo) };
            Some((at, Import { specifier, kind: attributes.and_then(kind), at: None }))
        })
        .filter(|(_, import)| seen.insert(import.clone()))
        .collect();
    let mut places: Vec<(usize, usize)> = imports.iter().enumerate().map(|(index, (at, _))| (*at, index)).collect();
    places.sort_unstable();
    let mut walker = Walker::new(source);
    for (at, index) in places.into_iter().take_while(|(at, _)| *at < source.len()) {
        imports[index].1.at = Some(walker.advance(at));
    }
    imports.into_iter().map(|(_, import)| import).collect()
}

/// The value of the attribute `type`.
fn kind(attributes: &ObjectLit) -> Option<String> {
    attributes.props.iter().find_map(|property| {
        let property = property.as_prop()?.as_key_value()?;
        let is_type = match &property.key {
            PropName::Ident(name) => name.sym == "type",
            PropName::Str(name) => name.value.as_str() == Some("type"),
            _ => false,
        };
        let Expr::Lit(Lit::Str(value)) = &*property.value else { return None };
        if is_type { value.value.as_str().map(str::to_owned) } else { None }
    })
}
