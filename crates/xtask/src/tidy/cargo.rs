//! Cargo's metadata of the workspace: its members with their direct dependencies, and everything that a member reaches.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{TidyError, output};

/// A member of the workspace.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Package {
    /// Its package name.
    pub(super) name: String,
    /// What its manifest names, of every kind and for every target.
    pub(super) dependencies: Vec<Dependency>,
    #[serde(default)]
    targets: Vec<Target>,
    #[serde(default)]
    manifest_path: PathBuf,
}

/// What a member is built into.
#[derive(Clone, Debug, Deserialize)]
struct Target {
    kind: Vec<String>,
    src_path: PathBuf,
}

/// A dependency that a manifest names.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Dependency {
    /// The package's own name, also where the manifest renames it.
    pub(super) name: String,
    /// Absent for a normal dependency, else `dev` or `build`.
    kind: Option<String>,
}

impl Package {
    /// The root files of its library and its programs, from `root`.
    pub(super) fn sources(&self, root: &Path) -> Vec<String> {
        let is_built = |target: &&Target| target.kind.iter().any(|kind| matches!(kind.as_str(), "lib" | "bin"));
        let paths = self.targets.iter().filter(is_built).map(|target| target.src_path.as_path());
        paths.map(|path| path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned()).collect()
    }

    /// Its folder, from `root`.
    pub(super) fn folder(&self, root: &Path) -> PathBuf {
        let folder = self.manifest_path.parent().unwrap_or(&self.manifest_path);
        folder.strip_prefix(root).unwrap_or(folder).to_owned()
    }

    /// The names of its normal dependencies.
    pub(super) fn direct(&self) -> impl Iterator<Item = &str> {
        self.dependencies.iter().filter(|dependency| dependency.kind.is_none()).map(|dependency| dependency.name.as_str())
    }
}

/// The members of the workspace that are ours: those in `third_party` are dependencies.
pub(super) fn members(root: &Path) -> Result<Vec<Package>, TidyError> {
    let json = output(root, &program(), &["metadata", "--format-version", "1", "--no-deps"])?;
    let vendored = root.join("third_party");
    let mut members = parse_members(&json)?;
    members.retain(|member| !member.manifest_path.starts_with(&vendored));
    Ok(members)
}

/// One path to each package that `package` reaches through normal dependencies, on any target; each path starts at
/// `package`.
///
/// Features count as in a build of that package alone: `cargo metadata` would mix in those that other members ask for.
pub(super) fn reached(root: &Path, package: &str) -> Result<Vec<Vec<String>>, TidyError> {
    let edges = "normal,no-proc-macro";
    let tree = ["tree", "--package", package, "--edges", edges, "--target", "all", "--prefix", "depth", "--format", "{p}"];
    let paths = parse_tree(&output(root, &program(), &tree)?);
    match paths.first().map(Vec::as_slice) {
        Some([first]) if first == package => Ok(paths),
        _ => Err(TidyError::Tree { package: package.to_owned() }),
    }
}

fn parse_members(json: &str) -> Result<Vec<Package>, serde_json::Error> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    serde_json::from_str::<Metadata>(json).map(|metadata| metadata.packages)
}

/// Reads lines such as `2libc v0.2.1 (*)`: the depth, then the package. A package that was shown before is not unfolded
/// again.
fn parse_tree(tree: &str) -> Vec<Vec<String>> {
    let mut paths: Vec<Vec<String>> = Vec::new();
    let mut path: Vec<String> = Vec::new();
    for line in tree.lines() {
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        let (depth, package) = line.split_at(digits);
        let (Ok(depth), Some(name)) = (depth.parse::<usize>(), package.split_whitespace().next()) else { continue };
        path.truncate(depth);
        path.push(name.to_owned());
        if !paths.iter().any(|known| known.last().is_some_and(|last| last == name)) {
            paths.push(path.clone());
        }
    }
    paths
}

/// The Cargo that runs this chore, else the one on the path.
fn program() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_gives_one_path_to_each_package() {
        let tree = "0a v0.1.0 (/a)\n1b v1.0.0\n2c v2.0.0\n1d v1.0.0\n2c v2.0.0 (*)\n2e v0.1.0\n";
        let paths: Vec<String> = parse_tree(tree).iter().map(|path| path.join(">")).collect();
        assert_eq!(paths, ["a", "a>b", "a>b>c", "a>d", "a>d>e"]);
    }

    #[test]
    fn only_normal_dependencies_are_direct() {
        let json = r#"{"packages":[{"name":"a","dependencies":[
            {"name":"b","kind":null},{"name":"c","kind":"dev"},{"name":"d","kind":"build"}]}]}"#;
        let members = parse_members(json).unwrap();
        assert_eq!(members[0].direct().collect::<Vec<_>>(), ["b"]);
    }
}
