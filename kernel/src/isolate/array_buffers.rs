//! The memory of array buffers, counted: beyond the limit V8 collects garbage, and then throws a `RangeError`. It also
//! has functions that copy their bytes.

use std::{
    cell::Cell,
    ffi::c_void,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use drupe_protocol::{pages, value::Bytes};

use crate::isolate::{native::throw_range_error, peek};

/// Counts what the array buffers of one isolate hold. V8 allocates and frees on several threads.
#[derive(Debug)]
pub(crate) struct Buffers {
    used: AtomicUsize,
    /// In bytes.
    limit: AtomicUsize,
    /// What the active run may have them grow to, if that is less.
    of_run: AtomicUsize,
    /// Whether anything was refused since somebody asked.
    refused: AtomicBool,
    /// Whether anything ever was.
    was_refused: AtomicBool,
}

impl Buffers {
    pub(crate) fn new(limit: Option<usize>) -> Self {
        Self {
            used: AtomicUsize::new(0),
            limit: AtomicUsize::new(limit.unwrap_or(usize::MAX)),
            of_run: AtomicUsize::new(usize::MAX),
            refused: AtomicBool::new(false),
            was_refused: AtomicBool::new(false),
        }
    }

    pub(crate) fn set_limit(&self, limit: usize) {
        self.limit.store(limit, Ordering::Relaxed);
    }

    /// The active run may have them grow to so many bytes, but always to a quarter above what is there, as V8's heap.
    pub(crate) fn set_for_run(&self, limit: Option<usize>) {
        let used = self.used();
        let limit = limit.map_or(usize::MAX, |limit| limit.max(used.saturating_add(used / 4)));
        self.of_run.store(limit, Ordering::Relaxed);
    }

    /// In bytes.
    pub(crate) fn limit(&self) -> usize {
        self.limit.load(Ordering::Relaxed).min(self.of_run.load(Ordering::Relaxed))
    }

    /// An allocator that counts here.
    pub(crate) fn allocator(self: &Arc<Self>) -> v8::UniqueRef<v8::Allocator> {
        // SAFETY: the handle is a counted reference that `release` gives back, and the functions are written for its
        // type.
        unsafe { v8::new_rust_allocator(Arc::into_raw(self.clone()), &VTABLE) }
    }

    /// Reserves so many bytes, if there is room for them.
    fn take(&self, bytes: usize) -> bool {
        let limit = self.limit();
        let room = |used: usize| used.checked_add(bytes).filter(|used| *used <= limit);
        let taken = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, room).is_ok();
        if !taken {
            self.refused.store(true, Ordering::Relaxed);
            self.was_refused.store(true, Ordering::Relaxed);
        }
        taken
    }

    /// What the buffers hold, in bytes.
    pub(crate) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// Whether anything was refused since this was last asked.
    pub(crate) fn take_refused(&self) -> bool {
        self.refused.swap(false, Ordering::Relaxed)
    }

    fn give_back(&self, bytes: usize) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
    }

    fn allocate(&self, bytes: usize, get: impl FnOnce(usize) -> *mut c_void) -> *mut c_void {
        if !self.take(bytes) {
            return std::ptr::null_mut();
        }
        // What is empty has an address, too: null says that there is no memory.
        let memory = get(bytes.max(1));
        if memory.is_null() {
            self.give_back(bytes);
        }
        memory
    }
}

static VTABLE: v8::RustAllocatorVtable<Buffers> =
    v8::RustAllocatorVtable { allocate, allocate_uninitialized, free, drop: release };

unsafe extern "C" fn allocate(buffers: &Buffers, bytes: usize) -> *mut c_void {
    // SAFETY: asks for memory, and hands on what comes.
    buffers.allocate(bytes, |bytes| unsafe { libc::calloc(bytes, 1) })
}

unsafe extern "C" fn allocate_uninitialized(buffers: &Buffers, bytes: usize) -> *mut c_void {
    // SAFETY: as above; V8 writes before it reads.
    buffers.allocate(bytes, |bytes| unsafe { libc::malloc(bytes) })
}

unsafe extern "C" fn free(buffers: &Buffers, memory: *mut c_void, bytes: usize) {
    // SAFETY: V8 gives back what one of the two functions above gave it, once.
    unsafe { libc::free(memory) };
    buffers.give_back(bytes);
}

