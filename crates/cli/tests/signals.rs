//! The front end goes, by a signal or because its terminal does: its kernel goes with it.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod common;

use common::{Running, until_gone};
use rustix::process::Signal;

// threat F4
#[test]
fn a_kernel_goes_with_the_command_that_a_signal_ends() {
    let signals = [Signal::TERM, Signal::HUP, Signal::INT, Signal::KILL];
    for signal in signals.into_iter().filter(|signal| !is_ignored(*signal)) {
        let mut command = Running::start(&["eval", "console.log('here'); for (;;);"]);
        assert_eq!(command.line(), "here");
        let kernel = command.kernel();
        command.signal(signal);
        until_gone(kernel, &format!("{signal:?}"));
        command.finish();
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
