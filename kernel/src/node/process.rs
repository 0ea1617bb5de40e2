//! The parts of `process` that need no host: memory, versions, and the queue of `process.nextTick`.

use std::cell::RefCell;
use std::collections::VecDeque;

use drupe_protocol::RunId;

use crate::{
    environment::timers::Call,
    isolate::{
        limits::heap_limit,
        native::{Args, Return, add},
        realm::{Realm, current_run, set_current_run},
    },
};

/// What `process.nextTick` has put off, in order: it runs before promise jobs do.
#[derive(Debug, Default)]
pub(crate) struct Ticks {
    waiting: VecDeque<Call>,
}

impl Ticks {
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Forgets all that waits.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }
}

/// What came of the ticks that waited.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ticked {
    /// All have run.
    Done,
    /// One was stopped, which belongs to this run. Others may wait.
    Stopped(Option<RunId>),
}

/// Fills in what `js/lib/node/process.js` needs.
pub(crate) fn install(scope: &mut v8::PinScope, ops: v8::Local<v8::Object>) -> Option<()> {
    add(scope, ops, "tick", tick)?;
    add(scope, ops, "activeRun", active)?;
    add(scope, ops, "currentRun", run)?;
    add(scope, ops, "memory", memory)?;
    add(scope, ops, "heapStatistics", heap_statistics)?;
    add(scope, ops, "processId", process_id)?;
    add(scope, ops, "versions", versions)
}

/// Calls what waits, and what that puts off, until one is stopped.
pub(crate) fn run_ticks(scope: &mut v8::PinScope, realm: &Realm) -> Ticked {
    loop {
        let next = realm.state::<RefCell<Ticks>>().borrow_mut().waiting.pop_front();
        let Some(call) = next else { return Ticked::Done };
        let run = call.run;
        v8::scope!(let scope, scope);
        set_current_run(scope, run);
        let terminated = !call.make(scope);
        set_current_run(scope, None);
        // What it threw may have been handled, and the handler was stopped.
        if terminated || realm.guard.is_stopped() {
            return Ticked::Stopped(run);
        }
    }
}

/// `tick(callback, args)`: calls it when the JavaScript that executes now has come to its end.
fn tick(scope: &mut v8::PinScope, args: Args, _: Return) {
    let Ok(callback) = args.get(0).try_cast::<v8::Function>() else { return };
    let Ok(arguments) = args.get(1).try_cast::<v8::Array>() else { return };
    let call = Call::new(scope, callback, arguments);
    Realm::of(scope).state::<RefCell<Ticks>>().borrow_mut().waiting.push_back(call);
}

/// `activeRun()`: the number of the run that executes or awaits, 0 when none does. What an ended run has left behind
/// executes, too.
fn active(scope: &mut v8::PinScope, _: Args, mut result: Return) {
    #[expect(clippy::cast_precision_loss, reason = "runs are counted one by one")]
    result.set_double(Realm::of(scope).guard.active().unwrap_or(0) as f64);
}

/// `currentRun()`: the number of the run that executes, 0 when none does.
#[expect(clippy::cast_precision_loss, reason = "no parent counts past 2^53 runs")]
fn run(scope: &mut v8::PinScope, _: Args, mut result: Return) {
    result.set_double(current_run(scope).unwrap_or(0) as f64);
}

/// `memory()`: bytes `[all, heap, heap in use, outside of the heap]`.
#[expect(clippy::cast_precision_loss, reason = "no heap has 2^53 bytes")]
fn memory(scope: &mut v8::PinScope, _: Args, mut result: Return) {
    let heap = scope.get_heap_statistics();
    let (total, used, external) = (heap.total_heap_size(), heap.used_heap_size(), heap.external_memory());
    let all = heap.total_physical_size() + external + heap.malloced_memory();
    let numbers = [all, total, used, external].map(|bytes| v8::Number::new(scope, bytes as f64).into());
    result.set(v8::Array::new_with_elements(scope, &numbers).into());
}

/// `heapStatistics()`: the numbers of `v8.getHeapStatistics()`, in its order.
#[expect(clippy::cast_precision_loss, reason = "no heap has 2^53 bytes")]
fn heap_statistics(scope: &mut v8::PinScope, _: Args, mut result: Return) {
    let heap = scope.get_heap_statistics();
    let numbers = [
        heap.total_heap_size(),
        heap.total_heap_size_executable(),
        heap.total_physical_size(),
        heap.total_available_size(),
        heap.used_heap_size(),
        heap_limit(scope),
        heap.malloced_memory(),
        heap.peak_malloced_memory(),
        usize::from(heap.does_zap_garbage()),
        heap.number_of_native_contexts(),
        heap.number_of_detached_contexts(),
        heap.total_global_handles_size(),
        heap.used_global_handles_size(),
        heap.external_memory(),
        v8::script_compiler::cached_data_version_tag() as usize,
    ];
    let numbers = numbers.map(|number| v8::Number::new(scope, number as f64).into());
    result.set(v8::Array::new_with_elements(scope, &numbers).into());
}

/// `processId()`: the kernel's own.
fn process_id(_: &mut v8::PinScope, _: Args, mut result: Return) {
    result.set_uint32(std::process::id());
}

/// `versions()`: `[V8's, drupe's, platform, architecture]`, the latter two in Node's words.
fn versions(scope: &mut v8::PinScope, _: Args, mut result: Return) {
    let platform = match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    let words = [v8::V8::get_version(), env!("CARGO_PKG_VERSION"), platform, arch];
    let words = words.map(|word| match v8::String::new(scope, word) {
        Some(word) => word.into(),
        None => v8::undefined(scope).into(),
    });
    result.set(v8::Array::new_with_elements(scope, &words).into());
}
