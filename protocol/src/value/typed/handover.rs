//! Hands a [`Value`] that stands inside a Rust type over to the conversion, and back, as it is.
//!
//! serde knows numbers, texts, lists and maps; it does not know a `Date` or a `Set`. A `Value` therefore announces
//! itself as a newtype of a reserved name. The conversion knows that name and takes the value, or gives it, through
//! this module. Other formats see the plain data inside the newtype.

use std::cell::RefCell;

use crate::Value;

/// The name of the newtype.
pub(in crate::value) const NAME: &str = "$drupe::Value";

enum Counter {
    Empty,
    /// The conversion asks the next value for itself.
    Asked,
    Given(Value),
}

thread_local! {
    static COUNTER: RefCell<Counter> = const { RefCell::new(Counter::Empty) };
}

/// The value that `pass` gives, if it gives one.
pub(super) fn ask<T>(pass: impl FnOnce() -> T) -> (T, Option<Value>) {
    COUNTER.set(Counter::Asked);
    let passed = pass();
    (passed, take())
}

/// Gives a value, if one is asked for.
pub(in crate::value) fn give(value: &Value) -> bool {
    COUNTER.with_borrow_mut(|counter| {
        let asked = matches!(counter, Counter::Asked);
        if asked {
            *counter = Counter::Given(value.clone());
        }
        asked
    })
}

/// Offers a value while `pass` lasts.
pub(super) fn offer<T>(value: Value, pass: impl FnOnce() -> T) -> T {
    COUNTER.set(Counter::Given(value));
    let passed = pass();
    COUNTER.set(Counter::Empty);
    passed
}

/// Takes the value that is offered.
pub(super) fn take() -> Option<Value> {
    if let Counter::Given(value) = COUNTER.replace(Counter::Empty) { Some(value) } else { None }
}
