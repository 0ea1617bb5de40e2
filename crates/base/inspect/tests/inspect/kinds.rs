//! Every kind of value, as a tree.

use drupe_inspect::{Options, preview};
use drupe_protocol::preview::{Accessor, Bytes, Entry, Excerpt, Key, Kind, Node, Object, State, Text};

use crate::page::with_page;

fn string(text: &str) -> Node {
    Node::String(Excerpt { text: text.into(), more: 0 })
}

fn numbers(numbers: impl IntoIterator<Item = u8>) -> Vec<Entry> {
    numbers.into_iter().map(|number| Node::Number(number.into()).into()).collect()
}

fn items(nodes: impl IntoIterator<Item = Node>) -> Vec<Entry> {
    nodes.into_iter().map(Entry::from).collect()
}

fn named(name: &str, value: Node) -> Entry {
    Entry { key: Key::Name(name.into()), value }
}

fn hidden(name: &str, value: Node) -> Entry {
    Entry { key: Key::Hidden(name.into()), value }
}

fn pair(key: Node, value: Node) -> Entry {
    Entry { key: Key::Value(Box::new(key)), value }
}

fn of(kind: Kind, class: &str) -> Object {
    Object { kind, class: class.into(), ..Object::default() }
}

fn plain(entries: Vec<Entry>) -> Node {
    node(Object { entries, ..of(Kind::Plain, "Object") })
}

fn array(size: u64, numeric: bool, entries: Vec<Entry>) -> Node {
    node(Object { size: Some(size), numeric, entries, ..of(Kind::Array, "Array") })
}

fn function(kind: Kind, class: &str, name: &str) -> Node {
    node(Object { text: name.into(), tag: if class == "Function" { Text::default() } else { class.into() }, ..of(kind, class) })
}

fn node(object: Object) -> Node {
    Node::Object(Box::new(object))
}

fn check(cases: &[(&str, Node)]) {
    for (source, expected) in cases {
        with_page(|page| {
            let value = page.eval(source);
            let ours = preview(page.scope, value, &Options::default());
            assert_eq!(ours, *expected, "{source}");
        });
    }
}

#[test]
fn primitives_and_strings() {
    check(&[
        ("undefined", Node::Undefined),
        ("null", Node::Null),
        ("true", Node::Boolean(true)),
        ("false", Node::Boolean(false)),
        ("1.5", Node::Number(1.5)),
        ("-Infinity", Node::Number(f64::NEG_INFINITY)),
        ("-12n", Node::BigInt("-12".into())),
        ("2n ** 80n", Node::BigInt("1208925819614629174706176".into())),
        ("2n ** 40000n", Node::BigInt("<40064 bits>".into())),
        ("Symbol('s')", Node::Symbol("s".into())),
        ("Symbol()", Node::Symbol(Text::default())),
        ("Symbol.iterator", Node::Symbol("Symbol.iterator".into())),
        ("'a\\n\"é漢😀'", string("a\n\"é漢😀")),
        ("'\\ud800a'", Node::String(Excerpt { text: Text::from_utf16(&[0xd800, 0x61]), more: 0 })),
        ("'x'.repeat(10_005)", Node::String(Excerpt { text: "x".repeat(10_000).into(), more: 5 })),
        ("'é'.repeat(20_000)", Node::String(Excerpt { text: "é".repeat(10_000).into(), more: 10_000 })),
    ]);
    with_page(|page| {
        let value = page.eval("-0");
        let zero = preview(page.scope, value, &Options::default());
        assert!(matches!(zero, Node::Number(zero) if zero == 0.0 && zero.is_sign_negative()), "{zero:?}");
        let value = page.eval("NaN");
        let nan = preview(page.scope, value, &Options::default());
        assert!(matches!(nan, Node::Number(nan) if nan.is_nan()), "{nan:?}");
    });
}

