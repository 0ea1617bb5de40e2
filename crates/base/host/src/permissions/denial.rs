//! The errors that JavaScript gets for denied requests.

use drupe_protocol::{HostError, Value};

use super::PermissionRequest;

/// How denials are worded.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Denials {
    /// Whether they name the flags of the command `drupe` that grant or deny. **An embedder's users have no such
    /// flags.**
    pub(super) name_flags: bool,
}

/// The property of an error that says who denies what was asked for, where it is not for want of a grant.
const DENIED_BY: &str = "deniedBy";
const RULE: &str = "rule";
const PERSON: &str = "person";
const QUESTION: &str = "question";
const FLAG: &str = "flag";

/// The property of an error that says what was asked for.
const RESOURCE: &str = "resource";

impl Denials {
    /// The error for a request that was not granted: it names the permission and the resource.
    pub(crate) fn denied(self, request: &PermissionRequest) -> HostError {
        let kind = request.kind;
        let flag = format!("--allow-{kind}={}", request.resource);
        let advice = if self.name_flags { format!("which {flag} would grant") } else { "which is not granted".to_owned() };
        let error = denial(request, &format!("needs {kind} access, {advice}"));
        if self.name_flags { error.with(FLAG, flag) } else { error }
    }

    /// The error for a request that a rule denies, whatever is granted.
    pub(crate) fn denied_by_rule(self, request: &PermissionRequest) -> HostError {
        let kind = request.kind;
        let flag = format!("--deny-{kind}");
        let why = if self.name_flags { format!("{flag} denies it") } else { format!("a rule denies {kind} access to it") };
        let error = denial(request, &why).with(DENIED_BY, RULE);
        if self.name_flags { error.with(FLAG, flag) } else { error }
    }

    /// The error for a request to which a person said no. **It names no flag: none has to change.**
    pub(crate) fn denied_by_person(request: &PermissionRequest) -> HostError {
        let kind = request.kind;
        let why = format!("needs {kind} access, and the person who was asked said no; the next attempt asks again");
        denial(request, &why).with(DENIED_BY, PERSON)
    }

    /// The error for a request about which a person was to be asked, and no answer came that is one.
    pub(crate) fn unanswered(self, request: &PermissionRequest) -> HostError {
        let kind = request.kind;
        let flag = format!("--allow-{kind}={}", request.resource);
        let advice = if self.name_flags { format!(", which {flag} would grant") } else { String::new() };
        let why = format!("needs {kind} access{advice}; the question whether to grant it got no valid answer");
        let error = denial(request, &why).with(DENIED_BY, QUESTION);
        if self.name_flags { error.with(FLAG, flag) } else { error }
    }

    /// The error for a command that could be any program, and so needs the permission to run every one. `how` says what
    /// is asked for.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "programs are there on Linux only"))]
    pub(crate) fn unlisted(self, request: &PermissionRequest, file: &str, how: &str) -> HostError {
        let (kind, api) = (request.kind, &request.api);
        let advice = if self.name_flags { "which --allow-run would grant" } else { "which is not granted" };
        let why = format!("which could make it any program: needs {kind} access to everything, {advice}");
        let error = build(request, format!("EACCES: permission denied, {api} '{file}' {how}, {why}"));
        if self.name_flags { error.with(FLAG, "--allow-run") } else { error }
    }

    /// The error for a signal to a process that is none of the session's programs.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "programs are there on Linux only"))]
    pub(crate) fn signal(self, request: &PermissionRequest) -> HostError {
        let advice = if self.name_flags { "which -A would grant" } else { "which is not granted" };
        let needs = format!("needs access to everything of run, read and write, {advice}");
        build(
            request,
            format!("EACCES: permission denied, {} of a process that this session has not started: {needs}", request.api),
        )
    }
}

/// The same denial as `error`, of another request: of what was asked for, not where that leads.
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "files are there on Linux only"))]
pub(crate) fn restated(error: &HostError, request: &PermissionRequest) -> HostError {
    let property = |name| error.properties.as_ref().and_then(|properties| properties.get(name));
    let denials = Denials { name_flags: property(FLAG).is_some() };
    match property(DENIED_BY).and_then(Value::as_str) {
        Some(QUESTION) => denials.unanswered(request),
        Some(PERSON) => Denials::denied_by_person(request),
        Some(_) => denials.denied_by_rule(request),
        None => denials.denied(request),
    }
}

/// The denial `error` of the same resource, after `asked` was the answer to a question about it: a person's no and a
/// question without an answer are told as those.
pub(crate) fn answered(error: HostError, asked: &HostError, request: impl Fn(&str) -> PermissionRequest) -> HostError {
    let property = |of: &HostError, name| {
        let value = of.properties.as_ref()?.get(name)?;
        value.as_str().map(str::to_owned)
    };
    let by = property(asked, DENIED_BY);
    match property(&error, RESOURCE) {
        Some(resource) if matches!(by.as_deref(), Some(PERSON | QUESTION)) => restated(asked, &request(&resource)),
        _ => error,
    }
}

fn denial(request: &PermissionRequest, why: &str) -> HostError {
    build(request, format!("EACCES: permission denied, {} '{}': {why}", request.api, request.resource))
}

fn build(request: &PermissionRequest, message: String) -> HostError {
    HostError::new("PermissionDenied", message)
        .with_code("EACCES")
        .with("permission", Value::from(request.kind.name()))
        .with(RESOURCE, Value::from(request.resource.as_str()))
}
