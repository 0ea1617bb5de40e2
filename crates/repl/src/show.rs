//! Where a run's events go: the trait that front ends implement, and plain text for people.

use std::io::{self, BufWriter, Write};

use drupe_client::{Error, Event, Report, RunId};

use crate::render::{Piece, Renderer, Stream};

/// Shows what happens, in the order in which it happens.
pub trait Show {
    /// Something happened. `run` is the run that is followed, if one is: events that belong to another name it themselves.
    ///
    /// # Errors
    /// When it cannot be written.
    fn event(&mut self, run: Option<RunId>, event: &Event) -> io::Result<()>;

    /// The run has ended.
    ///
    /// # Errors
    /// When it cannot be written.
    fn report(&mut self, report: &Report) -> io::Result<()>;

    /// The run failed for reasons that are not the user's code.
    ///
    /// # Errors
    /// When it cannot be written.
    fn error(&mut self, run: Option<RunId>, error: &Error) -> io::Result<()>;

    /// The run was asked to stop by Ctrl-C.
    ///
    /// # Errors
    /// When it cannot be written.
    fn interrupting(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// The run was asked to stop a while ago, and has not.
    ///
    /// # Errors
    /// When it cannot be written.
    fn still_there(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Nothing more is known at the moment: what was held back must become visible.
    ///
    /// # Errors
    /// When it cannot be written.
    fn flush(&mut self) -> io::Result<()>;
}

/// Shows everything as text: values and output on one writer, errors and warnings on the other.
#[derive(Debug)]
pub struct Text<O: Write, E: Write> {
    renderer: Renderer,
    out: BufWriter<O>,
    err: E,
}

impl<O: Write, E: Write> Text<O, E> {
    /// Writes to `out` and `err` what `renderer` makes of events.
    pub fn new(renderer: Renderer, out: O, err: E) -> Self {
        Self { renderer, out: BufWriter::with_capacity(32 << 10, out), err }
    }

    pub(crate) fn renderer(&mut self) -> &mut Renderer {
        &mut self.renderer
    }

    pub(crate) fn piece(&mut self, piece: &Piece) -> io::Result<()> {
        match piece.stream {
            Stream::Out => self.out.write_all(piece.text.as_bytes()),
            Stream::Err => {
                // Where both are one terminal or file, the order is the order of events.
                self.out.flush()?;
                self.err.write_all(piece.text.as_bytes())?;
                self.err.flush()
            }
        }
    }
}

impl<O: Write, E: Write> Show for Text<O, E> {
    fn event(&mut self, _: Option<RunId>, event: &Event) -> io::Result<()> {
        self.renderer.event(event).map_or(Ok(()), |piece| self.piece(&piece))
    }

    fn report(&mut self, report: &Report) -> io::Result<()> {
        self.renderer.report(report).map_or(Ok(()), |piece| self.piece(&piece))
    }

    fn error(&mut self, _: Option<RunId>, error: &Error) -> io::Result<()> {
        let piece = self.renderer.error(error);
        self.piece(&piece)
    }

    fn interrupting(&mut self) -> io::Result<()> {
        match self.renderer.after_ctrl_c() {
            Some(piece) => self.piece(&piece),
            None => Ok(()),
        }
    }

    fn still_there(&mut self) -> io::Result<()> {
        let piece = self.renderer.notice("it has not stopped yet; another Ctrl-C ends its kernel, and the state with it");
        self.piece(&piece)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
