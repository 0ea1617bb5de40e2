//! The names a chunk declares, with their kinds.

use crate::common::script;
use expect_test::{Expect, expect};

fn check(source: &str, expected: Expect) {
    let bindings = script(source).bindings;
    let shown: Vec<String> = bindings.iter().map(|binding| format!("{:?} {}", binding.kind, binding.name)).collect();
    expected.assert_eq(&shown.join(", "));
}

#[test]
fn kinds() {
    check(
        "let a; const b = 1; var c; class D {} function e() {} async function f() {} function* g() {}",
        expect!["Let a, Const b, Var c, Class D, Function e, Function f, Function g"],
    );
    check("using a = x; await using b = y", expect![""]);
    check(
        "enum A {} const enum B {} namespace C { export const x = 1 } namespace D.E { f() }",
        expect!["Enum A, Enum B, Namespace C, Namespace D"],
    );
    check("@dec class A {}", expect!["Class A"]);
}

#[test]
fn patterns() {
    check(
        "let [a, , { b, c: [d = 1], ...e }, ...f] = g, { [h]: i, 'j': k = l } = m",
        expect!["Let a, Let b, Let d, Let e, Let f, Let i, Let k"],
    );
}

#[test]
fn hoisted_from_statements() {
    check(
        "{ var a; let b; function c() {} class D {} } for (var e of f) { var g } for (let h;;); if (i) var j; else { var k }",
        expect!["Var a, Function c, Var e, Var g, Var j, Var k"],
    );
    check(
        "try { var a } catch (b) { var c } finally { var d } switch (e) { case 1: var f; let g } l: while (1) { var h } do var i; while (0)",
        expect!["Var a, Var c, Var d, Var f, Var h, Var i"],
    );
    check(
        "function f() { var a } (() => { var b }); class C { static { var d } } ({ m() { var e } })",
        expect!["Function f, Class C"],
    );
}

#[test]
fn types_are_none() {
    check(
        "interface A {} type B = 1; declare const c: 1; declare function d(): void; declare enum E {} namespace F { type G = 1 }",
        expect![[""]],
    );
}

#[test]
fn once_per_name_and_kind() {
    check("var a; var a; function a() {} let b; { var c } var c", expect!["Var a, Function a, Let b, Var c"]);
}
