//! Objects that say themselves how they are shown: only where a run lets them, and under its budget.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::{Log, TestKernel};
use drupe_protocol::{
    RunId, Value,
    event::{End, Event, Method, Origin, Part, RunResult, Stopped},
    preview::Node,
    request::Run,
};

const PRELUDE: &str =
    "const custom = Symbol.for('nodejs.util.inspect.custom'), display = Symbol.for('Jupyter.display'); var ran = 0;";

fn kernel() -> TestKernel {
    let mut kernel = TestKernel::new();
    kernel.run(PRELUDE);
    kernel
}

fn start(kernel: &mut TestKernel, code: &str) -> RunId {
    let run = kernel.request(code);
    kernel.send(Run { inspect_hooks: true, bundle: true, vm_timeout_ms: Some(300), ..run })
}

fn run(kernel: &mut TestKernel, code: &str) -> Log {
    start(kernel, code);
    kernel.log()
}

fn result(log: &Log) -> RunResult {
    let mut results = log.events.iter().filter_map(|event| if let Event::Result(result) = event { Some(result) } else { None });
    results.next().unwrap_or_else(|| panic!("no result: {log:?}")).clone()
}

fn shown(kernel: &mut TestKernel, code: &str) -> String {
    result(&run(kernel, code)).text
}

#[test]
fn hooks_are_called_as_node_calls_them() {
    let mut kernel = kernel();
    for (code, text) in [
        ("({ [custom]() { return 'me' } })", "me"),
        ("[{ [custom](depth) { return 'left ' + depth } }]", "[ left 1 ]"),
        ("({ a: { b: { c: { [custom](depth) { return 'left ' + depth } } } } })", "{ a: { b: { c: left -1 } } }"),
        (
            "({ [custom](_, options, inspect) { return [options.depth, options.colors, options.stylize(7, 'number'), typeof inspect,
                inspect.custom === custom, options.breakLength, options.compact, options.maxArrayLength].join() } })",
            "2,false,7,function,true,80,3,100",
        ),
        (
            "({ inner: { a: { b: { c: 1 } } }, [custom](depth, options, inspect) {
                return 'Box<' + inspect(this.inner, { ...options, depth: 0 }) + '>' } })",
            "Box<{ a: [Object] }>",
        ),
        ("({ [custom](d, o, inspect) { return inspect(new Map([[1, { [custom]() { return 'in' } }]]), o) } })", "Map(1) { 1 => in }"),
        ("({ [custom](d, o, inspect) { return inspect({ [custom]() { return 'in' } }, { customInspect: false }).slice(0, 4) } })", "{\n  "),
        ("[{ [custom]() { return { as: 'data' } } }]", "[ { as: 'data' } ]"),
        ("({ [custom]() { return 42 } })", "42"),
        ("({ [custom]() { return null } })", "null"),
        ("({ [custom]() {} })", "undefined"),
        ("({ a: { [custom]() { return 'two\\nlines' } } })", "{\n  a: two\n  lines\n}"),
        ("class Money { constructor(n) { this.n = n } [custom]() { return '$' + this.n } }; [new Money(1), new Money(2)]", "[ $1, $2 ]"),
        ("Money.prototype", "{}"),
    ] {
        assert_eq!(shown(&mut kernel, code), text, "{code}");
    }
    let log = run(&mut kernel, "console.log('%s and %o', new Money(3), new Money(4), [new Money(5)]); console.dir(new Money(6))");
    assert_eq!(log.printed(), ["$3 and $4 [ $5 ]", "Money { n: 6 }"]);
    // The tree says the same as the text.
    let request = kernel.request("[new Money(7)]");
    kernel.send(Run { inspect_hooks: true, preview: true, ..request });
    let both = result(&kernel.log());
    let Some(Node::Object(tree)) = &both.preview else { panic!("{both:?}") };
    assert_eq!((&*both.text, &tree.entries[0].value), ("[ $7 ]", &Node::Custom("$7".into())));
}

