//! How this program was installed: by which package manager, and how it is removed again.
//!
//! Package managers leave lists of their files. It reads those around the program, and asks nobody.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Debian's list of the package's files.
const DEBIAN: &str = "/var/lib/dpkg/info/drupe.list";

/// How a program was installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Installed {
    /// For programs: `deb`, `npm`, `wheel`, `cargo`, `checkout` or `file`.
    pub(crate) by: &'static str,
    /// For people.
    pub(crate) words: String,
}

/// How the program at this path was installed.
pub(crate) fn at(program: &Path) -> Installed {
    find(program, Path::new(DEBIAN))
}

fn find(program: &Path, debian: &Path) -> Installed {
    let ways: [Option<(&'static str, String)>; 5] =
        [of_debian(program, debian), of_npm(program), of_wheel(program), of_cargo(program), of_checkout(program)];
    let (by, words) = ways
        .into_iter()
        .flatten()
        .next()
        .unwrap_or_else(|| ("file", "a file by itself; no package manager knows it. To remove it, delete it".to_owned()));
    Installed { by, words }
}

fn of_debian(program: &Path, list: &Path) -> Option<(&'static str, String)> {
    let listed = fs::read_to_string(list).ok()?;
    let is_listed = listed.lines().any(|line| Path::new(line) == program);
    is_listed.then(|| ("deb", "the Debian package drupe. To remove it: apt-get remove drupe".to_owned()))
}

/// `…/node_modules/@drupe/linux-x64/bin/drupe`.
fn of_npm(program: &Path) -> Option<(&'static str, String)> {
    let package = program.parent()?.parent()?;
    let scope = package.parent().filter(|scope| scope.ends_with("@drupe"))?;
    let text = fs::read_to_string(package.join("package.json")).ok()?;
    let manifest: serde_json::Value = serde_json::from_str(&text).ok()?;
    let (name, version) = (manifest["name"].as_str()?, manifest["version"].as_str()?);
    let folder = scope.parent()?.display();
    let words = format!("the npm package {name} {version} in {folder}. To remove it with its client: npm uninstall drupe {name}");
    Some(("npm", words))
}

/// `PREFIX/bin/drupe`, where `PREFIX/lib/python3.11/site-packages` has the list of its package; or `bin` beside it.
fn of_wheel(program: &Path) -> Option<(&'static str, String)> {
    let prefix = program.parent()?.parent()?;
    let pythons = ["lib", "lib64"].into_iter().flat_map(|lib| names(&prefix.join(lib)));
    let pythons = pythons.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("python")));
    let packages = pythons.flat_map(|python| [python.join("site-packages"), python.join("dist-packages")]);
    packages.chain([prefix.to_owned()]).find_map(|folder| {
        let info = names(&folder).into_iter().find(|path| wheel_version(path).is_some())?;
        let (version, folder) = (wheel_version(&info)?, folder.display());
        let remedy = "To remove it with its client: pip uninstall drupe drupe-runtime";
        let words = format!("the wheel drupe-runtime {version} in {folder}. {remedy}");
        Some(("wheel", words))
    })
}

/// The version in the name of a folder `drupe_runtime-1.2.3.dist-info`.
fn wheel_version(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    name.strip_prefix("drupe_runtime-")?.strip_suffix(".dist-info").map(str::to_owned)
}

/// `ROOT/bin/drupe`, with a list of what `cargo install` has put there.
fn of_cargo(program: &Path) -> Option<(&'static str, String)> {
    let root = program.parent()?.parent()?;
    let listed = fs::read_to_string(root.join(".crates.toml")).ok()?;
    let line = listed.lines().find_map(|line| line.strip_prefix("\"drupe "))?;
    let version = line.split([' ', '"']).next()?;
    let words = format!("cargo install, version {version}, in {}. To remove it: cargo uninstall drupe", root.display());
    Some(("cargo", words))
}

/// `target/debug/drupe`: Cargo marks its folder.
fn of_checkout(program: &Path) -> Option<(&'static str, String)> {
    let built = program.ancestors().skip(1).take(3).find(|folder| folder.join("CACHEDIR.TAG").is_file())?;
    let folder = built.parent().filter(|root| root.join("crates/front/cli").is_dir()).unwrap_or(built).display();
    Some(("checkout", format!("built by cargo in {folder}; it is not installed")))
}

/// The paths in a folder; none if it cannot be read.
fn names(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::find;

    #[test]
    fn lists_of_package_managers_tell_who_has_installed_it() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let with = |path: &str, text: &str| {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
        };
        let list = root.join("drupe.list");
        with("drupe.list", &format!("/.\n{}\n", root.join("usr/bin/drupe").display()));
        with("app/node_modules/@drupe/linux-x64/package.json", r#"{"name": "@drupe/linux-x64", "version": "1.2.3"}"#);
        with("venv/lib/python3.11/site-packages/drupe_runtime-1.2.3.dist-info/RECORD", "");
        with("local/lib/python3/dist-packages/drupe_runtime-1.2.3.dist-info/RECORD", "");
        with("there/drupe_runtime-1.2.3.dist-info/RECORD", "");
        with("cargo/.crates.toml", "[v1]\n\"drupe 1.2.3 (path+file:///x)\" = [\"drupe\"]\n");
        with("project/target/CACHEDIR.TAG", "");
        with("project/crates/front/cli/Cargo.toml", "");
        with("other/CACHEDIR.TAG", "");
        with("other-cargo/.crates.toml", "[v1]\n\"ripgrep 1.2.3 (path+file:///x)\" = [\"rg\"]\n");
        for (program, by, words) in [
            ("usr/bin/drupe", "deb", "apt-get remove"),
            ("app/node_modules/@drupe/linux-x64/bin/drupe", "npm", "@drupe/linux-x64 1.2.3 in"),
            ("app/node_modules/@drupe/linux-x64/bin/drupe", "npm", "npm uninstall drupe @drupe/linux-x64"),
            ("venv/bin/drupe", "wheel", "drupe-runtime 1.2.3 in"),
            ("local/bin/drupe", "wheel", "dist-packages"),
            ("there/bin/drupe", "wheel", "pip uninstall drupe drupe-runtime"),
            ("cargo/bin/drupe", "cargo", "version 1.2.3, in"),
            ("project/target/debug/drupe", "checkout", "project; it is not installed"),
            ("project/target/x86_64-unknown-linux-gnu/release/drupe", "checkout", "project;"),
            ("other/release/drupe", "checkout", "other;"),
            ("other-cargo/bin/drupe", "file", "a file by itself"),
            ("usr/local/bin/drupe", "file", "a file by itself"),
        ] {
            let found = find(&root.join(program), &list);
            assert_eq!(found.by, by, "{program}: {found:?}");
            assert!(found.words.contains(words), "{program}: {found:?}");
        }
    }
}
