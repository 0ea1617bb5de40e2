//! Clients that are WebSockets, such as web pages.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
};

use drupe_protocol::Payload;
use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use tokio::io::{AsyncRead, AsyncWrite, Join, ReadBuf, join};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message, Utf8Bytes,
        protocol::{Role, WebSocketConfig},
    },
};

use super::{
    stream::{Outgoing, ReadError, Source},
    upgrade::upgrade,
};
use crate::form::{Form, Written};

type Socket = WebSocketStream<Join<Box<dyn AsyncRead + Send + Unpin>, Box<dyn AsyncWrite + Send + Unpin>>>;

/// What is read before the client has greeted: its request, and its first message.
const MAX_UNGREETED: usize = 96 << 10;

/// Reads so many bytes, and then fails, until it is let go on.
struct Bounded {
    inner: Box<dyn AsyncRead + Send + Unpin>,
    left: Arc<AtomicUsize>,
}

impl AsyncRead for Bounded {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context, buffer: &mut ReadBuf) -> Poll<io::Result<()>> {
        let left = self.left.load(Ordering::Relaxed);
        if left == 0 {
            return Poll::Ready(Err(io::Error::other("the client has said too much before it has greeted")));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buffer))?;
        if left != usize::MAX {
            self.left.store(left.saturating_sub(buffer.filled().len() - before), Ordering::Relaxed);
        }
        Poll::Ready(Ok(()))
    }
}

/// Messages of a WebSocket.
pub(crate) struct WebReader {
    socket: SplitStream<Socket>,
    /// The bytes that may still be read.
    left: Arc<AtomicUsize>,
    message: Option<Message>,
    /// `message` was looked at, and is to be read again.
    is_fresh: bool,
}

impl std::fmt::Debug for WebReader {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("WebReader(..)")
    }
}

/// Where messages of a WebSocket go.
pub(crate) struct WebWriter {
    socket: SplitSink<Socket, Message>,
    pub(crate) form: Form,
}

/// Becomes a WebSocket, if it asks for one and its `Origin` is allowed.
pub(crate) async fn accept(
    first: &[u8],
    source: Source,
    outgoing: Outgoing,
    origins: &[String],
) -> Option<(WebReader, WebWriter)> {
    let Outgoing::Bytes(mut out) = outgoing else { return None };
    let left = Arc::new(AtomicUsize::new(MAX_UNGREETED));
    let mut bounded = Bounded { inner: source.0, left: left.clone() };
    let rest = upgrade(first, &mut bounded, &mut out, origins).await?;
    let source: Box<dyn AsyncRead + Send + Unpin> = Box::new(bounded);
    let limit = drupe_protocol::frame::MAX_FRAME;
    let config = WebSocketConfig::default().max_message_size(Some(limit)).max_frame_size(Some(limit));
    let socket = WebSocketStream::from_partially_read(join(source, out), rest, Role::Server, Some(config)).await;
    let (sink, stream) = socket.split();
    let reader = WebReader { socket: stream, left, message: None, is_fresh: false };
    Some((reader, WebWriter { socket: sink, form: Form::JsonLines }))
}

impl WebReader {
    /// The client has greeted.
    pub(crate) fn let_on(&self) {
        self.left.store(usize::MAX, Ordering::Relaxed);
    }

    /// The form of the first message.
    pub(crate) async fn form(&mut self, limit: usize) -> Option<Form> {
        self.next(limit).await.ok()??;
        self.is_fresh = true;
        Some(if matches!(self.message, Some(Message::Binary(_))) { Form::Frames } else { Form::JsonLines })
    }

    /// The next message; `None` where the client has left. Cancel safe.
    pub(crate) async fn next(&mut self, limit: usize) -> Result<Option<Payload<'_>>, ReadError> {
        if !std::mem::take(&mut self.is_fresh) {
            loop {
                self.message = match self.socket.next().await {
                    Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => Some(message),
                    Some(Ok(Message::Close(_)) | Err(Error::ConnectionClosed | Error::AlreadyClosed)) | None => return Ok(None),
                    Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => continue,
                    Some(Err(Error::Capacity(_))) => {
                        return Err(ReadError::TooLarge { size: drupe_protocol::frame::MAX_FRAME, limit });
                    }
                    Some(Err(error)) => return Err(ReadError::Io(io::Error::other(error))),
                };
                break;
            }
        }
        let payload: &[u8] = match &self.message {
            Some(Message::Text(text)) => text.as_bytes(),
            Some(Message::Binary(bytes)) => bytes,
            _ => return Ok(None),
        };
        if payload.len() > limit {
            Err(ReadError::TooLarge { size: payload.len(), limit })
        } else {
            Ok(Some(Payload::Small(payload)))
        }
    }
}

impl WebWriter {
    /// Sends a close frame.
    pub(crate) async fn finish(&mut self) {
        // A peer that is gone needs none.
        drop(self.socket.close().await);
    }

    /// Writes messages, which have a length or a line feed for other connections.
    pub(crate) async fn write(&mut self, batch: Vec<Written>) -> io::Result<()> {
        for bytes in batch.into_iter().map(Written::into_bytes) {
            let message = match self.form {
                Form::Frames => Message::Binary(bytes.slice(drupe_protocol::frame::PREFIX..)),
                Form::JsonLines => Message::Text(Utf8Bytes::try_from(bytes.slice(..bytes.len() - 1)).map_err(io::Error::other)?),
            };
            self.socket.feed(message).await.map_err(io::Error::other)?;
        }
        self.socket.flush().await.map_err(io::Error::other)
    }
}
