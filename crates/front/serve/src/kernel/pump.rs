//! Reads the events of a kernel's runs into its journal: those of each run in their order, and runs in theirs. Events
//! of earlier runs, such as the output of timers, have a queue of their own, and may be numbered a little later. The
//! end of a run that was interrupted before it began does not wait for its turn.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use drupe_client::{Event, LateEvents, Origin, Run, RunId};
use drupe_protocol::event::RunResult;
use futures_core::Stream as _;
use tokio::{sync::mpsc, time::Instant};

use super::{Served, attachment::Attachment, entry::Told};
use crate::connection::outbox::Outbox;

/// How long a kernel waits for a client that reads nothing, while it has others.
pub(crate) const STALLED: Duration = Duration::from_secs(10);

/// What a pump is told.
#[derive(Debug)]
pub(crate) enum ToPump {
    /// A run was submitted.
    Run(Run),
    /// A run was interrupted.
    Interrupted(RunId),
}

/// Reads until the kernel is closed.
pub(crate) async fn pump(served: Arc<Served>, told: mpsc::UnboundedReceiver<ToPump>, mut late: Late) {
    let mut ahead = Ahead { told, is_open: true, waiting: VecDeque::new() };
    loop {
        tokio::select! {
            next = ahead.next() => match next {
                Some(next) => follow(&served, next, &mut ahead, &mut late).await,
                None => break,
            },
            event = late.next() => served.publish(Told::Event(event.run(), event)).await,
        }
    }
    let reason = served.state().closed.unwrap_or("closed");
    served.publish(Told::Closed(reason)).await;
    served.drained.send_replace(true);
}

/// Runs that are not read yet, in their order.
struct Ahead {
    told: mpsc::UnboundedReceiver<ToPump>,
    /// Whether more may come.
    is_open: bool,
    waiting: VecDeque<Waiting>,
}

/// A run that is not read yet.
struct Waiting {
    run: Run,
    /// It was interrupted, so it may end before it begins.
    is_interrupted: bool,
    /// Its first event, if it was found to have begun.
    first: Option<Event>,
}

impl Ahead {
    /// The run whose turn is next. `None`: the kernel is closed. Cancel safe.
    async fn next(&mut self) -> Option<Waiting> {
        loop {
            if let Some(next) = self.waiting.pop_front() {
                return Some(next);
            }
            if !self.is_open {
                return None;
            }
            let told = self.told.recv().await;
            self.take_in(told);
        }
    }

    fn take_in(&mut self, told: Option<ToPump>) {
        match told {
            Some(ToPump::Run(run)) => self.waiting.push_back(Waiting { run, is_interrupted: false, first: None }),
            Some(ToPump::Interrupted(run)) => {
                if let Some(waiting) = self.waiting.iter_mut().find(|waiting| waiting.run.id() == run) {
                    waiting.is_interrupted = waiting.first.is_none();
                }
            }
            None => self.is_open = false,
        }
    }

    /// A run that has ended before it began. Cancel safe.
    async fn ended(&mut self) -> Run {
        loop {
            let Self { told, is_open, waiting } = self;
            let told = tokio::select! {
                biased;
                told = told.recv(), if *is_open => told,
                run = std::future::poll_fn(|cx| poll_ended(waiting, cx)) => return run,
            };
            self.take_in(told);
        }
    }
}

/// Looks at the runs that were interrupted, for one that has ended without an event. One that has begun is left to its
/// turn.
fn poll_ended(waiting: &mut VecDeque<Waiting>, cx: &mut Context) -> Poll<Run> {
    for index in 0..waiting.len() {
        let one = &mut waiting[index];
        if !one.is_interrupted {
            continue;
        }
        match Pin::new(&mut one.run).poll_next(cx) {
            Poll::Pending => {}
            Poll::Ready(Some(first)) => (one.first, one.is_interrupted) = (Some(first), false),
            Poll::Ready(None) => {
                if let Some(ended) = waiting.remove(index) {
                    return Poll::Ready(ended.run);
                }
            }
        }
    }
    Poll::Pending
}

/// The events of runs that have ended, and those of no run.
#[derive(Debug)]
pub(crate) struct Late(Option<LateEvents>);

impl Late {
    pub(crate) fn new(events: LateEvents) -> Self {
        Self(Some(events))
    }

