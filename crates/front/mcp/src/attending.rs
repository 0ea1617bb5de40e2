//! A call attends to a run: until the run ends, the caller's patience does, or a person is to be asked.

use std::{sync::Arc, time::Duration};

use rmcp::{
    RoleServer,
    model::{InputRequiredResult, ProgressNotificationParam},
    service::RequestContext,
};
use tokio::{
    sync::{oneshot, watch},
    task::JoinHandle,
    time::Instant,
};

use crate::{
    asked::Said,
    asking, names,
    questions::{Claim, Questions},
    record::Record,
    refusal::Refusal,
    session::Session,
};

/// How many questions a call asks by answers, one after another. Clients give a call up after 10 of them, and then the
/// model learns nothing of the run: it gets an answer before.
const MAX_ROUNDS: u32 = 8;

/// The least time between two notifications of progress.
const PACE: Duration = Duration::from_millis(100);

/// How long a run may take once the client says no more: its answer is to come before the connection ends.
const FAREWELL: Duration = Duration::from_secs(4);

/// How many bytes of a line progress tells.
const MAX_PROGRESS: usize = 200;

/// What ends the attendance.
#[derive(Debug)]
pub(crate) enum Came {
    /// The run has ended, or the time is up.
    News,
    /// The client is to ask a person.
    Question(Box<InputRequiredResult>),
    /// The call was cancelled, or its client is gone.
    Cancelled,
}

/// Attends to a run, for `patience`; `over` tells that the client says no more. **A question does not prolong that**:
/// one that a client was asked to put to a person stays with them, and a later call attends to the run.
pub(crate) async fn attend(
    context: &RequestContext<RoleServer>,
    mut over: watch::Receiver<bool>,
    session: &Arc<Session>,
    record: &Arc<Record>,
    patience: Duration,
) -> Result<Came, Refusal> {
    let _attended = session.attend();
    let mut can_ask = asking::can_ask(context);
    session.questions.set_can_ask(can_ask);
    if !can_ask {
        session.questions.turn_down();
    }
    let (mut changed, mut bell) = (record.changed(), session.questions.bell());
    let begun = Instant::now();
    let mut until = begun + patience;
    let mut says_more = true;
    let mut asking = None;
    let mut progress = Progress::new(context);
    // Callbacks that such a run left may ask.
    let was_over = record.has_ended();
    loop {
        if record.has_ended() && !was_over {
            return Ok(Came::News);
        }
        let claim = if can_ask && asking.is_none() { session.claim(record.run, begun.into_std()) } else { None };
        if claim.is_none() && asking.is_none() && was_over {
            return Ok(Came::News);
        }
        if let Some(claim) = claim {
            if asking::asks_by_answer(context) {
                return question(session, record, &claim);
            }
            asking = Some(Put::new(context, claim, &session.questions));
        }
        tokio::select! {
            () = context.ct.cancelled() => {
                // A question that has just ended needs no message.
                let _ = asking.map(|put| put.cancel.send(()));
                return Ok(Came::Cancelled);
            }
            // Neither ends before its session does.
            Ok(()) = changed.changed() => {}
            Ok(()) = bell.changed() => {}
            () = answered(&mut asking) => asking = None,
            true = has_ended(&mut over), if says_more => {
                (says_more, can_ask) = (false, false);
                until = until.min(Instant::now() + FAREWELL);
                session.questions.end();
            }
            () = progress.due() => progress.send(context, record).await,
            () = tokio::time::sleep_until(until) => return Ok(Came::News),
        }
        progress.note(record);
    }
}

/// A question that the client was asked to put to a person by a request. **It outlives a call that ends**: the answer
/// is taken all the same.
struct Put {
    task: JoinHandle<()>,
    /// Takes the question back.
    cancel: oneshot::Sender<()>,
}

impl Put {
    fn new(context: &RequestContext<RoleServer>, claim: Claim, questions: &Arc<Questions>) -> Self {
        let (peer, questions) = (context.peer.clone(), questions.clone());
        let (cancel, cancelled) = oneshot::channel();
        let task = tokio::spawn(async move {
            if !asking::ask(&peer, &claim, &questions, cancelled).await {
                questions.answer(claim.number, Said::Nothing, "nobody");
            }
        });
        Self { task, cancel }
    }
}

/// Waits until the client says no more. False: that cannot be known.
async fn has_ended(over: &mut watch::Receiver<bool>) -> bool {
    over.wait_for(|over| *over).await.is_ok()
}

/// Waits until a question that was put is over, if there is one.
async fn answered(put: &mut Option<Put>) {
    match put {
        // One that failed is over, too.
        Some(put) => drop((&mut put.task).await),
        None => std::future::pending().await,
    }
}

/// Has the client ask, and call again with the answer.
fn question(session: &Session, record: &Record, claim: &Claim) -> Result<Came, Refusal> {
    if record.state().rounds >= MAX_ROUNDS {
        return Ok(Came::News);
    }
    let Some(token) = session.questions.token(claim.number, || names::new('q'))? else { return Ok(Came::News) };
    record.change(|state| {
        state.rounds += 1;
        if !state.tokens.contains(&token) {
            state.tokens.push(token.clone());
        }
    });
    let required = asking::required(&claim.asked, token);
    required
        .map(|required| Came::Question(Box::new(required)))
        .ok_or_else(|| Refusal::new("limit", "The question cannot be asked."))
}

/// Progress of a run, by what it prints.
struct Progress {
    token: Option<rmcp::model::ProgressToken>,
    told: u64,
    last: Option<Instant>,
    due: Option<Instant>,
}

impl Progress {
    fn new(context: &RequestContext<RoleServer>) -> Self {
        Self { token: context.meta.get_progress_token(), told: 0, last: None, due: None }
    }

    /// The console may have grown.
    fn note(&mut self, record: &Record) {
        if self.token.is_some() && self.due.is_none() && record.state().console.events() > self.told {
            let now = Instant::now();
            self.due = Some(self.last.map_or(now, |last| now.max(last + PACE)));
        }
    }

    /// The time of the next notification.
    async fn due(&self) {
        match self.due {
            Some(due) => tokio::time::sleep_until(due).await,
            None => std::future::pending().await,
        }
    }

    async fn send(&mut self, context: &RequestContext<RoleServer>, record: &Record) {
        self.due = None;
        let Some(token) = self.token.clone() else { return };
        let (events, line) = {
            let state = record.state();
            (state.console.events(), state.console.last_line(MAX_PROGRESS).to_owned())
        };
        (self.told, self.last) = (events, Some(Instant::now()));
        #[expect(clippy::cast_precision_loss, reason = "it has grown all the same")]
        let progress = ProgressNotificationParam::new(token, events as f64).with_message(line);
        // A client that does not read learns the same from the answer.
        drop(context.peer.notify_progress(progress).await);
    }
}
