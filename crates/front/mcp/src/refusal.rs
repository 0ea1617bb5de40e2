//! Calls of tools that are not carried out.

use drupe_client::Error;
use rmcp::schemars::JsonSchema;
use serde::Serialize;

/// The reason why a call was not carried out. Nothing of it took effect.
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
}

impl Refusal {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, argument: None, message: message.into() }
    }

    pub(crate) fn of(code: &'static str, argument: &str, message: impl Into<String>) -> Self {
        Self { code, argument: Some(argument.to_owned()), message: message.into() }
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

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::new(error.name(), error.to_string())
    }
}
