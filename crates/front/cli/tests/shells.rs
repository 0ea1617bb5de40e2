//! Completions in the shells that people use, and the manual page.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::{
    path::Path,
    process::{Command, Stdio},
};

use crate::common::{Folder, run, terminal::Terminal};

/// A shell in a folder with files, in which `drupe` is on the `PATH`. `None` where there is no tmux or no bash.
fn shell_in(folder: &Folder) -> Option<Terminal> {
    folder.write("file one.ts", "");
    folder.write("other.ts", "");
    let terminal = Terminal::start_shell()?;
    let program = Path::new(env!("CARGO_BIN_EXE_drupe")).parent().unwrap();
    terminal.enter_shell(&format!("cd '{}' && PATH={}:$PATH", folder.0.display(), program.display()));
    Some(terminal)
}

/// Types each line and Tab, and waits for what the shell makes of it.
fn complete(terminal: &Terminal, lines: &[(&str, &str)]) {
    for (typed, completed) in lines {
        terminal.press(&["C-u"]);
        terminal.type_then(typed, &["Tab"]);
        terminal.wait_for(&format!("$ {completed}"));
    }
    terminal.press(&["C-u"]);
}

/// What bash and zsh do alike.
const ALIKE: [(&str, &str); 7] = [
    ("drupe doc", "drupe doctor"),
    ("drupe --sandbox st", "drupe --sandbox strict"),
    ("drupe serve --sandbox=har", "drupe serve --sandbox=hardened"),
    ("drupe --preload fi", "drupe --preload file\\ one.ts"),
    ("drupe --preload=fi", "drupe --preload=file\\ one.ts"),
    ("drupe run other.ts fi", "drupe run other.ts file\\ one.ts"),
    ("drupe --allow-read=/tmp,./ot", "drupe --allow-read=/tmp,./other.ts"),
];

#[test]
fn bash_completes_flags_values_and_files() {
    let folder = Folder::new("bash");
    let Some(terminal) = shell_in(&folder) else { return };
    terminal.enter_shell("source <(drupe completions bash)");
    complete(&terminal, &ALIKE);
    // A file and a command that begin alike.
    folder.write("evening.ts", "");
    terminal.type_then("drupe ev", &["Tab", "Tab"]);
    terminal.wait_for("eval");
    terminal.wait_for("evening.ts");
    // Who has no bash-completion has the same, by the path of the program.
    terminal.press(&["C-u"]);
    terminal.enter_shell("cp $(type -p drupe) ./drupe");
    complete(&terminal, &[("./drupe --vm-t", "./drupe --vm-timeout")]);
}

/// Replaces the shell by another, if there is one.
fn become_shell(terminal: &Terminal, name: &str, start: &str) -> bool {
    let is_there = Command::new(name).arg("--version").stdout(Stdio::null()).status().is_ok();
    if is_there {
        terminal.type_in(start);
        terminal.press(&["Enter"]);
        terminal.wait_for("ready\n$");
    } else {
        eprintln!("skipped: there is no {name} on this machine");
    }
    is_there
}

#[test]
fn zsh_completes_flags_values_and_files() {
    let folder = Folder::new("zsh");
    let Some(terminal) = shell_in(&folder) else { return };
    let start = "cat > .zshrc <<< 'autoload -U compinit; compinit -u -D; source <(drupe completions zsh); PS1=\"$ \"; echo rea\"\"dy'; \
                 ZDOTDIR=$PWD exec zsh -d -i";
    if become_shell(&terminal, "zsh", start) {
        complete(&terminal, &ALIKE);
    }
}

#[test]
fn fish_completes_flags_values_and_files() {
    let folder = Folder::new("fish");
    let Some(terminal) = shell_in(&folder) else { return };
    let start = "HOME=$PWD XDG_CONFIG_HOME=$PWD/.config XDG_DATA_HOME=$PWD/.data exec fish --no-config -i -C 'function fish_prompt; echo -n \\$\\ ; end; set -g fish_autosuggestion_enabled 0; \
                 drupe completions fish | source; echo rea\"\"dy'";
    if become_shell(&terminal, "fish", start) {
        complete(&terminal, &ALIKE);
    }
}

#[test]
fn the_manual_page_is_one_for_man() {
    let page = run(&["man"]);
    assert_eq!((page.status, &*page.err), (Some(0), ""));
    let folder = Folder::new("man");
    let file = folder.write("drupe.1", &page.out);
    let tool = |name: &str, args: &[&str]| {
        let output = Command::new(name).args(args).arg(&file).env("MANWIDTH", "80").env("LC_ALL", "C.UTF-8").output();
        if output.is_err() {
            eprintln!("skipped: there is no {name} on this machine");
        }
        output.ok()
    };
    if let Some(man) = tool("man", &["--warnings", "-l"]) {
        let (text, said) = (String::from_utf8_lossy(&man.stdout), String::from_utf8_lossy(&man.stderr));
        assert!(man.status.success() && said.is_empty(), "{said}");
        for part in
            ["--vm-timeout TIME", "--allow-read[=PATH,...]", "best-effort", "EXIT STATUS", "completions SHELL", "--socket NAME"]
        {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
    if let Some(lint) = tool("mandoc", &["-Tlint", "-Wwarning"]) {
        let said = String::from_utf8(lint.stdout).unwrap();
        // A date would make another page of the same program.
        let wrong = said.lines().filter(|line| !line.contains("missing date")).collect::<Vec<_>>();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}

#[test]
fn a_shell_that_is_not_known_is_told_which_are() {
    let said = run(&["completions", "csh"]);
    assert_eq!(said.status, Some(2));
    assert!(["bash", "zsh", "fish"].iter().all(|shell| said.err.contains(shell)), "{said:?}");
    assert_eq!(run(&["completions"]).status, Some(2));
}
