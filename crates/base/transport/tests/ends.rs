//! The blocking end, over memory and over a real socket: the same in all respects.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::{
    sync::mpsc::{RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

use crate::peer::{Peer, frame};
use drupe_protocol::{FrameError, Value, frame::MAX_FRAME, value::TypedArrayKind};
use drupe_transport::{End, Incoming, ReceiveError};

/// For waits that are to end by an event: if it does not come, the test fails instead of hanging.
const LONG: Duration = Duration::from_secs(60);
/// How long to watch that something does not happen.
const WATCH: Duration = Duration::from_millis(100);

fn wait(end: &mut End) -> Incoming<Value> {
    end.receiver.wait(Some(Instant::now() + LONG)).unwrap()
}

fn past() -> Option<Instant> {
    Some(Instant::now())
}

fn message(number: u32) -> Incoming<Value> {
    Incoming::Message(Value::from(number))
}

fn messages_both_ways((mut end, mut peer): (End, impl Peer)) {
    for number in 0..3 {
        peer.send(&frame(&Value::from(number))).unwrap();
        assert_eq!(wait(&mut end), message(number));
        end.sender.send(&frame(&Value::from(number + 10))).unwrap();
        assert_eq!(peer.receive(), Some(Value::from(number + 10)));
    }
    // Several frames in one send, and one frame in several.
    let frames = [frame(&Value::from(1)), frame(&Value::from(2)), frame(&Value::from("three"))].concat();
    peer.send(&frames[..13]).unwrap();
    peer.send(&frames[13..]).unwrap();
    assert_eq!([wait(&mut end), wait(&mut end)], [message(1), message(2)]);
    assert_eq!(wait(&mut end), Incoming::Message(Value::from("three")));
    drop(end);
    assert_eq!(peer.receive(), None);
}

// threat E4
fn a_clean_close((mut end, mut peer): (End, impl Peer)) {
    peer.send(&frame(&Value::from(1))).unwrap();
    drop(peer);
    assert_eq!(wait(&mut end), message(1));
    assert_eq!(wait(&mut end), Incoming::Closed);
    assert_eq!(wait(&mut end), Incoming::Closed, "and every later wait says so again");
}

// threat E4
fn a_torn_close((mut end, mut peer): (End, impl Peer)) {
    let second = frame(&Value::from("half"));
    peer.send(&frame(&Value::from(1))).unwrap();
    peer.send(&second[..6]).unwrap();
    drop(peer);
    assert_eq!(wait(&mut end), message(1));
    let torn = end.receiver.wait::<Value>(None);
    assert!(matches!(torn, Err(ReceiveError::Frame(FrameError::Torn { missing })) if missing == second.len() - 6), "{torn:?}");
}

fn a_close_with_words_unread((mut end, mut peer): (End, impl Peer)) {
    peer.send(&frame(&Value::from(1))).unwrap();
    end.sender.send(&frame(&Value::from(2))).unwrap();
    drop(peer);
    assert_eq!(wait(&mut end), message(1));
    assert_eq!(wait(&mut end), Incoming::Closed);
}

fn nobody_to_send_to((mut end, peer): (End, impl Peer)) {
    drop(peer);
    let bytes = frame(&Value::from(vec![0; 1000]));
    let error = (0..10).find_map(|_| end.sender.send(&bytes).err()).unwrap();
    assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
}

// threat E1, E12
fn bytes_that_are_no_frames((mut end, mut peer): (End, impl Peer)) {
    peer.send(&u32::try_from(MAX_FRAME + 1).unwrap().to_le_bytes()).unwrap();
    let refused = end.receiver.wait::<Value>(None);
    assert!(
        matches!(refused, Err(ReceiveError::Frame(FrameError::TooLarge { length })) if length == MAX_FRAME + 1),
        "{refused:?}"
    );
}

// threat E12
fn frames_that_are_no_messages((mut end, mut peer): (End, impl Peer)) {
    peer.send(&[1, 0, 0, 0, 0xc1]).unwrap();
    assert!(matches!(end.receiver.wait::<Value>(None), Err(ReceiveError::Decode(_))));
}

fn wakes_are_remembered_as_one((mut end, mut peer): (End, impl Peer)) {
    (0..1000).for_each(|_| end.waker.wake());
    assert_eq!(wait(&mut end), Incoming::Woken);
    assert_eq!(end.receiver.wait::<Value>(past()).unwrap(), Incoming::Elapsed);
    // They took no room, and nothing of them is left to come later.
    peer.send(&frame(&Value::from(1))).unwrap();
    assert_eq!(wait(&mut end), message(1));
    assert_eq!(end.receiver.wait::<Value>(past()).unwrap(), Incoming::Elapsed);
}

fn a_wake_ends_a_blocked_wait((mut end, mut peer): (End, impl Peer)) {
    let waker = end.waker.clone();
    let (waits, is_waiting) = channel();
    let waiting = thread::spawn(move || {
        for _ in 0..100 {
            waits.send(()).unwrap();
            assert_eq!(wait(&mut end), Incoming::Woken);
        }
        assert_eq!(wait(&mut end), message(1));
    });
    for _ in 0..100 {
        is_waiting.recv().unwrap();
        waker.wake();
    }
    peer.send(&frame(&Value::from(1))).unwrap();
    waiting.join().unwrap();
}

fn a_wake_is_not_lost_among_messages((mut end, mut peer): (End, impl Peer)) {
    // As many as fit, and a wake-up for which there is no room any more.
    for number in 0..256 {
        peer.send(&frame(&Value::from(number))).unwrap();
    }
    end.waker.wake();
    let mut numbers = 0;
    let mut woken = 0;
    while numbers < 256 || woken < 1 {
        match wait(&mut end) {
            Incoming::Woken => woken += 1,
            other => {
                assert_eq!(other, message(numbers));
                numbers += 1;
            }
        }
    }
    assert_eq!((numbers, woken), (256, 1));
    assert_eq!(end.receiver.wait::<Value>(past()).unwrap(), Incoming::Elapsed);
}

fn without_a_waker_nothing_wakes((end, mut peer): (End, impl Peer)) {
    let End { sender: _sender, mut receiver, waker } = end;
    drop(waker);
    assert_eq!(receiver.wait::<Value>(past()).unwrap(), Incoming::Elapsed);
    peer.send(&frame(&Value::from(1))).unwrap();
    assert_eq!(receiver.wait(None).unwrap(), message(1));
}

fn a_deadline_ends_a_wait((mut end, mut peer): (End, impl Peer)) {
    let start = Instant::now();
    let elapsed = end.receiver.wait::<Value>(Some(start + Duration::from_millis(20))).unwrap();
    assert_eq!(elapsed, Incoming::Elapsed);
    assert!(start.elapsed() >= Duration::from_millis(20), "not early");
    // Half a message does not hold it up.
    let bytes = frame(&Value::from("text"));
    peer.send(&bytes[..5]).unwrap();
    assert_eq!(end.receiver.wait::<Value>(past()).unwrap(), Incoming::Elapsed);
    peer.send(&[&bytes[5..], &bytes].concat()).unwrap();
    assert_eq!(wait(&mut end), Incoming::Message(Value::from("text")));
    // One that has passed takes what is there.
    assert_eq!(end.receiver.wait(past()).unwrap(), Incoming::Message(Value::from("text")));
    assert_eq!(end.receiver.wait::<Value>(past()).unwrap(), Incoming::Elapsed);
}

// threat D2
fn a_slow_reader_slows_its_writer((mut end, mut peer): (End, impl Peer)) {
    let text = Value::from("x".repeat(16 << 10));
    let bytes = frame(&text);
    let (sent, is_sent) = channel();
    let writing = thread::spawn(move || {
        // All of it, so that the connection closes with this thread.
        let end = &mut end;
        (0..1000).for_each(|_| end.sender.send(&bytes).unwrap());
        sent.send(()).unwrap();
    });
    assert_eq!(is_sent.recv_timeout(WATCH), Err(RecvTimeoutError::Timeout), "16 MB went to nobody");
    for _ in 0..1000 {
        assert!(peer.receive().as_ref() == Some(&text));
    }
    is_sent.recv_timeout(LONG).unwrap();
    writing.join().unwrap();
    assert_eq!(peer.receive(), None);
}

/// As many sends as fit before anybody reads, then the end.
fn an_end_is_not_lost_among_messages((mut end, mut peer): (End, impl Peer)) {
    for number in 0..256 {
        end.sender.send(&frame(&Value::from(number))).unwrap();
    }
    drop(end);
    for number in 0..256 {
        assert_eq!(peer.receive(), Some(Value::from(number)));
    }
    assert_eq!(peer.receive(), None);
}

fn a_big_frame((mut end, mut peer): (End, impl Peer)) {
    let bytes: Vec<_> = (0..64 << 20).map(|index: u32| index.to_le_bytes()[1]).collect();
    let value = Value::TypedArray(TypedArrayKind::Uint8, bytes.into());
    let bytes = frame(&value);
    let echoing = thread::spawn(move || {
        let value = peer.receive().unwrap();
        peer.send(&frame(&value)).unwrap();
    });
    end.sender.send(&bytes).unwrap();
    let back = wait(&mut end);
    assert!(back == Incoming::Message(value));
    echoing.join().unwrap();
}

macro_rules! over {
    ($($transport:ident: $pair:path;)*) => { $(mod $transport { over!(@tests $pair:
        messages_both_ways a_clean_close a_torn_close a_close_with_words_unread nobody_to_send_to bytes_that_are_no_frames
        frames_that_are_no_messages wakes_are_remembered_as_one a_wake_ends_a_blocked_wait a_wake_is_not_lost_among_messages
        without_a_waker_nothing_wakes a_deadline_ends_a_wait a_slow_reader_slows_its_writer an_end_is_not_lost_among_messages
        a_big_frame
    ); })* };
    (@tests $pair:path: $($test:ident)*) => { $(#[test] fn $test() { super::$test($pair()); })* };
}
over! {
    memory: crate::peer::memory_pair;
    socket: crate::peer::socket_pair;
}
