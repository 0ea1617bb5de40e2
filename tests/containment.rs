//! The corpus of escapes (`corpus/`), at every level of confinement: contained, and nothing outside was touched.

use std::{fs, path::PathBuf};

use drupe_client::{Chunk, Event, Kernel, Outcome};

use crate::support::{all, block_on, builder_at, levels, text};

/// What the kernel must neither read nor change.
const SECRET: &str = "the canary's secret 6f1d0c";

/// So many CPU milliseconds a variant may take; none takes a tenth of it.
const LIMIT: std::time::Duration = std::time::Duration::from_secs(20);

/// Every mechanism has at least so many variants.
const VARIANTS: usize = 3;

struct Variant {
    name: String,
    code: String,
}

/// The variants of a file of the corpus.
fn variants(source: &str) -> Vec<Variant> {
    assert!(source.starts_with("//! threat"), "a file of the corpus says which threats it stands for");
    let split = source.split("\n//# ").skip(1);
    split
        .map(|variant| {
            let (name, code) = variant.split_once('\n').unwrap();
            Variant { name: name.to_owned(), code: code.to_owned() }
        })
        .collect()
}

fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// A file that is there before and after, and unchanged.
struct Canary(PathBuf);

impl Canary {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("drupe-canary-{}-{name}", std::process::id()));
        fs::write(&path, SECRET).unwrap();
        Self(path)
    }

    fn check(&self) {
        assert_eq!(fs::read_to_string(&self.0).unwrap(), SECRET, "the canary was touched");
    }
}

impl Drop for Canary {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}

/// Runs every variant of `file` at every level, in a session of its own each.
fn contained(file: &str) {
    let prelude = fs::read_to_string(corpus().join("prelude.js")).unwrap();
    let variants = variants(&fs::read_to_string(corpus().join(file)).unwrap());
    assert!(variants.len() >= VARIANTS, "{file} has {} variants", variants.len());
    let canary = Canary::new(file);
    block_on(async {
        let mut failures = Vec::new();
        for level in levels() {
            let kernel = builder_at(level).vm_timeout(LIMIT).wall_timeout(LIMIT).spawn().await.unwrap();
            let pid = kernel.info().await.unwrap().pid;
            for variant in &variants {
                kernel.run(prelude.as_str()).await.unwrap();
                if let Err(why) = attempt(&kernel, &canary, variant).await {
                    failures.push(format!("{file}, {}, at level {level:?}: {why}", variant.name));
                }
                canary.check();
                assert_eq!(kernel.info().await.unwrap().pid, pid, "{}: the kernel is another", variant.name);
                kernel.reset().await.unwrap();
                assert_eq!(text(&kernel, "1 + 1").await, "2", "after {}", variant.name);
            }
        }
        assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    });
}

async fn attempt(kernel: &Kernel, canary: &Canary, variant: &Variant) -> Result<(), String> {
    let chunk = Chunk::new(&variant.code).name("variant.js").input("canary", canary.0.display().to_string());
    let (events, report) = all(kernel.run(chunk)).await;
    let said = format!("{events:?}");
    if said.contains(SECRET) {
        return Err("it read the canary".to_owned());
    }
    match report.map(|report| report.outcome) {
        Ok(Outcome::Value { text, .. }) if text == "'contained'" && variant.name.contains(REACHABLE) => reachable(&events),
        Ok(Outcome::Value { text, .. }) if text == "'contained'" => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

/// The list that a variant's output is compared with, if the variant names it. `DRUPE_BLESS=1` writes it anew.
const REACHABLE: &str = "reachable.txt";

fn reachable(events: &[Event]) -> Result<(), String> {
    let found = events.iter().find_map(|event| if let Event::Console(console) = event { Some(console.text()) } else { None });
    let found = found.ok_or("nothing was said")?;
    let path = corpus().join(REACHABLE);
    if std::env::var_os("DRUPE_BLESS").is_some() {
        fs::write(&path, format!("{found}\n")).unwrap();
    }
    let allowed = fs::read_to_string(path).unwrap();
    let news = found.lines().filter(|line| !allowed.lines().any(|allowed| allowed == *line)).collect::<Vec<_>>();
    if news.is_empty() { Ok(()) } else { Err(format!("reachable, and not in {REACHABLE}:\n{}", news.join("\n"))) }
}

/// What the kernel's process inherited: nothing of the parent's environment.
#[cfg(target_os = "linux")]
#[test]
fn the_environment_of_the_parent_is_not_the_kernels() {
    block_on(async {
        for level in levels() {
            let kernel = builder_at(level).spawn().await.unwrap();
            let pid = kernel.info().await.unwrap().pid.unwrap();
            // A process that is not dumpable shows nobody its environment: so much the better.
            let Ok(environment) = fs::read(format!("/proc/{pid}/environ")) else { continue };
            let names = environment.split(|byte| *byte == 0).filter(|entry| !entry.is_empty());
            for name in names {
                assert!(name.starts_with(b"GLIBC_TUNABLES="), "{}", String::from_utf8_lossy(name));
            }
        }
    });
}

#[test]
fn every_file_of_the_corpus_has_its_test() {
    let this = include_str!("containment.rs");
    for entry in fs::read_dir(corpus()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            matches!(&*name, "README.md" | "prelude.js" | "reachable.txt") || this.contains(&format!("{name:?}")),
            "{name} is run by nobody"
        );
    }
}

macro_rules! mechanisms {
    ($($test:ident: $file:literal,)*) => {$(
        #[test]
        fn $test() {
            contained($file);
        }
    )*};
}

// threats A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A13, V1 to V12
mechanisms! {
    v1_raw_errors_are_contained: "v01_raw_errors.js",
    v2_stack_hooks_are_contained: "v02_stack_hooks.js",
    v3_promises_are_contained: "v03_promises.js",
    v4_arrays_are_contained: "v04_arrays.js",
    v5_receivers_are_contained: "v05_bridge.js",
    v6_inspection_is_contained: "v06_inspection.js",
    v7_pollution_is_contained: "v07_pollution.js",
    v8_internals_are_contained: "v08_internals.js",
    v9_modules_are_contained: "v09_modules.js",
    v10_process_state_is_contained: "v10_process_state.js",
    v11_denial_of_service_is_contained: "v11_denial.js",
    v12_memory_is_contained: "v12_memory.js",
}
