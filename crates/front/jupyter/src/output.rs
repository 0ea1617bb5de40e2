//! What every front end sees: messages on iopub, in one order.
//!
//! Text that is printed waits a few milliseconds for more of the same stream and cell. **Every other message is
//! published after the text that came before it.**

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::{
    message::{Message, Parent, Session},
    zmtp::publisher::Publisher,
};

/// How long printed text waits for more.
const PAUSE: Duration = Duration::from_millis(4);

/// Bytes of text that do not wait.
const ENOUGH: usize = 64 << 10;

/// A standard stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Out,
    Err,
}

/// The iopub channel. Clones are the same.
#[derive(Clone)]
pub(crate) struct Output(Arc<Shared>);

struct Shared {
    session: Arc<Session>,
    publisher: Publisher,
    printed: Mutex<Option<Printed>>,
    /// Text has begun to wait.
    waits: Notify,
}

/// Text that waits.
struct Printed {
    stream: Stream,
    parent: Arc<Parent>,
    text: String,
}

impl Output {
    /// Publishes by `publisher`. Must be called within the runtime.
    pub(crate) fn new(session: Arc<Session>, publisher: Publisher) -> Self {
        let output = Self(Arc::new(Shared { session, publisher, printed: Mutex::default(), waits: Notify::new() }));
        let flushed = output.clone();
        tokio::spawn(async move {
            loop {
                flushed.0.waits.notified().await;
                tokio::time::sleep(PAUSE).await;
                flushed.0.flush(&mut flushed.0.printed());
            }
        });
        output
    }

    /// Publishes a message.
    pub(crate) fn say(&self, message: &Message, parent: Option<&Parent>) {
        let mut printed = self.0.printed();
        self.0.flush(&mut printed);
        // Under the lock: messages have one order.
        self.0.publish(message, parent);
    }

    /// Says that a request is worked on, or was.
    pub(crate) fn status(&self, state: &str, parent: Option<&Parent>) {
        self.say(&Message::new("status", json!({ "execution_state": state })), parent);
    }

    /// Prints text.
    pub(crate) fn print(&self, stream: Stream, text: &str, parent: &Arc<Parent>) {
        if text.is_empty() {
            return;
        }
        let mut printed = self.0.printed();
        match &mut *printed {
            Some(before) if before.stream == stream && Arc::ptr_eq(&before.parent, parent) => before.text.push_str(text),
            _ => {
                self.0.flush(&mut printed);
                *printed = Some(Printed { stream, parent: parent.clone(), text: text.to_owned() });
                self.0.waits.notify_one();
            }
        }
        if printed.as_ref().is_some_and(|printed| printed.text.len() >= ENOUGH) {
            self.0.flush(&mut printed);
        }
    }

    /// Waits until front ends that read have room.
    pub(crate) async fn room(&self) {
        self.0.publisher.room().await;
    }

    /// Waits until all is written to those who read.
    pub(crate) async fn drained(&self) {
        self.0.flush(&mut self.0.printed());
        self.0.publisher.drained().await;
    }
}

impl Shared {
    fn printed(&self) -> MutexGuard<'_, Option<Printed>> {
        self.printed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn flush(&self, printed: &mut Option<Printed>) {
        let Some(Printed { stream, parent, text }) = printed.take() else { return };
        let name = match stream {
            Stream::Out => "stdout",
            Stream::Err => "stderr",
        };
        let content = json!({ "name": name, "text": Value::String(text) });
        self.publish(&Message::new("stream", content), Some(&parent));
    }

    fn publish(&self, message: &Message, parent: Option<&Parent>) {
        let mut frames = vec![self.session.topic(message.kind)];
        frames.extend(self.session.write(message, parent));
        self.publisher.publish(&frames);
    }
}
