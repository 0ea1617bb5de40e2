//! Calls that are allowed, with arguments that nothing in a kernel uses: each succeeds where nothing is locked, or is
//! told by the system itself that it will not do.

use std::ffi::c_long;

use super::{Attempts, NONE, at, call};

const PAGE: usize = 4096;
const RW: usize = (libc::PROT_READ | libc::PROT_WRITE) as usize;
const RWX: usize = RW | libc::PROT_EXEC as usize;
const PRIVATE: i32 = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;

pub(super) fn attempts() -> Attempts {
    let mut attempts = Attempts::new();
    let mut attempt = |name: &str, number: c_long, arguments: &[usize]| attempts.push((name.to_owned(), call(number, arguments)));
    memory(&mut attempt);
    threads(&mut attempt);
    clocks(&mut attempt);
    for (name, number) in [("sendto", libc::SYS_sendto), ("recvfrom", libc::SYS_recvfrom)] {
        for (flag, bits) in [("MSG_OOB", libc::MSG_OOB), ("MSG_PEEK", libc::MSG_PEEK), ("MSG_MORE", libc::MSG_MORE)] {
            attempts.push((format!("{name}:{flag}"), on_sockets(number, bits)));
        }
    }
    attempts
}

/// What an exploit wants that has no code to run yet; refused where no machine code is made.
pub(super) fn executable() -> Attempts {
    let mut attempts = Attempts::new();
    let mut attempt = |name: &str, number: c_long, arguments: &[usize]| attempts.push((name.to_owned(), call(number, arguments)));
    attempt("mmap:PROT_EXEC", libc::SYS_mmap, &[0, PAGE, RWX, PRIVATE as usize, NONE, 0]);
    attempt(
        "mmap:read-and-execute",
        libc::SYS_mmap,
        &[0, PAGE, (libc::PROT_READ | libc::PROT_EXEC) as usize, PRIVATE as usize, NONE, 0],
    );
    let page = page();
    attempt("mprotect:PROT_EXEC", libc::SYS_mprotect, &[page, PAGE, RWX]);
    attempt("pkey_mprotect:PROT_EXEC", libc::SYS_pkey_mprotect, &[page, PAGE, RWX, NONE]);
    attempts
}

type Attempt<'a> = &'a mut dyn FnMut(&str, c_long, &[usize]);

/// A page of this process's own.
fn page() -> usize {
    // SAFETY: an anonymous mapping wherever there is room.
    unsafe { libc::mmap(std::ptr::null_mut(), PAGE, RW as i32, PRIVATE, -1, 0) as usize }
}

fn memory(attempt: Attempt) {
    for (name, flags) in [
        ("MAP_SHARED", libc::MAP_SHARED | libc::MAP_ANONYMOUS),
        ("MAP_SHARED_VALIDATE", libc::MAP_SHARED_VALIDATE | libc::MAP_ANONYMOUS),
        ("MAP_GROWSDOWN", PRIVATE | libc::MAP_GROWSDOWN),
        ("MAP_POPULATE", PRIVATE | libc::MAP_POPULATE),
        ("MAP_LOCKED", PRIVATE | libc::MAP_LOCKED),
        ("MAP_HUGETLB", PRIVATE | libc::MAP_HUGETLB),
        ("MAP_SYNC", PRIVATE | libc::MAP_SYNC),
        ("no-kind", libc::MAP_ANONYMOUS),
    ] {
        attempt(&format!("mmap:{name}"), libc::SYS_mmap, &[0, PAGE, RW, flags as usize, NONE, 0]);
    }
    // A pipe and a socket cannot be mapped anyhow.
    attempt("mmap:descriptor", libc::SYS_mmap, &[0, PAGE, RW, libc::MAP_PRIVATE as usize, 0, 0]);
    attempt("mmap:anonymous-descriptor", libc::SYS_mmap, &[0, PAGE, RW, PRIVATE as usize, 0, 0]);
    attempt("mmap:upper-half", libc::SYS_mmap, &[0, PAGE, RW, 1 << 40 | PRIVATE as usize, NONE, 0]);
    let page = page();
    attempt("mprotect:PROT_GROWSDOWN", libc::SYS_mprotect, &[page, PAGE, RW | libc::PROT_GROWSDOWN as usize]);
    attempt(
        "mremap:MREMAP_DONTUNMAP",
        libc::SYS_mremap,
        &[page, PAGE, PAGE, (libc::MREMAP_MAYMOVE | libc::MREMAP_DONTUNMAP) as usize, 0],
    );
    attempt(
        "mremap:MREMAP_FIXED",
        libc::SYS_mremap,
        &[page, PAGE, PAGE, (libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED) as usize, page + 1],
    );
    for (name, advice) in [
        ("MADV_MERGEABLE", libc::MADV_MERGEABLE),
        ("MADV_HWPOISON", libc::MADV_HWPOISON),
        ("MADV_SOFT_OFFLINE", libc::MADV_SOFT_OFFLINE),
        ("MADV_REMOVE", libc::MADV_REMOVE),
        ("MADV_WILLNEED", libc::MADV_WILLNEED),
        ("MADV_DOFORK", libc::MADV_DOFORK),
        ("MADV_POPULATE_WRITE", 23),
        ("MADV_COLLAPSE", 25),
    ] {
        // No length: what would do harm does none.
        attempt(&format!("madvise:{name}"), libc::SYS_madvise, &[page, 0, advice as usize]);
    }
}

