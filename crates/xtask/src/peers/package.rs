//! A package of many modules, as large ones are: a tree with re-exports, each module with some code and a few imports.

use std::{
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use super::peer::Who;

/// How many modules the package has.
pub(super) const MODULES: usize = 500;
/// What its export `sum` makes of 1.
pub(super) const SUM: f64 = 124_750.0 + MODULES as f64;

/// The package's folder. **Gone when dropped.**
pub(super) struct Package(PathBuf);

impl Package {
    /// Writes the package for `who`.
    pub(super) fn write(who: Who) -> io::Result<Self> {
        let name = format!("drupe-peers-{}-{}", std::process::id(), who.title().replace(' ', "-"));
        let package = Self(std::env::temp_dir().canonicalize()?.join(name));
        let folder = package.0.join("node_modules/large");
        fs::create_dir_all(&folder)?;
        for index in 0..MODULES {
            write_old(&folder.join(format!("m{index}.js")), &module(index))?;
        }
        write_old(&folder.join("package.json"), r#"{ "name": "large", "type": "module", "exports": "./m0.js" }"#)?;
        write_old(&package.main(), "export { sum0 as sum } from 'large';\n")?;
        Ok(package)
    }

    /// The folder of all files.
    pub(super) fn folder(&self) -> &Path {
        &self.0
    }

    /// The module that imports the package.
    pub(super) fn main(&self) -> PathBuf {
        self.0.join("main.mjs")
    }
}

impl Drop for Package {
    fn drop(&mut self) {
        // What cannot be removed is in a folder for temporary files.
        drop(fs::remove_dir_all(&self.0));
    }
}

/// Writes a file that seems as old as an installed one: what was written just now is not trusted to stay as it is.
fn write_old(path: &Path, text: &str) -> io::Result<()> {
    fs::write(path, text)?;
    fs::File::options().write(true).open(path)?.set_modified(SystemTime::now() - Duration::from_secs(3600))
}

/// Module `index` imports its two children in the tree, takes what another one exports along, and has about 2 KB of
/// code.
fn module(index: usize) -> String {
    let mut text = String::new();
    let children = [index * 2 + 1, index * 2 + 2].into_iter().filter(|child| *child < MODULES).collect::<Vec<_>>();
    // Writing to a string does not fail.
    for child in &children {
        let _ = writeln!(text, "import {{ sum{child} }} from './m{child}.js';\nexport * from './m{child}.js';");
    }
    let sums: String = children.iter().map(|child| format!(" + sum{child}(value)")).collect();
    let _ = writeln!(
        text,
        "\n/** Adds up what is below. */\nexport function sum{index}(value) {{\n  return {index} + value{sums};\n}}"
    );
    let _ = writeln!(text, "\nexport class Shape{index} {{\n  #sides = [];");
    for side in 0..12 {
        let _ = writeln!(
            text,
            "\n  side{side}(length = {side}) {{\n    if (length > {index}) {{\n      this.#sides.push({{ name: `side ${{length}}`, length }});\n    }}\n    return this;\n  }}"
        );
    }
    let _ = writeln!(text, "}}\n\nexport const table{index} = new Map([['a', {index}], ['b', [1, 2, 3]]]);");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_of_the_size_of_real_ones() {
        let sizes = (0..MODULES).map(|index| module(index).len()).collect::<Vec<_>>();
        let mean = sizes.iter().sum::<usize>() / sizes.len();
        assert!((1_800..2_200).contains(&mean), "{mean}");
    }
}
