//! Text typed outside of the prompt: answers to questions, line by line, and text typed ahead.

use std::{convert::Infallible, future::pending, io};

use crate::person::{End, Heard, Paused, Person};

#[cfg(not(unix))]
pub(crate) use crate::no_tty::Terminal;
#[cfg(unix)]
pub(crate) use unix::Terminal;

#[cfg(unix)]
mod unix {
    use std::{convert::Infallible, io, os::fd::OwnedFd, sync::Arc};

    use rustix::{
        fs::{Mode, OFlags},
        process::{Signal, getpgrp},
        termios::{QueueSelector, tcflush, tcgetpgrp},
    };
    use rustyline::TypeAhead;
    use tokio::{
        io::{Interest, unix::AsyncFd},
        signal::unix::{SignalKind, signal},
    };

    use crate::{
        answer_line::AnswerEditor,
        answers::Answering,
        modes::{Lent, Modes},
        type_ahead::{Ahead, Key},
    };

    /// The terminal at standard input: for the time of a question, or of a conversation.
    #[derive(Debug)]
    pub(crate) struct Terminal {
        /// **Opened anew**: other holders of the terminal must not find it non-blocking.
        pub(crate) input: AsyncFd<OwnedFd>,
        /// A line that has come in part.
        pub(super) begun: Vec<u8>,
        /// Where what is typed ahead is kept during a conversation.
        pub(crate) kept: Option<(Ahead, Arc<Modes>)>,
        /// Where questions are answered during a conversation.
        pub(crate) answering: Option<Answering>,
        /// During a question: tells when this job goes on after it was stopped.
        pub(super) resumed: Option<Resumed>,
        /// Whether Ctrl-C came before the question: what was typed behind it is for the next line.
        pub(super) interrupted: bool,
    }

    fn open() -> io::Result<OwnedFd> {
        let name = rustix::termios::ttyname(io::stdin(), Vec::new()).unwrap_or_else(|_| c"/dev/tty".to_owned());
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        Ok(rustix::fs::open(name.as_c_str(), flags, Mode::empty())?)
    }

    impl Terminal {
        /// For a question, or to learn that it is gone. Must be called within a tokio runtime.
        pub(crate) fn open() -> io::Result<Self> {
            // Readable, too: that is what the system wakes when a terminal hangs up.
            let interest = Interest::READABLE | Interest::ERROR;
            // SAFETY: an owned descriptor is the same one until it is dropped.
            let input = unsafe { AsyncFd::register_with_interest(open()?, interest)? };
            Ok(Self { input, begun: Vec::new(), kept: None, answering: None, resumed: None, interrupted: false })
        }

        /// For a conversation: what is typed while no line is read goes to `ahead`, and `editor` reads answers.
        pub(crate) fn keep(ahead: TypeAhead, editor: AnswerEditor) -> io::Result<Self> {
            let terminal = Self::open()?;
            let modes = Modes::hold(open()?)?;
            Ok(Self { kept: Some((Ahead::new(ahead), modes)), answering: Some(Answering::new(editor)), ..terminal })
        }

        /// Whether what is typed ahead is kept.
        pub(crate) fn keeps(&self) -> bool {
            self.kept.is_some()
        }

        /// The editor takes the terminal, or gives it back.
        pub(crate) fn edited(&self, edited: bool) {
            if let Some((_, modes)) = &self.kept {
                modes.edited(edited);
            }
        }

        /// What stops this process and its job at Ctrl-Z.
        pub(crate) fn suspend(&self) -> Option<impl Fn() + Send + Sync + 'static> {
            // Whoever holds this must not keep the terminal from being put back.
            let modes = self.kept.as_ref().map(|(_, modes)| Arc::downgrade(modes))?;
            Some(move || {
                if let Some(modes) = modes.upgrade() {
                    modes.suspend();
                }
            })
        }

        /// Lends it to another program.
        pub(crate) fn lend(&self) -> Lent {
            Lent::to_a_program(self.kept.as_ref().map(|(_, modes)| modes.clone()))
        }

        /// Waits until the terminal is gone. The system tells by a signal only those whose session it controls. Cancel
        /// safe.
        pub(crate) async fn hung_up(&self) {
            if self.input.ready(Interest::ERROR).await.is_err() {
                std::future::pending().await
            }
        }

