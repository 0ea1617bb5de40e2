//! Limits, interrupts, deaths, respawns.

use std::time::Duration;

use drupe_client::{
    Begun, Budget, Cause, Chunk, Error, Event, InterruptReason, Kernel, LaunchError, Outcome, Program, Respawn, Sandbox,
    SessionReason, State, Stopped,
};
use rustix::process::{Signal, kill_process, test_kill_process};

use crate::support::{all, block_on, builder, impatient, kernel_pid, spawn, text, until_printed, value_text};

#[test]
fn a_loop_ends_with_its_budget_and_the_variables_stay() {
    block_on(async {
        let kernel = spawn().await;
        kernel.run("let kept = 'kept'").await.unwrap();
        let limit = Duration::from_millis(100);
        let report = kernel.run(Chunk::new("while (true) {}").vm_timeout(limit)).await.unwrap();
        assert_eq!(report.outcome, Outcome::TimedOut { budget: Budget::Vm(limit), stopped: Stopped::Javascript });
        assert_eq!(report.state, State::Kept);
        assert!(report.cpu >= limit);
        assert_eq!(text(&kernel, "kept").await, "'kept'");
    });
}

#[test]
fn a_parent_that_was_held_up_hears_its_kernel_before_it_kills_it() {
    block_on(async {
        let grace = Duration::from_millis(100);
        let kernel = builder().grace(grace).spawn().await.unwrap();
        let before = kernel_pid(&kernel).await;
        let resetting = tokio::spawn({
            let kernel = kernel.clone();
            async move { kernel.reset().await }
        });
        // Until the request is on its way; were it not, there would be no deadline to miss.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        // All of this process stands still, while its kernel answers. The subject is a deadline that passes: no event
        // could stand for it.
        std::thread::sleep(10 * grace);
        assert_eq!(resetting.await.unwrap().unwrap(), 2);
        assert_eq!(kernel_pid(&kernel).await, before, "the kernel was killed for its parent's delay");
    });
}

// threat B8
#[test]
fn an_await_for_ever_ends_with_its_wall_budget() {
    block_on(async {
        let kernel = spawn().await;
        kernel.run("let kept = 'kept'").await.unwrap();
        // Long enough for the await to be reached.
        let limit = Duration::from_millis(500);
        let report = kernel.run(Chunk::new("await new Promise(() => {})").wall_timeout(limit)).await.unwrap();
        let budget = Budget::Wall(limit);
        assert_eq!(report.outcome, Outcome::TimedOut { budget, stopped: Stopped::Await });
        assert_eq!(text(&kernel, "kept").await, "'kept'");
        let report = kernel.run(Chunk::new("while (true) {}").wall_timeout(limit)).await.unwrap();
        assert_eq!(report.outcome, Outcome::TimedOut { budget, stopped: Stopped::Javascript });
        assert_eq!(text(&kernel, "kept").await, "'kept'");
    });
}

#[test]
fn the_wall_budget_counts_from_the_start_of_the_run_not_from_its_turn() {
    block_on(async {
        // All of them take longer, and none has to be quick.
        let kernel = builder().wall_timeout(Duration::from_millis(2500)).spawn().await.unwrap();
        let runs =
            (0..20).map(|_| kernel.run("await new Promise(resolve => setTimeout(resolve, 150)); 'in time'")).collect::<Vec<_>>();
        for run in runs {
            assert!(run.await.unwrap().outcome.is_value());
        }
    });
}

#[test]
fn an_interrupt_keeps_the_state_and_late_ones_find_nothing() {
    block_on(async {
        let kernel = spawn().await;
        let mut run = kernel.run("let kept = 'kept'; console.log('waiting'); await new Promise(() => {})");
        until_printed(&mut run, "waiting").await;
        assert!(kernel.interrupt().await.unwrap());
        let report = run.await.unwrap();
        assert_eq!(report.outcome, Outcome::Interrupted { reason: InterruptReason::Request, stopped: Stopped::Await });
        assert!(!kernel.interrupt().await.unwrap());
        assert_eq!(text(&kernel, "kept").await, "'kept'");
    });
}

/// The kernel may not have begun the run when it hears of the interrupt.
#[test]
fn an_interrupt_stops_a_run_that_was_submitted_just_before() {
    block_on(async {
        let kernel = spawn().await;
        for _ in 0..100 {
            let run = kernel.run("for (;;);");
            assert!(kernel.interrupt().await.unwrap());
            let report = run.await.unwrap();
            assert!(matches!(report.outcome, Outcome::Interrupted { reason: InterruptReason::Request, .. }), "{report:?}");
        }
        assert_eq!(text(&kernel, "1 + 1").await, "2");
    });
}

