//! The guard of a program: a process between this one and the program. It ends all processes that the program started
//! when this process ends or closes the socket.
//!
//! The guard is the nearest *subreaper* of the program: a descendant becomes the guard's child when its own parent is
//! gone, also one that leaves its session or forks twice. A socket to this process tells the guard when to end them
//! all: at its end of file, which the system delivers if this process is killed. **Two kinds of processes escape**:
//! those that another process starts on request, such as a service manager, and those of another user that this one may
//! not signal.
//!
//! [`Guarded::divide`] runs between `fork` and `exec` in a copy of a process that has threads. **So nothing here
//! allocates, locks or unwinds**: it consists of system calls on memory that was prepared before.

use std::{
    ffi::{CStr, CString, c_char, c_int, c_long, c_ulong},
    io,
    os::{
        fd::{AsRawFd, OwnedFd, RawFd},
        unix::net::UnixStream,
    },
    ptr,
};

/// Where `execve` finds the shell for what has no format of its own, as `execvp` does.
const SHELL: &CStr = c"/bin/sh";
/// The socket, in the guard.
const LINK: RawFd = 0;
/// Where the program says that it could not be started, in the guard.
const FAILURE: RawFd = 1;

/// How often a program is tried that is open for writing, and how many nanoseconds lie between two tries. A `fork` in
/// another thread copies the descriptor of a program that was just written, and holds it until its own `exec`.
const TRIES: u32 = 500;
const BETWEEN_TRIES: c_long = 2_000_000;

/// What the guard says first: the program's id, and why it was not started, or 0.
pub(super) const GREETING: usize = 8;
/// What it says next: the program's wait status.
pub(super) const STATUS: usize = 4;

/// Strings as `execve` takes them.
struct Strings {
    /// Owns what is pointed to.
    _strings: Vec<CString>,
    pointers: Vec<*const c_char>,
}

impl Strings {
    fn new(strings: Vec<CString>) -> Self {
        let pointers = strings.iter().map(|string| string.as_ptr()).chain([ptr::null()]).collect();
        Self { _strings: strings, pointers }
    }
}

/// A program with its guard, ready to be started.
pub(super) struct Guarded {
    program: CString,
    arguments: Strings,
    /// The same for the shell, if `program` is a script that does not say what runs it.
    shell_arguments: Strings,
    variables: Strings,
    /// Whether it gets a session of its own, not only a process group. What is confined gets one in any case: **in the
    /// session of this process it could type into the user's terminal**.
    pub(super) own_session: bool,
    /// Whether it gets a process group of its own, if it gets no session.
    pub(super) own_group: bool,
    /// What Landlock confines it to.
    pub(super) ruleset: Option<OwnedFd>,
    link: UnixStream,
}

// SAFETY: the pointers lead to strings that are owned beside them and never change.
unsafe impl Send for Guarded {}
// SAFETY: as above.
unsafe impl Sync for Guarded {}

impl Guarded {
    /// `link` is the guard's end of the socket.
    pub(super) fn new(program: CString, arguments: Vec<CString>, variables: Vec<CString>, link: UnixStream) -> Self {
        let for_shell = [SHELL.to_owned(), program.clone()].into_iter().chain(arguments.iter().skip(1).cloned()).collect();
        Self {
            program,
            arguments: Strings::new(arguments),
            shell_arguments: Strings::new(for_shell),
            variables: Strings::new(variables),
            own_session: false,
            own_group: true,
            ruleset: None,
            link,
        }
    }

