//! `--events json`: one JSON object a line on standard output for each event, as it happens.
//!
//! `drupe_client::json` writes events, outcomes and errors, and lists their keys. In strings, characters that are
//! invisible, change the direction of text or have a meaning for a terminal are written as `\uXXXX`, so that a line is
//! safe to look at. Events of a chunk of `--input json` have its `id`, too; this holds for the newest 1,000 chunks.
//! Errors before the first event (a bad flag, say) are reported on standard error only. The command adds these lines:
//!
//! | `type` | keys |
//! |---|---|
//! | `notice` | `text` that the front end says, such as what is wrong with a command |
//! | `answer` | `text` that a command of the input (`.help`) answers |
//! | `bad_line` | `line` of the input, from 1, that is no chunk (`--input json`), `message` that says why |
//! | `doctor` | `works`: true or false, `version`, `kernel_program`, `kernel_version`, `v8`, `protocol`, `sandbox`, `layers` of `name`, `on`, `detail`; `programs`: how they are confined, `message` if it does not work, `ms` |

use std::{
    collections::VecDeque,
    io::{self, BufWriter, Write},
};

use drupe_client::{Error, Event, Report, RunId, json};
use drupe_repl::Show;
use serde::Serialize;

use crate::json_line::{Line, Tagged};

/// Writes events as JSON lines. A line becomes visible as soon as nothing else is ready to be written: when it happens.
#[derive(Debug)]
pub(crate) struct EventsJson<O: Write> {
    out: BufWriter<O>,
    /// What the newest runs came with.
    ids: VecDeque<(RunId, serde_json::Value)>,
}

/// So many runs are remembered: timers may tell of them later.
const MAX_IDS: usize = 1_000;

impl<O: Write> EventsJson<O> {
    pub(crate) fn new(out: O) -> Self {
        Self { out: BufWriter::with_capacity(64 << 10, out), ids: VecDeque::new() }
    }

    /// Writes a line of the command.
    pub(crate) fn line(&mut self, line: &Line) -> io::Result<()> {
        self.write(line, None)
    }

    /// Writes a line about a run, with the `id` that the run came with.
    fn line_of_run(&mut self, line: &json::Line) -> io::Result<()> {
        let known = line.run().and_then(|run| self.ids.iter().rev().find(|(known, _)| *known == run));
        let id = known.map(|(_, id)| id.clone());
        self.write(line, id.as_ref())
    }

    fn write<L: Serialize>(&mut self, line: &L, id: Option<&serde_json::Value>) -> io::Result<()> {
        match id {
            Some(id) => json::write(&mut self.out, &Tagged { id, line })?,
            None => json::write(&mut self.out, line)?,
        }
        self.out.write_all(b"\n")
    }
}

impl<O: Write> Show for EventsJson<O> {
    fn event(&mut self, run: Option<RunId>, event: &Event) -> io::Result<()> {
        self.line_of_run(&json::Line::event(run, event))
    }

    fn report(&mut self, report: &Report) -> io::Result<()> {
        self.line_of_run(&json::Line::report(report))
    }

    fn error(&mut self, run: Option<RunId>, error: &Error) -> io::Result<()> {
        self.line_of_run(&json::Line::error(run, error))
    }

    fn notice(&mut self, text: &str) -> io::Result<()> {
        self.line(&Line::Notice { text })
    }

    fn answer(&mut self, text: &str) -> io::Result<()> {
        self.line(&Line::Answer { text })
    }

    fn tag(&mut self, run: RunId, id: &serde_json::Value) {
        if self.ids.len() >= MAX_IDS {
            self.ids.pop_front();
        }
        self.ids.push_back((run, id.clone()));
    }

    fn bad_line(&mut self, line: u64, id: Option<&serde_json::Value>, message: &str) -> io::Result<()> {
        self.write(&Line::NoChunk { line, message }, id)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use drupe_client::{Console, Event, Method};
    use drupe_repl::Show;

    use super::EventsJson;

    #[test]
    fn an_event_is_a_line_that_can_be_looked_at_and_has_the_id_of_its_run() {
        let mut console = Console::new(Method::Log, Vec::new(), 0.0);
        console.run = Some(1);
        console.text = Some("\u{9b}2J".into());
        let mut json = EventsJson::new(Vec::new());
        json.tag(1, &"a".into());
        json.event(None, &Event::Console(console)).unwrap();
        json.event(Some(2), &Event::Unknown { name: "later".into() }).unwrap();
        json.flush().unwrap();
        let lines = String::from_utf8(json.out.into_inner().unwrap()).unwrap();
        let (first, second) = lines.split_once('\n').unwrap();
        assert!(first.contains("\"id\":\"a\"") && first.contains(r"\u009b2J") && !first.contains('\u{9b}'), "{first:?}");
        assert_eq!(second, "{\"type\":\"unknown\",\"run\":2,\"event\":\"later\"}\n");
    }
}
