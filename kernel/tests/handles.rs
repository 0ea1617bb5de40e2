//! Handles of objects, and the pages that are read through them.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::TestKernel;
use drupe_protocol::{
    Control, Reply, Request,
    event::{Event, RunResult},
    handles::{Handle, MAX_HANDLES, Properties, PropertiesReply, Property, Release, Stale, StaleReply},
    preview::{Accessor, Key, Kind, Node, State},
    request::{Reset, Run},
};

fn result(kernel: &mut TestKernel, code: &str) -> RunResult {
    let run = kernel.request(code);
    kernel.send(Run { handles: true, ..run });
    let log = kernel.log();
    log.events
        .iter()
        .find_map(|event| if let Event::Result(result) = event { Some(result.clone()) } else { None })
        .unwrap_or_else(|| panic!("{code}: {log:?}"))
}

fn handle(kernel: &mut TestKernel, code: &str) -> Handle {
    result(kernel, code).handle.unwrap_or_else(|| panic!("{code} has no handle"))
}

fn ask(kernel: &mut TestKernel, handle: Handle, start: u64, count: u32) -> Result<PropertiesReply, Stale> {
    match kernel.control(&Control::Properties(Properties { id: 9, handle, start, count })) {
        Reply::Properties(page) => {
            assert_eq!(page.id, 9);
            Ok(*page)
        }
        Reply::Stale(StaleReply { id: 9, reason }) => Err(reason),
        other => panic!("{other:?}"),
    }
}

fn page(kernel: &mut TestKernel, code: &str) -> PropertiesReply {
    let handle = handle(kernel, code);
    ask(kernel, handle, 0, 100).unwrap()
}

/// Each property on a line: its key, its value as text, and letters for what else there is to it.
fn lines(items: &[Property]) -> Vec<String> {
    let text = |node: &Node| drupe_preview::render(node, &drupe_preview::Options::default());
    items
        .iter()
        .map(|item| {
            let key = match &item.key {
                Key::Item => "-".to_owned(),
                Key::Name(name) => name.as_str().to_owned(),
                Key::Hidden(name) => format!("<{}>", name.as_str()),
                Key::Symbol(name) => format!("@{}", name.as_str()),
                Key::Value(key) => format!("{} =>", text(key)),
                Key::Rejected => "rejected".to_owned(),
            };
            let mut line = format!("{key} {}", text(&item.value));
            for (flag, word) in [
                (item.handle.is_some(), " handle"),
                (item.key_handle.is_some(), " key"),
                (item.hidden, " hidden"),
                (item.read_only, " read-only"),
                (item.fixed, " fixed"),
            ] {
                if flag {
                    line.push_str(word);
                }
            }
            line
        })
        .collect()
}

#[test]
fn handles_come_where_they_are_asked_for_and_the_value_is_an_object() {
    let mut kernel = TestKernel::new();
    for (code, is_object) in
        [("1", false), ("'s'", false), ("Symbol()", false), ("null", false), ("({})", true), ("() => 1", true), ("[1]", true)]
    {
        let asked = result(&mut kernel, code);
        assert_eq!(asked.handle.is_some(), is_object, "{code}");
        let run = kernel.request(code);
        kernel.send(run);
        let quiet =
            kernel.log().events.into_iter().find_map(|event| if let Event::Result(result) = event { Some(result) } else { None });
        assert_eq!(quiet.unwrap().handle, None, "{code}");
    }
    let run = kernel.request("console.log('a', { x: 1 }, 2); console.log('b')");
    kernel.send(Run { handles: true, ..run });
    let consoles = kernel.log().consoles();
    let [None, Some(object), None] = consoles[0].handles[..] else { panic!("{consoles:?}") };
    assert_eq!(lines(&ask(&mut kernel, object, 0, 9).unwrap().items), ["x 1"]);
    assert_eq!(consoles[1].handles, []);
}

/// V8 lists all names for each page, which takes longer than a page may.
#[test]
fn a_page_of_an_object_with_many_names_has_more_than_one() {
    let mut kernel = TestKernel::new();
    let names = 300_000;
    let code = format!("const many = {{}}; for (let i = 0; i < {names}; i++) many['name' + i] = i; many");
    let handle = handle(&mut kernel, &code);
    let (mut at, mut pages) = (0, 0);
    while at < names && pages < 20 {
        let page = ask(&mut kernel, handle, at, 1000).unwrap();
        assert_eq!((page.total, page.items.len() as u64), (names, page.next - at));
        (at, pages) = (page.next, pages + 1);
    }
    assert!(at > 10 * pages, "{pages} pages have {at} names");
}

