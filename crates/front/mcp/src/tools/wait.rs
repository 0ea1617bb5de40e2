//! `js_wait`: waits for more of a run.

use rmcp::{model::CallToolResponse, schemars::JsonSchema};
use serde::Deserialize;

use super::{Call, limits, run};
use crate::{answer::Told, refusal::Refusal};

/// The arguments of `js_wait`.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The run's handle, from an earlier answer.
    run: String,
    /// How long to wait for its end, in milliseconds: 10000 unless said, at most 600000.
    #[schemars(range(min = 0.0))]
    yield_ms: Option<f64>,
}

pub(crate) async fn call(call: &mut Call<'_>) -> Result<CallToolResponse, Refusal> {
    let args: Args = call.args()?;
    let patience = limits::patience(args.yield_ms)?;
    let (session, record, note) = match call.params.request_state.take() {
        Some(token) => run::answered(call, &token)?,
        None => {
            let (session, record) = call.server.run(&call.caller, &args.run)?;
            record.state().rounds = 0;
            (session, record, "")
        }
    };
    run::follow(call, Told { note, ..Told::new(&session, &record) }, patience).await
}
