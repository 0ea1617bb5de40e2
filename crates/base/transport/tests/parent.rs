//! The parent's asynchronous side, against the kernel's blocking one over a real socket.

#![cfg(feature = "tokio")]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::{
    io::ErrorKind,
    sync::mpsc,
    thread::{self, JoinHandle},
    time::Duration,
};

use drupe_protocol::{FrameError, Value, encode, value::TypedArrayKind};
use drupe_transport::{
    End, Incoming, ReceiveError, connect, memory,
    parent::{FrameReader, FrameWriter, Listener},
};
use tokio::task::yield_now;

/// If an event does not come, the test fails instead of hanging.
const LONG: Duration = Duration::from_secs(60);

fn frame(message: &Value) -> Vec<u8> {
    let mut frame = Vec::new();
    encode(message, &mut frame).unwrap();
    frame
}

/// A connection whose other side does `kernel` on a thread of its own.
async fn with<T: Send + 'static>(kernel: impl FnOnce(End) -> T + Send + 'static) -> (FrameReader, FrameWriter, JoinHandle<T>) {
    let listener = Listener::bind().unwrap();
    let name = listener.name().to_owned();
    let kernel = thread::spawn(move || kernel(connect(&name).unwrap()));
    let (reader, writer) = listener.accept().await.unwrap();
    (reader, writer, kernel)
}

