//! Reads messages of clients in either form, and says what is wrong with those that are none.

use drupe_protocol::{DecodeError, Payload, codec::MAX_ITEMS};
use serde::{
    Deserialize,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{
    client::ClientMessage,
    words::{in_words, no_json, no_msgpack},
};

/// A message that could not be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unread {
    /// The `id` that it has, if that can be read.
    pub(crate) id: Option<u64>,
    /// The `call` that it has, if that can be read.
    pub(crate) call: Option<u64>,
    /// The field that is wrong or missing.
    pub(crate) field: Option<String>,
    /// What is wrong.
    pub(crate) message: String,
}

/// Reads the JSON of one message.
pub(crate) fn read_json(text: &[u8]) -> Result<ClientMessage, Unread> {
    if text.len() > MAX_ITEMS && items(text) > MAX_ITEMS {
        return Err(too_many());
    }
    serde_json::from_slice(text).map_err(|first| {
        let deserializer = &mut serde_json::Deserializer::from_slice(text);
        let error = serde_path_to_error::deserialize::<_, ClientMessage>(deserializer);
        let numbers = serde_json::from_slice::<Numbers>(text).ok();
        let error = error.err().map(|error| (error.path().to_string(), error.inner().to_string()));
        let (path, message) = error.unwrap_or_else(|| (String::new(), first.to_string()));
        match no_json(text) {
            Some(message) => Unread { id: None, call: None, field: None, message },
            None => {
                let (said, field) = (without_place(&message), field(&path, &message));
                unread(in_words(said, &path, field.as_deref()), field, numbers)
            }
        }
    })
}

/// Reads the msgpack of one message.
pub(crate) fn read_msgpack(payload: &Payload) -> Result<ClientMessage, Unread> {
    drupe_protocol::decode_frame(payload).map_err(|first| {
        if let DecodeError::TooManyItems = first {
            return too_many();
        }
        let mut deserializer = rmp_serde::Deserializer::from_read_ref(&**payload);
        deserializer.set_max_depth(drupe_protocol::codec::MAX_DEPTH + 1);
        let error = serde_path_to_error::deserialize::<_, ClientMessage>(&mut deserializer).err();
        let numbers = drupe_protocol::decode::<Numbers>(payload).ok();
        match error {
            Some(error) => {
                let path = error.path().to_string();
                let field = field(&path, &error.inner().to_string());
                unread(no_msgpack(error.inner(), &path, field.as_deref()), field, numbers)
            }
            // It is a message, and something that it must not have.
            None => unread(first.to_string(), None, numbers),
        }
    })
}

/// About how many values and keys begin in a JSON text: one for each comma, colon and bracket outside of strings.
fn items(text: &[u8]) -> usize {
    let (mut count, mut in_string, mut is_escaped) = (0, false, false);
    for byte in text {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_string => is_escaped = true,
            b'"' => in_string = !in_string,
            b',' | b':' | b'[' | b'{' if !in_string => count += 1,
            _ => {}
        }
    }
    count
}

fn too_many() -> Unread {
    let message = format!("a message of more than {MAX_ITEMS} objects; send numbers as a typed array");
    Unread { id: None, call: None, field: None, message }
}

/// The field that a path leads to, or that is missing there.
fn field(path: &str, said: &str) -> Option<String> {
    // The body is the second element.
    let within = path.strip_prefix("[1]").unwrap_or_default();
    let within = within.strip_prefix('.').unwrap_or(within);
    match said.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        Some(missing) if within.is_empty() || within == "?" => Some(missing.to_owned()),
        Some(missing) => Some(format!("{within}.{missing}")),
        None => Some(within.to_owned()).filter(|within| !within.is_empty() && within != "?"),
    }
}

fn unread(message: String, field: Option<String>, numbers: Option<Numbers>) -> Unread {
    let Numbers { id, call } = numbers.unwrap_or_default();
    Unread { id, call, field, message }
}

/// serde_json appends the place in the text.
fn without_place(message: &str) -> &str {
    message.rfind(" at line ").map_or(message, |at| &message[..at])
}

/// The numbers of a message whose other fields may be anything.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Numbers {
    pub(super) id: Option<u64>,
    call: Option<u64>,
}

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(MessageNumbers)
    }
}

struct MessageNumbers;

impl<'de> Visitor<'de> for MessageNumbers {
    type Value = Numbers;

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("a message")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Numbers, A::Error> {
        seq.next_element::<IgnoredAny>()?;
        let numbers = seq.next_element_seed(BodyNumbers)?.unwrap_or_default();
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(numbers)
    }
}

/// Reads a body, of which it keeps the numbers.
pub(super) struct BodyNumbers;

