//! What is left of many sessions and processes, and of handles that race.

use std::{fs, time::Duration};

use drupe_client::Error;

use crate::{
    kernels::builder,
    leaving_nothing,
    process::{alone, resident},
    times,
};

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

/// What a process holds at a moment.
#[derive(Clone)]
struct Sample {
    /// Resident memory, in KiB.
    resident: u64,
    descriptors: usize,
}

impl Sample {
    fn of(pid: &str) -> Self {
        Self { resident: resident(pid) >> 10, descriptors: fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count) }
    }
}

/// The median of the second fifth, when all is warm, and of the last.
fn early_and_late<T: Ord + Copy>(samples: impl Iterator<Item = T>) -> (T, T) {
    let mut samples = samples.collect::<Vec<_>>();
    let fifth = samples.len() / 5;
    let mut median = |range: std::ops::Range<usize>| {
        let part = &mut samples[range];
        part.sort_unstable();
        part[part.len() / 2]
    };
    let end = fifth * 5;
    (median(fifth..2 * fifth), median(end - fifth..end))
}

/// What the `v8` crate never frees of an isolate, in bytes: the record by which handles learn whether it lives, 64 of
/// them and what the allocator needs for that. With it alone, ten thousand resets cost 0.8 MB.
const KEPT_OF_AN_ISOLATE: u64 = 80;

/// One large page, in KiB: the system gives one where it finds many small ones side by side, whenever it likes.
const LARGE_PAGE: u64 = 2 << 10;

// threats C9, I3
#[test]
fn resets_and_restarts_leave_nothing() {
    let _alone = alone();
    leaving_nothing(async {
        let kernel = builder().spawn().await.unwrap();
        let state = "var held = Array.from({ length: 1e4 }, () => ({})); setInterval(() => {}, 1000); Promise.reject(1).catch(() => {}); 1";
        let (resets, restarts) = (times("DRUPE_RESETS", 300), times("DRUPE_RESTARTS", 30));
        for (rounds, restart) in [(resets, false), (restarts, true)] {
            // Written before, so that they do not count.
            let empty = Sample { resident: 1, descriptors: 1 };
            let (mut ours, mut theirs) = (vec![empty.clone(); rounds], vec![empty; rounds]);
            for round in 0..rounds {
                kernel.run(state).await.unwrap();
                let session = if restart { kernel.restart().await } else { kernel.reset().await };
                session.unwrap();
                // A process that has only just been launched is still on its way up.
                kernel.run("1").await.unwrap();
                ours[round] = Sample::of("self");
                theirs[round] = Sample::of(&kernel.info().await.unwrap().pid.unwrap().to_string());
            }
            let parent = early_and_late(ours.iter().map(|sample| sample.resident));
            let process = early_and_late(theirs.iter().map(|sample| sample.resident));
            println!(
                "{rounds} rounds, restart: {restart}: parent {} to {} KiB, kernel {} to {} KiB",
                parent.0, parent.1, process.0, process.1
            );
            // A process that is new each time gathers nothing; how much of it was paged in by now is the system's
            // business.
            let grown =
                if restart { process.0 / 10 } else { process.0 / 50 + LARGE_PAGE + rounds as u64 * KEPT_OF_AN_ISOLATE / 1024 };
            assert!(parent.1 <= parent.0 + parent.0 / 50, "parent: {parent:?} KiB in {rounds} rounds, restart: {restart}");
            assert!(process.1 <= process.0 + grown, "kernel: {process:?} KiB in {rounds} rounds, restart: {restart}");
            for samples in [ours, theirs] {
                let (early, late) = early_and_late(samples.iter().map(|sample| sample.descriptors));
                assert_eq!(early, late, "descriptors in {rounds} rounds, restart: {restart}");
            }
        }
        kernel.terminate().await;
    });
}
