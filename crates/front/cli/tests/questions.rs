//! What code asks the person at a real terminal: permissions, `alert`, `confirm`, `prompt`. Skipped where there is no
//! tmux.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::{env, fs, path::PathBuf, process};

use crate::common::{eventually, terminal::Terminal};

const READ: &str = "require('fs').readFileSync('/etc/passwd').length > 0";
const QUESTION: &str = "wants read access to /etc/passwd; allow? y once, s session, N deny:";

/// A prompt under these flags. Without colours there is no status line that comes with time.
fn prompt(flags: &str) -> Option<Terminal> {
    let terminal = Terminal::start_with("NO_COLOR=1", flags)?;
    terminal.wait_for("Ctrl-D leaves\n>");
    Some(terminal)
}

fn submit(terminal: &Terminal, line: &str) {
    terminal.type_in(line);
    terminal.press(&["Enter"]);
}

/// A folder of the test's own, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = env::temp_dir().join(format!("drupe-{name}-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

#[test]
fn once_denied_and_for_the_session() {
    let Some(terminal) = prompt("--deny") else { return };
    let mut run = 0;
    for (answer, then) in [("y", "\ntrue"), ("n", "Uncaught"), ("", "Uncaught"), ("what", "\u{25d8} y once, s session, n deny:")]
    {
        run += 1;
        terminal.press(&["C-l"]);
        submit(&terminal, READ);
        terminal.wait_for(&format!("\n\u{25d8} run {run} {QUESTION}"));
        submit(&terminal, answer);
        terminal.wait_for(format!("N deny: {answer}").trim_end());
        terminal.wait_for(then);
    }
    terminal.enter("s", "(.allow read=none) or the kernel ends\ntrue");
    terminal.press(&["C-l"]);
    terminal.enter(READ, &format!("> {READ}\ntrue"));
    // In the words of `.allow`, which takes it back.
    terminal.enter(".allow read=none", "import  nothing");
    submit(&terminal, READ);
    terminal.wait_for(QUESTION);
}

#[test]
fn ctrl_c_denies_and_interrupts() {
    let Some(terminal) = prompt("--allow-read=/no/such/folder") else { return };
    terminal.enter("let kept = 'kept value'", "undefined");
    let awaits = "Interrupted; its call is cancelled; state kept\n>";
    for (code, end) in [
        (format!("for (;;) try {{ {READ} }} catch {{}}"), "Interrupted; state kept\n>"),
        ("await fetch('http://example.com')".to_owned(), awaits),
    ] {
        submit(&terminal, &code);
        terminal.wait_for("N deny:");
        terminal.press(&["C-c"]);
        terminal.wait_for(end);
        terminal.enter("kept", "\n'kept value'");
        terminal.press(&["C-l"]);
    }
    // Ctrl-D is no as well.
    submit(&terminal, READ);
    terminal.wait_for(QUESTION);
    terminal.press(&["C-d"]);
    terminal.wait_for("N deny:\nUncaught PermissionDenied");
    terminal.wait_for("deniedBy: 'person'");
    terminal.wait_for("\n}\n>");
}

// threat D4
#[test]
fn a_question_shows_the_command_and_grants_what_it_says() {
    let Some(terminal) = prompt("--deny") else { return };
    submit(&terminal, "require('child_process').execFileSync('echo', ['a b']).length");
    terminal.wait_for("run 1 wants run access to /");
    terminal.wait_for("/echo \"a b\"; allow? y once");
    submit(&terminal, "y");
    terminal.wait_for("\n4");
    // A folder that was looked at is no grant for what it holds.
    submit(&terminal, "require('fs').statSync('/etc').isDirectory()");
    terminal.wait_for("wants read access to /etc; allow?");
    terminal.enter("s", "(.allow read=none) or the kernel ends\ntrue");
    submit(&terminal, READ);
    terminal.wait_for(QUESTION);
}

