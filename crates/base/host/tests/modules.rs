//! Finding and loading modules, as Node and TypeScript do.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;

use crate::modules_common::{Tree, code, graph, strings, text, value};
use drupe_host::{Modules, Permissions, Policy};
use drupe_protocol::Value;

#[tokio::test]
async fn a_graph_comes_with_all_that_is_imported_the_entry_first() {
    let tree = Tree::open(&[
        (
            "main.ts",
            "import { a } from './a.js'; import type { T } from './types.ts'; import { U } from './types.ts';\nexport const b: number = a",
        ),
        (
            "a.ts",
            "import b, { c } from './b.cjs'; import data from './data.json' with { type: 'json' }; import fs from 'fs';\nexport * from './a.js'; export const a = [b, c, data, fs]; let u: U",
        ),
        ("b.cjs", "exports.c = 1; module.exports.d = 2; require('./never.js')"),
        ("data.json", "{\"x\": 1}"),
        ("types.ts", "export interface T {} export type U = 1"),
    ]);
    let items = tree.graph("./main.ts").await.unwrap();
    let mut found: Vec<_> = items.iter().map(|item| (tree.short(text(item, "url")), text(item, "format").to_owned())).collect();
    assert_eq!(found.remove(0), ("main.ts".into(), "module".into()));
    found.sort();
    let wanted = [("a.ts", "module"), ("b.cjs", "commonjs"), ("data.json", "json"), ("node:fs", "builtin")];
    assert_eq!(found, wanted.map(|(url, format)| (url.to_owned(), format.to_owned())));
    let main = &items[0];
    assert_eq!(text(main, "filename"), tree.root.join("main.ts").to_str().unwrap());
    assert_eq!(text(main, "dirname"), tree.root.to_str().unwrap());
    assert!(text(main, "source").contains("export const b         = a"), "{}", text(main, "source"));
    let edges = main.get("imports").unwrap().as_array().unwrap();
    assert_eq!(edges, [Value::Array(vec!["./a.js".into(), Value::Null, tree.url("a.ts").into()])]);
    let b = items.iter().find(|item| text(item, "format") == "commonjs").unwrap();
    assert_eq!(strings(b, "exports"), ["c", "d"]);
    let a = items.iter().find(|item| text(item, "url").ends_with("/a.ts")).unwrap();
    let types: Vec<_> =
        a.get("imports").unwrap().as_array().unwrap().iter().map(|edge| edge.as_array().unwrap()[1].clone()).collect();
    assert_eq!(types, [Value::Null, "json".into(), Value::Null, Value::Null]);
}

#[tokio::test]
async fn what_the_kernel_has_is_not_sent_again() {
    let tree = Tree::open(&[("main.mjs", "import './a.mjs'"), ("a.mjs", "import './b.mjs'"), ("b.mjs", "")]);
    let known = Value::Set(vec![tree.url("a.mjs").into()]);
    let items = graph(&tree.modules, vec!["./main.mjs".into(), Value::Undefined, Value::Undefined, known]).await.unwrap();
    assert_eq!(items.len(), 1);
    let known = Value::Set(vec![tree.url("main.mjs").into()]);
    let args = vec!["./main.mjs".into(), Value::Undefined, Value::Undefined, known];
    let items = graph(&tree.modules, args).await.unwrap();
    let entry = &items[0];
    assert_eq!((text(entry, "url"), entry.get("known")), (&*tree.url("main.mjs"), Some(&true.into())));
}

