//! Text and bytes: encodes UTF-8, decodes every encoding of the web.

use std::{
    cell::RefCell,
    collections::{HashMap, hash_map::Entry},
};

use encoding_rs::{CoderResult, Decoder, DecoderResult, Encoding};

use crate::isolate::{
    array_buffers::{bytes, may_allocate, new_array_buffer},
    native::{Args, Return, add},
    realm::Realm,
};

/// Decoders in the midst of a stream, by number. `js/lib/web/encoding.js` drops those that nobody holds any more.
#[derive(Default)]
pub(crate) struct Decoders {
    last: u32,
    open: HashMap<u32, Decoder>,
}

impl std::fmt::Debug for Decoders {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoders").field("open", &self.open.len()).finish_non_exhaustive()
    }
}

pub(super) fn install(scope: &mut v8::PinScope, ops: v8::Local<v8::Object>) -> Option<()> {
    add(scope, ops, "encodingName", name)?;
    add(scope, ops, "utf8Encode", encode)?;
    add(scope, ops, "utf8EncodeInto", encode_into)?;
    add(scope, ops, "decode", decode)?;
    add(scope, ops, "decoderOpen", open)?;
    add(scope, ops, "decoderStep", step)?;
    add(scope, ops, "decoderDrop", drop_decoder)
}

/// `encodingName(label)`: the encoding's name in lower case; `undefined` where there is none, or none that can be read.
fn name<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let label = args.get(0).to_rust_string_lossy(scope);
    if let Some(encoding) = Encoding::for_label_no_replacement(label.as_bytes())
        && let Some(name) = super::text(scope, &encoding.name().to_ascii_lowercase())
    {
        result.set(name);
    }
}

/// `utf8Encode(text)`: a Uint8Array.
fn encode<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let Ok(text) = args.get(0).try_cast::<v8::String>() else { return };
    let length = text.utf8_length(scope);
    if !may_allocate(scope, length) {
        return;
    }
    let mut bytes = vec![0; length];
    let written = text.write_utf8_v2(scope, &mut bytes, v8::WriteFlags::kReplaceInvalidUtf8, None);
    bytes.truncate(written);
    let array = new_array_buffer(scope, bytes).and_then(|buffer| v8::Uint8Array::new(scope, buffer, 0, written));
    if let Some(array) = array {
        result.set(array.into());
    }
}

/// `utf8EncodeInto(text, array)`: `[read, written]`, units and bytes.
fn encode_into<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let (Ok(text), Ok(array)) = (args.get(0).try_cast::<v8::String>(), args.get(1).try_cast::<v8::Uint8Array>()) else {
        return;
    };
    // What is at most needed: a unit takes three bytes.
    let room = array.byte_length().min(text.length().saturating_mul(3));
    let mut bytes = vec![0; room];
    let mut read = 0;
    let written = text.write_utf8_v2(scope, &mut bytes, v8::WriteFlags::kReplaceInvalidUtf8, Some(&mut read));
    if written > 0
        && let (Some(store), offset) = (array.get_backing_store(), array.byte_offset())
    {
        for (cell, byte) in store[offset..].iter().zip(&bytes[..written]) {
            cell.set(*byte);
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "V8's strings and arrays are shorter than 2^53")]
    let pair = [read, written].map(|count| v8::Number::new(scope, count as f64).into());
    result.set(v8::Array::new_with_elements(scope, &pair).into());
}

/// `decode(encoding, bytes, fatal, ignoreBOM)`: the text; `undefined` if it is malformed and that is fatal.
fn decode<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let name = args.get(0).to_rust_string_lossy(scope);
    let (Some(encoding), Some(bytes)) = (Encoding::for_label(name.as_bytes()), bytes(args.get(1))) else { return };
    let mut decoder = decoder(encoding, args.get(3).is_true());
    if let Some(text) = decoded(&mut decoder, &bytes, args.get(2).is_true(), true)
        && let Some(text) = super::text(scope, &text)
    {
        result.set(text);
    }
}

fn decoder(encoding: &'static Encoding, ignore_bom: bool) -> Decoder {
    if ignore_bom { encoding.new_decoder_without_bom_handling() } else { encoding.new_decoder_with_bom_removal() }
}

/// `None` if it is malformed and that is fatal.
fn decoded(decoder: &mut Decoder, bytes: &[u8], fatal: bool, last: bool) -> Option<String> {
    let mut text = String::new();
    let mut at = 0;
    loop {
        let rest = &bytes[at..];
        if fatal {
            text.reserve(decoder.max_utf8_buffer_length_without_replacement(rest.len())?);
            let (result, read) = decoder.decode_to_string_without_replacement(rest, &mut text, last);
            at += read;
            match result {
                DecoderResult::InputEmpty => return Some(text),
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => return None,
            }
        } else {
            text.reserve(decoder.max_utf8_buffer_length(rest.len())?);
            let (result, read, _) = decoder.decode_to_string(rest, &mut text, last);
            at += read;
            if result == CoderResult::InputEmpty {
                return Some(text);
            }
        }
    }
}

/// `decoderOpen(encoding, ignoreBOM)`: the number of a new decoder.
fn open<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let name = args.get(0).to_rust_string_lossy(scope);
    let Some(encoding) = Encoding::for_label(name.as_bytes()) else { return };
    let realm = Realm::of(scope);
    let held = realm.state::<RefCell<Decoders>>();
    let mut decoders = held.borrow_mut();
    loop {
        decoders.last = decoders.last.wrapping_add(1);
        let number = decoders.last;
        if let Entry::Vacant(place) = decoders.open.entry(number) {
            place.insert(decoder(encoding, args.get(1).is_true()));
            return result.set_uint32(number);
        }
    }
}

/// `decoderStep(number, bytes, fatal, last)`: what this adds to the text; `undefined` if it is malformed and that is
/// fatal. After that, and after the last step, the decoder is gone.
fn step<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let (Some(number), Some(bytes)) = (number(args.get(0)), bytes(args.get(1))) else { return };
    let (fatal, last) = (args.get(2).is_true(), args.get(3).is_true());
    let decoders = Realm::of(scope).state::<RefCell<Decoders>>();
    let Some(mut decoder) = decoders.borrow_mut().open.remove(&number) else { return };
    let Some(text) = decoded(&mut decoder, &bytes, fatal, last) else { return };
    if !last {
        decoders.borrow_mut().open.insert(number, decoder);
    }
    if let Some(text) = super::text(scope, &text) {
        result.set(text);
    }
}

/// `decoderDrop(number)`: nobody needs it any more.
fn drop_decoder(scope: &mut v8::PinScope, args: Args, _: Return) {
    if let Some(number) = number(args.get(0)) {
        Realm::of(scope).state::<RefCell<Decoders>>().borrow_mut().open.remove(&number);
    }
}

fn number(value: v8::Local<v8::Value>) -> Option<u32> {
    value.try_cast::<v8::Uint32>().ok().map(|number| number.value())
}
