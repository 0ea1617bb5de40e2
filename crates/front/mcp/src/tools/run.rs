//! `js_run`: runs code in a session.

use std::sync::Arc;

use drupe_client::Limits;
use rmcp::{
    model::{CallToolResponse, CallToolResult},
    schemars::JsonSchema,
};
use serde::Deserialize;

use super::{Call, limits};
use crate::{
    answer::{Told, tell},
    asking,
    attending::{Came, attend},
    record::Record,
    refusal::Refusal,
    session::Session,
    wanted::{Profile, Wanted},
};

/// The arguments of `js_run`.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The session's handle, from an earlier answer. Without it a new session is opened.
    session: Option<String>,
    /// JavaScript or TypeScript; the value of its last expression is the result.
    code: String,
    /// The CPU time that one stretch of JavaScript may take, in milliseconds.
    #[schemars(range(min = 1.0))]
    vm_timeout_ms: Option<f64>,
    /// The time that the whole run may take, awaits and questions included, in milliseconds.
    #[schemars(range(min = 1.0))]
    wall_timeout_ms: Option<f64>,
    /// How long to wait for the end, in milliseconds: 10000 unless said, at most 600000. A run that takes longer goes
    /// on.
    #[schemars(range(min = 0.0))]
    yield_ms: Option<f64>,
}

/// Runs code; or goes on with a run whose question was answered.
pub(crate) async fn call(call: &mut Call<'_>) -> Result<CallToolResponse, Refusal> {
    let args: Args = call.args()?;
    let patience = limits::patience(args.yield_ms)?;
    if let Some(token) = call.params.request_state.take() {
        let (session, record, note) = answered(call, &token)?;
        let told = Told { opened: record.opens, note, ..Told::new(&session, &record) };
        return follow(call, told, patience).await;
    }
    let settings = call.server.settings();
    let (session, opened) = match &args.session {
        Some(handle) => (call.server.session(&call.caller, handle)?, false),
        None => {
            let (limits, memory) = (limits::usual(settings), limits::memory(settings, None)?);
            let wanted = Wanted { profile: Profile::default(), limits, memory };
            // Wrong limits open nothing.
            limits::limits(settings, args.vm_timeout_ms, args.wall_timeout_ms, wanted.limits)?;
            (Session::open(call.server, call.caller.clone(), wanted).await?, true)
        }
    };
    let limits: Limits = limits::limits(settings, args.vm_timeout_ms, args.wall_timeout_ms, session.wanted.limits)?;
    // Before the code can ask anything.
    session.questions.set_can_ask(asking::can_ask(call.context));
    let record = session.run(&args.code, limits, opened)?;
    follow(call, Told { opened, ..Told::new(&session, &record) }, patience).await
}

/// Takes the answer to a question that was asked by an answer, and finds the run that waits for it. **The code is not
/// run again.**
pub(crate) fn answered(call: &mut Call<'_>, token: &str) -> Result<Answered, Refusal> {
    let is_of = |record: &Record| record.state().tokens.iter().any(|known| known == token);
    let found = call.server.find(&call.caller, |session| session.record(is_of));
    let (session, record) = found.ok_or_else(|| Refusal::unknown("requestState", token))?;
    let mut note = "";
    match session.questions.by_token(token) {
        Some((number, asked, _)) => {
            if let Some(said) = asking::response(&asked, call.params.input_responses.as_ref()) {
                session.questions.answer(number, said, "person");
            }
        }
        None => note = TOO_LATE,
    }
    Ok((session, record, note))
}

/// A session, a run of it whose question was answered, and what there is to say of the answer.
type Answered = (Arc<Session>, Arc<Record>, &'static str);

/// What is said of an answer to a question that is over.
const TOO_LATE: &str = "; the question was over before this answer came, so it had no effect";

/// What is said of a run that has not ended when the server ends.
const AT_THE_END: &str = "; the server's input has ended, so this is its last answer: the session ends, and the run with it";

/// Attends to a run, and answers the call.
pub(crate) async fn follow(call: &Call<'_>, told: Told<'_>, patience: std::time::Duration) -> Result<CallToolResponse, Refusal> {
    let Told { session, record, opened, .. } = told;
    match attend(call.context, call.over.clone(), session, record, patience).await? {
        Came::News => {
            let closed_unheard = call.server.take_unheard(&call.caller);
            let is_over = *call.over.borrow();
            let note = if is_over && !record.has_ended() { AT_THE_END } else { told.note };
            Ok(tell(&Told { closed_unheard, note, ..told }).await?.into())
        }
        Came::Question(required) => Ok((*required).into()),
        Came::Cancelled => {
            session.kernel.interrupt_run(record.run);
            if opened {
                // No answer has told its handle.
                call.server.close_unheard(session).await;
            } else {
                record.state().is_unheard = true;
            }
            // It is not sent.
            Ok(CallToolResult::default().into())
        }
    }
}
