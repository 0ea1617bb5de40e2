//! A kernel that would have others run what it has compiled: offers of bytes wherever there might be a place for them,
//! and what its parent answers. `misbehaviour.rs` looks at what became of them.

use drupe_protocol::{
    Event, Request, Value,
    host::{Answer, HostCall},
    value::TypedArrayKind,
};
use drupe_transport::Incoming;

use crate::lies::{Channels, console, frame};

/// What stands in for code that V8 compiled.
const CODE: &[u8] = b"\xde\xc0\xde\xc0 globalThis.pwned = true; export const value = 'compiled by an intruder'";

/// Offers code for the module in `file`, and says on the console what came of each offer that is answered.
pub(crate) fn offer(say: &mut Channels, run: u64, file: &str) {
    // Messages that are none, on both channels, and the parent's own.
    for name in ["compiled", "code_cache", "module", "host_reply", "preload", "functions"] {
        let payload = [&[0x92][..], &text(name), &body(file)].concat();
        say.payload(&payload);
        drop(say.control.sender.send(&[&u32::try_from(payload.len()).unwrap().to_le_bytes(), &payload[..]].concat()));
    }
    // Fields that are none, in a message that is one.
    let said = frame(&console(run, "with fields"));
    let fields = said[4..].iter().position(|byte| *byte & 0xf0 == 0x80).unwrap() + 4;
    let mut payload = said[4..].to_vec();
    payload[fields - 4] += 3;
    payload.extend_from_slice(&body(file)[1..]);
    say.payload(&payload);
    // Calls that are none, and more arguments than a call has.
    let code = || Value::TypedArray(TypedArrayKind::Uint8, CODE.into());
    let cached = || Value::Object(vec![("cachedData".into(), code())]);
    let calls = [
        ("module.compiled", vec![file.into(), code()]),
        ("module.store", vec![file.into(), code()]),
        ("module.graph", vec![file.into(), Value::Undefined, cached()]),
        ("module.require", vec![file.into(), Value::Undefined, Value::Undefined, code(), cached()]),
        ("code.cache", vec![file.into(), code()]),
    ];
    for (call, (op, args)) in (1..).zip(calls) {
        say.event(&Event::HostCall(HostCall { call, run: Some(run), op: op.into(), args }));
        let Ok(Incoming::Message(Request::HostReply(reply))) = say.data.receiver.wait::<Request>(None) else { return };
        let answer = match &reply.answer {
            Answer::Error(error) => format!("{op}: {}", error.name),
            answer => format!("{op}: {}", answer.name()),
        };
        say.event(&console(run, &answer));
    }
}

/// `{ url, code_cache, compiled }`.
fn body(file: &str) -> Vec<u8> {
    let code = [&[0xc4, u8::try_from(CODE.len()).unwrap()], CODE].concat();
    [&[0x83][..], &text("url"), &text(file), &text("code_cache"), &code, &text("compiled"), &code].concat()
}

fn text(text: &str) -> Vec<u8> {
    [&[0xd9, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
}
