//! Events as text: stream, indentation and colour of each. Pure.

use std::env;
use std::io::IsTerminal;

use drupe_client::{
    self as client, Console, Error, Event, FrameRow, Level, Method, Output, Report, RunResult, SessionReason, Uncaught,
};
use drupe_preview::{Options, Styles};

use crate::{duration::brief, sanitize::sanitize};

const RED: &str = "\x1b[31m";
const YELLOW: &str = "\x1b[33m";
const DIM: &str = "\x1b[2m";
const PLAIN: &str = "\x1b[0m";
const CLEAR: &str = "\x1b[2J\x1b[3J\x1b[H";

/// How many spaces a console group indents, and how many of the groups around a text do.
const GROUP: usize = 2;
const MAX_GROUPS: usize = 32;

/// How many bytes the indentation of one text may take, in all its lines.
const MAX_INDENTATION: usize = 1 << 20;

/// What a stream can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// A terminal gets no control characters but colours; a pipe gets everything as it is.
    pub terminal: bool,
    /// Whether to colour errors and warnings.
    pub colors: bool,
}

impl Look {
    /// What `stream` can show, by what it is and by what `NO_COLOR` and `TERM` say.
    pub fn of(stream: &impl IsTerminal) -> Self {
        let terminal = stream.is_terminal();
        Self { terminal, colors: terminal && !Self::are_unwanted() }
    }

    /// What `stream` can show of a program that the person runs, by the variables that Node goes by. `variable` looks
    /// one up.
    pub fn of_program(stream: &impl IsTerminal, variable: impl Fn(&str) -> Option<String>) -> Self {
        let terminal = stream.is_terminal();
        let is_set = |name| variable(name).is_some();
        let colors = match variable("FORCE_COLOR") {
            Some(depth) => ["", "1", "true", "2", "3"].iter().any(|wanted| depth == *wanted),
            None => {
                terminal
                    && !is_set("NODE_DISABLE_COLORS")
                    && !is_set("NO_COLOR")
                    && variable("TERM").is_some_and(|term| term != "dumb")
            }
        };
        Self { terminal, colors }
    }

    fn are_unwanted() -> bool {
        let unwanted = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        unwanted || env::var_os("TERM").is_none_or(|term| term == "dumb")
    }
}

/// Which way a text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    /// Values, and output of the levels up to `info`.
    Out,
    /// Errors, warnings, and what the front end itself has to say.
    Err,
}

/// A text for a stream. It ends with a line break, unless it only clears the screen or a program wrote it so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) stream: Stream,
    pub(crate) text: String,
}

/// Makes text of events.
#[derive(Clone, Copy, Debug)]
pub struct Renderer {
    /// What standard output can show.
    pub out: Look,
    /// What standard error can show.
    pub err: Look,
    /// Whether the values of chunks are shown.
    pub values: bool,
    /// Whether each run is followed by what it cost.
    pub costs: bool,
    /// Whether what the program says reaches a terminal as it is: it is the program of the person, and no prompt is
    /// there to be imitated.
    pub raw: bool,
}

impl Renderer {
    #[expect(clippy::wildcard_enum_match_arm, reason = "an event describes itself")]
    pub(crate) fn event(&self, event: &Event) -> Option<Piece> {
        match event {
            Event::Console(console) => self.console(console),
            Event::Output(output) => Some(self.output(output)),
            Event::Result(result) if self.values => Some(self.result(result)),
            Event::Exception(uncaught) => Some(self.uncaught(uncaught)),
            // A program ends with its session.
            Event::Session(session) if self.raw && matches!(session.reason, SessionReason::Respawned(_)) => None,
            _ => self.described(event),
        }
    }

    fn described(&self, event: &Event) -> Option<Piece> {
        event.describe().map(|said| self.notice(&said))
    }