// threat F1
#[test]
fn kill_9_is_an_error_that_names_the_signal_and_the_next_run_says_its_state_is_new() {
    block_on(async {
        let kernel = spawn().await;
        let mut run = kernel.run("globalThis.lost = 1; console.log('under way'); while (true) {}");
        until_printed(&mut run, "under way").await;
        let behind = kernel.run("typeof lost");
        let victim = kernel_pid(&kernel).await;
        kill_process(victim, Signal::KILL).unwrap();
        let error = run.await.unwrap_err();
        assert!(error.to_string().contains("SIGKILL"), "{error}");
        let Error::Died { death, started: Begun::Yes } = error else { panic!("{error:?}") };
        assert_eq!(death.cause, Cause::Signal { number: 9, name: "SIGKILL" });
        assert!(death.last_chunk.as_deref().unwrap().starts_with("globalThis.lost"));
        // What had certainly not begun is sent again, to the kernel that comes next.
        let (events, report) = all(behind).await;
        assert!(test_kill_process(victim).is_err(), "no zombie is left");
        let report = report.unwrap();
        assert_eq!(report.generation, death.generation + 1);
        let session = report.new_session.unwrap();
        assert_eq!(session.reason, SessionReason::Respawned(death));
        assert!(matches!(&events[0], Event::Session(told) if *told == session));
        assert!(events.iter().any(|event| matches!(event, Event::Result(result) if result.text == "'undefined'")));
    });
}

#[test]
fn a_kernel_that_dies_idle_is_replaced_or_not_as_configured() {
    block_on(async {
        let kernel = builder().respawn(Respawn::Never).spawn().await.unwrap();
        kernel.run("1").await.unwrap();
        kill_process(kernel_pid(&kernel).await, Signal::KILL).unwrap();
        // The death is noticed by the time it is asked about, or by the run itself.
        let error = kernel.run("2").await.unwrap_err();
        assert!(matches!(error, Error::Died { .. }), "{error:?}");
        assert!(matches!(kernel.run("3").await.unwrap_err(), Error::Died { started: Begun::No, .. }));
        kernel.restart().await.unwrap();
        assert_eq!(text(&kernel, "4").await, "4");
    });
}

// threat F2
#[test]
fn a_frozen_kernel_is_killed_when_its_time_is_up() {
    block_on(async {
        let kernel = impatient().spawn().await.unwrap();
        let mut run = kernel.run(Chunk::new("console.log('under way'); while (true) {}").wall_timeout(Duration::from_secs(1)));
        until_printed(&mut run, "under way").await;
        kill_process(kernel_pid(&kernel).await, Signal::STOP).unwrap();
        let report = run.await.unwrap();
        assert!(matches!(report.outcome, Outcome::TimedOut { budget: Budget::Wall(_), .. }), "{report:?}");
        let State::LostWithProcess(death) = report.state else { panic!("{:?}", report.state) };
        assert_eq!(death.cause, Cause::Unresponsive);
        assert_eq!(text(&kernel, "1 + 1").await, "2");
    });
}

/// A run that never begins has no wall time; but a kernel that should begin it and does not even answer is dead.
// threat F2
#[test]
fn a_kernel_that_froze_idle_is_killed_when_the_next_run_has_waited_for_its_budget() {
    block_on(async {
        let kernel = impatient().spawn().await.unwrap();
        kernel.run("1").await.unwrap();
        kill_process(kernel_pid(&kernel).await, Signal::STOP).unwrap();
        let (first, second) = (kernel.run(Chunk::new("2").wall_timeout(Duration::from_millis(50))), kernel.run("3"));
        let report = first.await.unwrap();
        assert!(matches!(report.outcome, Outcome::TimedOut { budget: Budget::Wall(_), .. }), "{report:?}");
        let State::LostWithProcess(death) = report.state else { panic!("{:?}", report.state) };
        assert_eq!(death.cause, Cause::Unresponsive);
        assert_eq!(value_text(&second.await.unwrap()), "3", "it had not begun, and is sent again");
        assert_eq!(text(&kernel, "1 + 1").await, "2");
    });
}

/// One that answers is not dead: it is busy with what an earlier run left, and the next run has its whole budget when
/// its turn comes.
// threat F2
#[test]
fn a_run_whose_turn_comes_late_is_not_timed_out() {
    block_on(async {
        let kernel = builder().grace(Duration::from_secs(60)).spawn().await.unwrap();
        let mut late = kernel.late_events();
        kernel
            .run("setTimeout(() => { console.log('busy'); const end = Date.now() + 800; while (Date.now() < end); }, 20)")
            .await
            .unwrap();
        while !matches!(late.next_event().await, Some(Event::Console(_))) {}
        let report = kernel.run(Chunk::new("'its turn'").wall_timeout(Duration::from_millis(400))).await.unwrap();
        assert!(report.outcome.is_value(), "{report:?}");
        assert_eq!(report.state, State::Kept);
    });
}

