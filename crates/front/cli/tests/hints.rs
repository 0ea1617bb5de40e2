//! What the prompt shows of its own accord: previews, the rest of a word, the menu, pages, the status of a long run. As
//! `terminal.rs`.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::{Folder, eventually, terminal::Terminal};

#[test]
fn the_value_is_shown_before_enter_and_nothing_comes_of_it() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.enter("let count = 0, user = { name: 'Ann' }; const bump = (): number => ++count", "undefined");
    terminal.type_in("user.name.length");
    terminal.wait_for("> user.name.length\n3");
    let screen = terminal.tmux(&["capture-pane", "-p", "-e"]);
    assert!(screen.contains("\x1b[90m3"), "{screen:?}");
    // With effects there is none.
    terminal.clear_line();
    terminal.type_in("bump() + 100");
    terminal.press(&["C-c"]);
    terminal.wait_for("> bump() + 100\n>");
    terminal.enter("count", "> count\n0");
    // What does not end does not disturb.
    terminal.type_in("[0].map(() => { for (;;) {} })");
    terminal.press(&["C-c"]);
    terminal.wait_for("> [0].map(() => { for (;;) {} })\n>");
    // Wide characters, and more than fits on the line.
    terminal.type_in("'世界'.repeat(40)");
    terminal.wait_for("> '世界'.repeat(40)\n'世界世界");
    let below = terminal.screen();
    assert!(below.ends_with('…') && !below.ends_with("\n…"), "{below}");
    terminal.press(&["C-c"]);
    terminal.wait_for("> '世界'.repeat(40)\n>");
}

#[test]
fn a_preview_that_comes_late_is_painted_below_the_line() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.enter("const slow = (n: number) => { for (let i = 0; i < 1e4; i++); return n }", "undefined");
    // Typed at once: for keys that fast no answer is waited for.
    terminal.type_in("slow(7) * 6");
    terminal.wait_for("> slow(7) * 6\n42");
    terminal.press(&["Enter"]);
    terminal.wait_for("> slow(7) * 6\n42\n>");
}

#[test]
fn the_rest_of_a_word_is_shown_and_taken() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.enter("const settings = { volume: 3 }", "undefined");
    // What comes at once is pasted.
    terminal.type_slowly("sett");
    terminal.wait_for("> settings");
    terminal.press(&["Right"]);
    terminal.type_in(".volume + 1");
    terminal.wait_for("> settings.volume + 1\n4");
    terminal.clear_line();
    terminal.type_in(".load ");
    terminal.wait_for("> .load FILE");
    terminal.press(&["C-c"]);
    terminal.wait_for("> .load\n>");
}

#[test]
fn tab_shows_what_there_is_to_choose_from() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.enter("const shape = { width: 3, area() {}, name: 'box' }", "undefined");
    terminal.type_then("shape.", &["Tab"]);
    terminal.wait_for("area()");
    terminal.wait_for("width                   number");
    eventually("colours", || terminal.tmux(&["capture-pane", "-p", "-e"]).contains("\x1b[36marea()").then_some(()));
    terminal.type_then("wi", &["Tab"]);
    terminal.wait_for("> shape.width\n3");
    terminal.clear_line();
    terminal.type_then(".help .re", &["Tab"]);
    terminal.wait_for(".reload   .replay   .reset    .restart");
}

#[test]
fn long_results_are_folded_and_unfolded() {
    let Some(terminal) = Terminal::start("PAGER=") else { return };
    terminal.enter("Array.from({ length: 60 }, (_, line) => 'a line of some length, number ' + line)", "… 36 more lines: .more");
    assert!(!terminal.screen().contains("number 40"));
    terminal.enter(".more", "… 10 more lines: .more");
    terminal.enter(".more", "'a line of some length, number 59'\n]");
    terminal.enter(".more", "there is no more");
}

#[test]
fn what_was_printed_or_thrown_is_shown_further() {
    let Some(terminal) = Terminal::start("PAGER= NO_COLOR=1") else { return };
    let more = |text: &str| {
        terminal.press(&["C-l"]);
        terminal.enter(".more", text);
    };
    terminal.enter("console.log(Array.from({ length: 103 }, (_, i) => i))", "... 3 more items\n]\nundefined");
    more("> .more\n100 to 102 of 103\n[ 100, 101, 102 ]");
    more("> .more\nthere is no more");
    terminal.enter("console.log({ a: { b: { c: { d: 'deep' } } } }, 'x'); 5", "\n5");
    // What was printed is not shown again.
    more("> .more\n.a.b.c\n{ d: 'deep' }");
    more("> .more\nthere is no more");
    let list = "Array.from({ length: 102 }, (_, i) => i)";
    terminal.enter(
        &format!("console.log([{list}, 'x'], {{ short: Array(30).fill(1), s: 'y'.repeat(300), list: {list} }})"),
        "undefined",
    );
    more("> .more\n[0]: 100 to 101 of 102\n[ 100, 101 ]");
    more("> .more\n.list: 100 to 101 of 102\n[ 100, 101 ]");
    more("> .more\nthere is no more");
    terminal.press(&["C-l"]);
    terminal.enter("throw Object.assign(new Error('no'), { list: Array.from({ length: 102 }, (_, i) => i) })", "\n}");
    more("> .more\n.list: 100 to 101 of 102\n[ 100, 101 ]");
    more("> .more\nthere is no more");
    // A result that leaves out nothing is the last word.
    terminal.enter("console.log([1]); 7", "\n7");
    more("> .more\nthere is no more");
}

