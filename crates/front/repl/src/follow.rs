//! One run, from its submission to its end: shows its events as they come, and stops it on Ctrl-C.

use std::{
    future::{pending, ready},
    time::Duration,
};

use drupe_client::{
    Chunk, Error, Event, Kernel, LateEvents, Outcome, Report, Run, RunId, Signals, Status, Stdio, Value, host::stdio::Settling,
};
use rustyline::TypeAhead;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until},
};

use crate::{
    Questions, ReplError,
    answer_line::AnswerEditor,
    asking::Asked,
    interrupt_presses::{Press, Presses},
    interrupts::{HeardByProgram, Interrupts},
    prompt_queue::Question,
    run_questions::{Noted, ask_in_run},
    settled_output::{is_uncaught, settle},
    show::Show,
    signals::{Heard, unheard},
    status::Busy,
    tty::{Terminal, hung_up, keep_typed},
    waits::{Waits, ask_status, told},
};

/// A run that takes longer is told about, and then so often.
const LONG: Duration = Duration::from_secs(1);
const STATUS_INTERVAL: Duration = Duration::from_millis(500);

/// A run that ends sooner asks for no input: what reads it goes on, and the prompt tells of it.
const BRIEF: Duration = Duration::from_millis(50);

/// What a front end listens to besides the run it follows.
#[derive(Debug)]
pub struct Follower {
    /// What earlier runs still do.
    pub(crate) late: LateEvents,
    /// Presses of Ctrl-C.
    pub(crate) interrupts: mpsc::UnboundedReceiver<()>,
    /// What code asks the person.
    pub(crate) questions: Option<Questions>,
    /// Where a conversation takes place: it ends when that is gone, and what is typed ahead there is kept.
    pub(crate) terminal: Option<Terminal>,
    /// What programs listen to.
    pub(crate) signals: Option<Heard>,
    /// Notes that a program was told of a press.
    heard: HeardByProgram,
    /// Requests to write what was said.
    pub(crate) settling: Option<Settling>,
}

/// How following a run ended.
#[derive(Debug)]
pub enum Followed {
    /// The run ended.
    Ended {
        /// How, or why it could not be known.
        result: Result<Box<Report>, Error>,
        /// Whether something was thrown outside the chunk itself (in a timer, a promise) and not caught.
        uncaught: bool,
    },
    /// Ctrl-C was pressed, and pressed again while the run had not stopped. In a conversation that counts only after a
    /// second.
    Abandoned,
    /// A signal of this number came that the program listened to once, and no longer does: it would have ended this
    /// process.
    Signalled(u8),
}

impl Followed {
    /// Whether the run came to its end, and nothing was thrown that nobody caught.
    #[must_use]
    pub fn is_success(&self) -> bool {
        match self {
            Self::Ended { result: Ok(report), uncaught } => !uncaught && report.outcome.is_value(),
            Self::Ended { result: Err(_), .. } | Self::Abandoned | Self::Signalled(_) => false,
        }
    }

    /// Whether somebody wanted the run to end.
    #[must_use]
    pub fn is_interrupt(&self) -> bool {
        match self {
            Self::Abandoned | Self::Signalled(_) => true,
            Self::Ended { result, .. } => {
                result.as_ref().is_ok_and(|report| matches!(report.outcome, Outcome::Interrupted { .. }))
            }
        }
    }

    /// What the run came to, if it came to its end.
    pub(crate) fn value(self) -> Option<Value> {
        let Self::Ended { result: Ok(report), .. } = self else { return None };
        if let Outcome::Value { value, .. } = report.outcome { value } else { None }
    }
}

impl Follower {
    /// Listens to `kernel` and, from now on, to Ctrl-C, which no longer ends this process. Must be called within a
    /// tokio runtime.
    #[must_use]
    pub fn new(kernel: &Kernel) -> Self {
        Self::with(kernel, Interrupts::listen())
    }

    /// Listens to `kernel` and to `interrupts`, which may have come already.
    #[must_use]
    pub fn with(kernel: &Kernel, interrupts: Interrupts) -> Self {
        let Interrupts { presses, heard } = interrupts;
        let late = kernel.late_events();
        Self { late, interrupts: presses, questions: None, terminal: None, signals: None, heard, settling: None }
    }

