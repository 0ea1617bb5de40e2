//! What a call of `js_run`, `js_wait` or `js_interrupt` comes to, as data: what ran, what stopped it, what is left of
//! the session, what is lost, and what it cost.

use drupe_client::{Budget, Error, Exception, InterruptReason, Outcome, Report, State, Status as Memory, Stopped};
use rmcp::schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use crate::{
    answer::{HEAD, cut},
    asked::QuestionTold,
    failure::{cause, state_after, words},
    going::WaitsFor,
    parts::{ConsoleTold, CostTold, EarlierTold, LateTold, LimitsTold},
    record::PermissionTold,
    refusal::Refusal,
};

/// How a call went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// The run has ended; `outcome` says how.
    #[default]
    Ended,
    /// The run goes on; js_wait waits for more of it.
    Running,
    /// The call was not carried out; `refusal` says why, and what became of the session if the kernel failed.
    Refused,
}

/// What a run came to, so far.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct RunTold {
    pub(crate) status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refusal: Option<Refusal>,
    /// The session's handle. Give it with the next call, so that the variables are there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) session: Option<String>,
    /// Whether the session was opened by this call.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) session_opened: bool,
    /// The run's handle, for js_wait and js_interrupt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) run: Option<String>,
    /// `value`, `threw`, `syntax_error`, `interrupted`, `timed_out`, `memory_limit`, `exited`, `unsettled`, `failed`,
    /// `unknown`. Absent while it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) outcome: Option<&'static str>,
    /// All of it in words.
    pub(crate) message: String,
    /// The session's variables: `kept` as the run left them; `new`: the run began a new session, so what it left is
    /// kept, and nothing of earlier runs; `lost`; `unknown`; `in_use` while it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<&'static str>,
    /// What is lost, one thing each. Empty: nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) lost: Vec<String>,
    /// The session's number: it grows when the session is replaced and its variables are lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) generation: Option<u64>,
    /// Why this run was the first in a session that replaced another: nothing of earlier runs was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) new_session: Option<String>,
    /// The result as a console prints it, its first 1 KiB. Its first 16 KiB stand in the block `result`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
    /// How long all of it is, in bytes, if it is longer than `text`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text_bytes: Option<u64>,
    /// The result as JSON, if it is small (a string: up to 1 KiB). What JSON has not is an object with `$type`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "any_json")]
    pub(crate) value: Option<serde_json::Value>,
    /// Leads to all of the result, if it is an object or a long string: js_inspect pages on in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) result_handle: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<ErrorTold>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stopped: Option<StoppedTold>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) console: Option<ConsoleTold>,
    /// How many errors of its callbacks nobody caught. They stand in the block `console`.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) uncaught: usize,
    /// What callbacks of earlier runs printed since the last answer, in bytes, and how much of that is left out here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) late: Option<LateTold>,
    /// How many images callbacks of earlier runs handed over since the last answer. js_wait shows them with their run.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) late_images: usize,
    /// How many images are in this answer.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) images: usize,
    /// Images that are not shown, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) images_left_out: Vec<String>,
    /// Uses of permissions, granted and denied.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) permissions: Vec<PermissionTold>,
    /// How many more there were.
    #[serde(skip_serializing_if = "is_none_left")]
    pub(crate) permissions_left_out: u64,
    /// The question that the run, or one before it, waits with, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) waits_for: Option<WaitsFor>,
    /// Runs whose calls were cancelled, so that no answer has told of them: what became of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) earlier: Vec<EarlierTold>,
    /// Questions of the code to a person that are over.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) questions: Vec<QuestionTold>,
    /// The exit status that the run has set by `process.exit` or `process.exitCode`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exit_code: Option<u8>,
    /// Whether js_interrupt had anything to stop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) interrupted: Option<bool>,
    /// The limits that were granted to the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) limits: Option<LimitsTold>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cost: Option<CostTold>,
}

/// What was thrown, or what is wrong with the program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct ErrorTold {
    /// Such as `TypeError`; of a kernel that failed the cause, such as `out_of_memory`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    pub(crate) message: String,
    /// Where in the code, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<u32>,
    /// In UTF-16 code units, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) column: Option<u32>,
}

/// What stopped a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct StoppedTold {
    /// `vm_timeout`, `wall_timeout`, `memory_limit`, `interrupt` or `reset`.
    pub(crate) by: &'static str,
    /// What was stopped: `javascript` that executed, an `await`, `timers`, `queued` (it had not begun), `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) what: Option<&'static str>,
    /// The budget that was used up, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) limit_ms: Option<u64>,
    /// The limit that was reached, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) limit_bytes: Option<u64>,
}

/// Any JSON, kind by kind: some clients take no schema that says nothing.
fn any_json(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "anyOf": [
        { "type": "object", "additionalProperties": true },
        { "type": "array" },
        { "type": "string" },
        { "type": "number" },
        { "type": "boolean" },
        { "type": "null" },
    ] })
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands on references")]
fn is_false(flag: &bool) -> bool {
    !flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands on references")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands on references")]
fn is_none_left(count: &u64) -> bool {
    *count == 0
}

impl RunTold {
    pub(crate) fn refused(refusal: Refusal) -> Self {
        let message = refusal.message.clone();
        Self { status: Status::Refused, refusal: Some(refusal), message, ..Self::default() }
    }

    /// Whether a model should see it as an error.
    pub(crate) fn is_error(&self) -> bool {
        match self.status {
            Status::Running => false,
            Status::Refused => true,
            Status::Ended => match self.outcome {
                Some("exited") => self.exit_code.is_some_and(|code| code != 0),
                Some(outcome) => outcome != "value",
                None => false,
            },
        }
    }

