//! A connection of lines: each is the JSON of one message. **Whatever a client sends, its connection lives**, and each
//! of its requests has an answer.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use drupe_serve::listen::Hangup;
use rmcp::{
    RoleServer,
    model::{
        ClientJsonRpcMessage, ClientNotification, ClientRequest, ErrorCode, GetMeta as _, ProtocolVersion, ServerJsonRpcMessage,
    },
    transport::Transport,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
};

use crate::{
    handler::misread,
    head::Head,
    incoming::{self, Incoming, MAX_MESSAGE, Unread},
    open_ids::OpenIds,
};

/// How many bytes may wait to be written before the next message is read.
const MAX_WAITING: usize = 16 << 20;

/// How long what waits may take to be written, once the connection ends.
const FAREWELL: Duration = Duration::from_millis(500);

/// How long a client that says no more may read nothing of what waits for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// How much is read at once, in bytes.
const PIECE: usize = 64 << 10;

/// A client on the other end of two streams.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    input: R,
    buffer: Vec<u8>,
    /// No line feed is before this.
    searched: usize,
    /// The beginning of a line that is too large, of which nothing else is kept, and its size.
    skipped: Option<(Head, u64)>,
    /// The input has ended.
    is_over: bool,
    /// Tells the calls that the input has ended.
    over: watch::Sender<bool>,
    /// A request has begun the conversation.
    is_begun: bool,
    /// What is wrong with the first message that could not be read before the conversation began.
    complaint: Arc<OnceLock<String>>,
    output: Output,
    writer: JoinHandle<()>,
    hangup: Hangup,
}

/// Lines that wait to be written, in their order.
#[derive(Clone, Debug)]
struct Output {
    lines: mpsc::UnboundedSender<(Vec<u8>, oneshot::Sender<io::Result<()>>)>,
    /// Their bytes.
    waiting: watch::Sender<usize>,
    open: Arc<Mutex<OpenIds>>,
}

impl Output {
    fn open(&self) -> MutexGuard<'_, OpenIds> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a line behind the others. The receiver learns when it is written.
    fn put(&self, mut line: Vec<u8>) -> oneshot::Receiver<io::Result<()>> {
        line.push(b'\n');
        let (written, told) = oneshot::channel();
        self.waiting.send_modify(|bytes| *bytes += line.len());
        // Without a writer, the receiver learns that.
        drop(self.lines.send((line, written)));
        told
    }
}

/// Writes lines, until there are no more.
async fn write(
    mut output: impl AsyncWrite + Unpin,
    mut lines: mpsc::UnboundedReceiver<(Vec<u8>, oneshot::Sender<io::Result<()>>)>,
    waiting: watch::Sender<usize>,
) {
    while let Some((line, written)) = lines.recv().await {
        let wrote = async { output.write_all(&line).await.and(output.flush().await) }.await;
        waiting.send_modify(|bytes| *bytes -= line.len());
        // Whoever sent it may have stopped waiting.
        drop(written.send(wrote));
    }
}

impl<R: AsyncRead + Send + Unpin> Lines<R> {
    /// `hangup` tells that the client says no more, where that can be known before all was read.
    pub(crate) fn new(input: R, output: impl AsyncWrite + Send + Unpin + 'static, hangup: Hangup) -> Self {
        let (lines, queue) = mpsc::unbounded_channel();
        let waiting = watch::Sender::new(0);
        let writer = tokio::spawn(write(output, queue, waiting.clone()));
        let output = Output { lines, waiting, open: Arc::default() };
        let (buffer, searched, skipped, is_over, is_begun) = (Vec::new(), 0, None, false, false);
        let complaint = Arc::default();
        let over = watch::Sender::new(false);
        Self { input, buffer, searched, skipped, is_over, over, is_begun, complaint, output, writer, hangup }
    }

    /// Tells that the input has ended.
    pub(crate) fn over(&self) -> watch::Receiver<bool> {
        self.over.subscribe()
    }

    /// What is wrong with the first message, if the conversation does not begin.
    pub(crate) fn complaint(&self) -> Arc<OnceLock<String>> {
        self.complaint.clone()
    }

    /// The next message, if a whole line was read.
    fn take_line(&mut self) -> Option<Incoming> {
        let found = self.buffer[self.searched..].iter().position(|byte| *byte == b'\n').map(|at| self.searched + at);
        let end = match found {
            Some(end) => end,
            // The last line needs no end.
            None if self.is_over && (self.skipped.is_some() || !self.buffer.is_empty()) => self.buffer.len(),
            None => {
                self.searched = self.buffer.len();
                if self.skipped.is_some() || self.buffer.len() > MAX_MESSAGE {
                    self.skip(self.buffer.len());
                }
                return None;
            }
        };
        if self.skipped.is_some() || end > MAX_MESSAGE {
            self.skip(end);
        }
        let line = if self.skipped.is_some() { 0 } else { end };
        let incoming = match self.skipped.take() {
            Some((head, size)) => incoming::too_large(&head, size),
            None if self.buffer[..end].iter().all(u8::is_ascii_whitespace) => Incoming::Nothing,
            None => incoming::read(&self.buffer[..end]),
        };
        // With its line feed.
        self.buffer.drain(..(line + 1).min(self.buffer.len()));
        self.buffer.shrink_to(PIECE);
        self.searched = 0;
        Some(incoming)
    }

