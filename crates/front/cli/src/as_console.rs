//! The value of `-p CODE`, shown as `console.log` shows it.

use std::io;

use drupe_client::{Error, Event, Report, RunId, Value, preview::Node};
use drupe_repl::{Busy, Show};

/// Shows what another does, but values that are strings as they are.
pub(crate) struct AsConsole(pub(crate) Box<dyn Show>);

impl Show for AsConsole {
    fn event(&mut self, run: Option<RunId>, event: &Event) -> io::Result<()> {
        if let Event::Result(result) = event
            && result.value.is_none()
            && matches!(result.preview, Some(Node::String(_)))
        {
            return Err(io::Error::other(
                "the value is a string of more than 64 MiB; write it in parts, with process.stdout.write",
            ));
        }
        if let Event::Result(result) = event
            && let Some(Value::String(text)) = &result.value
        {
            let mut result = result.clone();
            result.text.clone_from(text);
            result.preview = None;
            return self.0.event(run, &Event::Result(result));
        }
        self.0.event(run, event)
    }

    fn report(&mut self, report: &Report) -> io::Result<()> {
        self.0.report(report)
    }

    fn error(&mut self, run: Option<RunId>, error: &Error) -> io::Result<()> {
        self.0.error(run, error)
    }

    fn notice(&mut self, text: &str) -> io::Result<()> {
        self.0.notice(text)
    }

    fn answer(&mut self, text: &str) -> io::Result<()> {
        self.0.answer(text)
    }

    fn interrupting(&mut self) -> io::Result<()> {
        self.0.interrupting()
    }

    fn still_there(&mut self) -> io::Result<()> {
        self.0.still_there()
    }

    fn wants_status(&self) -> bool {
        self.0.wants_status()
    }

    fn status(&mut self, busy: &Busy) -> io::Result<()> {
        self.0.status(busy)
    }

    fn make_room(&mut self) -> io::Result<()> {
        self.0.make_room()
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
