//! What the prompt does with pastes, questions, paths, and interrupts that come at once. As `terminal.rs`.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::fs;

use crate::common::{Folder, eventually, terminal::Terminal};
use rustix::process::{Pid, Signal, kill_process};

#[test]
fn tabs_and_controls_of_a_paste_are_text() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    terminal.paste("function f() {\n\treturn `x\ty`\n}\na\t= 1\n[f().length,\ta, 'z\t'.length]\n");
    terminal.wait_for("\n[ 3, 1, 2 ]\n>");
    // Ctrl-A, Ctrl-K, Ctrl-R, Ctrl-Z and Ctrl-D would begin something else.
    terminal.paste("`b\u{1}\u{b}\u{12}\u{1a}d\u{4}e`.length + a\n'en' + 'd'\n");
    terminal.wait_for("\n9\n> 'en' + 'd'\n'end'\n>");
    // While a run is busy, too; the terminal marks only the second paste.
    let folder = Folder::new("busy");
    let begin = |name: &str| {
        terminal.press(&["C-l"]);
        terminal.type_in(&format!(
            "console.log('beg' + 'un'); while (!fs.existsSync({})) await new Promise(done => setTimeout(done, 20))",
            folder.quoted(name)
        ));
        terminal.press(&["Enter"]);
        terminal.wait_for("\nbegun");
    };
    begin("one");
    terminal.paste("let c\t= `\u{1a}x\t`\nc.length\n");
    folder.write("one", "");
    terminal.wait_for("\nundefined\n> c.length\n3\n>");
    begin("two");
    terminal.paste_marked("let d =\t`\u{1a}y\t`");
    terminal.press(&["Enter"]);
    folder.write("two", "");
    terminal.wait_for("let d =");
    terminal.enter("d.length * 5", "\n15");
}

#[test]
fn escape_characters_of_a_paste_are_text_and_are_shown_as_such() {
    let Some(terminal) = Terminal::start("") else { return };
    for (paste, shown) in
        [("'a\u{1b}[31mb\u{1b}x'.length", "> 'a␛[31mb␛x'.length\n9\n>"), ("'\u{1b}'.length", "> '␛'.length\n1\n>")]
    {
        terminal.type_in(&format!("\u{1b}[200~{paste}\u{1b}[201~"));
        terminal.press(&["Enter"]);
        terminal.wait_for(shown);
    }
    // The cursor stands where it is shown.
    terminal.type_in("\u{1b}[200~'\u{1b}\u{1b}'\u{1b}[201~");
    terminal.press(&["Left"]);
    terminal.type_in("!");
    terminal.wait_for("> '␛␛!'");
}

#[test]
fn commands_among_pasted_lines_are_obeyed() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    let paste = |text: &str| {
        terminal.paste_marked(text);
        terminal.press(&["Enter"]);
    };
    paste("let a = 1\n.time\na + 1\n.time\n[a]\n.map(x => x + 6)");
    terminal.wait_for("on: what each run costs is shown\n2\ntook ");
    terminal.wait_for("off: what runs cost is not shown\n[ 7 ]\n>");
    // What is unfinished at the end goes on.
    terminal.press(&["C-l"]);
    paste(".type a\nMath.max(a,");
    terminal.wait_for("let a: number = 1\n> Math.max(a,\n...");
    terminal.enter("8)", "\n8");
}

#[test]
fn a_tab_that_follows_a_letter_at_once_completes() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    terminal.enter("const shape = { area() {} }", "undefined");
    terminal.type_in("shape.ar\t");
    terminal.wait_for("> shape.area");
    terminal.press(&["C-u"]);
    terminal.press(&["s", "h", "a", "p", "e", ".", "Tab", "Tab"]);
    terminal.wait_for("> shape.area\n");
    terminal.press(&["C-u"]);
    // As over a slow link: keys of one packet.
    terminal.type_in("shape.ar\t(");
    terminal.wait_for("> shape.area(");
    terminal.press(&["C-u"]);
    terminal.type_in("1 + 'foo'\u{1}2 + ");
    terminal.press(&["Enter"]);
    terminal.wait_for("> 2 + 1 + 'foo'\n'3foo'\n>");
    // Also lines of keys, once the terminal has marked a paste.
    terminal.paste_marked("'mar' + 'ked'");
    terminal.press(&["Enter"]);
    terminal.wait_for("\n'marked'\n>");
    terminal.type_in("4\rshape.ar\t.name");
    terminal.press(&["Enter"]);
    terminal.wait_for("\n'area'\n>");
}

#[test]
fn the_marks_of_a_paste_are_no_answer() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    terminal.type_in("[prompt('name?'), confirm('sure?')]");
    terminal.press(&["Enter"]);
    terminal.wait_for("\nname?");
    terminal.type_in("\u{1b}[200~Ada\u{1b}[201~");
    terminal.press(&["Enter"]);
    terminal.wait_for("\nsure? [y/N]");
    terminal.type_in("\u{1b}[200~y\u{1b}[201~");
    terminal.press(&["Enter"]);
    terminal.wait_for("\n[ 'Ada', true ]\n>");
}