#[test]
fn plain_objects_and_accessors() {
    check(&[
        ("({})", plain(vec![])),
        (
            "({ b: 1, 'a b': 'x', 2: null, [Symbol('s')]: undefined })",
            plain(vec![
                named("2", Node::Null),
                named("b", Node::Number(1.0)),
                named("a b", string("x")),
                Entry { key: Key::Symbol("s".into()), value: Node::Undefined },
            ]),
        ),
        (
            "({ get a() { throw 1 }, set b(v) {}, get c() { throw 1 }, set c(v) {} })",
            plain(vec![
                named("a", Node::Accessor(Accessor::Getter)),
                named("b", Node::Accessor(Accessor::Setter)),
                named("c", Node::Accessor(Accessor::GetterSetter)),
            ]),
        ),
        (
            "({ __proto__: null, a: 1 })",
            node(Object { null_prototype: true, entries: vec![named("a", Node::Number(1.0))], ..of(Kind::Plain, "Object") }),
        ),
        (
            "({ [Symbol.toStringTag]: 'T' })",
            plain(vec![Entry { key: Key::Symbol("Symbol.toStringTag".into()), value: string("T") }]),
        ),
        ("new (class { get [Symbol.toStringTag]() { throw 1 } })", plain(vec![])),
        (
            "new (class Point { x = 1; #y = 2 })",
            node(Object { entries: vec![named("x", Node::Number(1.0))], ..of(Kind::Plain, "Point") }),
        ),
        (
            "(function () { return arguments })(1)",
            node(Object { entries: vec![named("0", Node::Number(1.0))], ..of(Kind::Arguments, "Object") }),
        ),
        (
            "({ a: { b: { c: { d: 1 } } } })",
            plain(vec![named(
                "a",
                plain(vec![named("b", plain(vec![named("c", node(Object { cut: true, ..of(Kind::Plain, "Object") }))]))]),
            )]),
        ),
    ]);
}

#[test]
fn arrays_with_holes_and_circles() {
    let more = items((0..100).map(|_| Node::Number(7.0)).chain([Node::MoreItems(5)]));
    check(&[
        ("[]", array(0, false, vec![])),
        ("[1, 2]", array(2, true, numbers([1, 2]))),
        ("[1, 2n, 'x']", array(3, false, items([Node::Number(1.0), Node::BigInt("2".into()), string("x")]))),
        ("[1, , , 4, ,]", array(5, false, items([Node::Number(1.0), Node::Holes(2), Node::Number(4.0), Node::Holes(1)]))),
        ("Object.assign([1], { x: 2 })", { array(1, false, vec![Node::Number(1.0).into(), named("x", Node::Number(2.0))]) }),
        ("Object.defineProperty([1], 0, { get() { throw 1 } })", array(1, false, items([Node::Accessor(Accessor::Getter)]))),
        ("new Array(105).fill(7)", array(105, true, more)),
        (
            "const a = [1]; a.push(a, { a }); a",
            node(Object {
                size: Some(3),
                reference: 1,
                entries: items([Node::Number(1.0), Node::Circular(1), plain(vec![named("a", Node::Circular(1))])]),
                ..of(Kind::Array, "Array")
            }),
        ),
    ]);
}

#[test]
fn buffers_and_views() {
    let bytes = |bytes: &[u8]| named_bytes(bytes);
    check(&[
        (
            "new Uint8Array([1, 2])",
            node(Object {
                size: Some(2),
                tag: "Uint8Array".into(),
                numeric: true,
                entries: numbers([1, 2]),
                ..of(Kind::TypedArray, "Uint8Array")
            }),
        ),
        (
            "new BigInt64Array([5n])",
            node(Object {
                size: Some(1),
                tag: "BigInt64Array".into(),
                numeric: true,
                entries: items([Node::BigInt("5".into())]),
                ..of(Kind::TypedArray, "BigInt64Array")
            }),
        ),
        (
            "new Uint8Array([1, 255]).buffer",
            node(Object {
                tag: "ArrayBuffer".into(),
                entries: vec![bytes(&[1, 255]), named("byteLength", Node::Number(2.0))],
                ..of(Kind::ArrayBuffer, "ArrayBuffer")
            }),
        ),
        (
            "const b = new ArrayBuffer(3); b.transfer(); b",
            node(Object {
                tag: "ArrayBuffer".into(),
                entries: vec![Node::State(State::Detached).into(), named("byteLength", Node::Number(0.0))],
                ..of(Kind::ArrayBuffer, "ArrayBuffer")
            }),
        ),
        (
            "new SharedArrayBuffer(1)",
            node(Object {
                tag: "SharedArrayBuffer".into(),
                entries: vec![bytes(&[0]), named("byteLength", Node::Number(1.0))],
                ..of(Kind::SharedArrayBuffer, "SharedArrayBuffer")
            }),
        ),
    ]);
}

