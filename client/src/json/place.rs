//! Places in scripts, frames of stacks, and sources around a place.

use drupe_protocol::{CodeFrame, Frame, event::Location};
use serde::Serialize;

/// A place in a script, counted from 1.
#[derive(Debug, Serialize)]
pub(super) struct Place<'a> {
    script: &'a str,
    line: u64,
    column: u64,
}

impl<'a> Place<'a> {
    pub(super) fn new(at: &'a Location) -> Self {
        Self { script: &at.script, line: u64::from(at.position.line) + 1, column: u64::from(at.position.column) + 1 }
    }
}

/// The source around a place.
#[derive(Debug, Serialize)]
pub(super) struct SourceLines<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    lines: &'a [String],
    mark: u32,
    marked: u32,
}

impl<'a> SourceLines<'a> {
    pub(super) fn new(frame: &'a CodeFrame) -> Self {
        Self { place: Place::new(&frame.at), lines: &frame.lines, mark: frame.mark, marked: frame.marked }
    }
}

/// A frame of a stack.
#[derive(Debug, Serialize)]
pub(super) struct FrameLine<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    function: Option<&'a str>,
    #[serde(flatten)]
    place: Place<'a>,
}

pub(super) fn frames(frames: &[Frame]) -> Vec<FrameLine<'_>> {
    let line = |frame: &'_ Frame| (u64::from(frame.position.line) + 1, u64::from(frame.position.column) + 1);
    let of = |frame| {
        let (line, column) = line(frame);
        FrameLine { function: frame.function.as_deref(), place: Place { script: &frame.script, line, column } }
    };
    frames.iter().map(of).collect()
}