/// As in Node, `Symbol.toStringTag` is shown beside a class of another name.
#[test]
fn tags_that_getters_tell_are_shown() {
    let mut kernel = kernel();
    kernel.run("const tag = Symbol.toStringTag; class Foo { get [tag]() { return 'bar' } } class Sub extends Foo {}");
    for (code, text) in [
        ("[new Foo, { a: new Sub }]", "[ Foo [bar] {}, { a: Sub [bar] {} } ]"),
        ("class Same { get [tag]() { return 'Same' } } new Same", "Same {}"),
        ("class Own { #n = 'own'; a = 1; get [tag]() { return this.#n } } new Own", "Own [own] { a: 1 }"),
        ("Own.prototype", "{}"),
        ("[Foo.prototype, Sub.prototype]", "[ Object [bar] {}, Foo [bar] {} ]"),
        ("new Proxy(new Foo, {})", "Foo [bar] {}"),
        ("class Static { static get [tag]() { return 's' } } Static", "[class Static [s]]"),
        ("Object.defineProperty(() => {}, tag, { get: () => 'f' })", "[Function (anonymous)] [f]"),
        ("({ get [tag]() { ran++; return 'G' } })", "{ [Symbol(Symbol.toStringTag)]: [Getter] }"),
        (
            "Object.create(null, { [tag]: { get: () => 'n' }, x: { value: 1, enumerable: true } })",
            "[Object: null prototype] [n] { x: 1 }",
        ),
        ("Object.create({ get [tag]() { return 'inherited' } })", "Object [inherited] {}"),
        ("new (class A extends Array { get [tag]() { return 't' } })(1, 2)", "A(2) [t] [ 1, 2 ]"),
        ("new (class M extends Map { get [tag]() { return 't' } })([[1, 2]])", "M(1) [t] { 1 => 2 }"),
        ("new (class U extends Uint8Array { get [tag]() { return 't' } })(1)", "U(1) [t] [ 0 ]"),
        ("[new Uint8Array(1), Buffer.from('a')]", "[ Uint8Array(1) [ 0 ], <Buffer 61> ]"),
        ("new (class N { get [tag]() { return 5 } })", "N {}"),
        ("new (class T { get [tag]() { throw 1 } })", "T {}"),
        ("new (class D { get [tag]() { return require('util').inspect(this).length + '' } })", "D [8] {}"),
    ] {
        assert_eq!(shown(&mut kernel, code), text, "{code}");
    }
    let log = run(
        &mut kernel,
        "console.log(new Foo); console.dir(new Foo); console.dir({ [custom]() { ran++ } });
         require('util').inspect({ foo: new Foo, [custom]() { ran++ } }, { customInspect: false }).slice(0, 22)",
    );
    assert_eq!(log.text().as_deref(), Some("'{\\n  foo: Foo [bar] {},'"));
    assert_eq!(log.printed()[..2], ["Foo [bar] {}", "Foo [bar] {}"]);
    assert_eq!(kernel.text("ran"), "0");
    // A getter that loops ends its run.
    let log = run(&mut kernel, "console.log(new (class { get [tag]() { for (;;); } })); console.log('reached')");
    assert!(matches!(log.outcome.end, End::VmTimeout(_)) && log.printed().is_empty(), "{log:?}");
}

#[test]
fn nobody_is_asked_who_was_not_let() {
    let mut kernel = kernel();
    let code = "globalThis.shy = { [custom]() { ran++; return 'me' }, [display]() { ran++; return { 'text/plain': 'me' } } }; console.log(shy); shy";
    let quiet = kernel.run(code);
    assert!(quiet.text().unwrap().contains("Symbol(nodejs.util.inspect.custom)"));
    assert_eq!(result(&quiet).bundle, []);
    let request = kernel.request("shy");
    kernel.send(Run { handles: true, preview: true, ..request });
    assert!(result(&kernel.log()).handle.is_some());
    // Help asks nobody, whatever the last run asked for.
    run(&mut kernel, "1");
    assert!(kernel.globals().iter().any(|global| global.name == "shy"));
    kernel.complete("shy.");
    assert_eq!(kernel.text("ran"), "0");
}

