//! The lock-down, tried from inside by native code, and its levels, seen from the parent.
#![cfg(target_os = "linux")]

use std::collections::BTreeMap;

use drupe_client::{Builder, Cause, Error, Kernel, LaunchError, Sandbox, SandboxLevel};
use rustix::fd::OwnedFd;

use crate::support::{block_on, builder, kernel_program, misbehaving, spawn, text};

const ENOSYS: i32 = 38;
const EACCES: i32 = 13;

fn probe(name: &str) -> Builder {
    Kernel::builder().program(kernel_program().arg(format!("probe={name}")))
}

fn without(layers: &str) -> Builder {
    Kernel::builder().program(kernel_program().arg(format!("without={layers}")))
}

/// How a kernel that never said hello ended, and what it wrote.
async fn end_of(builder: Builder) -> (Cause, String) {
    let error = builder.spawn().await.unwrap_err();
    let Error::Launch(error) = error else { panic!("{error:?}") };
    match &*error {
        LaunchError::Died(death) => (death.cause.clone(), death.stderr.clone()),
        other => panic!("{other}"),
    }
}

async fn attempts(builder: Builder) -> BTreeMap<String, i32> {
    let (cause, stderr) = end_of(builder).await;
    assert_eq!(cause, Cause::Exited(0), "{stderr}");
    stderr
        .lines()
        .map(|line| line.rsplit_once(' ').unwrap())
        .map(|(name, errno)| (name.to_owned(), errno.parse().unwrap()))
        .collect()
}

// threats A12, I5
#[test]
fn native_code_in_a_locked_kernel_is_refused_every_call() {
    block_on(async {
        let mut refused = attempts(probe("calls")).await;
        assert_eq!(refused.remove("differently-on-a-new-thread"), Some(0));
        assert!(refused.len() >= 100, "{} calls were tried", refused.len());
        let permitted = refused.iter().filter(|(_, errno)| **errno != ENOSYS).collect::<Vec<_>>();
        assert!(permitted.is_empty(), "{permitted:?}");

        // Where nothing is locked, the same calls fail for other reasons, or succeed.
        let mut free = attempts(probe("calls").sandbox(Sandbox::OffUnsafe)).await;
        free.retain(|_, errno| *errno != ENOSYS);
        assert!(free.len() >= 90, "{} calls are there", free.len());
        assert!(["statx", "dup", "kill:parent", "getppid", "pipe2"].iter().all(|name| free[*name] == 0), "{free:?}");
    });
}

// threats A12, I5
#[test]
fn native_code_in_a_locked_kernel_opens_nothing() {
    block_on(async {
        let refused = attempts(probe("paths")).await;
        assert!(refused.len() >= 35 && refused.values().all(|errno| *errno == ENOSYS), "{refused:?}");
        let free = attempts(probe("paths").sandbox(Sandbox::OffUnsafe)).await;
        assert!(
            free.len() == refused.len() && free["openat:/etc/passwd"] == 0 && free["openat2:/proc/self/maps"] == 0,
            "{free:?}"
        );

        // Landlock alone keeps files closed, too; its own standard input is a pipe, and none.
        let builder = Kernel::builder().program(kernel_program().arg("probe=paths").arg("without=seccomp"));
        let refused = attempts(builder.sandbox(Sandbox::BestEffort)).await;
        let mut open = refused.iter().filter(|(_, errno)| ![EACCES, ENOSYS].contains(errno)).collect::<Vec<_>>();
        open.retain(|(name, _)| !name.ends_with(":/proc/self/fd/0"));
        assert!(open.is_empty() && refused["openat:/etc/passwd"] == EACCES, "{open:?}");
    });
}

// threats A12, F3, I5
#[test]
fn native_code_that_reaches_for_the_dangerous_calls_is_ended_and_the_death_says_why() {
    block_on(async {
        let (_, list) = end_of(probe("fatal:list")).await;
        assert!(list.lines().count() >= 35, "{list}");
        for name in list.lines() {
            let (cause, stderr) = end_of(probe(&format!("fatal:{name}"))).await;
            // Without support for 32-bit programs the old gate is no gate at all.
            let walled_up = name == "int-0x80" && matches!(&cause, Cause::Signal { name: "SIGSEGV", .. });
            assert!(cause == Cause::SeccompViolation || walled_up, "{name}: {cause:?} {stderr}");
        }
        assert!(Cause::SeccompViolation.to_string().contains("seccomp violation, SIGSYS"));
    });
}