fn named_bytes(bytes: &[u8]) -> Entry {
    Node::Bytes(Bytes { bytes: bytes.to_vec(), more: 0 }).into()
}

#[test]
fn collections_and_promises() {
    let tagged = |kind, class: &str, entries| Object { tag: class.into(), entries, ..of(kind, class) };
    let sized = |kind, class: &str, size, entries| node(Object { size: Some(size), ..tagged(kind, class, entries) });
    let pending = Entry::from(Node::State(State::Pending));
    check(&[
        ("new Map([['a', 1], [{}, [2]]])", {
            let second = pair(plain(vec![]), array(1, true, numbers([2])));
            sized(Kind::Map, "Map", 2, vec![pair(string("a"), Node::Number(1.0)), second])
        }),
        ("new Set([1, 'x'])", sized(Kind::Set, "Set", 2, items([Node::Number(1.0), string("x")]))),
        ("new Map", sized(Kind::Map, "Map", 0, vec![])),
        (
            "new Map([[1, 2]]).entries()",
            node(tagged(Kind::MapEntries, "Object", vec![pair(Node::Number(1.0), Node::Number(2.0))])).tagged("Map Iterator"),
        ),
        ("new Map([[1, 2]]).keys()", node(tagged(Kind::MapIterator, "Object", numbers([1]))).tagged("Map Iterator")),
        ("new Set([1]).values()", node(tagged(Kind::SetIterator, "Object", numbers([1]))).tagged("Set Iterator")),
        (
            "new Set([1]).entries()",
            node(tagged(Kind::SetEntries, "Object", vec![pair(Node::Number(1.0), Node::Number(1.0))])).tagged("Set Iterator"),
        ),
        ("new WeakMap([[{}, 1]])", node(tagged(Kind::WeakMap, "WeakMap", vec![Node::State(State::ItemsUnknown).into()]))),
        ("new WeakSet([{}])", node(tagged(Kind::WeakSet, "WeakSet", vec![Node::State(State::ItemsUnknown).into()]))),
        ("Promise.resolve(1)", node(tagged(Kind::Promise, "Promise", numbers([1])))),
        ("new Promise(() => {})", node(tagged(Kind::Promise, "Promise", vec![pending]))),
        ("Promise.reject('no')", node(tagged(Kind::Promise, "Promise", vec![Entry { key: Key::Rejected, value: string("no") }]))),
    ]);
}

#[test]
fn functions_and_classes() {
    check(&[
        ("(function f() {})", function(Kind::Function, "Function", "f")),
        ("() => {}", function(Kind::Function, "Function", "")),
        ("(async () => {})", function(Kind::AsyncFunction, "AsyncFunction", "")),
        ("(function* g() {})", function(Kind::GeneratorFunction, "GeneratorFunction", "g")),
        ("(async function* g() {})", function(Kind::AsyncGeneratorFunction, "AsyncGeneratorFunction", "g")),
        (
            "Object.assign(function f() {}, { x: 1 })",
            node(Object { text: "f".into(), entries: vec![named("x", Node::Number(1.0))], ..of(Kind::Function, "Function") }),
        ),
        ("(class {})", function(Kind::Class, "Function", "")),
        ("(class A extends Map {})", node(Object { text: "A".into(), extends: "Map".into(), ..of(Kind::Class, "Function") })),
    ]);
    with_page(|page| {
        for (source, expected) in [
            ("(class{})", "[class (anonymous)]"),
            ("(class /* function () */ A extends (() => Map)() {})", "[class A extends Map]"),
            ("({ class() {} }).class", "[Function: class]"),
            ("Object.freeze(function classy() {})", "[Function: classy]"),
            ("Object.defineProperty(function () {}, 'toString', { value: () => 'class A {}' })", "[Function (anonymous)]"),
            ("Map", "[Function: Map]"),
        ] {
            let ours = page.text(source);
            assert_eq!(ours, expected, "{source}");
        }
    });
}

