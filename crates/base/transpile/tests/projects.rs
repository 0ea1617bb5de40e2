//! What a project asks for: how its modules are compiled. And `import.meta` in chunks.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::time::{Duration, Instant};

use drupe_transpile::{Language, Options, Project, transpile, transpile_module};

fn code(project: Project, source: &str) -> String {
    let mut options = Options::new(Language::Tsx);
    options.project = project;
    transpile_module(source, &options).unwrap().code.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn decorators_are_those_that_the_project_asks_for() {
    let source = "import { T } from 't'; import { U } from 'u'; export class A { @d x: T; constructor(@p u: U) {} }";
    let legacy = Project { legacy_decorators: true, ..Project::default() };
    let made = code(legacy.clone(), source);
    assert!(made.contains("_ts_decorate([") && made.contains("_ts_param(0, p)"), "{made}");
    assert!(!made.contains("import"), "no type is a value without metadata: {made}");
    let made = code(Project { decorator_metadata: true, ..legacy }, source);
    assert!(made.contains("_ts_metadata(\"design:type\"") && made.contains("_ts_metadata(\"design:paramtypes\""), "{made}");
    assert!(made.contains("from 't'") && made.contains("from 'u'"), "what decorators are told of is imported: {made}");
    let made = code(Project::default(), "export class A { @d x = 1 }");
    assert!(!made.contains("_ts_decorate"), "the standard's are the default: {made}");
}

#[test]
fn accessors_with_decorators_before_version_5_are_private_fields() {
    let legacy = Project { legacy_decorators: true, ..Project::default() };
    let storages = |source: &str| {
        let made = code(legacy.clone(), source);
        let declared =
            made.split_whitespace().filter(|word| word.starts_with('#') && word.trim_end_matches(';').ends_with("storage"));
        let mut names: Vec<_> = declared.map(|name| name.trim_end_matches(';').to_owned()).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "{made}");
        count
    };
    assert_eq!(storages("class B { @d accessor a; static accessor a; accessor #a; static accessor #b; accessor 'a' }"), 5);
    let made = code(legacy, "class B { @d accessor [k()] = 1; accessor [l()] = 2; @d accessor ['m'] = 3 }");
    for (call, count) in [("k()", 1), ("l()", 1), ("'m'", 3)] {
        assert_eq!(made.matches(call).count(), count, "{call} in {made}");
    }
}

#[test]
fn decorators_are_told_of_what_comes_back() {
    let metadata = Project { legacy_decorators: true, decorator_metadata: true, ..Project::default() };
    for (method, told) in [("async m() {}", "Promise"), ("async *m() {}", "void 0"), ("*m() {}", "void 0"), ("m() {}", "void 0")]
    {
        let made = code(metadata.clone(), &format!("class A {{ @d {method} }}"));
        assert!(made.contains(&format!("\"design:returntype\", {told})")), "{method}: {made}");
    }
}

#[test]
fn what_is_called_of_a_module_in_a_commonjs_file_is_no_method_of_it() {
    let mut options = Options::new(Language::TypeScript);
    options.is_commonjs = true;
    for (source, expected) in [
        ("f()", "(0, required[\"f\"])();"),
        ("(f)()", "(0, required[\"f\"])();"),
        ("f!()", "(0, required[\"f\"])();"),
        ("f?.(f)", "(0, required[\"f\"])?.(required[\"f\"]);"),
        ("f`${f}`", "(0, required[\"f\"])`${required[\"f\"]}`;"),
        ("f.g`x`", "required[\"f\"].g`x`;"),
        ("new f()", "new required[\"f\"]();"),
    ] {
        let source = format!("import {{ f }} from './lib.cjs'; {source}");
        let made = transpile_module(&source, &options).unwrap().code;
        assert!(made.contains(expected), "{source}: {made}");
    }
}