#[test]
fn a_page_tells_keys_kinds_and_what_can_be_opened() {
    let mut kernel = TestKernel::new();
    let found = page(
        &mut kernel,
        "class P { own = 1 }
         const o = new P();
         Object.defineProperty(o, 'hidden', { value: 2, configurable: true, writable: true });
         Object.defineProperty(o, 'fixed', { value: [3], enumerable: true });
         Object.defineProperty(o, 'both', { get() { throw 1 }, set(_) {}, enumerable: true, configurable: true });
         o[Symbol('s')] = { deep: { deeper: { deepest: 1 } } };
         o[2] = 'two';
         o",
    );
    assert_eq!(
        lines(&found.items),
        [
            "2 'two'",
            "own 1",
            "hidden 2 hidden",
            "fixed [ 3 ] handle read-only fixed",
            "both [Getter/Setter]",
            "@s { deep: { deeper: [Object] } } handle",
        ]
    );
    assert_eq!((found.total, found.next), (6, 6));
    let Node::Object(head) = &found.head else { panic!("{found:?}") };
    assert_eq!((head.class.as_str(), head.entries.len(), head.cut), ("P", 0, true));
    let prototype = found.prototype.unwrap();
    assert_eq!(prototype.key, Key::Hidden("[[Prototype]]".into()));
    let methods = ask(&mut kernel, prototype.handle.unwrap(), 0, 100).unwrap();
    assert_eq!(lines(&methods.items), ["constructor [class P] handle hidden"]);
    // A getter by itself, and no prototype at all.
    let bare = page(&mut kernel, "({ __proto__: null, get x() { throw 1 } })");
    assert_eq!((bare.prototype, &bare.items[0].value), (None, &Node::Accessor(Accessor::Getter)));
}

#[test]
fn every_kind_of_content_has_its_positions() {
    let mut kernel = TestKernel::new();
    for (code, expected) in [
        ("[1, , 3]", &["0 1", "2 3", "length 3 hidden fixed"][..]),
        ("new Uint8Array([7, 8])", &["0 7", "1 8"]),
        ("new String('ab')", &["0 'a' read-only fixed", "1 'b' read-only fixed", "length 2 hidden read-only fixed"]),
        ("new Map([[{}, 1], ['k', []]])", &["{} => 1 key", "'k' => [] handle"]),
        ("Object.assign(new Set([5, {}]), { x: 1 })", &["- 5", "- {} handle", "x 1"]),
        (
            "new Proxy([1], { get() { throw 1 } })",
            &["<[[Target]]> [ 1 ] handle", "<[[Handler]]> { get: [Function: get] } handle"],
        ),
        ("({ p: Promise.resolve([1]) }).p; const q = { q: Promise.resolve(4) }; q", &["q Promise { 4 } handle"]),
        (
            "(function () { return arguments })(1)",
            &[
                "0 1",
                "length 1 hidden",
                "callee [Function (anonymous)] handle hidden",
                "@Symbol.iterator [Function: values] handle hidden",
            ],
        ),
    ] {
        assert_eq!(lines(&page(&mut kernel, code).items), expected, "{code}");
    }
    // A promise by itself would be awaited; inside an object it has a state.
    for (code, slot) in [
        ("[new Promise(() => {})]", "<[[PromiseState]]>"),
        ("[Promise.resolve(1)]", "<[[PromiseResult]]> 1"),
        ("const r = Promise.reject(2); r.catch(() => {}); [r]", "<[[PromiseReason]]> 2"),
    ] {
        let inner = page(&mut kernel, code).items[0].handle.unwrap();
        let items = ask(&mut kernel, inner, 0, 9).unwrap().items;
        assert!(lines(&items)[0].starts_with(slot), "{items:?}");
        if let Node::State(state) = &items[0].value {
            assert_eq!(*state, State::Pending);
        }
    }
    // A revoked proxy has nothing, and says so.
    let revoked = page(&mut kernel, "const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); proxy");
    assert_eq!((revoked.head, revoked.total), (Node::RevokedProxy, 0));
}