// threat C11
#[test]
fn native_code_cannot_take_more_memory_than_the_limit_leaves() {
    block_on(async {
        for sandbox in [Sandbox::Strict, Sandbox::OffUnsafe] {
            let mapped = attempts(probe("memory").memory_limit(64 << 20).sandbox(sandbox)).await["mapped-mib"];
            assert!((256..2048).contains(&mapped), "{mapped} MiB");
        }
        // The probe stops at 64 GiB by itself.
        let free = attempts(probe("memory").memory_limit(64 << 30)).await["mapped-mib"];
        assert_eq!(free, 65536);
    });
}

// threats F9, G10
#[test]
fn a_kernel_wakes_up_with_its_channels_and_nothing_else() {
    block_on(async {
        // Whoever embeds drupe may have files open that are inherited.
        let inherited = rustix::io::dup(rustix::stdio::stdin()).unwrap();
        let file = std::fs::File::open("/etc/passwd").unwrap();
        let file: OwnedFd = rustix::io::dup(&file).unwrap();
        let (cause, said) = end_of(probe("surroundings")).await;
        drop((inherited, file));
        assert_eq!(cause, Cause::Exited(0), "{said}");
        // Standard input, output and error; two channels, each a socket, its copy, and a pair to wake up by.
        assert_eq!(said, "folder /\ndescriptors 11\nvariable GLIBC_TUNABLES\n");
    });
}

// threats A12, E13
#[test]
fn every_thread_is_locked_down() {
    block_on(async {
        let kernel = spawn().await;
        // Every kind of thread has come to work.
        assert_eq!(
            text(&kernel, "for (let i = 0, s = 0; i < 3e5; i++) s += i; await new Promise(r => setTimeout(r)); 1").await,
            "1"
        );
        let pid = kernel.info().await.unwrap().pid.unwrap();
        let mut threads = 0;
        for thread in std::fs::read_dir(format!("/proc/{pid}/task")).unwrap() {
            let status = std::fs::read_to_string(thread.unwrap().path().join("status")).unwrap();
            for line in
                ["NoNewPrivs:\t1", "Seccomp:\t2", "Seccomp_filters:\t2", "CapEff:\t0000000000000000", "CapPrm:\t0000000000000000"]
            {
                assert!(status.contains(line), "{line}: {status}");
            }
            threads += 1;
        }
        assert!(threads >= 4, "main, control, watchdog and V8's worker");
        let limits = std::fs::read_to_string(format!("/proc/{pid}/limits")).unwrap();
        let zeros = ["Max core file size", "Max file size"];
        assert!(zeros.iter().all(|name| limits.lines().any(|line| line.starts_with(name) && line.contains(" 0  "))), "{limits}");
        assert_eq!(std::fs::read_to_string(format!("/proc/{pid}/oom_score_adj")).unwrap().trim(), "1000");
    });
}

#[test]
fn the_status_tells_each_layer() {
    block_on(async {
        let status = spawn().await.sandbox_status().await.unwrap();
        assert_eq!(status.level, SandboxLevel::Strict, "{status}");
        let names = status.layers.iter().map(|layer| layer.name.as_str()).collect::<Vec<_>>();
        assert_eq!(names, ["descriptors", "parent", "limits", "privileges", "landlock", "seccomp"]);
        assert!(status.layers.iter().all(|layer| layer.on || layer.name == "landlock"), "{status}");

        let status = builder().sandbox(Sandbox::OffUnsafe).spawn().await.unwrap().sandbox_status().await.unwrap();
        let names = status.layers.iter().map(|layer| layer.name.as_str()).collect::<Vec<_>>();
        assert_eq!((status.level, names), (SandboxLevel::Off, vec!["descriptors", "parent", "limits"]));
    });
}

