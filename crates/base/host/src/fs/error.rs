//! Errors in Node's wording.

use drupe_protocol::{HostError, RunId, Value};
use rustix::io::Errno;

use crate::permissions::{Kind, PermissionRequest, restated};

/// The operation that may fail, for its errors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failing {
    /// As Node names it in `error.syscall`.
    pub(crate) syscall: &'static str,
    /// Who asks.
    pub(crate) run: Option<RunId>,
}

impl Failing {
    pub(crate) fn new(syscall: &'static str, run: Option<RunId>) -> Self {
        Self { syscall, run }
    }

    /// The error of an operation on an open file.
    pub(crate) fn plain(&self, errno: Errno) -> HostError {
        self.build(errno, None, None)
    }

    /// The error of an operation on `path`, as the user wrote it.
    pub(crate) fn path(&self, errno: Errno, path: &str) -> HostError {
        self.build(errno, Some(path), None)
    }

    /// The error of an operation from `path` to `dest`.
    pub(crate) fn paths(&self, errno: Errno, path: &str, dest: &str) -> HostError {
        self.build(errno, Some(path), Some(dest))
    }

    /// The error for a path that was not granted, as `error` says why: a rule may deny what another grants. **It names
    /// what was asked for, not where that leads.**
    pub(crate) fn refused(&self, error: &HostError, kind: Kind, path: &str) -> HostError {
        self.dressed(restated(error, &PermissionRequest::new(kind, path, self.syscall, self.run)), path)
    }

    fn dressed(&self, error: HostError, path: &str) -> HostError {
        error
            .with("errno", -f64::from(Errno::ACCESS.raw_os_error()))
            .with("code", "EACCES")
            .with("syscall", self.syscall)
            .with("path", path)
    }

    fn build(&self, errno: Errno, path: Option<&str>, dest: Option<&str>) -> HostError {
        let (code, words) = describe(errno);
        let mut message = format!("{code}: {words}, {}", self.syscall);
        let shown = [path, dest].into_iter().flatten().map(|path| format!("'{path}'")).collect::<Vec<_>>();
        if !shown.is_empty() {
            message = format!("{message} {}", shown.join(" -> "));
        }
        let mut error = HostError::new("Error", message)
            .with_code(&*code)
            .with("errno", -f64::from(errno.raw_os_error()))
            .with("code", &*code)
            .with("syscall", self.syscall);
        for (name, value) in [("path", path), ("dest", dest)] {
            if let Some(value) = value {
                error = error.with(name, Value::from(value));
            }
        }
        error
    }
}

macro_rules! errors {
    ($($name:ident $code:literal $words:literal,)*) => {
        /// The code of an error, and libuv's words for it.
        pub(crate) fn describe(errno: Errno) -> (String, String) {
            match errno {
                $(Errno::$name => ($code.to_owned(), $words.to_owned()),)*
                other => (format!("E{}", other.raw_os_error()), other.to_string()),
            }
        }
    };
}

errors! {
    ACCESS "EACCES" "permission denied",
    AGAIN "EAGAIN" "resource temporarily unavailable",
    BADF "EBADF" "bad file descriptor",
    BUSY "EBUSY" "resource busy or locked",
    DQUOT "EDQUOT" "disk quota exceeded",
    EXIST "EEXIST" "file already exists",
    FBIG "EFBIG" "file too large",
    INTR "EINTR" "interrupted system call",
    INVAL "EINVAL" "invalid argument",
    IO "EIO" "i/o error",
    ISDIR "EISDIR" "illegal operation on a directory",
    LOOP "ELOOP" "too many symbolic links encountered",
    MFILE "EMFILE" "too many open files",
    MLINK "EMLINK" "too many links",
    NAMETOOLONG "ENAMETOOLONG" "name too long",
    NFILE "ENFILE" "file table overflow",
    NODEV "ENODEV" "no such device",
    NOENT "ENOENT" "no such file or directory",
    NOEXEC "ENOEXEC" "exec format error",
    NOMEM "ENOMEM" "not enough memory",
    NOSPC "ENOSPC" "no space left on device",
    NOSYS "ENOSYS" "function not implemented",
    NOTDIR "ENOTDIR" "not a directory",
    NOTEMPTY "ENOTEMPTY" "directory not empty",
    NOTSUP "ENOTSUP" "operation not supported on socket",
    NXIO "ENXIO" "no such device or address",
    PERM "EPERM" "operation not permitted",
    PIPE "EPIPE" "broken pipe",
    SPIPE "ESPIPE" "invalid seek",
    NOTTY "ENOTTY" "inappropriate ioctl for device",
    ROFS "EROFS" "read-only file system",
    SRCH "ESRCH" "no such process",
    TXTBSY "ETXTBSY" "text file is busy",
    XDEV "EXDEV" "cross-device link not permitted",
    TOOBIG "E2BIG" "argument list too long",
}

/// The system's error in one of the standard library's.
pub(crate) fn errno(error: &std::io::Error) -> Errno {
    Errno::from_io_error(error).unwrap_or(Errno::IO)
}
