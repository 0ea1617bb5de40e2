//! The session's names and the status: idle, in a loop, in an await, and in the way of other runs.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::time::{Duration, Instant};

use crate::common::{HANG, TestKernel};
use drupe_protocol::{
    Control, Event, Reply, Request, Value, encode,
    event::{End, Stopped},
    introspection::{Complete, Global, GlobalKind, Globals, Status, StatusReply},
    request::{Interrupt, Reset, StopReason},
};
use drupe_transport::Incoming;

const NAMES: &str = "
    let number = -0; const text = 'h\\u00e9llo'; class Shape {} function area() {} var list = [1, 2, 3];
    globalThis.bytes = new Uint16Array(4); let shape = new Shape, map = new Map([[1, 2]]), nothing = null, absent; const fn = () => {};";

fn check_names(names: &[Global]) {
    let brief = |global: &Global| (global.name.clone(), global.kind, global.type_name.clone(), global.size);
    let found: Vec<_> = names.iter().map(brief).collect();
    use GlobalKind::{Lexical, Property};
    for (name, kind, type_name, size) in [
        ("number", Lexical, "number", None),
        ("text", Lexical, "string", Some(5)),
        ("Shape", Lexical, "class", None),
        ("area", Property, "function", None),
        ("list", Property, "Array", Some(3)),
        ("bytes", Property, "Uint16Array", Some(8)),
        ("shape", Lexical, "Shape", None),
        ("map", Lexical, "Map", Some(1)),
        ("nothing", Lexical, "null", None),
        ("absent", Lexical, "undefined", None),
        ("fn", Lexical, "function", None),
    ] {
        assert!(found.contains(&(name.to_owned(), kind, type_name.to_owned(), size)), "{name}: {names:?}");
    }
    assert_eq!(found.len(), 11, "{names:?}");
    let preview = |name| names.iter().find(|global| global.name == name).unwrap().preview.as_str();
    assert_eq!(preview("number"), "-0");
    assert_eq!(preview("text"), "'héllo'");
    assert_eq!(preview("list"), "[ 1, 2, 3 ]");
}

#[test]
fn globals_are_what_the_session_added() {
    let mut kernel = TestKernel::new();
    assert_eq!(kernel.globals(), []);
    kernel.run(NAMES);
    check_names(&kernel.globals());
    kernel.run("globalThis.console = console; delete globalThis.bytes");
    assert_eq!(kernel.globals().len(), 10);
    // A name whose declaration throws stays, without a value.
    kernel.run("let never = (() => { throw 1 })()");
    let never = kernel.globals().into_iter().find(|global| global.name == "never");
    assert!(never.is_none_or(|never| matches!(&*never.type_name, "uninitialized" | "undefined")));
    kernel.reset(2);
    assert_eq!(kernel.globals(), []);
}

// Done when: completion and globals answer during a loop.
#[test]
fn all_is_answered_during_a_loop_that_goes_on_undisturbed() {
    let mut kernel = TestKernel::new();
    kernel.run(NAMES);
    let run = kernel.start_and_hear("console.log('go');\nlet turns = 0;\nfor (;;) { turns++; }");
    assert_eq!(kernel.completed("list.findLastI"), ["findLastIndex"]);
    assert_eq!(kernel.completed("shap"), ["shape", "Shape"]);
    let mut names = kernel.globals();
    let turns = names.iter().position(|global| global.name == "turns").map(|index| names.remove(index)).unwrap();
    assert_eq!((turns.kind, &*turns.type_name), (GlobalKind::Lexical, "number"));
    check_names(&names);
    let first = kernel.status();
    assert_eq!((first.run, first.executing), (Some(run), true));
    let at = first.at.unwrap();
    assert_eq!((&*at.script, at.position.line), (&*format!("chunk:{run}"), 2));
    assert!(first.heap_used > 0 && first.heap_limit > first.heap_used);
    let second = kernel.status();
    assert!(second.elapsed_ms >= first.elapsed_ms && second.cpu_ms >= first.cpu_ms);
    assert!(kernel.interrupt(Some(run)));
    let log = kernel.log();
    assert!(matches!(&log.outcome.end, End::Interrupted(by) if by.stopped == Stopped::Javascript), "{log:?}");
    assert!(log.uncaught().is_empty());
    assert_eq!(kernel.value("turns > 1000"), Value::Bool(true));
}

/// The status once no JavaScript executes: what a run printed is heard while it is still on its way to its `await`.
fn resting(kernel: &mut TestKernel) -> StatusReply {
    let until = Instant::now() + HANG;
    loop {
        let status = kernel.status();
        if !status.executing {
            return status;
        }
        assert!(Instant::now() < until, "it never rests: {status:?}");
    }
}