    pub(crate) fn report(&self, report: &Report) -> Option<Piece> {
        let said = if self.raw { report.describe_program_end() } else { report.describe_end() };
        let mut text = said.unwrap_or_default();
        if self.costs {
            // The two clocks differ by a little.
            let cost = format!("took {}, of which {} on the CPU", brief(report.wall), brief(report.cpu.min(report.wall)));
            text = if text.is_empty() { cost } else { format!("{text}\n{cost}") };
        }
        (!text.is_empty()).then(|| self.notice(&text))
    }

    pub(crate) fn error(&self, error: &Error) -> Piece {
        self.piece(Stream::Err, &error.to_string(), Some(RED), 0)
    }

    /// Something that the front end itself says.
    pub(crate) fn notice(&self, text: &str) -> Piece {
        self.piece(Stream::Err, text, Some(YELLOW), 0)
    }

    /// A terminal shows `^C` where the cursor is: what comes next deserves a line of its own.
    pub(crate) fn after_ctrl_c(&self) -> Option<Piece> {
        self.err.terminal.then(|| Piece { stream: Stream::Err, text: "\n".to_owned() })
    }

    /// The tree is laid out as the kernel laid out the text, so that both look the same but for the colours.
    fn result(&self, result: &RunResult) -> Piece {
        match &result.preview {
            Some(tree) if self.out.colors => {
                let text = drupe_preview::render(tree, &Options { styles: Some(&Styles::NODE), ..Options::default() });
                self.said(Stream::Out, &text, None, 0)
            }
            _ => self.said(Stream::Out, &result.text, None, 0),
        }
    }

    fn uncaught(&self, uncaught: &Uncaught) -> Piece {
        let exception = &uncaught.exception;
        if !self.err.colors || exception.text.contains('\x1b') {
            return self.piece(Stream::Err, &format!("Uncaught {exception}"), Some(RED), 0);
        }
        let (message, stack) = exception.split_text();
        let mut text = format!("{RED}Uncaught {}{PLAIN}", sanitize(message));
        for FrameRow { gutter, source, mark } in exception.frame_rows() {
            text.push_str(&format!("\n{DIM}{}{PLAIN}{}", sanitize(&gutter), sanitize(source)));
            if !mark.is_empty() {
                text.push_str(&format!("{RED}{mark}{PLAIN}"));
            }
        }
        for line in sanitize(stack).split('\n').skip(1) {
            let colour = if line.trim_start().starts_with("at ") { DIM } else { RED };
            text.push_str(&format!("\n{colour}{line}{PLAIN}"));
        }
        text.push('\n');
        Piece { stream: Stream::Err, text }
    }

    fn console(&self, console: &Console) -> Option<Piece> {
        let silent = matches!(console.method, Method::GroupEnd)
            || (matches!(console.method, Method::Group | Method::GroupCollapsed) && console.args.is_empty())
            || (console.method == Method::Time && console.text().is_empty());
        if silent {
            return None;
        }
        if console.method == Method::Clear {
            return self.out.terminal.then(|| Piece { stream: Stream::Out, text: CLEAR.to_owned() });
        }
        let (stream, colour) = match console.method.level() {
            Level::Error => (Stream::Err, Some(RED)),
            Level::Warning => (Stream::Err, Some(YELLOW)),
            Level::Debug | Level::Log | Level::Info => (Stream::Out, None),
        };
        Some(self.said(stream, console.text(), colour, (console.depth as usize).min(MAX_GROUPS) * GROUP))
    }

    /// What a stream can show.
    pub(crate) fn look(&self, stream: Stream) -> Look {
        match stream {
            Stream::Out => self.out,
            Stream::Err => self.err,
        }
    }

    /// What a program writes: no line of its own.
    fn output(&self, output: &Output) -> Piece {
        let (stream, look) = match output.stream {
            client::Stream::Stdout => (Stream::Out, self.out),
            client::Stream::Stderr | client::Stream::Unknown => (Stream::Err, self.err),
        };
        let text = if look.terminal && !self.raw { sanitize(&output.text).into_owned() } else { output.text.clone() };
        Piece { stream, text }
    }

    /// What the program says, as it is where that is wished; then only its values have colours.
    fn said(&self, stream: Stream, text: &str, colour: Option<&str>, indent: usize) -> Piece {
        if self.raw { self.laid(stream, text, None, indent) } else { self.piece(stream, text, colour, indent) }
    }

