//! A person's own settings and commands in a real terminal. As `terminal.rs`.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::{Folder, eventually, terminal::Terminal};

/// A folder with settings; the environment that names it.
fn settings(name: &str, files: &[(&str, &str)]) -> (Folder, String) {
    let folder = Folder::new(name);
    std::fs::create_dir_all(folder.0.join("drupe")).unwrap();
    for (file, text) in files {
        folder.write(&format!("drupe/{file}"), text);
    }
    let environment = format!("XDG_CONFIG_HOME='{}'", folder.0.display());
    (folder, environment)
}

#[test]
fn settings_and_a_file_of_ones_own_begin_a_session() {
    let (_folder, environment) = settings(
        "config",
        &[
            ("config.toml", "prompt = \"js> \"\nkeys = \"vi\"\n[print]\nundefined = false\ngreeting = false\n"),
            ("init.ts", "const mine: number = 42\nconsole.log('from init')"),
        ],
    );
    let Some(terminal) = Terminal::start_with(&environment, "") else { return };
    terminal.wait_for("from init\njs>");
    assert!(!terminal.screen().contains("undefined") && !terminal.screen().contains("V8"), "{}", terminal.screen());
    terminal.type_in("let x = mine");
    terminal.press(&["Enter"]);
    terminal.wait_for("js> let x = mine\njs>");
    // The keys of vi: to the beginning of the line, and type there.
    terminal.type_in("x");
    terminal.press(&["Escape"]);
    terminal.type_in("0i1+");
    terminal.press(&["Enter"]);
    terminal.wait_for("\n43\njs>");
    // It begins the next session, too.
    terminal.type_in(".reset");
    terminal.press(&["Enter"]);
    terminal.wait_for("state lost: the session was reset\nfrom init\njs>");
}

#[test]
fn what_is_wrong_with_the_settings_is_told_and_the_session_starts() {
    let (_folder, environment) = settings(
        "mistakes",
        &[("config.toml", "colour = \"never\"\nkeys = \"vim\"\n"), ("init.js", "const early = 1\nnothing.there")],
    );
    let Some(terminal) = Terminal::start_with(&environment, "") else { return };
    terminal.wait_for("nothing is not defined");
    terminal.wait_for("\n>");
    // Lines are broken wherever they fill the window.
    let screen = terminal.screen().replace(char::is_whitespace, "");
    for text in [
        "config.toml:1: there is no key \"colour\"; did you mean colors?",
        "config.toml:2: keys = \"vim\": it may be \"emacs\" or \"vi\"",
    ] {
        assert!(screen.contains(&text.replace(' ', "")), "{text}: {screen}");
    }
    terminal.enter("early + 1", "\n2");
}

#[test]
fn more_goes_on_in_what_the_result_left_out() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.enter("Array.from({ length: 101 }, (_, i) => 'item number ' + i)", "more lines: .more");
    terminal.type_in(".more");
    terminal.press(&["Enter"]);
    // How many lines are left, as the end of the page says that was seen last.
    let mut left = usize::MAX;
    eventually("the last page of the text", || {
        let screen = terminal.screen();
        let told = screen.strip_suffix(" more lines: .more\n>").and_then(|text| text.rsplit(' ').next()?.parse().ok());
        if let Some(told) = told.filter(|told| *told < left) {
            left = told;
            terminal.press(&["C-l"]);
            terminal.type_in(".more");
            terminal.press(&["Enter"]);
        }
        screen.contains("... 1 more item\n]\n>").then_some(())
    });
    terminal.type_in(".more");
    terminal.press(&["Enter"]);
    terminal.wait_for("100 of 101\n[ 'item number 100' ]\n>");
    terminal.type_in(".more");
    terminal.press(&["Enter"]);
    terminal.wait_for("there is no more\n>");
}

#[test]
fn a_chunk_is_edited_in_an_editor() {
    let folder = Folder::new("editor");
    let editor =
        folder.write("ed.sh", "#!/bin/sh\ncat \"$1\" > \"${0%/*}/seen\"\necho '[n,' > \"$1\"\necho 'n + 1]' >> \"$1\"\n");
    std::process::Command::new("chmod").arg("+x").arg(&editor).status().unwrap();
    let environment = format!("VISUAL=\"'{}'\"", editor.display());
    let Some(terminal) = Terminal::start(&environment) else { return };
    terminal.enter("let n: number = 6", "undefined");
    terminal.enter(".edit", "\n[n,\nn + 1]\n[ 6, 7 ]");
    assert_eq!(std::fs::read_to_string(folder.0.join("seen")).unwrap(), "let n: number = 6\n");
}

