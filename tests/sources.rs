//! Sources that take long to read: they are refused, and hold up neither interrupts nor other kernels; budgets hold
//! while they are read.

use std::time::Duration;

use drupe_client::{Budget, Chunk, InterruptReason, Kernel, Outcome, Run, State, Stopped};

use crate::support::{SHORT_GRACE, block_on, impatient, text, value_text};

/// A source that can be read in too many ways: reading it ends when the budget for its length is used up, which takes a
/// while.
fn ambiguous(length: usize) -> String {
    format!("{}T{}/*{}*/", "({a = (y: ".repeat(40), ") => 1}: any) => void".repeat(40), " ".repeat(length))
}

// threat B11
#[test]
fn a_source_that_can_be_read_in_too_many_ways_is_refused_and_holds_nobody_up_meanwhile() {
    block_on(async {
        let kernel = impatient().spawn().await.unwrap();
        for length in [0, 16 << 10] {
            let report = kernel.run(ambiguous(length)).await.unwrap();
            let Outcome::SyntaxError(error) = report.outcome else { panic!("{report:?}") };
            assert!(error.message.contains("too ambiguous"), "{}", error.message);
        }
        assert_eq!(kernel.preview(ambiguous(0)).await.unwrap(), None);
        let long = ambiguous(1 << 20);
        let run = kernel.run(long.as_str());
        assert!(kernel.interrupt().await.unwrap(), "what is being transpiled is interrupted");
        let report = run.await.unwrap();
        let expected = Outcome::Interrupted { reason: InterruptReason::Request, stopped: Stopped::Queued };
        assert_eq!((report.outcome, report.state), (expected, State::Kept));
        let limit = Duration::from_millis(1);
        let report = kernel.run(Chunk::new(long.as_str()).wall_timeout(limit)).await.unwrap();
        let expected = Outcome::TimedOut { budget: Budget::Wall(limit), stopped: Stopped::Queued };
        assert_eq!((report.outcome, report.state), (expected, State::Kept));
        let report = kernel.run(Chunk::new(long.as_str()).vm_timeout(limit)).await.unwrap();
        let expected = Outcome::TimedOut { budget: Budget::Vm(limit), stopped: Stopped::Queued };
        assert_eq!((report.outcome, report.state), (expected, State::Kept));
        assert_eq!(text(&kernel, "1 + 1").await, "2");
    });
}

/// Kernels whose chunks take all threads that there are for reading sources.
async fn busy_readers() -> Vec<(Kernel, Run)> {
    let threads = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8);
    let mut busy = Vec::new();
    for _ in 0..threads {
        let kernel = impatient().spawn().await.unwrap();
        // Some seconds of work.
        let run = kernel.run(ambiguous(8 << 20));
        busy.push((kernel, run));
    }
    busy
}

/// Its time begins when a thread reads it: no more of them read at once than there are processors.
// threat B11
#[test]
fn a_source_that_waits_for_those_of_other_kernels_uses_no_cpu_budget() {
    block_on(async {
        let kernel = impatient().spawn().await.unwrap();
        let chunk = || Chunk::new(format!("1 + 1 /*{}*/", " ".repeat(5 << 10)));
        let limit = Duration::from_millis(200);
        let busy = busy_readers().await;
        let mut run = kernel.run(chunk().vm_timeout(limit));
        let early = tokio::time::timeout((limit + SHORT_GRACE) * 2, run.next_event()).await;
        assert!(early.is_err(), "{early:?}");
        for (kernel, _) in &busy {
            assert!(kernel.interrupt().await.unwrap());
        }
        assert_eq!(value_text(&run.await.unwrap()), "2");
        drop(busy);
        // The wall budget goes on meanwhile.
        let busy = busy_readers().await;
        let report = kernel.run(chunk().wall_timeout(limit)).await.unwrap();
        let expected = Outcome::TimedOut { budget: Budget::Wall(limit), stopped: Stopped::Queued };
        assert_eq!((report.outcome, report.state), (expected, State::Kept));
        drop(busy);
    });
}

/// This thread stands still for the supervisor, too, as if the process was stopped.
// threat F2
#[test]
fn a_wall_budget_is_not_charged_while_the_process_stands_still_before_the_source_is_read() {
    block_on(async {
        let kernel = impatient().spawn().await.unwrap();
        let busy = busy_readers().await;
        let run = kernel.run(Chunk::new(format!("1 + 1 /*{}*/", " ".repeat(5 << 10))).wall_timeout(Duration::from_secs(2)));
        // Asked after the run, and so answered when that waits for a thread.
        kernel.info().await.unwrap();
        // The subject is time that passes: no event could stand for it.
        std::thread::sleep(Duration::from_millis(3500));
        for (kernel, _) in &busy {
            assert!(kernel.interrupt().await.unwrap());
        }
        assert_eq!(value_text(&run.await.unwrap()), "2");
        drop(busy);
    });
}

// threat B11
#[test]
fn imports_of_sources_that_can_be_read_in_too_many_ways_fail_whoever_asks() {
    block_on(async {
        let kernel = impatient().spawn().await.unwrap();
        let code = format!(
            "const bomb = 'data:application/typescript,' + encodeURIComponent({:?});\n\
             const ends = await Promise.allSettled(Array.from({{ length: 12 }}, (_, i) => import(bomb + i)));\n\
             ends.map(end => end.reason?.name + ':' + end.reason?.message.includes('too ambiguous')).join()",
            ambiguous(0)
        );
        assert_eq!(text(&kernel, &code).await, format!("'{}'", ["SyntaxError:true"; 12].join(",")));
        assert_eq!(text(&kernel, "1 + 1").await, "2");
    });
}
