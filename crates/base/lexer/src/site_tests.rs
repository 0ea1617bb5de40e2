//! Sites of completions and calls.

use super::{Declared, Site, call, names_argument, site};
use crate::{Chain, Literal, Root, Step};

fn chain(text: &str) -> Option<Chain> {
    match site(&format!("{text}.")) {
        Site::Member { object, .. } => Some(object),
        _ => None,
    }
}

fn key(key: &str) -> Step {
    Step::Key(key.to_owned())
}

#[test]
fn chains_are_read_from_their_roots() {
    let name = |name: &str| Root::Name(name.to_owned());
    for (text, root, steps) in [
        ("a", name("a"), vec![]),
        ("1 + a.b?.c", name("a"), vec![key("b"), key("c")]),
        ("a!.b['x y'][0]", name("a"), vec![key("b"), key("x y"), key("0")]),
        ("f((a).b", name("a"), vec![key("b")]),
        ("this.a", Root::Global, vec![key("a")]),
        ("new a.B(1).c", name("a"), vec![key("B"), Step::Instance, key("c")]),
        ("(new A()).c", name("A"), vec![Step::Instance, key("c")]),
        ("require('fs').x", Root::Module("fs".to_owned()), vec![key("x")]),
        ("import('fs')", Root::Import(Some("fs".to_owned())), vec![]),
        ("import(x)", Root::Import(None), vec![]),
        ("(await import('fs')).x", Root::Import(Some("fs".to_owned())), vec![Step::Awaited, key("x")]),
        ("(await a.b).c", name("a"), vec![key("b"), Step::Awaited, key("c")]),
        ("(-x)", Root::Literal(Literal::Number), vec![]),
        ("({}).x", Root::Literal(Literal::Object), vec![key("x")]),
        ("[1, [2]]", Root::Literal(Literal::Array), vec![]),
        ("6 / 2 / a", name("a"), vec![]),
        ("x = /a\\/[/']+/g", Root::Literal(Literal::RegExp), vec![]),
        ("`a${b}`", Root::Literal(Literal::String), vec![]),
        ("5n", Root::Literal(Literal::BigInt), vec![]),
        ("async", name("async"), vec![]),
        ("<p>it's</p>; a", name("a"), vec![]),
    ] {
        assert_eq!(chain(text), Some(Chain { root, steps }), "{text}");
    }
    for text in
        ["f()", "a.b()", "(a + b)", "f`x`", "import.meta", "if (a)", "(-a.b)", "(-a).b", "a[b]", "return", "#a", "a.#b", "5"]
    {
        assert_eq!(chain(text), None, "{text}");
    }
}

#[test]
fn chains_that_nobody_types_are_left_out() {
    assert!(chain(&"a.".repeat(900)[..]).is_none() && chain(&format!("a{}", ".a".repeat(900))).is_some());
    assert_eq!(chain(&format!("a{}", ".a".repeat(2_000))), None);
    assert_eq!(chain(&format!("{}a{}", "(".repeat(50), ")".repeat(50))), None);
}

