//! Programs that run beside JavaScript: a stream of what they say, and calls to talk to them.

use std::{
    collections::HashMap,
    pin::Pin,
    process::ExitStatus,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use drupe_protocol::{HostError, Value, value::TypedArrayKind};
use futures_core::Stream;
use rustix::io::Errno;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::ChildStdin,
    sync::mpsc,
    task::JoinHandle,
};

use super::{
    running::{Running, Signaller},
    spec::{Spec, signal, used_up},
};
use crate::{Answer, Call, fs::Failing, permissions::Permissions};

/// How much is read from a program at once.
const PIECE: usize = 64 << 10;
/// How many pieces wait to be read by JavaScript; then the program waits.
const WAITING: usize = 4;

/// The programs of a session that run.
#[derive(Debug, Default)]
pub(super) struct Children(Mutex<HashMap<i32, Arc<Entry>>>);

#[derive(Debug)]
struct Entry {
    stdin: tokio::sync::Mutex<Option<ChildStdin>>,
    reins: Arc<Signaller>,
}

impl Children {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<i32, Arc<Entry>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `spawn(options)`: a stream of `{ pid }`, then any number of `{ stdout }` and `{ stderr }`, which hold bytes or at their end `null`, and
/// `{ code, signal }` when it has ended. **When nobody reads it any more, the program is killed.**
pub(super) async fn spawn(permissions: &Permissions, call: &Call) -> Result<Answer, HostError> {
    let mut spec = Spec::granted(permissions, call, "spawn").await?;
    let children = call.session.state::<Children>();
    let mut running = spec.start().await?;
    let pid = running.pid;
    let stdin = tokio::sync::Mutex::new(running.stdin.take());
    let entry = Arc::new(Entry { stdin, reins: Arc::clone(&running.reins) });
    children.lock().insert(pid, Arc::clone(&entry));
    let listed = Listed { pid, entry, children };
    let (say, said) = mpsc::channel(WAITING);
    let work = tokio::spawn(async move {
        // The future holds them: who drops it kills the program, and what it started and left behind.
        let _listed = listed;
        follow(running, &spec, &say).await;
    });
    let first = Value::Object(vec![("pid".to_owned(), pid.into())]);
    Ok(Answer::stream(Said { first: Some(first), said, work }))
}

/// A program in the list of its session.
struct Listed {
    pid: i32,
    entry: Arc<Entry>,
    children: Arc<Children>,
}

impl Drop for Listed {
    fn drop(&mut self) {
        let mut children = self.children.lock();
        // One that has ended waits here for its pipes, and its id may be another's meanwhile.
        if children.get(&self.pid).is_some_and(|entry| Arc::ptr_eq(entry, &self.entry)) {
            children.remove(&self.pid);
        }
    }
}

/// Passes on what a program says, to its end.
async fn follow(mut running: Running, spec: &Spec, say: &mpsc::Sender<Value>) {
    let (stdout, stderr) = (running.stdout.take(), running.stderr.take());
    let reins = Arc::clone(&running.reins);
    let talk = async {
        tokio::join!(pass_on("stdout", stdout, say), pass_on("stderr", stderr, say));
    };
    let expiry = async {
        used_up(spec.timeout).await;
        reins.signal(spec.kill_signal);
        std::future::pending::<()>().await
    };
    let ending = async {
        let status = running.ended().await;
        let _ = say.send(ended(status)).await;
    };
    tokio::select! {
        _ = async { tokio::join!(ending, talk) } => {}
        () = expiry => {}
    }
    running.leave();
}

async fn pass_on(name: &str, source: Option<impl AsyncRead + Unpin>, say: &mpsc::Sender<Value>) {
    let Some(mut source) = source else { return };
    let mut piece = vec![0; PIECE];
    while let Ok(count @ 1..) = source.read(&mut piece).await {
        let bytes = Value::TypedArray(TypedArrayKind::Uint8, piece[..count].to_vec());
        if say.send(Value::Object(vec![(name.to_owned(), bytes)])).await.is_err() {
            return;
        }
    }
    let _ = say.send(Value::Object(vec![(name.to_owned(), Value::Null)])).await;
}

/// `{ code, signal }`: a number and `null`, or `null` and a number.
pub(super) fn ended(status: ExitStatus) -> Value {
    use std::os::unix::process::ExitStatusExt;
    Value::Object(vec![("code".to_owned(), status.code().into()), ("signal".to_owned(), status.signal().into())])
}

/// What is told of a program. **Dropping it ends the work, and so the program.**
struct Said {
    first: Option<Value>,
    said: mpsc::Receiver<Value>,
    work: JoinHandle<()>,
}

impl Stream for Said {
    type Item = Result<Value, HostError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<Option<Self::Item>> {
        match self.first.take() {
            Some(first) => Poll::Ready(Some(Ok(first))),
            None => self.said.poll_recv(context).map(|said| said.map(Ok)),
        }
    }
}

impl Drop for Said {
    fn drop(&mut self) {
        self.work.abort();
    }
}

fn find(call: &Call) -> Option<Arc<Entry>> {
    let children = call.session.state::<Children>();
    number(call, 0).and_then(|pid| children.lock().get(&pid).cloned())
}

#[expect(clippy::cast_possible_truncation, reason = "another number names no process")]
fn number(call: &Call, index: usize) -> Option<i32> {
    call.arg(index).as_f64().map(|number| number as i32)
}

/// `write(pid, bytes)`: to its standard input; answered when it has taken them.
pub(super) async fn write(call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("write", call.run);
    let Value::TypedArray(_, bytes) = call.arg(1) else { return Err(failing.plain(Errno::INVAL)) };
    let entry = find(call).ok_or_else(|| failing.plain(Errno::PIPE))?;
    let mut stdin = entry.stdin.lock().await;
    let pipe = stdin.as_mut().ok_or_else(|| failing.plain(Errno::PIPE))?;
    pipe.write_all(bytes).await.map_err(|error| failing.plain(crate::fs::errno(&error)))?;
    Ok(Value::Undefined)
}

/// `end(pid)`: closes its standard input.
pub(super) fn end(call: &Call) -> Result<Value, HostError> {
    if let Some(entry) = find(call)
        && let Ok(mut stdin) = entry.stdin.try_lock()
    {
        *stdin = None;
    }
    Ok(Value::Undefined)
}

/// `kill(pid, signal)`: whether it was there. **Only the session's own programs can be meant.**
pub(super) fn kill(call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("kill", call.run);
    let wanted = call.arg(1).as_f64().unwrap_or(15.0);
    let Some(entry) = find(call) else { return Ok(false.into()) };
    if wanted == 0.0 {
        return Ok(entry.reins.runs().into());
    }
    let signal = signal(wanted).ok_or_else(|| failing.plain(Errno::INVAL))?;
    Ok(entry.reins.signal(signal).into())
}
