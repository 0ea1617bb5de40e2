//! What a name is, told while anything goes on, and by nobody's code but the kernel's.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::time::{Duration, Instant};

use crate::common::{TestKernel, site::Named};
use drupe_protocol::{
    Control, Reply, Value,
    describe::{Inspect, MemberKind, Sort, Subject},
    event::End,
};

/// What a name is, and what the parent knows of it.
#[derive(Debug, PartialEq)]
struct Found {
    start: u32,
    end: u32,
    name: String,
    is_member: bool,
    argument: Option<u32>,
    subject: Subject,
}

impl std::ops::Deref for Found {
    type Target = Subject;

    fn deref(&self) -> &Subject {
        &self.subject
    }
}

fn inspect(kernel: &mut TestKernel, code: &str) -> Option<Found> {
    ask(kernel, code, false)
}

fn ask(kernel: &mut TestKernel, code: &str, call: bool) -> Option<Found> {
    let named = if call { Named::called(code) } else { Named::at(code, code.len()) };
    let Named { object, is_member, name, start, end, argument } = named?;
    match kernel.control(&Control::Inspect(Inspect { id: 9, name: name.clone(), object, call })) {
        Reply::Inspect(inspected) => {
            assert_eq!(inspected.id, 9);
            let subject = inspected.subject?;
            Some(Found { start, end, name, is_member, argument, subject })
        }
        other => panic!("{other:?}"),
    }
}

