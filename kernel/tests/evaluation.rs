//! What a chunk means: REPL mode as V8 has it, awaits, and the order in which a run is told.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::TestKernel;
use drupe_protocol::{
    Event, SourceMap,
    event::{End, Origin, State},
};

#[test]
fn state_lives_on_from_chunk_to_chunk() {
    let mut kernel = TestKernel::new();
    kernel.run("let a = 1; const b = 2; var c = 3; function f() { return a + b + c } class K { m() { return f() } }");
    assert_eq!(kernel.text("a = 10; new K().m()"), "15");
    assert_eq!(kernel.text("let a = 100; f()"), "105", "closures see the newer `let`");
    assert_eq!(kernel.text("function f() { return 'new' }; new K().m()"), "'new'");
}

#[test]
fn a_run_is_told_in_order() {
    let mut kernel = TestKernel::new();
    let log = kernel.run("console.log('one'); await null; console.log('two'); 3");
    let names = log.events.iter().map(Event::name).collect::<Vec<_>>();
    assert_eq!(names, ["started", "console", "console", "result"]);
    assert_eq!(log.printed(), ["one", "two"]);
    assert!(log.is_value());
    assert_eq!(log.outcome.state, State::Kept);
}

#[test]
fn top_level_await_settles_promises_and_timers() {
    let mut kernel = TestKernel::new();
    assert_eq!(kernel.text("await Promise.resolve(7)"), "7");
    assert_eq!(kernel.text("const late = await new Promise(resolve => setTimeout(resolve, 5, 'late')); late + '!'"), "'late!'");
    assert_eq!(kernel.text("late"), "'late'");
    assert_eq!(kernel.text("await 0; function afterAwait() { return 1 }; class AfterAwait {}; afterAwait()"), "1");
    assert_eq!(kernel.text("typeof AfterAwait"), "'function'");
    let log = kernel.run("for await (const x of (async function* () { yield 1; yield 2 })()) console.log(x)");
    assert_eq!(log.printed(), ["1", "2"]);
    assert_eq!(log.text().unwrap(), "undefined");
}

#[test]
fn completion_values_are_v8s() {
    let mut kernel = TestKernel::new();
    for (code, text) in [
        ("", "undefined"),
        ("// nothing", "undefined"),
        ("'use strict'", "'use strict'"),
        ("if (true) { 5 }", "5"),
        ("let unused = 1", "undefined"),
        ("-0", "-0"),
        ("123456789012345678901234567890n", "123456789012345678901234567890n"),
        ("-5n", "-5n"),
        ("NaN", "NaN"),
        ("-Infinity", "-Infinity"),
        ("null", "null"),
        ("Symbol('s')", "Symbol(s)"),
        ("'\\ud800 \\u{1f600} \\u00e9'", "'\\ud800 \u{1f600} \u{e9}'"),
        ("await Promise.resolve(), Promise.resolve(1)", "Promise { 1 }"),
    ] {
        assert_eq!(kernel.text(code), text, "{code}");
    }
}

#[test]
fn an_expression_is_evaluated_once() {
    let mut kernel = TestKernel::new();
    kernel.run("var count = 0");
    kernel.run("({ n: count++ })");
    kernel.run("count++; throw 1");
    assert_eq!(kernel.text("count"), "2");
}

#[test]
fn what_does_not_compile_binds_nothing_and_says_where() {
    let mut kernel = TestKernel::new();
    let log = kernel.run("let first = 1;\nlet second = ;");
    assert!(matches!(log.outcome.end, End::SyntaxError(_)), "{log:?}");
    let [uncaught] = log.uncaught().try_into().unwrap();
    assert_eq!(uncaught.origin, Origin::Chunk);
    assert_eq!(uncaught.exception.name.as_deref(), Some("SyntaxError"));
    let at = uncaught.exception.at.unwrap();
    assert_eq!((at.position.line, at.position.column), (1, 13));
    assert_eq!(kernel.text("typeof first"), "'undefined'");
    assert!(matches!(kernel.run("let y = 1; let y = 2").outcome.end, End::SyntaxError(_)));
    assert!(matches!(kernel.run("JSON.parse('{')").outcome.end, End::Threw(_)), "a SyntaxError at run time is thrown");
    assert!(matches!(kernel.run("eval('{')").outcome.end, End::Threw(_)));
}

#[test]
fn a_chunk_in_the_dead_zone_can_be_repaired() {
    let mut kernel = TestKernel::new();
    assert!(matches!(kernel.run("dead; let dead = 7").outcome.end, End::Threw(_)));
    assert_eq!(kernel.text("let dead = 8; dead"), "8");
}

#[test]
fn errors_carry_name_message_and_the_users_frames() {
    let mut kernel = TestKernel::new();
    kernel.run("function thrower() {\n  throw new TypeError('no')\n}");
    let log = kernel.run("thrower()");
    let [uncaught] = log.uncaught().try_into().unwrap();
    let exception = uncaught.exception;
    assert_eq!((exception.name.as_deref(), &*exception.message), (Some("TypeError"), "no"));
    let frames = exception.frames.iter().map(|frame| (frame.function.as_deref(), &*frame.script, frame.position.line));
    assert_eq!(frames.collect::<Vec<_>>(), [(Some("thrower"), "chunk:1", 1), (None, "chunk:2", 0)]);
    assert!(exception.text.starts_with("TypeError: no\n    at thrower (chunk:1:2:9)\n    at chunk:2:1:1"), "{}", exception.text);
}

