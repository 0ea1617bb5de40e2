//! Messages of Jupyter's protocol: how they are read and written.
//!
//! **Reading is tolerant**: fields that are not known are kept in the header, which answers give back as it came, and
//! left alone elsewhere. Contents are read by who handles them.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    date,
    sign::{Signer, Unsigned},
};

/// Stands between identities and the signature.
const DELIMITER: &[u8] = b"<IDS|MSG>";

/// The version of the protocol.
pub(crate) const VERSION: &str = "5.5";

/// Why a message is not handled.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error("it has no {}", String::from_utf8_lossy(DELIMITER))]
    Delimiter,
    #[error("it has {0} frames after the delimiter; five are needed")]
    Frames(usize),
    #[error(transparent)]
    Unsigned(#[from] Unsigned),
    #[error("its header is wrong: {0}")]
    Header(serde_json::Error),
}

/// What is needed of a header.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
struct Header {
    msg_type: String,
    #[serde(default)]
    subshell_id: Option<String>,
}

/// The header of a request, as it came, and where answers go.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parent {
    pub(crate) header: Bytes,
    pub(crate) identities: Vec<Bytes>,
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) kind: String,
    pub(crate) subshell: Option<String>,
    pub(crate) parent: Arc<Parent>,
    /// The id of the message that it answers, if it says one.
    pub(crate) in_reply_to: Value,
    /// The content, which is JSON if the client is right.
    pub(crate) content: Bytes,
    pub(crate) buffers: Vec<Bytes>,
}

impl Request {
    /// Reads a message that came from the peer `identity`, and checks its signature.
    pub(crate) fn read(identity: Bytes, frames: &[Bytes], signer: &Signer) -> Result<Self, Refused> {
        let at = frames.iter().position(|frame| *frame == DELIMITER).ok_or(Refused::Delimiter)?;
        let (before, after) = (&frames[..at], &frames[at + 1..]);
        let [signature, header, parent, metadata, content, buffers @ ..] = after else {
            return Err(Refused::Frames(after.len()));
        };
        signer.check(signature, &[header, parent, metadata, content])?;
        let Header { msg_type, subshell_id } = serde_json::from_slice(header).map_err(Refused::Header)?;
        let answered: Value = serde_json::from_slice(parent).unwrap_or_default();
        let identities = std::iter::once(identity).chain(before.iter().cloned()).collect();
        Ok(Self {
            kind: msg_type,
            subshell: subshell_id,
            parent: Arc::new(Parent { header: header.clone(), identities }),
            in_reply_to: answered.get("msg_id").cloned().unwrap_or_default(),
            content: content.clone(),
            buffers: buffers.to_vec(),
        })
    }

    /// The content.
    pub(crate) fn content<'a, T: Deserialize<'a>>(&'a self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.content)
    }
}

/// A message of the kernel.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) kind: &'static str,
    pub(crate) content: Value,
    pub(crate) metadata: Value,
    pub(crate) buffers: Vec<Bytes>,
}

impl Message {
    pub(crate) fn new(kind: &'static str, content: Value) -> Self {
        Self { kind, content, metadata: json!({}), buffers: Vec::new() }
    }
}

/// The kernel's side of all conversations: its name in headers, and its key.
#[derive(Debug)]
pub(crate) struct Session {
    id: String,
    count: AtomicU64,
    pub(crate) signer: Signer,
}

#[derive(Serialize)]
struct WrittenHeader<'a> {
    msg_id: String,
    session: &'a str,
    username: &'a str,
    date: String,
    msg_type: &'a str,
    version: &'a str,
}

