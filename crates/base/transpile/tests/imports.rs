//! Static imports and exports in chunks.
#![allow(clippy::unwrap_used, reason = "tests")]

use crate::common::{position, script, show, text};
use drupe_transpile::{BindingKind, Home, Options, SessionBindings, transpile_in};
use expect_test::{Expect, expect};

fn check(source: &str, expected: Expect) {
    expected.assert_eq(&show(source));
}

#[test]
fn forms_of_imports() {
    check(
        "import 'x'",
        expect![[r#"
        // 0: "x" []
        void await import("drupe:import:0");          "#]],
    );
    check(
        "import d, { a, b as c, default as e, 'a-b' as f } from 'x'; a + c",
        expect![[r#"
            // 0: "x" [default as d (unused) at 0:7, a as a at 0:12, b as c at 0:15, default as e (unused) at 0:23, a-b as f (unused) at 0:37]
            void await import("drupe:import:0");                                                            a + c"#]],
    );
    check(
        "import * as all from \"x\"\nall",
        expect![[r#"
            // 0: "x" [* as all at 0:7]
            void await import("drupe:import:0");                        
            all"#]],
    );
    check(
        "import data from './data.json' with { type: 'json' }",
        expect![[r#"
            // 0: "./data.json" type "json" [default as data (unused) at 0:7]
            void await import("drupe:import:0");                                                    "#]],
    );
    check(
        "import { type T, v } from 'x'",
        expect![[r#"
            // 0: "x" [v as v (unused) at 0:17]
            void await import("drupe:import:0");                             "#]],
    );
    check(
        "import type { T } from 'x'; import { type U } from 'y'",
        expect!["                                                      "],
    );
    check(
        "import fs = require('fs')",
        expect![[r#"
            // 0: "fs" [= as fs at 0:7]
            void await import("drupe:import:0");                         "#]],
    );
    check(
        "import 'quo\\'te\\n'",
        expect![[r#"
            // 0: "quo'te\n" []
            void await import("drupe:import:0");                  "#]],
    );
}

#[test]
fn imports_come_first() {
    check(
        "'use strict'\nimport a from 'a'\nimport b from 'b'",
        expect![[r#"
            // 0: "a" [default as a (unused) at 1:7]
            // 1: "b" [default as b (unused) at 2:7]
            'use strict'
            void await import("drupe:import:0");                 
            void await import("drupe:import:1");                 "#]],
    );
    check(
        "f()\nimport { f } from 'a'\n(1)",
        expect![[r#"
            // 0: "a" [f as f at 1:9]
            void await import("drupe:import:0");f()
            ;                    
            (1)"#]],
    );
    check(
        "enum E { A }\nimport { a } from 'a'\na",
        expect![[r#"
            // 0: "a" [a as a at 1:9]
            void await import("drupe:import:0");
            var E = /*#__PURE__*/ function(E) {
                E[E["A"] = 0] = "A";
                return E;
            }({});
            a;
        "#]],
    );
}

#[test]
fn exports_are_their_declarations() {
    check("export const x: number = 1", expect!["       const x         = 1"]);
    check(
        "0\nexport function f() {}\nexport class K {}\nexport async function g() {}",
        expect![[r#"
            0
                   function f() {}
                   class K {}
                   async function g() {}"#]],
    );
    check("export default 5", expect![";(             5)"]);
    check(
        "f()\nexport default { a: 1 }",
        expect![[r#"
        f()
        ;(             { a: 1 })"#]],
    );
    check("export default function() {}", expect![";(             function() {})"]);
    check("export default function f() {}", expect!["               function f() {}"]);
    check("export default class K {}", expect!["               class K {}"]);
    check("export default async () => {}", expect![";(             async () => {})"]);
    check(
        "const x = 1\nexport { x, x as y }\n(x)",
        expect![[r#"
        const x = 1
        ;                   
        (x)"#]],
    );
    check(
        "export { a } from 'a'; export * from 'b'; export * as c from 'c'",
        expect![[r#"
            // 0: "a" []
            // 1: "b" []
            // 2: "c" []
            void await import("drupe:import:0");                       void await import("drupe:import:1");                   void await import("drupe:import:2");                      "#]],
    );
    check(
        "export interface I {}\nexport type T = 1\nexport enum E { A }",
        expect![[r#"
        var E = /*#__PURE__*/ function(E) {
            E[E["A"] = 0] = "A";
            return E;
        }({});
    "#]],
    );
}

#[test]
fn names_are_bound() {
    let of = |source: &str| {
        let names = script(source).bindings;
        names.into_iter().map(|binding| (binding.name, binding.kind, binding.home)).collect::<Vec<_>>()
    };
    assert_eq!(
        of("import d, { a as b } from 'x'; import * as n from 'y'; export const c = 1"),
        [
            ("d".into(), BindingKind::Import, Home::Property),
            ("b".into(), BindingKind::Import, Home::Property),
            ("n".into(), BindingKind::Import, Home::Property),
            ("c".into(), BindingKind::Const, Home::Lexical),
        ]
    );
    assert!(script("export default 5").ends_in_expression);
}

#[test]
fn names_of_earlier_chunks() {
    let mut session = SessionBindings::default();
    session.declare(1, &script("var g; let l; import { i } from 'x'").bindings);
    let check = |source: &str, expected: Expect| {
        let script = transpile_in(source, &Options::default(), &session).unwrap();
        expected.assert_eq(&text(&script));
    };
    check(
        "import { g, l, i, n } from 'x'",
        expect![[r#"
            // 0: "x" [i as i (unused) at 0:15, n as n (unused) at 0:18]
            // 1: "x" [g as g (unused) at 0:9] declared
            // 2: "x" [l as l (unused) at 0:12] declared
            void await import("drupe:import:0");var{g}=(await import("drupe:import:1"))([()=>g]);let{l}=(await import("drupe:import:2"))([()=>l]);                              "#]],
    );
    check("i = 1", expect!["new class{get iǃ(){return i}set iǃ(_){const $=0;$=_}}().iǃ = 1"]);
    check("let i = 1; const n = 2", expect!["var i = 1; let   n = 2"]);
    check("var i; class n {}", expect!["var i; class n {}"]);
    check(
        "import { i } from 'x'; i++",
        expect![[r#"
            // 0: "x" [i as i at 0:9]
            void await import("drupe:import:0");                       new class{get iǃ(){return i}set iǃ(_){const $=0;$=_}}().iǃ++"#]],
    );
}

#[test]
fn names_of_the_environment_stay_what_they_are_to_others() {
    let mut session = SessionBindings::default();
    let first =
        "import { Map as M, Set, setTimeout as Map } from 'x'; f(Set, { Set, Map }, Set.x, x.Set, typeof Map, (Set) => Set)";
    let script = transpile_in(first, &Options::default(), &session).unwrap();
    expect![[r#"
        // 0: "x" [Map as M (unused) at 0:9, Set as Setǃ at 0:19, setTimeout as Mapǃ at 0:24]
        void await import("drupe:import:0");                                                      f(Setǃ, { Set:Setǃ, Map:Mapǃ }, Setǃ.x, x.Set, typeof Mapǃ, (Set) => Set)"#]].assert_eq(&text(&script));
    session.declare(1, &script.bindings);
    let check = |source: &str, expected: Expect| {
        expected.assert_eq(&text(&transpile_in(source, &Options::default(), &session).unwrap()));
    };
    check(
        "const s: Set<number> = new Set(); class A extends Map implements Set {}; Set++",
        expect![
            "let   s              = new Setǃ(); class A extends Mapǃ                {}; new class{get Setǃ(){return Set}set Setǃ(_){const $=0;$=_}}().Setǃ++"
        ],
    );
    check("let Set = 1; Set", expect!["let Set = 1; Set"]);
    check("{ let Set; Set }", expect!["{ let Set; Set }"]);
}

#[test]
fn positions_lead_back() {
    let source = "import { a } from 'x'; import b from 'y'; a(b)\n  throw a";
    let script = script(source);
    let map = script.source_map.unwrap();
    for what in ["a(b)", "throw"] {
        let emitted = position(&script.code, script.code.rfind(what).unwrap());
        assert_eq!(map.source_position(emitted), position(source, source.rfind(what).unwrap()), "{what}");
    }
    let emitted = position(&script.code, script.code.rfind("await").unwrap());
    assert_eq!(map.source_position(emitted), position(source, source.find("'y'").unwrap()));
}
