//! The system calls of a kernel that is locked down, as data: the allowed calls, with their arguments and the reason,
//! and the calls that end the process at once.
//!
//! The first list was traced over all tests, and the calls of rarer paths in V8, glibc and Rust were added. It has
//! **nothing that opens, connects, creates or starts anything**, no thread either, and nothing that names another
//! process. Arguments are limited to the used values, too: most sandbox escapes through the operating system used rare
//! flags of common calls. A call that is in neither list answers `ENOSYS`. Numbers differ between processors, hence
//! `libc`; a few calls exist on x86 only.

use libc::{c_int, c_long};

/// What an argument of a call must be. The first number is the argument's.
#[derive(Clone, Copy, Debug)]
pub(super) enum Must {
    /// This process's id.
    BeOwnId(u8),
    /// Null, or 0.
    BeNull(u8),
    /// -1, where a descriptor could be.
    BeNoDescriptor(u8),
    /// One of these.
    BeOneOf(u8, &'static [c_int]),
    /// One of these, when the flags are taken away.
    BeOperation(u8, c_int, &'static [c_int]),
    /// Flags, and no others than these.
    HaveOnly(u8, c_int),
    /// What memory is mapped as: the flags that it must have, and those that it may have.
    Map(u8, c_int, c_int),
    /// Rights of memory. They include execution if V8 compiles.
    Protect(u8),
    /// A clock of the machine's, of this process's, or of the thread that runs JavaScript.
    BeOwnClock(u8),
}

use Must::{BeNoDescriptor, BeNull, BeOneOf, BeOperation, BeOwnClock, BeOwnId, HaveOnly, Map, Protect};

/// Any arguments.
const ANY: &[Must] = &[];

/// Of `prctl`: names for threads, and for stretches of memory.
const NAMES: &[c_int] = &[libc::PR_SET_NAME, libc::PR_SET_VMA];

/// Of `send` and `recv`. Above all not `MSG_OOB`.
const MESSAGES: c_int = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;

/// Memory is this process's own, and comes from nowhere.
const PRIVATE: c_int = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
const PLACED: c_int = libc::MAP_NORESERVE | libc::MAP_FIXED | libc::MAP_FIXED_NOREPLACE | libc::MAP_STACK;

/// Waiting and waking. Nothing with priority inheritance, nothing that moves waiters.
const FUTEXES: &[c_int] = &[libc::FUTEX_WAIT, libc::FUTEX_WAKE, libc::FUTEX_WAIT_BITSET, libc::FUTEX_WAKE_BITSET];
const FUTEX_FLAGS: c_int = libc::FUTEX_PRIVATE_FLAG | libc::FUTEX_CLOCK_REALTIME;

/// Not in `libc` for every C library: glibc guards stacks by these.
const MADV_GUARD_INSTALL: c_int = 102;
const MADV_GUARD_REMOVE: c_int = 103;
/// Giving memory back, large pages, and what is not to be in dumps or children.
const ADVICE: &[c_int] = &[
    libc::MADV_DONTNEED,
    libc::MADV_FREE,
    libc::MADV_DONTFORK,
    libc::MADV_HUGEPAGE,
    libc::MADV_NOHUGEPAGE,
    libc::MADV_DONTDUMP,
    libc::MADV_DODUMP,
    MADV_GUARD_INSTALL,
    MADV_GUARD_REMOVE,
];

/// Of `membarrier`, as the system numbers them: what there is, and the two barriers among the threads of this process,
/// with their registration.
const BARRIERS: &[c_int] = &[0, 1 << 3, 1 << 4, 1 << 5, 1 << 6];

/// Clocks that are not another's.
pub(super) const CLOCKS: &[c_int] = &[
    libc::CLOCK_REALTIME,
    libc::CLOCK_MONOTONIC,
    libc::CLOCK_PROCESS_CPUTIME_ID,
    libc::CLOCK_THREAD_CPUTIME_ID,
    libc::CLOCK_MONOTONIC_RAW,
    libc::CLOCK_REALTIME_COARSE,
    libc::CLOCK_MONOTONIC_COARSE,
    libc::CLOCK_BOOTTIME,
];

/// What may be called, with which arguments, and what for.
pub(super) const ALLOWED: &[(c_long, &[Must], &str)] = &[
    // The channels. No call here sends or receives descriptors, or takes an address.
    (libc::SYS_read, ANY, "requests; wake-ups"),
    (libc::SYS_write, ANY, "wake-ups; last words on standard error"),
    (libc::SYS_writev, ANY, "last words that Rust writes in parts"),
    (libc::SYS_recvfrom, &[HaveOnly(3, MESSAGES), BeNull(4)], "requests, as Rust reads sockets"),
    (libc::SYS_sendto, &[HaveOnly(3, MESSAGES), BeNull(4)], "events, as Rust writes sockets"),
    (libc::SYS_ppoll, ANY, "the wait for requests, timers and wake-ups"),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_poll, ANY, "the same, as libraries of C call it"),
    (libc::SYS_close, ANY, "the channels, at the end"),
    // Memory. There is no file to map; whatever is executable was written by V8. Memory that is shared, or grows by
    // itself, would not count as this process's data.
    (libc::SYS_mmap, &[Protect(2), Map(3, PRIVATE, PLACED), BeNoDescriptor(4)], "the heap, code, buffers, stacks"),
    (libc::SYS_munmap, ANY, "their end"),
    (libc::SYS_mprotect, &[Protect(2)], "V8 commits memory and seals code"),
    (libc::SYS_pkey_mprotect, &[Protect(2)], "the same under memory protection keys"),
    (libc::SYS_mremap, &[HaveOnly(3, libc::MREMAP_MAYMOVE)], "glibc grows large blocks in place"),
    (libc::SYS_madvise, &[BeOneOf(2, ADVICE)], "V8 and glibc give memory back, and guard stacks"),
    (libc::SYS_brk, ANY, "glibc's small blocks"),
    (SYS_MSEAL, ANY, "V8 makes mappings final, where the system can"),
    // Threads. All of them are there already.
    (libc::SYS_futex, &[BeOperation(1, FUTEX_FLAGS, FUTEXES)], "locks, condition variables, joins"),
    (libc::SYS_set_robust_list, ANY, "a new thread's first call, which may come late"),
    (libc::SYS_rseq, ANY, "a new thread's second call"),
    (libc::SYS_set_tid_address, ANY, "a thread tells where its end is to be noted"),
    (libc::SYS_gettid, ANY, "V8 and glibc ask who they are"),
    (libc::SYS_getpid, ANY, "the same"),
    (libc::SYS_sched_yield, ANY, "spinning locks"),
    (libc::SYS_getcpu, ANY, "allocators that keep a part for each processor"),
    (libc::SYS_membarrier, &[BeOneOf(0, BARRIERS)], "V8 publishes code to its threads"),
    (libc::SYS_prctl, &[BeOneOf(0, NAMES)], "names of threads and mappings, for people who look"),
    // Clocks and chance.
    (libc::SYS_clock_gettime, &[BeOwnClock(0)], "CPU budgets: the clock of another thread is no vDSO call"),
    (libc::SYS_clock_getres, &[BeOwnClock(0)], "resolution of clocks"),
    (libc::SYS_clock_nanosleep, &[BeOneOf(0, &[libc::CLOCK_REALTIME, libc::CLOCK_MONOTONIC])], "V8's threads wait"),
    (libc::SYS_nanosleep, ANY, "the same, older"),
    (libc::SYS_gettimeofday, ANY, "where the vDSO cannot"),
    (libc::SYS_getrandom, ANY, "hash seeds, Math.random"),
    (libc::SYS_getrusage, ANY, "V8 measures its own CPU time"),
    (libc::SYS_prlimit64, &[BeNull(0), BeNull(2)], "glibc asks how large the stack may be; setting a limit is refused"),
    // Signals and the end.
    (libc::SYS_rt_sigaction, ANY, "glibc's abort"),
    (libc::SYS_rt_sigprocmask, ANY, "the same; a new thread starts with signals blocked"),
    (libc::SYS_rt_sigreturn, ANY, "the return from a handler"),
    (libc::SYS_sigaltstack, ANY, "Rust tells a stack overflow from other crashes"),
    (libc::SYS_restart_syscall, ANY, "the system goes on with a call after a stop"),
    (libc::SYS_tgkill, &[BeOwnId(0)], "abort, after V8 has said why"),
    (libc::SYS_kill, &[BeOwnId(0)], "the kernel ends itself when its parent is gone"),
    (libc::SYS_exit, ANY, "a thread's end"),
    (libc::SYS_exit_group, ANY, "the end"),
];

/// Not in `libc` for every C library.
const SYS_MSEAL: c_long = 462;

/// What nothing in the kernel calls on any way, and an intruder would like to: whoever tries is ended, and the parent
/// is told of a violation. Programs, sockets, other processes, namespaces, and the parts of the system that were most
/// often the way out. **What libraries try by themselves is not here** (V8 opens `/proc/self/maps`, glibc asks for the
/// processors): it answers `ENOSYS`.
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
    // Threads and processes: all threads are there already.
    libc::SYS_clone,
    libc::SYS_clone3,
    // Ends of sockets, and whatever passes descriptors.
    libc::SYS_socketpair,
    libc::SYS_sendmsg,
    libc::SYS_recvmsg,
    libc::SYS_sendmmsg,
    libc::SYS_recvmmsg,
    // New descriptors of any kind.
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_pipe2,
    libc::SYS_epoll_create1,
    libc::SYS_eventfd2,
    libc::SYS_timerfd_create,
    libc::SYS_signalfd4,
    libc::SYS_inotify_init1,
    libc::SYS_fanotify_init,
    libc::SYS_memfd_create,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_dup2,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_pipe,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_eventfd,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_epoll_create,
    // Memory, queues and semaphores that processes share.
    libc::SYS_shmget,
    libc::SYS_shmat,
    libc::SYS_semget,
    libc::SYS_msgget,
    libc::SYS_mq_open,
    // Files, beyond those calls that libraries try by themselves.
    libc::SYS_openat2,
    libc::SYS_unlinkat,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_linkat,
    libc::SYS_symlinkat,
    libc::SYS_mkdirat,
    libc::SYS_mknodat,
    libc::SYS_truncate,
    libc::SYS_fchmodat,
    libc::SYS_fchownat,
    libc::SYS_utimensat,
    libc::SYS_setxattr,
    libc::SYS_chdir,
    libc::SYS_fchdir,
    libc::SYS_getdents64,
    libc::SYS_name_to_handle_at,
    libc::SYS_sendfile,
    libc::SYS_splice,
    libc::SYS_tee,
    libc::SYS_vmsplice,
    libc::SYS_copy_file_range,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_creat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_unlink,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_rename,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_link,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_symlink,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_mkdir,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_rmdir,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_mknod,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chmod,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chown,
    // Another identity, or other rules.
    libc::SYS_setuid,
    libc::SYS_setgid,
    libc::SYS_setreuid,
    libc::SYS_setregid,
    libc::SYS_setresuid,
    libc::SYS_setresgid,
    libc::SYS_setgroups,
    libc::SYS_capset,
    libc::SYS_setsid,
    libc::SYS_setpgid,
    libc::SYS_personality,
    libc::SYS_landlock_create_ruleset,
    libc::SYS_landlock_restrict_self,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_modify_ldt,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_iopl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_ioperm,
    // Memory in ways that no library asks for.
    libc::SYS_mlock,
    libc::SYS_mlockall,
    libc::SYS_remap_file_pages,
    libc::SYS_mbind,
    libc::SYS_move_pages,
    libc::SYS_migrate_pages,
    // The machine.
    libc::SYS_clock_settime,
    libc::SYS_settimeofday,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_quotactl,
    libc::SYS_acct,
    libc::SYS_syslog,
    // Other processes.
    libc::SYS_wait4,
    libc::SYS_waitid,
    libc::SYS_tkill,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
];
