//! Signatures, doc comments and shapes of what the user declared, found by place and by name.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use drupe_transpile::{Declaration, Options, Position, declaration_at, declaration_of};

/// What is declared around `mark` in `source`.
fn at(source: &str, mark: &str) -> Declaration {
    let before = &source[..source.find(mark).unwrap()];
    let line = u32::try_from(before.matches('\n').count()).unwrap();
    let column = u32::try_from(before.rsplit('\n').next().unwrap().encode_utf16().count()).unwrap();
    declaration_at(source, &Options::default(), Position { line, column }).unwrap()
}

#[test]
fn functions_are_told_as_written() {
    for (source, mark, signature) in [
        ("function add(a: number, b = 2): number { return a + b }", "(a", "function add(a: number, b = 2): number"),
        ("async function* walk<T>(list: T[]) {}", "(list", "async function* walk<T>(list: T[])"),
        ("const twice = (n: number): number => n * 2", "(n:", "twice(n: number): number"),
        ("const wrap = x => ({ x })", "x =>", "wrap(x)"),
        ("const later = async (x?: string) => { await x }", "async", "async later(x?: string)"),
        ("let f = function (a) { return a }", "(a)", "function f(a)"),
        ("const o = { f: function (z) { return z } }", "(z", "function f(z)"),
        ("const o = { f: async function*<T>(z: T) {} }", "(z", "async function* f<T>(z: T)"),
        ("class A { f = function(z) {} }", "(z", "function f(z)"),
        ("a.b.f = async function (z) {}", "(z", "async function f(z)"),
        ("const o = { go(where: string) { return where }, run: (n = 1) => n }", "(where", "go(where: string)"),
        ("const o = { go(where: string) { return where }, run: (n = 1) => n }", "(n", "run(n = 1)"),
        (
            "class A { static async make(\n  x: number,\n): Promise<A> { return new A } }",
            "(\n",
            "static async make( x: number, ): Promise<A>",
        ),
        ("function outer() { return (inner: 1) => inner }", "(inner", "(inner: 1)"),
    ] {
        assert_eq!(at(source, mark).signature, signature, "{source}");
    }
}

#[test]
fn doc_comments_lose_their_stars() {
    let source = "/**\n * Adds.\n *\n *     code\n * @param a - first\n */\nfunction add(a) {}\n/** One line. */ const f = (b) => b\n/* none */ function g(c) {}\n1 /** mine */; function h(d) {}";
    assert_eq!(at(source, "(a)").doc.as_deref(), Some("Adds.\n\n    code\n@param a - first"));
    assert_eq!(at(source, "(b)").doc.as_deref(), Some("One line."));
    assert_eq!(at(source, "(c)").doc, None);
    assert_eq!(at(source, "(d)").doc, None);
    let class = "class A {\n  /** Goes. */\n  go(where: string) {}\n}";
    assert_eq!(at(class, "(where").doc.as_deref(), Some("Goes."));
}

#[test]
fn classes_tell_their_shape() {
    let source = "/** A shape. */\nclass Shape<T> extends Base implements Named {\n  #a = 1; #b() {}\n  name: string = 'x'; static made = 0;\n  constructor(public w: number, h = 1) { super() }\n}";
    let shape = at(source, "class");
    assert_eq!(shape.signature, "class Shape<T> extends Base implements Named");
    assert_eq!(shape.doc.as_deref(), Some("A shape."));
    assert_eq!(shape.constructor.as_deref(), Some("(public w: number, h = 1)"));
    assert_eq!((shape.fields, shape.private_members), (vec!["name: string".to_owned()], 2));
    // V8 places a class at its constructor, if it has one.
    assert_eq!(at(source, "(public").signature, shape.signature);
    assert_eq!(at("const Box = class extends Array {}", "class").signature, "class Box extends Array");
}

#[test]
fn names_are_found_at_the_top_level() {
    let source = "let a = 1, b: string = 'b';\n/** C. */\nconst { c, d: [e] } = x;\nenum Color { Red }\nfunction a2() { let hidden }\nlet big = 'é😀'; var late: number[]";
    let named = |name| declaration_of(source, &Options::default(), name);
    assert_eq!(named("b").unwrap().signature, "let b: string");
    let e = named("e").unwrap();
    assert_eq!((&*e.signature, e.doc.as_deref(), e.position), ("const e", Some("C."), Position { line: 2, column: 0 }));
    assert_eq!(named("Color").unwrap().signature, "enum Color");
    assert_eq!(named("late").unwrap().position, Position { line: 5, column: 17 });
    let types = "/** P. */\ninterface P<T> extends Q {\n  x: T;\n  go(\n    a: 1): void\n}\ntype Id = string |\n  number;";
    let named_type = |name| declaration_of(types, &Options::default(), name).unwrap();
    let found = named_type("P");
    assert_eq!((&*found.signature, found.doc.as_deref()), ("interface P<T> extends Q", Some("P.")));
    assert_eq!(found.fields, ["x: T", "go( a: 1): void"]);
    assert_eq!(named_type("Id").signature, "type Id = string | number");
    assert_eq!(named("hidden"), None);
    assert_eq!(declaration_of("let x = (", &Options::default(), "x"), None);
}
