//! Stop means stop, the truth is told, and nobody else is hit.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::TestKernel;
use drupe_protocol::{
    Control, Event, Reply, Request,
    event::{End, Origin, Pong, State, Stopped},
    request::{Ping, Reset, Shutdown, StopReason},
};

// threat B1
#[test]
fn a_loop_that_swallows_everything_is_stopped_by_its_cpu_budget() {
    let mut kernel = TestKernel::new();
    kernel.run("let kept = 1");
    for code in [
        "while (true) {}",
        "while (true) { try { while (true) {} } catch {} finally { while (true) {} } }",
        "for (;;) await null",
        "(function f() { try { f() } finally { f() } })()",
        "/(a+)+$/.test('a'.repeat(50) + 'b')",
    ] {
        let log = kernel.run_limited(code, 30);
        let End::VmTimeout(timeout) = &log.outcome.end else { panic!("{code}: {log:?}") };
        assert_eq!((timeout.limit_ms, timeout.stopped), (30, Stopped::Javascript));
        assert_eq!(log.outcome.state, State::Kept);
        assert_eq!(kernel.text("kept"), "1", "after {code}");
    }
}

// threat B6
#[test]
fn a_built_in_that_does_not_listen_is_told_to_the_parent() {
    let mut kernel = TestKernel::new();
    // One call that takes most of a second: long enough for a watchdog that is given little time.
    let mut run = kernel.request("[].lastIndexOf.call({ length: 6e7 }, 1); 'through'");
    run.vm_timeout_ms = Some(20);
    let run = kernel.send(run);
    let Reply::Stuck(stuck) = kernel.reply() else { panic!("not told") };
    assert_eq!((stuck.run, stuck.limit_ms), (Some(run), 20));
    // Nobody kills a thread: it stops at the end of the built-in that it was in.
    assert!(matches!(kernel.log().outcome.end, End::VmTimeout(_)));
    assert_eq!(kernel.text("1"), "1");
}

// threat B2
#[test]
fn promise_jobs_that_a_stop_threw_away_are_reported() {
    let mut kernel = TestKernel::new();
    let log = kernel.run_limited(
        "Promise.resolve().then(function again() { return Promise.resolve().then(again) }); await new Promise(() => {})",
        30,
    );
    assert!(matches!(log.outcome.end, End::VmTimeout(_)), "{log:?}");
    assert!(log.outcome.dropped_jobs);
    let log = kernel.run("while (true) {}".replace("true", "false").as_str());
    assert!(!log.outcome.dropped_jobs);
}

// threat B3
#[test]
fn callbacks_that_outlive_their_run_keep_its_budget() {
    let mut kernel = TestKernel::new();
    let mut run = kernel.request("setTimeout(() => { while (true) {} }, 1); 'started'");
    run.vm_timeout_ms = Some(200);
    kernel.send(run);
    assert!(kernel.log().is_value());
    let Event::Exception(uncaught) = kernel.event() else { panic!("not told") };
    assert_eq!((uncaught.run, uncaught.origin), (Some(1), Origin::Callback));
    assert!(uncaught.exception.message.contains("CPU budget of 200 ms"), "{uncaught:?}");
    assert_eq!(kernel.text("1 + 1"), "2");
}

// threat B7
#[test]
fn atomics_wait_does_not_block_the_thread() {
    let mut kernel = TestKernel::new();
    let log = kernel.run("Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)");
    assert!(log.thrown().starts_with("TypeError") && log.thrown().contains("use Atomics.waitAsync"), "{log:?}");
}

#[test]
fn an_interrupt_stops_a_loop_and_keeps_the_state() {
    let mut kernel = TestKernel::new();
    let run = kernel.start("let laps = 0; console.log('under way'); while (true) laps++");
    kernel.console();
    assert!(kernel.interrupt(Some(run)));
    let log = kernel.log();
    let End::Interrupted(by) = &log.outcome.end else { panic!("{log:?}") };
    assert_eq!((by.reason, by.stopped), (StopReason::Request, Stopped::Javascript));
    assert_eq!(kernel.text("laps > 0"), "true");
}

#[test]
fn an_interrupt_ends_an_await_that_never_settles() {
    let mut kernel = TestKernel::new();
    kernel.start("let before = 'kept'; console.log('waiting'); await new Promise(() => {})");
    kernel.console();
    assert!(kernel.interrupt(None));
    let log = kernel.log();
    let End::Interrupted(by) = &log.outcome.end else { panic!("{log:?}") };
    assert_eq!(by.stopped, Stopped::Await);
    assert_eq!(kernel.text("before"), "'kept'");
}

