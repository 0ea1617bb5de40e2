//! The end of a run.

use std::time::Duration;

use drupe_protocol::{
    RunId,
    event::{Part, RunResult, Stopped},
    handles::Handle,
    preview::Node,
};
use serde::Serialize;

use super::{event::ExceptionLine, value::TypedJson};
use crate::{Budget, InterruptReason, Report, State};

/// The end of a run, with what it came to.
#[derive(Debug, Serialize)]
pub(super) struct EndLine<'a> {
    #[serde(flatten)]
    pub(super) outcome: OutcomeLine<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<TypedJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preview: Option<&'a Node>,
    #[serde(skip_serializing_if = "Option::is_none")]
    handle: Option<Handle>,
    #[serde(skip_serializing_if = "<[Part]>::is_empty")]
    bundle: &'a [Part],
    #[serde(skip_serializing_if = "Option::is_none")]
    exception: Option<ExceptionLine<'a>>,
}

impl<'a> EndLine<'a> {
    pub(super) fn new(report: &'a Report, result: Option<&'a RunResult>) -> Self {
        let result = result.filter(|_| report.outcome.is_value());
        Self {
            outcome: OutcomeLine::new(report),
            text: result.map(|result| &*result.text),
            value: result.and_then(|result| result.value.as_ref()).map(TypedJson),
            preview: result.and_then(|result| result.preview.as_ref()),
            handle: result.and_then(|result| result.handle),
            bundle: result.map_or(&[], |result| &result.bundle),
            exception: report.outcome.exception().map(ExceptionLine::new),
        }
    }
}

/// The end of a run.
#[derive(Debug, Serialize)]
pub(super) struct OutcomeLine<'a> {
    pub(super) run: RunId,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<u8>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    exit_code_set: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    preload: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<&'a str>,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    generation: u64,
    new_session: bool,
    dropped_jobs: bool,
    dropped_timers: u32,
    dropped_calls: u32,
    stopped_callbacks: u32,
    dropped_events: u64,
    wall_ms: f64,
    cpu_ms: f64,
}

impl<'a> OutcomeLine<'a> {
    pub(super) fn new(report: &'a Report) -> Self {
        // Field by field, so that the compiler asks about a new one.
        let Report {
            run,
            outcome,
            state,
            generation,
            new_session,
            dropped_jobs,
            dropped_timers,
            dropped_calls,
            stopped_callbacks,
            dropped_events,
            exit_code,
            exit_code_set,
            preload,
            wall,
            cpu,
        } = report;
        let details = outcome.details();
        Self {
            run: *run,
            outcome: outcome.name(),
            exit_code: *exit_code,
            exit_code_set: *exit_code_set,
            preload: preload.as_deref(),
            reason: details.reason.map(InterruptReason::name),
            budget: details.budget.map(Budget::name),
            limit_ms: details.budget.map(|budget| u64::try_from(budget.limit().as_millis()).unwrap_or(u64::MAX)),
            limit_bytes: details.memory_limit,
            stopped: details.stopped.map(Stopped::name),
            end: details.end,
            state: match state {
                State::Kept if report.died_before().is_some() => "lost",
                State::Kept => "kept",
                State::Lost | State::LostWithProcess(_) => "lost",
                State::Unknown => "unknown",
            },
            message: report.describe_end_alone(),
            generation: *generation,
            new_session: new_session.is_some(),
            dropped_jobs: *dropped_jobs,
            dropped_timers: *dropped_timers,
            dropped_calls: *dropped_calls,
            stopped_callbacks: *stopped_callbacks,
            dropped_events: *dropped_events,
            wall_ms: milliseconds(*wall),
            cpu_ms: milliseconds(*cpu),
        }
    }
}

/// A time in milliseconds, to the microsecond: the fewest digits say it.
fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}
