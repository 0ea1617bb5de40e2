//! What is thrown, told without running anybody's code: places of what is no error, and errors that are traps.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::TestKernel;
use drupe_protocol::{
    Exception, Value,
    event::{End, Location},
};

/// The last exception of a run.
fn thrown(kernel: &mut TestKernel, code: &str) -> Exception {
    let log = kernel.run(code);
    log.uncaught().pop().unwrap_or_else(|| panic!("{code}: {log:?}")).exception
}

fn place(at: &Location) -> (&str, u32, u32) {
    (&at.script, at.position.line, at.position.column)
}

#[test]
fn what_is_no_error_has_a_place_where_it_is_known() {
    let mut kernel = TestKernel::new();
    let exception =
        thrown(&mut kernel, "const late = () => {\n  throw 11 }\nsetTimeout(late); await new Promise(r => setTimeout(r, 20))");
    assert_eq!((&*exception.message, &*exception.text), ("11", "11\n    at chunk:1:2:3"));
    assert_eq!(place(&exception.at.unwrap()), ("chunk:1", 1, 2));
    let exception = thrown(&mut kernel, "setImmediate(() => { throw { a: 1 } }); await new Promise(r => setTimeout(r, 20))");
    assert_eq!(&*exception.text, "{ a: 1 }\n    at chunk:2:1:22");
    let exception = thrown(&mut kernel, "1;\nPromise.reject(7); 0");
    assert_eq!(place(&exception.at.unwrap()), ("chunk:3", 1, 8));
    let exception = thrown(&mut kernel, "new Promise((_, no) => {\n no(3) }); 0");
    assert_eq!(place(&exception.at.unwrap()), ("chunk:4", 1, 1));
    // V8 knows a place, and it is another's.
    for code in [
        "function f() { throw 'x' }\nf(); throw 'y'",
        "async function g() { f(); throw 'y' }\ng(); 0",
        "const h = async () => f()\nh(); 0",
        "new Promise(() => { throw 3 }); 0",
        "Promise.resolve().then(() => { throw 12 }); 0",
        "queueMicrotask(() => { throw 12 })",
    ] {
        let exception = thrown(&mut kernel, code);
        assert_eq!((exception.at, exception.frames.len()), (None, 0), "{code}");
    }
    // Errors have their own.
    let exception = thrown(
        &mut kernel,
        "const error = new Error('made')\nsetTimeout(() => { throw error }); await new Promise(r => setTimeout(r, 20))",
    );
    assert_eq!(exception.at.unwrap().position.line, 0);
}

const TRAPS: &str = "
    var ran = 0;
    const trap = { get: () => { ran++; throw 1 }, configurable: true };
    class Sub extends Error { get name() { ran++; throw 1 } get message() { ran++; throw 2 } get cause() { ran++; throw 3 } get code() { ran++ } }
    const proxied = (target) => new Proxy(target, new Proxy({}, { get() { ran++; throw 1 } }));
    function deep(count) { let error = new Error('root'); for (let i = 0; i < count; i++) error = new Error('e' + i, { cause: error }); return error }
    0";

