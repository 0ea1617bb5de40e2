//! The real kernel, as a program of this package, so that its tests always run the newest. What follows its name is for
//! tests of the lock-down: `without=seccomp,landlock` leaves layers out, `probe=NAME` has native code try to get out as
//! soon as all is locked; `clock=jumps` has the time of day jump whenever it is asked for.
#![allow(clippy::unwrap_used, reason = "a program whose own set-up fails has nothing better to do than to die")]

#[cfg(target_os = "linux")]
#[path = "../support/clock.rs"]
mod clock;
#[cfg(target_os = "linux")]
mod probe;

use drupe_kernel::Options;

fn main() -> std::process::ExitCode {
    let mut options = Options::default();
    for argument in std::env::args().skip(1) {
        match argument.split_once('=') {
            Some(("without", layers)) => options.without = layers.split(',').map(str::to_owned).collect(),
            #[cfg(target_os = "linux")]
            Some(("clock", "jumps")) => clock::let_jump(true),
            #[cfg(target_os = "linux")]
            Some(("probe", name)) => options.locked = Some(probe::prepare(name)),
            // What a client says to a program that it knows nothing of.
            None if argument == "kernel" => {}
            _ => panic!("what is {argument}?"),
        }
    }
    drupe_kernel::main_with(&options)
}
