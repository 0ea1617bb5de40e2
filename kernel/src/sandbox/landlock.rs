//! Landlock: restricts every right on files, network and other processes that it knows, and grants none.

use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetStatus, Scope};

use super::Applied;

/// The newest rules that this is written against. An older system enforces what it knows of them, which the status
/// tells.
const NEWEST: ABI = ABI::V6;

/// Restricts this thread and those that it starts later. **Older threads go free.**
pub(super) fn restrict() -> Applied {
    let ruleset = || {
        Ruleset::default()
            .handle_access(AccessFs::from_all(NEWEST))?
            .handle_access(AccessNet::from_all(NEWEST))?
            .scope(Scope::from_all(NEWEST))?
            .create()?
            .restrict_self()
    };
    match ruleset().map_err(|error| error.to_string())?.ruleset {
        RulesetStatus::FullyEnforced => Ok("no files, no network, no signals to others".to_owned()),
        RulesetStatus::PartiallyEnforced => Ok("no files; this system's version knows fewer rules than there are".to_owned()),
        RulesetStatus::NotEnforced => Err("this system has no Landlock (Linux 5.13 and later, if it is switched on)".to_owned()),
    }
}
