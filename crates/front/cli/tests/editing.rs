//! How the line that is typed looks: over several lines, below output, in a window that changes, with a menu. As
//! `terminal.rs`.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::{Folder, eventually, terminal::Terminal};

const HEAD: &str = "Ctrl-D leaves\n";

#[test]
fn unfinished_input_goes_on_on_marked_and_indented_lines() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.type_in("function f(n) {");
    terminal.press(&["Enter"]);
    terminal.wait_for(&format!("{HEAD}> function f(n) {{\n..."));
    terminal.type_slowly("if (n) {");
    terminal.press(&["Enter"]);
    terminal.wait_for("\n...   if (n) {\n...");
    terminal.type_slowly("return 'some'");
    terminal.press(&["Enter"]);
    terminal.wait_for("\n...     return 'some'\n...");
    // What closes goes back; an empty line keeps no spaces.
    terminal.type_in("}");
    terminal.wait_for("\n...   }");
    terminal.press(&["Enter"]);
    terminal.wait_for("\n...   }\n...");
    terminal.press(&["Enter"]);
    terminal.wait_for("\n...   }\n...\n...");
    // Whoever indents has it their way.
    terminal.type_in("    return `none");
    terminal.press(&["Enter"]);
    terminal.wait_for("\n...     return `none\n...");
    terminal.type_in("at all`");
    terminal.press(&["Enter"]);
    terminal.type_in("}");
    terminal.press(&["Enter"]);
    terminal.wait_for("\n... at all`\n... }\nundefined\n>");
    terminal.enter("f(1) + '|' + f(0)", "\n'some|none\\nat all'");
}

#[test]
fn commands_are_heard_inside_unfinished_input() {
    let Some(terminal) = Terminal::start("") else { return };
    let begin = |text: &str| {
        terminal.press(&["C-l"]);
        terminal.type_in(text);
        terminal.press(&["Enter"]);
        terminal.wait_for(&format!("> {text}\n..."));
    };
    begin("wrong(");
    terminal.type_in(".break");
    terminal.press(&["Enter"]);
    terminal.wait_for(".break\n>");
    terminal.enter("6*7", "\n42");
    // The input stays where the command does not end it.
    begin("'abc'.concat(");
    terminal.type_in(".time");
    terminal.press(&["Enter"]);
    terminal.wait_for("on: what each run costs is shown\n> 'abc'.concat(\n...");
    terminal.type_in("'d')");
    terminal.press(&["Enter"]);
    terminal.wait_for("'abcd'\ntook ");
    terminal.enter(".time", "off: what runs cost is not shown");
    begin("'xyz'.concat(");
    terminal.type_in(".editor");
    terminal.press(&["Enter"]);
    terminal.wait_for("Ctrl-D runs it");
    terminal.type_in("'!')");
    terminal.press(&["Enter"]);
    terminal.wait_for("... '!')\n...");
    terminal.press(&["C-d"]);
    terminal.wait_for("\n'xyz!'\n>");
    // A member is no command.
    begin("('abc'");
    terminal.enter(".at(0))", "\n'a'");
    // Ctrl-C drops it all, and so does leaving.
    begin("wrong(");
    terminal.press(&["C-c"]);
    terminal.wait_for("> wrong(\n...\n>");
    begin("wrong(");
    terminal.type_in(".exit");
    terminal.press(&["Enter"]);
    terminal.wait_for("left with 0");
}

#[test]
fn output_comes_above_a_line_whose_cursor_is_inside() {
    let Some(terminal) = Terminal::start("") else { return };
    let folder = Folder::new("above");
    terminal.enter(&format!("var fs = require('fs'), file = {}", folder.quoted("now")), "undefined");
    terminal.enter("var say = n => n ? (console.log('late', n), setTimeout(say, 5, n - 1)) : 0; 0", "\n0");
    terminal.enter("var wait = () => fs.existsSync(file) ? say(9) : setTimeout(wait, 20); wait(), 1", "\n1");
    terminal.press(&["C-l"]);
    let text = format!("'{}'.length + [1, 2, 3].length", "0123456789".repeat(8));
    terminal.type_in(&text);
    terminal.wait_for(", 3].length");
    terminal.press(&["Left", "Left", "Left", "Left"]);
    folder.write("now", "");
    terminal.wait_for("late 1\n> '0123456789");
    terminal.press(&["End"]);
    let rest = (1..=9).rev().map(|number| format!("late {number}\n")).collect::<String>();
    let line = format!("> {text}");
    let (first, second) = line.split_at(80);
    terminal.press(&["Enter"]);
    terminal.wait_for("\n83\n>");
    let screen = terminal.screen();
    assert_eq!(screen, format!("{rest}{first}\n{second}\n83\n>"));
}