/// Sends back what comes, until the parent closes.
fn echo(mut end: End) {
    loop {
        match end.receiver.wait::<Value>(None).unwrap() {
            Incoming::Message(value) => end.sender.send(&frame(&value)).unwrap(),
            Incoming::Closed => return,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn messages_both_ways() {
    let (mut reader, mut writer, kernel) = with(echo).await;
    for number in 0..3 {
        writer.queue(&Value::from(number)).unwrap();
        writer.queue(&Value::from("again")).unwrap();
        assert!(writer.is_pending());
        writer.flush().await.unwrap();
        assert!(!writer.is_pending());
        assert_eq!(reader.receive().await.unwrap(), Some(Value::from(number)));
        assert_eq!(reader.receive().await.unwrap(), Some(Value::from("again")));
    }
    assert_eq!(reader.buffered::<Value>().unwrap(), None);
    // Both halves hold the connection.
    drop(writer);
    assert!(!kernel.is_finished());
    drop(reader);
    kernel.join().unwrap();
}

#[tokio::test]
async fn what_has_arrived_whole_need_not_be_awaited() {
    let three = [frame(&Value::from(1)), frame(&Value::from(2)), frame(&Value::from(3))].concat();
    let (mut reader, _writer, kernel) = with(move |mut end| end.sender.send(&three[..three.len() - 1])).await;
    assert_eq!(reader.receive().await.unwrap(), Some(Value::from(1)));
    assert_eq!(reader.buffered().unwrap(), Some(Value::from(2)));
    assert_eq!(reader.buffered::<Value>().unwrap(), None);
    kernel.join().unwrap().unwrap();
}

#[tokio::test]
async fn a_frame_may_be_given_any_time() {
    for long in [Duration::MAX, Duration::from_secs(u64::MAX), Duration::from_secs(u64::MAX / 4)] {
        let whole = frame(&Value::from("whole"));
        let (mut reader, mut writer, kernel) = with(move |mut end| {
            end.sender.send(&whole[..5]).unwrap();
            // Until the parent waits for the rest.
            assert!(matches!(end.receiver.wait::<Value>(None).unwrap(), Incoming::Message(_)));
            end.sender.send(&whole[5..]).unwrap();
        })
        .await;
        reader.set_timeout(long);
        while !reader.is_in_frame() {
            tokio::select! {
                biased;
                received = reader.receive::<Value>() => panic!("{received:?}"),
                () = yield_now() => {}
            }
        }
        writer.queue(&Value::from("go on")).unwrap();
        writer.flush().await.unwrap();
        assert_eq!(reader.receive().await.unwrap(), Some(Value::from("whole")), "{long:?}");
        kernel.join().unwrap();
    }
}

// threat E4
#[tokio::test]
async fn a_clean_close_and_a_torn_one() {
    let (mut reader, _writer, _) = with(|mut end| end.sender.send(&frame(&Value::from(1))).unwrap()).await;
    assert_eq!(reader.receive().await.unwrap(), Some(Value::from(1)));
    assert_eq!(reader.receive::<Value>().await.unwrap(), None);
    assert_eq!(reader.receive::<Value>().await.unwrap(), None);

    let (mut reader, _writer, _) = with(|mut end| end.sender.send(&[9, 0, 0, 0, 1]).unwrap()).await;
    let torn = reader.receive::<Value>().await;
    assert!(matches!(torn, Err(ReceiveError::Frame(FrameError::Torn { missing: 8 }))), "{torn:?}");
}

// threat E4
#[tokio::test]
async fn a_kernel_that_dies_with_words_unread_is_no_failure_of_the_socket() {
    let (go, gone) = mpsc::channel();
    let (mut reader, mut writer, kernel) = with(move |mut end| {
        end.sender.send(&frame(&Value::from(1))).unwrap();
        end.sender.send(&[9, 0]).unwrap();
        gone.recv().unwrap();
    })
    .await;
    writer.queue(&Value::from("unread")).unwrap();
    writer.flush().await.unwrap();
    go.send(()).unwrap();
    kernel.join().unwrap();
    assert_eq!(reader.receive().await.unwrap(), Some(Value::from(1)));
    let torn = reader.receive::<Value>().await;
    assert!(matches!(torn, Err(ReceiveError::Frame(FrameError::Torn { missing: 2 }))), "{torn:?}");
    // And writing to it is an error, not a signal.
    let broken = loop {
        writer.queue(&Value::from("more")).unwrap();
        if let Err(error) = writer.flush().await {
            break error.kind();
        }
    };
    assert!(matches!(broken, ErrorKind::BrokenPipe | ErrorKind::ConnectionReset), "{broken}");
}

// threat E1
#[tokio::test]
async fn a_lie_about_a_length() {
    let (mut reader, _writer, kernel) = with(|mut end| end.sender.send(&[0xff; 8]).map(|()| end)).await;
    let refused = reader.receive::<Value>().await;
    assert!(matches!(refused, Err(ReceiveError::Frame(FrameError::TooLarge { length })) if length == u32::MAX as usize));
    kernel.join().unwrap().unwrap();
}

#[tokio::test]
async fn one_peer_and_no_other() {
    let listener = Listener::bind().unwrap();
    let name = listener.name().to_owned();
    let mut first = connect(&name).unwrap();
    // One that came before the door was shut, but too late: it is not let in.
    let mut second = connect(&name).unwrap();
    let (mut reader, _writer) = listener.accept().await.unwrap();
    assert!(connect(&name).is_err(), "the door is shut");
    first.sender.send(&frame(&Value::from("first"))).unwrap();
    assert_eq!(reader.receive().await.unwrap(), Some(Value::from("first")));
    let turned_away = tokio::task::spawn_blocking(move || second.receiver.wait::<Value>(None)).await.unwrap();
    assert!(matches!(turned_away, Ok(Incoming::Closed)), "{turned_away:?}");
}

#[tokio::test]
async fn a_listener_that_is_dropped_is_gone() {
    let listener = Listener::bind().unwrap();
    let name = listener.name().to_owned();
    assert_eq!(format!("{listener:?}"), "Listener { .. }", "the name is a secret");
    drop(listener);
    assert!(connect(&name).is_err());
}

/// Every wait is dropped as often as can be, in the middle of frames too.
#[tokio::test]
async fn receiving_can_be_cancelled() {
    let (go, next) = mpsc::channel();
    let (mut reader, _writer, kernel) = with(move |mut end| {
        let bytes: Vec<u8> = (0..20_u8).flat_map(|number| frame(&Value::from(vec![number; 3]))).collect();
        for byte in &bytes {
            end.sender.send(std::slice::from_ref(byte)).unwrap();
            next.recv().unwrap();
        }
    })
    .await;
    let mut cancelled = 0;
    for number in 0..20_u8 {
        let message = loop {
            tokio::select! {
                biased;
                message = reader.receive::<Value>() => break message.unwrap(),
                () = yield_now() => cancelled += 1,
            }
            let _ = go.send(());
        };
        assert_eq!(message, Some(Value::from(vec![number; 3])));
    }
    assert!(cancelled >= 20, "{cancelled}");
    let _ = go.send(());
    kernel.join().unwrap();
}

#[tokio::test]
async fn flushing_can_be_cancelled() {
    let (go, begin) = mpsc::channel();
    let (_reader, mut writer, kernel) = with(move |mut end| {
        begin.recv().unwrap();
        (0..200)
            .map(|_| match end.receiver.wait::<Value>(None).unwrap() {
                Incoming::Message(value) => value,
                other => panic!("{other:?}"),
            })
            .collect::<Vec<_>>()
    })
    .await;
    let message = |number: u32| Value::from(vec![Value::from(number), Value::from("x".repeat(50_000))]);
    let mut cancelled = 0;
    for number in 0..200 {
        writer.queue(&message(number)).unwrap();
        // A flush that is dropped at once; more is queued behind what it left.
        tokio::select! {
            biased;
            done = writer.flush() => done.unwrap(),
            () = yield_now() => cancelled += 1,
        }
        if number == 100 {
            assert!(cancelled > 0, "5 MB went to nobody");
            assert!(writer.is_pending());
            go.send(()).unwrap();
        }
    }
    writer.flush().await.unwrap();
    let received = tokio::task::spawn_blocking(|| kernel.join().unwrap()).await.unwrap();
    for (number, value) in (0..).zip(received) {
        assert!(value == message(number), "message {number}");
    }
}

// threat D2
#[tokio::test]
async fn a_kernel_that_does_not_read_holds_a_flush_up() {
    let (go, begin) = mpsc::channel();
    let (_reader, mut writer, kernel) = with(move |mut end| {
        begin.recv().unwrap();
        matches!(end.receiver.wait::<Value>(None).unwrap(), Incoming::Message(_))
    })
    .await;
    writer.queue(&Value::ArrayBuffer(vec![7; 16 << 20].into())).unwrap();
    let held_up = tokio::time::timeout(Duration::from_millis(100), writer.flush()).await;
    assert!(held_up.is_err() && writer.is_pending());
    go.send(()).unwrap();
    tokio::time::timeout(LONG, writer.flush()).await.unwrap().unwrap();
    assert!(kernel.join().unwrap());
}

#[tokio::test]
async fn a_big_frame() {
    let (mut reader, mut writer, kernel) = with(echo).await;
    let value = Value::TypedArray(
        TypedArrayKind::Uint8,
        (0..64 << 20).map(|index: u32| index.to_le_bytes()[1]).collect::<Vec<_>>().into(),
    );
    writer.queue(&value).unwrap();
    writer.flush().await.unwrap();
    let back = reader.receive::<Value>().await.unwrap().unwrap();
    assert!(back == value);
    drop((reader, writer));
    kernel.join().unwrap();
}

#[tokio::test]
async fn a_message_that_cannot_be_sent_leaves_the_queue_alone() {
    let (mut reader, mut writer, kernel) = with(echo).await;
    writer.queue(&Value::from(1)).unwrap();
    assert!(writer.queue(&Value::Hole).is_err());
    writer.queue(&Value::from(2)).unwrap();
    writer.flush().await.unwrap();
    assert_eq!(reader.receive().await.unwrap(), Some(Value::from(1)));
    assert_eq!(reader.receive().await.unwrap(), Some(Value::from(2)));
    drop((reader, writer));
    kernel.join().unwrap();
}

/// Without a socket the queues are short: both sides wait for room, and both learn the end.
#[tokio::test]
async fn memory_pair() {
    const COUNT: i32 = 2_000;
    let ((mut reader, mut writer), end) = memory::parent_pair();
    let kernel = thread::spawn(move || echo(end));
    let writing = async {
        for number in 0..COUNT {
            writer.queue(&Value::from(number)).unwrap();
            writer.flush().await.unwrap();
        }
        drop(writer);
    };
    let reading = async {
        let mut read = 0;
        while let Some(value) = reader.receive::<Value>().await.unwrap() {
            assert_eq!(value, Value::from(read));
            read += 1;
        }
        read
    };
    let ((), read) = tokio::time::timeout(LONG, async { tokio::join!(writing, reading) }).await.unwrap();
    assert_eq!(read, COUNT);
    kernel.join().unwrap();
}

/// No bytes are no end: who flushes what another has flushed already has nothing to send.
#[tokio::test]
async fn sending_nothing_is_not_an_end() {
    let ((mut reader, _writer), mut end) = memory::parent_pair();
    let kernel = thread::spawn(move || {
        end.sender.send(&[]).unwrap();
        assert_eq!(end.sender.send_what_fits(&[]).unwrap(), 0);
        end.sender.send(&frame(&Value::from("more"))).unwrap();
    });
    assert_eq!(reader.receive().await.unwrap(), Some(Value::from("more")));
    assert_eq!(reader.receive::<Value>().await.unwrap(), None);
    kernel.join().unwrap();
}
