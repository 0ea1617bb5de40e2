//! The builder of a kernel: all settings of an embedder.

use std::{io, sync::Arc, time::Duration};

#[cfg(target_os = "linux")]
use drupe_host::modules::LockFile;
use drupe_host::{Dialogs, Host, Permissions, Signals, Stdio, Surroundings, TypedInput};
use drupe_transpile::Jsx;

use crate::{
    Chunk, Connection, Error, Kernel, Limits, Program, Sandbox, Wanted,
    attach::Attach,
    config::{Asks, Config, Respawn, Types},
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

    /// Sets the kernel's program: by its path, or by its name on the `PATH`. Without it
    /// [`find_program`](crate::find_program) looks for the program.
    #[must_use]
    pub fn program(mut self, program: Program) -> Self {
        self.config.program = Some(program);
        self
    }

    /// Attaches to kernels that `connect` provides, instead of starting processes. It is called once for each kernel
    /// that would be launched, and has the launch timeout for its connection. Such a kernel is on another machine
    /// ([`Connection::over`] takes any byte streams), or on a thread of this process, for tests.
    ///
    /// **The client cannot kill such a kernel: it ends when its channels are closed.** The client cannot check its
    /// confinement, either: [`SandboxStatus`](crate::SandboxStatus) has what the kernel says of itself. The provider of
    /// the kernel answers for both.
    #[must_use]
    pub fn attach<F, C>(mut self, connect: F) -> Self
    where
        F: Fn(Wanted) -> C + Send + Sync + 'static,
        C: Future<Output = io::Result<Connection>> + Send + 'static,
    {
        self.config.attach = Some(Attach::new(connect));
        self
    }

    /// Sets limits of runs, for chunks without limits of their own. Fields that are `None` leave the earlier setting.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.config.limits = limits.or(self.config.limits);
        self
    }

    /// Limits the CPU time of a stretch of JavaScript, for chunks without a limit of their own; see
    /// [`Limits::vm_timeout`].
    #[must_use]
    pub fn vm_timeout(mut self, limit: Duration) -> Self {
        self.config.limits.vm_timeout = Some(limit);
        self
    }

    /// Limits the wall time of a run, for chunks without a limit of their own; see [`Limits::wall_timeout`].
    #[must_use]
    pub fn wall_timeout(mut self, limit: Duration) -> Self {
        self.config.limits.wall_timeout = Some(limit);
        self
    }

    /// Sets whether the kernel is killed if a run does not stop after its wall timeout; see
    /// [`Limits::kill_on_timeout`].
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

    /// Limits the console output of a run, in bytes, for chunks without a limit of their own; see [`Limits::console`].
    /// By default only the speed of the reader limits it.
    #[must_use]
    pub fn console_limit(mut self, bytes: u64) -> Self {
        self.config.limits.console = Some(bytes);
        self
    }

    /// Sets the confinement of the kernel by the operating system: strict by default, where drupe can do that. A kernel
    /// with less confinement is not launched.
    #[must_use]
    pub fn sandbox(mut self, sandbox: Sandbox) -> Self {
        self.config.sandbox = sandbox;
        self
    }

    /// Sets the time in which a kernel must answer a command before it counts as unresponsive: 250 ms by default.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.config.grace = grace;
        self
    }

    /// Sets the time in which a new process must send `hello`: 10 s by default.
    #[must_use]
    pub fn launch_timeout(mut self, limit: Duration) -> Self {
        self.config.launch_timeout = limit;
        self
    }

    /// Sets the time that a message may take which the kernel has begun to send, or each 64 KiB of it, while this
    /// process waits for it: 10 s by default. A kernel that is slower [broke the protocol](crate::Cause::Protocol).
    #[must_use]
    pub fn frame_timeout(mut self, limit: Duration) -> Self {
        self.config.frame_timeout = limit;
        self
    }

    /// Sets the reaction to a kernel's death: by default the next run gets a new kernel.
    #[must_use]
    pub fn respawn(mut self, respawn: Respawn) -> Self {
        self.config.respawn = respawn;
        self
    }

    /// Sets the target of JSX: by default calls of `React.createElement`.
    #[must_use]
    pub fn jsx(mut self, jsx: Jsx) -> Self {
        self.config.jsx = jsx;
        self
    }

    /// Sets whether to remember the chunks of a session, so that [`Kernel::replay`] can make a session again that was
    /// lost with its process. Their sources and inputs are kept in this process, 16 MiB of source at most. The default
    /// is false.
    #[must_use]
    pub fn journal(mut self, keep: bool) -> Self {
        self.config.journal = keep;
        self
    }

    /// Sets whether each submitted run first makes the session forget its local modules whose files have changed, and
    /// the modules that import them, as [`Kernel::reload`] does. The next import gets the changed file.
    /// [`Event::Reloaded`](crate::Event::Reloaded) lists the modules. Files in `node_modules` are not checked. The
    /// default is false.
    #[must_use]
    pub fn auto_reload(mut self, reload: bool) -> Self {
        self.config.auto_reload = reload;
        self
    }

    /// Sets whether sessions have the names of Node's built-in modules, such as `fs`, as in Node's REPL and in
    /// `node -p`. This is for code that a person types. Each module is loaded when its name is first used. A
    /// declaration of the same name replaces it. The default is false. [Attached](Self::attach) kernels have their own
    /// setting.
    #[must_use]
    pub fn builtin_names(mut self, names: bool) -> Self {
        self.config.builtin_names = names;
        self
    }

    /// Sets a chunk that every session begins with, also after each reset and death. It is evaluated as part of the
    /// session's first run, before that run's own code. Its names are names of the session. If it throws, that run has
    /// thrown, and the next run tries again. Only the source, name and language of the chunk are used.
    #[must_use]
    pub fn preload(mut self, chunk: impl Into<Chunk>) -> Self {
        self.config.preload = Some(chunk.into());
        self
    }

    /// Sets the permissions of JavaScript for effects outside of the kernel: by default none. Each use and each denial
    /// is reported as an [`Event::Permission`](crate::Event::Permission), before its effect.
    #[must_use]
    pub fn permissions(mut self, permissions: &Permissions) -> Self {
        self.config.permissions = permissions.clone();
        self
    }

    /// Sets the services that the kernel can call: by default [`Host::standard`], with nothing permitted.
    #[must_use]
    pub fn host(mut self, host: Host) -> Self {
        self.config.host = Some(host);
        self
    }

    /// Checks modules that come from the network against the hashes in a lock file. A [`host`](Self::host) of your own
    /// has its own [`Modules`](drupe_host::Modules).
    #[cfg(target_os = "linux")]
    #[must_use]
    pub fn lock_file(mut self, lock: &LockFile) -> Self {
        self.config.lock_file = Some(lock.clone());
        self
    }

    /// Sets the dialogs that answer `alert`, `confirm` and `prompt`. Without dialogs `alert` prints, `confirm` is
    /// false, and `prompt` is null.
    #[must_use]
    pub fn dialogs(mut self, dialogs: Arc<dyn Dialogs>) -> Self {
        self.config.dialogs = Some(Asks(dialogs));
        self
    }

    /// Lets programs listen to the signals that are delivered to `signals`, with `process.on('SIGINT', …)`. By default
    /// no signal is delivered.
    #[must_use]
    pub fn signals(mut self, signals: &Signals) -> Self {
        self.config.signals = Some(signals.clone());
        self
    }

    /// Sets the standard streams of programs: the source of `process.stdin`, and the streams that child programs may
    /// inherit. By default there are none, and a read of standard input is an error that says so.
    #[must_use]
    pub fn stdio(mut self, stdio: &Stdio) -> Self {
        self.config.stdio = Some(stdio.clone());
        self
    }

    /// Has a person type the standard input of programs, line by line, when JavaScript waits for it. The streams of
    /// [`stdio`](Self::stdio) are then the others.
    #[must_use]
    pub fn typed_input(mut self, input: Arc<dyn TypedInput>) -> Self {
        self.config.typed_input = Some(Types(input));
        self
    }

    /// Sets the facts that programs can read about the command that started them: `process.argv`, `process.execArgv`,
    /// `process.execPath` (by default the kernel's program), and environment variables besides those of this process. A
    /// [`host`](Self::host) of your own has its own.
    #[must_use]
    pub fn surroundings(mut self, surroundings: Surroundings) -> Self {
        self.config.surroundings = surroundings;
        self
    }

    /// Launches the kernel. Must be called within a tokio runtime that drives I/O and time; the kernel lives in that
    /// runtime.
    ///
    /// # Errors
    /// [`Error::Launch`] when the program cannot be found or started, or does not send a valid `hello`; also when there
    /// is no such runtime.
    pub async fn spawn(self) -> Result<Kernel, Error> {
        Kernel::spawn(self.config).await
    }
}
