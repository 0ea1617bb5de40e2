//! A kernel on a thread of the test's own, over the memory pair.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

// What the client makes of code, so that tests can ask about code, too.
#[path = "../../../client/src/cursor.rs"]
mod cursor;
pub mod files;
mod help;
pub mod node;
#[path = "../../../client/src/site.rs"]
pub mod site;

use std::{
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use drupe_kernel::{Config, Platform, ServeError, serve};
use drupe_protocol::{
    Control, Event, Reply, Request, RunId, Value, encode,
    event::{Console, End, Outcome, Uncaught},
    request::{Interrupt, Reset, Run, StopReason},
};
use drupe_transport::{End as Channel, Incoming, memory};

/// No event takes this long, unless something hangs.
pub const HANG: Duration = Duration::from_secs(300);

pub struct TestKernel {
    pub data: Channel,
    pub control: Channel,
    thread: Option<JoinHandle<Result<(), ServeError>>>,
    last_run: RunId,
}

/// What was said of one run, in order, up to its outcome.
#[derive(Debug)]
pub struct Log {
    pub events: Vec<Event>,
    pub outcome: Outcome,
}

impl TestKernel {
    pub fn new() -> Self {
        Self::with_memory_limit(None)
    }

    pub fn with_memory_limit(memory_limit: Option<u64>) -> Self {
        let (data, kernel_data) = memory::pair();
        let (control, kernel_control) = memory::pair();
        let config = Config {
            generation: 1,
            memory_limit,
            machine_memory: None,
            builtin_names: false,
            platform: Platform::AnyThread,
            orphaned: || {},
        };
        let thread = thread::spawn(move || serve(kernel_data, kernel_control, &config));
        Self { data, control, thread: Some(thread), last_run: 0 }
    }

    /// The outcome of `code` as a program, with a CPU budget in milliseconds.
    pub fn program(&mut self, budget_ms: u64, code: &str) -> Log {
        let mut run = self.request(code);
        (run.vm_timeout_ms, run.until_idle) = (Some(budget_ms), true);
        self.send(run);
        self.log()
    }

    /// A run of `code` with the next id, ready to be changed and sent.
    pub fn request(&mut self, code: &str) -> Run {
        self.last_run += 1;
        let run = self.last_run;
        Run { run, code: code.to_owned(), name: format!("chunk:{run}"), value_limit: 1 << 20, ..Run::default() }
    }

    pub fn send(&mut self, run: Run) -> RunId {
        let id = run.run;
        self.send_request(&Request::Run(Box::new(run)));
        id
    }

    pub fn send_request(&mut self, request: &Request) {
        let mut frame = Vec::new();
        encode(request, &mut frame).unwrap();
        self.send_frame(&frame);
    }

    pub fn send_frame(&mut self, frame: &[u8]) {
        self.data.sender.send(frame).unwrap();
    }

    pub fn start(&mut self, code: &str) -> RunId {
        let run = self.request(code);
        self.send(run)
    }

    /// Runs `code` to its outcome.
    pub fn run(&mut self, code: &str) -> Log {
        self.start(code);
        self.log()
    }

    pub fn run_limited(&mut self, code: &str, vm_timeout_ms: u64) -> Log {
        let mut run = self.request(code);
        run.vm_timeout_ms = Some(vm_timeout_ms);
        self.send(run);
        self.log()
    }

    pub fn event(&mut self) -> Event {
        match self.data.receiver.wait(Some(Instant::now() + HANG)).unwrap() {
            Incoming::Message(event) => event,
            other => panic!("the kernel hangs or is gone: {other:?}"),
        }
    }

    /// Everything up to and including the next outcome.
    pub fn log(&mut self) -> Log {
        let mut events = Vec::new();
        loop {
            match self.event() {
                Event::Outcome(outcome) => return Log { events, outcome },
                event => events.push(event),
            }
        }
    }

    /// Waits for the next console event.
    pub fn console(&mut self) -> Console {
        loop {
            if let Event::Console(console) = self.event() {
                return console;
            }
        }
    }

    /// What the kernel answers. It may have said before that a stop takes its time, on a machine that gives it little.
    pub fn control(&mut self, message: &Control) -> Reply {
        let mut frame = Vec::new();
        encode(message, &mut frame).unwrap();
        self.control.sender.send(&frame).unwrap();
        loop {
            let reply = self.reply();
            if !matches!(reply, Reply::Stuck(_)) {
                return reply;
            }
        }
    }

    /// What the control channel says next.
    pub fn reply(&mut self) -> Reply {
        match self.control.receiver.wait(Some(Instant::now() + HANG)).unwrap() {
            Incoming::Message(reply) => reply,
            other => panic!("no reply: {other:?}"),
        }
    }

    pub fn interrupt(&mut self, run: Option<RunId>) -> bool {
        match self.control(&Control::Interrupt(Interrupt { run, reason: StopReason::Request })) {
            Reply::Interrupt(interrupted) => interrupted.found,
            other => panic!("{other:?}"),
        }
    }

    /// Resets, and returns what was said before `reset_done`.
    pub fn reset(&mut self, generation: u64) -> Vec<Event> {
        self.send_request(&Request::Reset(Reset { generation }));
        let mut events = Vec::new();
        loop {
            match self.event() {
                Event::ResetDone(done) => {
                    assert_eq!(done.generation, generation);
                    return events;
                }
                event => events.push(event),
            }
        }
    }

    /// The text of the value of `code`.
    pub fn text(&mut self, code: &str) -> String {
        let log = self.run(code);
        log.text().unwrap_or_else(|| panic!("{code}: no value: {log:?}"))
    }

    /// The value of `code`.
    pub fn value(&mut self, code: &str) -> Value {
        let log = self.run(code);
        log.value().unwrap_or_else(|| panic!("{code}: no value: {log:?}"))
    }

    /// Closes the channels and returns how the kernel ended.
    pub fn close(mut self) -> Result<(), ServeError> {
        let (data, control) = (memory::pair().0, memory::pair().0);
        self.data = data;
        self.control = control;
        self.join()
    }

    /// Waits for a kernel that ends by itself, and returns how.
    pub fn join(mut self) -> Result<(), ServeError> {
        self.thread.take().unwrap().join().unwrap()
    }
}

impl Log {
    /// The messages of what nobody caught.
    pub fn exceptions(&self) -> Vec<String> {
        self.uncaught().into_iter().map(|uncaught| uncaught.exception.message).collect()
    }

    pub fn text(&self) -> Option<String> {
        self.events.iter().find_map(|event| if let Event::Result(result) = event { Some(result.text.clone()) } else { None })
    }

    pub fn value(&self) -> Option<Value> {
        self.events.iter().find_map(|event| if let Event::Result(result) = event { result.value.clone() } else { None })
    }

    pub fn consoles(&self) -> Vec<Console> {
        self.events
            .iter()
            .filter_map(|event| if let Event::Console(console) = event { Some(console.clone()) } else { None })
            .collect()
    }

    /// The texts of the console events.
    pub fn printed(&self) -> Vec<String> {
        self.consoles().iter().map(|console| console.text().to_owned()).collect()
    }

    pub fn uncaught(&self) -> Vec<Uncaught> {
        self.events
            .iter()
            .filter_map(|event| if let Event::Exception(uncaught) = event { Some(uncaught.clone()) } else { None })
            .collect()
    }

    /// The text of the one exception.
    pub fn thrown(&self) -> String {
        match self.uncaught().as_slice() {
            [one] => one.exception.text.clone(),
            other => panic!("not one exception: {other:?}"),
        }
    }

    pub fn is_value(&self) -> bool {
        matches!(self.outcome.end, End::Value(_))
    }
}
