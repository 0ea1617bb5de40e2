//! A live kernel: its process and its two channels, as one source of events.

use std::{collections::VecDeque, process::ExitStatus, time::Duration};

use drupe_host::answer_budget::Held;
use drupe_protocol::{
    Control, EncodeError, Event, FrameError, Reply, Request, RunId,
    event::{Outcome, Started},
    hello::Hello,
};
use drupe_transport::{
    ReceiveError,
    parent::{FrameReader, FrameWriter},
};
use tokio::time::{Instant, timeout, timeout_at};

use crate::{Cause, process::Process};

/// How long a process may take to end after it has closed its data channel.
const EXIT_GRACE: Duration = Duration::from_secs(2);

/// No more is kept of what a kernel had said before it was killed, in bytes. Its channel holds a few MiB, which may
/// take more in memory.
const MAX_HEARD: usize = 32 << 20;

/// No more is queued for a kernel that does not read, in bytes: the rest waits where it is made.
const MAX_UNSENT: usize = 8 << 20;

/// A launched kernel. Dropping it kills the process.
#[derive(Debug)]
pub(crate) struct Link {
    /// None for a kernel on a thread of this process: it ends with its channels.
    process: Option<Process>,
    data_in: FrameReader,
    data_out: FrameWriter,
    /// What answers take up that are queued, and where they end in all that is ever written. **Each is held until it is
    /// written.**
    answers: VecDeque<(u64, Held)>,
    control_in: FrameReader,
    control_out: FrameWriter,
    control_closed: bool,
    /// **Set once.** Waiting for the end may begin several times, and the deadline stays.
    closed: Option<Closed>,
    /// Whether the process has ended and was waited for, though its last words are not read yet.
    reaped: bool,
    hello: Hello,
    /// What it had said before it was killed, and how many bytes each takes.
    heard: Vec<(Event, usize)>,
    /// Everything that it said was read.
    heard_out: bool,
    /// The last run that it said of, when it was dead, that it had begun.
    begun: RunId,
    /// The last run that it said of, when it was dead, that it had ended.
    ended: RunId,
}

/// What is left of a kernel that has ended: whether it can have begun what it was asked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Remains {
    /// It has read no more bytes than these of all that it was sent: **the word of the system, and not the kernel's**.
    pub(crate) read: u64,
    /// Everything that it said was read.
    pub(crate) heard_out: bool,
    /// The last run of which its last words say that it had begun.
    pub(crate) begun: RunId,
    /// The last run of which its last words say that it had ended.
    pub(crate) ended: RunId,
}

/// What came from the kernel.
#[derive(Debug)]
pub(crate) enum LinkEvent {
    /// An event, and about how many bytes it takes.
    Event(Event, usize),
    Reply(Reply),
    /// There is [room](Link::has_room) again.
    Room,
    /// Its process has ended, with this status if it is known. [`Link::last_words`] tells why.
    Ended(Option<ExitStatus>),
    /// It broke the protocol, and is to be killed.
    Broken(String),
}

/// The data channel is closed, and the process has yet to end.
#[derive(Debug)]
struct Closed {
    /// When it is to have ended.
    until: Instant,
    /// What is wrong with it if it has not.
    error: String,
}

impl Link {
    pub(crate) fn new(
        process: Option<Process>,
        (data_in, data_out): (FrameReader, FrameWriter),
        (control_in, control_out): (FrameReader, FrameWriter),
        hello: Hello,
    ) -> Self {
        Self {
            process,
            data_in,
            data_out,
            answers: VecDeque::new(),
            control_in,
            control_out,
            control_closed: false,
            closed: None,
            reaped: false,
            hello,
            heard: Vec::new(),
            heard_out: false,
            begun: 0,
            ended: 0,
        }
    }

    /// Sets how long a frame may take that has begun to arrive.
    pub(crate) fn set_frame_timeout(&mut self, timeout: Duration) {
        self.data_in.set_timeout(timeout);
        self.control_in.set_timeout(timeout);
    }

