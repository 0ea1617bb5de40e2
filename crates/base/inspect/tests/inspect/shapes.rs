//! Kinds of values that cannot be compared with an older Node, options, and the budget.

use drupe_inspect::{Options, preview, text};

use crate::page::with_page;

#[test]
fn newer_kinds_of_objects() {
    with_page(|page| {
        for (source, expected) in [
            ("Temporal.PlainDate.from('2026-01-02')", "Temporal.PlainDate 2026-01-02"),
            ("Temporal.Duration.from('P1DT2H')", "Temporal.Duration P1DT2H"),
            ("Object.assign(Temporal.PlainTime.from('12:30'), { x: 1 })", "Temporal.PlainTime 12:30:00 { x: 1 }"),
            ("[Temporal.Instant.from('2020-01-01T00:00:00Z')]", "[ Temporal.Instant 2020-01-01T00:00:00Z ]"),
            ("Temporal.ZonedDateTime.from('2020-01-01T00:00:00Z[UTC]')", "Temporal.ZonedDateTime 2020-01-01T00:00:00+00:00[UTC]"),
            (
                "Temporal.PlainDate.prototype.toString = () => 'lies'; Temporal.PlainDate.from('2026-01-02')",
                "Temporal.PlainDate 2026-01-02",
            ),
            ("({ [Symbol.toStringTag]: 'Temporal.PlainDate' })", "{ [Symbol(Symbol.toStringTag)]: 'Temporal.PlainDate' }"),
            ("Object.create(Temporal.PlainDate.prototype)", "PlainDate [Temporal.PlainDate] {}"),
            (
                "new Float16Array([0.5, -0, NaN, Infinity, 65504, 6e-8])",
                "Float16Array(6) [ 0.5, -0, NaN, Infinity, 65504, 5.960464477539063e-8 ]",
            ),
            ("Object(Symbol('x'))", "[Symbol: Symbol(x)]"),
            ("new WeakRef({})", "WeakRef {}"),
            ("new DisposableStack", "DisposableStack {}"),
            ("[1, 2].values().map((x) => x)", "Object [Iterator Helper] {}"),
            ("new SuppressedError(1, 2, 'm').error", "1"),
        ] {
            let ours = page.text(source);
            assert_eq!(ours, expected, "{source}");
        }
    });
}

#[test]
fn detached_buffers_say_so() {
    with_page(|page| {
        assert_eq!(page.text("const b = new ArrayBuffer(8); b.transfer(); b"), "ArrayBuffer { (detached), byteLength: 0 }");
        assert_eq!(page.text("const c = new Uint8Array(8); c.buffer.transfer(); c"), "Uint8Array(0) []");
    });
}

#[test]
fn hidden_properties_on_request() {
    with_page(|page| {
        let hidden = Options { show_hidden: true, ..Options::default() };
        for (source, expected) in [
            ("[1]", "[ 1, [length]: 1 ]"),
            (
                "(function f() {})",
                "<ref *1> [Function: f] {\n  [length]: 0,\n  [name]: 'f',\n  [prototype]: { [constructor]: [Circular *1] }\n}",
            ),
            ("new WeakSet([Object])", "WeakSet {\n  <ref *1> [Function: Object] {"),
            ("Object.defineProperty({}, 'x', { value: 1 })", "{ [x]: 1 }"),
            (
                "new Uint8Array(1)",
                "Uint8Array(1) [\n  0,\n  [BYTES_PER_ELEMENT]: 1,\n  [length]: 1,\n  [byteLength]: 1,\n  [byteOffset]: 0,\n  [buffer]: ArrayBuffer { byteLength: 1 }\n]",
            ),
        ] {
            let ours = page.text_with(source, &hidden);
            assert!(ours.starts_with(expected), "{source}: {ours}");
        }
    });
}

