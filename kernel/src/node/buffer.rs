//! The bytes behind `node:buffer`: conversion of strings in Node's encodings, search, comparison and filling.
//!
//! Buffers are views of ArrayBuffers that V8 allocated and zeroed. There is no pool, so no buffer shows the content of
//! another.

use crate::isolate::{
    array_buffers::{bytes, with_bytes},
    native::{Args, Return, add},
};

pub(crate) fn install<'s>(scope: &mut v8::PinScope<'s, '_>, ops: v8::Local<'s, v8::Object>) -> Option<()> {
    add(scope, ops, "bufferByteLength", byte_length)?;
    add(scope, ops, "bufferWrite", write)?;
    add(scope, ops, "bufferText", text)?;
    add(scope, ops, "bufferCompare", compare)?;
    add(scope, ops, "bufferIndexOf", index_of)?;
    add(scope, ops, "bufferFill", fill)?;
    add(scope, ops, "bufferIsUtf8", is_utf8)?;
    add(scope, ops, "bufferIsAscii", is_ascii)
}

/// Node's encodings, by the numbers that `js/lib/node/internal/encodings.js` has for them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16,
    Latin1,
    Ascii,
    Base64,
    Base64Url,
    Hex,
}

impl Encoding {
    fn of(value: v8::Local<v8::Value>) -> Self {
        match value.try_cast::<v8::Uint32>().map_or(0, |number| number.value()) {
            1 => Self::Utf16,
            2 => Self::Latin1,
            3 => Self::Ascii,
            4 => Self::Base64,
            5 => Self::Base64Url,
            6 => Self::Hex,
            _ => Self::Utf8,
        }
    }
}

fn number(value: v8::Local<v8::Value>) -> usize {
    let number = value.try_cast::<v8::Number>().map_or(0.0, |number| number.value());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, as it should")]
    let number = number as usize;
    number
}

#[expect(clippy::cast_precision_loss, reason = "lengths of buffers are exact")]
fn answer(result: &mut Return, number: usize) {
    result.set_double(number as f64);
}

/// `bufferByteLength(string)`: in UTF-8.
fn byte_length(scope: &mut v8::PinScope, args: Args, mut result: Return) {
    if let Ok(string) = args.get(0).try_cast::<v8::String>() {
        answer(&mut result, string.utf8_length(scope));
    }
}

/// `bufferWrite(view, string, start, length, encoding)`: how many bytes were written.
fn write(scope: &mut v8::PinScope, args: Args, mut result: Return) {
    let Ok(string) = args.get(1).try_cast::<v8::String>() else { return };
    let (start, length, encoding) = (number(args.get(2)), number(args.get(3)), Encoding::of(args.get(4)));
    // What needs the string's units takes them out before the bytes are looked at.
    let decoded = match encoding {
        Encoding::Utf8 | Encoding::Latin1 | Encoding::Ascii => None,
        Encoding::Utf16 => {
            let mut units = vec![0_u16; (string.length()).min(length / 2)];
            string.write_v2(scope, 0, &mut units, v8::WriteFlags::empty());
            Some(units.into_iter().flat_map(u16::to_le_bytes).collect())
        }
        Encoding::Base64 | Encoding::Base64Url => Some(decode_base64(&one_byte(scope, string))),
        Encoding::Hex => Some(decode_hex(&one_byte(scope, string))),
    };
    let isolate: *const v8::Isolate = &raw const ***scope;
    let written = with_bytes(scope, args.get(0), |bytes| {
        let end = start.saturating_add(length).min(bytes.len());
        let Some(room) = bytes.get_mut(start..end) else { return 0 };
        // SAFETY: the isolate of the scope, which lives longer; writing a string out runs no JavaScript.
        let isolate = unsafe { &*isolate };
        match (decoded, encoding) {
            (Some(decoded), _) => {
                let count = decoded.len().min(room.len());
                room[..count].copy_from_slice(&decoded[..count]);
                count
            }
            (None, Encoding::Utf8) => string.write_utf8_v2(isolate, room, v8::WriteFlags::kReplaceInvalidUtf8, None),
            (None, _) => {
                let count = string.length().min(room.len());
                string.write_one_byte_v2(isolate, 0, &mut room[..count], v8::WriteFlags::empty());
                count
            }
        }
    });
    answer(&mut result, written);
}

