//! Finds the files that a module imports names from.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Item,
    visit::{self, Visit},
};

use super::tree::{Module, Tree};

/// How many re-exports are followed, one after the other.
const MAX_REEXPORTS: usize = 16;

/// What `module` takes from other modules of its crate: the file, and the name.
pub(in crate::tidy) fn of(tree: &Tree, module: &Module) -> BTreeSet<(String, String)> {
    let mut paths: Vec<Vec<String>> = module.uses.iter().map(|import| import.path.clone()).collect();
    let mut finder = Finder { paths: &mut paths };
    for item in &module.items {
        if !matches!(item, Item::Mod(_) | Item::Use(_)) {
            finder.visit_item(item);
        }
    }
    let found = paths.iter().filter_map(|path| {
        let file = resolve(tree, module, path, 0)?;
        Some((file.to_owned(), path.last()?.clone()))
    });
    found.filter(|(file, _)| *file != module.file).collect()
}

/// The file where `path`, written in `from`, is defined. `None` if that is no name of this crate.
fn resolve<'a>(tree: &'a Tree, from: &Module, path: &[String], depth: usize) -> Option<&'a str> {
    let (first, mut rest) = path.split_first()?;
    let mut at = match first.as_str() {
        "crate" => Vec::new(),
        "self" => from.path.clone(),
        "super" => from.path.split_last()?.1.to_vec(),
        name => {
            rest = path;
            let child = [from.path.as_slice(), &[name.to_owned()]].concat();
            let import = || from.uses.iter().find(|import| import.name == name && import.path[0] != name);
            if tree.module(&child).is_none() && import().is_none() {
                return None;
            }
            from.path.clone()
        }
    };
    while let Some((next, after)) = rest.split_first() {
        if next == "super" {
            at.pop();
            rest = after;
            continue;
        }
        let child = [at.as_slice(), std::slice::from_ref(next)].concat();
        if tree.module(&child).is_none() {
            let module = tree.module(&at)?;
            let named = module.uses.iter().find(|import| import.name == *next);
            let reexported = named.filter(|_| depth < MAX_REEXPORTS).and_then(|import| {
                let path = [import.path.as_slice(), after].concat();
                resolve(tree, module, &path, depth + 1)
            });
            return Some(reexported.unwrap_or(&module.file));
        }
        at = child;
        rest = after;
    }
    tree.module(&at).map(|module| module.file.as_str())
}

/// Collects paths that begin in this crate.
struct Finder<'a> {
    paths: &'a mut Vec<Vec<String>>,
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.paths.extend(super::tree::imports(item).into_iter().map(|import| import.path));
    }

    fn visit_item_mod(&mut self, _: &'ast syn::ItemMod) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 && path.leading_colon.is_none() {
            self.paths.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }

    /// The arguments of a macro are tokens, not yet paths.
    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        self.find_in(call.tokens.clone());
    }

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}
}

impl Finder<'_> {
    fn find_in(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) if colons == 2 || path.is_empty() => {
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' && !path.is_empty() && colons < 2 => colons += 1,
                other => {
                    self.end(&mut path);
                    colons = 0;
                    match other {
                        TokenTree::Ident(ident) => path.push(ident.to_string()),
                        TokenTree::Group(group) => self.find_in(group.stream()),
                        TokenTree::Punct(_) | TokenTree::Literal(_) => {}
                    }
                }
            }
        }
        self.end(&mut path);
    }

    fn end(&mut self, path: &mut Vec<String>) {
        let path = std::mem::take(path);
        if path.len() > 1 {
            self.paths.push(path);
        }
    }
}
