//! Boxed primitives, regular expressions and dates: objects around one internal slot.
//!
//! V8 exposes the slots of the first two only to the structured clone algorithm, which reads them without running user
//! code.

use drupe_protocol::{
    preview::{Excerpt, Node, Object, Text},
    value::iso_date,
};

use super::primitives;
use super::properties::name;
use super::walk::Walk;
use crate::regexp;

/// Longer strings are read character by character as far as they are shown, rather than copied whole.
const MAX_CLONED: usize = 10_000;

/// What the structured clone algorithm writes before a value.
mod tag {
    pub(super) const BIGINT: u8 = b'z';
    pub(super) const FALSE: u8 = b'x';
    pub(super) const NUMBER: u8 = b'n';
    pub(super) const ONE_BYTE: u8 = b'"';
    pub(super) const PADDING: u8 = 0;
    pub(super) const REGEXP: u8 = b'R';
    pub(super) const STRING: u8 = b's';
    pub(super) const TRUE: u8 = b'y';
    pub(super) const TWO_BYTE: u8 = b'c';
}

impl<'s> Walk<'s, '_> {
    /// Fills in the primitive inside.
    pub(super) fn boxed(&mut self, scope: &mut v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>, out: &mut Object) {
        out.primitive = if object.is_symbol_object() {
            self.boxed_symbol(scope, object)
        } else if object.is_string_object() {
            self.boxed_string(scope, object)
        } else {
            clone(scope, object).and_then(|bytes| self.read_boxed(scope, &bytes))
        };
    }

    fn read_boxed(&mut self, scope: &v8::PinScope<'s, '_>, bytes: &[u8]) -> Option<Node> {
        let (&kind, rest) = bytes.split_first()?;
        match kind {
            tag::TRUE => Some(Node::Boolean(true)),
            tag::FALSE => Some(Node::Boolean(false)),
            tag::NUMBER => Some(Node::Number(f64::from_ne_bytes(rest.get(..8)?.try_into().ok()?))),
            tag::BIGINT => {
                let (bits, digits) = varint(rest)?;
                let words: Vec<u64> = digits.chunks(8).map(word).collect();
                let bigint = v8::BigInt::new_from_words(scope, bits & 1 == 1, &words)?;
                Some(primitives::bigint(scope, bigint, &mut self.budget))
            }
            tag::STRING => {
                let (units, _) = string(rest)?;
                Some(Node::String(Excerpt { text: Text::from_utf16(&units), more: 0 }))
            }
            _ => None,
        }
    }

    fn boxed_string(&mut self, scope: &v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>) -> Option<Node> {
        let length = self.own(scope, object, name(scope, "length")).value()?;
        let length = v8::Local::<v8::Number>::try_from(length).ok()?.value();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the length of a string")]
        let length = length as usize;
        let shown = self.budget.units(self.options.max_string_length).min(length);
        if length <= MAX_CLONED.min(shown) {
            return self.read_boxed(scope, &clone(scope, object)?);
        }
        let mut units = vec![0; shown];
        for (index, unit) in units.iter_mut().enumerate() {
            let index = super::arrays::index_name(scope, u32::try_from(index).ok()?)?;
            let character = self.own(scope, object, index).string()?;
            character.write_v2(scope, 0, std::slice::from_mut(unit), v8::WriteFlags::empty());
        }
        let text = Text::from_utf16(&units);
        self.budget.spend(text.len());
        Some(Node::String(Excerpt { text, more: (length - shown) as u64 }))
    }

    /// Fills in the source and the flags.
    pub(super) fn regexp(&mut self, scope: &v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>, out: &mut Object) {
        let Ok(regexp) = v8::Local::<v8::RegExp>::try_from(object) else { return };
        let source = regexp.get_source(scope);
        let flags = if source.length() <= MAX_CLONED { regexp_flags(scope, object).unwrap_or_default() } else { String::new() };
        let source = primitives::excerpt(scope, source, &mut self.budget, MAX_CLONED);
        let cut = if source.more > 0 { "..." } else { "" };
        out.text = format!("/{}{cut}/{flags}", source.text).into();
    }
}

/// The letters of a regular expression's flags. V8's API gives no access to them, and the `flags` getter asks
/// properties that users can replace; the structured clone algorithm writes them as V8 has them.
pub fn regexp_flags<'s>(scope: &v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>) -> Option<String> {
    let bytes = clone(scope, object)?;
    let rest = bytes.strip_prefix(&[tag::REGEXP])?;
    let (_, rest) = string(rest)?;
    let bits = i32::try_from(varint(rest)?.0).ok()?;
    Some(regexp::letters(v8::RegExpCreationFlags::from_bits_truncate(bits)))
}

fn clone<'s>(scope: &v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>) -> Option<Vec<u8>> {
    struct Silent;
    impl v8::ValueSerializerImpl for Silent {
        fn throw_data_clone_error<'s>(&self, _: &mut v8::PinScope<'s, '_>, _: v8::Local<'s, v8::String>) {}
    }
    let serializer = v8::ValueSerializer::new(scope, Box::new(Silent));
    (serializer.write_value(scope.get_current_context(), object.into()) == Some(true)).then(|| serializer.release())
}

/// A string as the algorithm writes it, and what follows.
fn string(bytes: &[u8]) -> Option<(Vec<u16>, &[u8])> {
    let (&kind, rest) = bytes.split_first()?;
    if kind == tag::PADDING {
        return string(rest);
    }
    let (length, rest) = varint(rest)?;
    let (content, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    let units = match kind {
        tag::ONE_BYTE => content.iter().map(|byte| u16::from(*byte)).collect(),
        tag::TWO_BYTE => content.chunks_exact(2).map(|pair| u16::from_ne_bytes([pair[0], pair[1]])).collect(),
        _ => return None,
    };
    Some((units, rest))
}

/// Seven bits a byte, the lowest first; the eighth says that more follow.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0;
    for (index, byte) in bytes.iter().take(9).enumerate() {
        number |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((number, &bytes[index + 1..]));
        }
    }
    None
}

fn word(bytes: &[u8]) -> u64 {
    let mut eight = [0; 8];
    eight[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(eight)
}

/// A date as ISO 8601 in UTC.
pub(super) fn date_text(object: v8::Local<v8::Object>) -> String {
    let Ok(date) = v8::Local::<v8::Date>::try_from(object) else { return String::new() };
    iso_date(date.value_of()).unwrap_or_else(|| "Invalid Date".into())
}
