//! How long a large package takes to come: cold, with nothing compiled yet, and warm, as after a reset.
#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark")]

use std::{fs, future::poll_fn, path::Path};

use criterion::{Criterion, criterion_group, criterion_main};
use drupe_host::{Answer, Call, ModuleCache, Modules, Permissions, Policy, Service, permissions::Kind};
use drupe_protocol::Value;

/// As many modules as a large package has, each with some code and a few imports.
fn package(folder: &Path, modules: usize) {
    for index in 0..modules {
        let imports: String = [index * 2 + 1, index * 2 + 2, index + 7]
            .into_iter()
            .filter(|&other| other < modules)
            .map(|other| format!("import {{ f{other} }} from './m{other}.js';\nexport const use{other} = f{other};\n"))
            .collect();
        let body: String = (0..30).map(|line| format!("  if (value > {line}) {{ total += value * {line}; }}\n")).collect();
        let text = format!("{imports}export function f{index}(value) {{\n  let total = {index};\n{body}  return total;\n}}\n");
        fs::write(folder.join(format!("m{index}.js")), text).unwrap();
    }
    fs::write(folder.join("package.json"), r#"{"name": "large", "type": "module", "exports": "./m0.js"}"#).unwrap();
}

async fn import(modules: &Modules) -> usize {
    let args = vec!["large".into(), Value::Undefined];
    let Ok(Answer::Stream(mut items)) = modules.call(Call::new("graph", args)).await else { panic!() };
    let mut count = 0;
    while let Some(batch) = poll_fn(|context| items.as_mut().poll_next(context)).await {
        count += batch.unwrap().as_array().unwrap().len();
    }
    count
}

fn benches(criterion: &mut Criterion) {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("node_modules/large");
    fs::create_dir_all(&folder).unwrap();
    package(&folder, 500);
    // As old as an installed package: what was written just now is not trusted to stay as it is.
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    for file in fs::read_dir(&folder).unwrap() {
        fs::File::open(file.unwrap().path()).unwrap().set_modified(old).unwrap();
    }
    let mut granted = Policy::none();
    granted.allow(Kind::Read, root.path().to_str().unwrap()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut group = criterion.benchmark_group("import 500 modules");
    group.sample_size(20);
    for (name, policy) in [("all granted", Policy::all()), ("one folder granted", granted)] {
        let permissions = Permissions::new(policy);
        let modules = Modules::new(&permissions).root(root.path());
        group.bench_function(format!("cold, {name}"), |bencher| {
            bencher.iter(|| {
                let modules = modules.clone().cache(&ModuleCache::with_limit(64 << 20));
                assert_eq!(runtime.block_on(import(&modules)), 500);
            });
        });
        let modules = modules.cache(&ModuleCache::with_limit(64 << 20));
        group.bench_function(format!("warm, {name}"), |bencher| {
            bencher.iter(|| assert_eq!(runtime.block_on(import(&modules)), 500));
        });
    }
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
