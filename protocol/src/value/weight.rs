//! The memory size of values.

use super::{ErrorValue, Value};

impl Value {
    /// About how many bytes it takes in memory, with all that it holds.
    #[must_use]
    pub fn weight(&self) -> usize {
        let all = |values: &[Self]| values.iter().map(Self::weight).sum();
        size_of::<Self>()
            + match self {
                Self::Undefined | Self::Null | Self::Bool(_) | Self::Number(_) | Self::Date(_) | Self::Hole | Self::Ref(_) => 0,
                Self::BigInt(number) => number.magnitude().len(),
                Self::String(text) => text.len(),
                Self::Utf16(units) => 2 * units.len(),
                Self::RegExp(regexp) => size_of_val(&**regexp) + regexp.source.len() + regexp.flags.len(),
                Self::ArrayBuffer(bytes) | Self::TypedArray(_, bytes) => bytes.len(),
                Self::Array(items) | Self::Set(items) => all(items),
                Self::Object(entries) => entries.iter().map(|(key, value)| size_of_val(key) + key.len() + value.weight()).sum(),
                Self::Map(entries) => entries.iter().map(|(key, value)| key.weight() + value.weight()).sum(),
                Self::Error(error) => error.weight(),
                Self::Opaque(opaque) => size_of_val(&**opaque) + opaque.class.len() + opaque.text.len(),
            }
    }
}

impl ErrorValue {
    fn weight(&self) -> usize {
        let within = [&self.cause, &self.errors].into_iter().flatten().map(Value::weight).sum::<usize>();
        size_of_val(self) + self.name.len() + self.message.len() + self.stack.as_ref().map_or(0, String::len) + within
    }
}