#[test]
fn whatever_is_thrown_is_told() {
    let mut kernel = TestKernel::new();
    for (code, text) in
        [("throw undefined", "undefined"), ("throw 'text'", "'text'"), ("throw { a: 1 }", "{ a: 1 }"), ("throw null", "null")]
    {
        let log = kernel.run(code);
        assert!(matches!(log.outcome.end, End::Threw(_)), "{code}");
        assert_eq!(log.thrown(), text);
        let exception = &log.uncaught()[0].exception;
        assert_eq!(exception.name, None);
    }
    assert_eq!(kernel.text("1"), "1");
}

#[test]
fn positions_lead_back_through_a_source_map() {
    let mut kernel = TestKernel::new();
    let mut run = kernel.request("\n\nfunction mapped() { console.log('here'); return new Error('at').stack }; mapped()");
    // Line 2 of what runs is line 0 of what was typed, six columns to the left.
    run.source_map = Some(SourceMap { segments: vec![[2, 6, 0, 0]] });
    kernel.send(run);
    let log = kernel.log();
    let at = log.consoles()[0].at.clone().unwrap();
    assert_eq!((at.position.line, at.position.column), (0, 22));
    let stack = log.value().unwrap();
    assert!(stack.as_str().unwrap().contains("at mapped (chunk:1:1:43)"), "{stack:?}");
}

#[test]
fn inputs_are_globals() {
    let mut kernel = TestKernel::new();
    let mut run = kernel.request("rows.map(row => row.n * factor)");
    let row = |n: i32| drupe_protocol::Value::Object(vec![("n".into(), n.into())]);
    run.inputs = vec![
        drupe_protocol::request::Input { name: "rows".into(), value: vec![row(1), row(2)].into() },
        drupe_protocol::request::Input { name: "factor".into(), value: 10.into() },
    ];
    kernel.send(run);
    assert_eq!(kernel.log().text().unwrap(), "[ 10, 20 ]");
    assert_eq!(kernel.text("factor"), "10", "they stay");
}

#[test]
fn the_session_survives_what_is_done_to_its_globals() {
    let mut kernel = TestKernel::new();
    for code in [
        "delete globalThis.globalThis",
        "Object.defineProperty(Object.prototype, 'exceptionDetails', { get() { console.log('ran') } })",
        "Object.prototype.value = 1; Object.prototype.result = 2; Object.prototype.error = 3; Object.prototype.objectId = 'x'",
        "Array.prototype.map = Array.prototype.push = Function.prototype.call = null; Promise.prototype.then = 1",
        "JSON.parse = JSON.stringify = null",
        "Promise = null",
        "Error.prepareStackTrace = () => { throw 1 }",
        "Object.getPrototypeOf = null; Reflect = null; Symbol = null",
    ] {
        let log = kernel.run(code);
        assert!(log.is_value(), "{code}: {log:?}");
        assert_eq!(log.printed(), [""; 0], "{code}");
    }
    let log = kernel.run("console.log('still', [1], { a: 1 }); setTimeout(() => console.log('timer'), 1); 2 + 3");
    assert_eq!(log.printed(), ["still [ 1 ] { a: 1 }"]);
    assert_eq!(log.text().unwrap(), "5");
    assert_eq!(kernel.console().text(), "timer");
    assert!(matches!(kernel.run("nothing.here").outcome.end, End::Threw(_)));
}

#[test]
fn intl_temporal_and_wasm_are_there() {
    let mut kernel = TestKernel::new();
    assert_eq!(kernel.text("new Intl.NumberFormat('de-DE').format(1234567.5)"), "'1.234.567,5'");
    assert_eq!(kernel.text("Temporal.PlainDate.from('2024-02-28').add({ days: 2 }).toString()"), "'2024-03-01'");
    let wasm = "new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])";
    assert_eq!(kernel.text(&format!("(await WebAssembly.instantiate({wasm})).instance instanceof WebAssembly.Instance")), "true");
}

#[test]
fn the_last_result_and_the_last_error_are_remembered_where_asked_for() {
    let mut kernel = TestKernel::new();
    let mut run = |code: &str| {
        let mut request = kernel.request(code);
        request.keep_last = true;
        kernel.send(request);
        kernel.log()
    };
    run("1 + 2");
    assert_eq!(run("_ + 3").text().unwrap(), "6");
    run("throw 3");
    assert_eq!(run("_error + 3").text().unwrap(), "6");
    assert_eq!(run("_").text().unwrap(), "6", "an error leaves the last result alone");
    assert_eq!(run("_ = 5").printed(), ["Expression assignment to _ now disabled."]);
    run("7");
    assert_eq!(run("_").text().unwrap(), "5");
    assert_eq!(run("Object.keys(globalThis).includes('_error')").text().unwrap(), "false");
    assert_eq!(kernel.text("_"), "5");
    kernel.reset(2);
    assert_eq!(kernel.text("typeof _"), "'undefined'", "who does not ask does not get them");
}
