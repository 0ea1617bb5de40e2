//! Walks over values whose containers may be met again.

use std::cell::{Cell, RefCell};

use super::{ConvertError, Value};
use crate::codec::MAX_VALUE_DEPTH;

/// The bytes that may be read more than once. An element counts [`ELEMENT`] bytes, and the length of a text or typed
/// array is added.
const MAX_REPEATED: usize = 64 << 20;

/// The least count of an element that is read again, in bytes.
const ELEMENT: usize = 16;

/// A value cannot be written as a tree.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoTree {
    /// It has too many levels.
    #[error("the value nests deeper than {MAX_VALUE_DEPTH} levels")]
    TooDeep,
    /// It contains itself.
    #[error("the value contains itself: a cycle cannot be written as plain data")]
    Cycle,
    /// It repeats too much.
    #[error("the value holds the same objects again and again: plain data would repeat more than {MAX_REPEATED} bytes")]
    Repeats,
    /// A reference has no target.
    #[error("the value refers to its object number {0}, which it does not have there; objects count from 0 as they open")]
    NoSuchObject(u32),
    /// A regular expression has flags that none has.
    #[error("a regular expression has no flags {0:?}: each of d, g, i, m, s, u, v and y may be there once, and not both u and v")]
    NoFlags(String),
}

/// A whole value: its [`Ref`](Value::Ref)s point into it.
pub(super) struct Whole<'a> {
    /// Empty if no container is met again.
    containers: Vec<&'a Value>,
    /// The containers that are being read.
    open: RefCell<Vec<*const Value>>,
    /// The number of bytes that were read again.
    repeated: Cell<usize>,
}

impl<'a> Whole<'a> {
    pub(super) fn new(value: &'a Value) -> Result<Self, NoTree> {
        let mut containers = Vec::new();
        if !is_shallow(value, MAX_VALUE_DEPTH) {
            return Err(NoTree::TooDeep);
        }
        // Without a reference no container needs its number.
        if has_ref(value) {
            number(value, &mut containers);
        }
        Ok(Self { containers, open: RefCell::default(), repeated: Cell::new(0) })
    }

    /// Whether no container is met again.
    pub(super) fn is_tree(&self) -> bool {
        self.containers.is_empty()
    }

    /// The container of this number.
    pub(super) fn container(&self, number: u32) -> Result<&'a Value, NoTree> {
        let found = usize::try_from(number).ok().and_then(|number| self.containers.get(number));
        found.copied().ok_or(NoTree::NoSuchObject(number))
    }

    /// Counts a value that is read again.
    pub(super) fn count_again(&self, value: &Value) -> Result<(), NoTree> {
        let repeated = self.repeated.get().saturating_add(ELEMENT + length(value));
        self.repeated.set(repeated);
        if repeated > MAX_REPEATED { Err(NoTree::Repeats) } else { Ok(()) }
    }

    /// Reads a container by `read`. While that lasts, the container may not be met again.
    pub(super) fn within<T, E: From<NoTree>>(&self, value: &Value, read: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let this: *const Value = value;
        if self.open.borrow().contains(&this) {
            return Err(NoTree::Cycle.into());
        }
        self.open.borrow_mut().push(this);
        let done = read();
        self.open.borrow_mut().pop();
        done
    }
}

/// Whether containers nest at most `levels` levels. A recursion over such a value is safe.
pub(super) fn is_shallow(value: &Value, levels: usize) -> bool {
    if !is_container(value) {
        return true;
    }
    let mut shallow = levels > 0;
    if shallow {
        each_child(value, &mut |child| shallow = shallow && is_shallow(child, levels - 1));
    }
    shallow
}

impl Value {
    /// Checks what can be known of a value without an engine: that each [`Ref`](Self::Ref) points to an object that was
    /// there before it, and that regular expressions have flags that there are. A kernel refuses any other value.
    ///
    /// # Errors
    /// Names the first that is wrong.
    pub fn check(&self) -> Result<(), ConvertError> {
        // One that is deeper cannot be sent.
        if !is_shallow(self, MAX_VALUE_DEPTH) {
            return Ok(());
        }
        let flags = bad_flags(self).map(|flags| NoTree::NoFlags(flags.to_owned()));
        let wrong = flags.or_else(|| dangling(self, &mut 0).map(NoTree::NoSuchObject));
        wrong.map_or(Ok(()), |wrong| Err(wrong.into()))
    }
}

