//! Values that try to run code when they are inspected, to be endless, or to break the inspector. None succeeds.

use drupe_inspect::{Call, Hooks, Options, Shown, line, preview, text, text_with_hooks};
use drupe_protocol::preview::{MAX_DEPTH, Node};

use crate::page::{Page, with_page};

/// What every hostile value may call.
const PRELUDE: &str = "
    var ran = 0, hit = () => { ran++; throw new Error('ran') }, spin = () => { ran++; for (;;); };
    var traps = new Proxy({}, { get() { return hit } });
    var trap = (target) => new Proxy(target, traps);
    var evil = { __proto__: null, get: hit, set: hit, enumerable: true, configurable: true };
    var define = (object, ...keys) => { for (const key of keys) Object.defineProperty(object, key, evil); return object };
";

/// The value, and, where it is telling, what is shown of it.
const VALUES: &[(&str, Option<&str>)] = &[
    // Accessors.
    ("define({}, 'a', 'b', Symbol('c'))", Some("{\n  a: [Getter/Setter],\n  b: [Getter/Setter],\n  [Symbol(c)]: [Getter/Setter]\n}")),
    ("({ get a() { hit() } })", Some("{ a: [Getter] }")),
    ("({ get a() { spin() } })", Some("{ a: [Getter] }")),
    ("define([1, 2, 3], 1)", Some("[ 1, [Getter/Setter], 3 ]")),
    ("define({}, 'constructor')", Some("{ constructor: [Getter/Setter] }")),
    ("define({}, Symbol.toStringTag)", Some("{ [Symbol(Symbol.toStringTag)]: [Getter/Setter] }")),
    ("new (class Foo { get [Symbol.toStringTag]() { hit() } })", Some("Foo {}")),
    ("new (class Foo { static get name() { hit() } })", None),
    ("class Foo { static get name() { hit() } }; Foo", None),
    ("class A { static get [Symbol.hasInstance]() { hit() } }; new A", Some("A {}")),
    ("class A { static [Symbol.hasInstance]() { hit() } }; new A", Some("A {}")),
    ("define(new Map([[1, 2]]), 'size', 'entries', Symbol.iterator)", None),
    ("define(new Set([1]), 'size', 'values', Symbol.iterator)", None),
    ("define(new Date(0), 'getTime', 'toISOString', 'toString', Symbol.toPrimitive)", None),
    ("define(/a/g, 'source', 'flags', 'global', 'toString')", None),
    ("define(new Uint8Array(3), 'length', 'buffer', 'byteLength')", None),
    ("define(new ArrayBuffer(3), 'byteLength', 'slice')", None),
    ("define(new Number(1), 'valueOf', 'toString', Symbol.toPrimitive)", None),
    ("define(new String('abc'), 'valueOf', 'toString')", None),
    ("define(Object(Symbol('x')), 'valueOf', 'description')", None),
    ("define(Promise.resolve(1), 'then', 'constructor')", None),
    ("define(function f() {}, 'name', 'toString')", None),
    ("define(class A {}, 'name', 'toString')", None),
    ("define(Object.setPrototypeOf(function f() {}, define(function g() {}, 'name')), 'x')", None),
    // Methods and hooks.
    ("({ toString: hit, valueOf: hit, toJSON: hit, inspect: hit, [Symbol.toPrimitive]: hit })", None),
    ("({ [Symbol.for('nodejs.util.inspect.custom')]: spin, [Symbol.for('Deno.customInspect')]: spin })", None),
    ("({ [Symbol.iterator]: spin, then: hit, length: 5 })", None),
    ("new (class extends Array { get length() { hit() } static get [Symbol.species]() { hit() } })(3)", None),
    ("new (class extends Map { get size() { hit() } [Symbol.iterator]() { hit() } })([[1, 2]])", None),
    // Proxies.
    ("trap({ a: 1 })", Some("{ a: 1 }")),
    ("trap([1, 2])", Some("[ 1, 2 ]")),
    ("trap(function f() {})", Some("[Function: f]")),
    ("trap(trap(trap({})))", Some("{}")),
    ("[trap(new Map([[trap({}), trap([])]]))]", Some("[ Map(1) { {} => [] } ]")),
    ("Object.create(trap({}))", Some("Object <Complex prototype> {}")),
    ("Object.create(Object.create(trap([])))", None),
    ("Object.setPrototypeOf(new Error('x'), trap(Error.prototype))", None),
    ("Object.setPrototypeOf(function f() {}, trap(Function.prototype))", None),
    ("Object.setPrototypeOf([1, 2], trap([]))", None),
    ("Object.setPrototypeOf(new Map([[1, 2]]), trap(Map.prototype))", None),
    ("class A {}; Object.defineProperty(A.prototype, 'constructor', { value: trap(A) }); new A", None),
    ("const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); proxy", Some("<Revoked Proxy>")),
    ("const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); [Object.create(proxy), proxy]", None),
    ("let p = {}; for (let i = 0; i < 1e5; i++) p = new Proxy(p, traps); p", Some("...")),
    // Errors.
    ("Error.prepareStackTrace = hit; new Error('x')", Some("[Error: x]")),
    ("Object.defineProperty(Error, 'prepareStackTrace', evil); new Error('x')", Some("[Error: x]")),
    ("Object.defineProperty(Function.prototype, 'prepareStackTrace', evil); new Error('x')", Some("[Error: x]")),
    ("new (class E extends Error { get name() { hit() } get message() { hit() } })", None),
    ("Object.defineProperty(new Error('x'), 'message', { value: { toString: hit } })", None),
    ("define(new Error('x'), 'stack', 'cause', 'errors', 'name', 'message')", None),
    ("const e = new Error('x', { cause: trap(new Error('y')) }); e", None),
    ("const e = new AggregateError([]); e.errors = trap([1]); e", None),
    ("const e = new Error('x'); e.cause = e; e.errors = [e, e]; e", None),
    // A poisoned world.
    ("define(Object.prototype, 'value', 'get', 'set', 'enumerable', 'a', 'constructor'); ({ x: 1 })", Some("{ x: 1 }")),
    ("define(Object.prototype, 'value', 'get', 'set'); ({ get x() { hit() } })", Some("{ x: [Getter] }")),
    ("define(Object.prototype, Symbol.toStringTag, 'toString', 'cause'); [{}, new Map, new Error('x')]", None),
    ("define(Array.prototype, 0, 1, 'length2', Symbol.iterator, 'push'); [1, , 3]", Some("[ 1, <1 empty item>, 3 ]")),
    (
        "const values = [new Map([[1, 2]]), new Set([1]), new Date(0), /a/g, Promise.resolve(1), () => {}, new Error('x')];
         for (const { prototype } of [Map, Set, Date, RegExp, Promise, Function, Error])
             define(prototype, ...Reflect.ownKeys(prototype).filter((key) => Reflect.getOwnPropertyDescriptor(prototype, key).configurable));
         values",
        None,
    ),
    ("globalThis.Object = globalThis.Array = globalThis.Map = hit; [{}, new Error('x')]", None),
    ("Object.setPrototypeOf(Object.prototype.__lookupGetter__('__proto__'), trap({})); ({ a: [] })", Some("{ a: [] }")),
    // Prototypes that were swapped.
    ("Object.setPrototypeOf(new Map([[1, 2]]), Date.prototype)", None),
    ("Object.setPrototypeOf(new Date(0), Map.prototype)", None),
    ("Object.setPrototypeOf([1, 2], Promise.prototype)", None),
    ("Object.setPrototypeOf({}, Map.prototype)", Some("Map {}")),
    ("Object.setPrototypeOf(() => {}, Uint8Array.prototype)", None),
    ("({ __proto__: { __proto__: null, constructor: class Fake {} } })", None),
    ("let o = {}; for (let i = 0; i < 1e5; i++) o = Object.create(o); o", None),
    // Endless and enormous ones.
    ("const a = {}; a.a = a; a.b = [a, new Map([[a, a]]), new Set([a])]; a", None),
    ("let o = {}; for (let i = 0; i < 1e5; i++) o = { o }; o", Some("{ o: { o: { o: [Object] } } }")),
    ("let o = []; for (let i = 0; i < 1e5; i++) o = [o]; o", Some("[ [ [ [Array] ] ] ]")),
    ("let e = new Error('x'); for (let i = 0; i < 1e4; i++) e = new Error('x', { cause: e }); e", None),
    ("new Array(1e7).fill(7)", None),
    ("const a = new Array(1e7).fill({ x: 1 }); delete a[50]; a", None),
    ("const a = []; a[4294967294] = 1; a", Some("[ <4294967294 empty items>, 1 ]")),
    ("new Array(4294967295)", Some("[ <4294967295 empty items> ]")),
    ("new Uint8Array(1e8)", None),
    ("'x'.repeat(1e8)", None),
    ("let s = 'ab'; for (let i = 0; i < 25; i++) s = s + s + '!'; s", None),
    ("new String('x'.repeat(1e8))", None),
    ("({ ['k'.repeat(1e8)]: 1 })", None),
    ("Symbol('s'.repeat(1e8))", None),
    ("class A {}; Object.defineProperty(A, 'name', { value: 'n'.repeat(1e8) }); new A", None),
    ("new Error('m'.repeat(1e7))", None),
    ("new Error('x\\n    at y'.repeat(1e5))", None),
    ("new RegExp('r'.repeat(1e6))", None),
    ("2n ** 1000000n", None),
    ("Object.fromEntries(Array.from({ length: 1e6 }, (_, i) => ['k' + i, i]))", None),
    ("new Map(Array.from({ length: 1e6 }, (_, i) => [i, i]))", None),
    ("new Set(Array.from({ length: 1e6 }, (_, i) => ({ i })))", None),
    ("new Set(Array.from({ length: 1e6 }, (_, i) => i)).values()", None),
    ("const wide = (n) => n ? Array.from({ length: 100 }, () => wide(n - 1)) : 'leaf'; wide(3)", None),
    ("Array.from({ length: 100 }, () => 'y'.repeat(1e5))", None),
];

