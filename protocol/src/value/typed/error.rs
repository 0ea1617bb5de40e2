//! The error of a conversion.

use std::fmt::{self, Display, Write as _};

use serde::{de, ser};

use crate::value::walk::NoTree;

/// A value cannot be converted to a Rust type, or a Rust type to a value. The text names the place, such as
/// `rows[3].id: invalid type: string "x", expected u32`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConvertError {
    /// The place of the part that is wrong, from the inside to the outside.
    path: Vec<Step>,
    message: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

impl ConvertError {
    pub(super) fn new(message: impl Display) -> Self {
        Self { path: Vec::new(), message: message.to_string() }
    }

    /// The same error of the whole that has the part at `step`.
    pub(super) fn within(mut self, step: Step) -> Self {
        self.path.push(step);
        self
    }

    /// The place of the part that is wrong, such as `rows[3].id`. It is empty for the whole value.
    #[must_use]
    pub fn path(&self) -> String {
        let mut path = String::new();
        for step in self.path.iter().rev() {
            // A `String` takes each text.
            let _ = match step {
                Step::Index(index) => write!(path, "[{index}]"),
                Step::Key(key) if !is_identifier(key) => write!(path, "[{key:?}]"),
                Step::Key(key) if path.is_empty() => write!(path, "{key}"),
                Step::Key(key) => write!(path, ".{key}"),
            };
        }
        path
    }

    /// The index of the argument that is wrong, for an error of [`from_args`](super::from_args).
    #[must_use]
    pub fn argument(&self) -> Option<usize> {
        if let Some(Step::Index(index)) = self.path.last() { Some(*index) } else { None }
    }

    /// The place of the part that is wrong within its argument, for an error of [`from_args`](super::from_args).
    #[must_use]
    pub fn within_argument(mut self) -> Self {
        self.path.pop();
        self
    }

    /// The reason, without the place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

fn is_identifier(key: &str) -> bool {
    let is_start = |character: char| character.is_alphabetic() || matches!(character, '_' | '$');
    key.starts_with(is_start) && key.chars().all(|character| is_start(character) || character.is_numeric())
}

impl Display for ConvertError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path())?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConvertError {}

impl From<NoTree> for ConvertError {
    fn from(error: NoTree) -> Self {
        Self::new(error)
    }
}

impl ser::Error for ConvertError {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(message)
    }
}

impl de::Error for ConvertError {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(message)
    }
}
