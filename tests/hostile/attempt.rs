//! One try of a case, measured.

use std::{
    fs,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use drupe_client::{Cause, Chunk, Error, Kernel, Options, Outcome, Report, State, completeness, format};
use rustix::time::{ClockId, clock_gettime};

use crate::{
    case::Act,
    process::{peak_resident, reset_peak, resident},
    watch,
    world::Folder,
};

/// How often others ask something of the parent.
const ASKED: Duration = Duration::from_millis(40);

/// How often the kernel's CPU time is looked at.
const LOOKED: Duration = Duration::from_millis(20);

/// A parent rests when it uses less than this in each of [`CALM`] spans of [`SPAN`].
const LITTLE: Duration = Duration::from_millis(1);
const CALM: usize = 2;
const SPAN: Duration = Duration::from_millis(15);

/// What a try cost.
#[derive(Debug, Default)]
pub(crate) struct Attempt {
    pub(crate) took: Duration,
    pub(crate) cpu: Duration,
    pub(crate) memory: u64,
    pub(crate) interrupt: Duration,
    pub(crate) others: Duration,
    pub(crate) end: String,
    pub(crate) wrong: bool,
}

/// User and system time of this process, all threads, none of its children.
fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap(), u32::try_from(time.tv_nsec).unwrap())
}

/// Waits until this process rests, whatever goes on in it that nobody waits for any more.
pub(crate) async fn rest() {
    let mut calm = 0;
    while calm < CALM {
        let before = cpu();
        // The end of work that nobody waits for is no event.
        tokio::time::sleep(SPAN).await;
        calm = if cpu() - before < LITTLE { calm + 1 } else { 0 };
    }
}

/// Has `act` done, with an interrupt at `moment` if one is to come.
pub(crate) async fn attempt(kernel: &Kernel, other: &Kernel, act: &Act, folder: &Folder, moment: Option<Duration>) -> Attempt {
    let pid = kernel.info().await.unwrap().pid.unwrap_or(0);
    let over = Arc::new(AtomicBool::new(false));
    reset_peak();
    let (memory, used, start) = (resident("self"), cpu(), Instant::now());
    let others = tokio::spawn(ask_meanwhile(kernel.clone(), other.clone(), start, over.clone()));
    let busy = moment.map(|moment| Busy::watch(pid, start + moment, over.clone()));
    let doing = tokio::spawn(done(kernel.clone(), act, folder));
    let mut attempt = Attempt::default();
    let (mut due, mut answered) = (None, Duration::ZERO);
    if let Some(moment) = moment {
        tokio::time::sleep_until((start + moment).into()).await;
        if !doing.is_finished() {
            due = Some(start + moment);
            answered = stopped(kernel, act, start + moment).await;
        }
    }
    let (end, at) = doing.await.unwrap();
    over.store(true, Ordering::Relaxed);
    (attempt.end, attempt.wrong) = end;
    attempt.took = at - start;
    attempt.others = others.await.unwrap();
    rest().await;
    attempt.cpu = cpu() - used;
    attempt.memory = peak_resident("self").saturating_sub(memory);
    let share = busy.map_or(0.0, |busy| busy.join().unwrap());
    if let Some(due) = due {
        // V8 looks for no interrupt while it compiles or is in a built-in: who burns the processor then is the kernel,
        // which costs itself.
        attempt.interrupt = if share > 0.5 { answered } else { answered.max(at.saturating_duration_since(due)) };
    }
    attempt
}

/// Stops what is done; resolves to how long after `due` that was answered.
async fn stopped(kernel: &Kernel, act: &Act, due: Instant) -> Duration {
    if matches!(act, Act::Run { .. }) {
        drop(kernel.interrupt().await);
    } else {
        // A question has no interrupt: what is asked next must not wait for it.
        drop(kernel.run("1").await);
    }
    due.elapsed()
}

/// Asks another kernel for a value, and this one's supervisor for its state, until it is over: the longest that took.
async fn ask_meanwhile(kernel: Kernel, other: Kernel, start: Instant, over: Arc<AtomicBool>) -> Duration {
    let (mut due, mut longest) = (start + ASKED, Duration::ZERO);
    loop {
        tokio::time::sleep_until(due.into()).await;
        if over.load(Ordering::Relaxed) {
            return longest;
        }
        drop(kernel.info().await);
        drop(other.run("1").await);
        longest = longest.max(due.elapsed());
        due = Instant::now() + ASKED;
    }
}

/// How busy the kernel is after a moment.
struct Busy;

