//! Reads the messages of clients. **Each request has an answer**: one that cannot be read gets an error, with its id
//! where that can be read.

use drupe_client::json::why_no_json;
use rmcp::model::{ClientJsonRpcMessage, ErrorCode, ErrorData, RequestId};
use serde_json::{Value, json};

use crate::head::Head;

/// The longest message of a client, in bytes.
pub(crate) const MAX_MESSAGE: usize = 32 << 20;

/// The most values and names in a message: they take more room than their text.
const MAX_ITEMS: usize = 1 << 20;

/// A mark that some editors write before a text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What a client has sent.
#[derive(Debug)]
pub(crate) enum Incoming {
    Message(Box<ClientJsonRpcMessage>),
    /// It cannot be read, and this is said of it.
    Unread(Unread),
    /// A notification that cannot be read. Nobody waits for an answer.
    Nothing,
}

/// What is said of a message that cannot be read.
#[derive(Debug, PartialEq)]
pub(crate) struct Unread {
    /// The id of the request, if that can be read.
    pub(crate) id: Option<Value>,
    pub(crate) code: ErrorCode,
    pub(crate) message: String,
}

impl Unread {
    /// For a request whose id is that of another which has no answer yet.
    pub(crate) fn same_id(id: &RequestId) -> Self {
        let message = "a request with this id has no answer yet: each needs an id of its own".to_owned();
        Self { id: Some(id.clone().into_json_value()), code: ErrorCode::INVALID_REQUEST, message }
    }

    /// The JSON of the error response.
    pub(crate) fn json(&self) -> Value {
        let mut response = json!({ "jsonrpc": "2.0", "error": { "code": self.code.0, "message": self.message } });
        if let Some(id) = &self.id {
            response["id"] = id.clone();
        }
        response
    }
}

/// Reads a message.
pub(crate) fn read(bytes: &[u8]) -> Incoming {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    if bytes.len() > MAX_ITEMS {
        let head = Head::of(bytes);
        if head.items > MAX_ITEMS {
            return unread(&head, format!("a message has at most {MAX_ITEMS} values"));
        }
    }
    match serde_json::from_slice::<ClientJsonRpcMessage>(bytes) {
        // One whose id is none would be read as a notification, and its sender would wait for ever.
        Ok(message @ ClientJsonRpcMessage::Notification(_)) => match Head::of(bytes) {
            head if head.has_id => unread(&head, bad_id()),
            _ => Incoming::Message(Box::new(message)),
        },
        Ok(message) => Incoming::Message(Box::new(message)),
        Err(error) => match no_json(bytes) {
            Some(message) => Incoming::Unread(Unread { id: None, code: ErrorCode::PARSE_ERROR, message }),
            None => unread(&Head::of(bytes), reason(bytes, &error)),
        },
    }
}

/// What is said of a message that is too large to be kept. `head` has read all of it.
pub(crate) fn too_large(head: &Head, size: u64) -> Incoming {
    unread(head, format!("a message has at most {MAX_MESSAGE} bytes, and this one has {size}"))
}

fn unread(head: &Head, message: String) -> Incoming {
    let error = Unread { id: head.id.clone(), code: ErrorCode::INVALID_REQUEST, message };
    if head.is_answer && !head.has_method {
        // Whoever waits for the answer learns that it is none. To answer it would name a request of the client's.
        let id = error.id.and_then(|id| serde_json::from_value::<RequestId>(id).ok());
        let data = ErrorData::invalid_request(format!("the answer cannot be read: {}", error.message), None);
        return id.map_or(Incoming::Nothing, |id| Incoming::Message(Box::new(ClientJsonRpcMessage::error(data, Some(id)))));
    }
    if head.has_method && head.has_version && !head.has_id {
        return Incoming::Nothing;
    }
    Incoming::Unread(error)
}

/// Why a text is no JSON. `None`: it is.
fn no_json(bytes: &[u8]) -> Option<String> {
    Some(format!("the message is {}", why_no_json(bytes)?))
}

/// Why JSON is no message of the protocol.
fn reason(bytes: &[u8], error: &serde_json::Error) -> String {
    let message = match serde_json::from_slice::<Value>(bytes) {
        Ok(Value::Object(message)) => message,
        Ok(Value::Array(_)) => return "a batch is no message of the protocol: send each message by itself".to_owned(),
        Ok(_) => return "a message is an object".to_owned(),
        Err(error) => return unheld(&error),
    };
    if message.get("jsonrpc") != Some(&json!("2.0")) {
        return "\"jsonrpc\" must be \"2.0\"".to_owned();
    }
    let has_request_id = || message.get("id").is_none_or(|id| serde_json::from_value::<RequestId>(id.clone()).is_ok());
    match (message.get("method"), message.get("params")) {
        (Some(method), _) if !method.is_string() => "\"method\" must be a string".to_owned(),
        (Some(_), _) if !has_request_id() => bad_id(),
        (Some(_), Some(params)) if !params.is_object() => "\"params\" must be an object".to_owned(),
        (None, _) if !message.contains_key("result") && !message.contains_key("error") => {
            "a message has a \"method\", a \"result\" or an \"error\"".to_owned()
        }
        _ => format!("it is no message of the protocol: {error}"),
    }
}