unsafe extern "C" fn release(buffers: *const Buffers) {
    // SAFETY: made by `Arc::into_raw` in `allocator`, and dropped by V8 once.
    drop(unsafe { Arc::from_raw(buffers) });
}

/// The bytes that a view shows.
pub(crate) fn copy_of_view(view: v8::Local<v8::ArrayBufferView>) -> Vec<u8> {
    let mut bytes = Vec::new();
    pages::reserve(&mut bytes, view.byte_length());
    let copied = view.copy_contents_uninit(bytes.spare_capacity_mut());
    // SAFETY: V8 has written so many bytes, and says how many these were: no more than there is room for.
    unsafe { bytes.set_len(copied) };
    bytes
}

/// The bytes of a whole buffer.
pub(crate) fn copy_of_store(store: &[Cell<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    pages::reserve(&mut bytes, store.len());
    bytes.extend(store.iter().map(Cell::get));
    bytes
}

/// So many bytes are shared at least: below, a copy costs less.
const MIN_SHARED: usize = 64 << 10;

/// The bytes that a view shows: shared with JavaScript if they are many. **To be used before JavaScript runs again**:
/// it may write to them.
pub(crate) fn shared_of_view(scope: &v8::PinScope, view: v8::Local<v8::ArrayBufferView>) -> Bytes {
    let (start, length) = (view.byte_offset(), view.byte_length());
    let buffer = if length < MIN_SHARED { None } else { view.buffer(scope) };
    let shared = buffer.and_then(|buffer| Shared::new(buffer.get_backing_store(), start, length));
    shared.map_or_else(|| copy_of_view(view).into(), Bytes::from_owner)
}

/// The bytes of a whole buffer, as [`shared_of_view`].
pub(crate) fn shared_of_buffer(buffer: v8::Local<v8::ArrayBuffer>) -> Bytes {
    let length = buffer.byte_length();
    let shared = if length < MIN_SHARED { None } else { Shared::new(buffer.get_backing_store(), 0, length) };
    shared.map_or_else(|| copy_of_store(&buffer.get_backing_store()).into(), Bytes::from_owner)
}

/// A part of the memory of an ArrayBuffer. The memory stays, also when the buffer is detached.
struct Shared {
    store: v8::SharedRef<v8::BackingStore>,
    start: usize,
    length: usize,
}

// SAFETY: the memory is V8's, which frees it on any thread.
unsafe impl Send for Shared {}

impl Shared {
    /// `None` for memory that other threads write to, or that JavaScript may give back to the system.
    fn new(store: v8::SharedRef<v8::BackingStore>, start: usize, length: usize) -> Option<Self> {
        let fits = start.checked_add(length).is_some_and(|end| end <= store.byte_length());
        let stays = !store.is_shared() && !store.is_resizable_by_user_javascript();
        (fits && stays && store.data().is_some()).then_some(Self { store, start, length })
    }
}

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        let Some(memory) = self.store.data() else { return &[] };
        // SAFETY: the memory has so many bytes (see `new`) and lives as long as `store`. Only JavaScript writes to it,
        // on the thread that reads it here, and not before the bytes were used.
        unsafe { std::slice::from_raw_parts(memory.as_ptr().cast::<u8>().add(self.start), self.length) }
    }
}

/// A copy of what is in a buffer or a view; `None` for anything else.
pub(crate) fn bytes(value: v8::Local<v8::Value>) -> Option<Vec<u8>> {
    if let Ok(view) = value.try_cast::<v8::ArrayBufferView>() {
        return Some(copy_of_view(view));
    }
    if let Ok(buffer) = value.try_cast::<v8::ArrayBuffer>() {
        return Some(copy_of_store(&buffer.get_backing_store()));
    }
    let buffer = value.try_cast::<v8::SharedArrayBuffer>().ok()?;
    Some(copy_of_store(&buffer.get_backing_store()))
}

