//! The body of a response: pulled, decompressed, bounded.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use drupe_protocol::{HostError, Value, value::TypedArrayKind};
use futures_core::Stream;
use hyper::body::{Body as _, Incoming};
use tokio::{sync::OwnedSemaphorePermit, time::timeout};
use url::Url;

use super::{
    Limits, NetError,
    decode::{Coding, Decoder, Step},
    guard::{Guard, Target},
    pool::{Connected, Pool},
    windows::Windows,
};
use crate::{
    Pending,
    permissions::{Grant, NetRule},
};

/// A smaller piece is sent with what has come besides, in bytes.
const SMALL: usize = 16 << 10;

/// How long the end of a body may take whose compressed data has ended.
const REST: Duration = Duration::from_secs(1);

/// The most that one piece of a decompressed body is, in bytes.
const PIECE: usize = 64 << 10;

/// A response's body. **Dropping it closes its connection**, unless it was read to its end.
pub(super) struct Body {
    pub(super) incoming: Incoming,
    pub(super) decoding: Decoding,
    pub(super) windows: Windows,
    pub(super) limits: Arc<Limits>,
    /// Where to ask again when the grant that it was opened under is changed.
    pub(super) guard: Guard,
    pub(super) grant: (Grant<NetRule>, Grant<NetRule>),
    pub(super) url: Url,
    pub(super) back: Option<Back>,
    /// Bytes that came, and bytes that were given.
    pub(super) came: u64,
    pub(super) gave: u64,
    pub(super) over: bool,
    /// What went wrong after bytes that are to be passed on first.
    pub(super) failed: Option<NetError>,
    pub(super) _permit: OwnedSemaphorePermit,
}

/// The way of a connection back to the others.
pub(super) struct Back {
    pub(super) pool: Arc<Pool>,
    pub(super) target: Target,
    pub(super) connection: Connected,
}

pub(super) enum Decoding {
    /// As it came.
    Not,
    /// Nothing came yet: a body without a byte is no compressed nothing.
    Later(Vec<Coding>),
    /// With the memory that it takes up.
    Now(Decoder, #[expect(dead_code, reason = "what counts is when it is dropped")] OwnedSemaphorePermit),
}

impl Body {
    /// The next piece, not empty; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, NetError> {
        // threat G14: what was granted once is not granted for ever.
        if self.guard.grant() != self.grant {
            self.guard.target(&self.url).await?;
            self.grant = self.guard.grant();
        }
        let piece = self.step().await?;
        self.gave += piece.as_ref().map_or(0, |piece| piece.len() as u64);
        let Limits { body_bytes, ratio, free_bytes, .. } = *self.limits;
        if self.gave > body_bytes {
            return Err(NetError::TooLarge(body_bytes));
        }
        if self.gave > free_bytes && self.gave / ratio > self.came {
            return Err(NetError::Bomb(ratio));
        }
        Ok(piece)
    }

    /// Whether what is made between two codings is far more than what came.
    fn is_bomb_inside(&self) -> bool {
        let Decoding::Now(decoder, _) = &self.decoding else { return false };
        decoder.made() > self.limits.free_bytes && decoder.made() / self.limits.ratio > self.came
    }

    async fn step(&mut self) -> Result<Option<Bytes>, NetError> {
        loop {
            if let Decoding::Now(decoder, _) = &mut self.decoding {
                let mut buffer = vec![0; PIECE];
                match decoder.read(&mut buffer)? {
                    Step::Read(0) => {
                        self.finish().await?;
                        return Ok(None);
                    }
                    Step::Read(count) => {
                        buffer.truncate(count);
                        return Ok(Some(buffer.into()));
                    }
                    Step::Tired if self.is_bomb_inside() => return Err(NetError::Bomb(self.limits.ratio)),
                    Step::Tired => {
                        // Others have their turn in between.
                        tokio::task::yield_now().await;
                        continue;
                    }
                    Step::Starved => {}
                }
            }
            let piece = self.receive().await?;
            let codings = match &self.decoding {
                Decoding::Later(codings) => codings.clone(),
                Decoding::Not | Decoding::Now(..) => Vec::new(),
            };
            if let (false, Some(first)) = (codings.is_empty(), &piece) {
                let memory = timeout(self.limits.pause, self.windows.take(&codings, first)).await;
                let memory = memory.ok().flatten().ok_or(NetError::NoWindow)?;
                self.decoding = Decoding::Now(Decoder::new(&codings), memory);
            }
            match &self.decoding {
                Decoding::Now(decoder, _) => decoder.push(piece),
                Decoding::Not | Decoding::Later(_) => return Ok(piece),
            }
        }
    }

