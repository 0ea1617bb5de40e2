//! Files that are modules: what stays of their text, and what it tells.
#![allow(clippy::unwrap_used, reason = "tests")]

use drupe_transpile::{Language, ModuleCode, Options, transpile_module};

fn module(language: Language, source: &str) -> ModuleCode<'_> {
    transpile_module(source, &Options::new(language)).unwrap()
}

#[test]
fn types_go_in_place_and_imports_of_types_with_them() {
    let source = "import { a, type B, C } from 'x'; import D from 'd'; import 'e';\nexport { type F, a }; export type { G } from 'g';\nexport default interface H {}\nlet x: C = a";
    let done = module(Language::TypeScript, source);
    assert_eq!((done.is_module, done.source_map), (true, None));
    assert_eq!(done.code.len(), source.len());
    let specifiers: Vec<_> = done.imports.iter().map(|import| &*import.specifier).collect();
    assert_eq!(specifiers, ["x", "e"]);
    let words: Vec<_> = done.code.split_whitespace().collect();
    assert_eq!(words.join(" "), "import { a, } from 'x'; ; import 'e'; export { a }; ; let x = a");
}

/// An export that does not say that it is one of a type is one where the file declares a type alone by that name.
#[test]
fn exports_of_types_leave_nothing_behind() {
    let code = |source: &str| {
        let text = module(Language::TypeScript, source).code.into_owned();
        // A blanked declaration may leave its semicolon.
        text.split_whitespace().filter(|word| *word != ";").collect::<Vec<_>>().join(" ")
    };
    for (source, expected) in [
        ("interface T { a: 1 }\nconst v = 1\nexport { T, v }", "const v = 1 export { v }"),
        ("type T = 1; const v = 1; export { v, T as U }", "const v = 1; export { v, }"),
        ("type T = 1; export { T }; 1", "1"),
        ("import { type T } from './l'; export { T }; 1", "1"),
        ("import type { E } from './a'; export { E, v }; const v = 1", "export { v }; const v = 1"),
        ("interface I {}; export default I\n1", "1"),
        ("declare const x: 1; declare function f(): void; declare class C {}; export { x, f, C }; 1", "1"),
        ("namespace N { export type A = 1 } export { N }; 1", "1"),
        // What is declared only names a global, which may be the default.
        ("declare const x: 1; export default x", "export default x"),
        ("declare function fetch(u: string): 1; export default fetch", "export default fetch"),
        // A value goes by the name of a type, too.
        ("interface P {} if (true) { var P = 1 } export { P }", "if (true) { var P = 1 } export { P }"),
        ("interface P {} const P = 1; export { P }", "const P = 1; export { P }"),
        ("interface K {} class K {} export { K as L }; export default K", "class K {} export { K as L }; export default K"),
        ("function f(a: 1): void; function f(a) {} export { f }", "function f(a) {} export { f }"),
        ("const { a, b: [c] } = o; type c2 = 1; export { a, c, c2 }", "const { a, b: [c] } = o; export { a, c, }"),
        ("interface T {} export { T } from './l'", "export { T } from './l'"),
    ] {
        assert_eq!(code(source), expected, "{source}");
    }
    // Where other code is made, too.
    let made = code("enum E { A }; type T = 1; export { E, T }; export default T");
    assert!(made.contains("export { E }") && !made.contains('T'), "{made}");
}

#[test]
fn plain_javascript_is_left_alone_even_where_it_is_wrong() {
    for source in ["import a from 'a' with { type: 'json' }; export * from 'b'", "let ) =", "return 1", "with (a) b"] {
        assert_eq!(module(Language::JavaScript, source).code, source);
    }
    let done = module(Language::JavaScript, "import a from 'a' with { type: 'json' }; export * from 'b'");
    assert_eq!(done.imports.iter().map(|import| import.kind.as_deref()).collect::<Vec<_>>(), [Some("json"), None]);
    assert!(transpile_module("let ) =", &Options::new(Language::TypeScript)).is_err());
}

#[test]
fn what_needs_new_code_gets_it_with_a_map() {
    let done = module(Language::Tsx, "import React from 'react';\nexport enum E { A }\nexport default <a b={E.A}/>");
    assert!(
        done.source_map.is_some() && done.code.contains("React.createElement(\"a\"") && done.code.contains("import React"),
        "{}",
        done.code
    );
    let done = module(Language::Jsx, "/** @jsxImportSource own */ export default <a/>");
    assert_eq!(done.imports[0].specifier, "own/jsx-runtime");
    let done = module(Language::TypeScript, "import fs = require('fs'); export = fs");
    assert!(!done.is_module && done.code.contains("module.exports = fs"), "{}", done.code);
    let done = module(Language::TypeScript, "function d(a: any, b: any) {} @d export class A { @d m() {} }");
    assert!(done.is_module && !done.code.contains("@d"), "{}", done.code);
}

