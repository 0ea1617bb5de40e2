//! A run in progress: a stream of events that also resolves to a report.

use std::{
    future::{Future, IntoFuture},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use drupe_protocol::{RunId, Value};
use futures_core::Stream;
use tokio::sync::oneshot;

use crate::{
    Error, Event, Outcome, Report,
    mailbox::Mailbox,
    supervisor::{Command, CommandSender},
    waits::{Place, Wait},
};

/// A submitted chunk. It runs whether or not its events are read.
///
/// As a stream it yields the run's events until its outcome; awaited, it resolves to its [`Report`]. **A run that is
/// held but not read slows the kernel down** once some hundred events wait, and with it the runs behind it: read it,
/// await it, or drop it. Dropping it discards its events; it does not stop it, see [`Run::interrupt`] and
/// [`Chunk::stop_on_drop`](crate::Chunk::stop_on_drop).
#[derive(Debug)]
#[must_use = "a run that is held must be read or awaited; drop it to let it go on unobserved"]
pub struct Run {
    place: Arc<Place>,
    events: Mailbox,
    report: oneshot::Receiver<Result<Report, Error>>,
    commands: CommandSender,
    /// The completion value, once its event was read. **It is part of the report, and may be large: it is copied only
    /// for those who read the events too.**
    value: Option<Value>,
    /// Whether the value stays with its event alone.
    leaves_value: bool,
    /// A function of the embedder's awaits it, by polls of this.
    wait: Option<Wait>,
    /// It could never have been awaited to its end.
    deadlock: Option<Error>,
    /// Whether dropping it stops it: it has not ended, and that is wished.
    stop_on_drop: bool,
}

impl Run {
    pub(crate) fn new(
        place: Arc<Place>,
        events: Mailbox,
        report: oneshot::Receiver<Result<Report, Error>>,
        commands: CommandSender,
        stop_on_drop: bool,
    ) -> Self {
        Self { place, events, report, commands, value: None, leaves_value: false, wait: None, deadlock: None, stop_on_drop }
    }

    /// The run's id. Events that it causes after its end have it, too.
    #[must_use]
    pub fn id(&self) -> RunId {
        self.place.run()
    }

    /// The next event; `None` once the run has ended. Cancel safe.
    pub async fn next_event(&mut self) -> Option<Event> {
        // It waits for as long as this is awaited, and not until the run is dropped: another task may read on.
        let wait = self.begin_wait()?;
        let event = self.events.recv().await;
        drop(wait);
        self.note(event.as_ref());
        event
    }

    /// Notes that the calling task begins to wait for the run. `None`: the wait would never end, and the run is
    /// stopped.
    fn begin_wait(&mut self) -> Option<Option<Wait>> {
        if self.deadlock.is_some() {
            return None;
        }
        match Wait::begin(&self.place) {
            Ok(wait) => Some(wait),
            Err(deadlock) => {
                self.interrupt();
                self.deadlock = Some(deadlock);
                None
            }
        }
    }

    /// As [`Self::begin_wait`], from one poll to the next. Whether the task that polls must not wait.
    fn is_deadlocked(&mut self) -> bool {
        if self.wait.as_ref().is_some_and(Wait::is_of_current) {
            return false;
        }
        // Another task may have polled before.
        self.wait = None;
        match self.begin_wait() {
            Some(wait) => self.wait = wait,
            None => return true,
        }
        false
    }

    fn note(&mut self, event: Option<&Event>) {
        if let Some(Event::Result(result)) = event
            && !self.leaves_value
        {
            self.value.clone_from(&result.value);
        }
    }

    /// Leaves the completion value to those who read the [`Event::Result`]: the report has none then, and a large value
    /// is not copied.
    pub fn value_in_event(mut self) -> Self {
        self.leaves_value = true;
        self
    }

    /// Stops this run, and keeps the session's state: it ends as [`Outcome::Interrupted`](crate::Outcome::Interrupted).
    /// One that waits for its turn ends at once, and none of its code is executed. This has no effect on a run that has
    /// ended already.
    pub fn interrupt(&self) {
        self.commands.send(Command::Interrupt { run: Some(self.id()), reply: None });
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // One that has ended is left alone.
        if self.stop_on_drop {
            self.interrupt();
        }
    }
}

impl Stream for Run {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<Option<Event>> {
        if self.is_deadlocked() {
            return Poll::Ready(None);
        }
        let event = ready!(self.events.poll_recv(cx));
        self.wait = None;
        self.note(event.as_ref());
        Poll::Ready(event)
    }
}

impl IntoFuture for Run {
    type Output = Result<Report, Error>;
    type IntoFuture = RunFuture;

    fn into_future(self) -> RunFuture {
        RunFuture(self)
    }
}

/// Resolves to the report of a [`Run`]; unread events are discarded.
#[derive(Debug)]
pub struct RunFuture(Run);

impl Future for RunFuture {
    type Output = Result<Report, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<Self::Output> {
        if self.0.is_deadlocked()
            && let Some(deadlock) = &self.0.deadlock
        {
            return Poll::Ready(Err(deadlock.clone()));
        }
        while let Some(event) = ready!(self.0.events.poll_recv(cx)) {
            if let Event::Result(result) = event {
                self.0.value = result.value;
            }
        }
        let mut report = ready!(Pin::new(&mut self.0.report).poll(cx)).unwrap_or(Err(Error::Terminated));
        self.0.stop_on_drop = false;
        if let Ok(Report { outcome: Outcome::Value { value, .. }, .. }) = &mut report {
            *value = self.0.value.take();
        }
        Poll::Ready(report)
    }
}

/// The events of runs after their end, and events without a run. See
/// [`Kernel::late_events`](crate::Kernel::late_events).
#[derive(Debug)]
pub struct LateEvents(pub(crate) Mailbox);

impl LateEvents {
    /// The next event; `None` once the kernel is terminated, or after another call has taken the late events. Cancel
    /// safe.
    pub async fn next_event(&mut self) -> Option<Event> {
        self.0.recv().await
    }
}

impl Stream for LateEvents {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<Option<Event>> {
        self.0.poll_recv(cx)
    }
}
