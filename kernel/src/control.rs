//! The control thread: answers at once, whatever JavaScript does.

use drupe_protocol::{
    Control, Reply,
    event::{InterruptReply, Pong, Unsupported},
};
use drupe_transport::{Incoming, ReceiveError, Receiver};

use crate::{
    introspection::{Question, Questions},
    isolate::guard::{Found, Guard, Interrupted},
    wire::replies::Replies,
};

/// What to do when the parent is gone: JavaScript may be where nothing can interrupt it.
pub(crate) type Orphaned = fn();

/// Serves the control channel until the parent says `shutdown` or closes it.
pub(crate) fn serve(mut receiver: Receiver, replies: &Replies, guard: &Guard, questions: &Questions, orphaned: Orphaned) {
    loop {
        match receiver.wait::<Control>(None) {
            Ok(Incoming::Message(message)) => {
                if let Some(reply) = answer(message, guard, questions) {
                    replies.say(&reply);
                }
            }
            Ok(Incoming::Woken | Incoming::Elapsed) => {}
            Ok(Incoming::Closed) | Err(ReceiveError::Io(_)) => {
                guard.shut_down();
                return orphaned();
            }
            Err(ReceiveError::Frame(_) | ReceiveError::Decode(_) | ReceiveError::Slow(_)) => {
                // What the parent says makes no sense: leave, and let the main thread say so by the exit status.
                return guard.shut_down_on_protocol_error();
            }
        }
    }
}

/// The reply, if this thread has one; other questions are for the one that runs JavaScript.
fn answer(message: Control, guard: &Guard, questions: &Questions) -> Option<Reply> {
    match message {
        Control::Interrupt(interrupt) => {
            let Interrupted { found, active } = guard.interrupt(interrupt.run, interrupt.reason);
            let (found, queued) = (found != Found::Nothing, found == Found::Queued);
            Some(Reply::Interrupt(InterruptReply { run: interrupt.run, found, active, queued }))
        }
        Control::Ping(ping) => {
            let stretch_us = guard.spent().map(|spent| u64::try_from(spent.as_micros()).unwrap_or(u64::MAX));
            Some(Reply::Pong(Pong { nonce: ping.nonce, run: guard.active(), stretch_us }))
        }
        Control::Shutdown(_) => {
            guard.shut_down();
            None
        }
        Control::Complete(question) => pass_on(Question::Complete(question), guard, questions),
        Control::Globals(question) => pass_on(Question::Globals(question), guard, questions),
        Control::Properties(question) => pass_on(Question::Properties(question), guard, questions),
        Control::Release(question) => pass_on(Question::Release(question), guard, questions),
        Control::Status(question) => pass_on(Question::Status(question), guard, questions),
        Control::Inspect(question) => pass_on(Question::Inspect(question), guard, questions),
        Control::Preview(question) => pass_on(Question::Preview(question), guard, questions),
        // A newer parent's question, which would wait for its answer for ever.
        Control::Unknown(name) => Some(Reply::Unsupported(Unsupported { name })),
    }
}

fn pass_on(question: Question, guard: &Guard, questions: &Questions) -> Option<Reply> {
    questions.ask(question);
    guard.request_interrupt();
    None
}
