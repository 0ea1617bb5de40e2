//! Calls to the host: answered, failed, streamed, blocking, cancelled, and bounded.
#![allow(clippy::unwrap_used, reason = "tests")]

use crate::common::TestKernel;
use drupe_protocol::{
    Event, HostError, Request, Value,
    event::{Done, End, Stopped},
    host::{Answer, Answered, Functions, HostCall, HostReply, MAX_OPEN_CALLS},
    request::StopReason,
};

fn define_functions(kernel: &mut TestKernel, names: &[&str]) {
    let names = names.iter().map(ToString::to_string).collect();
    kernel.send_request(&Request::Functions(Functions { names }));
}

fn answer(kernel: &mut TestKernel, call: u64, answer: Answer) {
    kernel.send_request(&Request::HostReply(HostReply { call, answer }));
}

fn value(value: impl Into<Value>) -> Answer {
    Answer::Value(Answered { value: value.into() })
}

/// The next call, whatever comes before it.
fn call(kernel: &mut TestKernel) -> HostCall {
    loop {
        if let Event::HostCall(call) = kernel.event() {
            return call;
        }
    }
}

/// Neither the environment nor the working folder nor anything else is asked for before somebody wants to know it.
#[test]
fn nothing_is_asked_of_the_host_that_nobody_asked_for() {
    let mut kernel = TestKernel::new();
    for code in [
        "1 + 1",
        "console.log([1]); await null; setTimeout(() => {}, 1)",
        "typeof process + typeof Buffer + typeof fetch + typeof require",
        "process.version + process.title + process.platform",
        "new URL('a', 'https://b.test/').href + new Headers().has('x')",
    ] {
        kernel.start(code);
        loop {
            match kernel.event() {
                Event::HostCall(call) => panic!("{code} asks for {}", call.op),
                Event::Outcome(outcome) => break assert!(matches!(outcome.end, End::Value(_)), "{code}: {outcome:?}"),
                _ => {}
            }
        }
    }
}

#[test]
fn a_call_is_awaited() {
    let mut kernel = TestKernel::new();
    define_functions(&mut kernel, &["db.query", "add"]);
    let run = kernel.start("const row = await host.db.query('select ?', [1n]); row.n + 1");
    let call = call(&mut kernel);
    assert_eq!((call.run, &*call.op), (Some(run), "fn.db.query"));
    assert_eq!(call.args[0], Value::from("select ?"));
    answer(&mut kernel, call.call, value(Value::Object(vec![("n".into(), 41.into())])));
    assert_eq!(kernel.log().text().unwrap(), "42");
    assert_eq!(kernel.text("Object.keys(host)"), "[ 'db', 'add' ]");
    assert_eq!(kernel.text("host.db.query"), "[Function: query]");
}

#[test]
fn a_failure_becomes_an_error_with_the_users_frames() {
    let mut kernel = TestKernel::new();
    define_functions(&mut kernel, &["open"]);
    kernel.start("async function load() {\n  return await host.open('/x')\n}\nawait load()");
    let opened = call(&mut kernel);
    let error = HostError::new("NotFound", "no such file").with_code("ENOENT").with("path", "/x");
    answer(&mut kernel, opened.call, Answer::Error(error));
    let log = kernel.log();
    let thrown = log.uncaught().remove(0).exception;
    assert_eq!(thrown.name.as_deref(), Some("NotFound"));
    assert!(thrown.text.contains("at async load (chunk:1:2:"), "{}", thrown.text);
    assert!(thrown.text.contains("code: 'ENOENT'") && thrown.text.contains("path: '/x'"), "{}", thrown.text);
    assert!(!thrown.text.contains("drupe:"), "{}", thrown.text);

    kernel.start("try { await host.open('/x') } catch (error) { [error instanceof TypeError, error.name] }");
    let opened = call(&mut kernel);
    answer(&mut kernel, opened.call, Answer::Error(HostError::new("TypeError", "no")));
    assert_eq!(kernel.log().text().unwrap(), "[ true, 'TypeError' ]");
}

