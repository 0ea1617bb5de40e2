//! Reads the events of a kernel's runs into its journal, in the order in which the kernel reports them.

use std::{sync::Arc, time::Duration};

use drupe_client::{Event, LateEvents, Origin, Run};
use drupe_protocol::event::RunResult;
use tokio::sync::mpsc;

use super::{Served, entry::Told};

/// How long a kernel waits for a client that reads nothing, while it has others.
const STALLED: Duration = Duration::from_secs(10);

/// Reads until the kernel is closed.
pub(crate) async fn pump(served: Arc<Served>, mut runs: mpsc::UnboundedReceiver<Run>, mut late: Late) {
    loop {
        tokio::select! {
            run = runs.recv() => match run {
                Some(run) => follow(&served, run, &mut late).await,
                None => break,
            },
            event = late.next() => served.publish(Told::Event(event.run(), event)).await,
        }
    }
    let reason = served.state().closed.unwrap_or("closed");
    served.publish(Told::Closed(reason)).await;
    served.drained.send_replace(true);
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

async fn follow(served: &Served, mut run: Run, late: &mut Late) {
    let id = run.id();
    let mut result = None::<Box<RunResult>>;
    loop {
        let (run_of, event) = tokio::select! {
            biased;
            event = run.next_event() => match event {
                Some(event) => (Some(id), event),
                None => break,
            },
            event = late.next() => (event.run(), event),
        };
        match event {
            // Its end tells them.
            Event::Result(told) => result = Some(Box::new(told)),
            Event::Exception(uncaught) if uncaught.origin == Origin::Chunk && uncaught.run == Some(id) => {}
            event => served.publish(Told::Event(run_of, event)).await,
        }
    }
    let told = match run.await {
        Ok(report) => Told::End(Box::new(report), result),
        Err(error) => Told::Failed(id, error),
    };
    served.publish(told).await;
}

impl Served {
    /// Puts an event into the journal, once it has room, and wakes the clients.
    async fn publish(&self, told: Told) {
        loop {
            let room = self.room.notified();
            tokio::pin!(room);
            // What is read from here on is noticed.
            room.as_mut().enable();
            if !self.must_wait() {
                break;
            }
            if tokio::time::timeout(STALLED, room).await.is_err() {
                self.give_up_stalled();
            }
        }
        let mut state = self.state();
        if let Some(run) = told.ended() {
            state.runs.remove(&run);
        }
        if let Told::Event(_, Event::Session(session)) = &told {
            state.generation = session.generation;
        }
        state.journal.push(told);
        let needed = state.needed();
        state.journal.trim(needed);
        state.attached.iter().for_each(|attachment| attachment.outbox().wake());
    }

    /// Whether the journal is full of events that a client is to read first.
    fn must_wait(&self) -> bool {
        let mut state = self.state();
        let needed = state.needed();
        state.journal.trim(needed);
        // What a kernel that is gone has said is kept until it is read.
        state.closed.is_none() && state.journal.is_full() && needed <= state.journal.last()
    }

    /// Waits no longer for clients that have read nothing for a while, if there are others.
    fn give_up_stalled(&self) {
        let mut state = self.state();
        if state.attached.len() > 1 {
            let stalled = |last: tokio::time::Instant| last.elapsed() >= STALLED;
            state.attached.iter_mut().filter(|one| stalled(one.last_read())).for_each(|one| one.give_up());
        }
    }
}
