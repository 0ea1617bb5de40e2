//! Signals that JavaScript sends: to the session's programs, and to other processes where it could have a program send
//! them.

use drupe_protocol::{HostError, Value};
use rustix::{
    io::Errno,
    process::{
        Pid, Signal, kill_current_process_group, kill_process, kill_process_group, test_kill_process, test_kill_process_group,
    },
};

use super::{child, confine, spec::signal};
use crate::{
    Call, Surroundings,
    fs::Failing,
    permissions::{Grant, Kind, PermissionRequest, Permissions, Policy},
    stdio,
};

/// To the system, every process that the user may signal.
const EVERYBODY: i32 = -1;

/// `kill(pid, signal)`: true; false if there is no such process, and `"EPERM"` if the system does not permit it. A
/// negative number is a group. **-1, to the system every process that the user may signal, is not permitted**: this
/// process is among them.
///
/// The session's own programs may be signalled by it in any case. **Of others it learns nothing**, not even whether
/// they are there, unless the policy lets it run every program, and lets those signal every process.
pub(super) fn kill(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("kill", call.run);
    let wanted = call.arg(1).as_f64().unwrap_or_else(|| f64::from(Signal::TERM.as_raw()));
    let signal = if wanted == 0.0 { None } else { Some(signal(wanted).ok_or_else(|| failing.plain(Errno::INVAL))?) };
    let asked = child::number(call, 0).unwrap_or_default();
    let Some(pid) = Pid::from_raw(asked.saturating_abs()) else { return Ok(false.into()) };
    if let Some(was_there) = child::signal_own(call, pid.as_raw_nonzero().get(), signal) {
        return Ok(was_there.into());
    }
    let may_signal_others = may_signal_others(&permissions.policy());
    // The system may have given the number to another.
    if !may_signal_others && child::has_ended(call, pid.as_raw_nonzero().get()) {
        return Ok(false.into());
    }
    let request = PermissionRequest::new(Kind::Run, format!("kill {asked}"), "kill", call.run);
    let granted = may_signal_others && asked != EVERYBODY;
    permissions.note(&request, granted);
    if !may_signal_others {
        return Err(permissions.denials().signal(&request));
    }
    if !granted {
        return Ok("EPERM".into());
    }
    let sent = match (signal, asked < 0) {
        (Some(signal), false) => kill_process(pid, signal),
        (Some(signal), true) => kill_process_group(pid, signal),
        (None, false) => test_kill_process(pid),
        (None, true) => test_kill_process_group(pid),
    };
    match sent {
        Ok(()) => Ok(true.into()),
        Err(Errno::SRCH) => Ok(false.into()),
        Err(Errno::PERM) => Ok("EPERM".into()),
        Err(error) => Err(failing.plain(error)),
    }
}

/// The signals that stop a process.
const STOPPING: [Signal; 4] = [Signal::STOP, Signal::TSTP, Signal::TTIN, Signal::TTOU];

/// `stop(signal, isGroup)`: stops this process, or its whole group, as the program that it runs asks of itself. True
/// when the process goes on; false where it may not be stopped.
///
/// No deadline passes while a process is stopped. So only a program that could have another program send that signal
/// may stop the command. At a terminal it may stop the command itself by `SIGTSTP`, as `readline` does at Ctrl-Z: a
/// person is there, and the system ignores the signal where no shell could continue the job.
pub(super) fn stop(permissions: &Permissions, surroundings: &Surroundings, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("kill", call.run);
    let wanted = call.arg(0).as_f64().and_then(signal).filter(|signal| STOPPING.contains(signal));
    let signal = wanted.ok_or_else(|| failing.plain(Errno::INVAL))?;
    let is_group = call.arg(1) == &Value::Bool(true);
    let at_terminal =
        || !is_group && signal == Signal::TSTP && stdio::of_session(&call.session).is_some_and(|stdio| stdio.is_at_terminal());
    if !surroundings.is_command || !(may_signal_others(&permissions.policy()) || at_terminal()) {
        return Ok(false.into());
    }
    if is_group {
        kill_current_process_group(signal).map_err(|errno| failing.plain(errno))?;
        return Ok(true.into());
    }
    // SAFETY: the call takes a number. It signals this thread, so the process stops before the call returns.
    match unsafe { libc::raise(signal.as_raw()) } {
        0 => Ok(true.into()),
        _ => Err(failing.plain(crate::fs::errno(&std::io::Error::last_os_error()))),
    }
}

/// Whether a program that the session runs could signal every process that the user may.
fn may_signal_others(policy: &Policy) -> bool {
    policy.granted.run == Grant::All && policy.denied.run == Grant::None && !confine::is_to_confine(policy)
}

#[cfg(test)]
mod tests {
    use super::{Kind, Policy, may_signal_others};

    #[test]
    fn who_may_run_everything_unconfined_may_signal_others() {
        assert!(may_signal_others(&Policy::all()));
        assert!(!may_signal_others(&Policy::none()));
        let without = |kind: Kind| {
            let mut policy = Policy::none();
            Kind::ALL.into_iter().filter(|all| *all != kind).for_each(|kind| policy.allow_all(kind));
            policy
        };
        for kind in [Kind::Run, Kind::Read, Kind::Write] {
            assert!(!may_signal_others(&without(kind)), "{kind}");
        }
        assert!(may_signal_others(&without(Kind::Net)));
        for (kind, rule) in [(Kind::Run, "kill"), (Kind::Read, "/etc"), (Kind::Write, "/etc")] {
            let mut policy = Policy::all();
            policy.deny(kind, rule).unwrap();
            assert!(!may_signal_others(&policy), "{kind}");
        }
    }
}
