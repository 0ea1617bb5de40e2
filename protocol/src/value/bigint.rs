//! BigInts as sign and magnitude.

use std::fmt;

/// An integer of any size: a sign and the magnitude's bytes, least significant first, without trailing zero bytes. Zero
/// is empty and not negative.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct BigInt {
    negative: bool,
    magnitude: Vec<u8>,
}

impl BigInt {
    /// From a sign and little-endian magnitude bytes; trailing zero bytes and a negative zero are normalised away.
    #[must_use]
    pub fn new(negative: bool, mut magnitude: Vec<u8>) -> Self {
        while magnitude.last() == Some(&0) {
            magnitude.pop();
        }
        Self { negative: negative && !magnitude.is_empty(), magnitude }
    }

    /// Whether it is less than zero.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// The magnitude, least significant byte first.
    #[must_use]
    pub fn magnitude(&self) -> &[u8] {
        &self.magnitude
    }

    /// Its value, if it fits.
    #[must_use]
    pub fn to_u128(&self) -> Option<u128> {
        let mut bytes = [0; 16];
        bytes.get_mut(..self.magnitude.len())?.copy_from_slice(&self.magnitude);
        if self.negative { None } else { Some(u128::from_le_bytes(bytes)) }
    }

    /// Its value, if it fits.
    #[must_use]
    pub fn to_i128(&self) -> Option<i128> {
        let mut bytes = [0; 16];
        bytes.get_mut(..self.magnitude.len())?.copy_from_slice(&self.magnitude);
        let magnitude = u128::from_le_bytes(bytes);
        match self.negative {
            false => i128::try_from(magnitude).ok(),
            true if magnitude == i128::MIN.unsigned_abs() => Some(i128::MIN),
            true => i128::try_from(magnitude).ok().map(|number| -number),
        }
    }
}

impl From<i128> for BigInt {
    fn from(number: i128) -> Self {
        Self::new(number < 0, number.unsigned_abs().to_le_bytes().to_vec())
    }
}

/// Hexadecimal with a `0x` prefix: exact at any size in linear time. Decimal is the business of those who have a BigInt
/// library.
impl fmt::LowerHex for BigInt {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(if self.negative { "-0x" } else { "0x" })?;
        let Some((top, rest)) = self.magnitude.split_last() else { return f.write_str("0") };
        write!(f, "{top:x}")?;
        rest.iter().rev().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
