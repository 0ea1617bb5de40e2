//! How fast messages become bytes and bytes become messages.

use std::{hint::black_box, time::Duration};

use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use drupe_protocol::{
    Event, FrameDecoder, Position, Request, Value, decode, encode,
    event::{Console, Location, Method},
    frame::PREFIX,
    request::Run,
    value::TypedArrayKind,
};
use serde::{Serialize, de::DeserializeOwned};

fn both<M: Serialize + DeserializeOwned>(group: &mut BenchmarkGroup<WallTime>, name: &str, message: &M) {
    let mut frame = Vec::new();
    encode(message, &mut frame).expect("samples can be sent");
    group.throughput(Throughput::Bytes(frame.len() as u64));
    group.bench_function(format!("{name}/encode"), |b| {
        let mut out = Vec::with_capacity(frame.len());
        b.iter(|| {
            out.clear();
            encode(black_box(message), &mut out).expect("samples can be sent");
        });
    });
    group.bench_function(format!("{name}/decode"), |b| b.iter(|| decode::<M>(black_box(&frame[PREFIX..]))));
}

fn messages(c: &mut Criterion) {
    let mut group = c.benchmark_group("message");
    let args = vec![Value::from("a line of about fifty characters, as programs print")];
    let mut console = Console::new(Method::Log, args, 1_760_000_000_000.25);
    console.run = Some(3);
    console.at = Some(Location::new("chunk:3", Position { line: 11, column: 4 }));
    both(&mut group, "console", &Event::Console(console));
    let run = Run { run: 3, code: "1+1".into(), name: "chunk:3".into(), value_limit: 1 << 20, ..Run::default() };
    both(&mut group, "run", &Request::Run(Box::new(run)));
}

fn values(c: &mut Criterion) {
    let mut group = c.benchmark_group("value");
    group.sample_size(20).measurement_time(Duration::from_secs(3));
    for (name, size) in [("1 B", 1), ("1 KiB", 1 << 10), ("1 MiB", 1 << 20), ("64 MiB", 64 << 20)] {
        let bytes: Vec<_> = (0..size).map(|index: usize| index.to_le_bytes()[0]).collect();
        both(&mut group, &format!("uint8array {name}"), &Value::TypedArray(TypedArrayKind::Uint8, bytes.into()));
    }
    let object = |index: u32| {
        Value::Object(vec![
            ("id".into(), Value::from(index)),
            ("name".into(), Value::from(format!("item {index}"))),
            ("price".into(), Value::from(f64::from(index) / 7.0)),
            ("tags".into(), Value::from(vec!["red", "stone"])),
        ])
    };
    both(&mut group, "10k objects", &Value::Array((0..10_000).map(object).collect()));
}

/// From the reads of a socket to payloads.
fn frames(c: &mut Criterion) {
    let mut group = c.benchmark_group("frames");
    group.sample_size(20).measurement_time(Duration::from_secs(3));
    for (name, size, count) in [("64 B", 64, 10_000), ("64 MiB", 64 << 20, 1)] {
        let mut stream = Vec::new();
        for _ in 0..count {
            encode(&Value::ArrayBuffer(vec![7; size].into()), &mut stream).expect("samples can be sent");
        }
        group.throughput(Throughput::Bytes(stream.len() as u64));
        group.bench_function(name, |b| {
            b.iter(|| {
                let mut decoder = FrameDecoder::new();
                let (mut rest, mut taken) = (stream.as_slice(), 0);
                while !rest.is_empty() {
                    let spare = decoder.spare();
                    // What one read of a local socket gives at most by default.
                    let read = spare.len().min(rest.len()).min(208 << 10);
                    spare[..read].copy_from_slice(&rest[..read]);
                    decoder.advance(read);
                    rest = &rest[read..];
                    while let Ok(Some(frame)) = decoder.next_frame() {
                        black_box(frame);
                        taken += 1;
                    }
                }
                assert_eq!(taken, count);
            });
        });
    }
}

criterion_group!(benches, messages, values, frames);
criterion_main!(benches);
