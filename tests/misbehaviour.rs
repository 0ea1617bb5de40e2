//! Peers that lie, stall and die.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use drupe_client::{
    Begun, Budget, Cause, Chunk, Error, Event, HostError, Kernel, LaunchError, Method, Outcome, Permissions, Policy, Program,
    Respawn, State, Stream,
    host::{Host, ModuleCache, Modules, permissions::Kind},
};

use crate::support::{all, block_on, builder, misbehaving, text, until_printed};

/// Everything here ends within this time, however busy the machine.
const SOON: Duration = Duration::from_secs(60);

async fn launch_error(mode: &str) -> String {
    let started = Instant::now();
    let builder = match mode {
        // What never comes need not be waited for.
        "never-connects" | "never-says-hello" => misbehaving(mode).launch_timeout(Duration::from_millis(500)),
        _ => misbehaving(mode),
    };
    let error = builder.spawn().await.unwrap_err();
    assert!(started.elapsed() < SOON);
    let Error::Launch(error) = error else { panic!("{error:?}") };
    match (&*error, mode) {
        (LaunchError::Died(_), "exits-at-once")
        | (LaunchError::Silent(_), "never-connects" | "never-says-hello")
        | (LaunchError::Died(_) | LaunchError::Hello(_), "says-half-a-hello")
        | (LaunchError::Token, "has-the-wrong-token")
        | (LaunchError::Revision { .. }, "speaks-another-revision") => error.to_string(),
        (other, _) => panic!("{mode}: {other:?}"),
    }
}

// threats E4, E6, F7
#[test]
fn a_kernel_that_does_not_greet_properly_is_not_launched() {
    block_on(async {
        assert!(launch_error("exits-at-once").await.contains("exited with status 7"));
        assert!(launch_error("never-connects").await.contains("within 500 ms"));
        assert!(launch_error("never-says-hello").await.contains("within 500 ms"));
        launch_error("says-half-a-hello").await;
        launch_error("has-the-wrong-token").await;
        let both = launch_error("speaks-another-revision").await;
        assert!(both.contains("revision 42") && both.contains("this client 1"), "{both}");
    });
}

async fn death(mode: &str) -> (Kernel, Cause, String) {
    let kernel = misbehaving(mode).spawn().await.unwrap();
    let started = Instant::now();
    let error = kernel.run("1").await.unwrap_err();
    assert!(started.elapsed() < SOON, "{mode} took {:?}", started.elapsed());
    let Error::Died { death, .. } = error else { panic!("{mode}: {error:?}") };
    (kernel, death.cause.clone(), death.stderr.clone())
}

/// Every lie, and a word of what is said about it. The names are those of `programs/lies.rs`.
const LIES: &[(&str, &str)] = &[
    // threat E1
    ("lies-about-a-length", "the limit is"),
    // threat E2
    ("nests-without-end", "depth limit"),
    // threat E3
    ("promises-4-billion-items", "not a valid message"),
    ("sends-100-million-nils", "more than 2097152 msgpack objects"),
    // threat E4
    ("stays-in-mid-frame", "ended inside a frame"),
    // threat E5
    ("dribbles-on-data", "did not arrive within 300 ms"),
    ("dribbles-on-control", "did not arrive within 300 ms"),
    // threat E7
    ("starts-run-0", "\"started\" of run 0, which is not of this session"),
    ("starts-the-next-run", "which is not of this session"),
    ("starts-the-last-run", "which is not of this session"),
    ("starts-in-another-session", "started in session 99 instead of 1"),
    ("logs-for-run-0", "\"console\" of run 0"),
    ("logs-for-a-run-to-come", "\"console\" of run 2, which is not of this session"),
    ("throws-for-a-run-to-come", "\"exception\" of run 2"),
    ("has-a-value-for-a-run-to-come", "\"result\" of run 2"),
    ("ends-a-run-to-come", "\"outcome\" of run 2"),
    ("pongs-unasked", "\"pong\", which answers no question"),
    ("was-interrupted-unasked", "\"interrupt_reply\", which answers no question"),
    ("answers-unasked", "\"globals_reply\" to question 1"),
    ("does-not-know-runs", "does not know the message \"run\""),
    ("does-not-know-what-nobody-sent", "\"unsupported\", which answers no question"),
    ("chatters-on-control", "that nobody had asked for"),
    ("is-stuck-again-and-again", "that nobody had asked for"),
    ("resets-unasked", "session 2, which nobody asked for"),
    ("calls-its-host-for-a-run-to-come", "\"host_call\" of run 2"),
    // threat E9
    ("calls-its-host-without-end", "more than 256 calls"),
    ("calls-its-host-with-very-much", "weigh more than 320 MiB"),
    ("calls-its-host-twice-in-one", "the call 1 to its host twice"),
    ("asks-for-items-without-end", "twice for one item"),
    // threat E8
    ("logs-before-it-starts", "\"console\" of run 1, which has not started"),
    ("ends-before-it-starts", "\"outcome\" of run 1, which has not started"),
    ("ends-by-no-reset", "\"outcome\" of run 1, which has not started"),
    ("has-a-value-before-it-starts", "\"result\" of run 1, which has not started"),
    ("starts-twice", "which has started already"),
    ("has-two-values", "which has its result"),
    ("ends-with-a-value-it-never-told", "whose value it has not told"),
    ("exits-without-a-status", "run 1 ended with the exit status None"),
    ("exits-with-a-status-that-is-none", "run 1 ended with the exit status Some(256)"),
    // threat E11
    ("talks-nonsense", "not a valid message"),
    ("sends-nothing-in-a-frame", "not a valid message"),
    ("repeats-a-key", "duplicate field"),
    ("sends-text-that-is-none", "invalid utf8"),
    ("sends-an-integer-that-is-not-exact", "not exact"),
    ("sends-an-unknown-extension", "extension"),
    ("says-two-things-in-one-frame", "bytes after its message"),
    // threat A11
    ("has-code-for-its-text", "byte array, expected a string"),
];

