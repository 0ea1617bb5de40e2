//! Mistakes in programs: where they are, and what to do about them.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::{Folder, run, run_in, run_with};

const HINT: &str = "import React from 'react', or set \"jsx\": \"react-jsx\"";

#[test]
fn jsx_without_react_is_explained_in_files() {
    let folder = Folder::new("jsx-hint");
    for (file, text) in [
        ("a.tsx", "const a = <div/>;"),
        ("b.jsx", "export const a = <div/>;"),
        ("c.tsx", "setTimeout(() => <></>, 1)"),
        ("d.tsx", "Promise.resolve().then(() => <a/>)"),
    ] {
        folder.write(file, text);
        let said = run_in(&folder, &[file]);
        assert!(said.status == Some(1) && said.err.contains("React is not defined") && said.err.contains(HINT), "{said:?}");
    }
    for (file, text) in [("e.ts", "React"), ("f.tsx", "null!.x"), ("g.tsx", "Preact")] {
        folder.write(file, text);
        assert!(!run_in(&folder, &[file]).err.contains("hint: "), "{file}");
    }
}

#[test]
fn syntax_errors_of_javascript_have_no_code_of_typescript() {
    let folder = Folder::new("codes");
    for (file, text, has_code) in [
        ("a.js", "let x = ;", false),
        ("b.mjs", "let x: = 1", false),
        ("c.cjs", "let x = (;", false),
        ("d.jsx", "const a = <div>;", false),
        ("e.ts", "let x = ;", true),
        ("f.mts", "let x = ;", true),
        ("g.tsx", "const a = <div>;", true),
    ] {
        folder.write(file, text);
        for args in [&[file][..], &["-c", file]] {
            let said = run_in(&folder, args);
            assert!(said.status == Some(1) && said.err.contains("SyntaxError") && said.err.contains(file), "{said:?}");
            assert_eq!(said.err.contains("ERR_INVALID_TYPESCRIPT_SYNTAX"), has_code, "{said:?}");
        }
    }
}

#[test]
fn typescript_and_jsx_in_files_of_javascript_are_told_as_such() {
    let folder = Folder::new("languages");
    for (name, text, hint) in [
        ("a.js", "const x: number = 1", Some("this is TypeScript, and the name says JavaScript: name the file a.ts")),
        ("b.mjs", "interface A {}", Some("this is TypeScript, and the name says JavaScript: name the file b.mts")),
        ("c.cjs", "enum E { A }", Some("this is TypeScript, and the name says JavaScript: name the file c.cts")),
        ("d.js", "let a = <div/>", Some("this is JSX, and the name says JavaScript: name the file d.jsx")),
        (
            "e.js",
            "const a = <T,>(x: T) => <b>{x as any}</b>",
            Some("this is TypeScript with JSX, and the name says JavaScript: name the file e.tsx"),
        ),
        ("f.js", "let a = ;", None),
        ("i.mjs", "import { nothing } from 'fs'", None),
        ("j.mjs", "import unused from 'fs'; let a; let a", None),
        ("k.mjs", "import type { A } from 'fs'", Some("this is TypeScript, and the name says JavaScript: name the file k.mts")),
        ("g.js", "let a; let a", None),
        ("h.ts", "let a: = 1", None),
    ] {
        std::fs::write(folder.0.join(name), text).unwrap();
        let said = run_in(&folder, &[name]);
        assert_eq!(said.status, Some(1), "{name}: {}", said.err);
        assert!(said.err.contains("SyntaxError"), "{name}: {}", said.err);
        let told = said.err.lines().find_map(|line| line.strip_prefix("hint: "));
        assert_eq!(told, hint, "{name}: {}", said.err);
    }
}

#[test]
fn a_broken_tsconfig_is_told_at_a_place_that_exists() {
    let folder = Folder::new("broken-tsconfig");
    folder.write("a.ts", "console.log(1)");
    for (text, place) in [
        ("{\n  \"compilerOptions\": {\n    \"target\": \"es2022\"\n", "tsconfig.json:4:1: EOF"),
        ("{ \"compilerOptions\": {", "tsconfig.json:1:22: EOF"),
        ("{\n  \"compilerOptions\": {\n    \"target\": \"es2022\",,\n  }\n}", "tsconfig.json:3:24: "),
        ("{} x", "tsconfig.json:1:4: trailing"),
    ] {
        folder.write("tsconfig.json", text);
        let said = run_in(&folder, &["a.ts"]);
        assert!(said.status == Some(1) && said.err.contains(place), "{text}: {said:?}");
    }
}

