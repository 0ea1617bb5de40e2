//! The indent hint for the line after an unfinished text.

use drupe_lexer::next_indent;

#[test]
fn the_next_line_is_indented_by_what_is_open() {
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
        // The text of an element is no string.
        ("f(<p>it's</p>, [", 2),
    ];
    for (source, indent) in cases {
        assert_eq!(next_indent(source), indent, "{source:?}");
    }
}
