//! The child process: started from a thread that stays, drained, waited for, killed.

use std::{
    collections::VecDeque,
    io,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};

use drupe_protocol::sandbox::SandboxLayer;
use tokio::{
    io::AsyncReadExt,
    process::{Child, ChildStderr, Command},
    runtime::Handle,
    sync::oneshot,
    task::JoinHandle,
};

#[cfg(target_os = "linux")]
use crate::cgroup::Cgroup;
use crate::{Cause, Program, death::oom_kills};

/// How much of a process's standard error is kept, in bytes.
const STDERR_TAIL: usize = 8 << 10;

/// A running kernel process. **Killed when dropped.**
#[derive(Debug)]
pub(crate) struct Process {
    owned: Owned,
    stderr: Arc<Mutex<VecDeque<u8>>>,
    drained: JoinHandle<()>,
    /// How many processes the system had killed for want of memory when this one was started.
    kills: u64,
    /// Its control group, or why it has none.
    #[cfg(target_os = "linux")]
    group: Result<Cgroup, String>,
}

impl Process {
    /// Starts `program` with an empty environment, in the root folder, and hands `input` to its standard input. It may
    /// take `memory` bytes, where the system counts that for us.
    pub(crate) async fn start(program: &Program, input: &[u8], memory: u64) -> io::Result<Self> {
        let mut command = Command::new(&program.path);
        command
            .args(&program.args)
            .env_clear()
            .current_dir(if cfg!(windows) { "C:\\" } else { "/" })
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        // Large values pass through fresh buffers, and most of their cost is page faults: glibc then asks for huge
        // pages.
        #[cfg(target_os = "linux")]
        command.env("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1");
        // A terminal's Ctrl-C goes to its whole foreground group, and is meant for the front end alone. The kernel
        // joins that group after it ignores SIGINT.
        #[cfg(unix)]
        command.process_group(0);
        let kills = oom_kills();
        // **It has its group before it has read what it is to do.**
        let Spawned {
            mut owned,
            #[cfg(target_os = "linux")]
            group,
        } = spawn(command, memory).await?;
        let stderr = Arc::new(Mutex::default());
        let drained = match owned.child.stderr.take() {
            Some(pipe) => tokio::spawn(drain(pipe, Arc::clone(&stderr))),
            None => tokio::spawn(async {}),
        };
        if let Some(mut stdin) = owned.child.stdin.take() {
            use tokio::io::AsyncWriteExt;
            // One that ended already says so when it is waited for.
            drop(stdin.write_all(input).await);
        }
        Ok(Self {
            owned,
            stderr,
            drained,
            kills,
            #[cfg(target_os = "linux")]
            group,
        })
    }

    /// The process's id, while it runs.
    pub(crate) fn id(&self) -> Option<u32> {
        self.owned.child.id()
    }

    /// What confines it that it does not know of.
    pub(crate) fn layer(&self) -> Option<SandboxLayer> {
        #[cfg(target_os = "linux")]
        return Some(crate::cgroup::layer(&self.group));
        #[cfg(not(target_os = "linux"))]
        None
    }

    /// Whether it is gone already.
    pub(crate) fn has_ended(&mut self) -> bool {
        matches!(self.owned.child.try_wait(), Ok(Some(_)))
    }

    /// Waits for its end. Cancel safe.
    pub(crate) async fn wait(&mut self) -> Option<ExitStatus> {
        self.owned.child.wait().await.ok()
    }

    /// Why it ended with `status`, after it had written `stderr`.
    pub(crate) fn cause(&self, status: Option<ExitStatus>, stderr: &str) -> Cause {
        Cause::of(status, stderr, oom_kills().saturating_sub(self.kills))
    }

    /// Kills it, and waits for its end.
    pub(crate) async fn kill(&mut self) -> Option<ExitStatus> {
        self.owned.kill();
        self.wait().await
    }

    /// The end of its standard error, once it has ended and everything was read.
    pub(crate) async fn stderr(&mut self) -> String {
        // A grandchild that holds the pipe open is no reason to wait for ever.
        drop(tokio::time::timeout(Duration::from_millis(200), &mut self.drained).await);
        let tail = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&tail.iter().copied().collect::<Vec<_>>()).into_owned()
    }
}

