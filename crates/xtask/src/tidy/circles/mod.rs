//! Import circles within a crate: files that import each other in a loop cannot be read, tested or moved alone.
//!
//! The check looks twice. First between files: an import between a file and a file below it does not count. Then
//! between the modules of each level: a module and all modules below it count as one, so that a circle through a folder
//! is found, too. [`tree`] finds the modules of a crate, [`imports`] reads the imports of a file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{TidyError, Violation, cargo};

pub(super) mod imports;
pub(super) mod tree;

use tree::Tree;

/// The most files that may import each other in a loop.
const MAX_CIRCLE: usize = 6;

/// Prints the largest circle of each crate, and checks them all.
pub(super) fn check(root: &Path) -> Result<Vec<Violation>, TidyError> {
    let mut violations = Vec::new();
    for member in cargo::members(root)? {
        for source in member.sources(root) {
            let tree = Tree::read(root, &source)?;
            let graphs = [Graph::of_files(&tree), Graph::of_modules(&tree)];
            let circles = graphs.each_ref().map(Graph::circles);
            let largest = circles.iter().flatten().map(BTreeSet::len).max().unwrap_or(1);
            println!("tidy: {source}: the largest circle has {largest} {}", if largest == 1 { "file" } else { "files" });
            for (graph, circles) in graphs.iter().zip(&circles) {
                let too_large = circles.iter().filter(|circle| circle.len() > MAX_CIRCLE);
                violations.extend(too_large.map(|circle| graph.violation(circle)));
            }
        }
    }
    Ok(violations)
}

/// Who takes what from whom.
#[derive(Default)]
struct Graph {
    arrows: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
}

impl Graph {
    /// The files of a crate.
    fn of_files(tree: &Tree) -> Self {
        let mut graph = Self::default();
        for module in tree.modules() {
            for (file, name) in imports::of(tree, module) {
                if !is_below(&module.file, &file) && !is_below(&file, &module.file) {
                    graph.add(module.file.clone(), file, name);
                }
            }
        }
        graph
    }

    /// The modules of each level, each with all that is below it.
    fn of_modules(tree: &Tree) -> Self {
        let mut graph = Self::default();
        for module in tree.modules() {
            for (file, name) in imports::of(tree, module) {
                let Some(other) = tree.modules().iter().find(|module| module.file == file) else { continue };
                let common = module.path.iter().zip(&other.path).take_while(|(one, other)| one == other).count();
                let unit = |path: &[String]| path.get(..=common).map(|path| path.join("::"));
                if let (Some(from), Some(to)) = (unit(&module.path), unit(&other.path)) {
                    graph.add(from, to, name);
                }
            }
        }
        graph
    }

    fn add(&mut self, from: String, to: String, name: String) {
        self.arrows.entry(from).or_default().entry(to).or_default().insert(name);
    }

    /// Those that import each other in a loop.
    fn circles(&self) -> Vec<BTreeSet<String>> {
        let reached: BTreeMap<&String, BTreeSet<&String>> = self.arrows.keys().map(|file| (file, self.reached(file))).collect();
        let mut circles: Vec<BTreeSet<String>> = Vec::new();
        for (file, from_here) in &reached {
            let both = from_here.iter().filter(|other| reached.get(*other).is_some_and(|back| back.contains(*file)));
            let circle: BTreeSet<String> = both.map(|file| (*file).clone()).collect();
            if circle.len() > 1 && !circles.contains(&circle) {
                circles.push(circle);
            }
        }
        circles
    }

    /// What `file` imports, and what that imports, and so on.
    fn reached<'a>(&'a self, file: &'a String) -> BTreeSet<&'a String> {
        let mut found = BTreeSet::new();
        let mut waiting = vec![file];
        while let Some(file) = waiting.pop() {
            for next in self.arrows.get(file).into_iter().flat_map(BTreeMap::keys) {
                if found.insert(next) {
                    waiting.push(next);
                }
            }
        }
        found
    }

    /// Names the members of a circle, and the arrows between them.
    fn violation(&self, circle: &BTreeSet<String>) -> Violation {
        let mut wrong = format!("{} files or modules import each other in a loop; the limit is {MAX_CIRCLE}", circle.len());
        for file in circle {
            for (other, names) in self.arrows.get(file).into_iter().flatten().filter(|(other, _)| circle.contains(*other)) {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                wrong += &format!("\n      {file} -> {other}: {}", names.join(", "));
            }
        }
        Violation::new(
            wrong,
            "cut the arrow that was added last: move what is shared below both files, or hand it in as an argument",
        )
    }
}

/// Whether `file` is of a module below the module of the file `above`.
fn is_below(file: &str, above: &str) -> bool {
    let folder = match above.rsplit_once('/') {
        Some((folder, "mod.rs" | "lib.rs" | "main.rs")) => folder,
        _ => above.trim_end_matches(".rs"),
    };
    file != above && file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circles(graph: &Graph) -> Vec<String> {
        graph.circles().into_iter().map(|circle| circle.into_iter().collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn a_circle_of_files_is_found() {
        let tree = Tree::of(&[
            ("", "src/lib.rs", "mod a; mod b; mod c;"),
            ("a", "src/a.rs", "use crate::b::B; fn f() { let _ = matches!(1, crate::c::C); }"),
            ("b", "src/b.rs", "use super::a; #[cfg(test)] mod tests { use crate::c; }"),
            ("c", "src/c.rs", "pub struct C;"),
        ]);
        assert_eq!(circles(&Graph::of_files(&tree)), ["src/a.rs src/b.rs"]);
    }

    #[test]
    fn a_circle_through_a_folder_is_found() {
        let tree = Tree::of(&[
            ("", "src/lib.rs", "mod a; mod b;"),
            ("a", "src/a/mod.rs", "mod x; pub struct A;"),
            ("a::x", "src/a/x.rs", "use crate::b;"),
            ("b", "src/b.rs", "use crate::a::A;"),
        ]);
        assert_eq!(circles(&Graph::of_files(&tree)), [""; 0]);
        assert_eq!(circles(&Graph::of_modules(&tree)), ["a b"]);
    }

    #[test]
    fn a_reexport_leads_to_the_file_that_defines_the_name() {
        let tree = Tree::of(&[
            ("", "src/lib.rs", "mod a; mod b; pub use b::B;"),
            ("a", "src/a.rs", "use crate::B;"),
            ("b", "src/b.rs", "use crate::a; pub struct B;"),
        ]);
        assert_eq!(circles(&Graph::of_files(&tree)), ["src/a.rs src/b.rs"]);
    }
}
