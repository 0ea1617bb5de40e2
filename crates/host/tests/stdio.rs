//! Standard input as the service `stdio` reads it.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::{
    fs::File,
    future::poll_fn,
    io::{Read, Seek, Write, pipe},
    os::fd::OwnedFd,
    pin::pin,
    task::Poll,
};

use drupe_host::{Answer, Call, Host, HostError, Session, Stdio};
use drupe_protocol::Value;

async fn call(host: &Host, session: &Session, op: &str, args: Vec<Value>) -> Result<Value, HostError> {
    let call = Call { op: format!("stdio.{op}"), args, session: session.clone(), ..Call::default() };
    match host.call(call).await? {
        Answer::Value(value) => Ok(value),
        Answer::Stream(_) => panic!("a stream"),
    }
}

fn bytes(value: Value) -> Vec<u8> {
    let Value::TypedArray(_, bytes) = value else { panic!("{value:?}") };
    bytes
}

fn reading(length: f64, waits: bool) -> Vec<Value> {
    vec![length.into(), Value::Null, waits.into()]
}

/// Whether a call is not answered however often it is asked. Then it is given up.
async fn waits(call: impl Future) -> bool {
    let mut call = pin!(call);
    for _ in 0..10 {
        if poll_fn(|context| Poll::Ready(call.as_mut().poll(context).is_ready())).await {
            return false;
        }
        tokio::task::yield_now().await;
    }
    true
}

// threat K11
#[tokio::test]
async fn standard_input_is_read_in_bounded_pieces_and_waiting_takes_nothing() {
    let (source, mut writer) = pipe().unwrap();
    let mut ours = source.try_clone().unwrap();
    let (host, session) = (Host::new().stdio(&Stdio::input(OwnedFd::from(source))), Session::default());
    assert_eq!(call(&host, &session, "read", reading(10.0, false)).await.unwrap(), Value::Null, "nothing is there yet");
    // Waits that are given up, one after another.
    for _ in 0..3 {
        assert!(waits(call(&host, &session, "ready", Vec::new())).await);
        assert!(waits(call(&host, &session, "read", reading(10.0, true))).await);
    }
    writer.write_all(b"first second").unwrap();
    call(&host, &session, "ready", Vec::new()).await.unwrap();
    let mut six = [0; 6];
    ours.read_exact(&mut six).unwrap();
    assert_eq!(&six, b"first ", "waiting has taken nothing");
    // A length beyond all bounds, and such as no number is.
    for length in [1e300, 6.0, f64::NAN, -1.0, 0.5] {
        let read = bytes(call(&host, &session, "read", reading(length, false)).await.unwrap_or_else(|error| panic!("{error:?}")));
        assert!(read.is_empty() || read == b"second", "{length}: {read:?}");
        if !read.is_empty() {
            writer.write_all(b"second").unwrap();
        }
    }
    drop(writer);
    while !bytes(call(&host, &session, "read", reading(4.0, true)).await.unwrap()).is_empty() {}
    call(&host, &session, "ready", Vec::new()).await.unwrap();
}

#[tokio::test]
async fn a_file_is_read_where_it_stands_and_at_positions() {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"0123456789").unwrap();
    file.rewind().unwrap();
    let given: File = file.try_clone().unwrap();
    let (host, session) = (Host::new().stdio(&Stdio::input(given)), Session::default());
    let read = |length: f64, position: Value| call(&host, &session, "read", vec![length.into(), position, true.into()]);
    assert_eq!(bytes(read(3.0, Value::Null).await.unwrap()), b"012");
    assert_eq!(bytes(read(3.0, 7.0.into()).await.unwrap()), b"789");
    assert_eq!(bytes(read(3.0, Value::Null).await.unwrap()), b"345");
    let mut rest = String::new();
    file.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "6789", "whoever has the file, too, goes on behind what was read");
    // It is no terminal, and the outputs were not given.
    assert_eq!(call(&host, &session, "raw", vec![true.into()]).await.unwrap_err().code.as_deref(), Some("ENOTTY"));
    for (number, kind) in [(0.0, "file"), (1.0, "none"), (-1.0, "none"), (1e300, "none"), (f64::NAN, "none")] {
        let said = call(&host, &session, "describe", vec![number.into()]).await.unwrap();
        assert_eq!(said.get("kind").and_then(Value::as_str), Some(kind), "{number}");
    }
    assert_eq!(call(&host, &session, "fstat", vec![1.0.into()]).await.unwrap_err().code.as_deref(), Some("EBADF"));
}

#[tokio::test]
async fn what_is_not_given_cannot_be_read() {
    let session = Session::default();
    for host in [Host::new(), Host::new().stdio(&Stdio::without("not here"))] {
        for op in ["read", "ready", "raw", "fstat"] {
            let error = call(&host, &session, op, vec![0.0.into()]).await.unwrap_err();
            assert_eq!(error.code.as_deref(), Some("ERR_NO_STDIN"), "{op}");
        }
    }
}
