//! The prompt in a real terminal: tmux types and looks at the screen. Skipped, with a message, where there is no tmux.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use std::{
    path::PathBuf,
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use common::{PATIENCE, eventually};

/// A terminal of 80 columns and 30 lines that runs `drupe`. Closed when dropped.
struct Terminal {
    /// Each has a tmux server of its own.
    socket: PathBuf,
}

impl Terminal {
    /// `None` where there is no tmux. `environment` is such as `NO_COLOR=1`.
    fn start(environment: &str) -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        if Command::new("tmux").arg("-V").output().is_err() {
            eprintln!("skipped: there is no tmux on this machine");
            return None;
        }
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let socket = std::env::temp_dir().join(format!("drupe-tmux-{}-{number}", std::process::id()));
        let terminal = Self { socket };
        let drupe = env!("CARGO_BIN_EXE_drupe");
        let history = terminal.socket.with_extension("history");
        let command = format!(
            "env -u NO_COLOR TERM=xterm-256color DRUPE_HISTORY={} {environment} {drupe}; echo left with $?; exec sleep 60",
            history.display()
        );
        terminal.tmux(&["-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "30", &command]);
        terminal.wait_for("Ctrl-D leaves\n>");
        Some(terminal)
    }

    fn tmux(&self, args: &[&str]) -> String {
        let output = Command::new("tmux").arg("-S").arg(&self.socket).args(args).env("LC_ALL", "C.UTF-8").output().unwrap();
        assert!(output.status.success(), "tmux {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Types text as it is; a `;` at its end would be tmux's.
    fn type_in(&self, text: &str) {
        self.tmux(&["send-keys", "-l", "--", text]);
    }

    /// Presses keys, such as `Enter` and `C-c`.
    fn press(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys"], keys].concat());
    }

    /// Types a line, and waits until `text` is on the screen and the prompt is back.
    fn enter(&self, line: &str, text: &str) {
        self.type_in(line);
        self.press(&["Enter"]);
        self.wait_for(&format!("{text}\n>"));
    }

    fn screen(&self) -> String {
        let screen = self.tmux(&["capture-pane", "-p"]);
        screen.lines().map(|line| line.trim_end().to_owned() + "\n").collect::<String>().trim_end().to_owned()
    }

    fn wait_for(&self, text: &str) {
        let mut screen = String::new();
        let found = std::time::Instant::now() + PATIENCE;
        loop {
            screen.clear();
            screen.push_str(&self.screen());
            if screen.contains(text) {
                return;
            }
            assert!(std::time::Instant::now() < found, "waited in vain for {text:?} on\n{screen}");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A server that has ended already cannot be told to.
        drop(Command::new("tmux").arg("-S").arg(&self.socket).arg("kill-server").output());
        drop(std::fs::remove_file(&self.socket));
        drop(std::fs::remove_file(self.socket.with_extension("history")));
    }
}

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
    terminal.wait_for("> let hi = (name: string) => {\n  return `hi ${name}`\n}");
}

#[test]
fn ctrl_c_stops_a_run_and_keeps_the_state() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.enter("let kept = 'kept value'", "undefined");
    for forever in ["while(true){}", "await new Promise(()=>{})"] {
        terminal.press(&["C-l"]);
        terminal.type_in(&format!("console.log('beg' + 'un'); {forever}"));
        terminal.press(&["Enter"]);
        terminal.wait_for("\nbegun");
        terminal.press(&["C-c"]);
        terminal.wait_for("Interrupted; state kept\n>");
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
    terminal.wait_for("state lost: it did not stop, and the kernel was restarted\n>");
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
fn ctrl_d_leaves() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.press(&["C-d"]);
    terminal.wait_for("left with 0");
}

#[test]
fn late_output_appears_above_the_line_that_is_typed() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.enter("globalThis.say = text => setTimeout(() => { console.log(text); throw text + '!' }, 300); 0", "\n0");
    terminal.type_in("say('la' + 'te')&&1");
    terminal.press(&["Enter"]);
    terminal.wait_for("\n1\n>");
    terminal.type_in("'typed 日本' + [");
    terminal.wait_for("late\nUncaught 'late!'\n> 'typed 日本' + [");
    terminal.enter("'more']", "\n'typed 日本more'");
}

#[test]
fn a_dead_kernel_is_replaced_and_said_so() {
    let Some(terminal) = Terminal::start("") else { return };
    terminal.enter("let x = 1", "undefined");
    terminal.enter(".reset", "state lost: the session was reset");
    terminal.enter("typeof x", "\n'undefined'");
    terminal.enter(".restart", "state lost: the kernel was restarted");
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
    terminal.type_in("sett");
    terminal.press(&["Tab"]);
    terminal.wait_for("> settings");
    terminal.type_in(".vol");
    terminal.press(&["Tab"]);
    terminal.wait_for("> settings.volume");
    terminal.press(&["Enter"]);
    terminal.wait_for("> settings.volume\n3\n>");
    terminal.type_in(".glo");
    terminal.press(&["Tab", "Enter"]);
    terminal.wait_for("settings  Object  { volume: 3, secret: [Getter] }");
}
