//! The front end goes, by a signal or because its terminal does: its kernel goes with it.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
#![cfg(target_os = "linux")]

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

/// A kernel has gone by then.
const SOON: Duration = Duration::from_secs(5);

fn drupe(arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_drupe"));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// The process that `parent` has started.
fn kernel_of(parent: u32) -> u32 {
    let is_child = |pid: &u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let rest = stat.rsplit_once(") ").map(|(_, rest)| rest.to_owned()).unwrap_or_default();
        rest.split(' ').nth(1) == Some(parent.to_string().as_str())
    };
    let pids = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    pids.into_iter().find(is_child).expect("no kernel")
}

fn is_alive(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

fn goes(kernel: u32, why: &str) {
    let begun = Instant::now();
    while is_alive(kernel) {
        assert!(begun.elapsed() < SOON, "{why}: the kernel lives on");
        std::thread::yield_now();
    }
}

// threat F4
#[test]
fn a_kernel_goes_with_the_command_that_a_signal_ends() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT, Signal::KILL] {
        let mut command = drupe(&["eval", "console.log('here'); for (;;);"]);
        let mut line = String::new();
        BufReader::new(command.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "here\n");
        let kernel = kernel_of(command.id());
        kill_process(Pid::from_raw(command.id().cast_signed()).unwrap(), signal).unwrap();
        goes(kernel, &format!("{signal:?}"));
        command.wait().unwrap();
    }
}

// threat F4
#[test]
fn a_kernel_goes_when_the_input_of_a_session_ends() {
    let mut command = drupe(&["repl"]);
    let mut input = command.stdin.take().unwrap();
    writeln!(input, "console.log('here')").unwrap();
    let mut output = BufReader::new(command.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("here") {
        line.clear();
        assert!(output.read_line(&mut line).unwrap() > 0, "the session ended before its input");
    }
    let kernel = kernel_of(command.id());
    drop(input);
    goes(kernel, "the end of its input");
    command.wait().unwrap();
}
