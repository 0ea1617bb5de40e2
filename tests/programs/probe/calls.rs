//! Calls that are refused: what is not needed, and what is allowed with other arguments only.

use std::ffi::{CStr, c_long};

use super::{Attempts, NONE, at, call};

const HERE: usize = libc::AT_FDCWD as usize;
const NOWHERE: &CStr = c"/tmp/drupe-probe/is/not/there";
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
    let (nowhere, passwd) = (NOWHERE.as_ptr() as usize, PASSWD.as_ptr() as usize);
    let buffer = [0_u8; 4096];
    attempt("statx", libc::SYS_statx, &[HERE, passwd, 0, libc::STATX_SIZE as usize, at(&buffer)]);
    attempt("newfstatat", libc::SYS_newfstatat, &[HERE, passwd, at(&buffer), 0]);
    attempt("faccessat", libc::SYS_faccessat, &[HERE, passwd, libc::R_OK as usize]);
    attempt("readlinkat", libc::SYS_readlinkat, &[HERE, c"/proc/self/exe".as_ptr() as usize, at(&buffer), 100]);
    attempt("getcwd", libc::SYS_getcwd, &[at(&buffer), buffer.len()]);
    attempt("chdir", libc::SYS_chdir, &[c"/".as_ptr() as usize]);
    attempt("statfs", libc::SYS_statfs, &[c"/".as_ptr() as usize, at(&buffer)]);
    attempt("mkdirat", libc::SYS_mkdirat, &[HERE, nowhere, 0o700]);
    attempt("mknodat", libc::SYS_mknodat, &[HERE, nowhere, libc::S_IFIFO as usize, 0]);
    attempt("unlinkat", libc::SYS_unlinkat, &[HERE, nowhere, 0]);
    attempt("renameat2", libc::SYS_renameat2, &[HERE, nowhere, HERE, nowhere, 0]);
    attempt("linkat", libc::SYS_linkat, &[HERE, nowhere, HERE, nowhere, 0]);
    attempt("symlinkat", libc::SYS_symlinkat, &[passwd, HERE, nowhere]);
    attempt("truncate", libc::SYS_truncate, &[nowhere, 0]);
    attempt("fchmodat", libc::SYS_fchmodat, &[HERE, nowhere, 0o777]);
    attempt("fchownat", libc::SYS_fchownat, &[HERE, nowhere, 0, 0, 0]);
    attempt("utimensat", libc::SYS_utimensat, &[HERE, nowhere, 0, 0]);
    attempt("setxattr", libc::SYS_setxattr, &[nowhere, c"user.x".as_ptr() as usize, passwd, 1, 0]);
    attempt("getxattr", libc::SYS_getxattr, &[passwd, c"user.x".as_ptr() as usize, at(&buffer), 10]);
    attempt("inotify_add_watch", libc::SYS_inotify_add_watch, &[NONE, passwd, libc::IN_OPEN as usize]);
    attempt("name_to_handle_at", libc::SYS_name_to_handle_at, &[HERE, passwd, at(&buffer), at(&buffer), 0]);
    attempt("swapon", libc::SYS_swapon, &[nowhere, 0]);
    attempt("quotactl", libc::SYS_quotactl, &[NONE, nowhere, 0, 0]);
    attempt("acct", libc::SYS_acct, &[nowhere]);
    #[cfg(target_arch = "x86_64")]
    for (name, number) in
        [("creat", libc::SYS_creat), ("unlink", libc::SYS_unlink), ("rmdir", libc::SYS_rmdir), ("mkdir", libc::SYS_mkdir)]
    {
        attempt(name, number, &[nowhere, 0o700]);
    }
    #[cfg(target_arch = "x86_64")]
    for (name, number) in [("stat", libc::SYS_stat), ("lstat", libc::SYS_lstat), ("readlink", libc::SYS_readlink)] {
        attempt(name, number, &[c"/proc/self/exe".as_ptr() as usize, at(&buffer), 100]);
    }
}

fn descriptors(attempt: Attempt) {
    let buffer = [0_u8; 256];
    let message = [0_usize; 7];
    attempt("sendmsg", libc::SYS_sendmsg, &[3, at(&message), libc::MSG_DONTWAIT as usize]);
    attempt("recvmsg", libc::SYS_recvmsg, &[3, at(&message), libc::MSG_DONTWAIT as usize]);
    attempt("sendmmsg", libc::SYS_sendmmsg, &[3, at(&message), 0, libc::MSG_DONTWAIT as usize]);
    let stranger = [libc::AF_UNIX as u8, 0, 0, b'x'];
    attempt("sendto:address", libc::SYS_sendto, &[NONE, at(&buffer), 0, 0, at(&stranger), 4]);
    attempt("getsockname", libc::SYS_getsockname, &[3, at(&buffer), at(&buffer)]);
    attempt("setsockopt", libc::SYS_setsockopt, &[3, libc::SOL_SOCKET as usize, libc::SO_DEBUG as usize, at(&buffer), 4]);
    attempt("socketpair", libc::SYS_socketpair, &[libc::AF_UNIX as usize, libc::SOCK_STREAM as usize, 0, at(&buffer)]);
    attempt("pipe2", libc::SYS_pipe2, &[at(&buffer), 0]);
    attempt("dup", libc::SYS_dup, &[2]);
    attempt("dup3", libc::SYS_dup3, &[2, 12, 0]);
    attempt("fcntl", libc::SYS_fcntl, &[2, libc::F_GETFL as usize]);
    attempt("ioctl:TIOCSTI", libc::SYS_ioctl, &[2, libc::TIOCSTI as usize, at(&buffer)]);
    attempt("lseek", libc::SYS_lseek, &[2, 0, 0]);
    attempt("fstat", libc::SYS_fstat, &[2, at(&buffer)]);
    attempt("ftruncate", libc::SYS_ftruncate, &[2, 0]);
    attempt("sendfile", libc::SYS_sendfile, &[2, 0, 0, 0]);
    attempt("splice", libc::SYS_splice, &[0, 0, 2, 0, 0, 0]);
    attempt("getdents64", libc::SYS_getdents64, &[0, at(&buffer), buffer.len()]);
    attempt("epoll_create1", libc::SYS_epoll_create1, &[0]);
    attempt("eventfd2", libc::SYS_eventfd2, &[0, 0]);
    attempt("timerfd_create", libc::SYS_timerfd_create, &[0, 0]);
    attempt("signalfd4", libc::SYS_signalfd4, &[NONE, at(&buffer), 8, 0]);
    attempt("inotify_init1", libc::SYS_inotify_init1, &[0]);
    attempt("fanotify_init", libc::SYS_fanotify_init, &[0, 0]);
    attempt("memfd_create", libc::SYS_memfd_create, &[c"x".as_ptr() as usize, 0]);
    attempt("mq_open", libc::SYS_mq_open, &[c"drupe-probe-none".as_ptr() as usize, 0, 0, 0]);
}