/// Time that passes while a kernel stands still is wall time, and no CPU time: its timers and budgets tell so
/// afterwards.
// threat F2
#[test]
fn a_kernel_that_stood_still_tells_the_time_afterwards() {
    block_on(async {
        let kernel = spawn().await;
        let code = "const [clock, date] = [performance.now(), Date.now()]; console.log('here');
            await new Promise(resolve => setTimeout(resolve, 100));
            [performance.now() - clock, Date.now() - date].every(time => time >= 400 && time < 60000)";
        let mut run = kernel.run(Chunk::new(code).vm_timeout(Duration::from_millis(200)).wall_timeout(Duration::from_secs(60)));
        until_printed(&mut run, "here").await;
        let pid = kernel_pid(&kernel).await;
        kill_process(pid, Signal::STOP).unwrap();
        // The subject is time that passes: no event could stand for it.
        tokio::time::sleep(Duration::from_millis(400)).await;
        kill_process(pid, Signal::CONT).unwrap();
        let report = run.await.unwrap();
        assert!(matches!(&report.outcome, Outcome::Value { text, .. } if text == "true"), "{report:?}");
        assert!(report.wall >= Duration::from_millis(400) && report.cpu < Duration::from_millis(200), "{report:?}");
    });
}

/// A built-in that V8 cannot interrupt: patience by default, and an end when asked for.
#[test]
fn kill_on_timeout_decides_what_a_deaf_built_in_costs() {
    block_on(async {
        let deaf = "let s = 'ab'.repeat(1 << 22); for (let i = 0; i < 40; i++) s.replaceAll('ab', 'abc'); 'through'";
        let kernel = impatient().spawn().await.unwrap();
        let patient = Chunk::new(deaf).wall_timeout(Duration::from_millis(50));
        let report = kernel.run(patient.clone()).await.unwrap();
        assert!(matches!(report.outcome, Outcome::TimedOut { .. }), "{report:?}");
        let hard = Chunk::new("const a = new Array(3e7).fill(0); while (true) a.reverse()")
            .wall_timeout(Duration::from_millis(200))
            .kill_on_timeout(true);
        let report = kernel.run(hard).await.unwrap();
        assert!(matches!(report.outcome, Outcome::TimedOut { .. } | Outcome::MemoryLimit { .. }), "{report:?}");
        assert_eq!(text(&kernel, "1 + 1").await, "2");
    });
}

// threat B6
#[test]
fn a_cpu_budget_holds_where_v8_does_not_listen() {
    block_on(async {
        let kernel = impatient().spawn().await.unwrap();
        let limit = Duration::from_millis(50);
        for deaf in [
            "Array.prototype.includes.call({ length: 2 ** 50 }, 1)",
            "Array.prototype.lastIndexOf.call({ length: 2 ** 50 }, 1)",
            "Array.prototype.reverse.call({ length: 2 ** 50 })",
            "setTimeout(() => [].includes.call({ length: 2 ** 50 }, 1), 1); await new Promise(() => {})",
        ] {
            let report = kernel.run(Chunk::new(deaf).vm_timeout(limit)).await.unwrap();
            assert_eq!(report.outcome, Outcome::TimedOut { budget: Budget::Vm(limit), stopped: Stopped::Javascript }, "{deaf}");
            let State::LostWithProcess(death) = report.state else { panic!("{deaf}: {:?}", report.state) };
            assert_eq!(death.cause, Cause::Unresponsive);
            assert!(kernel.run("1").await.unwrap().new_session.is_some());
        }
    });
}

#[test]
fn a_full_heap_is_an_outcome() {
    block_on(async {
        let kernel = builder().memory_limit(64 << 20).spawn().await.unwrap();
        let report = kernel.run("const rows = []; for (;;) rows.push([1, 2, 3])").await.unwrap();
        assert_eq!(report.outcome, Outcome::MemoryLimit { limit: 64 << 20 });
        assert_eq!(text(&kernel, "typeof rows").await, "'object'");
    });
}

#[test]
fn restart_and_terminate_say_what_became_of_the_runs() {
    block_on(async {
        let kernel = spawn().await;
        let mut run = kernel.run("console.log('loop'); while (true) {}");
        until_printed(&mut run, "loop").await;
        let generation = kernel.restart().await.unwrap();
        let Error::Died { death, .. } = run.await.unwrap_err() else { panic!() };
        assert_eq!(death.cause, Cause::Restarted);
        let report = kernel.run("1").await.unwrap();
        assert_eq!(report.new_session.unwrap().reason, SessionReason::Restarted);
        assert_eq!(report.generation, generation);

        let mut run = kernel.run("console.log('loop'); while (true) {}");
        until_printed(&mut run, "loop").await;
        let last = kernel_pid(&kernel).await;
        kernel.terminate().await;
        assert!(matches!(run.await.unwrap_err(), Error::Terminated));
        assert!(matches!(kernel.run("2").await.unwrap_err(), Error::Terminated));
        assert!(matches!(kernel.interrupt().await.unwrap_err(), Error::Terminated));
        assert!(test_kill_process(last).is_err());
    });
}