#[test]
fn a_stream_is_pulled() {
    let mut kernel = TestKernel::new();
    define_functions(&mut kernel, &["rows"]);
    kernel.start("const all = []; for await (const row of await host.rows()) all.push(row); all");
    let stream = call(&mut kernel).call;
    answer(&mut kernel, stream, Answer::Stream(Done {}));
    for item in [Value::from(1), Value::Undefined, Value::from("x")] {
        assert!(matches!(kernel.event(), Event::HostNext(next) if next.call == stream));
        answer(&mut kernel, stream, Answer::Item(Answered { value: item }));
    }
    assert!(matches!(kernel.event(), Event::HostNext(_)));
    answer(&mut kernel, stream, Answer::End(Done {}));
    assert_eq!(kernel.log().text().unwrap(), "[ 1, undefined, 'x' ]");

    kernel.start("for await (const row of await host.rows()) break; 'left'");
    let stream = call(&mut kernel).call;
    answer(&mut kernel, stream, Answer::Stream(Done {}));
    assert!(matches!(kernel.event(), Event::HostNext(_)));
    answer(&mut kernel, stream, Answer::Item(Answered { value: 1.into() }));
    assert!(matches!(kernel.event(), Event::HostCancel(cancel) if cancel.call == stream));
    assert_eq!(kernel.log().text().unwrap(), "'left'");
}

#[test]
fn an_interrupt_gives_its_calls_up() {
    let mut kernel = TestKernel::new();
    define_functions(&mut kernel, &["slow"]);
    let run = kernel.start("let kept = 7; await host.slow()");
    let slow = call(&mut kernel).call;
    // The call is told before the run has come to its `await`.
    while kernel.status().executing {}
    assert!(kernel.interrupt(Some(run)));
    let log = kernel.log();
    assert!(matches!(&log.outcome.end, End::Interrupted(by) if by.stopped == Stopped::Await), "{log:?}");
    assert_eq!(log.outcome.dropped_calls, 1);
    assert!(log.events.iter().any(|event| matches!(event, Event::HostCancel(cancel) if cancel.call == slow)), "{log:?}");
    // An answer that crossed the interrupt finds nobody.
    answer(&mut kernel, slow, value(1));
    assert_eq!(kernel.text("kept"), "7");
}

// threat I3
#[test]
fn an_answer_to_an_earlier_session_finds_nobody() {
    let mut kernel = TestKernel::new();
    define_functions(&mut kernel, &["slow"]);
    kernel.start("await host.slow()");
    let slow = call(&mut kernel).call;
    kernel.reset(2);
    answer(&mut kernel, slow, value(1));
    kernel.start("await host.slow()");
    let again = call(&mut kernel).call;
    assert!(again > slow);
    answer(&mut kernel, again, value(2));
    assert_eq!(kernel.log().text().unwrap(), "2");
}

// threat E9
#[test]
fn no_more_calls_are_open_than_allowed() {
    let mut kernel = TestKernel::new();
    define_functions(&mut kernel, &["f"]);
    kernel.start("(await Promise.all(Array.from({ length: 1000 }, (_, i) => host.f(i)))).length");
    let mut open = std::collections::VecDeque::new();
    let mut most = 0;
    for answered in 0..1000 {
        while open.is_empty() || (open.len() < MAX_OPEN_CALLS - 1 && answered + open.len() < 1000) {
            open.push_back(call(&mut kernel).call);
        }
        most = most.max(open.len());
        answer(&mut kernel, open.pop_front().unwrap(), value(1));
    }
    assert_eq!(kernel.log().text().unwrap(), "1000");
    assert_eq!(most, MAX_OPEN_CALLS - 1);
    kernel.start(
        "let message; for (let i = 0; !message; i++) host.f().catch(error => message ??= error.message), await 0; message",
    );
    assert!(kernel.log().text().unwrap().starts_with("'too many calls to the host wait"));
}

#[test]
fn a_name_of_the_users_own_is_the_users() {
    let mut kernel = TestKernel::new();
    kernel.run("var host = 1");
    define_functions(&mut kernel, &["f"]);
    assert_eq!(kernel.text("host"), "1");
    kernel.reset(2);
    assert_eq!(kernel.text("typeof host.f"), "'function'");
    define_functions(&mut kernel, &[]);
    assert_eq!(kernel.text("typeof host"), "'undefined'");
}

#[test]
fn reset_reason_is_told_while_a_call_waits() {
    let mut kernel = TestKernel::new();
    define_functions(&mut kernel, &["slow"]);
    kernel.start("await host.slow()");
    call(&mut kernel);
    let events = kernel.reset(2);
    assert!(events.iter().any(|event| matches!(event,
        Event::Outcome(outcome) if matches!(&outcome.end, End::Interrupted(by) if by.reason == StopReason::Reset))));
}
