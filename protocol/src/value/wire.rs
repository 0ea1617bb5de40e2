//! The encoding of values in msgpack.
//!
//! Types that msgpack has are used directly: nil, booleans, numbers, strings, arrays, and maps with string keys. The
//! rest are extension types. A leaf is one extension whose payload is the data ([`leaf`]). A container is an array
//! whose first element is an extension with an empty payload that names the kind ([`head`]), so that nesting needs no
//! buffering. Decoding is strict: anything else is an error.

/// Extension types of leaves.
pub mod leaf {
    /// `undefined`; empty.
    pub const UNDEFINED: i8 = 0x01;
    /// A missing array element; empty.
    pub const HOLE: i8 = 0x02;
    /// BigInt: one byte sign (0 or 1), then the magnitude, little-endian, without trailing zeros.
    pub const BIGINT: i8 = 0x03;
    /// A string with lone surrogates: UTF-16 code units, little-endian.
    pub const UTF16: i8 = 0x04;
    /// Date: milliseconds since the epoch as a little-endian binary64.
    pub const DATE: i8 = 0x05;
    /// Reference to a container: its number as a little-endian u32.
    pub const REF: i8 = 0x06;
    /// ArrayBuffer: its bytes.
    pub const ARRAY_BUFFER: i8 = 0x0f;
    /// Typed arrays: this plus [`TypedArrayKind`](crate::value::TypedArrayKind), with their bytes, little-endian.
    pub const TYPED_ARRAY: i8 = 0x10;
}

/// Extension types that head an array and say what it is.
pub mod head {
    /// Map: keys and values in turn follow.
    pub const MAP: i8 = 0x20;
    /// Set: its members follow.
    pub const SET: i8 = 0x21;
    /// Error: name, message, stack (nil if none), cause (hole if none), errors (hole if none).
    pub const ERROR: i8 = 0x22;
    /// RegExp: source, flags. Not a container.
    pub const REGEXP: i8 = 0x23;
    /// Opaque: class, text. Not a container.
    pub const OPAQUE: i8 = 0x24;
}

/// Integers up to here are exact as JavaScript numbers.
pub(super) const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;