#[test]
fn an_await_that_settles_after_its_run_was_interrupted_is_nobodys_result() {
    let mut kernel = TestKernel::new();
    kernel
        .start("let open; console.log('waiting'); await new Promise(resolve => open = resolve); console.log('went on'); 'late'");
    kernel.console();
    kernel.interrupt(None);
    kernel.log();
    let log = kernel.run("open(); await null; 'mine'");
    assert_eq!(log.text().unwrap(), "'mine'");
    assert_eq!(log.consoles()[0].run, Some(1), "what goes on still belongs to its run");
}

#[test]
fn a_queued_run_that_is_interrupted_never_starts() {
    let mut kernel = TestKernel::new();
    let first = kernel.start("console.log('waiting'); await new Promise(() => {})");
    let second = kernel.start("globalThis.ran = true");
    kernel.console();
    assert!(kernel.interrupt(Some(second)));
    assert!(kernel.interrupt(Some(first)));
    assert_eq!(kernel.log().outcome.run, first);
    let log = kernel.log();
    let End::Interrupted(by) = &log.outcome.end else { panic!("{log:?}") };
    assert_eq!((log.outcome.run, by.stopped), (second, Stopped::Queued));
    assert_eq!(kernel.text("typeof ran"), "'undefined'");
}

// threat B4
#[test]
fn a_late_interrupt_finds_nothing_and_hits_nobody() {
    let mut kernel = TestKernel::new();
    assert!(!kernel.interrupt(None), "nothing runs");
    for round in 0..500 {
        let run = kernel.start("1");
        // Races with the run's end: whichever way it goes, the next run is not hit.
        kernel.interrupt(Some(run));
        kernel.log();
        let log = kernel.run("let sum = 0; for (let i = 0; i < 1000; i++) sum += i; sum");
        assert_eq!(log.text().as_deref(), Some("499500"), "round {round}: {log:?}");
        assert!(!kernel.interrupt(Some(run)), "it has ended");
    }
}

#[test]
fn a_ping_is_answered_while_javascript_loops() {
    let mut kernel = TestKernel::new();
    let run = kernel.start("console.log('loop'); while (true) {}");
    kernel.console();
    let Reply::Pong(pong) = kernel.control(&Control::Ping(Ping { nonce: 7 })) else { panic!("no pong") };
    assert_eq!((pong.nonce, pong.run), (7, Some(run)));
    kernel.interrupt(None);
    kernel.log();
}

#[test]
fn what_a_busy_run_says_is_sent_while_it_is_busy() {
    let mut kernel = TestKernel::new();
    kernel.run("1");
    // The watchdog must have fallen asleep, and be woken by what is said.
    let log = kernel.run("await new Promise(resolve => setTimeout(resolve, 150))");
    assert!(log.is_value());
    kernel.start("console.log('said'); while (true) {}");
    assert_eq!(kernel.console().text(), "said");
    kernel.interrupt(None);
    kernel.log();
}

// threat C1
#[test]
fn the_heap_limit_ends_the_run_and_the_session_goes_on() {
    let mut kernel = TestKernel::with_memory_limit(Some(64 << 20));
    kernel.run("let kept = 'kept'");
    for code in [
        "const rows = []; for (;;) rows.push({ a: 1, b: [2] })",
        "{ let s = ['x']; for (;;) s = s.concat(s) }",
        "const m = new Map(); for (let i = 0; ; i++) m.set(i, { i })",
        // What fills the heap is kept by the session: it is no garbage when its run has been stopped.
        "const a = []; for (;;) a.push(1.5)",
        "let b = [1]; for (;;) b = b.concat(b)",
        "const c = []; for (;;) c.push([1, 2, 3])",
        "const d = []; for (;;) d.push(new Array(1e5).fill(1.5))",
        "const e = []; for (;;) e.push(new Array(1000).fill(1.5))",
        "const f = []; for (;;) f.push(new Array(4000).fill(f))",
        "const g = []; for (;;) g.push([...'x'.repeat(1000)])",
        "const h = []; for (;;) h.push('ab'.repeat(5000).split(''))",
        "class Row { cells = new Array(200) } const i = []; for (;;) i.push(new Row())",
        "const j = []; for (let n = 0; ; n++) j.push(JSON.stringify({ n, text: 'x'.repeat(1000) }))",
    ] {
        let log = kernel.run(code);
        let End::MemoryLimit(memory) = &log.outcome.end else { panic!("{code}: {log:?}") };
        assert_eq!(memory.limit, 64 << 20);
        assert_eq!(log.outcome.state, State::Kept);
        assert_eq!(kernel.text("kept"), "'kept'");
        kernel.reset(log.outcome.run + 1);
        kernel.run("let kept = 'kept'");
    }
}

