//! `js_interrupt`: stops a run, and keeps the session's variables.

use std::time::Duration;

use rmcp::{model::CallToolResponse, schemars::JsonSchema};
use serde::Deserialize;

use super::Call;
use crate::{
    answer::{self, Told, tell},
    outcome::RunTold,
    refusal::Refusal,
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
    let (session, record) = match (args.run, args.session) {
        (Some(run), None) => call.server.run(&call.caller, &run).map(|(session, record)| (session, Some(record)))?,
        (None, Some(session)) => {
            let session = call.server.session(&call.caller, &session)?;
            let active = session.active();
            (session, active)
        }
        (Some(_), Some(_)) | (None, None) => {
            return Err(Refusal::new("bad_argument", "js_interrupt takes either a run or a session."));
        }
    };
    let _attended = session.attend();
    let Some(record) = record else {
        // A callback of an earlier run may execute.
        let interrupted = session.kernel.interrupt().await?;
        let message =
            if interrupted { "A callback of an earlier run was stopped; state kept" } else { "Nothing was running; state kept" };
        let told = RunTold {
            session: Some(session.handle.clone()),
            state: Some("kept"),
            interrupted: Some(interrupted),
            message: message.to_owned(),
            ..RunTold::default()
        };
        return Ok(answer::result(&told, vec![answer::block("notice", message)], false).into());
    };
    let interrupted = !record.has_ended();
    let mut changed = record.changed();
    session.kernel.interrupt_run(record.run);
    let ended = async { while !record.has_ended() && changed.changed().await.is_ok() {} };
    // Whether it has ended is told either way.
    drop(tokio::time::timeout(PATIENCE, ended).await);
    let mut result = tell(&Told { session: &session, record: &record, opened: false, interrupted: Some(interrupted) }).await?;
    // That it was stopped is what was asked for.
    result.is_error = Some(false);
    Ok(result.into())
}
