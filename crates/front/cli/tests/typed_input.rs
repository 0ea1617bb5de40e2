//! Standard input at the prompt: a person types it, as an answer. Skipped where there is no tmux.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::{Folder, eventually, terminal::Terminal};

const ASKED: &str = "\u{25d8} standard input (Ctrl-D ends it):";

fn submit(terminal: &Terminal, line: &str) {
    terminal.type_in(line);
    terminal.press(&["Enter"]);
}

/// Types an answer where `question` stands.
fn answer(terminal: &Terminal, question: &str, line: &str) {
    eventually("the question", || terminal.screen().ends_with(question.trim_end()).then_some(()));
    submit(terminal, line);
}

#[test]
fn readline_asks_the_person() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    terminal.enter("const { createInterface } = require('readline/promises')", "undefined");
    submit(&terminal, "var rl = createInterface(process.stdin, process.stdout); await rl.question('na' + 'me?\\n')");
    terminal.wait_for("\nname?\n");
    answer(&terminal, ASKED, "Ada");
    terminal.wait_for(" Ada\n'Ada'\n");
    // What was opened by an earlier chunk asks within later ones, too, and what code says meanwhile is shown.
    terminal.press(&["C-l"]);
    submit(&terminal, "setTimeout(() => console.log('mean' + 'while'), 200); await rl.question('ci' + 'ty?\\n')");
    terminal.wait_for("\nmeanwhile\n");
    answer(&terminal, ASKED, "Rome");
    terminal.wait_for("\n'Rome'\n");
    terminal.enter("rl.close()", "undefined");
    terminal.press(&["C-l"]);
    submit(
        &terminal,
        "require('readline').createInterface(process.stdin).on('line', (line) => console.log('li' + 'ne', line)); 0",
    );
    terminal.wait_for("reads standard input; Enter on an empty line types for it\n>");
    // A chunk is no input.
    terminal.enter("1 + 1", "\n2");
    submit(&terminal, "");
    answer(&terminal, ASKED, "typed");
    terminal.wait_for("\nline typed\n");
}

#[test]
fn standard_input_is_read_to_its_end() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    for code in [
        "require('fs').readFileSync(0, 'utf8')",
        "await Array.fromAsync(process.stdin).then((pieces) => pieces.join(''))",
        "await new Promise((done) => { let all = ''; process.stdin.on('data', (data) => all += data).on('end', () => done(all)) })",
    ] {
        terminal.press(&["C-l"]);
        eventually("an empty screen", || (terminal.screen() == ">").then_some(()));
        submit(&terminal, code);
        answer(&terminal, ASKED, "one");
        eventually("another question", || (terminal.screen().matches(ASKED).count() == 2).then_some(()));
        answer(&terminal, ASKED, "two");
        eventually("a third question", || (terminal.screen().matches(ASKED).count() == 3).then_some(()));
        terminal.press(&["C-d"]);
        terminal.wait_for("\n'one\\ntwo\\n'\n>");
    }
}

#[test]
fn ctrl_c_stops_a_run_that_reads() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    let awaits = "Interrupted; its call is cancelled; state kept\n>";
    for (code, end) in [
        ("require('fs').readFileSync(0)", "Interrupted; state kept\n>"),
        ("for await (const piece of process.stdin) piece", awaits),
    ] {
        submit(&terminal, code);
        eventually("the question", || terminal.screen().ends_with(ASKED).then_some(()));
        terminal.press(&["C-c"]);
        terminal.wait_for(end);
        terminal.enter("6 * 7", "\n42");
        terminal.press(&["C-l"]);
        eventually("an empty screen", || (terminal.screen() == ">").then_some(()));
    }
}

