//! Reads what is at the top of a message, byte by byte: its id, and what it is. It reads what nothing else can, such as
//! a message that is too large to be kept.

use serde_json::Value;

/// The longest name or scalar that is kept, in bytes.
const MAX_TOKEN: usize = 1024;

/// The top level of a message. **It does not check that the rest is JSON.**
#[derive(Debug, Default)]
pub(crate) struct Head {
    /// The id, if it is a string or a number.
    pub(crate) id: Option<Value>,
    pub(crate) has_id: bool,
    pub(crate) has_method: bool,
    /// It has a result or an error: it answers a request.
    pub(crate) is_answer: bool,
    /// It says that it is JSON-RPC 2.0.
    pub(crate) has_version: bool,
    pub(crate) is_object: bool,
    /// About how many values and names it has: one for each comma, colon and bracket outside of strings.
    pub(crate) items: usize,
    depth: u64,
    in_string: bool,
    is_escaped: bool,
    /// The name of the member whose value is read, in quotation marks.
    name: Option<Vec<u8>>,
    token: Vec<u8>,
}

impl Head {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut head = Self::default();
        head.feed(bytes);
        head
    }

    /// Reads on.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            if self.in_string {
                self.in_string = self.is_escaped || byte != b'"';
                self.is_escaped = !self.is_escaped && byte == b'\\';
                self.keep(byte);
                continue;
            }
            self.items += usize::from(matches!(byte, b',' | b':' | b'[' | b'{'));
            match byte {
                b'"' => {
                    self.in_string = true;
                    self.keep(byte);
                }
                b'{' | b'[' => {
                    self.keep(byte);
                    if self.depth == 0 {
                        self.is_object = byte == b'{';
                    }
                    self.depth += 1;
                }
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        self.end_member();
                    }
                }
                b':' if self.depth == 1 => self.name = Some(std::mem::take(&mut self.token)),
                b',' if self.depth == 1 => self.end_member(),
                _ if byte.is_ascii_whitespace() => {}
                _ => self.keep(byte),
            }
        }
    }

    /// Keeps what is at the top level. Of an object or an array there, that is its bracket.
    fn keep(&mut self, byte: u8) {
        if self.depth == 1 && self.token.len() < MAX_TOKEN {
            self.token.push(byte);
        }
    }

    fn end_member(&mut self) {
        let value = std::mem::take(&mut self.token);
        let Some(name) = self.name.take().filter(|_| self.is_object) else { return };
        match &*name {
            b"\"id\"" => {
                let id = serde_json::from_slice(&value).ok();
                (self.has_id, self.id) = (true, id.filter(|id: &Value| id.is_string() || id.is_number()));
            }
            b"\"method\"" => self.has_method = value.first() == Some(&b'"'),
            b"\"result\"" | b"\"error\"" => self.is_answer = true,
            b"\"jsonrpc\"" => self.has_version = value == b"\"2.0\"",
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_id_is_found_wherever_it_stands() {
        for (text, id) in [
            (r#"{"jsonrpc":"2.0","id":7,"method":"ping"}"#, Some(json!(7))),
            (r#"{"method":"x","params":{"id":1,"a":["id",{"id":2}]},"jsonrpc":"2.0","id":"a\"}b"}"#, Some(json!("a\"}b"))),
            (r#"{ "a" : "\\" , "id" : -1 }"#, Some(json!(-1))),
            (r#"{"id":"\ud83d\ude00"}"#, Some(json!("😀"))),
            (r#"{"a":"\"id\":5","id":1.5}"#, Some(json!(1.5))),
            (r#"{"id":null}"#, None),
            (r#"{"id":{"id":3}}"#, None),
            (r#"{"id":[4]}"#, None),
            (r#"{"id":"\ud800"}"#, None),
            (r#"[{"id":1},"id",2]"#, None),
            (r#"["id":1]"#, None),
            (r#""id":1"#, None),
            (r#"{"params":{"id":1"#, None),
            ("", None),
        ] {
            assert_eq!(Head::of(text.as_bytes()).id, id, "{text}");
            // In pieces, too.
            let mut head = Head::default();
            text.as_bytes().chunks(1).for_each(|byte| head.feed(byte));
            assert_eq!(head.id, id, "{text}");
        }
        assert_eq!(Head::of(br#"{"a":[1,{"b,c":2}],"d":3}"#).items, 8);
        let long = format!(r#"{{"id":"{}","method":"x"}}"#, "x".repeat(2 * MAX_TOKEN));
        let head = Head::of(long.as_bytes());
        assert_eq!((head.id, head.has_id, head.has_method), (None, true, true));
    }

    #[test]
    fn requests_notifications_and_answers_are_told_apart() {
        let kind = |text: &str| {
            let head = Head::of(text.as_bytes());
            (head.is_object, head.has_version, head.has_id, head.has_method, head.is_answer)
        };
        assert_eq!(kind(r#"{"jsonrpc":"2.0","id":1,"method":"x"}"#), (true, true, true, true, false));
        assert_eq!(kind(r#"{"jsonrpc":"2.0","method":"x"}"#), (true, true, false, true, false));
        assert_eq!(kind(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#), (true, true, true, false, true));
        assert_eq!(kind(r#"{"jsonrpc":"1.0","id":1,"error":{},"method":1}"#), (true, false, true, false, true));
        assert_eq!(kind("[1]"), (false, false, false, false, false));
    }
}