/// What V8 gets to unwind a run that has filled the heap is taken back: the next that fills it ends the same way.
// threat C1
#[test]
fn the_headroom_is_taken_back() {
    let mut kernel = TestKernel::with_memory_limit(Some(64 << 20));
    kernel.run("let kept = 'kept'");
    let limit = kernel.status().heap_limit;
    for round in 0..5 {
        let log = kernel.run("{ const rows = []; for (;;) rows.push({ a: 1, b: [2] }) }");
        let End::MemoryLimit(memory) = &log.outcome.end else { panic!("{round}: {log:?}") };
        assert_eq!((memory.limit, log.outcome.state), (64 << 20, State::Kept));
        assert_eq!(kernel.text("kept"), "'kept'");
        let now = kernel.status();
        assert!(now.heap_limit <= limit, "{round}: the limit rose from {limit} to {}", now.heap_limit);
        assert!(now.heap_used < limit / 2, "{round}: {now:?}");
    }
}

// threat C1
#[test]
fn the_memory_limit_of_a_run_is_that_runs_alone() {
    let mut kernel = TestKernel::with_memory_limit(Some(256 << 20));
    let at_start = kernel.status().heap_limit;
    let much = "{ const rows = []; for (let i = 0; i < 1e6; i++) rows.push({ a: i, b: [i] }); rows.length }";
    for _ in 0..3 {
        let mut limited = kernel.request(much);
        limited.memory_limit = Some(48 << 20);
        kernel.send(limited);
        let log = kernel.log();
        let End::MemoryLimit(memory) = &log.outcome.end else { panic!("{log:?}") };
        assert_eq!((memory.limit, log.outcome.state), (48 << 20, State::Kept));
        assert_eq!(kernel.status().heap_limit, at_start, "it is that run's alone");
        // Some 70 MB, which the kernel's own limit allows.
        assert_eq!(kernel.text(much), "1000000");
    }
}

/// Array buffers have a limit of the same size.
// threat C1
#[test]
fn the_memory_limit_of_a_run_holds_buffers() {
    let mut kernel = TestKernel::with_memory_limit(Some(256 << 20));
    let fill =
        "{ let all = []; try { for (;;) all.push(new Uint8Array(1e6)) } catch (error) { `${error}, ${all.length >> 4}` } }";
    for _ in 0..2 {
        let mut limited = kernel.request(fill);
        limited.memory_limit = Some(48 << 20);
        kernel.send(limited);
        let log = kernel.log();
        assert_eq!(log.text().unwrap(), "'RangeError: Array buffer allocation failed, 3'");
        assert_eq!(kernel.text("new Uint8Array(1e8).length"), "100000000");
    }
    // What is there already stays, and leaves some room.
    kernel.run("var kept = new Uint8Array(1e8)");
    let mut limited = kernel.request("kept[0] = new Uint8Array(1e6).length & 64; kept.length");
    limited.memory_limit = Some(48 << 20);
    kernel.send(limited);
    assert_eq!(kernel.log().text().unwrap(), "100000000");
}

/// Nobody caught that there was no room for a buffer: told is the buffers' limit, and of the program that failed of it
/// alone.
#[test]
fn a_program_that_lacks_room_for_buffers_tells_their_limit() {
    let mut kernel = TestKernel::with_memory_limit(Some(64 << 20));
    let mut run = kernel.request("{ const all = []; for (;;) all.push(new Uint8Array(1e6)) }");
    (run.until_idle, run.memory_limit) = (true, Some(48 << 20));
    kernel.send(run);
    let log = kernel.log();
    let End::MemoryLimit(memory) = &log.outcome.end else { panic!("{log:?}") };
    assert_eq!(memory.limit, 48 << 20);
    kernel.run(
        "var ready = false, failed, failing = new Promise(done => failed = done);
         var each = setInterval(() => { if (ready) { clearInterval(each); failed(); new Uint8Array(1e9) } }, 1)",
    );
    let mut run = kernel
        .request("ready = true; await failing; await new Promise(done => setTimeout(done, 1)); throw new Error('of its own')");
    run.until_idle = true;
    kernel.send(run);
    let log = kernel.log();
    assert!(matches!(log.outcome.end, End::Threw(_)), "{log:?}");
}

