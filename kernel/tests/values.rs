//! Values by value, both ways.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::TestKernel;
use drupe_protocol::{
    Value,
    event::{End, Event, RunResult},
    preview::{Entry, Excerpt, Key, Kind, Node, Object},
    request::Input,
    value::{BigInt, ErrorValue, Opaque, RegExp, TypedArrayKind},
};

fn object(entries: &[(&str, Value)]) -> Value {
    Value::Object(entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
}

#[test]
fn everything_that_is_data_arrives_typed() {
    let mut kernel = TestKernel::new();
    for (code, value) in [
        ("undefined", Value::Undefined),
        ("null", Value::Null),
        ("true", true.into()),
        ("-0", (-0.0).into()),
        ("2 ** 60", 2f64.powi(60).into()),
        ("'\\u{1f34a} é'", "🍊 é".into()),
        ("'a\\ud800'", Value::Utf16(vec![0x61, 0xd800])),
        ("-(2n ** 70n)", Value::BigInt(BigInt::from(-(1i128 << 70)))),
        ("new Date(5)", Value::Date(5.0)),
        ("/a\\/b/dgimsuy", Value::RegExp(Box::new(RegExp { source: "a\\/b".into(), flags: "dgimsuy".into() }))),
        ("/x/v", Value::RegExp(Box::new(RegExp { source: "x".into(), flags: "v".into() }))),
        ("[1, , undefined, 'x']", Value::Array(vec![1.into(), Value::Hole, Value::Undefined, "x".into()])),
        ("({ b: 1, a: { 2: 'x' } })", object(&[("b", 1.into()), ("a", object(&[("2", "x".into())]))])),
        ("new Map([[{ k: 1 }, 'v']])", Value::Map(vec![(object(&[("k", 1.into())]), "v".into())])),
        ("new Set([1, 'a'])", Value::Set(vec![1.into(), "a".into()])),
        ("new Uint16Array([1, 258])", Value::TypedArray(TypedArrayKind::Uint16, [1, 0, 2, 1].into())),
        ("new Float16Array([1])", Value::TypedArray(TypedArrayKind::Float16, [0, 0x3c].into())),
        ("new DataView(new ArrayBuffer(4), 1, 2)", Value::TypedArray(TypedArrayKind::DataView, [0, 0].into())),
        ("new Uint8Array([1, 2, 3]).buffer", Value::ArrayBuffer([1, 2, 3].into())),
        ("class P { constructor() { this.x = 1 } }; new P()", object(&[("x", 1.into())])),
        ("Object.create(null)", object(&[])),
    ] {
        assert_eq!(kernel.value(code), value, "{code}");
    }
    assert!(kernel.value("NaN").as_f64().unwrap().is_nan());
}

#[test]
fn errors_keep_name_message_cause_and_stack() {
    let mut kernel = TestKernel::new();
    let Value::Error(error) = kernel.value("new TypeError('t', { cause: new RangeError('r') })") else { panic!("no error") };
    assert_eq!((&*error.name, &*error.message), ("TypeError", "t"));
    assert_eq!(error.stack.as_deref(), Some("TypeError: t\n    at chunk:1:1:1"));
    let Some(Value::Error(cause)) = error.cause else { panic!("no cause") };
    assert_eq!(cause.message, "r");
    let Value::Error(error) = kernel.value("new AggregateError([1, 2], 'all')") else { panic!("no error") };
    assert_eq!(error.errors, Some(Value::Array(vec![1.into(), 2.into()])));
}

#[test]
fn sharing_and_cycles_are_references() {
    let mut kernel = TestKernel::new();
    let shared = kernel.value("const s = { n: 1 }; [s, s]");
    assert_eq!(shared, Value::Array(vec![object(&[("n", 1.into())]), Value::Ref(1)]));
    let cycle = kernel.value("const c = { name: 'c' }; c.self = c; c");
    assert_eq!(cycle, object(&[("name", "c".into()), ("self", Value::Ref(0))]));
}

#[test]
fn what_is_no_data_is_opaque_and_nobody_is_asked() {
    let mut kernel = TestKernel::new();
    let opaque = |class: &str, text: &str| Value::Opaque(Box::new(Opaque { class: class.into(), text: text.into() }));
    for (code, value) in [
        ("(function f() {})", opaque("function", "[Function: f]")),
        ("Symbol('s')", opaque("symbol", "Symbol(s)")),
        ("Promise.resolve(1); Promise.reject; new WeakMap()", opaque("WeakMap", "WeakMap { <items unknown> }")),
        // Instances that keep their content elsewhere.
        ("[1][Symbol.iterator]()", opaque("Array Iterator", "Object [Array Iterator] {}")),
        ("class Point { #x = 1 }; new Point()", opaque("Point", "Point {}")),
        ("new URLSearchParams('a=1')", opaque("URLSearchParams", "URLSearchParams { 'a' => '1' }")),
        ("class Dot { x = 1; #y = 2 }; new Dot()", Value::Object(vec![("x".into(), 1.into())])),
        ("Object.create(null)", Value::Object(Vec::new())),
        ("({ [Symbol('s')]: 1 })", Value::Object(Vec::new())),
    ] {
        assert_eq!(kernel.value(code), value, "{code}");
    }
    kernel.run("var ran = 0");
    let value =
        kernel.value("({ get g() { ran++; return 1 }, p: new Proxy({}, { get() { ran++ }, ownKeys() { ran++; return [] } }) })");
    assert_eq!(value.get("g"), Some(&opaque("getter", "[Getter]")));
    assert!(matches!(value.get("p"), Some(Value::Opaque(_))));
    assert_eq!(kernel.text("ran"), "0");
    // Keys that Unicode cannot tell apart make no object on the wire.
    assert!(matches!(kernel.value("({ '\\ud800': 1, '\\ud801': 2 })"), Value::Opaque(_)));
    // What is opaque has no number, and is written again.
    for made in ["new URL('a:b')", "{ '\\ud800': {} }"] {
        let value = kernel.value(&format!("{{ const made = {made}, list = []; [made, made, list, list] }}"));
        let Value::Array(items) = &value else { panic!("{value:?}") };
        assert!(items[..2].iter().all(|item| matches!(item, Value::Opaque(_))), "{value:?}");
        assert_eq!(items[2..], [Value::Array(Vec::new()), Value::Ref(1)]);
    }
}

// threat C7
#[test]
fn what_is_too_large_or_too_deep_is_cut_and_the_text_remains() {
    let mut kernel = TestKernel::new();
    for code in
        ["'x'.repeat(2 << 20)", "new Uint8Array(2 << 20)", "Array(1e6).fill(0).map((_, i) => ({ i }))", "new Array(2 ** 32 - 1)"]
    {
        let log = kernel.run(code);
        assert_eq!(log.value(), None, "{code}");
        assert!(log.text().unwrap().len() < 2 << 20, "{code}");
    }
    let mut deep = &kernel.value("let deep = {}; for (let i = 0; i < 1e5; i++) deep = { deep }; deep");
    let mut levels = 0;
    while let Some(inner) = deep.get("deep") {
        deep = inner;
        levels += 1;
    }
    assert_eq!(levels, 48);
    assert!(matches!(deep, Value::Opaque(_)));
}

/// The result of `code`, with its tree if that is asked for.
fn result(kernel: &mut TestKernel, code: &str, preview: bool) -> RunResult {
    let run = kernel.request(code);
    kernel.send(drupe_protocol::request::Run { preview, ..run });
    let mut events = kernel.log().events.into_iter();
    events.find_map(|event| if let Event::Result(result) = event { Some(result) } else { None }).unwrap()
}

/// The examples of WIRE.md.
#[test]
fn results_come_as_trees_too_where_that_is_asked_for() {
    let mut kernel = TestKernel::new();
    let object = |object: Object| Node::Object(Box::new(object));
    let plain = || Object { class: "Object".into(), ..Object::default() };
    let named = |name: &str, value| vec![Entry { key: Key::Name(name.into()), value }];
    let holey = vec![Node::Holes(1).into(), Node::Boolean(true).into()];
    let array = Object { kind: Kind::Array, class: "Array".into(), size: Some(2), entries: holey, ..plain() };
    let value = Node::String(Excerpt { text: "x".into(), more: 0 });
    let pairs = vec![Entry { key: Key::Value(Box::new(Node::Number(1.0))), value }];
    let function = Object { kind: Kind::Function, class: "Function".into(), text: "max".into(), ..plain() };
    for (code, tree) in [
        ("1", Node::Number(1.0)),
        ("null", Node::Null),
        ("'é'", Node::String(Excerpt { text: "é".into(), more: 0 })),
        ("({ a: 1 })", object(Object { entries: named("a", Node::Number(1.0)), ..plain() })),
        ("[, true]", object(array)),
        ("Math.max", object(function)),
        ("let o = {}; o.o = o; o", object(Object { reference: 1, entries: named("o", Node::Circular(1)), ..plain() })),
        (
            "new Map([[1, 'x']])",
            object(Object { kind: Kind::Map, class: "Map".into(), tag: "Map".into(), size: Some(1), entries: pairs, ..plain() }),
        ),
    ] {
        let mut asked = result(&mut kernel, code, true);
        assert_eq!(asked.text, drupe_preview::render(&tree, &drupe_preview::Options::default()), "{code}");
        assert_eq!(asked.preview, Some(tree), "{code}");
        asked.run += 1;
        asked.preview = None;
        assert_eq!(asked, result(&mut kernel, code, false), "{code}");
    }
}

#[test]
fn values_go_in_and_come_back_the_same() {
    let mut kernel = TestKernel::new();
    let values = [
        Value::Undefined,
        Value::Null,
        false.into(),
        (-0.0).into(),
        1e300.into(),
        "text".into(),
        Value::Utf16(vec![0xdc00, 0x41]),
        Value::BigInt(BigInt::from(-(1i128 << 100))),
        Value::Date(1e12),
        Value::RegExp(Box::new(RegExp { source: "a+".into(), flags: "gi".into() })),
        Value::ArrayBuffer([1, 2, 3].into()),
        Value::Array(vec![Value::Hole, 1.into(), Value::Hole]),
        object(&[("__proto__", 1.into()), ("constructor", 2.into()), ("", Value::Null)]),
        Value::Map(vec![(Value::Null, Value::Set(vec![1.into()]))]),
        Value::Array(vec![object(&[]), Value::Ref(1), Value::Ref(0)]),
        Value::Error(Box::new(ErrorValue {
            name: "Odd".into(),
            message: "m".into(),
            stack: Some("its stack".into()),
            cause: Some(1.into()),
            errors: None,
        })),
    ];
    let all = TypedArrayKind::ALL.map(|kind| Value::TypedArray(kind, vec![0; kind.element_size() * 2].into()));
    for value in values.into_iter().chain(all) {
        let mut run = kernel.request("input");
        run.inputs = vec![Input { name: "input".into(), value: value.clone() }];
        kernel.send(run);
        assert_eq!(kernel.log().value(), Some(value));
    }
}

#[test]
fn an_input_that_cannot_be_defined_fails_the_run_and_says_which() {
    let mut kernel = TestKernel::new();
    kernel.run("Object.defineProperty(globalThis, 'fixed', { value: 1 })");
    for (name, value) in [("fixed", Value::Null), ("dangling", Value::Ref(7))] {
        let mut run = kernel.request("globalThis.reached = true");
        run.inputs = vec![Input { name: name.into(), value }];
        kernel.send(run);
        let log = kernel.log();
        assert!(matches!(log.outcome.end, End::Threw(_)));
        assert!(log.thrown().contains(&format!("{name:?}")), "{}", log.thrown());
    }
    assert_eq!(kernel.text("typeof reached"), "'undefined'");
}