#[test]
fn no_value_runs_code_or_grows_without_bounds() {
    assert!(VALUES.len() >= 40);
    let mut wrong = Vec::new();
    for (source, shown) in VALUES {
        with_page(|page| {
            page.eval(PRELUDE);
            let value = page.eval(source);
            assert_eq!(page.eval("ran").int32_value(page.scope), Some(0), "{source} is no value");
            for options in [Options::default(), Options { depth: 20, show_hidden: true, ..Options::default() }] {
                let ours = text(page.scope, value, &options);
                assert_quiet(page, source);
                assert!(ours.len() < 4 << 20, "{source}: {} bytes", ours.len());
                if let Some(shown) = shown.filter(|shown| !options.show_hidden && *shown != ours) {
                    wrong.push(format!("{source}\n--- expected\n{shown}\n--- ours\n{ours}"));
                }
                let node = preview(page.scope, value, &options);
                // The root, the levels below it, and those that are cut off.
                assert!(depth(&node) <= MAX_DEPTH + 2, "{source}");
            }
            let short = Options { depth: 0, max_array_length: 3, max_nodes: 100, max_bytes: 1_000, ..Options::default() };
            let line = line(page.scope, value, &short);
            assert_quiet(page, source);
            assert!(line.len() < 10_000, "{source}: {} bytes", line.len());
        });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Nothing of the page ran, and nothing is left behind in the engine that would disturb the next script.
fn assert_quiet(page: &mut Page<'_, '_, '_>, source: &str) {
    let ran = page.eval("ran");
    assert_eq!(ran.int32_value(page.scope), Some(0), "{source} ran code");
}

fn depth(node: &Node) -> u32 {
    let Node::Object(object) = node else { return 0 };
    object.entries.iter().map(|entry| depth(&entry.value)).max().map_or(1, |inner| inner + 1)
}

#[test]
fn a_stack_that_was_read_here_is_what_the_page_reads() {
    with_page(|page| {
        page.eval("var e = new (class E extends Error { get name() { return 'Custom' } })('x')");
        assert!(!page.text("e").contains("Custom"));
        let stack = page.eval("String(e.stack.split('\\n')[0])");
        assert_eq!(stack.to_rust_string_lossy(page.scope), "Custom: x");
    });
}

#[test]
fn an_embedder_that_formats_stacks_is_not_led_to_the_page() {
    fn format<'s>(
        scope: &mut v8::PinScope<'s, '_>,
        _: v8::Local<'s, v8::Value>,
        sites: v8::Local<'s, v8::Array>,
    ) -> v8::Local<'s, v8::Value> {
        let global = scope.get_current_context().global(scope);
        let key = v8::String::new(scope, "Error").unwrap();
        let error: v8::Local<v8::Object> = global.get(scope, key.into()).unwrap().try_into().unwrap();
        let key = v8::String::new(scope, "prepareStackTrace").unwrap();
        let page: Result<v8::Local<v8::Function>, _> = error.get(scope, key.into()).unwrap().try_into();
        if let Ok(page) = page {
            page.call(scope, error.into(), &[]);
        }
        v8::allow_javascript_execution_scope!(let scope, scope);
        let first = sites.get_index(scope, 0).and_then(|site| site.to_string(scope));
        let text =
            format!("Error: x\n    at formatted {}", first.map(|site| site.to_rust_string_lossy(scope)).unwrap_or_default());
        v8::String::new(scope, &text).unwrap().into()
    }
    with_page(|page| {
        page.scope.set_prepare_stack_trace_callback(format);
        assert_eq!(page.text("new Error('x')"), "Error: x\n    at formatted page.js:1:1");
        page.eval("var ran = 0");
        assert_eq!(
            page.text("const old = Error; globalThis.Error = class { static prepareStackTrace() { ran++ } }; new old('x')"),
            "[Error: x]"
        );
        assert_quiet(page, "a page's own Error");
    });
}

