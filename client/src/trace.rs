//! The spans and events for `tracing`, all with the target `drupe`.
//!
//! Each run is a span from its submission to its report. The calls of the run to the host are spans inside it.
//! Launches, deaths and new sessions are events. Source text, values, arguments and what a kernel wrote on its standard
//! error are not told. The text of a panic of a host function is: it is the embedder's own.

use std::{
    any::Any,
    time::{Duration, Instant},
};

use drupe_protocol::RunId;
use tracing::{Span, debug_span, error, field::Empty, info, info_span, warn};

use crate::{Death, Error, Info, LaunchError, Report, State};

const TARGET: &str = "drupe";

/// Letters of an operation's name that are told.
const MAX_OP: usize = 100;

/// The span of a run. Its fields are recorded as they become known.
pub(crate) fn run(run: RunId) -> Span {
    info_span!(
        target: TARGET, "run", run, generation = Empty, transpile_us = Empty, queue_us = Empty, wall_us = Empty,
        cpu_us = Empty, outcome = Empty, state = Empty
    )
}

/// The chunk was transpiled.
pub(crate) fn transpiled(run: &Span, took: Duration) {
    run.record("transpile_us", micros(took));
}

/// The kernel has begun the run, which was submitted at `submitted`.
pub(crate) fn started(run: &Span, generation: u64, submitted: Instant) {
    run.record("generation", generation);
    run.record("queue_us", micros(submitted.elapsed()));
}

pub(crate) fn ended(run: &Span, report: &Report) {
    let (outcome, state) = (report.outcome.name(), state(&report.state));
    let (wall_us, cpu_us) = (micros(report.wall), micros(report.cpu));
    run.record("wall_us", wall_us);
    run.record("cpu_us", cpu_us);
    run.record("outcome", outcome);
    run.record("state", state);
    info!(target: TARGET, parent: run, outcome, state, wall_us, cpu_us, "run ended");
}

pub(crate) fn failed(run: &Span, error: &Error) {
    run.record("outcome", "failed");
    // The whole text of a death has the last lines of the kernel's standard error.
    if let Error::Died { death, .. } = error {
        warn!(target: TARGET, parent: run, cause = %death.cause, "run failed");
    } else {
        warn!(target: TARGET, parent: run, %error, "run failed");
    }
}

/// The span of a call to the host, in that of the run which makes it.
pub(crate) fn call(run: Option<&Span>, call: u64, op: &str) -> Span {
    debug_span!(target: TARGET, parent: run.and_then(Span::id), "host_call", call, op = %op_name(op))
}

/// A function of the host has panicked. JavaScript is told no more than that.
pub(crate) fn panicked(op: &str, panic: &(dyn Any + Send)) {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no text");
    error!(target: TARGET, op, panic = text, "host function panicked");
}

pub(crate) fn launched(info: &Info) {
    let Info { pid, generation, version, engine, sandbox, .. } = info;
    info!(target: TARGET, pid, generation, version, engine = engine.to_string(), sandbox = %sandbox.level, "kernel launched");
}

pub(crate) fn launch_failed(error: &LaunchError) {
    warn!(target: TARGET, %error, "kernel not launched");
}

pub(crate) fn died(death: &Death) {
    warn!(target: TARGET, generation = death.generation, cause = %death.cause, "kernel died");
}

pub(crate) fn reset(generation: u64) {
    info!(target: TARGET, generation, "session reset");
}

fn state(state: &State) -> &'static str {
    match state {
        State::Kept => "kept",
        State::Lost => "lost",
        State::LostWithProcess(_) => "lost with the process",
        State::Unknown => "unknown",
    }
}

/// What a kernel says that it calls: a hostile one may say anything.
fn op_name(op: &str) -> String {
    op.chars().take(MAX_OP).map(|char| if char.is_control() { '\u{fffd}' } else { char }).collect()
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
