//! The control thread: answers at once, whatever JavaScript does.

use std::sync::Arc;

use drupe_protocol::{
    Control, Reply, encode,
    event::{Interrupted, Pong},
};
use drupe_transport::{End, Incoming, ReceiveError, Sender};

use crate::guard::Guard;

/// What to do when the parent is gone: JavaScript may be where nothing can interrupt it.
pub(crate) type Orphaned = fn();

/// Serves the control channel until the parent says `shutdown` or closes it.
pub(crate) fn serve(mut control: End, guard: &Arc<Guard>, orphaned: Orphaned) {
    loop {
        match control.receiver.wait::<Control>(None) {
            Ok(Incoming::Message(message)) => {
                if let Some(reply) = answer(message, guard) {
                    send(&mut control.sender, &reply);
                }
            }
            Ok(Incoming::Woken | Incoming::Elapsed) => {}
            Ok(Incoming::Closed) | Err(ReceiveError::Io(_)) => {
                guard.shut_down();
                return orphaned();
            }
            Err(ReceiveError::Frame(_) | ReceiveError::Decode(_)) => {
                // What the parent says makes no sense: leave, and let the main thread say so by the exit status.
                return guard.shut_down_on_protocol_error();
            }
        }
    }
}

fn answer(message: Control, guard: &Guard) -> Option<Reply> {
    match message {
        Control::Interrupt(interrupt) => {
            let found = guard.interrupt(interrupt.run, interrupt.reason);
            Some(Reply::Interrupted(Interrupted { run: interrupt.run, found }))
        }
        Control::Ping(ping) => Some(Reply::Pong(Pong { nonce: ping.nonce, run: guard.active() })),
        Control::Shutdown(_) => {
            guard.shut_down();
            None
        }
        // A newer parent's question: it sees that no answer comes.
        _ => None,
    }
}

fn send(sender: &mut Sender, reply: &Reply) {
    let mut frame = Vec::new();
    if encode(reply, &mut frame).is_ok() {
        // A parent that is gone is noticed by the next read.
        drop(sender.send(&frame));
    }
}
