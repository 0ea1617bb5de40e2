//! Standard input as the service `stdio` reads it.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::{
    ffi::CStr,
    fs::File,
    future::poll_fn,
    io::{Read, Seek, Write, pipe},
    os::fd::{AsRawFd, OwnedFd},
    pin::pin,
    task::Poll,
};

use drupe_host::{Answer, Call, Host, HostError, Session, Stdio};
use drupe_protocol::Value;

async fn call(host: &Host, session: &Session, op: &str, args: Vec<Value>) -> Result<Value, HostError> {
    let mut call = Call::new(format!("stdio.{op}"), args);
    call.session = session.clone();
    match host.call(call).await? {
        Answer::Value(value) => Ok(value),
        Answer::Stream(_) => panic!("a stream"),
    }
}

fn bytes(value: Value) -> Vec<u8> {
    let Value::TypedArray(_, bytes) = value else { panic!("{value:?}") };
    bytes.into()
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

fn named_pipe(folder: &std::path::Path) -> std::path::PathBuf {
    let path = folder.join("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, rustix::fs::Mode::from_raw_mode(0o600), 0).unwrap();
    path
}

async fn soon<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(std::time::Duration::from_secs(20), work).await.expect("it waits for ever")
}

#[tokio::test]
async fn a_named_pipe_ends_though_its_writer_has_gone_before_the_first_read() {
    for waits_first in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = named_pipe(folder.path());
        let writer = std::thread::spawn({
            let path = path.clone();
            move || std::fs::write(path, "1\n2\n")
        });
        let source = File::open(&path).unwrap();
        writer.join().unwrap().unwrap();
        let (host, session) = (Host::new().stdio(&Stdio::input(source)), Session::default());
        if waits_first {
            soon(call(&host, &session, "ready", Vec::new())).await.unwrap();
        }
        for expected in [&b"1\n2\n"[..], b"", b""] {
            let read = bytes(soon(call(&host, &session, "read", reading(1e6, true))).await.unwrap());
            assert_eq!(read, expected);
            soon(call(&host, &session, "ready", Vec::new())).await.unwrap();
        }
    }
}

#[tokio::test]
async fn who_reads_without_waiting_is_answered_while_another_waits() {
    let (source, mut writer) = pipe().unwrap();
    let (host, session) = (Host::new().stdio(&Stdio::input(OwnedFd::from(source))), Session::default());
    let mut waiting = pin!(call(&host, &session, "read", reading(10.0, true)));
    assert!(waits(&mut waiting).await);
    assert_eq!(soon(call(&host, &session, "read", reading(10.0, false))).await.unwrap(), Value::Null);
    writer.write_all(b"text").unwrap();
    assert_eq!(bytes(soon(waiting).await.unwrap()), b"text");
}

#[tokio::test]
async fn what_was_read_for_a_call_that_was_given_up_is_not_lost() {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"0123456789").unwrap();
    file.rewind().unwrap();
    let (host, session) = (Host::new().stdio(&Stdio::input(file)), Session::default());
    let mut read = Vec::new();
    while read.len() < 10 {
        for length in [4.0, 1.0] {
            let mut given_up = pin!(call(&host, &session, "read", reading(length, true)));
            // It has begun, and nobody takes what it reads; unless that is here already.
            if let Poll::Ready(piece) = poll_fn(|context| Poll::Ready(given_up.as_mut().poll(context))).await {
                read.extend(bytes(piece.unwrap()));
            }
        }
        read.extend(bytes(call(&host, &session, "read", reading(1.0, true)).await.unwrap()));
    }
    assert_eq!(read, b"0123456789");
}

#[tokio::test]
async fn the_master_of_a_terminal_is_not_opened_anew() {
    let master = File::options().read(true).write(true).open("/dev/ptmx").unwrap();
    let mut name = [0 as libc::c_char; 100];
    // SAFETY: the descriptor is open, and the buffer is as long as it is said to be.
    let name = unsafe {
        assert_eq!(libc::unlockpt(master.as_raw_fd()), 0);
        assert_eq!(libc::ptsname_r(master.as_raw_fd(), name.as_mut_ptr(), name.len()), 0);
        CStr::from_ptr(name.as_ptr()).to_str().unwrap()
    };
    let mut terminal = File::options().write(true).open(name).unwrap();
    let (host, session) = (Host::new().stdio(&Stdio::input(master)), Session::default());
    assert_eq!(call(&host, &session, "read", reading(10.0, false)).await.unwrap(), Value::Null);
    terminal.write_all(b"text").unwrap();
    assert_eq!(bytes(soon(call(&host, &session, "read", reading(10.0, true))).await.unwrap()), b"text");
}