    /// Makes two of this process: one becomes the program, and the other its guard. Returns only when that fails.
    ///
    /// # Safety
    /// To be called in the child of a `fork`, before any other code runs there.
    pub(super) unsafe fn divide(&self) -> io::Error {
        // SAFETY: system calls on memory of this function's own and on what `self` holds. The second process has a copy
        // of all of it.
        unsafe {
            let mut all = std::mem::zeroed();
            libc::sigfillset(&raw mut all);
            libc::sigprocmask(libc::SIG_SETMASK, &raw const all, ptr::null_mut());
            libc::signal(libc::SIGCHLD, libc::SIG_DFL);
            let mut failure = [0; 2];
            if libc::pipe2(failure.as_mut_ptr(), libc::O_CLOEXEC) != 0 || prctl(libc::PR_SET_CHILD_SUBREAPER, 1) != 0 {
                return io::Error::last_os_error();
            }
            let guard = libc::getpid();
            // Not libc's fork, which would run the parent's fork handlers.
            match libc::syscall(libc::SYS_clone, c_long::from(libc::SIGCHLD), NONE, NONE, NONE, NONE) {
                -1 => io::Error::last_os_error(),
                0 => self.become_program(guard, failure[1]),
                #[expect(clippy::cast_possible_truncation, reason = "ids of processes are integers")]
                program => keep(program as c_int, self.link.as_raw_fd(), failure[0]),
            }
        }
    }

    unsafe fn become_program(&self, guard: c_int, failure: RawFd) -> ! {
        // SAFETY: as in `divide`.
        unsafe {
            // Its guard may be killed, too.
            prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL.unsigned_abs().into());
            if libc::getppid() != guard {
                libc::_exit(127);
            }
            let grouped = match (self.own_session || self.ruleset.is_some(), self.own_group) {
                (true, _) => libc::setsid(),
                (false, true) => libc::setpgid(0, 0),
                (false, false) => 0,
            };
            if grouped != -1 && self.confine() {
                let mut none = std::mem::zeroed();
                libc::sigemptyset(&raw mut none);
                libc::sigprocmask(libc::SIG_SETMASK, &raw const none, ptr::null_mut());
                self.execute(failure);
            }
            let errno = *libc::__errno_location();
            libc::write(failure, (&raw const errno).cast(), size_of::<c_int>());
            libc::_exit(127)
        }
    }

    /// Returns only when the program cannot be executed. `failure` stays open.
    unsafe fn execute(&self, failure: RawFd) {
        let variables = self.variables.pointers.as_ptr();
        // SAFETY: as in `divide`.
        unsafe {
            for _ in 0..TRIES {
                libc::execve(self.program.as_ptr(), self.arguments.pointers.as_ptr(), variables);
                if *libc::__errno_location() != libc::ETXTBSY {
                    break;
                }
                close_inherited(failure);
                let pause = libc::timespec { tv_sec: 0, tv_nsec: BETWEEN_TRIES };
                libc::nanosleep(&raw const pause, ptr::null_mut());
                *libc::__errno_location() = libc::ETXTBSY;
            }
            if *libc::__errno_location() == libc::ENOEXEC {
                libc::execve(SHELL.as_ptr(), self.shell_arguments.pointers.as_ptr(), variables);
            }
        }
    }

    unsafe fn confine(&self) -> bool {
        let Some(ruleset) = &self.ruleset else { return true };
        // SAFETY: as in `divide`.
        unsafe {
            prctl(libc::PR_SET_NO_NEW_PRIVS, 1) == 0
                && libc::syscall(libc::SYS_landlock_restrict_self, c_long::from(ruleset.as_raw_fd()), NONE) == 0
        }
    }
}

/// Closes what `execve` would close, but for `kept`: this process, too, may have a copy of the descriptor.
unsafe fn close_inherited(kept: RawFd) {
    // SAFETY: nothing in this process uses them any more.
    unsafe {
        let most = c_int::try_from(libc::sysconf(libc::_SC_OPEN_MAX)).unwrap_or(1024).min(1 << 16);
        for fd in (3..most).filter(|fd| *fd != kept) {
            let flags = libc::fcntl(fd, libc::F_GETFD);
            if flags != -1 && flags & libc::FD_CLOEXEC != 0 {
                libc::close(fd);
            }
        }
    }
}

