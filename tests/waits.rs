//! Functions of the embedder that use the kernel which calls them: what they keep alive, and whom they wait for.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use drupe_client::{Call, Error, HostError};
use futures_core::Stream as _;
use tokio::sync::{Notify, mpsc};

use crate::support::{block_on, kernel_pid, spawn, text, value_text};

/// A function that has the kernel from its call, or holds it weakly, does not keep it.
// threat G12
#[test]
fn a_function_that_knows_its_kernel_does_not_keep_it_alive() {
    block_on(async {
        let kernel = spawn().await;
        let (weak, asked) = (kernel.downgrade(), Arc::new(AtomicUsize::new(0)));
        let count = asked.clone();
        kernel
            .register("info", move |call: Call| {
                let (weak, count) = (weak.clone(), count.clone());
                async move {
                    let (Some(held), Some(caller)) = (weak.upgrade(), call.kernel()) else { panic!("it is being called") };
                    count.fetch_add(1, Ordering::SeqCst);
                    Ok(vec![
                        f64::from(held.info().await.unwrap().pid.unwrap()),
                        f64::from(caller.info().await.unwrap().pid.unwrap()),
                    ])
                }
            })
            .unwrap();
        let pid = kernel_pid(&kernel).await;
        assert_eq!(text(&kernel, "const [a, b] = await host.info(); a === b && a").await, pid.as_raw_nonzero().to_string());
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        let weak = kernel.downgrade();
        drop(kernel);
        assert!(weak.upgrade().is_none());
        while rustix::process::test_kill_process(pid).is_ok() {
            tokio::task::yield_now().await;
        }
    });
}

/// The run that is awaited comes after the one that waits for the function: nothing of it runs, and both are told at
/// once.
// threat G12
#[test]
fn a_function_that_awaits_what_waits_for_it_is_told_at_once() {
    block_on(async {
        let kernel = spawn().await;
        for name in ["run", "events"] {
            kernel
                .register(name, move |call: Call| async move {
                    let Some(kernel) = call.kernel() else { panic!("it is being called") };
                    let mut run = kernel.run("globalThis.ran = true");
                    if name == "events" {
                        while run.next_event().await.is_some() {}
                    }
                    match run.await {
                        Err(error @ Error::Deadlock { .. }) => Ok(error.to_string()),
                        other => Err(HostError::new("Error", format!("{other:?}"))),
                    }
                })
                .unwrap();
            let said = text(&kernel, &format!("await host.{name}()")).await;
            assert!(said.contains("would wait for ever"), "{said}");
            assert_eq!(text(&kernel, "typeof ran").await, "'undefined'");
        }
        // A run that has ended waits for nothing, and other kernels do not mind.
        let other = spawn().await;
        kernel
            .register("elsewhere", move |_| {
                let other = other.clone();
                async move { Ok(text(&other, "6 * 7").await) }
            })
            .unwrap();
        assert_eq!(text(&kernel, "await host.elsewhere()").await, "'42'");
    });
}

/// A waits for B, and B for A.
// threat G12
#[test]
fn kernels_that_wait_for_one_another_are_told_at_once() {
    block_on(async {
        let (first, second) = (spawn().await, spawn().await);
        let (there, back) = (second.downgrade(), first.downgrade());
        first
            .register("there", move |_| {
                let there = there.upgrade();
                async move {
                    let report = there
                        .unwrap()
                        .run("await host.back()")
                        .await
                        .map_err(|error| HostError::new("Error", error.to_string()))?;
                    Ok(value_text(&report))
                }
            })
            .unwrap();
        second
            .register("back", move |_| {
                let back = back.upgrade();
                async move {
                    match back.unwrap().run("1").await {
                        Err(error @ Error::Deadlock { .. }) => Ok(error.to_string()),
                        other => Err(HostError::new("Error", format!("{other:?}"))),
                    }
                }
            })
            .unwrap();
        let said = text(&first, "await host.there()").await;
        assert!(said.contains("would wait for ever for run 1"), "{said}");
        assert_eq!(text(&first, "'goes on'").await, "'goes on'");
    });
}

/// F of kernel A reads from a run of kernel B, which another task reads from then on. G, which that run calls, may
/// await kernel A.
#[test]
fn a_function_that_has_read_from_a_run_waits_for_it_no_longer() {
    for streams in [false, true] {
        block_on(async {
            let (first, second) = (spawn().await, spawn().await);
            let (there, back) = (second.downgrade(), first.downgrade());
            let awaits = Arc::new(Notify::new());
            first
                .register("f", move |_| {
                    let second = there.upgrade();
                    async move {
                        let mut run = second.unwrap().run("await host.g()");
                        let event =
                            if streams { poll_fn(|cx| Pin::new(&mut run).poll_next(cx)).await } else { run.next_event().await };
                        assert!(event.is_some());
                        tokio::spawn(async move { while run.next_event().await.is_some() {} });
                        Ok(())
                    }
                })
                .unwrap();
            let told = awaits.clone();
            first
                .register("release", move |_| {
                    let told = told.clone();
                    async move {
                        told.notified().await;
                        Ok(())
                    }
                })
                .unwrap();
            let (tell, mut said) = mpsc::unbounded_channel();
            second
                .register("g", move |_| {
                    let (first, tell, awaits) = (back.upgrade(), tell.clone(), awaits.clone());
                    async move {
                        let run = first.unwrap().run("6 * 7");
                        awaits.notify_one();
                        tell.send(run.await).unwrap();
                        Ok(())
                    }
                })
                .unwrap();
            let goes_on = first.run("await host.f(); await host.release(); 'goes on'");
            let report = said.recv().await.unwrap();
            assert_eq!(value_text(&report.unwrap()), "42");
            assert_eq!(value_text(&goes_on.await.unwrap()), "'goes on'");
        });
    }
}
