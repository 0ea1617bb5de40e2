//! Calls of tools that are not carried out.

use drupe_client::Error;
use rmcp::schemars::JsonSchema;
use serde::Serialize;

use crate::failure::{state_after, words};

/// The reason why a call was not carried out. Nothing of it took effect, unless there is a `state`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct Refusal {
    /// `bad_argument`, `unknown_handle`, `forbidden`, `limit`, or the name of an error of the kernel, such as `launch`.
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
        let message = format!(
            "There is no {argument} with the handle {shown:?} for this caller: it was never given out, was closed, or made room for \
             newer ones. js_sessions with action \"list\" tells what there is."
        );
        Self::of("unknown_handle", argument, message)
    }
}

/// A kernel that could not be launched for a session has lost nothing. For one that is there see [`Refusal::failed`].
impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::new(error.name(), words(&error))
    }
}
