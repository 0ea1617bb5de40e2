//! What goes to a client: replies and calls in their order, and the events of the kernels that it is attached to.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde::Serialize;
use tokio::sync::Notify;

use crate::{
    form::{Form, Written},
    kernel::{Served, calls::Calls, entry::Told, journal::Next},
    message::server::{Failure, Message, Missed, Reply},
};

/// Names a connection within this process.
pub(crate) type ConnectionId = u64;

/// Replies that wait for a client before its next request is read, in bytes.
const MAX_WAITING: usize = 16 << 20;

/// Events that are written at once, in bytes.
const BATCH: usize = 256 << 10;

/// How long a message may wait for those that are about to come.
const SOON: Duration = Duration::from_millis(1);

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// What goes to a client.
#[derive(Debug)]
pub(crate) struct Outbox {
    id: ConnectionId,
    form: Form,
    queue: Mutex<Queue>,
    /// There is something to write.
    written: Notify,
    /// And it does not wait for what comes next.
    is_urgent: AtomicBool,
    /// Something was written.
    sent: Notify,
    calls: Calls,
    /// Requests that wait for their answers.
    requests: AtomicUsize,
}

#[derive(Debug)]
struct Queue {
    messages: VecDeque<Written>,
    weight: usize,
    kernels: Vec<Arc<Served>>,
    /// The client is told of events. One that says nothing more is told of none.
    reads_events: bool,
    /// The writer has messages, and may not have written them.
    is_writing: bool,
    is_closed: bool,
}

/// What is to be written next.
#[derive(Debug)]
pub(crate) enum Batch {
    /// These messages.
    Messages(Vec<Written>),
    /// Nothing, ever.
    End,
}

impl Outbox {
    pub(crate) fn new(form: Form) -> Arc<Self> {
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        let queue = Queue {
            messages: VecDeque::new(),
            weight: 0,
            kernels: Vec::new(),
            reads_events: true,
            is_writing: false,
            is_closed: false,
        };
        let queue = Mutex::new(queue);
        Arc::new(Self {
            id,
            form,
            queue,
            written: Notify::new(),
            is_urgent: AtomicBool::new(false),
            sent: Notify::new(),
            calls: Calls::default(),
            requests: AtomicUsize::new(0),
        })
    }

    pub(crate) fn id(&self) -> ConnectionId {
        self.id
    }