    fn piece(&self, stream: Stream, text: &str, colour: Option<&str>, indent: usize) -> Piece {
        let text = if self.look(stream).terminal { sanitize(text) } else { text.into() };
        self.laid(stream, &text, colour, indent)
    }

    fn laid(&self, stream: Stream, text: &str, colour: Option<&str>, indent: usize) -> Piece {
        let look = self.look(stream);
        let mut shown = String::with_capacity(text.len() + 16);
        // A text that brings its own colours keeps them.
        let colour = colour.filter(|_| look.colors && !text.contains('\x1b'));
        shown.extend(colour);
        if indent == 0 {
            shown.push_str(text);
        } else {
            let lines = 1 + text.bytes().filter(|byte| *byte == b'\n').count();
            let indent = indent.min(MAX_INDENTATION / lines);
            for (index, line) in text.split('\n').enumerate() {
                if index > 0 {
                    shown.push('\n');
                }
                shown.extend(std::iter::repeat_n(' ', indent));
                shown.push_str(line);
            }
        }
        shown.extend(colour.map(|_| PLAIN));
        shown.push('\n');
        Piece { stream, text: shown }
    }
}

#[cfg(test)]
mod tests {
    use drupe_client::{
        self as client, CodeFrame, Console, Event, Exception, Location, Method, Origin, Output, Position, RunResult, Uncaught,
        Value, preview::Node,
    };

    use super::{GROUP, Look, MAX_GROUPS, MAX_INDENTATION, Piece, Renderer, Stream};

    const PIPE: Look = Look { terminal: false, colors: false };
    const TERMINAL: Look = Look { terminal: true, colors: true };

    fn render(look: Look, event: &Event) -> Option<(Stream, String)> {
        let renderer = Renderer { out: look, err: look, values: true, costs: false, raw: false };
        renderer.event(event).map(|Piece { stream, text }| (stream, text))
    }

    fn console(method: Method, depth: u32, text: &str) -> Event {
        let args = if text.is_empty() { Vec::new() } else { vec![Value::from(text)] };
        let mut console = Console::new(method, args, 0.0);
        console.depth = depth;
        Event::Console(console)
    }

    #[test]
    fn levels_choose_the_stream() {
        let shown = |method| render(PIPE, &console(method, 0, "x"));
        for method in [Method::Log, Method::Info, Method::Debug, Method::Table, Method::Dir, Method::Group] {
            assert_eq!(shown(method), Some((Stream::Out, "x\n".into())), "{method:?}");
        }
        for method in [Method::Warn, Method::Error, Method::Trace, Method::Assert] {
            assert_eq!(shown(method), Some((Stream::Err, "x\n".into())), "{method:?}");
        }
    }

    #[test]
    fn groups_indent_every_line() {
        assert_eq!(render(PIPE, &console(Method::Log, 2, "a\nb")), Some((Stream::Out, "    a\n    b\n".into())));
        let deep = format!("{}x\n", " ".repeat(GROUP * MAX_GROUPS));
        assert_eq!(render(PIPE, &console(Method::Log, u32::MAX, "x")), Some((Stream::Out, deep)));
        let (_, long) = render(PIPE, &console(Method::Log, u32::MAX, &"\n".repeat(300_000))).unwrap();
        assert!(long.len() < 300_001 + MAX_INDENTATION + 1, "{} bytes", long.len());
        assert_eq!(render(PIPE, &console(Method::Group, 0, "")), None);
        assert_eq!(render(PIPE, &console(Method::GroupEnd, 1, "")), None);
        assert_eq!(render(PIPE, &console(Method::Log, 0, "")), Some((Stream::Out, "\n".into())));
    }

