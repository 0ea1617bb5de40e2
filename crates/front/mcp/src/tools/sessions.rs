//! `js_sessions`: opens, lists, closes and resets sessions.

use std::time::Duration;

use rmcp::{model::CallToolResult, schemars::JsonSchema};
use serde::{Deserialize, Serialize};

use super::{Call, arguments::unused, inspect::is_ours, limits};
use crate::{
    answer::{block, result},
    describe,
    failure::cause,
    going::WaitsFor,
    outcome::Status,
    record::PATIENCE,
    refusal::Refusal,
    session::Session,
    wanted::{Profile, Wanted},
};

/// How many names of a session are listed, and how many characters of each.
const MAX_NAMES: usize = 12;
const MAX_NAME: usize = 64;

/// The arguments of `js_sessions`.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    action: Action,
    /// For `close` and `reset`: the session's handle.
    session: Option<String>,
    /// For `open`: `policy` (what the policy grants; the usual) or `compute` (no more than computing).
    profile: Option<Profile>,
    /// For `open`: the CPU time of one stretch of JavaScript of its runs, in milliseconds.
    #[schemars(range(min = 1.0))]
    vm_timeout_ms: Option<f64>,
    /// For `open`: the time of a whole run, in milliseconds.
    #[schemars(range(min = 1.0))]
    wall_timeout_ms: Option<f64>,
    /// For `open`: the size of its heap, in MiB.
    #[schemars(range(min = 8))]
    memory_limit_mib: Option<u64>,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(rename_all = "snake_case")]
enum Action {
    Open,
    List,
    Close,
    Reset,
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::List => "list",
            Self::Close => "close",
            Self::Reset => "reset",
        }
    }
}

impl Args {
    /// Refuses what the action would not look at.
    fn check(&self) -> Result<(), Refusal> {
        let of_open = [
            ("profile", self.profile.is_some()),
            ("vm_timeout_ms", self.vm_timeout_ms.is_some()),
            ("wall_timeout_ms", self.wall_timeout_ms.is_some()),
            ("memory_limit_mib", self.memory_limit_mib.is_some()),
        ];
        let chosen = format!("the action {:?}", self.action.name());
        if matches!(self.action, Action::Open | Action::List) {
            unused(&chosen, &[("session", self.session.is_some())])?;
        }
        if self.action == Action::Open { Ok(()) } else { unused(&chosen, &of_open) }
    }
}

/// What a call of `js_sessions` comes to.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct Told {
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<Refusal>,
    /// All of it in words.
    message: String,
    /// The session that was opened or reset.
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<SessionTold>,
    /// All sessions of this caller, the oldest first, for `list`.
    #[serde(skip_serializing_if = "Option::is_none")]
    sessions: Option<Vec<SessionTold>>,
    /// What is lost, one thing each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lost: Vec<String>,
}

/// A session.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
struct SessionTold {
    /// Its handle.
    session: String,
    profile: Profile,
    /// What it may do besides computing. Empty: nothing.
    permissions: Vec<String>,
    /// What a person may be asked for.
    may_ask: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vm_timeout_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wall_timeout_ms: Option<u64>,
    memory_limit_mib: u64,
    /// The session's number: it grows with each reset, and when its process was lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    generation: Option<u64>,
    /// The run that is active, if one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<String>,
    /// The runs that wait until that one has ended, first to last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    queued: Vec<String>,
    /// `idle`; `busy`: a run is active; `asks`: it waits for a person's answer; `gone`: its process has ended, and the
    /// next run begins a new session without its variables.
    state: &'static str,
    /// What ended its process, if it is `gone`.
    #[serde(skip_serializing_if = "Option::is_none")]
    death: Option<String>,
    /// The question that it waits with.
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_for: Option<WaitsFor>,
    /// The names that its code has declared, the first of them, if the kernel tells them at once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    names: Vec<String>,
    /// How many names there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    name_count: Option<usize>,
    /// How long ago it was opened, in milliseconds.
    age_ms: u64,
    /// How long ago a call attended to it, in milliseconds; 0 while one does.
    unused_ms: u64,
}

