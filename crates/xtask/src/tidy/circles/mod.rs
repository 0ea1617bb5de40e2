//! Import circles within a crate: files that import each other in a loop cannot be read, tested or moved alone.
//!
//! A module and its own children count as one: an import between a file and a file below it is no arrow. [`tree`] finds the
//! modules of a crate, [`imports`] reads which names a file takes from where.

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
            let house = House::new(&Tree::read(root, &source)?);
            let circles = house.circles();
            let largest = circles.iter().map(BTreeSet::len).max().unwrap_or(1);
            println!("tidy: {source}: the largest circle has {largest} {}", if largest == 1 { "file" } else { "files" });
            let too_large = circles.iter().filter(|circle| circle.len() > MAX_CIRCLE);
            violations.extend(too_large.map(|circle| house.violation(circle)));
        }
    }
    Ok(violations)
}

/// The files of a crate, and which takes what from which.
struct House {
    arrows: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
}

impl House {
    fn new(tree: &Tree) -> Self {
        let mut arrows: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
        for module in tree.modules() {
            for (file, name) in imports::of(tree, module) {
                if !is_below(&module.file, &file) && !is_below(&file, &module.file) {
                    arrows.entry(module.file.clone()).or_default().entry(file).or_default().insert(name);
                }
            }
        }
        Self { arrows }
    }

    /// The files that import each other in a loop.
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

    /// The files that `file` imports, and those that they import, and so on.
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

    /// Names the files of a circle, and the arrows between them.
    fn violation(&self, circle: &BTreeSet<String>) -> Violation {
        let mut wrong = format!("{} files import each other in a loop; the limit is {MAX_CIRCLE}", circle.len());
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
