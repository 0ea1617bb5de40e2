//! `js_sessions`: opens, lists, closes and resets sessions.

use rmcp::{model::CallToolResult, schemars::JsonSchema};
use serde::{Deserialize, Serialize};

use super::{Call, limits};
use crate::{
    answer::{block, result},
    describe,
    outcome::Status,
    refusal::Refusal,
    session::{Profile, Session, Wanted},
};

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
    vm_timeout_ms: Option<f64>,
    /// For `open`: the time of a whole run, in milliseconds.
    wall_timeout_ms: Option<f64>,
    /// For `open`: the size of its heap, in MiB.
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
    /// How long ago it was opened, in milliseconds.
    age_ms: u64,
}

pub(crate) async fn call(call: &mut Call<'_>) -> Result<CallToolResult, Refusal> {
    let args: Args = call.args()?;
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
    let missing = || Refusal::of("bad_argument", "session", "This action takes the handle of a session.");
    args.session.as_deref().ok_or_else(missing)
}

async fn open(call: &Call<'_>, args: &Args) -> Result<CallToolResult, Refusal> {
    let settings = call.server.settings();
    let limits = limits::limits(settings, args.vm_timeout_ms, args.wall_timeout_ms, limits::usual(settings))?;
    let memory = limits::memory(settings, args.memory_limit_mib)?;
    let wanted = Wanted { profile: args.profile.unwrap_or_default(), limits, memory };
    let session = Session::open(call.server, call.caller.clone(), wanted).await?;
    let message = format!("Session {} is open: give it with js_run.", session.handle);
    Ok(told(Told { message, session: Some(SessionTold::of(call, &session).await), ..Told::default() }))
}

async fn list(call: &Call<'_>) -> Result<CallToolResult, Refusal> {
    let mut sessions = Vec::new();
    for session in call.server.sessions_of(&call.caller) {
        sessions.push(SessionTold::of(call, &session).await);
    }
    let names = sessions.iter().map(|one| match &one.run {
        Some(run) => format!("{} (busy with run {run})", one.session),
        None => one.session.clone(),
    });
    let message = format!("Sessions: {}. {}", sessions.len(), names.collect::<Vec<_>>().join(", "));
    Ok(told(Told { message, sessions: Some(sessions), ..Told::default() }))
}

async fn reset(call: &Call<'_>, handle: &str) -> Result<CallToolResult, Refusal> {
    let session = call.server.session(&call.caller, handle)?;
    let _attended = session.attend();
    let generation = session.kernel.reset().await.map_err(|error| Refusal::failed(&error))?;
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
        Self {
            session: session.handle.clone(),
            profile: session.wanted.profile,
            permissions: if is_granted { describe::granted(&settings.ceiling.policy) } else { Vec::new() },
            may_ask: if is_granted { describe::granted(&settings.ceiling.ask) } else { Vec::new() },
            vm_timeout_ms: ms(session.wanted.limits.vm_timeout),
            wall_timeout_ms: ms(session.wanted.limits.wall_timeout),
            memory_limit_mib: session.wanted.memory >> 20,
            generation: info.map(|info| info.generation),
            run: session.active().map(|record| record.handle.clone()),
            age_ms: u64::try_from(session.opened.elapsed().as_millis()).unwrap_or(u64::MAX),
        }
    }
}
