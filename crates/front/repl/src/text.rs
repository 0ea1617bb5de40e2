//! Events as plain text for people.

use std::{
    borrow::Cow,
    io::{self, BufWriter, Write},
    mem,
    sync::Arc,
};

use drupe_client::{Begun, Death, Error, Event, Handle, Kernel, NewSession, Output, Report, RunId, SessionReason};

use crate::{
    cut_text::is_cut,
    hint::one_line,
    left_out::LeftOut,
    pager::Paged,
    render::{Piece, Renderer, Stream},
    sanitize::sanitize,
    screen::{self, Size},
    show::Show,
    status::{Busy, words},
};

/// Shows everything as text: values and output on one writer, errors and warnings on the other.
#[derive(Debug)]
pub struct Text<O: Write, E: Write> {
    renderer: Renderer,
    out: BufWriter<O>,
    err: E,
    /// Whether a person looks on: long results are folded, and long runs have a status line.
    pub(crate) person: bool,
    /// Whether the terminal echoes nothing, not even Ctrl-C.
    pub(crate) silent: bool,
    /// The last result that was folded.
    pub(crate) folded: Paged,
    /// What the last result left out.
    pub(crate) left_out: LeftOut,
    /// Whether a result that is `undefined` is shown.
    pub(crate) undefined: bool,
    /// Whether it is not, just now.
    hides_undefined: bool,
    /// Whether the cursor stands at the beginning of a status line. **Nothing else is written before it is erased.**
    status_shown: bool,
    /// Where what a program wrote last has no line break at its end.
    mid_line: Option<Stream>,
    /// Whether a value begins where a program's unfinished line ends.
    joins_lines: bool,
    /// What it has written there, unless that is too long.
    begun: Option<String>,
    /// Where handles come from that are printed with, if they do.
    pub(crate) kernel: Option<Kernel>,
    /// Handles of what was printed and is not looked into.
    spent: Vec<Handle>,
    /// The death of a kernel that was told last. **The run that died and the next session tell of the same.**
    death: Option<Arc<Death>>,
}

/// So many handles are let go of at once.
const SPENT: usize = 64;

/// A line that is longer is not drawn again.
const MAX_BEGUN: usize = 4 << 10;

/// A screen of so many rows is what a brief answer takes.
const BRIEF_ROWS: usize = 8;

const ERASE_LINE: &str = "\r\x1b[K";

/// Erases a status line from its beginning. In a window that has become narrower it takes several rows.
const ERASE_STATUS: &str = "\r\x1b[J";

impl<O: Write, E: Write> Text<O, E> {
    /// Writes to `out` and `err` what `renderer` makes of events.
    pub fn new(renderer: Renderer, out: O, err: E) -> Self {
        let out = BufWriter::with_capacity(32 << 10, out);
        Self {
            renderer,
            out,
            err,
            person: false,
            silent: false,
            folded: Paged::default(),
            left_out: LeftOut::default(),
            undefined: true,
            hides_undefined: false,
            status_shown: false,
            mid_line: None,
            joins_lines: false,
            begun: None,
            kernel: None,
            spent: Vec::new(),
            death: None,
        }
    }

    /// Writes a value behind a line that a program has not finished, as the program itself would.
    #[must_use]
    pub fn joining_lines(self) -> Self {
        Self { joins_lines: true, ..self }
    }

    /// Whether this death was told already.
    fn has_told(&mut self, death: &Arc<Death>) -> bool {
        self.death.replace(death.clone()).is_some_and(|told| told == *death)
    }

    /// Notes what was printed or thrown and left something out.
    pub(crate) fn note(&mut self, event: &Event) {
        if let Event::Console(console) = event {
            let spent = self.left_out.print(console);
            self.let_go(spent);
        }
        if let Event::Exception(uncaught) = event {
            self.left_out.of_error = is_cut(&uncaught.exception.text);
        }
    }

    /// Handles are not needed any more. **They keep objects alive.**
    fn let_go(&mut self, handles: Vec<Handle>) {
        self.spent.extend(handles);
        if self.spent.len() >= SPENT {
            self.let_go_now();
        }
    }

