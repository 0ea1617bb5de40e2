//! A session installs a package for itself: a chunk runs npm, by permission, and later chunks use what came, without a
//! restart.
//!
//! The one test installs a package from a folder, so that nothing depends on a network; the other asks npm's registry
//! for a published one, and is skipped, and says so, where there is none to ask. With `DRUPE_REQUIRE_FIXTURES` set (as
//! in CI) npm and its registry must be there.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::common::drupe;

/// A folder of a test's own that npm takes for a project, gone at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().canonicalize().unwrap().join(format!("drupe-npm-{name}-{}", std::process::id()));
        drop(fs::remove_dir_all(&path));
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("package.json"), "{}").unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// Whether `ready` could be run; says so, or fails, where not.
fn have(what: &str, ready: &mut Command) -> bool {
    if ready.stdin(Stdio::null()).output().is_ok_and(|said| said.status.success()) {
        return true;
    }
    assert!(std::env::var_os("DRUPE_REQUIRE_FIXTURES").is_none(), "{what} is needed");
    eprintln!("skipped: there is no {what}");
    false
}

/// Runs chunks of one session in `folder`, which they and the programs that they run may read and write; what each
/// comes to is a line.
fn session(folder: &Path, chunks: &[&str]) -> Vec<String> {
    let read = format!("--allow-read={}", folder.display());
    let write = format!("--allow-write={}", folder.display());
    let mut command = drupe(&["repl", "--allow-run=npm,/bin/sh", "--allow-env", &read, &write, "--wall-timeout", "100s"]);
    command.current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = command.spawn().unwrap();
    running.stdin.take().unwrap().write_all((chunks.join("\n") + "\n").as_bytes()).unwrap();
    let said = running.wait_with_output().unwrap();
    let (out, err) = (String::from_utf8(said.stdout).unwrap(), String::from_utf8(said.stderr).unwrap());
    assert!(said.status.success(), "{out}\n{err}");
    let lines = out.lines().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(lines.len(), chunks.len(), "{out}\n{err}");
    lines
}

#[test]
fn what_a_chunk_installs_the_next_one_uses() {
    if !have("npm", Command::new("npm").arg("--version")) {
        return;
    }
    let folder = Folder::new("folder");
    let package = folder.0.join("orchard/plum");
    fs::create_dir_all(&package).unwrap();
    let manifest = r#"{ "name": "plum", "version": "3.1.4", "exports": { "import": "./plum.mjs", "require": "./plum.cjs" } }"#;
    fs::write(package.join("package.json"), manifest).unwrap();
    fs::write(package.join("plum.mjs"), "export const kind = 'module';").unwrap();
    fs::write(package.join("plum.cjs"), "exports.kind = 'commonjs';").unwrap();
    let lines = session(
        &folder.0,
        &[
            "var told; try { require('plum') } catch (error) { told = error.code }; told",
            "try { await import('plum') } catch (error) { told = error.code }; told",
            "var { execFileSync, execSync } = require('child_process'); typeof execSync",
            "void execFileSync('npm', ['install', './orchard/plum', '--install-links', '--offline', '--cache', './cache'], { stdio: 'pipe' })",
            "require('plum').kind",
            "import { kind } from 'plum'; kind",
            "require(require('path').resolve('node_modules/plum/package.json')).version",
            "void execSync('npm uninstall plum --offline --cache ./cache', { stdio: 'pipe' })",
            "try { require.resolve('plum') } catch (error) { told = error.code }; told",
        ],
    );
    let wanted = [
        "'MODULE_NOT_FOUND'",
        "'ERR_MODULE_NOT_FOUND'",
        "'function'",
        "undefined",
        "'commonjs'",
        "'module'",
        "'3.1.4'",
        "undefined",
        "'MODULE_NOT_FOUND'",
    ];
    assert_eq!(lines, wanted);
}

#[test]
fn a_published_package_comes_from_the_registry() {
    let folder = Folder::new("registry");
    let mut ask = Command::new("npm");
    if !have("registry that npm could ask", ask.args(["view", "nanoid@3", "version"]).current_dir(&folder.0)) {
        return;
    }
    let lines = session(
        &folder.0,
        &[
            "void require('child_process').execSync('npm i nanoid@3 --cache ./cache', { stdio: 'pipe' })",
            "const { nanoid } = require('nanoid'); [typeof nanoid(), nanoid().length, nanoid() === nanoid()]",
            "import { customAlphabet } from 'nanoid'; /^[ab]{9}$/.test(customAlphabet('ab', 9)())",
            "require('nanoid/package.json').version.split('.')[0]",
        ],
    );
    assert_eq!(lines, ["undefined", "[ 'string', 21, false ]", "true", "'3'"]);
}
