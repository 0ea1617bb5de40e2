//! Stops that race with ends: whatever wins, the next run is not hit.
//!
//! Ten thousand times each, in half a minute of a debug build; `DRUPE_RACES` sets how often.

use std::time::Duration;

use drupe_client::{Budget, Call, Chunk, InterruptReason, Outcome, State};

use crate::support::{block_on_within, spawn};

/// All races together take no longer, unless something hangs.
const HANG: Duration = Duration::from_secs(1200);

fn races() -> u64 {
    std::env::var("DRUPE_RACES").ok().and_then(|races| races.parse().ok()).unwrap_or(10_000)
}

/// Numbers that differ, and are the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// Ends about when it is stopped, in one of several ways.
fn victim(random: &mut Random) -> String {
    let size = random.below(40_000);
    match random.below(6) {
        0 => format!("for (let i = 0; i < {size}; i++); 'done'"),
        1 => format!("for (let i = 0; i < {}; i++) await i; 'done'", size / 100),
        2 => "await new Promise(resolve => setTimeout(resolve, 1)); 'done'".to_owned(),
        3 => "await new Promise(resolve => setImmediate(resolve)); 'done'".to_owned(),
        4 => "await host.echo(1); 'done'".to_owned(),
        _ => "'done'".to_owned(),
    }
}

// threat B4
#[test]
fn an_interrupt_hits_the_run_it_is_meant_for_or_none() {
    block_on_within(HANG, async {
        let kernel = spawn().await;
        kernel.register("echo", |call: Call| async move { Ok(call.arg(0).clone()) }).unwrap();
        let mut random = Random(1);
        let (mut stopped, races) = (0, races());
        for round in 0..races {
            let run = kernel.run(victim(&mut random));
            let next = kernel.run(format!("{round}"));
            for _ in 0..random.below(8) {
                tokio::task::yield_now().await;
            }
            // No event: at any moment of the run and after it.
            std::thread::sleep(Duration::from_micros(random.below(300)));
            run.interrupt();
            let report = run.await.unwrap();
            match &report.outcome {
                Outcome::Value { text, .. } => assert_eq!(text, "'done'"),
                Outcome::Interrupted { reason: InterruptReason::Request, .. } => stopped += 1,
                other => panic!("{round}: {other:?}"),
            }
            assert_eq!(report.state, State::Kept);
            let report = next.await.unwrap();
            assert!(matches!(&report.outcome, Outcome::Value { text, .. } if *text == round.to_string()), "{round}: {report:?}");
        }
        // A race that one side always wins is none.
        assert!(stopped > races / 100 && stopped < races, "{stopped} of {races} were stopped");
    });
}

// threat B4
#[test]
fn a_cpu_limit_that_comes_late_hits_nobody() {
    block_on_within(HANG, async {
        let kernel = spawn().await;
        let mut random = Random(2);
        for round in 0..races() {
            // About a millisecond: it ends when its time does.
            let code = format!("for (let i = 0; i < {}; i++); 'done'", 600_000 + random.below(600_000));
            let run = kernel.run(Chunk::new(code).vm_timeout(Duration::from_millis(1)));
            let next = kernel.run(format!("let sum = 0; for (let i = 0; i < 100; i++) sum += i; sum + {round}"));
            let report = run.await.unwrap();
            assert!(matches!(report.outcome, Outcome::TimedOut { .. } | Outcome::Value { .. }), "{round}: {report:?}");
            let report = next.await.unwrap();
            let expected = (4950 + round).to_string();
            assert!(matches!(&report.outcome, Outcome::Value { text, .. } if *text == expected), "{round}: {report:?}");
        }
    });
}

// threat B4
#[test]
fn a_wall_limit_that_comes_late_hits_nobody() {
    block_on_within(HANG, async {
        let kernel = spawn().await;
        let mut random = Random(3);
        let (mut stopped, races) = (0, races());
        for round in 0..races {
            // About a millisecond, of work or of waiting: it ends when its time does.
            let code = match random.below(3) {
                0 => format!("for (let i = 0; i < {}; i++); 'done'", 600_000 + random.below(3_000_000)),
                1 => format!("for (let i = 0; i < {}; i++) await i; 'done'", 2000 + random.below(12_000)),
                _ => "await new Promise(resolve => setTimeout(resolve, 1)); 'done'".to_owned(),
            };
            let run = kernel.run(Chunk::new(code).wall_timeout(Duration::from_micros(800 + random.below(800))));
            let next = kernel.run(format!("let sum = 0; for (let i = 0; i < 100; i++) sum += await i; sum + {round}"));
            let report = run.await.unwrap();
            match &report.outcome {
                Outcome::Value { .. } => {}
                Outcome::TimedOut { budget: Budget::Wall(_), .. } => stopped += 1,
                other => panic!("{round}: {other:?}"),
            }
            assert_eq!(report.state, State::Kept);
            let report = next.await.unwrap();
            let expected = (4950 + round).to_string();
            assert!(matches!(&report.outcome, Outcome::Value { text, .. } if *text == expected), "{round}: {report:?}");
        }
        assert!(stopped > races / 100 && stopped < races, "{stopped} of {races} were stopped");
    });
}
