//! What code shows beside text: displays, which may be updated, and the outputs that it clears.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use drupe_client::{Part, Value, preview::Node};
use drupe_protocol::event::RunResult;
use serde_json::{Value as Json, json};

pub(crate) use crate::table::field;
use crate::{
    message::Message,
    rich::{Bundle, bytes, rich},
    table::{TABLE, Table},
};

/// The format of a value that is not shown as a result: what `display` returns.
const NOTHING: &str = "application/vnd.drupe.nothing";

/// A part that has to stand for the rest as text has so many bytes at most.
const MAX_PLAIN: usize = 4096;

/// The formats of a result: what it says of itself, or else what it looks like. `None`: there is nothing to show.
pub(crate) fn of_result(result: &RunResult) -> Option<Bundle> {
    if matches!(result.preview, Some(Node::Undefined)) || matches!(result.value, Some(Value::Undefined)) {
        return None;
    }
    if result.bundle.is_empty() {
        return Some(rich(result.value.as_ref(), result.preview.as_ref(), &result.text));
    }
    if result.bundle.iter().any(|part| part.mime == NOTHING) {
        return None;
    }
    let parts = result.bundle.iter().map(|Part { mime, data, .. }| (mime.as_str(), data.as_ref()));
    Some(bundle(parts, &result.text))
}

/// The bundle of these parts. `text` stands where the parts have no `text/plain`; if it is empty, the first part that
/// is text does.
fn bundle<'a>(parts: impl Iterator<Item = (&'a str, Option<&'a Value>)>, text: &str) -> Bundle {
    let mut bundle = Bundle::new();
    let mut otherwise = text.to_owned();
    for (mime, data) in parts.filter(|(mime, _)| is_mime(mime)) {
        match data {
            Some(data) if mime == TABLE => {
                let Some(table) = Table::of_part(data) else { continue };
                bundle.extend(table.formats());
                bundle.insert("text/plain".to_owned(), table.text().into());
            }
            Some(data) => {
                let content = content(mime, data);
                if otherwise.is_empty() {
                    otherwise = plain(mime, &content);
                }
                bundle.insert(mime.to_owned(), content);
            }
            None => drop(bundle.entry("text/plain").or_insert_with(|| format!("[{mime} is too large to be shown]").into())),
        }
    }
    bundle.entry("text/plain").or_insert_with(|| otherwise.into());
    bundle
}

/// The text of a part that has to stand for the rest: the part itself, or its format where that is long or no text.
fn plain(mime: &str, content: &Json) -> String {
    let is_base64 = mime == "application/pdf" || mime.starts_with("image/") && !mime.ends_with("+xml");
    let text = content.as_str().map_or_else(|| content.to_string(), str::to_owned);
    if is_base64 || text.len() > MAX_PLAIN { format!("[{mime}]") } else { text }
}

/// The content of a part as a message has it: bytes in base64, data as JSON, all else as text.
fn content(mime: &str, data: &Value) -> Json {
    if let Some(bytes) = bytes(data) {
        return STANDARD.encode(bytes).into();
    }
    let is_data = mime == "application/json" || mime.ends_with("+json");
    match (data, serde_json::to_value(data)) {
        (Value::String(text), _) if !is_data => text.clone().into(),
        // Data that comes as its text.
        (Value::String(text), _) => serde_json::from_str(text).unwrap_or_else(|_| text.clone().into()),
        (_, Ok(json)) if is_data => json,
        (_, Ok(Json::String(text))) => text.into(),
        (_, Ok(json)) => json.to_string().into(),
        (_, Err(error)) => format!("[{error}]").into(),
    }
}

fn is_mime(mime: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|char| char.is_ascii_alphanumeric() || "-+._".contains(char));
    // Parameters stand behind a semicolon, and front ends know none.
    mime.split_once('/').is_some_and(|(kind, name)| is_word(kind) && is_word(name))
}

