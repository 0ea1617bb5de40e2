//! Kernels for programs without async: each call waits for its answer.
//!
//! This is a thin layer over the asynchronous [`Kernel`](crate::Kernel). Two threads drive the kernel's channels, so
//! deadlines hold and host functions are called between the calls, too. **A host function that blocks occupies one of
//! the threads**; several that block at once hold up deadlines and interrupts. Put such work on
//! `tokio::task::spawn_blocking`.
//!
//! ```no_run
//! use drupe_client::{Error, blocking::Kernel};
//!
//! fn main() -> Result<(), Error> {
//!     let kernel = Kernel::spawn(drupe_client::Kernel::builder())?;
//!     kernel.run("const total = [1, 2, 3].reduce((a, b) => a + b)")?;
//!     println!("{:?}", kernel.run("total")?.outcome);
//!     Ok(())
//! }
//! ```

use std::sync::{Arc, mpsc};

use tokio::runtime::{self, Handle, Runtime};
use tracing::Instrument;

use crate::{Builder, Chunk, Completions, Error, Event, Global, Info, LaunchError, Report, RunId, Status};

/// A kernel whose calls wait. Clones are handles of the same kernel; when the last one is dropped, the process is
/// killed.
#[derive(Clone, Debug)]
pub struct Kernel {
    inner: crate::Kernel,
    driver: Arc<Driver>,
}

/// A run in progress: an iterator of its events. It runs whether or not its events are read.
///
/// **A run that is held but not read slows the kernel down**, as an asynchronous [`Run`](crate::Run) does: read it,
/// [finish](Self::finish) it, or drop it.
#[derive(Debug)]
#[must_use = "a run that is held must be read or finished; drop it to let it go on unobserved"]
pub struct Run {
    /// It is away while its next event is waited for.
    inner: Option<crate::Run>,
    id: RunId,
    driver: Arc<Driver>,
}

/// One for the supervisor of the kernel, and one more for a host function that blocks.
const THREADS: usize = 2;

/// The runtime that drives a kernel.
#[derive(Debug)]
struct Driver(Option<Runtime>);

impl Driver {
    fn new() -> Result<Self, Error> {
        let mut builder = runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(THREADS).thread_name("drupe-client").enable_all().build();
        let runtime = runtime.map_err(|error| Error::Launch(Arc::new(LaunchError::NoRuntime(error.to_string()))))?;
        Ok(Self(Some(runtime)))
    }

    /// The runtime, where the calling thread may wait for it.
    fn runtime(&self) -> Result<&Runtime, Error> {
        let Some(runtime) = &self.0 else { return Err(Error::Terminated) };
        let is_current = Handle::try_current().is_ok_and(|current| current.id() == runtime.handle().id());
        if is_current { Err(Error::BlockingCall) } else { Ok(runtime) }
    }

