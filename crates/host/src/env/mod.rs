//! Environment variables: the service `env`.
//!
//! A session sees what the policy grants of the parent's variables, and nobody is asked about the others: programs look for variables that
//! are not there all the time. What JavaScript sets stays in its session; the parent's own environment never changes.

use std::sync::Arc;

use drupe_protocol::{HostError, RunId, Value};

use crate::{
    Answer, Answering, Call, Permissions, Service,
    permissions::{Grant, Kind, Wish},
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
                    let policy = permissions.policy();
                    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
                    Ok(Answer::Value(Value::Array(names.filter(|name| policy.covers_env(name)).map(Value::from).collect())))
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
        permissions.note(&Wish::new(Kind::Env, name, "process.env", run), granted);
    };
    let added = besides.iter().filter(|(name, _)| std::env::var_os(name).is_none()).cloned();
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())))
        .chain(added)
        .filter(|(name, _)| policy.covers_env(name))
        .map(|(name, value)| (name, Value::from(value)))
        .collect::<Vec<_>>();
    match policy.granted.env {
        Grant::None => note("*", false),
        Grant::All => note("*", true),
        Grant::Only(_) => variables.iter().for_each(|(name, _)| note(name, true)),
    }
    variables
}