/// The string's units as bytes; those that are none become one that no encoding knows.
fn one_byte(scope: &v8::PinScope, string: v8::Local<v8::String>) -> Vec<u8> {
    if string.is_onebyte() {
        let mut bytes = vec![0; string.length()];
        string.write_one_byte_v2(scope, 0, &mut bytes, v8::WriteFlags::empty());
        return bytes;
    }
    let mut units = vec![0; string.length()];
    string.write_v2(scope, 0, &mut units, v8::WriteFlags::empty());
    units.into_iter().map(|unit| u8::try_from(unit).unwrap_or(0xff)).collect()
}

/// Both alphabets; what is in neither is skipped, and a `=` ends it.
fn decode_base64(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            _ => continue,
        };
        bits = bits << 6 | u32::from(value);
        count += 1;
        if count == 4 {
            bytes.extend_from_slice(&bits.to_be_bytes()[1..]);
            (bits, count) = (0, 0);
        }
    }
    match count {
        2 => bytes.push((bits >> 4).to_le_bytes()[0]),
        3 => bytes.extend_from_slice(&(bits >> 2).to_be_bytes()[2..]),
        _ => {}
    }
    bytes
}

/// Pairs of digits up to the first that is none.
fn decode_hex(text: &[u8]) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    text.chunks_exact(2).map_while(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

fn encode_base64(bytes: &[u8], url: bool) -> Vec<u8> {
    const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let alphabet = if url { URL } else { STANDARD };
    let digit = |bits: u32, shift: u32| alphabet[(bits >> shift & 63) as usize];
    let mut text = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    let (triples, rest) = bytes.as_chunks::<3>();
    for [a, b, c] in triples {
        let bits = u32::from_be_bytes([0, *a, *b, *c]);
        text.extend_from_slice(&[digit(bits, 18), digit(bits, 12), digit(bits, 6), digit(bits, 0)]);
    }
    match rest {
        [a] => {
            let bits = u32::from_be_bytes([0, *a, 0, 0]);
            text.extend_from_slice(&[digit(bits, 18), digit(bits, 12)]);
        }
        [a, b] => {
            let bits = u32::from_be_bytes([0, *a, *b, 0]);
            text.extend_from_slice(&[digit(bits, 18), digit(bits, 12), digit(bits, 6)]);
        }
        _ => {}
    }
    while !url && text.len() % 4 != 0 {
        text.push(b'=');
    }
    text
}

fn encode_hex(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]).collect()
}

/// `bufferText(view, encoding, start, end)`: the string; `undefined` if it would be too long for one.
fn text<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    enum Text {
        OneByte(Vec<u8>),
        Units(Vec<u16>),
        Utf8(Vec<u8>),
    }
    let (encoding, start, end) = (Encoding::of(args.get(1)), number(args.get(2)), number(args.get(3)));
    let text = with_bytes(scope, args.get(0), |bytes| {
        let bytes = bytes.get(start..end.min(bytes.len())).unwrap_or_default();
        match encoding {
            Encoding::Utf8 if bytes.is_ascii() => Text::OneByte(bytes.to_vec()),
            Encoding::Utf8 => Text::Utf8(bytes.to_vec()),
            Encoding::Utf16 => {
                let (pairs, _) = bytes.as_chunks::<2>();
                Text::Units(pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect())
            }
            Encoding::Latin1 => Text::OneByte(bytes.to_vec()),
            Encoding::Ascii => Text::OneByte(bytes.iter().map(|byte| byte & 0x7f).collect()),
            Encoding::Base64 => Text::OneByte(encode_base64(bytes, false)),
            Encoding::Base64Url => Text::OneByte(encode_base64(bytes, true)),
            Encoding::Hex => Text::OneByte(encode_hex(bytes)),
        }
    });
    let string = match text {
        Text::OneByte(bytes) => v8::String::new_from_one_byte(scope, &bytes, v8::NewStringType::Normal),
        Text::Units(units) => v8::String::new_from_two_byte(scope, &units, v8::NewStringType::Normal),
        Text::Utf8(bytes) => v8::String::new_from_utf8(scope, &bytes, v8::NewStringType::Normal),
    };
    if let Some(string) = string {
        result.set(string.into());
    }
}

