//! The system calls of a kernel that is locked down, as data: what it may call and why, and what ends it at once.
//!
//! The first list was traced over every test there is, and what V8, glibc and Rust are known to call on rarer ways was added. There is
//! **nothing that opens, connects, creates or starts anything**, and nothing that names another process. A call that is in neither list
//! answers `ENOSYS`. Numbers differ between processors, hence `libc`; a few calls exist on x86 alone.

use libc::{c_int, c_long};

/// Which arguments a call may have.
#[derive(Clone, Copy, Debug)]
pub(super) enum Only {
    Any,
    /// The first is this process's id.
    OwnId,
    /// The first is one of these.
    OneOf(&'static [u64]),
    /// The argument's bits under `mask` are `value`.
    Masked {
        argument: u8,
        mask: u64,
        value: u64,
    },
    /// The argument is null.
    Null(u8),
    /// The first is 0, which means this process, and the argument is null.
    OwnAndNull(u8),
}

use Only::{Any, Masked, Null, OneOf, OwnAndNull, OwnId};

/// A new thread shares all of this with the old one; with less it would be a process.
const THREAD: c_int = libc::CLONE_VM | libc::CLONE_SIGHAND | libc::CLONE_THREAD;
/// And nothing about it is new to the world.
const NAMESPACES: c_int = libc::CLONE_NEWNS
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWCGROUP;

/// Of `prctl`: names for threads, and for stretches of memory.
const NAMES: &[u64] = &[libc::PR_SET_NAME as u64, libc::PR_SET_VMA as u64];

/// What may be called, with which arguments, and what for.
pub(super) const ALLOWED: &[(c_long, Only, &str)] = &[
    // The channels. No call here sends or receives descriptors, or takes an address.
    (libc::SYS_read, Any, "requests; wake-ups"),
    (libc::SYS_write, Any, "wake-ups; last words on standard error"),
    (libc::SYS_writev, Any, "last words that Rust writes in parts"),
    (libc::SYS_recvfrom, Any, "requests, as Rust reads sockets"),
    (libc::SYS_sendto, Null(4), "events, as Rust writes sockets; the address of another is refused"),
    (libc::SYS_ppoll, Any, "the wait for requests, timers and wake-ups"),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_poll, Any, "the same, as libraries of C call it"),
    (libc::SYS_close, Any, "the channels, at the end"),
    // Memory. There is no file to map; whatever is executable was written by V8.
    (libc::SYS_mmap, Any, "the heap, code, buffers, stacks"),
    (libc::SYS_munmap, Any, "their end"),
    (libc::SYS_mprotect, Any, "V8 commits memory and seals code"),
    (libc::SYS_pkey_mprotect, Any, "the same under memory protection keys"),
    (libc::SYS_mremap, Any, "glibc grows large blocks in place"),
    (libc::SYS_madvise, Any, "V8 and glibc give memory back; newer ones set guard pages: unfiltered, or they crash"),
    (libc::SYS_brk, Any, "glibc's small blocks"),
    (SYS_MSEAL, Any, "V8 makes mappings final, where the system can"),
    // Threads.
    (libc::SYS_futex, Any, "locks, condition variables, joins"),
    (
        libc::SYS_clone,
        Masked { argument: 0, mask: (THREAD | NAMESPACES) as u64, value: THREAD as u64 },
        "threads, never processes",
    ),
    (libc::SYS_set_robust_list, Any, "a new thread's first call"),
    (libc::SYS_rseq, Any, "a new thread's second call"),
    (libc::SYS_set_tid_address, Any, "a thread tells where its end is to be noted"),
    (libc::SYS_gettid, Any, "V8 and glibc ask who they are"),
    (libc::SYS_getpid, Any, "the same"),
    (libc::SYS_sched_yield, Any, "spinning locks"),
    (libc::SYS_getcpu, Any, "allocators that keep a part for each processor"),
    (libc::SYS_membarrier, Any, "V8 publishes code to its threads"),
    (libc::SYS_prctl, OneOf(NAMES), "names of threads and mappings, for people who look"),
    // Clocks and chance.
    (libc::SYS_clock_gettime, Any, "CPU budgets: the clock of another thread is no vDSO call"),
    (libc::SYS_clock_getres, Any, "resolution of clocks"),
    (libc::SYS_clock_nanosleep, Any, "V8's threads wait"),
    (libc::SYS_nanosleep, Any, "the same, older"),
    (libc::SYS_gettimeofday, Any, "where the vDSO cannot"),
    (libc::SYS_getrandom, Any, "hash seeds, Math.random"),
    (libc::SYS_getrusage, Any, "V8 measures its own CPU time"),
    (libc::SYS_prlimit64, OwnAndNull(2), "glibc asks how large the stack may be; setting a limit is refused"),
    // Signals and the end.
    (libc::SYS_rt_sigaction, Any, "glibc's abort"),
    (libc::SYS_rt_sigprocmask, Any, "the same; a new thread starts with signals blocked"),
    (libc::SYS_rt_sigreturn, Any, "the return from a handler"),
    (libc::SYS_sigaltstack, Any, "Rust tells a stack overflow from other crashes"),
    (libc::SYS_restart_syscall, Any, "the system goes on with a call after a stop"),
    (libc::SYS_tgkill, OwnId, "abort, after V8 has said why"),
    (libc::SYS_kill, OwnId, "the kernel ends itself when its parent is gone"),
    (libc::SYS_exit, Any, "a thread's end"),
    (libc::SYS_exit_group, Any, "the end"),
];

/// Not in `libc` for every C library.
const SYS_MSEAL: c_long = 462;

/// What nothing in the kernel calls on any way, and an intruder would like to: whoever tries is ended, and the parent is told of a
/// violation. Programs, sockets, other processes, namespaces, and the parts of the system that were most often the way out.
pub(super) const KILLED: &[c_long] = &[
    libc::SYS_execve,
    libc::SYS_execveat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_fork,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_vfork,
    libc::SYS_socket,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_kcmp,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_bpf,
    libc::SYS_userfaultfd,
    libc::SYS_perf_event_open,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsmount,
    libc::SYS_mount_setattr,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_open_by_handle_at,
];
