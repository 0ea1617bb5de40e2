//! A running program in this process: its streams, its end, and the means to end it.

use std::{
    ffi::{CString, OsString},
    io,
    net::Shutdown,
    os::{
        fd::{AsFd, OwnedFd},
        unix::{ffi::OsStringExt, net::UnixStream as Pair, process::ExitStatusExt},
    },
    process::{ExitStatus, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use rustix::{net::SendFlags, process::Signal};
use tokio::{
    io::AsyncReadExt,
    net::UnixStream,
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command},
    sync::OwnedSemaphorePermit,
};

use super::{
    guard::{GREETING, Guarded, STATUS},
    places::Places,
};

/// What is to be started, and how.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) program: OsString,
    /// The first is the name that the program is called by.
    pub(super) arguments: Vec<OsString>,
    pub(super) variables: Vec<(OsString, OsString)>,
    pub(super) cwd: OsString,
    pub(super) ignore_stdin: bool,
    /// The standard streams that it inherits, by their numbers.
    pub(super) streams: [Option<OwnedFd>; 3],
    pub(super) own_session: bool,
    pub(super) ids: (Option<u32>, Option<u32>),
    pub(super) ruleset: Option<OwnedFd>,
}

/// A running program. **It is killed with all that it has started when this is dropped**, or when this process ends in
/// whatever way.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) pid: i32,
    pub(super) stdin: Option<ChildStdin>,
    pub(super) stdout: Option<ChildStdout>,
    pub(super) stderr: Option<ChildStderr>,
    pub(super) signaller: Arc<Signaller>,
    statuses: UnixStream,
    /// Told its end, it ends by itself, and is waited for by the runtime.
    _guard: Child,
    _lifeline: KillOnDrop,
    _place: OwnedSemaphorePermit,
    places: Arc<Places>,
}

/// The way to signal a program.
#[derive(Debug)]
pub(super) struct Signaller {
    link: Pair,
    runs: AtomicBool,
}

/// Ends the program when dropped.
#[derive(Debug)]
struct KillOnDrop(Arc<Signaller>);

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        self.0.runs.store(false, Ordering::SeqCst);
        // The guard may be gone.
        drop(self.0.link.shutdown(Shutdown::Both));
    }
}

impl Signaller {
    /// Sends a signal to the program and its process group; false if it has ended.
    pub(super) fn signal(&self, signal: Signal) -> bool {
        let Ok(number) = u8::try_from(signal.as_raw()) else { return false };
        // The guard sends it, which alone knows whether the id is still the program's.
        self.runs() && rustix::net::send(self.link.as_fd(), &[number], SendFlags::NOSIGNAL | SendFlags::DONTWAIT).is_ok()
    }

    pub(super) fn runs(&self) -> bool {
        self.runs.load(Ordering::SeqCst)
    }
}

impl Running {
    /// Starts a program in one of `places`.
    ///
    /// # Errors
    /// Those of the system; `AGAIN` where there is no place.
    pub(super) async fn start(plan: Plan, places: Arc<Places>) -> io::Result<Self> {
        let place = places.take().ok_or(rustix::io::Errno::AGAIN)?;
        let (own, guards) = Pair::pair()?;
        let string = |text: OsString| CString::new(text.into_vec()).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput));
        let variables = plan.variables.into_iter().map(|(name, value)| {
            let mut text = name;
            text.push("=");
            text.push(value);
            string(text)
        });
        let arguments = plan.arguments.into_iter().map(string).collect::<Result<_, _>>()?;
        let mut guarded = Guarded::new(string(plan.program)?, arguments, variables.collect::<Result<_, _>>()?, guards);
        (guarded.own_session, guarded.ruleset) = (plan.own_session, plan.ruleset);
        // Who uses the terminal belongs to its foreground: others are stopped when they read from it.
        guarded.own_group = !plan.streams.iter().flatten().any(rustix::termios::isatty);
        // What becomes of this process's copy is the guard's doing, so that the command's own program is never looked
        // at.
        let mut command = Command::new("/");
        let [stdin, stdout, stderr] = plan.streams;
        let piped = |stream: Option<OwnedFd>| stream.map_or_else(Stdio::piped, Stdio::from);
        command.current_dir(plan.cwd).stdout(piped(stdout)).stderr(piped(stderr));
        command.stdin(if plan.ignore_stdin && stdin.is_none() { Stdio::null() } else { piped(stdin) });
        if let (Some(user), _) = plan.ids {
            command.uid(user);
        }
        if let (_, Some(group)) = plan.ids {
            command.gid(group);
        }
        // SAFETY: runs in the child, and makes system calls only.
        unsafe { command.pre_exec(move || Err(guarded.divide())) };
        let mut guard = command.spawn()?;
        // With it goes this process's copy of the guard's end.
        drop(command);
        own.set_nonblocking(true)?;
        let signaller = Arc::new(Signaller { link: own.try_clone()?, runs: AtomicBool::new(true) });
        let lifeline = KillOnDrop(Arc::clone(&signaller));
        let mut statuses = UnixStream::from_std(own)?;
        let mut greeting = [0; GREETING];
        statuses.read_exact(&mut greeting).await?;
        let (pid, errno) = greeting.split_at(GREETING / 2);
        match number(errno) {
            0 => {}
            errno => return Err(io::Error::from_raw_os_error(errno)),
        }
        let (stdin, stdout, stderr) = (guard.stdin.take(), guard.stdout.take(), guard.stderr.take());
        Ok(Self {
            pid: number(pid),
            stdin,
            stdout,
            stderr,
            signaller,
            statuses,
            _guard: guard,
            _lifeline: lifeline,
            _place: place,
            places,
        })
    }

    /// Waits for the end of the program; not for that of what it has started. Cancel safe until it has ended.
    pub(super) async fn ended(&mut self) -> ExitStatus {
        let mut status = [0; STATUS];
        let read = self.statuses.read_exact(&mut status).await;
        self.signaller.runs.store(false, Ordering::SeqCst);
        // A guard that is killed takes the program with it.
        ExitStatus::from_raw(if read.is_ok() { number(&status) } else { Signal::KILL.as_raw() })
    }

    /// Lets what the program has left running go on, for as long as the session does. **The program has
    /// [ended](Self::ended).**
    pub(super) fn leave(self) {
        let Self { mut statuses, _guard: guard, _lifeline: lifeline, _place: place, places, .. } = self;
        // The work must not hold the places, which hold the work.
        places.keep(async move {
            let _left = (guard, lifeline, place);
            // The guard ends when nothing is left below it.
            drop(statuses.read(&mut [0]).await);
        });
    }
}

fn number(bytes: &[u8]) -> i32 {
    i32::from_ne_bytes(bytes.try_into().unwrap_or_default())
}
