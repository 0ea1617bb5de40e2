//! What one session could learn of another, of its parent, or of the machine: leftovers, clocks, secrets in memory.

#[cfg(target_os = "linux")]
use std::collections::BTreeMap;
use std::collections::HashSet;

#[cfg(target_os = "linux")]
use drupe_client::{Chunk, Permissions, Policy, Value};

#[cfg(target_os = "linux")]
use crate::support::builder;
use crate::support::{block_on, spawn, text};

// threat I4
#[test]
fn sessions_share_no_random_numbers() {
    block_on(async {
        let draw = "[Math.random(), Math.random()].join()";
        let mut drawn = HashSet::new();
        let kernels = [spawn().await, spawn().await];
        for round in 0..6 {
            for kernel in &kernels {
                assert!(drawn.insert(text(kernel, draw).await), "drawn before: {drawn:?}");
                if round % 2 == 0 {
                    kernel.reset().await.unwrap();
                } else {
                    kernel.restart().await.unwrap();
                }
            }
        }
    });
}

// threats I1, I2, I4, I6
#[test]
fn a_restart_gives_a_new_process_and_a_reset_a_new_world() {
    block_on(async {
        let kernel = spawn().await;
        let pid = kernel.info().await.unwrap().pid;
        let leave = "globalThis.left = 1; Object.prototype.left = 1; Symbol.for('left').description; setInterval(() => {}, 1);
             console.group('left'); console.count('left'); /(left)/.test('left'); Intl.DateTimeFormat.left = 1; 1";
        let find = "[typeof left, {}.left, RegExp.$1, Intl.DateTimeFormat.left, Object.keys(globalThis).includes('left')].join()";
        kernel.run(leave).await.unwrap();
        kernel.reset().await.unwrap();
        assert_eq!(text(&kernel, find).await, "'undefined,,,,false'");
        assert_eq!(kernel.info().await.unwrap().pid, pid, "a reset keeps the process: it is no boundary between tenants");
        kernel.run(leave).await.unwrap();
        kernel.restart().await.unwrap();
        assert_eq!(text(&kernel, find).await, "'undefined,,,,false'");
        assert_ne!(kernel.info().await.unwrap().pid, pid);
    });
}

/// All clocks that JavaScript can read tick no faster than every tenth of a millisecond.
// threat J1
#[test]
fn clocks_are_coarse() {
    block_on(async {
        let kernel = spawn().await;
        let clocks = [
            "Date.now() * 1e6",
            "new Date().getTime() * 1e6",
            "Number(Temporal.Now.instant().epochNanoseconds % 1000000000000n)",
            "typeof performance === 'undefined' ? 0 : performance.now() * 1e6",
        ];
        for clock in clocks {
            // The smallest step that it was seen to take, in nanoseconds.
            let code = format!(
                "{{ const now = () => {clock}; let last = now(), least = Infinity; const end = Date.now() + 60;
                   while (Date.now() < end) {{ const next = now(); if (next !== last) least = Math.min(least, next - last); last = next }}
                   least }}"
            );
            let least = text(&kernel, &code).await;
            let least = if least == "Infinity" { f64::INFINITY } else { least.parse::<f64>().unwrap() };
            assert!(least >= 99_000.0, "{clock} ticks every {least} ns");
        }
    });
}

/// Finds the clocks that there are by what they do, so that one that is added later is found, too.
const WALK: &str = include_str!("clocks.js");

// threat J1
#[cfg(target_os = "linux")]
#[test]
fn every_clock_that_there_is_is_coarse() {
    let folder = std::env::temp_dir().join(format!("drupe-clocks-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    block_on(async {
        let kernel = builder().permissions(&Permissions::new(Policy::all())).spawn().await.unwrap();
        // The file system's own steps may be longer, and are not where somebody else sets the time.
        let file = folder.join("set").display().to_string();
        kernel
            .run(
                Chunk::new("require('fs').writeFileSync(file, ''); require('fs').utimesSync(file, 1, 1.123456)")
                    .input("file", file),
            )
            .await
            .unwrap();
        let told = "Object.values(require('fs').statSync(file, { bigint: true })).filter((v) => v === 1123400000n).length + require('fs').statSync(file).mtimeMs";
        assert_eq!(text(&kernel, told).await, "1124.4");
        let report = kernel.run(Chunk::new(WALK).input("folder", folder.display().to_string())).await.unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        let Some(Value::Object(clocks)) = report.outcome.value() else { panic!("{:?}", report.outcome) };
        let clocks = clocks.iter().map(|(name, step)| match step {
            Value::Number(micros) => (name.as_str(), *micros),
            other => panic!("{name}: {other:?}"),
        });
        let clocks = clocks.collect::<BTreeMap<_, _>>();
        for known in [
            "process.hrtime()",
            "process.hrtime.bigint()",
            "process.uptime()",
            "process.cpuUsage().user",
            "process.resourceUsage().userCPUTime",
            "performance.now()",
            "Event.timeStamp",
            "stat.0",
            "stat, bigint.1",
            "console.timeLog",
            "Date.now()",
            "Temporal.Now.instant().epochNanoseconds",
        ] {
            assert!(clocks.contains_key(known), "{known} was not found to be a clock: {clocks:?}");
        }
        // A whole step, but for what the time of the walk was measured with.
        let fine = clocks.iter().filter(|(_, step)| **step < 90.0).collect::<Vec<_>>();
        assert!(fine.is_empty(), "steps of so many microseconds: {fine:?}");
    });
}

