//! The console: what every method says, and that nothing of the user's runs while it is said.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::TestKernel;
use drupe_protocol::{
    Event, Value,
    event::{End, Level, Method},
};

fn printed(code: &str) -> Vec<String> {
    TestKernel::new().run(code).printed()
}

// threat D1
#[test]
fn what_is_written_counts_against_the_console_limit() {
    let mut kernel = TestKernel::new();
    let mut run = kernel.request("for (let i = 0; i < 1000; i++) process.stdout.write('x'.repeat(1000)); 'through'");
    run.console_limit = Some(100_000);
    kernel.send(run);
    let log = kernel.log();
    let told = log.events.iter().filter(|event| matches!(event, Event::Output(_))).count() as u64;
    assert!((90..=100).contains(&told), "{told}");
    assert_eq!(told + log.outcome.dropped_events, 1000);
    // One call in pieces, in which nothing is torn.
    let log = kernel.run("process.stdout.write('\u{1f41a}'.repeat(100_000)); 1");
    let texts = log.events.iter().filter_map(|event| if let Event::Output(output) = event { Some(&*output.text) } else { None });
    let texts = texts.collect::<Vec<_>>();
    assert!(texts.len() >= 4 && texts.concat() == "\u{1f41a}".repeat(100_000), "{} pieces", texts.len());
}

#[test]
fn every_method_says_its_name_its_level_and_its_text() {
    let mut kernel = TestKernel::new();
    for (code, method, level, text) in [
        ("console.log('a', 1)", Method::Log, Level::Log, "a 1"),
        ("console.info('a')", Method::Info, Level::Info, "a"),
        ("console.debug('a')", Method::Debug, Level::Debug, "a"),
        ("console.warn('a')", Method::Warn, Level::Warning, "a"),
        ("console.error('a')", Method::Error, Level::Error, "a"),
        ("console.dirxml({ a: 1 }, [2])", Method::Dirxml, Level::Log, "{ a: 1 } [ 2 ]"),
        ("console.dir({ a: { b: { c: { d: 1 } } } })", Method::Dir, Level::Log, "{ a: { b: { c: [Object] } } }"),
        ("console.dir({ a: { b: 1 } }, { depth: 0 })", Method::Dir, Level::Log, "{ a: [Object] }"),
        (
            "console.dir({ a: { b: { c: { d: 1 } } } }, { depth: null })",
            Method::Dir,
            Level::Log,
            "{\n  a: { b: { c: { d: 1 } } }\n}",
        ),
        ("console.assert(false)", Method::Assert, Level::Error, "Assertion failed"),
        ("console.assert(0, 'x is %d', 5)", Method::Assert, Level::Error, "Assertion failed: x is 5"),
        ("console.assert(null, { a: 1 })", Method::Assert, Level::Error, "Assertion failed { a: 1 }"),
        ("console.count()", Method::Count, Level::Info, "default: 1"),
        ("console.count('x')", Method::Count, Level::Info, "x: 1"),
        ("console.countReset('none')", Method::CountReset, Level::Warning, "Count for 'none' does not exist"),
        ("console.clear()", Method::Clear, Level::Log, ""),
        ("console.log()", Method::Log, Level::Log, ""),
        ("console.timeEnd('none')", Method::Warn, Level::Warning, "No such label 'none' for console.timeEnd()"),
    ] {
        let log = kernel.run(code);
        let [console] = <[_; 1]>::try_from(log.consoles()).unwrap_or_else(|other| panic!("{code}: {other:?}"));
        assert_eq!((console.method, console.method.level(), console.text()), (method, level, text), "{code}");
    }
}

#[test]
fn an_assertion_that_holds_says_nothing() {
    assert_eq!(printed("console.assert(true, 'no'); console.assert(1)"), [""; 0]);
}

#[test]
fn counts_and_timers_remember_their_labels() {
    let lines = printed(
        "console.count('a'); console.count('a'); console.countReset('a'); console.count('a');
         console.time('t'); console.time('t'); console.timeLog('t', 'extra', 1); console.timeEnd('t'); console.timeEnd('t')",
    );
    assert_eq!(lines[..4], ["a: 1", "a: 2", "a: 1", "Label 't' already exists for console.time()"]);
    assert!(lines[4].starts_with("t: ") && lines[4].ends_with("ms extra 1"), "{lines:?}");
    assert!(lines[5].starts_with("t: ") && lines[5].ends_with("ms"), "{lines:?}");
    assert_eq!(lines[6], "No such label 't' for console.timeEnd()");
}

