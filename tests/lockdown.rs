//! The lock-down, tried from inside by native code, and its levels, seen from the parent.
#![cfg(target_os = "linux")]

use std::{collections::BTreeMap, time::Duration};

use drupe_client::{Builder, Cause, Chunk, Error, Kernel, LaunchError, Outcome, Sandbox, SandboxLevel};
use rustix::fd::OwnedFd;

use crate::support::{PATIENT, block_on, builder, builder_at, kernel_program, misbehaving, spawn, text};

const ENOSYS: i32 = 38;
const EACCES: i32 = 13;

fn probe(name: &str) -> Builder {
    Kernel::builder().launch_timeout(PATIENT).program(kernel_program().arg(format!("probe={name}")))
}

fn without(layers: &str) -> Builder {
    Kernel::builder().launch_timeout(PATIENT).program(kernel_program().arg(format!("without={layers}")))
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
        let refused = attempts(probe("calls")).await;
        assert!(refused.len() >= 40, "{} calls were tried", refused.len());
        let permitted = refused.iter().filter(|(_, errno)| **errno != ENOSYS).collect::<Vec<_>>();
        assert!(permitted.is_empty(), "{permitted:?}");

        // Where nothing is locked, the same calls fail for other reasons, or succeed.
        let mut free = attempts(probe("calls").sandbox(Sandbox::OffUnsafe)).await;
        free.retain(|_, errno| *errno != ENOSYS);
        assert!(free.len() >= 35, "{} calls are there", free.len());
        assert!(["statx", "fstat", "kill:parent", "getppid", "fcntl"].iter().all(|name| free[*name] == 0), "{free:?}");
    });
}

/// V8 does other things for large heaps, and each needs its calls.
#[test]
fn a_locked_kernel_starts_with_a_heap_of_any_size() {
    block_on(async {
        for mebibytes in [8, 64, 1024, 2047, 2048, 2500, 4096, 16 << 10, 1 << 20] {
            for sandbox in [Sandbox::Strict, Sandbox::Hardened] {
                let kernel = builder().sandbox(sandbox).memory_limit(mebibytes << 20).spawn().await.unwrap();
                let code = "const rows = Array.from({ length: 1e4 }, (_, n) => ({ n })); rows.length + /a+/.exec('aa')[0] + new Intl.NumberFormat('en').format(1e3)";
                assert_eq!(text(&kernel, code).await, "'10000aa1,000'", "{mebibytes} MiB, {sandbox:?}");
                kernel.terminate().await;
            }
        }
    });
}

/// Most ways out of sandboxes lay in rare arguments of common calls.
// threats A12, C11, I5
#[test]
fn native_code_in_a_locked_kernel_gets_no_argument_that_is_not_used() {
    block_on(async {
        for level in [Sandbox::Strict, Sandbox::Hardened] {
            let refused = attempts(probe("arguments").sandbox(level)).await;
            assert!(refused.len() >= 50, "{} arguments were tried", refused.len());
            let permitted = refused.iter().filter(|(_, errno)| **errno != ENOSYS).collect::<Vec<_>>();
            assert!(permitted.is_empty(), "{level:?}: {permitted:?}");
        }
        let free = attempts(probe("arguments").sandbox(Sandbox::OffUnsafe)).await;
        let works = [
            "mmap:MAP_SHARED",
            "mmap:MAP_GROWSDOWN",
            "mmap:MAP_POPULATE",
            "mmap:upper-half",
            "mremap:MREMAP_DONTUNMAP",
            "madvise:MADV_WILLNEED",
            "sendto:MSG_OOB",
            "recvfrom:MSG_PEEK",
            "futex:FUTEX_LOCK_PI",
            "futex:FUTEX_REQUEUE",
            "membarrier:GLOBAL",
            "clock_gettime:parent",
        ];
        let fails = works.iter().filter(|name| free[**name] != 0).collect::<Vec<_>>();
        assert!(fails.is_empty(), "not even a free kernel may: {fails:?} of {free:?}");
    });
}