#[test]
fn fields_are_assigned_where_the_project_asks_for_it() {
    let assign = Project { assign_fields: true, ..Project::default() };
    for (source, expected) in [
        (
            "class A { a = 1; b; 'c' = 2; [1] = 3; static s = 4; static t; declare d }",
            "class A { constructor(){ this.a = 1; this['c'] = 2; this[1] = 3; } static{ this.s = 4; } }",
        ),
        ("class B extends A { x = f }", "class B extends A { constructor(...args){ super(...args); this.x = f; } }"),
        (
            "class C { a = this.b; #p = 1; constructor(public b: number) { go(); } }",
            "class C { #p; constructor(b){ this.b = b; this.a = this.b; this.#p = 1; go(); } }",
        ),
        ("class D { x = y; constructor(y) { this.z = y } }", "class D { constructor(y1){ this.x = y; this.z = y1; } }"),
        ("class E { [k()] = 1 }", "let name; class E { constructor(){ this[name] = 1; } static{ name = k(); } }"),
        (
            "class F extends A { x = 1; #p = 2; constructor(a) { 'use x'; if (a) { super(1) } else super() } }",
            "class F extends A { #p; constructor(a){ 'use x'; const assign = ()=>{ this.x = 1; this.#p = 2; }; if (a) { super(1), assign(), this; } else super(), assign(), this; } }",
        ),
        (
            "class G extends A { x = 1; constructor() { const f = () => super(); f(); class H extends A { constructor() { super() } } } }",
            "class G extends A { constructor(){ const assign = ()=>{ this.x = 1; }; const f = ()=>(super(), assign(), this); f(); class H extends A { constructor(){ super(); } } } }",
        ),
    ] {
        let made = code(assign.clone(), source);
        assert_eq!(made, expected, "{source}");
    }
    assert_eq!(code(Project::default(), "class A { a = 1; b }"), "class A { a = 1; b }");
}

#[test]
fn computed_names_of_assigned_fields_are_evaluated_once_and_in_their_order() {
    let assign = Project { assign_fields: true, ..Project::default() };
    for (source, expected) in [
        (
            "class A { [a()] = 1; static [b()] = 2; [c()]() {} [d()]; get [e()]() { return 1 } }",
            "let name, name1; class A { constructor(){ this[name] = 1; } static{ this[name1] = 2; } [(name = a(), name1 = b(), c())]() {} get [(d(), e())]() { return 1; } }",
        ),
        ("class B { [`b`] = 1; ['c'] = 2; [3] = 4 }", "class B { constructor(){ this[`b`] = 1; this['c'] = 2; this[3] = 4; } }"),
        // Each evaluation of a class has names of its own.
        (
            "for (const x of y) { class C { [x] = 1 } }",
            "for (const x of y){ let name; class C { constructor(){ this[name] = 1; } static{ name = x; } } }",
        ),
        (
            "const f = (x) => class { [x] = 1 }",
            "const f = (x)=>{ let name; return class { constructor(){ this[name] = 1; } static{ name = x; } }; };",
        ),
        (
            "function f(x = class { [k()] = 1 }) { return x }",
            "function f(x = (()=>{ let name; return ({ [\"x\"]: class { constructor(){ this[name] = 1; } static{ name = k(); } } })[\"x\"]; })()) { return x; }",
        ),
        (
            "for (const x of y) if (x) f(class { [x] = 1 }); else g(class { [x] = 2 })",
            "for (const x of y)if (x) { let name; f(class { constructor(){ this[name] = 1; } static{ name = x; } }); } else { let name; g(class { constructor(){ this[name] = 2; } static{ name = x; } }); }",
        ),
        (
            "while (f(class { [x] = 1 })) a: for (;;) break a",
            "while(f((()=>{ let name; return class { constructor(){ this[name] = 1; } static{ name = x; } }; })()))a: for(;;)break a;",
        ),
        // A static block has another `this`, and no `await`.
        (
            "async function f() { class D { [await k()] = 1; [this.k] = 2; e = 3 } }",
            "async function f() { class D { constructor(){ this.e = 3; } [await k()] = 1; [this.k] = 2; } }",
        ),
        // A field with `accessor` is assigned in its turn.
        (
            "class E { a = 1; accessor b = this.a; constructor() { f() } }",
            "class E { #b_1_accessor_storage; get b() { return this.#b_1_accessor_storage; } set b(value) { this.#b_1_accessor_storage = value; } constructor(){ this.a = 1; this.#b_1_accessor_storage = this.a; f(); } }",
        ),
    ] {
        assert_eq!(code(assign.clone(), source), expected, "{source}");
    }
}

