//! Static imports and exports in chunks.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{position, script, show, text};
use drupe_transpile::{BindingKind, Home, Options, SessionBindings, transpile_in};
use expect_test::{Expect, expect};

fn check(source: &str, expected: Expect) {
    expected.assert_eq(&show(source));
}

#[test]
fn forms_of_imports() {
    check("import 'x'", expect![[r#"void await import("drupe:bind:[\"x\",null,[],true]");          "#]]);
    check(
        "import d, { a, b as c, default as e, 'a-b' as f } from 'x'; a + c",
        expect![[
            r#"void await import("drupe:bind:[\"x\",null,[[\"d\",\"default\",\"unused\",0,7],[\"a\",\"a\",false,0,12],[\"c\",\"b\",false,0,15],[\"e\",\"default\",\"unused\",0,23],[\"f\",\"a-b\",\"unused\",0,37]],true]");                                                            a + c"#
        ]],
    );
    check(
        "import * as all from \"x\"\nall",
        expect![[r#"
            void await import("drupe:bind:[\"x\",null,[[\"all\",\"*\",false,0,7]],true]");                        
            all"#]],
    );
    check(
        "import data from './data.json' with { type: 'json' }",
        expect![[
            r#"void await import("drupe:bind:[\"./data.json\",\"json\",[[\"data\",\"default\",\"unused\",0,7]],true]");                                                    "#
        ]],
    );
    check(
        "import { type T, v } from 'x'",
        expect![[
            r#"void await import("drupe:bind:[\"x\",null,[[\"v\",\"v\",\"unused\",0,17]],true]");                             "#
        ]],
    );
    check(
        "import type { T } from 'x'; import { type U } from 'y'",
        expect!["                                                      "],
    );
    check(
        "import fs = require('fs')",
        expect![[r#"void await import("drupe:bind:[\"fs\",null,[[\"fs\",\"=\",false,0,7]],true]");                         "#]],
    );
    check(
        "import 'quo\\'te\\n'",
        expect![[r#"void await import("drupe:bind:[\"quo'te\\u000a\",null,[],true]");                  "#]],
    );
}

#[test]
fn imports_come_first() {
    check(
        "'use strict'\nimport a from 'a'\nimport b from 'b'",
        expect![[r#"
            'use strict'
            void await import("drupe:bind:[\"a\",null,[[\"a\",\"default\",\"unused\",1,7]],true,\"first\"]");                 
            void await import("drupe:bind:[\"b\",null,[[\"b\",\"default\",\"unused\",2,7]],true,\"last\"]");                 "#]],
    );
    check(
        "f()\nimport { f } from 'a'\n(1)",
        expect![[r#"
            void await import("drupe:bind:[\"a\",null,[[\"f\",\"f\",false,1,9]],true]");f()
            ;                    
            (1)"#]],
    );
    check(
        "enum E { A }\nimport { a } from 'a'\na",
        expect![[r#"
            void await import("drupe:bind:[\"a\",null,[[\"a\",\"a\",false,1,9]],true]");
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
        expect![[
            r#"void await import("drupe:bind:[\"a\",null,[],true,\"first\"]");                       void await import("drupe:bind:[\"b\",null,[],true,\"next\"]");                   void await import("drupe:bind:[\"c\",null,[],true,\"last\"]");                      "#
        ]],
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
        expect![[
            r#"void await import("drupe:bind:[\"x\",null,[[\"i\",\"i\",\"unused\",0,15],[\"n\",\"n\",\"unused\",0,18]],true,\"first\"]");var{g}=(await import("drupe:bind:[\"x\",null,[[\"g\",\"g\",\"unused\",0,9]],false,\"next\"]"))([()=>g]);let{l}=(await import("drupe:bind:[\"x\",null,[[\"l\",\"l\",\"unused\",0,12]],false,\"last\"]"))([()=>l]);                              "#
        ]],
    );
    check("i = 1", expect!["new class{get iǃ(){return i}set iǃ(_){const $=0;$=_}}().iǃ = 1"]);
    check("let i = 1; const n = 2", expect!["var i = 1; let   n = 2"]);
    check("var i; class n {}", expect!["var i; class n {}"]);
    check(
        "import { i } from 'x'; i++",
        expect![[
            r#"void await import("drupe:bind:[\"x\",null,[[\"i\",\"i\",false,0,9]],true]");                       new class{get iǃ(){return i}set iǃ(_){const $=0;$=_}}().iǃ++"#
        ]],
    );
}

#[test]
fn names_of_the_environment_stay_what_they_are_to_others() {
    let mut session = SessionBindings::default();
    let first =
        "import { Map as M, Set, setTimeout as Map } from 'x'; f(Set, { Set, Map }, Set.x, x.Set, typeof Map, (Set) => Set)";
    let script = transpile_in(first, &Options::default(), &session).unwrap();
    expect![[r#"void await import("drupe:bind:[\"x\",null,[[\"M\",\"Map\",\"unused\",0,9],[\"Setǃ\",\"Set\",false,0,19],[\"Mapǃ\",\"setTimeout\",false,0,24]],true]");                                                      f(Setǃ, { Set:Setǃ, Map:Mapǃ }, Setǃ.x, x.Set, typeof Mapǃ, (Set) => Set)"#]].assert_eq(&text(&script));
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
    assert_eq!(map.source_position(emitted), position(source, source.find("import b").unwrap()));
}
