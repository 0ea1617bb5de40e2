//! `alert`, `confirm` and `prompt`: questions of a chunk to a person, for front ends that have one.

use std::sync::Arc;

use drupe_protocol::{HostError, RunId, Value};

use crate::{Answer, Answering, Call, Host, Pending, Service};

/// A front end that can ask a person. JavaScript blocks until the answer is there. It uses no CPU meanwhile, so the CPU
/// budget stands still; the wall budget goes on.
///
/// Texts come from untrusted code: **show them as what the code says, without control characters**. A
/// future that is dropped was interrupted: take the question back.
pub trait Dialogs: Send + Sync {
    /// Shows `message` until the person has seen it.
    fn alert(&self, message: String, run: Option<RunId>) -> Pending<()>;
    /// Whether the person agrees with `message`.
    fn confirm(&self, message: String, run: Option<RunId>) -> Pending<bool>;
    /// What the person writes to answer `message`; `otherwise` is what they are offered to say instead. `None` when
    /// they will not.
    fn prompt(&self, message: String, otherwise: Option<String>, run: Option<RunId>) -> Pending<Option<String>>;
}

impl Host {
    /// Lets chunks ask a person, as the service `dialogs`. Without it `alert` prints, `confirm` is false, and `prompt`
    /// is null.
    #[must_use]
    pub fn dialogs(self, dialogs: Arc<dyn Dialogs>) -> Self {
        self.service("dialogs", Arc::new(Asking(dialogs)))
    }
}

struct Asking(Arc<dyn Dialogs>);

impl Service for Asking {
    fn call(&self, call: Call) -> Answering {
        let dialogs = self.0.clone();
        Box::pin(async move {
            let message = cut(call.string(0)?);
            let value = match call.op.as_str() {
                "alert" => {
                    dialogs.alert(message, call.run).await;
                    Value::Null
                }
                "confirm" => Value::Bool(dialogs.confirm(message, call.run).await),
                "prompt" => {
                    let otherwise = call.arg(1).as_str().map(cut);
                    dialogs.prompt(message, otherwise, call.run).await.map_or(Value::Null, Value::String)
                }
                op => {
                    let message = format!("this host answers no \"dialogs.{op}\"");
                    return Err(HostError::new("Error", message).with_code("ERR_NOT_SUPPORTED"));
                }
            };
            Ok(Answer::Value(value))
        })
    }
}

/// No person reads more, in bytes: a front end lays out what it is given.
const MAX_TEXT: usize = 16 << 10;

fn cut(text: &str) -> String {
    match text.get(..text.floor_char_boundary(MAX_TEXT)) {
        Some(start) if start.len() < text.len() => format!("{start}…"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// Says yes to everything, and answers with the question.
    struct Obliging;

    impl Dialogs for Obliging {
        fn alert(&self, _: String, _: Option<RunId>) -> Pending<()> {
            Box::pin(async {})
        }

        fn confirm(&self, _: String, run: Option<RunId>) -> Pending<bool> {
            Box::pin(async move { run == Some(7) })
        }

        fn prompt(&self, message: String, otherwise: Option<String>, _: Option<RunId>) -> Pending<Option<String>> {
            Box::pin(async { (message != "never").then(|| message + &otherwise.unwrap_or_default()) })
        }
    }

    async fn ask(op: &str, args: &[&str]) -> Result<Value, HostError> {
        let args = args.iter().map(|text| Value::String((*text).to_owned())).collect();
        let host = Host::new().dialogs(Arc::new(Obliging));
        match host.call(Call { op: op.to_owned(), args, run: Some(7), ..Call::default() }).await? {
            Answer::Value(value) => Ok(value),
            Answer::Stream(_) => panic!("a stream"),
        }
    }

    #[tokio::test]
    async fn a_front_end_is_asked_in_its_own_words_and_few_of_them() {
        assert_eq!(ask("dialogs.alert", &["look"]).await.unwrap(), Value::Null);
        assert_eq!(ask("dialogs.confirm", &["sure?"]).await.unwrap(), Value::Bool(true));
        assert_eq!(ask("dialogs.prompt", &["name?", "x"]).await.unwrap(), Value::String("name?x".to_owned()));
        assert_eq!(ask("dialogs.prompt", &["never"]).await.unwrap(), Value::Null);
        // threat K7
        let long = ask("dialogs.prompt", &[&"é".repeat(1 << 20), &"y".repeat(1 << 20)]).await.unwrap();
        assert!(long.as_str().unwrap().len() <= 2 * (MAX_TEXT + 3));
        assert!(ask("dialogs.alert", &[]).await.is_err());
        assert_eq!(ask("dialogs.other", &["x"]).await.unwrap_err().code.as_deref(), Some("ERR_NOT_SUPPORTED"));
    }
}
