//! The value of `-p CODE`, shown as `console.log` shows it.

use std::io;

use drupe_client::{Event, Value, preview::Node};

/// The event with its value, if that is a string, as it is.
///
/// # Errors
/// When the string is too long to be had whole.
pub(crate) fn as_console(event: &Event) -> io::Result<Option<Event>> {
    let Event::Result(result) = event else { return Ok(None) };
    if result.value.is_none() && matches!(result.preview, Some(Node::String(_))) {
        return Err(io::Error::other("the value is a string of more than 64 MiB; write it in parts, with process.stdout.write"));
    }
    let Some(Value::String(text)) = &result.value else { return Ok(None) };
    let mut result = result.clone();
    result.text.clone_from(text);
    result.preview = None;
    Ok(Some(Event::Result(result)))
}
