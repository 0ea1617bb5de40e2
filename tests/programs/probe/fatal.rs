//! Calls that end the kernel. The arguments are such that the system would reject them if it came to that.

use std::ffi::c_long;

use super::{NONE, call};

/// Tries `name`; to return is to have failed.
pub(super) fn attempt(name: &str) {
    if name == "list" {
        FATAL.iter().for_each(|(name, _)| eprintln!("{name}"));
        #[cfg(target_arch = "x86_64")]
        eprintln!("{OLD_GATE}");
        return;
    }
    #[cfg(target_arch = "x86_64")]
    if name == OLD_GATE {
        return old_gate();
    }
    let (_, number) = FATAL.iter().find(|(known, _)| *known == name).unwrap();
    eprintln!("survived {}", call(*number, &[NONE, 0, 0, 0, NONE, NONE]));
}

#[cfg(target_arch = "x86_64")]
const OLD_GATE: &str = "int-0x80";

/// The way into the system of 32-bit programs, whose calls have other numbers: 20 is `getpid`.
#[cfg(target_arch = "x86_64")]
fn old_gate() {
    let result: i64;
    // SAFETY: the call changes nothing but its result.
    unsafe {
        std::arch::asm!("int 0x80", inlateout("rax") 20_i64 => result, out("r8") _, out("r9") _, out("r10") _, out("r11") _)
    };
    eprintln!("survived {result}");
}

const FATAL: &[(&str, c_long)] = &[
    ("execve", libc::SYS_execve),
    ("execveat", libc::SYS_execveat),
    #[cfg(target_arch = "x86_64")]
    ("fork", libc::SYS_fork),
    #[cfg(target_arch = "x86_64")]
    ("vfork", libc::SYS_vfork),
    ("socket", libc::SYS_socket),
    ("connect", libc::SYS_connect),
    ("bind", libc::SYS_bind),
    ("listen", libc::SYS_listen),
    ("accept4", libc::SYS_accept4),
    ("ptrace", libc::SYS_ptrace),
    ("process_vm_readv", libc::SYS_process_vm_readv),
    ("process_vm_writev", libc::SYS_process_vm_writev),
    ("kcmp", libc::SYS_kcmp),
    ("pidfd_open", libc::SYS_pidfd_open),
    ("pidfd_getfd", libc::SYS_pidfd_getfd),
    ("pidfd_send_signal", libc::SYS_pidfd_send_signal),
    ("io_uring_setup", libc::SYS_io_uring_setup),
    ("bpf", libc::SYS_bpf),
    ("userfaultfd", libc::SYS_userfaultfd),
    ("perf_event_open", libc::SYS_perf_event_open),
    ("mount", libc::SYS_mount),
    ("umount2", libc::SYS_umount2),
    ("move_mount", libc::SYS_move_mount),
    ("fsopen", libc::SYS_fsopen),
    ("pivot_root", libc::SYS_pivot_root),
    ("chroot", libc::SYS_chroot),
    ("unshare", libc::SYS_unshare),
    ("setns", libc::SYS_setns),
    ("keyctl", libc::SYS_keyctl),
    ("add_key", libc::SYS_add_key),
    ("request_key", libc::SYS_request_key),
    ("init_module", libc::SYS_init_module),
    ("finit_module", libc::SYS_finit_module),
    ("delete_module", libc::SYS_delete_module),
    ("kexec_load", libc::SYS_kexec_load),
    ("reboot", libc::SYS_reboot),
    ("open_by_handle_at", libc::SYS_open_by_handle_at),
];
