//! Compression for `node:zlib`: streams that are fed in pieces, by steps that are short enough to be stopped in between.
//!
//! The compression itself is flate2's; the framing of gzip and of zlib is read and written here (`framing`), because programs look at what
//! is wrong with it.

mod framing;
mod stream;

use std::collections::HashMap;

use crate::{
    buffer::with_bytes,
    buffers::new_array_buffer,
    ops::{Args, Return, add, throw_range_error},
    realm::Realm,
};
use stream::{Flush, Kind, Stream};

/// How many streams a session may have open: each takes up to half a megabyte.
const MAX_OPEN: usize = 256;

/// How much one step takes in and gives out at most.
const STEP: usize = 64 << 10;

/// The streams that a session has begun, by numbers that are never used again.
#[derive(Default)]
pub(crate) struct Streams {
    last: u32,
    open: HashMap<u32, Stream>,
}

impl std::fmt::Debug for Streams {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Streams").field("open", &self.open.len()).finish_non_exhaustive()
    }
}

pub(crate) fn install(scope: &mut v8::PinScope, ops: v8::Local<v8::Object>) -> Option<()> {
    add(scope, ops, "zlibBegin", begin)?;
    add(scope, ops, "zlibStep", step)?;
    add(scope, ops, "zlibForget", forget)?;
    add(scope, ops, "crc32", crc32)
}

fn number(value: v8::Local<v8::Value>) -> u32 {
    value.try_cast::<v8::Uint32>().map_or(0, |number| number.value())
}

/// `zlibBegin(kind, level)`: the number of a new stream; the kind is one of Node's constants. Throws where there are too many.
fn begin(scope: &mut v8::PinScope, args: Args, mut result: Return) {
    let Some(kind) = Kind::of(number(args.get(0))) else { return };
    let level = args.get(1).try_cast::<v8::Int32>().map_or(-1, |level| level.value());
    let realm = Realm::of(scope);
    let mut streams = realm.streams.borrow_mut();
    if streams.open.len() >= MAX_OPEN {
        drop(streams);
        return throw_range_error(scope, "Too many streams of zlib are open");
    }
    streams.last += 1;
    let number = streams.last;
    streams.open.insert(number, Stream::new(kind, level));
    result.set_uint32(number);
}

/// `zlibStep(number, view, from, flush, capacity)`: feeds what the view holds from `from` on, or a part of it, and returns
/// `[output, taken, ended]`, or `[message, code]` of what is wrong with it.
fn step<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let realm = Realm::of(scope);
    let from = number(args.get(2)) as usize;
    let capacity = (number(args.get(4)) as usize).clamp(1, STEP);
    let flush = Flush::of(number(args.get(3)));
    let stepped = {
        let mut streams = realm.streams.borrow_mut();
        let Some(stream) = streams.open.get_mut(&number(args.get(0))) else { return };
        with_bytes(scope, args.get(1), |bytes| stream.step(bytes.get(from..).unwrap_or_default(), flush, capacity, STEP))
    };
    let parts: Option<Vec<v8::Local<v8::Value>>> = match stepped {
        Ok(step) => new_array_buffer(scope, step.out).map(|out| {
            let taken = u32::try_from(step.taken).unwrap_or(u32::MAX);
            vec![out.into(), v8::Integer::new_from_unsigned(scope, taken).into(), v8::Boolean::new(scope, step.ended).into()]
        }),
        Err(wrong) => v8::String::new(scope, wrong.message)
            .zip(v8::String::new(scope, wrong.code))
            .map(|(message, code)| vec![message.into(), code.into()]),
    };
    if let Some(parts) = parts {
        result.set(v8::Array::new_with_elements(scope, &parts).into());
    }
}

/// `zlibForget(number)`: nobody holds it any more.
fn forget(scope: &mut v8::PinScope, args: Args, _: Return) {
    Realm::of(scope).streams.borrow_mut().open.remove(&number(args.get(0)));
}

/// `crc32(view, before)`: the checksum of what `before` is that of, followed by what the view holds.
fn crc32(scope: &mut v8::PinScope, args: Args, mut result: Return) {
    let before = number(args.get(1));
    let sum = with_bytes(scope, args.get(0), |bytes| framing::crc32(before, bytes));
    result.set_uint32(sum);
}
