//! Carries out the messages of a client.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use drupe_client::{Completeness, HostError, Kernel, Options, completeness, format};
use serde::Serialize;

use super::{outbox::Outbox, sessions};
use crate::{
    Server,
    kernel::{Closing, Served, calls::Answered},
    message::{
        client::{ClientMessage, OfCode},
        envelope::Unread,
        server::{Failure, Nothing},
    },
    reply,
};

/// Requests of a client that may wait for their answers.
pub(crate) const MAX_REQUESTS: usize = 1024;

/// The longest source text that is looked at, in bytes.
pub(crate) const MAX_PARSED: usize = 16 << 20;

/// Source texts up to this many bytes are parsed in place.
const SMALL: usize = 4 << 10;

/// The process of a kernel, if it has one.
async fn pid(kernel: &Kernel) -> Option<u32> {
    kernel.info().await.ok().and_then(|info| info.pid)
}

/// Carries out a message. What takes time goes on beside.
pub(crate) fn handle(server: &Server, outbox: &Arc<Outbox>, message: Result<ClientMessage, Unread>) {
    let message = match message {
        Ok(message) => message,
        Err(Unread { id, call, field, message }) => {
            if let Some(call) = call {
                let error = HostError::new("TypeError", format!("the client's answer cannot be read: {message}"));
                outbox.calls().answered(call, Answered::Failed(error.with_code("ERR_INVALID_RETURN_VALUE")));
            }
            return outbox.send("error", Failure { id, call, code: "bad_message", message, field });
        }
    };
    match message {
        ClientMessage::Hello(_) => outbox.send("error", Failure::new("bad_message", "hello was said before")),
        ClientMessage::Unknown(name, id) => {
            let failure = Failure::new("unknown_message", format!("there is no message {name:?}"));
            outbox.send("error", Failure { id, ..failure });
        }
        ClientMessage::Ping(request) => outbox.reply(request.id, Nothing {}),
        ClientMessage::List(request) => outbox.reply(request.id, reply::List::new(server)),
        ClientMessage::Open(open) => sessions::open(server, outbox, *open),
        ClientMessage::Attach(attach) => sessions::attach(server, outbox, *attach),
        ClientMessage::Detach(of) => sessions::detach(server, outbox, &of),
        ClientMessage::Register(register) => sessions::register(server, outbox, &register),
        ClientMessage::Run(run) => sessions::run(server, outbox, *run),
        ClientMessage::Close(of) => with(server, outbox, of.id, &of.kernel, async |served| {
            served.close(Closing::Asked).await;
            Ok(Nothing {})
        }),
        ClientMessage::Interrupt(of) => match of.run {
            Some(run) => {
                if let Some(served) = find(server, outbox, of.id, &of.kernel) {
                    match served.interrupt_run(run) {
                        Ok(()) => outbox.reply(of.id, reply::Stopped { stopped: None }),
                        Err(failure) => outbox.fail(of.id, failure),
                    }
                }
            }
            None => with(server, outbox, of.id, &of.kernel, async |served| {
                Ok(reply::Stopped { stopped: Some(served.kernel.interrupt().await?) })
            }),
        },
        ClientMessage::Reset(of) => with(server, outbox, of.id, &of.kernel, async |served| {
            let generation = served.kernel.reset().await?;
            Ok(reply::Generation { generation, pid: pid(&served.kernel).await })
        }),
        ClientMessage::Restart(of) => with(server, outbox, of.id, &of.kernel, async |served| {
            let generation = served.kernel.restart().await?;
            Ok(reply::Generation { generation, pid: pid(&served.kernel).await })
        }),
        ClientMessage::Terminate(of) => with(server, outbox, of.id, &of.kernel, async |served| {
            served.kernel.terminate().await;
            Ok(Nothing {})
        }),
        ClientMessage::IsComplete(of) => parse(outbox, *of, |code| Ok(is_complete(code))),
        ClientMessage::Format(of) => parse(outbox, *of, |code| match format(code, &Options::default()) {
            Ok(code) => Ok(reply::Code { code }),
            Err(diagnostic) => Err(Failure::of_field("bad_message", "code", diagnostic.message)),
        }),
        message @ (ClientMessage::Complete(_)
        | ClientMessage::Inspect(_)
        | ClientMessage::Signature(_)
        | ClientMessage::Globals(_)
        | ClientMessage::Status(_)
        | ClientMessage::Preview(_)
        | ClientMessage::Properties(_)
        | ClientMessage::Release(_)
        | ClientMessage::Answer(_)
        | ClientMessage::Item(_)
        | ClientMessage::Stream(_)
        | ClientMessage::End(_)
        | ClientMessage::Fail(_)) => handle_question(server, outbox, message),
    }
}

/// Answers a question about source text alone, on a thread of its own where the text is long.
fn parse<B: Serialize + Send + 'static>(
    outbox: &Arc<Outbox>,
    of: OfCode,
    answer: impl FnOnce(&str) -> Result<B, Failure> + Send + 'static,
) {
    let OfCode { id, code } = of;
    if code.len() > MAX_PARSED {
        let message = format!("source text of more than {MAX_PARSED} bytes is not looked at");
        return outbox.fail(id, Failure::of_field("limit", "code", message));
    }
    start(outbox, id, async move {
        if code.len() <= SMALL {
            return answer(&code);
        }
        let lost = |_| Failure::new("encode", "the parser failed");
        tokio::task::spawn_blocking(move || answer(&code)).await.map_err(lost)?
    });
}

