//! Modules and names that chunks import, or have without that.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::{Folder, run_with};

#[test]
fn built_in_modules_have_their_names_until_somebody_takes_them() {
    let said = run_with(
        &["repl"],
        "path.join('a', 'b')\ntypeof fs.readFileSync\ntypeof crypto.createHash\ncrypto.getRandomValues(new Uint8Array(2)).length\n.globals\nconst os = 1; var util = 2; function url() { return 3 }\n[os, util, url()]\nfs = 4\nfs\nimport path from './no-such.js'\ntypeof path.join\n",
    );
    assert_eq!(
        said.out, "'a/b'\n'function'\n'function'\n2\nnothing was declared yet\nundefined\n[ 1, 2, 3 ]\n4\n4\n'function'\n",
        "{}",
        said.err
    );
    assert_eq!(run_with(&["eval", "os.EOL"], "").out, "'\\n'\n");
    // Programs have only what they require.
    let folder = Folder::new("names");
    let file = folder.write("a.mjs", "console.log(typeof fs, typeof path)");
    assert_eq!(run_with(&["run", &file.display().to_string()], "").out, "undefined undefined\n");
}

#[test]
fn specifiers_of_other_runtimes_say_what_to_do() {
    for (code, words) in [
        ("import 'npm:no-such-package@4/fp'", "Not installed: npm i no-such-package@4"),
        ("await import('jsr:@no-such/path@1')", "Not installed: npx jsr add @no-such/path@1"),
        ("require('npm:@no-such/name@1.2.3')", "Not installed: npm i @no-such/name@1.2.3"),
        ("import 'npm:'", "does not name a package"),
        ("import test from 'bun:test'", "Modules of other runtimes are not here"),
    ] {
        let said = run_with(&["eval", code], "");
        assert!(said.status == Some(1) && said.err.contains(words), "{code}: {}", said.err);
    }
}

/// Of a module of JavaScript a name must be there, whether or not the chunk uses it: no type can have it.
#[test]
fn a_misspelt_import_is_an_error_in_the_chunk_that_has_it() {
    let folder = Folder::new("misspelt");
    let module = folder.write("m.mjs", "export const a = 1").display().to_string();
    let types = folder.write("t.ts", "export interface T { a: 1 } export const b = 2").display().to_string();
    let cts = folder.write("u.cts", "export interface U { a: 1 } export const c = 3").display().to_string();
    for (code, name) in [
        ("import { readFil } from 'node:fs'".to_owned(), "readFil"),
        ("import fs, { readFil as read } from 'fs'".to_owned(), "readFil"),
        (format!("import dflt from '{module}'"), "default"),
        (format!("import {{ b as c }} from '{module}'"), "b"),
        (format!("import {{ V }} from '{cts}'; 5"), "V"),
    ] {
        let said = run_with(&["eval", "--allow-all", &code], "");
        assert_eq!(said.status, Some(1), "{code}: {}{}", said.out, said.err);
        assert!(said.err.contains(&format!("does not provide an export named '{name}'")), "{code}: {}", said.err);
    }
    for code in [
        "import { PathLike, readFileSync } from 'node:fs'; const path: PathLike = ''; 5".to_owned(),
        format!("import {{ A }} from '{module}'; let x: A = 5; x"),
        format!("import {{ T, b }} from '{types}'; 5"),
        format!("import {{ U }} from '{cts}'; 5"),
        format!("import {{ a }} from '{module}'; 5"),
    ] {
        let said = run_with(&["eval", "--allow-all", &code], "");
        assert_eq!((said.status, said.out.as_str()), (Some(0), "5\n"), "{code}: {}", said.err);
    }
}

/// The place of a missing export is in the statement that imports it, which is no place of its own.
#[test]
fn a_missing_export_has_one_place() {
    let folder = Folder::new("one-place");
    let inner = folder.write("inner.mjs", "export const a = 1").display().to_string();
    let outer = folder.write("outer.mjs", &format!("import {{ b }} from '{inner}'")).display().to_string();
    for (code, places) in [
        (format!("1;\nimport {{ a, b }} from '{inner}'; a"), vec!["chunk:1:2:13"]),
        ("import { nope } from 'node:fs'".to_owned(), vec!["chunk:1:1:10"]),
        (format!("import dflt from '{inner}'"), vec!["chunk:1:1:8"]),
        (format!("import {{ a }} from '{inner}'; import {{ b }} from '{inner}'"), vec!["chunk:1:1:"]),
        // The places of others that lead there are told.
        (format!("import '{outer}'"), vec!["outer.mjs:1:10", "chunk:1:1:8"]),
    ] {
        let said = run_with(&["eval", "--allow-all", &code], "");
        let told = said.err.lines().filter(|line| line.starts_with("    at ")).collect::<Vec<_>>();
        let fits = told.iter().zip(&places).all(|(told, place)| told.contains(place));
        assert!(said.status == Some(1) && told.len() == places.len() && fits, "{code}: {}", said.err);
    }
}

/// The web's name of the global object, which Node does not have, is there for chunks and for all programs.
#[test]
fn self_is_the_global_object_everywhere() {
    let folder = Folder::new("self");
    let code = "console.log(self === globalThis, typeof self.setTimeout, typeof window, typeof importScripts)";
    for file in ["a.js", "a.cjs", "a.mjs", "a.ts"] {
        let file = folder.write(file, code).display().to_string();
        assert_eq!(run_with(&["run", &file], "").out, "true function undefined undefined\n", "{file}");
        assert_eq!(run_with(&[&file], "").out, "true function undefined undefined\n", "{file}");
    }
    for args in [&["eval", code] as &[&str], &["-e", code], &["--input-type=module", "-e", code]] {
        assert!(run_with(args, "").out.starts_with("true function undefined undefined\n"), "{args:?}");
    }
    assert_eq!(run_with(&["repl"], "self === globalThis\nlet self = 1; self\n").out, "true\n1\n");
}