#[test]
fn a_hook_that_throws_is_told_and_ends_nothing() {
    let mut kernel = kernel();
    let log = run(&mut kernel, "({ x: 1, [custom]() { throw new TypeError('from the hook') } })");
    assert!(log.is_value());
    assert!(result(&log).text.starts_with("{\n  x: 1,"), "{}", result(&log).text);
    let [uncaught] = &log.uncaught()[..] else { panic!("{log:?}") };
    assert_eq!((uncaught.origin, &*uncaught.exception.message), (Origin::Callback, "from the hook"));
    // In a console call the caller gets it, as in Node.
    let log = run(&mut kernel, "try { console.log('a', { [custom]() { throw 7 } }) } catch (e) { console.log('caught', e) }");
    assert_eq!(log.printed(), ["caught 7"]);
    assert!(matches!(run(&mut kernel, "console.log({ [custom]() { throw 8 } })").outcome.end, End::Threw(_)));
    let log = run(&mut kernel, "({ [display]() { throw 9 } })");
    assert!(log.is_value());
    assert_eq!((log.uncaught()[0].exception.message.as_str(), result(&log).bundle.len()), ("9", 0));
    assert_eq!(kernel.text("ran"), "0");
}

// threat B6
#[test]
fn a_hook_that_loops_ends_its_run_and_nothing_else() {
    let mut kernel = kernel();
    kernel.run("let kept = 'kept'; const spin = () => { for (;;); }");
    for code in [
        "({ [custom]: spin })",
        "[[{ [custom]: spin }], { [custom]: spin }]",
        "({ [custom](d, o, inspect) { return inspect({ [custom]: spin }) } })",
        "({ [custom]() { try { spin() } finally { spin() } } })",
        "console.log({ [custom]: spin }); console.log('reached')",
        "console.log([{ [custom](d, o, inspect) { return inspect({ [custom]: spin }) } }])",
        "({ [display]: spin })",
        "({ [display]: async () => { await 1; spin() } })",
        "({ [custom]() { return { toString: spin, [custom]: spin } } })",
        "({ [custom]() { return Object.assign(() => {}, { toString: spin }) } })",
    ] {
        let log = run(&mut kernel, code);
        assert!(matches!(&log.outcome.end, End::VmTimeout(at) if at.stopped == Stopped::Javascript), "{code}: {log:?}");
        assert_eq!(log.printed(), <[String; 0]>::default(), "{code}");
        assert_eq!(kernel.text("kept"), "'kept'");
    }
    // Without a budget, an interrupt.
    let request = kernel.request("console.log('asked'); ({ [custom]: spin })");
    let id = kernel.send(Run { inspect_hooks: true, ..request });
    kernel.console();
    assert!(kernel.interrupt(Some(id)));
    assert!(matches!(kernel.log().outcome.end, End::Interrupted(_)));
    // A bundle that never comes is waited for like any promise.
    let id = start(&mut kernel, "({ [display]: () => { console.log('asked'); return new Promise(() => {}) } })");
    kernel.console();
    assert!(kernel.interrupt(Some(id)));
    assert!(
        matches!(kernel.log().outcome.end, End::Interrupted(by) if by.stopped == Stopped::Await || by.stopped == Stopped::Javascript)
    );
    assert_eq!(kernel.text("kept"), "'kept'");
}