impl Busy {
    /// The share of the time from `from` to the end that process `pid` spends computing.
    fn watch(pid: u32, from: Instant, over: Arc<AtomicBool>) -> thread::JoinHandle<f64> {
        thread::spawn(move || {
            thread::sleep(from.saturating_duration_since(Instant::now()));
            let (before, begun) = (Self::cpu_of(pid), Instant::now());
            let mut share = 0.0;
            while !over.load(Ordering::Relaxed) {
                thread::sleep(LOOKED);
                // A process that is gone says 0.
                if let Some(used) = Self::cpu_of(pid).checked_sub(before) {
                    share = used.as_secs_f64() / begun.elapsed().as_secs_f64();
                }
            }
            share
        })
    }

    /// CPU time of a process, to the hundredth of a second.
    fn cpu_of(pid: u32) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let fields = stat.rsplit_once(") ").map(|(_, rest)| rest.split(' ').collect::<Vec<_>>()).unwrap_or_default();
        let ticks = |at: usize| fields.get(at).and_then(|ticks| ticks.parse::<u64>().ok()).unwrap_or(0);
        Duration::from_millis((ticks(11) + ticks(12)) * 10)
    }
}

/// Does it, and says how that ended, whether it must not end so, and when.
fn done(kernel: Kernel, act: &Act, folder: &Folder) -> Pin<Box<dyn Future<Output = ((String, bool), Instant)> + Send>> {
    fn timed(
        what: impl Future<Output = (String, bool)> + Send + 'static,
    ) -> Pin<Box<dyn Future<Output = ((String, bool), Instant)> + Send>> {
        Box::pin(async move {
            let end = what.await;
            (end, Instant::now())
        })
    }
    match act {
        Act::Run { source, language, inputs } => {
            let chunk = Chunk::new(source.as_str()).language(*language).value_limit(1 << 20);
            let chunk = chunk.input("folder", folder.world().display().to_string()).input("server", watch::server_url());
            let chunk = inputs.iter().fold(chunk, |chunk, (name, value)| chunk.input(*name, value.clone()));
            timed(async move { ending(&kernel.run(chunk).await) })
        }
        Act::Preview(code) => {
            let code = code.clone();
            timed(async move { answer(kernel.preview(code).await) })
        }
        Act::Complete(code) => {
            let (code, cursor) = (code.clone(), u32::try_from(code.encode_utf16().count()).unwrap());
            timed(async move { answer(kernel.complete(code, cursor).await.map(|found| found.items.len())) })
        }
        Act::Inspect(_) => timed(async move { answer(kernel.inspect("f", 1).await) }),
        // These block their caller: a front end has threads for that.
        Act::Completeness(code) => {
            let code = code.clone();
            timed(beside(move || format!("{:?}", completeness(&code, &Options::default()))))
        }
        Act::Format(code) => {
            let code = code.clone();
            timed(beside(move || match format(&code, &Options::default()) {
                Ok(text) => format!("formatted, {} bytes", text.len()),
                Err(error) => error.to_string(),
            }))
        }
    }
}

/// On a thread that may block.
async fn beside(what: impl FnOnce() -> String + Send + 'static) -> (String, bool) {
    said(tokio::task::spawn_blocking(what).await.unwrap_or_else(|error| error.to_string()))
}

fn answer(answer: Result<impl std::fmt::Debug, Error>) -> (String, bool) {
    match answer {
        Ok(answer) => said(format!("{answer:?}")),
        Err(error) => ending(&Err(error)),
    }
}

/// An end in words, and whether the words tell of a failure of ours.
fn said(text: String) -> (String, bool) {
    let ours = ["the compiler failed", "the transpiler failed", "the host failed", "panicked"];
    let wrong = ours.iter().any(|failure| text.contains(failure));
    let line = text.chars().map(|char| if char.is_control() { ' ' } else { char }).take(100).collect();
    (line, wrong)
}

fn ending(end: &Result<Report, Error>) -> (String, bool) {
    // A kernel may be lost, for what it was given was too much for it.
    let explained = |cause: &Cause| match cause {
        Cause::OutOfMemory | Cause::Unresponsive => true,
        Cause::EngineFailure(why) => why == "its native stack overflowed",
        _ => false,
    };
    let (text, wrong) = match end {
        Ok(Report { outcome, state, .. }) => {
            let (text, wrong) = match outcome {
                Outcome::Value { text, .. } => said(format!("value {text}")),
                Outcome::SyntaxError(exception) => said(format!("no program: {}", exception.message)),
                Outcome::Threw(exception) => said(format!("threw {}", exception.text)),
                other => said(format!("{other:?}")),
            };
            let lost = matches!(state, State::LostWithProcess(death) if !explained(&death.cause));
            (text, wrong || lost)
        }
        Err(Error::Died { death, .. }) => (format!("kernel lost: {:?}", death.cause), !explained(&death.cause)),
        Err(error) => (error.to_string(), false),
    };
    (text, wrong)
}
