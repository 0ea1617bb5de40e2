//! Threads that must run soon: those that stop JavaScript, beside JavaScript that executes without an end.
//!
//! The system lets threads of one processor take turns. A thread with a short slice has its turn sooner, and gets no
//! more time than others in all. Linux knows such slices since version 6.12; an older system changes nothing.

#[cfg(target_os = "linux")]
pub(crate) use linux::with_short_slices;

/// Has `start` start threads.
#[cfg(not(target_os = "linux"))]
pub(crate) fn with_short_slices<T>(start: impl FnOnce() -> T) -> T {
    start()
}

#[cfg(target_os = "linux")]
mod linux {
    use std::mem::size_of;

    /// The shortest slice that the system has, in nanoseconds.
    const SHORT: u64 = 100_000;

    /// The calling thread.
    const SELF: libc::c_long = 0;

    /// Has `start` start threads that have short slices. **Threads inherit slices**, so that the calling thread sets
    /// them, before the lock-down forbids the system call. It has its own slice again after this.
    pub(crate) fn with_short_slices<T>(start: impl FnOnce() -> T) -> T {
        let before = read().filter(|before| before.sched_policy == libc::SCHED_OTHER.unsigned_abs());
        let Some(before) = before else { return start() };
        write(&libc::sched_attr { sched_runtime: SHORT, ..before });
        let started = start();
        write(&before);
        started
    }

    /// How the system schedules the calling thread.
    pub(super) fn read() -> Option<libc::sched_attr> {
        // SAFETY: it consists of numbers.
        let mut read: libc::sched_attr = unsafe { std::mem::zeroed() };
        // SAFETY: `read` has room for so many bytes.
        let status = unsafe { libc::syscall(libc::SYS_sched_getattr, SELF, &raw mut read, size_of::<libc::sched_attr>(), 0) };
        (status == 0).then_some(read)
    }

    /// A system that refuses it goes on as before.
    fn write(attributes: &libc::sched_attr) {
        // SAFETY: it says its size, and the system reads no more.
        unsafe { libc::syscall(libc::SYS_sched_setattr, SELF, std::ptr::from_ref(attributes), 0) };
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::{linux::read, with_short_slices};

    #[test]
    fn threads_inherit_slices_and_the_caller_keeps_its_own() {
        let slice = || read().map(|read| (read.sched_policy, read.sched_nice, read.sched_runtime));
        // A thread with another policy than the usual one is left as it is.
        let Some(before) = slice().filter(|(policy, ..)| *policy == libc::SCHED_OTHER.unsigned_abs()) else { return };
        let inside = with_short_slices(|| std::thread::spawn(slice)).join().expect("it ends").expect("the system tells");
        assert_eq!(slice(), Some(before));
        assert_eq!((inside.0, inside.1), (before.0, before.1));
        // 0: a system that knows no slices.
        assert!(inside.2 == 100_000 || before.2 == 0, "{inside:?}, {before:?}");
    }
}
