//! Errors that the user's code did not cause.

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use drupe_protocol::{REVISION, RunId, handles::Stale, sandbox::SandboxLevel, value::ConvertError};
use drupe_transport::ReceiveError;

use crate::{Death, Exception, Program, SandboxStatus, death::NO_ROOM};

/// The reason why a kernel did not carry out a request.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No kernel could be launched.
    #[error("cannot launch a kernel: {0}")]
    Launch(Arc<LaunchError>),
    /// The kernel's process ended. `started` says whether the run had begun.
    #[error("{death}{}", .started.words())]
    Died {
        /// The cause, and the last chunk.
        death: Arc<Death>,
        /// Whether the run that this error is about had begun.
        started: Begun,
    },
    /// Several kernels in a row ended before they brought a run to its end. None is launched until a reset or a restart
    /// is requested.
    #[error("{count} kernels in a row ended before they were of use, the last thus: {last}; a restart or a reset tries again")]
    CrashLoop {
        /// The number of these kernels.
        count: u32,
        /// The end of the last kernel, or the error of its launch.
        last: Box<Error>,
    },
    /// The request is too large for the wire.
    #[error("cannot send the request to the kernel: {0}")]
    Encode(String),
    /// A chunk has an input whose name is not valid for a variable: no identifier, a reserved word, a constant of the
    /// global object, or `__proto__`.
    #[error("a chunk cannot have an input called {0:?}: it is not the name of a variable")]
    InputName(String),
    /// An input of a chunk has no value in JavaScript.
    #[error("the input {name:?} of a chunk has no value in JavaScript: {error}")]
    InputValue {
        /// The input's name.
        name: String,
        /// The reason.
        error: ConvertError,
    },
    /// The chunk of [`Builder::preload`](crate::Builder::preload) is no valid program.
    #[error("the preload does not compile: {}", .0.text)]
    Preload(Box<Exception>),
    /// There is nothing to replay.
    #[error("nothing to replay: {0}")]
    Journal(String),
    /// A handle is stale: its object is no longer available.
    #[error("the handle is stale: {}", stale(*.0))]
    StaleHandle(Stale),
    /// Too many questions already wait for the kernel's answers.
    #[error("the kernel has not answered {questions} earlier questions; wait for some of them")]
    Busy {
        /// The number of waiting questions.
        questions: usize,
    },
    /// A function that the kernel called awaits a run which cannot begin before the run that called the function has
    /// ended.
    #[error(
        "run {run} would wait for ever for run {caller}, which waits for the function that awaits it; have the function return first, or \
         use another kernel"
    )]
    Deadlock {
        /// The run that was awaited. It was withdrawn.
        run: RunId,
        /// The run that called the function, of this kernel or of another.
        caller: RunId,
    },
    /// The kernel is older than this client, and does not know the question; the name of the question on the wire.
    #[error("the kernel is older than this client, and knows no {0:?}; use a matching pair")]
    Unsupported(String),
    /// A call of [`blocking`](crate::blocking) was made on the thread that drives the kernel, for instance in a
    /// function that the kernel calls. It would wait for itself.
    #[error("a blocking call was made on the thread that drives the kernel; use the asynchronous kernel there (Call::kernel)")]
    BlockingCall,
    /// The kernel was terminated by its owner.
    #[error("the kernel was terminated")]
    Terminated,
}

impl Error {
    /// The name for programs, such as `terminated`. That of a [death](Self::Died) is its cause's, such as
    /// `out_of_memory`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Launch(_) => "launch",
            Self::Died { death, .. } => death.cause.name(),
            Self::CrashLoop { .. } => "crash_loop",
            Self::Encode(_) => "encode",
            Self::Preload(_) => "preload",
            Self::Journal(_) => "journal",
            Self::StaleHandle(_) => "stale_handle",
            Self::Busy { .. } => "busy",
            Self::Unsupported(_) => "unsupported",
            Self::Deadlock { .. } => "deadlock",
            Self::InputName(_) => "input_name",
            Self::InputValue { .. } => "input_value",
            Self::Terminated => "terminated",
            Self::BlockingCall => "blocking_call",
        }
    }
}

/// Whether a run had begun when its kernel died.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Begun {
    /// It had: the kernel reported its start.
    Yes,
    /// It had certainly not: none of its code was executed.
    No,
    /// It was the next run, and the kernel died before it reported anything about it: it may have begun.
    Unknown,
}

impl Begun {
    fn words(self) -> &'static str {
        match self {
            Self::Yes => "",
            Self::No => "; the run had not begun",
            Self::Unknown => "; it is not known whether the run had begun",
        }
    }
}

