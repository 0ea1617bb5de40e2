//! What an embedder waits for: a kernel, a result, a line of output, a fresh session, a large value.
//!
//! The kernel is the one that was built with the same profile; `cargo build --release -p drupe-kernel` makes it. Other
//! ways to the same end are measured beside this one by `cargo xtask peers`.

use std::{
    env,
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput};
use drupe_client::{Builder, Chunk, Event, Kernel, Outcome, Program, Value, value::TypedArrayKind};
use tokio::runtime::Runtime;

/// Calls of `console.log` in one chunk.
const LINES: u64 = 100_000;

/// Sizes of typed arrays.
const SIZES: [(&str, usize); 4] = [("1 B", 1), ("1 KiB", 1 << 10), ("1 MiB", 1 << 20), ("64 MiB", 64 << 20)];

/// A runtime of one thread, and the kernel's program.
struct Bench {
    runtime: Runtime,
    program: Program,
}

fn main() -> ExitCode {
    let Some(path) = kernel() else {
        eprintln!("no drupe-kernel of this profile: run `cargo build --release -p drupe-kernel` first");
        return ExitCode::FAILURE;
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    let bench = Bench { runtime, program: Program::new(path) };
    let mut criterion = Criterion::default().warm_up_time(Duration::from_millis(500)).configure_from_args();
    launching(&bench, &mut criterion);
    warm(&bench, &mut criterion);
    values(&bench, &mut criterion);
    criterion.final_summary();
    ExitCode::SUCCESS
}

/// The kernel beside this executable or one folder above. Where else `find_program` looks is for programs, not for
/// benchmarks: a kernel of another profile would be measured unnoticed.
fn kernel() -> Option<PathBuf> {
    let file = format!("drupe-kernel{}", env::consts::EXE_SUFFIX);
    let executable = env::current_exe().ok()?;
    executable.ancestors().skip(1).take(2).map(|folder| folder.join(&file)).find(|path| path.is_file())
}

impl Bench {
    fn builder(&self) -> Builder {
        Kernel::builder().program(self.program.clone())
    }

    fn spawn(&self) -> Kernel {
        self.runtime.block_on(self.builder().spawn()).expect("a kernel starts")
    }
}

/// From nothing to a kernel that has said hello, and to its first result. Its end is not counted.
fn launching(bench: &Bench, criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("launch");
    group.sample_size(20).sampling_mode(SamplingMode::Flat).measurement_time(Duration::from_secs(2));
    for (name, first_result) in [("ready", false), ("first result", true)] {
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|count| (0..count).map(|_| bench.runtime.block_on(launch(bench, first_result))).sum());
        });
    }
}

async fn launch(bench: &Bench, first_result: bool) -> Duration {
    let start = Instant::now();
    let kernel = bench.builder().spawn().await.expect("a kernel starts");
    if first_result {
        value(&kernel, "1+1").await;
    }
    let time = start.elapsed();
    kernel.terminate().await;
    time
}

/// What a kernel that has warmed up does over and over.
fn warm(bench: &Bench, criterion: &mut Criterion) {
    let kernel = bench.spawn();
    let mut group = criterion.benchmark_group("warm");
    group.measurement_time(Duration::from_secs(3));
    group.bench_function("round trip of 1+1", |bencher| bencher.iter(|| bench.runtime.block_on(value(&kernel, "1+1"))));
    let source = "const greet = (name: string): string => `Hello, ${name}!`; greet('drupe')";
    group.bench_function("round trip of TypeScript", |bencher| bencher.iter(|| bench.runtime.block_on(value(&kernel, source))));

    group.sample_size(10).sampling_mode(SamplingMode::Flat).throughput(Throughput::Elements(LINES));
    group.bench_function("console", |bencher| bencher.iter(|| bench.runtime.block_on(console(&kernel))));
    drop(group);

    // Last: nothing is left of the session afterwards.
    let mut group = criterion.benchmark_group("warm");
    group.sample_size(50).measurement_time(Duration::from_secs(2));
    group.bench_function("reset", |bencher| {
        bencher.iter(|| bench.runtime.block_on(kernel.reset()).expect("the kernel resets"));
    });
}

async fn console(kernel: &Kernel) {
    let mut run = kernel.run(format!("for (let i = 0; i < {LINES}; i++) console.log('line', i)"));
    let mut lines = 0;
    while let Some(event) = run.next_event().await {
        lines += u64::from(matches!(event, Event::Console(_)));
    }
    run.await.expect("the kernel lives");
    assert_eq!(lines, LINES, "every line arrives");
}

/// Typed arrays given to a chunk, and returned by one.
fn values(bench: &Bench, criterion: &mut Criterion) {
    let kernel = bench.spawn();
    for direction in ["value to the kernel", "value from the kernel"] {
        let mut group = criterion.benchmark_group(direction);
        group.sample_size(10).measurement_time(Duration::from_secs(2));
        for (name, size) in SIZES {
            group.throughput(Throughput::Bytes(size as u64));
            group.bench_function(BenchmarkId::from_parameter(name), |bencher| match direction {
                "value to the kernel" => bencher.iter_custom(|count| (0..count).map(|_| send(bench, &kernel, size)).sum()),
                _ => bencher.iter(|| receive(bench, &kernel, size)),
            });
        }
    }
}

/// The time from a chunk with its input to its result; to make the input is not counted.
fn send(bench: &Bench, kernel: &Kernel, size: usize) -> Duration {
    let data = Value::TypedArray(TypedArrayKind::Uint8, vec![7; size].into());
    let chunk = Chunk::new("data.length").input_value("data", data);
    let start = Instant::now();
    let length = bench.runtime.block_on(value(kernel, chunk));
    let time = start.elapsed();
    assert_eq!(length, Some(Value::Number(size as f64)), "all bytes arrive");
    time
}

fn receive(bench: &Bench, kernel: &Kernel, size: usize) {
    let array = bench.runtime.block_on(value(kernel, format!("new Uint8Array({size})")));
    assert!(matches!(array, Some(Value::TypedArray(_, bytes)) if bytes.len() == size), "all bytes arrive");
}

async fn value(kernel: &Kernel, chunk: impl Into<Chunk>) -> Option<Value> {
    match kernel.run(chunk).await.expect("the kernel lives").outcome {
        Outcome::Value { value, .. } => value,
        other => panic!("no value, but {other:?}"),
    }
}
