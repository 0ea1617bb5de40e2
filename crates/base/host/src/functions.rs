//! Functions that the embedder registers for JavaScript, below the global `host`.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use drupe_protocol::{HostError, Value};

use crate::{Answer, Answering, Call};

type Function = Arc<dyn Fn(Call) -> Answering + Send + Sync>;

/// A function cannot have this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// It is not words joined by dots.
    #[error("{0:?} is no name for a function: it must be identifiers joined by dots, such as \"db.query\"")]
    NotWords(String),
    /// A function would have to be an object with functions, too.
    #[error("{0:?} cannot stand beside {1:?}: a name is a function or a group of functions, not both")]
    Clash(String, String),
}

/// Functions by their names.
#[derive(Default)]
pub struct Functions {
    by_name: RwLock<BTreeMap<String, Registered>>,
}

#[derive(Clone)]
struct Registered {
    function: Function,
    kind: Kind,
}

/// How calls of a function are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Everybody may call it.
    Open,
    /// It must be granted.
    Reserved,
    /// Its calls are told as events.
    Event,
}

impl Functions {
    /// Registers a function, in the place of one that had the name before.
    ///
    /// # Errors
    /// When `name` is not identifiers joined by dots, or a group of functions has it, or a function has part of it.
    pub fn register<F, A, T>(&self, name: &str, function: F) -> Result<(), BadName>
    where
        F: Fn(Call) -> A + Send + Sync + 'static,
        A: Future<Output = Result<T, HostError>> + Send + 'static,
        T: Into<Answer>,
    {
        self.insert(name, function, Kind::Open)
    }

    /// Registers a function that not everybody may call: whoever passes calls on asks
    /// [`is_reserved`](Self::is_reserved).
    ///
    /// # Errors
    /// As for [`register`](Self::register).
    pub fn register_reserved<F, A, T>(&self, name: &str, function: F) -> Result<(), BadName>
    where
        F: Fn(Call) -> A + Send + Sync + 'static,
        A: Future<Output = Result<T, HostError>> + Send + 'static,
        T: Into<Answer>,
    {
        self.insert(name, function, Kind::Reserved)
    }

    /// Registers a function whose calls are events. It returns `undefined`. The code that receives calls asks
    /// [`is_event`](Self::is_event), and reports such a call as an event.
    ///
    /// # Errors
    /// As for [`register`](Self::register).
    pub fn register_event(&self, name: &str) -> Result<(), BadName> {
        self.insert(name, |_| std::future::ready(Ok::<_, HostError>(Value::Undefined)), Kind::Event)
    }

    /// Whether there is a function of that name which not everybody may call.
    #[must_use]
    pub fn is_reserved(&self, name: &str) -> bool {
        self.is(name, Kind::Reserved)
    }

    /// Whether the calls of the function of that name are events.
    #[must_use]
    pub fn is_event(&self, name: &str) -> bool {
        self.is(name, Kind::Event)
    }

    fn is(&self, name: &str, kind: Kind) -> bool {
        self.by_name.read().unwrap_or_else(PoisonError::into_inner).get(name).is_some_and(|registered| registered.kind == kind)
    }

    fn insert<F, A, T>(&self, name: &str, function: F, kind: Kind) -> Result<(), BadName>
    where
        F: Fn(Call) -> A + Send + Sync + 'static,
        A: Future<Output = Result<T, HostError>> + Send + 'static,
        T: Into<Answer>,
    {
        if !name.split('.').all(is_identifier) {
            return Err(BadName::NotWords(name.to_owned()));
        }
        let mut functions = self.by_name.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(other) = functions.keys().find(|other| is_within(name, other) || is_within(other, name)) {
            return Err(BadName::Clash(name.to_owned(), other.clone()));
        }
        let function = move |call| -> Answering {
            let answering = function(call);
            Box::pin(async move { answering.await.map(Into::into) })
        };
        functions.insert(name.to_owned(), Registered { function: Arc::new(function), kind });
        Ok(())
    }

    /// All names, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.by_name.read().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }

    /// Calls the function whose name is the call's `op`.
    pub(crate) fn call(&self, call: Call) -> Answering {
        let function = self.by_name.read().unwrap_or_else(PoisonError::into_inner).get(&call.op).cloned();
        match function {
            Some(registered) => (registered.function)(call),
            None => {
                let message = format!("the host has no function {:?}", call.op);
                Box::pin(async move { Err(HostError::new("Error", message).with_code("ERR_NOT_SUPPORTED")) })
            }
        }
    }
}

/// Whether `name` lies in the group `group`.
fn is_within(name: &str, group: &str) -> bool {
    name.strip_prefix(group).is_some_and(|rest| rest.starts_with('.'))
}

fn is_identifier(word: &str) -> bool {
    let is_start = |character: char| character.is_ascii_alphabetic() || character == '_' || character == '$';
    word.starts_with(is_start)
        && word.chars().all(|character| is_start(character) || character.is_ascii_digit())
        && word != "__proto__"
}

impl fmt::Debug for Functions {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn nothing() -> impl Fn(Call) -> std::future::Ready<Result<Value, HostError>> {
        |_| std::future::ready(Ok(Value::Undefined))
    }

    #[test]
    fn names_are_words_and_no_name_is_both() {
        let functions = Functions::default();
        for bad in ["", ".", "a.", "a b", "1a", "a..b", "__proto__.x"] {
            assert_eq!(functions.register(bad, nothing()), Err(BadName::NotWords(bad.to_owned())));
        }
        functions.register("db.query", nothing()).unwrap();
        functions.register("db.query", nothing()).unwrap();
        functions.register("db2", nothing()).unwrap();
        assert_eq!(functions.register("db", nothing()), Err(BadName::Clash("db".into(), "db.query".into())));
        assert_eq!(functions.register("db.query.all", nothing()), Err(BadName::Clash("db.query.all".into(), "db.query".into())));
        assert_eq!(functions.names(), ["db.query", "db2"]);
    }
}