#[test]
fn a_host_function_as_a_getter_is_not_called() {
    with_page(|page| {
        fn host(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
            let key = v8::String::new(scope, "ran").unwrap();
            let one = v8::Integer::new(scope, 1);
            scope.get_current_context().global(scope).set(scope, key.into(), one.into());
        }
        page.eval("var ran = 0");
        let function = v8::Function::new(page.scope, host).unwrap();
        let key = v8::String::new(page.scope, "host").unwrap();
        page.scope.get_current_context().global(page.scope).set(page.scope, key.into(), function.into());
        for source in [
            "Object.defineProperty({}, 'a', { get: host, enumerable: true })",
            "Object.defineProperty([1], 0, { get: host, enumerable: true })",
            "new Proxy({}, { get: host, ownKeys: host, getPrototypeOf: host, getOwnPropertyDescriptor: host, has: host })",
            "Object.create(new Proxy({}, { get: host, getPrototypeOf: host, getOwnPropertyDescriptor: host, has: host }))",
            "Error.prepareStackTrace = host; new Error('x')",
        ] {
            page.text(source);
            assert_eq!(page.eval("ran").int32_value(page.scope), Some(0), "{source}");
        }
    });
}

/// Calls the function with the depth, and takes what it returns.
struct Plain;

impl Hooks for Plain {
    fn call<'s>(&mut self, scope: &mut v8::PinScope<'s, '_>, call: &Call<'s>) -> Shown<'s> {
        let depth = v8::Integer::new(scope, call.depth);
        v8::tc_scope!(let scope, scope);
        match call.function.call(scope, call.receiver.into(), &[depth.into()]) {
            Some(value) if value.is_string() => Shown::Text(value.to_rust_string_lossy(scope)),
            Some(value) => Shown::Value(value),
            None => Shown::AsUsual,
        }
    }

    fn hear<'s>(&mut self, _: &mut v8::PinScope<'s, '_>, _: v8::Local<'s, v8::Object>) {}

    fn tag<'s>(
        &mut self,
        scope: &mut v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
    ) -> Option<v8::Local<'s, v8::String>> {
        v8::tc_scope!(let scope, scope);
        let key = v8::Symbol::get_to_string_tag(scope);
        object.get(scope, key.into())?.try_cast().ok()
    }
}