#[test]
fn all_lines_of_a_paste_are_input() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    submit(
        &terminal,
        "const lines = []; for await (const line of require('readline').createInterface(process.stdin)) lines.push(line); lines",
    );
    eventually("the question", || terminal.screen().ends_with(ASKED).then_some(()));
    terminal.paste("1 + 1\n2 + 2\nthree\n");
    eventually("another question", || (terminal.screen().matches(ASKED).count() == 2).then_some(()));
    terminal.press(&["C-d"]);
    terminal.wait_for("\n[ '1 + 1', '2 + 2', 'three' ]\n>");
}

#[test]
fn empty_lines_of_a_paste_are_input_and_half_a_line_waits() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    submit(&terminal, "require('fs').readFileSync(0, 'utf8')");
    eventually("the question", || terminal.screen().ends_with(ASKED).then_some(()));
    terminal.paste("1\n\n\t2\nthr");
    eventually("another question", || terminal.screen().ends_with(&format!("{ASKED} thr")).then_some(()));
    submit(&terminal, "ee");
    eventually("a third question", || terminal.screen().ends_with(ASKED).then_some(()));
    terminal.press(&["C-d"]);
    terminal.wait_for("\n'1\\n\\n\\t2\\nthree\\n'\n>");
}

#[test]
fn what_stops_reading_gives_the_next_line_back() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    for (code, told) in [
        (
            "process.stdin.once('data', (data) => (process.stdin.pause(), console.log('go' + 't', String(data).trim()))); 0",
            "got one",
        ),
        (
            "process.stdin.resume(); require('readline').createInterface(process.stdin).on('line', function (line) { this.close(); console.log('go' + 't', line) }); 0",
            "got one",
        ),
    ] {
        terminal.press(&["C-l"]);
        eventually("an empty screen", || (terminal.screen() == ">").then_some(()));
        submit(&terminal, code);
        terminal.wait_for("reads standard input; Enter on an empty line types for it\n>");
        submit(&terminal, "");
        answer(&terminal, ASKED, "one");
        terminal.wait_for(&format!("\n{told}\n>"));
        // A read that was left would be asked for within a run that waits.
        terminal.enter("await new Promise((done) => setTimeout(done, 300)); 'a' + ' chunk'", "\n'a chunk'");
        assert_eq!(terminal.screen().matches("standard input").count(), 2, "{}", terminal.screen());
    }
}

/// The person is not asked for what nobody would take, and is when somebody would again.
#[test]
fn what_gives_a_pending_read_up_gives_the_next_line_back() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    terminal.enter(
        "var hear = (data) => console.log('go' + 't', String(data).trim()); \
         var wait = () => new Promise((done) => setTimeout(done, 300, 'wai' + 'ted')); 0",
        "\n0",
    );
    for (gives_up, asks_again) in [
        ("process.stdin.removeAllListeners('data')", "process.stdin.on('data', hear)"),
        ("process.stdin.removeAllListeners()", "process.stdin.on('data', hear)"),
        ("process.stdin.off('data', hear)", "process.stdin.on('data', hear)"),
        ("process.stdin.unref()", "process.stdin.ref()"),
        ("process.stdin.pause()", "process.stdin.resume()"),
        ("process.stdin.destroy()", ""),
    ] {
        terminal.press(&["C-l"]);
        eventually("an empty screen", || (terminal.screen() == ">").then_some(()));
        submit(&terminal, "process.stdin.on('data', hear).resume(); 0");
        terminal.wait_for("reads standard input; Enter on an empty line types for it\n>");
        terminal.enter(&format!("{gives_up}; 'gi' + 'ven'"), "\n'given'");
        // A read that was left would be asked for within a run that waits.
        terminal.enter("await wait()", "\n'waited'");
        terminal.enter("'a' + ' chunk'", "\n'a chunk'");
        assert_eq!(terminal.screen().matches("standard input").count(), 1, "{}", terminal.screen());
        if asks_again.is_empty() {
            continue;
        }
        submit(&terminal, &format!("{asks_again}; 0"));
        eventually("the read", || (terminal.screen().matches("reads standard input").count() == 2).then_some(()));
        terminal.wait_for("types for it\n>");
        submit(&terminal, "");
        answer(&terminal, ASKED, "one");
        terminal.wait_for("\ngot one\n");
        terminal.enter("process.stdin.removeAllListeners('data').pause(); 'en' + 'ded'", "\n'ended'");
    }
}

