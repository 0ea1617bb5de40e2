//! What a kernel must not say, as data: each lie by its name, told in the middle of a run, whose `started` was said
//! unless the lie is about that. `misbehaviour.rs` has the answers.

use std::{thread::sleep, time::Duration};

use drupe_protocol::{
    Control, Event, Exception, Reply, Value, encode,
    event::{
        Console, Done, End as Ended, InterruptReply, Method, Origin, Outcome, Pong, ResetDone, RunResult, Started, Stopped,
        StoppedBy, Stuck, Uncaught, Unsupported,
    },
    host::{HostCall, HostNext},
    introspection::GlobalsReply,
    request::StopReason,
};
use drupe_transport::{End, Incoming};

/// Both channels of a kernel that has been welcomed.
pub(crate) struct Channels {
    pub(crate) data: End,
    pub(crate) control: End,
}

pub(crate) type Lie = fn(&mut Channels, u64);

/// Told before the run has started.
pub(crate) const EARLY: &[(&str, Lie)] = &[
    // Forged ids.
    ("starts-run-0", |say, _| say.event(&started(0))),
    ("starts-the-next-run", |say, run| say.event(&started(run + 1))),
    ("starts-the-last-run", |say, _| say.event(&started(u64::MAX))),
    ("starts-in-another-session", |say, run| say.event(&Event::Started(Started::new(run, 99)))),
    // Order.
    ("logs-before-it-starts", |say, run| say.event(&console(run, "early"))),
    ("ends-before-it-starts", |say, run| say.event(&ended(run))),
    ("ends-by-no-reset", |say, run| say.event(&Event::Outcome(interrupted(run, StopReason::Reset)))),
    ("has-a-value-before-it-starts", |say, run| say.event(&result(run))),
];

