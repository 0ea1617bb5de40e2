//! Chunks as JSON lines: each line of the input is a JSON object, so that the end of a chunk is never guessed.
//!
//! | key | meaning |
//! |---|---|
//! | `code` | the chunk; needed |
//! | `id` | a string or a number that the answers carry, if they are JSON lines, too; null is none |
//! | `timeout` | wall time, awaits included: milliseconds as a number, or as `"1.5s"` |
//! | `vm_timeout` | CPU time of a stretch of JavaScript, likewise |
//! | `name` | what stack frames call the chunk |

use std::time::Duration;

use drupe_client::{Chunk, Limits, json::why_no_json};
use serde_json::{Map, Value};

use crate::{Settings, parse_duration, settings::stricter};

/// A chunk of a line.
#[derive(Debug)]
pub(crate) struct Framed {
    pub(crate) id: Option<Value>,
    pub(crate) chunk: Chunk,
    pub(crate) code: String,
}

/// A line that is no chunk.
#[derive(Debug, PartialEq)]
pub(crate) struct BadLine {
    /// What it came with, if that can be told.
    pub(crate) id: Option<Value>,
    pub(crate) message: String,
}

/// Ids are kept for what chunks do later.
const MAX_ID: usize = 1 << 10;
/// Up to here each integer is a number.
const MAX_NUMBER: f64 = (1_u64 << 53) as f64;

const KEYS: [&str; 5] = ["code", "id", "timeout", "vm_timeout", "name"];

/// Reads a line. `None`: it is empty.
pub(crate) fn read(line: &str, settings: &Settings) -> Option<Result<Framed, BadLine>> {
    let line = line.trim_start_matches('\u{feff}').trim();
    if line.is_empty() {
        return None;
    }
    Some(match serde_json::from_str(line) {
        Ok(Value::Object(object)) => framed(object, settings),
        Ok(_) => Err(BadLine { id: None, message: "it is no JSON object such as {\"code\": \"1+1\", \"id\": 1}".to_owned() }),
        Err(error) => Err(not_json(line, &error)),
    })
}

/// A line that is no JSON, or has text that Rust cannot hold: half of a surrogate pair.
fn not_json(line: &str, error: &serde_json::Error) -> BadLine {
    let (whole, half) = without_halves(line);
    match (half, serde_json::from_str(&whole)) {
        (Some(half), Ok(Value::Object(object))) => BadLine {
            id: object.get("id").filter(|id| is_id(id)).cloned(),
            message: format!(
                "{half} is half of a surrogate pair, which is no text; in a string of the code, write it as \\{half}"
            ),
        },
        // What is JSON is no text that Rust can hold.
        _ => {
            let why = why_no_json(line.as_bytes()).unwrap_or_else(|| format!("no JSON that can be read: {error}"));
            BadLine { id: None, message: format!("it is {why}") }
        }
    }
}

/// JSON with another character for each escape that is half of a surrogate pair, and the first of these escapes.
fn without_halves(json: &str) -> (String, Option<&str>) {
    let unit = |at: usize| {
        let digits = json.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let (mut out, mut first, mut at) = (String::with_capacity(json.len()), None, 0);
    while let Some(rest) = json.get(at..).filter(|rest| !rest.is_empty()) {
        let length = match (unit(at), unit(at + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                first = first.or(Some(&rest[..6]));
                out.push_str("\\ufffd");
                at += 6;
                continue;
            }
            // A backslash and the character that it escapes.
            _ if rest.starts_with('\\') => 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
            _ => rest.find('\\').unwrap_or(rest.len()),
        };
        out.push_str(&rest[..length]);
        at += length;
    }
    (out, first)
}

fn framed(mut object: Map<String, Value>, settings: &Settings) -> Result<Framed, BadLine> {
    let id = object.remove("id").filter(|id| !id.is_null());
    let (id, bad_id) = match id {
        Some(id) if !is_id(&id) => (None, true),
        id => (id, false),
    };
    let bad = |message: String| BadLine { id: id.clone(), message };
    if bad_id {
        return Err(bad(format!("\"id\" is a string of up to {MAX_ID} bytes, or a number up to 2^53")));
    }
    if let Some(key) = object.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(bad(format!("there is no key {key:?}; the keys are {}", KEYS.join(", "))));
    }
    let Some(Value::String(code)) = object.remove("code") else {
        return Err(bad("it has no \"code\" that is a string".to_owned()));
    };
    // What the command line says holds for all chunks.
    let wall_timeout = stricter(duration(&object, "timeout").map_err(bad)?, settings.limits.wall_timeout);
    let vm_timeout = stricter(duration(&object, "vm_timeout").map_err(bad)?, settings.limits.vm_timeout);
    let mut limits = Limits::default();
    (limits.wall_timeout, limits.vm_timeout) = (wall_timeout, vm_timeout);
    let mut chunk = settings.chunk(code.as_str()).limits(limits);
    match object.get("name") {
        None => {}
        Some(Value::String(name)) => chunk = chunk.name(name),
        Some(_) => return Err(bad("\"name\" is a string".to_owned())),
    }
    Ok(Framed { id, chunk, code })
}