const NAMES: &str = "
    var ran = 0;
    const trap = new Proxy(function target() {}, new Proxy({}, { get() { ran++; throw 1 } }));
    const heir = Object.setPrototypeOf({ own: 1 }, trap);
    const lazy = { get value() { ran++; return {} }, set value(v) { ran++ } };
    Object.defineProperty(globalThis, 'lazyGlobal', { get() { ran++; return 1 }, configurable: true });
    class Sly { static get name() { ran++; return 'y' } static get [Symbol.toStringTag]() { ran++ } get area() { ran++ } go() {} static made = 1 }
    const sly = new Sly;
    function plain(a, b) { return a }
    Object.defineProperty(plain, 'length', { get() { ran++; return 7 } });
    Object.defineProperty(plain, 'toString', { get() { ran++; return () => 'lie' } });
    async function* many() {}
    class Child extends Sly { #secret = 1 }
    Function.prototype.toString = () => { ran++; return 'lie' };
    Object.defineProperty(Object.prototype, 'get', { get() { ran++ }, set() { ran++ }, configurable: true });
    const { proxy: revoked, revoke } = Proxy.revocable(function () {}, {}); revoke();";

fn check(kernel: &mut TestKernel) {
    let sort = |kernel: &mut TestKernel, code: &str| inspect(kernel, code).map(|subject| subject.sort);
    assert_eq!(sort(kernel, "lazy.value"), Some(Sort::Accessor));
    assert_eq!(sort(kernel, "lazyGlobal"), Some(Sort::Accessor));
    assert_eq!(sort(kernel, "sly.area"), Some(Sort::Accessor));
    assert_eq!(sort(kernel, "many"), Some(Sort::AsyncGeneratorFunction));
    // What only a getter, a proxy or a call could tell.
    for code in
        ["lazy.value.x", "lazyGlobal.x", "heir.inherited", "trap.name", "plain().x", "nowhere", "1 + ", "'text", "// plain"]
    {
        assert_eq!(sort(kernel, code), None, "{code}");
    }
    assert!(inspect(kernel, "heir.own").is_some_and(|subject| subject.is_member && subject.preview == "1"));
    let plain = inspect(kernel, "1 + plain").unwrap();
    assert_eq!((plain.start, plain.end, plain.sort, plain.length), (4, 9, Sort::Function, None));
    assert_eq!(plain.source.as_deref(), Some("function plain(a, b) { return a }"));
    let sly = inspect(kernel, "Sly").unwrap();
    let members: Vec<_> = sly.members.iter().map(|member| (&*member.name, member.kind, member.is_static)).collect();
    for member in [("area", MemberKind::Accessor, false), ("go", MemberKind::Method, false), ("made", MemberKind::Field, true)] {
        assert!(members.contains(&member), "{member:?} in {members:?}");
    }
    // Its name is a getter's to tell.
    let child = inspect(kernel, "Child").unwrap();
    assert_eq!((child.sort, child.subject.extends), (Sort::Class, None));
    for code in ["trap", "revoked", "sly", "heir", "ran", "globalThis", "Promise", "trap.", "revoked.x"] {
        inspect(kernel, code);
    }
}

// threat A6
#[test]
fn no_getter_and_no_trap_runs_to_say_what_a_name_is() {
    let mut kernel = TestKernel::new();
    let log = kernel.run(NAMES);
    assert!(log.is_value(), "{log:?}");
    check(&mut kernel);
    assert_eq!(kernel.value("ran"), Value::from(0));
}

// threat A6
#[test]
fn names_are_told_during_a_loop_an_await_and_a_built_in() {
    let mut kernel = TestKernel::new();
    kernel.run(NAMES);
    for busy in ["for (;;) {}", "await new Promise(() => {})", "/(a+)+b/.test('a'.repeat(40))"] {
        kernel.start_and_hear(&format!("console.log('go'); {busy}"));
        check(&mut kernel);
        // Not a timing: an answer that waited for the end of what is busy would never come.
        let times = (0..50).map(|_| {
            let start = Instant::now();
            assert!(inspect(&mut kernel, "Sly").is_some());
            start.elapsed()
        });
        assert!(times.min().unwrap() < Duration::from_secs(5), "{busy}");
        assert!(kernel.interrupt(None));
        assert!(matches!(kernel.log().outcome.end, End::Interrupted(_)), "{busy}");
    }
    assert_eq!(kernel.value("ran"), Value::from(0));
}

#[test]
fn long_texts_and_large_classes_are_cut() {
    let mut kernel = TestKernel::new();
    kernel.run(
        "const long = eval('(function () {' + ' '.repeat(100_000) + '})');
         class Large {} for (let i = 0; i < 5_000; i++) Large.prototype['m' + i] = () => {};
         let text = 'x'.repeat(1_000_000); const at = { '漢字': 1 }",
    );
    assert_eq!(inspect(&mut kernel, "long").unwrap().subject.source.unwrap().len(), 32 << 10);
    assert_eq!(inspect(&mut kernel, "Large").unwrap().members.len(), 500);
    assert!(inspect(&mut kernel, "text").unwrap().preview.len() < 10_000);
    let found = inspect(&mut kernel, "'😀'; at.漢字").unwrap();
    assert_eq!((found.start, found.end, &*found.preview), (9, 11, "1"));
}

#[test]
fn the_source_of_a_function_is_the_one_that_was_written() {
    let mut kernel = TestKernel::new();
    let [head, tail] = drupe_protocol::marks::guard("c", None);
    kernel.run(&format!("let c = 1; function f() {{ {head}{tail}cǃ = importmetaǃ.url }} const long = eval('() => {{/*' + '{head}'.repeat(1e5) + '*/}}')"));
    assert_eq!(inspect(&mut kernel, "f").unwrap().subject.source.unwrap(), "function f() { c = import.meta.url }");
    assert!(inspect(&mut kernel, "long").unwrap().subject.source.unwrap().len() > 32 << 10);
    // What code puts in the place of the function that tells the source is not asked.
    kernel.run("Function.prototype.toString = () => 'lie'");
    assert_eq!(inspect(&mut kernel, "f").unwrap().subject.source.unwrap(), "function f() { c = import.meta.url }");
}

#[test]
fn the_function_of_a_call_is_told_with_the_argument_at_the_cursor() {
    let mut kernel = TestKernel::new();
    let log = kernel.run(
        "var ran = 0; function add(a, b) { return a + b } class Point { constructor(x, y) {} move(by) {} }
         const o = { add, get lazy() { ran++; return add }, trap: new Proxy(add, { get() { ran++ } }) }",
    );
    assert!(log.is_value(), "{log:?}");
    for (code, name, argument, sort) in [
        ("add(", "add", 0, Sort::Function),
        ("'é' + add(1, ", "add", 1, Sort::Function),
        ("o.add([1, 2], { a: 1, b", "add", 1, Sort::Function),
        ("new Point(1, ", "Point", 1, Sort::Class),
        ("new Point().move(", "move", 0, Sort::Function),
        ("add(Math.max(1, 2, ", "max", 2, Sort::Function),
        ("Buffer.from('x', ", "from", 1, Sort::Function),
        ("structuredClone(", "structuredClone", 0, Sort::Function),
        ("require('fs').readFileSync(", "readFileSync", 0, Sort::Function),
    ] {
        let subject = ask(&mut kernel, code, true).unwrap_or_else(|| panic!("{code}: nothing"));
        assert_eq!((&*subject.name, subject.argument, subject.sort), (name, Some(argument), sort), "{code}");
    }
    let read = ask(&mut kernel, "require('fs').readFileSync(", true).unwrap();
    assert_eq!((read.parameters.as_deref(), read.is_internal), (Some("path, options?"), true));
    let source = read.subject.source.unwrap();
    assert!(source.contains("...args") && !source.contains("options?"), "{source}");
    let add = ask(&mut kernel, "'é' + add(1, ", true).unwrap();
    assert!(add.parameters.is_none() && !add.is_internal);
    assert_eq!((add.start, add.end), (6, 9));
    assert_eq!(add.source.as_deref(), Some("function add(a, b) { return a + b }"));
    for code in ["add", "add(1);", "nowhere(", "o.lazy(", "ran(", "if (", "function add(", "add(() => { "] {
        assert_eq!(ask(&mut kernel, code, true), None, "{code}");
    }
    ask(&mut kernel, "o.trap(", true);
    assert_eq!(kernel.value("ran"), Value::from(0));
}
