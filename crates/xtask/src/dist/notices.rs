//! The notices of others' code that is in the program: its authors ask that they go with it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Error, run::Run};

/// What V8's library brings.
const OF_V8: &str = "third_party/v8/NOTICES";

/// How the names of files begin that hold notices.
const NAMES: [&str; 6] = ["license", "licence", "copying", "copyright", "notice", "unlicense"];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
    workspace_members: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    manifest_path: PathBuf,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    /// `None`: it is in the program. Others build it, or test it.
    kind: Option<String>,
}

/// The notices for a program of this target: each text once, below the names of those who have it.
pub(super) fn of(root: &Path, target: &str) -> Result<String, Error> {
    let metadata = Run::new("cargo", ["metadata", "--format-version", "1", "--locked", "--filter-platform", target]).at(root);
    let metadata: Metadata =
        serde_json::from_str(&metadata.output()?).map_err(|source| Error::Json { what: "cargo metadata", source })?;
    let mut texts = BTreeMap::<String, BTreeSet<String>>::new();
    let mut without = Vec::new();
    for package in shipped(&metadata) {
        let title = format!("{} {} ({})", package.name, package.version, package.license.as_deref().unwrap_or("see below"));
        let found = texts_of(&package.manifest_path)?;
        if found.is_empty() {
            without.push(title.clone());
        }
        found.into_iter().for_each(|text| _ = texts.entry(text).or_default().insert(title.clone()));
    }
    let mut texts = texts.into_iter().map(|(text, titles)| (titles, text)).collect::<Vec<_>>();
    texts.sort();
    let rule = "=".repeat(80);
    let mut all = String::from("drupe contains code of others. These are its licences and notices.\n");
    for (titles, text) in texts {
        let titles = titles.into_iter().collect::<Vec<_>>().join("\n");
        all += &format!("\n{rule}\n{titles}\n{rule}\n\n{}\n", text.trim_end());
    }
    all += &format!(
        "\n{rule}\nWithout a text of their own: their licence is one of those above\n{rule}\n\n{}\n",
        without.join("\n")
    );
    Ok(all + &format!("\n{rule}\nV8\n{rule}\n\n") + &super::read_text(&root.join(OF_V8))?)
}

/// The packages whose code is in the program, without ours.
fn shipped(metadata: &Metadata) -> Vec<&Package> {
    let nodes: BTreeMap<_, _> = metadata.resolve.nodes.iter().map(|node| (&*node.id, node)).collect();
    let command = metadata.packages.iter().find(|package| package.name == "drupe");
    let (mut reached, mut open) = (BTreeSet::new(), command.map(|package| &*package.id).into_iter().collect::<Vec<_>>());
    while let Some(id) = open.pop() {
        if !reached.insert(id) {
            continue;
        }
        let in_program = |dep: &&Dependency| dep.dep_kinds.iter().any(|kind| kind.kind.is_none());
        open.extend(nodes.get(id).into_iter().flat_map(|node| &node.deps).filter(in_program).map(|dep| &*dep.pkg));
    }
    // The folder `third_party` has others' code that was changed here.
    let is_vendored = |package: &Package| package.manifest_path.iter().any(|part| part == "third_party");
    let is_others = |package: &&Package| is_vendored(package) || !metadata.workspace_members.contains(&package.id);
    metadata.packages.iter().filter(|package| reached.contains(&*package.id)).filter(is_others).collect()
}

/// The texts beside a manifest.
fn texts_of(manifest: &Path) -> Result<Vec<String>, Error> {
    let Some(folder) = manifest.parent() else { return Ok(Vec::new()) };
    let names = super::names_in(folder)?.into_iter();
    let is_notice = |name: &String| NAMES.iter().any(|beginning| name.to_lowercase().starts_with(beginning));
    let paths = names.filter(is_notice).map(|name| folder.join(name)).filter(|path| path.is_file());
    paths.map(|path| Ok(String::from_utf8_lossy(&super::read(&path)?).replace("\r\n", "\n"))).collect()
}
