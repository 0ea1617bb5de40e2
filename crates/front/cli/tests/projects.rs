//! Projects as people have them: TypeScript beside an `npm init -y`, a `tsconfig.json`, a package manager of one's own.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod typescript;

use std::fs;

use crate::common::{Folder, Said, drupe};

struct Project(Folder);

impl Project {
    fn new(name: &str) -> Self {
        Self(Folder::new(name))
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.0.0.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn run(&self, args: &[&str]) -> Said {
        let output = drupe(args).current_dir(&self.0.0).stdin(std::process::Stdio::null()).output().unwrap();
        Said {
            status: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    #[track_caller]
    fn prints(&self, args: &[&str], expected: &str) {
        let said = self.run(args);
        assert_eq!((said.status, &*said.out, &*said.err), (Some(0), expected, ""), "{args:?}");
    }

    /// Ends with 1, and says all of `parts`.
    #[track_caller]
    fn fails(&self, args: &[&str], parts: &[&str]) {
        let said = self.run(args);
        assert_eq!((said.status, &*said.out), (Some(1), ""), "{args:?}: {said:?}");
        parts.iter().for_each(|part| assert!(said.err.contains(part), "{args:?} does not say {part:?}: {}", said.err));
    }
}

#[test]
fn typescript_is_a_module_where_its_text_says_so() {
    let project = Project::new("type-commonjs");
    project.write("package.json", r#"{ "type": "commonjs" }"#);
    project.write("lib/util.ts", "export const x: number = 42; export type T = string;");
    project.write("lib/view.tsx", "const h = (name: string) => name;\n/** @jsx h */\nexport default <a/>;");
    project.write(
        "main.ts",
        "import { x, type T } from './lib/util.ts'; const t: T = 'a'; console.log(x, t, await Promise.resolve(1))",
    );
    project.write("meta.ts", "console.log(typeof import.meta.url)");
    project.write("script.ts", "const { x } = require('./lib/util.ts'); const y: number = x; console.log(y, typeof module)");
    project.write("named.cts", "const y: number = 1; module.exports = y; console.log(typeof require)");
    project.write("named.mts", "const y: number = 1; console.log(typeof require, import.meta.main)");
    project.write("view.ts", "import view from './lib/view.tsx'; console.log(view)");
    project.prints(&["main.ts"], "42 a 1\n");
    project.prints(&["run", "main.ts"], "42 a 1\n");
    project.prints(&["meta.ts"], "string\n");
    project.prints(&["script.ts"], "42 object\n");
    project.prints(&["named.cts"], "function\n");
    project.prints(&["named.mts"], "undefined true\n");
    project.prints(&["view.ts"], "a\n");
    project.prints(&["-p", "import { x } from './lib/util.ts'; x"], "42\n");
    project.prints(&["-p", "require('./lib/util.ts').x"], "42\n");
}

#[test]
fn javascript_follows_nodes_rule_and_is_told_why() {
    let project = Project::new("javascript");
    project.write("package.json", r#"{ "type": "commonjs" }"#);
    project.write("main.js", "// first\nimport { x } from './x.js'; console.log(x)");
    project.write("deep.js", "require('./more.js')");
    project.write("more.js", "\n\n  export const x = 1;");
    project.write("named.cjs", "import './x.js'");
    project.write("open/package.json", "{}");
    project.write("open/main.js", "import fs from 'node:fs'; console.log(typeof fs)");
    let package = project.0.0.join("package.json").display().to_string();
    let words = ["Cannot use import statement outside a module", "\"type\": \"commonjs\"", &package, "main.js:2:1", ".mjs"];
    project.fails(&["main.js"], &words);
    project.fails(&["deep.js"], &["more.js:3:3", "Cannot use export statement outside a module", &package]);
    project.fails(&["named.cjs"], &["named.cjs:1:1", "the ending .cjs says that it is CommonJS; .mjs makes it a module"]);
    project.prints(&["open/main.js"], "object\n");
}

/// A mistake in a file that is an ES module by its text alone is told, and not that it is none.
#[test]
fn a_mistake_in_a_module_without_a_package_is_pointed_at() {
    let project = Project::new("no-package");
    project.write("mine.js", "import fs from 'fs'\nconsole.log(fs.sep;\n");
    project.fails(&["mine.js"], &["mine.js:2:16"]);
    project.write("two.js", "export const two = 2;\nexport function bad() {\n  let y = 3 +* 4;\n}\n");
    project.fails(&["two.js"], &["two.js:3:14"]);
    project.write("uses.mjs", "import { two } from './two.js'\nconsole.log(two)\n");
    project.fails(&["uses.mjs"], &["two.js:3:14"]);
    project.write("old.js", "module.exports = 1;\nlet y = 3 +* 4;\n");
    project.fails(&["old.js"], &["old.js:2:12"]);
}

#[test]
fn a_tsconfig_is_honoured() {
    let project = Project::new("tsconfig");
    project.write(
        "tsconfig.json",
        "{\n // comments\n \"extends\": [\"./base\"], /* and */\n \"compilerOptions\": { \"emitDecoratorMetadata\": true, \
         \"paths\": { \"@/*\": [\"./lib/*\", \"./none/*\"], \"exact\": [\"./lib/foo.ts\"] }, }, \n}",
    );
    project.write("base.json", r#"{ "compilerOptions": { "experimentalDecorators": true, "target": "ES2020", "jsx": "react-jsx", "jsxImportSource": "own" } }"#);
    project.write("node_modules/own/package.json", r#"{ "exports": { "./jsx-runtime": "./jsx.js" }, "type": "module" }"#);
    project.write("node_modules/own/jsx.js", "export const jsx = (name, { children, ...props }) => [name, props, children]; export const jsxs = jsx; export const Fragment = 'F';");
    project.write("lib/foo.ts", "export class Foo { name = 'foo' }");
    project.write("lib/index.ts", "export const index = true;");
    project.write(
        "decorators.ts",
        "import { Foo } from './lib/foo.ts';
         const told: any[] = [];
         (Reflect as any).metadata = (key: string, value: any) => () => { told.push([key, Array.isArray(value) ? value.map(v => v.name) : value?.name]) };
         function log(target: any, key: string, d?: PropertyDescriptor) { told.push(['log', key, typeof target, !!d]) }
         function param(_: any, key: any, index: number) { told.push(['param', key, index]) }
         function all(c: Function) { told.push(['class', c.name]) }
         @all class A {
           @log field = 1; plain;
           constructor(@param private foo: Foo, public n: number) { told.push([this.field, this.n, 'plain' in this]) }
           @log method(a: string): Foo { return this.foo }
         }
         const a = new A(new Foo(), 5);
         console.log(JSON.stringify(told)); console.log(JSON.stringify(Object.keys(a)), a.method('').name)",
    );
    project.prints(
        &["decorators.ts"],
        "[[\"design:type\",\"Object\"],[\"log\",\"field\",\"object\",false],[\"design:returntype\",\"Foo\"],[\"design:paramtypes\",[\"String\"]],\
         [\"design:type\",\"Function\"],[\"log\",\"method\",\"object\",true],[\"design:paramtypes\",[\"Foo\",\"Number\"]],\
         [\"param\",null,0],[\"class\",\"A\"],[1,5,false]]\n[\"foo\",\"n\",\"field\"] foo\n",
    );
    project.write("paths.ts", "import { Foo } from '@/foo'; import { Foo as Again } from '@/foo.ts'; import { Foo as Exact } from 'exact'; import { index } from '@/index'; console.log(Foo === Again, Foo === Exact, index)");
    project.prints(&["paths.ts"], "true true true\n");
    project.write("jsx.tsx", "console.log(JSON.stringify(<a b={1}>{2}</a>))");
    project.prints(&["jsx.tsx"], "[\"a\",{\"b\":1},2]\n");
    // A chunk imports as a file of the project.
    project.prints(&["-p", "import { index } from '@/index'; index"], "true\n");
    // The nearest one counts, and JavaScript has none.
    project.write(
        "classic/tsconfig.json",
        r#"{ "compilerOptions": { "jsx": "react", "jsxFactory": "h", "jsxFragmentFactory": "F" } }"#,
    );
    project.write("classic/j.tsx", "const h = (...all: any[]) => all, F = 'fragment'; console.log(JSON.stringify(<><b/></>))");
    project.prints(&["classic/j.tsx"], "[\"fragment\",null,[\"b\",null]]\n");
    project.write("classic/alias.ts", "import '@/foo'");
    project.fails(&["classic/alias.ts"], &["'@/foo'"]);
    // What is fields by the standard stays fields, unless the project is older than they are.
    project.write("classic/fields.ts", "class A { a; b = 1 } console.log(JSON.stringify(Object.keys(new A())))");
    project.prints(&["classic/fields.ts"], "[\"a\",\"b\"]\n");
    project.write("classic/tsconfig.json", r#"{ "compilerOptions": { "useDefineForClassFields": false } }"#);
    project.prints(&["classic/fields.ts"], "[\"b\"]\n");
}

// threat K3
/// `metadata/expected.txt` is what `tsc` makes of it, but for aliases of other files, which nothing tells at run time.
#[test]
fn decorators_are_told_of_types_what_tsc_tells() {
    let project = Project::new("metadata");
    for name in ["decorated.ts", "other.ts", "reflect.ts"] {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/metadata").join(name);
        project.write(name, &fs::read_to_string(file).unwrap());
    }
    let options = r#"{ "experimentalDecorators": true, "emitDecoratorMetadata": true, "strict": true }"#;
    project.write("tsconfig.json", &format!(r#"{{ "compilerOptions": {options} }}"#));
    project.prints(&["decorated.ts"], include_str!("metadata/expected.txt"));
    // What is null is no type of its own.
    let options =
        options.replace("strict", "strictNullChecks").replace(r#""strictNullChecks": true"#, r#""strictNullChecks": false"#);
    project.write("tsconfig.json", &format!(r#"{{ "compilerOptions": {options} }}"#));
    let said = project.run(&["decorated.ts"]).out;
    let line = |key: &str| said.lines().find(|line| line.starts_with(key)).unwrap_or_default();
    assert_eq!([line("p06"), line("p02")], [r#"p06 design:type "String""#, r#"p02 design:type "Number""#]);
}

#[test]
fn files_that_are_commonjs_by_name_may_be_written_as_es_modules() {
    let project = Project::new("cts");
    project.write(
        "a.cts",
        "import fs, { existsSync as exists, type Stats } from 'node:fs'; import * as path from 'node:path'; import os = require('node:os')
        import d, { live, up } from './b.cts'; import cjs from './c.cjs'
        enum E { A = 1 }
        export { live as again } from './b.cts'; export * from './b.cts'; export * as all from './b.cts'
        export const x: number = E.A; export let y = 1; export function f() { return this } export { E as Kind }
        y++; up()
        const seen: Stats | undefined = undefined
        console.log(fs.existsSync === exists, exists('/'), path.sep, typeof os.EOL, d(), live, { live }, cjs.one, typeof module, seen, __filename.endsWith('a.cts'))",
    );
    project.write(
        "b.cts",
        "export let live = 1; export const up = () => { live++ }; export default function () { return 'default' }",
    );
    project.write("c.cjs", "module.exports = { one: 1 }");
    project.write(
        "use.mjs",
        "import { x, y, again, live, f, Kind, all } from './a.cts'; console.log(x, y, again, live, f(), Kind.A, all.live)",
    );
    project.write("use.cjs", "const a = require('./a.cts'); console.log(Object.keys(a).sort().join(), a.__esModule)");
    project.write("late.cts", "export default 5\nnull!.x");
    let said = "true true / string default 2 { live: 2 } 1 object undefined true\n";
    project.prints(&["a.cts"], said);
    project.prints(&["use.mjs"], &format!("{said}1 2 2 2 undefined 1 2\n"));
    project.prints(&["use.cjs"], &format!("{said}Kind,again,all,f,live,up,x,y true\n"));
    project.fails(&["late.cts"], &["late.cts:2:7"]);
}

#[test]
fn scripts_are_strict_where_the_project_says_so() {
    let project = Project::new("always-strict");
    let sloppy = "#!/usr/bin/env drupe\nconst f = function (this: any) { return this === undefined };console.log(f());\nnull!.x";
    project.write("script.ts", sloppy);
    project.write("enum.ts", "enum E { A }\nconst f = function (this: any) { return this === undefined }; console.log(f(), E.A)");
    project.write("script.js", "console.log((function () { return this === undefined })())");
    assert_eq!(project.run(&["script.ts"]).out, "false\n");
    project.write("tsconfig.json", r#"{ "compilerOptions": { "strict": true, "allowJs": true } }"#);
    let said = project.run(&["script.ts"]);
    assert_eq!(said.out, "true\n");
    assert!(said.err.contains("script.ts:3:7"), "{said:?}");
    project.prints(&["enum.ts"], "true 0\n");
    project.prints(&["script.js"], "false\n");
}

#[test]
fn jsx_for_development_says_where_it_was_written() {
    let project = Project::new("jsxdev");
    project.write("tsconfig.json", r#"{ "compilerOptions": { "jsx": "react-jsxdev", "jsxImportSource": "own" } }"#);
    project.write(
        "node_modules/own/jsx-dev-runtime.js",
        "exports.jsxDEV = (type, props, key, many, source) => [type, many, source]",
    );
    project.write("view.tsx", "\nconsole.log(JSON.stringify(<a><b/><c/></a>))");
    let said = project.run(&["view.tsx"]);
    assert!(
        said.out.contains(r#"["a",true,{"fileName":""#) && said.out.contains(r#"view.tsx","lineNumber":2,"columnNumber":28}]"#),
        "{said:?}"
    );
}

#[test]
fn a_broken_tsconfig_is_an_error_with_its_place() {
    let project = Project::new("broken-tsconfig");
    project.write("main.ts", "console.log(1)");
    project.write("plain.js", "console.log('plain')");
    for (text, parts) in [
        ("{\n  \"compilerOptions\": {\n    jsx: 1\n  }\n}", &["tsconfig.json:3:5"][..]),
        ("{ \"extends\": \"./none.json\" }", &["tsconfig.json", "none.json"]),
        ("{ \"extends\": \"./tsconfig.json\" }", &["tsconfig.json", "extends itself"]),
        ("{ \"compilerOptions\": { \"jsx\": 5 } }", &["tsconfig.json:1:"]),
    ] {
        project.write("tsconfig.json", text);
        project.fails(&["main.ts"], parts);
        project.prints(&["plain.js"], "plain\n");
    }
    project.write(
        "tsconfig.json",
        &format!("{{ \"compilerOptions\": {{ \"paths\": {{ {} \"z\": [] }} }} }}", "\"a\": [\"b\"],".repeat(1 << 17)),
    );
    project.fails(&["main.ts"], &["tsconfig.json"]);
    for level in 0..300 {
        project.write(&format!("chain{level}.json"), &format!("{{ \"extends\": \"./chain{}.json\" }}", level + 1));
    }
    project.write("tsconfig.json", "{ \"extends\": \"./chain0.json\" }");
    project.fails(&["main.ts"], &["tsconfig", "too many files"]);
    // What may not be read is as if it were not there.
    project.write("tsconfig.json", "{ broken");
    let main = project.0.0.join("main.ts").display().to_string();
    project.prints(&[&format!("--allow-read={main}"), "main.ts"], "1\n");
}

#[test]
fn what_is_not_installed_is_installed_by_the_projects_own_manager() {
    for (file, text, command) in [
        ("package.json", "{}", "npm i nope"),
        ("package-lock.json", "{}", "npm i nope"),
        ("pnpm-lock.yaml", "", "pnpm add nope"),
        ("yarn.lock", "", "yarn add nope"),
        ("bun.lock", "", "bun add nope"),
        ("bun.lockb", "", "bun add nope"),
        ("deno.json", "{}", "deno add npm:nope"),
        ("package.json", r#"{ "packageManager": "pnpm@9.1.0+sha512.abc" }"#, "pnpm add nope"),
        ("package.json", r#"{ "devEngines": { "packageManager": { "name": "yarn" } } }"#, "yarn add nope"),
    ] {
        let project = Project::new("manager");
        project.write(file, text);
        project.write("sub/main.mjs", "import 'nope/part'");
        project.fails(&["sub/main.mjs"], &[&format!("Not installed: {command}")]);
        project.fails(&["-e", "require('nope')"], &[&format!("Not installed: {command}")]);
    }
}

#[test]
fn specifiers_of_registries_lead_to_installed_packages() {
    let project = Project::new("registries");
    for (package, version) in [("near", "1.4.0"), ("@scope/near", "0.3.1"), ("@jsr/std__path", "1.0.0"), ("@std/fs", "2.0.0")] {
        let name = if package == "@std/fs" { "@jsr/std__fs" } else { package };
        let manifest = format!("{{ \"name\": {name:?}, \"version\": {version:?}, \"main\": \"index.js\" }}");
        project.write(&format!("node_modules/{package}/package.json"), &manifest);
        project.write(&format!("node_modules/{package}/index.js"), &format!("exports.name = {package:?}"));
        project.write(&format!("node_modules/{package}/sub.js"), &format!("exports.name = '{package}/sub'"));
    }
    // It is another's: JSR has nothing to do with it.
    project.write("node_modules/@std/own/package.json", r#"{ "name": "@std/own", "version": "1.0.0", "main": "index.js" }"#);
    project.write("node_modules/@std/own/index.js", "");
    for (specifier, name) in [
        ("npm:near", "near"),
        ("npm:/near@^1.2/sub.js", "near/sub"),
        ("npm:@scope/near@0.3/sub.js", "@scope/near/sub"),
        ("npm:near@1/sub", "near/sub"),
        ("npm:near@latest", "near"),
        ("jsr:@std/path@1", "@jsr/std__path"),
        ("jsr:@std/fs@^2", "@std/fs"),
    ] {
        project.write("sub/main.mts", &format!("import {{ name }} from '{specifier}'\nconsole.log(name as string)"));
        project.prints(&["sub/main.mts"], &format!("{name}\n"));
        project.prints(&["-p", &format!("require('{specifier}').name")], &format!("{name}\n"));
        project.prints(&["eval", &format!("(await import('{specifier}')).name")], &format!("'{name}'\n"));
    }
    let at = project.0.0.join("node_modules").display().to_string();
    for (specifier, parts) in [
        ("npm:near@2", vec!["'near' in version 2", "/near is 1.4.0)", "Not installed: npm i near@2"]),
        ("npm:near@1/none.js", vec!["none.js"]),
        ("npm:far@>=2 <3", vec!["Cannot find package 'far'", &at, "Not installed: npm i \"far@>=2 <3\""]),
        ("jsr:@std/own@1", vec!["Cannot find package '@jsr/std__own'", "Not installed: npx jsr add @std/own@1"]),
        ("npm:../near", vec!["does not name a package"]),
        ("jsr:path", vec!["jsr:@std/path"]),
    ] {
        project.write("main.mjs", &format!("import '{specifier}'"));
        project.fails(&["main.mjs"], &parts);
    }
    project.write("pnpm-lock.yaml", "");
    project.fails(&["-e", "require('jsr:@std/none')"], &["Not installed: pnpm add jsr:@std/none"]);
    // What may not be read is as if it were not there.
    let main = project.0.0.join("main.mjs").display().to_string();
    project.write("main.mjs", "import 'npm:near'");
    project.fails(&[&format!("--allow-read={main}"), "--no-prompt", "main.mjs"], &["near"]);
}

#[test]
fn what_only_commonjs_has_is_explained_in_modules() {
    let project = Project::new("only-commonjs");
    project.write("typed/package.json", r#"{ "type": "module" }"#);
    project.write("typed/main.js", "//\nrequire('fs')");
    project.write("open/package.json", "{}");
    project.write("open/main.js", "export {};\nmodule.exports = 1");
    project.write("open/awaits.js", "await 1;\nrequire('fs')");
    project.write("main.mjs", "import './deep.mjs'");
    project.write("deep.mjs", "\nconsole.log(__dirname)");
    project.write("own.mjs", "throw new ReferenceError('require is missing')");
    let package = project.0.0.join("typed/package.json").display().to_string();
    let words = "require is not defined in ES module scope, you can use import instead";
    project
        .fails(&["typed/main.js"], &[words, "main.js:2:1", "'.js' file extension", &package, "\"type\": \"module\"", "'.cjs'"]);
    project
        .fails(&["open/main.js"], &["module is not defined in ES module scope", "main.js:2:1", "import or export declarations"]);
    project.fails(&["open/awaits.js"], &[words, "awaits.js:2:1", "an await at its top level"]);
    project
        .fails(&["main.mjs"], &["__dirname is not defined in ES module scope", "import.meta.dirname", "deep.mjs:2:13", "'.mjs'"]);
    let said = project.run(&["own.mjs"]);
    assert!(said.err.contains("require is missing") && !said.err.contains("scope"), "{}", said.err);
    // What cannot be explained stays the program's.
    project.write("frozen.mjs", "throw Object.freeze(new ReferenceError('require is not defined'))");
    project.fails(&["frozen.mjs"], &["ReferenceError: require is not defined", "frozen.mjs:1:21"]);
    let getter = "const error = Object.defineProperty(new ReferenceError('seen'), 'message', { get() { throw 7 } }); throw error";
    project.write("getter.mjs", getter);
    project.fails(&["getter.mjs"], &["Uncaught ReferenceError\n", "getter.mjs:1:37"]);
}

#[test]
fn typescripts_own_imports_and_exports_are_those_of_commonjs() {
    let project = Project::new("own-imports");
    project.write("types.ts", "export type T = number; export interface I {}");
    project.write(
        "x.cts",
        "import fs = require('fs')\nimport { T } from './types'\nconst a: T = 1\nexport = { a, f: typeof fs.readFileSync }",
    );
    project.write("main.cts", "import x = require('./x.cts'); console.log(x, typeof module)");
    project.write("main.ts", "import x = require('./x.cts'); export const a = x; console.log(a)");
    let shown = "{ a: 1, f: 'function' }";
    project.prints(&["main.cts"], &format!("{shown} object\n"));
    project.prints(&["main.ts"], &format!("{shown}\n"));
    project.prints(&["-p", "import x = require('./x.cts'); x"], &format!("{shown}\n"));
    project.write("both.cts", "import fs = require('fs')\nimport { join } from 'path'\nexport = join");
    project.write("more.ts", "export = 1;\n  export const a = 2");
    project.write("uses.cts", "import both = require('./both.cts'); console.log(both === require('node:path').join)");
    project.prints(&["uses.cts"], "true\n");
    project.fails(&["more.ts"], &["Cannot use export statement outside a module: 'export ='", "more.ts:2:3"]);
}

#[test]
fn imports_are_kept_as_the_nearest_project_says() {
    let project = Project::new("verbatim");
    project.write("effect.ts", "console.log('effect'); export type T = number; export const v = 1");
    project.write("marked.ts", "import { type T } from './effect.ts'; const x: T = 2; console.log(x)");
    project.write("unused.ts", "import { v } from './effect.ts'; console.log(2)");
    for (options, [is_marked, is_unused]) in [
        ("{}", [false, false]),
        (r#"{ "isolatedModules": true }"#, [false, false]),
        (r#"{ "preserveValueImports": true }"#, [false, true]),
        (r#"{ "importsNotUsedAsValues": "preserve" }"#, [true, true]),
        (r#"{ "verbatimModuleSyntax": true }"#, [true, true]),
    ] {
        project.write("tsconfig.json", &format!(r#"{{ "compilerOptions": {options} }}"#));
        for (name, has_effect) in [("marked.ts", is_marked), ("unused.ts", is_unused)] {
            project.prints(&[name], if has_effect { "effect\n2\n" } else { "2\n" });
        }
    }
}

#[test]
fn import_meta_works_in_chunks() {
    let project = Project::new("meta");
    project.write("data.txt", "read");
    let folder = project.0.0.display().to_string();
    project.prints(&["-p", "import.meta.dirname"], &format!("{folder}\n"));
    project.prints(&["-p", "fs.readFileSync(new URL('./data.txt', import.meta.url), 'utf8')"], "read\n");
    project.prints(&["-p", "path.dirname(import.meta.filename) === import.meta.dirname"], "true\n");
    project.prints(&["-p", "import.meta.resolve('./none.js') === new URL('./none.js', import.meta.url).href"], "true\n");
    project.prints(&["-p", "import.meta.resolve('node:fs')"], "node:fs\n");
    project.prints(&["-p", "import.meta === import.meta && import.meta.main"], "true\n");
    project.write(
        "main.mjs",
        "console.log(import.meta.resolve('./none.js') === new URL('./none.js', import.meta.url).href, import.meta.main)",
    );
    project.prints(&["main.mjs"], "true true\n");
    let said = project.run(&["-e", "import.meta.resolve('not-installed')"]);
    assert!(said.status == Some(1) && said.err.contains("not-installed"), "{said:?}");
}

/// As compilers and bundlers of TypeScript have it; JavaScript keeps Node's rule.
#[test]
fn typescript_leaves_out_endings_and_indexes() {
    let project = Project::new("endings");
    project.write("package.json", r#"{ "type": "commonjs" }"#);
    project.write("user.ts", "export const user = 'u'");
    project.write("lib/index.ts", "export { part } from './part'; export const lib = 'l'");
    project.write("lib/part.tsx", "import { lib } from '.'; export const part = () => 'p' + lib");
    project.write("data.json", "[1]");
    project.write(
        "a.ts",
        "import { user } from './user'; import { lib, part } from './lib'; import './lib/'; console.log(user, lib, part())",
    );
    project.prints(&["a.ts"], "u l pl\n");
    project.write("b.mjs", "import './user'");
    project.fails(&["b.mjs"], &["ERR_MODULE_NOT_FOUND", "Did you mean './user.ts'?"]);
    // Chunks are TypeScript.
    project.prints(&["-p", "import { user } from './user'; (await import('./lib')).lib + user"], "lu\n");
    project.write("c.ts", "import './users'");
    project.fails(&["c.ts"], &["ERR_MODULE_NOT_FOUND", "Did you mean './user.ts'?", "1 | import './users'"]);
}

/// Getters that warn of what is out of date throw: who imports the rest gets it.
#[test]
fn an_export_of_commonjs_that_throws_when_it_is_read_is_undefined() {
    let project = Project::new("getters");
    project.write(
        "old.cjs",
        "exports.ok = 1; exports.bad = 2; Object.defineProperty(exports, 'bad', { get() { throw new Error('old') } })",
    );
    project.write("a.mjs", "import old, { ok, bad } from './old.cjs'; console.log(old.ok, ok, bad)");
    project.prints(&["a.mjs"], "1 1 undefined\n");
}
#[test]
fn errors_of_decorators_name_what_the_user_wrote() {
    let project = Project::new("decorator-places");
    let decorators = "const log = (v: any, c: any) => v\nconst bad = (v: any, c: any) => { throw new TypeError('bad') }\n";
    let added = "const added = (v: any, c: any) => { c.addInitializer(() => { throw new Error('added') }) }\n";
    for (name, source, expected) in [
        ("class.ts", "@bad\nclass A {}", vec!["bad (", "class.ts:2:41"]),
        ("member.ts", "class A {\n  @bad\n  m() {}\n}", vec!["member.ts:2:41", "member.ts:3:7"]),
        // One call applies all decorators of a class: its frame is that of the class.
        ("members.ts", "class A {\n  @log a = 1\n  @bad\n  m() {}\n}", vec!["members.ts:2:41", "members.ts:3:7"]),
        ("none.ts", "class A {\n  @(42 as any) x = 1\n}", vec!["A decorator must be a function", "none.ts:3:7"]),
        ("wrong.ts", "const one = () => 1 as any\nclass A {\n  @one m() {}\n}", vec!["wrong.ts:4:7"]),
        (
            "field.ts",
            "class A {\n  @log x = (() => {\n    throw new Error('in')\n  })()\n}\nnew A()",
            vec!["field.ts:5:11", "field.ts:8:1"],
        ),
        ("added.ts", "class A {\n  @added m() {}\n}\nnew A()", vec!["Error: added", "added.ts:1:68", "added.ts:3:7"]),
        ("body.ts", "@log\nclass A {\n  @log m() { null!.foo }\n}\nnew A().m()", vec!["body.ts:5:20", "body.ts:7:9"]),
    ] {
        let before = if name == "added.ts" { format!("{added}\n") } else { decorators.to_owned() };
        project.write(name, &format!("{before}{source}"));
        project.fails(&[name], &expected);
        let said = project.run(&[name]).err;
        let lines = format!("{before}{source}").lines().map(str::len).collect::<Vec<_>>();
        for place in said.split(&format!("{name}:")).skip(1) {
            let numbers: Vec<usize> = place.split(|c: char| !c.is_ascii_digit()).take(2).filter_map(|n| n.parse().ok()).collect();
            let [line, column] = numbers[..] else { continue };
            assert!(lines.get(line - 1).is_some_and(|length| column <= length + 1), "{line}:{column} is nowhere: {said}");
        }
    }
}

#[test]
fn decorated_accessors_and_metadata_work_in_modules_and_chunks() {
    let project = Project::new("accessors");
    let code = "function d(v: any, c: any) {
  c.metadata[c.name] = c.kind
  return { get() { return v.get.call(this) }, set(x: any) { v.set.call(this, x) }, init: (x: any) => x + 1 }
}
class A { @d accessor #n = 4; @d accessor m = 5; @d static accessor #s = 6
  read() { return this.#n } write(x: number) { this.#n = x } static read() { return [A.#s, ++A.#s] } }
const a = new A(), desc = 'mine'
console.log(a.read(), (a.write(9), a.read()), a.m, A.read(), desc)
console.log(Object.entries(A[Symbol.metadata]!).join(' '), A)
";
    project.write("a.ts", code);
    for args in [["run", "a.ts"], ["eval", code]] {
        let said = project.run(&args);
        let told = "5 9 6 [ 7, 8 ] mine\n#s,accessor #n,accessor m,accessor [class A]\n";
        assert_eq!(
            (&*said.out, &*said.err),
            (&*format!("{told}{}", if args[0] == "eval" { "undefined\n" } else { "" }), ""),
            "{args:?}"
        );
    }
}