#[test]
fn a_window_that_changes_has_no_remains() {
    let Some(terminal) = Terminal::start("") else { return };
    // What tmux moves out of a window is not the prompt's any more.
    terminal.enter("for (let line = 0; line < 20; line++) console.log(line)", "\n19\nundefined");
    terminal.type_in("[`a text");
    terminal.press(&["Enter"]);
    terminal.wait_for("> [`a text\n...");
    terminal.type_in("of a length that takes more rows in a narrow window, and several lines`.repeat(99)]");
    // A terminal that changes while the prompt draws shows parts of both.
    terminal.wait_for("at(99)]\n[ 'a text");
    for columns in [30, 80, 50, 24, 60] {
        terminal.resize(columns, None);
        // The preview below is as wide as the window.
        eventually("the new width", || {
            let screen = terminal.screen();
            let last = screen.lines().last()?;
            (last.ends_with('…') && last.chars().count() == usize::from(columns) - 1).then_some(())
        });
        assert_eq!(terminal.screen().matches("> [`a text").count(), 1, "{}", terminal.screen());
    }
    terminal.press(&["C-c"]);
    let text = "> [`a text\n... of a length that takes more rows in a narrow window, and\n several lines`.repeat(99)]\n>";
    terminal.wait_for(&format!("\n18\n19\nundefined\n{text}"));
    assert!(terminal.screen().ends_with(text), "{}", terminal.screen());
}

/// The window becomes narrower and wider again before the status is drawn anew.
#[test]
fn a_status_line_in_a_window_that_changes_has_no_remains() {
    let Some(terminal) = Terminal::start("") else { return };
    let elapsed = |screen: &str| {
        let (before, _) = screen.rsplit_once(" s, CPU")?;
        before.rsplit('\n').next().map(str::to_owned)
    };
    let line = format!("> await new Promise(() => {{}}) // {}", "long".repeat(20));
    terminal.type_in(&line[2..]);
    terminal.press(&["Enter"]);
    terminal.wait_for("waiting; Ctrl-C stops it");
    for columns in [100, 90, 80, 100] {
        // After a status there is time until the next: one that is drawn while tmux has not yet told a size goes wrong.
        for columns in [45, columns] {
            let before = elapsed(&terminal.screen());
            terminal.resize(columns, None);
            eventually("a later status", || elapsed(&terminal.screen()).filter(|later| before.as_ref() != Some(later)));
        }
        terminal.wait_until("the whole status", |screen| screen.ends_with("Ctrl-C stops it"));
        // A window that becomes narrow moves lines out at its top.
        let with_history = terminal.tmux(&["capture-pane", "-p", "-S", "-"]);
        assert_eq!(with_history.replace('\n', "").matches(&line).count(), 1, "{with_history}");
        let screen = terminal.screen();
        assert_eq!(screen.matches("stops it").count(), 1, "{screen}");
    }
    terminal.press(&["C-c"]);
    terminal.wait_for("Interrupted; its code goes on when what it awaits is done; state kept\n>");
}

#[test]
fn unfinished_input_that_ctrl_c_drops_is_in_the_history() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    terminal.type_in("function f() {");
    terminal.press(&["Enter"]);
    terminal.wait_for("> function f() {\n...");
    terminal.type_in("return 7");
    terminal.wait_for("return 7");
    terminal.press(&["C-c"]);
    eventually("an empty line", || terminal.screen().ends_with("\n>").then_some(()));
    terminal.press(&["Up"]);
    eventually("it is back", || terminal.screen().ends_with("> function f() {\n...   return 7").then_some(()));
    terminal.type_in("}; f()");
    terminal.press(&["Enter"]);
    terminal.wait_for("}; f()\n7\n>");
}