/// Why JSON cannot be held.
fn unheld(error: &serde_json::Error) -> String {
    let why = error.to_string();
    match () {
        () if why.contains("recursion limit") => "the message has more than 128 levels of brackets".to_owned(),
        // It is JSON, so its escapes are.
        () if why.contains("escape") || why.contains("surrogate") => {
            "a string has half of a surrogate pair, such as \\ud800, which is no text".to_owned()
        }
        () => format!("the message cannot be held: {why}"),
    }
}

fn bad_id() -> String {
    "\"id\" must be a string, or an integer of 64 bits".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &[u8]) -> (Option<Value>, i32, String) {
        match read(text) {
            Incoming::Unread(Unread { id, code, message }) => (id, code.0, message),
            other @ (Incoming::Message(_) | Incoming::Nothing) => panic!("{}: {other:?}", String::from_utf8_lossy(text)),
        }
    }

    #[test]
    fn what_is_no_json_is_told_so() {
        for text in
            [&b"nonsense"[..], b"{", b"{\"id\":1,}", b"{'id':1}", b"{\"id\":1}}", b"{\"id\":1} {\"id\":2}", b"\xff\xfe", b"\0"]
        {
            let (id, code, message) = refused(text);
            assert_eq!((id, code), (None, -32700), "{message}");
        }
        assert_eq!(refused(b"{\"a\":\"\xff\"}").2, "the message is no UTF-8 from byte 7 on");
        assert_eq!(refused(b"nonsense").2, "the message is no JSON from byte 1 on (\"nonsense\")");
    }

    #[test]
    fn what_is_no_request_is_refused_with_its_id() {
        let deep = format!(r#"{{"jsonrpc":"2.0","id":4,"method":"x","params":{{"a":{}{}}}}}"#, "[".repeat(130), "]".repeat(130));
        let deeper = format!(r#"{{"params":{}{},"id":5}}"#, "[".repeat(400_000), "]".repeat(400_000));
        for (text, id, why) in [
            (r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\ud800"}}"#, json!(1), "surrogate"),
            (r#"{"jsonrpc":"2.0","method":"x","params":{"\udfff":1},"id":"b"}"#, json!("b"), "surrogate"),
            (&deep, json!(4), "128 levels"),
            (&deeper, json!(5), "128 levels"),
            (r#"{"jsonrpc":"2.0","id":6,"method":7}"#, json!(6), "\"method\" must be a string"),
            (r#"{"jsonrpc":"2.0","id":6,"method":"ping","params":[1]}"#, json!(6), "\"params\" must be an object"),
            (r#"{"jsonrpc":"1.0","id":8,"method":"ping"}"#, json!(8), "\"jsonrpc\""),
            (r#"{"id":8,"method":"ping"}"#, json!(8), "\"jsonrpc\""),
            (r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, json!(1.5), "\"id\" must be"),
            (r#"{"jsonrpc":"2.0","id":18446744073709551615,"method":"ping"}"#, json!(u64::MAX), "\"id\" must be"),
            (r#"{"jsonrpc":"2.0","id":9}"#, json!(9), "a message has a \"method\""),
        ] {
            let (told, code, message) = refused(text.as_bytes());
            assert_eq!((told, code), (Some(id), -32600), "{message}");
            assert!(message.contains(why), "{message}");
        }
        let many = format!(r#"{{"id":7,"method":"x","params":{{"a":[{}0]}}}}"#, "0,".repeat(MAX_ITEMS));
        assert_eq!(refused(many.as_bytes()), (Some(json!(7)), -32600, "a message has at most 1048576 values".to_owned()));
        for (text, why) in [
            (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, "\"id\" must be"),
            (r#"{"jsonrpc":"2.0","id":{},"method":"tools/list"}"#, "\"id\" must be"),
            (r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, "batch"),
            ("7", "a message is an object"),
            ("{}", "\"jsonrpc\""),
            (r#"{"jsonrpc":"2.0","params":{}}"#, "a message has a \"method\""),
        ] {
            let (id, code, message) = refused(text.as_bytes());
            assert_eq!((id, code), (None, -32600), "{message}");
            assert!(message.contains(why), "{text}: {message}");
        }
    }

    #[test]
    fn messages_are_read_and_notifications_that_are_none_have_no_answer() {
        let request = "\u{feff}{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}";
        assert!(
            matches!(read(request.as_bytes()), Incoming::Message(message) if matches!(*message, ClientJsonRpcMessage::Request(_)))
        );
        let initialized = br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
        let is_told = |message: &ClientJsonRpcMessage| matches!(message, ClientJsonRpcMessage::Notification(_));
        assert!(matches!(read(initialized), Incoming::Message(message) if is_told(&message)));
        assert!(matches!(read(br#"{"jsonrpc":"2.0","method":"x","params":"\ud800"}"#), Incoming::Nothing));
    }

    #[test]
    fn an_answer_that_cannot_be_read_is_an_error_of_the_client() {
        for text in [
            r#"{"jsonrpc":"2.0","id":3,"result":{"a":"\ud800"}}"#,
            r#"{"jsonrpc":"2.0","id":3,"error":7}"#,
            r#"{"id":3,"result":{}}"#,
        ] {
            let Incoming::Message(message) = read(text.as_bytes()) else { panic!("{text}") };
            let ClientJsonRpcMessage::Error(error) = *message else { panic!("{text}") };
            assert_eq!((error.id, error.error.code), (Some(RequestId::Number(3)), ErrorCode::INVALID_REQUEST));
        }
        assert!(matches!(read(br#"{"jsonrpc":"2.0","id":{},"error":7}"#), Incoming::Nothing));
    }
}
