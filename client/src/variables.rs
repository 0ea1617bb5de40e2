//! Completion of environment variables: the host lists the names that the session may read.

use drupe_host::{Answer, Call, Host};
use drupe_protocol::{
    Value,
    introspection::{Completion, CompletionKind},
};

/// More are of no use to a person.
const MOST: usize = 500;

/// Adds what `process.env` will have by the names that begin with what is `typed`.
pub(crate) async fn add(host: &Host, typed: &str, items: &mut Vec<Completion>) {
    let call = Call::new("env.names", Vec::new());
    // A host without an environment has no names.
    let Ok(Answer::Value(Value::Array(names))) = host.call(call).await else { return };
    let mut names = names.into_iter().filter_map(|name| if let Value::String(name) = name { Some(name) } else { None });
    let mut found = Vec::new();
    while found.len() < MOST
        && let Some(name) = names.next()
    {
        let fits = name.to_lowercase().starts_with(&typed.to_lowercase());
        if fits && is_name(&name) && !items.iter().any(|item| item.text == name) {
            found.push(Completion::new(name, CompletionKind::Property, Some("string".to_owned())));
        }
    }
    found.sort_by(|a, b| (!a.text.starts_with(typed), &a.text).cmp(&(!b.text.starts_with(typed), &b.text)));
    items.splice(0..0, found);
}

/// Whether `name` can stand after a dot, and in quotes as it is.
fn is_name(name: &str) -> bool {
    !name.starts_with(|first: char| first.is_ascii_digit())
        && !name.is_empty()
        && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
}