    /// The calls that this client is to answer.
    pub(crate) fn calls(&self) -> &Calls {
        &self.calls
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the writer look for events.
    pub(crate) fn wake(&self) {
        self.is_urgent.store(true, Ordering::Relaxed);
        self.written.notify_one();
    }

    /// The same, soon: more is about to come. **A short run is told by one write**, which wakes its client once.
    pub(crate) fn wake_soon(&self) {
        self.written.notify_one();
    }

    /// Waits until something cannot wait, but not for long.
    async fn gather(&self) {
        let urgent = async {
            while !self.is_urgent.load(Ordering::Relaxed) {
                self.written.notified().await;
            }
        };
        // What came meanwhile is written in either case.
        drop(tokio::time::timeout(SOON, urgent).await);
        self.is_urgent.store(false, Ordering::Relaxed);
    }

    /// Sends a message. One that cannot be written becomes an error, which says so.
    pub(crate) fn send(&self, name: &'static str, body: impl Serialize) {
        self.put(self.form.write(&Message(name, body)));
    }

    /// Sends a message, or says why it cannot be written.
    pub(crate) fn try_send(&self, name: &'static str, body: impl Serialize) -> Result<(), String> {
        self.form.try_write(&Message(name, body)).map(|message| self.put(message))
    }

    fn put(&self, message: Written) {
        self.keep(message);
        self.wake();
    }

    fn keep(&self, message: Written) {
        let mut queue = self.queue();
        if !queue.is_closed {
            queue.weight += message.len();
            queue.messages.push_back(message);
        }
    }

    /// Answers a request.
    pub(crate) fn reply(&self, id: u64, body: impl Serialize) {
        self.reply_soon(id, body);
        self.wake();
    }

    /// Answers a request whose events are about to come.
    pub(crate) fn reply_soon(&self, id: u64, body: impl Serialize) {
        match self.form.try_write(&Message("reply", Reply { id, body })) {
            Ok(message) => {
                self.keep(message);
                self.wake_soon();
            }
            Err(why) => self.fail(id, Failure::new("encode", format!("the reply cannot be sent: {why}"))),
        }
    }

    /// Answers a request by an error.
    pub(crate) fn fail(&self, id: u64, failure: Failure) {
        self.send("error", Failure { id: Some(id), ..failure });
    }

    /// Reads the events of this kernel, too.
    pub(crate) fn follow(&self, served: &Arc<Served>) {
        let mut queue = self.queue();
        if !queue.is_closed && !queue.kernels.iter().any(|known| known.id == served.id) {
            queue.kernels.push(served.clone());
        }
    }

    /// Reads the events of this kernel no longer.
    pub(crate) fn unfollow(&self, kernel: &str) {
        self.queue().kernels.retain(|served| served.id != kernel);
    }

    /// Waits until few enough replies wait to be written.
    pub(crate) async fn room(&self) {
        self.until(|queue| queue.is_closed || queue.weight < MAX_WAITING).await;
    }

    async fn until(&self, is_so: impl Fn(&Queue) -> bool) {
        loop {
            let sent = self.sent.notified();
            tokio::pin!(sent);
            sent.as_mut().enable();
            if is_so(&self.queue()) {
                return;
            }
            sent.await;
        }
    }

    /// Whether the client is gone.
    pub(crate) fn has_left(&self) -> bool {
        self.queue().is_closed
    }

    /// Counts a request that waits for its answer; `None` if too many do.
    pub(crate) fn begin_request(self: &Arc<Self>, most: usize) -> Option<PendingRequest> {
        let pending = PendingRequest(self.clone());
        (self.requests.fetch_add(1, Ordering::Relaxed) < most).then_some(pending)
    }

    /// Waits until the client is gone.
    pub(crate) async fn is_closed(&self) {
        self.until(|queue| queue.is_closed).await;
    }

    /// Whether messages are being written.
    pub(crate) fn is_writing(&self) -> bool {
        self.queue().is_writing
    }

    /// Tells of no more events, and waits until all requests have their answers, and all messages were written.
    pub(crate) async fn flush(&self) {
        let kernels = {
            let mut queue = self.queue();
            queue.reads_events = false;
            queue.kernels.clone()
        };
        // A kernel that waited for this client could not answer its requests.
        kernels.iter().for_each(|served| served.wait_no_longer(self.id));
        let is_idle = || self.requests.load(Ordering::Relaxed) == 0;
        self.until(|queue| queue.is_closed || is_idle() && queue.messages.is_empty() && !queue.is_writing).await;
    }

    /// Waits until the client was told that all its kernels are gone.
    pub(crate) async fn farewell(&self) {
        let is_told = |queue: &Queue| queue.kernels.is_empty() && queue.messages.is_empty() && !queue.is_writing;
        self.until(|queue| queue.is_closed || is_told(queue)).await;
    }

    /// Writes no more. The kernels that it was attached to learn that the client is gone.
    pub(crate) fn close(&self) {
        let mut queue = self.queue();
        queue.is_closed = true;
        let kernels = std::mem::take(&mut queue.kernels);
        queue.messages.clear();
        queue.weight = 0;
        drop(queue);
        self.calls.end();
        for served in kernels {
            served.detach(self.id);
        }
        self.wake();
        self.sent.notify_waiters();
    }

    /// What to write next; waits until there is something. **What it returned before counts as sent.**
    pub(crate) async fn next(&self) -> Batch {
        loop {
            let kernels = {
                let mut queue = self.queue();
                if queue.is_closed {
                    return Batch::End;
                }
                // Until it is known that there is nothing.
                queue.is_writing = true;
                if queue.reads_events { queue.kernels.clone() } else { Vec::new() }
            };
            let mut events = Vec::new();
            let mut more = false;
            for served in &kernels {
                let (next, has_more) = served.read(self.id, BATCH);
                more |= has_more;
                let is_closed = |next: &Next| matches!(next, Next::Event(entry) if matches!(entry.told(), Told::Closed(_)));
                if next.last().is_some_and(is_closed) {
                    self.unfollow(&served.id);
                    self.calls.cancel_of(&served.id);
                }
                events.extend(next.iter().map(|next| self.message(&served.id, next)));
            }
            if more {
                // The other kernels have their turn, and then this one again.
                self.wake();
            }
            // **After the events**: the reply to a run was queued before the run's first event, and goes out before it.
            let mut batch = {
                let mut queue = self.queue();
                queue.weight = 0;
                let batch = queue.messages.drain(..).collect::<Vec<_>>();
                queue.is_writing = !batch.is_empty() || !events.is_empty();
                batch
            };
            self.sent.notify_waiters();
            batch.extend(events);
            if !batch.is_empty() {
                return Batch::Messages(batch);
            }
            self.written.notified().await;
            self.gather().await;
        }
    }

    fn message(&self, kernel: &str, next: &Next) -> Written {
        match next {
            Next::Event(entry) => entry.message(kernel, self.form),
            Next::Missed(gap) => {
                let (types, ended) = (gap.types.clone(), gap.ended.clone());
                self.form.write(&Message("missed", Missed { kernel, first: gap.first, last: gap.last, types, ended }))
            }
        }
    }
}

/// A request that waits for its answer.
#[derive(Debug)]
pub(crate) struct PendingRequest(Arc<Outbox>);

impl Drop for PendingRequest {
    fn drop(&mut self) {
        self.0.requests.fetch_sub(1, Ordering::Relaxed);
        self.0.sent.notify_waiters();
    }
}