/// Whether it comes back as it came, and is short enough to be kept.
fn is_id(id: &Value) -> bool {
    match id {
        Value::String(text) => text.len() <= MAX_ID,
        // Numbers that are no integers of 64 bits are rounded.
        Value::Number(number) => !number.is_f64() || number.as_f64().is_some_and(|number| number.abs() <= MAX_NUMBER),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => false,
    }
}

fn duration(object: &Map<String, Value>, key: &str) -> Result<Option<Duration>, String> {
    let why = |error: &dyn std::fmt::Display| format!("{key:?} is milliseconds as a number, or such as \"1.5s\": {error}");
    match object.get(key) {
        None => Ok(None),
        Some(Value::Number(number)) => {
            let milliseconds = number.as_f64().filter(|number| *number > 0.0).ok_or_else(|| why(&number))?;
            Duration::try_from_secs_f64(milliseconds / 1000.0).map(Some).map_err(|error| why(&error))
        }
        Some(Value::String(text)) => parse_duration(text).map(Some).map_err(|error| why(&error)),
        Some(other) => Err(why(other)),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::read;
    use crate::Settings;

    #[test]
    fn lines_are_chunks() {
        let settings = Settings::default();
        let framed = read("{\"code\": \"let a = 1\\na\", \"id\": \"x\", \"timeout\": 1500, \"vm_timeout\": \"2s\"}\n", &settings);
        let framed = framed.unwrap().unwrap();
        assert_eq!((framed.code.as_str(), framed.id), ("let a = 1\na", Some(json!("x"))));
        let (wall, vm) = (Duration::from_millis(1500), Duration::from_secs(2));
        assert_eq!(framed.chunk, settings.chunk("let a = 1\na").wall_timeout(wall).vm_timeout(vm));
        assert!(read("\n", &settings).is_none() && read("{\"code\":\"\"}", &settings).is_some_and(|framed| framed.is_ok()));
    }

    #[test]
    fn what_the_command_line_limits_no_line_lifts() {
        let (short, long) = (Duration::from_secs(1), Duration::from_secs(3600));
        let mut limits = drupe_client::Limits::default();
        (limits.wall_timeout, limits.vm_timeout) = (Some(short), Some(long));
        let settings = Settings { limits, ..Settings::default() };
        let framed = read("{\"code\": \"1\", \"timeout\": \"1h\", \"vm_timeout\": \"1s\"}", &settings).unwrap().unwrap();
        assert_eq!(framed.chunk, settings.chunk("1").wall_timeout(short).vm_timeout(short));
        let long = format!("{{\"code\": \"1\", \"id\": \"{}\"}}", "x".repeat(1025));
        assert!(read(&long, &settings).unwrap().is_err());
    }

    #[test]
    fn what_is_wrong_with_a_line_is_told_with_its_id() {
        for (line, id, words) in [
            ("1+1", None, "it is no JSON from byte 1 on (\"1+1\")"),
            ("[1]", None, "it is no JSON object"),
            (r#"{"id": 7, "code": "'\ud800'"}"#, Some(json!(7)), r"\ud800 is half of a surrogate pair, which is no text"),
            (r#"{"code": "'\\ud83d\ude00 \uDC00\ud83d\ude00'", "id": "x"}"#, Some(json!("x")), r"write it as \\ude00"),
            (r#"{"id": 7, "code": "\ud800\ud800\u00e9"}"#, Some(json!(7)), r"\ud800 is half"),
            (r#"{"id": 7, "code": "\ud800""#, None, "it is no JSON"),
            ("{\"id\": 7}", Some(json!(7)), "no \"code\""),
            ("{\"id\": 7, \"code\": 1}", Some(json!(7)), "no \"code\""),
            ("{\"id\": 7, \"code\": \"\", \"wait\": 1}", Some(json!(7)), "no key \"wait\"; the keys are code"),
            ("{\"id\": {}, \"code\": \"\"}", None, "\"id\" is a string"),
            ("{\"id\": 12345678901234567890123, \"code\": \"\"}", None, "a number up to 2^53"),
            ("{\"id\": 7, \"code\": \"\", \"timeout\": \"soon\"}", Some(json!(7)), "\"timeout\" is milliseconds"),
            ("{\"id\": 7, \"code\": \"\", \"timeout\": -1}", Some(json!(7)), "\"timeout\" is milliseconds"),
            ("{\"id\": 7, \"code\": \"\", \"timeout\": 1e300}", Some(json!(7)), "\"timeout\" is milliseconds"),
        ] {
            let bad = read(line, &Settings::default()).unwrap().unwrap_err();
            assert!(bad.id == id && bad.message.contains(words), "{line}: {bad:?}");
        }
    }
}
