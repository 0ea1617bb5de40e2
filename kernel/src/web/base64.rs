//! Base64 as in `atob` and `btoa`.

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};

use crate::isolate::native::{Args, Return, add};

/// Reads with padding or without, and whatever the last bits are.
const FORGIVING: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true).with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(super) fn install(scope: &mut v8::PinScope, ops: v8::Local<v8::Object>) -> Option<()> {
    add(scope, ops, "base64Encode", encode)?;
    add(scope, ops, "base64Decode", decode)
}

/// `base64Encode(text)`: `undefined` if a unit of the text is no byte.
fn encode<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let Ok(text) = args.get(0).try_cast::<v8::String>() else { return };
    if !text.contains_only_onebyte() {
        return;
    }
    let mut bytes = vec![0; text.length()];
    text.write_one_byte_v2(scope, 0, &mut bytes, v8::WriteFlags::empty());
    if let Some(text) = super::text(scope, &STANDARD.encode(bytes)) {
        result.set(text);
    }
}

/// `base64Decode(text)`: a string of bytes; `undefined` if the text is malformed.
fn decode<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let Ok(text) = args.get(0).try_cast::<v8::String>() else { return };
    if !text.contains_only_onebyte() {
        return;
    }
    let mut bytes = vec![0; text.length()];
    text.write_one_byte_v2(scope, 0, &mut bytes, v8::WriteFlags::empty());
    bytes.retain(|byte| !matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' '));
    // Padding counts only where it makes the length whole.
    if bytes.len() % 4 != 0 && bytes.contains(&b'=') {
        return;
    }
    if let Ok(decoded) = FORGIVING.decode(bytes)
        && let Some(text) = v8::String::new_from_one_byte(scope, &decoded, v8::NewStringType::Normal)
    {
        result.set(text.into());
    }
}
