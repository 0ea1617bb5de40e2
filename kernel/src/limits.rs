//! The heap limit: V8 asks for more memory shortly before it would give up, and is told to stop the run instead.

use std::{ffi::c_void, sync::Arc};

use crate::guard::Guard;

/// What V8 gets beyond the limit to unwind a terminated run.
const HEADROOM: usize = 32 << 20;

/// Watches over one isolate's heap. **It must outlive the isolate**: V8 holds its address.
#[derive(Debug)]
pub(crate) struct HeapLimit {
    /// In bytes; `None` leaves V8's own limit, at which a run is stopped all the same.
    limit: Option<usize>,
    guard: Arc<Guard>,
}

impl HeapLimit {
    pub(crate) fn new(limit: Option<usize>, guard: Arc<Guard>) -> Box<Self> {
        Box::new(Self { limit, guard })
    }

    /// Parameters for an isolate under this limit.
    pub(crate) fn create_params(&self) -> v8::CreateParams {
        let params = v8::Isolate::create_params();
        match self.limit {
            Some(limit) => params.heap_limits(0, limit),
            None => params,
        }
    }

    /// Starts watching.
    pub(crate) fn watch(&self, isolate: &mut v8::Isolate) {
        isolate.add_near_heap_limit_callback(near_limit, std::ptr::from_ref(self).cast_mut().cast());
    }

    /// After a run was stopped: collects what it left, and takes the headroom back. Returns the limit in bytes.
    pub(crate) fn recover(&self, isolate: &mut v8::Isolate) -> u64 {
        let limit = self.limit.unwrap_or_else(|| isolate.get_heap_statistics().heap_size_limit() - HEADROOM);
        isolate.low_memory_notification();
        isolate.remove_near_heap_limit_callback(near_limit, limit);
        self.watch(isolate);
        limit as u64
    }
}

unsafe extern "C" fn near_limit(data: *mut c_void, current: usize, _initial: usize) -> usize {
    // SAFETY: `data` is the address of a boxed `HeapLimit` that outlives its isolate, and it is only read.
    let limit = unsafe { &*data.cast::<HeapLimit>() };
    limit.guard.heap_is_full();
    current + HEADROOM
}