#[test]
fn all_is_answered_during_an_await_and_when_idle() {
    let mut kernel = TestKernel::new();
    let idle = resting(&mut kernel);
    assert_eq!((idle.run, idle.executing, idle.elapsed_ms, idle.cpu_ms, idle.at), (None, false, 0, 0, None));
    let run = kernel.start_and_hear("let waiting = { here: 1 }; console.log('go'); await new Promise(() => {})");
    assert_eq!(kernel.completed("waiting.he"), ["here"]);
    assert!(kernel.globals().iter().any(|global| global.name == "waiting" && global.preview == "{ here: 1 }"));
    let status = resting(&mut kernel);
    assert_eq!((status.run, status.executing, status.at), (Some(run), false, None));
    assert!(kernel.interrupt(None));
    kernel.log();
    assert_eq!(kernel.status().run, None);
}

#[test]
fn a_variable_whose_declaration_is_under_way_is_uninitialized() {
    let mut kernel = TestKernel::new();
    kernel.start_and_hear("let late = (() => { console.log('go'); for (;;) {} })()");
    let names = kernel.globals();
    assert!(names.iter().any(|global| global.name == "late" && global.type_name == "uninitialized"), "{names:?}");
    assert_eq!(kernel.completed("late."), [""; 0]);
    assert_eq!(kernel.completed("lat"), ["late"]);
    assert!(kernel.interrupt(None));
    kernel.log();
}

#[test]
fn questions_during_promise_jobs_timers_and_built_ins() {
    let mut kernel = TestKernel::new();
    kernel.start_and_hear("await 0; console.log('go'); await 0; for (;;) {}");
    assert_eq!(kernel.completed("conso"), ["console"]);
    assert!(kernel.interrupt(None));
    kernel.log();
    kernel.start("setTimeout(() => { console.log('go'); for (;;) JSON.parse('[1,{\"a\":2}]'.repeat(1)); }); 1");
    kernel.log();
    kernel.console();
    let status = kernel.status();
    assert_eq!((status.run, status.executing), (None, true));
    assert!(status.at.is_some());
    assert!(kernel.interrupt(None));
    assert!(matches!(kernel.event(), Event::Exception(_)));
    kernel.start_and_hear(
        "console.log('go'); for (;;) [3, 2, 1].sort((a, b) => a - b).map(String).join().replace(/(\\d,)+/g, x => x)",
    );
    for _ in 0..20 {
        assert_eq!(kernel.completed("conso"), ["console"]);
    }
    assert!(kernel.interrupt(None));
    kernel.log();
}

#[test]
fn questions_during_a_regular_expression_and_webassembly() {
    let mut kernel = TestKernel::new();
    kernel.run(NAMES);
    let bytes = "0,97,115,109,1,0,0,0,1,4,1,96,0,0,3,2,1,0,7,5,1,1,102,0,0,10,9,1,7,0,3,64,12,0,11,11";
    for deaf in [
        "/(a+)+b/.test('a'.repeat(40))".to_owned(),
        format!("new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array([{bytes}]))).exports.f()"),
    ] {
        kernel.start_and_hear(&format!("console.log('go'); {deaf}"));
        for _ in 0..10 {
            assert_eq!(kernel.completed("/x/.exe"), ["exec"]);
            check_names(&kernel.globals());
            assert!(kernel.status().executing);
        }
        assert!(kernel.interrupt(None));
        assert!(matches!(kernel.log().outcome.end, End::Interrupted(_)), "{deaf}");
        check_names(&kernel.globals());
    }
}

/// A stop that comes while an answer is being made must still stop the run.
#[test]
fn stops_and_budgets_hold_among_questions() {
    let mut kernel = TestKernel::new();
    kernel.run(NAMES);
    for _ in 0..50 {
        let run = kernel.start_and_hear("console.log('go'); for (;;) {}");
        let mut frames = Vec::new();
        for id in 0..4 {
            encode(&Control::Globals(Globals { id }), &mut frames).unwrap();
        }
        let stop = Interrupt { run: Some(run), reason: StopReason::Request };
        encode(&Control::Interrupt(stop), &mut frames).unwrap();
        kernel.control.sender.send(&frames).unwrap();
        let replies: Vec<Reply> = (0..5).map(|_| reply(&mut kernel)).collect();
        assert_eq!(replies.iter().filter(|reply| matches!(reply, Reply::Globals(listed) if !listed.names.is_empty())).count(), 4);
        assert!(matches!(kernel.log().outcome.end, End::Interrupted(_)));
        assert_eq!(kernel.text("number"), "-0");
    }
    let mut run = kernel.request("for (;;) {}");
    run.vm_timeout_ms = Some(30);
    kernel.send(run);
    let mut log = None;
    while log.is_none() {
        kernel.globals();
        if let Incoming::Message(Event::Outcome(outcome)) = kernel.data.receiver.wait(Some(Instant::now())).unwrap() {
            log = Some(outcome);
        }
    }
    assert!(matches!(log.unwrap().end, End::VmTimeout(_)));
}

