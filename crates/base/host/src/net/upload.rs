//! Bodies of requests: whole, or in pieces as JavaScript makes them.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use drupe_protocol::HostError;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::mpsc;

/// How many uploads of a session may wait for their requests.
const MAX_UPLOADS: usize = 128;

/// A body on its way out.
#[derive(Debug)]
pub(super) enum Outgoing {
    Whole(Option<Bytes>),
    /// Ends when it is said to: **pieces that stop coming without that are a failure**, lest the server take half of a
    /// body for all.
    Pieces(mpsc::Receiver<Option<Bytes>>, bool),
}

/// The pieces of a body stopped coming before its end.
#[derive(Debug, thiserror::Error)]
#[error("the body of the request failed")]
pub(super) struct Unfinished;

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Unfinished;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context) -> Poll<Option<Result<Frame<Bytes>, Unfinished>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Pieces(_, true) => Poll::Ready(None),
            Self::Pieces(pieces, over) => pieces.poll_recv(context).map(|piece| {
                *over = !matches!(piece, Some(Some(_)));
                match piece {
                    Some(Some(bytes)) => Some(Ok(Frame::data(bytes))),
                    Some(None) => None,
                    None => Some(Err(Unfinished)),
                }
            }),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None) | Self::Pieces(_, true))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Pieces(..) => SizeHint::default(),
        }
    }
}

/// The uploads of a session, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Uploads {
    last: AtomicU32,
    open: Mutex<HashMap<u32, Upload>>,
}

#[derive(Debug)]
struct Upload {
    pieces: mpsc::Sender<Option<Bytes>>,
    /// Until a request takes it.
    taken_by: Option<mpsc::Receiver<Option<Bytes>>>,
}

impl Uploads {
    /// A new upload.
    pub(super) fn open(&self) -> Result<u32, HostError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        // Requests that have ended leave what nobody reads.
        open.retain(|_, upload| !upload.pieces.is_closed());
        if open.len() >= MAX_UPLOADS {
            return Err(HostError::new("RangeError", format!("more than {MAX_UPLOADS} uploads are open")).with_code("EMFILE"));
        }
        let id = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let (pieces, taken_by) = mpsc::channel(1);
        open.insert(id, Upload { pieces, taken_by: Some(taken_by) });
        Ok(id)
    }

    /// The body that the upload `id` is, once.
    pub(super) fn take(&self, id: u32) -> Option<Outgoing> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        Some(Outgoing::Pieces(open.get_mut(&id)?.taken_by.take()?, false))
    }

    /// Hands a piece over, `None` for the end, when the connection wants it. Whether anybody did.
    pub(super) async fn write(&self, id: u32, piece: Option<Bytes>) -> bool {
        let sender = {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            let last = piece.is_none();
            let sender = open.get(&id).map(|upload| upload.pieces.clone());
            if last && open.get(&id).is_some_and(|upload| upload.taken_by.is_none()) {
                open.remove(&id);
            }
            sender
        };
        match sender {
            Some(sender) => sender.send(piece).await.is_ok(),
            None => false,
        }
    }

    /// Gives an upload up, and with it its request.
    pub(super) fn abort(&self, id: u32) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }
}
