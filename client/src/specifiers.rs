//! Completion of module specifiers. Only the host answers it, because the kernel knows no files.

use drupe_host::{Answer, Call, Host, Session};
use drupe_protocol::{
    Value,
    introspection::{Completion, CompletionKind},
};

use crate::{Completions, site::Specifier};

/// More are of no use to a person.
const MOST: usize = 200;

/// What could stand in place of `specifier`, from the working folder of `session`.
pub(crate) async fn complete(host: &Host, session: Session, specifier: Specifier) -> Completions {
    let Specifier { prefix, is_required, start, end } = specifier;
    let style = if is_required { "require" } else { "import" };
    let mut call = Call::new("module.specifiers", vec![prefix.into(), Value::Undefined, style.into()]);
    call.session = session;
    let items = match host.call(call).await {
        Ok(Answer::Value(Value::Array(items))) => items,
        // What may not be read is not listed.
        _ => Vec::new(),
    };
    let items = items.into_iter().filter_map(|item| {
        let Value::String(text) = item else { return None };
        Some(Completion::new(text, CompletionKind::Property, Some("module".to_owned())))
    });
    Completions { start, end, items: items.take(MOST).collect() }
}
