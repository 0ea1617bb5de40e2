//! Standard input, output and error of the program that a kernel runs: the service `stdio`.
//!
//! Standard input is a capability: an embedder gives it with a [`Stdio`], and a kernel without one gets an error that
//! says so. It is read only when JavaScript asks ([`input`]), so a program that reads nothing leaves all of it to the
//! next reader. The output of a program is sent as events of its kernel. This service describes the streams
//! ([`terminal`]), reports that one cannot be written (`failures`), and passes them to programs that inherit them.

#[cfg(target_os = "linux")]
mod failures;
#[cfg(target_os = "linux")]
mod input;
mod settling;
#[cfg(target_os = "linux")]
mod terminal;

use std::{
    fmt,
    sync::{Arc, Mutex, OnceLock},
};
#[cfg(target_os = "linux")]
use std::{
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::PoisonError,
};

use drupe_protocol::HostError;
#[cfg(target_os = "linux")]
use drupe_protocol::Value;
#[cfg(target_os = "linux")]
use rustix::{io::Errno, termios::Termios};

pub use settling::Settling;

#[cfg(target_os = "linux")]
use crate::Answer;
use crate::{
    Answering, Call, Host, Service, Session, Signals,
    host::{NO_STDIO, no_stdin},
};

/// The standard streams of a program. Clones are the same.
#[derive(Clone)]
pub struct Stdio(Arc<Shared>);

struct Shared {
    /// By their numbers, those that the program has.
    #[cfg(target_os = "linux")]
    streams: [Option<OwnedFd>; 3],
    /// Why there is no standard input.
    reason: String,
    /// Who shows what the program says.
    front_end: Mutex<Option<settling::Asks>>,
    /// Outputs that cannot be written any more.
    #[cfg(target_os = "linux")]
    failures: Mutex<failures::Failures>,
    /// The modes of the terminal before the program changed them.
    #[cfg(target_os = "linux")]
    modes: Mutex<Option<Termios>>,
    /// Who tells of the signals that would end this process and leave the terminal as it is.
    #[cfg(target_os = "linux")]
    signals: Mutex<Option<Signals>>,
}

impl Stdio {
    /// The streams of this process. One that is closed is not there. `outputs`: whether standard output and error are
    /// the program's, too; if not, they look like no terminals, and no program inherits them.
    #[must_use]
    pub fn of_process(outputs: bool) -> Self {
        #[cfg(target_os = "linux")]
        {
            let copy = |fd: BorrowedFd| fd.try_clone_to_owned().ok();
            let output = |fd: BorrowedFd| outputs.then(|| copy(fd)).flatten();
            Self::with([copy(io::stdin().as_fd()), output(io::stdout().as_fd()), output(io::stderr().as_fd())], NO_STDIO)
        }
        #[cfg(not(target_os = "linux"))]
        {
            let _ = outputs;
            Self::without("standard input reaches no program on this system yet")
        }
    }

    /// Standard input alone, read from `input`: a file, a pipe, a socket or a terminal.
    #[cfg(target_os = "linux")]
    #[must_use]
    pub fn input(input: impl Into<OwnedFd>) -> Self {
        Self::with([Some(input.into()), None, None], NO_STDIO)
    }

    /// None, and `reason` is what a program is told that reads.
    #[must_use]
    pub fn without(reason: impl Into<String>) -> Self {
        #[cfg(target_os = "linux")]
        {
            Self::with([None, None, None], reason)
        }
        #[cfg(not(target_os = "linux"))]
        {
            Self(Arc::new(Shared { reason: reason.into(), front_end: Mutex::default() }))
        }
    }

    #[cfg(target_os = "linux")]
    fn with(streams: [Option<OwnedFd>; 3], reason: impl Into<String>) -> Self {
        Self(Arc::new(Shared {
            streams,
            reason: reason.into(),
            front_end: Mutex::default(),
            failures: Mutex::default(),
            modes: Mutex::default(),
            signals: Mutex::default(),
        }))
    }

    /// While a program has changed the terminal's modes, `signals`, those of the kernel, also receives the signals that
    /// would end this process. The receiver restores the terminal before it ends.
    pub fn restore_before_ends(&self, signals: &Signals) {
        #[cfg(target_os = "linux")]
        {
            *self.0.signals.lock().unwrap_or_else(PoisonError::into_inner) = Some(signals.clone());
        }
        #[cfg(not(target_os = "linux"))]
        let _ = signals;
    }