/// `bufferCompare(one, other)`: -1, 0 or 1.
fn compare(scope: &mut v8::PinScope, args: Args, mut result: Return) {
    let one = bytes(args.get(0)).unwrap_or_default();
    let order = with_bytes(scope, args.get(1), |other| one.as_slice().cmp(other));
    result.set_int32(order as i32);
}

/// `bufferIndexOf(view, wanted, from, forward, step)`: the first place at or after `from` where the bytes of `wanted`
/// are, or the last at or before it; -1 if there is none. With a step of 2 only even places count.
fn index_of(scope: &mut v8::PinScope, args: Args, mut result: Return) {
    let wanted = bytes(args.get(1)).unwrap_or_default();
    let (from, forward, step) = (number(args.get(2)), args.get(3).is_true(), number(args.get(4)).max(1));
    let found = with_bytes(scope, args.get(0), |bytes| {
        if forward {
            let places = memchr::memmem::Finder::new(&wanted);
            let mut start = from;
            loop {
                let place = start + places.find(bytes.get(start..)?)?;
                if place % step == 0 {
                    return Some(place);
                }
                start = place + 1;
            }
        }
        let places = memchr::memmem::FinderRev::new(&wanted);
        let mut end = from.saturating_add(wanted.len()).min(bytes.len());
        loop {
            let place = places.rfind(&bytes[..end])?;
            if place % step == 0 {
                return Some(place);
            }
            end = (place + wanted.len()).checked_sub(1)?;
        }
    });
    match found {
        Some(place) => answer(&mut result, place),
        None => result.set_int32(-1),
    }
}

/// `bufferFill(view, pattern, start, end)`: writes the bytes of `pattern`, which has some, again and again.
fn fill(scope: &mut v8::PinScope, args: Args, _: Return) {
    let pattern = bytes(args.get(1)).unwrap_or_default();
    let (start, end) = (number(args.get(2)), number(args.get(3)));
    with_bytes(scope, args.get(0), |bytes| {
        let end = end.min(bytes.len());
        let Some(room) = bytes.get_mut(start..end) else { return };
        match pattern.as_slice() {
            [] => {}
            [byte] => room.fill(*byte),
            pattern => {
                for piece in room.chunks_mut(pattern.len()) {
                    piece.copy_from_slice(&pattern[..piece.len()]);
                }
            }
        }
    });
}

fn is_utf8(scope: &mut v8::PinScope, args: Args, mut result: Return) {
    result.set_bool(with_bytes(scope, args.get(0), |bytes| std::str::from_utf8(bytes).is_ok()));
}

fn is_ascii(scope: &mut v8::PinScope, args: Args, mut result: Return) {
    result.set_bool(with_bytes(scope, args.get(0), |bytes| bytes.is_ascii()));
}

#[cfg(test)]
mod tests {
    use super::{decode_base64, decode_hex, encode_base64, encode_hex};

    #[test]
    fn base64_both_ways() {
        for (bytes, text) in [("", ""), ("a", "YQ=="), ("ab", "YWI="), ("abc", "YWJj"), ("abcd", "YWJjZA==")] {
            assert_eq!(encode_base64(bytes.as_bytes(), false), text.as_bytes());
            assert_eq!(decode_base64(text.as_bytes()), bytes.as_bytes());
        }
        assert_eq!(encode_base64(&[0xff, 0xef], true), b"_-8");
        assert_eq!(decode_base64(b" !Y Q=YQ"), b"a");
        assert_eq!(decode_base64(b"Y"), b"");
    }

    #[test]
    fn hex_both_ways() {
        assert_eq!(encode_hex(&[0, 255, 16]), b"00ff10");
        assert_eq!(decode_hex(b"00fF1x22"), [0, 255]);
        assert_eq!(decode_hex(b"abc"), [0xab]);
    }
}