    /// The next; never, once there are no more. Cancel safe.
    async fn next(&mut self) -> Event {
        if let Some(events) = &mut self.0 {
            if let Some(event) = events.next_event().await {
                return event;
            }
            self.0 = None;
        }
        std::future::pending().await
    }
}

async fn follow(served: &Served, next: Waiting, ahead: &mut Ahead, late: &mut Late) {
    let Waiting { mut run, mut first, .. } = next;
    let id = run.id();
    let mut result = None::<Box<RunResult>>;
    loop {
        let (run_of, event) = tokio::select! {
            biased;
            event = next_event(&mut run, &mut first) => match event {
                Some(event) => (Some(id), event),
                None => break,
            },
            ended = ahead.ended() => {
                served.publish(end(ended, None).await).await;
                continue;
            }
            event = late.next() => (event.run(), event),
        };
        // Its end tells what it came to.
        if let Event::Result(told) = event {
            result = Some(Box::new(told));
        } else if !is_own_end(&event, id) {
            served.publish(Told::Event(run_of, event)).await;
        }
    }
    served.publish(end(run, result).await).await;
}

async fn next_event(run: &mut Run, first: &mut Option<Event>) -> Option<Event> {
    match first.take() {
        Some(first) => Some(first),
        None => run.next_event().await,
    }
}

/// The end of a run whose events are read.
async fn end(run: Run, result: Option<Box<RunResult>>) -> Told {
    let id = run.id();
    match run.await {
        Ok(report) => Told::End(Box::new(report), result),
        Err(error) => Told::Failed(id, error),
    }
}

/// Whether it is the exception that ends the run.
fn is_own_end(event: &Event, run: RunId) -> bool {
    matches!(event, Event::Exception(uncaught) if uncaught.origin == Origin::Chunk && uncaught.run == Some(run))
}

impl Served {
    /// Puts an event into the journal, once it has room, and wakes the clients.
    async fn publish(&self, told: Told) {
        loop {
            let room = self.room.notified();
            tokio::pin!(room);
            // What is read from here on is noticed.
            room.as_mut().enable();
            match self.wait() {
                Wait::No => break,
                Wait::Room => room.await,
                Wait::Until(stalled) => {
                    if tokio::time::timeout_at(stalled, room).await.is_err() {
                        self.give_up_stalled();
                    }
                }
            }
        }
        let mut state = self.state();
        if let Some(run) = told.ended() {
            let weight = state.runs.remove(&run).unwrap_or(0);
            state.waiting -= weight;
        }
        if let Told::Event(_, Event::Session(session)) = &told {
            state.generation = session.generation;
        }
        // What a run begins with is told with what it comes to, if that comes soon.
        let is_beginning = matches!(told, Told::Event(_, Event::Session(_) | Event::Started(_)));
        state.journal.push(told);
        state.trim();
        let wake = if is_beginning { Outbox::wake_soon } else { Outbox::wake };
        state.attached.iter().for_each(|attachment| wake(attachment.outbox()));
    }

    /// Whether the journal is full of events that a client is to read first.
    fn wait(&self) -> Wait {
        let mut state = self.state();
        state.trim();
        let last = state.journal.last();
        // What a kernel that is gone has said is kept until it is read.
        if state.closed.is_some() || !state.journal.is_full() || state.needed() > last {
            return Wait::No;
        }
        // Only those who have read all suffer from one who has not.
        if !state.attached.iter().any(|attachment| attachment.cursor() == last) {
            return Wait::Room;
        }
        let behind = state.attached.iter().filter(|attachment| attachment.is_waited_for() && attachment.cursor() < last);
        behind.map(|attachment| attachment.last_read() + STALLED).min().map_or(Wait::Room, Wait::Until)
    }

    /// Waits no longer for clients that have events to read, and have read none for a while.
    fn give_up_stalled(&self) {
        let mut state = self.state();
        let last = state.journal.last();
        let is_stalled = |one: &&mut Attachment| one.cursor() < last && one.last_read().elapsed() >= STALLED;
        state.attached.iter_mut().filter(is_stalled).for_each(|one| one.give_up());
    }
}

/// What the next event waits for.
enum Wait {
    /// Nothing: it has room.
    No,
    /// Until a client has read more.
    Room,
    /// The same, and then the client is given up.
    Until(Instant),
}
