//! Ids of processes that are used again: a kill that comes late hits nobody who was given the id of the dead.

use std::{
    env, fs,
    io::{BufRead, BufReader, Lines, Write},
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use drupe_client::{Kernel, Respawn, Run};
use rustix::process::{Signal, kill_process};

use crate::{
    LONG,
    kernels::{self, builder},
    kills::Doing::StreamingToNobody,
    process::alone,
    tasks_left,
};

/// The system's memory of the id that it gave last: who may write it chooses the next one.
const LAST: &str = "/proc/sys/kernel/ns_last_pid";

/// How the parent treats the ends of its children.
const WAITING: [&str; 2] = ["waits for its children", "ignores its children"];

/// What may kill late.
const LATE: [&str; 5] = ["terminate", "drop", "restart", "reset", "interrupt"];

/// Not a test: the parent of [`a_late_kill_hits_nobody_who_was_given_the_id`], in a world of its own if it could have
/// one.
#[test]
fn parent_that_kills_late() {
    let Ok(waiting) = env::var("DRUPE_KILLS_LATE") else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for late in LATE {
        let given = runtime.block_on(kill_late(late, waiting == WAITING[1]));
        println!("\n{late}: {}", if given { "the id was another's" } else { "the id was nobody's" });
    }
}

/// Whether somebody else was given the id of the kernel that is killed late, by a parent that `ignores` the ends of its
/// children.
async fn kill_late(late: &str, ignores: bool) -> bool {
    let (kernel, runs, pid) = loop {
        if ignores {
            // Again each time, for the runtime listens once something is left to wait for.
            // SAFETY: the handler is none of this process's code.
            unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
        }
        let (kernel, runs, pid) = dead().await;
        // Nobody waited for it, so there is no other way to tell whether its parent has yet to learn of its end.
        if !ignores || kernel.info().await.unwrap().pid.is_some() {
            break (kernel, runs, pid);
        }
    };
    let other = take(pid);
    kill(late, kernel).await;
    drop(runs);
    let given = other.is_some();
    assert!(other.is_none_or(Other::lives), "{late} killed another process");
    given
}

/// A kernel whose process has ended, and its id is free. Whoever holds its runs reads nothing, so that what it said
/// last waits: its parent has more to do with it when it is gone.
async fn dead() -> (Kernel, Vec<Run>, u32) {
    let kernel = builder().grace(Duration::from_millis(20)).respawn(Respawn::Never).spawn().await.unwrap();
    let runs = StreamingToNobody.begin(&kernel).await;
    let pid = kernel.info().await.unwrap().pid.unwrap();
    kill_process(kernels::pid(pid), Signal::KILL).unwrap();
    let killed = Instant::now();
    while fs::exists(format!("/proc/{pid}")).unwrap() {
        assert!(killed.elapsed() < LONG, "nobody waits for kernel {pid}");
        // The system tells nobody that an id is free again.
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
    (kernel, runs, pid)
}

async fn kill(late: &str, kernel: Kernel) {
    match late {
        "terminate" => kernel.terminate().await,
        // The parent of a kernel that nobody holds is a task; it ends when there is nothing more for it to do.
        "drop" => {
            drop(kernel);
            assert_eq!(tasks_left().await, 0);
        }
        "restart" => drop(kernel.restart().await.unwrap()),
        "reset" => drop(kernel.reset().await.unwrap()),
        // One that is not answered costs the kernel.
        "interrupt" => assert!(!kernel.interrupt().await.unwrap()),
        other => panic!("no way to kill: {other}"),
    }
}

/// Starts processes until one has the id `$1`, and passes on what it hears. The system takes a moment to forget the
/// dead, and others may start processes meanwhile.
const TAKE: &str = r#"
exec 3<&0
try=0
while [ $try -lt 10000 ]; do
    try=$((try + 1))
    echo $(($1 - 1)) >$0 || exit
    cat <&3 &
    if [ $! = $1 ]; then echo taken; wait; exit; fi
    kill $!; wait
done"#;

/// A child's child with the id `pid`, if there can be one: this process knows nothing of it.
fn take(pid: u32) -> Option<Other> {
    let mut shell = Command::new("sh")
        .args(["-c", TAKE, LAST, &pid.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(shell.stdout.take().unwrap()).lines();
    let taken = matches!(lines.next(), Some(Ok(line)) if line == "taken");
    let other = Other { shell, lines };
    if !taken {
        other.lives();
        return None;
    }
    Some(other)
}

struct Other {
    shell: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Other {
    /// Whether it is there, and answers. It is not after that.
    fn lives(mut self) -> bool {
        // One that was killed does not listen.
        drop(self.shell.stdin.take().unwrap().write_all(b"alive\n"));
        let lives = self.lines.next().and_then(Result::ok).as_deref() == Some("alive");
        // Where children are ignored there is nothing to wait for.
        drop(self.shell.wait());
        lives
    }
}

// threat F8
#[test]
fn a_late_kill_hits_nobody_who_was_given_the_id() {
    let _alone = alone();
    let world = ["--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child"];
    let own = Command::new("unshare").args(world).arg("true").output().is_ok_and(|output| output.status.success());
    let this = env::current_exe().unwrap();
    for waiting in WAITING {
        let mut parent = if own { Command::new("unshare") } else { Command::new(&this) };
        if own {
            parent.args(world).arg(&this);
        }
        let output = parent
            .args(["--exact", "ids::parent_that_kills_late", "--nocapture"])
            .env("DRUPE_KILLS_LATE", waiting)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "a parent that {waiting}: {said}{}", String::from_utf8_lossy(&output.stderr));
        let given = |how: &str| LATE.iter().filter(|late| said.contains(&format!("{late}: {how}"))).count();
        let (others, nobodys) = (given("the id was another's"), given("the id was nobody's"));
        assert_eq!(others + nobodys, LATE.len(), "{said}");
        println!("a parent that {waiting}: in {others} of {} late kills the id was another's", LATE.len());
        // In a world of its own nobody else takes ids.
        assert!(!own || others == LATE.len(), "{said}");
    }
}