/// V8 does not know the places of these frames by itself.
#[test]
fn a_full_stack_is_told_at_the_function_that_filled_it() {
    let folder = Folder::new("full-stack");
    folder.write(
        "a.js",
        "// a comment\n\nfunction outer(n) {\n  return inner(n + 1);\n}\nconst inner = (n) => outer(n);\nouter(0);\n",
    );
    let typed = "// a comment\ninterface Wide { a: 1 }\nclass Own {\n  get own(): Wide { return this.own }\n}\nnew Own().own\n";
    folder.write("b.ts", typed);
    for (args, places) in [
        (&["a.js"][..], &["3 | function outer(n) {", "6 | const inner = "][..]),
        (&["b.ts"], &["4 |   get own(): Wide {"]),
        (&["-e", "\n(function again() { again() })()"], &["2 | (function again() { again() })()"]),
    ] {
        let said = run_in(&folder, args);
        assert!(said.err.starts_with("Uncaught RangeError: Maximum call stack size exceeded\n"), "{said:?}");
        assert!(places.iter().any(|place| said.err.contains(place)), "{args:?}: {said:?}");
    }
}

/// The error comes where Node reads that file. Where Node does not read it, there is no error.
#[test]
fn a_broken_package_json_is_told_at_its_place() {
    let folder = Folder::new("broken-package");
    for file in ["a.js", "b.ts", "c.jsx", "bin", "sub/d.js", "e.mjs", "f.cjs", "g.mts", "node_modules/dep/index.js"] {
        folder.write(file, "");
    }
    let files = "['./a.js', './b.ts', './c.jsx', './bin', './sub/d.js', './e.mjs', './f.cjs', './g.mts', 'dep']";
    let code = format!(
        "(async () => {{ for (const name of {files}) for (const load of [(n) => import(n), async (n) => require(n)]) \
         await load(name).then(() => console.log('ok'), (e) => console.log(e.code, e.message)) }})()"
    );
    let told = |file: &std::path::Path, place: &str| {
        format!("ERR_INVALID_PACKAGE_CONFIG Invalid package config {}{place}\n", file.display())
    };
    for (text, place) in [
        ("{\n  \"name\": \"x\",\n}", ":3:1: trailing comma"),
        ("{ \"type\": \"module\"", ":1:18: EOF while parsing an object"),
        ("", ": it is empty"),
        ("null", ": it is null"),
    ] {
        let (own, of_dependency) = (folder.write("package.json", text), folder.write("node_modules/dep/package.json", "{}"));
        for file in ["a.js", "sub/d.js"] {
            let said = run_in(&folder, &[file]);
            let words = format!("Invalid package config {}{place}", own.display());
            assert!(said.status == Some(1) && said.err.contains(&words), "{text}: {said:?}");
        }
        assert_eq!(run_in(&folder, &["e.mjs"]).status, Some(0), "{text}");
        // The files whose endings leave it open, and then those whose endings say what they are.
        let said = run_in(&folder, &["-e", &code]);
        assert!(said.out.starts_with(&(told(&own, place).repeat(10) + &"ok\n".repeat(6))), "{text}: {said:?}");
        folder.write("package.json", "{}");
        folder.write("node_modules/dep/package.json", text);
        let said = run_in(&folder, &["-e", &code]);
        assert_eq!(said.out, "ok\n".repeat(16) + &told(&of_dependency, place).repeat(2), "{text}");
    }
    for text in ["\u{feff}{}", "[1]", "\"text\"", "{\"type\": 5}", "{\"type\": \"modul\"}", "{\"main\": 1, \"main\": 2}"] {
        folder.write("package.json", text);
        assert_eq!(run_in(&folder, &["a.js"]).status, Some(0), "{text}");
    }
    // Node takes no folder for one either.
    std::fs::remove_file(folder.0.join("package.json")).unwrap();
    std::fs::create_dir(folder.0.join("package.json")).unwrap();
    assert_eq!(run_in(&folder, &["a.js"]).status, Some(0));
}

