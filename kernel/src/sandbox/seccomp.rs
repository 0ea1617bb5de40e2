//! seccomp: two filters over all threads, made from the table in [`calls`](super::calls).
//!
//! The filter of calls that kill is installed first, and allows all other calls. The second allows the calls that the
//! kernel needs and answers the rest with `ENOSYS`, as an older system would; libraries can handle that. The system
//! takes the stricter of the two answers.

use std::{collections::BTreeMap, process};

use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter_all_threads,
};

use super::{
    Applied,
    calls::{ALLOWED, CLOCKS, KILLED, Must},
};
use crate::process::cpu_clock::CpuClock;

/// Whether memory may become executable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Execution {
    /// V8 compiles.
    Allowed,
    /// No memory becomes executable any more.
    Refused,
}

/// Installs both filters. Irrevocable, also for threads yet to come. **To be called on the thread that runs
/// JavaScript**, whose CPU clock the others may read.
pub(super) fn filter_all_threads(execution: Execution) -> Applied {
    let (kill, allow) = programs(execution).map_err(|error| format!("cannot make the filters: {error}"))?;
    // In this order: the second would refuse the call that installs a filter, and the first must not.
    for program in [kill, allow] {
        apply_filter_all_threads(&program).map_err(|error| format!("the system does not take the filter: {error}"))?;
    }
    let (allowed, killed) = (ALLOWED.len(), KILLED.len());
    Ok(format!(
        "{allowed} system calls allowed, with the arguments that are used; {killed} more end the kernel, the rest answer ENOSYS"
    ))
}

fn programs(execution: Execution) -> Result<(BpfProgram, BpfProgram), BackendError> {
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    let kill = KILLED.iter().map(|call| (*call, Vec::new())).collect();
    let kill = SeccompFilter::new(kill, SeccompAction::Allow, SeccompAction::KillProcess, arch)?.try_into()?;
    let mut allow = BTreeMap::new();
    for (call, arguments, _why) in ALLOWED {
        allow.insert(*call, rules(arguments, execution)?);
    }
    // ENOSYS is positive and small.
    let unknown = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let allow = SeccompFilter::new(allow, unknown, SeccompAction::Allow, arch)?.try_into()?;
    Ok((kill, allow))
}

/// The rules for a call's arguments: one of them must hold. None: any arguments will do.
fn rules(arguments: &[Must], execution: Execution) -> Result<Vec<SeccompRule>, BackendError> {
    // What each argument may be, in every combination.
    let mut combinations = vec![Vec::new()];
    for must in arguments {
        let alternatives = conditions(*must, execution)?;
        let with = |before: &Vec<SeccompCondition>| {
            let before = before.clone();
            alternatives
                .iter()
                .map(move |condition| [before.as_slice(), std::slice::from_ref(condition)].concat())
                .collect::<Vec<_>>()
        };
        combinations = combinations.iter().flat_map(with).collect();
    }
    combinations.into_iter().filter(|conditions| !conditions.is_empty()).map(SeccompRule::new).collect()
}

/// The conditions of which one must hold for an argument.
fn conditions(must: Must, execution: Execution) -> Result<Vec<SeccompCondition>, BackendError> {
    use SeccompCmpArgLen::{Dword, Qword};
    use SeccompCmpOp::{Eq, MaskedEq};
    // The system takes an `int` for 32 bits, whatever stands above them; it takes a `long` for all 64.
    let int = |argument, value: i32| SeccompCondition::new(argument, Dword, Eq, bits(value));
    let masked = |argument, flags: i32, value: i32| SeccompCondition::new(argument, Dword, MaskedEq(bits(!flags)), bits(value));
    let long = |argument, flags: i32, value: i32| SeccompCondition::new(argument, Qword, MaskedEq(!bits(flags)), bits(value));
    match must {
        Must::BeOwnId(argument) => one(SeccompCondition::new(argument, Dword, Eq, process::id().into())),
        Must::BeNull(argument) => one(SeccompCondition::new(argument, Qword, Eq, 0)),
        Must::BeNoDescriptor(argument) => one(int(argument, -1)),
        Must::BeOneOf(argument, values) => values.iter().map(|value| int(argument, *value)).collect(),
        Must::BeOperation(argument, flags, values) => values.iter().map(|value| masked(argument, flags, *value)).collect(),
        Must::HaveOnly(argument, flags) => one(masked(argument, flags, 0)),
        Must::Map(argument, flags, optional) => one(long(argument, optional, flags)),
        Must::Protect(argument) => {
            let execute = if execution == Execution::Allowed { libc::PROT_EXEC } else { 0 };
            one(long(argument, libc::PROT_READ | libc::PROT_WRITE | execute, 0))
        }
        Must::BeOwnClock(argument) => {
            let own = CpuClock::of_current_thread().id();
            CLOCKS.iter().chain([&own]).map(|clock| int(argument, *clock)).collect()
        }
    }
}

fn one(condition: Result<SeccompCondition, BackendError>) -> Result<Vec<SeccompCondition>, BackendError> {
    Ok(vec![condition?])
}

/// The 32 bits of an `int`.
fn bits(int: i32) -> u64 {
    u64::from(int.cast_unsigned())
}
