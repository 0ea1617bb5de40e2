//! Errors as front ends show them: a name, a value, and coloured lines with the source around the place.

use drupe_client::{Exception, FrameRow};
use serde_json::{Value, json};

const RED: &str = "\x1b[31m";
const DIM: &str = "\x1b[2m";
const PLAIN: &str = "\x1b[0m";

/// What went wrong with a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) traceback: Vec<String>,
}

impl Fault {
    /// An error that no code threw.
    pub(crate) fn new(name: &str, value: impl Into<String>) -> Self {
        let value = value.into();
        let traceback = value
            .lines()
            .enumerate()
            .map(|(index, line)| if index == 0 { format!("{RED}{name}{PLAIN}: {line}") } else { line.to_owned() });
        Self { name: name.to_owned(), traceback: traceback.collect(), value }
    }

    /// A thrown value.
    pub(crate) fn of(exception: &Exception) -> Self {
        let name = exception.name.clone().unwrap_or_else(|| "Uncaught".to_owned());
        let traceback = traceback(exception).into_iter().map(in_a_cell).collect();
        Self { name, value: in_a_cell(exception.message.clone()), traceback }
    }

    /// The content of a message of the type `error`.
    pub(crate) fn content(&self) -> Value {
        json!({ "ename": self.name, "evalue": self.value, "traceback": self.traceback })
    }
}

/// A text with the commands that install packages as a cell has them.
fn in_a_cell(text: String) -> String {
    let commands = [("npm i ", "%npm i "), ("npx jsr add ", "%npm exec --yes -- jsr add ")];
    let written = commands.into_iter().find_map(|(command, magic)| {
        let (before, after) = text.split_once(&format!("Not installed: {command}"))?;
        Some(format!("{before}Not installed: {magic}{after}"))
    });
    written.unwrap_or(text)
}

fn traceback(exception: &Exception) -> Vec<String> {
    let (message, stack) = exception.split_text();
    let prefix = if exception.name.is_none() { "Uncaught " } else { "" };
    let own_colours = exception.text.contains('\x1b');
    let coloured = |colour: &str, line: &str| if own_colours { line.to_owned() } else { format!("{colour}{line}{PLAIN}") };
    let mut lines = Vec::new();
    for (index, line) in message.split('\n').enumerate() {
        let prefix = if index == 0 { prefix } else { "" };
        lines.push(coloured(RED, &format!("{prefix}{line}")));
    }
    for FrameRow { gutter, source, mark } in exception.frame_rows() {
        let mark = if mark.is_empty() { mark } else { format!("{RED}{mark}{PLAIN}") };
        lines.push(format!("{DIM}{gutter}{PLAIN}{source}{mark}"));
    }
    for line in stack.split('\n').skip(1) {
        let colour = if line.trim_start().starts_with("at ") { DIM } else { RED };
        lines.push(coloured(colour, line));
    }
    lines
}

#[cfg(test)]
mod tests {
    use drupe_client::{CodeFrame, Position};
    use drupe_protocol::event::Location;

    use super::*;

    #[test]
    fn a_traceback_shows_the_source_and_the_stack() {
        let text = "TypeError: no\n  at all\n    at f (cell:1:2:3)\n  cause: 7";
        let mut exception = Exception::new(Some("TypeError".to_owned()), "no\n  at all", text);
        let at = Location::new("cell:1", Position { line: 1, column: 2 });
        exception.code_frame = Some(CodeFrame::new(at, vec!["function f() {".into(), "  g()".into()], 2, 1));
        let fault = Fault::of(&exception);
        assert_eq!((&*fault.name, &*fault.value), ("TypeError", "no\n  at all"));
        assert_eq!(
            fault.traceback,
            [
                "\x1b[31mTypeError: no\x1b[0m",
                "\x1b[31m  at all\x1b[0m",
                "\x1b[2m1 | \x1b[0mfunction f() {",
                "\x1b[2m2 | \x1b[0m  g()",
                "\x1b[2m  | \x1b[0m\x1b[31m  ^\x1b[0m",
                "\x1b[2m    at f (cell:1:2:3)\x1b[0m",
                "\x1b[31m  cause: 7\x1b[0m",
            ]
        );
    }

    #[test]
    fn a_package_is_installed_by_a_line_of_a_cell() {
        for (command, line) in [
            ("npm i lodash@4", "%npm i lodash@4"),
            ("npx jsr add @std/path", "%npm exec --yes -- jsr add @std/path"),
            ("pnpm add lodash", "pnpm add lodash"),
        ] {
            let message = format!("Cannot find package. Not installed: {command}");
            let fault = Fault::of(&Exception::new(Some("Error".to_owned()), &*message, format!("Error: {message}")));
            let expected = format!("Cannot find package. Not installed: {line}");
            assert_eq!((&*fault.value, &*fault.traceback), (&*expected, &[format!("\x1b[31mError: {expected}\x1b[0m")][..]));
        }
    }

    #[test]
    fn what_is_no_error_says_so() {
        let fault = Fault::of(&Exception::new(None, "7", "7"));
        assert_eq!((&*fault.name, &*fault.value), ("Uncaught", "7"));
        assert_eq!(fault.traceback, ["\x1b[31mUncaught 7\x1b[0m"]);
        let fault = Fault::new("Interrupted", "state kept\nmore");
        assert_eq!(fault.traceback, ["\x1b[31mInterrupted\x1b[0m: state kept", "more"]);
    }
}
