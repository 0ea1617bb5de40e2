//! The modules of a crate, as its files declare them. Modules for tests are left out.

use std::path::{Path, PathBuf};

use syn::{Attribute, Expr, ExprLit, Item, ItemUse, Lit, Meta, UseTree};

use crate::tidy::{TidyError, read};

/// A crate as a tree of modules. The root is the first.
pub(in crate::tidy) struct Tree {
    modules: Vec<Module>,
}

/// A module, in a file of its own or inside another one's.
pub(in crate::tidy) struct Module {
    /// Its name in the crate, such as `["runs", "ends"]`.
    pub(in crate::tidy) path: Vec<String>,
    /// The file that it is in, from the root of the checkout.
    pub(in crate::tidy) file: String,
    pub(in crate::tidy) items: Vec<Item>,
    /// What its `use` declarations bring in.
    pub(in crate::tidy) uses: Vec<Import>,
}

/// A name that a `use` declaration brings in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tidy) struct Import {
    /// The path as it is written.
    pub(in crate::tidy) path: Vec<String>,
    /// The name that it gets; `*` for all.
    pub(in crate::tidy) name: String,
}

impl Module {
    /// A module of these items, without those for tests.
    fn new(path: Vec<String>, file: &str, items: Vec<Item>) -> Self {
        let items: Vec<Item> = items.into_iter().filter(|item| !is_for_tests(attributes(item))).collect();
        let uses = items.iter().filter_map(|item| if let Item::Use(item) = item { Some(item) } else { None });
        let uses = uses.flat_map(imports).collect();
        Self { path, file: file.to_owned(), items, uses }
    }
}

impl Tree {
    /// Reads the crate whose root is the file `source`.
    pub(in crate::tidy) fn read(root: &Path, source: &str) -> Result<Self, TidyError> {
        let folder = source.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut tree = Self { modules: Vec::new() };
        tree.read_file(root, folder, source, Vec::new())?;
        Ok(tree)
    }

    /// A crate of these modules: their names, files and texts.
    #[cfg(test)]
    pub(in crate::tidy) fn of(modules: &[(&str, &str, &str)]) -> Self {
        let modules = modules.iter().map(|(path, file, text)| {
            let path = path.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
            Module::new(path, file, syn::parse_file(text).unwrap().items)
        });
        Self { modules: modules.collect() }
    }

    pub(in crate::tidy) fn modules(&self) -> &[Module] {
        &self.modules
    }

    /// The module of that name.
    pub(in crate::tidy) fn module(&self, path: &[String]) -> Option<&Module> {
        self.modules.iter().find(|module| module.path == path)
    }

    fn read_file(&mut self, root: &Path, folder: &str, file: &str, path: Vec<String>) -> Result<(), TidyError> {
        let parsed =
            syn::parse_file(&read(root, file)?).map_err(|source| TidyError::Parse { path: PathBuf::from(file), source })?;
        self.add(root, folder, file, path, parsed.items)
    }

    fn add(&mut self, root: &Path, folder: &str, file: &str, path: Vec<String>, items: Vec<Item>) -> Result<(), TidyError> {
        let index = self.modules.len();
        let mut module = Module::new(path.clone(), file, items);
        let items = std::mem::take(&mut module.items);
        self.modules.push(module);
        for item in &items {
            let Item::Mod(child) = item else { continue };
            let path = [path.as_slice(), &[child.ident.to_string()]].concat();
            match &child.content {
                Some((_, items)) => self.add(root, folder, file, path, items.clone())?,
                None => {
                    let file = named_file(file, &child.attrs).unwrap_or_else(|| file_of(root, folder, &path));
                    self.read_file(root, folder, &file, path)?;
                }
            }
        }
        self.modules[index].items = items;
        Ok(())
    }
}

/// The file that `#[path = "..."]` names, beside the file `parent`.
fn named_file(parent: &str, attributes: &[Attribute]) -> Option<String> {
    let value = attributes.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => Some(&pair.value),
        _ => None,
    })?;
    let Expr::Lit(ExprLit { lit: Lit::Str(name), .. }) = value else { return None };
    let mut parts: Vec<&str> = parent.split('/').collect();
    parts.pop();
    let name = name.value();
    for part in name.split('/') {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    Some(parts.join("/"))
}

/// Where the file of the module `path` is, in a crate whose root is in `folder`.
fn file_of(root: &Path, folder: &str, path: &[String]) -> String {
    let stem = format!("{folder}/{}", path.join("/"));
    let flat = format!("{stem}.rs");
    if root.join(&flat).is_file() { flat } else { format!("{stem}/mod.rs") }
}

/// The names that a declaration brings in.
pub(in crate::tidy) fn imports(item: &ItemUse) -> Vec<Import> {
    fn walk(tree: &UseTree, mut path: Vec<String>, found: &mut Vec<Import>) {
        match tree {
            UseTree::Path(part) => {
                path.push(part.ident.to_string());
                walk(&part.tree, path, found);
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| walk(tree, path.clone(), found)),
            UseTree::Glob(_) => found.push(Import { path, name: "*".to_owned() }),
            UseTree::Name(part) if part.ident == "self" => {
                let name = path.last().cloned().unwrap_or_default();
                found.push(Import { path, name });
            }
            UseTree::Name(part) => {
                path.push(part.ident.to_string());
                found.push(Import { path, name: part.ident.to_string() });
            }
            UseTree::Rename(part) => {
                if part.ident != "self" {
                    path.push(part.ident.to_string());
                }
                found.push(Import { path, name: part.rename.to_string() });
            }
        }
    }
    let mut found = Vec::new();
    if item.leading_colon.is_none() {
        walk(&item.tree, Vec::new(), &mut found);
    }
    found
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => {
            let tokens = list.tokens.to_string();
            tokens == "test" || tokens.starts_with("all (test") || tokens.starts_with("all(test")
        }
        meta => meta.path().is_ident("test"),
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declaration_brings_in_names() {
        let item: ItemUse = syn::parse_quote!(
            use crate::a::{
                self,
                b::{C, d as e},
                f::*,
            };
        );
        let found: Vec<String> =
            imports(&item).into_iter().map(|import| format!("{} = {}", import.name, import.path.join("::"))).collect();
        assert_eq!(found, ["a = crate::a", "C = crate::a::b::C", "e = crate::a::b::d", "* = crate::a::f"]);
    }
}