// threat B3
#[test]
fn timers_that_a_stop_cancelled_are_counted() {
    let mut kernel = TestKernel::new();
    let timers = "setTimeout(() => {}, 1e6); setTimeout(() => {}, 2e6); setInterval(() => {}, 1e6); console.log('set');";
    // Of a run that was to last until all is quiet: its own.
    kernel.run("setTimeout(() => {}, 1e6)");
    let mut run = kernel.request(timers);
    run.until_idle = true;
    let run = kernel.send(run);
    kernel.console();
    assert!(kernel.interrupt(Some(run)));
    let log = kernel.log();
    assert_eq!((log.outcome.dropped_timers, log.outcome.state), (3, State::Kept), "{log:?}");
    // By its budget, too.
    let mut run = kernel.request(&format!("{timers} for (;;);"));
    (run.until_idle, run.vm_timeout_ms) = (true, Some(30));
    kernel.send(run);
    assert_eq!(kernel.log().outcome.dropped_timers, 3);
    // Of a run that ends with its value the timers stay, and with its session all of them go.
    let log = kernel.run(&format!("{timers} 1"));
    assert_eq!(log.outcome.dropped_timers, 0);
    kernel.start("console.log('waiting'); await new Promise(() => {})");
    kernel.console();
    let ends = kernel.reset(2).into_iter().filter_map(|event| if let Event::Outcome(end) = event { Some(end) } else { None });
    assert_eq!(ends.map(|end| (end.state, end.dropped_timers)).collect::<Vec<_>>(), [(State::Lost, 4)]);
}

/// The watchdog sends what fits and no more: while nobody reads, it still holds the CPU budget.
// threats B1, D2
#[test]
fn a_full_channel_does_not_keep_the_watchdog() {
    let mut kernel = TestKernel::new();
    // Each line is sent by itself, by the watchdog, until the channel is full; all of them are less than JavaScript's
    // thread sends itself.
    let mut run = kernel.request(
        "for (let i = 0; i < 300; i++) { console.log(i); const end = performance.now() + 5; while (performance.now() < end); }
         console.error('loops'); for (;;);",
    );
    run.vm_timeout_ms = Some(3000);
    kernel.send(run);
    let mut spent = 0;
    // Its stretch is open until the watchdog has ended it; nothing is read meanwhile.
    loop {
        let reply = kernel.control(&Control::Ping(Ping { nonce: 1 }));
        match reply {
            Reply::Pong(Pong { stretch_us: Some(now), .. }) => spent = now,
            Reply::Pong(_) if spent > 0 => break,
            // What does not stop at once is told to the parent, which may kill it then.
            Reply::Pong(_) | Reply::Stuck(_) => {}
            other => panic!("no pong: {other:?}"),
        }
        std::thread::yield_now();
    }
    assert!(spent < 30_000_000, "{spent} microseconds");
    let log = kernel.log();
    assert!(matches!(log.outcome.end, End::VmTimeout(_)), "{log:?}");
    assert_eq!(log.consoles().len(), 301, "everything is told, in the end");
}

#[test]
fn a_reset_ends_what_runs_and_what_waits() {
    let mut kernel = TestKernel::new();
    kernel.start("console.log('waiting'); await new Promise(() => {})");
    kernel.console();
    kernel.start("2");
    let events = kernel.reset(2);
    let ends = events.iter().filter_map(|event| if let Event::Outcome(outcome) = event { Some(outcome) } else { None });
    let ends = ends.map(|outcome| {
        (outcome.run, outcome.state, matches!(&outcome.end, End::Interrupted(by) if by.reason == StopReason::Reset))
    });
    assert_eq!(ends.collect::<Vec<_>>(), [(1, State::Lost, true), (2, State::Lost, true)]);
}

// threats I1, I2, I3
#[test]
fn nothing_is_left_after_a_reset() {
    let mut kernel = TestKernel::new();
    let before = kernel.text("Object.getOwnPropertyNames(globalThis).sort().join()");
    kernel.run(
        "var v = 1; let l = 2; globalThis.g = 3; Array.prototype.extra = 4; delete globalThis.setTimeout;
         console.log = null; console.group('g');",
    );
    kernel.run("setInterval(() => console.log('never'), 1)");
    kernel.reset(2);
    assert_eq!(kernel.text("Object.getOwnPropertyNames(globalThis).sort().join()"), before);
    let log =
        kernel.run("console.log(typeof v, typeof l, typeof g, [].extra); await new Promise(resolve => setTimeout(resolve, 30))");
    assert_eq!(log.printed(), ["undefined undefined undefined undefined"]);
    assert_eq!(log.consoles()[0].depth, 0);
    assert_eq!(log.events[0], Event::Started(drupe_protocol::event::Started::new(log.outcome.run, 2)));
}

