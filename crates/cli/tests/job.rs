//! `drupe` as a job of a shell: Ctrl-Z stops it with its kernel, and `fg` continues both.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use std::{fs, thread, time::Duration};

use common::{Folder, child_of, eventually, terminal::Terminal};

/// The state of a process as the system tells it: `R`, `S`, `T`, ..
fn state(process: u32) -> Option<char> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

fn until(processes: [u32; 2], stopped: bool) {
    eventually(if stopped { "the stop of both" } else { "both to go on" }, || {
        processes.iter().all(|process| state(*process).is_some_and(|state| (state == 'T') == stopped)).then_some(())
    });
}

/// A shell with jobs, in which `drupe` runs; its processes.
fn start(arguments: &str) -> Option<(Terminal, [u32; 2])> {
    let terminal = Terminal::start_shell()?;
    terminal.type_in(&format!("{} {arguments}", env!("CARGO_BIN_EXE_drupe")));
    terminal.press(&["Enter"]);
    terminal.wait_for("Ctrl-D leaves\n>");
    let shell = terminal.tmux(&["display-message", "-p", "#{pane_pid}"]).trim().parse().unwrap();
    let front = eventually("the front end", || child_of(shell));
    let kernel = eventually("its kernel", || child_of(front));
    Some((terminal, [front, kernel]))
}

// threat F2
#[test]
fn ctrl_z_stops_the_kernel_with_its_front_end_and_fg_goes_on() {
    let Some((terminal, processes)) = start("") else { return };
    terminal.enter("let kept = 'kept value'", "undefined");
    terminal.type_in("console.log('beg' + 'un'); while (true) {}");
    terminal.press(&["Enter"]);
    terminal.wait_for("\nbegun");
    for _ in 0..3 {
        terminal.press(&["C-z"]);
        until(processes, true);
        terminal.type_in("fg");
        terminal.press(&["Enter"]);
        until(processes, false);
    }
    // Ctrl-C is for the front end alone, and ends the run, not the kernel.
    terminal.press(&["C-c"]);
    terminal.wait_for("Interrupted; state kept\n>");
    terminal.enter("kept", "\n'kept value'");
    // At the prompt it is no different.
    terminal.press(&["C-z"]);
    until(processes, true);
    terminal.type_in("fg");
    terminal.press(&["Enter"]);
    until(processes, false);
    terminal.press(&["C-d"]);
}

/// The process is stopped, and so are its budgets.
// threat F2
#[test]
fn a_wall_budget_is_not_charged_for_the_time_that_the_job_was_stopped() {
    let folder = Folder::new("stopped");
    let Some((terminal, processes)) = start("--wall-timeout 3s") else { return };
    terminal.enter(&format!("const {{ existsSync }} = require('fs'), file = {}", folder.quoted("go")), "undefined");
    terminal.type_in(
        "console.log('beg' + 'un'); while (!existsSync(file)) await new Promise(r => setTimeout(r, 20)); 'in' + ' time'",
    );
    terminal.press(&["Enter"]);
    terminal.wait_for("\nbegun");
    terminal.press(&["C-z"]);
    until(processes, true);
    // The subject is time that passes: no event could stand for it.
    thread::sleep(Duration::from_secs(5));
    folder.write("go", "");
    terminal.type_in("fg");
    terminal.press(&["Enter"]);
    terminal.wait_for("\n'in time'");
    terminal.press(&["C-d"]);
}
