//! The flags of a regular expression, read without running code.
//!
//! V8's API gives no access to them, and the `flags` getter asks properties that users can replace. The structured-clone
//! serializer writes them as V8 has them, so they are read from there.

use v8::RegExpCreationFlags as F;

/// Letters in the order of `RegExp.prototype.flags`.
const LETTERS: [(F, char); 8] = [
    (F::HAS_INDICES, 'd'),
    (F::GLOBAL, 'g'),
    (F::IGNORE_CASE, 'i'),
    (F::MULTILINE, 'm'),
    (F::DOT_ALL, 's'),
    (F::UNICODE, 'u'),
    (F::UNICODE_SETS, 'v'),
    (F::STICKY, 'y'),
];

/// The flags of `regexp`, as letters.
pub(crate) fn flags(scope: &v8::PinScope, regexp: v8::Local<v8::RegExp>) -> String {
    struct Delegate;
    impl v8::ValueSerializerImpl for Delegate {
        fn throw_data_clone_error<'s>(&self, _: &mut v8::PinScope<'s, '_>, _: v8::Local<'s, v8::String>) {}
    }
    let serializer = v8::ValueSerializer::new(scope, Box::new(Delegate));
    let written = serializer.write_value(scope.get_current_context(), regexp.into());
    let bits = written.and_then(|_| serialized_flags(&serializer.release())).unwrap_or(0);
    let flags = F::from_bits_truncate(bits);
    LETTERS.into_iter().filter(|(flag, _)| flags.contains(*flag)).map(|(_, letter)| letter).collect()
}

/// Flags from letters; `None` for one that does not exist.
pub(crate) fn parse_flags(letters: &str) -> Option<F> {
    letters
        .chars()
        .try_fold(F::empty(), |flags, letter| LETTERS.iter().find(|(_, known)| *known == letter).map(|(flag, _)| flags | *flag))
}

/// A serialized regular expression is `R`, its source as a tagged string, and its flags as a variable-length integer.
fn serialized_flags(bytes: &[u8]) -> Option<i32> {
    let mut rest = bytes.iter().copied().skip_while(|byte| *byte != b'R').skip(1);
    while !matches!(rest.next()?, b'"' | b'c' | b'S') {}
    let length = varint(&mut rest)?;
    let mut rest = rest.skip(length);
    varint(&mut rest).and_then(|flags| i32::try_from(flags).ok())
}

fn varint(bytes: &mut impl Iterator<Item = u8>) -> Option<usize> {
    let mut value = 0;
    for shift in (0..).step_by(7).take(5) {
        let byte = bytes.next()?;
        value |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
