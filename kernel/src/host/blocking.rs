//! Calls that block JavaScript. Interrupts and questions are handled meanwhile.

use drupe_protocol::{
    Event,
    host::{Answer, HostCall},
};

use crate::{introspection, isolate::realm::Realm, wire::inbox::Waited};

/// Sends `call` and waits for its answer; `None` when JavaScript is to stop instead.
///
/// Waiting costs no CPU time, so the CPU budget stands still; the wall budget is the parent's, and comes as an
/// interrupt.
pub(super) fn call(scope: &mut v8::PinScope, call: HostCall) -> Option<Answer> {
    let realm = Realm::of(scope);
    let id = call.call;
    realm.say(&Event::HostCall(call));
    realm.flush();
    realm.guard.block();
    // Whoever asked before that has woken nobody.
    drop(introspection::answer_all(scope, true));
    let answer = loop {
        // Checked after `block`: a stop that comes from now on wakes the wait.
        if realm.guard.is_stopped() {
            break None;
        }
        match realm.inbox.wait_for(id) {
            Waited::Answer(answer) => break Some(answer),
            // Nothing is previewed while user code is on the stack.
            Waited::Woken => drop(introspection::answer_all(scope, true)),
            Waited::Gone => {
                realm.guard.shut_down();
                break None;
            }
        }
    };
    realm.guard.unblock();
    answer
}
