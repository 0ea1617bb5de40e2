//! The memory limits. V8 requests more heap shortly before it would give up; then the run is stopped. Array buffers are
//! counted apart, because V8's heap limit does not include them.

use std::{
    cell::Cell,
    ffi::c_void,
    ops::Range,
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

#[cfg(target_os = "linux")]
use crate::isolate::ballast::{Ballast, has_room};
use crate::{
    isolate::{array_buffers::Buffers, guard::Guard},
    process::platform::is_own_process,
};

/// What V8 gets beyond the limit to unwind a terminated run: this at first, then as much again as it has beyond the
/// limit.
const HEADROOM: usize = 32 << 20;

/// What V8 gets beyond the limit in all: as much as the limit is, within these bounds. Code that allocates much between
/// two places where V8 looks for interrupts needs more than the first headroom. **There is an end**: a built-in that
/// never looks would take all there is.
const MOST_HEADROOM: Range<usize> = 64 << 20..512 << 20;

/// What may be allocated outside of V8's heap and of buffers, in bytes: by the libraries for languages and time zones
/// above all. As much as the heap, or this. The system refuses more only when the whole process has more than it may,
/// and then they crash.
const LEAST_NATIVE: usize = 512 << 20;

/// How often that is looked at, at most.
const NATIVE_INTERVAL: Duration = Duration::from_millis(20);

/// Watches over one isolate's heap. **It must outlive the isolate**: V8 holds its address.
#[derive(Debug)]
pub(crate) struct HeapLimit {
    /// In bytes; `None` leaves V8's own limit, at which a run is stopped all the same.
    limit: Option<usize>,
    /// What the active run may have the heap grow to, if that is less.
    of_run: Rc<Cell<Option<usize>>>,
    /// The isolate's own limit as V8 counts it, without the young generation. Known once it was reached.
    of_isolate: Cell<usize>,
    /// Whether headroom was given and not yet taken back.
    full: Cell<bool>,
    /// Whether what a run left is being collected: nothing can be stopped then.
    recovering: Cell<bool>,
    /// When memory outside of the heap was looked at last.
    looked: Cell<Option<Instant>>,
    isolate: Cell<Option<v8::UnsafeRawIsolatePtr>>,
    /// Room for V8 while a run is stopped that has taken too much.
    #[cfg(target_os = "linux")]
    ballast: Ballast,
    /// Whether there is little room for more memory, and no run can be blamed for it.
    tight: Cell<bool>,
    buffers: Arc<Buffers>,
    guard: Arc<Guard>,
}

impl HeapLimit {
    pub(crate) fn new(limit: Option<usize>, guard: Arc<Guard>) -> Box<Self> {
        Box::new(Self {
            limit,
            of_run: Rc::default(),
            of_isolate: Cell::new(usize::MAX),
            full: Cell::new(false),
            recovering: Cell::new(false),
            looked: Cell::new(None),
            isolate: Cell::new(None),
            #[cfg(target_os = "linux")]
            ballast: Ballast::default(),
            tight: Cell::new(false),
            buffers: Arc::new(Buffers::new(limit)),
            guard,
        })
    }

    /// Parameters for an isolate under this limit. Where there is none, V8 finds one for the machine's memory in bytes.
    pub(crate) fn create_params(&self, machine_memory: Option<u64>) -> v8::CreateParams {
        let params = v8::Isolate::create_params().array_buffer_allocator(self.buffers.allocator());
        match (self.limit, machine_memory) {
            (Some(limit), _) => params.heap_limits(0, limit),
            (None, Some(memory)) => params.heap_limits_from_system_memory(memory, 0),
            (None, None) => params,
        }
    }

    /// Starts watching.
    pub(crate) fn watch(&self, isolate: &mut v8::Isolate) {
        // SAFETY: it is kept for the callback alone, which V8 calls only while the isolate lives.
        self.isolate.set(Some(unsafe { isolate.as_raw_isolate_ptr() }));
        let own = std::ptr::from_ref(self).cast_mut().cast();
        isolate.add_near_heap_limit_callback(near_limit, own);
        if is_own_process() {
            isolate.add_gc_epilogue_callback(after_collection, own, v8::GCType::kGCTypeAll);
            self.take_ballast();
        }
        isolate.set_slot(self.buffers.clone());
        let at_start = isolate.get_heap_statistics().heap_size_limit();
        isolate.set_slot(OwnLimit { at_start, of_run: self.of_run.clone() });
        if self.limit.is_none() {
            // As much again as V8 finds right for its own heap on this machine.
            self.buffers.set_limit(at_start);
        }
    }

    /// The active run may have the heap grow to so many bytes, and array buffers to as many, or each to the isolate's
    /// own limit.
    pub(crate) fn set_for_run(&self, isolate: &mut v8::Isolate, limit: Option<usize>) {
        // Upwards it is V8 that asks, when it gets there.
        if let Some(limit) = limit {
            // What earlier runs left and nobody collected would keep V8 from going so low.
            if isolate.get_heap_statistics().used_heap_size().max(self.buffers.used()) > limit / 5 * 4 {
                isolate.low_memory_notification();
            }
            self.lower(isolate, limit);
        }
        self.buffers.set_for_run(limit);
        self.of_run.set(limit);
    }

    /// Whether the limit was reached, and not recovered from.
    pub(crate) fn is_full(&self) -> bool {
        self.full.get()
    }

    /// Stops what runs, unless that has been done. V8 asks also when the system has refused a memory of WebAssembly:
    /// then there may be no page left for its heap.
    fn stop(&self) {
        if !self.full.replace(true) {
            #[cfg(target_os = "linux")]
            self.ballast.drop_now();
            self.guard.heap_is_full();
        }
    }

    fn take_ballast(&self) {
        #[cfg(target_os = "linux")]
        self.ballast.take();
        self.tight.set(!has_room());
    }

    /// After a run was stopped: collects what it left, and takes the headroom back, unless that has been done. Returns
    /// the limit in bytes.
    pub(crate) fn recover(&self, isolate: &mut v8::Isolate) -> u64 {
        if self.full.get() {
            // One allocation may have filled more than the headroom, and the session may keep it: V8 asks again then.
            self.recovering.set(true);
            isolate.low_memory_notification();
            self.recovering.set(false);
            self.lower(isolate, self.effective());
            self.full.set(false);
            if is_own_process() {
                give_back();
                self.take_ballast();
            }
        }
        let of_isolate = || self.of_isolate.get().min(isolate.get_heap_statistics().heap_size_limit());
        let told = self.of_run.get().or(self.limit).unwrap_or_else(of_isolate);
        told as u64
    }

    /// What array buffers may hold, in bytes.
    pub(crate) fn of_buffers(&self) -> u64 {
        self.buffers.limit() as u64
    }

    fn lower(&self, isolate: &mut v8::Isolate, limit: usize) {
        // V8 goes no lower than a quarter above what is alive.
        isolate.remove_near_heap_limit_callback(near_limit, limit);
        isolate.add_near_heap_limit_callback(near_limit, std::ptr::from_ref(self).cast_mut().cast());
    }

    /// Whether V8 asks because an array buffer was refused, with the heap far from its limit.
    fn asks_for_buffers(&self, current: usize) -> bool {
        let Some(isolate) = self.isolate.get().filter(|_| self.buffers.take_refused()) else { return false };
        // SAFETY: V8 calls from the thread of this isolate, which lives, and outside of a collection.
        let mut isolate = unsafe { v8::Isolate::from_raw_isolate_ptr(isolate) };
        isolate.get_heap_statistics().used_heap_size() < current / 4 * 3
    }

    fn effective(&self) -> usize {
        self.of_run.get().unwrap_or(usize::MAX).min(self.of_isolate.get())
    }
}

/// What V8 had for its heap when the isolate was made.
struct OwnLimit {
    at_start: usize,
    of_run: Rc<Cell<Option<usize>>>,
}

/// What the heap may grow to, in bytes. V8 tells less after a run with a limit of its own, until it asks for more.
pub(crate) fn heap_limit(isolate: &mut v8::Isolate) -> usize {
    let now = isolate.get_heap_statistics().heap_size_limit();
    let own = isolate.get_slot::<OwnLimit>().filter(|own| own.of_run.get().is_none());
    own.map_or(now, |own| own.at_start.max(now))
}

/// Tells V8 how much heap it may have from now on. To say "no more than now" is to end the process, which V8 explains
/// on its way out.
unsafe extern "C" fn near_limit(data: *mut c_void, current: usize, initial: usize) -> usize {
    // SAFETY: `data` is the address of a boxed `HeapLimit` that outlives its isolate, and it is only read, on the
    // isolate's thread.
    let heap = unsafe { &*data.cast::<HeapLimit>() };
    heap.of_isolate.set(initial);
    let limit = heap.effective();
    if heap.recovering.get() {
        return 2 * current + HEADROOM;
    }
    if current < limit {
        // Lowered for a run that is over.
        return limit;
    }
    if heap.asks_for_buffers(current) {
        // That is a RangeError, and no reason to stop.
        return current;
    }
    // What the session keeps may have filled the headroom of several runs.
    let beyond = current - limit;
    let more = beyond.max(HEADROOM);
    if beyond + more > limit.clamp(MOST_HEADROOM.start, MOST_HEADROOM.end) {
        return current;
    }
    heap.stop();
    current + more
}

/// What the program has allocated by the C library, buffers included, in bytes.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn allocated() -> usize {
    // SAFETY: the call takes nothing and answers numbers.
    let told = unsafe { libc::mallinfo2() };
    told.uordblks.saturating_add(told.hblkhd)
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn allocated() -> usize {
    0
}

/// Gives the memory back to the system that the C library keeps for later.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn give_back() {
    // SAFETY: the call touches only what is free.
    unsafe { libc::malloc_trim(0) };
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn give_back() {}

#[cfg(not(target_os = "linux"))]
fn has_room() -> bool {
    true
}

/// Stops a run that has allocated too much outside of V8's heap: its objects are small there, and V8 does not know what
/// they hold. Or one that has left the process little room.
unsafe extern "C" fn after_collection(_: v8::UnsafeRawIsolatePtr, _: v8::GCType, _: v8::GCCallbackFlags, data: *mut c_void) {
    // SAFETY: as in `near_limit`.
    let heap = unsafe { &*data.cast::<HeapLimit>() };
    if heap.full.get() || heap.recovering.get() {
        return;
    }
    let Some(isolate) = heap.isolate.get() else { return };
    // SAFETY: V8 calls from the thread of this isolate, which lives, and after the collection.
    let mut isolate = unsafe { v8::Isolate::from_raw_isolate_ptr(isolate) };
    // Memories of WebAssembly are in this and not in that, for V8 maps them itself.
    let external = isolate.get_heap_statistics().external_memory();
    let now = Instant::now();
    let is_soon = heap.looked.get().is_some_and(|looked| now - looked < NATIVE_INTERVAL);
    let native = if is_soon { external } else { allocated().max(external) };
    if !is_soon {
        heap.looked.set(Some(now));
    }
    let native = native.saturating_sub(heap.buffers.used());
    // V8 does not ask where a page of its heap is refused, but collects garbage first.
    let is_crowded = !heap.tight.get() && !has_room();
    if is_crowded || native > heap.limit.unwrap_or(0).max(LEAST_NATIVE) {
        heap.stop();
    }
}
