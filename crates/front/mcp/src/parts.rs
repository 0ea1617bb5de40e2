//! The parts of what a call comes to, as data: the console, late output, the cost, the limits, and earlier runs.

use std::time::Duration;

use drupe_client::Status as Memory;
use rmcp::schemars::JsonSchema;
use serde::Serialize;

/// The console of a run. Counts are exact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct ConsoleTold {
    /// The bytes that this answer begins and ends with, of all that the run printed.
    pub(crate) from: u64,
    pub(crate) to: u64,
    /// Bytes between these two that this answer leaves out.
    pub(crate) left_out_bytes: u64,
    /// Bytes that are not kept, of all that the run printed: between its first 512 KiB and its last 512 KiB.
    pub(crate) dropped_bytes: u64,
    /// Line ends among them.
    pub(crate) dropped_lines: u64,
    /// Bytes that single calls have lost at their ends, because they printed more than 1 MiB.
    pub(crate) cut_bytes: u64,
    /// Arguments behind such an end, of which nothing is shown.
    pub(crate) cut_args: u64,
    /// Console calls that were dropped before they were printed, beyond the policy's console_limit.
    pub(crate) dropped_events: u64,
    /// Leads to all that is kept: js_inspect pages on in it. Absent if this answer has everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) handle: Option<String>,
}

/// What callbacks of earlier runs printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct LateTold {
    pub(crate) bytes: u64,
    pub(crate) left_out_bytes: u64,
    /// Where it begins, of all that was printed late in the session, in bytes.
    pub(crate) from: u64,
    /// Bytes that are not kept, of all that was printed late: between its first 512 KiB and its last 512 KiB.
    pub(crate) dropped_bytes: u64,
    /// Line ends among them.
    pub(crate) dropped_lines: u64,
    /// Bytes that single calls have lost at their ends, because they printed more than 1 MiB, of all that was printed
    /// late.
    pub(crate) cut_bytes: u64,
    /// Arguments behind such an end, of which nothing is shown.
    pub(crate) cut_args: u64,
    /// How many errors nobody caught, since the last answer. They stand in the block `late`.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) uncaught: usize,
    /// Leads to all of it that is kept: js_inspect pages on in it, also in what an earlier answer told.
    pub(crate) handle: String,
}

/// What a run cost.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct CostTold {
    /// CPU time of JavaScript, in milliseconds. The time in which a question waits for an answer does not count.
    pub(crate) cpu_ms: f64,
    /// Time from its start, in milliseconds.
    pub(crate) wall_ms: f64,
    /// The used heap of the session right after it, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) heap_bytes: Option<u64>,
    /// What the heap may reach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) heap_limit_bytes: Option<u64>,
    /// Memory outside of the heap, such as buffers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) external_bytes: Option<u64>,
}

/// The limits of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct LimitsTold {
    /// The CPU time of a stretch of JavaScript.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) vm_timeout_ms: Option<u64>,
    /// The time of the whole run. Absent: there is no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) wall_timeout_ms: Option<u64>,
    pub(crate) memory_limit_mib: u64,
    /// The notice tells them, too: a call has asked for them, or the session is new.
    #[serde(skip)]
    pub(crate) is_worth_words: bool,
}

/// What became of a run whose call was cancelled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct EarlierTold {
    /// Its handle. Absent: the session that was opened for it is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) run: Option<String>,
    /// How it ended, as `outcome` of a run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) outcome: Option<&'static str>,
    /// The session's variables after it, as `state` of a run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<&'static str>,
    /// In words.
    pub(crate) message: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands on references")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// A time in milliseconds, to the microsecond.
pub(crate) fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

impl CostTold {
    pub(crate) fn new(cpu: Duration, wall: Duration, memory: Option<&Memory>) -> Self {
        Self {
            cpu_ms: milliseconds(cpu),
            wall_ms: milliseconds(wall),
            heap_bytes: memory.map(|memory| memory.heap_used),
            heap_limit_bytes: memory.map(|memory| memory.heap_limit),
            external_bytes: memory.map(|memory| memory.external),
        }
    }
}