// threat A12
#[test]
fn no_memory_of_a_hardened_kernel_becomes_executable() {
    block_on(async {
        let refused = attempts(probe("executable").sandbox(Sandbox::Hardened)).await;
        assert!(refused.len() >= 4 && refused.values().all(|errno| *errno == ENOSYS), "{refused:?}");
        let free = attempts(probe("executable")).await;
        assert!(free.len() == refused.len() && free.values().all(|errno| *errno == 0), "V8 compiles at other levels: {free:?}");
        // The system refuses it by itself, too, if it is new enough.
        let builder = Kernel::builder().program(kernel_program().arg("probe=executable").arg("without=seccomp"));
        let mut refused = attempts(builder.sandbox(Sandbox::Hardened)).await;
        // It minds memory that was or is writable: what was never written holds nobody's code.
        refused.remove("mmap:read-and-execute");
        let told = builder_at("hardened").spawn().await.unwrap().sandbox_status().await.unwrap();
        let code = told.layers.iter().find(|layer| layer.name == "code").unwrap();
        let by_itself = !code.detail.contains("seccomp alone");
        assert_eq!(refused.values().all(|errno| *errno == EACCES), by_itself, "{refused:?}, {code}");
    });
}

// threats A12, I5
#[test]
fn native_code_in_a_locked_kernel_opens_nothing() {
    block_on(async {
        let refused = attempts(probe("paths")).await;
        assert!(refused.len() >= 18 && refused.values().all(|errno| *errno == ENOSYS), "{refused:?}");
        let free = attempts(probe("paths").sandbox(Sandbox::OffUnsafe)).await;
        assert!(
            free.len() == refused.len() && free["openat:/etc/passwd"] == 0 && free["openat:/proc/self/maps"] == 0,
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
        assert!(list.lines().count() >= 110, "{list}");
        for name in list.lines() {
            let (cause, stderr) = end_of(probe(&format!("fatal:{name}"))).await;
            // Without support for 32-bit programs the old gate is no gate at all.
            let walled_up = name == "int-0x80" && matches!(&cause, Cause::Signal { name: "SIGSEGV", .. });
            assert!(cause == Cause::SeccompViolation || walled_up, "{name}: {cause:?} {stderr}");
        }
        // Where nothing is locked, the system knows them, and says what is wrong with their arguments.
        let free = attempts(probe("fatal:all").sandbox(Sandbox::OffUnsafe)).await;
        let known = free.values().filter(|errno| **errno != ENOSYS).count();
        assert!(known >= 100, "{known} calls are there: {free:?}");
        assert!(Cause::SeccompViolation.to_string().contains("seccomp violation, SIGSYS"));
    });
}

// threat C11
#[test]
fn native_code_cannot_take_more_memory_than_the_limit_leaves() {
    block_on(async {
        for sandbox in [Sandbox::Strict, Sandbox::OffUnsafe] {
            let mapped = attempts(probe("memory").memory_limit(64 << 20).sandbox(sandbox)).await;
            let private = mapped["mapped-mib"];
            assert!((256..2048).contains(&private), "{private} MiB");
            // What the limit does not count is not to be had. The probe stops at 64 GiB by itself.
            let uncounted = if sandbox == Sandbox::Strict { 0 } else { 65536 };
            assert_eq!((mapped["shared-mib"], mapped["growing-mib"]), (uncounted, uncounted), "at level {sandbox:?}");
        }
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
        let superuser = rustix::process::geteuid().is_root();
        for thread in std::fs::read_dir(format!("/proc/{pid}/task")).unwrap() {
            let status = std::fs::read_to_string(thread.unwrap().path().join("status")).unwrap();
            for line in
                ["NoNewPrivs:\t1", "Seccomp:\t2", "Seccomp_filters:\t2", "CapEff:\t0000000000000000", "CapPrm:\t0000000000000000"]
            {
                assert!(status.contains(line), "{line}: {status}");
            }
            // Only who has privileges could regain them, and only they may give that up.
            assert!(!superuser || status.contains("CapBnd:\t0000000000000000"), "{status}");
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
        assert_eq!(names, ["descriptors", "parent", "limits", "privileges", "landlock", "seccomp", "cgroup"]);
        assert!(status.layers.iter().all(|layer| layer.on || ["landlock", "cgroup"].contains(&layer.name.as_str())), "{status}");

        let status = builder().sandbox(Sandbox::OffUnsafe).spawn().await.unwrap().sandbox_status().await.unwrap();
        let names = status.layers.iter().map(|layer| layer.name.as_str()).collect::<Vec<_>>();
        assert_eq!((status.level, names), (SandboxLevel::Off, vec!["descriptors", "parent", "limits", "cgroup"]));

        let status = builder_at("hardened").spawn().await.unwrap().sandbox_status().await.unwrap();
        let names = status.layers.iter().map(|layer| layer.name.as_str()).collect::<Vec<_>>();
        let wanted = [
            "descriptors",
            "parent",
            "limits",
            "namespaces",
            "speculation",
            "code",
            "privileges",
            "landlock",
            "seccomp",
            "cgroup",
        ];
        assert_eq!((status.level, names), (SandboxLevel::Hardened, wanted.to_vec()));
        let optional = ["landlock", "namespaces", "speculation", "cgroup"];
        assert!(status.layers.iter().all(|layer| layer.on || optional.contains(&layer.name.as_str())), "{status}");
    });
}

/// What the status says of the control group is what the system says.
// threat C11
#[test]
fn a_kernel_has_a_control_group_of_its_own_or_the_status_says_why_not() {
    block_on(async {
        let kernel = builder().memory_limit(64 << 20).spawn().await.unwrap();
        let status = kernel.sandbox_status().await.unwrap();
        let layer = status.layers.iter().find(|layer| layer.name == "cgroup").unwrap();
        let pid = kernel.info().await.unwrap().pid.unwrap();
        let groups = std::fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap();
        let own = groups.lines().find_map(|line| line.strip_prefix("0::")).unwrap_or_default();
        let name = own.rsplit('/').next().unwrap().to_owned();
        assert_eq!(layer.on, name.starts_with(&format!("drupe-{}-", std::process::id())), "{layer}: {groups}");
        if layer.on {
            let threads = std::fs::read_to_string(format!("/proc/{pid}/root/sys/fs/cgroup{own}/pids.max")).unwrap();
            assert_eq!(threads.trim(), "16");
        } else {
            assert!(layer.detail.contains("control group"), "{layer}");
        }
    });
}

/// The layers of a hardened kernel, as the system tells of them to the superuser.
// threats A12, E13
#[test]
fn a_hardened_kernel_has_no_code_but_its_programs_and_sees_nothing() {
    block_on(async {
        let kernel = builder_at("hardened").spawn().await.unwrap();
        // Hot enough for every compiler that V8 has.
        assert_eq!(
            text(&kernel, "let s = 0; for (let i = 0; i < 3e5; i++) s += i % 7; /(a|b)+c/.test('ab'.repeat(99) + 'c')").await,
            "true"
        );
        let pid = kernel.info().await.unwrap().pid.unwrap();
        let Ok(maps) = std::fs::read_to_string(format!("/proc/{pid}/maps")) else { return };
        let made = |line: &&str| line.split(' ').nth(1).unwrap().contains('x') && !line.contains('/') && !line.ends_with(']');
        assert_eq!(maps.lines().find(made), None, "{maps}");
        let strict = spawn().await;
        assert_eq!(text(&strict, "let s = 0; for (let i = 0; i < 3e5; i++) s += i % 7; s > 0").await, "true");
        let maps = std::fs::read_to_string(format!("/proc/{}/maps", strict.info().await.unwrap().pid.unwrap())).unwrap();
        assert!(maps.lines().any(|line| made(&line)), "other levels compile: {maps}");

        let status = kernel.sandbox_status().await.unwrap();
        if status.layers.iter().any(|layer| layer.name == "namespaces" && layer.on) {
            for kind in ["user", "mnt", "net", "ipc", "uts", "cgroup"] {
                let of = |process: &str| std::fs::read_link(format!("/proc/{process}/ns/{kind}")).unwrap();
                assert_ne!(of(&pid.to_string()), of("self"), "{kind}");
            }
            let root = std::fs::read_dir(format!("/proc/{pid}/root")).unwrap().count();
            assert_eq!(root, 0, "its root folder is empty");
        }
    });
}

/// A hardened kernel is a whole kernel, but for WebAssembly, and says so.
// threat A12
#[test]
fn a_hardened_kernel_does_all_but_webassembly() {
    block_on(async {
        let kernel = builder_at("hardened").memory_limit(64 << 20).spawn().await.unwrap();
        for (code, expected) in JAVASCRIPT {
            assert_eq!(text(&kernel, code).await, *expected, "{code}");
        }
        for (code, expected) in [
            ("typeof WebAssembly", "'undefined'"),
            ("Function('a', 'return a * 2')(21) + eval('0')", "42"),
            ("structuredClone(new Map([[1, { a: [2n] }]])).get(1).a[0]", "2n"),
            ("new TextDecoder().decode(new TextEncoder().encode('ä'))", "'ä'"),
            ("require('util').inspect({ a: 1 })", "'{ a: 1 }'"),
            ("require('zlib' in {} ? 'zlib' : 'events').once.name", "'once'"),
            ("(await import('data:text/javascript,export default 7')).default", "7"),
        ] {
            assert_eq!(text(&kernel, code).await, expected, "{code}");
        }
        let module = "AGFzbQEAAAA=";
        let refused = format!(
            "await import('data:application/wasm;base64,{module}').then(() => 'made', (e) => e.message.includes('hardened'))"
        );
        assert_eq!(text(&kernel, &refused).await, "true");

        // It stops for budgets and for its heap, and goes on.
        let stopped = kernel.run(Chunk::new("for (;;);").vm_timeout(Duration::from_millis(50))).await.unwrap();
        assert!(matches!(stopped.outcome, Outcome::TimedOut { .. }), "{:?}", stopped.outcome);
        let full = kernel.run("const all = []; for (;;) all.push({ all })").await.unwrap();
        assert!(matches!(full.outcome, Outcome::MemoryLimit { .. }), "{:?}", full.outcome);
        assert_eq!(text(&kernel, "6 * 7").await, "42");
        kernel.reset().await.unwrap();
        assert_eq!(text(&kernel, "typeof WebAssembly + typeof all").await, "'undefinedundefined'");
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
            assert!(status.layers.iter().all(|found| found.name == "cgroup" || found.on == (found.name != layer)), "{status}");
        }
        for layer in ["code", "seccomp"] {
            let refused = without(layer).sandbox(Sandbox::Hardened).spawn().await.unwrap_err().to_string();
            for word in ["(hardened)", &format!("without {layer}: left out by a test"), "--sandbox strict"] {
                assert!(refused.contains(word), "{refused}");
            }
        }
        let kernel = without("namespaces,speculation,landlock").sandbox(Sandbox::Hardened).spawn().await.unwrap();
        assert_eq!(kernel.sandbox_status().await.unwrap().level, SandboxLevel::Hardened);
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
        for (code, expected) in JAVASCRIPT {
            assert_eq!(text(&kernel, code).await, *expected, "{code}");
        }
        assert_eq!(text(&kernel, WASM).await, "42");
        let grown = "const m = new WebAssembly.Memory({ initial: 1 }); m.grow(1000); m.buffer.byteLength";
        assert_eq!(text(&kernel, grown).await, "65601536");
        kernel.reset().await.unwrap();
        assert_eq!(text(&kernel, "Math.random() === Math.random()").await, "false");
    });
}

const JAVASCRIPT: &[(&str, &str)] = &[
    ("new Intl.DateTimeFormat('de', { dateStyle: 'full', timeZone: 'Asia/Tokyo' }).format(0)", "'Donnerstag, 1. Januar 1970'"),
    ("new Intl.Collator('sv').compare('z', 'ö') < 0", "true"),
    ("[...new Intl.Segmenter('th', { granularity: 'word' }).segment('สวัสดีครับ')].length", "2"),
    ("/(?<=a)b+\\p{Lu}/u.exec('xabbÄ').index", "2"),
    ("Temporal.Now.timeZoneId().length > 0", "true"),
    ("new Set([Math.random(), Math.random(), Math.random()]).size", "3"),
    ("const f = n => n < 2 ? n : f(n - 1) + f(n - 2); f(25)", "75025"),
    ("new Uint8Array(64 << 20).fill(1).reduce((a, b) => a + b)", "67108864"),
    ("let s = 'x'; for (let i = 0; i < 24; i++) s += s; s.length", "16777216"),
];

/// A module of one function that returns 42.
const WASM: &str = "const code = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 6, 1, 4, 0, 65, 42, 11]; \
                    (await WebAssembly.instantiate(new Uint8Array(code))).instance.exports.f()";
