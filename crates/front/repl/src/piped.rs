//! Runs chunk after chunk from standard input, without prompt and colour.

mod front;
mod inside;
mod typing;

use std::{collections::VecDeque, io};

use drupe_client::{Chunk, Kernel, Limits, Outcome};
use tokio::sync::mpsc;

use crate::{
    Began, Followed, Follower, ReplError, Settings, Startup,
    chunk_reader::ChunkReader,
    commands::{self, Command},
    dispatch::dispatch,
    follow::follow,
    framed,
    front::{Front, Ran, Sessions},
    leaving::{Left, exited, left},
    lines::{Input, MAX_LINE, Piece, read_lines},
    pending_chunk::{Held, Hold},
    settled_output::is_uncaught,
    show::Show,
    startup::Quiet,
    watched::Watched,
    words,
};

/// The exit status where nothing has failed but chunks that awaited what could not come; Node's.
const UNSETTLED: u8 = 13;

/// What the input is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Chunks and commands as a person types them. A chunk ends where it is complete.
    #[default]
    Text,
    /// A JSON object a line, each of which is a chunk: `{"code": "1+1", "id": 1, "timeout": "5s"}`.
    Json,
}

/// Runs what `input` brings, chunk after chunk, and goes on after errors; at its end waits for the timers that are
/// left. `startup` is run first, and if that fails nothing else is.
///
/// # Errors
/// When nothing can be shown or read any more, or no kernel can be launched.
pub async fn piped(
    kernel: &Kernel,
    settings: &Settings,
    startup: &Startup,
    input: impl Input,
    format: Format,
    show: &mut dyn Show,
) -> Result<Left, ReplError> {
    let mut follower = Follower::new(kernel);
    // Nobody is there to see that a chunk waits for nothing.
    let settings = &Settings { ends_unsettled: true, ..*settings };
    match startup.run(kernel, settings, &mut follower, show).await? {
        Began::Whole => {}
        Began::Unread => return Ok(Left::Failed),
        Began::Stopped => return Ok(Left::Interrupted),
        Began::Failed(followed) => {
            let left = left(&followed);
            return Ok(if left == Left::Done { Left::Failed } else { left });
        }
    }
    let mut pipe = Pipe {
        kernel: kernel.clone(),
        settings: Settings { result_handle: format == Format::Text && !settings.by_value, ..*settings },
        startup: startup.clone(),
        follower,
        show: Watched::new(show),
        ran: Ran::default(),
        typed: None,
        lacks_line: false,
        line: 0,
        again: VecDeque::new(),
        paused: false,
        failed: false,
        unsettled: false,
        left: Left::Done,
        status: None,
        exited: Left::Done,
        sessions: Sessions::default(),
        most: settings.limits,
    };
    pipe.settle().await?;
    pipe.settings.preview |= pipe.settings.result_handle;
    let left = pipe.read(read_lines(input)?, format).await?;
    Ok(match (left == Left::Done, pipe.failed, pipe.unsettled) {
        (true, true, _) => Left::Failed,
        (true, false, true) => Left::Exited(UNSETTLED),
        (false, ..) | (true, false, false) => left,
    })
}

/// What is to be looked at.
enum Next {
    /// A line, or the end of the input.
    Line(Option<String>),
    /// The line of this number cannot be read, and why.
    NoLine(u64, String),
    /// Whoever writes the lines waits for what the last one comes to.
    Pause,
}

/// A pipe, and what is done with what comes through it.
struct Pipe<'a> {
    kernel: Kernel,
    settings: Settings,
    startup: Startup,
    follower: Follower,
    show: Watched<'a>,
    ran: Ran,
    /// The text of `.editor`, until it ends.
    typed: Option<String>,
    /// Whether the chunk that is gathered, or the text of `.editor`, lacks a line that could not be read. **It is not
    /// run**.
    lacks_line: bool,
    /// How many lines were read.
    line: u64,
    /// What was only looked at, and is next.
    again: VecDeque<Next>,
    /// Whether no other line is there yet.
    paused: bool,
    /// Whether something has failed, but for what [`unsettled`](Self::unsettled) tells of.
    failed: bool,
    /// Whether a chunk awaited what nothing was left to bring.
    unsettled: bool,
    /// Why to leave, if the last run said so.
    left: Left,
    /// The exit status that the session has set.
    status: Option<u8>,
    /// The status of the last frame that called `process.exit`: the command's, if the session sets none.
    exited: Left,
    sessions: Sessions,
    /// The limits of the command line.
    most: Limits,
}

