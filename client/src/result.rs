//! The value of a run as a `Result`.

use drupe_protocol::{
    Value,
    value::{ConvertError, from_value},
};
use serde::Deserialize;

use crate::{Outcome, Report};

/// A run has no value that the caller can use.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ResultError {
    /// It did not end with a value.
    #[error("{0}")]
    Failed(Box<Outcome>),
    /// Its value did not come by value: it is larger than [`Chunk::value_limit`](crate::Chunk::value_limit) allows.
    /// This is its text.
    #[error("the result came as text only, because it is larger than the value limit of the chunk: {0}")]
    TextOnly(String),
    /// Its value does not fit the type.
    #[error("the result does not fit the type: {0}")]
    Mismatch(#[from] ConvertError),
}

impl Outcome {
    /// The completion value; every other outcome is an error.
    ///
    /// # Errors
    /// When the code did not run to its end, or its value came as text only.
    pub fn into_result(self) -> Result<Value, ResultError> {
        if let Self::Value { value, text } = self {
            return value.ok_or(ResultError::TextOnly(text));
        }
        Err(ResultError::Failed(Box::new(self)))
    }

    /// The completion value as a Rust type, as [`from_value`] reads it.
    ///
    /// # Errors
    /// As for [`into_result`](Self::into_result), and when the value does not fit the type.
    pub fn value_as<'de, T: Deserialize<'de>>(&'de self) -> Result<T, ResultError> {
        if let Some(value) = self.value() {
            return Ok(from_value(value)?);
        }
        Err(if let Self::Value { text, .. } = self {
            ResultError::TextOnly(text.clone())
        } else {
            ResultError::Failed(Box::new(self.clone()))
        })
    }
}

impl Report {
    /// The completion value; see [`Outcome::into_result`].
    ///
    /// # Errors
    /// As for [`Outcome::into_result`].
    pub fn into_result(self) -> Result<Value, ResultError> {
        self.outcome.into_result()
    }

    /// The completion value as a Rust type.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let kernel = drupe_client::Kernel::builder().spawn().await?;
    /// #[derive(serde::Deserialize)]
    /// struct Point {
    ///     x: f64,
    /// }
    ///
    /// let point: Point = kernel.run("({ x: 1.5 })").await?.value_as()?;
    /// assert_eq!(point.x, 1.5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// As for [`Outcome::value_as`].
    pub fn value_as<'de, T: Deserialize<'de>>(&'de self) -> Result<T, ResultError> {
        self.outcome.value_as()
    }
}
