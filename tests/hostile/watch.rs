//! Starts workers, gives them cases, and ends those that go too far.

use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use crate::{
    case::{Bounds, Cost},
    idle::Idle,
    server,
};

/// Set for workers.
pub(crate) const WORKER: &str = "DRUPE_HOSTILE_WORKER";

/// Where the hostile server is, for workers.
const SERVER: &str = "DRUPE_HOSTILE_SERVER";

/// What a worker's own lines begin with; others are the test harness's.
pub(crate) const MARK: &str = "\u{1}hostile ";

/// What breaks a bound is tried so often.
const TRIES: usize = 3;

/// A case that goes on beyond this need not be tried again: no busy machine explains it.
const FAR: (Duration, u64) = (Duration::from_secs(3), 400 << 20);

/// How often a worker is looked at.
const LOOK: Duration = Duration::from_millis(25);

/// How many of the dearest are shown.
const SHOWN: usize = 10;

pub(crate) fn server_address() -> String {
    env::var(SERVER).unwrap()
}

pub(crate) fn server_url() -> String {
    format!("http://{}", server_address())
}

/// Tries all cases; what broke a bound, in words.
pub(crate) fn try_all(names: &[&str]) -> Vec<String> {
    let server = server::start();
    let begun = Instant::now();
    let (mut costs, mut broken) = (Vec::new(), Vec::new());
    let idle = Idle::start();
    let mut worker = Worker::start(&server);
    let once = |worker: &mut Worker, name: &str| {
        let since = Instant::now();
        let cost = worker.try_case(name, &server);
        Cost { idle: idle.longest(since), ..cost }
    };
    for name in names {
        let mut cost = once(&mut worker, name);
        let mut tries = 1;
        while !cost.broken().is_empty() && tries < TRIES && cost.cpu < FAR.0 && cost.memory < FAR.1 {
            worker = Worker::start(&server);
            cost = cost.better(once(&mut worker, name));
            tries += 1;
        }
        let bounds = cost.broken();
        println!("{}{cost}", if bounds.is_empty() { "     " } else { "FAIL " });
        if !bounds.is_empty() {
            broken.push(format!("{}: {} ({})", cost.name, bounds.join(", "), cost.end));
        }
        costs.push(cost);
    }
    println!("\n{} cases in {:.0} s", costs.len(), begun.elapsed().as_secs_f64());
    let dearest: [(&str, fn(&Cost) -> u128); 3] = [
        ("CPU", |cost| cost.cpu.as_nanos()),
        ("memory", |cost| cost.memory.into()),
        ("latency", |cost| cost.interrupt.max(cost.others).as_nanos()),
    ];
    for (what, key) in dearest {
        costs.sort_by_key(|cost| std::cmp::Reverse(key(cost)));
        println!("\nthe dearest by {what}:\n{:<44} {:>9} {:>9} {:>8} {:>8}", "", "CPU", "memory", "intr.", "others");
        costs.iter().take(SHOWN).for_each(|cost| println!("{cost}"));
    }
    broken
}

/// A process that takes cases.
struct Worker {
    child: Child,
    names: Option<ChildStdin>,
    told: Receiver<String>,
}

impl Worker {
    fn start(server: &str) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "works_when_it_is_asked_to", "--nocapture", "--test-threads=1"])
            .env(WORKER, "1")
            .env(SERVER, server)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(if env::var_os("DRUPE_HOSTILE_STDERR").is_some() { Stdio::inherit() } else { Stdio::null() })
            .spawn()
            .unwrap();
        let (names, out) = (child.stdin.take(), child.stdout.take().unwrap());
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            let lines = BufReader::new(out).lines().map_while(Result::ok);
            let own = lines.filter_map(|line| line.strip_prefix(MARK).map(str::to_owned));
            own.take_while(|line| tell.send(line.clone()).is_ok()).for_each(drop);
        });
        Self { child, names, told }
    }

    /// Tries one case, in this process or in its successor.
    fn try_case(&mut self, name: &str, server: &str) -> Cost {
        let give = |worker: &mut Self| worker.names.as_mut().is_some_and(|names| writeln!(names, "{name}").is_ok());
        if !give(self) {
            *self = Self::start(server);
            assert!(give(self), "a worker takes no case");
        }
        match self.watched(name) {
            Some(cost) => cost,
            // It went away when it was done with the one before.
            None => {
                *self = Self::start(server);
                assert!(give(self), "a worker takes no case");
                self.watched(name).unwrap_or_else(|| panic!("{name}: the worker is gone"))
            }
        }
    }

    /// Waits for the cost of a case, not for ever. `None`: the worker had gone before it began.
    fn watched(&mut self, name: &str) -> Option<Cost> {
        let given = Instant::now();
        let mut begun: Option<(Instant, Duration, u64)> = None;
        loop {
            match self.told.recv_timeout(LOOK) {
                Ok(line) => match line.split_once(' ') {
                    Some(("begin", _)) => begun = Some((Instant::now(), self.cpu(), self.memory("VmRSS:"))),
                    Some(("cost", cost)) => return Some(serde_json::from_str(cost).unwrap()),
                    _ => panic!("{name}: the worker says {line}"),
                },
                Err(RecvTimeoutError::Disconnected) => {
                    let ended = self.child.wait().unwrap();
                    let end = format!("THE PARENT ENDED: {ended}");
                    return begun.map(|_| Cost { name: name.to_owned(), end, wrong: true, ..Cost::default() });
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            let Some((since, cpu, memory)) = begun else {
                assert!(given.elapsed() < 3 * Bounds::WALL, "{name}: the worker does not begin");
                continue;
            };
            let cost = Cost {
                name: name.to_owned(),
                cpu: self.cpu().saturating_sub(cpu),
                memory: self.memory("VmHWM:").saturating_sub(memory),
                end: "ended by the watch".to_owned(),
                wrong: since.elapsed() > Bounds::WALL,
                ..Cost::default()
            };
            if cost.cpu > FAR.0 || cost.memory > 2 * FAR.1 || cost.wrong {
                self.child.kill().unwrap();
                self.child.wait().unwrap();
                self.names = None;
                return Some(cost);
            }
        }
    }

    fn cpu(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let fields = stat.rsplit_once(") ").map(|(_, rest)| rest.split(' ').collect::<Vec<_>>()).unwrap_or_default();
        let ticks = |at: usize| fields.get(at).and_then(|ticks| ticks.parse::<u64>().ok()).unwrap_or(0);
        Duration::from_millis((ticks(11) + ticks(12)) * 10)
    }

    /// A process that is about to end has no memory to tell of.
    fn memory(&self, field: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap_or_default();
        line.split_whitespace().next().and_then(|kibibytes| kibibytes.parse::<u64>().ok()).unwrap_or(0) << 10
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // One that ends by itself has ended already, or does so now.
        self.names = None;
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
