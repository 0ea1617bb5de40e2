//! Privileges: drops all, for ever, and denies access by other processes of the same user.

use rustix::{
    process::{DumpableBehavior, set_dumpable_behavior},
    thread::{CapabilitySet, CapabilitySets, set_capabilities, set_no_new_privs},
};

use super::Applied;

/// Drops the superuser's capabilities if there are any, and the means to regain them.
pub(super) fn drop_all() -> Applied {
    let fail = |what: &str, error| format!("cannot {what}: {error}");
    set_no_new_privs(true).map_err(|error| fail("give up new privileges", error))?;
    let bounded = empty_bounding_set();
    let none = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })
        .map_err(|error| fail("drop capabilities", error))?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(|error| fail("forbid dumps", error))?;
    let bounded = if bounded { ", and none that could be had again" } else { "" };
    Ok(format!("no capabilities{bounded}, no new privileges, not dumpable, not traceable by its equals"))
}

/// Takes from the process what a program that it executed could gain. Only who has privileges may, and only they have
/// any use for it.
fn empty_bounding_set() -> bool {
    // The system knows fewer, and tells when the last of them is gone.
    let mut capabilities = 0..64;
    // SAFETY: the call changes nothing but this thread's bounding set.
    capabilities
        .all(|capability: libc::c_ulong| unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0_u64, 0_u64, 0_u64) } == 0);
    // SAFETY: it changes nothing.
    unsafe { libc::prctl(libc::PR_CAPBSET_READ, 0_u64, 0_u64, 0_u64, 0_u64) == 0 }
}
