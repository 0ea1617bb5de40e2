//! Stops dead, by `SIGSTOP`, at a place of the protocol: before it has greeted, or in the midst of a frame. Whoever is
//! stopped may be killed at leisure.

use drupe_protocol::{
    Control, Event, Reply, encode,
    event::InterruptReply,
    hello::{Channel, Launch},
    host::{HostCancel, HostNext},
    introspection::StatusReply,
};
use drupe_transport::{End, Incoming, connect};
use rustix::process::{Signal, getpid, kill_process};

use crate::{
    REVISION, greet, hello_frame,
    lies::{self, Channels},
    read_launch, wait_for_ever, welcomed,
};

/// Goes to `place`, and stops there; where that is a frame, when `sent` of its bytes are sent: `one`, its `prefix`,
/// `half`, or `most`.
pub(crate) fn stop_at(place: &str, sent: &str) -> ! {
    if place == "before-it-reads" {
        stop();
    }
    let launch = read_launch();
    match place {
        "before-it-connects" => stop(),
        "with-one-channel" => {
            let _data = connect(&launch.data).unwrap();
            stop()
        }
        "with-both-channels" => {
            let _ends = (connect(&launch.data).unwrap(), connect(&launch.control).unwrap());
            stop()
        }
        "in-its-hello" => {
            let mut data = connect(&launch.data).unwrap();
            send_part(&mut data, &hello_frame(&launch, Channel::Data, REVISION), sent)
        }
        "after-one-hello" => {
            let _data = greet(&launch, Channel::Data, REVISION);
            stop()
        }
        "in-its-other-hello" => {
            let _data = greet(&launch, Channel::Data, REVISION);
            let mut control = connect(&launch.control).unwrap();
            send_part(&mut control, &hello_frame(&launch, Channel::Control, REVISION), sent)
        }
        "before-its-welcome" => {
            let _ends = (greet(&launch, Channel::Data, REVISION), greet(&launch, Channel::Control, REVISION));
            stop()
        }
        _ => in_a_run(&launch, place, sent),
    }
}

fn in_a_run(launch: &Launch, place: &str, sent: &str) -> ! {
    let (mut say, run) = welcomed(launch);
    if place != "started" {
        say.event(&lies::started(run));
    }
    match place {
        "in-the-run" => stop(),
        "started" => in_event(&mut say, &lies::started(run), sent),
        "console" => in_event(&mut say, &lies::console(run, "half of this"), sent),
        "result" => in_event(&mut say, &lies::result(run), sent),
        "exception" => in_event(&mut say, &lies::uncaught(run), sent),
        "outcome" => in_event(&mut say, &lies::ended(run), sent),
        "host_call" => in_event(&mut say, &lies::call(1, run), sent),
        "host_next" => {
            say.event(&lies::call(1, run));
            in_event(&mut say, &Event::HostNext(HostNext { call: 1 }), sent)
        }
        "host_cancel" => {
            say.event(&lies::call(1, run));
            in_event(&mut say, &Event::HostCancel(HostCancel { call: 1 }), sent)
        }
        "reset_done" => {
            // Asked for by whoever wants a reset.
            asked(&mut say);
            in_event(&mut say, &lies::reset_done(2), sent)
        }
        "interrupt_reply" | "status_reply" => {
            let reply = asked(&mut say);
            let mut frame = Vec::new();
            encode(&reply, &mut frame).unwrap();
            send_part(&mut say.control, &frame, sent)
        }
        other => panic!("no place {other:?}"),
    }
}

/// Waits for a question on the control channel; what would answer it.
fn asked(say: &mut Channels) -> Reply {
    match say.control.receiver.wait::<Control>(None).unwrap() {
        Incoming::Message(Control::Interrupt(asked)) => {
            Reply::Interrupt(InterruptReply { run: asked.run, found: true, active: None, queued: false })
        }
        Incoming::Message(Control::Status(asked)) => Reply::Status(StatusReply { id: asked.id, ..StatusReply::default() }),
        other => panic!("not asked: {other:?}"),
    }
}

fn in_event(say: &mut Channels, event: &Event, sent: &str) -> ! {
    send_part(&mut say.data, &lies::frame(event), sent)
}

fn send_part(end: &mut End, frame: &[u8], sent: &str) -> ! {
    let count = match sent {
        "one" => 1,
        "prefix" => 4,
        "half" => 4 + (frame.len() - 4) / 2,
        "most" => frame.len() - 1,
        other => panic!("no part {other:?}"),
    };
    end.sender.send(&frame[..count]).unwrap();
    stop()
}

fn stop() -> ! {
    // A process that cannot stop itself does not exist.
    let _ = kill_process(getpid(), Signal::STOP);
    wait_for_ever()
}