    fn let_go_now(&mut self) {
        if let Some(kernel) = &self.kernel
            && !self.spent.is_empty()
        {
            kernel.release(self.spent.drain(..));
        }
    }

    pub(crate) fn renderer(&mut self) -> &mut Renderer {
        &mut self.renderer
    }

    fn erase_status(&mut self) -> io::Result<bool> {
        if !mem::take(&mut self.status_shown) {
            return Ok(false);
        }
        self.err.write_all(ERASE_STATUS.as_bytes())?;
        self.err.flush()?;
        Ok(true)
    }

    /// What comes next begins on a line of its own.
    fn end_line(&mut self) -> io::Result<()> {
        match self.mid_line.take() {
            Some(stream) => self.piece(&Piece { stream, text: "\n".to_owned() }),
            None => Ok(()),
        }
    }

    /// Code has written text: notes the line that it has begun.
    fn note_line(&mut self, piece: &Piece) {
        let goes_on = self.mid_line == Some(piece.stream);
        let text = match piece.text.rsplit_once('\n') {
            Some((_, line)) => Some(line.to_owned()),
            None if goes_on => self.begun.take().map(|begun| begun + &piece.text),
            // It stands behind what another stream has begun.
            None => self.mid_line.is_none().then(|| piece.text.clone()),
        };
        self.begun = text.filter(|line| line.len() <= MAX_BEGUN);
        self.mid_line = (!piece.text.ends_with('\n')).then_some(piece.stream);
    }

    /// Only so much of a long result as fits on the screen.
    fn fold(&mut self, piece: &mut Piece) {
        self.fold_to(piece, screen::size());
    }

    fn fold_to(&mut self, piece: &mut Piece, size: Size) {
        if let Some((folded, page)) = Paged::fold(&piece.text, size) {
            self.folded = folded;
            piece.text = page;
        }
    }

    /// An answer may hold what code has said.
    fn safe<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.renderer.out.terminal { sanitize(text) } else { Cow::Borrowed(text) }
    }

    pub(crate) fn piece(&mut self, piece: &Piece) -> io::Result<()> {
        self.write(piece.stream, piece.text.as_bytes())
    }

    fn write(&mut self, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        self.erase_status()?;
        match stream {
            Stream::Out => self.out.write_all(bytes),
            Stream::Err => {
                // Where both are one terminal or file, the order is the order of events.
                self.out.flush()?;
                self.err.write_all(bytes)?;
                self.err.flush()
            }
        }
    }
}

impl<O: Write, E: Write> Show for Text<O, E> {
    fn event(&mut self, _: Option<RunId>, event: &Event) -> io::Result<()> {
        let Some(mut piece) = self.renderer.event(event) else { return Ok(()) };
        if let Event::Session(NewSession { reason: SessionReason::Respawned(death), .. }) = event
            && self.has_told(death)
        {
            piece = self.renderer.notice("state lost: the session is a new one");
        }
        if let Event::Result(result) = event {
            self.left_out.result(result);
            self.folded = Paged::default();
            if (!self.undefined || self.hides_undefined) && result.text == "undefined" {
                return Ok(());
            }
            if self.person {
                self.fold(&mut piece);
            }
        }
        self.note(event);
        if let Event::Output(Output { bytes: Some(bytes), .. }) = event
            && (self.renderer.raw || !self.renderer.look(piece.stream).terminal)
        {
            self.write(piece.stream, bytes)?;
            self.mid_line = (bytes.last() != Some(&b'\n')).then_some(piece.stream);
            return Ok(());
        }
        if matches!(event, Event::Output(_)) {
            self.piece(&piece)?;
            self.note_line(&piece);
            return Ok(());
        }
        let begins_line =
            matches!(event, Event::Result(_)) && !self.joins_lines || matches!(event, Event::Exception(_)) && self.person;
        if begins_line {
            self.end_line()?;
        }
        self.mid_line.take_if(|stream| *stream == piece.stream);
        self.piece(&piece)
    }

