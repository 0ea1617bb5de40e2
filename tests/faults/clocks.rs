//! The system's clock is set while kernels run: forth and back by a day, whenever somebody looks, in the parent and in
//! the kernel.

use std::time::{Duration, Instant, SystemTime};

use drupe_client::{Budget, Builder, Cause, Chunk, Error, Kernel, LaunchError, Outcome, Report, State};

use crate::{
    LONG, clock,
    kernels::{SHORT_GRACE, builder, kernel_program, misbehaving, value_text},
    leaving_nothing,
    process::alone,
};

/// What everything here takes at least, and what a day is not.
const LIMIT: Duration = Duration::from_millis(50);

fn jumping() -> Builder {
    builder().program(kernel_program().arg("clock=jumps"))
}

/// What `work` comes to, which takes `at_least` so long, and no day.
async fn timed<T>(at_least: Duration, work: impl IntoFuture<Output = T>) -> T {
    let started = Instant::now();
    let done = work.await;
    let took = started.elapsed();
    assert!(at_least <= took && took < LONG, "{took:?}");
    done
}

async fn run(kernel: &Kernel, chunk: impl Into<Chunk>, at_least: Duration) -> Report {
    timed(at_least, kernel.run(chunk)).await.unwrap()
}

// threats B1, B6, B8, E5, F2, F7
#[test]
fn budgets_hold_while_the_systems_clock_jumps() {
    let _alone = alone();
    leaving_nothing(async {
        clock::let_jump(true);
        let days = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() / 86_400;
        assert_ne!(days(SystemTime::now()), days(SystemTime::now()), "the parent's clock does not jump");
        let kernel = jumping().spawn().await.unwrap();
        let none = Duration::ZERO;
        let report = run(&kernel, "Math.abs(Date.now() - Date.now()) > 86400e3", none).await;
        assert_eq!(value_text(&report), "true", "the kernel's clock does not jump");

        // Budgets, of the processor and of the wall; what they stop keeps its state.
        let report = run(&kernel, Chunk::new("for (;;) Date.now()").vm_timeout(LIMIT), LIMIT).await;
        assert!(matches!(report.outcome, Outcome::TimedOut { budget: Budget::Vm(_), .. }), "{report:?}");
        for code in ["await new Promise(() => {})", "for (;;) await Date.now()", "for (;;);"] {
            let report = run(&kernel, Chunk::new(code).wall_timeout(LIMIT), LIMIT).await;
            assert!(matches!(report.outcome, Outcome::TimedOut { budget: Budget::Wall(_), .. }), "{report:?}");
            assert_eq!(report.state, State::Kept);
        }
        // A budget that is not used up is not noticed.
        let patient = Chunk::new("for (let i = 0; i < 1e4; i++) await Date.now(); 'done'").vm_timeout(LONG).wall_timeout(LONG);
        assert_eq!(value_text(&run(&kernel, patient, none).await), "'done'");

        // Timers, and clocks that measure.
        run(&kernel, "await new Promise(resolve => setTimeout(resolve, 50))", LIMIT).await;
        let word = "new Int32Array(new SharedArrayBuffer(4))";
        let report = run(&kernel, format!("await Atomics.waitAsync({word}, 0, 0, 50).value"), LIMIT).await;
        assert_eq!(value_text(&report), "'timed-out'");
        let measured = "const steps = []; for (let i = 0, last = performance.now(); i < 1e4; i++) {
            const now = performance.now(); steps.push(now - last); last = now }
            [Math.min(...steps) >= 0, Math.max(...steps) < 6e4]";
        assert_eq!(value_text(&run(&kernel, measured, none).await), "[ true, true ]");
        kernel.terminate().await;

        // Grace, and then the end.
        let kernel = jumping().grace(SHORT_GRACE).spawn().await.unwrap();
        let deaf = Chunk::new("[].includes.call({ length: 2 ** 50 }, 1)").vm_timeout(LIMIT);
        let report = run(&kernel, deaf, LIMIT + SHORT_GRACE).await;
        assert!(matches!(&report.state, State::LostWithProcess(death) if death.cause == Cause::Unresponsive), "{report:?}");
        kernel.terminate().await;

        // Whoever does not greet, does not finish a frame, or dies again and again.
        let silent = misbehaving("never-says-hello").launch_timeout(LIMIT);
        let Err(Error::Launch(error)) = timed(LIMIT, silent.spawn()).await else { panic!("it greeted") };
        assert!(matches!(&*error, LaunchError::Silent(_)), "{error}");
        let kernel = misbehaving("dribbles-on-data").frame_timeout(LIMIT).spawn().await.unwrap();
        let Err(Error::Died { death, .. }) = timed(LIMIT, kernel.run("1")).await else { panic!("a frame was finished") };
        assert!(matches!(&death.cause, Cause::Protocol(error) if error.contains("did not arrive within 50 ms")), "{death}");
        kernel.terminate().await;
        let kernel = misbehaving("kills-itself").spawn().await.unwrap();
        timed(LIMIT * 3, async {
            for _ in 0..4 {
                assert!(matches!(kernel.run("1").await, Err(Error::Died { .. })));
            }
        })
        .await;
        kernel.terminate().await;
        clock::let_jump(false);
    });
}
