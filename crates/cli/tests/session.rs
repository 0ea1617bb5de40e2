//! The recording of a session in the documentation is one: it is typed again, and the screen must say the same.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use common::terminal::Terminal;
use drupe_client::{Completeness, Options, completeness};

#[test]
fn the_recording_in_the_documentation_holds() {
    let Some(terminal) = Terminal::start("") else { return };
    let page = include_str!("../../../docs/SESSION.md");
    let recording = page.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    let mut shown = String::new();
    let mut lines = recording.lines().peekable();
    let mut typed = 0;
    while let Some(line) = lines.next() {
        let mut chunk = line.strip_prefix("> ").unwrap().to_owned();
        enter(&terminal, &chunk);
        while !chunk.starts_with('.') && matches!(completeness(&chunk, &Options::default()), Completeness::Incomplete { .. }) {
            let next = lines.next().unwrap();
            enter(&terminal, next);
            chunk = format!("{chunk}\n{next}");
        }
        shown.push_str(&format!("> {chunk}\n"));
        while let Some(said) = lines.next_if(|line| !line.starts_with("> ")) {
            if said.starts_with("Interrupted") {
                terminal.wait_for("; Ctrl-C stops it");
                terminal.press(&["C-c"]);
            }
            shown.push_str(said);
            shown.push('\n');
        }
        terminal.wait_for(&format!("{shown}>"));
        typed += 1;
    }
    assert!(typed > 8, "{typed}");
}

fn enter(terminal: &Terminal, line: &str) {
    terminal.type_in(line);
    terminal.press(&["Enter"]);
}