    /// Whether a frame has begun to arrive, whose time runs.
    pub(crate) fn is_in_frame(&self) -> bool {
        self.data_in.is_in_frame() || self.control_in.is_in_frame()
    }

    /// Gives frames that have begun to arrive their time again, and a process that is to end the time that it `stood`
    /// still.
    pub(crate) fn excuse(&mut self, stood: Duration) {
        self.closed.iter_mut().for_each(|closed| closed.until += stood);
        self.data_in.pause();
        self.control_in.pause();
    }

    /// What the kernel said of itself.
    pub(crate) fn hello(&self) -> &Hello {
        &self.hello
    }

    /// The process's id.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.process.as_ref().and_then(Process::id)
    }

    /// Queues a request; it is sent while [`next`](Self::next) is awaited. Returns where it ends in all that is ever
    /// sent.
    pub(crate) fn request(&mut self, request: &Request) -> Result<u64, EncodeError> {
        self.data_out.queue(request)?;
        Ok(self.requested())
    }

    /// Where the last request ends in all that is ever sent.
    pub(crate) fn requested(&self) -> u64 {
        self.data_out.through() + self.data_out.unsent() as u64
    }

    /// As [`request`](Self::request), for an answer that holds room.
    pub(crate) fn answer(&mut self, request: &Request, held: Held) -> Result<(), EncodeError> {
        let end = self.request(request)?;
        self.answers.push_back((end, held));
        Ok(())
    }

    /// Whether more may be queued on the data channel that can wait.
    pub(crate) fn has_room(&self) -> bool {
        self.data_out.unsent() <= MAX_UNSENT
    }

    /// Queues a control message. These are small and cannot fail to encode.
    pub(crate) fn control(&mut self, control: &Control) {
        drop(self.control_out.queue(control));
    }

    /// The next event; without `read_events`, none from the data channel. Cancel safe.
    ///
    /// A process that ends closes its channels: so what it said last is read first, and then its end is learnt.
    pub(crate) async fn next(&mut self, read_events: bool) -> LinkEvent {
        if !read_events {
            self.data_in.pause();
        }
        let had_room = self.has_room();
        loop {
            tokio::select! {
                biased;
                result = self.control_out.flush(), if self.control_out.is_pending() => if result.is_err() {
                    // As below: what cannot be sent must not be tried for ever.
                    self.control_out.discard();
                },
                reply = self.control_in.receive::<Reply>(), if !self.control_closed => match reply {
                    Ok(Some(reply)) => return LinkEvent::Reply(reply),
                    Ok(None) | Err(ReceiveError::Io(_) | ReceiveError::Frame(FrameError::Torn { .. })) => self.control_closed = true,
                    Err(error) => return LinkEvent::Broken(error.to_string()),
                },
                end = end(&mut self.process, self.closed.as_ref()), if self.awaits_end(read_events) => match end {
                    Some(event) => return event,
                    None => self.reaped = true,
                },
                event = self.data_in.receive::<Event>(), if read_events && self.closed.is_none() => match event {
                    Ok(Some(event)) => return LinkEvent::Event(event, self.data_in.weight()),
                    Ok(None) => {
                        self.heard_out = true;
                        self.close("it closed its data channel and stayed".to_owned());
                    }
                    Err(error @ (ReceiveError::Io(_) | ReceiveError::Frame(FrameError::Torn { .. }))) => {
                        self.heard_out = matches!(error, ReceiveError::Frame(_));
                        self.close(error.to_string());
                    }
                    Err(error) => return LinkEvent::Broken(error.to_string()),
                },
                result = self.data_out.flush_some(), if self.data_out.is_pending() => {
                    if result.is_err() {
                        // The kernel no longer reads: its end shows on the way in, after what it still has to say.
                        self.data_out.discard();
                    }
                    let through = self.data_out.through();
                    while self.answers.pop_front_if(|(end, _)| *end <= through).is_some() {}
                    if !had_room && self.has_room() {
                        return LinkEvent::Room;
                    }
                }
                else => std::future::pending().await,
            }
        }
    }

    /// Kills the process, and hears it out.
    pub(crate) async fn kill(&mut self, cause: Cause) -> (Cause, String) {
        let Some(process) = &mut self.process else { return (cause, String::new()) };
        process.kill().await;
        // No more comes than the channel holds.
        drop(timeout(EXIT_GRACE, self.hear_out()).await);
        if matches!(cause, Cause::Protocol(_)) {
            // Nothing is believed that comes behind a lie.
            self.heard.clear();
        }
        (cause, process_stderr(&mut self.process).await)
    }

    /// What the process had said before it was [killed](Self::kill), and how many bytes each takes.
    pub(crate) fn take_heard(&mut self) -> Vec<(Event, usize)> {
        std::mem::take(&mut self.heard)
    }

    /// Reads what a process that is gone has said last.
    async fn hear_out(&mut self) {
        let mut room = MAX_HEARD;
        loop {
            match self.data_in.receive::<Event>().await {
                Ok(Some(event)) => {
                    if let Event::Started(Started { run, .. }) | Event::Outcome(Outcome { run, .. }) = &event {
                        self.begun = self.begun.max(*run);
                    }
                    if let Event::Outcome(Outcome { run, .. }) = &event {
                        self.ended = self.ended.max(*run);
                    }
                    // **Nothing behind what has no room**: an outcome counts what came before it.
                    room = room.saturating_sub(self.data_in.weight().max(size_of::<Event>()));
                    if room > 0 {
                        self.heard.push((event, self.data_in.weight()));
                    }
                }
                Ok(None) | Err(ReceiveError::Frame(FrameError::Torn { .. })) => {
                    self.heard_out = true;
                    return;
                }
                Err(_) => return,
            }
        }
    }

    /// What is known of an end. **To be asked when it has ended.**
    pub(crate) fn remains(&self) -> Remains {
        // It may have read all but the last byte that the system had taken.
        let read = self.data_out.sent() - u64::from(self.data_in.left_unread() && self.data_out.sent() > 0);
        Remains { read, heard_out: self.heard_out && self.data_in.is_direct(), begun: self.begun, ended: self.ended }
    }

    /// Whether the end of the process is awaited: its data channel is closed, or it is dead while its last words wait
    /// for a reader that is full. Then no zombie is left to wait with them.
    fn awaits_end(&self, read_events: bool) -> bool {
        self.closed.is_some() || self.control_closed && !read_events && !self.reaped
    }

    /// The data channel is closed: the process is to end.
    fn close(&mut self, error: String) {
        self.data_in.pause();
        self.closed = Some(Closed { until: Instant::now() + EXIT_GRACE, error });
    }

    /// Why the process has ended with `status`, and the end of its standard error.
    pub(crate) async fn last_words(&mut self, status: Option<ExitStatus>) -> (Cause, String) {
        let Some(process) = &mut self.process else { return (Cause::of(None, "", 0), String::new()) };
        let stderr = process.stderr().await;
        (process.cause(status, &stderr), stderr)
    }
}

/// Waits for a process to end; `None` where its data channel is not closed. Cancel safe.
async fn end(process: &mut Option<Process>, closed: Option<&Closed>) -> Option<LinkEvent> {
    match (process, closed) {
        (Some(process), Some(Closed { until, error })) => Some(match timeout_at(*until, process.wait()).await {
            Ok(status) => LinkEvent::Ended(status),
            Err(_) => LinkEvent::Broken(error.clone()),
        }),
        (None, Some(_)) => Some(LinkEvent::Ended(None)),
        (Some(process), None) => {
            process.wait().await;
            None
        }
        (None, None) => None,
    }
}

async fn process_stderr(process: &mut Option<Process>) -> String {
    match process {
        Some(process) => process.stderr().await,
        None => String::new(),
    }
}