/// The first flags of a regular expression that there are not.
fn bad_flags(value: &Value) -> Option<&str> {
    let mut found = match value {
        Value::RegExp(regexp) => Some(&*regexp.flags).filter(|flags| !are_flags(flags)),
        _ => None,
    };
    each_child(value, &mut |child| found = found.or_else(|| bad_flags(child)));
    found
}

fn are_flags(flags: &str) -> bool {
    let is_known = |flag: char| "dgimsuvy".contains(flag) && flags.matches(flag).count() == 1;
    flags.chars().all(is_known) && !(flags.contains('u') && flags.contains('v'))
}

/// The first reference without a target, where so many containers have opened.
fn dangling(value: &Value, opened: &mut usize) -> Option<u32> {
    if let Value::Ref(number) = value
        && usize::try_from(*number).is_ok_and(|number| number >= *opened)
    {
        return Some(*number);
    }
    *opened += usize::from(is_container(value));
    let mut found = None;
    each_child(value, &mut |child| found = found.or_else(|| dangling(child, opened)));
    found
}

fn has_ref(value: &Value) -> bool {
    let mut found = matches!(value, Value::Ref(_));
    each_child(value, &mut |child| found = found || has_ref(child));
    found
}

/// Lists containers by their numbers: in the order in which they open.
fn number<'a>(value: &'a Value, containers: &mut Vec<&'a Value>) {
    if is_container(value) {
        containers.push(value);
    }
    each_child(value, &mut |child| number(child, containers));
}

pub(super) fn is_container(value: &Value) -> bool {
    matches!(value, Value::Array(_) | Value::Object(_) | Value::Map(_) | Value::Set(_) | Value::Error(_))
}

pub(super) fn each_child<'a>(value: &'a Value, visit: &mut impl FnMut(&'a Value)) {
    match value {
        Value::Array(items) | Value::Set(items) => items.iter().for_each(visit),
        Value::Object(entries) => entries.iter().for_each(|(_, value)| visit(value)),
        Value::Map(entries) => entries.iter().for_each(|(key, value)| {
            visit(key);
            visit(value);
        }),
        Value::Error(error) => error.cause.iter().chain(&error.errors).for_each(visit),
        _ => {}
    }
}

/// The length of a value without its children, in bytes of text.
fn length(value: &Value) -> usize {
    /// The greatest length of an element of a typed array.
    const ELEMENT_TEXT: usize = 24;
    match value {
        Value::String(text) => text.len(),
        Value::Utf16(units) => units.len() * 3,
        Value::ArrayBuffer(bytes) => bytes.len() * 4,
        Value::TypedArray(kind, bytes) => bytes.len() / kind.element_size() * ELEMENT_TEXT,
        Value::BigInt(number) => number.magnitude().len() * 3,
        Value::RegExp(regexp) => regexp.source.len(),
        Value::Object(entries) => entries.iter().map(|(key, _)| key.len()).sum(),
        Value::Error(error) => error.message.len() + error.stack.as_ref().map_or(0, String::len),
        _ => 0,
    }
}

/// Adds `by` to the numbers of all references in `value`, and returns the number of its containers. **The value is
/// shallow.**
pub(super) fn shift(value: &mut Value, by: u32) -> u32 {
    let mut opened = u32::from(is_container(value));
    match value {
        Value::Ref(number) => *number = number.saturating_add(by),
        Value::Array(items) | Value::Set(items) => opened += items.iter_mut().map(|item| shift(item, by)).sum::<u32>(),
        Value::Object(entries) => opened += entries.iter_mut().map(|(_, value)| shift(value, by)).sum::<u32>(),
        Value::Map(entries) => {
            opened += entries.iter_mut().map(|(key, value)| shift(key, by) + shift(value, by)).sum::<u32>();
        }
        Value::Error(error) => {
            opened += error.cause.iter_mut().chain(&mut error.errors).map(|value| shift(value, by)).sum::<u32>();
        }
        _ => {}
    }
    opened
}
