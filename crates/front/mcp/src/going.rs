//! What a run that goes on does, what it waits for, and which calls lead on.

use drupe_client::Status;
use rmcp::schemars::JsonSchema;
use serde::Serialize;

use crate::{
    parts::CostTold,
    record::{PATIENCE, Record},
    session::Session,
};

/// A question that a run, or a run before it, waits with for a person's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct WaitsFor {
    /// `permission`, `confirm` or `prompt`.
    pub(crate) kind: &'static str,
    /// The run that asks: js_wait with it puts the question, js_interrupt with it ends the wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) run: Option<String>,
    /// The run has ended: a callback of it asks.
    #[serde(skip)]
    is_callback: bool,
}

impl WaitsFor {
    /// The question of `record`'s run, or else the first of the session.
    pub(crate) fn of(session: &Session, record: Option<&Record>) -> Option<Self> {
        let waiting = session.questions.waiting();
        let own = record.and_then(|record| waiting.iter().find(|(run, _)| *run == Some(record.run)));
        let (run, kind) = own.or(waiting.first())?;
        let asks = run.and_then(|run| session.record(|record| record.run == run));
        let is_callback = asks.as_ref().is_none_or(|record| record.has_ended());
        Some(Self { kind, run: asks.map(|record| record.handle.clone()), is_callback })
    }

    /// What waits, and which calls lead on.
    pub(crate) fn words(&self) -> String {
        let kind = self.kind;
        let Some(run) = &self.run else {
            return format!(
                "a person's answer to a {kind} question: js_wait has the person asked; js_interrupt with the session takes it back"
            );
        };
        let (asks, ends) = match self.is_callback {
            true => (format!(" that a callback of run {run} asks"), "takes the question back"),
            false => (String::new(), "stops the run"),
        };
        format!(
            "a person's answer to a {kind} question{asks}: js_wait with run {run} has the person asked, or waits on if they are \
             being asked; js_interrupt with run {run} {ends}"
        )
    }
}

/// What a run that goes on does, and has used.
#[derive(Debug)]
pub(crate) struct Going {
    pub(crate) message: String,
    pub(crate) waits_for: Option<WaitsFor>,
    pub(crate) cost: Option<CostTold>,
}

impl Going {
    pub(crate) async fn of(session: &Session, record: &Record) -> Self {
        let status = tokio::time::timeout(PATIENCE, session.kernel.status()).await.ok().and_then(Result::ok);
        let is_active = status.as_ref().is_some_and(|status| status.run == Some(record.run));
        let waits_for = WaitsFor::of(session, Some(record));
        let is_own = waits_for.as_ref().is_some_and(|asks| asks.run.as_ref() == Some(&record.handle));
        let lead = format!("js_wait with run {} waits on, js_interrupt stops it", record.handle);
        let message = match (&status, &waits_for) {
            (_, Some(asks)) if is_own => format!("It waits for {}", asks.words()),
            (_, Some(asks)) if !is_active => format!("It waits for another run of the session, which waits for {}", asks.words()),
            (Some(status), _) if is_active && status.executing => format!("It computes; {lead}"),
            (Some(_), _) if is_active => format!("It awaits; {lead}"),
            (Some(status), _) => match before(session, record, status) {
                Some(earlier) => format!("It waits for {earlier} to end; {lead}"),
                None => format!("It has not begun yet; {lead}"),
            },
            (None, _) => format!("It runs; the kernel does not say what it does at this moment; {lead}"),
        };
        let cost = status.filter(|_| is_active).map(|status| CostTold {
            cpu_ms: to_f64(status.cpu_ms),
            wall_ms: to_f64(status.elapsed_ms),
            heap_bytes: Some(status.heap_used),
            heap_limit_bytes: Some(status.heap_limit),
            external_bytes: Some(status.external),
        });
        Self { message, waits_for, cost }
    }
}

/// The run that is before another, in words. `None`: nothing is, the kernel has not come to the other one yet.
fn before(session: &Session, record: &Record, status: &Status) -> Option<String> {
    match session.active().filter(|active| active.run != record.run) {
        Some(active) => Some(format!("run {} of the session", active.handle)),
        None => status.run.is_some().then(|| "an earlier run of the session".to_owned()),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a time of 285,000 years is told to a millisecond or two")]
fn to_f64(milliseconds: u64) -> f64 {
    milliseconds as f64
}