fn processes(attempt: Attempt) {
    let parent = std::os::unix::process::parent_id() as usize;
    let own = std::process::id() as usize;
    let buffer = [0_u64; 16];
    attempt("kill:parent", libc::SYS_kill, &[parent, 0]);
    attempt("kill:group", libc::SYS_kill, &[0, 0]);
    attempt("kill:all", libc::SYS_kill, &[NONE, 0]);
    attempt("tgkill:parent", libc::SYS_tgkill, &[parent, parent, 0]);
    attempt("tkill", libc::SYS_tkill, &[own, 0]);
    attempt("rt_sigqueueinfo", libc::SYS_rt_sigqueueinfo, &[parent, 0, at(&buffer)]);
    // What these make, if they do, is a thread or process that shares nothing we need: flags that contradict each other stop that.
    attempt("clone:process", libc::SYS_clone, &[(libc::CLONE_THREAD) as usize, 0, 0, 0, 0]);
    attempt("clone:namespace", libc::SYS_clone, &[(libc::CLONE_NEWNS | libc::CLONE_FS) as usize, 0, 0, 0, 0]);
    let threads = libc::CLONE_VM | libc::CLONE_THREAD | libc::CLONE_SIGHAND;
    attempt("clone:thread-in-namespace", libc::SYS_clone, &[(threads | libc::CLONE_NEWUSER) as usize, 0, 0, 0, 0]);
    attempt("clone3", libc::SYS_clone3, &[at(&buffer), 8]);
    attempt("wait4", libc::SYS_wait4, &[NONE, 0, libc::WNOHANG as usize, 0]);
    attempt("getppid", libc::SYS_getppid, &[]);
    attempt("setpgid", libc::SYS_setpgid, &[0, 0]);
    attempt("setsid", libc::SYS_setsid, &[]);
    attempt("setpriority", libc::SYS_setpriority, &[NONE, 0, 0]);
    attempt("sched_setaffinity", libc::SYS_sched_setaffinity, &[0, 0, at(&buffer)]);
    attempt("sched_setscheduler", libc::SYS_sched_setscheduler, &[0, NONE, at(&buffer)]);
    attempt("sched_getaffinity:parent", libc::SYS_sched_getaffinity, &[parent, 128, at(&buffer)]);
    attempt("setuid", libc::SYS_setuid, &[0]);
    attempt("setgid", libc::SYS_setgid, &[0]);
    attempt("setgroups", libc::SYS_setgroups, &[NONE, 0]);
    attempt("capset", libc::SYS_capset, &[at(&buffer), 0]);
    attempt("get_robust_list", libc::SYS_get_robust_list, &[parent, at(&buffer), at(&buffer)]);
    attempt("prlimit64:parent", libc::SYS_prlimit64, &[parent, libc::RLIMIT_NOFILE as usize, 0, at(&buffer)]);
}

fn memory_and_system(attempt: Attempt) {
    let buffer = [0_u64; 64];
    attempt("shmget", libc::SYS_shmget, &[0, 4096, 0o600 | libc::IPC_CREAT as usize | libc::IPC_EXCL as usize]);
    attempt("semget", libc::SYS_semget, &[NONE, 0, 0]);
    attempt("msgget", libc::SYS_msgget, &[NONE, 0]);
    attempt("mlockall", libc::SYS_mlockall, &[0]);
    attempt("mincore", libc::SYS_mincore, &[at(&buffer) & !4095, 4096, at(&buffer)]);
    attempt("move_pages", libc::SYS_move_pages, &[0, 0, 0, 0, 0, 0]);
    attempt("personality", libc::SYS_personality, &[NONE]);
    attempt("syslog", libc::SYS_syslog, &[9, 0, 0]);
    attempt("sethostname", libc::SYS_sethostname, &[at(&buffer), NONE]);
    attempt("clock_settime", libc::SYS_clock_settime, &[NONE, at(&buffer)]);
    attempt("uname", libc::SYS_uname, &[at(&buffer)]);
    attempt("sysinfo", libc::SYS_sysinfo, &[at(&buffer)]);
    attempt("sync", libc::SYS_sync, &[]);
    attempt("landlock_create_ruleset", libc::SYS_landlock_create_ruleset, &[0, 0, 1]);
    #[cfg(target_arch = "x86_64")]
    {
        attempt("iopl", libc::SYS_iopl, &[0]);
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