impl<'de> DeserializeSeed<'de> for BodyNumbers {
    type Value = Numbers;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Numbers, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for BodyNumbers {
    type Value = Numbers;

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("a body: a map of fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Numbers, A::Error> {
        let mut numbers = Numbers::default();
        while let Some(key) = map.next_key::<String>()? {
            match &*key {
                "id" => numbers.id = Some(map.next_value::<u64>()?),
                "call" => numbers.call = Some(map.next_value::<u64>()?),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(numbers)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::message::words::A_MESSAGE;

    fn wrong(json: &str) -> (Option<u64>, Option<String>, String) {
        let unread = read_json(json.as_bytes()).unwrap_err();
        let value = serde_json::from_str::<serde_json::Value>(json);
        if let Ok(value) = value {
            let packed = read_msgpack(&Payload::Small(&rmp_serde::to_vec_named(&value).unwrap())).unwrap_err();
            assert_eq!((packed.id, &packed.field), (unread.id, &unread.field), "{json}: {packed:?}");
        }
        (unread.id, unread.field, unread.message)
    }

    #[test]
    fn what_is_wrong_is_named_with_the_request_that_it_is_in() {
        let (id, field, message) = wrong(r#"["run",{"id":7,"kernel":"k","code":"1","vm_timeout_ms":"soon"}]"#);
        assert_eq!((id, field.as_deref()), (Some(7), Some("vm_timeout_ms")));
        assert_eq!(message, "`vm_timeout_ms` must be a number, and is the string \"soon\"");
        let (id, field, message) = wrong(r#"["run",{"id":7,"code":"1"}]"#);
        assert_eq!((id, field.as_deref(), &*message), (Some(7), Some("kernel"), "`kernel` is missing"));
        let (id, field, message) = wrong(r#"["open",{"id":8,"permissions":{"read":1}}]"#);
        assert_eq!((id, field.as_deref()), (Some(8), Some("permissions.read")));
        assert_eq!(message, "permissions of a kind are true, false, or a list of rules");
        let (id, field, message) = wrong(r#"["open",{"id":8,"sandbox":"loose"}]"#);
        assert_eq!((id, field.as_deref()), (Some(8), Some("sandbox")));
        assert_eq!(message, "`sandbox` must be one of `hardened`, `strict`, `best_effort`, `off`, and is \"loose\"");
        let (id, field, _) = wrong(r#"["run",{"kernel":"k"}]"#);
        assert_eq!((id, field.as_deref()), (None, Some("id")));
        for json in
            ["", "{}", "1", "[]", r#"["run"]"#, r#"["run",1]"#, r#"[1,{}]"#, r#"["ping",{"id":1},2]"#, "[\"ping\",{\"id\":1}"]
        {
            assert!(!wrong(json).2.is_empty(), "{json}");
        }
        // An array of the fields is no body, also where it has all of them.
        for json in [r#"["run",[]]"#, r#"["ping",[7]]"#, r#"["close",[7,"k"]]"#, r#"["dance",[1]]"#] {
            let (id, field, message) = wrong(json);
            assert_eq!((id, field), (None, None), "{json}");
            assert_eq!(message, "the body of the message must be a map of fields, and is an array", "{json}");
        }
        let (id, field, message) = wrong(r#"["open",{"id":8,"permissions":[true,true,true,true,true,true]}]"#);
        assert_eq!((id, field.as_deref()), (Some(8), Some("permissions")));
        assert_eq!(message, "`permissions` must be a map of kinds of permissions, and is an array");
    }

    #[test]
    fn a_message_that_is_none_is_told_in_words_that_name_what_was_wrong() {
        let message = A_MESSAGE;
        for (text, said) in [
            (
                "nonsense",
                format!(
                    "the message is no JSON from byte 1 on (\"nonsense\"); write each message on a line of its own: {message}"
                ),
            ),
            ("[\"ping\",{", "the message is no JSON: it is cut off after 9 bytes; write each message on a line".to_owned()),
            (
                r#"["ping",{"id":1}] ["ping",{"id":2}]"#,
                "the message is no JSON: there is more behind it, from byte 19 on".to_owned(),
            ),
            ("{}", format!("the message must be {message}, and is a map")),
            ("null", format!("the message must be {message}, and is null")),
            ("7", format!("the message must be {message}, and is the number 7")),
            ("[]", format!("the message must be {message}, and has 0 elements")),
            (r#"["ping"]"#, format!("the message must be {message}, and has 1 elements")),
            (r#"[1,{}]"#, "the name of the message must be a string, and is the number 1".to_owned()),
            (r#"["ping",7]"#, "the body of the message must be a map of fields, and is the number 7".to_owned()),
            (r#"["ping",{"id":-1}]"#, "`id` must be a whole number, 0 or more, and is the number -1".to_owned()),
            (r#"["ping",{"id":"\ud800"}]"#, "a string has half of a surrogate pair".to_owned()),
        ] {
            let told = read_json(text.as_bytes()).unwrap_err().message;
            assert!(told.starts_with(&said), "{text}: {told}");
            for word in ["expected", "line 1", "column", "u64", "invalid type", "EOF"] {
                assert!(!told.contains(word), "{text}: {told}");
            }
        }
        let told = read_json(b"[\"ping\",\xff]").unwrap_err().message;
        assert!(told.starts_with("the message is no UTF-8 from byte 9 on; "), "{told}");
        let long = format!(r#"["ping",{{"id":"{}"}}]"#, "x".repeat(1 << 20));
        let told = read_json(long.as_bytes()).unwrap_err().message;
        assert!(
            told.starts_with("`id` must be a whole number, 0 or more, and is the string \"xxx") && told.len() < 150,
            "{told}"
        );
        for (frame, said) in [
            (&b"\xc1"[..], "the message has bytes that are no msgpack of a message"),
            (b"", "the message is cut off: its msgpack is not complete at the end of the frame"),
            (b"\x92\xa4ping", "the message is cut off: its msgpack is not complete at the end of the frame"),
            (b"\x92\xa4ping\x81\xa2id\xff", "`id` must be a whole number, 0 or more, and is the number -1"),
        ] {
            assert_eq!(read_msgpack(&Payload::Small(frame)).unwrap_err().message, said);
        }
    }

    #[test]
    fn a_message_that_is_not_known_is_known_by_its_name() {
        let message = read_json(br#"["dance",{"id":1,"steps":[1,2]}]"#).unwrap();
        assert!(matches!(message, ClientMessage::Unknown(name, Some(1)) if name == "dance"));
    }
}