async fn drain(mut pipe: ChildStderr, tail: Arc<Mutex<VecDeque<u8>>>) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = pipe.read(&mut buffer).await {
        let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
        tail.extend(&buffer[..count]);
        let excess = tail.len().saturating_sub(STDERR_TAIL);
        tail.drain(..excess);
    }
}

/// A child that is killed when dropped, **and nobody else in its place**.
#[derive(Debug)]
struct Owned {
    child: Child,
    /// None where the system has no such thing: a child that was waited for is known to be gone.
    #[cfg(target_os = "linux")]
    hold: Option<drupe_host::Hold>,
}

impl Owned {
    fn new(child: Child) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        {
            let mut owned = Self { child, hold: None };
            owned.hold = match owned.child.id().map(drupe_host::Hold::new).transpose() {
                Err(error) if error.kind() != io::ErrorKind::Unsupported => return Err(error),
                hold => hold.ok().flatten(),
            };
            Ok(owned)
        }
        #[cfg(not(target_os = "linux"))]
        Ok(Self { child })
    }

    fn kill(&mut self) {
        #[cfg(target_os = "linux")]
        if let Some(hold) = &self.hold {
            return hold.kill();
        }
        // One that has ended already cannot be killed, and need not be.
        drop(self.child.start_kill());
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A process that was started.
struct Spawned {
    owned: Owned,
    /// Its control group, or why it has none.
    #[cfg(target_os = "linux")]
    group: Result<Cgroup, String>,
}

impl Spawned {
    /// To make a group blocks, and may wait for the system: **not on a thread of a runtime**.
    fn new(owned: Owned, memory: u64) -> Self {
        #[cfg(not(target_os = "linux"))]
        let _ = memory;
        Self {
            #[cfg(target_os = "linux")]
            group: match owned.child.id() {
                Some(id) => Cgroup::enclose(id, memory),
                None => Err("the process has ended".to_owned()),
            },
            owned,
        }
    }
}

/// A job for the spawner: what to start, how many bytes that may take, in which runtime, and whom to tell.
type Job = (Command, u64, Handle, oneshot::Sender<(Command, io::Result<Spawned>)>);

/// How often a program is tried that is open for writing, and how much time lies between two tries. A `fork` in another
/// thread copies the descriptor of a program that was just written, and holds it until its own `exec`.
const TRIES: u32 = 500;
const BETWEEN_TRIES: Duration = Duration::from_millis(2);

/// Starts a process.
async fn spawn(mut command: Command, memory: u64) -> io::Result<Spawned> {
    let mut left = TRIES;
    loop {
        left -= 1;
        let (again, spawned) = spawn_once(command, memory).await?;
        match spawned {
            Err(error) if left > 0 && error.kind() == io::ErrorKind::ExecutableFileBusy => command = again,
            spawned => return spawned,
        }
        // This waits by the clock: the system sends no event when another process closes a file.
        tokio::time::sleep(BETWEEN_TRIES).await;
    }
}

/// Starts a process from the one thread that starts all: on Linux, a process that asks for a signal at its parent's
/// death gets it when the *thread* that started it ends, and runtimes end threads at will. The command comes back.
async fn spawn_once(command: Command, memory: u64) -> io::Result<(Command, io::Result<Spawned>)> {
    static SPAWNER: Mutex<Option<mpsc::Sender<Job>>> = Mutex::new(None);
    let (tell, told) = oneshot::channel();
    let gone = || io::Error::other("the thread that starts processes is gone");
    {
        let mut spawner = SPAWNER.lock().unwrap_or_else(PoisonError::into_inner);
        let jobs = match &*spawner {
            Some(jobs) => jobs,
            None => {
                let (jobs, queue) = mpsc::channel();
                thread::Builder::new().name("drupe-spawner".into()).spawn(move || run_jobs(&queue))?;
                spawner.insert(jobs)
            }
        };
        jobs.send((command, memory, Handle::current(), tell)).map_err(|_| gone())?;
    }
    told.await.map_err(|_| gone())
}

fn run_jobs(queue: &mpsc::Receiver<Job>) {
    for (mut command, memory, runtime, tell) in queue {
        let _in_runtime = runtime.enter();
        // Nobody waits any more: the child is dropped, and so killed.
        let spawned = command.spawn().and_then(Owned::new).map(|owned| Spawned::new(owned, memory));
        drop(tell.send((command, spawned)));
    }
}
