//! Numbers as plain data, and the elements of typed arrays.

use serde::{Serialize, Serializer};

use super::TypedArrayKind;

/// An element of a typed array.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Element {
    Number(f64),
    BigInt(i128),
}

impl Serialize for Element {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => json_number(*number, serializer),
            Self::BigInt(number) => serializer.collect_str(number),
        }
    }
}

/// The elements of a typed array, and the bytes of a `DataView`. Bytes that make no whole element are left out.
pub(super) fn elements(kind: TypedArrayKind, bytes: &[u8]) -> impl ExactSizeIterator<Item = Element> + Clone {
    bytes.chunks_exact(kind.element_size()).map(move |chunk| element(kind, chunk))
}

fn element(kind: TypedArrayKind, chunk: &[u8]) -> Element {
    use TypedArrayKind as K;
    let mut wide = [0; 8];
    wide[..chunk.len()].copy_from_slice(chunk);
    let [a, b, c, d, ..] = wide;
    Element::Number(match kind {
        K::Uint8 | K::Uint8Clamped | K::DataView => a.into(),
        K::Int8 => i8::from_le_bytes([a]).into(),
        K::Int16 => i16::from_le_bytes([a, b]).into(),
        K::Uint16 => u16::from_le_bytes([a, b]).into(),
        K::Float16 => half(u16::from_le_bytes([a, b])),
        K::Int32 => i32::from_le_bytes([a, b, c, d]).into(),
        K::Uint32 => u32::from_le_bytes([a, b, c, d]).into(),
        K::Float32 => f32::from_le_bytes([a, b, c, d]).into(),
        K::Float64 => f64::from_le_bytes(wide),
        K::BigInt64 => return Element::BigInt(i64::from_le_bytes(wide).into()),
        K::BigUint64 => return Element::BigInt(u64::from_le_bytes(wide).into()),
    })
}

/// From here on JavaScript writes whole numbers with an exponent.
const WITH_EXPONENT: f64 = 1e21;

/// Serializes a number as JSON has it: whole numbers without a fraction, as JavaScript writes them, and `null` for what
/// is not finite.
///
/// # Errors
/// Those of the serializer.
pub fn json_number<S: Serializer>(number: f64, serializer: S) -> Result<S::Ok, S::Error> {
    #[expect(clippy::cast_possible_truncation, reason = "bounded where it is used")]
    let integer = number as i128;
    match number {
        _ if !number.is_finite() => serializer.serialize_unit(),
        _ if number.fract() == 0.0 && number.abs() < WITH_EXPONENT => match i64::try_from(integer) {
            Ok(integer) => serializer.serialize_i64(integer),
            Err(_) => serializer.serialize_i128(integer),
        },
        _ => serializer.serialize_f64(number),
    }
}

/// The number that these bits are in binary16.
fn half(bits: u16) -> f64 {
    let sign = if bits >> 15 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    sign * match exponent {
        0 => fraction * 2_f64.powi(-24),
        0x1f if fraction == 0.0 => f64::INFINITY,
        0x1f => f64::NAN,
        _ => (1.0 + fraction / 1024.0) * 2_f64.powi(exponent - 15),
    }
}