#[test]
fn strange_hooks_are_survived() {
    let mut kernel = kernel();
    for (code, start) in [
        ("({ [custom]() { return this } })", "{\n  [Symbol(nodejs"),
        ("({ [custom]() { return new Proxy({ a: 1 }, { get() { ran++ }, ownKeys() { ran++; return [] } }) } })", "{ a: 1 }"),
        ("const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); ({ [custom]() { return proxy } })", "<Revoked Proxy>"),
        ("({ [custom](d, o, inspect) { return inspect(this, o) } })", "{\n  [Symbol(nodejs"),
        ("const again = () => ({ [custom]: again }); again()", "{ [Symbol(nodejs"),
        ("({ [custom]() { console.log(this); return 'said' } })", "said"),
        ("({ [custom]() { return 'x'.repeat(1e8) } })", "xxx"),
        (
            "let deep = { [custom]() { return 'core' } }; for (let i = 0; i < 1e5; i++) deep = { deep }; deep",
            "{ deep: { deep: { deep: [Object] } } }",
        ),
        ("new Array(1e7).fill({ [custom]() { return 'i' } })", "[\n  i, i,"),
        ("({ get [custom]() { ran++; return () => 'x' } })", "{ [Symbol(nodejs.util.inspect.custom)]: [Getter] }"),
        ("({ [custom]: new Proxy(() => 'applied', {}) })", "applied"),
        ("({ [custom]() { return Symbol('s') } })", "{\n  [Symbol(nodejs"),
        ("Object.prototype[custom] = function () { return 'everything' }; const all = [{}, []]; all", "everything"),
    ] {
        let log = run(&mut kernel, code);
        let text = log.text().unwrap_or_else(|| panic!("{code}: {log:?}"));
        assert!(text.starts_with(start), "{code}: {}", &text[..text.len().min(200)]);
        assert!(text.len() < 4 << 20, "{code}");
        kernel.run("delete Object.prototype[custom]");
    }
    assert_eq!(kernel.text("ran"), "0");
}

#[test]
fn a_value_says_itself_in_other_formats() {
    let mut kernel = kernel();
    let part = |mime: &str, data: Option<Value>| Part::new(mime, data);
    let html = [part("text/html", Some("<b>1</b>".into()))];
    for code in [
        "({ [display]() { return { 'text/html': '<b>1</b>' } } })",
        "({ async [display]() { return { 'text/html': '<b>1</b>' } } })",
        "({ [display]() { return new Promise((done) => setTimeout(() => done({ 'text/html': '<b>1</b>' }), 5)) } })",
        "class Chart { [display]() { return { 'text/html': '<b>1</b>', get lazy() { ran++ }, [Symbol()]: 1 } } }; new Chart()",
    ] {
        let log = run(&mut kernel, code);
        assert_eq!(result(&log).bundle, html, "{code}");
        assert!(log.is_value());
    }
    let many = result(&run(
        &mut kernel,
        "({ [display]: () => ({ 'application/json': { a: [1] }, 'image/png': new Uint8Array([1, 2]), 'text/plain': 'x'.repeat(17 << 20) }) })",
    ));
    let json = Value::Object(vec![("a".into(), Value::Array(vec![1.into()]))]);
    let bytes = Value::TypedArray(drupe_protocol::value::TypedArrayKind::Uint8, [1, 2].into());
    assert_eq!(many.bundle, [part("application/json", Some(json)), part("image/png", Some(bytes)), part("text/plain", None)]);
    for code in [
        "({ [display]: 1 })",
        "({ [display]() {} })",
        "({ [display]: () => new Proxy({ a: 1 }, { ownKeys() { ran++; return [] } }) })",
        "({ get [display]() { ran++; return () => ({}) } })",
        "({ [display]: () => Promise.reject(new Error('no')) })",
    ] {
        let log = run(&mut kernel, code);
        assert_eq!((result(&log).bundle, log.is_value()), (Vec::new(), true), "{code}");
    }
    assert_eq!(kernel.text("ran"), "0");
}

#[test]
fn native_getters_are_not_run_by_looking() {
    let mut kernel = TestKernel::new();
    for code in [
        "Object.defineProperty({}, 'x', { get: console.log, enumerable: true })",
        "Object.defineProperty([1], 0, { get: console.log, enumerable: true })",
        "Object.defineProperty({}, 'x', { get: console.count, enumerable: true })",
        "const e = new Error('x'); Object.defineProperty(e, 'cause', { get: console.log }); e",
        "console.table([Object.defineProperty({}, 'x', { get: console.log, enumerable: true })])",
        "console.info(Object.defineProperty({}, 'x', { get: console.log, enumerable: true }))",
    ] {
        let log = kernel.run(code);
        assert!(log.is_value(), "{code}");
        assert!(log.consoles().iter().all(|console| matches!(console.method, Method::Table | Method::Info)), "{code}: {log:?}");
    }
    let value = kernel.value("Object.defineProperty({}, 'x', { get: console.log, enumerable: true })");
    assert!(matches!(value.get("x"), Some(Value::Opaque(getter)) if getter.class == "getter"), "{value:?}");
}

