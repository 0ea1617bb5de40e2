//! What is typed before anybody asks for it: nothing is lost, reordered, doubled, or taken for an answer. As
//! `terminal.rs`.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::fmt::Write as _;

use crate::common::{Folder, terminal::Terminal, until_gone};
use rustix::process::{Pid, Signal, kill_process};

/// A run that waits until there is a file, and says when it has begun.
struct Waiting {
    folder: Folder,
}

impl Waiting {
    fn start(terminal: &Terminal, name: &str) -> Self {
        let folder = Folder::new(name);
        terminal.enter("var fs = require('fs')", "undefined");
        terminal.type_in(&format!(
            "console.log('beg' + 'un'); while (!fs.existsSync({})) await new Promise(done => setTimeout(done, 20))",
            folder.quoted("go")
        ));
        terminal.press(&["Enter"]);
        terminal.wait_for("\nbegun");
        Self { folder }
    }

    fn end(&self) {
        self.folder.write("go", "");
    }
}

#[test]
fn lines_that_arrive_at_once_run_one_after_another() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.paste("x1 = 1\nx2 = 2\nfunction f() {\n  return x1 + x2\n}\nf() + 39\n");
    let screen = "> x1 = 1\n1\n> x2 = 2\n2\n> function f() {\n...   return x1 + x2\n... }\nundefined\n> f() + 39\n42\n>";
    terminal.wait_for(screen);
}

#[test]
fn lines_that_arrive_at_once_go_on_where_they_can_do_nothing_else() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    terminal.enter("const o = { k: 1 }, p = { time: 5 }", "undefined");
    terminal.press(&["C-l"]);
    terminal.paste("o\n  .k\n  .toFixed(2)\nif (o.k) {\n  'yes'\n}\nelse {\n  'no'\n}\n");
    terminal.wait_for(
        "> o\n...   .k\n...   .toFixed(2)\n'1.00'\n> if (o.k) {\n...   'yes'\n... }\n... else {\n...   'no'\n... }\n'yes'\n>",
    );
    terminal.press(&["C-l"]);
    // A command, unless what follows can only go on with it.
    terminal.paste("p\n.time\n.toString()\np\n.time\n'next'\n");
    terminal.wait_for("> p\n... .time\n... .toString()\n'5'\n> p\n{ time: 5 }\n> .time\n");
    terminal.wait_for("'next'\n");
    terminal.press(&["C-l"]);
    // Without a line break at its end.
    terminal.paste("o\n  .k");
    terminal.wait_for("> o\n...   .k");
    terminal.press(&["Enter"]);
    terminal.wait_for("> o\n...   .k\n1\n");
}

#[test]
fn lines_typed_during_a_run_follow_it() {
    // With colours, a run that takes long has a line that tells of it.
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    let run = Waiting::start(&terminal, "typed");
    for line in ["'one'", "'zwei' + '二'", "function f() {", "return 'three'", "}", "f()"] {
        terminal.type_in(line);
        terminal.press(&["Enter"]);
    }
    terminal.type_in("'not sent");
    // A paste is one chunk, at any time.
    terminal.tmux(&["send-keys", "-H", "15"]);
    terminal.paste_marked("var a = 'pasted'\nvar b = a\nb");
    terminal.press(&["Enter"]);
    // They do not mix with what the run says.
    assert!(terminal.screen().ends_with("\nbegun"), "{}", terminal.screen());
    run.end();
    terminal.wait_for(
        "> 'one'\n'one'\n> 'zwei' + '二'\n'zwei二'\n> function f() {\n... return 'three'\n... }\nundefined\n> f()\n'three'\n",
    );
    terminal.wait_for("'three'\n> var a = 'pasted'\n... var b = a\n... b\n'pasted'\n>");
}

#[test]
fn the_status_of_a_long_run_leaves_no_remains() {
    let Some(terminal) = Terminal::start("") else { return };
    let run = Waiting::start(&terminal, "status");
    terminal.wait_for("waiting; Ctrl-C stops it");
    terminal.type_in("'typed'");
    terminal.press(&["Enter"]);
    // What is typed is seen there.
    terminal.wait_for("waiting; Ctrl-C stops it; typed ahead: 'typed'");
    terminal.resize(40, None);
    terminal.wait_for("…");
    run.end();
    terminal.wait_for("\nbegun\nundefined\n> 'typed'\n'typed'\n>");
    assert!(!terminal.screen().contains("CPU"), "{}", terminal.screen());
}

