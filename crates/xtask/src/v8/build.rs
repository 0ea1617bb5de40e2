//! `cargo xtask v8 build`: the recipe of the library.
//!
//! The recipe is a list of commands. `--dry-run` prints them, so what is printed is what runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::manifest::{Item, KEPT, Manifest, NAME, pinned, sum};
use super::{Error, FOLDER};

/// The project that publishes the `v8` crate.
const REPOSITORY: &str = "https://github.com/denoland/rusty_v8.git";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Version of the v8 crate; without it, the one that Cargo.toml pins.
    #[arg(long)]
    version: Option<String>,
    /// A folder with the source of that version; without it, the project's repository is cloned.
    #[arg(long)]
    source: Option<PathBuf>,
    /// Who builds it, for the manifest.
    #[arg(long)]
    by: String,
    /// The beginning of the URLs at which the files will be published, for the manifest; without it, their folder.
    #[arg(long)]
    url: Option<String>,
    /// Print the commands, and run none.
    #[arg(long)]
    dry_run: bool,
}

/// A command of the recipe.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    folder: PathBuf,
    variables: Vec<(&'static str, String)>,
    words: Vec<String>,
}

/// What is to be built, and where.
struct Recipe<'a> {
    root: &'a Path,
    arguments: &'a Arguments,
    /// The present manifest: its target, names and GN arguments are those of the new library, too.
    present: Manifest,
    version: String,
}

/// Builds the library, or prints how.
pub(super) fn run(root: &Path, arguments: &Arguments) -> Result<String, Error> {
    let version = match &arguments.version {
        Some(version) => version.clone(),
        None => pinned(root)?.ok_or(Error::NoPin)?,
    };
    let recipe = Recipe { root, arguments, present: Manifest::read(root)?, version };
    let manifest = recipe.out().join(NAME);
    if arguments.dry_run {
        let commands = recipe.steps().iter().map(|step| step.to_string() + "\n").collect::<String>();
        return Ok(format!("{commands}# then {} is written, with the checksums and the provenance", manifest.display()));
    }
    recipe.check_source()?;
    recipe.steps().iter().try_for_each(Step::run)?;
    recipe.write(&manifest)?;
    let next = format!("publish the files, and copy the manifest to {KEPT}/{NAME}");
    Ok(format!("v8: {} has the library of v8 {}; {next}", recipe.out().display(), recipe.version))
}

impl Recipe<'_> {
    fn source(&self) -> PathBuf {
        let cloned = || self.root.join(FOLDER).join(format!("source-{}", self.version));
        self.arguments.source.as_ref().map_or_else(cloned, |folder| self.root.join(folder))
    }

    /// The folder of the finished files.
    fn out(&self) -> PathBuf {
        self.root.join(FOLDER).join(&self.version)
    }

    fn check_source(&self) -> Result<(), Error> {
        let path = self.source();
        let is_given = self.arguments.source.is_some();
        if is_given && !path.join("Cargo.toml").is_file() { Err(Error::NoSource { path }) } else { Ok(()) }
    }

    /// Whether the source is to be cloned. A clone is used again.
    fn clones(&self) -> bool {
        self.arguments.source.is_none() && !self.source().join("Cargo.toml").is_file()
    }

    fn steps(&self) -> Vec<Step> {
        let (source, out, target) = (self.source(), self.out(), &*self.present.target);
        let built = self.root.join(FOLDER).join("build");
        let found = built.join(target).join("release/gn_out");
        let (library, binding) = (out.join(&self.present.library.name), out.join(&self.present.binding.name));
        let archive = library.with_extension(""); // without `.gz`
        let step = |folder: &Path, words: &[&str]| Step {
            folder: folder.to_owned(),
            variables: Vec::new(),
            words: words.iter().map(|word| (*word).to_owned()).collect(),
        };
        let text = |path: &Path| path.display().to_string();
        let tag = format!("v{}", self.version);
        let modules = ["--recurse-submodules", "--shallow-submodules"];
        let clone = ["git", "clone", "--depth", "1", "--branch", &tag, modules[0], modules[1], REPOSITORY, &text(&source)];
        let mut compile = step(&source, &["cargo", "build", "--release", "--target", target]);
        compile.variables = vec![
            ("V8_FROM_SOURCE", "1".to_owned()),
            ("GN_ARGS", self.present.gn_args.join(" ")),
            ("CARGO_TARGET_DIR", text(&built)),
        ];
        let clones = self.clones().then(|| step(self.root, &clone));
        let rest = [
            compile,
            step(self.root, &["mkdir", "-p", &text(&out)]),
            step(self.root, &["cp", &text(&found.join("obj/librusty_v8.a")), &text(&archive)]),
            step(self.root, &["cp", &text(&found.join("src_binding.rs")), &text(&binding)]),
            step(self.root, &["strip", "--strip-debug", &text(&archive)]),
            // Without name and time, so that equal libraries are equal files.
            step(self.root, &["gzip", "--best", "--no-name", "--force", &text(&archive)]),
        ];
        clones.into_iter().chain(rest).collect()
    }

    /// Writes the manifest of the finished files.
    fn write(&self, path: &Path) -> Result<(), Error> {
        let item = |item: &Item| Ok::<_, Error>(Item { name: item.name.clone(), sha256: sum(&self.out().join(&item.name))? });
        let folder = || format!("{FOLDER}/{}", self.version);
        let source = self.source();
        let commit = said(&source, &["git", "rev-parse", "HEAD"]).unwrap_or_else(|_| "no clone".to_owned());
        let manifest = Manifest {
            version: self.version.clone(),
            from: self.arguments.url.clone().unwrap_or_else(folder),
            library: item(&self.present.library)?,
            binding: item(&self.present.binding)?,
            built_by: self.arguments.by.clone(),
            built_from: format!("v8 {} ({REPOSITORY}, commit: {commit})", self.version),
            tools: vec![said(self.root, &["rustc", "--version"])?, said(self.root, &[&clang(), "--version"])?],
            ..self.present.clone()
        };
        let text = serde_json::to_string_pretty(&manifest).map_err(|source| Error::Manifest { path: path.to_owned(), source })?;
        fs::write(path, text + "\n").map_err(|source| Error::Write { path: path.to_owned(), source })
    }
}

