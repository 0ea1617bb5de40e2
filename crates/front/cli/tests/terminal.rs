//! The prompt in a real terminal: tmux types and looks at the screen. Skipped, with a message, where there is no tmux.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::{Folder, eventually, terminal::Terminal};

#[test]
fn chunks_of_one_line_and_of_several() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.enter("1+1", "\n2");
    terminal.type_in("let hi = (name: string) => {");
    terminal.press(&["Enter"]);
    terminal.type_in("  return `hi ${name}`");
    terminal.press(&["Enter"]);
    terminal.enter("}", "\nundefined");
    terminal.enter("hi('世界')", "\n'hi 世界'");
    // The whole chunk comes back as one, and can be changed anywhere.
    terminal.press(&["Up", "Up"]);
    terminal.wait_for("> let hi = (name: string) => {\n...   return `hi ${name}`\n... }");
}

#[test]
fn ctrl_c_stops_a_run_and_keeps_the_state() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.enter("let kept = 'kept value'", "undefined");
    let awaits = "Interrupted; its code goes on when what it awaits is done; state kept\n>";
    for (forever, end) in [("while(true){}", "Interrupted; state kept\n>"), ("await new Promise(()=>{})", awaits)] {
        terminal.press(&["C-l"]);
        terminal.type_in(&format!("console.log('beg' + 'un'); {forever}"));
        terminal.press(&["Enter"]);
        terminal.wait_for("\nbegun");
        terminal.press(&["C-c"]);
        terminal.wait_for(end);
    }
    terminal.enter("kept", "\n'kept value'");
}

#[test]
fn a_second_ctrl_c_ends_what_cannot_be_interrupted() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.enter("let gone = 1", "undefined");
    // A native loop that V8 cannot interrupt, and that would take years.
    terminal.type_in("console.log('beg' + 'un'); [].includes.call({length: 2**50}, 1)");
    terminal.press(&["Enter"]);
    terminal.wait_for("\nbegun");
    terminal.press(&["C-c"]);
    terminal.wait_for("another Ctrl-C ends its kernel");
    terminal.press(&["C-c"]);
    terminal.wait_for("state lost: it did not stop, and the kernel was restarted\n.replay runs its chunk again\n>");
    terminal.enter("typeof gone", "\n'undefined'");
}

#[test]
fn ctrl_c_at_the_prompt_clears_and_then_leaves() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.type_in("no such thing");
    terminal.press(&["C-c"]);
    terminal.wait_for("> no such thing\n>");
    terminal.press(&["C-c"]);
    terminal.wait_for("press Ctrl-C again");
    terminal.press(&["C-c"]);
    terminal.wait_for("left with 0");
}

#[test]
fn ctrl_c_at_the_prompt_stops_a_callback_and_leaving_waits_for_none() {
    let loops = "let kept = 1; setTimeout(() => { console.log('loo' + 'ps'); for (;;); }, 0); 0";
    let Some(terminal) = Terminal::start("") else { return };
    terminal.type_in(loops);
    terminal.press(&["Enter"]);
    terminal.wait_for("\nloops");
    terminal.press(&["C-c"]);
    terminal.wait_for("Interrupted a callback of an earlier run; state kept");
    terminal.enter("kept", "\n1");
    for keys in ["C-d", ".exit"] {
        let Some(terminal) = Terminal::start("") else { return };
        terminal.type_in(loops);
        terminal.press(&["Enter"]);
        terminal.wait_for("\nloops");
        if keys == "C-d" {
            terminal.press(&[keys]);
        } else {
            terminal.type_in(keys);
            terminal.press(&["Enter"]);
        }
        terminal.wait_for("left with 0");
    }
}

#[test]
fn shell_commands_have_the_variables_of_the_session() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.enter("process.env.DRUPE_SAID = 'one two'", "'one two'");
    terminal.enter("!echo \"[$DRUPE_SAID]\"", "\n[one two]");
    terminal.enter("delete process.env.DRUPE_SAID", "true");
    terminal.enter("!echo \"[$DRUPE_SAID]\" | tr a-z A-Z", "\n[]");
}