#[test]
fn lines_behind_the_one_that_leaves_are_told_and_kept() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    terminal.paste("1 + 1\n.exit\nfirst = 1\n\nsecond = 2\n");
    terminal.wait_for("> .exit\nnot run: 2 lines after the one that left; the history has it all\nleft with 0");
    assert!(terminal.history().ends_with("first = 1\nsecond = 2\n"), "{}", terminal.history());
}

/// Also where they came as one text.
#[test]
fn lines_of_a_paste_behind_the_one_that_leaves_or_is_stopped_are_told() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    terminal.paste_marked("console.log('be' + 'gun'); for (;;);\n.time\n'no' + 'ne'\n");
    terminal.press(&["Enter"]);
    terminal.wait_for("\nbegun");
    terminal.press(&["C-c"]);
    terminal.wait_for("not run: 2 lines after the one that was stopped; the history has it all\n>");
    terminal.paste_marked("1 + 1\n.exit\n'no' + 'ne'");
    terminal.press(&["Enter"]);
    terminal.wait_for("\n2\nnot run: the line after the one that left; the history has it all\nleft with 0");
}

/// More than a terminal holds: what stayed there would be the shell's.
#[test]
fn all_of_a_paste_behind_the_line_that_leaves_is_told() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    terminal.paste(&format!(".exit\n{}", "wrong = 'twenty bytes'\n".repeat(1000)));
    terminal.wait_for("not run: 1000 lines after the one that left; the history has it all\nleft with 0");
}

#[test]
fn paths_are_completed_where_one_is_typed() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    let folder = Folder::new("paths");
    fs::create_dir(folder.0.join("sub")).unwrap();
    folder.write("sub/one-file.ts", "'loa' + 'ded'");
    terminal.enter(&format!(".cd {}", folder.0.display()), &format!("\n{}", folder.0.display()));
    terminal.type_then(".load s", &["Tab"]);
    terminal.wait_for("> .load sub/");
    terminal.press(&["Tab"]);
    terminal.wait_for("> .load sub/one-file.ts");
    terminal.press(&["Enter"]);
    terminal.wait_for("\n'loaded'\n>");
    terminal.type_then("fs.readFileSync('./sub/on", &["Tab"]);
    terminal.wait_for("> fs.readFileSync('./sub/one-file.ts");
    terminal.type_in("', 'utf8').length");
    terminal.press(&["Enter"]);
    terminal.wait_for("\n13\n>");
}

#[test]
fn members_of_what_a_module_loads_later_are_completed() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    for (typed, whole) in [
        ("fs.promises.readF", "fs.promises.readFile"),
        ("crypto.subtle.dig", "crypto.subtle.digest"),
        ("timers.promises.schedul", "timers.promises.scheduler"),
        ("util.types.isPromi", "util.types.isPromise"),
        ("path.posix.basen", "path.posix.basename"),
        ("process.versions.dru", "process.versions.drupe"),
    ] {
        terminal.press(&["C-l"]);
        eventually("an empty prompt", || (terminal.screen() == ">").then_some(()));
        terminal.type_in(typed);
        // Without colours nothing is shown of it before it is taken.
        terminal.press(&["Tab"]);
        terminal.wait_for(&format!("> {whole}"));
        terminal.press(&["C-u"]);
    }
}

#[test]
fn signals_that_come_at_once_are_one_interrupt() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    terminal.enter("let kept = 'kept ' + 'value'", "undefined");
    terminal.type_in("console.log('beg' + 'un'); for (;;) {}");
    terminal.press(&["Enter"]);
    terminal.wait_for("\nbegun");
    let (front, _) = terminal.processes();
    for _ in 0..3 {
        kill_process(Pid::from_raw(front.cast_signed()).unwrap(), Signal::INT).unwrap();
        std::thread::yield_now();
    }
    terminal.wait_for("Interrupted; state kept\n>");
    terminal.enter("kept", "\n'kept value'");
}

/// While the kernel stands still, signals come apart and nothing has ended yet.
#[test]
fn further_signals_of_a_press_do_not_give_up_what_runs() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    let signal = |process: u32, signal| kill_process(Pid::from_raw(process.cast_signed()).unwrap(), signal).unwrap();
    let (front, kernel) = terminal.processes();
    for (code, shown) in [("console.log('beg' + 'un'); for (;;) {}", "\nbegun"), ("prompt('na' + 'me?')", "\nname?")] {
        terminal.press(&["C-l"]);
        terminal.enter("let kept = 'kept ' + 'value'", "undefined");
        terminal.type_in(code);
        terminal.press(&["Enter"]);
        terminal.wait_for(shown);
        signal(kernel, Signal::STOP);
        signal(front, Signal::INT);
        terminal.wait_for("^C");
        signal(front, Signal::INT);
        signal(kernel, Signal::CONT);
        terminal.wait_for("Interrupted; state kept\n>");
        terminal.enter("kept", "\n'kept value'");
    }
}