impl Pipe<'_> {
    async fn read(&mut self, mut pieces: mpsc::Receiver<io::Result<Piece>>, format: Format) -> Result<Left, ReplError> {
        let (mut gatherer, mut held) = (ChunkReader::default(), None::<Held>);
        loop {
            let next = match self.again.pop_front() {
                Some(next) => next,
                None if held.is_some() && self.paused => Next::Pause,
                None => match self.next(&mut pieces, format).await? {
                    Some(next) => next,
                    None => return Ok(Left::Interrupted),
                },
            };
            if let Some(mut holding) = held.take() {
                let look = async {
                    match &next {
                        Next::Line(Some(line)) => holding.line(&mut gatherer, line).await,
                        Next::Line(None) | Next::NoLine(..) | Next::Pause => Hold::Begins,
                    }
                };
                let hold = tokio::select! {
                    biased;
                    Some(()) = self.follower.interrupts.recv() => return Ok(Left::Interrupted),
                    hold = look => hold,
                };
                match hold {
                    Hold::Waits => held = Some(holding),
                    Hold::GoesOn(chunk) => held = chunk.map(Held::of),
                    Hold::Begins => {
                        let (chunk, lines) = holding.end();
                        let left = self.chunk(chunk).await?;
                        if left != Left::Done {
                            return Ok(left);
                        }
                        self.again.push_front(next);
                        lines.into_iter().rev().for_each(|line| self.again.push_front(Next::Line(Some(line))));
                    }
                }
                continue;
            }
            let is_over = matches!(next, Next::Line(None));
            let left = match (format, next) {
                (Format::Text, Next::NoLine(line, why)) if self.typed.is_some() || !gatherer.is_empty() => {
                    self.lacks_line = true;
                    let what = if self.typed.is_some() { "text of .editor" } else { "chunk" };
                    self.bad_line(line, None, &format!("{why}; the {what} that it stands in is not run"))?
                }
                (_, Next::NoLine(line, why)) => self.bad_line(line, None, &why)?,
                (Format::Json, Next::Line(Some(line))) => self.framed(&line).await?,
                (Format::Json, Next::Line(None) | Next::Pause) => Left::Done,
                (Format::Text, Next::Line(Some(line))) if self.typed.is_some() => self.type_line(&line).await?,
                (Format::Text, Next::Line(None)) if self.typed.is_some() => self.end_typing().await?,
                (Format::Text, Next::Line(Some(line))) if self.is_command(&mut gatherer, &line, &mut pieces).await? => {
                    if self.left != Left::Done {
                        return Ok(self.left);
                    }
                    if line.trim() == ".exit" {
                        return self.exit(&gatherer).await;
                    }
                    let left = self.command(&line).await?;
                    // `.editor` goes on with unfinished input; other commands leave it as it is.
                    if let Some(typed) = &mut self.typed {
                        typed.push_str(gatherer.text());
                    }
                    if self.typed.is_some() || line.trim() == ".break" {
                        gatherer.forget();
                        self.lacks_line &= self.typed.is_some();
                    }
                    left
                }
                (Format::Text, next) => {
                    let look = async {
                        match &next {
                            Next::Line(Some(line)) => gatherer.line(line).await,
                            Next::Line(None) | Next::NoLine(..) => gatherer.rest(),
                            Next::Pause => gatherer.pause().await,
                        }
                    };
                    let chunk = tokio::select! {
                        biased;
                        Some(()) = self.follower.interrupts.recv() => return Ok(Left::Interrupted),
                        chunk = look => chunk,
                    };
                    match chunk {
                        Some(_) if std::mem::take(&mut self.lacks_line) => Left::Done,
                        // The line after it may go on with it.
                        Some(chunk) if matches!(next, Next::Line(Some(_))) => match Held::new(chunk) {
                            Ok(holding) => {
                                held = Some(holding);
                                Left::Done
                            }
                            Err(chunk) => self.chunk(chunk).await?,
                        },
                        Some(chunk) => self.chunk(chunk).await?,
                        None => Left::Done,
                    }
                }
            };
            if left != Left::Done {
                return Ok(left);
            }
            if is_over {
                return self.wait_for_timers().await;
            }
        }
    }

    /// What the input brings next; meanwhile shows what earlier chunks do. `None`: Ctrl-C was pressed.
    async fn next(&mut self, pieces: &mut mpsc::Receiver<io::Result<Piece>>, format: Format) -> Result<Option<Next>, ReplError> {
        let mut piece = loop {
            tokio::select! {
                biased;
                Some(()) = self.follower.interrupts.recv() => return Ok(None),
                piece = pieces.recv() => break piece.transpose().map_err(ReplError::Input)?,
                Some(event) = self.follower.late.next_event() => {
                    self.failed |= is_uncaught(&event);
                    self.show.event(None, &event).and_then(|()| self.show.flush()).map_err(ReplError::Output)?;
                }
            }
        };
        // Another line may have come since.
        while matches!(piece, Some(Piece::Pause))
            && let Ok(next) = pieces.try_recv()
        {
            piece = Some(next.map_err(ReplError::Input)?);
        }
        self.paused = matches!(piece, None | Some(Piece::Pause));
        self.line += u64::from(matches!(piece, Some(Piece::Line(_) | Piece::TooLong(_))));
        Ok(Some(match (piece, format) {
            (None, _) => Next::Line(None),
            (Some(Piece::Pause), _) => Next::Pause,
            (Some(Piece::TooLong(size)), _) => {
                Next::NoLine(self.line, format!("it has {size} bytes; no line may have more than {MAX_LINE}"))
            }
            // As Node reads it.
            (Some(Piece::Line(line)), Format::Text) => Next::Line(Some(String::from_utf8_lossy(&line).into_owned())),
            (Some(Piece::Line(line)), Format::Json) => match String::from_utf8(line) {
                Ok(line) => Next::Line(Some(line)),
                Err(error) => Next::NoLine(self.line, not_utf8(error.as_bytes(), error.utf8_error().valid_up_to())),
            },
        }))
    }

    fn bad_line(&mut self, line: u64, id: Option<&serde_json::Value>, why: &str) -> Result<Left, ReplError> {
        self.failed = true;
        let told = self.show.bad_line(line, id, why);
        told.and_then(|()| self.show.flush()).map_err(ReplError::Output)?;
        Ok(Left::Done)
    }

    async fn chunk(&mut self, text: String) -> Result<Left, ReplError> {
        let kernel = self.kernel.clone();
        if let Some(said) = Front::supervise(self, words::instead(&kernel, &text)).await? {
            return self.fail(said).map(|()| self.left);
        }
        let chunk = self.settings.chunk(text.as_str());
        self.follow(chunk, text, None).await?;
        Ok(self.left)
    }

    async fn framed(&mut self, line: &str) -> Result<Left, ReplError> {
        match framed::read(line, &self.settings) {
            None => Ok(Left::Done),
            Some(Ok(framed::Framed { id, chunk, code })) => {
                self.follow(chunk, code, id).await?;
                let left = self.left;
                // `process.exit()` ends its frame: the others are answered, too.
                let goes_on = matches!(left, Left::Exited(_));
                if goes_on {
                    self.exited = left;
                    self.left = Left::Done;
                }
                Ok(if goes_on { Left::Done } else { left })
            }
            Some(Err(framed::BadLine { id, message })) => self.bad_line(self.line, id.as_ref(), &message),
        }
    }

    async fn command(&mut self, line: &str) -> Result<Left, ReplError> {
        match commands::parse(line) {
            Some(Ok(Command::Editor)) => self.typed = Some(String::new()),
            Some(Ok(command)) => {
                self.renew().await?;
                dispatch(self, command).await?;
                self.show.flush().map_err(ReplError::Output)?;
                self.settle().await?;
            }
            Some(Err(mistake)) => self.fail(&mistake)?,
            None => {}
        }
        Ok(self.left)
    }

    /// Runs a chunk, and shows what happens. Whether it came to its end.
    async fn follow(&mut self, chunk: Chunk, text: String, id: Option<serde_json::Value>) -> Result<bool, ReplError> {
        self.renew().await?;
        self.show.left_out.end(&self.kernel);
        self.show.belongs_to(id);
        let followed = follow(&self.kernel, chunk, &mut self.follower, &mut self.show).await?;
        self.show.belongs_to(None);
        let is_success = followed.is_success();
        if is_success {
            self.ran.push(text);
        }
        self.note(&followed);
        self.settle().await?;
        Ok(is_success)
    }

    /// What a run came to may be a reason to leave.
    fn note(&mut self, followed: &Followed) {
        if let Followed::Ended { result: Ok(report), .. } = followed {
            self.status = report.exit_code;
        }
        let ended =
            if let Followed::Ended { result: Ok(report), uncaught: false } = followed { Some(&report.outcome) } else { None };
        let unsettled = matches!(ended, Some(Outcome::Unsettled));
        self.unsettled |= unsettled;
        let exited = matches!(ended, Some(Outcome::Exited { code: 0 }));
        self.failed |= !unsettled && !exited && !followed.is_success();
        let left = left(followed);
        if left != Left::Done {
            self.left = left;
        }
    }

    /// Runs nothing until nothing is left to wait for.
    async fn wait_for_timers(&mut self) -> Result<Left, ReplError> {
        let chunk = self.settings.chunk("").until_idle(true);
        let followed = follow(&self.kernel, chunk, &mut self.follower, &mut Quiet::new(&mut self.show)).await?;
        self.failed |= !followed.is_success();
        Ok(match &followed {
            Followed::Ended { result: Ok(report), .. } if report.exit_code.is_some() => exited(report),
            Followed::Ended { result: Ok(report), .. } if report.outcome.is_value() => self.exited,
            Followed::Ended { .. } | Followed::Abandoned | Followed::Signalled(_) => left(&followed),
        })
    }
}

/// Says which byte of a line is not UTF-8, from 1.
fn not_utf8(line: &[u8], valid: usize) -> String {
    let byte = line.get(valid).copied().unwrap_or_default();
    format!("it is not UTF-8: byte {} is 0x{byte:02x}", valid + 1)
}
