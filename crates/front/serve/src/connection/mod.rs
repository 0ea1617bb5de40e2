//! One client: reads its messages, carries them out, and writes what goes to it.
//!
//! [`stream`] cuts bytes into messages, [`greet`](greeting) exchanges `hello` and `welcome`, [`requests`] carries out
//! what the client asks for, and [`outbox`] holds what goes to it.

mod greeting;
pub(crate) mod outbox;
pub(crate) mod progress;
mod requests;
mod sessions;
pub(crate) mod stream;
mod upgrade;
mod websocket;

use std::{sync::Arc, time::Duration};

use tokio::sync::OwnedSemaphorePermit;

pub use self::greeting::VERSION;
#[cfg(test)]
pub(crate) use self::{
    requests::{MAX_PARSED, MAX_REQUESTS},
    sessions::MAX_NAME,
};
use crate::{Access, Server, form::Form, listen::Hangup, message::server::Failure};
use greeting::{Greeted, greet};
use outbox::{Batch, Outbox};
use progress::Progress;
use stream::{Incoming, Outgoing, ReadError, Source};

/// How long the end of a connection may take.
const FAREWELL: Duration = Duration::from_millis(500);

/// A client that has connected.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) source: Source,
    pub(crate) outgoing: Outgoing,
    pub(crate) access: Access,
    /// What it takes of `outgoing`.
    pub(crate) progress: Progress,
    /// Tells that it says no more, where that can be known before all was read.
    pub(crate) hangup: Hangup,
    /// Its room among those that have not greeted yet.
    pub(crate) room: Option<OwnedSemaphorePermit>,
}

/// Serves a client until it leaves, or breaks the form of messages.
pub(crate) async fn serve(server: Server, client: Client) {
    let (progress, hangup) = (client.progress.clone(), client.hangup.clone());
    let Some((Greeted { mut incoming, outgoing, form }, admitted)) = greet(&server, client).await else { return };
    let outbox = Outbox::new(form);
    admitted.writes_to(&outbox);
    let mut writer = tokio::spawn(write(outbox.clone(), outgoing));
    let served = async {
        read(&server, &outbox, form, &mut incoming).await;
        // A client that says no more may still read.
        tokio::select! {
            () = outbox.flush() => {}
            () = progress.stalled(|| outbox.is_writing()) => {}
        }
    };
    let abandoned = async {
        hangup.come().await;
        progress.stalled(|| outbox.is_writing()).await;
    };
    tokio::select! {
        () = served => {}
        // It has not read what it was told, so no more of what it said is read either.
        () = abandoned => {}
    }
    outbox.close();
    // A WebSocket takes leave. One that does not read is not waited for.
    if let Err(_late) = tokio::time::timeout(FAREWELL, &mut writer).await {
        writer.abort();
    }
    drop(admitted);
}

/// Reads and carries out messages, until the client leaves.
async fn read(server: &Server, outbox: &Arc<Outbox>, form: Form, incoming: &mut Incoming) {
    loop {
        outbox.room().await;
        let read = tokio::select! {
            biased;
            () = outbox.is_closed() => return,
            read = incoming.next() => read,
        };
        match read {
            Ok(Some(payload)) => {
                let message = form.read(&payload);
                requests::handle(server, outbox, message);
            }
            Ok(None) => return,
            Err(error) => {
                if let ReadError::TooLarge { .. } = error {
                    outbox.send("error", Failure::new("too_large", error.to_string()));
                }
                return;
            }
        }
    }
}

/// Writes what goes to the client, until there is nothing more or it does not take it.
async fn write(outbox: Arc<Outbox>, mut outgoing: Outgoing) {
    loop {
        let Batch::Messages(batch) = outbox.next().await else {
            return outgoing.finish().await;
        };
        if outgoing.write_batch(batch).await.is_err() {
            outbox.close();
            return;
        }
    }
}
