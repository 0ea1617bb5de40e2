//! The kernel's process: launched with one frame on standard input, ended with a status that says why.

use std::{
    io::{self, Read, Write},
    process::ExitCode,
};

use drupe_protocol::{
    DecodeError, FrameDecoder, FrameError, REVISION, decode, encode,
    hello::{Channel, Engine, Greeting, Hello, Launch, Welcoming},
    sandbox::SandboxLevel,
};
use drupe_transport::{End, ReceiveError, connect};

use crate::{
    process::{
        platform::{self, Jit, Platform},
        threads::Threads,
        time_zone,
    },
    runs::event_loop::LoopError,
    sandbox::Lockdown,
    serve::{Config, ServeError, serve_when},
    wire::inbox::Inbox,
};

/// The launch was wrong, or the parent refused the kernel.
const STATUS_LAUNCH: u8 = 2;
/// The parent broke the protocol.
const STATUS_PROTOCOL: u8 = 3;
/// The kernel could not do its work.
const STATUS_FAILED: u8 = 4;

/// Why a kernel did not come to serve, or ceased to.
#[derive(Debug, thiserror::Error)]
enum LaunchError {
    #[error("cannot read the launch frame from standard input: {0}; a kernel is started by a parent, see protocol/WIRE.md")]
    Input(#[from] io::Error),
    #[error("standard input brings no launch frame: {0}; a kernel is started by a parent, see protocol/WIRE.md")]
    Frame(#[from] FrameError),
    #[error("standard input brings no launch frame: {0}; a kernel is started by a parent, see protocol/WIRE.md")]
    Decode(#[from] DecodeError),
    #[error("the parent speaks revision {theirs} of the protocol, this kernel {REVISION}; use a matching pair")]
    Revision { theirs: u32 },
    #[error("cannot connect to the parent's {0:?} channel: {1}")]
    Connect(Channel, io::Error),
    #[error("cannot greet the parent: {0}")]
    Greet(io::Error),
    #[error("the parent refused the kernel: {0}")]
    Refused(String),
    #[error("the parent did not welcome the kernel: {0}")]
    Welcome(#[from] ReceiveError),
    #[error("the parent closed the connection before it welcomed the kernel")]
    Closed,
    #[error("the launch asked for the sandbox level {wanted}, and no more than {reached} can be had here")]
    Sandbox { wanted: SandboxLevel, reached: SandboxLevel },
    #[error(transparent)]
    Serve(#[from] ServeError),
}

impl LaunchError {
    fn status(&self) -> u8 {
        match self {
            Self::Serve(ServeError::Loop(LoopError::Receive(_) | LoopError::Control)) => STATUS_PROTOCOL,
            Self::Serve(_) => STATUS_FAILED,
            _ => STATUS_LAUNCH,
        }
    }
}

/// What a program may change about the kernel that it becomes. No flag, variable or message reaches these: they are for
/// tests.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Layers of the lock-down to leave out, by name, as if the system had none.
    pub without: Vec<String>,
    /// Called on the main thread as soon as the process is locked down, before it greets the parent.
    pub locked: Option<fn()>,
}

/// Runs a kernel as this process. Its standard input brings a [`Launch`]; its exit status is 0 when the parent ended
/// it, 2 for a bad launch, 3 when the parent broke the protocol, 4 when it could not do its work.
///
/// **To be called before the process has opened a file or started a thread**: it closes every descriptor but the
/// standard three.
pub fn main() -> ExitCode {
    main_with(&Options::default())
}

/// As [`main`], for programs that test the lock-down.
pub fn main_with(options: &Options) -> ExitCode {
    match run(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Who does not read it does not want to know.
            drop(writeln!(io::stderr(), "drupe kernel: {error}"));
            ExitCode::from(error.status())
        }
    }
}

/// Connects, locks itself down, greets, and serves once it is welcome.
fn run(options: &Options) -> Result<(), LaunchError> {
    #[cfg(unix)]
    crate::process::job::join_parent();
    let mut lockdown = Lockdown::begin(&options.without);
    let launch = read_launch()?;
    if launch.revision != REVISION {
        return Err(LaunchError::Revision { theirs: launch.revision });
    }
    let wanted = launch.sandbox.unwrap_or(SandboxLevel::Strict);
    let connect = |channel, name| connect(name).map_err(|error| LaunchError::Connect(channel, error));
    let mut data = connect(Channel::Data, &launch.data)?;
    let mut control = connect(Channel::Control, &launch.control)?;
    time_zone::set(launch.time_zone.as_deref());
    if let Some(locale) = launch.locale.as_deref().filter(|locale| !locale.contains('\0')) {
        v8::icu::set_default_locale(locale);
    }
    lockdown.confine(wanted, launch.memory_limit);
    let jit = if wanted == SandboxLevel::Hardened { Jit::Off } else { Jit::On };
    platform::initialise(Platform::Process, launch.memory_limit, jit);
    let threads = Threads::start().map_err(ServeError::from)?;
    lockdown.seal();
    options.locked.inspect(|locked| locked());
    let (sandbox, layers) = lockdown.status();
    let hello = Hello {
        revision: REVISION,
        token: launch.token,
        channel: Channel::Data,
        pid: std::process::id(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        engine: Engine { name: "V8".to_owned(), version: v8::V8::get_version().to_owned() },
        sandbox,
        layers,
    };
    greet(&mut data, hello.clone())?;
    greet(&mut control, Hello { channel: Channel::Control, ..hello })?;
    let config = Config {
        generation: launch.generation,
        memory_limit: launch.memory_limit,
        machine_memory: launch.machine_memory,
        builtin_names: launch.builtin_names,
        platform: Platform::Process,
        orphaned: end_process,
    };
    serve_when(data, control, &config, threads, |parent| {
        await_welcome(parent)?;
        // A parent that does not mind does not read what it is told.
        if sandbox < wanted { Err(LaunchError::Sandbox { wanted, reached: sandbox }) } else { Ok(()) }
    })
}

fn greet(end: &mut End, hello: Hello) -> Result<(), LaunchError> {
    let mut frame = Vec::new();
    encode(&Greeting::Hello(hello), &mut frame).map_err(|error| LaunchError::Greet(io::Error::other(error)))?;
    end.sender.send(&frame).map_err(LaunchError::Greet)
}

fn await_welcome(parent: &Inbox) -> Result<(), LaunchError> {
    match parent.welcoming()? {
        Some(Welcoming::Welcome(_)) => Ok(()),
        Some(Welcoming::Refused(refused)) => Err(LaunchError::Refused(refused.reason)),
        Some(other) => Err(LaunchError::Refused(format!("it answered {:?}", other.name()))),
        None => Err(LaunchError::Closed),
    }
}

fn read_launch() -> Result<Launch, LaunchError> {
    let mut decoder = FrameDecoder::new();
    let mut input = io::stdin().lock();
    loop {
        if let Some(payload) = decoder.next_frame()? {
            return Ok(decode(&payload)?);
        }
        match input.read(decoder.spare())? {
            0 => {
                decoder.end()?;
                return Err(LaunchError::Input(io::ErrorKind::UnexpectedEof.into()));
            }
            count => decoder.advance(count),
        }
    }
}

/// Without a parent there is nobody to serve, and JavaScript may be where it cannot be interrupted.
fn end_process() {
    #[cfg(unix)]
    // A process that cannot kill itself does not exist.
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    #[cfg(not(unix))]
    std::process::exit(0);
}
