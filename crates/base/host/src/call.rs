//! A call of a kernel, and its possible answers.

use std::{fmt, pin::Pin};

use drupe_protocol::{
    HostError, RunId, Value,
    value::{ConvertError, from_args, to_value},
};
use futures_core::Stream;
use serde::{Deserialize, Serialize};

use crate::{Session, answer_budget::Reservation};

/// A request of a kernel's.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Call {
    /// What is asked for: a service and, after a dot, one of its operations.
    pub op: String,
    /// The arguments.
    pub args: Vec<Value>,
    /// The run that asks; `None` when no run caused it.
    pub run: Option<RunId>,
    /// The session that asks.
    pub session: Session,
    /// What its answer may take up. **A service that makes large ones asks for room before.**
    pub reservation: Reservation,
}

impl Call {
    /// A call of `op` that no run caused, in an empty session, with room for its answer.
    #[must_use]
    pub fn new(op: impl Into<String>, args: Vec<Value>) -> Self {
        Self { op: op.into(), args, ..Self::default() }
    }

    /// The argument at `index`; `undefined` where there is none.
    #[must_use]
    pub fn arg(&self, index: usize) -> &Value {
        self.args.get(index).unwrap_or(&Value::Undefined)
    }

    /// The string at `index`.
    ///
    /// # Errors
    /// A `TypeError` that names the place, when there is something else.
    pub fn string(&self, index: usize) -> Result<&str, HostError> {
        match self.arg(index) {
            Value::String(text) => Ok(text),
            _ => Err(self.bad_argument(format!("argument {} of {} must be a string", index + 1, self.op))),
        }
    }

    /// All arguments, as [`from_args`] reads them: a tuple takes one argument for each of its elements.
    ///
    /// # Errors
    /// A `TypeError` that names the argument and the place in it.
    pub fn args_as<'de, T: Deserialize<'de>>(&'de self) -> Result<T, HostError> {
        from_args(&self.args).map_err(|error| match error.argument() {
            Some(index) => {
                let error = error.within_argument();
                let place = error.path();
                let of = if place.is_empty() { String::new() } else { format!(", at {place}") };
                self.bad_argument(format!("argument {} of {}{of}: {}", index + 1, self.op, error.message()))
            }
            None => self.bad_argument(format!("the arguments of {}: {error}", self.op)),
        })
    }

    fn bad_argument(&self, message: String) -> HostError {
        HostError::new("TypeError", message).with_code("ERR_INVALID_ARG_TYPE")
    }
}

/// The items of a stream. It is polled when the kernel asks for the next one, and dropped when nobody does any more.
pub type Items = Pin<Box<dyn Stream<Item = Result<Value, HostError>> + Send>>;

/// What a call came to.
pub enum Answer {
    /// One value.
    Value(Value),
    /// Many, one by one: an async iterator in JavaScript.
    Stream(Items),
}

impl Answer {
    /// The value of a Rust type, as [`to_value`] makes it.
    ///
    /// # Errors
    /// As for [`to_value`].
    pub fn of<T: Serialize + ?Sized>(data: &T) -> Result<Self, ConvertError> {
        to_value(data).map(Self::Value)
    }

    /// Many values, one by one.
    pub fn stream(items: impl Stream<Item = Result<Value, HostError>> + Send + 'static) -> Self {
        Self::Stream(Box::pin(items))
    }
}

impl<T: Into<Value>> From<T> for Answer {
    fn from(value: T) -> Self {
        Self::Value(value.into())
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Value(value) => f.debug_tuple("Value").field(value).finish(),
            Self::Stream(_) => f.write_str("Stream(..)"),
        }
    }
}

/// Something to come.
pub type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// An answer to come. **Dropping it cancels the call.**
pub type Answering = Pending<Result<Answer, HostError>>;