// threat D4
#[test]
fn what_is_typed_ahead_grants_nothing() {
    let folder = Folder::new("ahead");
    let place = folder.0.display().to_string();
    let Some(terminal) = prompt(&format!("--allow-read={place}")) else { return };
    terminal.enter(&format!("globalThis.flag = '{place}/flag'; 1"), "\n1");
    submit(&terminal, &format!("console.log('beg' + 'un'); while (!require('fs').existsSync(flag)); {READ}"));
    terminal.wait_for("\nbegun");
    // A whole answer, and half of one. Neither is shown, nor lost.
    submit(&terminal, "y = 'typed' + ' ahead'");
    terminal.type_in("s");
    fs::write(format!("{place}/flag"), "").unwrap();
    terminal.wait_for(&format!("\nbegun\n\u{25d8} run 2 {QUESTION}"));
    submit(&terminal, "n");
    terminal.wait_for("Uncaught");
    terminal.wait_for("N deny: n\n");
    terminal.wait_for("> y = 'typed' + ' ahead'\n'typed ahead'\n> s");
}

// threat D4
#[test]
fn nothing_that_is_printed_looks_like_a_question() {
    let Some(terminal) = prompt("--deny") else { return };
    let fake = "console.log('\\u25d8 run 1 wants read access to /tmp; allow?')";
    terminal.enter(fake, "\n\\u{25D8} run 1 wants read access to /tmp; allow?\nundefined");
    // What is said during a question comes after it.
    submit(
        &terminal,
        &format!("fetch('http://example.com').catch(e => e.code); setTimeout(() => console.log('over'), 1); {READ}"),
    );
    terminal.wait_for("N deny:");
    submit(&terminal, "");
    terminal.wait_for("N deny:\n");
    terminal.wait_for("example.com:80; allow?");
}

#[test]
fn a_question_is_shown_again_when_its_job_goes_on() {
    let Some(terminal) = Terminal::start_shell() else { return };
    terminal.type_in(env!("CARGO_BIN_EXE_drupe"));
    terminal.press(&["Enter"]);
    terminal.wait_for("Ctrl-D leaves\n>");
    submit(&terminal, "prompt('na' + 'me?')");
    terminal.wait_for("\nname?");
    terminal.type_in("Adx");
    terminal.wait_for("name? Adx");
    terminal.press(&["Left"]);
    for round in 1..3 {
        terminal.press(&["C-z"]);
        eventually("the stop of the job", || (terminal.screen().matches("Stopped").count() == round).then_some(()));
        terminal.wait_for("\n$");
        submit(&terminal, "fg");
        // With what was typed, and the cursor where it was.
        eventually("the question again", || terminal.screen().ends_with("\nname? Adx").then_some(()));
    }
    terminal.press(&["End", "BSpace"]);
    terminal.enter("a", "name? Ada\n'Ada'");
}

#[test]
fn nobody_is_asked_who_does_not_want_to_be() {
    let Some(terminal) = prompt("--deny --no-prompt") else { return };
    terminal.enter(&format!("try {{ {READ} }} catch (e) {{ e.code }}"), "\n'EACCES'");
}

#[test]
fn a_late_question_waits_for_the_line_that_is_typed() {
    let Some(terminal) = prompt("--deny") else { return };
    terminal.enter(&format!("setTimeout(() => console.log('late', {READ}), 300); 0"), "\n0");
    terminal.type_in("1+");
    terminal.wait_for("\u{25d8} run 1 wants read access to /etc/passwd; press Enter to answer\n> 1+");
    submit(&terminal, "41");
    terminal.wait_for(&format!("> 1+41\n\u{25d8} run 1 {QUESTION}"));
    submit(&terminal, "y");
    terminal.wait_for("\nlate true");
    terminal.wait_for("\n42");
}

#[test]
fn a_question_goes_with_its_run() {
    let Some(terminal) = prompt("--deny") else { return };
    terminal.enter(".timeout 300ms", "wall 300ms");
    submit(&terminal, READ);
    terminal.wait_for(QUESTION);
    terminal.wait_for("N deny:\n\u{25d8} this is no longer asked\nTimed out");
}

