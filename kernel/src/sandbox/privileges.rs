//! Privileges: none, never any more, and no way in for other processes of the same user.

use rustix::{
    process::{DumpableBehavior, set_dumpable_behavior},
    thread::{CapabilitySet, CapabilitySets, set_capabilities, set_no_new_privs},
};

use super::Applied;

/// Drops the superuser's capabilities if there are any, and the means to regain them.
pub(super) fn drop_all() -> Applied {
    let fail = |what: &str, error| format!("cannot {what}: {error}");
    set_no_new_privs(true).map_err(|error| fail("give up new privileges", error))?;
    let none = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })
        .map_err(|error| fail("drop capabilities", error))?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(|error| fail("forbid dumps", error))?;
    Ok("no capabilities, no new privileges, not dumpable, not traceable by its equals".to_owned())
}
