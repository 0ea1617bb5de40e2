//! A client of `drupe serve` for tests: it speaks either form, over a pipe, a socket or TCP.

use std::{
    io::{BufRead, BufReader, Read, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::common::{PATIENCE, drupe};

/// A server that was started for a test, with a folder of its own. It is killed when it is dropped.
pub(super) struct Server {
    pub(super) child: Child,
    /// Held, so that the server can write to it.
    _errors: BufReader<ChildStderr>,
    folder: tempfile::TempDir,
}

impl Server {
    /// A server with a Unix domain socket.
    pub(super) fn on_socket(flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.sock");
        let mut command = drupe(&["serve", "--socket", path.to_str().unwrap()]);
        let mut child = command.args(flags).stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut errors = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        errors.read_line(&mut line).unwrap();
        assert_eq!(line, format!("listening on {}\n", path.display()));
        Self { child, _errors: errors, folder }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("s.sock")
    }

    /// A client that was welcomed.
    pub(super) fn client(&self) -> Client {
        let mut client = self.connect();
        client.say(&json!(["hello", {"versions": [1], "client": "tests"}]));
        assert_eq!(client.hear()[0], "welcome");
        client
    }

    /// A connection on which nothing was said.
    pub(super) fn connect(&self) -> Client {
        Client::over(&self.path())
    }

    /// The kernels' processes of this server.
    pub(super) fn kernels(&self) -> Vec<u32> {
        children(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The children of a process.
pub(super) fn children(pid: u32) -> Vec<u32> {
    let of_thread = |thread: std::fs::DirEntry| std::fs::read_to_string(thread.path().join("children")).unwrap_or_default();
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    threads.flat_map(|thread| of_thread(thread).split(' ').filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>()).collect()
}

/// Waits until `is_so`.
pub(super) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Whether a process is there, and no zombie.
pub(super) fn is_alive(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status.lines().any(|line| line.starts_with("State:") && !line.contains('Z'))
}

/// A client that speaks JSON lines.
pub(super) struct Client {
    stream: UnixStream,
    reader: BufReader<UnixStream>,
    last_id: u64,
    /// Events that came while something else was waited for.
    pub(super) events: Vec<Value>,
}

impl Client {
    pub(super) fn over(path: &Path) -> Self {
        let stream = UnixStream::connect(path).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let reader = BufReader::new(stream.try_clone().unwrap());
        Self { stream, reader, last_id: 0, events: Vec::new() }
    }

    pub(super) fn stream(&self) -> &UnixStream {
        &self.stream
    }

    pub(super) fn say(&mut self, message: &Value) {
        self.stream.write_all(format!("{message}\n").as_bytes()).unwrap();
    }

    /// The next message; null where the server has closed the connection.
    pub(super) fn hear(&mut self) -> Value {
        let mut line = String::new();
        match self.reader.read_line(&mut line) {
            Ok(0) => Value::Null,
            Ok(_) => serde_json::from_str(&line).unwrap(),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => Value::Null,
            Err(error) => panic!("{error}"),
        }
    }

    /// Sends a request, and returns its id.
    pub(super) fn request(&mut self, name: &str, mut body: Value) -> u64 {
        self.last_id += 1;
        body["id"] = json!(self.last_id);
        self.say(&json!([name, body]));
        self.last_id
    }

    /// The answer to a request: the name and the body. Events that come before it are kept.
    pub(super) fn answer(&mut self, id: u64) -> (String, Value) {
        loop {
            let mut message = self.hear();
            match message[0].as_str() {
                Some(name @ ("reply" | "error")) if message[1]["id"] == id => return (name.to_owned(), message[1].take()),
                Some("event" | "missed" | "closed") => self.events.push(message),
                _ => panic!("{message}"),
            }
        }
    }

    /// Sends a request that is carried out.
    pub(super) fn ask(&mut self, name: &str, body: Value) -> Value {
        let id = self.request(name, body);
        let (kind, body) = self.answer(id);
        assert_eq!(kind, "reply", "{body}");
        body
    }

    /// Sends a request that is refused.
    pub(super) fn refused(&mut self, name: &str, body: Value) -> Value {
        let id = self.request(name, body);
        let (kind, body) = self.answer(id);
        assert_eq!(kind, "error", "{body}");
        body
    }

    /// Opens a kernel.
    pub(super) fn open(&mut self, options: Value) -> String {
        self.ask("open", options)["kernel"].as_str().unwrap().to_owned()
    }

    /// The next event of any kernel, also one that was kept.
    pub(super) fn event(&mut self) -> Value {
        if !self.events.is_empty() {
            return self.events.remove(0);
        }
        let message = self.hear();
        assert!(matches!(message[0].as_str(), Some("event" | "missed" | "closed")), "{message}");
        message
    }

    /// The events of a run to its end, which is the last.
    pub(super) fn events_of(&mut self, run: u64) -> Vec<Value> {
        let mut events = Vec::new();
        loop {
            let event = self.event();
            let is_end = event[1]["run"] == run && matches!(event[1]["type"].as_str(), Some("outcome" | "error"));
            events.push(event[1].clone());
            if is_end {
                return events;
            }
        }
    }

    /// Runs code to its end, which it returns.
    pub(super) fn run(&mut self, kernel: &str, code: &str) -> Value {
        self.run_with(json!({"kernel": kernel, "code": code}))
    }

    pub(super) fn run_with(&mut self, body: Value) -> Value {
        let run = self.ask("run", body)["run"].as_u64().unwrap();
        self.events_of(run).pop().unwrap()
    }

    /// Fills `bytes` with what the server says.
    pub(super) fn read_exact(&mut self, bytes: &mut [u8]) {
        self.reader.read_exact(bytes).unwrap();
    }

    /// Everything that the server still says.
    pub(super) fn rest(mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        drop(self.reader.read_to_end(&mut rest));
        rest
    }
}
