//! Sessions that were lost, and made again from their journal.

use drupe_client::{Chunk, Error, Kernel, Outcome};
use rustix::process::{Signal, kill_process};

use crate::support::{block_on, builder, kernel_pid, text, until_printed};

async fn kill(kernel: &Kernel) {
    let pid = kernel_pid(kernel).await;
    let mut run = kernel.run("console.log('up'); await new Promise(() => {})");
    until_printed(&mut run, "up").await;
    kill_process(pid, Signal::KILL).unwrap();
    assert!(matches!(run.await, Err(Error::Died { .. })));
}

async fn play(kernel: &Kernel) -> Vec<(usize, usize, bool)> {
    let mut replay = kernel.replay().unwrap();
    let mut played = Vec::new();
    while let Some(replayed) = replay.next().await {
        let replayed = replayed.unwrap();
        played.push((replayed.index, replayed.total, replayed.same));
    }
    played
}

#[test]
fn a_lost_session_is_made_again_on_request() {
    block_on(async {
        let kernel = builder().journal(true).spawn().await.unwrap();
        kernel.run("const list: number[] = []; enum Kind { A = 3 }").await.unwrap();
        kernel.run(Chunk::new("list.push(seven, Kind.A); throw 'up'").input("seven", 7)).await.unwrap();
        kernel.run("let let = 1").await.unwrap();
        let stopped =
            kernel.run(Chunk::new("list.push('never again'); for (;;) {}").vm_timeout(std::time::Duration::from_millis(20)));
        assert!(matches!(stopped.await.unwrap().outcome, Outcome::TimedOut { .. }));
        kill(&kernel).await;
        // Nothing happens by itself.
        assert_eq!(text(&kernel, "typeof list").await, "'undefined'");
        assert_eq!(kernel.replayable(), 2);
        assert_eq!(play(&kernel).await, [(1, 2, true), (2, 2, true)]);
        assert_eq!(text(&kernel, "list").await, "[ 7, 3 ]");
        assert!(matches!(kernel.replay(), Err(Error::Journal(_))));

        // What was played is part of the new session, and can be lost again.
        kernel.restart().await.unwrap();
        assert!(kernel.replayable() >= 3);
        play(&kernel).await;
        assert_eq!(text(&kernel, "list").await, "[ 7, 3 ]");

        // Who asks for an empty session gets one.
        kernel.reset().await.unwrap();
        assert_eq!(kernel.replayable(), 0);
    });
}

#[test]
fn a_replay_stops_at_what_goes_otherwise() {
    block_on(async {
        let kernel = builder().journal(true).spawn().await.unwrap();
        kernel
            .register("once", {
                let left = std::sync::Arc::new(std::sync::atomic::AtomicI32::new(1));
                move |_| {
                    let left = left.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                    async move { if left > 0 { Ok(left) } else { Err(drupe_client::HostError::new("Error", "no more")) } }
                }
            })
            .unwrap();
        kernel.run("var a = 1").await.unwrap();
        kernel.run("await host.once()").await.unwrap();
        kernel.run("var b = 2").await.unwrap();
        kill(&kernel).await;
        assert_eq!(play(&kernel).await, [(1, 3, true), (2, 3, false)]);
        assert_eq!(text(&kernel, "[a, typeof b]").await, "[ 1, 'undefined' ]");
    });
}

#[test]
fn without_a_journal_there_is_nothing_to_replay() {
    block_on(async {
        let kernel = builder().spawn().await.unwrap();
        kernel.run("1").await.unwrap();
        kernel.restart().await.unwrap();
        assert!(matches!(kernel.replay(), Err(Error::Journal(_))));
    });
}
