//! Environment variables: the service `env`.
//!
//! A session sees the parent's variables that the policy grants, and those that were set for the session, unless they
//! are denied. No person is asked about the others: programs often look for variables that do not exist. A variable
//! that JavaScript sets stays in its session; the parent's own environment never changes.

use std::sync::Arc;

use drupe_protocol::{HostError, RunId, Value};

use crate::{
    Answer, Answering, Call, Permissions, Policy, Service,
    permissions::{Grant, Kind, PermissionRequest},
};

/// The service.
pub(crate) struct Environment {
    permissions: Permissions,
    /// What the parent's own environment may lack.
    besides: Arc<[(String, String)]>,
}

impl Environment {
    pub(crate) fn new(permissions: &Permissions, besides: &[(String, String)]) -> Arc<Self> {
        Arc::new(Self { permissions: permissions.clone(), besides: besides.into() })
    }
}

impl Service for Environment {
    fn call(&self, call: Call) -> Answering {
        let (permissions, besides) = (self.permissions.clone(), self.besides.clone());
        Box::pin(async move {
            match &*call.op {
                "all" => {
                    permissions.pace().await;
                    Ok(Answer::Value(Value::Object(granted(&permissions, &besides, call.run))))
                }
                // For the front end that completes them: JavaScript learns nothing.
                "names" => {
                    permissions.pace().await;
                    let names = variables(&permissions, &besides).map(|(name, _)| Value::from(name));
                    Ok(Answer::Value(Value::Array(names.collect())))
                }
                other => {
                    let message = format!("this host's environment knows no {other:?}");
                    Err(HostError::new("Error", message).with_code("ERR_NOT_SUPPORTED"))
                }
            }
        })
    }
}

/// The variables that are granted, and word of that to the auditor.
fn granted(permissions: &Permissions, besides: &[(String, String)], run: Option<RunId>) -> Vec<(String, Value)> {
    let policy = permissions.policy();
    let note = |name: &str, granted| {
        permissions.note(&PermissionRequest::new(Kind::Env, name, "process.env", run), granted);
    };
    let variables = variables(permissions, besides).map(|(name, value)| (name, Value::from(value))).collect::<Vec<_>>();
    match policy.granted.env {
        Grant::None if variables.is_empty() => note("*", false),
        // What was given besides is nothing that anybody was granted.
        Grant::None => {}
        Grant::All => note("*", true),
        Grant::Only(_) => variables.iter().filter(|(name, _)| policy.covers_env(name)).for_each(|(name, _)| note(name, true)),
    }
    variables
}

/// The variables that are granted, those of the parent before those that were given besides. **A name that the parent
/// has is the parent's**, granted or not, as for [`Surroundings::variable`](crate::Surroundings::variable).
fn variables<'a>(permissions: &Permissions, besides: &'a [(String, String)]) -> impl Iterator<Item = (String, String)> + use<'a> {
    let policy = permissions.policy();
    let added = added(besides, &policy).cloned().collect::<Vec<_>>();
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())))
        .filter(move |(name, _)| policy.covers_env(name))
        .chain(added)
}

/// The value of one variable, as JavaScript sees it. No audit tells of it.
pub(crate) fn variable(permissions: &Permissions, besides: &[(String, String)], name: &str) -> Option<String> {
    let policy = permissions.policy();
    match std::env::var_os(name) {
        Some(value) => policy.covers_env(name).then(|| value.to_string_lossy().into_owned()),
        None => added(besides, &policy).find(|(known, _)| known == name).map(|(_, value)| value.clone()),
    }
}

/// The additional variables whose names the parent does not have, and no rule denies.
/// **Somebody gave these on purpose**: they need no grant.
pub(crate) fn added<'a>(besides: &'a [(String, String)], policy: &Policy) -> impl Iterator<Item = &'a (String, String)> {
    besides.iter().filter(|(name, _)| std::env::var_os(name).is_none() && !policy.denies_env(name))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// Nobody granted what was given besides.
    #[tokio::test]
    async fn the_auditor_is_told_of_what_rules_grant() {
        let besides = [("DRUPE_TEST_BESIDES".to_owned(), "1".to_owned())];
        let mut policy = Policy::none();
        for granted in [&[][..], &["PATH"]] {
            granted.iter().for_each(|name| policy.allow(Kind::Env, name).unwrap());
            let permissions = Permissions::new(policy.clone());
            let (tell, told) = std::sync::mpsc::channel();
            permissions.audit(Arc::new(move |audit| tell.send(audit.request.resource).unwrap()));
            ask(&Environment::new(&permissions, &besides), "all").await;
            assert_eq!(told.try_iter().collect::<Vec<_>>(), granted);
        }
    }

    async fn ask(environment: &Arc<Environment>, op: &str) -> Value {
        match environment.call(Call { op: op.to_owned(), ..Call::default() }).await.unwrap() {
            Answer::Value(value) => value,
            Answer::Stream(_) => panic!("a stream"),
        }
    }

    #[tokio::test]
    async fn the_names_are_those_of_the_variables() {
        let besides = [("DRUPE_TEST_BESIDES".to_owned(), "1".to_owned()), ("PATH".to_owned(), "not this one".to_owned())];
        let environment = Environment::new(&Permissions::new(Policy::all()), &besides);
        let Value::Object(variables) = ask(&environment, "all").await else { panic!("no object") };
        let names = ask(&environment, "names").await;
        let names: Vec<_> = names.as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(names, variables.iter().map(|(name, _)| &**name).collect::<Vec<_>>());
        assert!(names.contains(&"DRUPE_TEST_BESIDES") && names.iter().filter(|name| **name == "PATH").count() == 1);
    }

    #[tokio::test]
    async fn what_was_given_besides_needs_no_grant_but_may_be_denied() {
        let besides = [("DRUPE_TEST_BESIDES".to_owned(), "1".to_owned()), ("PATH".to_owned(), "not this one".to_owned())];
        let mut policy = Policy::none();
        let environment = Environment::new(&Permissions::new(policy.clone()), &besides);
        let expected = vec![("DRUPE_TEST_BESIDES".to_owned(), "1".into())];
        assert_eq!(ask(&environment, "all").await, Value::Object(expected), "PATH is the parent's, and not granted");
        policy.deny(Kind::Env, "DRUPE_TEST_*").unwrap();
        policy.allow(Kind::Env, "PATH").unwrap();
        let environment = Environment::new(&Permissions::new(policy), &besides);
        let Value::Object(variables) = ask(&environment, "all").await else { panic!("no object") };
        assert!(variables.len() == 1 && variables[0].1 != Value::from("not this one"), "{variables:?}");
    }
}
