//! Programs at a real terminal, as Node's: what they know of it, keys, lines that are edited, colours, and what they
//! write reaches it as it is.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::{Folder, terminal::Terminal};

/// A terminal that runs a program. `None` where there is no tmux.
fn running(folder: &Folder, environment: &str, code: &str) -> Option<Terminal> {
    let program = folder.write("program.mjs", code);
    Terminal::start_with(environment, &format!("run '{}'", program.display()))
}

/// What is on the screen, with its colours.
fn coloured(terminal: &Terminal) -> String {
    terminal.tmux(&["capture-pane", "-e", "-p"])
}

#[test]
fn programs_know_their_terminal_and_colour_values() {
    let folder = Folder::new("knows-terminal");
    let code = "import tty from 'node:tty';
        console.log(process.stdin.isTTY, process.stdout.isTTY, process.stderr.isTTY, tty.isatty(0), tty.isatty(1), tty.isatty(7));
        console.log(process.stdout.columns, process.stdout.rows, ...process.stdout.getWindowSize(), process.stdout.hasColors(), process.stdout instanceof tty.WriteStream, process.stdin instanceof tty.ReadStream);
        console.log({ a: 1 }, 'text'); console.error([true]); console.log('%s %o!', { b: { c: 1 } }, 7);";
    let Some(terminal) = running(&folder, "TMUX=", code) else { return };
    terminal.wait_for("left with 0");
    let screen = terminal.screen();
    assert!(screen.contains("true true true true true false\n80 30 80 30 true true true\n"), "{screen}");
    let shown = coloured(&terminal);
    for text in ["{ a: \u{1b}[33m1\u{1b}[39m } text", "[ \u{1b}[33mtrue\u{1b}[39m ]", "{ b: [Object] } \u{1b}[33m7\u{1b}[39m!"] {
        assert!(shown.contains(text), "{shown:?}");
    }
    let Some(plain) = running(&folder, "NO_COLOR=1", code) else { return };
    plain.wait_for("left with 0");
    assert!(!coloured(&plain).contains("\u{1b}[33m"), "{}", coloured(&plain));
}

#[test]
fn values_of_eval_have_colours() {
    let Some(terminal) = Terminal::start_with("", "eval '({ a: \"b\" })'") else { return };
    terminal.wait_for("left with 0");
    assert!(coloured(&terminal).contains("{ a: \u{1b}[32m'b'\u{1b}[39m }"), "{}", coloured(&terminal));
}

#[test]
fn what_a_program_writes_moves_the_cursor() {
    let folder = Folder::new("moves-cursor");
    let code = "process.stdout.write('aaaa\\rb\\n'); console.log('cccc\\x1b[2Dd'); process.stdout.moveCursor(3, 0); process.stdout.write('e\\n');";
    let Some(terminal) = running(&folder, "", code) else { return };
    terminal.wait_for("left with 0");
    assert!(terminal.screen().starts_with("baaa\nccdc\n   e\n"), "{}", terminal.screen());
}

#[test]
fn a_program_hears_of_a_new_size() {
    let folder = Folder::new("new-size");
    let code = "process.stdout.on('resize', () => { console.log('now', process.stdout.columns); process.exit(5); });
        setInterval(() => {}, 1000); console.log('ready');";
    let Some(terminal) = running(&folder, "", code) else { return };
    terminal.wait_for("ready");
    terminal.resize(61, Some(20));
    terminal.wait_for("now 61\nleft with 5");
}

#[test]
fn a_line_is_edited_and_history_comes_back() {
    let folder = Folder::new("edits");
    let code = "import { createInterface } from 'node:readline';
        const rl = createInterface({ input: process.stdin, output: process.stdout, prompt: 'do> ', completer: (line) => [['alpha', 'beta'].filter((word) => word.startsWith(line)), line] });
        rl.on('line', (line) => { console.log(`[${line}]`); rl.prompt(); }).on('close', () => console.log('bye')); rl.prompt();";
    let Some(terminal) = running(&folder, "", code) else { return };
    terminal.wait_for("do>");
    terminal.type_in("helo");
    terminal.press(&["Left"]);
    terminal.type_in("l");
    terminal.press(&["Home"]);
    terminal.type_in("x");
    terminal.press(&["BSpace", "Enter"]);
    terminal.wait_for("[hello]\ndo>");
    terminal.type_in("second word");
    terminal.press(&["C-w"]);
    terminal.type_in("日本");
    terminal.press(&["Enter"]);
    terminal.wait_for("[second 日本]\ndo>");
    terminal.press(&["Up", "Up"]);
    terminal.wait_for("do> hello");
    terminal.press(&["Down", "C-u"]);
    terminal.type_in("al");
    terminal.wait_for("\ndo> al");
    // What comes at once is pasted, and completes nothing.
    terminal.press(&["Tab"]);
    terminal.wait_for("\ndo> alpha");
    terminal.press(&["Enter"]);
    terminal.wait_for("[alpha]\ndo>");
    terminal.press(&["C-d"]);
    terminal.wait_for("bye\nleft with 0");
}

