//! A part of a value as a value of its own.

use std::collections::HashMap;

use super::ConvertError;
use crate::{
    Value,
    codec::MAX_VALUE_DEPTH,
    value::{
        ErrorValue,
        walk::{NoTree, Whole, is_container},
    },
};

/// Copies a part of `whole`, which may have been read before. A reference to a container outside of the part becomes a
/// copy of that container. What is copied again counts.
pub(super) fn copy(part: &Value, whole: &Whole, again: bool) -> Result<Value, ConvertError> {
    if whole.is_tree() && !matches!(part, Value::Ref(_)) {
        return Ok(part.clone());
    }
    Copier { whole, numbers: HashMap::new(), again }.copy(part, 1)
}

struct Copier<'a> {
    whole: &'a Whole<'a>,
    /// The containers that were copied, and their numbers in the copy.
    numbers: HashMap<*const Value, u32>,
    /// Whether the part was read before.
    again: bool,
}

impl Copier<'_> {
    fn copy(&mut self, value: &Value, level: usize) -> Result<Value, ConvertError> {
        let Value::Ref(number) = value else { return self.copy_once(value, level) };
        let value = self.whole.container(*number)?;
        if let Some(number) = self.numbers.get(&std::ptr::from_ref(value)) {
            return Ok(Value::Ref(*number));
        }
        let before = std::mem::replace(&mut self.again, true);
        let copy = self.copy_once(value, level);
        self.again = before;
        copy
    }

    fn copy_once(&mut self, value: &Value, level: usize) -> Result<Value, ConvertError> {
        if self.again {
            self.whole.count_again(value)?;
        }
        if !is_container(value) {
            return Ok(value.clone());
        }
        if let Some(number) = self.numbers.get(&std::ptr::from_ref(value)) {
            return Ok(Value::Ref(*number));
        }
        if level > MAX_VALUE_DEPTH {
            return Err(NoTree::TooDeep.into());
        }
        let number = u32::try_from(self.numbers.len()).map_err(|_| NoTree::Repeats)?;
        self.numbers.insert(value, number);
        self.contents(value, level + 1)
    }

    fn contents(&mut self, value: &Value, level: usize) -> Result<Value, ConvertError> {
        Ok(match value {
            Value::Array(items) => Value::Array(self.all(items, level)?),
            Value::Set(items) => Value::Set(self.all(items, level)?),
            Value::Object(entries) => {
                let copies = entries.iter().map(|(key, value)| Ok((key.clone(), self.copy(value, level)?)));
                Value::Object(copies.collect::<Result<_, ConvertError>>()?)
            }
            Value::Map(entries) => {
                let copies = entries.iter().map(|(key, value)| Ok((self.copy(key, level)?, self.copy(value, level)?)));
                Value::Map(copies.collect::<Result<_, ConvertError>>()?)
            }
            Value::Error(error) => Value::Error(Box::new(ErrorValue {
                cause: error.cause.as_ref().map(|value| self.copy(value, level)).transpose()?,
                errors: error.errors.as_ref().map(|value| self.copy(value, level)).transpose()?,
                name: error.name.clone(),
                message: error.message.clone(),
                stack: error.stack.clone(),
            })),
            _ => value.clone(),
        })
    }

    fn all(&mut self, items: &[Value], level: usize) -> Result<Vec<Value>, ConvertError> {
        items.iter().map(|item| self.copy(item, level)).collect()
    }
}