/// A property that is a text.
pub(crate) fn text_field<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    field(value, key).and_then(Value::as_str)
}

/// A property that is data; an empty object where there is none.
pub(crate) fn json_field(value: &Value, key: &str) -> Json {
    let json = field(value, key).and_then(|value| serde_json::to_value(value).ok()).filter(|json| !json.is_null());
    json.unwrap_or_else(|| json!({}))
}

/// The message for what code shows: `{ data }`, or `{ value, text }` of a value that does not say how it is shown, with
/// `id`, `update`, `metadata`.
pub(crate) fn of_shown(shown: &Value) -> Message {
    let data = match (field(shown, "data"), field(shown, "value")) {
        (Some(Value::Object(parts)), _) => {
            bundle(parts.iter().map(|(mime, data)| (mime.as_str(), Some(data))), text_field(shown, "text").unwrap_or_default())
        }
        (_, value) => rich(value, None, text_field(shown, "text").unwrap_or_default()),
    };
    let transient = match text_field(shown, "id") {
        Some(id) => json!({ "display_id": id }),
        None => json!({}),
    };
    let is_update = matches!(field(shown, "update"), Some(Value::Bool(true)));
    let kind = if is_update { "update_display_data" } else { "display_data" };
    Message::new(kind, json!({ "data": data, "metadata": json_field(shown, "metadata"), "transient": transient }))
}

/// The message that clears the outputs of a cell: at once, or when the next output comes.
pub(crate) fn clearing(wait: bool) -> Message {
    Message::new("clear_output", json!({ "wait": wait }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(entries: Vec<(&str, Value)>) -> Value {
        Value::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    #[test]
    fn parts_are_text_data_or_bytes() {
        let data = object(vec![
            ("text/html", "<b>".into()),
            ("image/png", Value::ArrayBuffer(vec![1, 2].into())),
            ("application/json", object(vec![("a", 1.into())])),
            ("application/vnd.vegalite.v5+json", "{\"mark\": \"bar\"}".into()),
            ("text/x", 7.into()),
            ("no mime", "x".into()),
            ("a/b; c=d", "x".into()),
        ]);
        let message = of_shown(&object(vec![("data", data), ("text", "plain".into())]));
        assert_eq!(message.kind, "display_data");
        assert_eq!(
            message.content,
            json!({
                "data": {
                    "text/html": "<b>",
                    "image/png": "AQI=",
                    "application/json": { "a": 1 },
                    "application/vnd.vegalite.v5+json": { "mark": "bar" },
                    "text/x": "7",
                    "text/plain": "plain",
                },
                "metadata": {},
                "transient": {},
            })
        );
    }

    #[test]
    fn updates_name_their_display() {
        let shown = object(vec![("value", 1.into()), ("text", "1".into()), ("id", "d".into()), ("update", true.into())]);
        let message = of_shown(&shown);
        assert_eq!(message.kind, "update_display_data");
        assert_eq!(message.content["transient"], json!({ "display_id": "d" }));
        assert_eq!(message.content["data"], json!({ "text/plain": "1" }));
    }

    #[test]
    fn what_is_undefined_is_not_shown() {
        let mut result = RunResult::new(1, "undefined");
        result.preview = Some(Node::Undefined);
        assert_eq!(of_result(&result), None);
        result = RunResult::new(1, "null");
        result.preview = Some(Node::Null);
        assert_eq!(of_result(&result).map(Json::from), Some(json!({ "text/plain": "null" })));
        result.bundle = vec![Part::new(NOTHING, Some("".into()))];
        assert_eq!(of_result(&result), None);
        result.bundle = vec![Part::new("image/svg+xml", Some("<svg/>".into())), Part::new("image/png", None)];
        let shown = json!({ "image/svg+xml": "<svg/>", "text/plain": "[image/png is too large to be shown]" });
        assert_eq!(of_result(&result).map(Json::from), Some(shown));
    }
}