// threats A11, E1, E2, E3, E4, E5, E7, E8, E9, E11
#[test]
fn a_kernel_that_breaks_the_protocol_is_killed_and_the_error_says_how() {
    block_on(async {
        for (lie, words) in LIES {
            let started = Instant::now();
            let mut builder = misbehaving(lie);
            if lie.starts_with("dribbles") {
                builder = builder.frame_timeout(Duration::from_millis(300));
            }
            let kernel = builder.spawn().await.unwrap();
            kernel.register("patient", |_| std::future::pending::<Result<(), HostError>>()).unwrap();
            let error = kernel.run("1").await.expect_err(lie);
            assert!(started.elapsed() < SOON, "{lie} took {:?}", started.elapsed());
            let Error::Died { death, .. } = error else { panic!("{lie}: {error:?}") };
            assert!(matches!(&death.cause, Cause::Protocol(error) if error.contains(words)), "{lie}: {:?}", death.cause);
            assert_eq!(death.generation, 1, "{lie}");
        }
    });
}

/// Whatever deadlines make the parent look at the clock meanwhile.
// threat E4
#[test]
fn a_kernel_that_closes_its_data_channel_and_stays_is_killed() {
    block_on(async {
        for (lie, words) in
            [("stays-in-mid-frame", "ended inside a frame"), ("closes-its-data-channel", "closed its data channel and stayed")]
        {
            for limit in [None, Some(Duration::from_secs(3600))] {
                let kernel = misbehaving(lie).respawn(Respawn::Never).spawn().await.unwrap();
                let run = Chunk::new("1");
                let run = kernel.run(match limit {
                    Some(limit) => run.wall_timeout(limit),
                    None => run,
                });
                let ended = tokio::time::timeout(SOON, run).await.unwrap_or_else(|_| panic!("{lie} hangs"));
                let Err(Error::Died { death, .. }) = ended else { panic!("{lie}: {ended:?}") };
                assert!(matches!(&death.cause, Cause::Protocol(error) if error.contains(words)), "{lie}: {:?}", death.cause);
            }
        }
    });
}

/// What comes when a run is over hits the kernel, and not the run.
// threats E7, E8
#[test]
fn lies_about_a_run_that_has_ended_cost_the_kernel() {
    block_on(async {
        for (lie, words) in [
            ("ends-twice", "\"outcome\" of run 1, which has ended"),
            ("has-a-value-after-its-end", "\"result\" of run 1, which has ended"),
            ("throws-after-its-end", "\"exception\" of run 1, which has ended"),
        ] {
            let kernel = misbehaving(lie).respawn(Respawn::Never).spawn().await.unwrap();
            assert!(matches!(kernel.run("1").await.unwrap().outcome, Outcome::Interrupted { .. }), "{lie}");
            while kernel.info().await.unwrap().pid.is_some() {
                tokio::task::yield_now().await;
            }
            let Err(Error::Died { death, started: Begun::No }) = kernel.run("2").await else { panic!("{lie}") };
            assert!(matches!(&death.cause, Cause::Protocol(error) if error.contains(words)), "{lie}: {:?}", death.cause);
        }
        // What timers and promises do later comes late, and is welcome.
        let kernel = misbehaving("talks-after-its-end").spawn().await.unwrap();
        let mut late = kernel.late_events();
        kernel.run("1").await.unwrap();
        assert!(matches!(late.next_event().await, Some(Event::Console(console)) if console.text() == "late"));
    });
}