/// An ArrayBuffer of these bytes, which are handed over; `None` if there is no room for them.
pub(crate) fn array_buffer<'s>(scope: &mut v8::PinScope<'s, '_>, mut bytes: Vec<u8>) -> Option<v8::Local<'s, v8::ArrayBuffer>> {
    let length = bytes.len();
    if length == 0 {
        return Some(v8::ArrayBuffer::new(scope, 0));
    }
    let buffers = scope.get_slot::<Arc<Buffers>>()?.clone();
    if !buffers.take(length) {
        scope.low_memory_notification();
        let taken = buffers.take(length);
        // V8 has not asked for this, and learns nothing of it.
        buffers.take_refused();
        if !taken {
            return None;
        }
    }
    let start = bytes.as_mut_ptr();
    let counted = Box::into_raw(Box::new(Counted { _bytes: bytes, length, buffers }));
    // SAFETY: the bytes stay where they are until V8 calls `drop_counted`, which it does once.
    let store = unsafe { v8::ArrayBuffer::new_backing_store_from_ptr(start.cast(), length, drop_counted, counted.cast()) };
    Some(v8::ArrayBuffer::with_backing_store(scope, &store.make_shared()))
}

/// The bytes of an ArrayBuffer that was made here.
struct Counted {
    _bytes: Vec<u8>,
    length: usize,
    buffers: Arc<Buffers>,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.buffers.give_back(self.length);
    }
}

unsafe extern "C" fn drop_counted(_: *mut c_void, _: usize, counted: *mut c_void) {
    // SAFETY: made by `Box::into_raw` in `array_buffer`, and given back by V8 once.
    drop(unsafe { Box::from_raw(counted.cast::<Counted>()) });
}

/// As [`array_buffer`], for functions of JavaScript: what there is no room for is a `RangeError`, as by V8 itself.
pub(crate) fn new_array_buffer<'s>(scope: &mut v8::PinScope<'s, '_>, bytes: Vec<u8>) -> Option<v8::Local<'s, v8::ArrayBuffer>> {
    let buffer = array_buffer(scope, bytes);
    if buffer.is_none() {
        throw_range_error(scope, NO_ROOM);
    }
    buffer
}

/// Throws a `RangeError` if there cannot be room for so many bytes: **to be asked before they are allocated**.
pub(crate) fn may_allocate(scope: &mut v8::PinScope, bytes: usize) -> bool {
    let may = scope.get_slot::<Arc<Buffers>>().is_none_or(|buffers| {
        let may = bytes <= buffers.limit();
        buffers.was_refused.fetch_or(!may, Ordering::Relaxed);
        may
    });
    if !may {
        throw_range_error(scope, NO_ROOM);
    }
    may
}

/// What V8 says.
const NO_ROOM: &str = "Array buffer allocation failed";

/// Lets `work` at the bytes of a view, or of none if `value` is no view. It must not run JavaScript or allocate on V8's
/// heap.
pub(crate) fn with_bytes<T>(scope: &mut v8::PinScope, value: v8::Local<v8::Value>, work: impl FnOnce(&mut [u8]) -> T) -> T {
    let Ok(view) = value.try_cast::<v8::ArrayBufferView>() else { return work(&mut []) };
    // A small array may lie within V8's heap and move; asked for its buffer, V8 takes it out of there.
    let buffer = view.buffer(scope);
    let (data, length) = (view.data().cast::<u8>(), view.byte_length());
    if buffer.is_none() || data.is_null() || length == 0 {
        return work(&mut []);
    }
    // SAFETY: V8 says that the view has so many bytes there; they stay while `view` is on the stack and nothing
    // detaches or resizes the buffer, which only JavaScript does, and that waits. No other slice of it exists but for
    // those that `work` is given by a call of this function within, which no caller makes for a view that it writes to.
    work(unsafe { std::slice::from_raw_parts_mut(data, length) })
}

/// What is said of what the host has sent.
pub(crate) const NO_ROOM_FOR_ANSWER: &str =
    "what was asked for is too large for the memory that this session may use, or for a string";

/// Whether what was thrown says that there was no room for a buffer, and there was none. Runs nobody's code.
pub(crate) fn says_no_room<'s>(scope: &mut v8::PinScope<'s, '_>, thrown: v8::Local<'s, v8::Value>) -> bool {
    let was_refused = scope.get_slot::<Arc<Buffers>>().is_some_and(|buffers| buffers.was_refused.load(Ordering::Relaxed));
    let Some(error) = thrown.try_cast::<v8::Object>().ok().filter(|_| was_refused && thrown.is_native_error()) else {
        return false;
    };
    let said = peek::string_start(scope, error, "message", NO_ROOM_FOR_ANSWER.len());
    said.is_some_and(|said| [NO_ROOM, NO_ROOM_FOR_ANSWER].contains(&&*said))
}