/// An argument that is not there. Arguments of system calls are as long as a register.
const NONE: c_ulong = 0;

unsafe fn prctl(option: c_int, argument: c_ulong) -> c_int {
    // SAFETY: the options that are used here take numbers.
    unsafe { libc::prctl(option, argument, NONE, NONE, NONE) }
}

/// Guards `program` until the other end of `link` is gone.
unsafe fn keep(program: c_int, link: RawFd, failure: RawFd) -> ! {
    // SAFETY: as in `Guarded::divide`. Nothing here returns to code that expects its descriptors.
    unsafe {
        // What a terminal sends to its foreground group is not for the guard. Nor is its memory, a copy of its
        // parent's, for others to read.
        libc::setpgid(0, 0);
        prctl(libc::PR_SET_DUMPABLE, 0);
        libc::prctl(libc::PR_SET_NAME, c"drupe-guard".as_ptr(), 0, 0, 0);
        // Both are above 2: a process starts with the standard three.
        libc::dup2(link, LINK);
        libc::dup2(failure, FAILURE);
        if libc::syscall(libc::SYS_close_range, 2 as c_ulong, c_ulong::from(libc::c_uint::MAX), NONE) != 0 {
            // Before Linux 5.9.
            for fd in 2..c_int::try_from(libc::sysconf(libc::_SC_OPEN_MAX)).unwrap_or(1024) {
                libc::close(fd);
            }
        }
        libc::chdir(c"/".as_ptr());
        let mut errno: c_int = 0;
        // Its other end is closed when the program is started.
        while libc::read(FAILURE, (&raw mut errno).cast(), size_of::<c_int>()) == -1 && *libc::__errno_location() == libc::EINTR {
        }
        libc::close(FAILURE);
        let greeting = [program, errno];
        libc::write(LINK, (&raw const greeting).cast(), GREETING);
        let mut children = std::mem::zeroed();
        libc::sigemptyset(&raw mut children);
        libc::sigaddset(&raw mut children, libc::SIGCHLD);
        let ends = libc::signalfd(-1, &raw const children, libc::SFD_NONBLOCK);
        let mut guard = Guard { program, runs: true };
        loop {
            let look = |fd| libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
            let mut sources = [look(LINK), look(ends)];
            libc::poll(sources.as_mut_ptr(), 2, -1);
            if sources[1].revents != 0 {
                let mut ended = [0_u8; size_of::<libc::signalfd_siginfo>()];
                while libc::read(ends, ended.as_mut_ptr().cast(), ended.len()) > 0 {}
                let mut child = guard.wait(libc::WNOHANG);
                while child > 0 {
                    child = guard.wait(libc::WNOHANG);
                }
                // Nothing is left that could start anything.
                if child == -1 && !guard.runs {
                    libc::_exit(0);
                }
            }
            if sources[0].revents != 0 && !guard.obey() {
                guard.end_all();
                libc::_exit(0);
            }
        }
    }
}

struct Guard {
    program: c_int,
    /// Whether the program has not been waited for. **Only then its id is its own.**
    runs: bool,
}

impl Guard {
    /// Waits for a child: its id, 0 if none has ended, -1 if there is none.
    unsafe fn wait(&mut self, flags: c_int) -> c_int {
        let mut status: c_int = 0;
        // SAFETY: writes to `status` alone.
        let ended = unsafe { libc::waitpid(-1, &raw mut status, flags) };
        if ended == self.program && self.runs {
            self.runs = false;
            // SAFETY: reads `status` alone. Where nobody listens any more, the end of the link says so.
            unsafe { libc::write(LINK, (&raw const status).cast(), STATUS) };
        }
        ended
    }