#[test]
fn the_lines_of_an_editor_may_come_at_once() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.enter(".editor", "");
    terminal.paste("const a = 1\n\nconst b = 2\nfunction sum() {\n\treturn a + b\n}\nsum() * 14\n");
    terminal.wait_for("... sum() * 14\n...");
    terminal.press(&["C-d"]);
    terminal.wait_for("\n42\n>");
}

#[test]
fn what_is_typed_before_the_start_is_run() {
    let Some(terminal) = Terminal::start_shell() else { return };
    terminal.paste(&format!("{}\n'fi' + 'rst'\n'sec' + 'ond'\n.exit\n", env!("CARGO_BIN_EXE_drupe")));
    terminal.wait_for("> 'fi' + 'rst'\n'first'\n> 'sec' + 'ond'\n'second'\n> .exit\n$");
}

#[test]
fn a_long_text_arrives_whole() {
    let Some(terminal) = Terminal::start("") else { return };
    let mut text = "function long() {\n".to_owned();
    for number in 0..3000 {
        writeln!(text, "  let v{number} = 'a text of some length, {number}'").unwrap();
    }
    text.push_str("  return v2999 + v0\n}\nlong()\n");
    assert!(text.len() > 100_000);
    terminal.paste(&text);
    terminal.wait_for("> long()\n'a text of some length, 2999a text of some length, 0'\n>");
    // On one line, and during a run: more than a terminal keeps.
    let run = Waiting::start(&terminal, "long");
    terminal.paste(&format!("'{}'.length\n'after'\n", "日本 ".repeat(10_000)));
    run.end();
    terminal.wait_for("'.length\n30000\n> 'after'\n'after'\n>");
}

/// What reads keys on its own draws the line before it waits for the next.
#[test]
fn a_search_that_was_typed_ahead_is_shown() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.enter("'nee' + 'dle'", "\n'needle'");
    let run = Waiting::start(&terminal, "search");
    terminal.press(&["C-r"]);
    terminal.type_in("nee");
    run.end();
    terminal.wait_for("(reverse-i-search)`nee': 'nee' + 'dle'");
    terminal.press(&["Enter"]);
    terminal.wait_for("> 'nee' + 'dle'\n'needle'\n>");
    let run = Waiting::start(&terminal, "quoted");
    terminal.type_in("'quoted");
    terminal.press(&["C-v"]);
    run.end();
    terminal.wait_for("> 'quoted");
}

#[test]
fn ctrl_c_sets_aside_what_was_typed_before_it() {
    let Some(terminal) = Terminal::start("") else { return };
    let run = Waiting::start(&terminal, "aside");
    for line in ["globalThis.wrong = 1", "'second'"] {
        terminal.type_in(line);
        terminal.press(&["Enter"]);
    }
    terminal.press(&["C-c"]);
    // Where it hits a promise job, that is told before.
    let told = "state kept\nnot run: 2 lines that were typed ahead; the Up key brings them back\n>";
    terminal.wait_for(told);
    terminal.enter("typeof wrong", "\n'undefined'");
    terminal.press(&["Up", "Up"]);
    terminal.wait_for("> 'second'");
    terminal.press(&["Up"]);
    terminal.wait_for("> globalThis.wrong = 1");
    drop(run);
}

#[test]
fn ctrl_c_may_come_with_the_line_that_it_is_to_stop_and_with_one_after_it() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.tmux(&["send-keys", "for(;;){}", "Enter", "'before'", "Enter", "C-c", "'after'", "Enter"]);
    // It may come before the kernel has begun.
    terminal.wait_for("state kept\nnot run: the line that was typed ahead; the Up key brings it back\n> 'after'\n'after'\n>");
    terminal.wait_for("\nInterrupted");
}