    /// Lets the runtime do `work`, and waits for it.
    fn wait<T: Send + 'static>(&self, work: impl Future<Output = Result<T, Error>> + Send + 'static) -> Result<T, Error> {
        let runtime = self.runtime()?;
        let (tell, answer) = mpsc::sync_channel(1);
        // A caller that is gone does not want the answer.
        runtime.spawn(async move { drop(tell.send(work.await)) }.in_current_span());
        // The task ends without an answer only together with the runtime.
        answer.recv().unwrap_or(Err(Error::Terminated))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // A runtime that is dropped waits for its threads, which asynchronous code must not do.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Kernel {
    /// Launches the kernel that `builder` describes.
    ///
    /// # Errors
    /// As [`Builder::spawn`]; [`Error::BlockingCall`] as for every method here.
    pub fn spawn(builder: Builder) -> Result<Self, Error> {
        let driver = Driver::new()?;
        let inner = driver.wait(builder.spawn())?;
        Ok(Self { inner, driver: Arc::new(driver) })
    }

    /// Waits for what `work` does with the asynchronous kernel.
    fn wait<T: Send + 'static, F>(&self, work: impl FnOnce(crate::Kernel) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        self.driver.wait(work(self.inner.clone()))
    }

    /// Runs a chunk to its end. Its events are discarded; [`start`](Self::start) has them.
    ///
    /// # Errors
    /// When the kernel dies or cannot be launched. What the chunk does, also an error that it throws, is in
    /// [`Report::outcome`]. [`Error::BlockingCall`] when it is called where it must not wait: in a function that the
    /// kernel calls.
    pub fn run(&self, chunk: impl Into<Chunk>) -> Result<Report, Error> {
        let chunk = chunk.into();
        self.wait(|kernel| async move { kernel.run(chunk).await })
    }

    /// Submits a chunk, and does not wait. Runs are executed one after the other, in the order in which they were
    /// submitted.
    pub fn start(&self, chunk: impl Into<Chunk>) -> Run {
        let inner = self.inner.run(chunk);
        Run { id: inner.id(), inner: Some(inner), driver: self.driver.clone() }
    }

    /// Stops the active run, and keeps the session's state; see [`Kernel::interrupt`](crate::Kernel::interrupt).
    ///
    /// # Errors
    /// When the kernel is terminated.
    pub fn interrupt(&self) -> Result<bool, Error> {
        self.wait(|kernel| async move { kernel.interrupt().await })
    }

    /// Replaces the session by a new one, in the same process if it cooperates; see
    /// [`Kernel::reset`](crate::Kernel::reset).
    ///
    /// # Errors
    /// When the kernel cannot be launched anew.
    pub fn reset(&self) -> Result<u64, Error> {
        self.wait(|kernel| async move { kernel.reset().await })
    }

    /// Replaces the process by a new one; see [`Kernel::restart`](crate::Kernel::restart).
    ///
    /// # Errors
    /// When no kernel can be launched.
    pub fn restart(&self) -> Result<u64, Error> {
        self.wait(|kernel| async move { kernel.restart().await })
    }

    /// Ends the process. Runs that are active or wait fail with [`Error::Terminated`].
    ///
    /// # Errors
    /// [`Error::BlockingCall`].
    pub fn terminate(&self) -> Result<(), Error> {
        self.wait(|kernel| async move {
            kernel.terminate().await;
            Ok(())
        })
    }

    /// Facts about the kernel's process.
    ///
    /// # Errors
    /// When the kernel is terminated.
    pub fn info(&self) -> Result<Info, Error> {
        self.wait(|kernel| async move { kernel.info().await })
    }

    /// Completions at `cursor` in `code`; see [`Kernel::complete`](crate::Kernel::complete).
    ///
    /// # Errors
    /// When the kernel is terminated or dies meanwhile, or cannot be launched.
    pub fn complete(&self, code: impl Into<String>, cursor: u32) -> Result<Completions, Error> {
        let code = code.into();
        self.wait(|kernel| async move { kernel.complete(code, cursor).await })
    }

    /// The names that the session has; see [`Kernel::globals`](crate::Kernel::globals).
    ///
    /// # Errors
    /// When the kernel is terminated or dies meanwhile, or cannot be launched.
    pub fn globals(&self) -> Result<Vec<Global>, Error> {
        self.wait(|kernel| async move { kernel.globals().await })
    }

    /// What the kernel is doing; see [`Kernel::status`](crate::Kernel::status).
    ///
    /// # Errors
    /// When the kernel is terminated or dies meanwhile, or cannot be launched.
    pub fn status(&self) -> Result<Status, Error> {
        self.wait(|kernel| async move { kernel.status().await })
    }

    /// The asynchronous kernel, for what is not here: functions of the host, permissions, previews, handles. Its
    /// futures may be awaited in every tokio runtime.
    #[must_use]
    pub fn asynchronous(&self) -> &crate::Kernel {
        &self.inner
    }
}

impl Run {
    /// The run's id.
    #[must_use]
    pub fn id(&self) -> RunId {
        self.id
    }

    /// Stops this run, and keeps the session's state. It has no effect on a run that has ended.
    pub fn interrupt(&self) {
        if let Some(run) = &self.inner {
            run.interrupt();
        }
    }

    /// Waits for the end of the run. Events that were not read are discarded.
    ///
    /// # Errors
    /// As [`Kernel::run`].
    pub fn finish(mut self) -> Result<Report, Error> {
        self.driver.runtime()?;
        let Some(run) = self.inner.take() else { return Err(Error::Terminated) };
        self.driver.wait(async move { run.await })
    }
}

impl Iterator for Run {
    type Item = Event;

    /// The next event; `None` once the run has ended, and where the call must not wait ([`Error::BlockingCall`], which
    /// [`finish`](Run::finish) tells).
    fn next(&mut self) -> Option<Event> {
        self.driver.runtime().ok()?;
        let mut run = self.inner.take()?;
        let (run, event) = self
            .driver
            .wait(async move {
                let event = run.next_event().await;
                Ok((run, event))
            })
            .ok()?;
        self.inner = Some(run);
        event
    }
}