#[tokio::test]
async fn packages_are_found_as_node_finds_them() {
    let tree = Tree::open(&[
        ("src/main.mjs", ""),
        (
            "package.json",
            r##"{"name": "self", "exports": {".": "./src/main.mjs", "./sub/*": "./src/sub/*.js"}, "imports": {"#dep": "dual", "#own/*": "./src/*.mjs"}}"##,
        ),
        ("src/sub/x.js", ""),
        ("node_modules/plain/index.js", ""),
        ("node_modules/main/package.json", r#"{"main": "lib/entry"}"#),
        ("node_modules/main/lib/entry.js", ""),
        ("node_modules/main/lib/other.js", ""),
        ("node_modules/main/lib/folder/index.js", ""),
        (
            "node_modules/dual/package.json",
            r#"{"exports": {".": {"import": "./i.mjs", "require": "./r.cjs"}, "./data": "./data.json", "./node": {"node": "./i.mjs", "default": "./r.cjs"}, "./none": null}}"#,
        ),
        ("node_modules/dual/i.mjs", ""),
        ("node_modules/dual/r.cjs", ""),
        ("node_modules/dual/data.json", "{}"),
        ("node_modules/@scope/pkg/package.json", r#"{"exports": "./index.mjs"}"#),
        ("node_modules/@scope/pkg/index.mjs", ""),
        ("node_modules/outer/node_modules/inner/index.js", "outer's"),
        ("node_modules/outer/index.js", ""),
        ("node_modules/inner/index.js", ""),
        ("node_modules/fs/index.js", ""),
    ]);
    let import = async |specifier: &str| tree.import(specifier, "src/main.mjs").await.map_err(|error| code(&error).to_owned());
    let require = async |specifier: &str| {
        tree.resolve(specifier, Some("src/main.mjs"), "require").await.map_err(|error| code(&error).to_owned())
    };
    for (specifier, url) in [
        ("plain", "node_modules/plain/index.js"),
        ("main", "node_modules/main/lib/entry.js"),
        ("main/lib/other.js", "node_modules/main/lib/other.js"),
        ("dual", "node_modules/dual/i.mjs"),
        ("dual/data", "node_modules/dual/data.json"),
        ("dual/node", "node_modules/dual/i.mjs"),
        ("@scope/pkg", "node_modules/@scope/pkg/index.mjs"),
        ("inner", "node_modules/inner/index.js"),
        ("self", "src/main.mjs"),
        ("self/sub/x", "src/sub/x.js"),
        ("#dep", "node_modules/dual/i.mjs"),
        ("#own/main", "src/main.mjs"),
        ("fs", "node:fs"),
        ("node:fs/promises", "node:fs/promises"),
        ("node:test", "node:test"),
    ] {
        assert_eq!(import(specifier).await.as_deref(), Ok(url), "{specifier}");
    }
    for (specifier, url) in [
        ("dual", "node_modules/dual/r.cjs"),
        ("main/lib/other", "node_modules/main/lib/other.js"),
        ("main/lib/folder", "node_modules/main/lib/folder/index.js"),
        ("#dep", "node_modules/dual/r.cjs"),
        ("self", "src/main.mjs"),
    ] {
        assert_eq!(require(specifier).await.as_deref(), Ok(url), "{specifier}");
    }
    for (specifier, code) in [
        ("missing", "ERR_MODULE_NOT_FOUND"),
        ("test", "ERR_MODULE_NOT_FOUND"),
        ("main/lib/other", "ERR_MODULE_NOT_FOUND"),
        ("main/lib/folder", "ERR_UNSUPPORTED_DIR_IMPORT"),
        ("dual/hidden", "ERR_PACKAGE_PATH_NOT_EXPORTED"),
        ("dual/none", "ERR_PACKAGE_PATH_NOT_EXPORTED"),
        ("dual/package.json", "ERR_PACKAGE_PATH_NOT_EXPORTED"),
        ("#none", "ERR_PACKAGE_IMPORT_NOT_DEFINED"),
        ("@scope", "ERR_INVALID_MODULE_SPECIFIER"),
        ("node:nothing", "ERR_UNKNOWN_BUILTIN_MODULE"),
        ("ftp://a/b", "ERR_UNSUPPORTED_ESM_URL_SCHEME"),
    ] {
        assert_eq!(import(specifier).await, Err(code.to_owned()), "{specifier}");
    }
    assert_eq!(require("missing").await, Err("MODULE_NOT_FOUND".into()));
    assert_eq!(
        tree.import("inner", "node_modules/outer/index.js").await.unwrap(),
        "node_modules/outer/node_modules/inner/index.js"
    );
}

#[tokio::test]
async fn paths_are_found_as_node_and_typescript_find_them() {
    let tree = Tree::open(&[
        ("main.ts", ""),
        ("utils.ts", ""),
        ("only.mts", ""),
        ("both.js", ""),
        ("both.ts", ""),
        ("lib/index.js", ""),
        ("pkg/package.json", r#"{"main": "./start"}"#),
        ("pkg/start.js", ""),
        ("a b#c.mjs", ""),
        ("no_ending", ""),
    ]);
    let import = async |specifier: &str| tree.import(specifier, "main.ts").await.map_err(|error| code(&error).to_owned());
    let require = async |specifier: &str| {
        tree.resolve(specifier, Some("main.ts"), "require").await.map_err(|error| code(&error).to_owned())
    };
    for (specifier, url) in [
        ("./utils.ts", "utils.ts"),
        ("./utils.js", "utils.ts"),
        ("./only.mjs", "only.mts"),
        ("./both.js", "both.js"),
        ("./both.js?x=1#y", "both.js?x=1#y"),
        ("./a%20b%23c.mjs", "a%20b%23c.mjs"),
        ("./lib/../utils.ts", "utils.ts"),
        ("./no_ending", "no_ending"),
    ] {
        assert_eq!(import(specifier).await.as_deref(), Ok(url), "{specifier}");
    }
    assert_eq!(import(&tree.url("both.js")).await.as_deref(), Ok("both.js"));
    for (specifier, url) in [
        ("./utils", "utils.ts"),
        ("./both", "both.js"),
        ("./lib", "lib/index.js"),
        ("./pkg", "pkg/start.js"),
        ("./a b#c.mjs", "a%20b%23c.mjs"),
    ] {
        assert_eq!(require(specifier).await.as_deref(), Ok(url), "{specifier}");
    }
    // Files of TypeScript may leave out endings, and name folders.
    for (specifier, url) in
        [("./utils", "utils.ts"), ("./both", "both.js"), ("./lib", "lib/index.js"), ("./pkg/", "pkg/start.js")]
    {
        assert_eq!(import(specifier).await.as_deref(), Ok(url), "{specifier}");
    }
    let says = async |specifier: &str| tree.import(specifier, "both.js").await.unwrap_err();
    let error = says("./utils").await;
    let root = tree.root.display();
    assert_eq!(
        error.message,
        format!("Cannot find module '{root}/utils' imported from {root}/both.js. Did you mean './utils.ts'?")
    );
    assert_eq!(code(&error), "ERR_MODULE_NOT_FOUND");
    // Who may see everything is told the same.
    let seeing = Modules::new(&Permissions::new(Policy::all())).root(&tree.root);
    let all = value(&seeing, "resolve", vec!["./utils".into(), tree.url("both.js").into(), "import".into()]).await.unwrap_err();
    assert_eq!((code(&all), &all.message), ("ERR_MODULE_NOT_FOUND", &error.message));
    assert!(says("./utlis.ts").await.message.ends_with("Did you mean './utils.ts'?"));
    let error = says("./lib").await;
    assert_eq!(code(&error), "ERR_UNSUPPORTED_DIR_IMPORT");
    assert!(error.message.ends_with("Did you mean './lib/index.js'?"), "{}", error.message);
    assert!(says("lodash").await.message.ends_with("Not installed: npm i lodash"));
    let error = tree.resolve("./nothing", Some("main.ts"), "require").await.unwrap_err();
    assert_eq!(error.message, format!("Cannot find module './nothing'\nRequire stack:\n- {root}/main.ts"));
    assert_eq!(error.properties.unwrap().get("requireStack").unwrap(), &Value::from(vec![format!("{root}/main.ts")]));
}

#[tokio::test]
async fn what_changes_on_disk_between_two_calls_is_seen() {
    let manifest = |main: &str, kind: &str| format!(r#"{{"main": "{main}", "type": "{kind}"}}"#);
    let tree = Tree::open(&[("x.js", "")]);
    let install = |name: &str, main: &str, kind: &str| {
        tree.write(&format!("node_modules/{name}/package.json"), &manifest(main, kind));
        ["a.js", "b.js"].iter().for_each(|file| tree.write(&format!("node_modules/{name}/{file}"), ""));
        // As installers leave files: so old that what is in them is remembered.
        for file in ["package.json", "a.js", "b.js"] {
            tree.date_back(&format!("node_modules/{name}/{file}"));
        }
    };
    let required = async |specifier: &str| match tree.require(specifier, "x.js").await {
        Ok(item) => format!("{} {}", tree.short(text(&item, "url")), text(&item, "format")),
        Err(error) => code(&error).to_owned(),
    };
    install("p", "a.js", "commonjs");
    for specifier in ["p", "p", "./node_modules/p", "./node_modules/p"] {
        assert_eq!(required(specifier).await, "node_modules/p/a.js commonjs", "{specifier}");
    }
    // Edited in place.
    tree.write("node_modules/p/package.json", &manifest("b.js", "module"));
    for specifier in ["p", "./node_modules/p"] {
        assert_eq!(required(specifier).await, "node_modules/p/b.js module", "{specifier}");
    }
    // Installed, replaced and removed, as by a package manager in another terminal.
    assert_eq!(required("q").await, "MODULE_NOT_FOUND");
    install("q", "a.js", "commonjs");
    assert_eq!(required("q").await, "node_modules/q/a.js commonjs");
    fs::rename(tree.root.join("node_modules/q"), tree.root.join("node_modules/.q")).unwrap();
    assert_eq!(required("q").await, "MODULE_NOT_FOUND");
    install("q", "b.js", "module");
    for specifier in ["q", "./node_modules/q"] {
        assert_eq!(required(specifier).await, "node_modules/q/b.js module", "{specifier}");
    }
}

#[tokio::test]
async fn formats_are_settled_by_ending_package_and_text() {
    let tree = Tree::open(&[
        ("esm.js", "export default 1"),
        ("cjs.js", "module.exports = 1"),
        ("await.js", "await 1"),
        ("meta.js", "import.meta.url"),
        ("return.js", "return 1"),
        ("wrong.js", "let ) ="),
        ("m/package.json", r#"{"type": "module"}"#),
        ("m/x.js", ""),
        ("m/x.cjs", ""),
        ("m/x.ts", ""),
        ("m/node_modules/p/x.js", ""),
        ("c/package.json", r#"{"type": "commonjs"}"#),
        ("c/x.js", "module.exports = 1"),
        ("c/esm.js", "export default 1"),
        ("c/x.ts", "export default 1"),
        ("c/x.jsx", "export default 1"),
        ("c/cjs.ts", "module.exports = 1"),
        ("c/x.mjs", ""),
        ("x.jsx", "export default <a/>"),
        ("x.tsx", "export enum E { A } export default <a b={1 as number}/>"),
        ("x.cts", "import fs = require('fs'); export = fs"),
        ("x.json", "{}"),
        ("bin", "#!/usr/bin/env node\nimport 'fs'"),
        ("style.css", "a {}"),
        ("addon.node", ""),
    ]);
    for (file, format) in [
        ("esm.js", "module"),
        ("cjs.js", "commonjs"),
        ("await.js", "module"),
        ("meta.js", "module"),
        ("return.js", "commonjs"),
        ("wrong.js", "commonjs"),
        ("m/x.js", "module"),
        ("m/x.cjs", "commonjs"),
        ("m/x.ts", "module"),
        ("m/node_modules/p/x.js", "commonjs"),
        ("c/x.js", "commonjs"),
        ("c/x.ts", "module"),
        ("c/x.jsx", "module"),
        ("c/cjs.ts", "commonjs"),
        ("c/x.mjs", "module"),
        ("x.jsx", "module"),
        ("x.tsx", "module"),
        ("x.cts", "commonjs"),
        ("x.json", "json"),
        ("bin", "module"),
    ] {
        let items = tree.graph(&format!("./{file}")).await.unwrap();
        assert_eq!(text(&items[0], "format"), format, "{file}");
    }
    let told = tree.graph("./c/esm.js").await.unwrap_err();
    let package = tree.root.join("c/package.json").display().to_string();
    assert!(told.name == "SyntaxError" && told.message.contains(&package), "{told:?}");
    assert_eq!(code(&tree.graph("./style.css").await.unwrap_err()), "ERR_UNKNOWN_FILE_EXTENSION");
    assert_eq!(code(&tree.graph("./addon.node").await.unwrap_err()), "ERR_DLOPEN_DISABLED");
    let with = async |file: &str, kind: &str| {
        let attributes = Value::Object(vec![("type".into(), kind.into())]);
        graph(&tree.modules, vec![file.into(), Value::Undefined, attributes]).await
    };
    assert_eq!(with("./style.css", "text").await.unwrap()[0].get("source"), Some(&"a {}".into()));
    assert!(matches!(with("./style.css", "bytes").await.unwrap()[0].get("source"), Some(Value::TypedArray(..))));
    assert_eq!(code(&with("./esm.js", "json").await.unwrap_err()), "ERR_IMPORT_ATTRIBUTE_TYPE_INCOMPATIBLE");
    assert_eq!(code(&with("./esm.js", "css").await.unwrap_err()), "ERR_IMPORT_ATTRIBUTE_UNSUPPORTED");
    let cts = value(&tree.modules, "require", vec!["./x.cts".into(), Value::Undefined]).await.unwrap();
    assert!(text(&cts, "source").contains("module.exports = fs"), "{}", text(&cts, "source"));
}

#[tokio::test]
async fn each_project_is_bounded_and_a_repository_may_have_many() {
    let mut files = Vec::new();
    for index in 0..150 {
        files.push((format!("p{index}/tsconfig.json"), r#"{ "extends": "./base.json" }"#.to_owned()));
        files.push((format!("p{index}/base.json"), "{}".to_owned()));
        files.push((format!("p{index}/a.ts"), "export const a: number = 1".to_owned()));
    }
    let imports: String = (0..150).map(|index| format!("import './p{index}/a.ts';")).collect();
    files.push(("main.ts".to_owned(), imports));
    let files: Vec<_> = files.iter().map(|(path, text)| (&**path, &**text)).collect();
    assert_eq!(Tree::open(&files).graph("./main.ts").await.unwrap().len(), 151);
    // One that never ends.
    let mut files =
        vec![("tsconfig.json".to_owned(), r#"{ "extends": "./x0.json" }"#.to_owned()), ("a.ts".to_owned(), String::new())];
    files.extend((0..250).map(|index| (format!("x{index}.json"), format!(r#"{{ "extends": "./x{}.json" }}"#, index + 1))));
    let files: Vec<_> = files.iter().map(|(path, text)| (&**path, &**text)).collect();
    let error = Tree::open(&files).graph("./a.ts").await.unwrap_err();
    assert_eq!(code(&error), "ERR_INVALID_TSCONFIG");
    assert!(error.message.contains("too many files"), "{error:?}");
}

#[tokio::test]
async fn a_broken_project_has_no_paths_and_stops_no_chunk() {
    let tree = Tree::open(&[
        (
            "tsconfig.json",
            r#"{ "extends": "@tsconfig/node20/tsconfig.json", "compilerOptions": { "paths": { "@/*": ["./*"] } } }"#,
        ),
        ("node_modules/plain/index.js", ""),
        ("a.ts", ""),
        ("x.ts", ""),
    ]);
    assert_eq!(tree.resolve("plain", None, "import").await.unwrap(), "node_modules/plain/index.js");
    assert_eq!(tree.import("plain", "a.ts").await.unwrap(), "node_modules/plain/index.js");
    // It may be why something is not found.
    let error = tree.resolve("@/x.ts", None, "import").await.unwrap_err();
    assert_eq!(code(&error), "ERR_INVALID_TSCONFIG");
    // What is compiled by it needs it.
    assert_eq!(code(&tree.graph("./a.ts").await.unwrap_err()), "ERR_INVALID_TSCONFIG");
}

/// The package manager has nothing to do with these, unless the project says nothing of a name.
#[tokio::test]
async fn a_module_that_is_missing_by_the_paths_of_a_project_is_told_so() {
    let paths = r##""@lib/*": ["./src/*", "./gen/*"], "@/*": ["./src/*"], "#own/*": ["./src/*"], "one": ["./one.ts"], "*": ["./types/*"]"##;
    let tree = Tree::open(&[
        ("tsconfig.json", &format!("{{ \"compilerOptions\": {{ \"paths\": {{ {paths} }} }} }}")),
        ("package.json", "{}"),
        ("a.ts", ""),
        ("a.mjs", ""),
        ("src/there.ts", ""),
    ]);
    let place = |name: &str| tree.root.join(name).display().to_string();
    let told = |key: &str, names: &[&str]| {
        let places: Vec<_> = names.iter().map(|name| place(name)).collect();
        format!(". By \"{key}\" of the paths in {} it is {}, where no module is", place("tsconfig.json"), places.join(" or "))
    };
    for style in ["import", "require"] {
        for (specifier, advice) in [
            ("@lib/nope", told("@lib/*", &["src/nope", "gen/nope"])),
            ("@lib/ther", told("@lib/*", &["src/ther", "gen/ther"]) + ". Did you mean '@lib/there.ts'?"),
            ("@/nope", told("@/*", &["src/nope"])),
            ("#own/nope", told("#own/*", &["src/nope"])),
            ("one", told("one", &["one.ts"])),
        ] {
            for from in [Some("a.ts"), None] {
                let error = tree.resolve(specifier, from, style).await.unwrap_err();
                assert!(error.message.contains(&advice), "{specifier}: {}", error.message);
                assert!(!error.message.contains("Not installed"), "{specifier}: {}", error.message);
            }
        }
        // `*` matches all packages. A file of JavaScript has no project.
        for (specifier, from) in [("none", "a.ts"), ("@lib/nope", "a.mjs")] {
            let error = tree.resolve(specifier, Some(from), style).await.unwrap_err();
            assert!(error.message.contains(&format!("Not installed: npm i {specifier}")), "{}", error.message);
        }
    }
}

#[tokio::test]
async fn a_project_that_only_refers_to_others_is_the_one_that_a_file_belongs_to() {
    let tree = Tree::open(&[
        (
            "tsconfig.json",
            r#"{ "files": [], "references": [{ "path": "./tsconfig.app.json" }, { "path": "./tsconfig.node.json" }] }"#,
        ),
        (
            "tsconfig.app.json",
            r#"{ "include": ["src"], "compilerOptions": { "paths": { "@/*": ["./src/*"] }, "jsx": "react-jsx", "jsxImportSource": "mine" } }"#,
        ),
        ("tsconfig.node.json", r#"{ "include": ["vite.config.ts"], "compilerOptions": { "paths": { "@/*": ["./other/*"] } } }"#),
        ("src/main.tsx", "import '@/deep/part'; export default <a/>;"),
        ("src/deep/part.ts", ""),
        ("other/deep/part.ts", ""),
        ("vite.config.ts", "import '@/deep/part'"),
        ("node_modules/mine/jsx-runtime.js", "export const jsx = 1"),
        ("node_modules/mine/package.json", r#"{ "type": "module", "exports": { "./jsx-runtime": "./jsx-runtime.js" } }"#),
        (
            "broken/tsconfig.json",
            r#"{ "references": [{ "path": "./gone.json" }], "compilerOptions": { "paths": { "@": ["./b.ts"] } } }"#,
        ),
        ("broken/a.ts", ""),
        ("broken/b.ts", ""),
    ]);
    assert_eq!(tree.import("@/deep/part", "src/main.tsx").await.unwrap(), "src/deep/part.ts");
    assert_eq!(tree.import("@/deep/part", "vite.config.ts").await.unwrap(), "other/deep/part.ts");
    assert_eq!(tree.import("@", "broken/a.ts").await.unwrap(), "broken/b.ts", "what is only referred to may be missing");
    let found = tree.graph("./src/main.tsx").await.unwrap();
    let mut urls: Vec<_> = found.iter().map(|item| tree.short(text(item, "url"))).collect();
    urls.sort();
    assert_eq!(urls, ["node_modules/mine/jsx-runtime.js", "src/deep/part.ts", "src/main.tsx"]);
}

/// The name of a file says how its text is read, also where another file has the same text.
#[tokio::test]
async fn a_file_of_declarations_is_no_module_of_the_same_text() {
    let text = "export const declaredOnly: number; export function f(): void";
    let tree = Tree::open(&[("a.d.ts", text), ("a.ts", text), ("b.ts", text), ("b.d.ts", text)]);
    for (file, is_read) in [("./a.d.ts", true), ("./a.ts", false), ("./b.ts", false), ("./b.d.ts", true), ("./a.ts", false)] {
        assert_eq!(tree.graph(file).await.is_ok(), is_read, "{file}");
    }
}