#[test]
fn imports_are_kept_as_the_project_asks_for_it() {
    let source = "import { type A } from 'a'; import { type B, C } from 'b'; import D, { type E } from 'd'; import type F from 'f'; import { G } from 'g'; let x: G; export { type I } from 'i'; export type { J } from 'j'; C";
    let verbatim = Project { keep_names: true, keep_effects: true, ..Project::default() };
    for (project, expected) in [
        (Project::default(), "; import { C } from 'b'; ; ; ; let x ; ; ; C"),
        (
            verbatim.clone(),
            "import 'a'; import { C } from 'b'; import D, { } from 'd'; ; import { G } from 'g'; let x ; export { } from 'i'; ; C",
        ),
        (
            Project { keep_names: true, ..Project::default() },
            "; import { C } from 'b'; import D, { } from 'd'; ; import { G } from 'g'; let x ; ; ; C",
        ),
        (
            Project { keep_effects: true, ..Project::default() },
            "import 'a'; import { C } from 'b'; import 'd'; ; import 'g'; let x ; ; ; C",
        ),
    ] {
        assert_eq!(code(project.clone(), source), expected, "{project:?}");
        // The same where new code is printed.
        let mut options = Options::new(Language::TypeScript);
        options.project = project;
        let specifiers = |source: &str| {
            let imports = transpile_module(source, &options).unwrap().imports;
            imports.into_iter().map(|import| import.specifier).collect::<Vec<_>>()
        };
        assert_eq!(specifiers(source), specifiers(&format!("{source}; enum K {{ L }}")));
    }
    assert_eq!(code(verbatim, "import a = require('a'); import type b = require('b')").matches("require(").count(), 1);
}

#[test]
fn an_import_beside_an_export_assignment_is_required() {
    for is_commonjs in [true, false] {
        let mut options = Options::new(Language::TypeScript);
        options.is_commonjs = is_commonjs;
        let made = |source: &str| transpile_module(source, &options).map(|done| (done.is_module, done.code.into_owned()));
        let (is_module, code) = made("import { a } from 'a'; import b = require('b'); export = a(b)").unwrap();
        assert!(!is_module && code.contains("module.exports = (0, required[\"a\"])(b);"), "{code}");
        let (_, code) = made("import { T } from 'a'; let x: T; export = x").unwrap();
        assert!(!code.contains("required"), "an import of types is none: {code}");
        let error = made("import a from 'a'; export = a; export const b = 1").unwrap_err();
        assert!(error.to_string().contains("Cannot use export statement outside a module: 'export ='"), "{error}");
    }
}

#[test]
fn decorators_before_version_5_decorate_what_is_declared_only() {
    let legacy = Project { legacy_decorators: true, ..Project::default() };
    let made =
        code(legacy.clone(), "abstract class A { @d abstract x: string; @d declare y: string; @d abstract accessor z: number }");
    for name in ["x", "y", "z"] {
        assert!(made.contains(&format!("A.prototype, \"{name}\", void 0);")), "{made}");
    }
    assert!(made.contains("class A { }"), "{made}");
    let refused = |source: &str| {
        let mut options = Options::new(Language::TypeScript);
        options.project = legacy.clone();
        transpile_module(source, &options).map(drop).unwrap_err().to_string()
    };
    for (source, expected) in [
        ("class A { @d #x = 1 }", "1:11: A decorator cannot stand before a private name"),
        ("class A { m(@d x): void; m(x) {} }", "1:13: A decorator stands before a parameter of the implementation"),
        ("class A { m(@d this: A) {} }", "1:13: 'this' is no parameter that can have a decorator"),
        ("function f(@d x) {}", "1:12: A decorator stands before a parameter of a class member only"),
        ("class A { [function (@d x) {}]() {} }", "1:22: A decorator stands before a parameter of a class member only"),
    ] {
        let error = refused(source);
        assert!(error.starts_with(expected), "{source}: {error}");
    }
    assert!(code(legacy, "class A { [k](@d x) {} }").contains("_ts_param(0, d)"));
}

#[test]
fn decorators_are_told_of_types_by_their_scope() {
    let metadata = Project { legacy_decorators: true, decorator_metadata: true, ..Project::default() };
    for (source, told) in [
        ("class A { @d m<T extends string>(a: T) {} }", "\"design:paramtypes\", [ Object ]"),
        ("class A<T extends string> { @d m(a: T) {} }", "\"design:paramtypes\", [ String ]"),
        ("enum E { a, b = 'b' } class A { @d x: E.b }", "\"design:type\", String"),
        ("enum E { a, b = 'b' } class A { @d x: E.a }", "\"design:type\", Number"),
        ("enum E { a, b = 'b' } class A { @d x: E }", "\"design:type\", Object"),
    ] {
        let made = code(metadata.clone(), source);
        assert!(made.contains(told), "{source}: {made}");
    }
}

