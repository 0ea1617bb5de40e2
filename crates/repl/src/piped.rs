//! Chunk after chunk from standard input, without prompt and colour.

use std::{io, thread, time::Duration};

use drupe_client::{Chunk, Error, Event, Kernel, Outcome, Report, RunId};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use crate::{Followed, Follower, ReplError, Settings, follow::follow, gather::Gatherer, show::Show};

/// Lines that are read ahead.
const AHEAD: usize = 64;

/// After so long without a line, whoever writes them waits for what the last one comes to.
const PAUSE: Duration = Duration::from_millis(50);

/// Why a front end left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// There is no more input, or the person asked for it.
    Done,
    /// Ctrl-C.
    Interrupted,
    /// The program has set this exit status.
    Exited(u8),
    /// A kernel could not be launched, which was shown.
    NoKernel,
    /// A run ended in a way that is not known here, which was shown: what comes next in the input may rely on it.
    Unknown,
}

/// Runs what `input` brings, chunk after chunk, and goes on after errors; at its end waits for the timers that are left. A chunk
/// ends where it is complete.
///
/// # Errors
/// When nothing can be shown or read any more, or no kernel can be launched.
pub async fn piped(
    kernel: &Kernel,
    settings: &Settings,
    input: impl io::BufRead + Send + 'static,
    show: &mut dyn Show,
) -> Result<Left, ReplError> {
    let mut follower = Follower::new(kernel);
    let mut lines = read_lines(input)?;
    let mut gatherer = Gatherer::default();
    // **When the writer of the lines counts as waiting**: what happens meanwhile does not put it off.
    let mut pause = None;
    loop {
        let next = tokio::select! {
            biased;
            Some(()) = follower.interrupts.recv() => return Ok(Left::Interrupted),
            line = lines.recv() => Next::Line(line.transpose().map_err(ReplError::Input)?),
            () = sleep_until(pause.unwrap_or_else(Instant::now)), if pause.is_some() => Next::Pause,
            Some(event) = follower.late.next_event() => {
                show.event(None, &event).and_then(|()| show.flush()).map_err(ReplError::Output)?;
                continue;
            }
        };
        let look = async {
            match &next {
                Next::Line(Some(line)) => gatherer.line(line).await,
                Next::Line(None) => gatherer.rest(),
                Next::Pause => gatherer.pause().await,
            }
        };
        let chunk = tokio::select! {
            biased;
            Some(()) = follower.interrupts.recv() => return Ok(Left::Interrupted),
            chunk = look => chunk,
        };
        if let Some(chunk) = chunk {
            let left = run(kernel, settings.chunk(chunk), &mut follower, show).await?;
            if left != Left::Done {
                return Ok(left);
            }
        }
        if matches!(next, Next::Line(None)) {
            return wait_for_timers(kernel, settings, &mut follower, show).await;
        }
        pause = gatherer.is_pending().then(|| Instant::now() + PAUSE);
    }
}

/// What is to be looked at.
enum Next {
    /// A line, or the end of the input.
    Line(Option<String>),
    /// No line came for a while.
    Pause,
}

async fn run(kernel: &Kernel, chunk: Chunk, follower: &mut Follower, show: &mut dyn Show) -> Result<Left, ReplError> {
    Ok(left(&follow(kernel, chunk, follower, show).await?))
}

fn left(followed: &Followed) -> Left {
    match followed {
        // Nobody hears signals for what comes by a pipe.
        Followed::Abandoned | Followed::Signalled(_) => Left::Interrupted,
        Followed::Ended { result: Err(Error::Launch(_)), .. } => Left::NoKernel,
        Followed::Ended { result: Ok(report), .. } if matches!(report.outcome, Outcome::Exited { .. }) => exited(report),
        Followed::Ended { result: Ok(report), .. } if matches!(report.outcome, Outcome::Interrupted { .. }) => Left::Interrupted,
        Followed::Ended { result: Ok(report), .. } if matches!(report.outcome, Outcome::Unknown { .. }) => Left::Unknown,
        Followed::Ended { .. } => Left::Done,
    }
}

fn exited(report: &Report) -> Left {
    report.exit_code.map_or(Left::Done, Left::Exited)
}

/// Runs nothing until nothing is left to wait for.
async fn wait_for_timers(
    kernel: &Kernel,
    settings: &Settings,
    follower: &mut Follower,
    show: &mut dyn Show,
) -> Result<Left, ReplError> {
    let chunk = settings.chunk("").until_idle(true);
    Ok(match follow(kernel, chunk, follower, &mut Quiet(show)).await? {
        Followed::Ended { result: Ok(report), .. } if report.exit_code.is_some() => exited(&report),
        followed @ (Followed::Ended { .. } | Followed::Abandoned | Followed::Signalled(_)) => left(&followed),
    })
}

/// Shows what others do during a run, and of the run itself only what goes wrong.
struct Quiet<'a>(&'a mut dyn Show);

impl Show for Quiet<'_> {
    fn event(&mut self, run: Option<RunId>, event: &Event) -> io::Result<()> {
        if matches!(event, Event::Started(_) | Event::Result(_)) { Ok(()) } else { self.0.event(run, event) }
    }

    fn report(&mut self, report: &Report) -> io::Result<()> {
        if report.outcome.is_value() { Ok(()) } else { self.0.report(report) }
    }

    fn error(&mut self, run: Option<RunId>, error: &Error) -> io::Result<()> {
        self.0.error(run, error)
    }

    fn interrupting(&mut self) -> io::Result<()> {
        self.0.interrupting()
    }

    fn still_there(&mut self) -> io::Result<()> {
        self.0.still_there()
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Reads lines on a thread of its own: reading blocks. Text that is no UTF-8 is read with replacement characters.
fn read_lines(mut input: impl io::BufRead + Send + 'static) -> Result<mpsc::Receiver<io::Result<String>>, ReplError> {
    let (lines, queue) = mpsc::channel(AHEAD);
    let read = move || {
        let mut line = Vec::new();
        loop {
            let text = match input.read_until(b'\n', &mut line) {
                Ok(0) => return,
                Ok(_) => Ok(String::from_utf8_lossy(&line).into_owned()),
                Err(error) => Err(error),
            };
            line.clear();
            let failed = text.is_err();
            if lines.blocking_send(text).is_err() || failed {
                return;
            }
        }
    };
    thread::Builder::new().name("drupe-input".into()).spawn(read).map_err(ReplError::Thread)?;
    Ok(queue)
}
