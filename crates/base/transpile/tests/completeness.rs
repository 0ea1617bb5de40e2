//! Complete, unfinished or invalid.

use drupe_transpile::{Completeness, Options, completeness};

fn of(source: &str) -> Completeness {
    completeness(source, &Options::default())
}

#[test]
fn unfinished() {
    let open = [
        "(",
        "[",
        "{",
        "[{",
        "f(",
        "`a",
        "`a ${",
        "`a ${b",
        "a.",
        "a?.",
        "1 +",
        "a &&",
        "a ? b",
        "a ?",
        "a =",
        "a = {",
        "/* x",
        "'abc\\",
        "'abc\\\n",
        "\"a\\\n",
        "if (x)",
        "if (x) {",
        "if (x) {} else",
        "function f()",
        "export function f(): void",
        "export default function f(): void;\n",
        "function f(): void\nimport 'x'",
        "function f() {",
        "async function",
        "function",
        "class A",
        "class A extends",
        "class A {",
        "class A { m() {",
        "x =>",
        "async (x) =>",
        "@dec",
        "for (;;)",
        "for (",
        "while (1)",
        "do x;",
        "try {}",
        "switch (a) {",
        "let x: ",
        "let a =",
        "let a,",
        "const {a",
        "type X = {",
        "interface A {",
        "enum A {",
        "namespace N {",
        "let a = b as",
        "<div>",
        "<div>{",
        "<div",
        "<div a={",
        "<string>",
        "{a:",
        "{\"a\": 1,",
        "import",
        "import {",
        "new",
        "typeof",
        "a\n.",
        "foo(function(){",
        "x = a /* b */ +",
        "[1,2",
        "label:",
        "throw",
        "using x =",
        "f<",
        "a?.[",
        "(a, b",
        "(a: number",
        "for await (const x of",
        "{",
        "{ a",
        "return {",
        "const x",
        "const { a }",
        "for (const [a, b]",
        "const f = <T,>(x: T): T => <U,>(y: U) => {",
        "{ ...a, b() { return 1;",
        "f<\n  number",
        "new Map<string, Array<\n  number",
        "x = g(1, f<\n  string,\n  number\n",
    ];
    for source in open {
        assert!(matches!(of(source), Completeness::Incomplete { .. }), "{source:?}: {:?}", of(source));
    }
}

#[test]
fn complete() {
    let whole = [
        "",
        " ",
        "// c",
        "/* c */",
        "1+1",
        "/[']/",
        "/{/",
        "'{'",
        "//'",
        ".1+.1",
        "if(x){}",
        "function f(){}",
        "class A {}",
        "let x",
        "let x: T",
        "a\n",
        "`a`",
        "`${`${a}`}`",
        "x<y",
        "x <\n  y",
        "x<\n  y; 1",
        "f<\n  number\n>(1)",
        "<div/>",
        "<string>x",
        "await 1",
        "a => a",
        "@dec class A {}",
        "using x = y",
        "type X = 1",
        "async",
        "of",
        "get",
        "do x; while(y)",
        "declare function f(): void",
        "a++",
        "import 'x'",
        "'use strict'",
        "x = 1;",
        "(a)",
        "{}",
        "{};",
        "label: a",
        "let",
        "with (a) b",
        "010",
        "yield",
        "await x\n",
    ];
    for source in whole {
        assert_eq!(of(source), Completeness::Complete, "{source:?}");
    }
}

/// Whatever opens an expression, an element may stand in the next line, and in several.
#[test]
fn an_element_begins_in_the_line_after_what_opens_an_expression() {
    let places = [
        ("f(", ")"),
        ("f(1,", ")"),
        ("a.f(", ")"),
        ("f?.(", ")"),
        ("f<T>(", ")"),
        ("new F(", ")"),
        ("await f(", ")"),
        ("async(", ")"),
        ("x = f(", ")"),
        ("f(g(", "))"),
        ("f(x => (", "))"),
        ("f(...", ")"),
        ("(", ")"),
        ("[", "]"),
        ("a[", "]"),
        ("x = { a:", "}"),
        ("`${", "}`"),
        ("if (", ") 1"),
        ("x = y ?", ": 1"),
        ("f(a &&", ")"),
        ("f(/* why */", ")"),
        ("function g() { f(", ") }"),
        ("function g() { return (", ") }"),
        ("class A { b = f(", ") }"),
    ];
    let elements = [
        "<b/>",
        "<b c=\"1\"/>",
        "<B.C/>",
        "<>\nt\n</>",
        "<b>t</b>",
        "<b>\nit's t\n</b>",
        "<b\nc='1'\n/>",
        "<T>\n{x}\n<i/>\n</T>",
    ];
    for (open, close) in places {
        for element in elements {
            let whole = format!("{open}\n{element}\n{close}\n");
            let ends = whole.match_indices('\n').map(|(at, _)| at + 1).collect::<Vec<_>>();
            for &end in &ends[..ends.len() - 1] {
                let begun = &whole[..end];
                assert!(matches!(of(begun), Completeness::Incomplete { .. }), "{begun:?}: {:?}", of(begun));
            }
            assert_eq!(of(&whole), Completeness::Complete, "{whole:?}");
        }
    }
}

#[test]
fn invalid() {
    let broken = [
        ")",
        "}else{",
        "3.5e",
        "(2+3))",
        "'abc",
        "\"abc",
        "/abc",
        "a b",
        "let 1",
        "]",
        "}",
        "const x;",
        "1 = 2",
        "return 42;await 5",
        "{a:1}.a;",
        "if x",
        "'a\nb",
        "0x",
        "foo bar baz",
        "var a = ;",
        "f(,)",
        "/[/",
        "@",
        "a..b",
        "\\",
        "for (a b) c",
        "class { }",
        "{ let x = 1 ) ",
        "<div></span>",
        "let x: = 1",
        "const f = <T,>(x: T) => { foo bar",
        "const f = <T,>(x y",
        "1 = 2; const f = <T,>(x: T) => {",
        "a < b c",
        "new Map<string, Array<number b",
        "const x\nf()",
        "for (const x) {",
        "class A { constructor(private x: number) y",
        "function f(): void\nexport const x = 1",
        "function f(): void\ninterface I {}",
        "export function f(): void\nlet x = 1",
    ];
    for source in broken {
        // A lone `@` still waits for its expression.
        let expected = !matches!(source, "@");
        assert_eq!(matches!(of(source), Completeness::Invalid(_)), expected, "{source:?}: {:?}", of(source));
    }
}

#[test]
fn what_is_unfinished_has_the_indent_hint_of_the_lexer() {
    for source in ["function f() {", "f(a,\n  [1,", "`a", "switch (x) {\n  case 1:"] {
        assert_eq!(of(source), Completeness::Incomplete { indent: drupe_lexer::next_indent(source) }, "{source:?}");
    }
}