#[test]
fn jsx_comes_from_where_the_project_says_unless_the_file_says_otherwise() {
    let automatic = Project { jsx_import_source: Some("own".to_owned()), ..Project::default() };
    assert!(code(automatic.clone(), "export default <a/>").contains("from \"own/jsx-runtime\""));
    assert!(code(automatic.clone(), "/** @jsxImportSource other */ export default <a/>").contains("from \"other/jsx-runtime\""));
    assert!(code(automatic.clone(), "/** @jsx h */ <a/>").contains("h(\"a\""));
    assert!(code(automatic.clone(), "/** @jsxRuntime classic */ <a/>").contains("React.createElement"));
    let classic = Project { jsx_factory: Some("h".to_owned()), jsx_fragment: Some("F".to_owned()), ..Project::default() };
    let made = code(classic, "<><a/></>");
    assert!(made.contains("h(F, null,") && made.contains("h(\"a\", null)"), "{made}");
    let long = Project { jsx_import_source: Some("x".repeat(5000)), ..Project::default() };
    let mut options = Options::new(Language::Tsx);
    options.project = long;
    assert!(transpile_module("<a/>", &options).is_err());
}

#[test]
fn module_syntax_in_a_commonjs_file_is_an_error_with_its_place() {
    let told = |language, source: &str| {
        let mut options = Options::new(language);
        options.name = "a.js".to_owned();
        options.is_commonjs = true;
        transpile_module(source, &options).map(|done| done.code.into_owned()).map_err(|error| error.to_string())
    };
    for (source, error) in [
        ("'use strict';\nimport a from 'a'", "a.js:2:1: Cannot use import statement outside a module"),
        ("x();\n  export const y = 1", "a.js:2:3: Cannot use export statement outside a module"),
    ] {
        assert_eq!(told(Language::JavaScript, source), Err(error.to_owned()));
    }
    for source in ["exports.a = 1", "let ) =", "import('a')"] {
        assert_eq!(told(Language::JavaScript, source), Ok(source.to_owned()));
    }
    assert!(told(Language::TypeScript, "import a = require('a'); export = a; import type { T } from 't'").is_ok());
}

#[test]
fn import_meta_in_a_chunk_is_a_global_of_the_kernels() {
    for (source, expected) in [
        ("import.meta.url", "importmeta\u{1c3}.url"),
        ("const f = () => import.meta; f()", "const f = () => importmeta\u{1c3}; f()"),
        ("'import.meta'", "'import.meta'"),
        ("a.meta", "a.meta"),
    ] {
        let script = transpile(source, &Options::default()).unwrap();
        assert_eq!((&*script.code, script.source_map), (expected, None), "{source}");
    }
    let script = transpile("import . meta\n.url", &Options::default()).unwrap();
    assert_eq!(script.code.split_whitespace().collect::<String>(), "importmeta\u{1c3}.url");
    // Where the chunk is printed anew, too.
    let script = transpile("enum E { A }\nimport.meta.url", &Options::default()).unwrap();
    assert!(script.code.contains("importmeta\u{1c3}.url"), "{}", script.code);
}

/// What a project asks for costs no more than a multiple of the source, either.
#[test]
fn hostile_sources_are_bounded_in_every_project() {
    let everything = Project { legacy_decorators: true, decorator_metadata: true, assign_fields: true, ..Project::default() };
    let deep = format!("class A {{ @d x: a{} }}", ".b".repeat(50_000));
    let supers = format!("class A extends B {{ {} constructor() {{ {} }} }}", "x = 1;".repeat(20_000), "super();".repeat(20_000));
    let nested = format!("{}{}", "class A { @d x = ".repeat(40), "}".repeat(40));
    let many = format!("class A {{ {} }}", "@d x: T;".repeat(50_000));
    for source in [deep, supers, nested, many] {
        let start = Instant::now();
        let mut options = Options::new(Language::TypeScript);
        options.project = everything.clone();
        // Compiled or refused: in a time that is nothing like the square of its length.
        let done = transpile_module(&source, &options).map(|done| done.code.len());
        let most = 32 * source.len() + (16 << 20);
        assert!(done.as_ref().is_ok_and(|length| *length < most) || done.is_err(), "{done:?}");
        assert!(start.elapsed() < Duration::from_secs(60), "{:?} for {} bytes", start.elapsed(), source.len());
    }
}