#[test]
fn strict_refuses_what_best_effort_accepts() {
    block_on(async {
        for layer in ["seccomp", "privileges", "limits", "descriptors"] {
            let refused = without(layer).spawn().await.unwrap_err().to_string();
            for word in ["(strict)", &format!("without {layer}: left out by a test"), "--sandbox best-effort"] {
                assert!(refused.contains(word), "{refused}");
            }
            let kernel = without(layer).sandbox(Sandbox::BestEffort).spawn().await.unwrap();
            assert_eq!(text(&kernel, "6 * 7").await, "42");
            let status = kernel.sandbox_status().await.unwrap();
            assert_eq!(status.level, SandboxLevel::BestEffort);
            assert!(status.layers.iter().all(|found| found.on == (found.name != layer)), "{status}");
        }
        // Without Landlock there is still no call left that opens or connects.
        let kernel = without("landlock").spawn().await.unwrap();
        let status = kernel.sandbox_status().await.unwrap();
        assert_eq!(status.to_string(), "strict, without landlock: left out by a test");
    });
}

// threat E13
#[test]
fn a_kernel_that_lies_about_its_sandbox_gets_no_code() {
    block_on(async {
        for (mode, wanted) in [("lies-about-its-sandbox", Sandbox::Strict), ("lies-about-its-sandbox", Sandbox::BestEffort)] {
            let error = misbehaving(mode).sandbox(wanted).spawn().await.unwrap_err();
            let Error::Launch(error) = error else { panic!("{error:?}") };
            assert!(
                matches!(&*error, LaunchError::SandboxLie { claimed: SandboxLevel::Strict, found } if found == "NoNewPrivs: 0, Seccomp: 0"),
                "{error}"
            );
        }
        let error = misbehaving("never-answers").sandbox(Sandbox::BestEffort).spawn().await.unwrap_err();
        assert!(error.to_string().contains("Sandbox::OffUnsafe (--sandbox off)"), "{error}");
    });
}

// threat F5
#[test]
fn a_kernel_outlives_the_thread_that_asked_for_it() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let kernel = std::thread::scope(|scope| scope.spawn(|| runtime.block_on(spawn())).join().unwrap());
    runtime.block_on(async {
        assert_eq!(text(&kernel, "'still here'").await, "'still here'");
        // And it does ask to be killed with the thread that started it.
        let status = kernel.sandbox_status().await.unwrap();
        assert!(status.layers.iter().any(|layer| layer.name == "parent" && layer.on));
    });
}

/// What V8 does lazily, it must be able to do after the lock-down.
#[test]
fn javascript_misses_nothing() {
    block_on(async {
        let kernel = spawn().await;
        for (code, expected) in [
            (
                "new Intl.DateTimeFormat('de', { dateStyle: 'full', timeZone: 'Asia/Tokyo' }).format(0)",
                "'Donnerstag, 1. Januar 1970'",
            ),
            ("new Intl.Collator('sv').compare('z', 'ö') < 0", "true"),
            ("[...new Intl.Segmenter('th', { granularity: 'word' }).segment('สวัสดีครับ')].length", "2"),
            ("/(?<=a)b+\\p{Lu}/u.exec('xabbÄ').index", "2"),
            ("Temporal.Now.timeZoneId().length > 0", "true"),
            ("new Set([Math.random(), Math.random(), Math.random()]).size", "3"),
            ("const f = n => n < 2 ? n : f(n - 1) + f(n - 2); f(25)", "75025"),
            (WASM, "42"),
            ("const m = new WebAssembly.Memory({ initial: 1 }); m.grow(1000); m.buffer.byteLength", "65601536"),
            ("new Uint8Array(64 << 20).fill(1).reduce((a, b) => a + b)", "67108864"),
            ("let s = 'x'; for (let i = 0; i < 24; i++) s += s; s.length", "16777216"),
        ] {
            assert_eq!(text(&kernel, code).await, expected, "{code}");
        }
        kernel.reset().await.unwrap();
        assert_eq!(text(&kernel, "Math.random() === Math.random()").await, "false");
    });
}

/// A module of one function that returns 42.
const WASM: &str = "const code = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 6, 1, 4, 0, 65, 42, 11]; \
                    (await WebAssembly.instantiate(new Uint8Array(code))).instance.exports.f()";