#[test]
fn names_keys_and_specifiers_are_told_apart() {
    let prefix = |text: &str| match site(text) {
        Site::Nothing => None,
        Site::Name { prefix, .. } => Some(("name", prefix)),
        Site::Member { prefix, .. } => Some(("member", prefix)),
        Site::Key { prefix, .. } => Some(("key", prefix)),
        Site::Specifier { prefix, .. } => Some(("specifier", prefix)),
    };
    for (text, kind, typed) in [
        ("cou", "name", "cou"),
        ("", "name", ""),
        ("`${cou", "name", "cou"),
        ("const {", "name", ""),
        ("<p a={cou", "name", "cou"),
        ("<p>it's {cou", "name", "cou"),
        ("a.b", "member", "b"),
        ("a\n  .b", "member", "b"),
        ("a['b c", "key", "b c"),
        ("a?.[\"say \\\"h", "key", "say \\\"h"),
        ("import './a", "specifier", "./a"),
        ("import x from './a", "specifier", "./a"),
        ("import x, * as y from '", "specifier", ""),
        ("import {\n  a,\n  'b c' as d,\n} from '", "specifier", ""),
        ("export * from '", "specifier", ""),
        ("import type { A } from '", "specifier", ""),
        ("(await import('./é", "specifier", "./é"),
        ("require('", "specifier", ""),
        ("x = require.resolve( 'a/", "specifier", "a/"),
        ("import.meta.resolve('a", "specifier", "a"),
        ("<p>it's</p>; import('n", "specifier", "n"),
    ] {
        assert_eq!(prefix(text), Some((kind, typed.to_owned())), "{text}");
    }
    for text in [
        "'a",
        "const from = 'a",
        "from 'a",
        "x.require('a",
        "f('a",
        "myimport('a",
        "a = 'import'; b = 'x",
        "let x",
        "class A",
        "// a",
        "`a",
        "5",
        "this.#a",
        "['a",
        "<p>a",
        "<p a='b",
    ] {
        assert_eq!(prefix(text), None, "{text}");
    }
}

#[test]
fn the_code_declares_names() {
    let Site::Name { declared, .. } = site("let a = 1; function b() {} class C {} using d = e; ") else { panic!() };
    let expected = [("a", Declared::Variable), ("b", Declared::Function), ("C", Declared::Class), ("d", Declared::Variable)];
    assert_eq!(declared, expected.map(|(name, declared)| (name.to_owned(), declared)));
}

#[test]
fn the_call_around_the_cursor_is_found() {
    for (text, name, argument) in [
        ("f(", "f", 0),
        ("f(1, ", "f", 1),
        ("f(1", "f", 0),
        ("a.b.f([1, 2], {x: 1, ", "f", 1),
        ("f('a, b', \"c", "f", 1),
        ("f(`a, ${b}, c", "f", 0),
        ("f(`${x}`, ", "f", 1),
        ("f(g(1, 2), ", "f", 1),
        ("f(g(1, ", "g", 1),
        ("f((1, 2), (3", "f", 1),
        ("new Map(", "Map", 0),
        ("x = await f<Map<string, number>>(1, ", "f", 1),
        ("f?.(", "f", 0),
        ("if (f(1, 2), g(", "g", 0),
        ("f(/[,(]/, ", "f", 1),
        ("// g(\nf(", "f", 0),
        ("f(<p>it's, (</p>, ", "f", 1),
    ] {
        let found = call(text).map(|call| (text[call.name].to_owned(), call.argument));
        assert_eq!(found, Some((name.to_owned(), argument)), "{text}");
    }
    for text in [
        "f",
        "f()",
        "f(1);",
        "if (",
        "function f(",
        "(",
        "f(() => { ",
        "f(); (1, ",
        "while (x",
        "[1, ",
        "f(1) + (",
        "f(function () { x",
    ] {
        assert_eq!(call(text), None, "{text}");
    }
}

#[test]
fn names_of_arguments_are_known() {
    for text in ["f(a", "f(1, a", "x.map(_", "f(a, $b", "new A(a", "f(g(1), a", "f({ a: 1 }, b"] {
        assert!(names_argument(text), "{text}");
    }
    for text in
        ["(a", "f(a b", "f([a", "f({ a", "f(1", "if (a", "f(a ? b", "function f(a", "f(() => { a", "case a", "f(this", "a", ""]
    {
        assert!(!names_argument(text), "{text}");
    }
}

/// Each look back from an open bracket is bounded, or goes to a partner that is known: otherwise these would take
/// minutes.
#[test]
fn hostile_text_takes_little_time() {
    for unit in [">(", "((x]", "(x](", "[x)", "f((", "a.b[", "a?.[0].", "(await ", "import {a, ", "{(", "new A(", "<p>{"] {
        let text = format!("f({}", unit.repeat(20_000));
        drop(call(&text));
        drop(site(&text));
        drop(site(&format!("{text}'")));
    }
    let text = format!("f({}", ">(".repeat(20_000));
    assert!(call(&text).is_some_and(|call| &text[call.name] == "f"));
}
