//! Stop means stop: whatever a chunk does, it ends within its limit and the grace, typed, and the next one runs.

use std::time::{Duration, Instant};

use drupe_client::{Begun, Budget, Cause, Chunk, Error, InterruptReason, Kernel, Outcome, State, Stopped};

use crate::support::{SHORT_GRACE, all, block_on, builder, impatient, spawn, text, until_printed, value_text};

/// CPU time of a stretch.
const LIMIT: Duration = Duration::from_millis(60);

/// What an end may take beyond its limit, on a machine that does much else: the figure is in docs/BENCHMARKS.md.
const LATE: Duration = Duration::from_secs(60);

/// Built-ins of V8 that look for no interrupt, each long enough to need none of them:
/// `(what is made beforehand, what does not stop)`.
const DEAF: [(&str, &str); 22] = [
    ("const s = 'ab'.repeat(1 << 22)", "for (let i = 0; i < 40; i++) s.replaceAll('ab', 'abc')"),
    ("const a = { length: 2 ** 50 }", "Array.prototype.reverse.call(a)"),
    ("const a = { length: 2 ** 50 }", "Array.prototype.includes.call(a, 1)"),
    ("const a = { length: 2 ** 50 }", "Array.prototype.indexOf.call(a, 1)"),
    ("const a = { length: 2 ** 50 }", "Array.prototype.lastIndexOf.call(a, 1)"),
    (
        "const a = { length: 2 ** 50 }",
        "Array.prototype.fill.call({ length: 2 ** 50, __proto__: new Proxy({}, { set: () => true }) }, 1)",
    ),
    ("const a = { length: 2 ** 50 }", "Array.prototype.copyWithin.call(a, 1, 0)"),
    ("const a = { length: 2 ** 32 - 1 }", "Array.prototype.join.call(a, '')"),
    ("const a = { length: 2 ** 50 }", "Array.prototype.unshift.call(a, 1)"),
    ("const j = '[' + '1,'.repeat(2e7) + '1]'", "JSON.parse(j)"),
    ("const s = '\\u1e9b\\u0323'.repeat(1 << 20)", "for (let i = 0; i < 1e4; i++) globalThis.kept = s.normalize('NFKD') + i"),
    ("const s = 'a'.repeat(1 << 24), t = 'a'.repeat(1 << 15) + 'b'", "for (let i = 0; i < 1e6; i++) s.indexOf(t, i)"),
    ("const t = new Float64Array(1 << 24)", "for (let i = 0; i < 1e4; i++) t.fill(i)"),
    (
        "const t = Float64Array.from({ length: 1 << 22 }, (_, i) => (i * 7919) % 65537)",
        "for (let i = 0; i < 1e3; i++) t.toSorted()",
    ),
    ("const a = new Set(Array(1 << 20).keys())", "for (let i = 0; i < 1e4; i++) globalThis.kept = Array.from(a)"),
    ("const a = Array.from({ length: 1 << 20 }, (_, i) => (i * 7919) % 65537)", "for (let i = 0; i < 1e4; i++) a.toSorted()"),
    ("const a = Array(1 << 21).fill('xy')", "for (let i = 0; i < 1e4; i++) a.join('-')"),
    ("", "for (let i = 0; i < 1e5; i++) { const s = 'xy'.repeat(1 << 24) + i; s.charCodeAt(3) }"),
    ("const n = 7n ** 2000000n", "n.toString()"),
    ("const s = 'some text, '.repeat(1 << 18)", "for (let i = 0; i < 1e4; i++) globalThis.kept = s.toLocaleUpperCase('lt') + i"),
    ("const t = new Uint8Array(1 << 26)", "for (let i = 0; i < 1e4; i++) t.toBase64()"),
    ("const m = new Map(Array.from({ length: 1 << 20 }, (_, i) => [i, i]))", "for (let i = 0; i < 1e4; i++) new Map(m)"),
];

