//! seccomp: two filters over all threads, made from the table in [`calls`](super::calls).
//!
//! The one of calls that kill is installed first, and answers the rest with "allowed"; the second lets pass what the kernel needs and
//! answers the rest with `ENOSYS`, as an older system would, which libraries know how to live with. Of the two answers the system takes
//! the harsher.

use std::{collections::BTreeMap, process};

use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter_all_threads,
};

use super::{
    Applied,
    calls::{ALLOWED, KILLED, Only},
};

/// Installs both filters. Irrevocable, also for threads yet to come.
pub(super) fn filter_all_threads() -> Applied {
    let (kill, allow) = programs().map_err(|error| format!("cannot make the filters: {error}"))?;
    // In this order: the second would refuse the call that installs a filter.
    for program in [kill, allow] {
        apply_filter_all_threads(&program).map_err(|error| format!("the system does not take the filter: {error}"))?;
    }
    Ok(format!("{} system calls allowed, {} more end the kernel, the rest answer ENOSYS", ALLOWED.len(), KILLED.len()))
}

fn programs() -> Result<(BpfProgram, BpfProgram), BackendError> {
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    let kill = KILLED.iter().map(|call| (*call, Vec::new())).collect();
    let kill = SeccompFilter::new(kill, SeccompAction::Allow, SeccompAction::KillProcess, arch)?.try_into()?;
    let mut allow = BTreeMap::new();
    for (call, only, _why) in ALLOWED {
        allow.insert(*call, rules(*only)?);
    }
    // ENOSYS is positive and small.
    let unknown = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let allow = SeccompFilter::new(allow, unknown, SeccompAction::Allow, arch)?.try_into()?;
    Ok((kill, allow))
}

/// The rules for a call's arguments: one of them must hold. None: any arguments will do.
fn rules(only: Only) -> Result<Vec<SeccompRule>, BackendError> {
    use SeccompCmpArgLen::{Dword, Qword};
    use SeccompCmpOp::{Eq, MaskedEq};
    let rule = |conditions: &[(u8, SeccompCmpArgLen, SeccompCmpOp, u64)]| {
        let conditions = conditions.iter().cloned();
        let conditions = conditions.map(|(index, length, operator, value)| SeccompCondition::new(index, length, operator, value));
        SeccompRule::new(conditions.collect::<Result<Vec<_>, _>>()?)
    };
    Ok(match only {
        Only::Any => Vec::new(),
        Only::OwnId => vec![rule(&[(0, Dword, Eq, u64::from(process::id()))])?],
        Only::OneOf(values) => values.iter().map(|value| rule(&[(0, Dword, Eq, *value)])).collect::<Result<_, _>>()?,
        Only::Masked { argument, mask, value } => vec![rule(&[(argument, Qword, MaskedEq(mask), value)])?],
        Only::Null(argument) => vec![rule(&[(argument, Qword, Eq, 0)])?],
        Only::OwnAndNull(argument) => vec![rule(&[(0, Dword, Eq, 0), (argument, Qword, Eq, 0)])?],
    })
}