    /// Keeps nothing of these bytes but what their message is.
    fn skip(&mut self, count: usize) {
        let (head, size) = self.skipped.get_or_insert_default();
        head.feed(&self.buffer[..count]);
        *size += count as u64;
        self.buffer.drain(..count);
        self.searched = 0;
    }

    /// Waits until all answers are written: a conversation that has not begun is dropped at its end, and not closed.
    async fn settle(output: &Output) {
        let mut waiting = output.waiting.subscribe();
        let written = waiting.wait_for(|bytes| *bytes == 0);
        // A client that does not read is not waited for.
        drop(tokio::time::timeout(FAREWELL, written).await.map(drop));
    }

    fn refuse(&self, unread: &Unread) {
        if !self.is_begun {
            self.complaint.get_or_init(|| unread.message.clone());
        }
        drop(self.output.put(unread.json().to_string().into_bytes()));
    }

    /// A message that the service is to have. The others have their answers.
    fn admit(&mut self, message: ClientJsonRpcMessage) -> Option<ClientJsonRpcMessage> {
        if !self.is_begun && !self.may_begin(&message) {
            return None;
        }
        match &message {
            ClientJsonRpcMessage::Request(request) if !self.output.open().begin(&request.id) => {
                self.refuse(&Unread::same_id(&request.id));
                return None;
            }
            ClientJsonRpcMessage::Notification(notification) => {
                // It is not answered any more.
                if let ClientNotification::CancelledNotification(cancelled) = &notification.notification
                    && let Some(id) = &cancelled.params.request_id
                {
                    self.output.open().end(id);
                }
            }
            ClientJsonRpcMessage::Request(_) | ClientJsonRpcMessage::Response(_) | ClientJsonRpcMessage::Error(_) => {}
        }
        Some(message)
    }

    /// Whether the service may have a message before the conversation has begun. **It ends at one that is no request.**
    fn may_begin(&mut self, message: &ClientJsonRpcMessage) -> bool {
        // There is nothing yet that the others could be about.
        let ClientJsonRpcMessage::Request(request) = message else { return false };
        let (id, request) = (&request.id, &request.request);
        if let ClientRequest::CustomRequest(custom) = request
            && let Some(message) = misread(custom)
        {
            let id = Some(id.clone().into_json_value());
            self.refuse(&Unread { id, code: ErrorCode::INVALID_PARAMS, message });
            return false;
        }
        let meta = request.get_meta();
        let is_known = || meta.protocol_version().is_some_and(|version| ProtocolVersion::KNOWN_VERSIONS.contains(&version));
        let stands_alone = || meta.missing_required_keys(&ProtocolVersion::V_2026_07_28).is_empty() && is_known();
        // A client that has looked around may begin in either way.
        let looks = matches!(request, ClientRequest::DiscoverRequest(_) | ClientRequest::PingRequest(_));
        self.is_begun = matches!(request, ClientRequest::InitializeRequest(_)) || !looks && stands_alone();
        true
    }
}

/// Waits until the client has said all that it has to say, and then reads nothing of the answers for a while.
async fn abandoned(hangup: &Hangup, waiting: &watch::Sender<usize>) {
    hangup.come().await;
    let mut waiting = waiting.subscribe();
    while let Ok(changed) = tokio::time::timeout(PATIENCE, waiting.changed()).await {
        if changed.is_err() {
            return;
        }
    }
}

impl<R: AsyncRead + Send + Unpin> Transport<RoleServer> for Lines<R> {
    type Error = io::Error;

    fn send(&mut self, message: ServerJsonRpcMessage) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let answered = match &message {
            ServerJsonRpcMessage::Response(response) => Some(&response.id),
            ServerJsonRpcMessage::Error(error) => error.id.as_ref(),
            ServerJsonRpcMessage::Request(_) | ServerJsonRpcMessage::Notification(_) => None,
        };
        if let Some(id) = answered {
            self.output.open().end(id);
        }
        // Here, and not when this is awaited: messages keep their order.
        let written = serde_json::to_vec(&message).map(|line| self.output.put(line));
        async move {
            let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
            written?.await.map_err(gone)?
        }
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        loop {
            while let Some(incoming) = self.take_line() {
                match incoming {
                    Incoming::Message(message) => {
                        if let Some(message) = self.admit(*message) {
                            return Some(message);
                        }
                    }
                    Incoming::Unread(unread) => self.refuse(&unread),
                    Incoming::Nothing => {}
                }
            }
            if self.is_over {
                if !self.is_begun {
                    Self::settle(&self.output).await;
                }
                return None;
            }
            // A client that does not read is not read.
            let mut waiting = self.output.waiting.subscribe();
            let room = async { waiting.wait_for(|bytes| *bytes < MAX_WAITING).await.is_ok() };
            tokio::select! {
                has_room = room => if !has_room { return None },
                () = abandoned(&self.hangup, &self.output.waiting) => return None,
            }
            self.buffer.reserve(PIECE);
            match self.input.read_buf(&mut self.buffer).await {
                Ok(0) => {
                    self.is_over = true;
                    self.over.send_replace(true);
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "the input of the client cannot be read");
                    return None;
                }
            }
        }
    }

    async fn close(&mut self) -> io::Result<()> {
        // The writer ends with the queue. One whose client does not read is not waited for.
        self.output.lines = mpsc::unbounded_channel().0;
        if tokio::time::timeout(FAREWELL, &mut self.writer).await.is_err() {
            self.writer.abort();
        }
        Ok(())
    }
}