/// Runs what must be stopped by its CPU limit; how it was.
async fn stopped(kernel: &Kernel, code: &str) -> State {
    let begun = Instant::now();
    let end = kernel.run(Chunk::new(code).vm_timeout(LIMIT)).await;
    assert!(begun.elapsed() < LIMIT + SHORT_GRACE + LATE, "{code}: {:?}", begun.elapsed());
    match end {
        Ok(report) => {
            let memory = matches!(report.outcome, Outcome::MemoryLimit { .. });
            assert!(
                memory || matches!(report.outcome, Outcome::TimedOut { budget: Budget::Vm(LIMIT), .. }),
                "{code}: {report:?}"
            );
            if let State::LostWithProcess(death) = &report.state {
                assert_eq!(death.cause, Cause::Unresponsive, "{code}");
            }
            report.state
        }
        Err(Error::Died { death, started: Begun::Yes }) if death.cause == Cause::OutOfMemory => State::LostWithProcess(death),
        Err(error) => panic!("{code}: {error:?}"),
    }
}

// threat B6
#[test]
fn built_ins_that_do_not_listen_end_within_limit_and_grace() {
    block_on(async {
        let kernel = impatient().spawn().await.unwrap();
        let mut killed = 0;
        for (before, deaf) in DEAF {
            kernel.run(format!("{{ {before}; globalThis.deaf = () => {{ {deaf} }} }}")).await.unwrap();
            killed += usize::from(stopped(&kernel, "deaf()").await != State::Kept);
            assert_eq!(text(&kernel, "1 + 1").await, "2", "after {deaf}");
            kernel.restart().await.unwrap();
        }
        assert!(killed >= 5, "only {killed} did not listen: these are not the built-ins that were meant");
    });
}

// threat B1
#[test]
fn loops_end_whatever_they_swallow() {
    block_on(async {
        let kernel = spawn().await;
        kernel.run("let kept = 'kept'; function* g() { try { for (;;) yield 1 } finally { for (;;); } }").await.unwrap();
        for code in [
            "for (;;);",
            "for (;;) try { for (;;); } catch {}",
            "for (;;) try { for (;;); } finally { continue }",
            "(function again() { try { again() } finally { again() } })()",
            "const p = new Proxy({}, { get: (t, k, r) => r[k] }); for (;;) try { p.x } catch {}",
            "[...g()]",
            "for (const x of { [Symbol.iterator]: () => ({ next: () => ({}), return() { for (;;); } }) });",
            "new (class { static { for (;;); } })",
            "({ get x() { for (;;); } }).x",
            "`${{ toString() { for (;;); } }}`",
            "[1, 2].sort(() => { for (;;); })",
            "'x'.replace(/x/, () => { for (;;); })",
            "JSON.stringify({ toJSON() { for (;;); } })",
            "label: while (true) { while (true) continue label }",
            // V8 makes loops of its own for these, and must not forget the one around them.
            "for (;;) new Array(1000).fill(1)",
            "let made; do made = new Array(4000); while (true)",
            "(function () { let sum = 0; for (;;) sum = (sum + new Array(100).length) | 0 })()",
            "(function () { for (;;) Array(64).fill(0.5).length })()",
            "for (;;) new (class { cells = new Array(200) })()",
            "(function () { for (;;) new Float64Array(100).fill(1) })()",
            "eval('for (;;);')",
            "await (async () => { for (;;) await null })()",
            "for await (const x of (async function* () { for (;;) yield 1 })());",
        ] {
            assert_eq!(stopped(&kernel, code).await, State::Kept, "{code}");
            assert_eq!(text(&kernel, "kept").await, "'kept'", "after {code}");
        }
    });
}

// threat B2
#[test]
fn jobs_that_queue_themselves_again_end_and_are_told() {
    block_on(async {
        let kernel = spawn().await;
        for code in [
            "const again = () => Promise.resolve().then(again); again(); await new Promise(() => {})",
            "const again = () => queueMicrotask(again); again(); 1",
            "const thenable = { then(f) { f(thenable) } }; await thenable",
            "const again = async () => { for (;;) try { await null } catch {} }; await again()",
        ] {
            let report = kernel.run(Chunk::new(code).vm_timeout(LIMIT)).await.unwrap();
            // A chunk that has its value before its jobs go on for ever has ended; the jobs have not.
            let value = matches!(report.outcome, Outcome::Value { .. });
            assert!(value || (matches!(report.outcome, Outcome::TimedOut { .. }) && report.dropped_jobs), "{code}: {report:?}");
            assert_eq!(text(&kernel, "'next'").await, "'next'", "after {code}");
            kernel.reset().await.unwrap();
        }
    });
}

