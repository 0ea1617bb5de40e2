//! What the server says.

use std::collections::BTreeMap;

use drupe_client::{
    RunId,
    json::{Line, TypedValue},
};
use serde::{Serialize, Serializer, ser::SerializeTuple};

use super::body::Body;

/// A message of the server: its name and its body.
#[derive(Debug)]
pub(crate) struct Message<B>(pub(crate) &'static str, pub(crate) B);

impl<B: Serialize> Serialize for Message<B> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut message = serializer.serialize_tuple(2)?;
        message.serialize_element(self.0)?;
        message.serialize_element(&Body(&self.1))?;
        message.end()
    }
}

/// The answer to `hello`.
#[derive(Debug, Serialize)]
pub(crate) struct Welcome<'a> {
    pub(crate) version: u64,
    pub(crate) server: &'a str,
    pub(crate) instance: &'a str,
}

/// A request was carried out.
#[derive(Debug, Serialize)]
pub(crate) struct Reply<B> {
    pub(crate) id: u64,
    #[serde(flatten)]
    pub(crate) body: B,
}

/// A reply without other fields.
#[derive(Debug, Serialize)]
pub(crate) struct Nothing {}

/// Something is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Failure {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) call: Option<u64>,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<String>,
}

impl Failure {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { id: None, call: None, code, message: message.into(), field: None }
    }

    pub(crate) fn of_field(code: &'static str, field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(code, message) }
    }
}

impl From<drupe_client::Error> for Failure {
    fn from(error: drupe_client::Error) -> Self {
        Self::new(error.name(), error.to_string())
    }
}

/// An event of a kernel.
#[derive(Debug, Serialize)]
pub(crate) struct EventBody<'a> {
    pub(crate) kernel: &'a str,
    pub(crate) seq: u64,
    #[serde(flatten)]
    pub(crate) line: Line<'a>,
}

/// Events that a client did not get.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Missed<'a> {
    pub(crate) kernel: &'a str,
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) types: BTreeMap<&'static str, u64>,
    pub(crate) ended: Vec<RunId>,
}

/// A kernel is gone.
#[derive(Debug, Serialize)]
pub(crate) struct Closed<'a> {
    pub(crate) kernel: &'a str,
    pub(crate) reason: &'static str,
}

/// A call of JavaScript that a client answers.
#[derive(Debug, Serialize)]
pub(crate) struct CallBody<'a> {
    pub(crate) call: u64,
    pub(crate) kernel: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) run: Option<RunId>,
    #[serde(flatten)]
    pub(crate) asked: &'a Asked,
}

/// What a call asks for.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub(crate) enum Asked {
    /// A function of the client.
    Function { function: String, args: Vec<TypedValue> },
    /// Whether something may be done.
    Permission { permission: &'static str, resource: String, api: String },
    /// To show a text.
    Alert { message: String },
    /// Whether a person agrees.
    Confirm { message: String },
    /// What a person writes.
    Prompt {
        message: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        default: Option<String>,
    },
}

/// A message about a call, without another field.
#[derive(Debug, Serialize)]
pub(crate) struct OfCall {
    pub(crate) call: u64,
}
