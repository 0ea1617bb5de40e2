//! A system clock that jumps: the linker prefers this program's functions to the system's, so whatever is linked into
//! it, V8 too, reads the time of day here. No clock of the machine is touched.
#![allow(dead_code, reason = "each program uses what it needs")]

use std::{
    mem::{MaybeUninit, transmute},
    sync::{
        OnceLock,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use libc::{
    CLOCK_REALTIME, CLOCK_REALTIME_COARSE, RTLD_NEXT, c_int, c_void, clockid_t, dlsym, suseconds_t, time_t, timespec, timeval,
};

/// How far it jumps, each time that somebody looks: a day ahead, a day back.
const DAY: i64 = 86_400;

static JUMPS: AtomicBool = AtomicBool::new(false);
static LOOKED: AtomicI64 = AtomicI64::new(0);

/// From now on it jumps, or not any more.
pub(crate) fn let_jump(jumps: bool) {
    // The system's own is found before somebody is locked in.
    system();
    JUMPS.store(jumps, Ordering::SeqCst);
}

type Gettime = unsafe extern "C" fn(clockid_t, *mut timespec) -> c_int;

fn system() -> Gettime {
    static SYSTEM: OnceLock<Gettime> = OnceLock::new();
    *SYSTEM.get_or_init(|| {
        // SAFETY: the name ends with a zero, and is that of a function of this type in every C library of Linux.
        unsafe { transmute::<*mut c_void, Gettime>(dlsym(RTLD_NEXT, c"clock_gettime".as_ptr())) }
    })
}

/// The system's function of that name, but for the time of day.
// SAFETY: what the C library promises of this name holds.
#[unsafe(no_mangle)]
unsafe extern "C" fn clock_gettime(clock: clockid_t, time: *mut timespec) -> c_int {
    // SAFETY: the caller's promise.
    let result = unsafe { system()(clock, time) };
    if result == 0 && matches!(clock, CLOCK_REALTIME | CLOCK_REALTIME_COARSE) && JUMPS.load(Ordering::SeqCst) {
        let ahead = LOOKED.fetch_add(1, Ordering::SeqCst) % 2 == 0;
        // SAFETY: the system has just written there.
        unsafe { (*time).tv_sec += if ahead { DAY } else { -DAY } };
    }
    result
}

fn time_of_day() -> timespec {
    let mut time = MaybeUninit::zeroed();
    // SAFETY: a place for the time; zeros are a time, should there be none.
    unsafe {
        clock_gettime(CLOCK_REALTIME, time.as_mut_ptr());
        time.assume_init()
    }
}

/// The system's function of that name.
// SAFETY: what the C library promises of this name holds.
#[unsafe(no_mangle)]
unsafe extern "C" fn gettimeofday(time: *mut timeval, _: *mut c_void) -> c_int {
    let now = time_of_day();
    if !time.is_null() {
        // SAFETY: the caller's promise.
        unsafe { *time = timeval { tv_sec: now.tv_sec, tv_usec: suseconds_t::from(now.tv_nsec / 1000) } };
    }
    0
}

/// The system's function of that name.
// SAFETY: what the C library promises of this name holds.
#[unsafe(no_mangle)]
unsafe extern "C" fn time(time: *mut time_t) -> time_t {
    let now = time_of_day();
    if !time.is_null() {
        // SAFETY: the caller's promise.
        unsafe { *time = now.tv_sec };
    }
    now.tv_sec
}
