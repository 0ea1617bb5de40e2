//! Sends the content of the outbox from the handler of the signal that ends a crashed process. Without it the parent
//! would not know that a run had begun, and the output of the last milliseconds would be lost.
//!
//! The handler allocates nothing and waits for nothing. It sends the bytes that fit, if no thread was using the outbox
//! at that moment.

use std::{
    ffi::c_int,
    sync::{Arc, OnceLock},
};

use crate::wire::outbox::Outbox;

/// The signals of crashes: V8's traps, Rust's aborts, and faults.
const CRASHES: [c_int; 6] = [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGTRAP, libc::SIGFPE, libc::SIGABRT];

/// The outbox of the process's kernel, and what the signals did before.
static WATCHED: OnceLock<(Arc<Outbox>, [libc::sigaction; CRASHES.len()])> = OnceLock::new();

/// Sends what is in `outbox` if the process crashes. For processes that have one kernel; the first that is named
/// counts.
pub(crate) fn of(outbox: &Arc<Outbox>) {
    let before = CRASHES.map(|signal| {
        // SAFETY: zeroes are an action, which is overwritten: the signal exists, and nothing is changed.
        unsafe {
            let mut action = std::mem::zeroed::<libc::sigaction>();
            libc::sigaction(signal, std::ptr::null(), &raw mut action);
            action
        }
    });
    if WATCHED.set((outbox.clone(), before)).is_err() {
        return;
    }
    for signal in CRASHES {
        // SAFETY: the handler has the signature that `SA_SIGINFO` asks for, and calls nothing that a signal may not
        // interrupt. It runs on the stack that Rust has made for its own handler: a stack that is full is no place for
        // it.
        unsafe {
            let mut action = std::mem::zeroed::<libc::sigaction>();
            action.sa_sigaction = crashed as *const () as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            libc::sigaction(signal, &raw const action, std::ptr::null_mut());
        }
    }
}

extern "C" fn crashed(signal: c_int, info: *mut libc::siginfo_t, _: *mut std::ffi::c_void) {
    let Some((outbox, before)) = WATCHED.get() else { return };
    outbox.send_last_words();
    let Some(action) = CRASHES.iter().position(|crash| *crash == signal).and_then(|index| before.get(index)) else { return };
    // SAFETY: what the signal did before is valid, and so is what the system hands to a handler.
    unsafe {
        libc::sigaction(signal, action, std::ptr::null_mut());
        // A fault happens again when this returns, in sight of Rust's handler, which looks for a full stack. All else
        // is sent again.
        let fault = matches!(signal, libc::SIGSEGV | libc::SIGBUS) && (*info).si_code > 0;
        if !fault {
            libc::raise(signal);
        }
    }
}