/// Carries out questions about a session, and answers to calls.
fn handle_question(server: &Server, outbox: &Arc<Outbox>, message: ClientMessage) {
    match message {
        ClientMessage::Complete(at) => with(server, outbox, at.id, &at.kernel.clone(), async move |served| {
            Ok(reply::Completions::new(served.kernel.complete(at.code, units(at.cursor)).await?))
        }),
        ClientMessage::Inspect(at) => with(server, outbox, at.id, &at.kernel.clone(), async move |served| {
            Ok(reply::Inspection::new(served.kernel.inspect(at.code, units(at.cursor)).await?))
        }),
        ClientMessage::Signature(at) => with(server, outbox, at.id, &at.kernel.clone(), async move |served| {
            Ok(reply::Signature::new(served.kernel.signature(at.code, units(at.cursor)).await?))
        }),
        ClientMessage::Globals(of) => {
            with(server, outbox, of.id, &of.kernel, async |served| Ok(reply::Globals::new(served.kernel.globals().await?)))
        }
        ClientMessage::Status(of) => {
            with(server, outbox, of.id, &of.kernel, async |served| Ok(reply::Status::new(&served.kernel.status().await?)));
        }
        ClientMessage::Preview(of) => with(server, outbox, of.id, &of.kernel.clone(), async move |served| {
            Ok(reply::Preview { text: served.kernel.preview(of.code).await? })
        }),
        ClientMessage::Properties(of) => with(server, outbox, of.id, &of.kernel.clone(), async move |served| {
            let range = of.start..of.start.saturating_add(of.count);
            Ok(reply::Properties::new(served.kernel.properties(of.handle, range).await?))
        }),
        ClientMessage::Release(of) => now(server, outbox, of.id, &of.kernel.clone(), |served| {
            served.kernel.release(of.handles);
            Nothing {}
        }),
        ClientMessage::Answer(answer) => outbox.calls().answered(answer.call, Answered::Value(answer.value.0)),
        ClientMessage::Item(answer) => outbox.calls().answered(answer.call, Answered::Item(answer.value.0)),
        ClientMessage::Stream(of) => outbox.calls().answered(of.call, Answered::Stream),
        ClientMessage::End(of) => outbox.calls().answered(of.call, Answered::End),
        ClientMessage::Fail(fail) => {
            let mut error = HostError::new(fail.name, fail.message);
            error.code = fail.code;
            error.properties = fail.properties.map(|properties| properties.0);
            outbox.calls().answered(fail.call, Answered::Failed(error));
        }
        // `handle` has these.
        ClientMessage::Hello(_)
        | ClientMessage::Open(_)
        | ClientMessage::Attach(_)
        | ClientMessage::Detach(_)
        | ClientMessage::Close(_)
        | ClientMessage::List(_)
        | ClientMessage::Register(_)
        | ClientMessage::Run(_)
        | ClientMessage::Interrupt(_)
        | ClientMessage::Reset(_)
        | ClientMessage::Restart(_)
        | ClientMessage::Terminate(_)
        | ClientMessage::Ping(_)
        | ClientMessage::IsComplete(_)
        | ClientMessage::Format(_)
        | ClientMessage::Unknown(..) => {}
    }
}

fn is_complete(code: &str) -> reply::IsComplete {
    match completeness(code, &Options::default()) {
        Completeness::Complete => reply::IsComplete { status: "complete", indent: None },
        Completeness::Incomplete { indent } => {
            reply::IsComplete { status: "incomplete", indent: Some(" ".repeat(usize::try_from(indent).unwrap_or(0))) }
        }
        Completeness::Invalid(_) => reply::IsComplete { status: "invalid", indent: None },
    }
}

fn units(cursor: u64) -> u32 {
    u32::try_from(cursor).unwrap_or(u32::MAX)
}

/// The kernel that a request is about. If there is none, the request is answered so.
pub(super) fn find(server: &Server, outbox: &Outbox, id: u64, kernel: &str) -> Option<Arc<Served>> {
    server.kernel(kernel).map_err(|failure| outbox.fail(id, failure)).ok()
}

/// Answers a request about a kernel at once.
pub(super) fn now<B: Serialize>(
    server: &Server,
    outbox: &Arc<Outbox>,
    id: u64,
    kernel: &str,
    answer: impl FnOnce(Arc<Served>) -> B,
) {
    if let Some(served) = find(server, outbox, id, kernel) {
        outbox.reply(id, answer(served));
    }
}

/// Answers a request about a kernel when `answer` is done.
pub(super) fn with<B, F>(
    server: &Server,
    outbox: &Arc<Outbox>,
    id: u64,
    kernel: &str,
    answer: impl FnOnce(Arc<Served>) -> F + Send + 'static,
) where
    B: Serialize + Send + 'static,
    F: Future<Output = Result<B, Failure>> + Send + 'static,
{
    if let Some(served) = find(server, outbox, id, kernel) {
        start(outbox, id, answer(served));
    }
}

/// Answers a request when `answer` is done. **What it sends to the kernel first is sent before this returns**, so that
/// requests take effect in their order.
pub(super) fn start<B: Serialize + Send + 'static>(
    outbox: &Arc<Outbox>,
    id: u64,
    answer: impl Future<Output = Result<B, Failure>> + Send + 'static,
) {
    let Some(pending) = outbox.begin_request(MAX_REQUESTS) else {
        return outbox.fail(id, Failure::new("limit", format!("{MAX_REQUESTS} requests wait for their answers already")));
    };
    let mut answer: Pin<Box<dyn Future<Output = Result<B, Failure>> + Send>> = Box::pin(answer);
    let first = answer.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    let outbox = outbox.clone();
    let tell = move |answered| {
        match answered {
            Ok(body) => outbox.reply(id, body),
            Err(failure) => outbox.fail(id, failure),
        }
        drop(pending);
    };
    match first {
        Poll::Ready(answered) => tell(answered),
        Poll::Pending => drop(tokio::spawn(async move { tell(answer.await) })),
    }
}
