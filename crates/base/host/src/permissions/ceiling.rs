//! Policies that are bounded by another: whoever hands out kernels grants no more than it may itself.

use super::{
    Extent, Kind, PermissionRequest, Policy,
    policy::{Grant, Rules, Verdict},
};

/// A rule goes beyond the policy that bounds it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rule} is more {kind} access than may be granted here, which is {granted}")]
#[non_exhaustive]
pub struct Beyond {
    /// The kind.
    pub kind: Kind,
    /// The rule, or `everything`.
    pub rule: String,
    /// What may be granted of that kind, in words.
    pub granted: String,
}

impl Policy {
    /// This policy, bounded by `ceiling`: what that denies is denied here, too.
    ///
    /// # Errors
    /// When a rule grants what `ceiling` does not.
    pub fn within(mut self, ceiling: &Self) -> Result<Self, Beyond> {
        let Rules { read, write, net, env, run, import } = &self.granted;
        let most = &ceiling.granted;
        let beyond = [
            (Kind::Read, first_beyond(read, &most.read, |most, rule| most.includes(rule))),
            (Kind::Write, first_beyond(write, &most.write, |most, rule| most.includes(rule))),
            (Kind::Net, first_beyond(net, &most.net, |most, rule| most.includes(rule))),
            (Kind::Env, first_beyond(env, &most.env, |most, rule| most.includes(rule))),
            (Kind::Run, first_beyond(run, &most.run, |most, rule| most.includes(rule))),
            (Kind::Import, first_beyond(import, &most.import, |most, rule| most.includes(rule))),
        ];
        for (kind, rule) in beyond {
            if let Some(rule) = rule {
                return Err(Beyond { kind, rule, granted: ceiling.describe(kind) });
            }
        }
        let Rules { read, write, net, env, run, import } = &ceiling.denied;
        join(&mut self.denied.read, read);
        join(&mut self.denied.write, write);
        join(&mut self.denied.net, net);
        join(&mut self.denied.env, env);
        join(&mut self.denied.run, run);
        join(&mut self.denied.import, import);
        Ok(self)
    }

    /// Whether a person may grant what a request asks for, where this policy bounds what can be granted. **It looks at
    /// files** for requests to run programs.
    #[must_use]
    pub fn bounds(&self, request: &PermissionRequest) -> bool {
        if let Extent::Command(program) = &request.extent {
            return matches!(self.program(program), Verdict::Granted(()));
        }
        let mut asked = Self::none();
        asked.grant(request);
        asked != Self::none() && asked.within(self).is_ok()
    }
}

/// The first rule that no rule of `most` includes, in words.
fn first_beyond<R: ToString>(granted: &Grant<R>, most: &Grant<R>, includes: impl Fn(&R, &R) -> bool) -> Option<String> {
    match (granted, most) {
        (Grant::None, _) | (_, Grant::All) => None,
        (Grant::All, _) => Some("everything".to_owned()),
        (Grant::Only(rules), most) => {
            rules.iter().find(|rule| !most.rules().iter().any(|most| includes(most, rule))).map(ToString::to_string)
        }
    }
}

fn join<R: Clone>(denied: &mut Grant<R>, more: &Grant<R>) {
    match more {
        Grant::None => {}
        Grant::All => *denied = Grant::All,
        Grant::Only(rules) => rules.iter().for_each(|rule| denied.add(rule.clone())),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn policy(rules: &[(Kind, &str)]) -> Policy {
        let mut policy = Policy::none();
        rules.iter().for_each(|(kind, rule)| policy.allow(*kind, rule).unwrap());
        policy
    }

    #[test]
    fn what_is_asked_for_is_compared_rule_by_rule() {
        let ceiling = policy(&[
            (Kind::Read, "/no/such/data"),
            (Kind::Net, "*.example.com:443"),
            (Kind::Net, "10.0.0.1"),
            (Kind::Env, "APP_*"),
            (Kind::Run, "/no/such/git status"),
        ]);
        for (kind, rule, is_within) in [
            (Kind::Read, "/no/such/data", true),
            (Kind::Read, "/no/such/data/x", true),
            (Kind::Read, "/no/such", false),
            (Kind::Read, "/no/such/data2", false),
            (Kind::Write, "/no/such/data", false),
            (Kind::Net, "a.example.com:443", true),
            (Kind::Net, "*.b.example.com:443", true),
            (Kind::Net, "*.example.com:443", true),
            (Kind::Net, "a.example.com", false),
            (Kind::Net, "a.example.com:80", false),
            (Kind::Net, "example.com:443", false),
            (Kind::Net, "*.badexample.com:443", false),
            (Kind::Net, "10.0.0.1:8080", true),
            (Kind::Net, "10.0.0.2", false),
            (Kind::Env, "APP_KEY", true),
            (Kind::Env, "APP_X*", true),
            (Kind::Env, "APP*", false),
            (Kind::Env, "APP", false),
            (Kind::Run, "/no/such/git status", true),
            (Kind::Run, "/no/such/git", false),
            (Kind::Run, "/no/such/git push", false),
            (Kind::Import, "example.com", false),
        ] {
            assert_eq!(policy(&[(kind, rule)]).within(&ceiling).is_ok(), is_within, "{kind} {rule}");
        }
        let mut all = Policy::none();
        all.allow_all(Kind::Read);
        let beyond = all.within(&ceiling).unwrap_err();
        assert_eq!(beyond.to_string(), "everything is more read access than may be granted here, which is /no/such/data");
    }

    #[test]
    fn a_person_grants_no_more_than_may_be_granted() {
        let ceiling = policy(&[(Kind::Read, "/no/such/data"), (Kind::Net, "example.com")]);
        let request = |kind, resource| PermissionRequest::new(kind, resource, "test", None);
        assert!(ceiling.bounds(&request(Kind::Read, "/no/such/data/x")));
        assert!(ceiling.bounds(&request(Kind::Net, "example.com:443")));
        assert!(!ceiling.bounds(&request(Kind::Read, "/no/such")));
        assert!(!ceiling.bounds(&request(Kind::Write, "/no/such/data")));
        assert!(!ceiling.bounds(&request(Kind::Net, "not a host")));
        let below = PermissionRequest { extent: Extent::Below, ..request(Kind::Read, "/no/such/data") };
        assert!(ceiling.bounds(&below));
    }

    #[test]
    fn what_is_denied_above_is_denied_below() {
        let mut ceiling = Policy::all();
        ceiling.deny(Kind::Read, "/no/such/keys").unwrap();
        ceiling.deny_all(Kind::Run);
        let mut asked = Policy::all();
        asked.deny(Kind::Read, "/no/such/mine").unwrap();
        let granted = asked.within(&ceiling).unwrap();
        assert_eq!(granted.describe(Kind::Read), "everything, but never /no/such/mine, /no/such/keys");
        assert_eq!(granted.describe(Kind::Run), "nothing, and never anything");
    }
}