#[test]
fn the_budget_ends_everything() {
    with_page(|page| {
        let few = Options { max_nodes: 10, ..Options::default() };
        let expected = "[ [ 1, 2, 3 ], [ 1, 2, 3 ], [ ... 3 more items ], ... 2 more items ]";
        assert_eq!(page.text_with("Array.from({ length: 5 }, () => [1, 2, 3])", &few), expected);
        assert_eq!(
            page.text_with("({ a: 1, b: 2, c: 3 })", &Options { max_nodes: 3, ..few }),
            "{ a: 1, b: 2, ... 1 more property }"
        );
        let short = Options { max_bytes: 10, ..Options::default() };
        assert_eq!(page.text_with("['x'.repeat(20), 'y']", &short), "[ 'xxxxx'... 15 more characters, ... 1 more item ]");
    });
}

#[test]
fn large_collections_show_their_beginning() {
    with_page(|page| {
        let options = Options { max_array_length: 2, ..Options::default() };
        let map = "new Map(Array.from({ length: 200000 }, (_, i) => [i, { i }]))";
        assert_eq!(page.text_with(map, &options), "Map(200000) { 0 => { i: 0 }, 1 => { i: 1 }, ... 199998 more items }");
        let set = "new Set(Array.from({ length: 200000 }, (_, i) => i))";
        assert_eq!(page.text_with(set, &options), "Set(200000) { 0, 1, ... 199998 more items }");
    });
}

#[test]
fn trees_of_depth_fit_the_wire() {
    with_page(|page| {
        let value = page.eval("let o = 1; for (let i = 0; i < 30; i++) o = new Map([[{ o }, o]]); o");
        let options = Options { depth: 100, max_nodes: 2_000, ..Options::default() };
        let node = preview(page.scope, value, &options);
        let mut frame = Vec::new();
        drupe_protocol::encode(&node, &mut frame).unwrap();
        // The frame's length stands before the message.
        assert_eq!(drupe_protocol::decode::<drupe_protocol::preview::Node>(&frame[4..]).unwrap(), node);
        assert!(text(page.scope, value, &options).len() > 1_000);
    });
}

#[test]
fn a_terminated_run_can_still_be_described() {
    with_page(|page| {
        let value = page.eval("[{ a: new Map([[1, /x/g]]) }]");
        page.scope.terminate_execution();
        let _ = text(page.scope, value, &Options::default());
        page.scope.cancel_terminate_execution();
        assert!(text(page.scope, value, &Options::default()).starts_with("[ { a: Map(1) { 1 => /x/g } } ]"));
    });
}

#[test]
fn modules_show_what_is_not_initialised() {
    fn no_imports<'s>(
        _: v8::Local<'s, v8::Context>,
        _: v8::Local<'s, v8::String>,
        _: v8::Local<'s, v8::FixedArray>,
        _: v8::Local<'s, v8::Module>,
    ) -> Option<v8::Local<'s, v8::Module>> {
        None
    }
    with_page(|page| {
        let scope = &mut *page.scope;
        let name = v8::String::new(scope, "m.js").unwrap().into();
        let origin = v8::ScriptOrigin::new(scope, name, 0, 0, false, 0, None, false, false, true, None);
        let code =
            v8::String::new(scope, "export const b = 1; export let a = [1]; export function f() {} export { b as default }")
                .unwrap();
        let mut source = v8::script_compiler::Source::new(code, Some(&origin));
        let module = v8::script_compiler::compile_module(scope, &mut source).unwrap();
        module.instantiate_module(scope, no_imports).unwrap();
        let namespace = module.get_module_namespace();
        let early = "[Module: null prototype] {\n  a: <uninitialized>,\n  b: <uninitialized>,\n  default: <uninitialized>,\n  f: [Function: f]\n}";
        assert_eq!(text(scope, namespace, &Options::default()), early);
        module.evaluate(scope).unwrap();
        let late = "[Module: null prototype] {\n  a: [ 1 ],\n  b: 1,\n  default: 1,\n  f: [Function: f]\n}";
        assert_eq!(text(scope, namespace, &Options::default()), late);
    });
}

#[test]
fn the_global_object_is_an_object() {
    with_page(|page| {
        let ours = page.text("globalThis.mine = 1; globalThis.self = globalThis; globalThis");
        assert_eq!(ours, "<ref *1> { mine: 1, self: [Circular *1] }");
    });
}
