//! A kernel that misbehaves on purpose. Its argument says how; `MODES` is the list.
#![allow(clippy::unwrap_used, reason = "a peer whose own set-up fails has nothing better to do than to die")]

use std::{
    io::{self, Read},
    time::Duration,
};

use drupe_protocol::{
    Event, FrameDecoder, REVISION, Request, decode, encode,
    event::{Console, End as Ended, Method, Outcome, Started, State, Stopped, StoppedBy},
    hello::{Channel, Greeting, Hello, Launch, Welcoming},
    request::StopReason,
};
use drupe_transport::{End, Incoming, connect};

type Mode = fn(Launch);

/// What it can do wrong.
const MODES: &[(&str, Mode)] = &[
    ("exits-at-once", |_| std::process::exit(7)),
    ("never-connects", |_| wait_for_ever()),
    ("never-says-hello", |launch| {
        let _ends = (connect(&launch.data).unwrap(), connect(&launch.control).unwrap());
        wait_for_ever()
    }),
    ("says-half-a-hello", |launch| {
        let mut data = connect(&launch.data).unwrap();
        let frame = hello_frame(&launch, Channel::Data, REVISION);
        data.sender.send(&frame[..frame.len() / 2]).unwrap();
    }),
    ("has-the-wrong-token", |launch| {
        let stranger = Launch { token: vec![0; 32], ..launch };
        let _ends = (greet(&stranger, Channel::Data, REVISION), greet(&stranger, Channel::Control, REVISION));
        wait_for_ever()
    }),
    ("speaks-another-revision", |launch| {
        let mut data = greet(&launch, Channel::Data, REVISION + 41);
        let _control = greet(&launch, Channel::Control, REVISION + 41);
        match data.receiver.wait::<Welcoming>(None).unwrap() {
            Incoming::Message(Welcoming::Refused(refused)) => eprintln!("refused: {}", refused.reason),
            other => eprintln!("not refused: {other:?}"),
        }
        wait_for_ever()
    }),
    ("lies-about-a-length", |launch| {
        serve(&launch, |data, _| {
            data.sender.send(&[0xff, 0xff, 0xff, 0x7f]).unwrap();
            wait_for_ever()
        });
    }),
    ("promises-a-large-frame", |launch| {
        serve(&launch, |data, _| {
            // 100 MiB announced, ten bytes sent, then gone.
            data.sender.send(&[0, 0, 0x40, 6, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]).unwrap();
            std::process::exit(9)
        });
    }),
    ("dies-in-mid-frame", |launch| {
        serve(&launch, |data, run| {
            let frame = frame(&Event::Started(Started { run, generation: 1 }));
            data.sender.send(&frame[..frame.len() - 3]).unwrap();
            std::process::abort()
        });
    }),
    ("stays-in-mid-frame", |launch| {
        let mut data = greet(&launch, Channel::Data, REVISION);
        let _control = greet(&launch, Channel::Control, REVISION);
        first_run(&mut data);
        data.sender.send(&[50, 0, 0, 0, 1]).unwrap();
        // Only the data channel is closed.
        drop(data);
        wait_for_ever()
    }),
    ("talks-nonsense", |launch| {
        serve(&launch, |data, _| {
            data.sender.send(&[5, 0, 0, 0, 0xc1, 0xc1, 0xc1, 0xc1, 0xc1]).unwrap();
            wait_for_ever()
        });
    }),
    ("talks-of-runs-that-are-not", |launch| {
        serve(&launch, |data, run| {
            for stranger in [0, run + 1, u64::MAX] {
                data.sender.send(&frame(&Event::Started(Started { run: stranger, generation: 1 }))).unwrap();
                data.sender.send(&frame(&Event::Outcome(outcome(stranger)))).unwrap();
            }
            data.sender.send(&frame(&Event::Started(Started { run, generation: 1 }))).unwrap();
            data.sender.send(&frame(&Event::Outcome(outcome(run)))).unwrap();
            data.sender.send(&frame(&Event::Outcome(outcome(run)))).unwrap();
        });
    }),
    ("floods", |launch| {
        serve(&launch, |data, run| {
            let event = frame(&console(run, &"x".repeat(60_000)));
            while data.sender.send(&event).is_ok() {}
        });
    }),
    ("never-answers", |launch| {
        let mut data = greet(&launch, Channel::Data, REVISION);
        let _control = greet(&launch, Channel::Control, REVISION);
        let run = first_run(&mut data);
        data.sender.send(&frame(&Event::Started(Started { run, generation: 1 }))).unwrap();
        wait_for_ever()
    }),
    ("kills-itself", |launch| {
        serve(&launch, |data, run| {
            data.sender.send(&frame(&Event::Started(Started { run, generation: 1 }))).unwrap();
            data.sender.send(&frame(&console(run, "last words"))).unwrap();
            eprintln!("about to go");
            std::process::abort()
        });
    }),
];