    /// Does what the other end says: sends the signals that it names. False at its end.
    unsafe fn obey(&self) -> bool {
        let mut signals = [0_u8; 64];
        // SAFETY: reads into `signals` alone.
        let count = unsafe { libc::read(LINK, signals.as_mut_ptr().cast(), signals.len()) };
        let Ok(count) = usize::try_from(count) else {
            // SAFETY: reads this thread's own.
            return unsafe { *libc::__errno_location() } == libc::EINTR;
        };
        for signal in signals.iter().take(count).filter(|_| self.runs) {
            // SAFETY: the program has not been waited for, so nobody else has its id. It may have left its group.
            unsafe {
                if libc::kill(-self.program, c_int::from(*signal)) != 0 {
                    libc::kill(self.program, c_int::from(*signal));
                }
            }
        }
        count > 0
    }

    /// Kills all that is below this process, until nothing is left.
    unsafe fn end_all(&mut self) {
        // SAFETY: what is killed are children that were not waited for, and the group of one.
        unsafe {
            loop {
                match self.wait(libc::__WALL | libc::WNOHANG) {
                    1.. => continue,
                    0 => {}
                    _ => return,
                }
                if self.runs {
                    libc::kill(-self.program, libc::SIGKILL);
                    libc::kill(self.program, libc::SIGKILL);
                }
                kill_children();
                // The children of whoever ends are this process's before that can be waited for.
                self.wait(libc::__WALL);
            }
        }
    }
}

/// Where `getdents64` writes to, which wants it aligned.
#[repr(align(8))]
struct Entries([u8; 4096]);

/// Kills each child of this process: not all systems list them (`/proc/*/children`), so all processes are looked at.
unsafe fn kill_children() {
    /// Where the length and the name of an entry are.
    const LENGTH: usize = 16;
    const NAME: usize = 19;
    // SAFETY: system calls on memory of this function's own.
    unsafe {
        let guard = libc::getpid();
        let list = libc::open(c"/proc".as_ptr(), libc::O_RDONLY | libc::O_DIRECTORY | libc::O_CLOEXEC);
        let mut entries = Entries([0; 4096]);
        loop {
            let read = libc::syscall(libc::SYS_getdents64, c_long::from(list), entries.0.as_mut_ptr(), entries.0.len());
            let mut rest = entries.0.get(..usize::try_from(read).unwrap_or(0)).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
            while let [low, high] = *rest.get(LENGTH..LENGTH + 2).unwrap_or_default() {
                let length = usize::from(u16::from_ne_bytes([low, high])).max(NAME);
                let name = rest.get(NAME..length).unwrap_or_default();
                let process = number(name);
                if process > 0 && parent_of(list, name) == guard {
                    libc::kill(process, libc::SIGKILL);
                }
                rest = rest.get(length..).unwrap_or_default();
            }
        }
        libc::close(list);
    }
}

/// The parent of the process whose folder in `list`, which is `/proc`, has this name; 0 if it is gone.
unsafe fn parent_of(list: RawFd, name: &[u8]) -> c_int {
    let mut path = [0_u8; 32];
    let digits = name.iter().take_while(|byte| byte.is_ascii_digit());
    for (at, byte) in path.iter_mut().zip(digits.chain(b"/stat")) {
        *at = *byte;
    }
    let mut stat = [0_u8; 256];
    // SAFETY: the path ends with a zero, for no process's number is as long. Reads into `stat` alone.
    let count = unsafe {
        let file = libc::openat(list, path.as_ptr().cast(), libc::O_RDONLY | libc::O_CLOEXEC);
        let count = libc::read(file, stat.as_mut_ptr().cast(), stat.len());
        libc::close(file);
        count
    };
    let stat = stat.get(..usize::try_from(count).unwrap_or(0)).unwrap_or_default();
    // `id (name) state parent …`, where the name may have any characters.
    let after = stat.iter().rposition(|byte| *byte == b')').map_or(0, |at| at + 4);
    number(stat.get(after..).unwrap_or_default())
}

/// The number that `text` begins with; 0 for none.
fn number(text: &[u8]) -> c_int {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |number: c_int, digit| number.wrapping_mul(10).wrapping_add(c_int::from(digit - b'0')))
}