#[test]
fn a_long_type_is_told_in_part() {
    let Some(terminal) = Terminal::start("PAGER=") else { return };
    terminal.enter(".type fs", ": .more");
    assert!(terminal.screen().lines().count() < 14, "{}", terminal.screen());
    terminal.enter(".more", "");
    terminal.wait_for("writevSync");
}

#[test]
fn a_long_run_tells_what_it_is_at() {
    let Some(terminal) = Terminal::start("") else { return };
    let folder = Folder::new("hints");
    for (code, at, end) in [
        ("for(;;){}", "MiB, at chunk:1:1; Ctrl-C stops it", "Interrupted; state kept"),
        (
            "await new Promise(() => {})",
            "MiB, waiting; Ctrl-C stops it",
            "Interrupted; its code goes on when what it awaits is done; state kept",
        ),
    ] {
        terminal.press(&["C-l"]);
        terminal.type_in(code);
        terminal.press(&["Enter"]);
        terminal.wait_for(at);
        terminal.press(&["C-c"]);
        // And leaves no trace.
        terminal.wait_for(&format!("> {code}\n{end}\n>"));
    }
    // Nor does it mix with output.
    terminal.press(&["C-l"]);
    let until =
        |file: &str| format!("while (!fs.existsSync({})) await new Promise(done => setTimeout(done, 20));", folder.quoted(file));
    terminal.enter("const fs = require('fs')", "undefined");
    terminal.type_in(&format!("{} console.log('out' + 'put'); {}", until("print"), until("end")));
    terminal.press(&["Enter"]);
    terminal.wait_for("waiting; Ctrl-C");
    folder.write("print", "");
    terminal.wait_for("\noutput\n");
    terminal.wait_for("waiting; Ctrl-C");
    folder.write("end", "");
    terminal.wait_for("\noutput\nundefined\n>");
}

#[test]
fn commands_are_explained() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.enter(".help load", "name the\n  file.");
    terminal.enter(".help laod", "no command .laod; did you mean .load?");
    terminal.enter(".allow net=none read=/no/such", "import  everything");
    terminal.wait_for("net     nothing");
    terminal.enter("/** Adds. */ function add(a: number, b = 1): number { return a + b }", "undefined");
    terminal.enter(".type add", "function add(a: number, b = 1): number");
    terminal.enter(".doc add", "declared at chunk:1:1:14");
    terminal.wait_for("  Adds.");
    terminal.enter(".type [1].map", "\nmap(callback, [thisArg])");
    terminal.enter(".doc nothing_such", "or needs code to be run");
}

#[test]
fn commands_of_a_shell_are_told_from_code() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    for (line, told) in [
        ("cat a b", "!cat a b runs the program cat"),
        ("ls -l", "!ls -l runs the program ls"),
        ("cd ..", ".cd .. changes the working folder"),
        ("%timeit f()", ".time shows what each run costs"),
        ("%%nothing", ".help lists the commands"),
        ("?console.log", ".doc console.log tells what it is"),
        ("print(1, 2)", "console.log(…) prints"),
        ("!gti status", "there is no program gti on the PATH"),
        ("!gti", "there is no program gti on the PATH"),
    ] {
        terminal.press(&["C-l"]);
        eventually("an empty screen", || (terminal.screen() == ">").then_some(()));
        terminal.enter(line, told);
    }
    // Code stays code, also where it is wrong.
    for line in ["if x {", "import cat", "cat(", "cat = = 1", "nowhere(print)", "1 %% 2", "?.", "a..b?", "?1"] {
        terminal.press(&["C-l"]);
        eventually("an empty screen", || (terminal.screen() == ">").then_some(()));
        terminal.type_in(line);
        terminal.press(&["Enter"]);
        terminal.press(&["C-c"]);
        terminal.enter("'do' + 'ne'", "'done'");
        assert!(
            !["runs the program", "tells", "prints"].iter().any(|said| terminal.screen().contains(said)),
            "{}",
            terminal.screen()
        );
    }
}

#[test]
fn a_file_is_reloaded_by_its_name() {
    let folder = Folder::new("reloaded");
    folder.write("lib.ts", "export const a: number = 1");
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    terminal.enter(&format!("process.chdir({})", folder.quoted("")), "undefined");
    terminal.enter("(await import('./lib.ts')).a", "\n1");
    folder.write("lib.ts", "export const a: number = 2");
    terminal.enter(".reload lib.ts", "./lib.ts is read anew by the next import");
    terminal.enter("(await import('./lib.ts')).a", "\n2");
    terminal.type_in(".reload nope.ts");
    terminal.press(&["Enter"]);
    terminal.wait_for("not reloaded: Cannot find package 'nope.ts'");
}