// threat B3
#[test]
fn what_is_called_late_ends_too_and_the_next_run_is_not_hit() {
    block_on(async {
        let kernel = builder().vm_timeout(LIMIT).spawn().await.unwrap();
        let wait = "await new Promise(resolve => setTimeout(resolve, 30)); 'waited'";
        for late in [
            "setTimeout(() => { for (;;); }, 1)",
            "setImmediate(() => { for (;;); })",
            "const t = setInterval(() => { clearInterval(t); for (;;); }, 1)",
            "setTimeout(() => Promise.resolve().then(() => { for (;;); }), 1)",
            "new FinalizationRegistry(() => { for (;;); }).register({}, 1); for (let i = 0, keep = []; i < 2e5; i++) keep.push({ i })",
            "Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5).value.then(() => { for (;;); })",
            "WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])).then(() => { for (;;); })",
        ] {
            kernel.run(format!("{{ {late} }}")).await.unwrap();
            for _ in 0..3 {
                let report = kernel.run(wait).await.unwrap();
                // The next run's own jobs may go with those of the callback: then it says so.
                let hit = matches!(report.outcome, Outcome::TimedOut { .. }) && report.dropped_jobs;
                assert!(report.outcome.is_value() || hit, "{late}: {report:?}");
            }
            assert_eq!(text(&kernel, "1 + 1").await, "2", "after {late}");
            kernel.reset().await.unwrap();
        }
    });
}

/// A wait that times out wakes a kernel that has nothing else to do.
// threat B3
#[test]
fn an_asynchronous_wait_times_out_where_nothing_else_happens() {
    block_on(async {
        let kernel = builder().wall_timeout(Duration::from_secs(120)).spawn().await.unwrap();
        let wait = "const cell = new Int32Array(new SharedArrayBuffer(4)); await Atomics.waitAsync(cell, 0, 0, 40).value";
        assert_eq!(text(&kernel, wait).await, "'timed-out'");
        let both = "Atomics.waitAsync(cell, 0, 0).value.then(value => globalThis.woken = value); Atomics.notify(cell, 0)";
        assert_eq!(text(&kernel, both).await, "1");
        assert_eq!(text(&kernel, "await null; woken").await, "'ok'");
    });
}

// threat B5
#[test]
fn regular_expressions_that_backtrack_end_and_the_state_stays() {
    block_on(async {
        let kernel = spawn().await;
        kernel.run("let kept = 'kept'").await.unwrap();
        for code in [
            "/^(a+)+$/.test('a'.repeat(50) + 'b')",
            "/(x+x+)+y/.exec('x'.repeat(60))",
            "'a'.repeat(60).replace(/(a|aa)+$b/g, '')",
            "'a'.repeat(60).split(/(a*)*b/)",
            "'a'.repeat(60).match(/^(?:a|a|b)*c/u)",
            "/(?<=(a+)+b)c/.test('a'.repeat(50) + 'c' + 'ab'.repeat(20))",
            "/^(([a-z])+.)+[A-Z]([a-z])+$/.test('a'.repeat(60))",
        ] {
            // An engine that finds a way around is welcome to.
            let report = kernel.run(Chunk::new(code).vm_timeout(LIMIT)).await.unwrap();
            assert!(matches!(report.outcome, Outcome::TimedOut { .. } | Outcome::Value { .. }), "{code}: {report:?}");
            assert_eq!(text(&kernel, "kept").await, "'kept'");
        }
        assert_eq!(stopped(&kernel, "/^(a+)+$/.test('a'.repeat(50) + 'b')").await, State::Kept);
    });
}

// threat B7
#[test]
fn nothing_blocks_the_thread() {
    block_on(async {
        let kernel = spawn().await;
        for cell in ["new Int32Array(new SharedArrayBuffer(4))", "new BigInt64Array(new SharedArrayBuffer(8))"] {
            let zero = if cell.contains("Big") { "0n" } else { "0" };
            let report = kernel.run(format!("Atomics.wait({cell}, 0, {zero})")).await.unwrap();
            let Outcome::Threw(exception) = report.outcome else { panic!("{cell}: {report:?}") };
            assert_eq!(exception.name.as_deref(), Some("TypeError"));
        }
    });
}

