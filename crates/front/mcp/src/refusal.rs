//! Calls of tools that are not carried out.

use drupe_client::{Error, Stale};
use rmcp::schemars::JsonSchema;
use serde::Serialize;

use crate::failure::{state_after, words};

/// The reason why a call was not carried out. Nothing of it took effect, unless there is a `state`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct Refusal {
    /// `bad_argument`, `unknown_handle`, `session_lost`, `forbidden`, `limit`, or the name of an error of the kernel,
    /// such as `launch`.
    pub(crate) code: &'static str,
    /// The argument that is wrong, if one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) argument: Option<String>,
    /// What was wrong, and what to do.
    pub(crate) message: String,
    /// The session's variables, if the kernel did not do what it was asked: `kept`, `lost` or `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<&'static str>,
}

/// What a handle is of by its name, and what the argument takes, if that is something else.
fn kind_instead(argument: &str, handle: &str) -> Option<(&'static str, &'static str)> {
    let (letter, digits) = handle.split_once('-').filter(|(_, digits)| digits.len() == 32)?;
    let kind = match letter {
        "s" => "session",
        "r" => "run",
        "v" | "c" => "page",
        _ => return None,
    };
    let (own, wanted) = match argument {
        "session" => ("session", "that of a session, which begins with s-"),
        "run" => ("run", "that of a run, which begins with r-"),
        "handle" => ("page", "that of a page, which begins with v- or c-"),
        _ => return None,
    };
    (kind != own && digits.bytes().all(|digit| digit.is_ascii_hexdigit())).then_some((kind, wanted))
}

impl Refusal {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, argument: None, message: message.into(), state: None }
    }

    pub(crate) fn of(code: &'static str, argument: &str, message: impl Into<String>) -> Self {
        Self { code, argument: Some(argument.to_owned()), message: message.into(), state: None }
    }

    /// The kernel of a session did not do what it was asked.
    pub(crate) fn failed(error: &Error) -> Self {
        Self { state: Some(state_after(error)), ..Self::new(error.name(), words(error)) }
    }

    /// In words: what was wrong, and what it comes to.
    pub(crate) fn words(&self) -> String {
        let Self { code, message, .. } = self;
        match self.state {
            None => format!("{message} Nothing was done ({code})."),
            Some(state) => format!("{message}; state {state} ({code})."),
        }
    }

    /// A handle leads nowhere. **The words are the same whether it never was, is no more, or is another caller's.**
    pub(crate) fn unknown(argument: &str, handle: &str) -> Self {
        let shown = handle.chars().take(64).collect::<String>();
        if let Some((kind, wanted)) = kind_instead(argument, handle) {
            let message = format!("{shown:?} is the handle of a {kind}, and `{argument}` takes {wanted}.");
            return Self::of("unknown_handle", argument, message);
        }
        let (what, gone, advice) = match argument {
            "session" => (
                "session",
                "it was never given out, or it is closed and its variables are lost",
                "js_sessions with action \"list\" tells which sessions there are; js_run without `session` opens a new, empty one",
            ),
            "run" => (
                "run",
                "it was never given out, its session is closed, or it made room for newer runs",
                "js_sessions with action \"list\" tells which runs are active; what a run has left is in the variables of its session, \
                 where js_run finds it",
            ),
            "handle" => (
                "page",
                "it was never given out, its session is closed, or it made room for newer ones (a session keeps the last 8 results)",
                "Run the code again with js_run, or code for the part that is needed",
            ),
            _ => (
                "question",
                "it was never put to this caller, or its run is forgotten",
                "js_sessions with action \"list\" tells which sessions wait for an answer; js_wait with their run asks",
            ),
        };
        let message = format!("There is no {what} with the handle {shown:?} for this caller: {gone}. {advice}.");
        Self::of("unknown_handle", argument, message)
    }

    /// A session of the caller's is closed.
    pub(crate) fn closed(handle: &str, why: &str) -> Self {
        let message = format!(
            "Session {handle} is closed, and its variables are lost: {why}. js_run without `session` opens a new, empty one."
        );
        Self::of("unknown_handle", "session", message)
    }

    /// A run or a page was of a session that is closed.
    pub(crate) fn closed_with(argument: &str, handle: &str, session: &str, why: &str) -> Self {
        let what = if argument == "run" { "Run" } else { "Page" };
        let message = format!(
            "{what} {handle} is gone: session {session}, which it was of, is closed, and its variables are lost: {why}. js_run without \
             `session` opens a new, empty one."
        );
        Self::of("unknown_handle", argument, message)
    }

    /// Nothing can be looked at in a session: its process has ended.
    pub(crate) fn dead(argument: &str, session: &str, why: &str) -> Self {
        let message = format!(
            "There is nothing to look at in session {session}: {why}, and all its variables are lost. js_run begins a new session \
             under the same handle"
        );
        Self { state: Some("lost"), ..Self::of("session_lost", argument, message) }
    }

    /// What a handle of a page led to is gone.
    pub(crate) fn stale(handle: &str, error: &Error) -> Self {
        let Error::StaleHandle(stale) = error else { return Self::failed(error) };
        let why = if *stale == Stale::Session {
            "its session was emptied since, so all variables of that time are lost"
        } else {
            "it made room for newer ones"
        };
        let message =
            format!("What {handle} led to is gone: {why}. Run the code again with js_run, or code for the part that is needed");
        Self { state: Some(state_after(error)), ..Self::of(error.name(), "handle", message) }
    }
}

/// A kernel that could not be launched for a session has lost nothing. For one that is there see [`Refusal::failed`].
impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::new(error.name(), words(&error))
    }
}