/// Nothing can count in the background: shared memory has one thread that runs JavaScript or WebAssembly.
// threat J2
#[test]
fn there_is_no_second_thread_to_count_on() {
    block_on(async {
        let kernel = spawn().await;
        assert_eq!(
            text(&kernel, "[typeof Worker, typeof SharedWorker, typeof ServiceWorker].join()").await,
            "'undefined,undefined,undefined'"
        );
        let watch = "{ const cell = new Int32Array(new SharedArrayBuffer(4)); setInterval(() => cell[0]++, 0);
            Promise.resolve().then(function tick() { cell[0]++; }); queueMicrotask(() => cell[0]++); Atomics.waitAsync(cell, 0, 0, 1);
            let seen = cell[0]; const end = Date.now() + 30; while (Date.now() < end) seen = Math.max(seen, Atomics.load(cell, 0)); seen }";
        assert_eq!(text(&kernel, watch).await, "0");
        // Threads of native code are V8's own; none runs what is posted from JavaScript.
        let module = "(async () => { const m = await import('worker_threads'); new m.Worker('1', { eval: true }) })().then(() => 'a thread', () => 'none')";
        assert_eq!(text(&kernel, &format!("await {module}")).await, "'none'");
    });
}

/// What the parent of [`the_kernels_memory_holds_no_secret_of_its_parent`] has in its environment.
#[cfg(target_os = "linux")]
const SECRET_NAME: &str = "DRUPE_TEST_SECRET";

/// Not a test: a parent with a secret, which looks for it in its kernel's memory.
#[cfg(target_os = "linux")]
#[test]
fn parent_with_a_secret() {
    use std::{fs, io::Write, os::unix::fs::FileExt};

    use crate::support::builder_at;

    let Ok(secret) = std::env::var(SECRET_NAME) else { return };
    block_on(async {
        // Unconfined, or it would show its memory to nobody.
        let kernel = builder_at("off").spawn().await.unwrap();
        // What must be found, or the search is worth nothing.
        kernel.run("globalThis.found = 'found ' + 'here ' + 'it is'; found.charCodeAt(0)").await.unwrap();
        let pid = kernel.info().await.unwrap().pid.unwrap();
        let Ok(memory) = fs::File::open(format!("/proc/{pid}/mem")) else { return say("closed") };
        let (mut found, mut leaked) = (false, false);
        for line in fs::read_to_string(format!("/proc/{pid}/maps")).unwrap().lines() {
            let mut words = line.split(' ');
            let (range, rights) = (words.next().unwrap(), words.next().unwrap());
            let (start, end) = range.split_once('-').unwrap();
            let [start, end] = [start, end].map(|address| u64::from_str_radix(address, 16).unwrap());
            if !rights.starts_with("rw") || end - start > 128 << 20 {
                continue;
            }
            let mut bytes = vec![0; usize::try_from(end - start).unwrap()];
            if memory.read_exact_at(&mut bytes, start).is_ok() {
                let holds = |text: &[u8]| {
                    let mut rest = bytes.as_slice();
                    while let Some(at) = rest.iter().position(|byte| *byte == text[0]) {
                        if rest[at..].starts_with(text) {
                            return true;
                        }
                        rest = &rest[at + 1..];
                    }
                    false
                };
                found |= holds(b"found here it is");
                leaked |= holds(secret.as_bytes());
            }
        }
        say(if leaked {
            "leaked"
        } else if found {
            "kept"
        } else {
            "not found"
        });
    });

    fn say(what: &str) {
        writeln!(std::io::stdout(), "\nsecret {what}").unwrap();
    }
}

// threat J3
#[cfg(target_os = "linux")]
#[test]
fn the_kernels_memory_holds_no_secret_of_its_parent() {
    let parent = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "residue::parent_with_a_secret", "--nocapture"])
        .env(SECRET_NAME, format!("a secret of the parent {}", std::process::id()))
        .output()
        .unwrap();
    let said = String::from_utf8(parent.stdout).unwrap();
    let what = said.lines().find_map(|line| line.strip_prefix("secret ")).expect("the parent said nothing");
    // Where the system shows a parent not even its own child's memory, there is nothing to see for anybody.
    assert!(what == "kept" || what == "closed", "{what}");
}