        /// Keeps what is typed ahead, and does what Ctrl-C and Ctrl-Z do at other terminals. Cancel safe.
        pub(crate) async fn keep_typed(&self) -> Infallible {
            let Some((ahead, modes)) = &self.kept else { return std::future::pending().await };
            loop {
                handle_key(ahead, modes);
                // What is too much waits in the terminal.
                if ahead.is_full() {
                    std::future::pending::<()>().await;
                }
                let Ok(mut ready) = self.input.readable().await else { return std::future::pending().await };
                match ready.try_io(|input| read(input, ahead)) {
                    // Nothing was there.
                    Err(_) => {}
                    Ok(Ok(read)) if read > 0 => {}
                    // It is gone, which is told elsewhere.
                    Ok(_) => return std::future::pending().await,
                }
            }
        }

        /// Does what the keys say that came before a question. Says whether one interrupted.
        pub(super) fn handle_keys(&self) -> bool {
            let Some((ahead, modes)) = &self.kept else { return false };
            let mut interrupted = false;
            while let Some(key) = handle_key(ahead, modes) {
                interrupted |= key == Key::Interrupt;
            }
            interrupted
        }

        /// Whether this job has the terminal.
        pub(super) fn is_ours(&self) -> bool {
            tcgetpgrp(self.input.get_ref()).is_ok_and(|foreground| foreground == getpgrp())
        }

        /// Keeps what was typed so far. Whether that is all: there may be no room for it.
        pub(super) fn gather(&self) -> bool {
            let Some((ahead, _)) = &self.kept else { return true };
            while !ahead.is_full() && matches!(read(&self.input, ahead), Ok(1..)) {}
            !ahead.is_full()
        }

        /// Waits until a paste that is arriving has arrived. **A terminal holds only some of it**: the rest comes when
        /// that is read.
        pub(super) async fn rest_of_paste(&self) {
            let Some((ahead, _)) = &self.kept else { return };
            while self.gather() {
                let Some(wait) = ahead.may_go_on() else { return };
                let Ok(Ok(mut ready)) = tokio::time::timeout(wait, self.input.readable()).await else { return };
                if let Ok(Ok(0) | Err(_)) = ready.try_io(|input| read(input, ahead)) {
                    return;
                }
            }
        }

        /// Waits until what an editor has begun to read has arrived: what it left may be the beginning.
        pub(crate) async fn rest_of_unread(&self) {
            if let Some((ahead, _)) = &self.kept {
                ahead.note_unread();
            }
            self.rest_of_paste().await;
        }

        /// The line that was typed ahead last, if one was.
        pub(crate) fn typed(&self) -> Option<String> {
            self.kept.as_ref().and_then(|(ahead, _)| ahead.last_line())
        }

        /// Lines that were typed ahead and before Ctrl-C: they are not run.
        pub(crate) fn take_aside(&self) -> Vec<String> {
            self.kept.as_ref().map(|(ahead, _)| ahead.take_aside()).unwrap_or_default()
        }

        /// What was typed for standard input, and is not asked for any more, goes into the next line.
        pub(crate) fn return_draft(&mut self) {
            if let (Some((ahead, _)), Some(answering)) = (&self.kept, &mut self.answering) {
                ahead.give_back(&answering.take_kept_draft());
            }
        }

        /// Throws away what was typed and not read.
        pub(super) fn flush(&self) -> io::Result<()> {
            Ok(tcflush(self.input.get_ref(), QueueSelector::IFlush)?)
        }
    }

    /// Does what the next key says that is not for the next line.
    fn handle_key(ahead: &Ahead, modes: &Modes) -> Option<Key> {
        let key = ahead.take_key();
        match key {
            Some(Key::Interrupt) => Modes::interrupt(),
            Some(Key::Suspend) => modes.suspend(),
            None => {}
        }
        key
    }

    /// Tells when this job goes on after it was stopped.
    #[derive(Debug)]
    pub(super) struct Resumed(tokio::signal::unix::Signal);

    impl Resumed {
        pub(super) fn listen() -> Option<Self> {
            signal(SignalKind::from_raw(Signal::CONT.as_raw())).ok().map(Self)
        }
    }

    /// Waits until this job goes on after it was stopped. Cancel safe.
    pub(super) async fn resumed(resumed: &mut Option<Resumed>) {
        let told = match resumed {
            Some(Resumed(signals)) => signals.recv().await,
            None => None,
        };
        if told.is_none() {
            std::future::pending::<()>().await;
        }
    }

    fn read(input: &AsyncFd<OwnedFd>, ahead: &Ahead) -> io::Result<usize> {
        let mut bytes = [0; 4096];
        let read = rustix::io::read(input.get_ref(), &mut bytes)?;
        ahead.push(&bytes[..read]);
        Ok(read)
    }
}