    #[test]
    fn terminals_get_colours_and_no_control_characters() {
        let error = console(Method::Error, 0, "bad\x07");
        assert_eq!(render(TERMINAL, &error), Some((Stream::Err, "\x1b[31mbad\\x07\x1b[0m\n".into())));
        assert_eq!(render(PIPE, &error), Some((Stream::Err, "bad\x07\n".into())));
        let own = console(Method::Error, 0, "\x1b[32mgood\x1b[0m");
        assert_eq!(render(TERMINAL, &own), Some((Stream::Err, "\x1b[32mgood\x1b[0m\n".into())));
    }

    #[test]
    fn what_a_program_of_the_persons_own_says_reaches_the_terminal_as_it_is() {
        let raw = Renderer { out: TERMINAL, err: TERMINAL, values: true, costs: false, raw: true };
        let shown = |event: &Event| raw.event(event).map(|Piece { stream, text }| (stream, text));
        let moving = "\x1b[2K\r50%";
        let output = Output::new(None, client::Stream::Stdout, moving, 0.0);
        assert_eq!(shown(&Event::Output(output)), Some((Stream::Out, moving.into())));
        assert_eq!(shown(&console(Method::Log, 1, moving)), Some((Stream::Out, format!("  {moving}\n"))));
        assert_eq!(shown(&console(Method::Error, 0, "bad\x07")), Some((Stream::Err, "bad\x07\n".into())));
    }

    #[test]
    fn results_are_coloured_where_colours_are_shown() {
        let result = |preview| {
            let mut result = RunResult::new(1, "'as\x07text'");
            result.preview = preview;
            Event::Result(result)
        };
        let tree = || Some(Node::String(drupe_client::preview::Excerpt { text: "as\x07tree".into(), more: 0 }));
        let plain = Look { terminal: true, colors: false };
        assert_eq!(render(TERMINAL, &result(tree())), Some((Stream::Out, "\x1b[32m'as\\x07tree'\x1b[39m\x1b[0m\n".into())));
        assert_eq!(render(plain, &result(tree())), Some((Stream::Out, "'as\\x07text'\n".into())));
        assert_eq!(render(PIPE, &result(tree())), Some((Stream::Out, "'as\x07text'\n".into())));
        assert_eq!(render(TERMINAL, &result(None)), Some((Stream::Out, "'as\\x07text'\n".into())));
    }

    #[test]
    fn what_is_written_is_no_line() {
        let output = |stream| Event::Output(Output::new(None, stream, "half\x07", 0.0));
        assert_eq!(render(PIPE, &output(client::Stream::Stdout)), Some((Stream::Out, "half\x07".into())));
        assert_eq!(render(TERMINAL, &output(client::Stream::Stderr)), Some((Stream::Err, "half\\x07".into())));
    }

    #[test]
    fn what_is_not_caught_says_so() {
        let text = "TypeError: no\n    at f (chunk:1:1:1)";
        let at = Location::new("chunk:1", Position { line: 9, column: 2 });
        let code_frame = Some(CodeFrame::new(at, vec!["a {".into(), "\u{7}  b".into()], 3, 2));
        let mut exception = Exception::new(Some("TypeError".to_owned()), "no", text);
        let event = |exception: &Exception| Event::Exception(Uncaught::new(None, Origin::Callback, exception.clone()));
        let shown = "Uncaught TypeError: no\n    at f (chunk:1:1:1)\n";
        assert_eq!(render(PIPE, &event(&exception)), Some((Stream::Err, shown.into())));
        exception.code_frame = code_frame;
        let shown = "Uncaught TypeError: no\n 9 | a {\n10 | \u{7}  b\n   |    ^^\n    at f (chunk:1:1:1)\n";
        assert_eq!(render(PIPE, &event(&exception)), Some((Stream::Err, shown.into())));
        let shown = concat!(
            "\x1b[31mUncaught TypeError: no\x1b[0m\n\x1b[2m 9 | \x1b[0ma {\n\x1b[2m10 | \x1b[0m\\x07  b\n",
            "\x1b[2m   | \x1b[0m\x1b[31m   ^^\x1b[0m\n\x1b[2m    at f (chunk:1:1:1)\x1b[0m\n",
        );
        assert_eq!(render(TERMINAL, &event(&exception)), Some((Stream::Err, shown.into())));
    }
}
