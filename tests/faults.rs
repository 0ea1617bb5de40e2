//! Faults, injected: kernels killed in everything they may be doing, parents killed, programs that cannot be started, soaks.
//!
//! A program of its own, whose tests run one at a time, so that it can count what is left over: descriptors, children, tasks, sockets.
//! `DRUPE_KILLS`, `DRUPE_PARENT_KILLS`, `DRUPE_RESETS` and `DRUPE_RESTARTS` set how often; what CI does is a fraction of
//! `DRUPE_KILLS=1000 DRUPE_PARENT_KILLS=100 DRUPE_RESETS=10000 DRUPE_RESTARTS=1000 cargo test --release -p drupe-tests --test faults`.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may stop at the first surprise, and tells what it measured")]
#![cfg(target_os = "linux")]

use std::{
    env, fs,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use drupe_client::{
    Builder, Cause, Chunk, Error, HostError, Kernel, LaunchError, Outcome, Program, Respawn, Run, Sandbox, State,
};
use rustix::{
    io::Errno,
    process::{Pid, Signal, WaitOptions, kill_process, wait},
};

static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn times(variable: &str, otherwise: usize) -> usize {
    env::var(variable).ok().and_then(|times| times.parse().ok()).unwrap_or(otherwise)
}

fn builder() -> Builder {
    Kernel::builder().program(Program::new(env!("CARGO_BIN_EXE_test-kernel")))
}

/// What a kernel may be doing, and what makes it do that; every chunk says `here` when it is there.
#[derive(Clone, Copy, Debug)]
enum Doing {
    Nothing,
    Looping,
    LoopingWithOthersQueued,
    Awaiting,
    WaitingForATimer,
    CallingItsHost,
    Streaming,
    StreamingToNobody,
    SendingALargeValue,
    InterruptingALoop,
    InterruptingAnAwait,
    Resetting,
    ResettingALoop,
    Answering,
}

use Doing::{
    Answering, Awaiting, CallingItsHost, InterruptingALoop, InterruptingAnAwait, Looping, LoopingWithOthersQueued, Nothing,
    Resetting, ResettingALoop, SendingALargeValue, Streaming, StreamingToNobody, WaitingForATimer,
};

const ALL: [Doing; 14] = [
    Nothing,
    Looping,
    LoopingWithOthersQueued,
    Awaiting,
    WaitingForATimer,
    CallingItsHost,
    Streaming,
    StreamingToNobody,
    SendingALargeValue,
    InterruptingALoop,
    InterruptingAnAwait,
    Resetting,
    ResettingALoop,
    Answering,
];

/// How it ends. (A SIGSEGV from outside is taken for a stack overflow first, by the runtime's handler, and changes nothing.)
const SIGNALS: [Signal; 4] = [Signal::KILL, Signal::FPE, Signal::ABORT, Signal::TERM];

impl Doing {
    /// The runs that are under way when the kernel does it. Those that are read would be lost to others.
    async fn begin(self, kernel: &Kernel) -> Vec<Run> {
        let here = |code: &str| format!("console.log('here'); {code}");
        let code = match self {
            Nothing | Resetting => return Vec::new(),
            Looping | LoopingWithOthersQueued | InterruptingALoop | ResettingALoop | Answering => here("for (;;);"),
            Awaiting | InterruptingAnAwait => here("await new Promise(() => {})"),
            WaitingForATimer => here("await new Promise(resolve => setTimeout(resolve, 1e6))"),
            CallingItsHost => here("await host.patient()"),
            Streaming | StreamingToNobody => here("for (;;) console.log('x'.repeat(1000))"),
            SendingALargeValue => here("new Uint8Array(60e6)"),
        };
        let mut run = kernel.run(code);
        while !matches!(run.next_event().await.unwrap(), drupe_client::Event::Console(_)) {}
        let mut runs = vec![run];
        match self {
            LoopingWithOthersQueued => runs.extend((0..5).map(|_| kernel.run("1"))),
            InterruptingALoop | InterruptingAnAwait => runs[0].interrupt(),
            _ => {}
        }
        runs
    }

    /// What goes on besides, until the kernel is gone.
    fn besides(self, kernel: &Kernel) {
        let kernel = kernel.clone();
        match self {
            Resetting | ResettingALoop => drop(tokio::spawn(async move { kernel.reset().await })),
            Answering => drop(tokio::spawn(async move { while kernel.status().await.is_ok() {} })),
            _ => {}
        }
    }
}

/// What this process holds.
#[derive(Debug, PartialEq, Eq)]
struct Held {
    descriptors: usize,
    sockets: usize,
    children: bool,
}

fn held() -> Held {
    let ours = format!("@drupe-{}-", std::process::id());
    Held {
        descriptors: fs::read_dir("/proc/self/fd").unwrap().count(),
        sockets: fs::read_to_string("/proc/net/unix").unwrap().lines().filter(|line| line.contains(&ours)).count(),
        children: !matches!(wait(WaitOptions::NOHANG), Err(Errno::CHILD)),
    }
}

/// Runs `test`, and sees to it that nothing is left of it.
fn leaving_nothing<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // The thread that starts processes, and what runtimes keep, are made by the first.
    runtime.block_on(async { builder().spawn().await.unwrap().terminate().await });
    let settle = || {
        runtime.block_on(async {
            let until = Instant::now() + Duration::from_secs(5);
            while runtime.metrics().num_alive_tasks() > 0 && Instant::now() < until {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        });
        (held(), runtime.metrics().num_alive_tasks())
    };
    let before = settle();
    let result = runtime.block_on(test);
    let after = settle();
    assert_eq!(before, after);
    assert!(!after.0.children, "a child is left");
    result
}

// threats F1, F3
#[test]
fn a_kernel_may_be_killed_whatever_it_does() {
    let _alone = alone();
    let kills = times("DRUPE_KILLS", 112);
    let mut latencies = leaving_nothing(async {
        let mut latencies = Vec::new();
        let states = ALL.iter().flat_map(|doing| SIGNALS.iter().map(move |signal| (*doing, *signal)));
        for (doing, signal) in states.cycle().take(kills) {
            let kernel = builder().respawn(Respawn::Never).spawn().await.unwrap();
            kernel.register("patient", |_| std::future::pending::<Result<(), HostError>>()).unwrap();
            let runs = doing.begin(&kernel).await;
            let Some(pid) = kernel.info().await.unwrap().pid else { panic!("{doing:?}: no process") };
            doing.besides(&kernel);
            tokio::task::yield_now().await;
            kill_process(Pid::from_raw(pid.cast_signed()).unwrap(), signal).unwrap();
            let killed = Instant::now();
            let mut ended = Vec::new();
            for run in runs {
                ended.push(run.await);
            }
            // A reset is answered by a new process where the old one cannot.
            let died = |error: &Error| matches!(error, Error::Died { death, .. } if is(&death.cause, signal));
            for end in &ended {
                let stopped = |outcome: &Outcome| matches!(outcome, Outcome::Interrupted { .. } | Outcome::Value { .. });
                let told = match end {
                    Ok(report) => stopped(&report.outcome),
                    Err(error) => died(error),
                };
                assert!(told, "{doing:?}, {signal:?}: {end:?}");
            }
            if !matches!(doing, Resetting | ResettingALoop) {
                // A signal takes a moment, in which an idle kernel may run one more.
                let error = loop {
                    if let Err(error) = kernel.run("1").await {
                        break error;
                    }
                };
                assert!(died(&error), "{doing:?}, {signal:?}: {error:?}");
            }
            latencies.push(killed.elapsed());
            kernel.terminate().await;
        }
        latencies
    });
    latencies.sort();
    let at = |share: usize| latencies[(latencies.len() - 1) * share / 100];
    println!(
        "{} kills in {} states: told within {:?} p50, {:?} p99, {:?} at most",
        kills,
        ALL.len() * SIGNALS.len(),
        at(50),
        at(99),
        at(100)
    );
    assert!(at(100) < Duration::from_secs(10));
}

fn is(cause: &Cause, signal: Signal) -> bool {
    matches!(cause, Cause::Signal { number, .. } if *number == signal.as_raw())
}

// threat F2
#[test]
fn a_kernel_may_be_frozen_whatever_it_does() {
    let _alone = alone();
    leaving_nothing(async {
        for doing in [Looping, Awaiting, CallingItsHost, Streaming] {
            let kernel = builder().grace(Duration::from_millis(100)).spawn().await.unwrap();
            kernel.register("patient", |_| std::future::pending::<Result<(), HostError>>()).unwrap();
            drop(doing.begin(&kernel).await);
            let pid = kernel.info().await.unwrap().pid.unwrap();
            kill_process(Pid::from_raw(pid.cast_signed()).unwrap(), Signal::STOP).unwrap();
            // It cannot answer: a reset costs the process, and comes all the same.
            kernel.reset().await.unwrap();
            let report = kernel.run(Chunk::new("1")).await.unwrap();
            assert_eq!(report.state, State::Kept, "{doing:?}");
            kernel.terminate().await;
        }
    });
}

/// Not a test: the parent that [`no_kernel_survives_its_parent`] kills.
#[test]
fn parent_to_be_killed() {
    if env::var_os("DRUPE_PARENT").is_none() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let kernel = builder().spawn().await.unwrap();
        let _runs = Looping.begin(&kernel).await;
        println!("\nkernel {}", kernel.info().await.unwrap().pid.unwrap());
        std::future::pending::<()>().await;
    });
}