/// Expressions of errors that hide code or size, and what the text begins with.
const HOSTILE: [(&str, &str); 22] = [
    ("new Sub('m')", "Sub: m"),
    ("Object.defineProperty(new Error('a'), 'stack', trap)", "Error: a"),
    ("Object.assign(new Error('b'), { stack: { toString() { ran++ } } })", ""),
    ("Object.assign(new Error('c'), { stack: 5, name: {}, message: [] })", ""),
    ("Object.assign(new Error('d'), { stack: Symbol() })", ""),
    ("Object.defineProperty(new Error('e'), 'cause', trap)", "Error: e"),
    ("Object.defineProperty(new AggregateError([], 'f'), 'errors', trap)", "AggregateError: f"),
    ("new AggregateError([proxied({}), new Sub('x')], 'g')", "AggregateError: g"),
    ("{ const cycle = new Error('h'); cycle.cause = cycle; throw cycle }", "<ref *1> Error: h"),
    ("{ const a = new Error('i'), b = new Error('j', { cause: a }); a.cause = b; throw a }", "<ref *1> Error: i"),
    ("deep(10_000)", "Error: e9999"),
    ("new Error('k'.repeat(10_000_000))", "Error: kk"),
    ("Object.assign(new Error('l'), { name: 'N'.repeat(10_000_000) })", ""),
    ("Object.freeze(new Error('m'))", "Error: m"),
    ("proxied(new Error('n'))", ""),
    ("new Error('o', { cause: proxied(new Error('p')) })", "Error: o"),
    ("Object.setPrototypeOf(new Error('q'), null)", ""),
    ("Object.setPrototypeOf(new Error('r'), proxied({}))", ""),
    (
        "Object.assign(new Error('s'), { [Symbol.for('nodejs.util.inspect.custom')]() { ran++ }, toString() { ran++ } })",
        "Error: s",
    ),
    ("Object.create(Error.prototype, { message: trap, stack: trap })", ""),
    ("Object.defineProperty(new Error('t'), Symbol.toStringTag, trap)", "Error: t"),
    ("{ function own() { own() } own() }", "RangeError: Maximum call stack"),
];

// threat A1, A6
#[test]
fn hostile_errors_are_told_in_bounds_and_run_nothing() {
    let mut kernel = TestKernel::new();
    kernel.run(TRAPS);
    for (source, begins) in HOSTILE {
        let code = if source.starts_with('{') { format!("{source};") } else { format!("throw {source}") };
        let exception = thrown(&mut kernel, &code);
        assert!(exception.text.starts_with(begins), "{source}: {:.200}", exception.text);
        assert!(exception.text.len() < 1 << 20 && exception.message.len() < 1 << 18, "{source}: {}", exception.text.len());
        assert!(exception.frames.len() <= 100, "{source}");
    }
    assert_eq!(kernel.value("ran"), Value::from(0));
    // Later as well: by a rejection, a timer, the console.
    for (source, _) in HOSTILE.into_iter().filter(|(source, _)| !source.starts_with('{')) {
        let code = format!(
            "{{ const error = {source}; Promise.reject(error); reportError(error); console.log(error); setTimeout(() => {{ throw error }}) }} await new Promise(r => setTimeout(r, 5));"
        );
        let log = kernel.run(&code);
        assert_eq!((log.uncaught().len(), log.consoles().len(), log.is_value()), (3, 1, true), "{source}: {log:.500?}");
    }
    assert_eq!(kernel.value("ran"), Value::from(0));
    assert_eq!(kernel.value("1 + 1"), Value::from(2));
}

// threat A2
#[test]
fn prepare_stack_trace_may_do_what_it_likes_to_its_own_run() {
    let mut kernel = TestKernel::new();
    let original = "const prepare = Error.prepareStackTrace, limit = Error.stackTraceLimit; 0";
    kernel.run(original);
    for (hook, outcome) in [
        ("() => { throw new Error('in the hook') }", "Error: x"),
        ("() => 5", ""),
        ("(error, sites) => sites.map(String)", ""),
        ("(error, sites) => error.stack", ""),
        ("(error, sites) => new Proxy({}, { get() { throw 1 } })", ""),
        ("() => new Error('again').stack", ""),
        ("async () => 1", ""),
        ("'no function'", "Error: x"),
        ("new Proxy(() => 'a', { apply() { throw 1 } })", ""),
    ] {
        let exception = thrown(&mut kernel, &format!("Error.prepareStackTrace = {hook}; throw new Error('x')"));
        assert_eq!(exception.message, "x", "{hook}");
        assert!(exception.text.starts_with(outcome) && exception.text.len() < 10_000, "{hook}: {}", exception.text);
        // V8's own record stays, and tells only what is the user's.
        assert!(exception.frames.iter().all(|frame| frame.script.starts_with("chunk:")), "{hook}: {:?}", exception.frames);
        assert!(!exception.text.contains("drupe:"), "{}", exception.text);
        let log = kernel.run("Error.prepareStackTrace = prepare; 0");
        assert!(log.is_value(), "{hook}: {log:?}");
    }
    // One that loops ends with its run's budget.
    let log = kernel.run_limited("Error.prepareStackTrace = () => { for (;;) {} }; new Error('x').stack", 50);
    assert!(matches!(log.outcome.end, End::VmTimeout(_)), "{log:?}");
    let log = kernel.run_limited("throw new Error('y')", 500);
    assert!(matches!(log.outcome.end, End::Threw(_) | End::VmTimeout(_)), "{log:?}");
    kernel.run("Error.prepareStackTrace = prepare; 0");
    // The kernel's own functions are not handed out, whoever calls.
    let leak = "const found = []; Error.prepareStackTrace = (_, sites) => found.push(...sites);
        const look = () => void new Error().stack;
        queueMicrotask(look); setTimeout(look); setImmediate(look); [1].forEach(look);
        await new Promise(done => setTimeout(done, 5)); look(); Error.prepareStackTrace = prepare;
        [found.length > 4, found.filter(site => String(site.getFileName()).startsWith('drupe:')).length]";
    assert_eq!(kernel.text(leak), "[ true, 0 ]");
    assert_eq!(kernel.text("1 + 1"), "2");
}