#[test]
fn a_text_that_failed_is_edited_again() {
    let folder = Folder::new("again");
    let script = "#!/bin/sh\ncp \"$1\" \"${0%/*}/seen\"\nsed -i 's/$/ + unknown/' \"$1\"\n";
    let editor = folder.write("ed.sh", script);
    std::process::Command::new("chmod").arg("+x").arg(&editor).status().unwrap();
    let Some(terminal) = Terminal::start(&format!("NO_COLOR=1 VISUAL=\"'{}'\"", editor.display())) else { return };
    let seen = || std::fs::read_to_string(folder.0.join("seen")).unwrap();
    terminal.type_in("one + 1");
    terminal.press(&["Enter"]);
    terminal.wait_for("one is not defined");
    for before in ["one + 1\n", "one + 1 + unknown\n"] {
        terminal.press(&["C-l"]);
        terminal.type_in(".edit");
        terminal.press(&["Enter"]);
        terminal.wait_for(&format!("\n{} + unknown\nUncaught", before.trim_end()));
        assert_eq!(seen(), before);
    }
    // They can be brought back, and so can those of `.editor`.
    eventually("the prompt", || terminal.screen().ends_with("\n>").then_some(()));
    terminal.press(&["Up"]);
    terminal.wait_for("> one + 1 + unknown + unknown");
    terminal.press(&["C-u"]);
    terminal.type_in(".editor");
    terminal.press(&["Enter"]);
    terminal.wait_for("\n...");
    terminal.type_in("[1,");
    terminal.press(&["Enter"]);
    terminal.wait_for("... [1,\n...");
    // Ctrl-D ends a line that has text, too.
    terminal.type_in("2]");
    terminal.wait_for("... 2]");
    terminal.press(&["C-d"]);
    terminal.wait_for("... 2]\n[ 1, 2 ]\n>");
    terminal.press(&["Up"]);
    terminal.wait_for("> [1,\n... 2]");
    terminal.press(&["C-c"]);
    terminal.type_in(".editor");
    terminal.press(&["Enter"]);
    terminal.wait_for("> .editor\ntype a chunk; Ctrl-D runs it, Ctrl-C drops it\n...");
    terminal.type_in("'dropped'");
    terminal.press(&["Enter"]);
    terminal.wait_for("... 'dropped'\n...");
    terminal.press(&["C-c"]);
    terminal.wait_for("... 'dropped'\n...\n>");
    terminal.press(&["Up"]);
    terminal.wait_for("> 'dropped'");
}

#[test]
fn folders_are_changed_as_in_a_shell() {
    let folder = Folder::new("cd");
    std::fs::create_dir(folder.0.join("two words")).unwrap();
    std::fs::create_dir(folder.0.join("sub")).unwrap();
    folder.write("two words/in it.ts", "'loa' + 'ded'");
    let Some(terminal) = Terminal::start("NO_COLOR=1") else { return };
    let place = folder.0.canonicalize().unwrap().display().to_string();
    terminal.enter(&format!(".cd \"{place}\""), &format!("\n{place}"));
    for (argument, to) in
        [("\"two words\"", "/two words"), ("-", ""), ("two\\ words", "/two words"), ("-", ""), ("-", "/two words")]
    {
        terminal.press(&["C-l"]);
        terminal.enter(&format!(".cd {argument}"), &format!("\n{place}{to}"));
    }
    terminal.enter(".load 'in it.ts'", "\n'loaded'");
    terminal.enter("!cd /tmp", "type .cd /tmp");
    terminal.enter("!A_PLUM=1", "type process.env.A_PLUM = '1'");
    terminal.enter("!A_PLUM=seven sh -c 'echo $A_PLUM'", "\nseven");
    // Where code has gone, commands and Tab begin.
    terminal.enter("process.chdir('../sub'); fs.writeFileSync('only-here.ts', '6 * 7')", "undefined");
    terminal.enter("!ls", "\nonly-here.ts");
    terminal.enter(".load only-here.ts", "\n42");
    for typed in ["fs.readFileSync('./only", "await import('./only", "!cat ./only", ".load only"] {
        terminal.type_then(typed, &["Tab"]);
        terminal.wait_for(&format!("> {typed}-here.ts"));
        terminal.clear_line();
    }
}

#[test]
fn a_value_is_copied_to_the_clipboard_of_the_terminal() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.tmux(&["set-option", "-g", "set-clipboard", "on"]);
    terminal.enter("'naïve ' + 'text'", "\n'naïve text'");
    terminal.enter(".copy", "copied 10 characters");
    let buffer = eventually("the text in a buffer", || Some(terminal.tmux(&["list-buffers"])).filter(|list| !list.is_empty()));
    assert_eq!(terminal.tmux(&["show-buffer"]), "naïve text", "{buffer}");
    terminal.enter(".copy 'x'", "copied 1 character");
    terminal.enter(".copy [1, {a: 2}]", "copied 15 characters");
    assert_eq!(terminal.tmux(&["show-buffer"]), "[ 1, { a: 2 } ]");
}

#[test]
fn a_program_of_the_shell_has_the_terminal() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.enter("!test -t 0 && test -t 1 && echo both are terminals", "\nboth are terminals");
    terminal.enter("!sh -c 'exit 4'", "exit status: 4");
    terminal.enter("!true", "\nfalse");
    // One that Ctrl-C ends leaves the session as it is.
    terminal.type_in("!echo wai''ting; sleep 60");
    terminal.press(&["Enter"]);
    terminal.wait_for("\nwaiting");
    terminal.press(&["C-c"]);
    terminal.wait_for("(SIGINT)\n>");
    terminal.enter("6 * 7", "\n42");
}

#[test]
fn members_complete_before_anybody_used_them() {
    let Some(terminal) = Terminal::start("PLUM_OF_MINE=1 PLUM_OF_YOURS=2") else { return };
    for (typed, completed) in [
        ("process.platf", "> process.platform"),
        ("crypto.randomU", "> crypto.randomUUID"),
        ("process.env.PLUM_OF_M", "> process.env.PLUM_OF_MINE"),
    ] {
        terminal.type_slowly(typed);
        terminal.press(&["Tab"]);
        terminal.wait_for(completed);
        terminal.press(&["C-c"]);
        terminal.wait_for(&format!("{completed}\n"));
    }
}

#[test]
fn exit_says_how_to_leave() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.enter("exit", ".exit leaves (as Ctrl-D does)");
    terminal.enter("help", ".help lists the commands, .doc NAME tells what a name is");
}