#[test]
fn dialogs_at_the_terminal() {
    let Some(terminal) = prompt("") else { return };
    submit(&terminal, "alert('one\\ntwo\\x1b[2J')");
    terminal.wait_for("\none\ntwo\\x1B[2J [Enter]");
    terminal.enter("", "[Enter]\nundefined");
    submit(&terminal, "confirm('sure?')");
    terminal.wait_for("\nsure? [y/N]");
    terminal.enter("y", "[y/N] y\ntrue");
    submit(&terminal, "prompt('name?', 'Bob')");
    terminal.wait_for("\nname? [Bob]");
    terminal.enter("", "[Bob]\n'Bob'");
    // What is typed before a question is no answer: the one before it must not stand for it.
    terminal.press(&["C-l"]);
    eventually("an empty screen", || (terminal.screen() == ">").then_some(()));
    submit(&terminal, "prompt('name?')");
    terminal.wait_for("\nname?");
    terminal.enter("Zoë", "name? Zoë\n'Zoë'");
    submit(&terminal, "prompt('never')");
    terminal.wait_for("\nnever");
    terminal.press(&["C-c"]);
    terminal.wait_for("Interrupted; state kept\n>");
}

#[test]
fn programs_may_ask_the_person_too() {
    let Some(terminal) = Terminal::start_with("", "eval \"console.log('Hello, ' + prompt('name?'))\"") else { return };
    terminal.wait_for("name?");
    submit(&terminal, "Ada");
    terminal.wait_for("name? Ada\nHello, Ada\nundefined\nleft with 0");
}

/// Also where it is more than a terminal holds: the rest of it arrives when that is read.
// threat D4
#[test]
fn a_paste_that_is_arriving_grants_nothing() {
    let folder = Folder::new("arriving");
    let place = folder.0.display().to_string();
    let Some(terminal) = prompt(&format!("--allow-read={place}")) else { return };
    terminal.enter(&format!("globalThis.flag = '{place}/flag'; 1"), "\n1");
    submit(&terminal, &format!("console.log('beg' + 'un'); while (!require('fs').existsSync(flag)); {READ}"));
    terminal.wait_for("\nbegun");
    let long = format!("// {}", "x".repeat(2_000));
    terminal.paste(&format!("{}'pa' + 'sted'\n", format!("{long}\ny\ns\n").repeat(30)));
    fs::write(format!("{place}/flag"), "").unwrap();
    terminal.wait_for(QUESTION);
    submit(&terminal, "n");
    terminal.wait_for("\n'pasted'");
    terminal.press(&["C-l"]);
    terminal.enter(".allow", "import  nothing");
    assert!(!terminal.screen().contains("/etc/passwd"), "{}", terminal.screen());
}

// threat D4
#[test]
fn nothing_that_is_pasted_into_a_question_runs() {
    let Some(terminal) = prompt("--deny") else { return };
    let paste = |text: &str| terminal.type_in(&format!("\u{1b}[200~{text}\u{1b}[201~"));
    for _ in 0..2 {
        terminal.press(&["C-l"]);
        eventually("an empty screen", || (terminal.screen() == ">").then_some(()));
        submit(&terminal, "prompt('na' + 'me?')");
        terminal.wait_for("\nname?");
        paste("Ada\nthis.ran = 'first'\nthis.ran = 'second'\n");
        terminal.wait_for("\n'Ada'\nnot run: 2 lines that were typed ahead; the Up key brings them back\n>");
        terminal.enter("this.ran", "\nundefined");
        terminal.press(&["Up", "Up"]);
        terminal.wait_for("> this.ran = 'second'");
        terminal.clear_line();
        // A decision is typed.
        for (code, question) in [("confirm('su' + 're?')", "\nsure? [y/N]"), (READ, QUESTION)] {
            terminal.press(&["C-l"]);
            eventually("an empty screen", || (terminal.screen() == ">").then_some(()));
            submit(&terminal, code);
            terminal.wait_for(question);
            paste("y\nthis.ran = 'third'\n");
            terminal.wait_for("\u{25d8} several lines are no answer\n");
            eventually("the question again", || (terminal.screen().matches(question.trim_start()).count() == 2).then_some(()));
            submit(&terminal, "n");
            terminal.wait_for("\nnot run: 2 lines");
            terminal.enter("this.ran", "\nundefined");
        }
    }
}

