//! Modules from real files: imported again after an edit, and by a program with arguments.

use std::{fs, path::PathBuf};

use drupe_client::{Builder, Event, Kernel, Outcome, Permissions, Policy, host::permissions::Kind};

use crate::support::{all, block_on, builder, text, value_text};

/// A folder of this test's own, gone at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("drupe-modules-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path.canonicalize().unwrap())
    }

    async fn reader(&self) -> Kernel {
        self.builder().spawn().await.unwrap()
    }

    fn builder(&self) -> Builder {
        let mut policy = Policy::none();
        policy.allow(Kind::Read, &self.0.to_string_lossy()).unwrap();
        builder().permissions(&Permissions::new(policy))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

#[test]
fn an_edited_module_is_new_where_that_is_asked_for() {
    block_on(async {
        let folder = Folder::new("edited");
        let kernel = folder.reader().await;
        fs::write(folder.0.join("inner.ts"), "export const version: number = 1").unwrap();
        fs::write(folder.0.join("outer.ts"), "export { version } from './inner.ts'; export const name = 'outer'").unwrap();
        let import = format!("import {{ version }} from '{}/outer.ts'; version", folder.0.display());
        assert_eq!(text(&kernel, &import).await, "1");
        fs::write(folder.0.join("inner.ts"), "export const version: number = 2").unwrap();
        // Not by itself: who imported it shares it.
        assert_eq!(text(&kernel, &import).await, "1");
        kernel.reload(Some(&format!("{}/inner.ts", folder.0.display()))).await.unwrap();
        assert_eq!(text(&kernel, &import).await, "2");
        fs::write(folder.0.join("inner.ts"), "export const version: number = 3").unwrap();
        kernel.reload(None).await.unwrap();
        assert_eq!(text(&kernel, &import).await, "3");
        fs::write(folder.0.join("inner.ts"), "export const version: number = 4").unwrap();
        kernel.reset().await.unwrap();
        assert_eq!(text(&kernel, &import).await, "4");
    });
}

#[test]
fn a_package_is_found_from_the_file_that_needs_it() {
    block_on(async {
        let folder = Folder::new("package");
        let package = folder.0.join("node_modules/dual");
        fs::create_dir_all(&package).unwrap();
        fs::write(package.join("package.json"), r#"{"name":"dual","exports":{"import":"./m.mjs","require":"./c.cjs"}}"#).unwrap();
        fs::write(package.join("m.mjs"), "export default 'module'").unwrap();
        fs::write(package.join("c.cjs"), "module.exports = 'commonjs'").unwrap();
        fs::write(folder.0.join("use.mjs"), "import dual from 'dual'; export default dual").unwrap();
        fs::write(folder.0.join("use.cjs"), "module.exports = require('dual')").unwrap();
        let kernel = folder.reader().await;
        let both = format!("[(await import('{0}/use.mjs')).default, require('{0}/use.cjs')]", folder.0.display());
        assert_eq!(text(&kernel, &both).await, "[ 'module', 'commonjs' ]");
    });
}

/// What a run comes to, and the modules that were forgotten before it.
async fn reloading(kernel: &Kernel, code: &str) -> (String, Vec<String>) {
    let (events, report) = all(kernel.run(code)).await;
    let modules = events.into_iter().filter_map(|event| if let Event::Reloaded(modules) = event { Some(modules) } else { None });
    (value_text(&report.unwrap()), modules.flatten().collect())
}

#[test]
fn edited_modules_are_imported_again_by_choice() {
    block_on(async {
        let folder = Folder::new("by-choice");
        let kernel = folder.builder().auto_reload(true).journal(true).spawn().await.unwrap();
        let place = folder.0.display().to_string();
        fs::create_dir_all(folder.0.join("node_modules/dep")).unwrap();
        fs::write(folder.0.join("node_modules/dep/index.js"), "exports.dep = 1").unwrap();
        fs::write(folder.0.join("inner.ts"), "export const version: number = 1").unwrap();
        fs::write(folder.0.join("outer.ts"), "export { version } from './inner.ts'; export { dep } from 'dep'").unwrap();
        let import = format!("import {{ version, dep }} from '{place}/outer.ts'; [version, dep]");
        let inner = format!("file://{place}/inner.ts");
        assert_eq!(reloading(&kernel, &import).await, ("[ 1, 1 ]".into(), vec![]));
        assert_eq!(reloading(&kernel, &import).await, ("[ 1, 1 ]".into(), vec![]));
        fs::write(folder.0.join("inner.ts"), "export const version: number = 20").unwrap();
        fs::write(folder.0.join("node_modules/dep/index.js"), "exports.dep = 20").unwrap();
        // Its importer, which has not changed, is new, too; a package is not looked at.
        assert_eq!(reloading(&kernel, &import).await, ("[ 20, 1 ]".into(), vec![inner.clone()]));
        assert_eq!(reloading(&kernel, &import).await, ("[ 20, 1 ]".into(), vec![]));
        // What CommonJS requires, as well.
        fs::write(folder.0.join("old.cjs"), "module.exports = 'old'").unwrap();
        fs::write(folder.0.join("user.cjs"), "module.exports = require('./old.cjs')").unwrap();
        let require = format!("require('{place}/user.cjs')");
        assert_eq!(reloading(&kernel, &require).await, ("'old'".into(), vec![]));
        fs::write(folder.0.join("old.cjs"), "module.exports = 'newer'").unwrap();
        assert_eq!(reloading(&kernel, &require).await, ("'newer'".into(), vec![format!("file://{place}/old.cjs")]));
        // What is gone is told once, and stays as it was.
        fs::remove_file(folder.0.join("inner.ts")).unwrap();
        assert_eq!(reloading(&kernel, "version").await, ("20".into(), vec![inner.clone()]));
        assert_eq!(reloading(&kernel, "version").await, ("20".into(), vec![]));
        // A session that has loaded nothing has nothing to forget, and what was forgotten is nothing to play again.
        fs::write(folder.0.join("old.cjs"), "module.exports = 'newest'").unwrap();
        kernel.restart().await.unwrap();
        assert_eq!(kernel.replayable(), 8);
        assert_eq!(reloading(&kernel, "1").await, ("1".into(), vec![]));
    });
}

/// What a run throws, with the place.
async fn thrown(kernel: &Kernel, code: &str) -> String {
    match kernel.run(code).await.unwrap().outcome {
        Outcome::Threw(exception) => exception.text,
        other => panic!("{code}: {other:?}"),
    }
}

#[test]
fn a_file_that_is_deleted_and_made_again_is_new() {
    block_on(async {
        let folder = Folder::new("made-again");
        let write = |name: &str, text: &str| fs::write(folder.0.join(name), text).unwrap();
        let place = folder.0.display().to_string();
        write("leaf.mjs", "export const v = 1");
        write("top.mjs", "export { v } from './leaf.mjs'");
        write("leaf.cjs", "exports.v = 1");
        write("top.cjs", "exports.v = require('./leaf.cjs').v");
        write("data.json", "[1]");
        let kernel = folder.builder().auto_reload(true).spawn().await.unwrap();
        let (import, require) = (format!("(await import('{place}/top.mjs')).v"), format!("require('{place}/top.cjs').v"));
        let both = format!("[{import}, {require}, require('{place}/data.json')[0]]");
        assert_eq!(text(&kernel, &both).await, "[ 1, 1, 1 ]");
        for file in ["leaf.mjs", "leaf.cjs", "data.json"] {
            fs::remove_file(folder.0.join(file)).unwrap();
        }
        assert!(thrown(&kernel, &import).await.contains("Cannot find module"));
        assert!(thrown(&kernel, &require).await.contains("Cannot find module"));
        write("leaf.mjs", "export const v = 2");
        write("leaf.cjs", "exports.v = 2");
        write("data.json", "[2]");
        assert_eq!(text(&kernel, &both).await, "[ 2, 2, 2 ]");
        // On request, too, and what was never there is an error.
        fs::remove_file(folder.0.join("leaf.mjs")).unwrap();
        let manual = folder.reader().await;
        write("leaf.mjs", "export const v = 3");
        assert_eq!(text(&manual, &import).await, "3");
        fs::remove_file(folder.0.join("leaf.mjs")).unwrap();
        assert!(manual.reload(Some(&format!("{place}/leaf.mjs"))).await.is_ok_and(|report| report.outcome.is_value()));
        assert!(thrown(&manual, &import).await.contains("Cannot find module"));
        assert!(manual.reload(Some(&format!("{place}/never.mjs"))).await.is_ok_and(|report| !report.outcome.is_value()));
    });
}

#[test]
fn a_module_that_failed_is_evaluated_again_once_its_cause_is_corrected() {
    block_on(async {
        let folder = Folder::new("corrected");
        let write = |name: &str, text: &str| fs::write(folder.0.join(name), text).unwrap();
        let place = folder.0.display().to_string();
        write("throws.mjs", "throw new Error('first')");
        write("throws.cjs", "throw new Error('first')");
        write("static.mjs", "import './throws.cjs'; export const v = 'static'");
        // No import tells what this one needs.
        write(
            "required.mjs",
            "import { createRequire } from 'node:module'; createRequire(import.meta.url)('./throws.cjs'); export const v = 'required'",
        );
        let kernel = folder.builder().auto_reload(true).spawn().await.unwrap();
        let imports = ["throws", "static", "required"].map(|name| format!("(await import('{place}/{name}.mjs')).v"));
        for import in &imports {
            assert!(thrown(&kernel, import).await.contains("first"), "{import}");
        }
        write("throws.mjs", "export const v = 'corrected'");
        write("throws.cjs", "");
        let values = format!("[{}]", imports.join(", "));
        assert_eq!(text(&kernel, &values).await, "[ 'corrected', 'static', 'required' ]");
    });
}

#[test]
fn an_export_that_is_gone_is_told_and_keeps_no_value() {
    block_on(async {
        let folder = Folder::new("export-gone");
        let write = |name: &str, text: &str| fs::write(folder.0.join(name), text).unwrap();
        let place = folder.0.display().to_string();
        let kernel = folder.builder().auto_reload(true).spawn().await.unwrap();
        for (file, number) in [("shapes.ts", ": number"), ("shapes.mjs", "")] {
            let import = |names: &str| format!("import {{ {names} }} from '{place}/{file}'");
            write(file, &format!("export const x{number} = 1; export const y{number} = 1"));
            kernel.run(import("x, y")).await.unwrap();
            assert_eq!(text(&kernel, "[x, y]").await, "[ 1, 1 ]");
            write(file, &format!("const x{number} = 1; export const y{number} = 20 + x - x"));
            assert!(thrown(&kernel, &import("x")).await.contains("does not provide an export named 'x'"), "{file}");
            assert!(thrown(&kernel, "x").await.contains("x is not defined"), "{file}");
            assert_eq!(text(&kernel, &format!("{}; y", import("y"))).await, "20");
        }
        // A type leaves nothing behind, and is no error.
        write("types.ts", "export type T = number; export interface U { a: T } export const v: T = 1; export const T2 = 1");
        let import = |names: &str| kernel.run(format!("import {{ {names} }} from '{place}/types.ts'"));
        assert!(import("T, U, v").await.unwrap().outcome.is_value());
        for name in ["t", "U2", "T3", "default as d"] {
            assert!(!import(name).await.unwrap().outcome.is_value(), "{name}");
        }
    });
}

/// The import of a name that the environment has as a global is held under another name, which nobody sees.
#[test]
fn messages_have_the_names_that_were_written() {
    block_on(async {
        let folder = Folder::new("names");
        fs::write(folder.0.join("v.mjs"), "export const v = { a: {} }").unwrap();
        let kernel = folder.reader().await;
        let import = format!("import {{ v as fetch }} from '{}/v.mjs'", folder.0.display());
        kernel.run(import).await.unwrap();
        for (code, message) in [
            ("fetch.nope()", "fetch.nope is not a function"),
            ("fetch.a.b.c()", "Cannot read properties of undefined (reading 'c')"),
            ("fetch()", "fetch is not a function"),
            ("for (const x of fetch);", "fetch is not iterable"),
            ("try { fetch.nope() } catch (error) { throw error.stack }", "fetch.nope is not a function"),
            ("import.meta.nope()", "import.meta.nope is not a function"),
        ] {
            let text = thrown(&kernel, code).await;
            assert!(text.contains(message) && !text.contains('ǃ'), "{code}: {text}");
        }
        for code in ["Object.keys(globalThis)", "try { fetch.nope() } catch (error) { error }"] {
            assert!(!text(&kernel, code).await.contains('ǃ'), "{code}");
        }
        // The source of a function is the one that was written.
        kernel.run("const c = 1, d = 2").await.unwrap();
        for source in [
            "() => fetch({ fetch: fetch })",
            "function f() { c = [import.meta.url, (d += 1)]; for (c of []); }",
            "class K { m(c) { c = 1; return new fetch.a } }",
            "(ǃa, bǃ) => ǃa + bǃ + 'ǃ'",
        ] {
            for way in ["String", "((f) => `${f}`)", "((f) => f.toString())", "((f) => Function.prototype.toString.call(f))"] {
                assert_eq!(text(&kernel, &format!("{way}({source}) === {source:?}")).await, "true", "{way} {source}");
            }
        }
        // A constant of a chunk that failed.
        let _ = thrown(&kernel, "const k = 3; throw new Error('no')").await;
        let source = "() => { k = 1; [k] = [(k++, d -= k)] }";
        assert_eq!(text(&kernel, &format!("String({source}) === {source:?}")).await, "true");
        assert_eq!(text(&kernel, "String(Function('return \"ǃ\\ud800\"')).includes('\\ud800')").await, "true");
        // threat B11: what begins as the transpiler's code, and is none.
        let hostile = "const own = '/*' + 'new class{get '.repeat(1e6) + 'ǃ*/'; String(Function(own)).includes(own)";
        assert_eq!(text(&kernel, hostile).await, "true");
        let native =
            "const { toString } = Function.prototype; [String(toString), toString.name, toString.length, 'prototype' in toString,
            Object.keys(Function.prototype).length, (() => { try { toString.call(1) } catch (e) { return e.name } })()].join()";
        assert_eq!(text(&kernel, native).await, "'function toString() { [native code] },toString,0,false,0,TypeError'");
        // As docs/REPL.md says: only code that reads a message of V8's sees the mark.
        assert_eq!(
            text(&kernel, "try { fetch.nope() } catch (error) { error.message }").await,
            "'fetchǃ.nope is not a function'"
        );
    });
}

/// A chunk names types in its imports as values: what a module of JavaScript has only in the declarations
/// beside it is a type.
#[test]
fn a_type_that_declarations_have_is_no_missing_export() {
    block_on(async {
        let folder = Folder::new("declared");
        for (name, text) in [
            ("lib.js", "exports.f = 1"),
            (
                "lib.d.ts",
                "export interface Options { a: 1 }\nexport declare const f: number\nexport type { More } from './more.js'\nexport * from './all.js'",
            ),
            ("more.d.ts", "export interface More { b: 1 }"),
            ("all.d.ts", "export type All = 1"),
            ("es.mjs", "export const g = 2"),
            ("es.d.mts", "export type T = 1"),
            ("bare.js", "exports.h = 3"),
            ("data.json", "{\"export * from\": 1}"),
        ] {
            fs::write(folder.0.join(name), text).unwrap();
        }
        let kernel = folder.reader().await;
        let import = |names: &str, file: &str| format!("import {{ {names} }} from '{}/{file}'", folder.0.display());
        assert_eq!(text(&kernel, &(import("Options, f", "lib.js") + "; f")).await, "1");
        assert_eq!(text(&kernel, &(import("More, All, f", "lib.js") + "; f")).await, "1");
        assert_eq!(text(&kernel, &(import("T, g", "es.mjs") + "; g")).await, "2");
        for (names, file) in [("Nope, f", "lib.js"), ("Options, h", "bare.js"), ("nope", "data.json")] {
            let outcome = kernel.run(import(names, file)).await.unwrap().outcome;
            let Outcome::Threw(exception) = outcome else { panic!("{names}: {outcome:?}") };
            assert!(exception.message.contains("does not provide an export named"), "{exception}");
        }
        // Used as a value, a type is missing.
        let outcome = kernel.run(import("Options", "lib.js") + "; new Options()").await.unwrap().outcome;
        assert!(matches!(&outcome, Outcome::Threw(exception) if exception.message.contains("named 'Options'")), "{outcome:?}");
    });
}