pub(crate) async fn call(call: &mut Call<'_>) -> Result<CallToolResult, Refusal> {
    let args: Args = call.args()?;
    args.check()?;
    match args.action {
        Action::Open => open(call, &args).await,
        Action::List => list(call).await,
        Action::Close => {
            let handle = named(&args)?;
            call.server.close_session(&call.caller, handle).await?;
            let lost = vec![format!("all variables of session {handle}: it was closed")];
            Ok(told(Told { message: format!("Session {handle} is closed, and its process has ended."), lost, ..Told::default() }))
        }
        Action::Reset => reset(call, named(&args)?).await,
    }
}

/// The session that an action is for.
fn named(args: &Args) -> Result<&str, Refusal> {
    let missing = || {
        let message = format!("The action {:?} needs `session`, the handle of the session.", args.action.name());
        Refusal::of("bad_argument", "session", message)
    };
    args.session.as_deref().ok_or_else(missing)
}

async fn open(call: &Call<'_>, args: &Args) -> Result<CallToolResult, Refusal> {
    let settings = call.server.settings();
    let limits = limits::limits(settings, args.vm_timeout_ms, args.wall_timeout_ms, limits::usual(settings))?;
    let memory = limits::memory(settings, args.memory_limit_mib)?;
    let wanted = Wanted { profile: args.profile.unwrap_or_default(), limits, memory };
    let session = Session::open(call.server, call.caller.clone(), wanted).await?;
    let opened = SessionTold::of(call, &session).await;
    let message = format!(
        "Session {} is open, with nothing of other sessions in it: give it with js_run. Its limits: {}.",
        session.handle,
        opened.limits()
    );
    Ok(told(Told { message, session: Some(opened), ..Told::default() }))
}

async fn list(call: &Call<'_>) -> Result<CallToolResult, Refusal> {
    let mut sessions = Vec::new();
    for session in call.server.sessions_of(&call.caller) {
        sessions.push(SessionTold::of(call, &session).await);
    }
    let full =
        if call.server.is_full() { " The server has as many sessions as it may, those of other callers included." } else { "" };
    let lines = sessions.iter().map(|one| format!("\n{}", one.line())).collect::<String>();
    let message = format!("Sessions: {}.{full}{lines}", sessions.len());
    // The program chose them.
    let names = sessions.iter().filter(|one| !one.names.is_empty());
    let names = names.map(|one| format!("{}: {}", one.session, one.names.join(", "))).collect::<Vec<_>>();
    let mut content = vec![block("notice", &message)];
    if !names.is_empty() {
        content.insert(0, block("result", format!("Names in the sessions:\n{}", names.join("\n"))));
    }
    Ok(result(&Told { message, sessions: Some(sessions), ..Told::default() }, content, false))
}

async fn reset(call: &Call<'_>, handle: &str) -> Result<CallToolResult, Refusal> {
    let session = call.server.session(&call.caller, handle)?;
    let _attended = session.attend();
    let going = session.active().into_iter().chain(session.queued()).collect::<Vec<_>>();
    let generation = session.kernel.reset().await.map_err(|error| session.refusal(&error))?;
    // The answer tells no run as active that the reset has ended.
    let ended = async {
        for record in going {
            record.ended().await;
        }
    };
    // One whose end does not come is told as it is.
    drop(tokio::time::timeout(Duration::from_secs(5), ended).await);
    let lost = vec!["all variables, timers and waiting runs of the session: it was reset".to_owned()];
    let message = format!("Session {handle} is empty, under the same handle; it is generation {generation} now.");
    Ok(told(Told { message, lost, session: Some(SessionTold::of(call, &session).await), ..Told::default() }))
}

fn told(told: Told) -> CallToolResult {
    let content = vec![block("notice", &told.message)];
    result(&told, content, false)
}

