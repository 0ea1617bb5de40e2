//! The handle of a kernel.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use drupe_host::{Answer, BadName, Functions, Host, HostError, Permissions};
use drupe_protocol::{RunId, handles::Handle};
use tokio::sync::{mpsc, oneshot};

use crate::{
    Builder, Call, Chunk, Error, Event, LateEvents, Replay, Run, SandboxStatus,
    config::Config,
    jobs::Job,
    journal::Journal,
    launch::look_for_runtime,
    limits::Limits,
    mailbox::mailbox,
    supervisor::{Command, CommandSender, Info, SharedSession, Supervisor},
    waits::{KernelId, Owner, Place, Turn, WeakOwner},
};

/// A kernel process and its runs. Clones are handles to the same kernel; **when the last one is dropped the process is
/// killed**.
#[derive(Clone, Debug)]
pub struct Kernel {
    inner: Arc<Inner>,
}

/// A handle that does not keep the kernel's process alive. It is for values that the kernel itself holds, such as
/// functions that are [registered](Kernel::register) with it.
#[derive(Clone, Debug)]
pub struct WeakKernel {
    inner: Weak<Inner>,
}

impl WeakKernel {
    /// The kernel; `None` once its last handle was dropped.
    #[must_use]
    pub fn upgrade(&self) -> Option<Kernel> {
        self.inner.upgrade().map(|inner| Kernel { inner })
    }
}

#[derive(Debug)]
struct Inner {
    id: KernelId,
    /// Ids and commands go out under one lock: **runs arrive in the order of their ids**.
    submit: Mutex<Submit>,
    limits: Limits,
    functions: Arc<Functions>,
    permissions: Permissions,
    host: Host,
    journal: Option<Journal>,
    session: SharedSession,
    /// Whether modules are looked at before each run.
    auto_reload: bool,
}

#[derive(Debug)]
struct Submit {
    last_run: RunId,
    commands: mpsc::UnboundedSender<Command>,
}