#[test]
fn groups_nest_and_end() {
    let mut kernel = TestKernel::new();
    let log = kernel.run(
        "console.log(0); console.group('outer'); console.log(1); console.groupCollapsed('inner', 2); console.log(2);
         console.groupEnd(); console.log(1); console.groupEnd(); console.groupEnd(); console.log(0)",
    );
    let consoles = log.consoles();
    let depths = consoles.iter().filter(|console| console.method == Method::Log).map(|console| console.depth).collect::<Vec<_>>();
    assert_eq!(depths, [0, 1, 2, 1, 0]);
    let groups = consoles.iter().filter(|console| console.method == Method::Group).map(|console| console.text().to_owned());
    assert_eq!(groups.collect::<Vec<_>>(), ["outer"]);
}

#[test]
fn format_specifiers_are_those_of_node() {
    for (code, text) in [
        ("'%s', 'x'", "x"),
        ("'%s %s', 'x'", "x %s"),
        ("'%s', 42n", "42n"),
        ("'%s', -0", "-0"),
        ("'%s', { a: { b: 1 } }", "{ a: [Object] }"),
        ("'%s', Symbol('s')", "Symbol(s)"),
        ("'%d|%d|%d|%d', 42.5, '0x10', 5n, {}", "42.5|16|5n|NaN"),
        ("'%i|%i|%i', 42.9, '42px', 'x'", "42|42|NaN"),
        ("'%f|%f|%f', '1.5e3x', 'x', '-Infinityx'", "1500|NaN|-Infinity"),
        ("'%j', { a: [1, 'x'] }", "{\"a\":[1,\"x\"]}"),
        ("'%O', { a: 1 }", "{ a: 1 }"),
        ("'%c styled %c', 'color: red', 'x'", " styled "),
        ("'100%', 1", "100% 1"),
        ("'%% %s', 1", "% 1"),
        ("'%x %s', 1", "%x 1"),
        ("'%s'", "%s"),
        ("'a', 'b', [1], 'c'", "a b [ 1 ] c"),
        ("1, '%s', 2", "1 %s 2"),
    ] {
        assert_eq!(printed(&format!("console.log({code})")), [text], "{code}");
    }
}

#[test]
fn tables_are_drawn() {
    let table = |code: &str| printed(&format!("console.table({code})")).remove(0);
    assert_eq!(
        table("[{ a: 1, b: 'x' }, { a: 2, c: true }]"),
        "┌─────────┬───┬─────┬──────┐\n\
         │ (index) │ a │ b   │ c    │\n\
         ├─────────┼───┼─────┼──────┤\n\
         │ 0       │ 1 │ 'x' │      │\n\
         │ 1       │ 2 │     │ true │\n\
         └─────────┴───┴─────┴──────┘"
    );
    assert!(table("[{ a: 1, b: 2 }], ['b']").contains("│ (index) │ b │"));
    assert!(table("['x', 'y']").contains("│ 1       │ 'y'    │"));
    assert!(table("new Map([['k', 1]])").contains("│ (iteration index) │ Key │ Values │"));
    let wide = table("[{ 列: '全角', b: 1 }, { 列: 'x', b: 2 }]");
    let widths = wide.lines().map(drupe_preview::display_width).collect::<Vec<_>>();
    assert!(widths.windows(2).all(|pair| pair[0] == pair[1]), "wide characters line up:\n{wide}");
    assert_eq!(table("5"), "5");
}

/// What a cell is made of may be large, and what has no end is stopped.
#[test]
fn tables_look_at_no_more_than_they_show() {
    let mut kernel = TestKernel::new();
    let wide = "const wide = new Uint8Array(2e6), text = new String('x'.repeat(2e7)); wide.note = 1;
        console.table(Array.from({ length: 20 }, () => ({ wide, text }))); console.table([wide, text, Array(1e7).fill(0)])";
    let log = kernel.run_limited(wide, 5_000);
    assert_eq!(log.consoles().len(), 2, "{:?}", log.outcome);
    let rows = kernel
        .run("console.table(Array(5000).fill(0)); console.table(new Set(Array.from({ length: 5000 }, (_, i) => i)))")
        .printed();
    assert!(rows.iter().all(|table| table.ends_with("... 4000 more rows")), "{rows:.200?}");
    // A table of many objects that are wide is given up.
    let endless = "const many = Object.fromEntries(Array.from({ length: 2e4 }, (_, i) => ['k' + i, i]));
        for (;;) console.table(Array.from({ length: 1000 }, () => Array(50).fill(many)))";
    let log = kernel.run_limited(endless, 500);
    assert!(matches!(log.outcome.end, End::VmTimeout(_)), "{:?}", log.outcome);
    assert_eq!(kernel.text("1 + 1"), "2");
}