// threat C7
#[test]
fn large_objects_are_read_page_by_page() {
    let mut kernel = TestKernel::new();
    let array = handle(&mut kernel, "const big = new Array(1e7).fill(0).map((_, i) => i); big.name = 'n'; big");
    let last = ask(&mut kernel, array, 10_000_000 - 2, 10).unwrap();
    assert_eq!((last.total, last.next), (10_000_002, 10_000_002));
    assert_eq!(lines(&last.items), ["9999998 9999998", "9999999 9999999", "length 10000000 hidden fixed", "name 'n'"]);
    assert_eq!(last.prototype, None);
    // Page after page, every position once, whatever was asked for.
    let map = handle(&mut kernel, "new Map(Array.from({ length: 2500 }, (_, i) => [i, { i }]))");
    let (mut next, mut seen) = (0, 0);
    loop {
        let page = ask(&mut kernel, map, next, u32::MAX).unwrap();
        assert!(page.next > next && page.next - next <= 1000 && page.items.len() as u64 == page.next - next, "{}", page.next);
        assert_eq!(page.items[0].key, Key::Value(Box::new(Node::Number(next as f64))));
        seen += page.items.len();
        next = page.next;
        if next == page.total {
            break;
        }
    }
    assert_eq!(seen, 2500);
    // Elements that do not exist cost nothing.
    let sparse = handle(&mut kernel, "const far = []; far[4294967294] = 1; far");
    let page = ask(&mut kernel, sparse, 0, 2).unwrap();
    assert_eq!((page.total, page.next, page.items.len()), (4_294_967_296, 4_294_967_294, 0));
    let page = ask(&mut kernel, sparse, page.next, 2).unwrap();
    assert_eq!(lines(&page.items), ["4294967294 1", "length 4294967295 hidden fixed"]);
    // Past the end there is nothing.
    let page = ask(&mut kernel, sparse, 1 << 60, 2).unwrap();
    assert_eq!((page.next, page.items.len()), (page.total, 0));
    // What is long is cut, and a page of much text still fits.
    let long = handle(&mut kernel, "Array.from({ length: 1000 }, () => 'x'.repeat(1e5))");
    let items = ask(&mut kernel, long, 0, 1000).unwrap().items;
    assert!(matches!(&items[0].value, Node::String(text) if text.text.as_str().len() == 1000 && text.more == 99_000));
}

#[test]
fn handles_are_released_by_name_by_age_and_by_reset() {
    let mut kernel = TestKernel::new();
    let first = handle(&mut kernel, "({ a: 1 })");
    let second = handle(&mut kernel, "({ b: [1] })");
    assert_ne!(first, second);
    let mut frame = Vec::new();
    drupe_protocol::encode(&Control::Release(Release { handles: vec![first, first] }), &mut frame).unwrap();
    kernel.control.sender.send(&frame).unwrap();
    assert_eq!(ask(&mut kernel, first, 0, 1), Err(Stale::Released));
    assert_eq!(ask(&mut kernel, Handle { number: 1 << 40, ..first }, 0, 1), Err(Stale::Unknown));
    assert_eq!(ask(&mut kernel, Handle { generation: 7, ..second }, 0, 1), Err(Stale::Session));
    // Each page gives one handle to the array and one to the prototype.
    for _ in 0..MAX_HANDLES / 2 - 1 {
        assert!(ask(&mut kernel, second, 0, 1).is_ok());
    }
    assert!(ask(&mut kernel, second, 1, 0).is_ok());
    assert!(ask(&mut kernel, second, 0, 1).is_ok());
    assert_eq!(ask(&mut kernel, second, 0, 1), Err(Stale::Released));
    let third = handle(&mut kernel, "({})");
    kernel.send_request(&Request::Reset(Reset { generation: 2 }));
    while !matches!(kernel.event(), Event::ResetDone(_)) {}
    assert_eq!(ask(&mut kernel, third, 0, 1), Err(Stale::Session));
    assert_eq!(handle(&mut kernel, "({})"), Handle { generation: 2, number: 1 });
}

#[test]
fn pages_come_while_a_run_is_busy_and_run_nothing() {
    let mut kernel = TestKernel::new();
    let object = handle(
        &mut kernel,
        "var ran = 0;
         const bad = () => { ran++; for (;;); };
         const custom = Symbol.for('nodejs.util.inspect.custom');
         ({ get g() { bad() }, p: new Proxy({}, { get: bad, ownKeys: bad, getOwnPropertyDescriptor: bad, getPrototypeOf: bad }),
            c: { [custom]: bad, toString: bad, [Symbol.toPrimitive]: bad }, __proto__: new Proxy({}, { get: bad, getPrototypeOf: bad }) })",
    );
    let run = kernel.start_and_hear("console.log('looping'); for (;;);");
    let found = ask(&mut kernel, object, 0, 100).unwrap();
    assert_eq!(found.items.len(), 3);
    assert_eq!(found.items[0].value, Node::Accessor(Accessor::Getter));
    for item in &found.items[1..] {
        assert!(ask(&mut kernel, item.handle.unwrap(), 0, 100).is_ok());
    }
    let Node::Object(prototype) = found.prototype.unwrap().value else { panic!("no prototype") };
    assert_eq!(prototype.kind, Kind::Plain);
    assert!(kernel.interrupt(Some(run)));
    kernel.log();
    assert_eq!(kernel.text("ran"), "0");
}

