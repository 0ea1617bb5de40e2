//! The front end goes, by a signal or because its terminal does: its kernel goes with it.
#![cfg(target_os = "linux")]

mod common;

use common::{Running, until_gone};
use rustix::process::Signal;

// threat F4
#[test]
fn a_kernel_goes_with_the_command_that_a_signal_ends() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT, Signal::KILL] {
        let mut command = Running::start(&["eval", "console.log('here'); for (;;);"]);
        assert_eq!(command.line(), "here");
        let kernel = command.kernel();
        command.signal(signal);
        until_gone(kernel, &format!("{signal:?}"));
        command.finish();
    }
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
