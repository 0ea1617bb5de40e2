//! Published packages, imported and required (`packages.txt`); `docs/PACKAGES.md` has the results, and `DRUPE_BLESS=1`
//! writes it.
//!
//! The packages are fetched by `npm ci --prefix tests/npm`. Without them the test is skipped, and says so; with
//! `DRUPE_REQUIRE_FIXTURES` set (as in CI) it fails.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{fs, path::PathBuf};

use crate::common::drupe;

const TABLE: &str = include_str!("packages.txt");

const HEAD: &str = "# Packages

Published packages, each imported and required in a session of its own and used for what it is for; what the check prints must be what
Node prints. `crates/front/cli/tests/packages.rs` runs them and holds this table against what it finds.

| package | version | imported | required |
|-|-|-|-|
";

#[test]
fn packages_are_imported_required_and_used() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let folder = root.join("tests/npm");
    if !folder.join("node_modules/zod").exists() {
        assert!(std::env::var_os("DRUPE_REQUIRE_FIXTURES").is_none(), "run `npm ci --prefix tests/npm`");
        eprintln!("skipped: the packages are not there; run `npm ci --prefix tests/npm`");
        return;
    }
    let mut table = HEAD.to_owned();
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let columns = line.split(" | ").collect::<Vec<_>>();
        let [name, import, require, expression, expected] = columns[..] else { panic!("five columns: {line}") };
        let manifest = fs::read_to_string(folder.join("node_modules").join(name).join("package.json")).unwrap();
        let version = serde_json::from_str::<serde_json::Value>(&manifest).unwrap()["version"].as_str().unwrap().to_owned();
        let results = [import, require].map(|clause| {
            let code = format!("{clause}\nconsole.log({expression})");
            let mut command = drupe(&["eval", "--allow-read", "--allow-env", "--wall-timeout", "60s", &code]);
            let said = command.current_dir(&folder).output().unwrap();
            let (out, err) = (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
            if out.lines().next() == Some(expected) {
                "works".to_owned()
            } else {
                let why = err.lines().find(|line| line.contains("Error")).or(out.lines().next()).unwrap_or("says nothing");
                format!("fails: {}", why.trim_start_matches("Uncaught ").replace('|', "\\|"))
            }
        });
        table += &format!("| {name} | {version} | {} | {} |\n", results[0], results[1]);
    }
    let path = root.join("docs/PACKAGES.md");
    if std::env::var_os("DRUPE_BLESS").is_some() {
        fs::write(&path, table).unwrap();
    } else {
        // What has come to work since is for the next blessing.
        let written = fs::read_to_string(&path).unwrap_or_default();
        let lost = written.lines().filter(|line| line.ends_with("| works | works |") && !table.contains(*line));
        let lost = lost.collect::<Vec<_>>();
        assert!(lost.is_empty(), "these worked (DRUPE_BLESS=1 writes the table): {lost:#?}\n{table}");
    }
}