    /// Asks the person at the terminal these questions while a run is followed, one after another; events wait
    /// meanwhile. A Ctrl-C refuses, and interrupts the run.
    #[must_use]
    pub fn asking(self, questions: Questions) -> Self {
        Self { questions: Some(questions), ..self }
    }

    /// Tells programs of the signals that they listen to. A Ctrl-C interrupts the run where the program has not come to
    /// an earlier one for a second. `signals`: those of the kernel.
    #[must_use]
    pub fn hearing(self, signals: Signals) -> Self {
        Self { signals: Some(Heard::new(signals)), ..self }
    }

    /// Writes what the program has said before another program writes to the same streams. `stdio`: those of the
    /// kernel.
    #[must_use]
    pub fn settling(self, stdio: &Stdio) -> Self {
        Self { settling: Some(stdio.settling()), ..self }
    }

    /// Ends what is followed when the terminal is gone: nobody could stop it any more. What is typed meanwhile is kept
    /// in the prompt's type-ahead, and its editor reads answers, if there is one.
    #[must_use]
    pub(crate) fn conversing(self, prompt: Option<(TypeAhead, AnswerEditor)>) -> Self {
        let kept = prompt.and_then(|(ahead, editor)| Terminal::keep(ahead, editor).ok());
        Self { terminal: kept.or_else(|| Terminal::open().ok()), ..self }
    }

    /// Tells the program of a Ctrl-C, if it listens and comes to what it is told.
    fn tell_of_interrupt(&self) -> bool {
        let hears = self.signals.as_ref().is_some_and(Heard::interrupt);
        if hears {
            self.heard.note();
        }
        hears
    }

    /// Forgets what was pressed before: it is not meant for what comes now. **To a program it is**: all that comes now
    /// is the program.
    pub(crate) fn forget_presses(&mut self) {
        while self.signals.is_none() && self.interrupts.try_recv().is_ok() {}
    }

    /// Shows what earlier runs have said so far. Says whether something was not caught.
    pub(crate) async fn show_late(&mut self, show: &mut dyn Show) -> Result<bool, ReplError> {
        let mut uncaught = false;
        loop {
            tokio::select! {
                biased;
                Some(event) = self.late.next_event() => {
                    uncaught |= is_uncaught(&event);
                    show.event(None, &event).map_err(ReplError::Output)?;
                }
                () = ready(()) => break,
            }
        }
        show.flush().map_err(ReplError::Output)?;
        Ok(uncaught)
    }
}

enum Step {
    HungUp,
    Interrupt,
    Signal(u8),
    Question(Question),
    Event(Option<RunId>, Event),
    /// What was said is to be written, and then this to be dropped.
    Settle(oneshot::Sender<()>),
    /// Nothing is ready: time to show what was held back.
    Pause,
    /// It was asked to stop a while ago.
    StillThere,
    /// It takes long.
    AskStatus,
    Status(Option<Status>),
    End,
}

