//! Machine code: only that of the program itself.

use std::io;

use super::Applied;

/// Has the system refuse to make memory executable. Older systems cannot; then seccomp refuses the calls that would.
pub(super) fn forbid() -> Applied {
    // SAFETY: the call changes nothing but this process's attribute, and the arguments are such as it asks for.
    let refused =
        unsafe { libc::prctl(libc::PR_SET_MDWE, libc::c_ulong::from(libc::PR_MDWE_REFUSE_EXEC_GAIN), 0_u64, 0_u64, 0_u64) };
    match refused {
        0 => Ok("no JIT, no WebAssembly; no memory becomes executable".to_owned()),
        _ => Ok(format!(
            "no JIT, no WebAssembly; seccomp alone keeps memory from becoming executable ({})",
            io::Error::last_os_error()
        )),
    }
}
