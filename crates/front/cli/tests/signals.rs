//! The front end goes, by a signal or because its terminal does: its kernel goes with it.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::fs;

use crate::common::{Folder, Running, eventually, terminal::Terminal, until_gone};
use rustix::process::Signal;

// threat F4
#[test]
fn a_kernel_goes_with_the_command_that_a_signal_ends() {
    let folder = Folder::new("signals");
    let (code, file) = ("console.log('here'); for (;;);", folder.write("loop.js", "console.log('here'); for (;;);"));
    let file = file.to_string_lossy();
    let signals = [Signal::TERM, Signal::HUP, Signal::INT, Signal::KILL];
    for signal in signals.into_iter().filter(|signal| !is_ignored(*signal)) {
        for command in [&["eval", code][..], &["run", &file], &["run", "-"], &["repl"]] {
            let why = format!("{signal:?} to {command:?}");
            let mut command = Running::start(command);
            // Whoever takes code from there does.
            command.type_in(&format!("{code}\n"));
            if why.contains("-\"") {
                command.close_input();
            }
            assert_eq!(command.line(), "here");
            let kernel = command.kernel();
            command.signal(signal);
            until_gone(kernel, &why);
            command.until_ended();
        }
    }
}

/// A conversation whose terminal closes ends, and its kernel with it, whatever runs: also where no signal tells of
/// that, because the session of the terminal is another, or signals of that kind are ignored.
// threat F4
#[test]
fn a_kernel_goes_with_the_terminal_of_its_conversation() {
    for how in ["", "setsid -w", "sh -c 'trap \"\" HUP; exec \"$0\" \"$@\"'"] {
        for code in ["for (;;) {}", "await new Promise(() => {})", "1"] {
            // Where nothing is coloured, nothing is shown of a run that is silent, and no write fails.
            let Some(terminal) = Terminal::start(&format!("NO_COLOR=1 {how}")) else { return };
            terminal.type_in(&format!("console.log('he' + 're'); {code}"));
            terminal.press(&["Enter"]);
            terminal.wait_for("\nhere");
            let (front, kernel) = terminal.processes();
            drop(terminal);
            until_gone(kernel, &format!("{code} by {how:?}"));
            until_gone(front, &format!("{code} by {how:?}"));
        }
    }
}

/// Whether these tests ignore a signal, and with them what they start: under `nohup`, hangups.
fn is_ignored(signal: Signal) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
    u64::from_str_radix(ignored.trim(), 16).unwrap() >> (signal.as_raw() - 1) & 1 == 1
}

// threat F4
#[test]
fn a_kernel_goes_when_the_input_of_a_session_ends() {
    let mut command = Running::start(&["repl"]);
    command.type_in("console.log('here')\n");
    assert_eq!(command.line(), "here");
    let kernel = command.kernel();
    command.close_input();
    until_gone(kernel, "the end of its input");
    command.finish();
}

/// Waits until a process works no more, or is gone.
fn until_at_rest(process: u32) {
    let mut times = Vec::new();
    eventually("a kernel at rest", || {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        let Some((_, rest)) = stat.rsplit_once(") ") else { return Some(()) };
        // Its CPU time has not changed for a while.
        times.push(rest.split(' ').skip(11).take(2).collect::<Vec<_>>().join("+"));
        let same = times.iter().rev().take_while(|time| Some(*time) == times.last()).count();
        (rest.starts_with('S') && same > 20).then_some(())
    });
}

/// A Ctrl-C at the very end of a program ends watching, too.
#[test]
fn ctrl_c_at_the_end_of_a_watched_program_is_heard() {
    let folder = Folder::new("watch-end");
    let file = folder.write("main.mjs", "console.log('here'); const end = Date.now() + 500; while (Date.now() < end);");
    let mut running = Running::start(&["--watch", file.to_str().unwrap()]);
    assert_eq!(running.line(), "here");
    running.signal(Signal::STOP);
    until_at_rest(running.kernel());
    running.signal(Signal::INT);
    running.signal(Signal::CONT);
    let said = running.finish();
    assert_eq!((said.status, said.out.as_str()), (Some(130), "here\n"), "{said:?}");
}

/// One that the program has handled does not.
#[test]
fn ctrl_c_that_a_watched_program_handles_does_not_end_watching() {
    let folder = Folder::new("watch-handles");
    let code = "process.once('SIGINT', () => { console.log('heard'); clearInterval(timer) }); const timer = setInterval(() => {}, 1000); ";
    let file = folder.write("main.mjs", &format!("{code} console.log('here')"));
    let mut running = Running::start(&["--watch", file.to_str().unwrap()]);
    assert_eq!(running.line(), "here");
    running.signal(Signal::INT);
    assert_eq!(running.line(), "heard");
    folder.write("main.mjs", "console.log('again')");
    assert_eq!(running.line(), "again");
    running.signal(Signal::INT);
    let said = running.finish();
    assert_eq!(said.status, Some(130), "{said:?}");
}

/// Just before the program is run again.
#[test]
fn ctrl_c_between_two_runs_is_heard() {
    let folder = Folder::new("watch-between");
    let file = folder.write("main.mjs", "console.log('here'); setInterval(() => {}, 1000)");
    let mut running = Running::start(&["--watch", file.to_str().unwrap()]);
    assert_eq!(running.line(), "here");
    running.signal(Signal::STOP);
    folder.write("main.mjs", "console.log('again')");
    running.signal(Signal::INT);
    running.signal(Signal::CONT);
    let said = running.finish();
    assert_eq!((said.status, said.out.as_str()), (Some(130), "here\n"), "{said:?}");
}