// threat F4
#[test]
fn no_kernel_survives_its_parent() {
    let _alone = alone();
    for _ in 0..times("DRUPE_PARENT_KILLS", 5) {
        let mut parent = Command::new(env::current_exe().unwrap())
            .args(["--exact", "parent_to_be_killed", "--nocapture"])
            .env("DRUPE_PARENT", "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(parent.stdout.take().unwrap()).lines();
        let pid = lines.find_map(|line| line.unwrap().strip_prefix("kernel ").map(str::to_owned)).unwrap();
        parent.kill().unwrap();
        parent.wait().unwrap();
        let killed = Instant::now();
        while is_alive(&pid) {
            assert!(killed.elapsed() < Duration::from_secs(1), "kernel {pid} outlives its parent");
            std::thread::yield_now();
        }
    }
}

/// Whether there is such a process, and it is no zombie that waits for who adopted it.
fn is_alive(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

// threats F6, F7
#[test]
fn what_cannot_be_started_is_a_typed_error_and_leaves_nothing() {
    let _alone = alone();
    leaving_nothing(async {
        let launch = async |program: &str| {
            let builder = Kernel::builder().program(Program::new(program)).launch_timeout(Duration::from_millis(300));
            match builder.spawn().await {
                Err(Error::Launch(error)) => error,
                other => panic!("{program}: {other:?}"),
            }
        };
        // Not there, not executable, a folder; says nothing and stays; dies at once; is no kernel.
        for program in ["/nowhere/kernel", "/etc/hostname", "/tmp"] {
            assert!(matches!(&*launch(program).await, LaunchError::Start { .. }), "{program}");
        }
        assert!(matches!(&*launch("/bin/false").await, LaunchError::Died(death) if death.cause == Cause::Exited(1)));
        assert!(matches!(&*launch("/bin/cat").await, LaunchError::Died(_)));
        // Kernel after kernel dies: after five there is no other, until somebody restarts on purpose.
        let peer = Program::new(env!("CARGO_BIN_EXE_misbehaving-peer")).arg("kills-itself");
        let kernel = Kernel::builder().program(peer).sandbox(Sandbox::OffUnsafe).spawn().await.unwrap();
        for _ in 0..5 {
            assert!(matches!(kernel.run("1").await, Err(Error::Died { .. })));
        }
        let Err(Error::CrashLoop { count: 5, last }) = kernel.run("1").await else { panic!("no end of it") };
        assert!(matches!(*last, Error::Died { .. }));
        kernel.restart().await.unwrap();
        assert!(matches!(kernel.run("1").await, Err(Error::Died { .. })));
        kernel.terminate().await;
    });
}

// threat F3
#[test]
fn an_engine_that_gives_up_says_why() {
    let _alone = alone();
    leaving_nothing(async {
        let kernel = builder().spawn().await.unwrap();
        let Err(Error::Died { death, started: true }) = kernel.run("'x'.repeat(2 ** 29 - 30).split('')").await else {
            panic!("V8 made an array of half a billion elements")
        };
        assert_eq!(death.cause, Cause::OutOfMemory, "{death:?}");
        assert!(
            death.stderr.contains("invalid size") && death.last_chunk.as_deref() == Some("'x'.repeat(2 ** 29 - 30).split('')")
        );
        assert_eq!(death.to_string(), "the kernel ran out of memory");
        kernel.terminate().await;
    });
}

// threat F10
#[test]
fn handles_may_race() {
    let _alone = alone();
    leaving_nothing(async {
        let kernel = builder().spawn().await.unwrap();
        let mut random = 1_u64;
        let tasks = (0..200).map(|_| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let (kernel, what) = (kernel.clone(), (random >> 33) % 12);
            tokio::spawn(async move {
                match what {
                    0..6 => drop(kernel.run("for (let i = 0; i < 1e5; i++); 1").await),
                    6 => kernel.run("for (;;);").interrupt(),
                    7 => drop(kernel.interrupt().await),
                    8 => drop(kernel.reset().await),
                    9 => drop(kernel.restart().await),
                    10 => drop(kernel.status().await),
                    _ => drop(kernel.run("await new Promise(() => {})")),
                }
            })
        });
        let tasks = tasks.collect::<Vec<_>>();
        // What loops or awaits for ever is stopped by the resets of others, or by this one.
        kernel.reset().await.unwrap();
        for task in tasks {
            let ended = async { task.await.unwrap() };
            tokio::pin!(ended);
            while tokio::time::timeout(Duration::from_millis(200), &mut ended).await.is_err() {
                kernel.reset().await.unwrap();
            }
        }
        kernel.reset().await.unwrap();
        assert!(kernel.run("1").await.unwrap().outcome.is_value(), "usable after all of it");
        kernel.terminate().await;
        assert!(matches!(kernel.run("1").await, Err(Error::Terminated)));
    });
}

/// Resident memory of a process, in KiB.
fn resident(pid: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

// threats C9, I3
#[test]
fn resets_and_restarts_leave_nothing() {
    let _alone = alone();
    leaving_nothing(async {
        let kernel = builder().spawn().await.unwrap();
        let state = "var held = Array.from({ length: 1e4 }, () => ({})); setInterval(() => {}, 1000); Promise.reject(1).catch(() => {}); 1";
        let (resets, restarts) = (times("DRUPE_RESETS", 300), times("DRUPE_RESTARTS", 30));
        let soak = async |rounds: usize, restart: bool| {
            let (mut early, mut late) = ((0, 0), (0, 0));
            for round in 0..rounds {
                kernel.run(state).await.unwrap();
                let session = if restart { kernel.restart().await } else { kernel.reset().await };
                session.unwrap();
                // A process that has only just been launched is still on its way up.
                kernel.run("1").await.unwrap();
                let pid = kernel.info().await.unwrap().pid.unwrap().to_string();
                let now = (resident("self"), resident(&pid));
                // The first fifth warms up.
                if round == rounds / 5 {
                    early = now;
                }
                late = now;
            }
            println!(
                "{rounds} rounds, restart: {restart}: parent {} to {} KiB, kernel {} to {} KiB",
                early.0, late.0, early.1, late.1
            );
            // Two per cent, and what an allocator keeps for itself.
            for (early, late) in [(early.0, late.0), (early.1, late.1)] {
                assert!(late <= early + early / 50 + 4096, "{early} to {late} KiB in {rounds} rounds, restart: {restart}");
            }
        };
        soak(resets, false).await;
        soak(restarts, true).await;
        kernel.terminate().await;
    });
}