#[cfg(unix)]
impl Person for Terminal {
    async fn wait_for_paste(&mut self) {
        // Now: when the question is on the screen, an answer may come at once. The editor sees to itself.
        self.resumed = if self.keeps() { None } else { unix::Resumed::listen() };
        self.rest_of_paste().await;
    }

    fn take_lines(&mut self) {
        if let Some(answering) = &mut self.answering {
            answering.take_lines();
        }
    }

    fn begin(&mut self) -> io::Result<()> {
        self.begun.clear();
        self.interrupted = false;
        if self.kept.is_none() {
            return self.flush();
        }
        if !self.gather() {
            // What waits in the terminal would be the answer.
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.interrupted = self.handle_keys();
        if let (Some((ahead, _)), Some(answering)) = (&self.kept, &mut self.answering) {
            answering.begin(ahead);
        }
        Ok(())
    }

    fn edit(&mut self, before: &str) -> io::Result<()> {
        match (&self.kept, &mut self.answering) {
            (Some((_, modes)), Some(answering)) => answering.edit(before, modes),
            _ => Ok(()),
        }
    }

    async fn pause(&mut self) -> Paused {
        match (&self.kept, &mut self.answering) {
            (Some((_, modes)), Some(answering)) => answering.pause(modes).await,
            _ => Paused::OnScreen,
        }
    }

    async fn hear(&mut self) -> io::Result<Heard> {
        if self.answering.is_some() {
            return self.hear_edited().await;
        }
        loop {
            let mut ready = tokio::select! {
                ready = self.input.readable() => ready?,
                () = unix::resumed(&mut self.resumed) => {
                    // Of a job in the background nobody sees the question.
                    if !self.is_ours() {
                        continue;
                    }
                    self.begun.clear();
                    return Ok(Heard::Back);
                }
            };
            let mut bytes = [0; 4096];
            let read = match ready.try_io(|input| Ok(rustix::io::read(input.get_ref(), &mut bytes)?)) {
                Ok(read) => read?,
                // What was there is gone: Ctrl-C empties the line.
                Err(_) => continue,
            };
            if read == 0 {
                return Ok(Heard::Nothing);
            }
            self.begun.extend_from_slice(&bytes[..read]);
            if self.begun.last() == Some(&b'\n') {
                self.begun.pop();
                let line = std::mem::take(&mut self.begun);
                return Ok(Heard::Line(crate::typed_text::text(&String::from_utf8_lossy(&line))));
            }
        }
    }

    fn set_aside(&mut self, lines: Vec<String>) {
        if let Some((ahead, _)) = &self.kept {
            ahead.put_lines_aside(lines);
        }
    }

    async fn end(&mut self, end: End) -> io::Result<()> {
        self.begun.clear();
        self.resumed = None;
        match (&self.kept, &mut self.answering) {
            (Some((ahead, modes)), Some(answering)) => {
                answering.end(end, self.interrupted, ahead, modes).await;
                Ok(())
            }
            // What was typed as an answer is no code.
            _ if end == End::Answered => Ok(()),
            _ => self.flush(),
        }
    }
}

/// Waits until the terminal is gone. Cancel safe.
pub(crate) async fn hung_up(terminal: &Option<Terminal>) {
    match terminal {
        Some(terminal) => terminal.hung_up().await,
        None => pending().await,
    }
}

/// Keeps what is typed ahead, and does what Ctrl-C and Ctrl-Z do at other terminals. Cancel safe.
pub(crate) async fn keep_typed(terminal: &Option<Terminal>) -> Infallible {
    match terminal {
        Some(terminal) => terminal.keep_typed().await,
        None => pending().await,
    }
}