    /// Tells the end of a run. `new_session`: why it began a new one, if it did.
    pub(crate) fn end(&mut self, report: &Report, memory: Option<&Memory>, new_session: Option<&str>) {
        self.outcome = Some(report.outcome.name());
        self.generation = Some(report.generation);
        // What an earlier run has set is no news.
        self.exit_code = report.exit_code.filter(|_| report.exit_code_set);
        self.error = report.outcome.exception().map(ErrorTold::of);
        self.stopped = StoppedTold::of(&report.outcome);
        let (state, lost) = match &report.state {
            State::Kept => ("kept", None),
            State::Lost => ("lost", Some("all variables: the session was reset".to_owned())),
            State::LostWithProcess(death) => ("lost", Some(format!("all variables: {}", cause(&death.cause)))),
            State::Unknown => ("unknown", None),
        };
        self.state = Some(state);
        self.lost.extend(lost);
        self.lost.extend(report.dropped_jobs.then(|| "promise jobs that were due: their promises stay pending".to_owned()));
        let counted = [
            (u64::from(report.dropped_timers), "timer", "that the run had set: cancelled"),
            (u64::from(report.dropped_calls), "call", "that the run had made: cancelled"),
            (u64::from(report.stopped_callbacks), "callback", "of earlier runs: stopped"),
            (report.dropped_events, "console event", "beyond the limit"),
        ];
        let told = |(count, what, how): &(u64, &str, &str)| format!("{count} {what}{} {how}", if *count == 1 { "" } else { "s" });
        self.lost.extend(counted.iter().filter(|(count, ..)| *count > 0).map(told));
        self.message = match (&report.outcome, &report.state) {
            // The words of the kernel itself are not repeated.
            (Outcome::Unknown { .. }, _) => format!("{}; state {state}", ended(&report.outcome)),
            (_, State::LostWithProcess(death)) => {
                let how = if report.outcome.exception().is_some() || report.outcome.is_value() {
                    None
                } else {
                    report.describe_program_end()
                };
                let how = how.unwrap_or_else(|| ended(&report.outcome).to_owned());
                format!("{how}; state lost: {}", cause(&death.cause))
            }
            _ => report.describe_end_on_one_line().unwrap_or_else(|| format!("{}; state {state}", ended(&report.outcome))),
        };
        if report.leaves_await() && state == "kept" {
            self.message.push_str("; js_sessions with action \"reset\" ends what goes on");
        }
        if let Some(code) = self.exit_code {
            self.message = format!("{}; exit code {code}", self.message);
        }
        if let Some(why) = new_session {
            self.began_anew(why);
        }
        self.cost = Some(CostTold::new(report.cpu, report.wall, memory));
    }

    /// Tells that the run was the first in a session that replaced another. **What it left is kept; nothing else is.**
    fn began_anew(&mut self, why: &str) {
        self.lost.push(format!("all variables of earlier runs: {why}"));
        if self.state == Some("kept") {
            self.state = Some("new");
            self.message = self.message.replace("; state kept", "; state new: only what this run left is in the session");
        }
    }

    /// Tells that the kernel failed. `closed`: why the session is closed, if it is.
    pub(crate) fn failed(&mut self, error: &Error, closed: Option<&str>) {
        let state = state_after(error);
        let said = match (error, closed) {
            (Error::Terminated, Some(why)) => format!("the session is closed: {why}"),
            _ => words(error),
        };
        self.outcome = Some("failed");
        self.state = Some(state);
        if state == "lost" {
            self.lost.push(format!("all variables: {said}"));
        }
        let advice =
            if matches!(error, Error::CrashLoop { .. }) { "; js_sessions with action \"reset\" tries again" } else { "" };
        self.message = format!("{said}; state {state}{advice}");
        self.error =
            Some(ErrorTold { name: Some(error.name().to_owned()), message: error.to_string(), line: None, column: None });
    }
}

/// The end in words, for a run whose end the client does not describe.
fn ended(outcome: &Outcome) -> &'static str {
    if outcome.is_value() {
        "It ran to its end"
    } else if outcome.is_stopped() {
        "It was stopped"
    } else if matches!(outcome, Outcome::Threw(_)) {
        "It threw"
    } else if matches!(outcome, Outcome::SyntaxError(_)) {
        "It is no valid program, and none of it ran"
    } else if matches!(outcome, Outcome::Exited { .. }) {
        "It called process.exit"
    } else {
        "The kernel is newer than this program: how the run ended is not known here"
    }
}

impl ErrorTold {
    fn of(exception: &Exception) -> Self {
        let position = exception.at.as_ref().map(|at| at.position);
        Self {
            name: exception.name.clone(),
            message: cut(&exception.message, HEAD),
            line: position.map(|position| position.line.saturating_add(1)),
            column: position.map(|position| position.column.saturating_add(1)),
        }
    }
}

impl StoppedTold {
    fn of(outcome: &Outcome) -> Option<Self> {
        let details = outcome.details();
        let by = match (details.reason, details.budget, details.memory_limit) {
            (Some(InterruptReason::Reset), ..) => "reset",
            (Some(InterruptReason::Request), ..) => "interrupt",
            (None, Some(Budget::Vm(_)), _) => "vm_timeout",
            (None, Some(Budget::Wall(_)), _) => "wall_timeout",
            (None, None, Some(_)) => "memory_limit",
            (None, None, None) => return None,
            _ => "unknown",
        };
        let limit_ms = details.budget.map(|budget| u64::try_from(budget.limit().as_millis()).unwrap_or(u64::MAX));
        Some(Self { by, what: details.stopped.map(Stopped::name), limit_ms, limit_bytes: details.memory_limit })
    }
}