impl Session {
    /// A session with a new, random id.
    pub(crate) fn new(signer: Signer) -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        Ok(Self { id: drupe_protocol::hex(&bytes), count: AtomicU64::new(0), signer })
    }

    /// The frames of a message after its identities or topic, with the delimiter.
    pub(crate) fn write(&self, message: &Message, parent: Option<&Parent>) -> Vec<Bytes> {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let header = WrittenHeader {
            msg_id: format!("{}_{}_{number}", self.id, std::process::id()),
            session: &self.id,
            username: "kernel",
            date: date::now(),
            msg_type: message.kind,
            version: VERSION,
        };
        // What is made of JSON's own values can be written.
        let json = |value: serde_json::Result<Vec<u8>>| Bytes::from(value.unwrap_or_default());
        let header = json(serde_json::to_vec(&header));
        let parent = parent.map(|parent| parent.header.clone()).filter(|header| !header.is_empty());
        let parent = parent.unwrap_or_else(|| Bytes::from_static(b"{}"));
        let (metadata, content) = (json(serde_json::to_vec(&message.metadata)), json(serde_json::to_vec(&message.content)));
        let signature = self.signer.sign(&[&header, &parent, &metadata, &content]);
        let mut frames = vec![Bytes::from_static(DELIMITER), signature.into(), header, parent, metadata, content];
        frames.extend(message.buffers.iter().cloned());
        frames
    }

    /// A single content, as the registration of a kernel has it.
    pub(crate) fn write_bare(&self, content: &Value) -> Vec<Bytes> {
        let content = Bytes::from(content.to_string());
        vec![Bytes::from_static(DELIMITER), self.signer.sign(&[&content]).into(), content]
    }

    /// The topic under which a message is published.
    pub(crate) fn topic(&self, kind: &str) -> Bytes {
        format!("kernel.{}.{kind}", self.id).into()
    }
}

/// The content of a reply that says what went wrong.
pub(crate) fn failure(name: &str, value: &str, traceback: &[String]) -> Value {
    json!({ "status": "error", "ename": name, "evalue": value, "traceback": traceback })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn session() -> Session {
        Session::new(Signer::new(b"key")).unwrap()
    }

    fn request(session: &Session, header: &str) -> Result<Request, Refused> {
        let parts = [header, "{}", "{}", r#"{"code":"1"}"#].map(|part| Bytes::from(part.to_owned()));
        let signature = session.signer.sign(&parts.each_ref().map(|part| &part[..]));
        let mut frames = vec![Bytes::from_static(b"hop"), Bytes::from_static(DELIMITER), signature.into()];
        frames.extend(parts);
        frames.push(Bytes::from_static(b"buffer"));
        Request::read(Bytes::from_static(b"me"), &frames, &session.signer)
    }

    #[test]
    fn a_header_goes_back_as_it_came() {
        let session = session();
        let header = r#"{"msg_id":"1","msg_type":"execute_request","later":[1],"subshell_id":"s"}"#;
        let request = request(&session, header).unwrap();
        assert_eq!((&*request.kind, request.subshell.as_deref()), ("execute_request", Some("s")));
        assert_eq!(request.parent.identities, ["me", "hop"]);
        assert_eq!(request.buffers, ["buffer"]);
        let frames = session.write(&Message::new("status", json!({})), Some(&request.parent));
        assert_eq!(frames[3], header);
        let read: Value = serde_json::from_slice(&frames[2]).unwrap();
        assert_eq!((&read["msg_type"], &read["version"]), (&json!("status"), &json!("5.5")));
        let parts: Vec<&[u8]> = frames[2..].iter().map(|part| &part[..]).collect();
        assert_eq!(frames[1], session.signer.sign(&parts));
    }

    #[test]
    fn messages_that_are_damaged_are_refused() {
        let session = session();
        let read = |frames: &[&'static [u8]]| {
            let frames: Vec<_> = frames.iter().map(|frame| Bytes::from_static(frame)).collect();
            Request::read(Bytes::new(), &frames, &session.signer).unwrap_err().to_string()
        };
        assert!(read(&[]).contains("<IDS|MSG>"));
        assert!(read(&[b"a", DELIMITER, b"", b"{}", b"{}"]).contains("it has 3 frames"));
        assert!(read(&[DELIMITER, b"", b"{}", b"{}", b"{}", b"{}"]).contains("not signed"));
        assert!(read(&[DELIMITER, b"0", b"{}", b"{}", b"{}", b"{}"]).contains("signature is wrong"));
        for header in ["", "{", "[]", "{}", r#"{"msg_type":1}"#, "\u{0}"] {
            assert!(matches!(request(&session, header), Err(Refused::Header(_))), "{header:?}");
        }
    }
}
