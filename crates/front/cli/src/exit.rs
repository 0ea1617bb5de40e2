//! The exit statuses of the command.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use drupe_client::{Cause, Error, Outcome};
use drupe_repl::{Followed, Left, ReplError};

/// The statuses, for people.
pub(crate) const STATUSES: [(&str, &str); 11] = [
    ("0", "done, or what process.exitCode says"),
    ("1", "the code threw, or drupe FILE names none"),
    ("2", "wrong usage, or the kernel failed"),
    ("7", "the program's handler of uncaught errors threw"),
    ("13", "what it awaits cannot come"),
    ("124", "timed out"),
    ("129", "the terminal is gone"),
    ("130", "interrupted"),
    ("137", "out of memory"),
    ("141", "nobody reads the output any more"),
    ("128+n", "signal n ended the program"),
];

/// The statuses as `--help` lists them.
pub(crate) fn help() -> String {
    let listed = STATUSES.map(|(status, meaning)| format!("{status} {meaning}"));
    format!("Exit status: {}", listed.join("; "))
}

/// The code threw, or is no program, or is not there.
const THREW: u8 = 1;
/// Wrong usage, the kernel failed, or the run ended in a way that is not known here.
const FAILED: u8 = 2;
/// What it awaits can never come; Node's.
const UNSETTLED: u8 = 13;
const TIMED_OUT: u8 = 124;
/// The terminal is gone: as the shell has it for a program that SIGHUP ended.
const HUNG_UP: u8 = 129;
/// And by the number of the signal more where a signal ended it.
const SIGNALLED: u8 = 128;
const INTERRUPTED: u8 = 130;
const OUT_OF_MEMORY: u8 = 137;
/// Nobody reads the output any more. A shell has this status for a program that SIGPIPE ended.
const BROKEN_PIPE: u8 = 141;

/// The status for a run that was followed to its end.
pub(crate) fn code_of_run(followed: &Followed) -> u8 {
    match followed {
        Followed::Abandoned => INTERRUPTED,
        Followed::Signalled(number) => SIGNALLED.saturating_add(*number),
        Followed::Ended { result: Ok(report), uncaught } => match &report.outcome {
            Outcome::Value { .. } if *uncaught => THREW,
            Outcome::Value { .. } => report.exit_code.unwrap_or(0),
            Outcome::Exited { code } => *code,
            Outcome::Unsettled => report.exit_code.unwrap_or(UNSETTLED),
            Outcome::Threw(_) => report.exit_code.unwrap_or(THREW),
            Outcome::SyntaxError(_) => THREW,
            Outcome::Interrupted { .. } => INTERRUPTED,
            Outcome::TimedOut { .. } => TIMED_OUT,
            Outcome::MemoryLimit { .. } => OUT_OF_MEMORY,
            // What is not known is no success, and may not be the code's doing.
            Outcome::Unknown { .. } => FAILED,
            _ => FAILED,
        },
        Followed::Ended { result: Err(Error::Died { death, .. }), .. }
            if matches!(death.cause, Cause::OutOfMemory | Cause::KilledForMemory) =>
        {
            OUT_OF_MEMORY
        }
        Followed::Ended { .. } => FAILED,
    }
}

/// Ctrl-C was pressed while nothing ran.
pub(crate) fn interrupted() -> ExitCode {
    ExitCode::from(INTERRUPTED)
}

/// SIGTERM came while programs were watched.
pub(crate) fn terminated() -> ExitCode {
    ExitCode::from(143)
}

/// The status for a conversation: what single chunks did does not count, but for those that came by a pipe.
pub(crate) fn of_repl(left: Left) -> ExitCode {
    match left {
        Left::Done => ExitCode::SUCCESS,
        Left::Failed => ExitCode::from(THREW),
        Left::Exited(code) => ExitCode::from(code),
        Left::Interrupted => ExitCode::from(INTERRUPTED),
        Left::NoKernel | Left::Unknown => ExitCode::from(FAILED),
    }
}

/// A file of `--preload` has failed, which was shown.
pub(crate) fn preload_failed() -> ExitCode {
    ExitCode::from(THREW)
}

/// No kernel could be launched, which was shown.
pub(crate) fn no_kernel() -> ExitCode {
    ExitCode::from(FAILED)
}

/// A front end could not go on.
pub(crate) fn failed(error: &ReplError) -> ExitCode {
    if matches!(error, ReplError::HungUp) {
        ExitCode::from(HUNG_UP)
    } else if error.is_broken_pipe() {
        ExitCode::from(BROKEN_PIPE)
    } else {
        tell(&error.to_string());
        // What a program says cannot be written: as where the program is told of that and does nothing about it.
        let is_writing = matches!(error, ReplError::Output(error) if error.raw_os_error().is_some());
        ExitCode::from(if is_writing { THREW } else { FAILED })
    }
}

/// Something was asked that cannot be done.
pub(crate) fn usage(message: &str) -> ExitCode {
    tell(message);
    ExitCode::from(FAILED)
}

/// The program that `drupe FILE` names is not there, or cannot be read: Node's status.
pub(crate) fn no_program(message: &str) -> ExitCode {
    tell(message);
    ExitCode::from(THREW)
}

fn tell(message: &str) {
    // Standard error may be closed. Then the message is lost.
    drop(writeln!(io::stderr().lock(), "drupe: {message}"));
}

#[cfg(test)]
mod tests {
    use drupe_client::{Outcome, Report, State};
    use drupe_repl::Followed;

    use super::{FAILED, code_of_run};

    #[test]
    fn what_is_not_known_is_no_success() {
        let mut report = Report::new(1, Outcome::Unknown { end: "teleported".to_owned() }, State::Kept);
        report.exit_code = Some(0);
        assert_eq!(code_of_run(&Followed::Ended { result: Ok(Box::new(report)), uncaught: false }), FAILED);
    }
}
