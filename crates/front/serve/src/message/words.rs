//! Says in plain words why a message cannot be read. **The words of the parsers are not a client's**: they name types
//! of Rust.

use rmp_serde::decode::Error as MsgpackError;

/// How much of a client's text is shown, in characters.
const MAX_SHOWN: usize = 40;

/// What a message is, with an example.
pub(super) const A_MESSAGE: &str = "an array of its name and its body, such as [\"ping\",{\"id\":1}]";

/// What stands before the shape of a body.
const A_BODY: &str = "a body: ";

/// Why a text is no JSON, and what to do. `None`: it is JSON.
pub(super) fn no_json(text: &[u8]) -> Option<String> {
    let why = drupe_client::json::why_no_json(text)?;
    Some(format!("the message is {why}; write each message on a line of its own: {A_MESSAGE}"))
}

/// What is wrong with msgpack.
pub(super) fn no_msgpack(error: &MsgpackError, path: &str, field: Option<&str>) -> String {
    match error {
        MsgpackError::InvalidMarkerRead(_) | MsgpackError::InvalidDataRead(_) => {
            "the message is cut off: its msgpack is not complete at the end of the frame".to_owned()
        }
        MsgpackError::TypeMismatch(_) => format!("{} has bytes that are no msgpack of a message", subject(path, field)),
        MsgpackError::OutOfRange => format!("{} is a number that is too large, or negative", subject(path, field)),
        MsgpackError::LengthMismatch(_) => format!("{} has too many elements", subject(path, field)),
        MsgpackError::Utf8Error(_) => format!("{} has a string that is not UTF-8", subject(path, field)),
        MsgpackError::DepthLimitExceeded => {
            format!("the message is nested more than {} levels deep", drupe_protocol::codec::MAX_DEPTH)
        }
        MsgpackError::Uncategorized(said) | MsgpackError::Syntax(said) => in_words(said, path, field),
    }
}

/// What the parser says of a part of a message, in words. `path` leads to the part, `field` is its name in the body.
pub(super) fn in_words(said: &str, path: &str, field: Option<&str>) -> String {
    let subject = subject(path, field);
    let wrong = said.strip_prefix("invalid type: ").or_else(|| said.strip_prefix("invalid value: "));
    if let Some((found, wanted)) = wrong.and_then(|wrong| wrong.rsplit_once(", expected ")) {
        return match wanted.strip_prefix(A_BODY) {
            Some(body) => format!("the body of the message must be {body}, and is {}", is(found)),
            None => format!("{subject} must be {}, and is {}", must(wanted), is(found)),
        };
    }
    if let Some((length, wanted)) = said.strip_prefix("invalid length ").and_then(|rest| rest.split_once(", expected ")) {
        return format!("{subject} must be {}, and has {length} elements", must(wanted));
    }
    if said.starts_with("missing field `") {
        return format!("{subject} is missing");
    }
    if let Some((word, known)) = said.strip_prefix("unknown variant `").and_then(|rest| rest.rsplit_once("`, expected ")) {
        return format!("{subject} must be {known}, and is {}", shown(word));
    }
    if let Some((name, known)) = said.strip_prefix("unknown field `").and_then(|rest| rest.rsplit_once("`, expected ")) {
        return format!("there is no {} here; there is {known}", shown(name));
    }
    if said.starts_with("recursion limit exceeded") {
        return "the message is nested more than 128 levels deep".to_owned();
    }
    if said.contains("surrogate in hex escape") || said.starts_with("unexpected end of hex escape") {
        return "a string has half of a surrogate pair; a value writes it as {\"$type\":\"string\",\"utf16\":[…]}".to_owned();
    }
    said.to_owned()
}

/// What a path leads to.
fn subject(path: &str, field: Option<&str>) -> String {
    match field {
        Some(field) => format!("`{field}`"),
        None if path.starts_with("[0]") => "the name of the message".to_owned(),
        None => "the message".to_owned(),
    }
}

/// What a value is, from the parser's name for it.
fn is(found: &str) -> String {
    let quoted = |kind: &str| found.strip_prefix(kind)?.strip_suffix('`');
    if let Some(number) = quoted("integer `").or_else(|| quoted("floating point `")) {
        return format!("the number {number}");
    }
    if let Some(flag) = quoted("boolean `") {
        return flag.to_owned();
    }
    if let Some(text) = found.strip_prefix("string \"").and_then(|rest| rest.strip_suffix('"')) {
        return format!("the string {}", shown(&text.replace("\\\"", "\"")));
    }
    match found {
        "null" | "unit value" | "Option value" => "null".to_owned(),
        "sequence" => "an array".to_owned(),
        "byte array" => "bytes".to_owned(),
        "map" => "a map".to_owned(),
        other => other.to_owned(),
    }
}

/// What a value must be, from the parser's name for it.
fn must(wanted: &str) -> &str {
    match wanted {
        "f64" => "a number",
        "u64" | "u32" | "usize" => "a whole number, 0 or more",
        "a boolean" => "true or false",
        "a sequence" => "an array",
        "string or map" | "variant identifier" => "a word",
        other => other,
    }
}

/// A client's text in quotes, short.
fn shown(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}