/// Runs `chunk` in `kernel` and shows what happens. Ctrl-C interrupts it, and a second one abandons it. In a
/// conversation and in a pipe signals that follow within a second are the same press.
///
/// # Errors
/// When nothing can be shown any more, or the terminal is gone.
pub async fn follow(
    kernel: &Kernel,
    chunk: impl Into<Chunk>,
    follower: &mut Follower,
    show: &mut dyn Show,
) -> Result<Followed, ReplError> {
    let mut run = kernel.run(chunk);
    follower.forget_presses();
    let mut noted = Noted::default();
    // **Not refused before the run is stopped**, or it would go on.
    let mut unanswered = None;
    let start = Instant::now();
    let status = show.wants_status().then(|| start + LONG);
    let mut waits = Waits { held_back: false, presses: Presses::default(), may_type_at: start + BRIEF, status, told: None };
    loop {
        if show.is_mid_line() {
            // The code has written a question of its own.
            waits.may_type_at = start;
        }
        let mut step = step(&mut run, follower, &mut waits).await;
        if let Step::Question(question) = step {
            let asked = ask_in_run(question, &mut run, follower, show, &mut noted).await?;
            waits.may_type_at = Instant::now() + BRIEF;
            match asked {
                Asked::Done => continue,
                Asked::Interrupted(question) => {
                    if question.run == Some(run.id()) {
                        unanswered = Some(question);
                    } else if let Some(questions) = &mut follower.questions {
                        // Of an earlier run: the interrupt does not concern it.
                        questions.put_back(question, false);
                    }
                    step = Step::Interrupt;
                }
            }
        }
        match step {
            Step::Question(_) => {}
            Step::HungUp => return Err(ReplError::HungUp),
            Step::Signal(number) => return Ok(Followed::Signalled(number)),
            // Programs hear every signal.
            Step::Interrupt if follower.signals.is_none() && waits.presses.is_same() => {}
            // A Ctrl-C goes to the program, if it listens.
            Step::Interrupt if unanswered.is_none() && follower.tell_of_interrupt() => {}
            Step::Interrupt => {
                show.interrupting().map_err(ReplError::Output)?;
                if waits.presses.press() == Press::Again {
                    return Ok(Followed::Abandoned);
                }
                run.interrupt();
                if !noted.begun {
                    // What it waits behind, such as a timer that an earlier run has set, is no run any more.
                    let kernel = kernel.clone();
                    tokio::spawn(async move { drop(kernel.interrupt().await) });
                }
            }
            Step::StillThere => {
                show.still_there().map_err(ReplError::Output)?;
                waits.presses.lose_patience();
            }
            Step::Event(run, event) => {
                noted.begun |= run.is_some() && matches!(event, Event::Started(_));
                noted.uncaught |= is_uncaught(&event);
                show.event(run, &event).map_err(ReplError::Output)?;
                waits.held_back = true;
            }
            Step::Settle(settled) => {
                show.flush().map_err(ReplError::Output)?;
                drop(settled);
            }
            Step::Pause => {
                show.flush().map_err(ReplError::Output)?;
                waits.held_back = false;
            }
            Step::AskStatus => {
                waits.status = None;
                waits.told = Some(ask_status(kernel));
            }
            Step::Status(status) => {
                waits.told = None;
                waits.status = Some(Instant::now() + STATUS_INTERVAL);
                if !waits.presses.is_pressed() {
                    let typed = follower.terminal.as_ref().and_then(Terminal::typed);
                    show.status(&Busy { elapsed: start.elapsed(), status, typed }).map_err(ReplError::Output)?;
                }
            }
            Step::End => break,
        }
    }
    drop(unanswered);
    let id = run.id();
    let result = run.await.map(Box::new);
    noted.uncaught |= follower.show_late(show).await?;
    match &result {
        Ok(report) => show.report(report),
        Err(error) => show.error(Some(id), error),
    }
    .and_then(|()| show.flush())
    .map_err(ReplError::Output)?;
    Ok(Followed::Ended { result, uncaught: noted.uncaught })
}

/// The next question; requests for standard input wait until `may_type`. Cancel safe.
pub(crate) async fn question(questions: &mut Option<Questions>, may_type: bool) -> Question {
    match questions {
        Some(questions) => questions.next(may_type).await,
        None => pending().await,
    }
}

async fn step(run: &mut Run, follower: &mut Follower, waits: &mut Waits) -> Step {
    let id = run.id();
    let Waits { held_back, presses, may_type_at, status, told: telling } = waits;
    let (held_back, patience, status, may_type_at) = (*held_back, presses.patience(), *status, *may_type_at);
    let may_type = Instant::now() >= may_type_at;
    let Follower { late, interrupts, questions, terminal, signals, settling, heard: _ } = follower;
    tokio::select! {
        biased;
        () = hung_up(terminal) => Step::HungUp,
        Some(()) = interrupts.recv() => Step::Interrupt,
        never = keep_typed(terminal) => match never {},
        number = unheard(signals) => Step::Signal(number),
        question = question(questions, may_type) => Step::Question(question),
        event = run.next_event() => event.map_or(Step::End, |event| Step::Event(Some(id), event)),
        Some(event) = late.next_event() => Step::Event(None, event),
        settled = settle(settling) => Step::Settle(settled),
        () = ready(()), if held_back => Step::Pause,
        () = sleep_until(may_type_at), if !may_type => Step::Pause,
        () = sleep_until(patience.unwrap_or_else(Instant::now)), if patience.is_some() => Step::StillThere,
        () = sleep_until(status.unwrap_or_else(Instant::now)), if status.is_some() => Step::AskStatus,
        status = told(telling), if telling.is_some() => Step::Status(status),
    }
}