/// What a kernel of the future says is told by its name, and is no success.
#[test]
fn what_is_not_known_is_told_and_is_no_success() {
    block_on(async {
        let kernel = misbehaving("is-of-the-future").spawn().await.unwrap();
        for _ in 0..2 {
            let (events, report) = all(kernel.run("1")).await;
            assert!(events.contains(&Event::Unknown { name: "later".to_owned() }), "{events:?}");
            let is_shout = |event: &Event| matches!(event, Event::Console(console) if console.method == Method::Unknown && console.text() == "hey");
            assert!(events.iter().any(is_shout), "{events:?}");
            let is_beside = |event: &Event| matches!(event, Event::Output(output) if output.stream == Stream::Unknown && output.text == "beside");
            assert!(events.iter().any(is_beside), "{events:?}");
            let report = report.unwrap();
            assert_eq!(report.outcome, Outcome::Unknown { end: "teleported".to_owned() });
            assert_eq!(report.state, State::Unknown);
            assert!(!report.outcome.is_value() && report.outcome.value().is_none());
        }
    });
}

/// There is no place for compiled code in the protocol: what is offered is not heard or refused, and what other kernels
/// are given to run is what their parent has read and compiled itself.
// threat A11
#[cfg(target_os = "linux")]
#[test]
fn compiled_code_from_a_kernel_is_taken_by_nobody() {
    block_on(async {
        let file = std::env::temp_dir().join(format!("drupe-offered-{}.mjs", std::process::id()));
        std::fs::write(&file, "export const value = 'read from its file'").unwrap();
        let path = file.to_str().unwrap();
        let mut policy = Policy::none();
        policy.allow(Kind::Read, path).unwrap();
        let (permissions, cache) = (Permissions::new(policy), ModuleCache::with_limit(1 << 20));
        let host = || Host::standard(&permissions).service("module", Arc::new(Modules::new(&permissions).cache(&cache)));
        let import = format!("globalThis.pwned + (await import('{path}')).value");

        let peer = Program::new(env!("CARGO_BIN_EXE_misbehaving-peer")).arg("offers-compiled-code").arg(path);
        let peer = misbehaving("").program(peer).host(host()).spawn().await.unwrap();
        let (events, report) = all(peer.run("1")).await;
        assert!(matches!(report.unwrap().outcome, Outcome::Interrupted { .. }), "it is still believed what it may say");
        let said = events.iter().filter_map(|event| match event {
            Event::Console(console) => Some(console.text()),
            _ => None,
        });
        assert_eq!(
            said.collect::<Vec<_>>(),
            [
                "with fields",
                "module.compiled: Error",
                "module.store: Error",
                "module.graph: TypeError",
                "module.require: value",
                "code.cache: Error",
            ]
        );
        // The module was compiled once, for the peer; and that is what everybody gets.
        let before = cache.stats();
        let kernel = builder().host(host()).spawn().await.unwrap();
        assert_eq!(text(&kernel, &import).await, "'undefinedread from its file'");
        let after = cache.stats();
        assert_eq!((after.misses, after.modules, after.bytes), (before.misses, before.modules, before.bytes));
        std::fs::remove_file(file).unwrap();
    });
}

// threat E10
#[cfg(target_os = "linux")]
#[test]
fn descriptors_are_never_received() {
    block_on(async {
        let kernel = misbehaving("passes-descriptors").spawn().await.unwrap();
        for _ in 0..10 {
            let (events, report) = all(kernel.run("1")).await;
            assert!(events.iter().any(|event| matches!(event, Event::Console(console) if console.text() == "with descriptors")));
            report.unwrap();
        }
        // It passes its own program, which nobody else opens.
        let peer = std::path::Path::new(env!("CARGO_BIN_EXE_misbehaving-peer")).canonicalize().unwrap();
        let open = std::fs::read_dir("/proc/self/fd").unwrap().filter_map(|fd| fd.ok()?.path().read_link().ok());
        assert_eq!(open.filter(|file| *file == peer).count(), 0);
    });
}

// threat D6
#[test]
fn standard_error_is_drained_and_its_end_is_kept() {
    block_on(async {
        let kernel = misbehaving("floods-its-standard-error").spawn().await.unwrap();
        let Err(Error::Died { death, .. }) = kernel.run("1").await else { panic!("survived") };
        assert!(death.stderr.len() <= 8 << 10 && death.stderr.ends_with("the end\n"), "{} bytes", death.stderr.len());
    });
}