    /// Gives the terminal the modes back that it had before a program changed them.
    pub fn restore(&self) {
        #[cfg(target_os = "linux")]
        terminal::restore(&self.0);
    }

    /// Whether there is any.
    pub(crate) fn has_any(&self) -> bool {
        #[cfg(target_os = "linux")]
        {
            self.0.streams.iter().any(Option::is_some)
        }
        #[cfg(not(target_os = "linux"))]
        {
            false
        }
    }

    #[cfg(target_os = "linux")]
    fn stream(&self, number: usize) -> Option<BorrowedFd<'_>> {
        self.0.streams.get(number)?.as_ref().map(AsFd::as_fd)
    }

    /// A copy of a stream for a program that inherits it. `None`: it is not given.
    #[cfg(target_os = "linux")]
    pub(crate) fn lend(&self, number: usize) -> Option<OwnedFd> {
        self.stream(number)?.try_clone_to_owned().ok()
    }

    /// Whether standard input is a terminal.
    #[cfg(target_os = "linux")]
    pub(crate) fn is_at_terminal(&self) -> bool {
        self.stream(0).is_some_and(rustix::termios::isatty)
    }

    #[cfg(target_os = "linux")]
    fn standard_input(&self) -> Result<BorrowedFd<'_>, HostError> {
        self.stream(0).ok_or_else(|| no_stdin(&self.0.reason))
    }
}

impl PartialEq for Stdio {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Stdio {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Stdio(..)")
    }
}

#[cfg(target_os = "linux")]
impl Drop for Shared {
    fn drop(&mut self) {
        terminal::restore(self);
    }
}

impl Host {
    /// Gives the kernel's program these standard streams.
    #[must_use]
    pub fn stdio(mut self, stdio: &Stdio) -> Self {
        self.has_streams = stdio.has_any();
        let given = stdio.clone();
        self.preparing(move |session| {
            session.state::<Given>().0.get_or_init(|| given.clone());
        })
        .service("stdio", Arc::new(Streams(stdio.clone())))
    }
}

/// What a session was given.
#[derive(Debug, Default)]
struct Given(OnceLock<Stdio>);

/// The standard streams that the session of a call was given.
#[cfg(target_os = "linux")]
pub(crate) fn of_session(session: &Session) -> Option<Stdio> {
    session.state::<Given>().0.get().cloned()
}

struct Streams(Stdio);

impl Service for Streams {
    fn call(&self, call: Call) -> Answering {
        let stdio = self.0.clone();
        #[cfg(target_os = "linux")]
        {
            Box::pin(async move {
                if call.op == "failures" {
                    return Ok(Answer::stream(failures::Items(stdio.follow_failures())));
                }
                answer(&stdio, &call).await.map(Answer::Value)
            })
        }
        #[cfg(not(target_os = "linux"))]
        {
            drop(call);
            Box::pin(async move { Err(no_stdin(&stdio.0.reason)) })
        }
    }
}

#[cfg(target_os = "linux")]
async fn answer(stdio: &Stdio, call: &Call) -> Result<Value, HostError> {
    match &*call.op {
        "describe" => Ok(terminal::describe(number(call).and_then(|number| stdio.stream(number)))),
        "fstat" => {
            let failing = crate::fs::Failing::new("fstat", call.run);
            let stream = match number(call) {
                Some(0) => stdio.standard_input()?,
                number => number.and_then(|number| stdio.stream(number)).ok_or_else(|| failing.plain(Errno::BADF))?,
            };
            crate::fs::stat_of(stream).map_err(|errno| failing.plain(errno))
        }
        "read" => input::read(stdio.standard_input()?, call).await,
        "ready" => input::ready(stdio.standard_input()?, call).await,
        "raw" => terminal::set_raw(stdio, call).await,
        "listen" => {
            stdio.listen(&call.session);
            Ok(Value::Undefined)
        }
        "heard" => {
            stdio.mark_told(number(call));
            Ok(Value::Undefined)
        }
        // All that was said is written, or it is known that it cannot be.
        "settle" => {
            stdio.settle().await;
            Ok(stdio.untold())
        }
        other => {
            Err(HostError::new("Error", format!("this host's standard streams know no {other:?}")).with_code("ERR_NOT_SUPPORTED"))
        }
    }
}

/// The stream that a call names.
#[cfg(target_os = "linux")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "another number names no stream")]
fn number(call: &Call) -> Option<usize> {
    call.arg(0).as_f64().filter(|number| *number >= 0.0).map(|number| number as usize)
}