// Done when 3: hostile values, with everything that can be asked for.
#[test]
fn hostile_values_are_shown_and_paged_and_the_session_goes_on() {
    let mut kernel = TestKernel::new();
    kernel.run("var ran = 0; const bad = () => { ran++; for (;;); }");
    for code in [
        "new Array(1e7).fill(7)",
        "new Uint8Array(1e8)",
        "['x'.repeat(1e8)]",
        "new String('x'.repeat(1e8))",
        "({ ['k'.repeat(1e7)]: 1 })",
        "var o = {}; for (let i = 0; i < 1e5; i++) o = { o }; o",
        "var p = {}; for (let i = 0; i < 1e5; i++) p = new Proxy(p, {}); p",
        "var c = {}; for (let i = 0; i < 1e5; i++) c = Object.create(c); c",
        "new Set(Array.from({ length: 1e5 }, (_, i) => ({ i })))",
        "const self = {}; self.self = self; self.list = [self, new Map([[self, self]])]; self",
        "new Proxy({}, { get: bad, ownKeys: bad, getPrototypeOf: bad, getOwnPropertyDescriptor: bad, has: bad })",
        "Object.setPrototypeOf(new Map([[1, 2]]), new Proxy({}, { get: bad, getPrototypeOf: bad }))",
        "Object.setPrototypeOf([1, 2], Date.prototype)",
        "Object.defineProperty([1, 2], 0, { get: bad, set: bad })",
        "new (class extends Error { get name() { bad() } get message() { bad() } })",
        "Object.defineProperty({}, Symbol.toStringTag, { get: bad })",
        "await Promise.resolve(new (class extends TypeError { get name() { bad() } get stack() { bad() } }))",
        "({ get a() { bad() }, toJSON: bad, toString: bad, then: 1, [Symbol.toPrimitive]: bad })",
    ] {
        let run = kernel.request(code);
        // With hooks an error with accessors, and a tag that is one, are asked, under the limits of the run.
        let inspect_hooks = !code.contains("get name()") && !code.contains("toStringTag");
        kernel.send(Run { handles: true, preview: true, inspect_hooks, bundle: true, vm_timeout_ms: Some(20_000), ..run });
        let log = kernel.log();
        let result = log.events.iter().find_map(|event| if let Event::Result(result) = event { Some(result) } else { None });
        let result = result.unwrap_or_else(|| panic!("{code}: {log:?}"));
        assert!(log.is_value() && result.text.len() < 4 << 20, "{code}");
        let object = result.handle.unwrap();
        let first = ask(&mut kernel, object, 0, 1000).unwrap_or_else(|stale| panic!("{code}: {stale:?}"));
        assert!(first.total == 0 || first.next > 0, "{code}");
        for item in first.items.iter().chain(&first.prototype) {
            if let Some(inner) = item.handle {
                ask(&mut kernel, inner, 0, 10).unwrap();
            }
        }
        assert!(ask(&mut kernel, object, first.total, 1000).unwrap().items.is_empty(), "{code}");
        kernel.run("o = p = c = undefined");
    }
    assert_eq!(kernel.text("ran"), "0");
}

// threats A1, A6: an error that is thrown is described without asking it.
#[test]
fn thrown_errors_with_getters_are_told_without_running_them() {
    let mut kernel = TestKernel::new();
    kernel.run("var ran = 0; const bad = () => { ran++; for (;;); }");
    for code in [
        "throw new (class extends Error { get name() { bad() } get message() { bad() } get cause() { bad() } })",
        "throw Object.defineProperty(new Error('x'), 'stack', { get: bad })",
        "await Promise.reject(Object.defineProperty(new Error('x'), 'message', { get: bad }))",
        "throw new Proxy(new Error('x'), { get: bad, has: bad, getPrototypeOf: bad, ownKeys: bad })",
    ] {
        let log = kernel.run_limited(code, 20_000);
        assert!(matches!(log.outcome.end, drupe_protocol::event::End::Threw(_)), "{code}: {log:?}");
    }
    assert_eq!(kernel.text("ran"), "0");
}
