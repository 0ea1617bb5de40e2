//! Named pipes among the files: they are opened once, and whoever waits for their other end loses nothing and holds
//! nobody up.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    fs::{self, File},
    future::{Future, poll_fn},
    io::Read,
    pin::pin,
    sync::mpsc,
    task::Poll,
    thread::{JoinHandle, spawn},
    time::Duration,
};

use crate::calls::Place;
use drupe_host::{Answer, Call, Policy, Session, answer_budget::AnswerBudget};
use drupe_protocol::Value;
use rustix::fs::{CWD, FileType, Mode, OFlags, mknodat};

fn place() -> Place {
    let place = Place::open();
    place.permissions.change(|policy| *policy = Policy::all());
    place
}

fn named_pipe(place: &Place, name: &str) -> String {
    let path = place.path(name);
    mknodat(CWD, &path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    path
}

async fn soon<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), work).await.expect("it waits for ever")
}

async fn is_pending(work: &mut (impl Future + Unpin)) -> bool {
    for _ in 0..20 {
        if poll_fn(|context| Poll::Ready(std::pin::Pin::new(&mut *work).poll(context).is_ready())).await {
            return false;
        }
        tokio::task::yield_now().await;
    }
    true
}

async fn open(place: &Place, path: &str, flags: OFlags) -> Value {
    place.value("fs.open", vec![path.into(), f64::from(flags.bits()).into(), 0o666.into()]).await.unwrap()
}

fn bytes(value: Value) -> Vec<u8> {
    let Value::TypedArray(_, bytes) = value else { panic!("{value:?}") };
    bytes.into()
}

/// Begins to read when it is told to.
fn reader(path: String) -> (mpsc::Sender<()>, JoinHandle<usize>) {
    let (go, told) = mpsc::channel();
    let reading = spawn(move || {
        let mut file = File::open(path).unwrap();
        told.recv().unwrap();
        let mut all = Vec::new();
        file.read_to_end(&mut all).unwrap();
        all.len()
    });
    (go, reading)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_is_opened_once_and_read_to_its_end() {
    let place = place();
    let path = named_pipe(&place, "in/pipe");
    for late in [false, true] {
        let write = {
            let path = path.clone();
            move || fs::write(path, "late")
        };
        let early = (!late).then(|| spawn(write.clone()));
        assert_eq!(soon(place.value("fs.readFile", vec![path.as_str().into()])).await.unwrap(), Value::Null, "it is no file");
        let fd = soon(open(&place, &path, OFlags::RDONLY)).await;
        let read = || place.value("fs.read", vec![fd.clone(), 1e6.into(), Value::Null]);
        let mut first = Box::pin(read());
        if late {
            assert!(is_pending(&mut first).await, "nobody has written yet");
        }
        let writer = early.unwrap_or_else(|| spawn(write));
        assert_eq!(bytes(soon(first).await.unwrap()), b"late");
        writer.join().unwrap().expect("the writer is read");
        assert_eq!(bytes(soon(read()).await.unwrap()), b"", "its writer has gone");
        place.value("fs.close", vec![fd.clone()]).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_is_written_into_a_pipe_however_slowly_it_is_read() {
    const SIZE: usize = 1_000_000;
    let place = place();
    let path = named_pipe(&place, "in/pipe");
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC;
    let text = || Value::from("x".repeat(SIZE));
    // By its path: nobody reads it at first, and then slowly.
    let write = place.call("fs.writeFile", vec![path.as_str().into(), text(), f64::from(flags.bits()).into(), 0o666.into()]);
    let mut write = Box::pin(write);
    assert!(is_pending(&mut write).await);
    let (go, reading) = reader(path.clone());
    assert!(is_pending(&mut write).await);
    go.send(()).unwrap();
    soon(write).await.unwrap();
    assert_eq!(reading.join().unwrap(), SIZE);
    // By its descriptor.
    let (go, reading) = reader(path.clone());
    let fd = soon(open(&place, &path, OFlags::WRONLY)).await;
    let mut write = Box::pin(place.call("fs.write", vec![fd.clone(), text(), Value::Null]));
    assert!(is_pending(&mut write).await, "it is full");
    go.send(()).unwrap();
    let Answer::Value(count) = soon(write).await.unwrap() else { panic!("a stream") };
    assert_eq!(count.as_f64(), Some(1e6));
    place.value("fs.close", vec![fd]).await.unwrap();
    assert_eq!(reading.join().unwrap(), SIZE);
    // Whoever asked not to wait does not.
    assert_eq!(
        place.code("fs.open", vec![path.into(), f64::from((OFlags::WRONLY | OFlags::NONBLOCK).bits()).into()]).await,
        "ENXIO"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_pipes_holds_no_room() {
    let place = place();
    let (rooms, session) = (AnswerBudget::default(), Session::default());
    let call = async |op: &str, args: Vec<Value>| {
        let mut call = Call::new(op, args);
        call.session = session.clone();
        call.reservation = rooms.enter().await;
        match place.host.call(call).await.unwrap() {
            Answer::Value(value) => value,
            Answer::Stream(_) => panic!("a stream"),
        }
    };
    let mut waiting = Vec::new();
    for count in 0..10 {
        let path = named_pipe(&place, &format!("in/pipe{count}"));
        let fd = call("fs.open", vec![path.into(), f64::from(OFlags::RDONLY.bits()).into()]).await;
        waiting.push(Box::pin(call("fs.read", vec![fd, f64::from(8 << 20).into(), Value::Null])));
    }
    for read in &mut waiting {
        assert!(is_pending(read).await);
    }
    let file = place.path("in/large");
    fs::write(&file, vec![b'x'; 12 << 20]).unwrap();
    let read = pin!(call("fs.readFile", vec![file.into()]));
    assert_eq!(bytes(soon(read).await).len(), 12 << 20);
}