#[test]
fn a_menu_is_walked_and_fits_the_window() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.enter("const shape = { width: 3, area() {}, name: 'box' }; const many = {}", "undefined");
    terminal.enter("for (let n = 100; n < 300; n++) many['name' + n] = n", "\n299");
    terminal.press(&["C-l"]);
    terminal.type_then("shape.", &["Tab"]);
    terminal.wait_for("> shape.\narea()");
    terminal.press(&["Tab"]);
    terminal.wait_for("> shape.area\narea()");
    terminal.press(&["Down"]);
    terminal.wait_for("> shape.name\narea()");
    terminal.press(&["BTab"]);
    terminal.wait_for("> shape.area\narea()");
    // Enter takes the entry, and runs nothing.
    terminal.press(&["Enter"]);
    terminal.wait_for("> shape.area\n[");
    terminal.type_in(".name");
    terminal.press(&["Enter"]);
    terminal.wait_for("> shape.area.name\n'area'\n>");
    // Esc leaves it as it was.
    terminal.type_then("shape.", &["Tab", "Tab"]);
    terminal.wait_for("> shape.area\narea()");
    terminal.press(&["Escape"]);
    terminal.wait_until("the line as it was", |screen| screen.ends_with("\n> shape."));
    terminal.clear_line();
    // A long one is shown in part.
    for (columns, all) in [(80, "… 200 in all; Tab or the arrow keys choose"), (24, "… 200 in all; Tab or t…")] {
        terminal.resize(columns, Some(10));
        terminal.press(&["C-l"]);
        terminal.type_then("many.name", &["Tab"]);
        terminal.wait_for("> many.name\nname100");
        terminal.wait_for(all);
        terminal.press(&["PageDown"]);
        eventually("another page", || {
            let screen = terminal.screen();
            (screen.contains("> many.name") && !screen.contains("> many.name\n") && !screen.contains("\nname100")).then_some(())
        });
        terminal.press(&["PageUp"]);
        terminal.wait_for("> many.name100\nname100");
        terminal.press(&["Up"]);
        terminal.wait_for("> many.name299\n");
        terminal.wait_for("… 200 of 200");
        assert!(terminal.screen().starts_with("> many.name299\n"), "{}", terminal.screen());
        terminal.press(&["Down"]);
        terminal.wait_for("> many.name100\n");
        // Together they would be another key.
        terminal.press(&["Escape"]);
        // A preview of the value comes below it.
        terminal.wait_until("the line as it was", |screen| screen.trim_end_matches("\nundefined") == "> many.name");
        terminal.clear_line();
    }
}

#[test]
fn the_head_of_a_function_is_shown_while_its_arguments_are_typed() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.enter("function add(left: number, right = 1) { return left + right }", "undefined");
    terminal.enter("class Point { constructor(public x: number, y?: string) {} }", "undefined");
    for (text, head) in [
        ("add(", "function add(left: number, right = 1)"),
        ("[add(1), add(2, ", "function add(left: number, right = 1)"),
        ("new Point(", "new Point(public x: number, y?: string)"),
        ("Math.max(", "max(...values)"),
        ("fs.readFileSync(", "readFileSync(path, options?)"),
        ("new URL(", "new URL(url, base?)"),
        ("fetch('x', ", "fetch(input, init?)"),
    ] {
        terminal.type_in(text);
        terminal.wait_for(&format!("> {}\n{head}", text.trim_end()));
        terminal.clear_line();
    }
    terminal.enter("add(1)", "> add(1)\n2");
    // The argument at the cursor is marked, and seen in a narrow window.
    terminal.type_in("add(1, ");
    terminal.wait_for("> add(1,\nfunction add(");
    eventually("the mark", || terminal.tmux(&["capture-pane", "-p", "-e"]).contains("right = 1\x1b[0m\x1b[90m").then_some(()));
    terminal.clear_line();
    terminal.resize(36, None);
    terminal.type_in("add(1, 2");
    terminal.wait_for("> add(1, 2\nfunction add(… right = 1)");
}

#[test]
fn allowing_what_is_allowed_says_how_to_restrict() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.enter(".allow read=/tmp", "import  everything");
    terminal.wait_for("read=/tmp restricts nothing, for read is everything; .allow read=none read=/tmp\n");
    terminal.enter(".allow read=none read=/tmp", "import  everything");
    terminal.wait_for("\nread    /tmp\n");
}