#[test]
fn questions_while_values_are_described() {
    let mut kernel = TestKernel::new();
    kernel
        .start_and_hear("for (let i = 0; i < 300; i++) console.log({ i, list: [new Error('x'), new Map([[{}, 1n]])] }); 'done'");
    for _ in 0..50 {
        assert_eq!(kernel.completed("conso"), ["console"]);
        assert_eq!(kernel.globals(), []);
    }
    let log = kernel.log();
    assert_eq!((log.consoles().len(), log.text().as_deref()), (299, Some("'done'")));
}

fn reply(kernel: &mut TestKernel) -> Reply {
    match kernel.control.receiver.wait(Some(Instant::now() + Duration::from_secs(60))).unwrap() {
        Incoming::Message(reply) => reply,
        other => panic!("no reply: {other:?}"),
    }
}

#[test]
fn many_questions_race_with_short_runs_and_each_is_answered_once() {
    let mut kernel = TestKernel::new();
    kernel.run("let total = 0");
    let mut frames = Vec::new();
    for id in 0..200u64 {
        let question = match id % 3 {
            0 => Control::Complete(Complete { id, prefix: "total".into(), ..Complete::default() }),
            1 => Control::Globals(Globals { id }),
            _ => Control::Status(Status { id }),
        };
        frames.clear();
        encode(&question, &mut frames).unwrap();
        kernel.start(if id % 2 == 0 {
            "total += 1; await 0; 1"
        } else {
            "for (let i = 0; i < 2000; i++) total += 0; total += 1; 1"
        });
        kernel.control.sender.send(&frames).unwrap();
    }
    let mut ids: Vec<u64> = (0..200)
        .map(|_| match reply(&mut kernel) {
            Reply::Complete(completions) => {
                assert_eq!(completions.items[0].text, "total");
                completions.id
            }
            Reply::Globals(listed) => {
                assert_eq!(listed.names.len(), 1);
                listed.id
            }
            Reply::Status(told) => told.id,
            other => panic!("{other:?}"),
        })
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, (0..200).collect::<Vec<_>>());
    for _ in 0..200 {
        let log = kernel.log();
        assert!(log.is_value() && log.text().as_deref() == Some("1"), "{log:?}");
    }
    assert_eq!(kernel.value("total"), Value::from(200));
}

#[test]
fn a_reset_answers_what_was_asked_before() {
    let mut kernel = TestKernel::new();
    for generation in 2..20 {
        kernel.run("let old = 1");
        let mut frames = Vec::new();
        encode(&Control::Globals(Globals { id: generation }), &mut frames).unwrap();
        kernel.send_request(&Request::Reset(Reset { generation }));
        kernel.control.sender.send(&frames).unwrap();
        assert!(matches!(reply(&mut kernel), Reply::Globals(listed) if listed.id == generation));
        while !matches!(kernel.event(), Event::ResetDone(_)) {}
    }
}

/// How long a question takes in a loop:
/// `cargo test -p drupe-kernel --test kernel_tests help:: -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn latency_in_a_loop() {
    let mut kernel = TestKernel::new();
    kernel.run(NAMES);
    kernel.start_and_hear("console.log('go'); for (;;) {}");
    let mut measure = |what: &str, ask: &mut dyn FnMut(&mut TestKernel)| {
        let mut times: Vec<_> = (0..200)
            .map(|_| {
                let start = Instant::now();
                ask(&mut kernel);
                start.elapsed()
            })
            .collect();
        times.sort_unstable();
        println!("{what}: median {:?}, 99th {:?}, worst {:?}", times[100], times[198], times[199]);
    };
    measure("complete", &mut |kernel| drop(kernel.complete("list.")));
    measure("complete all", &mut |kernel| drop(kernel.complete("")));
    measure("globals", &mut |kernel| drop(kernel.globals()));
    measure("status", &mut |kernel| drop(kernel.status()));
}