#[test]
fn commonjs_names_are_told() {
    for (source, names, reexports) in [
        ("exports.a = 1; exports['b'] = 2; module.exports.c = 3", "a b c", ""),
        ("exports.a = exports.b = void 0", "a b", ""),
        ("module.exports = { a, b: 1, 'c': 2, d() {}, get e() { return 1 }, ...require('x') }", "a b c d e", "x"),
        ("module.exports = require('./a')", "", "./a"),
        ("if (x) module.exports = require('./a'); else module.exports = require('./b')", "", "./b"),
        (
            "Object.defineProperty(exports, '__esModule', { value: true }); Object.defineProperty(exports, 'a', { get() {} })",
            "__esModule a",
            "",
        ),
        (
            "__exportStar(require('./a'), exports); tslib_1.__exportStar(require('./b'), exports); (0, t.__exportStar)(require('./c'), exports)",
            "",
            "./a ./b ./c",
        ),
        (
            "var _a = require('./a'); Object.keys(_a).forEach(function (key) { if (key in exports) return; exports[key] = _a[key]; })",
            "",
            "./a",
        ),
        ("(function (g, f) { f(exports) })(this, function (exports) { exports.a = 1 })", "a", ""),
        ("0 && (module.exports = { a, b })", "a b", ""),
        ("var E; (function (E) {})(E || (exports.E = E = {}))", "E", ""),
        ("other.exports.a = 1; x.a = 2; exports[key] = 3", "", ""),
    ] {
        let done = module(Language::JavaScript, source);
        assert_eq!((done.exports.join(" "), done.reexports.join(" ")), (names.into(), reexports.into()), "{source}");
    }
}

#[test]
fn a_module_tells_which_of_its_exports_are_types_or_may_be() {
    let source = "export interface I {} export type T = 1; interface L {} const v = 1; export { L as M, v, X as Y };
        export type { G } from 'g'; export { type H, J as K, default as D } from 'h'; import X, { Z } from 'x'; export default Z;
        export * from 'all'; export * as ns from 'n'; export class C {} export interface C {}";
    let types = module(Language::TypeScript, source).types;
    assert_eq!(types.types, ["G", "H", "I", "M", "T"]);
    assert_eq!(types.values, ["C", "ns", "v"]);
    let imported = types.imported.iter().map(|export| [&*export.exported, &export.specifier, &export.name]);
    let expected = [["D", "h", "default"], ["K", "h", "J"], ["Y", "x", "default"], ["default", "x", "Z"]];
    assert_eq!(imported.collect::<Vec<_>>(), expected);
    assert_eq!(types.all_of, ["all"]);
    assert!(types.has_type("T") && !types.has_type("C") && types.has_value("C") && types.imported("K").is_some());
}

/// What a file of declarations says to be a value is one of the file beside it, and nothing of its own.
#[test]
fn declarations_tell_their_values_from_their_types() {
    let read = |source: &str| {
        let mut options = Options::new(Language::TypeScript);
        options.is_declarations = true;
        transpile_module(source, &options).unwrap().types
    };
    for value in [
        "export declare namespace N { const x: number }",
        "export namespace N { function f(): void }",
        "declare namespace N { class A {} } export { N }",
        "export declare namespace N { namespace M { namespace L { enum E { A } } } }",
        "export declare namespace N.M { let x: 1; }",
        "export declare namespace N { export import A = B.C }",
        "export declare namespace N { import A = B.C; export { A } }",
        "export interface N {} export declare namespace N { var x: 1 }",
        "export declare namespace N { type T = 1 } export declare function N(): N.T",
        "export declare class N {}",
        "declare class N {} export { N }",
    ] {
        let types = read(value);
        assert!(!types.declares_type("N"), "{value}: {types:?}");
    }
    for ty in [
        "export declare namespace N { interface I {} type T = 1 }",
        "export namespace N { namespace M { interface I {} } }",
        "export declare namespace N { }",
        "export declare namespace N { import A = B.C; type T = A }",
        "export declare namespace N { type T = 1; export type { T } }",
        "export interface N {}",
        // The class itself is not exported.
        "declare class N {} export { type N }",
        "declare class N {} export type { N }",
        "declare namespace N { const x: 1 } export { type N }",
    ] {
        let types = read(ty);
        assert!(types.declares_type("N"), "{ty}: {types:?}");
    }
}

#[test]
fn what_is_known_to_be_a_type_leaves_nothing_behind() {
    let types = [("./t", "T"), ("./t", "default")].map(|(specifier, name)| (specifier.to_owned(), name.to_owned()));
    let code = |source: &str, keeps: bool| {
        let mut options = Options::new(Language::TypeScript);
        options.types = types.to_vec();
        options.project.keep_names = keeps;
        let text = transpile_module(source, &options).unwrap().code.into_owned();
        text.split_whitespace().filter(|word| *word != ";").collect::<Vec<_>>().join(" ")
    };
    for (source, expected) in [
        ("export { T, v } from './t'", "export { v } from './t'"),
        ("export { T as U } from './t'; 1", "1"),
        ("export { T } from './other'", "export { T } from './other'"),
        ("import { T, v } from './t'; export { T, v }", "import { v } from './t'; export { v }"),
        ("import D, { T } from './t'; export { D, T }; 1", "1"),
        ("import D, { v } from './t'; export default D; v", "import { v } from './t'; v"),
        (
            "enum E {} export { T, v } from './t'",
            "var E = /*#__PURE__*/ function(E) { return E; }(E || {}); export { v } from './t';",
        ),
    ] {
        let found = code(source, false);
        assert_eq!(found.replace("{ v, }", "{ v }").replace(",}", " }"), expected, "{source}");
        assert!(code(source, true).contains(source.split("; 1").next().unwrap().split("enum E {} ").last().unwrap()), "{source}");
    }
}