#[test]
fn imports_that_lead_nowhere_are_shown_where_they_are() {
    let folder = Folder::new("nowhere");
    folder.write("x.mjs", "export const a = 1");
    folder.write("deep.mjs", "\nimport http from 'node:http2'; export default 1");
    for (file, text, place) in [
        ("a.mjs", "1;\nimport x from 'node:nope'", "a.mjs:2:15"),
        ("b.mjs", "1;\nimport x from 'nope-package'", "b.mjs:2:15"),
        ("c.mjs", "import { nope } from 'node:fs'", "c.mjs:1:10"),
        ("d.mjs", "import { nope } from './x.mjs'", "d.mjs:1:10"),
        ("e.mjs", "import fs from 'fs';\nimport x from 'dgram'", "e.mjs:2:15"),
        ("f.mjs", "import x from './deep.mjs'", "deep.mjs:2:18"),
        ("g.mts", "const a: number = 1;\nexport * from 'node:dgram'", "g.mts:2:15"),
    ] {
        folder.write(file, text);
        let said = run_in(&folder, &[file]);
        assert!(said.status == Some(1) && said.err.contains(place) && said.err.contains(" | "), "{file}: {said:?}");
    }
}

#[test]
fn thrown_values_that_are_no_errors_have_their_places() {
    let folder = Folder::new("thrown-values");
    for (file, text, place) in [
        ("a.cjs", "const a = 1;\nthrow { a: 1 };", "a.cjs:2:1"),
        ("b.cjs", "function f() {\n  throw 'text';\n}\nf();", "b.cjs:2:3"),
        ("c.cts", "const a: number = 1; throw null", "c.cts:1:22"),
        ("d.cjs", "require('./a.cjs')", "a.cjs:2:1"),
        ("e.mjs", "1; Promise.reject(5)", "e.mjs:1:12"),
        ("f.mjs", "setTimeout(() => { throw 5 })", "f.mjs:1:20"),
    ] {
        folder.write(file, text);
        let said = run_in(&folder, &[file]);
        assert!(said.status == Some(1) && said.err.contains(place) && said.err.contains("1 | "), "{file}: {said:?}");
    }
}

#[test]
fn code_from_standard_input_is_called_as_in_node() {
    for (code, place) in [("let x = ;", "at [stdin]:1:9"), ("1;\nthrow new Error('x')", "at [stdin]:2:7")] {
        let said = run_with(&["-"], code);
        assert!(said.status == Some(1) && said.err.contains(place), "{said:?}");
    }
}