impl SessionTold {
    async fn of(call: &Call<'_>, session: &Session) -> Self {
        let settings = call.server.settings();
        let is_granted = session.wanted.profile == Profile::Policy;
        let ms = |limit: Option<std::time::Duration>| limit.map(|limit| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX));
        let info = session.kernel.info().await.ok();
        let is_there = info.as_ref().is_some_and(|info| info.pid.is_some());
        let (run, waits_for) = (session.active().map(|record| record.handle.clone()), WaitsFor::of(session, None));
        let state = match (&waits_for, &run) {
            (Some(_), _) => "asks",
            (None, Some(_)) => "busy",
            (None, None) if is_there => "idle",
            (None, None) => "gone",
        };
        // A kernel that is gone is not started for this, and one whose JavaScript waits for a person does not answer.
        let names = if is_there && waits_for.is_none() { names(session).await } else { None };
        Self {
            session: session.handle.clone(),
            profile: session.wanted.profile,
            permissions: if is_granted { describe::granted(&settings.ceiling.policy) } else { Vec::new() },
            may_ask: if is_granted { describe::granted(&settings.ceiling.ask) } else { Vec::new() },
            vm_timeout_ms: ms(session.wanted.limits.vm_timeout),
            wall_timeout_ms: ms(session.wanted.limits.wall_timeout),
            memory_limit_mib: session.wanted.memory >> 20,
            generation: info.as_ref().map(|info| info.generation),
            run,
            queued: session.queued().iter().map(|record| record.handle.clone()).collect(),
            state,
            death: info.as_ref().and_then(|info| info.death.as_ref()).map(|death| cause(&death.cause)),
            waits_for,
            name_count: names.as_ref().map(Vec::len),
            names: names.unwrap_or_default().into_iter().take(MAX_NAMES).collect(),
            age_ms: milliseconds(session.opened.elapsed()),
            unused_ms: session.unused_since().map_or(0, |since| milliseconds(since.elapsed())),
        }
    }

    /// It in words, for a list.
    fn line(&self) -> String {
        let what = match (&self.waits_for, &self.run) {
            (Some(asks), _) => format!("waits for {}", asks.words()),
            (None, Some(run)) => format!("busy with run {run}; js_wait waits for it, js_interrupt stops it"),
            (None, None) if self.state == "gone" => {
                let why = self.death.as_deref().unwrap_or("its process has ended");
                format!("{why}, and its variables are lost: the next run begins a new session under the handle")
            }
            (None, None) => "idle".to_owned(),
        };
        let names = match self.name_count {
            Some(1) => ", 1 name".to_owned(),
            Some(count) => format!(", {count} names"),
            None => String::new(),
        };
        let queued = match self.queued.len() {
            0 => String::new(),
            1 => format!("; behind it waits run {}", self.queued.concat()),
            _ => format!("; behind it wait runs {}", self.queued.join(", ")),
        };
        let (age, unused) = (self.age_ms / 1000, self.unused_ms / 1000);
        format!("{}: opened {age} s ago, used {unused} s ago{names}; {what}{queued}", self.session)
    }

    /// Its limits in words.
    fn limits(&self) -> String {
        let cpu = self.vm_timeout_ms.map_or_else(String::new, |ms| format!("{ms} ms CPU for a stretch of JavaScript, "));
        let wall = self.wall_timeout_ms.map_or_else(|| "no limit for a run".to_owned(), |ms| format!("{ms} ms for a run"));
        format!("{cpu}{wall}, a heap of {} MiB", self.memory_limit_mib)
    }
}

/// The names that the code of a session has declared. `None`: the kernel does not tell them at once.
async fn names(session: &Session) -> Option<Vec<String>> {
    let globals = tokio::time::timeout(PATIENCE, session.kernel.globals()).await.ok()?.ok()?;
    let own = globals.into_iter().filter(|global| !is_ours(global));
    Some(own.map(|global| global.name.chars().take(MAX_NAME).collect()).collect())
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
