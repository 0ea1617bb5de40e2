//! Calls that are refused: what is not needed, and what is allowed with other arguments only.

use std::ffi::{CStr, c_long};

use super::{Attempts, NONE, at, call};

const HERE: usize = libc::AT_FDCWD as usize;
const PASSWD: &CStr = c"/etc/passwd";

/// Each of these succeeds, or fails otherwise, in a kernel that is not locked down.
pub(super) fn attempts() -> Attempts {
    let mut attempts = Attempts::new();
    let mut attempt = |name: &str, number: c_long, arguments: &[usize]| attempts.push((name.to_owned(), call(number, arguments)));
    names_of_files(&mut attempt);
    descriptors(&mut attempt);
    processes(&mut attempt);
    memory_and_system(&mut attempt);
    loosening(&mut attempt);
    attempts
}

type Attempt<'a> = &'a mut dyn FnMut(&str, c_long, &[usize]);

fn names_of_files(attempt: Attempt) {
    let passwd = PASSWD.as_ptr() as usize;
    let buffer = [0_u8; 4096];
    attempt("statx", libc::SYS_statx, &[HERE, passwd, 0, libc::STATX_SIZE as usize, at(&buffer)]);
    attempt("newfstatat", libc::SYS_newfstatat, &[HERE, passwd, at(&buffer), 0]);
    attempt("faccessat", libc::SYS_faccessat, &[HERE, passwd, libc::R_OK as usize]);
    attempt("readlinkat", libc::SYS_readlinkat, &[HERE, c"/proc/self/exe".as_ptr() as usize, at(&buffer), 100]);
    attempt("getcwd", libc::SYS_getcwd, &[at(&buffer), buffer.len()]);
    attempt("statfs", libc::SYS_statfs, &[c"/".as_ptr() as usize, at(&buffer)]);
    attempt("getxattr", libc::SYS_getxattr, &[passwd, c"user.x".as_ptr() as usize, at(&buffer), 10]);
    attempt("inotify_add_watch", libc::SYS_inotify_add_watch, &[NONE, passwd, libc::IN_OPEN as usize]);
    #[cfg(target_arch = "x86_64")]
    for (name, number) in [("stat", libc::SYS_stat), ("lstat", libc::SYS_lstat), ("readlink", libc::SYS_readlink)] {
        attempt(name, number, &[c"/proc/self/exe".as_ptr() as usize, at(&buffer), 100]);
    }
}

fn descriptors(attempt: Attempt) {
    let buffer = [0_u8; 256];
    let stranger = [libc::AF_UNIX as u8, 0, 0, b'x'];
    attempt("sendto:address", libc::SYS_sendto, &[NONE, at(&buffer), 0, 0, at(&stranger), 4]);
    attempt("getsockname", libc::SYS_getsockname, &[3, at(&buffer), at(&buffer)]);
    attempt("setsockopt", libc::SYS_setsockopt, &[3, libc::SOL_SOCKET as usize, libc::SO_DEBUG as usize, at(&buffer), 4]);
    attempt("fcntl", libc::SYS_fcntl, &[2, libc::F_GETFL as usize]);
    attempt("ioctl:TIOCSTI", libc::SYS_ioctl, &[2, libc::TIOCSTI as usize, at(&buffer)]);
    attempt("lseek", libc::SYS_lseek, &[2, 0, 0]);
    attempt("fstat", libc::SYS_fstat, &[2, at(&buffer)]);
    attempt("ftruncate", libc::SYS_ftruncate, &[2, 0]);
}

fn processes(attempt: Attempt) {
    let parent = std::os::unix::process::parent_id() as usize;
    let buffer = [0_u64; 16];
    attempt("kill:parent", libc::SYS_kill, &[parent, 0]);
    attempt("kill:group", libc::SYS_kill, &[0, 0]);
    attempt("kill:all", libc::SYS_kill, &[NONE, 0]);
    attempt("tgkill:parent", libc::SYS_tgkill, &[parent, parent, 0]);
    attempt("getppid", libc::SYS_getppid, &[]);
    attempt("setpriority", libc::SYS_setpriority, &[NONE, 0, 0]);
    attempt("sched_setaffinity", libc::SYS_sched_setaffinity, &[0, 0, at(&buffer)]);
    attempt("sched_setscheduler", libc::SYS_sched_setscheduler, &[0, NONE, at(&buffer)]);
    attempt("sched_getaffinity:parent", libc::SYS_sched_getaffinity, &[parent, 128, at(&buffer)]);
    attempt("get_robust_list", libc::SYS_get_robust_list, &[parent, at(&buffer), at(&buffer)]);
    attempt("prlimit64:parent", libc::SYS_prlimit64, &[parent, libc::RLIMIT_NOFILE as usize, 0, at(&buffer)]);
}

fn memory_and_system(attempt: Attempt) {
    let buffer = [0_u64; 64];
    attempt("mincore", libc::SYS_mincore, &[at(&buffer) & !4095, 4096, at(&buffer)]);
    attempt("uname", libc::SYS_uname, &[at(&buffer)]);
    attempt("sysinfo", libc::SYS_sysinfo, &[at(&buffer)]);
    attempt("sync", libc::SYS_sync, &[]);
    #[cfg(target_arch = "x86_64")]
    {
        attempt("arch_prctl", libc::SYS_arch_prctl, &[0x1003, at(&buffer)]);
        // The same table by other numbers: `getpid` of the x32 interface.
        attempt("x32:getpid", 0x4000_0000 | libc::SYS_getpid, &[]);
    }
}

/// The lock-down itself.
fn loosening(attempt: Attempt) {
    let buffer = [0_u64; 16];
    let prctl = |option: i32| [option as usize, 1, 0, 0, 0];
    attempt("seccomp", libc::SYS_seccomp, &[libc::SECCOMP_GET_ACTION_AVAIL as usize, 0, at(&libc::SECCOMP_RET_ALLOW)]);
    attempt("prctl:PR_GET_SECCOMP", libc::SYS_prctl, &prctl(libc::PR_GET_SECCOMP));
    attempt("prctl:PR_SET_SECCOMP", libc::SYS_prctl, &[libc::PR_SET_SECCOMP as usize, NONE, 0]);
    attempt("prctl:PR_SET_DUMPABLE", libc::SYS_prctl, &prctl(libc::PR_SET_DUMPABLE));
    attempt("prctl:PR_SET_PDEATHSIG", libc::SYS_prctl, &[libc::PR_SET_PDEATHSIG as usize, NONE]);
    attempt("prctl:PR_SET_NO_NEW_PRIVS", libc::SYS_prctl, &[libc::PR_SET_NO_NEW_PRIVS as usize, 0, 0, 0, 0]);
    attempt("prctl:PR_SET_PTRACER", libc::SYS_prctl, &[libc::PR_SET_PTRACER as usize, NONE, 0, 0, 0]);
    attempt("prctl:PR_SET_MM", libc::SYS_prctl, &[libc::PR_SET_MM as usize, NONE, 0, 0, 0]);
    attempt("prlimit64:raise", libc::SYS_prlimit64, &[0, NONE, at(&buffer), 0]);
    attempt("setrlimit", libc::SYS_setrlimit, &[NONE, at(&buffer)]);
}