/// Told when the run has started.
pub(crate) const LIES: &[(&str, Lie)] = &[
    // Frames.
    ("lies-about-a-length", |say, _| say.bytes(&[0xff, 0xff, 0xff, 0x7f])),
    ("talks-nonsense", |say, _| say.bytes(&[5, 0, 0, 0, 0xc1, 0xc1, 0xc1, 0xc1, 0xc1])),
    ("sends-nothing-in-a-frame", |say, _| say.bytes(&[0, 0, 0, 0])),
    ("nests-without-end", |say, _| say.payload(&[&b"\x92\xa5later"[..], &[0x91; 4096]].concat())),
    ("promises-4-billion-items", |say, _| say.payload(b"\x92\xa7console\x81\xa4args\xdd\xff\xff\xff\xff")),
    ("sends-100-million-nils", |say, _| say.payload(&many_nils(100_000_000))),
    ("repeats-a-key", |say, _| say.payload(b"\x92\xa7console\x82\xa5depth\x01\xa5depth\x02")),
    ("sends-text-that-is-none", |say, _| say.payload(b"\x92\xa7console\x81\xa4text\xa2\xff\xfe")),
    ("sends-an-integer-that-is-not-exact", |say, _| {
        say.payload(b"\x92\xa7console\x81\xa4args\x91\xcf\xff\xff\xff\xff\xff\xff\xff\xff");
    }),
    ("sends-an-unknown-extension", |say, _| say.payload(b"\x92\xa7console\x81\xa4args\x91\xd4\x70\x00")),
    ("has-code-for-its-text", |say, _| say.payload(b"\x92\xa6result\x82\xa3run\x01\xa4text\xc4\x04\xde\xc0\xde\xc0")),
    ("says-two-things-in-one-frame", |say, run| {
        let mut payload = frame(&console(run, "one"))[4..].to_vec();
        payload.push(0xc0);
        say.payload(&payload);
    }),
    ("dribbles-on-data", |say, run| dribble(&mut say.data, &frame(&console(run, "never whole")))),
    ("dribbles-on-control", |say, _| dribble(&mut say.control, &[100, 0, 0, 0, 0x92, 0xa4, b'p', b'o', b'n', b'g'])),
    // Forged ids.
    ("logs-for-run-0", |say, _| say.event(&console(0, "?"))),
    ("logs-for-a-run-to-come", |say, run| say.event(&console(run + 1, "?"))),
    ("throws-for-a-run-to-come", |say, run| say.event(&thrown(run + 1, Origin::Callback))),
    ("has-a-value-for-a-run-to-come", |say, run| say.event(&result(run + 1))),
    ("ends-a-run-to-come", |say, run| say.event(&ended(run + 1))),
    ("calls-its-host-for-a-run-to-come", |say, run| say.event(&call(1, run + 1))),
    // Calls to the host.
    ("calls-its-host-without-end", |say, run| (0..300_000).for_each(|id| say.event(&call(id, run)))),
    ("calls-its-host-with-very-much", |say, run| {
        let much = Value::from("x".repeat(40 << 20));
        (0..20).for_each(|id| say.event(&heavy_call(id, run, much.clone())));
    }),
    ("calls-its-host-twice-in-one", |say, run| (0..2).for_each(|_| say.event(&call(1, run)))),
    ("asks-for-items-without-end", |say, run| {
        say.event(&call(1, run));
        (0..300_000).for_each(|_| say.event(&Event::HostNext(HostNext { call: 1 })));
    }),
    // Order.
    ("starts-twice", |say, run| say.event(&started(run))),
    ("has-two-values", |say, run| {
        say.event(&result(run));
        say.event(&result(run));
    }),
    ("ends-twice", |say, run| {
        say.event(&ended(run));
        say.event(&ended(run));
    }),
    ("has-a-value-after-its-end", |say, run| {
        say.event(&ended(run));
        say.event(&result(run));
    }),
    ("throws-after-its-end", |say, run| {
        say.event(&ended(run));
        say.event(&thrown(run, Origin::Chunk));
    }),
    ("ends-with-a-value-it-never-told", |say, run| {
        say.event(&Event::Outcome(Outcome { end: Ended::Value(Done {}), ..interrupted(run, StopReason::Request) }));
    }),
    ("exits-without-a-status", |say, run| say.event(&Event::Outcome(Outcome::new(run, Ended::Exited(Done {}))))),
    ("exits-with-a-status-that-is-none", |say, run| {
        say.event(&Event::Outcome(Outcome { exit_code: Some(256), ..Outcome::new(run, Ended::Exited(Done {})) }));
    }),
    ("resets-unasked", |say, _| say.event(&Event::ResetDone(ResetDone { generation: 2 }))),
    // Answers to nothing.
    ("pongs-unasked", |say, _| say.reply(&Reply::Pong(Pong { nonce: 1, run: None, stretch_us: None }))),
    ("was-interrupted-unasked", |say, _| {
        say.reply(&Reply::Interrupt(InterruptReply { run: None, found: true, active: None, queued: false }))
    }),
    ("does-not-know-runs", |say, _| say.event(&unsupported("run"))),
    ("does-not-know-what-nobody-sent", |say, _| say.event(&unsupported("teleport"))),
    ("chatters-on-control", |say, _| {
        let frame = frame_of(b"\x92\xa5later\x80");
        while say.control.sender.send(&frame).is_ok() {}
    }),
    ("is-stuck-again-and-again", |say, run| {
        let mut frame = Vec::new();
        encode(&Reply::Stuck(Stuck { run: Some(run), limit_ms: 1 }), &mut frame).unwrap();
        while say.control.sender.send(&frame).is_ok() {}
    }),
    ("answers-unasked", |say, _| say.reply(&Reply::Globals(GlobalsReply { id: 1, ..GlobalsReply::default() }))),
];

impl Channels {
    pub(crate) fn event(&mut self, event: &Event) {
        self.bytes(&frame(event));
    }

    fn reply(&mut self, reply: &Reply) {
        let mut frame = Vec::new();
        encode(reply, &mut frame).unwrap();
        // Who is found out meanwhile is killed.
        drop(self.control.sender.send(&frame));
    }

    /// Waits for a question on the control channel.
    pub(crate) fn asked(&mut self) -> Control {
        match self.control.receiver.wait(None).unwrap() {
            Incoming::Message(control) => control,
            other => panic!("not asked: {other:?}"),
        }
    }

    /// Waits for an interrupt of `run`, and answers it.
    pub(crate) fn interrupted(&mut self, run: Option<u64>, found: bool) {
        let asked = self.asked();
        assert!(matches!(&asked, Control::Interrupt(asked) if asked.run == run), "{asked:?}");
        self.answer_interrupt(run, found);
    }

    pub(crate) fn answer_interrupt(&mut self, run: Option<u64>, found: bool) {
        self.reply(&Reply::Interrupt(InterruptReply { run, found, active: None, queued: false }));
    }