/// In Node's words: which `package.json` defines nothing, and which file is missing.
#[test]
fn what_a_package_leads_to_is_named_where_it_is_missing() {
    let folder = Folder::new("missing-targets");
    let package = folder.0.join("node_modules/pkg");
    std::fs::create_dir_all(&package).unwrap();
    let exports = r#"{ "exports": { ".": { "default": "./main.js" }, "./deep": "./gone.js", "./f/*": "./f/*.js" } }"#;
    std::fs::write(package.join("package.json"), exports).unwrap();
    let place = |name: &str| folder.0.join(name).display().to_string();
    let code = |specifier: &str, way: &str| {
        format!("{way}('{specifier}').catch((e) => console.log(e.name, e.code, e.message.split(/\\n| imported/)[0]))")
    };
    let import = |specifier: &str| run_in(&folder, &["-e", &code(specifier, "import")]).out;
    let require = |specifier: &str| run_in(&folder, &["-e", &code(specifier, "(async (s) => require(s))")]).out;
    for (specifier, file) in [("pkg", "main.js"), ("pkg/deep", "gone.js"), ("pkg/f/x", "f/x.js")] {
        let file = place(&format!("node_modules/pkg/{file}"));
        assert_eq!(import(specifier), format!("Error ERR_MODULE_NOT_FOUND Cannot find module '{file}'\n"));
        assert_eq!(require(specifier), format!("Error MODULE_NOT_FOUND Cannot find module '{file}'\n"));
    }
    let file = folder.write("package.json", "{}");
    let undefined = |file: &str| {
        format!("TypeError ERR_PACKAGE_IMPORT_NOT_DEFINED Package import specifier \"#int\" is not defined in package {file}\n")
    };
    assert_eq!(import("#int"), undefined(&file.display().to_string()));
    folder.write("package.json", r##"{ "imports": { "#other": "./a.js", "#gone": "./gone.js" } }"##);
    assert_eq!(import("#int"), undefined(&file.display().to_string()));
    assert_eq!(import("#gone"), format!("Error ERR_MODULE_NOT_FOUND Cannot find module '{}'\n", place("gone.js")));
}

/// What to write instead fits the file: one that has imports does not become a CommonJS module by another name.
#[test]
fn what_a_kind_of_module_lacks_is_told_with_what_to_write() {
    let folder = Folder::new("kinds");
    for kind in ["module", "commonjs"] {
        std::fs::create_dir_all(folder.0.join(kind)).unwrap();
        folder.write(&format!("{kind}/package.json"), &format!("{{\"type\":\"{kind}\"}}"));
    }
    const REQUIRE: &str = "const require = createRequire(import.meta.url)";
    const EXPORT: &str = "It exports by declarations: export default …, export const name = …";
    const RENAME: &str = "Rename it to use the '.cjs' file extension";
    for (file, text, words, others) in [
        ("a.js", "import 'fs'\nrequire('x')", REQUIRE, RENAME),
        ("a.mjs", "import 'fs'\nrequire('x')", REQUIRE, RENAME),
        ("b.js", "await 1; require('x')", REQUIRE, RENAME),
        ("c.js", "import 'fs'\nmodule.exports = 1", EXPORT, RENAME),
        ("c.mjs", "export const a = 1; exports.b = 1", EXPORT, RENAME),
        ("d.mjs", "require('x')", RENAME, REQUIRE),
        ("module/e.js", "require('x')", RENAME, REQUIRE),
        ("module/f.js", "\nimport 'fs'; require('x')", REQUIRE, RENAME),
        ("g.js", "import 'fs'; __dirname", "you can use import.meta.dirname instead", RENAME),
        ("h.cjs", "import 'fs'", "outside a module: the ending .cjs says that it is CommonJS; .mjs makes it a module", RENAME),
        ("i.cjs", "1;\nawait 1", "bodies of modules: the ending .cjs says that it is CommonJS; .mjs makes it a module", RENAME),
        ("j.cjs", "for await (const a of b) ;", "bodies of modules: the ending .cjs says", RENAME),
        ("k.cjs", "f(() => import.meta.url)", "outside a module: the ending .cjs says that it is CommonJS", RENAME),
        ("commonjs/l.js", "import.meta", "says that it is CommonJS; name it .mjs, or write \"type\": \"module\" there", RENAME),
        ("m.cjs", "function f() { await 1 }", "await is only valid in async functions", "says that it is CommonJS"),
        (
            "n.cts",
            "const a: number = await 1",
            "bodies of modules: the ending .cts says that it is CommonJS; .mts makes it a",
            RENAME,
        ),
    ] {
        folder.write(file, text);
        let said = run_in(&folder, &[file]);
        assert!(said.status == Some(1) && said.err.contains(words) && !said.err.contains(others), "{file}: {said:?}");
        assert!(said.err.contains(" | "), "{file}: {said:?}");
    }
}

/// A name that Node's module has and drupe's has not can be imported, and says when it is used that it is not there.
#[test]
fn what_a_module_of_nodes_lacks_says_so() {
    for (code, words) in [
        ("require('crypto').pbkdf2Sync('a', 'b', 1, 1, 'sha1')", "drupe's crypto has no pbkdf2Sync (docs/NODE.md)"),
        ("import { scrypt, createSign } from 'crypto'; scrypt()", "drupe's crypto has no scrypt (docs/NODE.md)"),
        ("new (require('crypto').Sign)('a')", "drupe's crypto has no Sign (docs/NODE.md)"),
        ("new (require('perf_hooks').PerformanceObserver)(() => {})", "drupe's perf_hooks has no PerformanceObserver"),
        ("require('os').setPriority(1)", "drupe's os has no setPriority"),
        ("new (require('events').EventEmitterAsyncResource)()", "drupe's events has no EventEmitterAsyncResource"),
        ("require('util').transferableAbortController()", "drupe's util has no transferableAbortController"),
        ("require('fs').openAsBlob('a')", "drupe's fs has no openAsBlob"),
        ("new (require('assert').CallTracker)()", "drupe's assert has no CallTracker"),
        ("require('cluster').fork()", "drupe's cluster has no fork: a session is one process (docs/NODE.md)"),
    ] {
        let said = run(&["-e", code]);
        assert!(said.status == Some(1) && said.err.contains(words), "{code}: {said:?}");
    }
}

/// The frames of a call of `fetch` that fails are those of its caller.
#[test]
fn a_failed_fetch_leads_to_its_caller() {
    let code =
        "async function caller() { await fetch('http://127.0.0.1:1') }\ncaller().catch((e) => console.log(e.stack, !!e.cause))";
    let said = run(&["-e", code]);
    assert!(said.out.contains("TypeError: fetch failed\n    at caller") && said.out.ends_with("true\n"), "{said:?}");
}

#[test]
fn a_package_whose_main_is_missing_names_the_file() {
    let folder = Folder::new("missing-main");
    folder.write("node_modules/bad/package.json", r#"{ "name": "bad", "main": "lib/nope.js" }"#);
    folder.write("a.cjs", "require('bad')");
    folder.write("b.mjs", "import 'bad'");
    for file in ["a.cjs", "b.mjs"] {
        let said = run_in(&folder, &[file]);
        let words = r#"node_modules/bad/lib/nope.js'"#;
        let advice = r#"Please verify that the package.json has a valid "main" entry"#;
        assert!(said.status == Some(1) && said.err.contains(words) && said.err.contains(advice), "{file}: {said:?}");
    }
}

#[test]
fn a_misspelt_builtin_leads_to_the_one_that_is_meant() {
    let folder = Folder::new("misspelt-builtins");
    folder.write("node_modules/crypt/index.js", "");
    let code = "(async () => { for (const name of process.argv.slice(1)) for (const load of [(n) => import(n), async (n) => require(n)]) \
                await load(name).catch((e) => console.log(e.code, e.message.split('\\n')[0].replace(/ \\(looked in .*\\)/, ''))) })()";
    for (name, code_of, hint) in [
        ("node:fss", "ERR_UNKNOWN_BUILTIN_MODULE No such built-in module: node:fss", "node:fs"),
        (
            "node:timers/promise",
            "ERR_UNKNOWN_BUILTIN_MODULE No such built-in module: node:timers/promise",
            "node:timers/promises",
        ),
        ("fs/promise", "MODULE_NOT_FOUND Cannot find", "fs/promises"),
        ("path/posx", "MODULE_NOT_FOUND Cannot find", "path/posix"),
        ("evnets", "MODULE_NOT_FOUND Cannot find", "events"),
        // What is installed comes first.
        ("crypo", "MODULE_NOT_FOUND Cannot find", "crypt"),
    ] {
        let said = run_in(&folder, &["-e", code, name]);
        let told = said.out.matches(code_of).count();
        assert!(told == 2 && said.out.matches(&format!(". Did you mean '{hint}'?\n")).count() == 2, "{name}: {said:?}");
    }
    assert!(run_in(&folder, &["-e", code, "ws"]).out.contains("Not installed: npm i ws"));
}

/// Imports of types only make an ES module, which has no `require` of its own.
#[test]
fn a_requirement_beside_imports_of_types_works_in_an_es_module() {
    let folder = Folder::new("import-equals");
    folder.write("t.ts", "export interface T { a: number }");
    for (file, text) in [
        (
            "a.ts",
            "import type { T } from './t'; import path = require('path'); const t: T = { a: 1 }; console.log(path.sep, t.a)",
        ),
        ("b.mts", "import { T } from './t.ts'; import path = require('path'); const t: T = { a: 1 }; console.log(path.sep, t.a)"),
        ("c.ts", "import os from 'os'; import path = require('path'); console.log(path.sep, os ? 1 : 0)"),
    ] {
        folder.write(file, text);
        let said = run_in(&folder, &[file]);
        assert_eq!((said.status, &*said.out), (Some(0), "/ 1\n"), "{file}: {said:?}");
    }
}
