//! The errors that JavaScript gets for denied requests.

use drupe_protocol::{HostError, Value};

use super::Wish;

/// How denials are worded.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Denials {
    /// Whether they name the flags of the command `drupe` that grant or deny. **An embedder's users have no such flags.**
    pub(super) name_flags: bool,
}

/// The property of an error that says that a rule denies what was asked for.
const BY_RULE: &str = "deniedBy";
const FLAG: &str = "flag";

impl Denials {
    /// The error for a wish that was not granted: it names the permission and the resource.
    pub(crate) fn denied(self, wish: &Wish) -> HostError {
        let kind = wish.kind;
        let flag = format!("--allow-{kind}={}", wish.resource);
        let advice = if self.name_flags { format!("which {flag} would grant") } else { "which is not granted".to_owned() };
        let error = denial(wish, &format!("needs {kind} access, {advice}"));
        if self.name_flags { error.with(FLAG, flag) } else { error }
    }

    /// The error for a wish that a rule denies, whatever is granted.
    pub(crate) fn denied_by_rule(self, wish: &Wish) -> HostError {
        let kind = wish.kind;
        let flag = format!("--deny-{kind}");
        let why = if self.name_flags { format!("{flag} denies it") } else { format!("a rule denies {kind} access to it") };
        let error = denial(wish, &why).with(BY_RULE, "rule");
        if self.name_flags { error.with(FLAG, flag) } else { error }
    }

    /// The error for a command that could be any program, and so needs the permission to run every one. `how` says what is asked for.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "programs are there on Linux only"))]
    pub(crate) fn unlisted(self, wish: &Wish, file: &str, how: &str) -> HostError {
        let (kind, api) = (wish.kind, &wish.api);
        let advice = if self.name_flags { "which --allow-run would grant" } else { "which is not granted" };
        let why = format!("which could make it any program: needs {kind} access to everything, {advice}");
        let error = build(wish, format!("EACCES: permission denied, {api} '{file}' {how}, {why}"));
        if self.name_flags { error.with(FLAG, "--allow-run") } else { error }
    }

    /// The error for a signal to a process that is none of the session's programs.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "programs are there on Linux only"))]
    pub(crate) fn signal(self, wish: &Wish) -> HostError {
        let advice = if self.name_flags { "which -A would grant" } else { "which is not granted" };
        let needs = format!("needs access to everything of run, read and write, {advice}");
        build(wish, format!("EACCES: permission denied, {} of a process that this session has not started: {needs}", wish.api))
    }
}

/// The same denial as `error`, of another wish: of what was asked for, not where that leads.
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "files are there on Linux only"))]
pub(crate) fn restated(error: &HostError, wish: &Wish) -> HostError {
    let has = |name| error.properties.as_ref().and_then(|properties| properties.get(name)).is_some();
    let denials = Denials { name_flags: has(FLAG) };
    if has(BY_RULE) { denials.denied_by_rule(wish) } else { denials.denied(wish) }
}

fn denial(wish: &Wish, why: &str) -> HostError {
    build(wish, format!("EACCES: permission denied, {} '{}': {why}", wish.api, wish.resource))
}

fn build(wish: &Wish, message: String) -> HostError {
    HostError::new("PermissionDenied", message)
        .with_code("EACCES")
        .with("permission", Value::from(wish.kind.name()))
        .with("resource", Value::from(wish.resource.as_str()))
}
