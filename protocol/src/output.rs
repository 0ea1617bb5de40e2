//! The output of a program to its standard streams.

use serde::{Deserialize, Serialize};

use crate::RunId;

/// What was written to a stream, as it is: **it is no line**, and nothing is to be put between it and what comes before
/// or after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Output {
    /// The run that caused it, by async causality; absent when no run did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// Which stream.
    pub stream: Stream,
    /// The text, or what bytes read as: a character that is not whole yet comes with its last byte. What is written in
    /// one call may come in several events.
    pub text: String,
    /// When, in milliseconds since the Unix epoch.
    pub time: f64,
    /// The bytes that were written, where the text is not the same bytes as UTF-8; absent where it is.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "serde_bytes")]
    pub bytes: Option<Vec<u8>>,
}

impl Output {
    /// Text that `run` wrote, if a run did; UTF-8 encodes it to the bytes that were written.
    #[must_use]
    pub fn new(run: Option<RunId>, stream: Stream, text: impl Into<String>, time: f64) -> Self {
        Self { run, stream, text: text.into(), time, bytes: None }
    }
}

/// A standard stream of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// A stream that a newer kernel knows. Not to be mixed with standard output.
    #[serde(other)]
    Unknown,
}