    fn report(&mut self, report: &Report) -> io::Result<()> {
        self.erase_status()?;
        if self.person {
            self.end_line()?;
        }
        self.renderer.report(report).map_or(Ok(()), |piece| self.piece(&piece))
    }

    fn error(&mut self, _: Option<RunId>, error: &Error) -> io::Result<()> {
        if let Error::Died { death, started } = error
            && self.has_told(death)
            && *started == Begun::Yes
        {
            return Ok(());
        }
        let piece = self.renderer.error(error);
        self.piece(&piece)
    }

    fn notice(&mut self, text: &str) -> io::Result<()> {
        let piece = self.renderer.notice(text);
        self.piece(&piece)
    }

    fn answer(&mut self, text: &str) -> io::Result<()> {
        let text = self.safe(text).into_owned();
        self.piece(&Piece { stream: Stream::Out, text })
    }

    fn long_answer(&mut self, title: &str, text: &str) -> io::Result<()> {
        let (title, text) = (self.safe(title), self.safe(text));
        let title = if self.renderer.out.colors && !title.is_empty() {
            format!("\x1b[90m{}\x1b[0m\n", title.trim_end())
        } else {
            title.into_owned()
        };
        let mut piece = Piece { stream: Stream::Out, text: title + &text };
        if self.person {
            self.fold(&mut piece);
        }
        self.piece(&piece)
    }

    fn brief_answer(&mut self, text: &str) -> io::Result<()> {
        let mut piece = Piece { stream: Stream::Out, text: self.safe(text).into_owned() };
        if self.person {
            let size = screen::size();
            self.fold_to(&mut piece, Size { rows: size.rows.min(BRIEF_ROWS), ..size });
        }
        self.piece(&piece)
    }

    fn toggle_costs(&mut self) -> bool {
        self.renderer.costs = !self.renderer.costs;
        self.renderer.costs
    }

    fn hide_undefined(&mut self, is_hidden: bool) {
        self.hides_undefined = is_hidden;
    }

    fn colors(&self) -> bool {
        self.renderer.out.colors
    }

    fn interrupting(&mut self) -> io::Result<()> {
        // With the status line goes the terminal's `^C`.
        if self.erase_status()? {
            return Ok(());
        }
        match self.renderer.after_ctrl_c() {
            Some(piece) if self.silent => self.piece(&Piece { text: format!("^C{}", piece.text), ..piece }),
            Some(piece) => self.piece(&piece),
            None => Ok(()),
        }
    }

    fn wants_status(&self) -> bool {
        self.person && self.renderer.err.colors
    }

    fn status(&mut self, busy: &Busy) -> io::Result<()> {
        self.out.flush()?;
        let line = one_line(&words(busy), screen::size().columns);
        // The beginning of a line stays one in each size of the window. Its end is in a row that depends on the size,
        // which this process may learn late.
        write!(self.err, "{ERASE_STATUS}\x1b[90m{line}\x1b[0m\r")?;
        self.status_shown = true;
        self.err.flush()
    }

    fn still_there(&mut self) -> io::Result<()> {
        let piece = self.renderer.notice("it has not stopped yet; another Ctrl-C ends its kernel, and the state with it");
        self.piece(&piece)
    }

    fn make_room(&mut self) -> io::Result<()> {
        self.out.flush()?;
        if !self.erase_status()? && self.renderer.out.terminal {
            // What the terminal has shown of what is typed ahead goes, too: it is no answer.
            self.out.write_all(ERASE_LINE.as_bytes())?;
        }
        self.out.flush()
    }

    fn is_mid_line(&self) -> bool {
        self.mid_line.is_some()
    }

    fn line_begun(&self) -> Option<&str> {
        self.mid_line.and(self.begun.as_deref())
    }

    fn line_ended(&mut self) {
        self.mid_line = None;
    }

    fn flush(&mut self) -> io::Result<()> {
        self.let_go_now();
        self.out.flush()
    }
}
