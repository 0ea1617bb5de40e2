//! A kernel that misbehaves on purpose. Its argument says how: `MODES` is the list, and [`lies`] what it may say that
//! is not so.
#![allow(clippy::unwrap_used, reason = "a peer whose own set-up fails has nothing better to do than to die")]

use std::{
    io::{self, Read},
    time::Duration,
};

mod compiled;
mod lies;
#[cfg(target_os = "linux")]
mod stops;

use drupe_protocol::{
    Event, FrameDecoder, REVISION, Request, Value, decode, encode,
    hello::{Channel, Engine, Greeting, Hello, Launch, Welcoming},
    host::HostCall,
    sandbox::SandboxLevel,
};
use drupe_transport::{End, Incoming, connect};

use lies::{Channels, EARLY, LIES, console, ended, frame, started, stopped};

type Mode = fn(Launch);

/// What it can do wrong.
const MODES: &[(&str, Mode)] = &[
    ("exits-at-once", |_| std::process::exit(7)),
    ("never-connects", |_| wait_for_ever()),
    ("never-says-hello", |launch| {
        let _ends = (connect(&launch.data).unwrap(), connect(&launch.control).unwrap());
        wait_for_ever()
    }),
    ("says-hello-only-once", |launch| {
        if launch.generation > 1 {
            wait_for_ever();
        }
        serve(&launch, |_, _| std::process::abort());
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
    ("promises-a-large-frame", |launch| {
        serve(&launch, |say, _| {
            // 100 MiB announced, ten bytes sent, then gone.
            say.bytes(&[0, 0, 0x40, 6, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
            std::process::exit(9)
        });
    }),
    ("dies-in-mid-frame", |launch| {
        serve(&launch, |say, run| {
            let frame = frame(&started(run));
            say.bytes(&frame[..frame.len() - 3]);
            std::process::abort()
        });
    }),
    ("stays-in-mid-frame", |launch| {
        let (Channels { mut data, control: _control }, _) = welcomed(&launch);
        data.sender.send(&[50, 0, 0, 0, 1]).unwrap();
        // Only the data channel is closed.
        drop(data);
        wait_for_ever()
    }),
    ("closes-its-data-channel", |launch| {
        let (Channels { data, control: _control }, _) = welcomed(&launch);
        drop(data);
        wait_for_ever()
    }),
    ("floods", |launch| {
        serve(&launch, |say, run| {
            say.event(&started(run));
            let event = frame(&console(run, &"x".repeat(60_000)));
            while say.data.sender.send(&event).is_ok() {}
        });
    }),
    ("floods-with-large-events", |launch| {
        serve(&launch, |say, run| {
            say.event(&started(run));
            let event = frame(&console(run, &"x".repeat(10_000_000)));
            while say.data.sender.send(&event).is_ok() {}
        });
    }),
    ("lies-about-its-sandbox", |launch| {
        let confined = |channel| Greeting::Hello(Hello { sandbox: SandboxLevel::Strict, ..hello(&launch, channel, REVISION) });
        for (name, channel) in [(&launch.data, Channel::Data), (&launch.control, Channel::Control)] {
            let mut frame = Vec::new();
            encode(&confined(channel), &mut frame).unwrap();
            let mut end = connect(name).unwrap();
            end.sender.send(&frame).unwrap();
            std::mem::forget(end);
        }
        wait_for_ever()
    }),
    ("never-answers", |launch| {
        serve(&launch, |say, run| {
            say.event(&started(run));
            wait_for_ever()
        });
    }),
    ("kills-itself", |launch| {
        serve(&launch, |say, run| {
            say.event(&started(run));
            say.event(&console(run, "last words"));
            eprintln!("about to go");
            std::process::abort()
        });
    }),
    ("floods-its-standard-error", |launch| {
        serve(&launch, |say, run| {
            say.event(&started(run));
            (0..200_000).for_each(|line| eprintln!("line {line} {}", "x".repeat(100)));
            eprintln!("the end");
            std::process::abort()
        });
    }),
    // The interrupt comes before the run has begun, and hits what the kernel does of its own.
    ("stops-work-of-its-own", |launch| {
        serve(&launch, |say, run| {
            say.interrupted(None, true);
            say.interrupted(Some(run), true);
            say.event(&started(run));
            say.event(&stopped(run));
        });
    }),
    // The interrupt comes before the run has begun, and its answer when the parent knows that it has.
    ("begins-after-an-interrupt", |launch| {
        serve(&launch, |say, run| {
            say.asked();
            say.event(&started(run));
            say.event(&console(run, "begun"));
            // The parent has read that.
            say.asked();
            say.answer_interrupt(None, false);
            say.interrupted(Some(run), true);
            say.event(&stopped(run));
        });
    }),
    ("talks-after-its-end", |launch| {
        serve(&launch, |say, run| {
            say.event(&started(run));
            say.event(&ended(run));
            say.event(&console(run, "late"));
        });
    }),
    ("is-of-the-future", |launch| {
        serve(&launch, |say, run| {
            say.event(&started(run));
            lies::of_the_future(say, run);
        });
    }),
    ("dies-when-it-is-asked", |launch| {
        serve(&launch, |_, _| std::process::abort());
    }),
    ("offers-compiled-code", |launch| {
        let file = std::env::args().nth(2).unwrap_or_default();
        serve(&launch, |say, run| {
            say.event(&started(run));
            compiled::offer(say, run, &file);
            say.event(&ended(run));
        });
    }),
    ("burns-its-time-in-silence", |launch| {
        serve(&launch, |say, run| {
            say.event(&started(run));
            loop {
                std::hint::spin_loop();
            }
        });
    }),
    ("reads-nothing", |launch| {
        let _channels = welcomed(&launch);
        wait_for_ever()
    }),
    ("asks-for-much-and-reads-nothing", |launch| {
        // What it asks for, and the words that go with that.
        let mut words = std::env::args().skip(2);
        let (op, args) = (words.next().unwrap(), words.map(Value::from).collect::<Vec<_>>());
        serve(&launch, |say, run| {
            say.event(&started(run));
            for call in 0..200 {
                say.event(&Event::HostCall(HostCall { call, run: Some(run), op: op.clone(), args: args.clone() }));
            }
            say.event(&console(run, "asked"));
            wait_for_ever()
        });
    }),
    #[cfg(target_os = "linux")]
    ("passes-descriptors", |launch| {
        serve(&launch, |say, run| {
            say.event(&started(run));
            pass_descriptors(&frame(&console(run, "with descriptors")));
            say.event(&ended(run));
        });
    }),
];

fn main() {
    let mode = std::env::args().nth(1).unwrap_or_default();
    #[cfg(target_os = "linux")]
    if mode == "stops" {
        let place = std::env::args().nth(2).unwrap_or_default();
        let sent = std::env::args().nth(3).unwrap_or_default();
        stops::stop_at(&place, &sent);
    }
    if let Some((_, misbehave)) = MODES.iter().find(|(name, _)| *name == mode) {
        return misbehave(read_launch());
    }
    let early = EARLY.iter().map(|lie| (false, lie));
    let Some((start, (_, lie))) = early.chain(LIES.iter().map(|lie| (true, lie))).find(|(_, (name, _))| *name == mode) else {
        panic!("no mode {mode:?}");
    };
    serve(&read_launch(), |say, run| {
        if start {
            say.event(&started(run));
        }
        lie(say, run);
    });
    // What closes its channels has ended, whatever it said.
    wait_for_ever()
}

fn read_launch() -> Launch {
    let mut decoder = FrameDecoder::new();
    loop {
        if let Some(payload) = decoder.next_frame().unwrap() {
            return decode(&payload).unwrap();
        }
        match io::stdin().read(decoder.spare()).unwrap() {
            0 => panic!("no launch"),
            count => decoder.advance(count),
        }
    }
}

fn hello(launch: &Launch, channel: Channel, revision: u32) -> Hello {
    Hello {
        revision,
        token: launch.token.clone(),
        channel,
        pid: std::process::id(),
        version: "0".into(),
        engine: Engine::default(),
        sandbox: SandboxLevel::Off,
        layers: Vec::new(),
    }
}

fn hello_frame(launch: &Launch, channel: Channel, revision: u32) -> Vec<u8> {
    let mut frame = Vec::new();
    encode(&Greeting::Hello(hello(launch, channel, revision)), &mut frame).unwrap();
    frame
}

fn greet(launch: &Launch, channel: Channel, revision: u32) -> End {
    let name = if channel == Channel::Data { &launch.data } else { &launch.control };
    let mut end = connect(name).unwrap();
    end.sender.send(&hello_frame(launch, channel, revision)).unwrap();
    end
}

/// Says a proper hello, waits for each run, and misbehaves.
fn serve(launch: &Launch, mut misbehave: impl FnMut(&mut Channels, u64)) {
    let (mut channels, mut run) = welcomed(launch);
    loop {
        misbehave(&mut channels, run);
        run = next_run(&mut channels.data);
    }
}

/// Says a proper hello; returns the first run, behind the welcome.
fn welcomed(launch: &Launch) -> (Channels, u64) {
    let mut data = greet(launch, Channel::Data, REVISION);
    let control = greet(launch, Channel::Control, REVISION);
    match data.receiver.wait(None).unwrap() {
        Incoming::Message(Welcoming::Welcome(_)) => {}
        other => panic!("not welcome: {other:?}"),
    }
    let run = next_run(&mut data);
    (Channels { data, control }, run)
}

fn next_run(data: &mut End) -> u64 {
    match data.receiver.wait::<Request>(None) {
        Ok(Incoming::Message(Request::Run(run))) => run.run,
        Ok(Incoming::Message(_)) => next_run(data),
        _ => std::process::exit(0),
    }
}

/// Sends `frame` on the data channel with this program's file, eight times, as ancillary data.
#[cfg(target_os = "linux")]
fn pass_descriptors(frame: &[u8]) {
    use std::{
        io::IoSlice,
        mem::MaybeUninit,
        os::fd::{AsFd, BorrowedFd},
    };

    use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
    let program = std::fs::File::open(std::env::current_exe().unwrap()).unwrap();
    let passed = [program.as_fd(); 8];
    for number in 3..32 {
        // SAFETY: a number that is no open descriptor is refused by the call, and this process closes none meanwhile.
        let socket = unsafe { BorrowedFd::borrow_raw(number) };
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(8))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        assert!(ancillary.push(SendAncillaryMessage::ScmRights(&passed)));
        if sendmsg(socket, &[IoSlice::new(frame)], &mut ancillary, SendFlags::empty()).is_ok() {
            // The first socket is the data channel.
            return;
        }
    }
    panic!("no descriptor is a socket");
}

fn wait_for_ever() -> ! {
    loop {
        std::thread::park_timeout(Duration::from_secs(3600));
    }
}