    /// What comes after the end of what was compressed is read, but not more than a little, and not for long: then the
    /// connection can be used again. Otherwise it is closed.
    async fn finish(&mut self) -> Result<(), NetError> {
        let mut left = PIECE;
        let rest = async {
            while let Some(piece) = self.receive().await? {
                let Some(less) = left.checked_sub(piece.len()) else { return Ok(false) };
                left = less;
            }
            Ok(true)
        };
        match timeout(REST, rest).await {
            Ok(Ok(true)) => {}
            Ok(Err(error)) => return Err(error),
            Ok(Ok(false)) | Err(_) => (self.over, self.back) = (true, None),
        }
        Ok(())
    }

    /// What came next over the network.
    async fn receive(&mut self) -> Result<Option<Bytes>, NetError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        while !self.over {
            let incoming = &mut self.incoming;
            let frame = std::future::poll_fn(|context| Pin::new(&mut *incoming).poll_frame(context));
            match timeout(self.limits.pause, frame).await {
                Err(_) => return Err(NetError::BodyTimeout),
                Ok(Some(Err(error))) => return Err(NetError::from_hyper(&error)),
                Ok(Some(Ok(frame))) => {
                    // Trailers are not passed on.
                    let Ok(bytes) = frame.into_data() else { continue };
                    self.came += bytes.len() as u64;
                    if !bytes.is_empty() {
                        return self.gather(bytes).await.map(Some);
                    }
                }
                Ok(None) => self.end(),
            }
        }
        Ok(None)
    }

    /// With a small piece what has come besides: a server may send byte by byte, and each piece costs a message.
    async fn gather(&mut self, first: Bytes) -> Result<Bytes, NetError> {
        if first.len() >= SMALL {
            return Ok(first);
        }
        let mut gathered = BytesMut::from(&*first);
        let mut waited = false;
        while gathered.len() < SMALL && !self.over {
            let incoming = &mut self.incoming;
            let frame = std::future::poll_fn(|context| Poll::Ready(Pin::new(&mut *incoming).poll_frame(context))).await;
            match frame {
                Poll::Ready(Some(Ok(frame))) => {
                    waited = false;
                    let Ok(bytes) = frame.into_data() else { continue };
                    self.came += bytes.len() as u64;
                    gathered.extend_from_slice(&bytes);
                }
                Poll::Ready(Some(Err(error))) => {
                    self.failed = Some(NetError::from_hyper(&error));
                    break;
                }
                Poll::Ready(None) => self.end(),
                Poll::Pending if waited => break,
                Poll::Pending => {
                    // The connection passes its pieces on one by one: this is its turn.
                    waited = true;
                    tokio::task::yield_now().await;
                }
            }
        }
        Ok(gathered.freeze())
    }

    /// All has come: the connection may be used again.
    fn end(&mut self) {
        self.over = true;
        if let Some(Back { pool, target, connection }) = self.back.take() {
            pool.keep(&target, connection);
        }
    }

    /// The pieces as a kernel pulls them, after `head`.
    pub(super) fn after(self, head: Value) -> Items {
        Items { head: Some(head), state: State::Idle(Box::new(self)) }
    }
}

/// A head and the pieces of a body.
pub(super) struct Items {
    head: Option<Value>,
    state: State,
}

type Pulled = Result<Option<Bytes>, NetError>;

enum State {
    Idle(Box<Body>),
    Pulling(Pending<(Box<Body>, Pulled)>),
    Over,
}

impl Stream for Items {
    type Item = Result<Value, HostError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<Option<Self::Item>> {
        if let Some(head) = self.head.take() {
            return Poll::Ready(Some(Ok(head)));
        }
        let mut pulling = match std::mem::replace(&mut self.state, State::Over) {
            State::Idle(mut body) => Box::pin(async move {
                let piece = body.next().await;
                (body, piece)
            }),
            State::Pulling(pulling) => pulling,
            State::Over => return Poll::Ready(None),
        };
        match pulling.as_mut().poll(context) {
            Poll::Pending => {
                self.state = State::Pulling(pulling);
                Poll::Pending
            }
            Poll::Ready((body, Ok(Some(bytes)))) => {
                self.state = State::Idle(body);
                Poll::Ready(Some(Ok(Value::TypedArray(TypedArrayKind::Uint8, Vec::from(bytes).into()))))
            }
            Poll::Ready((_, Ok(None))) => Poll::Ready(None),
            Poll::Ready((_, Err(error))) => Poll::Ready(Some(Err(error.into()))),
        }
    }
}
