//! Previews: the value of what is being typed, and no trace of having looked.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::time::{Duration, Instant};

use crate::common::TestKernel;

fn text(value: &str) -> Option<String> {
    Some(value.to_owned())
}

#[test]
fn expressions_are_previewed_on_one_line() {
    let mut kernel = TestKernel::new();
    kernel.run("let list = [3, 1, 2], user = { name: 'Ann', deep: { er: { est: 1 } } }; class Point { x = 1; get twice() { return 2 * this.x } }");
    for (code, value) in [
        ("1 + 1", "2"),
        ("({ a: 1 })", "{ a: 1 }"),
        ("list.map(item => item * 2)", "[ 6, 2, 4 ]"),
        // What the code itself makes it may change.
        ("[...list].sort()", "[ 1, 2, 3 ]"),
        ("user", "{ name: 'Ann', deep: { er: [Object] } }"),
        ("user.name.toUpperCase()", "'ANN'"),
        ("new Point().twice", "2"),
        ("'a\\nb'", "'a\\nb'"),
        ("JSON.stringify(list)", "'[3,1,2]'"),
        ("[1n, -0, NaN, undefined]", "[ 1n, -0, NaN, undefined ]"),
        ("Math.max(...list)", "3"),
        ("new Map([[1, 2]]).get(1)", "2"),
        ("new Date(0).toISOString()", "'1970-01-01T00:00:00.000Z'"),
    ] {
        assert_eq!(kernel.preview(code), text(value), "{code}");
    }
}

/// Each changes something, and `state` would show it.
const EFFECTS: [&str; 28] = [
    "count = 5",
    "count++",
    "undeclared = 1",
    "globalThis.undeclared = 1",
    "list.push(4)",
    "list.sort()",
    "list.length = 0",
    "delete user.name",
    "user.name = 'Bob'",
    "Object.freeze(user)",
    "Object.defineProperty(user, 'x', { value: 1 })",
    "map.set(1, 2)",
    "set.add(1)",
    "bytes.fill(7)",
    "date.setTime(5)",
    "regexp.exec('aa')",
    "counter.next",
    "increment()",
    "[1].map(increment)",
    "console.log('said')",
    "setTimeout(increment)",
    "queueMicrotask(increment)",
    "Promise.resolve().then(increment)",
    "settled.then(increment)",
    "later()",
    "Promise.reject(new Error('nobody caught this'))",
    "iterator.next()",
    "`${{ toString() { return increment() } }}`",
];

const SETUP: &str = "
    let count = 0, list = [3, 1, 2], user = { name: 'Ann' }, map = new Map, set = new Set, bytes = new Uint8Array(2),
        date = new Date(0), regexp = /a/g, counter = { get next() { return ++count } }, settled = Promise.resolve(1),
        iterator = [1, 2][Symbol.iterator]();
    function increment() { return String(++count) }
    async function later() { await 0; count++ }";

const STATE: &str = "JSON.stringify([count, typeof undeclared, list, user, Object.isFrozen(user), Object.keys(user), [...map], [...set], \
    [...bytes], date, regexp.lastIndex])";

#[test]
fn what_has_side_effects_is_given_up_and_has_none() {
    let mut kernel = TestKernel::new();
    kernel.run(SETUP);
    let before = kernel.text(STATE);
    let names = kernel.globals();
    for code in EFFECTS {
        let previewed = kernel.preview(code);
        // A promise may be shown that will never be settled: the jobs are not run.
        assert!(previewed.as_deref().is_none_or(|text| text.starts_with("Promise")), "{code}: {previewed:?}");
        let log = kernel.run(STATE);
        assert_eq!(log.text().unwrap(), before, "{code}");
        // Nothing was said of it, and nothing comes of it later.
        assert_eq!(log.events.len(), 2, "{code}: {log:?}");
    }
    assert_eq!(kernel.globals(), names);
    // `iterator` was not advanced, and the session goes on as ever: timers, jobs, rejections.
    assert_eq!(kernel.text("iterator.next().value"), "1");
    assert_eq!(kernel.text("increment(); await later(); await settled.then(increment); count"), "3");
}

#[test]
fn what_throws_awaits_or_is_no_program_has_no_preview() {
    let mut kernel = TestKernel::new();
    for code in ["missing", "throw 1", "null.x", "await 1", "1 +", "(", "let", "}"] {
        assert_eq!(kernel.preview(code), None, "{code}");
    }
    assert_eq!(kernel.text("1 + 1"), "2");
}

#[test]
fn what_loops_is_given_up_soon_and_harms_nothing() {
    let mut kernel = TestKernel::new();
    kernel.run("let kept = 1; function forever() { for (;;); }");
    for code in ["forever()", "(() => { while (true) {} })()", "[1].map(forever)", "'a'.repeat(30).match(/(a*)*b/)"] {
        let start = Instant::now();
        assert_eq!(kernel.preview(code), None, "{code}");
        // Not a timing: a loop that is not given up never answers.
        assert!(start.elapsed() < Duration::from_secs(60), "{code}");
    }
    assert_eq!(kernel.preview("kept + 1"), text("2"));
    assert_eq!(kernel.text("kept"), "1");
}

#[test]
fn what_fills_the_heap_is_given_up() {
    let mut kernel = TestKernel::new();
    kernel.run("let kept = 1");
    assert_eq!(kernel.preview("(() => { const all = []; for (;;) all.push(new Array(1000).fill(0)) })()"), None);
    assert_eq!(kernel.text("kept"), "1");
}

#[test]
fn nothing_is_previewed_while_a_run_is_busy() {
    let mut kernel = TestKernel::new();
    kernel.start_and_hear("console.log(1); for (;;);");
    assert_eq!(kernel.preview("1 + 1"), None);
    assert!(kernel.interrupt(None));
    kernel.log();
    assert_eq!(kernel.preview("1 + 1"), text("2"));
    kernel.start_and_hear("console.log(1); await new Promise(() => {})");
    assert_eq!(kernel.preview("1 + 1"), None);
    assert!(kernel.interrupt(None));
    kernel.log();
    assert_eq!(kernel.preview("1 + 1"), text("2"));
}

#[test]
fn the_last_result_can_be_looked_at_and_stays() {
    let mut kernel = TestKernel::new();
    let mut run = kernel.request("[1, 2, 3]");
    run.keep_last = true;
    kernel.send(run);
    kernel.log();
    assert_eq!(kernel.preview("_.length"), text("3"));
    assert_eq!(kernel.preview("'other'"), text("'other'"));
    assert_eq!(kernel.text("_.length"), "3");
}
