//! Array buffers and the views on them, read from memory.

use drupe_protocol::preview::{Bytes, Entry, Key, Node, Object, State};

use super::properties::{Keys, slot};
use super::walk::Walk;

/// How much is shown of one of Node's buffers.
const NODE_BUFFER_BYTES: usize = 50;

impl<'s> Walk<'s, '_> {
    /// Adds the beginning of an array buffer and its length.
    pub(super) fn buffer(&mut self, object: v8::Local<'s, v8::Object>, out: &mut Object) {
        let (store, length) = if let Ok(buffer) = v8::Local::<v8::ArrayBuffer>::try_from(object) {
            if buffer.was_detached() {
                out.entries.push(Node::State(State::Detached).into());
                return out.entries.push(slot("byteLength", Node::Number(0.0)));
            }
            (buffer.get_backing_store(), buffer.byte_length())
        } else if let Ok(buffer) = v8::Local::<v8::SharedArrayBuffer>::try_from(object) {
            (buffer.get_backing_store(), buffer.byte_length())
        } else {
            return;
        };
        let shown = length.min(self.options.max_array_length).min(self.budget.nodes());
        let bytes: Vec<u8> = store.iter().take(shown).map(std::cell::Cell::get).collect();
        self.budget.spend(bytes.len());
        let more = (length - bytes.len()) as u64;
        out.entries.push(Node::Bytes(Bytes { bytes, more }).into());
        out.entries.push(slot("byteLength", count(length)));
    }

    /// Adds the internal slots of a data view.
    pub(super) fn data_view(
        &mut self,
        scope: &mut v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
        level: u32,
        out: &mut Object,
    ) {
        let Ok(view) = v8::Local::<v8::DataView>::try_from(object) else { return };
        out.entries.push(slot("byteLength", count(view.byte_length())));
        out.entries.push(slot("byteOffset", count(view.byte_offset())));
        if let Some(buffer) = view.buffer(scope) {
            let buffer = self.value(scope, buffer.into(), level);
            out.entries.push(slot("buffer", buffer));
        }
    }

    /// A buffer of Node's, as it shows itself, by the beginning of its bytes.
    pub(super) fn node_buffer(&mut self, object: v8::Local<'s, v8::Object>) -> Node {
        let Ok(view) = v8::Local::<v8::TypedArray>::try_from(object) else { return Node::Omitted };
        let mut bytes = vec![0; view.length().min(NODE_BUFFER_BYTES)];
        let copied = view.copy_contents(&mut bytes);
        let mut text = String::from("<Buffer");
        for byte in &bytes[..copied] {
            text.push_str(&format!(" {byte:02x}"));
        }
        if copied == 0 {
            text.push(' ');
        }
        match view.length() - copied {
            0 => {}
            1 => text.push_str(" ... 1 more byte"),
            more => text.push_str(&format!(" ... {more} more bytes")),
        }
        text.push('>');
        self.budget.spend(text.len());
        Node::Custom(text.into())
    }

    /// Adds the elements of a typed array.
    pub(super) fn typed_array(
        &mut self,
        scope: &mut v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
        keys: &Keys<'s>,
        level: u32,
        out: &mut Object,
    ) {
        let Ok(view) = v8::Local::<v8::TypedArray>::try_from(object) else { return };
        let element = Element::of(object);
        let length = view.length();
        let shown = length.min(self.options.max_array_length).min(self.budget.nodes());
        let mut bytes = vec![0; shown * element.size()];
        let copied = view.copy_contents(&mut bytes);
        bytes.truncate(copied);
        for chunk in bytes.chunks_exact(element.size()) {
            self.budget.take_node();
            out.entries.push(element.read(chunk).into());
        }
        let shown = out.entries.len();
        if shown < length {
            out.entries.push(Node::MoreItems((length - shown) as u64).into());
        }
        if self.options.show_hidden {
            self.typed_array_slots(scope, view, element, level, out);
        }
        out.numeric = out.entries.len() + keys.len() <= length;
    }

    fn typed_array_slots(
        &mut self,
        scope: &mut v8::PinScope<'s, '_>,
        view: v8::Local<'s, v8::TypedArray>,
        element: Element,
        level: u32,
        out: &mut Object,
    ) {
        let hidden = |name: &str, value: Node| Entry { key: Key::Hidden(name.into()), value };
        out.entries.push(hidden("BYTES_PER_ELEMENT", count(element.size())));
        out.entries.push(hidden("length", count(view.length())));
        out.entries.push(hidden("byteLength", count(view.byte_length())));
        out.entries.push(hidden("byteOffset", count(view.byte_offset())));
        if let Some(buffer) = view.buffer(scope) {
            let mut buffer = self.value(scope, buffer.into(), level);
            // The bytes were just shown as elements.
            if let Node::Object(buffer) = &mut buffer {
                buffer.entries.retain(|entry| !matches!(entry.value, Node::Bytes(_)));
            }
            out.entries.push(hidden("buffer", buffer));
        }
    }

    /// The type of a typed array; empty for other objects.
    pub(super) fn typed_array_name(&self, object: v8::Local<'s, v8::Object>) -> &'static str {
        if object.is_typed_array() { Element::of(object).array_name() } else { "" }
    }
}