#[test]
fn tables_ask_getters_and_hooks_under_the_budget_of_the_call() {
    let mut kernel = kernel();
    let log = run(&mut kernel, "console.table([{ get a() { return 1 }, b: { [custom]() { return 'me' } } }])");
    let table = log.printed().remove(0);
    assert!(table.contains("│ 0       │ 1 │ me │"), "{table}");
    let log = run(
        &mut kernel,
        "try { console.table([{ get a() { throw new Error('no') } }, 1]); 'said' } catch (error) { error.message }",
    );
    assert_eq!((result(&log).text.as_str(), log.printed().len()), ("'no'", 0));
    let log = run(&mut kernel, "console.table([{ get a() { for (;;) {} } }]); ran = 1");
    assert!(matches!(log.outcome.end, End::VmTimeout(_)) && log.printed().is_empty(), "{log:?}");
    assert_eq!(kernel.text("ran"), "0");
    // Nobody lets objects speak.
    let table = kernel.run("console.table([{ get a() { ran = 1 } }])").printed().remove(0);
    assert!(table.contains("[Getter]"), "{table}");
    // Colours take no columns.
    let request = kernel.request("console.table([{ a: 1, b: 'x' }]); console.table(['x'])");
    kernel.send(Run { colors: vec![drupe_protocol::output::Stream::Stdout], ..request });
    let tables = kernel.log().printed();
    assert!(tables[0].contains("│ 0       │ \u{1b}[33m1\u{1b}[39m │ \u{1b}[32m'x'\u{1b}[39m │"), "{tables:?}");
}

#[test]
fn a_session_has_formats_for_values_that_say_nothing_themselves() {
    let mut kernel = kernel();
    let of_session =
        "globalThis[Symbol.for('drupe.bundle')] = (value) => value.known && { 'text/html': `<b>${value.known}</b>` }";
    kernel.run(of_session);
    for (code, html) in [
        ("({ known: 1 })", Some("<b>1</b>")),
        ("({ known: 2, [display]: () => ({ 'text/html': 'own' }) })", Some("own")),
        ("({ other: 1 })", None),
        ("(() => 1)", None),
        ("7", None),
        ("new Proxy({ known: 3 }, { get() { ran++ } })", None),
    ] {
        let log = run(&mut kernel, code);
        let expected: Vec<Part> = html.map(|html| Part::new("text/html", Some(html.into()))).into_iter().collect();
        assert_eq!((result(&log).bundle, log.is_value()), (expected, true), "{code}");
    }
    assert_eq!(kernel.text("ran"), "0");
}

#[test]
fn a_result_shows_as_many_levels_as_the_run_asks_for() {
    let mut kernel = kernel();
    let code = "({ a: { b: { c: { d: { e: { f: 1 } } } } } })";
    for (depth, shown) in [
        (None, "{ a: { b: { c: [Object] } } }"),
        (Some(0), "{ a: [Object] }"),
        (Some(4), "{ a: { b: { c: { d: { e: [Object] } } } } }"),
        (Some(u32::MAX), "{ a: { b: { c: { d: { e: { f: 1 } } } } } }"),
    ] {
        for (preview, inspect_hooks) in [(false, false), (true, false), (true, true)] {
            let request = kernel.request(code);
            kernel.send(Run { depth, preview, inspect_hooks, ..request });
            let flat = result(&kernel.log()).text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(flat, shown, "{depth:?} {preview} {inspect_hooks}");
        }
    }
}
