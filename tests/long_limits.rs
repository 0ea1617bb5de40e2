//! Limits that end after the last moment that a clock can tell: they are as no limit, and all others hold.

use std::time::Duration;

use drupe_client::{Budget, Chunk, InterruptReason, Kernel, Outcome, State, Stopped, Value};

use crate::support::{block_on, builder, text, until_printed};

/// Each has another sum that overflows: that with any moment, that of seconds with a signed number, that of two limits.
const LONG: [Duration; 3] = [Duration::MAX, Duration::from_secs(10_000_000_000_000_000_000), Duration::from_secs(u64::MAX / 4)];

/// A kernel all of whose limits are so long.
async fn with_all(long: Duration) -> Kernel {
    let builder = builder().vm_timeout(long).wall_timeout(long).kill_on_timeout(true);
    builder.grace(long).launch_timeout(long).frame_timeout(long).spawn().await.unwrap()
}

#[test]
fn a_limit_may_be_longer_than_any_clock() {
    block_on(async {
        for long in LONG {
            let kernel = with_all(long).await;
            assert_eq!(text(&kernel, "1 + 1").await, "2", "{long:?}");
            // It is transpiled on a thread of its own.
            assert_eq!(text(&kernel, &format!("3 /* {} */", "x".repeat(64 << 10))).await, "3", "{long:?}");
            // It comes in pieces.
            let report = kernel.run(Chunk::new("'x'.repeat(4e6)").value_limit(8 << 20)).await.unwrap();
            let whole = |value: &Option<Value>| matches!(value, Some(Value::String(text)) if text.len() == 4_000_000);
            assert!(matches!(&report.outcome, Outcome::Value { value, .. } if whole(value)), "{long:?}");
            let mut run = kernel.run("console.log('on'); for (;;);");
            until_printed(&mut run, "on").await;
            assert!(kernel.interrupt().await.unwrap(), "{long:?}");
            let expected = Outcome::Interrupted { reason: InterruptReason::Request, stopped: Stopped::Javascript };
            assert_eq!(run.await.unwrap().outcome, expected, "{long:?}");
            assert_eq!(kernel.reset().await.unwrap(), 2, "{long:?}");
            assert_eq!(kernel.restart().await.unwrap(), 3, "{long:?}");
            assert_eq!(text(&kernel, "1 + 1").await, "2", "{long:?}");
        }
    });
}

#[test]
fn short_limits_hold_beside_long_ones() {
    block_on(async {
        let short = Duration::from_millis(60);
        for long in LONG {
            let kernel = with_all(long).await;
            for (chunk, budget) in [
                (Chunk::new("for (;;);").vm_timeout(short), Budget::Vm(short)),
                (Chunk::new("for (;;);").wall_timeout(short), Budget::Wall(short)),
                // It does not listen, and the kernel says so; but it has all the time that it needs.
                (Chunk::new("[].lastIndexOf.call({ length: 2 ** 26 }, 1)").vm_timeout(short), Budget::Vm(short)),
            ] {
                let report = kernel.run(chunk).await.unwrap();
                assert_eq!(report.outcome, Outcome::TimedOut { budget, stopped: Stopped::Javascript }, "{long:?}");
                assert_eq!(report.state, State::Kept, "{long:?}");
            }
            assert_eq!(text(&kernel, "1 + 1").await, "2", "{long:?}");
        }
    });
}
