//! How long a chunk waits before it can cross the wire.

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use drupe_transpile::{Options, completeness, transpile};

const CLASS: &str = "class Point { readonly x: number; constructor(x: number) { this.x = x } add(o: Point): Point { return new Point(this.x + o.x) } }";

fn benches(criterion: &mut Criterion) {
    let options = Options::default();
    let typescript = repeated(100_000, |index| {
        format!(
            "export_{index};\nfunction f{index}<T extends object>(a: T, b?: number): Array<T> {{\n  const c = (a as any).x! ?? b;\n  \
             if (c > 1 && typeof c === 'number') {{ return [a, `${{c}}`] as unknown as T[] }}\n  return []\n}}\n"
        )
    });
    let javascript = repeated(100_000, |index| {
        format!(
            "function f{index}(a, b) {{\n  const c = a.x ?? b;\n  if (c > 1 && /[a-z]+/.test(c)) {{ return [a, `${{c}}`] }}\n  return []\n}}\n"
        )
    });
    for (name, source) in [
        ("1+1", "1+1"),
        ("let", "let x = 42"),
        ("object", "{ a: 1, b: 2 }"),
        ("class", CLASS),
        ("enum", "enum Colour { Red, Green, Blue }"),
        ("jsx", "<div className='a'>{b}</div>"),
        ("typescript 100 kB", &typescript),
        ("javascript 100 kB", &javascript),
    ] {
        let mut group = criterion.benchmark_group("transpile");
        group.throughput(Throughput::Bytes(source.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| transpile(black_box(source), &options)));
        group.finish();
    }
    criterion.bench_function("completeness/unfinished class", |bencher| {
        bencher.iter(|| completeness(black_box(&CLASS[..CLASS.len() - 2]), &options));
    });
}

fn repeated(length: usize, item: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for index in 0.. {
        let _ = write!(text, "{}", item(index));
        if text.len() >= length {
            break;
        }
    }
    text
}

criterion_group!(all, benches);
criterion_main!(all);