#[test]
fn the_last_handle_takes_the_process_with_it() {
    block_on(async {
        let kernel = spawn().await;
        let mut run = kernel.run("console.log('loop'); while (true) {}");
        until_printed(&mut run, "loop").await;
        let victim = kernel_pid(&kernel).await;
        drop(kernel.clone());
        assert!(test_kill_process(victim).is_ok());
        drop(kernel);
        assert!(matches!(run.await.unwrap_err(), Error::Terminated));
        while test_kill_process(victim).is_ok() {
            tokio::task::yield_now().await;
        }
    });
}

// threat F6
#[test]
fn a_program_that_is_none_is_a_typed_error() {
    block_on(async {
        let missing = Kernel::builder().program(Program::new("/nowhere/drupe-kernel"));
        let Error::Launch(error) = missing.spawn().await.unwrap_err() else { panic!() };
        assert!(matches!(&*error, LaunchError::Start { .. }), "{error}");
        let other = Kernel::builder().program(Program::new("/bin/true"));
        let Error::Launch(error) = other.spawn().await.unwrap_err() else { panic!() };
        assert!(matches!(&*error, LaunchError::Died(death) if death.cause == Cause::Exited(0)), "{error}");
    });
}

/// One memory of WebAssembly's is no larger than the kernel's limit, whoever makes it grow and whatever confines the
/// process.
// threat C4
#[test]
fn webassembly_memory_is_bounded_at_every_level_of_confinement() {
    let module = "const grows = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 6, 1, 0x60, 1, 0x7f, 1, 0x7f, 3, 2, 1, 0, 5, 3, 1, 0, 1,
        7, 12, 2, 1, 0x6d, 2, 0, 4, 0x67, 0x72, 0x6f, 0x77, 0, 0, 10, 8, 1, 6, 0, 0x20, 0, 0x40, 0, 0x0b]);
        const instance = new WebAssembly.Instance(new WebAssembly.Module(grows)).exports;
        const refused = (work) => { try { return work() } catch (error) { return error.name } }; 1";
    block_on(async {
        for sandbox in [Sandbox::OffUnsafe, Sandbox::BestEffort] {
            let kernel = builder().sandbox(sandbox).memory_limit(64 << 20).spawn().await.unwrap();
            assert_eq!(text(&kernel, module).await, "1");
            for (code, told) in [
                ("instance.grow(9)", "1"),
                ("instance.grow(2000)", "-1"),
                ("instance.m.buffer.byteLength", "655360"),
                ("refused(() => instance.m.grow(2000))", "'RangeError'"),
                ("const own = new WebAssembly.Memory({ initial: 1 }); refused(() => own.grow(2000))", "'RangeError'"),
                ("own.grow(1000)", "1"),
                (
                    "const shared = new WebAssembly.Memory({ initial: 1, maximum: 4000, shared: true }); refused(() => shared.grow(2000))",
                    "'RangeError'",
                ),
                ("typeof refused(() => new WebAssembly.Memory({ initial: 2000 }))", "'string'"),
            ] {
                assert_eq!(text(&kernel, code).await, told, "{code}, {sandbox:?}");
            }
        }
    });
}

/// Nor are all of them together larger than what the process may have: three times the limit, and 1.75 GiB for V8
/// itself.
// threat C4
#[cfg(target_os = "linux")]
#[test]
fn webassembly_memories_are_bounded_together_at_every_level_of_confinement() {
    block_on(async {
        for sandbox in [Sandbox::OffUnsafe, Sandbox::Strict] {
            for memory in ["{ initial: 900 }", "{ initial: 900, maximum: 1000, shared: true }"] {
                let kernel = builder().sandbox(sandbox).memory_limit(64 << 20).spawn().await.unwrap();
                // 56 MiB each; none of it is touched, and so the machine has no part in this.
                let code = format!(
                    "let had = 0; const keep = []; while (had < 200) {{ keep.push(new WebAssembly.Memory({memory})); had++ }}"
                );
                let report = kernel.run(code.as_str()).await.unwrap();
                let refused = match &report.outcome {
                    Outcome::Threw(exception) => exception.name.as_deref() == Some("RangeError"),
                    Outcome::MemoryLimit { .. } => true,
                    _ => false,
                };
                assert!(refused, "{memory}, {sandbox:?}: {report:?}");
                assert_eq!(text(&kernel, "keep.length = 0; had > 2 && had < 40").await, "true", "{memory}, {sandbox:?}");
                assert_eq!(text(&kernel, "1 + 1").await, "2", "{memory}, {sandbox:?}");
            }
        }
    });
}
