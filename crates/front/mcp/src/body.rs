//! Bodies of HTTP requests: the message in one, or the answer that says why there is none.

use std::{convert::Infallible, time::Duration};

use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited, combinators::BoxBody};
use hyper::body::{Body as _, Bytes, Incoming};
use rmcp::model::{ClientJsonRpcMessage, ErrorCode, RequestId};
use tokio::sync::Semaphore;

use crate::incoming::{self, MAX_MESSAGE, Unread};

/// An answer to a request.
pub(crate) type Answer = Response<BoxBody<Bytes, Infallible>>;

/// Bodies of up to so many bytes are read as they come. **Of larger ones, and of those that do not tell their size,
/// only a few are read at once**; others wait.
const SMALL: u64 = 1 << 20;

/// How many large bodies are read at once.
const MAX_LARGE: usize = 8;

/// How long a body may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Reads bodies.
#[derive(Debug)]
pub(crate) struct Bodies {
    large: Semaphore,
}

impl Default for Bodies {
    fn default() -> Self {
        Self { large: Semaphore::new(MAX_LARGE) }
    }
}

impl Bodies {
    /// Reads the message in a body; or says why there is none.
    pub(crate) async fn read(&self, body: Incoming) -> Result<(Bytes, ClientJsonRpcMessage), Box<Answer>> {
        let is_small = body.size_hint().upper().is_some_and(|size| size <= SMALL);
        let reading = async {
            // It is never closed.
            let room = if is_small { None } else { self.large.acquire().await.ok() };
            let read = Limited::new(body, MAX_MESSAGE).collect().await;
            let message = read.map(|read| message(read.to_bytes()));
            drop(room);
            message
        };
        match tokio::time::timeout(PATIENCE, reading).await {
            Ok(Ok(message)) => message,
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                let message = format!("a message has at most {MAX_MESSAGE} bytes");
                Err(unread(StatusCode::PAYLOAD_TOO_LARGE, &Unread { id: None, code: ErrorCode::INVALID_REQUEST, message }).into())
            }
            // Nobody reads this.
            Ok(Err(_)) => Err(refusal(StatusCode::BAD_REQUEST, "the body ended too soon\n").into()),
            Err(_) => Err(refusal(StatusCode::REQUEST_TIMEOUT, "the body has taken too long\n").into()),
        }
    }
}

/// Whether a body is what messages are. One that is not is refused by the endpoint.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

fn message(bytes: Bytes) -> Result<(Bytes, ClientJsonRpcMessage), Box<Answer>> {
    match incoming::read(&bytes) {
        incoming::Incoming::Message(message) => {
            // An answer that could not be read is an error now.
            let is_error = matches!(*message, ClientJsonRpcMessage::Error(_));
            let bytes = if is_error { serde_json::to_vec(&message).map_or(bytes, Bytes::from) } else { bytes };
            Ok((bytes, *message))
        }
        incoming::Incoming::Unread(error) => Err(unread(StatusCode::BAD_REQUEST, &error).into()),
        incoming::Incoming::Nothing => {
            let message = "the notification cannot be read".to_owned();
            Err(unread(StatusCode::BAD_REQUEST, &Unread { id: None, code: ErrorCode::INVALID_REQUEST, message }).into())
        }
    }
}

/// The answer to a request whose id has no answer yet.
pub(crate) fn same_id(id: &RequestId) -> Answer {
    unread(StatusCode::BAD_REQUEST, &Unread::same_id(id))
}

fn unread(status: StatusCode, error: &Unread) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(error.json().to_string())).boxed());
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

/// An answer in words.
pub(crate) fn refusal(status: StatusCode, why: &'static str) -> Answer {
    let mut refused = Response::new(Full::new(Bytes::from_static(why.as_bytes())).boxed());
    *refused.status_mut() = status;
    refused
}
