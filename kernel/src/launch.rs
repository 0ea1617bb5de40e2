//! The kernel's process: launched with one frame on standard input, ended with a status that says why.

use std::{
    io::{self, Read},
    process::ExitCode,
};

use drupe_protocol::{
    DecodeError, FrameDecoder, FrameError, REVISION, decode, encode,
    hello::{Channel, Greeting, Hello, Launch, Welcoming},
};
use drupe_transport::{End, Incoming, ReceiveError, connect};

use crate::{
    event_loop::LoopError,
    platform::{self, Platform},
    serve::{Config, ServeError, serve},
};

/// The launch was wrong, or the parent refused the kernel.
const STATUS_LAUNCH: u8 = 2;
/// The parent broke the protocol.
const STATUS_PROTOCOL: u8 = 3;
/// The kernel could not do its work.
const STATUS_FAILED: u8 = 4;

/// Why a kernel never came to serve.
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
    #[error("the parent refused the kernel: {0}")]
    Refused(String),
    #[error("the parent did not welcome the kernel: {0}")]
    Welcome(#[from] ReceiveError),
    #[error("the parent closed the connection before it welcomed the kernel")]
    Closed,
}

/// Runs a kernel as this process. Its standard input brings a [`Launch`]; its exit status is 0 when the parent ended it, 2 for a bad
/// launch, 3 when the parent broke the protocol, 4 when it could not do its work.
pub fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err((status, message)) => {
            eprintln!("drupe kernel: {message}");
            ExitCode::from(status)
        }
    }
}

fn run() -> Result<(), (u8, String)> {
    let (data, control, launch) = launch().map_err(|error| (STATUS_LAUNCH, error.to_string()))?;
    let config = Config {
        generation: launch.generation,
        memory_limit: launch.memory_limit,
        platform: Platform::Process,
        orphaned: end_process,
    };
    serve(data, control, &config).map_err(|error| match error {
        ServeError::Loop(LoopError::Receive(_) | LoopError::Control) => (STATUS_PROTOCOL, error.to_string()),
        _ => (STATUS_FAILED, error.to_string()),
    })
}

/// Reads the launch frame, connects both channels, says hello, and waits to be welcomed.
fn launch() -> Result<(End, End, Launch), LaunchError> {
    let launch = read_launch()?;
    if launch.revision != REVISION {
        return Err(LaunchError::Revision { theirs: launch.revision });
    }
    let mut data = greet(&launch, Channel::Data)?;
    let control = greet(&launch, Channel::Control)?;
    // While the parent looks at the greeting.
    platform::initialise(Platform::Process);
    match data.receiver.wait::<Welcoming>(None)? {
        Incoming::Message(Welcoming::Welcome(_)) => Ok((data, control, launch)),
        Incoming::Message(Welcoming::Refused(refused)) => Err(LaunchError::Refused(refused.reason)),
        Incoming::Message(other) => Err(LaunchError::Refused(format!("it answered {:?}", other.name()))),
        Incoming::Closed | Incoming::Woken | Incoming::Elapsed => Err(LaunchError::Closed),
    }
}

fn read_launch() -> Result<Launch, LaunchError> {
    let mut decoder = FrameDecoder::new();
    let mut input = io::stdin().lock();
    loop {
        if let Some(payload) = decoder.next_frame()? {
            return Ok(decode(payload)?);
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

fn greet(launch: &Launch, channel: Channel) -> Result<End, LaunchError> {
    let name = match channel {
        Channel::Data => &launch.data,
        Channel::Control => &launch.control,
    };
    let fail = |error| LaunchError::Connect(channel, error);
    let mut end = connect(name).map_err(fail)?;
    let hello = Greeting::Hello(Hello {
        revision: REVISION,
        token: launch.token.clone(),
        channel,
        pid: std::process::id(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        v8: v8::V8::get_version().to_owned(),
        sandbox: "off".to_owned(),
    });
    let mut frame = Vec::new();
    encode(&hello, &mut frame).map_err(|error| fail(io::Error::other(error)))?;
    end.sender.send(&frame).map_err(fail)?;
    Ok(end)
}

/// Without a parent there is nobody to serve, and JavaScript may be where it cannot be interrupted.
fn end_process() {
    #[cfg(unix)]
    // A process that cannot kill itself does not exist.
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    #[cfg(not(unix))]
    std::process::exit(0);
}