// threat A2
#[test]
fn stack_trace_limits_are_obeyed_and_bounded() {
    let mut kernel = TestKernel::new();
    for (limit, most) in
        [("0", 0), ("3", 3), ("100000", 502), ("-1", 100), ("NaN", 100), ("'many'", 100), ("{ valueOf() { throw 1 } }", 100)]
    {
        let code = format!(
            "Error.stackTraceLimit = {limit}; function down(n) {{ if (n === 0) throw new Error('deep'); down(n - 1) }} down(500)"
        );
        let exception = thrown(&mut kernel, &code);
        assert_eq!(exception.message, "deep");
        // The text is the user's affair; the frames are V8's own record, which has a bound of its own.
        assert!(exception.text.matches("\n    at ").count() <= most, "{limit}: {}", exception.text);
        assert!((1..=100).contains(&exception.frames.len()), "{limit}: {} frames", exception.frames.len());
    }
    let exception = thrown(&mut kernel, "delete Error.stackTraceLimit; throw new Error('none')");
    assert_eq!(exception.message, "none");
    let exception = thrown(
        &mut kernel,
        "Object.defineProperty(Error, 'stackTraceLimit', { get() { globalThis.read = 1; return 5 }, configurable: true }); throw new Error('getter')",
    );
    assert_eq!(exception.message, "getter");
    assert_eq!(kernel.text("typeof read"), "'undefined'");
}

/// As in Node, the brackets that mark an error without frames among other values are for those alone.
#[test]
fn an_error_whose_stack_was_taken_away_is_told_by_its_title() {
    let mut kernel = TestKernel::new();
    kernel.run("class Foo extends Error {} const made = (error, stack) => { error.stack = stack; return error }");
    for (error, text) in [
        ("made(new TypeError('x'), undefined)", "TypeError: x"),
        ("made(new TypeError('x'), null)", "TypeError: x"),
        ("made(new TypeError('x'), '')", "TypeError: x"),
        ("made(new TypeError('x'), 0)", "TypeError: x"),
        ("made(new TypeError('x'), 5)", "5"),
        ("made(new TypeError('x'), 'some text')", "some text"),
        ("made(new Foo('x'), undefined)", "Foo [Error]: x"),
        ("made(new Foo(''), undefined)", "Foo [Error]"),
        ("made(Object.setPrototypeOf(new Error('x'), null), undefined)", "[Error: null prototype]: x"),
        ("Object.assign(made(new TypeError('x'), undefined), { code: 1 })", "TypeError: x { code: 1 }"),
    ] {
        let exception = thrown(&mut kernel, &format!("throw {error}"));
        assert_eq!(exception.text, text, "{error}");
        assert!(exception.at.is_some(), "{error}");
    }
    // What its getter throws does not come in the place of the error.
    let code = "throw Object.defineProperty(new TypeError('x'), 'stack', { get() { throw new Error('inner') } })";
    assert!(thrown(&mut kernel, code).text.starts_with("TypeError: x\n    at chunk:"));
}