#[test]
fn ctrl_d_leaves() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.press(&["C-d"]);
    terminal.wait_for("left with 0");
}

#[test]
fn late_output_appears_above_the_line_that_is_typed() {
    let Some(terminal) = Terminal::start("") else { return };
    let folder = Folder::new("late");
    terminal.enter(&format!("const fs = require('fs'), file = {}", folder.quoted("now")), "\nundefined");
    let first = "function say(text) { if (!fs.existsSync(file)) return setTimeout(say, 20, text);\n";
    terminal.paste(&format!("{first}console.log(text); throw text + '!' }} 'defined'\n"));
    terminal.wait_for("\n'defined'\n>");
    terminal.enter("say('la' + 'te'), 1", "\n1");
    terminal.type_in("'typed 日本' + [");
    terminal.wait_for("> 'typed 日本' + [");
    folder.write("now", "");
    terminal.wait_for("late\nUncaught 'late!'\n");
    terminal.wait_for("at chunk:2:2:20\n> 'typed 日本' + [");
    terminal.enter("'more']", "\n'typed 日本more'");
}

#[test]
fn a_dead_kernel_is_replaced_and_said_so() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.enter("let x = 1", "undefined");
    terminal.enter(".reset", "state lost: the session was reset");
    terminal.enter("typeof x", "\n'undefined'");
    terminal.enter(".restart", "state lost: the kernel was restarted\n.replay runs its chunk again");
    terminal.enter("7*6", "\n42");
}

#[test]
fn commands_and_code_that_looks_like_them() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.enter(".hlep", "no command .hlep; did you mean .help?");
    terminal.enter(".5+1", "\n1.5");
    terminal.type_in("'abc'");
    terminal.press(&["Enter"]);
    terminal.wait_for("\n'abc'\n>");
    terminal.type_in("('abc'");
    terminal.press(&["Enter"]);
    terminal.enter(".charAt(0))", "\n'a'");
    terminal.enter(".timeout vm 100ms", "timeout vm 100ms, wall off");
    terminal.enter("for(;;){}", "CPU budget of 100 ms; state kept");
    terminal.enter(".timeout off", "timeout vm off, wall off");
    terminal.type_in(".editor");
    terminal.press(&["Enter"]);
    terminal.wait_for("...");
    terminal.type_in("'edited'");
    terminal.press(&["Enter"]);
    terminal.wait_for("... 'edited'\n...");
    terminal.type_in(".length");
    terminal.press(&["Enter"]);
    terminal.wait_for(".length\n...");
    terminal.press(&["C-d"]);
    terminal.wait_for("\n6\n>");
}

#[test]
fn the_history_is_searched_and_has_no_duplicates() {
    let Some(terminal) = Terminal::start("") else { return };
    for line in ["'one'", "'two'", "'one'"] {
        terminal.enter(line, line);
    }
    terminal.wait_for("> 'two'\n'two'\n> 'one'\n'one'\n>");
    terminal.press(&["C-l"]);
    terminal.enter(".history", "\n'two'\n'one'\n.history");
    terminal.press(&["C-r"]);
    terminal.type_in("tw");
    terminal.wait_for("(reverse-i-search)`tw': 'two'");
    terminal.press(&["Enter"]);
    terminal.wait_for("\n'two'\n>");
}

