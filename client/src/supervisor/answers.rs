//! Answers one call to the host, to its end: the answer, the room that it takes, and the clean-up after a failure.

use std::{
    any::Any,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    task::{Poll, ready},
};

use drupe_host::{
    Answer, Call, Host, HostError, Items, Pending,
    answer_budget::{AnswerBudget, Held},
};
use drupe_protocol::{
    CallId, Value,
    event::Done,
    host::{self, Answered, HostReply},
};
use tokio::sync::mpsc;

use crate::trace;

/// How long the message of an error may be, in bytes.
const MAX_MESSAGE: usize = 16 << 10;

/// An answer, and the room that it takes up until the kernel has it.
pub(super) type Said = (HostReply, Held);

/// Answers one call to its end; `asked` brings the wishes for further items.
pub(super) async fn serve(
    (host, budget): (&Host, &AnswerBudget),
    id: CallId,
    mut call: Call,
    mut asked: mpsc::Receiver<()>,
    answered: &mpsc::Sender<Said>,
) {
    let reservation = budget.enter().await;
    let op = call.op.clone();
    call.reservation = reservation.clone();
    let say = async |answer| {
        let held = reservation.part(weight(&answer), !super::host::is_last(&answer));
        answered.send((HostReply { call: id, answer }, held)).await.is_ok()
    };
    let mut items = match caught(budget, &op, || host.call(call)).await {
        Ok(Answer::Value(value)) => {
            say(host::Answer::Value(Answered { value })).await;
            return;
        }
        Ok(Answer::Stream(items)) => items,
        Err(error) => {
            say(host::Answer::Error(bounded(error))).await;
            return;
        }
    };
    if !say(host::Answer::Stream(Done {})).await {
        return;
    }
    while asked.recv().await.is_some() {
        let item = caught(budget, &op, || next(&mut items)).await;
        let (answer, last) = match item {
            Ok(Some(value)) => (host::Answer::Item(Answered { value }), false),
            Ok(None) => (host::Answer::End(Done {}), true),
            Err(error) => (host::Answer::Error(bounded(error)), true),
        };
        if !say(answer).await || last {
            return;
        }
    }
}

async fn next(items: &mut Items) -> Result<Option<Value>, HostError> {
    poll_fn(|context| items.as_mut().poll_next(context)).await.transpose()
}

/// What the future of `make` comes to; a panic in either is an error that tells JavaScript nothing of it. **It makes no
/// step while more is taken up by answers than there is room for**: what a step comes to is known only afterwards.
async fn caught<T, F: Future<Output = Result<T, HostError>>>(
    budget: &AnswerBudget,
    op: &str,
    make: impl FnOnce() -> F,
) -> Result<T, HostError> {
    let panicked = |panic: Box<dyn Any + Send>| {
        trace::panicked(op, &*panic);
        HostError::new("Error", format!("{op}: the host failed; its log says why")).with_code("ERR_HOST_PANICKED")
    };
    let mut waiting: Option<Pending<()>> = None;
    budget.paid().await;
    let future = catch_unwind(AssertUnwindSafe(make)).map_err(panicked)?;
    let mut future = pin!(future);
    poll_fn(|context| {
        if waiting.is_none() && budget.is_in_debt() {
            let budget = budget.clone();
            waiting = Some(Box::pin(async move { budget.paid().await }));
        }
        if let Some(paid) = &mut waiting {
            ready!(paid.as_mut().poll(context));
            waiting = None;
        }
        match catch_unwind(AssertUnwindSafe(|| Pin::as_mut(&mut future).poll(context))) {
            Ok(poll) => poll,
            Err(panic) => Poll::Ready(Err(panicked(panic))),
        }
    })
    .await
}

fn bounded(mut error: HostError) -> HostError {
    if error.message.len() > MAX_MESSAGE {
        error.message.truncate(error.message.floor_char_boundary(MAX_MESSAGE));
        error.message.push('…');
    }
    error
}

fn weight(answer: &host::Answer) -> usize {
    match answer {
        host::Answer::Value(Answered { value }) | host::Answer::Item(Answered { value }) => value.weight(),
        host::Answer::Error(error) => error.message.len() + error.properties.as_ref().map_or(0, Value::weight),
        host::Answer::Stream(_) | host::Answer::End(_) | host::Answer::Unknown(_) => 0,
    }
}
