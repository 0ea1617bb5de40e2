//! The builder of a kernel: all settings of an embedder.

use std::{io, sync::Arc, time::Duration};

#[cfg(target_os = "linux")]
use drupe_host::modules::LockFile;
use drupe_host::{Dialogs, Host, Permissions, Signals, Stdio, Surroundings};
use drupe_transpile::Jsx;

use crate::{
    Chunk, Connection, Error, Kernel, Limits, Program, Sandbox, Wanted,
    attach::Attach,
    config::{Asks, Config, Respawn},
};

/// Configures a [`Kernel`] and spawns it.
#[derive(Clone, Debug)]
pub struct Builder {
    pub(crate) config: Config,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self { config: Config::default() }
    }

    /// Sets the kernel's program: by its path, or by its name on the `PATH`. By default it is looked for as
    /// [`find_program`](crate::find_program) says.
    #[must_use]
    pub fn program(mut self, program: Program) -> Self {
        self.config.program = Some(program);
        self
    }

    /// Attaches to kernels that `connect` provides, one for each that would be launched, instead of starting processes: kernels on
    /// threads of this process, for tests. Nothing confines these, and **none can be killed: it ends when its channels are closed**.
    #[must_use]
    pub fn attach(mut self, connect: impl Fn(Wanted) -> io::Result<Connection> + Send + Sync + 'static) -> Self {
        self.config.attach = Some(Attach::new(connect));
        self
    }

    /// The limits of runs, unless their chunks say otherwise; where `limits` says nothing, those that were set before stay.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.config.limits = limits.or(self.config.limits);
        self
    }

    /// CPU time that a stretch of JavaScript may use, unless its chunk says otherwise; see [`Limits::vm_timeout`].
    #[must_use]
    pub fn vm_timeout(mut self, limit: Duration) -> Self {
        self.config.limits.vm_timeout = Some(limit);
        self
    }

    /// Wall time that a run may take, unless its chunk says otherwise; see [`Limits::wall_timeout`].
    #[must_use]
    pub fn wall_timeout(mut self, limit: Duration) -> Self {
        self.config.limits.wall_timeout = Some(limit);
        self
    }

    /// Whether a run that ran into its wall timeout and does not stop costs the kernel; see [`Limits::kill_on_timeout`].
    #[must_use]
    pub fn kill_on_timeout(mut self, kill: bool) -> Self {
        self.config.limits.kill_on_timeout = Some(kill);
        self
    }

    /// Heap limit in bytes. By default V8 decides, by the machine's memory.
    #[must_use]
    pub fn memory_limit(mut self, bytes: u64) -> Self {
        self.config.memory_limit = Some(bytes);
        self
    }

    /// How much a run may print on its console, in bytes, unless its chunk says otherwise; see [`Limits::console`]. By default as much
    /// as is read.
    #[must_use]
    pub fn console_limit(mut self, bytes: u64) -> Self {
        self.config.limits.console = Some(bytes);
        self
    }

    /// How the operating system is to confine the kernel: strictly by default, where drupe can do that. A kernel that is confined less
    /// is not launched.
    #[must_use]
    pub fn sandbox(mut self, sandbox: Sandbox) -> Self {
        self.config.sandbox = sandbox;
        self
    }

    /// How long a kernel has to do what it was told before it counts as not answering: 250 ms by default.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.config.grace = grace;
        self
    }

    /// How long a new process has to say hello: 10 s by default.
    #[must_use]
    pub fn launch_timeout(mut self, limit: Duration) -> Self {
        self.config.launch_timeout = limit;
        self
    }

    /// How long a message may take that the kernel has begun to send, or each 64 KiB of it, while it is waited for: 10 s by default.
    /// A kernel that is slower [broke the protocol](crate::Cause::Protocol).
    #[must_use]
    pub fn frame_timeout(mut self, limit: Duration) -> Self {
        self.config.frame_timeout = limit;
        self
    }

    /// What happens to the next run after the kernel died: by default it gets a new one.
    #[must_use]
    pub fn respawn(mut self, respawn: Respawn) -> Self {
        self.config.respawn = respawn;
        self
    }

    /// What JSX compiles to: by default calls of `React.createElement`.
    #[must_use]
    pub fn jsx(mut self, jsx: Jsx) -> Self {
        self.config.jsx = jsx;
        self
    }

    /// Whether to remember the chunks of a session, so that [`Kernel::replay`] can make one again that was lost with its process.
    /// Their sources and inputs are held in this process, 16 MiB of source at most. By default they are not.
    #[must_use]
    pub fn journal(mut self, keep: bool) -> Self {
        self.config.journal = keep;
        self
    }

    /// Whether each run that is submitted first has the session forget those of its local modules whose files have changed, and what
    /// imports them, as [`Kernel::reload`] does: who imports them next gets them as they are. [`Event::Reloaded`](crate::Event::Reloaded)
    /// says which. Files in `node_modules` are not looked at. By default none are.
    #[must_use]
    pub fn auto_reload(mut self, reload: bool) -> Self {
        self.config.auto_reload = reload;
        self
    }

    /// Whether sessions have the names of Node's built-in modules, such as `fs`, as in Node's REPL and in
    /// `node -p`. This is for code that a person types. Each module is loaded when its name is first used. A declaration of the same name
    /// replaces it. By default not. Kernels that are [attached](Self::attach) to have what they have.
    #[must_use]
    pub fn builtin_names(mut self, names: bool) -> Self {
        self.config.builtin_names = names;
        self
    }

    /// What every session begins with, after each reset and death, too: a chunk that is evaluated as part of the session's first run,
    /// before that run's own. Its names are names of the session. If it throws, that run has thrown, and the next tries again. Of the
    /// chunk its source, name and language count.
    #[must_use]
    pub fn preload(mut self, chunk: impl Into<Chunk>) -> Self {
        self.config.preload = Some(chunk.into());
        self
    }

    /// What JavaScript may reach outside of the kernel: by default nothing. Each use and each denial is told as an
    /// [`Event::Permission`](crate::Event::Permission), before its effect is.
    #[must_use]
    pub fn permissions(mut self, permissions: &Permissions) -> Self {
        self.config.permissions = permissions.clone();
        self
    }

    /// What the kernel can ask for: by default [`Host::standard`], with nothing permitted.
    #[must_use]
    pub fn host(mut self, host: Host) -> Self {
        self.config.host = Some(host);
        self
    }

    /// Checks modules that come from the network against the hashes in a lock file. A [`host`](Self::host) of your own has its own
    /// [`Modules`](drupe_host::Modules).
    #[cfg(target_os = "linux")]
    #[must_use]
    pub fn lock_file(mut self, lock: &LockFile) -> Self {
        self.config.lock_file = Some(lock.clone());
        self
    }

    /// Who answers `alert`, `confirm` and `prompt`. By default nobody: `alert` prints, `confirm` is false, and `prompt` is null.
    #[must_use]
    pub fn dialogs(mut self, dialogs: Arc<dyn Dialogs>) -> Self {
        self.config.dialogs = Some(Asks(dialogs));
        self
    }

    /// Lets programs listen to the signals that `signals` is told of, with `process.on('SIGINT', …)`. By default they hear of none.
    #[must_use]
    pub fn signals(mut self, signals: &Signals) -> Self {
        self.config.signals = Some(signals.clone());
        self
    }

    /// The standard streams of programs: what `process.stdin` reads, and what programs that the kernel starts may inherit. By default there is
    /// none, and who reads standard input is told so.
    #[must_use]
    pub fn stdio(mut self, stdio: &Stdio) -> Self {
        self.config.stdio = Some(stdio.clone());
        self
    }

    /// Sets what programs can ask about the command that started them: `process.argv`, `process.execArgv`, `process.execPath` (by default the
    /// kernel's program), and environment variables besides those of this process. A [`host`](Self::host) of your own has its own.
    #[must_use]
    pub fn surroundings(mut self, surroundings: Surroundings) -> Self {
        self.config.surroundings = surroundings;
        self
    }

    /// Launches the kernel. Must be called within a tokio runtime that drives I/O and time; the kernel lives in that runtime.
    ///
    /// # Errors
    /// [`Error::Launch`] when the program cannot be found or started, or does not say hello as it should; also where there is no such
    /// runtime.
    pub async fn spawn(self) -> Result<Kernel, Error> {
        Kernel::spawn(self.config).await
    }
}