#[test]
fn colours_unless_unwanted() {
    let Some(terminal) = Terminal::start("") else { return };
    let Some(plain) = Terminal::start("NO_COLOR=1") else { return };
    for terminal in [&terminal, &plain] {
        terminal.enter("throw 'red'", "Uncaught 'red'");
        // Plain at its end: tmux tells only where colours change.
        terminal.enter("'seven'.length", "\n5");
        terminal.type_in("const f = ('s') // c");
        terminal.wait_for("// c");
    }
    eventually("colours", || {
        let colours = terminal.tmux(&["capture-pane", "-p", "-e"]);
        let wanted = ["\x1b[36mconst", "\x1b[31mUncaught", "\n\x1b[33m5\n"];
        wanted.iter().all(|colour| colours.contains(colour)).then_some(())
    });
    assert!(!plain.tmux(&["capture-pane", "-p", "-e"]).contains('\x1b'));
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.enter("console.log('\\x1b[2J\\x1b[Hhere\\x07')", "\\x1B[2J\\x1B[Hhere\\x07\nundefined");
}

#[test]
fn tab_completes_names_members_and_commands() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.enter("const settings = { volume: 3, get secret() { throw 1 } }", "undefined");
    terminal.type_then("sett", &["Tab"]);
    // The rest of the word is shown before it is taken.
    terminal.wait_for("> settings\n{ volume: 3");
    terminal.type_then(".vol", &["Tab"]);
    terminal.wait_for("> settings.volume");
    terminal.press(&["Enter"]);
    terminal.wait_for("> settings.volume\n3\n>");
    terminal.type_then(".glo", &["Tab", "Enter"]);
    terminal.wait_for("const settings  [1]  Object  40 B  { volume: 3, secret: [Getter] }");
}

#[test]
fn ctrl_c_stops_what_commands_wait_for() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    terminal.enter("let kept = 'kept value'", "undefined");
    terminal.type_in(".copy (() => { console.log('beg' + 'un'); for (;;) {} })()");
    terminal.press(&["Enter"]);
    terminal.wait_for("\nbegun");
    terminal.press(&["C-c"]);
    terminal.wait_for("not copied\n>");
    terminal.enter("setTimeout(() => { console.log('la' + 'te'); for (;;) {} }, 0); 1", "late");
    terminal.type_in(".reload");
    terminal.press(&["Enter"]);
    terminal.wait_for("> .reload");
    // It waits behind the callback, which goes on for ever: both are stopped.
    terminal.press(&["C-c"]);
    terminal.wait_for("not reloaded: it was stopped\n");
    terminal.wait_for("AbortError: callback interrupted\n>");
    terminal.enter("kept", "\n'kept value'");
    // It can be ended whatever it does.
    terminal.type_in(".copy 'x'.repeat(2_000_000)");
    terminal.press(&["Enter"]);
    terminal.wait_for("not copied: it has more than 1 MiB\n>");
}

// threat D4
#[test]
fn answers_of_commands_hold_no_sequences() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    terminal.enter("({ a: { b: { [Symbol('\\x1b]0;c\\x07\\u25d8')]: { d: { e: 1 } } } } })", "[Object] } } }");
    terminal.enter(".more", "[Symbol(\\x1B]0;c\\x07\\u{25D8})]\n{ d: { e: 1 } }");
    terminal.enter("class A { ['\\x1b]0;c\\x07\\u25d8']() {} }", "undefined");
    terminal.enter(".doc A", ":1:1");
    assert!(terminal.screen().contains("\\x1B]0;c\\x07\\u{25D8}()"), "{}", terminal.screen());
}

#[test]
fn a_tag_that_ends_with_a_quote_goes_on() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    terminal.enter("let h = (...all) => all", "undefined");
    terminal.paste("/** @jsx h */ let e = <b x=\"1\"\r y=\"2\">\rt</b>\re[1].y\r");
    terminal.wait_for("\n'2'\n>");
}

#[test]
fn the_death_of_a_kernel_is_told_once() {
    let Some(terminal) = Terminal::start_with("NO_COLOR=1", "--memory-limit 60") else { return };
    terminal.wait_for("Ctrl-D leaves\n>");
    terminal.enter("'x'.repeat(2 ** 28).split('')", "split('')\nthe kernel ran out of memory");
    terminal.enter("1 + 1", "> 1 + 1\nstate lost: the session is a new one\n2");
}
