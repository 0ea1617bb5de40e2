//! Drupe itself, through its embedding API.

use std::{
    path::PathBuf,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use drupe_client::{
    Budget, Builder, Chunk, Event, Info, Kernel, Outcome, Permissions, Policy, Program, Sandbox, Value,
    host::{Host, ModuleCache, Modules, permissions::Kind},
    value::TypedArrayKind,
};
use tokio::runtime::Runtime;

use super::{
    command::command,
    memory::Memory,
    package::{self, Package},
    peer::{Peer, PeerError, Who},
    task::{DEAF, LIMIT, Task, WORKS},
};

/// What a kernel has to stop in before it is killed.
const GRACE: Duration = Duration::from_millis(100);

/// Reservation for compiled modules, in bytes.
const CACHE: usize = 64 << 20;

/// A kernel that stays, and the means to start others. Its parent is a runtime of one thread, as a script's is.
pub(super) struct Drupe {
    who: Who,
    runtime: Runtime,
    launch: Launch,
    kernel: Kernel,
    package: Package,
    info: Info,
    version: String,
}

/// How kernels are started.
#[derive(Clone)]
struct Launch {
    program: Program,
    sandbox: Sandbox,
}

impl Launch {
    fn builder(&self) -> Builder {
        Kernel::builder().program(self.program.clone()).sandbox(self.sandbox)
    }
}

impl Drupe {
    /// Starts a kernel: the one beside this program, and so of the same build.
    pub(super) fn start(who: Who) -> Result<Self, PeerError> {
        let sandbox = if who == Who::Unconfined { Sandbox::OffUnsafe } else { Sandbox::default() };
        let launch = Launch { program: Program::new(beside("drupe-kernel")?), sandbox };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (kernel, info) = runtime.block_on(async {
            let kernel = launch.builder().spawn().await?;
            for source in WORKS.iter().flat_map(|work| [work.setup, work.call, work.call, work.call]) {
                value(&kernel, source).await?;
            }
            let info = kernel.info().await?;
            Ok::<_, PeerError>((kernel, info))
        })?;
        let version = format!("drupe {}, {}, sandbox {}", info.version, info.engine, info.sandbox.level);
        Ok(Self { who, runtime, launch, kernel, package: Package::write(who)?, info, version })
    }
}

impl Peer for Drupe {
    fn who(&self) -> Who {
        self.who
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn v8(&self) -> Option<&str> {
        Some(&self.info.engine.version)
    }

    fn processes(&self) -> [u32; 2] {
        [std::process::id(), self.info.pid.unwrap_or_default()]
    }

    fn perform(&mut self, task: Task, amount: usize) -> Result<Option<Vec<f64>>, PeerError> {
        if matches!(task, Task::Command | Task::Filter(_)) && self.who == Who::Unconfined {
            return Ok(None);
        }
        let Self { runtime, launch, kernel, package, .. } = self;
        let samples = runtime.block_on(async {
            match task {
                Task::Command => command(Command::new(beside("drupe")?).args(["eval", "1+1"])),
                Task::Filter(filter) => filter.run(Command::new(beside("drupe")?).arg("run"), amount),
                Task::Spawn => spawn(launch, true).await,
                Task::Ready => spawn(launch, false).await,
                Task::RoundTrip(_) => repeat(kernel, "1+1", 2.0, amount).await,
                Task::Work(work) => repeat(kernel, work.call, work.expected, amount).await,
                Task::Console => console(kernel, amount).await,
                Task::Idle(memory) => memory_after_resets(launch, memory, &[0]).await,
                Task::MemoryAfterResets => {
                    memory_after_resets(launch, Memory::Resident, &[amount / 10, amount - amount / 10]).await
                }
                Task::Reset => resets(launch, amount).await,
                Task::Interrupt => interrupt(kernel).await,
                Task::HardStop => hard_stop(launch).await,
                Task::Send => send(kernel, amount).await,
                Task::Receive => receive(kernel, amount).await,
                Task::Import => import(launch, package, false).await,
                Task::ImportAgain => import(launch, package, true).await,
            }
        });
        samples.map(Some)
    }
}

/// The program of this name beside this one.
fn beside(name: &str) -> Result<PathBuf, PeerError> {
    let path = std::env::current_exe()?.with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if path.is_file() {
        Ok(path)
    } else {
        Err(PeerError::Wrong(format!("{} is missing; `cargo xtask peers` builds it", path.display())))
    }
}

/// The value of a chunk.
async fn value(kernel: &Kernel, chunk: impl Into<Chunk>) -> Result<Option<Value>, PeerError> {
    match kernel.run(chunk).await?.outcome {
        Outcome::Value { value, .. } => Ok(value),
        other => Err(PeerError::Wrong(format!("no value, but {other:?}"))),
    }
}

async fn spawn(launch: &Launch, first_result: bool) -> Result<Vec<f64>, PeerError> {
    let start = Instant::now();
    let kernel = launch.builder().spawn().await?;
    if first_result {
        value(&kernel, "1+1").await?;
    }
    let time = start.elapsed();
    kernel.terminate().await;
    Ok(vec![time.as_secs_f64()])
}

async fn repeat(kernel: &Kernel, source: &str, expected: f64, count: usize) -> Result<Vec<f64>, PeerError> {
    let mut samples = Vec::with_capacity(count);
    for _ in 0..count {
        let start = Instant::now();
        let value = value(kernel, source).await?;
        samples.push(start.elapsed().as_secs_f64());
        if value != Some(Value::Number(expected)) {
            return Err(PeerError::Wrong(format!("{source} is {value:?}, not {expected}")));
        }
    }
    Ok(samples)
}

async fn console(kernel: &Kernel, lines: usize) -> Result<Vec<f64>, PeerError> {
    let start = Instant::now();
    let mut run = kernel.run(format!("for (let i = 0; i < {lines}; i++) console.log('line', i)"));
    let mut arrived = 0;
    while let Some(event) = run.next_event().await {
        arrived += usize::from(matches!(event, Event::Console(_)));
    }
    run.await?;
    let time = start.elapsed();
    if arrived != lines {
        return Err(PeerError::Wrong(format!("{arrived} of {lines} lines arrived")));
    }
    Ok(vec![lines as f64 / time.as_secs_f64()])
}

/// The memory of a fresh kernel that has evaluated something, after each of so many more resets.
async fn memory_after_resets(launch: &Launch, memory: Memory, resets: &[usize]) -> Result<Vec<f64>, PeerError> {
    let kernel = launch.builder().spawn().await?;
    value(&kernel, "1+1").await?;
    let pid = kernel.info().await?.pid.ok_or_else(|| PeerError::Wrong("the kernel is gone".to_owned()))?;
    let mut samples = Vec::new();
    for count in resets {
        for _ in 0..*count {
            kernel.reset().await?;
        }
        samples.push(memory.of(pid)?);
    }
    kernel.terminate().await;
    Ok(samples)
}

async fn resets(launch: &Launch, count: usize) -> Result<Vec<f64>, PeerError> {
    let kernel = launch.builder().spawn().await?;
    value(&kernel, "1+1").await?;
    let mut samples = Vec::with_capacity(count);
    for _ in 0..count {
        let start = Instant::now();
        kernel.reset().await?;
        samples.push(start.elapsed().as_secs_f64());
    }
    kernel.terminate().await;
    Ok(samples)
}

async fn interrupt(kernel: &Kernel) -> Result<Vec<f64>, PeerError> {
    let chunk = Chunk::new("while (true) {}").vm_timeout(LIMIT);
    let start = Instant::now();
    let report = kernel.run(chunk).await?;
    let time = start.elapsed();
    match report.outcome {
        Outcome::TimedOut { budget: Budget::Vm(_), .. } => Ok(vec![time.as_secs_f64() - LIMIT.as_secs_f64()]),
        other => Err(PeerError::Wrong(format!("an endless loop ended as {other:?}"))),
    }
}

async fn hard_stop(launch: &Launch) -> Result<Vec<f64>, PeerError> {
    let mut samples = Vec::new();
    for [setup, deaf] in DEAF {
        let kernel = launch.builder().grace(GRACE).spawn().await?;
        value(&kernel, format!("{setup}; 0")).await?;
        let chunk = Chunk::new(deaf).wall_timeout(LIMIT).kill_on_timeout(true);
        let start = Instant::now();
        let report = kernel.run(chunk).await?;
        let time = start.elapsed();
        if !matches!(report.outcome, Outcome::TimedOut { .. }) {
            return Err(PeerError::Wrong(format!("{deaf} was to be stopped, but {:?} after {time:?}", report.outcome)));
        }
        samples.push(time.saturating_sub(LIMIT + GRACE).as_secs_f64());
        kernel.terminate().await;
    }
    Ok(samples)
}

async fn send(kernel: &Kernel, size: usize) -> Result<Vec<f64>, PeerError> {
    let data = Value::TypedArray(TypedArrayKind::Uint8, vec![7; size].into());
    let chunk = Chunk::new("data.length").input_value("data", data);
    let start = Instant::now();
    let length = value(kernel, chunk).await?;
    let time = start.elapsed();
    if length != Some(Value::Number(size as f64)) {
        return Err(PeerError::Wrong(format!("{length:?} of {size} bytes arrived")));
    }
    Ok(vec![size as f64 / time.as_secs_f64()])
}

async fn receive(kernel: &Kernel, size: usize) -> Result<Vec<f64>, PeerError> {
    let start = Instant::now();
    let array = value(kernel, format!("new Uint8Array({size})")).await?;
    let time = start.elapsed();
    match array {
        Some(Value::TypedArray(TypedArrayKind::Uint8, bytes)) if bytes.len() == size => {
            Ok(vec![size as f64 / time.as_secs_f64()])
        }
        _ => Err(PeerError::Wrong("other bytes arrived than were asked for".to_owned())),
    }
}

/// The package into a fresh kernel, whose parent has compiled none of it; `again` after a reset.
async fn import(launch: &Launch, package: &Package, again: bool) -> Result<Vec<f64>, PeerError> {
    let mut policy = Policy::none();
    let granted = policy.allow(Kind::Read, &package.folder().display().to_string());
    granted.map_err(|error| PeerError::Wrong(error.to_string()))?;
    let permissions = Permissions::new(policy);
    let modules = Modules::new(&permissions).cache(&ModuleCache::with_limit(CACHE));
    let host = Host::standard(&permissions).service("module", Arc::new(modules));
    let kernel = launch.builder().host(host).spawn().await?;
    let source = format!("(await import({:?})).sum(1)", package.main().display().to_string());
    let mut samples = Vec::new();
    for _ in 0..=usize::from(again) {
        value(&kernel, "1+1").await?;
        let start = Instant::now();
        let sum = value(&kernel, &*source).await?;
        samples = vec![start.elapsed().as_secs_f64()];
        if sum != Some(Value::Number(package::SUM)) {
            return Err(PeerError::Wrong(format!("the package's sum is {sum:?}, not {}", package::SUM)));
        }
        kernel.reset().await?;
    }
    kernel.terminate().await;
    Ok(samples)
}
