//! Chunks in frames: each line of the input is a JSON object, so that nobody has to guess where a chunk ends.
//!
//! | key | meaning |
//! |---|---|
//! | `code` | the chunk; needed |
//! | `id` | a string or a number that the answers carry, if they are JSON lines, too |
//! | `timeout` | wall time, awaits included: milliseconds as a number, or as `"1.5s"` |
//! | `vm_timeout` | CPU time of a stretch of JavaScript, likewise |
//! | `name` | what stack frames call the chunk |

use std::time::Duration;

use drupe_client::{Chunk, Limits};
use serde_json::{Map, Value};

use crate::{Settings, parse_duration};

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
        Err(error) => Err(BadLine { id: None, message: format!("it is no JSON: {error}") }),
    })
}

fn framed(mut object: Map<String, Value>, settings: &Settings) -> Result<Framed, BadLine> {
    let id = object.remove("id");
    let (id, bad_id) = match id {
        Some(id) if !(id.is_string() || id.is_number()) => (None, true),
        id => (id, false),
    };
    let bad = |message: String| BadLine { id: id.clone(), message };
    if bad_id {
        return Err(bad("\"id\" is a string or a number".to_owned()));
    }
    if let Some(key) = object.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(bad(format!("there is no key {key:?}; the keys are {}", KEYS.join(", "))));
    }
    let Some(Value::String(code)) = object.remove("code") else {
        return Err(bad("it has no \"code\" that is a string".to_owned()));
    };
    let wall_timeout = duration(&object, "timeout").map_err(bad)?;
    let vm_timeout = duration(&object, "vm_timeout").map_err(bad)?;
    let limits = Limits { wall_timeout, vm_timeout, ..Limits::default() };
    let mut chunk = settings.chunk(code.as_str()).limits(limits);
    match object.get("name") {
        None => {}
        Some(Value::String(name)) => chunk = chunk.name(name),
        Some(_) => return Err(bad("\"name\" is a string".to_owned())),
    }
    Ok(Framed { id, chunk, code })
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
    fn what_is_wrong_with_a_line_is_told_with_its_id() {
        for (line, id, words) in [
            ("1+1", None, "it is no JSON"),
            ("[1]", None, "it is no JSON object"),
            ("{\"id\": 7}", Some(json!(7)), "no \"code\""),
            ("{\"id\": 7, \"code\": 1}", Some(json!(7)), "no \"code\""),
            ("{\"id\": 7, \"code\": \"\", \"wait\": 1}", Some(json!(7)), "no key \"wait\"; the keys are code"),
            ("{\"id\": {}, \"code\": \"\"}", None, "\"id\" is a string"),
            ("{\"id\": 7, \"code\": \"\", \"timeout\": \"soon\"}", Some(json!(7)), "\"timeout\" is milliseconds"),
            ("{\"id\": 7, \"code\": \"\", \"timeout\": -1}", Some(json!(7)), "\"timeout\" is milliseconds"),
            ("{\"id\": 7, \"code\": \"\", \"timeout\": 1e300}", Some(json!(7)), "\"timeout\" is milliseconds"),
        ] {
            let bad = read(line, &Settings::default()).unwrap().unwrap_err();
            assert!(bad.id == id && bad.message.contains(words), "{line}: {bad:?}");
        }
    }
}