/// The reason why a kernel could not be launched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LaunchError {
    /// The program was not found.
    #[error(
        "found no kernel program; set DRUPE_KERNEL or Builder::program, or put drupe-kernel or drupe beside the executable. Tried: {}",
        list(.tried)
    )]
    NoProgram {
        /// The places that were searched.
        tried: Vec<PathBuf>,
    },
    /// `DRUPE_KERNEL` does not name a program.
    #[error(
        "DRUPE_KERNEL is {:?}, and there is no such program; it must name one file, without arguments. Tried: {}",
        .value,
        list(.tried)
    )]
    Variable {
        /// Its value.
        value: PathBuf,
        /// The places that were searched for a program.
        tried: Vec<PathBuf>,
    },
    /// There is no tokio runtime that could drive the kernel's channels, or it drives no I/O or no time.
    ///
    /// **I/O and time are needed**: tokio reports that they are missing by a panic. It is caught, but the panic hook
    /// has printed its message by then, and a program that is built with `panic = "abort"` ends.
    #[error("a kernel is spawned within a tokio runtime that drives I/O and time (tokio::runtime::Builder::enable_all): {0}")]
    NoRuntime(String),
    /// The program could not be started.
    #[error("cannot start {program}: {error}{}", advice(error))]
    Start {
        /// The program.
        program: Program,
        /// The error of the operating system.
        error: io::Error,
    },
    /// The local sockets could not be made.
    #[error("cannot listen for the kernel: {error}{}", advice(.0), error = .0)]
    Listen(io::Error),
    /// The function given to [`Builder::attach`](crate::Builder::attach) failed.
    #[error("cannot attach to a kernel: {0}")]
    Attach(io::Error),
    /// The process ended before it sent `hello`.
    #[error("the kernel ended before it said hello: {0}")]
    Died(Death),
    /// The connection to an [attached](crate::Builder::attach) kernel ended before it had sent `hello`.
    #[error("the connection ended before the kernel said hello")]
    Closed,
    /// The process did not send `hello` in time.
    #[error("the kernel did not say hello within {} ms", .0.as_millis())]
    Silent(Duration),
    /// The first message was no valid `hello`.
    #[error("the kernel's hello is broken: {0}")]
    Hello(ReceiveError),
    /// The first message was one that this client does not know.
    #[error("the kernel greeted with {0:?}, which this client does not know; use a matching pair")]
    Greeting(String),
    /// The process that connected does not have the token.
    #[error("somebody who is not the kernel connected to its socket")]
    Token,
    /// The kernel uses another revision of the protocol.
    #[error("the kernel speaks revision {theirs} of the protocol, this client {REVISION}; use a matching pair")]
    Revision {
        /// The kernel's revision.
        theirs: u32,
    },
    /// The system cannot confine the kernel as requested.
    #[error("this system cannot confine the kernel as asked ({wanted}): it can have {status}. {}", accept(*wanted))]
    Sandbox {
        /// The requested level, at least.
        wanted: SandboxLevel,
        /// The available confinement.
        status: SandboxStatus,
    },
    /// The kernel reports a confinement that it does not have.
    #[error(
        "the kernel says that it is confined ({claimed}), but the system says otherwise ({found}): it was sent no code, and killed"
    )]
    SandboxLie {
        /// The level that the kernel reported.
        claimed: SandboxLevel,
        /// The facts that the system reported.
        found: String,
    },
}

// The text of an error has that of its cause: **it is no source besides**, or whoever prints the chain prints it twice.
impl From<Arc<LaunchError>> for Error {
    fn from(error: Arc<LaunchError>) -> Self {
        Self::Launch(error)
    }
}

impl From<ReceiveError> for LaunchError {
    fn from(error: ReceiveError) -> Self {
        Self::Hello(error)
    }
}

/// What to do about an error of the system.
fn advice(error: &io::Error) -> &'static str {
    /// The numbers of `ENFILE`, `EMFILE`, and `ENOEXEC` on all Unix systems.
    const TOO_MANY_FILES: [i32; 2] = [23, 24];
    const NO_PROGRAM: i32 = 8;
    match (error.raw_os_error(), error.kind()) {
        (Some(number), _) if cfg!(unix) && TOO_MANY_FILES.contains(&number) => {
            "; terminate kernels that are not needed, or raise the limit of open files (ulimit -n)"
        }
        (Some(NO_PROGRAM), _) if cfg!(unix) => "; it is no program of this system: build the kernel for it",
        (_, io::ErrorKind::NotFound) => "; Builder::program or DRUPE_KERNEL says where the kernel is",
        (_, io::ErrorKind::PermissionDenied) => "; it must be a file that this user may execute, on a file system that allows it",
        (_, io::ErrorKind::ExecutableFileBusy) => "; it is still being written: try again when it is there",
        (_, io::ErrorKind::WouldBlock | io::ErrorKind::OutOfMemory) => NO_ROOM,
        _ => "",
    }
}

/// The way to accept less.
fn accept(wanted: SandboxLevel) -> &'static str {
    match wanted {
        SandboxLevel::Hardened => "Sandbox::Strict (--sandbox strict) accepts that",
        SandboxLevel::Strict => "Sandbox::BestEffort (--sandbox best-effort) accepts that",
        SandboxLevel::BestEffort | SandboxLevel::Off => "Sandbox::OffUnsafe (--sandbox off) accepts that",
    }
}

fn stale(reason: Stale) -> &'static str {
    match reason {
        Stale::Released => "it was released, or made room for newer ones",
        Stale::Session => "the session that it belongs to is gone",
        Stale::Unknown => "the session never gave it out",
    }
}

fn list(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}
