//! Kernels of real programs to try, and their reports taken apart.
#![allow(dead_code, reason = "each program uses what it needs")]

use std::{future::Future, time::Duration};

use drupe_client::{Builder, Error, Event, Kernel, Program, Report, Run, Sandbox};
use rustix::process::Pid;

/// No test waits longer for anything.
const HANG: Duration = Duration::from_secs(600);

/// How long a kernel may take to answer, however busy the machine: tests of what happens when it does not have a
/// shorter one.
pub(crate) const PATIENT: Duration = Duration::from_secs(20);

/// For tests of kernels that do not answer.
pub(crate) const SHORT_GRACE: Duration = Duration::from_millis(250);

/// The real kernel's program.
pub(crate) fn kernel_program() -> Program {
    Program::new(env!("CARGO_BIN_EXE_test-kernel"))
}

/// A peer that misbehaves in the given way.
pub(crate) fn misbehaving(mode: &str) -> Builder {
    let program = Program::new(env!("CARGO_BIN_EXE_misbehaving-peer")).arg(mode);
    Kernel::builder().program(program).launch_timeout(PATIENT).sandbox(Sandbox::OffUnsafe)
}

/// The id of a process, as the system takes it.
pub(crate) fn pid(id: u32) -> Pid {
    Pid::from_raw(i32::try_from(id).unwrap()).unwrap()
}

/// The process of a kernel that has one.
pub(crate) async fn kernel_pid(kernel: &Kernel) -> Pid {
    pid(kernel.info().await.unwrap().pid.unwrap())
}

/// A kernel that is given time.
pub(crate) fn builder() -> Builder {
    Kernel::builder().program(kernel_program()).launch_timeout(PATIENT).grace(PATIENT)
}

/// A kernel that is killed soon if it does not answer.
pub(crate) fn impatient() -> Builder {
    builder().grace(SHORT_GRACE)
}

/// The levels of confinement at which containment is tried; the layer of JavaScript must hold alone, too.
pub(crate) fn levels() -> &'static [&'static str] {
    &["strict", "off"]
}

/// A kernel at one of the [`levels`].
pub(crate) fn builder_at(level: &str) -> Builder {
    match level {
        "hardened" => builder().sandbox(Sandbox::Hardened),
        "strict" => builder().sandbox(Sandbox::Strict),
        "off" => builder().sandbox(Sandbox::OffUnsafe),
        other => panic!("no level {other}"),
    }
}

pub(crate) async fn spawn() -> Kernel {
    builder().spawn().await.unwrap()
}

/// Runs a test on a runtime of its own, and not for ever.
pub(crate) fn block_on<T>(test: impl Future<Output = T>) -> T {
    block_on_within(HANG, test)
}

/// As [`block_on`], for a test that does the same thing very often.
pub(crate) fn block_on_within<T>(hang: Duration, test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(hang, test).await.expect("the test hangs") })
}

/// The text of the value of `code`.
pub(crate) async fn text(kernel: &Kernel, code: &str) -> String {
    value_text(&kernel.run(code).await.unwrap())
}

pub(crate) fn value_text(report: &Report) -> String {
    match &report.outcome {
        drupe_client::Outcome::Value { text, .. } => text.clone(),
        other => panic!("no value: {other:?}"),
    }
}

/// All events of a run, and its end.
pub(crate) async fn all(mut run: Run) -> (Vec<Event>, Result<Report, Error>) {
    let mut events = Vec::new();
    while let Some(event) = run.next_event().await {
        events.push(event);
    }
    (events, run.await)
}

/// Waits until the run says `text` on its console.
pub(crate) async fn until_printed(run: &mut Run, text: &str) {
    while let Some(event) = run.next_event().await {
        if matches!(&event, Event::Console(console) if console.text() == text) {
            return;
        }
    }
    panic!("the run ended without saying {text:?}");
}
