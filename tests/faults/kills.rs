//! Kernels that are killed or frozen, whatever they do.

use std::time::{Duration, Instant};

use drupe_client::{Begun, Cause, Chunk, Error, HostError, Kernel, Outcome, Respawn, Run, State};
use rustix::process::{Signal, kill_process};
use tokio::task::JoinHandle;

use crate::{
    is_stopped,
    kernels::{self, builder},
    leaving_nothing,
    process::alone,
    said, times,
};

macro_rules! states {
    ($($state:ident),+ $(,)?) => {
        /// What a kernel may be doing, and what makes it do that; every chunk says `here` when it is there.
        #[derive(Clone, Copy, Debug)]
        pub(crate) enum Doing { $($state),+ }

        use Doing::{$($state),+};

        const ALL: &[Doing] = &[$($state),+];
    };
}

states! {
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

/// How it ends. (A SIGSEGV from outside is taken for a stack overflow first, by the runtime's handler, and changes
/// nothing.)
const SIGNALS: [Signal; 4] = [Signal::KILL, Signal::FPE, Signal::ABORT, Signal::ILL];

impl Doing {
    /// The runs that are under way when the kernel does it. Those that are read would be lost to others.
    pub(crate) async fn begin(self, kernel: &Kernel) -> Vec<Run> {
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
    fn besides(self, kernel: &Kernel) -> JoinHandle<()> {
        let kernel = kernel.clone();
        tokio::spawn(async move {
            match self {
                // Answered by a new process where the old one cannot.
                Resetting | ResettingALoop => drop(kernel.reset().await.unwrap()),
                Answering => while kernel.status().await.is_ok() {},
                _ => {}
            }
        })
    }
}

// threats F1, F3
#[test]
fn a_kernel_may_be_killed_whatever_it_does() {
    let _alone = alone();
    let kills = times("DRUPE_KILLS", 112);
    let latencies = leaving_nothing(async {
        let mut latencies = Vec::new();
        let states = ALL.iter().flat_map(|doing| SIGNALS.iter().map(move |signal| (*doing, *signal)));
        for (doing, signal) in states.cycle().take(kills) {
            let kernel = builder().respawn(Respawn::Never).spawn().await.unwrap();
            kernel.register("patient", |_| std::future::pending::<Result<(), HostError>>()).unwrap();
            let runs = doing.begin(&kernel).await;
            let Some(pid) = kernel.info().await.unwrap().pid else { panic!("{doing:?}: no process") };
            let besides = doing.besides(&kernel);
            tokio::task::yield_now().await;
            kill_process(kernels::pid(pid), signal).unwrap();
            let killed = Instant::now();
            let mut ended = Vec::new();
            for run in runs {
                ended.push(run.await);
            }
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
            besides.await.unwrap();
            latencies.push(killed.elapsed());
            kernel.terminate().await;
        }
        latencies
    });
    said(&format!("kills in {} states", ALL.len() * SIGNALS.len()), latencies);
}

fn is(cause: &Cause, signal: Signal) -> bool {
    matches!(cause, Cause::Signal { number, .. } if *number == signal.as_raw())
}

// threat F2
#[test]
fn a_kernel_may_be_frozen_whatever_it_does() {
    let _alone = alone();
    leaving_nothing(async {
        for &doing in ALL {
            let kernel = builder().grace(Duration::from_millis(100)).spawn().await.unwrap();
            kernel.register("patient", |_| std::future::pending::<Result<(), HostError>>()).unwrap();
            drop(doing.begin(&kernel).await);
            let pid = kernel.info().await.unwrap().pid.unwrap();
            kill_process(kernels::pid(pid), Signal::STOP).unwrap();
            // It cannot answer: a reset costs the process, and comes all the same.
            kernel.reset().await.unwrap();
            let report = kernel.run(Chunk::new("1")).await.unwrap();
            assert_eq!(report.state, State::Kept, "{doing:?}");
            kernel.terminate().await;
        }
    });
}

/// As above, for those who interrupt what does not answer.
// threat F2
#[test]
fn a_frozen_kernel_is_killed_by_an_interrupt_whatever_it_does() {
    let _alone = alone();
    leaving_nothing(async {
        for &doing in ALL {
            let kernel = builder().grace(Duration::from_millis(20)).spawn().await.unwrap();
            kernel.register("patient", |_| std::future::pending::<Result<(), HostError>>()).unwrap();
            let runs = doing.begin(&kernel).await;
            let pid = kernel.info().await.unwrap().pid.unwrap();
            kill_process(kernels::pid(pid), Signal::STOP).unwrap();
            is_stopped(pid).await;
            let besides = doing.besides(&kernel);
            assert!(!kernel.interrupt().await.unwrap(), "{doing:?}: it was answered");
            for run in runs {
                let end = run.await;
                let typed = match &end {
                    // Some had come to their end before.
                    Ok(report) => matches!(report.outcome, Outcome::Interrupted { .. } | Outcome::Value { .. }),
                    Err(error) => matches!(error, Error::Died { death, .. } if death.cause == Cause::Unresponsive),
                };
                assert!(typed, "{doing:?}: {end:?}");
            }
            assert_eq!(kernel.run("1 + 1").await.unwrap().state, State::Kept, "{doing:?}");
            assert_ne!(kernel.info().await.unwrap().pid, Some(pid), "{doing:?}");
            kernel.terminate().await;
            besides.await.unwrap();
        }
    });
}

// threat F3
#[test]
fn an_engine_that_gives_up_says_why() {
    let _alone = alone();
    leaving_nothing(async {
        let kernel = builder().spawn().await.unwrap();
        let Err(Error::Died { death, started: Begun::Yes }) = kernel.run("'x'.repeat(2 ** 29 - 30).split('')").await else {
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

/// What is in the kernel's buffer when it crashes is sent from the handler of the signal: that the run had begun, and
/// the last it said.
// threat F1
#[test]
fn a_crash_loses_nothing_that_was_said() {
    let _alone = alone();
    leaving_nothing(async {
        let kernel = builder().spawn().await.unwrap();
        for _ in 0..3 {
            // Flat, so that the engine gives up in an instant: nothing else would send what was said before.
            kernel.run("var s = 'x'.repeat(2 ** 29 - 30); s.indexOf('y')").await.unwrap();
            let (events, report) = kernels::all(kernel.run("for (let i = 0; i < 100; i++) console.log(i); s.split('')")).await;
            let Err(Error::Died { started: Begun::Yes, .. }) = report else { panic!("{report:?}") };
            let printed = events.iter().filter(|event| matches!(event, drupe_client::Event::Console(_))).count();
            assert_eq!(printed, 100, "{events:?}");
        }
        kernel.terminate().await;
    });
}