/// Of files and of modules alike.
#[test]
fn what_a_session_begins_with_runs_once() {
    let folder = Folder::new("once");
    let file = folder.write("first.cjs", "console.log('first ' + (globalThis.times = (globalThis.times ?? 0) + 1))");
    let Some(terminal) = Terminal::start_with("NO_COLOR=1", &format!("repl -r '{}'", file.display())) else { return };
    terminal.wait_for("\nfirst 1\n>");
    terminal.enter("[times, 'ti' + 'mes']", "\n[ 1, 'times' ]");
    let screen = terminal.screen();
    assert_eq!(screen.matches("first").count(), 1, "{screen}");
}

#[test]
fn ctrl_c_stops_what_a_run_waits_behind() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.enter("let kept = 'kept ' + 'value'; setTimeout(() => { console.log('loo' + 'ping'); for (;;) {} }), 0", "looping");
    terminal.type_in("globalThis.wrong = 1");
    terminal.press(&["Enter"]);
    terminal.wait_for("Ctrl-C stops it");
    terminal.press(&["C-c"]);
    // What it waited behind is told when it has stopped.
    terminal.wait_for("Interrupted before it began; state kept\n");
    terminal.wait_for("AbortError: callback interrupted\n>");
    terminal.enter("kept + typeof wrong", "\n'kept valueundefined'");
}

#[test]
fn the_up_key_brings_back_what_begins_as_typed() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    for line in ["alpha = 1", "beta = 2", "alphabet = 3", "gamma = 4"] {
        terminal.enter(line, &format!("\n{}", &line[line.len() - 1..]));
    }
    terminal.press(&["C-l"]);
    terminal.type_in("al");
    for (key, line) in
        [("Up", "alphabet = 3"), ("Up", "alpha = 1"), ("Up", "alpha = 1"), ("Down", "alphabet = 3"), ("Down", "al")]
    {
        terminal.press(&[key]);
        eventually(line, || (terminal.screen() == format!("> {line}")).then_some(()));
    }
    // Typed anew, it is another beginning, also where an entry stood before.
    for (keys, line) in [
        (&["BSpace", "BSpace", "b", "Up"] as &[&str], "beta = 2"),
        (&["C-u", "g", "Up"], "gamma = 4"),
        (&["C-u", "a", "Up", "Up"], "alpha = 1"),
        (&["C-u", "Up"], "gamma = 4"),
        (&["C-u", "b", "Up", "C-u", "a", "l", "Up"], "alphabet = 3"),
        (&["BSpace", "BSpace", "BSpace", "BSpace", "BSpace"], "alphabe"),
        (&["Up"], "alphabet = 3"),
        (&["Down"], "alphabe"),
        (&["Down"], "alphabe"),
    ] {
        terminal.press(keys);
        eventually(line, || (terminal.screen() == format!("> {line}")).then_some(()));
    }
}

#[test]
fn alt_enter_makes_a_line_of_what_is_whole() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    terminal.type_in("let n = 1");
    terminal.press(&["M-Enter"]);
    terminal.wait_for("> let n = 1\n...");
    terminal.type_in("n + 1");
    terminal.press(&["Enter"]);
    terminal.wait_for("\n... n + 1\n2\n>");
}

#[test]
fn listeners_of_exit_run_when_a_person_leaves() {
    for keys in [&["C-d"] as &[&str], &[".exit", "Enter"], &["C-c", "C-c"]] {
        let Some(terminal) = Terminal::start("") else { return };
        terminal.paste("process.on('exit', code => console.log('bye', code)); process.exitCode = 3\n");
        terminal.wait_for("= 3\n3\n>");
        terminal.press(keys);
        terminal.wait_for("bye 3\nleft with 3");
    }
}

#[test]
fn a_promise_that_is_taken_for_its_value_is_told() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    terminal.enter("const p = Promise.resolve({ list: [1] }), o = { p }; async function g() { return [2] }", "undefined");
    for (line, hint) in [
        ("p.json()", "p is a promise: (await p).json()"),
        ("o.p.list.length", "o.p is a promise: (await o.p).list.length"),
        ("p.map(x => x)", "p is a promise: (await p).map(…)"),
        ("for (const x of p) {}", "p is a promise: await p"),
        ("g().map(x => x)", "g(…) is a promise: (await g(…)).map(…)"),
    ] {
        terminal.press(&["C-l"]);
        terminal.enter(line, hint);
    }
    // What is none, is not.
    terminal.press(&["C-l"]);
    terminal.enter("o.list.length", "at chunk:7:1:8");
    terminal.enter("1 + 1", "\n2");
    assert!(!terminal.screen().contains("promise"), "{}", terminal.screen());
}
