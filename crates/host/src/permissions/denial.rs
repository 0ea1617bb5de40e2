//! The errors that JavaScript sees for what is not granted.

use drupe_protocol::{HostError, Value};

use super::Wish;

/// The error for a wish that was not granted: it names the permission, the resource, and the flag that would grant it.
#[must_use]
pub fn denied(wish: &Wish) -> HostError {
    let Wish { kind, resource, api, .. } = wish;
    let flag = format!("--allow-{kind}={resource}");
    let message = format!("EACCES: permission denied, {api} '{resource}': needs {kind} access, which {flag} would grant");
    HostError::new("PermissionDenied", message)
        .with_code("EACCES")
        .with("permission", Value::from(kind.name()))
        .with("resource", Value::from(resource.as_str()))
        .with("flag", Value::from(flag))
}

/// The error for a wish that a rule denies: it names the flag that does so.
pub(crate) fn denied_by_rule(wish: &Wish) -> HostError {
    let Wish { kind, resource, api, .. } = wish;
    let flag = format!("--deny-{kind}");
    let message = format!("EACCES: permission denied, {api} '{resource}': {flag} denies it");
    HostError::new("PermissionDenied", message)
        .with_code("EACCES")
        .with("permission", Value::from(kind.name()))
        .with("resource", Value::from(resource.as_str()))
        .with("flag", Value::from(flag))
}

/// Whether an error of [`super::Permissions::require_path`] and its kin says that a rule denies what was asked for.
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "files are there on Linux only"))]
pub(crate) fn is_by_rule(error: &HostError) -> bool {
    let Some(Value::Object(properties)) = &error.properties else { return false };
    properties.iter().any(|(name, value)| name == "flag" && value.as_str().is_some_and(|flag| flag.starts_with("--deny-")))
}