#[test]
fn a_terminal_that_edits_lines_itself_is_left_in_order() {
    let Some(terminal) = Terminal::start_shell() else { return };
    terminal.type_in(&format!("TERM=dumb {}", env!("CARGO_BIN_EXE_drupe")));
    terminal.press(&["Enter"]);
    terminal.wait_for("Ctrl-D leaves\n>");
    terminal.press(&["C-c"]);
    terminal.wait_for("> ^C");
    terminal.press(&["C-d"]);
    terminal.wait_for("> ^C\n$");
}

#[test]
fn esc_takes_no_key_that_comes_later() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    for keys in ["\u{1b}\u{3}", "\u{1b}[\u{3}", "\u{1b}\u{1b}\u{3}"] {
        terminal.type_in("some text");
        terminal.wait_for("> some text");
        terminal.type_in(keys);
        eventually("an empty line", || terminal.screen().ends_with("> some text\n>").then_some(()));
        terminal.press(&["C-l"]);
        eventually("an empty screen", || (terminal.screen() == ">").then_some(()));
    }
    // After a while it is a key of its own: the next one means what it always does.
    terminal.type_in("setInterval(() => console.log('ti' + 'ck'), 400).hasRef()");
    terminal.press(&["Enter"]);
    // A tick may come before the prompt.
    terminal.wait_until("the value and the prompt", |screen| screen.contains("\ntrue\n") && screen.ends_with("\n>"));
    for keys in [&["Escape"][..], &["Escape", "["]] {
        terminal.press(&["C-l"]);
        terminal.type_in("6 * 7");
        terminal.wait_for("> 6 * 7");
        terminal.press(keys);
        let ticks = |terminal: &Terminal| terminal.screen().matches("tick").count();
        let before = ticks(&terminal);
        eventually("two ticks", || (ticks(&terminal) >= before + 2).then_some(()));
        terminal.press(&["Enter"]);
        terminal.wait_for("> 6 * 7\n42\n");
    }
    // Alt and a letter is one key, however it is sent.
    terminal.type_in("one two");
    terminal.wait_for("> one two");
    terminal.press(&["M-b"]);
    terminal.type_in("X");
    terminal.wait_for("> one Xtwo");
}

#[test]
fn ctrl_d_in_text_says_what_it_is_for() {
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    for (text, shown) in [("function f() {", "> function f() {\n..."), ("1 +", "> 1 +\n...")] {
        terminal.press(&["C-l"]);
        terminal.type_in(text);
        terminal.press(&["Enter"]);
        terminal.wait_for(shown);
        terminal.press(&["C-d"]);
        terminal.wait_for("(Ctrl-D leaves where nothing is typed; Ctrl-C drops what is typed)\n");
        terminal.wait_for(shown);
        terminal.press(&["C-c"]);
        eventually("the prompt", || terminal.screen().ends_with("\n>").then_some(()));
    }
    // Amid text it deletes.
    terminal.type_in("12");
    terminal.wait_for("> 12");
    terminal.press(&["C-a", "C-d"]);
    eventually("one digit", || terminal.screen().ends_with("\n> 2").then_some(()));
}

#[test]
fn programs_are_completed_behind_an_exclamation_mark() {
    let folder = Folder::new("programs");
    folder.write("drupe-tool-of-tests", "");
    folder.write("drupe-text-of-tests", "");
    let tool = folder.0.join("drupe-tool-of-tests");
    std::fs::set_permissions(&tool, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let Some(terminal) = Terminal::start(&format!("NO_COLOR=1 PATH='{}':$PATH", folder.0.display())) else { return };
    terminal.type_in("!drupe-t");
    terminal.wait_for("> !drupe-t");
    terminal.press(&["Tab"]);
    terminal.wait_for("> !drupe-tool-of-tests");
    terminal.clear_line();
    terminal.type_then("!ls | drupe-t", &["Tab"]);
    terminal.wait_for("> !ls | drupe-tool-of-tests");
    terminal.clear_line();
    terminal.enter(&format!(".cd {}", folder.0.display()), &format!("\n{}", folder.0.display()));
    terminal.type_then("!cat drupe-te", &["Tab"]);
    terminal.wait_for("> !cat drupe-text-of-tests");
    terminal.clear_line();
    terminal.enter("!for x in a b; do echo [$x]; done", "\n[a]\n[b]");
    terminal.enter("!if true; then echo y''es; fi", "\nyes");
    terminal.type_in("!~/no/such/program");
    terminal.press(&["Enter"]);
    terminal.wait_for("not found");
}