#[test]
fn trace_shows_the_users_frames() {
    let text = printed("function f() { console.trace('here', 1) }; f()").remove(0);
    assert_eq!(text, "Trace: here 1\n    at f (chunk:1:1:24)\n    at chunk:1:1:44");
}

#[test]
fn arguments_come_as_values_and_the_place_is_the_callers() {
    let mut kernel = TestKernel::new();
    let log = kernel.run("\n  console.log('n', 1, { a: [true] })");
    let console = &log.consoles()[0];
    assert_eq!(console.args[..2], [Value::from("n"), 1.into()]);
    assert_eq!(console.args[2], Value::Object(vec![("a".into(), vec![true].into())]));
    let at = console.at.as_ref().unwrap();
    assert_eq!((&*at.script, at.position.line, at.position.column), ("chunk:1", 1, 10));
    assert!(console.time > 1.7e12);
}

// threats D3, D5, A6
#[test]
fn the_console_runs_nobodys_code_and_is_bounded() {
    let mut kernel = TestKernel::new();
    kernel.run(
        "var ran = 0; const trap = { get() { ran++; return 1 } };
         const hostile = { get a() { ran++ }, toString() { ran++ }, valueOf() { ran++ }, toJSON() { ran++ }, [Symbol.toPrimitive]() { ran++ },
           [Symbol.for('nodejs.util.inspect.custom')]() { ran++ }, get [Symbol.toStringTag]() { ran++; return 'x' } };
         const all = new Proxy({}, new Proxy({}, { get() { ran++ } }));",
    );
    kernel.run(
        "console.log(hostile, all); console.log('%s %d %i %f %o %O', hostile, hostile, hostile, hostile, hostile, all);
         console.table([hostile, all]); console.table(all); console.dir(hostile, all); console.dir(1, hostile); console.group(hostile);
         console.assert(false, hostile); console.count(hostile); console.time(hostile); console.timeEnd(all); console.error(all)",
    );
    assert_eq!(kernel.text("ran"), "0");
    let log = kernel.run(
        "console.log('x'.repeat(1e8)); console.log('%s', 'y'.repeat(1e8)); console.log(...Array(1000).fill('z'.repeat(1e5)))",
    );
    for console in log.consoles() {
        assert!(console.text().len() < 2 << 20);
        assert!(console.text().contains(" more "), "what was cut is counted: {}", &console.text()[console.text().len() - 80..]);
    }
}

/// `%j` is JSON, which asks objects for theirs: in the stretch that called, and under its budget.
#[test]
fn json_is_asked_for_under_the_budget_of_the_call() {
    let mut kernel = TestKernel::new();
    assert_eq!(
        printed("console.log('%j', { toJSON() { return 'told' } }); console.log('%j', { get a() { return 1 } })"),
        ["\"told\"", "{\"a\":1}"]
    );
    let log =
        kernel.run("try { console.log('%j', { toJSON() { throw new Error('no') } }); 'said' } catch (error) { error.message }");
    assert_eq!(log.text().as_deref(), Some("'no'"));
    assert!(log.consoles().is_empty());
    for code in ["console.log('%j', { toJSON() { for (;;) {} } })", "console.log('%j', { get a() { for (;;) {} } })"] {
        let log = kernel.run_limited(code, 50);
        assert!(matches!(log.outcome.end, End::VmTimeout(_)), "{code}: {log:?}");
    }
    assert_eq!(kernel.text("1 + 1"), "2");
}

#[test]
fn methods_work_without_their_receiver() {
    assert_eq!(
        printed("const { log } = console; log('free'); [1, 2].forEach(console.log.bind(null))"),
        ["free", "1 0 [ 1, 2 ]", "2 1 [ 1, 2 ]"]
    );
}
