//! V8 itself: flags and initialisation, once per process.

use std::sync::Once;

use crate::process::fatal;

/// How the process uses V8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// The calling thread, and threads that it starts later, run JavaScript: V8 may use memory protection keys.
    Process,
    /// Any thread may run JavaScript, even one that is older than V8's initialisation, as in a test harness. **Such a
    /// thread would crash under memory protection keys**, so V8 is told not to use them.
    AnyThread,
}

/// Whether V8 may make machine code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Jit {
    On,
    /// It interprets; and there is no WebAssembly, which it could not interpret.
    Off,
}

static ONCE: Once = Once::new();
static JIT: std::sync::OnceLock<Jit> = std::sync::OnceLock::new();
static PLATFORM: std::sync::OnceLock<v8::SharedRef<v8::Platform>> = std::sync::OnceLock::new();

/// The size of a page of WebAssembly's, in bytes, and how many of them one memory may have by its standard.
const WASM_PAGE: u64 = 64 << 10;
const MAX_WASM_PAGES: u64 = 1 << 16;

/// Whether V8 makes machine code in this process.
pub(crate) fn jit() -> Jit {
    JIT.get().copied().unwrap_or(Jit::On)
}

static OWN_PROCESS: std::sync::OnceLock<bool> = std::sync::OnceLock::new();

/// Whether this process is a kernel's alone.
pub(crate) fn is_own_process() -> bool {
    OWN_PROCESS.get().copied().unwrap_or(false)
}

/// Initialises V8 on the first call. `memory_limit`: what one memory of WebAssembly's may grow to, in bytes; V8 counts
/// these nowhere else.
pub(crate) fn initialise(platform: Platform, memory_limit: Option<u64>, jit: Jit) {
    ONCE.call_once(|| {
        // This is the only place that sets it.
        let _ = JIT.set(jit);
        let _ = OWN_PROCESS.set(platform == Platform::Process);
        if jit == Jit::Off {
            v8::V8::set_flags_from_string("--jitless");
        }
        // V8 would read /dev/urandom, and after the lock-down make do with the time of day.
        v8::V8::set_entropy_source(|bytes: &mut [u8]| getrandom::fill(bytes).is_ok());
        // The snapshot is part of the program: what checks the program's integrity checks it, too.
        v8::V8::set_flags_from_string("--no-verify-snapshot-checksum");
        // While V8 unrolls loops, it drops the interrupt check of a loop around an array of constant length: nothing
        // could stop `for (;;) new Array(9)`.
        v8::V8::set_flags_from_string("--no-turboshaft-loop-unrolling");
        // With a heap of 2 GiB and more, V8 would look into the system for a way to map its built-ins again. A kernel
        // that is locked down has none.
        v8::V8::set_flags_from_string("--no-short-builtin-calls");
        // A flag is for the process, which has one kernel, except in tests.
        if let (Some(limit), Platform::Process) = (memory_limit, platform) {
            let pages = (limit / WASM_PAGE).clamp(1, MAX_WASM_PAGES);
            v8::V8::set_flags_from_string(&format!("--wasm-max-mem-pages={pages}"));
        }
        fatal::install();
        // One worker: kernels are many on a machine, and each has little to do in parallel.
        let workers = 1;
        let shared = match platform {
            Platform::Process => v8::new_default_platform(workers, false),
            Platform::AnyThread => v8::new_unprotected_default_platform(workers, false),
        }
        .make_shared();
        v8::V8::initialize_platform(shared.clone());
        v8::V8::initialize();
        drop(PLATFORM.set(shared));
    });
}

/// Runs one task that V8 has posted to the isolate's thread, if there is one.
pub(crate) fn run_task(isolate: &v8::Isolate) -> bool {
    PLATFORM.get().is_some_and(|platform| v8::Platform::pump_message_loop(platform, isolate, false))
}