#[test]
fn ctrl_c_at_a_question_sets_aside_what_was_typed_before_it() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    let folder = Folder::new("asked");
    terminal.enter("var fs = require('fs')", "undefined");
    terminal.type_in(&format!(
        "console.log('beg' + 'un'); while (!fs.existsSync({})) await new Promise(done => setTimeout(done, 20)); prompt('name?')",
        folder.quoted("go")
    ));
    terminal.press(&["Enter"]);
    terminal.wait_for("\nbegun");
    terminal.type_in("globalThis.wrong = 1");
    terminal.press(&["Enter"]);
    terminal.type_in("'half");
    // What tmux was told before has reached the terminal.
    terminal.screen();
    folder.write("go", "");
    terminal.wait_for("\nname?");
    terminal.type_in("an answer");
    terminal.wait_for("name? an answer");
    terminal.press(&["C-c"]);
    terminal.wait_for("state kept\nnot run: 2 lines that were typed ahead; the Up key brings them back\n>");
    terminal.enter("typeof wrong", "\n'undefined'");
    terminal.press(&["Up", "Up", "Up"]);
    terminal.wait_for("> globalThis.wrong = 1");
}

#[test]
fn lines_that_end_with_crlf_are_one_enter_each() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    let lines = "1+1\r\n`a\r\nb`\r\n2+2\r\n";
    let shown = "> 1+1\n2\n> `a\n... b`\n'a\\nb'\n> 2+2\n4\n>";
    terminal.paste(lines);
    terminal.wait_for(shown);
    // While a run is busy, too.
    terminal.press(&["C-l"]);
    let run = Waiting::start(&terminal, "crlf");
    terminal.paste(lines);
    terminal.screen();
    run.end();
    terminal.wait_for(&format!("\nbegun\nundefined\n{shown}"));
}

#[test]
fn what_is_typed_as_an_answer_is_no_code() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    terminal.type_in("const answer = prompt('name?'), other = prompt('other?'); [answer, other]");
    terminal.press(&["Enter"]);
    terminal.wait_for("\nname?");
    terminal.paste("Ada\nGrace\n'typed' + ' ahead'\n");
    // The second line came before the second question: it is no answer to that, and waits.
    terminal.wait_for("name? Ada\n");
    terminal.wait_for("\nother?");
    terminal.type_in("Lin");
    terminal.press(&["Enter"]);
    terminal.wait_for("other? Lin\n[ 'Ada', 'Lin' ]\n> Grace\nUncaught ReferenceError");
    terminal.wait_for("> 'typed' + ' ahead'\n'typed ahead'\n>");
    // Half an answer to a question that is taken back.
    terminal.press(&["C-l"]);
    terminal.enter(".timeout 500ms", "wall 500ms");
    terminal.type_in("prompt('never answered')");
    terminal.press(&["Enter"]);
    terminal.wait_for("\nnever answered");
    terminal.type_in("globalThis.wrong = 1");
    terminal.wait_for("never answered globalThis.wrong = 1");
    terminal.wait_for("\nnever answered\n\u{25d8} this is no longer asked\nTimed out");
    // It is not run, and not lost.
    terminal.wait_for("state kept\n> globalThis.wrong = 1");
    terminal.clear_line();
    terminal.enter("typeof wrong", "\n'undefined'");
}

#[test]
fn the_terminal_is_left_as_it_was_found() {
    let Some(terminal) = Terminal::start_shell() else { return };
    terminal.enter_shell("stty -g | cksum");
    let before = terminal.screen().lines().rev().nth(2).unwrap().to_owned();
    terminal.type_in(env!("CARGO_BIN_EXE_drupe"));
    terminal.press(&["Enter"]);
    terminal.wait_for("Ctrl-D leaves\n>");
    terminal.enter("1", "\n1");
    terminal.press(&["C-d"]);
    terminal.wait_for("\n>\n$");
    terminal.enter_shell("stty -g | cksum");
    assert_eq!(terminal.screen().lines().rev().nth(2).unwrap(), before);
    // Also by a signal, during a run.
    terminal.type_in(env!("CARGO_BIN_EXE_drupe"));
    terminal.press(&["Enter"]);
    terminal.wait_for("Ctrl-D leaves\n>");
    terminal.type_in("console.log('beg' + 'un'); await new Promise(() => {})");
    terminal.press(&["Enter"]);
    terminal.wait_for("\nbegun");
    let (front, _) = terminal.processes();
    kill_process(Pid::from_raw(front.cast_signed()).unwrap(), Signal::TERM).unwrap();
    until_gone(front, "a signal");
    terminal.enter_shell("stty -g | cksum");
    assert_eq!(terminal.screen().lines().rev().nth(2).unwrap(), before);
}