fn main() {
    let mode = std::env::args().nth(1).unwrap_or_default();
    let Some((_, misbehave)) = MODES.iter().find(|(name, _)| *name == mode) else {
        panic!("no mode {mode:?}; there are {:?}", MODES.iter().map(|(name, _)| name).collect::<Vec<_>>());
    };
    misbehave(read_launch());
}

fn read_launch() -> Launch {
    let mut decoder = FrameDecoder::new();
    loop {
        if let Some(payload) = decoder.next_frame().unwrap() {
            return decode(payload).unwrap();
        }
        match io::stdin().read(decoder.spare()).unwrap() {
            0 => panic!("no launch"),
            count => decoder.advance(count),
        }
    }
}

fn hello_frame(launch: &Launch, channel: Channel, revision: u32) -> Vec<u8> {
    let hello = Hello {
        revision,
        token: launch.token.clone(),
        channel,
        pid: std::process::id(),
        version: "0".into(),
        v8: "0".into(),
        sandbox: "off".into(),
    };
    let mut frame = Vec::new();
    encode(&Greeting::Hello(hello), &mut frame).unwrap();
    frame
}

fn greet(launch: &Launch, channel: Channel, revision: u32) -> End {
    let name = if channel == Channel::Data { &launch.data } else { &launch.control };
    let mut end = connect(name).unwrap();
    end.sender.send(&hello_frame(launch, channel, revision)).unwrap();
    end
}

/// Says a proper hello, waits for each run, and misbehaves.
fn serve(launch: &Launch, mut misbehave: impl FnMut(&mut End, u64)) {
    let mut data = greet(launch, Channel::Data, REVISION);
    let _control = greet(launch, Channel::Control, REVISION);
    let mut run = first_run(&mut data);
    loop {
        misbehave(&mut data, run);
        run = next_run(&mut data);
    }
}

/// The first run, behind the welcome.
fn first_run(data: &mut End) -> u64 {
    match data.receiver.wait(None).unwrap() {
        Incoming::Message(Welcoming::Welcome(_)) => next_run(data),
        other => panic!("not welcome: {other:?}"),
    }
}

fn next_run(data: &mut End) -> u64 {
    match data.receiver.wait::<Request>(None) {
        Ok(Incoming::Message(Request::Run(run))) => run.run,
        _ => std::process::exit(0),
    }
}

fn frame(event: &Event) -> Vec<u8> {
    let mut frame = Vec::new();
    encode(event, &mut frame).unwrap();
    frame
}

fn console(run: u64, text: &str) -> Event {
    let args = vec![text.into()];
    Event::Console(Console {
        run: Some(run),
        method: Method::Log,
        depth: 0,
        args,
        handles: Vec::new(),
        text: None,
        at: None,
        time: 0.0,
    })
}

fn outcome(run: u64) -> Outcome {
    let end = Ended::Interrupted(StoppedBy { reason: StopReason::Request, stopped: Stopped::Await });
    Outcome { run, end, state: State::Kept, dropped_jobs: false, wall_us: 0, cpu_us: 0 }
}

fn wait_for_ever() -> ! {
    loop {
        std::thread::park_timeout(Duration::from_secs(3600));
    }
}
