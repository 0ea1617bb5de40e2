//! The HTTP request by which a client becomes a WebSocket, and what it is answered.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_tungstenite::tungstenite::{
    Error,
    error::ProtocolError,
    handshake::{
        machine::TryParse,
        server::{Request, Response, create_response, write_response},
    },
    http::{HeaderValue, StatusCode},
};

/// The name of this protocol among WebSockets'.
const SUBPROTOCOL: &str = "drupe.1";

/// The longest request, in bytes.
const MAX_REQUEST: usize = 16 << 10;

/// Why a request is refused.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    text: String,
}

impl Refusal {
    fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self { status, text: text.into() }
    }

    fn write(&self) -> Vec<u8> {
        let Self { status, text } = self;
        let wanted = if *status == StatusCode::UPGRADE_REQUIRED {
            "Upgrade: websocket\r\nConnection: Upgrade, close\r\nSec-WebSocket-Version: 13\r\n"
        } else {
            "Connection: close\r\n"
        };
        let length = text.len() + 1;
        let head = "Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n";
        format!("HTTP/1.1 {status}\r\n{wanted}{head}Content-Length: {length}\r\n\r\n{text}\n").into_bytes()
    }
}

/// Reads the request that begins with `first`, and answers it. Returns what was read behind it; `None` if it was
/// refused, or the client left.
pub(super) async fn upgrade(
    first: &[u8],
    source: &mut (impl AsyncRead + Unpin),
    out: &mut (impl AsyncWrite + Unpin),
    origins: &[String],
) -> Option<Vec<u8>> {
    let mut bytes = first.to_vec();
    let answered = loop {
        match parse(&bytes) {
            Ok(Some((size, request))) => break answer(&request, origins).map(|response| (size, response)),
            Ok(None) => {}
            Err(refusal) => break Err(refusal),
        }
        if source.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    match answered {
        Ok((size, response)) => {
            let mut head = Vec::new();
            write_response(&mut head, &response).ok()?;
            out.write_all(&head).await.ok()?;
            out.flush().await.ok()?;
            Some(bytes.split_off(size))
        }
        Err(refusal) => {
            // A client that is gone need not know.
            drop(out.write_all(&refusal.write()).await);
            drop(out.shutdown().await);
            // The system forgets the answer if a connection is closed while it has something to read.
            let mut nowhere = tokio::io::sink();
            let unread = tokio::io::copy(source, &mut nowhere);
            drop(tokio::time::timeout(super::FAREWELL, unread).await);
            None
        }
    }
}

/// The request, and how many bytes it has; `None` where more is to come.
fn parse(bytes: &[u8]) -> Result<Option<(usize, Request)>, Refusal> {
    let parsed = Request::try_parse(bytes)
        .map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, format!("this is no request of HTTP/1.1: {error}")))?;
    let size = parsed.as_ref().map_or(bytes.len(), |(size, _)| *size);
    if size > MAX_REQUEST {
        let text = format!("a request has at most {MAX_REQUEST} bytes");
        return Err(Refusal::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, text));
    }
    Ok(parsed)
}

fn answer(request: &Request, origins: &[String]) -> Result<Response, Refusal> {
    let mut response = create_response(request).map_err(|error| refused(&error))?;
    for origin in request.headers().get_all("origin") {
        let is_allowed = |allowed: &String| allowed == "*" || origin.to_str().is_ok_and(|origin| origin == allowed);
        if !origins.iter().any(is_allowed) {
            let text = "origin: web pages of this origin may not connect; --allow-origin names those that may";
            return Err(Refusal::new(StatusCode::FORBIDDEN, text));
        }
    }
    let asked = request.headers().get("sec-websocket-protocol").and_then(|asked| asked.to_str().ok());
    if asked.is_some_and(|asked| asked.split(',').any(|name| name.trim() == SUBPROTOCOL)) {
        response.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static(SUBPROTOCOL));
    }
    Ok(response)
}

fn refused(error: &Error) -> Refusal {
    let is_other = matches!(
        error,
        Error::Protocol(
            ProtocolError::MissingConnectionUpgradeHeader
                | ProtocolError::MissingUpgradeWebSocketHeader
                | ProtocolError::MissingSecWebSocketVersionHeader
        )
    );
    let status = if is_other { StatusCode::UPGRADE_REQUIRED } else { StatusCode::BAD_REQUEST };
    Refusal::new(status, format!("drupe serve speaks WebSocket, version 13, here, and no other HTTP: {error}"))
}
