//! Node, Deno and Bun: each runs `peers/node_parent.mjs`, which forks a child with a persistent context and times it.
//! With `isolated-vm` Node times isolates of its own.

use std::{
    collections::HashSet,
    io::{self, BufRead, BufReader, ErrorKind, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    command::command,
    filter::Filter,
    memory::Memory,
    package::{self, Package},
    peer::{Peer, PeerError, Who},
    task::{LIMIT, Task, WORKS},
};

/// A runtime that runs the script. **Killed when dropped.**
pub(super) struct Script {
    who: Who,
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    hello: Hello,
    /// The child that most tasks are done with.
    warm: u32,
    package: Package,
    /// Tasks that failed; they are not tried again.
    failed: HashSet<Task>,
}

#[derive(Debug, Deserialize)]
struct Hello {
    version: String,
    v8: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Reply {
    #[serde(default)]
    samples: Vec<f64>,
    pid: Option<u32>,
    error: Option<String>,
}

impl Reply {
    fn process(&self) -> Result<u32, PeerError> {
        self.pid.ok_or_else(|| PeerError::Wrong("it named no process".to_owned()))
    }
}

impl Script {
    /// Starts the script under `who`; `None` if that is not on this machine.
    pub(super) fn start(root: &Path, who: Who) -> Result<Option<Self>, PeerError> {
        let (program, arguments): (&str, &[&str]) = match who {
            Who::Node => ("node", &[]),
            Who::Deno => ("deno", &["run", "--quiet", "--allow-all"]),
            Who::Bun => ("bun", &["run"]),
            Who::Isolate if has_isolated_vm() => ("node", &[]),
            Who::Isolate | Who::Drupe | Who::Unconfined | Who::Floor => return Ok(None),
        };
        let choice: &[&str] = if who == Who::Isolate { &["isolate"] } else { &[] };
        let script = root.join("crates/xtask/peers/node_parent.mjs");
        let started =
            Command::new(program).args(arguments).arg(script).args(choice).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut process = match started {
            Ok(process) => process,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(PeerError::Wrong("it has no standard input and output".to_owned()));
        };
        let mut output = BufReader::new(output);
        let hello = serde_json::from_str(&line(&mut output)?)?;
        let package = Package::write(who)?;
        let mut script = Self { who, process, input, output, hello, warm: 0, package, failed: HashSet::new() };
        let warm = WORKS.iter().flat_map(|work| [work.setup, work.call, work.call, work.call]);
        let reply = script.ask(&json!({ "task": "prepare", "chunks": warm.collect::<Vec<_>>() }))?;
        script.warm = reply.process()?;
        Ok(Some(script))
    }

    fn ask(&mut self, task: &Value) -> Result<Reply, PeerError> {
        writeln!(self.input, "{task}")?;
        self.input.flush()?;
        let reply: Reply = serde_json::from_str(&line(&mut self.output)?)?;
        match reply.error {
            Some(error) => Err(PeerError::Wrong(error)),
            None => Ok(reply),
        }
    }

    /// The memory of a fresh child after so many resets, and after so many more.
    fn memory(&mut self, memory: Memory, resets: [usize; 2]) -> Result<Vec<f64>, PeerError> {
        let mut samples = Vec::new();
        for (task, resets) in ["hold", "more"].into_iter().zip(resets) {
            let reply = self.ask(&json!({ "task": task, "resets": resets }))?;
            samples.push(memory.of(reply.process()?)?);
        }
        self.ask(&json!({ "task": "release" }))?;
        Ok(samples)
    }

    /// As a person would have the value from a shell.
    fn command(&self) -> Result<Option<Vec<f64>>, PeerError> {
        let (program, arguments): (&str, &[&str]) = match self.who {
            Who::Node => ("node", &["-p", "1+1"]),
            Who::Deno => ("deno", &["eval", "-p", "1+1"]),
            Who::Bun => ("bun", &["-p", "1+1"]),
            Who::Isolate | Who::Drupe | Who::Unconfined | Who::Floor => return Ok(None),
        };
        command(Command::new(program).args(arguments)).map(Some)
    }

    /// A filter, as a shell runs it.
    fn filter(&self, filter: Filter, amount: usize) -> Result<Option<Vec<f64>>, PeerError> {
        let (program, arguments): (&str, &[&str]) = match self.who {
            Who::Node => ("node", &[]),
            Who::Deno => ("deno", &["run", "--quiet", "--allow-all"]),
            Who::Bun => ("bun", &["run"]),
            Who::Isolate | Who::Drupe | Who::Unconfined | Who::Floor => return Ok(None),
        };
        filter.run(Command::new(program).args(arguments), amount).map(Some)
    }

    fn samples(&mut self, task: Task, amount: usize) -> Result<Option<Vec<f64>>, PeerError> {
        if self.who == Who::Isolate && matches!(task, Task::Idle(_) | Task::MemoryAfterResets | Task::Import | Task::ImportAgain)
        {
            // Its memory is a part of the host's, and it has no loader of modules.
            return Ok(None);
        }
        let request = match task {
            Task::Idle(memory) => return self.memory(memory, [0, 0]).map(|samples| samples.first().map(|&first| vec![first])),
            Task::MemoryAfterResets => return self.memory(Memory::Resident, [amount / 10, amount - amount / 10]).map(Some),
            Task::Command => return self.command(),
            Task::Filter(filter) => return self.filter(filter, amount),
            Task::Ready | Task::HardStop => return Ok(None),
            Task::Spawn => json!({ "task": "spawn" }),
            Task::RoundTrip(_) => json!({ "task": "eval", "code": "1+1", "expected": 2, "count": amount }),
            Task::Console => json!({ "task": "console", "lines": amount }),
            Task::Reset => json!({ "task": "reset", "count": amount }),
            Task::Interrupt => json!({ "task": "interrupt", "limit": LIMIT.as_secs_f64() }),
            Task::Send => json!({ "task": "send", "size": amount }),
            Task::Receive => json!({ "task": "receive", "size": amount }),
            // A module that is there stays there: each import is a fresh child's.
            Task::Import | Task::ImportAgain => {
                let url = format!("file://{}", self.package.main().display());
                json!({ "task": "import", "url": url, "expected": package::SUM })
            }
            Task::Work(work) => json!({ "task": "eval", "code": work.call, "expected": work.expected, "count": amount }),
        };
        Ok(Some(self.ask(&request)?.samples))
    }
}

impl Peer for Script {
    fn who(&self) -> Who {
        self.who
    }

    fn version(&self) -> &str {
        &self.hello.version
    }

    fn v8(&self) -> Option<&str> {
        self.hello.v8.as_deref()
    }

    fn processes(&self) -> [u32; 2] {
        [self.process.id(), self.warm]
    }

    fn perform(&mut self, task: Task, amount: usize) -> Result<Option<Vec<f64>>, PeerError> {
        if self.failed.contains(&task) {
            return Ok(None);
        }
        let samples = self.samples(task, amount);
        if samples.is_err() {
            self.failed.insert(task);
        }
        samples
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Whether Node finds the package, in a folder of `NODE_PATH` or beside the scripts.
fn has_isolated_vm() -> bool {
    let found = Command::new("node").args(["-e", "require('isolated-vm')"]).stderr(Stdio::null()).status();
    found.is_ok_and(|status| status.success())
}

fn line(output: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    if output.read_line(&mut line)? == 0 {
        return Err(io::Error::new(ErrorKind::UnexpectedEof, "it ended"));
    }
    Ok(line)
}
