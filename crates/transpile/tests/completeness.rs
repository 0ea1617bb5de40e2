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
        "const x",
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
    ];
    for source in broken {
        // A lone `@` still waits for its expression.
        let expected = !matches!(source, "@");
        assert_eq!(matches!(of(source), Completeness::Invalid(_)), expected, "{source:?}: {:?}", of(source));
    }
}

#[test]
fn indent_hint() {
    let cases = [
        ("function f() {", 2),
        ("foo(function() {", 2),
        ("a = { b: [c, '(', \"[\", /[{]/, `{`, // (\n", 2),
        ("f(a,\n  [1,", 4),
        ("f({\n    a: [", 6),
        ("class A {\n  m() {\n    if (x) {", 6),
        ("class A {\n\tm() {", 4),
        ("{\n  f()\n", 2),
        ("x = {\n  a: 1\n}, y = {", 2),
        ("f(\n  a\n)(", 2),
        ("[1].map(x => ({", 2),
        ("{ // (", 2),
        // What a condition governs, and what an operator still wants.
        ("if (x)", 2),
        ("if (f(x))", 2),
        ("if (x) {\n} else", 2),
        ("{\n  while (1)", 4),
        ("for await (const x of y)", 2),
        ("do", 2),
        ("const x =", 2),
        ("a &&", 2),
        ("x =>", 2),
        ("a ?\n  b :", 2),
        ("let a,", 2),
        ("promise.", 2),
        ("promise\n  .then(a)\n  .", 2),
        ("{\n  promise\n    .then(a)\n    .", 4),
        ("{a:", 4),
        ("class A extends", 2),
        // What comes next stands below.
        ("function f()", 0),
        ("switch (x)", 0),
        ("try {}", 0),
        ("class A", 0),
        ("label:", 0),
        ("@dec", 0),
        // Cases and what is in them.
        ("switch (x) {", 2),
        ("switch (x) {\n  case 1:", 4),
        ("switch (x) {\n  case 1:\n    f()", 4),
        ("switch (x) {\n  case 1:\n    f()\n  default:", 4),
        ("switch (x) {\n  case a ? b : c:\n    f({", 6),
        ("x = { default: 1,", 2),
        // Spaces would be part of these.
        ("`a", 0),
        ("{ `a\n", 0),
        ("{ `a ${b} c", 0),
        ("`${a(`", 0),
        ("{ 'abc\\", 0),
        ("{ 'abc\\\n", 0),
        ("`a ${b", 2),
        ("`a ${f({\n  b", 2),
        ("x = `${a}` + (", 2),
        // Stars below each other.
        ("/* comment", 0),
        ("/**", 1),
        ("/**\n * doc", 1),
        ("{\n  /**", 3),
        ("{\n  /* comment", 2),
        ("é = '漢' + /[(]é/.test(", 2),
    ];
    for (source, indent) in cases {
        assert_eq!(of(source), Completeness::Incomplete { indent }, "{source:?}");
    }
}