#[test]
fn objects_speak_for_themselves_only_where_they_are_let() {
    with_page(|page| {
        page.eval("const custom = Symbol.for('nodejs.util.inspect.custom'); var ran = 0");
        for (source, expected) in [
            ("[{ [custom](depth) { return 'depth ' + depth + '\\n\\x1b' } }]", "[\n  depth 1\n  \\x1B\n]"),
            ("({ a: { [custom]() { return { b: 1 } } } })", "{ a: { b: 1 } }"),
            (
                "({ x: 1, [custom]() { return this } })",
                "{\n  x: 1,\n  [Symbol(nodejs.util.inspect.custom)]: [Function: [nodejs.util.inspect.custom]]\n}",
            ),
            (
                "({ [custom]() { throw 1 } })",
                "{\n  [Symbol(nodejs.util.inspect.custom)]: [Function: [nodejs.util.inspect.custom]]\n}",
            ),
            ("class A { [custom]() { return 'an A' } } [new A, A.prototype]", "[ an A, {} ]"),
            ("Object.defineProperty({}, custom, { get() { ran++ } })", "{}"),
            (
                "[new (class A { get [Symbol.toStringTag]() { return 'b' } }), new Uint8Array(1)]",
                "[ A [b] {}, Uint8Array(1) [ 0 ] ]",
            ),
            ("const again = () => ({ [custom]: again }); again()", "{ [Symbol(nodejs.util.inspect.custom)]: [Function: again] }"),
        ] {
            let value = page.eval(source);
            assert_eq!(text_with_hooks(page.scope, value, &Options::default(), &mut Plain), expected, "{source}");
        }
        assert_quiet(page, "a getter in place of a function");
    });
}