/// A paste may have any byte in it. Of a terminal that marks it, Ctrl-C among them is no key.
#[test]
fn ctrl_c_in_a_paste_with_marks_is_text() {
    let folder = Folder::new("marked");
    let place = folder.0.display().to_string();
    let Some(terminal) = prompt(&format!("--allow-read={place}")) else { return };
    submit(&terminal, &format!("console.log('beg' + 'un'); while (!require('fs').existsSync('{place}/flag')); 'en' + 'ded'"));
    terminal.wait_for("\nbegun");
    terminal.type_in("\u{1b}[200~'a\u{3}b'.length\u{1b}[201~");
    terminal.press(&["Enter"]);
    fs::write(format!("{place}/flag"), "").unwrap();
    terminal.wait_for("\n'ended'\n> 'a\u{2403}b'.length\n3\n>");
    submit(&terminal, "prompt('na' + 'me?').length");
    terminal.wait_for("\nname?");
    terminal.type_in("\u{1b}[200~A\u{3}a\u{1b}[201~");
    terminal.press(&["Enter"]);
    terminal.wait_for("\nname? A\u{2403}a\n2\n>");
}

#[test]
fn a_paste_of_one_line_is_an_answer() {
    let Some(terminal) = prompt("") else { return };
    submit(&terminal, "prompt('na' + 'me?')");
    terminal.wait_for("\nname?");
    terminal.type_in("\u{1b}[200~Ada\u{1b}[201~");
    terminal.press(&["Enter"]);
    terminal.wait_for("\n'Ada'\n>");
    // What comes without a line break stands in the next line.
    submit(&terminal, "prompt('ci' + 'ty?')");
    terminal.wait_for("\ncity?");
    terminal.paste("Rome\n1 + 1");
    terminal.wait_for("\n'Rome'\n> 1 + 1");
}

#[test]
fn an_answer_is_edited_as_a_line_of_the_prompt() {
    let Some(terminal) = prompt("") else { return };
    terminal.enter("'not an answer'", "\n'not an answer'");
    for (typed, keys, answer) in [
        ("Aa", &["Left", "d", "Home", "Right", "End", "!"][..], "Ada!"),
        ("one two", &["C-w", "C-a", "x", "C-e", "y"], "xone y"),
        ("lost", &["C-u", "kept"], "kept"),
        // Neither the history nor completion is there.
        ("con", &["Up", "Tab", "Down", "C-r", "s"], "cons"),
        ("äöx", &["BSpace", "Escape"], "äö"),
        ("日本x", &["BSpace", "Left", "語"], "日語本"),
    ] {
        terminal.press(&["C-l"]);
        eventually("an empty screen", || (terminal.screen() == ">").then_some(()));
        submit(&terminal, "prompt('na' + 'me?')");
        terminal.wait_for("\nname?");
        terminal.type_then(typed, keys);
        terminal.wait_for(&format!("name? {answer}"));
        terminal.press(&["Enter"]);
        terminal.wait_for(&format!("name? {answer}\n'{answer}'\n>"));
    }
    // Ctrl-D deletes behind the cursor, and refuses where nothing is typed. A lone Esc takes neither.
    submit(&terminal, "prompt('ci' + 'ty?')");
    terminal.wait_for("\ncity?");
    terminal.type_then("x", &["Home", "C-d", "Escape", "C-d"]);
    terminal.wait_for("\nnull\n>");
}

#[test]
fn a_long_question_is_drawn_in_its_rows() {
    let Some(terminal) = prompt("") else { return };
    submit(&terminal, "prompt('first\\n' + 'x'.repeat(100) + '?')");
    let rows = format!("\nfirst\n{}\n{}?", "x".repeat(80), "x".repeat(20));
    terminal.wait_for(&rows);
    terminal.type_then("aXb", &["Left", "BSpace", "Left"]);
    terminal.wait_for(&format!("{rows} ab"));
    terminal.press(&["Enter"]);
    terminal.wait_for(&format!("{rows} ab\n'ab'\n>"));
    assert_eq!(terminal.screen().matches("first").count(), 2, "{}", terminal.screen());
}

#[test]
fn a_long_paste_is_an_answer() {
    let Some(terminal) = prompt("") else { return };
    submit(&terminal, "prompt('na' + 'me?').length");
    terminal.wait_for("\nname?");
    terminal.paste_marked(&"0123456789abcde ".repeat(1 << 16));
    terminal.press(&["Enter"]);
    terminal.wait_for("\n1048576\n>");
}