// threats B8, B4
#[test]
fn what_awaits_for_ever_ends_with_its_wall_budget() {
    block_on(async {
        // Long enough for the await to be reached.
        let limit = Duration::from_millis(500);
        let kernel = builder().wall_timeout(limit).spawn().await.unwrap();
        for code in [
            "await new Promise(() => {})",
            "await new Promise(resolve => setTimeout(resolve, 1e8))",
            "await Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 0).value",
            "for await (const x of { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) });",
            "await using x = { [Symbol.asyncDispose]: () => new Promise(() => {}) }",
        ] {
            let report = kernel.run(code).await.unwrap();
            assert_eq!(report.outcome, Outcome::TimedOut { budget: Budget::Wall(limit), stopped: Stopped::Await }, "{code}");
            assert_eq!(report.state, State::Kept);
        }
    });
}

// threat B9
#[test]
fn sources_that_are_bombs_are_refused_or_stopped_and_the_parent_lives() {
    block_on(async {
        let kernel = impatient().memory_limit(96 << 20).vm_timeout(Duration::from_millis(500)).spawn().await.unwrap();
        let deep = 200_000;
        let mut bombs =
            [("(", ")"), ("[", "]"), ("{", "}"), ("a?", ":1"), ("a=>", "1"), ("!", "1"), ("-~", "1"), ("`${", "}`"), ("f(", ")")]
                .map(|(open, close)| format!("{}{}", open.repeat(deep), close.repeat(deep)))
                .to_vec();
        bombs.extend(
            ["1+", "a.", "a?.b.", "x,", "if(1)", "for(;;)", "async()=>", "<a>", "new ", "await ", "type A = [", "1 as "]
                .map(|part| format!("{}1", part.repeat(deep))),
        );
        bombs.push(format!("function f() {{ {} }}", "function g() {".repeat(deep)));
        bombs.push(format!("class A {{ {} }}", "static { ".repeat(deep)));
        bombs.push("x".repeat(70 << 20));
        bombs.push(format!("'{}'", "y".repeat(30 << 20)));
        bombs.push("\n".repeat(20 << 20));
        for bomb in bombs {
            let end = kernel.run(bomb.as_str()).await;
            let what = bomb.get(..40).unwrap_or(&bomb);
            let typed = match &end {
                Ok(_) | Err(Error::Encode(_)) => true,
                Err(Error::Died { death, .. }) => death.cause == Cause::OutOfMemory,
                Err(_) => false,
            };
            assert!(typed, "{what}: {end:?}");
            assert_eq!(text(&kernel, "1 + 1").await, "2", "after {what}");
        }
    });
}

/// What a stop leaves to be done may not listen: the kernel is killed for it, and the run ends as what it was stopped
/// for. Nobody else waits.
// threats B3, B6
#[test]
fn jobs_that_do_not_stop_after_a_stop_cost_the_kernel_and_hold_nobody_up() {
    block_on(async {
        let deaf = "[].lastIndexOf.call({ length: 2 ** 40 }, 1)";
        // A timer of a run that has ended.
        let kernel = impatient().spawn().await.unwrap();
        let late = format!("setTimeout(() => {{ queueMicrotask(() => {deaf}); console.log('loops'); for (;;); }}, 1); 1");
        let mut told = kernel.late_events();
        kernel.run(Chunk::new(late).vm_timeout(LIMIT)).await.unwrap();
        told.next_event().await.unwrap();
        let report = kernel.run("6 * 7").await.unwrap();
        assert_eq!(value_text(&report), "42");
        assert!(report.new_session.is_some(), "{report:?}");
        // A run without a budget that is interrupted, by its name and not.
        let active = format!("queueMicrotask(() => {deaf}); console.log('loops'); for (;;);");
        for by_name in [true, false] {
            let mut run = kernel.run(active.as_str());
            until_printed(&mut run, "loops").await;
            if by_name {
                run.interrupt();
            } else {
                assert!(kernel.interrupt().await.unwrap());
            }
            let report = run.await.unwrap();
            let expected = Outcome::Interrupted { reason: InterruptReason::Request, stopped: Stopped::Javascript };
            assert_eq!(report.outcome, expected);
            assert!(matches!(report.state, State::LostWithProcess(_)), "{report:?}");
        }
        let limit = Duration::from_millis(300);
        let report = kernel.run(Chunk::new(active.as_str()).wall_timeout(limit)).await.unwrap();
        assert_eq!(report.outcome, Outcome::TimedOut { budget: Budget::Wall(limit), stopped: Stopped::Javascript });
        assert_eq!(text(&kernel, "1 + 1").await, "2");
    });
}

