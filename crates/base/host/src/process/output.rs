//! The output of programs: each output is a stream of its own, which is read as fast as JavaScript asks for pieces of
//! it.

use std::{
    fmt,
    pin::Pin,
    sync::{Mutex, PoisonError},
    task::{Context, Poll, ready},
};

use drupe_protocol::{HostError, Value, value::TypedArrayKind};
use futures_core::Stream;
use tokio::{
    io::{AsyncRead, ReadBuf},
    sync::mpsc,
};

use super::running::Running;

/// How much is read at once.
const PIECE: usize = 64 << 10;

/// The outputs of a program that nobody has asked for yet.
#[derive(Debug)]
pub(super) struct Outputs(Mutex<[Option<Output>; 2]>);

impl Outputs {
    /// Takes the outputs of a program; and a future that reads those that are ignored, and resolves when all are over:
    /// read to the end, or given up.
    pub(super) fn of(running: &mut Running, options: &Value) -> (Self, impl Future<Output = ()> + use<>) {
        let (held, mut released) = mpsc::channel(1);
        let is_ignored = |name: &str| options.get(name).and_then(Value::as_str) == Some("ignore");
        let stdout = running.stdout.take().map(|pipe| Output::new(pipe, &held));
        let stderr = running.stderr.take().map(|pipe| Output::new(pipe, &held));
        let divide = |output, name| if is_ignored(name) { (None, output) } else { (output, None) };
        let ((stdout, no_stdout), (stderr, no_stderr)) = (divide(stdout, "stdout"), divide(stderr, "stderr"));
        let over = async move {
            drop(held);
            tokio::join!(drain(no_stdout), drain(no_stderr), released.recv());
        };
        (Self(Mutex::new([stdout, stderr])), over)
    }

    /// Standard output (1) or standard error (2), once.
    pub(super) fn take(&self, number: i32) -> Option<Output> {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_mut(index)?.take()
    }
}

/// What a program writes to one stream, in pieces. A read that fails is the end.
pub(super) struct Output {
    pipe: Pin<Box<dyn AsyncRead + Send>>,
    piece: Vec<u8>,
    /// **Whoever waits for the outputs of the program waits until this is dropped.**
    _held: mpsc::Sender<()>,
}

impl Output {
    fn new(pipe: impl AsyncRead + Send + 'static, held: &mpsc::Sender<()>) -> Self {
        Self { pipe: Box::pin(pipe), piece: Vec::new(), _held: held.clone() }
    }

    /// Reads a piece; returns its length, which is 0 at the end.
    fn poll_read(&mut self, context: &mut Context) -> Poll<usize> {
        self.piece.resize(PIECE, 0);
        let mut buffer = ReadBuf::new(&mut self.piece);
        let read = ready!(self.pipe.as_mut().poll_read(context, &mut buffer));
        Poll::Ready(read.map_or(0, |()| buffer.filled().len()))
    }
}

impl Stream for Output {
    type Item = Result<Value, HostError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<Option<Self::Item>> {
        let length = ready!(self.poll_read(context));
        Poll::Ready(match self.piece.get(..length) {
            Some(piece @ [_, ..]) => Some(Ok(Value::TypedArray(TypedArrayKind::Uint8, piece.into()))),
            _ => None,
        })
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Output").finish_non_exhaustive()
    }
}

/// Reads to the end and keeps nothing.
async fn drain(output: Option<Output>) {
    if let Some(mut output) = output {
        while std::future::poll_fn(|context| output.poll_read(context)).await > 0 {}
    }
}