#[test]
fn a_question_is_answered_and_the_terminal_is_as_before() {
    let folder = Folder::new("asks");
    let code = "import { createInterface } from 'node:readline/promises';
        const rl = createInterface({ input: process.stdin, output: process.stdout });
        console.log('hello ' + await rl.question('name? ')); rl.close();";
    let program = folder.write("program.mjs", code);
    let Some(terminal) = Terminal::start_shell() else { return };
    terminal.type_in(&format!("{} run '{}'; stty -a | grep -o ' icanon'", env!("CARGO_BIN_EXE_drupe"), program.display()));
    terminal.press(&["Enter"]);
    terminal.wait_for("\nname?");
    terminal.type_in("Ann");
    terminal.press(&["Enter"]);
    terminal.wait_for("\nhello Ann\n icanon");
}

#[test]
fn a_question_that_is_left_is_rejected() {
    let folder = Folder::new("leaves");
    let code = "import { createInterface } from 'node:readline/promises';
        const rl = createInterface({ input: process.stdin, output: process.stdout });
        await rl.question('name? ').catch(error => console.log(error.name, error.code, error.message)); console.log('end');";
    let program = folder.write("program.mjs", code);
    let Some(terminal) = Terminal::start_shell() else { return };
    for key in ["C-d", "C-c"] {
        terminal.type_in(&format!("{} run '{}'; echo left with $?", env!("CARGO_BIN_EXE_drupe"), program.display()));
        terminal.press(&["Enter"]);
        terminal.wait_for("\nname?");
        terminal.press(&[key]);
        let letter = if key == "C-d" { 'D' } else { 'C' };
        terminal.wait_for(&format!("AbortError ABORT_ERR Aborted with Ctrl+{letter}\nend\nleft with 0"));
        terminal.press(&["C-l"]);
    }
}

#[test]
fn keys_come_one_by_one_in_raw_mode_and_no_end_leaves_it_on() {
    let folder = Folder::new("raw");
    let code = "import { emitKeypressEvents } from 'node:readline';
        emitKeypressEvents(process.stdin); process.stdin.setRawMode(true);
        process.stdin.on('keypress', (text, key) => { console.log(key.name, key.ctrl); if (key.name === 'q') throw new Error('enough'); });
        console.log('press', process.stdin.isRaw);";
    let program = folder.write("program.mjs", code);
    let Some(terminal) = Terminal::start_shell() else { return };
    terminal.type_in(&format!(
        "{} run '{}'; echo left with $?; stty -a | grep -o ' icanon'",
        env!("CARGO_BIN_EXE_drupe"),
        program.display()
    ));
    terminal.press(&["Enter"]);
    terminal.wait_for("press true");
    terminal.press(&["x"]);
    terminal.wait_for("\nx false");
    terminal.press(&["C-c"]);
    terminal.wait_for("\nc true");
    terminal.press(&["Up"]);
    terminal.wait_for("\nup false");
    terminal.press(&["q"]);
    terminal.wait_for("left with 1\n icanon");
}

#[test]
fn a_signal_that_ends_a_program_leaves_the_terminal_as_it_was() {
    let folder = Folder::new("raw-signal");
    let code = "process.stdin.setRawMode(true); process.stdin.resume(); console.log('pid', process.stdin.isRaw);";
    let program = folder.write("program.mjs", code);
    let Some(terminal) = Terminal::start_shell() else { return };
    terminal.type_in(&format!(
        "{} run '{}'; echo left with $?; stty -a | grep -o ' icanon'",
        env!("CARGO_BIN_EXE_drupe"),
        program.display()
    ));
    terminal.press(&["Enter"]);
    terminal.wait_for("pid true");
    let (front, _) = terminal.processes();
    rustix::process::kill_process(
        rustix::process::Pid::from_raw(i32::try_from(front).unwrap()).unwrap(),
        rustix::process::Signal::TERM,
    )
    .unwrap();
    terminal.wait_for("left with 143\n icanon");
}

#[test]
fn ctrl_c_ends_a_read_that_blocks() {
    let folder = Folder::new("blocks");
    for (code, ready) in [
        ("import { readSync } from 'node:fs'; console.log('wait'); readSync(0, Buffer.alloc(9));", "wait"),
        ("console.log('wait'); for await (const chunk of process.stdin);", "wait"),
    ] {
        let Some(terminal) = running(&folder, "", code) else { return };
        terminal.wait_for(ready);
        terminal.press(&["C-c"]);
        terminal.wait_for("left with 130");
    }
}

#[test]
fn a_child_has_the_terminal() {
    let folder = Folder::new("child-terminal");
    let code = "import { execSync, spawn } from 'node:child_process';
        console.log('before'); execSync('test -t 0 && test -t 1 && test -t 2 && read line && echo got $line', { stdio: 'inherit' });
        spawn('sh', ['-c', 'read line; echo then $line; exit 3'], { stdio: 'inherit' }).on('close', (code) => console.log('after', code));";
    let Some(terminal) = running(&folder, "", code) else { return };
    terminal.wait_for("before");
    terminal.type_in("one");
    terminal.press(&["Enter"]);
    terminal.wait_for("got one");
    terminal.type_in("two");
    terminal.press(&["Enter"]);
    terminal.wait_for("then two\nafter 3\nleft with 0");
}

// threat D4
#[test]
fn the_prompt_keeps_its_input_and_its_screen() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.type_in("process.stdin.on('data', () => {}), process.stdout.write('aaaa\\rb\\n'), process.stdout.isTTY");
    terminal.press(&["Enter"]);
    terminal.wait_for("aaaa\\rb");
    terminal.wait_for("reads standard input");
    terminal.enter("1 + 1", "2");
}
