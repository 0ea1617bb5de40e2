//! Native code inside a kernel that is locked down, as an intruder's would be after a bug in V8. It says on standard
//! error what it tried and what came of it, `NAME ERRNO` a line with 0 for success, and ends the process.
//!
//! Every attempt is harmless where it succeeds, so that the same probe runs in a kernel that is not locked down, too:
//! there the calls succeed or fail for other reasons, which shows that the lock-down is what refuses them here.

mod arguments;
mod calls;
mod fatal;
mod paths;
mod surroundings;

use std::{
    ffi::{c_long, c_void},
    io,
    sync::OnceLock,
};

static WHAT: OnceLock<(String, Vec<String>)> = OnceLock::new();

/// Sees what can only be seen before the lock-down, and returns the probe called `name`.
pub(crate) fn prepare(name: &str) -> fn() {
    WHAT.set((name.to_owned(), surroundings::before())).unwrap();
    run
}

fn run() {
    let (name, before) = WHAT.get().unwrap();
    match name.split_once(':') {
        Some(("fatal", call)) => fatal::attempt(call),
        _ => match name.as_str() {
            "calls" => report(&calls::attempts()),
            "arguments" => report(&arguments::attempts()),
            "executable" => report(&arguments::executable()),
            "paths" => report(&paths::attempts()),
            "surroundings" => before.iter().chain(&surroundings::inside()).for_each(|line| eprintln!("{line}")),
            "memory" => {
                surroundings::MAPPINGS.iter().for_each(|(name, flags)| eprintln!("{name} {}", surroundings::map_all(*flags)))
            }
            other => panic!("no probe {other}"),
        },
    }
    std::process::exit(0);
}

/// The names of calls, and their errors.
type Attempts = Vec<(String, i32)>;

fn report(attempts: &Attempts) {
    let lines = attempts.iter().map(|(name, errno)| format!("{name} {errno}\n")).collect::<String>();
    eprint!("{lines}");
}

/// The bare system call; 0, or the error's number.
fn call(number: c_long, arguments: &[usize]) -> i32 {
    let mut all = [0; 6];
    all[..arguments.len()].copy_from_slice(arguments);
    let [a, b, c, d, e, f] = all;
    // SAFETY: to be refused is what these calls are for; where they are not, the arguments are valid, or such that the
    // system rejects them. Pointers are to memory that outlives the call.
    match unsafe { libc::syscall(number, a, b, c, d, e, f) } {
        -1 => io::Error::last_os_error().raw_os_error().unwrap(),
        _ => 0,
    }
}

/// The address of something, for a call.
fn at<T>(what: &T) -> usize {
    std::ptr::from_ref(what).cast::<c_void>() as usize
}

/// -1, as a call takes it: no descriptor, no process, no address.
const NONE: usize = usize::MAX;
