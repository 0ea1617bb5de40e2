//! The recordings of sessions in the documentation are that: they are typed again, and the screen must say the same.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::terminal::Terminal;

/// The text of a block of code that begins with `fence`.
fn block<'a>(page: &'a str, fence: &str) -> &'a str {
    page.split(&format!("```{fence}\n")).nth(1).unwrap().split("```").next().unwrap()
}

#[test]
fn the_recording_in_the_documentation_holds() {
    assert!(play(block(include_str!("../../../../docs/SESSION.md"), "text")) > 8);
}

#[test]
fn the_recording_in_the_readme_holds() {
    let recording = block(include_str!("../../../../README.md"), "console");
    assert!(play(recording.strip_prefix("$ drupe\n").unwrap()) > 5);
}

/// `cargo xtask picture` has drawn what the prompt shows.
#[test]
fn the_picture_shows_a_session() {
    let picture = include_str!("../../../../docs/session.svg");
    let mut shown = String::new();
    for line in picture.lines().filter_map(|line| line.strip_prefix("<text ")) {
        // Its spans are all that has text.
        let text = line.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text).collect::<String>();
        shown.push_str(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").trim_end());
        shown.push('\n');
    }
    let recording = &shown[shown.find("\n> ").unwrap() + 1..];
    assert!(play(recording.strip_suffix(">\n").unwrap()) > 5);
}

/// Types what a recording says was typed, and waits until the screen says what it says. Returns how many chunks there
/// were.
fn play(recording: &str) -> usize {
    let Some(terminal) = Terminal::start("") else { return usize::MAX };
    let (mut shown, mut typed) = (String::new(), 0);
    let mut lines = recording.lines().peekable();
    while let Some(line) = lines.next() {
        enter(&terminal, line.strip_prefix("> ").unwrap());
        shown.push_str(&format!("{line}\n"));
        while let Some(said) = lines.next_if(|line| !line.starts_with("> ")) {
            if let Some(next) = said.strip_prefix("... ") {
                // The editor indents it, once it waits for the line: lines that come at once are taken as they are.
                terminal.wait_for(&format!("{shown}..."));
                enter(&terminal, next.trim_start());
            }
            if said.starts_with("Interrupted") {
                terminal.wait_for("; Ctrl-C stops it");
                terminal.press(&["C-c"]);
            }
            shown.push_str(&format!("{said}\n"));
        }
        terminal.wait_for(&format!("{shown}>"));
        typed += 1;
    }
    typed
}

fn enter(terminal: &Terminal, line: &str) {
    terminal.type_in(line);
    terminal.press(&["Enter"]);
}