fn threads(attempt: Attempt) {
    let word = [0_u32; 4];
    for (name, operation) in [
        ("FUTEX_FD", 2),
        ("FUTEX_REQUEUE", libc::FUTEX_REQUEUE),
        ("FUTEX_CMP_REQUEUE", libc::FUTEX_CMP_REQUEUE),
        ("FUTEX_WAKE_OP", libc::FUTEX_WAKE_OP),
        ("FUTEX_TRYLOCK_PI", libc::FUTEX_TRYLOCK_PI),
        ("FUTEX_UNLOCK_PI", libc::FUTEX_UNLOCK_PI),
        ("FUTEX_WAIT_REQUEUE_PI", libc::FUTEX_WAIT_REQUEUE_PI),
        ("FUTEX_CMP_REQUEUE_PI", libc::FUTEX_CMP_REQUEUE_PI),
        ("FUTEX_LOCK_PI2", 13),
    ] {
        // Two words that differ, or values that do not match: none of these waits.
        attempt(&format!("futex:{name}"), libc::SYS_futex, &[at(&word), operation as usize, 7, 0, at(&word), 7]);
    }
    let locked = [0_u32];
    attempt("futex:FUTEX_LOCK_PI", libc::SYS_futex, &[at(&locked), libc::FUTEX_LOCK_PI as usize, 0, 0, 0, 0]);
    for (name, command) in
        [("GLOBAL", 1), ("GLOBAL_EXPEDITED", 2), ("REGISTER_GLOBAL_EXPEDITED", 4), ("PRIVATE_EXPEDITED_RSEQ", 128)]
    {
        attempt(&format!("membarrier:{name}"), libc::SYS_membarrier, &[command, 0, 0]);
    }
}

/// The CPU clocks of others, by which one could see what they do.
fn clocks(attempt: Attempt) {
    let time = [0_u64; 2];
    let parent = std::os::unix::process::parent_id() as usize;
    for (name, number) in [("clock_gettime", libc::SYS_clock_gettime), ("clock_getres", libc::SYS_clock_getres)] {
        // As glibc makes them: the process's, and its first thread's.
        attempt(&format!("{name}:parent"), number, &[!parent << 3 | 2, at(&time)]);
        attempt(&format!("{name}:thread-of-parent"), number, &[!parent << 3 | 6, at(&time)]);
        attempt(&format!("{name}:descriptor"), number, &[!1_usize << 3 | 3, at(&time)]);
        attempt(&format!("{name}:CLOCK_TAI"), number, &[libc::CLOCK_TAI as usize, at(&time)]);
    }
    attempt("clock_nanosleep:parent", libc::SYS_clock_nanosleep, &[!parent << 3 | 2, 0, at(&time), 0]);
}

/// The call on the descriptors that could be sockets, until it succeeds on one of them: 0, or the last error. Nothing
/// but a byte of urgent data is sent, or a parent that listens would take what it gets for a message.
fn on_sockets(number: c_long, flags: i32) -> i32 {
    let byte = [0_u8];
    let length = usize::from(flags & libc::MSG_OOB != 0 || number == libc::SYS_recvfrom);
    let flags = (flags | libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL) as usize;
    let mut errors = (3..16).map(|descriptor| call(number, &[descriptor, at(&byte), length, flags, 0, 0]));
    // Reading finds nothing to read.
    let works = |errno: &i32| [0, libc::EAGAIN].contains(errno);
    errors
        .try_fold(libc::EBADF, |last, errno| match works(&errno) {
            true => Err(0),
            false if errno == libc::EBADF => Ok(last),
            false => Ok(errno),
        })
        .unwrap_or_else(|success| success)
}
