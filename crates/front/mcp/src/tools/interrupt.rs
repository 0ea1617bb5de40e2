//! `js_interrupt`: stops a run, and keeps the session's variables.

use std::time::Duration;

use drupe_client::{Cause, Error, InterruptReason};
use rmcp::{model::CallToolResponse, schemars::JsonSchema};
use serde::Deserialize;

use super::Call;
use crate::{
    answer::{self, Told, tell},
    asked::QuestionTold,
    outcome::RunTold,
    record::{End, Record},
    refusal::Refusal,
    session::Session,
};

/// How long the call waits until the run has ended. A kernel that does not stop is killed before.
const PATIENCE: Duration = Duration::from_secs(5);

/// The arguments of `js_interrupt`: one of the two.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The handle of the run to stop.
    run: Option<String>,
    /// The handle of the session whose active run is to be stopped.
    session: Option<String>,
}

pub(crate) async fn call(call: &mut Call<'_>) -> Result<CallToolResponse, Refusal> {
    let args: Args = call.args()?;
    let mut is_behind = false;
    let (session, record, asks) = match (args.run, args.session) {
        (Some(run), None) => {
            let (session, record) = call.server.run(&call.caller, &run)?;
            let asks = record.has_ended().then_some(Some(record.run));
            (session, Some(record), asks)
        }
        (None, Some(session)) => {
            let session = call.server.session(&call.caller, &session)?;
            let active = session.active();
            let asks = if active.as_ref().is_some_and(|active| active.state().is_started) { None } else { session.late_asker() };
            is_behind = active.as_ref().is_some_and(|active| !active.state().is_started);
            (session, active, asks)
        }
        (Some(_), Some(_)) | (None, None) => {
            let message = "js_interrupt needs either `run`, the handle of a run, or `session`, the handle of a session.";
            return Err(Refusal::new("bad_argument", message));
        }
    };
    let _attended = session.attend();
    let taken_back = asks.map_or_else(Vec::new, |run| session.questions.take_back(run));
    if !taken_back.is_empty() {
        return Ok(question(&session, &taken_back));
    }
    let Some(record) = record else {
        return callback(&session).await;
    };
    let was_running = !record.has_ended();
    if is_behind {
        // The callback of an earlier run executes: that is stopped, and the run behind it.
        session.kernel.interrupt().await.map_err(|error| session.refusal(&error))?;
    } else {
        session.kernel.interrupt_run(record.run);
    }
    // Whether it has ended is told either way.
    drop(tokio::time::timeout(PATIENCE, record.ended()).await);
    let interrupted = was_running && was_stopped(&record);
    let note = note(was_running, record.has_ended(), interrupted);
    let mut result = tell(&Told { interrupted: Some(interrupted), note, ..Told::new(&session, &record) }).await?;
    // That it was stopped is what was asked for.
    result.is_error = Some(false);
    Ok(result.into())
}

/// What the call has done, in words.
fn note(was_running: bool, has_ended: bool, interrupted: bool) -> &'static str {
    match (was_running, has_ended, interrupted) {
        (false, ..) => "; the run had ended before this call, so js_interrupt has stopped nothing",
        (true, false, _) => "; it was told to stop and has not ended yet: js_wait tells its end",
        (true, true, true) => "; js_interrupt has stopped it",
        (true, true, false) => "; it ended by itself at this moment, so js_interrupt has stopped nothing",
    }
}

/// Tells that the questions of a callback of an earlier run were taken back. What the code does with it goes on.
fn question(session: &Session, taken_back: &[QuestionTold]) -> CallToolResponse {
    let asked = taken_back.iter().map(|told| format!("its {} question was taken back: the code got {}", told.kind, told.answer));
    let asked = asked.collect::<Vec<_>>().join("; ");
    let message = format!(
        "A callback of a run that has ended waited for a person: {asked}, and goes on. What the callbacks of that run ask from \
         now on is turned down at once; state kept"
    );
    let told = RunTold {
        session: Some(session.handle.clone()),
        state: Some("kept"),
        interrupted: Some(true),
        questions: taken_back.to_vec(),
        message: message.clone(),
        ..RunTold::default()
    };
    answer::result(&told, vec![answer::block("notice", message)], false).into()
}

/// Stops a callback of an earlier run, if one executes.
async fn callback(session: &Session) -> Result<CallToolResponse, Refusal> {
    let interrupted = session.kernel.interrupt().await.map_err(|error| session.refusal(&error))?;
    let is_kept = session.is_as_told().await.map_err(|error| session.refusal(&error))?;
    let what =
        if interrupted { "A callback of an earlier run was stopped" } else { "Nothing was running, so nothing was stopped" };
    let state = if is_kept { "kept" } else { "lost" };
    let lost = (!is_kept).then(|| "all variables: the session was replaced after its last run".to_owned());
    let message = format!("{what}; state {state}");
    let told = RunTold {
        session: Some(session.handle.clone()),
        state: Some(state),
        lost: lost.into_iter().collect(),
        interrupted: Some(interrupted),
        message: message.clone(),
        ..RunTold::default()
    };
    Ok(answer::result(&told, vec![answer::block("notice", message)], false).into())
}

/// Whether a run was stopped by a request, as far as it is known: it may have come to its end by itself meanwhile.
fn was_stopped(record: &Record) -> bool {
    match &record.state().end {
        Some(End { report: Ok(report), .. }) => report.outcome.details().reason == Some(InterruptReason::Request),
        // A kernel that does not stop is killed.
        Some(End { report: Err(Error::Died { death, .. }), .. }) => death.cause == Cause::Unresponsive,
        Some(End { report: Err(_), .. }) => false,
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use drupe_client::{Begun, Death, Limits, Outcome, Report, State, Stopped};

    use super::*;

    fn ended(report: Result<Report, Error>) -> Record {
        let record = Record::new("r-1".to_owned(), 1, Limits::default(), false);
        record.change(|state| state.end = Some(End { report: report.map(Box::new), memory: None }));
        record
    }

    #[test]
    fn a_run_that_ended_by_itself_was_not_stopped() {
        let of = |outcome| was_stopped(&ended(Ok(Report::new(1, outcome, State::Kept))));
        assert!(!of(Outcome::Value { value: None, text: String::new() }));
        assert!(!of(Outcome::Unsettled));
        assert!(!of(Outcome::Interrupted { reason: InterruptReason::Reset, stopped: Stopped::Queued }));
        assert!(of(Outcome::Interrupted { reason: InterruptReason::Request, stopped: Stopped::Await }));
        let died = |cause| ended(Err(Error::Died { death: Arc::new(Death::new(cause, 1)), started: Begun::Yes }));
        assert!(was_stopped(&died(Cause::Unresponsive)));
        assert!(!was_stopped(&died(Cause::OutOfMemory)));
        assert!(was_stopped(&Record::new("r-2".to_owned(), 2, Limits::default(), false)), "it has not ended yet");
    }
}
