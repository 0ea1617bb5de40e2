//! Programs that run beside JavaScript: their ends, and the calls that control them. [`output`](super::output) has
//! their output.

use std::{
    collections::{HashMap, VecDeque},
    pin::Pin,
    process::ExitStatus,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use drupe_protocol::{HostError, Value};
use futures_core::Stream;
use rustix::{io::Errno, process::Signal};
use tokio::{
    io::AsyncWriteExt,
    process::ChildStdin,
    sync::{mpsc, watch},
    task::JoinHandle,
};

use super::{
    output::Outputs,
    running::{Running, Signaller},
    spec::{Spec, used_up},
};
use crate::{Answer, Call, fs::Failing, permissions::Permissions};

/// The programs of a session that run.
#[derive(Debug, Default)]
pub(super) struct Children {
    running: Mutex<HashMap<i32, Arc<Entry>>>,
    /// The numbers of those that have ended, the newest last.
    ended: Mutex<VecDeque<i32>>,
}

/// How many programs that have ended a session remembers.
const MAX_ENDED: usize = 1024;

#[derive(Debug)]
struct Entry {
    stdin: tokio::sync::Mutex<Option<ChildStdin>>,
    /// Whether standard input is to be closed. **A write that waits is given up then.**
    is_closed: watch::Sender<bool>,
    outputs: Outputs,
    signaller: Arc<Signaller>,
}

impl Children {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<i32, Arc<Entry>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ended(&self) -> std::sync::MutexGuard<'_, VecDeque<i32>> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Programs that were started and are not followed yet. **They end with the session.**
#[derive(Debug, Default)]
struct Started(Mutex<HashMap<i32, Said>>);

impl Started {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<i32, Said>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `start(options)`: the number of the process. `follow` tells the rest. An output whose option (`stdout`, `stderr`) is
/// `ignore` is read and thrown away; the others are read by `output`.
pub(super) async fn start(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let (pid, said) = begin(permissions, call).await?;
    call.session.state::<Started>().lock().insert(pid, said);
    Ok(pid.into())
}

/// `follow(pid)`: a stream of `{ code, signal }` when what `start` has started has ended. The stream ends when the
/// outputs are over, too. **When nobody reads it any more, the program is killed.**
pub(super) fn follow_started(call: &Call) -> Result<Answer, HostError> {
    let said = number(call, 0).and_then(|pid| call.session.state::<Started>().lock().remove(&pid));
    said.map(Answer::stream).ok_or_else(|| Failing::new("spawn", call.run).plain(Errno::SRCH))
}

async fn begin(permissions: &Permissions, call: &Call) -> Result<(i32, Said), HostError> {
    let mut spec = Spec::granted(permissions, call, "spawn").await?;
    let children = call.session.state::<Children>();
    let mut running = spec.start().await?;
    let pid = running.pid;
    let stdin = tokio::sync::Mutex::new(running.stdin.take());
    let (outputs, over) = Outputs::of(&mut running, call.arg(0));
    let (signaller, is_closed) = (Arc::clone(&running.signaller), watch::Sender::new(false));
    let entry = Arc::new(Entry { stdin, is_closed, outputs, signaller });
    children.lock().insert(pid, Arc::clone(&entry));
    let listed = Listed { pid, entry, children };
    let (say, said) = mpsc::channel(1);
    // The future holds the program: who drops it kills the program, and what it started and left behind.
    let work = tokio::spawn(async move { follow(running, &spec, over, &say).await });
    Ok((pid, Said { said, work, listed }))
}

/// A program in the list of its session.
#[derive(Debug)]
struct Listed {
    pid: i32,
    entry: Arc<Entry>,
    children: Arc<Children>,
}

impl Drop for Listed {
    fn drop(&mut self) {
        self.entry.is_closed.send_replace(true);
        let mut children = self.children.lock();
        // One that has ended waits here for its pipes, and its id may be another's meanwhile.
        if children.get(&self.pid).is_some_and(|entry| Arc::ptr_eq(entry, &self.entry)) {
            children.remove(&self.pid);
            let mut ended = self.children.ended();
            ended.push_back(self.pid);
            if ended.len() > MAX_ENDED {
                ended.pop_front();
            }
        }
    }
}

/// Tells how a program ends, and waits until its outputs are over.
async fn follow(mut running: Running, spec: &Spec, over: impl Future<Output = ()>, say: &mpsc::Sender<Value>) {
    let signaller = Arc::clone(&running.signaller);
    let expiry = async {
        used_up(spec.timeout).await;
        signaller.signal(spec.kill_signal);
        std::future::pending::<()>().await
    };
    let ending = async {
        let status = running.ended().await;
        let _ = say.send(ended(status)).await;
    };
    tokio::select! {
        _ = async { tokio::join!(ending, over) } => {}
        () = expiry => {}
    }
    running.leave();
}

/// `{ code, signal }`: a number and `null`, or `null` and a number.
pub(super) fn ended(status: ExitStatus) -> Value {
    use std::os::unix::process::ExitStatusExt;
    Value::Object(vec![("code".to_owned(), status.code().into()), ("signal".to_owned(), status.signal().into())])
}

/// What is told of a program. **Dropping it ends the work, and so the program.**
#[derive(Debug)]
struct Said {
    said: mpsc::Receiver<Value>,
    work: JoinHandle<()>,
    /// **It is listed until JavaScript has read the end**: it may have ended before its outputs were asked for.
    #[expect(dead_code, reason = "it takes the program off the list when it is dropped")]
    listed: Listed,
}

impl Stream for Said {
    type Item = Result<Value, HostError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<Option<Self::Item>> {
        self.said.poll_recv(context).map(|said| said.map(Ok))
    }
}

impl Drop for Said {
    fn drop(&mut self) {
        self.work.abort();
    }
}

fn find(call: &Call) -> Option<Arc<Entry>> {
    number(call, 0).and_then(|pid| running(call, pid))
}

fn running(call: &Call, pid: i32) -> Option<Arc<Entry>> {
    call.session.state::<Children>().lock().get(&pid).cloned()
}

/// Sends a signal to the session's own program `pid`, or asks whether it runs; false if it does not. `None`: none of
/// its programs has this number.
pub(super) fn signal_own(call: &Call, pid: i32, signal: Option<Signal>) -> Option<bool> {
    let entry = running(call, pid)?;
    Some(signal.map_or_else(|| entry.signaller.runs(), |signal| entry.signaller.signal(signal)))
}

/// Whether the session has started a program of this number, which has ended.
pub(super) fn has_ended(call: &Call, pid: i32) -> bool {
    call.session.state::<Children>().ended().contains(&pid)
}

#[expect(clippy::cast_possible_truncation, reason = "another number names no process")]
pub(super) fn number(call: &Call, index: usize) -> Option<i32> {
    call.arg(index).as_f64().map(|number| number as i32)
}

/// `write(pid, bytes)`: to its standard input; answered when it has taken them.
pub(super) async fn write(call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("write", call.run);
    let Value::TypedArray(_, bytes) = call.arg(1) else { return Err(failing.plain(Errno::INVAL)) };
    let entry = find(call).ok_or_else(|| failing.plain(Errno::PIPE))?;
    let mut is_closed = entry.is_closed.subscribe();
    let mut stdin = entry.stdin.lock().await;
    let pipe = stdin.as_mut().ok_or_else(|| failing.plain(Errno::PIPE))?;
    tokio::select! {
        written = pipe.write_all(bytes) => written.map_err(|error| failing.plain(crate::fs::errno(&error)))?,
        _ = is_closed.wait_for(|is_closed| *is_closed) => return Err(failing.plain(Errno::PIPE)),
    }
    Ok(Value::Undefined)
}

/// `end(pid)`: closes its standard input.
pub(super) async fn end(call: &Call) -> Result<Value, HostError> {
    if let Some(entry) = find(call) {
        entry.is_closed.send_replace(true);
        *entry.stdin.lock().await = None;
    }
    Ok(Value::Undefined)
}

/// `output(pid, number)`: a stream of what it writes to standard output (1) or standard error (2). **When nobody reads
/// it any more, the pipe is closed.** Each can be asked for once.
pub(super) fn output(call: &Call) -> Result<Answer, HostError> {
    let output = find(call).zip(number(call, 1)).and_then(|(entry, number)| entry.outputs.take(number));
    output.map(Answer::stream).ok_or_else(|| Failing::new("read", call.run).plain(Errno::BADF))
}