impl Kernel {
    /// Configures a kernel.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::new()
    }

    pub(crate) async fn spawn(config: Config) -> Result<Self, Error> {
        look_for_runtime().map_err(Arc::new)?;
        let (commands, queue) = mpsc::unbounded_channel();
        let limits = config.limits;
        let journal = config.journal.then(Journal::default);
        let host = config.make_host();
        let session = SharedSession::default();
        let auto_reload = config.auto_reload;
        let (functions, permissions) = (host.functions().clone(), host.permissions().clone());
        let owner = Owner::default();
        let calls = (host.clone(), session.clone(), owner.clone());
        let supervisor = Supervisor::launch(config, calls, journal.clone(), queue).await?;
        tokio::spawn(supervisor.run());
        let kernel = Self {
            inner: Arc::new(Inner {
                id: KernelId::new(),
                submit: Mutex::new(Submit { last_run: 0, commands }),
                limits,
                functions,
                permissions,
                journal,
                host,
                session,
                auto_reload,
            }),
        };
        // Nobody else sets it.
        let inner: WeakOwner = Arc::downgrade(&kernel.inner) as _;
        let _ = owner.set(inner);
        Ok(kernel)
    }

    /// The kernel that a supervisor knows as `owner`; `None` once its last handle was dropped.
    pub(crate) fn of_owner(owner: &WeakOwner) -> Option<Self> {
        owner.upgrade()?.downcast().ok().map(|inner| Self { inner })
    }

    /// A handle that does not keep the process alive.
    #[must_use]
    pub fn downgrade(&self) -> WeakKernel {
        WeakKernel { inner: Arc::downgrade(&self.inner) }
    }

    /// Submits a chunk. Runs are executed one after the other, in the order in which they were submitted.
    ///
    /// A chunk that is no valid program never reaches the kernel: its run ends
    /// as [`Outcome::SyntaxError`](crate::Outcome::SyntaxError).
    pub fn run(&self, chunk: impl Into<Chunk>) -> Run {
        let changed = self.changed_modules();
        for module in &changed {
            // The chunk runs whether or not a module can be forgotten.
            drop(self.submit(Chunk::reload(Some(module)), None, Vec::new()));
        }
        self.submit(chunk.into(), self.inner.journal.as_ref(), changed)
    }

    fn changed_modules(&self) -> Vec<String> {
        #[cfg(target_os = "linux")]
        if self.inner.auto_reload {
            return drupe_host::modules::take_changed(&self.session());
        }
        Vec::new()
    }

    /// What services keep for the current session.
    pub(crate) fn session(&self) -> drupe_host::Session {
        let session = crate::supervisor::current(&self.inner.session);
        self.inner.host.prepare(&session);
        session
    }

    /// The folder that relative paths of the session start from: this process's own, until code of the session changes
    /// it (`process.chdir`). **It says nothing of whether code may know it.**
    #[must_use]
    pub fn working_folder(&self) -> std::path::PathBuf {
        #[cfg(target_os = "linux")]
        return drupe_host::working_folder(&self.session());
        #[cfg(not(target_os = "linux"))]
        std::env::current_dir().unwrap_or_default()
    }

    fn submit(&self, mut chunk: Chunk, journal: Option<&Journal>, reloaded: Vec<String>) -> Run {
        chunk.limits = chunk.limits.or(self.inner.limits);
        chunk.streams = self.inner.host.has_streams();
        let (events, read) = mailbox();
        if !reloaded.is_empty() {
            // An empty box has room.
            drop(events.post(Event::Reloaded(reloaded), 0));
        }
        let (tell, report) = oneshot::channel();
        let mut submit = self.inner.submit.lock().unwrap_or_else(PoisonError::into_inner);
        submit.last_run += 1;
        let id = submit.last_run;
        let place = Place::new(self.inner.id, id);
        let mut job = Job::new(Turn(place.clone()), &chunk, events, tell);
        if let Some(error) = chunk.input_error() {
            job.fail(error);
            return Run::new(place, read, report, CommandSender::new(&submit.commands), false);
        }
        job.journal = journal.cloned();
        if let Some(journal) = journal.filter(|_| chunk.journaled) {
            journal.submitted(id, &chunk);
        }
        let stop_on_drop = chunk.stop_on_drop;
        let commands = CommandSender::new(&submit.commands);
        // A supervisor that is gone drops the job, and the run resolves to `Terminated`.
        drop(submit.commands.send(Command::Run { job: Box::new(job), chunk: Box::new(chunk) }));
        Run::new(place, read, report, commands, stop_on_drop)
    }

    /// Forgets a module, and every module that imports it; with `None`, all modules. The next import loads the file as
    /// it is then. Earlier imports keep their module. It is a run like any other, and throws when `specifier` does not
    /// name a module.
    ///
    /// Must be called within the tokio runtime.
    pub fn reload(&self, specifier: Option<&str>) -> Run {
        self.run(Chunk::reload(specifier))
    }

    /// Defines a function for JavaScript. `name`, identifiers joined by dots, is below the global `host`. A call there
    /// returns a promise of the result of `function`, or an async iterator if the result is a stream. Existing and
    /// later sessions have the function; it replaces an earlier one of the same name.
    ///
    /// The function runs as a task of the runtime. An interrupt of the run that called it, a reset or the kernel's
    /// death drops it.
    ///
    /// **A function that holds a [`Kernel`] keeps its process alive** after all other handles were dropped. A function
    /// that needs its calling kernel gets it from the call ([`Call::kernel`]); other functions should use
    /// [`downgrade`](Self::downgrade).
    ///
    /// It may submit runs to the kernel that calls it. These wait for their turn, after the calling run. If the
    /// function awaits one while the calling run is active, it gets [`Error::Deadlock`] at once, and the awaited run is
    /// withdrawn. The same holds if functions of several kernels wait for one another.
    ///
    /// # Errors
    /// When `name` is not valid for a function, or is the name of a group of functions.
    pub fn register<F, A, T>(&self, name: &str, function: F) -> Result<(), BadName>
    where
        F: Fn(Call) -> A + Send + Sync + 'static,
        A: Future<Output = Result<T, HostError>> + Send + 'static,
        T: Into<Answer>,
    {
        self.inner.functions.register(name, move |call| function(Call::new(call)))?;
        self.send(Command::SendFunctions);
        Ok(())
    }

    /// Defines a function as [`register`](Self::register) does, but only for runs whose chunk is granted it
    /// ([`Chunk::grant`], [`Chunk::functions`]). In other runs, and in code without a run, a call of it throws a
    /// `PermissionDenied`.
    ///
    /// # Errors
    /// As for [`register`](Self::register).
    pub fn register_reserved<F, A, T>(&self, name: &str, function: F) -> Result<(), BadName>
    where
        F: Fn(Call) -> A + Send + Sync + 'static,
        A: Future<Output = Result<T, HostError>> + Send + 'static,
        T: Into<Answer>,
    {
        self.inner.functions.register_reserved(name, move |call| function(Call::new(call)))?;
        self.send(Command::SendFunctions);
        Ok(())
    }

    /// Defines a function for JavaScript whose calls are events of the calling run
    /// ([`Event::Custom`](crate::Event::Custom)): **in order with its other events**, as output that is no text. The
    /// function returns a promise of `undefined`. Calls after the end of their run are [late](Self::late_events).
    ///
    /// # Errors
    /// As for [`register`](Self::register).
    pub fn register_event(&self, name: &str) -> Result<(), BadName> {
        self.inner.functions.register_event(name)?;
        self.send(Command::SendFunctions);
        Ok(())
    }

    /// The permissions of JavaScript outside of the kernel. They may be changed at any time.
    #[must_use]
    pub fn permissions(&self) -> &Permissions {
        &self.inner.permissions
    }

    /// Stops the active run, and keeps the session's state. Where the callback of an earlier run is executing, it stops
    /// that, and the first run that waits behind it. While a process is being launched it stops the first waiting run;
    /// while nothing runs, the run that is being transpiled. Resolves to whether there was anything to stop.
    ///
    /// # Errors
    /// When the kernel is terminated, or dies meanwhile.
    pub async fn interrupt(&self) -> Result<bool, Error> {
        self.ask(|reply| Command::Interrupt { run: None, reply: Some(reply) }).await
    }

    /// Stops the run with this id, and keeps the session's state, as [`Run::interrupt`] does. It has no effect on a run
    /// that has ended already.
    pub fn interrupt_run(&self, run: RunId) {
        self.send(Command::Interrupt { run: Some(run), reply: None });
    }

    /// Replaces the session by an empty one in the same process. Active and waiting runs end as interrupted, and their
    /// state is lost. Resolves to the number of the new session. A kernel that does not do this in time is restarted.
    ///
    /// # Errors
    /// When the kernel is terminated, or no new one can be launched.
    pub async fn reset(&self) -> Result<u64, Error> {
        self.ask(Command::Reset).await?
    }

    /// Replaces the process. Active and waiting runs fail with [`Cause::Restarted`](crate::Cause::Restarted). Resolves
    /// to the number of the new session.
    ///
    /// # Errors
    /// When the kernel is terminated, or no new one can be launched.
    pub async fn restart(&self) -> Result<u64, Error> {
        self.ask(Command::Restart).await?
    }

    /// Replays a session that was lost with its process, by a death or a restart: runs those of its chunks that had
    /// come to their end again, in order, as runs of the present session. **Their effects outside of the kernel happen
    /// again.** Needs [`Builder::journal`].
    ///
    /// # Errors
    /// [`Error::Journal`] when there is no journal, nothing was lost, or more was lost than the journal holds.
    pub fn replay(&self) -> Result<Replay, Error> {
        Replay::new(self, self.inner.journal.as_ref())
    }

    /// The number of chunks that [`replay`](Self::replay) would run.
    #[must_use]
    pub fn replayable(&self) -> usize {
        self.inner.journal.as_ref().map_or(0, Journal::playable)
    }

    /// Kills the process. Active and waiting runs fail with [`Error::Terminated`], and so do all later requests.
    /// Resolves once the process has ended.
    pub async fn terminate(&self) {
        // One that is gone already is terminated.
        drop(self.ask(Command::Terminate).await);
    }

    /// The events of runs after their end, and events without a run: output of timers and late promises, uncaught
    /// errors. One reader at a time: a second call ends the first one's stream. Without a reader such events are
    /// discarded; a reader that does not read slows the kernel down.
    #[must_use]
    pub fn late_events(&self) -> LateEvents {
        let (events, read) = mailbox();
        self.send(Command::LateEvents(events));
        LateEvents(read)
    }

    /// Facts about the process.
    ///
    /// # Errors
    /// When the kernel is terminated.
    pub async fn info(&self) -> Result<Info, Error> {
        self.ask(Command::Info).await
    }

    /// The confinement of the process, layer by layer.
    ///
    /// # Errors
    /// When the kernel is terminated.
    pub async fn sandbox_status(&self) -> Result<SandboxStatus, Error> {
        Ok(self.info().await?.sandbox)
    }

    /// Releases handles, so that their objects may be collected. Stale handles are ignored, and these handles are stale
    /// afterwards.
    pub fn release(&self, handles: impl IntoIterator<Item = Handle>) {
        self.send(Command::Release(handles.into_iter().collect()));
    }

    /// Who answers the calls of JavaScript.
    pub(crate) fn host(&self) -> &Host {
        &self.inner.host
    }

    pub(crate) async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Result<T, Error> {
        let (tell, answer) = oneshot::channel();
        self.send(command(tell));
        answer.await.map_err(|_| Error::Terminated)
    }

    fn send(&self, command: Command) {
        let submit = self.inner.submit.lock().unwrap_or_else(PoisonError::into_inner);
        // A supervisor that is gone drops the command, and whoever waits for its answer learns that.
        drop(submit.commands.send(command));
    }
}