// threat B10
#[test]
fn a_heap_that_is_almost_full_ends_the_run_and_not_the_patience() {
    block_on(async {
        let kernel = impatient().memory_limit(64 << 20).spawn().await.unwrap();
        let thrash = "const keep = []; for (;;) { keep.push(new Array(100).fill(keep.length)); if (keep.length > 50000) keep.length -= 100; }";
        let report = kernel.run(Chunk::new(thrash).vm_timeout(Duration::from_millis(400))).await.unwrap();
        assert!(matches!(report.outcome, Outcome::TimedOut { .. } | Outcome::MemoryLimit { .. }), "{report:?}");
        let (_, report) = all(kernel.run("1 + 1")).await;
        assert!(report.unwrap().outcome.is_value());
    });
}

/// Formats hold what the libraries for languages allocate; natives and the host bring bytes of their own.
// threats C1, C2
#[test]
fn what_is_allocated_outside_of_the_heap_counts_and_the_session_goes_on() {
    block_on(async {
        let kernel = builder().memory_limit(64 << 20).spawn().await.unwrap();
        kernel.run("let kept = 'kept'").await.unwrap();
        for made in [
            "new Intl.DateTimeFormat('de')",
            "new Intl.RelativeTimeFormat('de')",
            "new TextEncoder().encode('x'.repeat(1e6))",
            "new Blob(['x'.repeat(1e6)])",
            "require('crypto').randomBytes(1e6)",
            "new WebAssembly.Memory({ initial: 100 })",
        ] {
            let report = kernel.run(format!("{{ const all = []; for (;;) all.push({made}) }}")).await.unwrap();
            let told = match &report.outcome {
                Outcome::MemoryLimit { .. } => true,
                Outcome::Threw(exception) => exception.text.contains("Array buffer allocation failed"),
                _ => false,
            };
            assert!(told && report.state == State::Kept, "{made}: {report:?}");
            assert_eq!(text(&kernel, "kept").await, "'kept'", "after {made}");
        }
        // What an answer brings is counted, and given back with it.
        for _ in 0..40 {
            let bytes = drupe_client::Value::TypedArray(drupe_client::value::TypedArrayKind::Uint8, vec![1; 8 << 20].into());
            let report = kernel.run(Chunk::new("bytes.length").input("bytes", bytes)).await.unwrap();
            assert!(report.outcome.is_value(), "{report:?}");
        }
    });
}

/// What nobody waits for any more is stopped, if that is wished, also while it waits for its turn.
#[test]
fn a_run_that_is_dropped_stops_where_that_is_wished() {
    block_on(async {
        let kernel = spawn().await;
        let endless = || {
            Chunk::new("globalThis.begun = (globalThis.begun ?? 0) + 1; console.log('on'); while (true) {}").stop_on_drop(true)
        };
        let mut run = kernel.run(endless());
        until_printed(&mut run, "on").await;
        let queued = kernel.run(endless());
        drop(queued);
        drop(run);
        assert_eq!(text(&kernel, "begun").await, "1");
        // As `tokio::time::timeout` does it: the future is dropped.
        let mut future = Box::pin(kernel.run(endless()).into_future());
        assert!(std::future::poll_fn(|cx| std::task::Poll::Ready(future.as_mut().poll(cx).is_pending())).await);
        drop(future);
        // One that has ended is left alone, and so is the one after it.
        let ended = kernel.run(Chunk::new("1").stop_on_drop(true));
        let next = kernel.run("let n = 0; for (let i = 0; i < 1e6; i++) n += i; n");
        assert_eq!(value_text(&ended.await.unwrap()), "1");
        assert_eq!(value_text(&next.await.unwrap()), "499999500000");
    });
}