#[allow(clippy::cast_precision_loss, reason = "lengths of buffers are exact in a double")]
fn count(number: usize) -> Node {
    Node::Number(number as f64)
}

/// What a typed array is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    Int8,
    Uint8,
    Uint8Clamped,
    Int16,
    Uint16,
    Int32,
    Uint32,
    Float16,
    Float32,
    Float64,
    BigInt64,
    BigUint64,
}

impl Element {
    fn of(array: v8::Local<v8::Object>) -> Self {
        if array.is_uint8_array() {
            Self::Uint8
        } else if array.is_uint8_clamped_array() {
            Self::Uint8Clamped
        } else if array.is_int8_array() {
            Self::Int8
        } else if array.is_uint16_array() {
            Self::Uint16
        } else if array.is_int16_array() {
            Self::Int16
        } else if array.is_uint32_array() {
            Self::Uint32
        } else if array.is_int32_array() {
            Self::Int32
        } else if array.is_float16_array() {
            Self::Float16
        } else if array.is_float32_array() {
            Self::Float32
        } else if array.is_big_int64_array() {
            Self::BigInt64
        } else if array.is_big_uint64_array() {
            Self::BigUint64
        } else {
            Self::Float64
        }
    }

    fn array_name(self) -> &'static str {
        match self {
            Self::Int8 => "Int8Array",
            Self::Uint8 => "Uint8Array",
            Self::Uint8Clamped => "Uint8ClampedArray",
            Self::Int16 => "Int16Array",
            Self::Uint16 => "Uint16Array",
            Self::Int32 => "Int32Array",
            Self::Uint32 => "Uint32Array",
            Self::Float16 => "Float16Array",
            Self::Float32 => "Float32Array",
            Self::Float64 => "Float64Array",
            Self::BigInt64 => "BigInt64Array",
            Self::BigUint64 => "BigUint64Array",
        }
    }

    fn size(self) -> usize {
        match self {
            Self::Int8 | Self::Uint8 | Self::Uint8Clamped => 1,
            Self::Int16 | Self::Uint16 | Self::Float16 => 2,
            Self::Int32 | Self::Uint32 | Self::Float32 => 4,
            Self::Float64 | Self::BigInt64 | Self::BigUint64 => 8,
        }
    }

    /// `bytes` are as many as one element has.
    fn read(self, bytes: &[u8]) -> Node {
        let mut eight = [0; 8];
        eight[..bytes.len()].copy_from_slice(bytes);
        let [a, b, c, d, ..] = eight;
        Node::Number(match self {
            Self::Uint8 | Self::Uint8Clamped => a.into(),
            Self::Int8 => i8::from_ne_bytes([a]).into(),
            Self::Uint16 => u16::from_ne_bytes([a, b]).into(),
            Self::Int16 => i16::from_ne_bytes([a, b]).into(),
            Self::Uint32 => u32::from_ne_bytes([a, b, c, d]).into(),
            Self::Int32 => i32::from_ne_bytes([a, b, c, d]).into(),
            Self::Float16 => half(u16::from_ne_bytes([a, b])),
            Self::Float32 => f32::from_ne_bytes([a, b, c, d]).into(),
            Self::Float64 => f64::from_ne_bytes(eight),
            Self::BigInt64 => return Node::BigInt(i64::from_ne_bytes(eight).to_string()),
            Self::BigUint64 => return Node::BigInt(u64::from_ne_bytes(eight).to_string()),
        })
    }
}

/// A number of 16 bits: sign, five bits of exponent, ten of mantissa.
fn half(bits: u16) -> f64 {
    let mantissa = f64::from(bits & 0x3ff);
    let exponent = i32::from(bits >> 10 & 0x1f);
    let magnitude = match exponent {
        0 => mantissa * 2f64.powi(-24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (mantissa + 1024.0) * 2f64.powi(exponent - 25),
    };
    if bits >> 15 == 0 { magnitude } else { -magnitude }
}
