//! Running the real `drupe`, with bounds on time.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[cfg(target_os = "linux")]
pub(crate) mod calls_vs_node;
pub(crate) mod terminal;

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

/// Nothing here takes as long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// Variables that change which colours a program takes its terminal to show. They differ between machines, so tests
/// begin without them.
pub(crate) const COLOR_VARIABLES: [&str; 7] =
    ["CI", "COLORTERM", "FORCE_COLOR", "NODE_DISABLE_COLORS", "NO_COLOR", "TEAMCITY_VERSION", "TF_BUILD"];

/// `drupe`, kept from the history and the settings of whoever runs the tests.
pub(crate) fn drupe(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_drupe"));
    command.args(args).env("DRUPE_HISTORY", "").env("XDG_CONFIG_HOME", "/nowhere");
    for name in COLOR_VARIABLES {
        command.env_remove(name);
    }
    command
}

/// What a finished `drupe` said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs `drupe` with `input` to its end.
pub(crate) fn run_with(args: &[&str], input: &str) -> Said {
    let mut running = Running::start(args);
    running.type_in(input);
    running.finish()
}

/// Runs `drupe` without input to its end.
pub(crate) fn run(args: &[&str]) -> Said {
    run_with(args, "")
}

/// Runs `drupe` in a folder to its end, without input.
pub(crate) fn run_in(folder: &Folder, args: &[&str]) -> Said {
    let output = drupe(args).current_dir(&folder.0).stdin(std::process::Stdio::null()).output().unwrap();
    Said {
        status: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Whether there is Node 20, to compare with. It says if there is not; where fixtures are required, there must be some
/// Node.
pub(crate) fn has_node20() -> bool {
    has_node20_from(0)
}

/// As [`has_node20`]: 20.`minor`, or one that came later.
pub(crate) fn has_node20_from(minor: u32) -> bool {
    let version = Command::new("node").arg("--version").output().map(|output| output.stdout).unwrap_or_default();
    assert!(
        version.starts_with(b"v") || std::env::var_os("DRUPE_REQUIRE_FIXTURES").is_none(),
        "there is no node on this machine"
    );
    let version = String::from_utf8_lossy(&version);
    let found = version.strip_prefix("v20.").and_then(|rest| rest.split('.').next()?.parse::<u32>().ok());
    let is_there = found.is_some_and(|found| found >= minor);
    if !is_there {
        eprintln!("skipped: there is no node 20.{minor} on this machine to compare with");
    }
    is_there
}

/// A running `drupe`. Killed when dropped.
pub(crate) struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: mpsc::Receiver<String>,
    seen: String,
}

impl Running {
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::start_command(drupe(args))
    }

    /// In a job of its own.
    #[cfg(unix)]
    pub(crate) fn start_job(args: &[&str]) -> Self {
        let mut command = drupe(args);
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        Self::start_command(command)
    }

    fn start_command(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdin = child.stdin.take();
        let lines = lines_of(child.stdout.take().unwrap());
        Self { child, stdin, lines, seen: String::new() }
    }

    pub(crate) fn type_in(&mut self, text: &str) {
        self.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// The next line of standard output, while the process runs.
    pub(crate) fn line(&mut self) -> String {
        let line = self.lines.recv_timeout(PATIENCE).expect("a line on standard output");
        self.seen.push_str(&line);
        line.trim_end().to_owned()
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(pid(self.child.id()), signal).unwrap();
    }

    /// Signals all processes of its job.
    pub(crate) fn signal_job(&self, signal: Signal) {
        rustix::process::kill_process_group(pid(self.child.id()), signal).unwrap();
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The process of its kernel.
    pub(crate) fn kernel(&self) -> u32 {
        eventually("a kernel process", || child_of(self.child.id()))
    }

    /// Kills its kernel, as the operating system would.
    pub(crate) fn kill_kernel(&self) {
        kill_process(pid(self.kernel()), Signal::KILL).unwrap();
    }

    /// Closes its standard output, as `| head` does when it has seen enough.
    pub(crate) fn stop_reading(&mut self) {
        // The thread that reads finds nobody to read for, and ends.
        self.lines = mpsc::channel().1;
    }

    pub(crate) fn close_input(&mut self) {
        self.stdin = None;
    }

    /// Waits for its end, whatever it still says.
    pub(crate) fn until_ended(&mut self) {
        eventually("the end", || self.child.try_wait().unwrap());
    }

    /// Closes its input, and waits for its end.
    pub(crate) fn finish(mut self) -> Said {
        self.close_input();
        let mut stderr = BufReader::new(self.child.stderr.take().unwrap());
        let err = thread::spawn(move || std::io::read_to_string(&mut stderr).unwrap());
        let mut out = std::mem::take(&mut self.seen);
        let deadline = Instant::now() + PATIENCE;
        while let Ok(line) = self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            out.push_str(&line);
        }
        let status = eventually("the end", || self.child.try_wait().unwrap());
        Said { status: status.code(), out, err: err.join().unwrap() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended cannot be killed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn lines_of(stdout: ChildStdout) -> mpsc::Receiver<String> {
    let (lines, read) = mpsc::channel();
    thread::spawn(move || {
        let mut stdout = BufReader::new(stdout);
        let mut line = String::new();
        while matches!(stdout.read_line(&mut line), Ok(1..)) {
            if lines.send(std::mem::take(&mut line)).is_err() {
                return;
            }
        }
    });
    read
}

/// Asks until there is an answer.
pub(crate) fn eventually<T>(what: &str, ask: impl FnMut() -> Option<T>) -> T {
    ask_patiently(ask).unwrap_or_else(|| panic!("waited in vain for {what}"))
}

/// Asks until there is an answer, or there will be none.
pub(crate) fn ask_patiently<T>(mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = ask();
        if answer.is_some() || Instant::now() > deadline {
            return answer;
        }
        // By the clock: neither the screen of a terminal nor another's children tell that they have changed.
        thread::sleep(Duration::from_millis(10));
    }
}

/// A folder of its own, with all that is in it. Removed when dropped.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("drupe-{name} {}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// The path of a file there, as JavaScript writes it.
    pub(crate) fn quoted(&self, file: &str) -> String {
        format!("{:?}", self.0.join(file))
    }

    pub(crate) fn write(&self, file: &str, text: &str) -> PathBuf {
        let path = self.0.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// Waits until there is no such process, but perhaps a zombie that waits for who adopted it.
pub(crate) fn until_gone(process: u32, why: &str) {
    eventually(&format!("the end of process {process}: {why}"), || {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with(['Z', 'X'])).then_some(())
    });
}

fn pid(id: u32) -> Pid {
    Pid::from_raw(i32::try_from(id).unwrap()).unwrap()
}

/// A child process of `parent`, whichever of its threads started it.
pub(crate) fn child_of(parent: u32) -> Option<u32> {
    let threads = fs::read_dir(format!("/proc/{parent}/task")).ok()?;
    let children = threads.flatten().filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    children.flat_map(|ids| ids.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).find_map(|id| id.parse().ok())
}
