//! Compression for `node:zlib`: streams that are fed in pieces, in steps that are short enough for a stop in between.
//!
//! flate2 does the compression. The framing of gzip and of zlib is read and written here (`framing`), because programs
//! examine its errors.

mod framing;
mod stream;

use std::{
    cell::RefCell,
    collections::HashMap,
    time::{Duration, Instant},
};

use crate::isolate::{
    array_buffers::{new_array_buffer, with_bytes},
    native::{Args, Return, add, throw_range_error},
    realm::Realm,
};
use stream::{Flush, Kind, Stream};

/// What the streams that a session has open may weigh together.
const MAX_WEIGHT: usize = 128 << 20;

/// So long after a collection that has freed no stream, there is no other.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

/// How much one step takes in and gives out at most.
const STEP: usize = 64 << 10;

/// The streams that a session has begun, by numbers that are never used again.
#[derive(Default)]
pub(crate) struct Streams {
    last: u32,
    open: HashMap<u32, Open>,
    weight: usize,
    /// When nothing was found that could be swept.
    full: Option<Instant>,
}

/// A stream that has begun.
struct Open {
    stream: Stream,
    weight: usize,
    /// The object that feeds it. When that is collected, nobody feeds the stream any more.
    owner: v8::Weak<v8::Object>,
}

impl Streams {
    fn has_room(&self, weight: usize, most: usize) -> bool {
        self.weight + weight <= most
    }

    /// Drops the streams whose owner was collected; returns what they weighed.
    fn sweep(&mut self) -> usize {
        let before = self.weight;
        self.open.retain(|_, open| !open.owner.is_empty());
        self.weight = self.open.values().map(|open| open.weight).sum();
        let freed = before - self.weight;
        self.full = (freed == 0).then(Instant::now);
        freed
    }

    /// Whether nothing could be swept a moment ago.
    fn was_full(&self) -> bool {
        self.full.is_some_and(|full| full.elapsed() < SWEEP_INTERVAL)
    }
}

/// Tells V8 of memory that it does not see, so that it collects in time.
fn tell_weight(scope: &mut v8::PinScope, change: usize, more: bool) {
    let change = i64::try_from(change).unwrap_or(0);
    scope.adjust_amount_of_external_allocated_memory(if more { change } else { -change });
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
    add(scope, ops, "zlibHasRoom", has_room)?;
    add(scope, ops, "crc32", crc32)
}

fn number(value: v8::Local<v8::Value>) -> u32 {
    value.try_cast::<v8::Uint32>().map_or(0, |number| number.value())
}

/// `zlibBegin(kind, level, windowBits, owner, isBrief)`: the number of a new stream; the kind is one of Node's
/// constants. Throws where there are too many, unless it ends within this call of JavaScript.
fn begin(scope: &mut v8::PinScope, args: Args, mut result: Return) {
    let (Some(kind), Ok(owner)) = (Kind::of(number(args.get(0))), args.get(3).try_cast::<v8::Object>()) else { return };
    let level = args.get(1).try_cast::<v8::Int32>().map_or(-1, |level| level.value());
    let window = number(args.get(2));
    let realm = Realm::of(scope);
    let weight = kind.weight();
    let has_room = || realm.state::<RefCell<Streams>>().borrow().has_room(weight, MAX_WEIGHT);
    if !args.get(4).is_true() && !has_room() {
        // Some may belong to nobody any more.
        if !realm.state::<RefCell<Streams>>().borrow().was_full() {
            scope.low_memory_notification();
            let freed = realm.state::<RefCell<Streams>>().borrow_mut().sweep();
            tell_weight(scope, freed, false);
        }
        if !has_room() {
            return throw_range_error(scope, "Too many streams of zlib are open");
        }
    }
    let owner = v8::Weak::new(scope, owner);
    let held = realm.state::<RefCell<Streams>>();
    let mut streams = held.borrow_mut();
    streams.last += 1;
    let number = streams.last;
    streams.open.insert(number, Open { stream: Stream::new(kind, level, window), weight, owner });
    streams.weight += weight;
    drop(streams);
    tell_weight(scope, weight, true);
    result.set_uint32(number);
}

/// `zlibHasRoom(kind)`: whether a stream can begin, and leaves room for as many others as there are.
fn has_room(scope: &mut v8::PinScope, args: Args, mut result: Return) {
    let weight = Kind::of(number(args.get(0))).map_or(0, Kind::weight);
    result.set_bool(Realm::of(scope).state::<RefCell<Streams>>().borrow().has_room(weight, MAX_WEIGHT / 2));
}

/// `zlibStep(number, view, from, flush, capacity)`: feeds what the view holds from `from` on, or a part of it, and
/// returns `[output, taken, ended]`, or `[message, code]` of what is wrong with it.
fn step<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let realm = Realm::of(scope);
    let from = number(args.get(2)) as usize;
    let capacity = (number(args.get(4)) as usize).clamp(1, STEP);
    let flush = Flush::of(number(args.get(3)));
    let stepped = {
        let held = realm.state::<RefCell<Streams>>();
        let mut streams = held.borrow_mut();
        let Some(open) = streams.open.get_mut(&number(args.get(0))) else { return };
        with_bytes(scope, args.get(1), |bytes| open.stream.step(bytes.get(from..).unwrap_or_default(), flush, capacity, STEP))
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
    let realm = Realm::of(scope);
    let held = realm.state::<RefCell<Streams>>();
    let mut streams = held.borrow_mut();
    let Some(gone) = streams.open.remove(&number(args.get(0))) else { return };
    streams.weight -= gone.weight;
    drop(streams);
    tell_weight(scope, gone.weight, false);
}

/// `crc32(view, before)`: continues the checksum `before` with what the view holds.
fn crc32(scope: &mut v8::PinScope, args: Args, mut result: Return) {
    let before = number(args.get(1));
    let sum = with_bytes(scope, args.get(0), |bytes| framing::crc32(before, bytes));
    result.set_uint32(sum);
}