#[test]
fn a_kernel_that_dies_in_mid_frame_died_of_what_killed_it() {
    block_on(async {
        let (kernel, cause, _) = death("dies-in-mid-frame").await;
        assert_eq!(cause, Cause::Signal { number: 6, name: "SIGABRT" });
        assert!(kernel.run("again").await.is_err(), "the next one is launched, and dies as well");
        let (_, cause, _) = death("promises-a-large-frame").await;
        assert_eq!(cause, Cause::Exited(9));
    });
}

#[test]
fn the_last_words_are_heard_before_the_death() {
    block_on(async {
        let kernel = misbehaving("kills-itself").spawn().await.unwrap();
        let (events, report) = all(kernel.run("1")).await;
        assert!(matches!(events.last(), Some(Event::Console(console)) if console.text() == "last words"), "{events:?}");
        let Err(Error::Died { death, started: Begun::Yes }) = report else { panic!("{report:?}") };
        assert_eq!(death.stderr.trim(), "about to go");
        assert!(death.to_string().contains("it last wrote: about to go"));
    });
}

#[test]
fn a_kernel_that_never_answers_is_killed_at_its_deadline() {
    block_on(async {
        let kernel = misbehaving("never-answers").spawn().await.unwrap();
        let report = kernel.run(Chunk::new("1").wall_timeout(Duration::from_millis(50))).await.unwrap();
        assert!(matches!(report.outcome, Outcome::TimedOut { .. }));
        let State::LostWithProcess(death) = report.state else { panic!("{:?}", report.state) };
        assert_eq!(death.cause, Cause::Unresponsive);
    });
}

/// The parent reads the child's CPU clock itself: a kernel that burns its budget, and neither stops nor says so nor
/// answers, is killed.
// threats B1, B6
#[test]
fn a_kernel_that_burns_its_budget_in_silence_is_killed_by_its_cpu_clock() {
    block_on(async {
        let kernel = misbehaving("burns-its-time-in-silence").grace(Duration::from_millis(20)).spawn().await.unwrap();
        let limit = Duration::from_millis(30);
        // Without a wall budget: nothing but the clock ends this run.
        let report = kernel.run(Chunk::new("1").vm_timeout(limit)).await.unwrap();
        assert!(matches!(report.outcome, Outcome::TimedOut { budget: Budget::Vm(told), .. } if told == limit), "{report:?}");
        let State::LostWithProcess(death) = report.state else { panic!("{:?}", report.state) };
        assert_eq!(death.cause, Cause::Unresponsive);
        assert!(report.wall >= limit, "{:?}", report.wall);
    });
}

/// What a kernel does not read waits with its parent, and nobody else waits for that: questions about it, interrupts,
/// and the end.
// threat D2
#[test]
fn a_kernel_that_reads_nothing_holds_nobody_up() {
    block_on(async {
        let kernel = misbehaving("reads-nothing").grace(Duration::from_millis(50)).respawn(Respawn::Never).spawn().await.unwrap();
        let large = || Chunk::new("1").input("large", "x".repeat(4 << 20));
        let runs = (0..8).map(|_| kernel.run(large())).collect::<Vec<_>>();
        assert!(kernel.info().await.unwrap().pid.is_some());
        assert!(!kernel.interrupt().await.unwrap(), "it did not hear it, and was killed");
        for (index, run) in runs.into_iter().enumerate() {
            let Err(Error::Died { death, started }) = run.await else { panic!("it ran") };
            assert_eq!(death.cause, Cause::Unresponsive);
            // It may have read the first; it had not said that it was done with it.
            assert!(started == Begun::No || index == 0 && started == Begun::Unknown, "{index}: {started:?}");
        }
        kernel.terminate().await;
    });
}

/// A run counts as active from the moment in which it is submitted: an interrupt that comes to the kernel before it,
/// and stops something else or nothing, stops it, too.
// threat F1
#[test]
fn an_interrupt_that_the_kernel_hears_too_early_is_repeated() {
    block_on(async {
        let kernel = misbehaving("stops-work-of-its-own").spawn().await.unwrap();
        let run = kernel.run("for (;;);");
        assert!(kernel.interrupt().await.unwrap());
        let outcome = run.await.unwrap().outcome;
        assert!(matches!(outcome, Outcome::Interrupted { .. }), "{outcome:?}");
        let kernel = misbehaving("begins-after-an-interrupt").spawn().await.unwrap();
        let mut run = kernel.run("for (;;);");
        let (found, ()) = tokio::join!(kernel.interrupt(), async {
            until_printed(&mut run, "begun").await;
            // The kernel answers the interrupt next, and this never.
            let _ = tokio::time::timeout(Duration::from_millis(1), kernel.status()).await;
        });
        assert!(found.unwrap());
        let outcome = run.await.unwrap().outcome;
        assert!(matches!(outcome, Outcome::Interrupted { .. }), "{outcome:?}");
    });
}