#[test]
fn shutdown_and_a_closed_channel_end_the_kernel_even_in_a_loop() {
    let mut kernel = TestKernel::new();
    kernel.start("console.log('loop'); while (true) {}");
    kernel.console();
    let mut frame = Vec::new();
    drupe_protocol::encode(&Control::Shutdown(Shutdown {}), &mut frame).unwrap();
    kernel.control.sender.send(&frame).unwrap();
    kernel.close().unwrap();

    let mut kernel = TestKernel::new();
    kernel.start("console.log('loop'); while (true) {}");
    kernel.console();
    kernel.close().unwrap();
}

// threat E12
#[test]
fn nonsense_from_the_parent_is_an_error_and_no_panic() {
    for (bytes, words) in [(&[3, 0, 0, 0, 0xc1, 0xc1, 0xc1][..], "not a valid message"), (&[0xff; 8], "the limit is")] {
        let mut kernel = TestKernel::new();
        kernel.data.sender.send(bytes).unwrap();
        let error = kernel.join().unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
        let mut kernel = TestKernel::new();
        kernel.control.sender.send(bytes).unwrap();
        assert_eq!(kernel.join().unwrap_err().to_string(), "the parent broke the protocol on the control channel");
    }
}

#[test]
fn a_request_of_the_future_is_refused_and_the_next_served() {
    let mut kernel = TestKernel::new();
    // ["teleport", {}]
    let mut frame = vec![11, 0, 0, 0, 0x92, 0xa8];
    frame.extend_from_slice(b"teleport");
    frame.push(0x80);
    frame[0] = u8::try_from(frame.len() - 4).unwrap();
    kernel.data.sender.send(&frame).unwrap();
    let Event::Unsupported(unsupported) = kernel.event() else { panic!("not refused") };
    assert_eq!(unsupported.name, "teleport");
    // Nor does a question of the future wait for its answer for ever.
    kernel.control.sender.send(&frame).unwrap();
    let Reply::Unsupported(unsupported) = kernel.reply() else { panic!("not refused") };
    assert_eq!(unsupported.name, "teleport");
    assert_eq!(kernel.text("1"), "1");
    kernel.send_request(&Request::Reset(Reset { generation: 2 }));
}

/// The environment's own files are loaded whole, or not at all: a stop, or a stack that is full, in the midst of one
/// leaves no half of it.
#[test]
fn a_stop_leaves_no_half_of_a_library_file() {
    let mut kernel = TestKernel::new();
    let load = "for (const name of ['fs', 'stream', 'crypto', 'readline', 'zlib', 'util', 'url']) require(name); new URL('http://a').href";
    let check = "[require('fs').readSync, require('stream').Readable, require('crypto').createHash, require('readline').createInterface, \
                 require('zlib').gzipSync, require('util').parseArgs, URL.prototype.toString].map((f) => typeof f).join()";
    let whole = format!("'{}'", ["function"; 7].join(","));
    let mut stopped = 0;
    for budget in 1..=40 {
        let log = kernel.run_limited(load, budget);
        stopped += usize::from(matches!(log.outcome.end, End::VmTimeout(_)));
        assert_eq!(kernel.text(check), whole, "after {budget} ms");
        kernel.reset(budget);
    }
    assert!(stopped > 0, "no budget ended while something was loaded");
    let deep = "let failed = 0; (function f() { try { f() } catch { try { require('fs'); require('zlib') } catch { failed++ } } })(); failed > 0";
    assert_eq!(kernel.text(deep), "true");
    assert_eq!(kernel.text(check), whole);
}

/// A file of the environment's that is loaded is executed whole, unless it leads to the user's code, and that does not
/// end.
// threat B1
#[test]
fn what_a_file_of_the_environment_leads_to_is_stopped_and_the_file_is_loaded_again() {
    let hostile = "const { log } = console; let open = true;
        Object.defineProperty(globalThis, 'console', { configurable: true, get() { log('within'); while (open); return { log } } });";
    let mut kernel = TestKernel::new();
    kernel.run(hostile);
    let log = kernel.run_limited("require('console')", 30);
    assert!(matches!(log.outcome.end, End::VmTimeout(_)), "{log:?}");
    assert_eq!(log.outcome.state, State::Kept);
    let run = kernel.start("require('console')");
    kernel.console();
    assert!(kernel.interrupt(Some(run)));
    let log = kernel.log();
    let End::Interrupted(by) = &log.outcome.end else { panic!("{log:?}") };
    assert_eq!((by.stopped, log.outcome.state), (Stopped::Javascript, State::Kept));
    assert_eq!(kernel.text("open = false; typeof require('console').log"), "'function'");
}
