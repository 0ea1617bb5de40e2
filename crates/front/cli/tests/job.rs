//! `drupe` as a job of a shell: Ctrl-Z stops it with its kernel, and `fg` continues both.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common;
use std::{fs, thread, time::Duration};

use crate::common::{Folder, Running, child_of, eventually, terminal::Terminal};
use rustix::process::Signal;

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

/// Waits until a process is stopped.
fn until_stopped(process: u32) {
    eventually("the stop", || (state(process)? == 'T').then_some(()));
}

/// As Node's: what was written before is there, nothing goes on while it is stopped, and the program hears that it goes
/// on.
#[test]
fn a_program_stops_itself_and_hears_that_it_goes_on() {
    let folder = Folder::new("stops-itself");
    for (target, signal) in [("process.pid", "SIGSTOP"), ("process.pid", "SIGTSTP"), ("0", "SIGSTOP"), ("process.pid", "SIGTTIN")]
    {
        let code = format!(
            "process.once('SIGCONT', (name) => {{ console.log('heard', name); clearInterval(timer); }});
            const timer = setInterval(() => {{}}, 1000);
            console.log('before');
            console.log(process.kill({target}, '{signal}'));"
        );
        let file = folder.write("stops.mjs", &code);
        // Where no shell could continue it, the system ignores all but the first: this test is the shell.
        let mut command = Running::start_job(&["run", &file.to_string_lossy()]);
        assert_eq!(command.line(), "before");
        until_stopped(command.id());
        command.signal_job(Signal::CONT);
        let said = command.finish();
        assert_eq!((said.status, &*said.out), (Some(0), "before\ntrue\nheard SIGCONT\n"), "{target} {signal}: {said:?}");
    }
}

/// No deadline passes while a process is stopped: code that may not run every program cannot stop the command.
// threat F2
#[test]
fn confined_code_cannot_stop_the_command() {
    for flags in [&["--deny"][..], &["--allow-read"], &["--deny-run=ls"]] {
        for signal in ["SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU"] {
            let code = format!("try {{ process.kill(process.pid, '{signal}') }} catch (error) {{ console.log(error.code) }}");
            let said = common::run(&[flags, &["-e", &code]].concat());
            assert_eq!((said.status, said.out.trim()), (Some(0), "EPERM"), "{flags:?} {signal}: {said:?}");
        }
    }
}

/// A shell with jobs, in which a program runs that says `ready`, and the command's process.
fn start_program(folder: &Folder, flags: &str, code: &str, ready: &str) -> Option<(Terminal, u32)> {
    let program = folder.write("program.mjs", code);
    let terminal = Terminal::start_shell()?;
    terminal.type_in(&format!("{} {flags} run '{}'", env!("CARGO_BIN_EXE_drupe"), program.display()));
    terminal.press(&["Enter"]);
    terminal.wait_for(ready);
    let shell = terminal.tmux(&["display-message", "-p", "#{pane_pid}"]).trim().parse().unwrap();
    let front = eventually("the command", || child_of(shell));
    Some((terminal, front))
}

#[test]
fn ctrl_z_stops_a_program_that_edits_lines_and_fg_shows_the_line_again() {
    let folder = Folder::new("ctrl-z-readline");
    let code = "import { createInterface } from 'node:readline';
        const rl = createInterface({ input: process.stdin, output: process.stdout, prompt: 'do> ' });
        rl.on('line', (line) => { console.log(`[${line}]`); rl.prompt(); }).on('SIGCONT', () => rl.prompt(true)); rl.prompt();";
    // Also where code may not stop the command by itself.
    for flags in ["", "--allow-read"] {
        let Some((terminal, front)) = start_program(&folder, flags, code, "\ndo>") else { return };
        for (begun, rest) in [("hel", "lo"), ("wor", "ld")] {
            terminal.type_then(begun, &["C-z"]);
            until_stopped(front);
            terminal.enter_shell("stty -a | grep -o ' icanon'");
            terminal.type_in("fg");
            terminal.press(&["Enter"]);
            eventually("the line again", || terminal.screen().ends_with(&format!("\ndo> {begun}")).then_some(()));
            terminal.type_then(rest, &["Enter"]);
            terminal.wait_for(&format!("[{begun}{rest}]\ndo>"));
        }
        assert_eq!(terminal.screen().matches("\n icanon").count(), 2, "{}", terminal.screen());
        terminal.press(&["C-d"]);
        terminal.enter_shell("stty -a | grep -o ' icanon'");
    }
}

/// Who listens to the key decides; and in raw mode without `readline` the key is a byte.
#[test]
fn a_program_that_hears_ctrl_z_itself_is_not_stopped() {
    let folder = Folder::new("ctrl-z-heard");
    for code in [
        "import { createInterface } from 'node:readline';
        const rl = createInterface({ input: process.stdin, output: process.stdout, prompt: 'do> ' });
        rl.on('SIGTSTP', () => { console.log('heard'); rl.close(); }); rl.prompt();",
        "process.stdin.setRawMode(true); process.stdin.once('data', (data) => { console.log(data[0] === 26 ? 'heard' : data); process.exit(); });
        process.stdout.write('do> ');",
    ] {
        let Some((terminal, _)) = start_program(&folder, "", code, "\ndo>") else { return };
        terminal.press(&["C-z"]);
        terminal.wait_for("heard\n$");
    }
}