#[test]
fn ctrl_d_ends_half_a_line_and_then_the_input() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    submit(&terminal, "require('fs').readFileSync(0, 'utf8')");
    eventually("the question", || terminal.screen().ends_with(ASKED).then_some(()));
    terminal.type_then("half", &["C-d"]);
    eventually("another question", || (terminal.screen().matches(ASKED).count() == 2).then_some(()));
    terminal.press(&["C-d"]);
    terminal.wait_for("\n'half'\n>");
}

#[test]
fn output_keeps_what_is_typed() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    let folder = Folder::new("meanwhile");
    submit(
        &terminal,
        &format!(
            "const fs = require('fs'), flag = {}; const timer = setInterval(() => fs.existsSync(flag) && (clearInterval(timer), \
             console.log('mean' + 'while'), process.stdout.write('ci' + 'ty? ')), 10); \
             await new Promise((done) => process.stdin.once('data', (data) => (process.stdin.pause(), done(String(data)))))",
            folder.quoted("flag")
        ),
    );
    eventually("the question", || terminal.screen().ends_with(ASKED).then_some(()));
    terminal.type_then("Rme", &["Left", "Left"]);
    folder.write("flag", "");
    terminal.wait_for("\nmeanwhile\ncity? Rme");
    assert!(!terminal.screen().contains(ASKED), "{}", terminal.screen());
    terminal.press(&["o", "Enter"]);
    terminal.wait_for("\ncity? Rome\n'Rome\\n'\n>");
}

#[test]
fn a_permission_is_asked_while_input_is_typed() {
    let folder = Folder::new("aside");
    let flags = format!("'--allow-read={}'", folder.0.display());
    let Some(terminal) = Terminal::start_with("NO_COLOR=1", &flags) else { return };
    terminal.wait_for("Ctrl-D leaves\n>");
    submit(
        &terminal,
        &format!(
            "const fs = require('fs'), flag = {}; const timer = setInterval(() => fs.existsSync(flag) && (clearInterval(timer), \
             console.log('is', fs.existsSync('/etc/passwd'))), 10); \
             const rl = require('readline/promises').createInterface(process.stdin); \
             const typed = await rl.question(''); rl.close(); typed",
            folder.quoted("flag")
        ),
    );
    eventually("the question", || terminal.screen().ends_with(ASKED).then_some(()));
    terminal.type_in("half");
    terminal.wait_for(&format!("{ASKED} half"));
    folder.write("flag", "");
    terminal.wait_for("wants read access to /etc/passwd; allow? y once, s session, N deny:");
    submit(&terminal, "y");
    terminal.wait_for(&format!("\nis true\n{ASKED} half"));
    submit(&terminal, " whole");
    terminal.wait_for("\n'half whole'\n>");
}

#[test]
fn what_is_typed_when_the_run_ends_is_not_lost() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    terminal.enter(".timeout 700ms", "wall 700ms");
    submit(&terminal, "require('fs').readFileSync(0, 'utf8')");
    eventually("the question", || terminal.screen().ends_with(ASKED).then_some(()));
    terminal.type_in("'ha' + 'lf'");
    terminal.wait_for("state kept\n> 'ha' + 'lf'");
    terminal.enter("", "\n'half'");
}

#[test]
fn a_program_that_inherits_it_is_told_of_each_time() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    for _ in 0..2 {
        terminal.press(&["C-l"]);
        submit(&terminal, "require('child_process').spawnSync('cat', { stdio: 'inherit' }).status");
        terminal.wait_for("Warning: a program that inherits");
        terminal.wait_for("!command gives");
        terminal.wait_for("\n0\n");
    }
}