    /// An event by its name and fields, whatever they are.
    fn fields<const N: usize>(&mut self, name: &str, fields: [(&str, Value); N]) {
        let body = Value::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect());
        let mut frame = Vec::new();
        encode(&(name, body), &mut frame).unwrap();
        self.bytes(&frame);
    }

    pub(crate) fn payload(&mut self, payload: &[u8]) {
        self.bytes(&frame_of(payload));
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        drop(self.data.sender.send(bytes));
    }
}

fn frame_of(payload: &[u8]) -> Vec<u8> {
    [&u32::try_from(payload.len()).unwrap().to_le_bytes(), payload].concat()
}

fn unsupported(name: &str) -> Event {
    Event::Unsupported(Unsupported { name: name.into() })
}

/// Of a kernel that is one revision ahead: an event, words, fields and an end that its parent does not know.
pub(crate) fn of_the_future(say: &mut Channels, run: u64) {
    let number = |number: u64| Value::from(u32::try_from(number).unwrap());
    let run = || ("run", number(run));
    say.payload(b"\x92\xa5later\x81\xa4deep\x91\x01");
    let args = Value::Array(vec!["hey".into()]);
    let (shout, time, mood) = (("method", "shout".into()), ("time", Value::from(0.5)), ("mood", "calm".into()));
    say.fields("console", [run(), shout, ("depth", number(0)), ("args", args), time, mood]);
    let print = [run(), ("stream", "stdaux".into()), ("text", "beside".into()), ("time", Value::from(0.5))];
    say.fields("output", print);
    let end = Value::Array(vec!["teleported".into(), Value::Object(Vec::new())]);
    let (state, energy) = (("state", "frozen".into()), ("energy", Value::Array(vec![number(1)])));
    say.fields("outcome", [run(), ("end", end), state, ("wall_us", number(1)), ("cpu_us", number(1)), energy]);
}

/// Byte by byte, and never the last one.
fn dribble(end: &mut End, frame: &[u8]) {
    for byte in &frame[..frame.len() - 1] {
        if end.sender.send(&[*byte]).is_err() {
            return;
        }
        // The time between two bytes is what makes it a dribble.
        sleep(Duration::from_millis(20));
    }
}

/// A value of one byte each, which cost their reader forty.
fn many_nils(count: u32) -> Vec<u8> {
    let mut payload = b"\x92\xa6result\x83\xa3run\x01\xa4text\xa0\xa5value\xdd".to_vec();
    payload.extend_from_slice(&count.to_be_bytes());
    payload.resize(payload.len() + count as usize, 0xc0);
    payload
}

/// The end of a run that was interrupted.
pub(crate) fn stopped(run: u64) -> Event {
    Event::Outcome(interrupted(run, StopReason::Request))
}

pub(crate) fn frame(event: &Event) -> Vec<u8> {
    let mut frame = Vec::new();
    encode(event, &mut frame).unwrap();
    frame
}

pub(crate) fn started(run: u64) -> Event {
    Event::Started(Started::new(run, 1))
}

pub(crate) fn console(run: u64, text: &str) -> Event {
    let mut console = Console::new(Method::Log, vec![text.into()], 0.0);
    console.run = Some(run);
    Event::Console(console)
}

/// Of a function that never answers.
pub(crate) fn call(call: u64, run: u64) -> Event {
    Event::HostCall(HostCall { call, run: Some(run), op: "fn.patient".into(), args: Vec::new() })
}

fn heavy_call(call: u64, run: u64, arg: Value) -> Event {
    Event::HostCall(HostCall { call, run: Some(run), op: "fn.patient".into(), args: vec![arg] })
}

pub(crate) fn result(run: u64) -> Event {
    let mut result = RunResult::new(run, "null");
    result.value = Some(Value::Null);
    Event::Result(result)
}

fn thrown(run: u64, origin: Origin) -> Event {
    Event::Exception(Uncaught::new(Some(run), origin, Exception::new(None, "?", "?")))
}

/// Of the chunk's own.
pub(crate) fn uncaught(run: u64) -> Event {
    thrown(run, Origin::Chunk)
}

pub(crate) fn reset_done(generation: u64) -> Event {
    Event::ResetDone(ResetDone { generation })
}

pub(crate) fn ended(run: u64) -> Event {
    Event::Outcome(interrupted(run, StopReason::Request))
}

fn interrupted(run: u64, reason: StopReason) -> Outcome {
    let end = Ended::Interrupted(StoppedBy { reason, stopped: Stopped::Await });
    Outcome::new(run, end)
}