/// The compiler that the build script is told to take.
fn clang() -> String {
    std::env::var("CLANG_BASE_PATH").map_or_else(|_| "clang".to_owned(), |base| format!("{base}/bin/clang"))
}

/// The first line that a command prints.
fn said(folder: &Path, words: &[&str]) -> Result<String, Error> {
    let command = words.join(" ");
    match Command::new(words[0]).args(&words[1..]).current_dir(folder).output() {
        Ok(output) if output.status.success() => {
            Ok(String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned())
        }
        Ok(output) => Err(Error::Failed { command, status: output.status }),
        Err(source) => Err(Error::Start { command, source }),
    }
}

impl Step {
    fn run(&self) -> Result<(), Error> {
        println!("{self}");
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).envs(self.variables.iter().cloned()).current_dir(&self.folder);
        let words = self.words.join(" ");
        match command.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(Error::Failed { command: words, status }),
            Err(source) => Err(Error::Start { command: words, source }),
        }
    }
}

/// A line for a shell.
impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cd {} &&", quoted(&self.folder.display().to_string()))?;
        self.variables.iter().try_for_each(|(name, value)| write!(f, " {name}={}", quoted(value)))?;
        self.words.iter().try_for_each(|word| write!(f, " {}", quoted(word)))
    }
}

fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+,@".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
    }

    fn arguments(version: Option<&str>, source: Option<&str>) -> Arguments {
        let (version, source) = (version.map(str::to_owned), source.map(PathBuf::from));
        Arguments { version, source, by: "somebody".to_owned(), url: None, dry_run: true }
    }

    #[test]
    fn a_dry_run_prints_the_recipe_and_does_nothing() {
        let root = root();
        let printed = run(&root, &arguments(Some("0.0.1"), None)).unwrap();
        let at = root.display().to_string();
        let target = Manifest::read(&root).unwrap().target;
        let expected = [
            format!(
                "git clone --depth 1 --branch v0.0.1 --recurse-submodules --shallow-submodules {REPOSITORY} {at}/target/v8/source-0.0.1"
            ),
            "V8_FROM_SOURCE=1 GN_ARGS='is_debug=false symbol_level=0 ".to_owned(),
            format!("cargo build --release --target {target}"),
            format!(
                "cp {at}/target/v8/build/{target}/release/gn_out/obj/librusty_v8.a {at}/target/v8/0.0.1/librusty_v8_release_{target}.a\n"
            ),
            format!("strip --strip-debug {at}/target/v8/0.0.1/librusty_v8_release_{target}.a\n"),
            "gzip --best --no-name --force ".to_owned(),
            format!("# then {at}/target/v8/0.0.1/library.json is written"),
        ];
        let places = expected.iter().map(|line| printed.find(&**line).unwrap_or_else(|| panic!("no {line} in {printed}")));
        assert!(places.collect::<Vec<_>>().is_sorted(), "{printed}");
        assert!(!root.join("target/v8/0.0.1").exists());
    }

    #[test]
    fn the_pinned_version_and_a_given_source_are_taken() {
        let printed = run(&root(), &arguments(None, Some("/some where"))).unwrap();
        assert!(printed.starts_with("cd '/some where' && V8_FROM_SOURCE=1 "), "{printed}");
        assert!(printed.contains(&format!("target/v8/{}/", pinned(&root()).unwrap().unwrap())), "{printed}");
        let real = Arguments { dry_run: false, ..arguments(None, Some("/some where")) };
        assert_eq!(
            run(&root(), &real).unwrap_err().to_string(),
            "/some where is no folder with the source of v8: it has no Cargo.toml"
        );
    }

    #[test]
    fn words_are_quoted_for_a_shell() {
        assert_eq!(["a-b/c.d", "", "a b", "it's"].map(quoted), ["a-b/c.d", "''", "'a b'", r"'it'\''s'"]);
    }
}