#[test]
fn dates_expressions_boxes_and_temporal() {
    let boxed = |class: &str, primitive| Object { primitive: Some(primitive), ..of(Kind::Boxed, class) };
    let text = |kind, class: &str, text: &str| Object { text: text.into(), ..of(kind, class) };
    check(&[
        ("new Date(0)", node(text(Kind::Date, "Date", "1970-01-01T00:00:00.000Z"))),
        ("new Date(NaN)", node(text(Kind::Date, "Date", "Invalid Date"))),
        ("/a\\/b/gi", node(text(Kind::RegExp, "RegExp", "/a\\/b/gi"))),
        (
            "Object.assign(/x/, { lastSeen: 1 })",
            node(Object { entries: vec![named("lastSeen", Node::Number(1.0))], ..text(Kind::RegExp, "RegExp", "/x/") }),
        ),
        ("new Number(1)", node(boxed("Number", Node::Number(1.0)))),
        ("new Boolean(false)", node(boxed("Boolean", Node::Boolean(false)))),
        ("new String('ab')", node(boxed("String", string("ab")))),
        ("Object(5n)", node(Object { tag: "BigInt".into(), ..boxed("BigInt", Node::BigInt("5".into())) })),
        ("Object(Symbol('s'))", node(Object { tag: "Symbol".into(), ..boxed("Symbol", Node::Symbol("s".into())) })),
        (
            "Temporal.PlainDate.from('2026-01-02')",
            node(Object { tag: "Temporal.PlainDate".into(), ..text(Kind::Temporal, "PlainDate", "2026-01-02") }),
        ),
    ]);
}

#[test]
fn errors_with_causes() {
    let error = |class: &str, text: &str, entries| Object { text: text.into(), entries, ..of(Kind::Error, class) };
    let at = "\n    at page.js:1:1";
    check(&[
        ("new Error('x')", node(error("Error", &format!("Error: x{at}"), vec![]))),
        ("new TypeError", node(error("TypeError", &format!("TypeError{at}"), vec![]))),
        (
            "new Error('x', { cause: 'why' })",
            node(error("Error", &format!("Error: x{at}"), vec![hidden("cause", string("why"))])),
        ),
        (
            "Object.assign(new RangeError('x'), { code: 1 })",
            node(error("RangeError", "RangeError: x\n    at page.js:1:15", vec![named("code", Node::Number(1.0))])),
        ),
        (
            "new AggregateError([1], 'all')",
            node(error(
                "AggregateError",
                &format!("AggregateError: all{at}"),
                vec![hidden("errors", array(1, true, numbers([1])))],
            )),
        ),
        ("const e = new Error('x'); e.stack = undefined; e", node(error("Error", "[Error: x]", vec![]))),
        ("Error.prepareStackTrace = () => 'lie'; new Error('x')", node(error("Error", "[Error: x]", vec![]))),
        ("null.x", {
            let text = "TypeError: Cannot read properties of null (reading 'x')\n    at page.js:1:6";
            node(error("TypeError", text, vec![]))
        }),
    ]);
}

#[test]
fn proxies_and_others() {
    check(&[
        ("new Proxy({ a: 1 }, { get() { throw 1 }, ownKeys() { throw 1 } })", plain(vec![named("a", Node::Number(1.0))])),
        ("const { proxy, revoke } = Proxy.revocable([], {}); revoke(); [proxy]", array(1, false, items([Node::RevokedProxy]))),
    ]);
    with_page(|page| {
        let options = Options { show_proxy: true, ..Options::default() };
        assert_eq!(page.text_with("new Proxy({ a: 1 }, {})", &options), "Proxy [ { a: 1 }, {} ]");
    });
}

trait Tagged {
    fn tagged(self, tag: &str) -> Self;
}

impl Tagged for Node {
    fn tagged(self, tag: &str) -> Self {
        let Node::Object(mut object) = self else { return self };
        object.tag = tag.into();
        Node::Object(object)
    }
}
