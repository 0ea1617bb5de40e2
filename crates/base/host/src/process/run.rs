//! Programs that are awaited: `execFileSync` and similar functions.

use std::time::Duration;

use drupe_protocol::{HostError, Value, value::TypedArrayKind};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};

use super::{
    child::ended,
    spec::{Spec, used_up},
};
use crate::{Call, permissions::Permissions};

/// `run(options)`: `{ pid, code, signal, stdout, stderr, problem }`; `problem` is `ETIMEDOUT` or `ENOBUFS` if it was
/// killed for that.
pub(super) async fn run(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let mut spec = Spec::granted(permissions, call, "spawnSync").await?;
    // Before it runs: what it waits for itself may be another's answer.
    call.reservation.hold(2 * spec.max_buffer).await;
    let mut running = spec.start().await?;
    let (stdin, stdout, stderr) = (running.stdin.take(), running.stdout.take(), running.stderr.take());
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let (input, limit) = (std::mem::take(&mut spec.input), spec.max_buffer);
    let feed = async {
        if let Some(mut stdin) = stdin {
            // Who does not read it need not.
            drop(stdin.write_all(&input).await);
        }
        Ok(())
    };
    let mut problem = None;
    // An output that exceeds its limit ends the talk: the program may do nothing more for long.
    let talk = async { tokio::try_join!(feed, gather(stdout, limit, &mut out), gather(stderr, limit, &mut err)) };
    let expiry = used_up(spec.timeout);
    {
        tokio::pin!(talk);
        tokio::pin!(expiry);
        let told = tokio::select! {
            told = &mut talk => Some(told),
            () = &mut expiry => None,
        };
        match told {
            Some(Ok(_)) => {}
            Some(Err(Exceeded)) => problem = Some("ENOBUFS"),
            None => problem = Some("ETIMEDOUT"),
        }
    }
    if problem.is_some() {
        running.signaller.signal(spec.kill_signal);
    }
    // It has closed its streams, or was told to end; it may have done neither.
    let status = tokio::select! {
        status = running.ended() => Some(status),
        // Told to end, it has a moment; otherwise the whole time limit once more, for closed streams say no more when
        // it ends.
        () = used_up(if problem.is_some() { Some(LAST_MOMENT) } else { spec.timeout }) => None,
    };
    let status = match status {
        Some(status) => status,
        None => {
            problem = problem.or(Some("ETIMEDOUT"));
            running.signaller.signal(rustix::process::Signal::KILL);
            running.ended().await
        }
    };
    let pid = running.pid;
    // What it started and left behind goes on, unless it had to be ended.
    if problem.is_none() {
        running.leave();
    } else {
        drop(running);
    }
    let Value::Object(mut result) = ended(status) else { return Ok(Value::Undefined) };
    let bytes = |bytes: Vec<u8>| Value::TypedArray(TypedArrayKind::Uint8, bytes.into());
    result.extend([
        ("pid".to_owned(), pid.into()),
        ("stdout".to_owned(), bytes(out)),
        ("stderr".to_owned(), bytes(err)),
        ("problem".to_owned(), problem.into()),
    ]);
    Ok(Value::Object(result))
}

/// How long a program that was told to end may take over it.
const LAST_MOMENT: Duration = Duration::from_secs(1);

/// An output is longer than is kept of it.
struct Exceeded;

/// Reads to the end, or until `limit` is exceeded.
async fn gather(source: Option<impl AsyncRead + Unpin>, limit: usize, into: &mut Vec<u8>) -> Result<(), Exceeded> {
    let Some(source) = source else { return Ok(()) };
    // A stream that fails has come to its end.
    drop(source.take(limit as u64 + 1).read_to_end(into).await);
    let exceeded = into.len() > limit;
    into.truncate(limit);
    if exceeded { Err(Exceeded) } else { Ok(()) }
}
