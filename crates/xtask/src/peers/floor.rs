//! The floor: the cost of two processes and a socket alone.

use std::{
    io::{self, Read, Write},
    os::{fd::AsFd, unix::net::UnixStream},
    process::{Child, Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use drupe_client::Value;
use drupe_protocol::{
    EncodeError, Event, Request, encode,
    event::{Done, End, Outcome, RunResult, Started},
    request::Run,
};

use super::{
    peer::{Peer, PeerError, Who},
    task::Task,
};

/// This program again, as the other end of a blocking socket.
pub(super) struct Floor {
    /// Bytes of a run request for `1+1`, and of the frames that answer it.
    frames: (usize, usize),
    echo: Echo,
    version: String,
}

impl Floor {
    /// Starts the other end.
    pub(super) fn start() -> Result<Self, PeerError> {
        let frames = frame_sizes().map_err(|error| PeerError::Wrong(error.to_string()))?;
        let version = format!("{} bytes there, {} bytes back", frames.0, frames.1);
        Ok(Self { frames, echo: Echo::start(frames)?, version })
    }
}

impl Peer for Floor {
    fn who(&self) -> Who {
        Who::Floor
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn v8(&self) -> Option<&str> {
        None
    }

    fn processes(&self) -> [u32; 2] {
        [std::process::id(), self.echo.process.id()]
    }

    fn perform(&mut self, task: Task, amount: usize) -> Result<Option<Vec<f64>>, PeerError> {
        let once = |read, write| -> io::Result<f64> {
            let mut echo = Echo::start((read, write))?;
            // The first bytes wait for a process to start.
            echo.exchange()?;
            Ok(amount as f64 / echo.exchange()?.as_secs_f64())
        };
        Ok(Some(match task {
            Task::Spawn => {
                let start = Instant::now();
                Echo::start(self.frames)?.exchange()?;
                vec![start.elapsed().as_secs_f64()]
            }
            Task::RoundTrip(_) => {
                let samples = (0..amount).map(|_| self.echo.exchange().map(|time| time.as_secs_f64()));
                samples.collect::<io::Result<_>>()?
            }
            Task::Send => vec![once(amount, self.frames.1)?],
            Task::Receive => vec![once(self.frames.0, amount)?],
            _ => return Ok(None),
        }))
    }
}

/// A process that reads and writes so many bytes in turn. **Killed when dropped.**
struct Echo {
    process: Child,
    socket: UnixStream,
    request: Vec<u8>,
    reply: Vec<u8>,
}

impl Echo {
    fn start((read, write): (usize, usize)) -> io::Result<Self> {
        let (socket, theirs) = UnixStream::pair()?;
        let process = Command::new(std::env::current_exe()?)
            .args(["peers", "--echo", &read.to_string(), &write.to_string()])
            .stdin(Stdio::from(std::os::fd::OwnedFd::from(theirs)))
            .spawn()?;
        Ok(Self { process, socket, request: vec![7; read], reply: vec![0; write] })
    }

    fn exchange(&mut self) -> io::Result<Duration> {
        let start = Instant::now();
        self.socket.write_all(&self.request)?;
        self.socket.read_exact(&mut self.reply)?;
        Ok(start.elapsed())
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The other end, until this one is closed.
pub(super) fn echo(read: usize, write: usize) -> ExitCode {
    let serve = || -> io::Result<()> {
        let mut socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
        let (mut request, reply) = (vec![0; read], vec![7; write]);
        loop {
            socket.read_exact(&mut request)?;
            socket.write_all(&reply)?;
        }
    };
    if serve().is_err_and(|error| error.kind() == io::ErrorKind::UnexpectedEof) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// How many bytes drupe exchanges for `1+1`, taken from the same messages.
fn frame_sizes() -> Result<(usize, usize), EncodeError> {
    let run = 5_000;
    let (mut there, mut back) = (Vec::new(), Vec::new());
    let name = format!("chunk:{run}");
    let request = Run { run, code: "1+1".to_owned(), name, value_limit: 64 << 20, ..Run::default() };
    encode(&Request::Run(Box::new(request)), &mut there)?;
    encode(&Event::Started(Started::new(run, 1)), &mut back)?;
    let mut result = RunResult::new(run, "2");
    result.value = Some(Value::Number(2.0));
    encode(&Event::Result(result), &mut back)?;
    let end = End::Value(Done {});
    encode(&Event::Outcome(Outcome { wall_us: 50, cpu_us: 50, ..Outcome::new(run, end) }), &mut back)?;
    Ok((there.len(), back.len()))
}
