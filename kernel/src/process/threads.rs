//! The threads beside the JavaScript thread. They are started before they have work, because **a kernel that is locked
//! down can start none**.

use std::{
    io,
    sync::mpsc::{self, Sender},
    thread::{self, JoinHandle},
};

use super::slices::with_short_slices;

/// The stack of each, in bytes: neither calls deeply.
const STACK: usize = 128 << 10;

type Task = Box<dyn FnOnce() + Send>;

/// The threads, each of which waits for its task.
#[derive(Debug)]
pub(crate) struct Threads {
    pub(crate) watchdog: Idle,
    pub(crate) control: Idle,
}

impl Threads {
    pub(crate) fn start() -> io::Result<Self> {
        with_short_slices(|| Ok(Self { watchdog: Idle::start("drupe-watchdog")?, control: Idle::start("drupe-control")? }))
    }
}

/// A thread that waits for its task. It ends when it is dropped without one.
#[derive(Debug)]
pub(crate) struct Idle {
    tasks: Sender<Task>,
    thread: JoinHandle<()>,
}

impl Idle {
    fn start(name: &str) -> io::Result<Self> {
        let (tasks, assigned) = mpsc::channel::<Task>();
        let wait = move || {
            if let Ok(task) = assigned.recv() {
                task();
            }
        };
        let thread = thread::Builder::new().name(name.into()).stack_size(STACK).spawn(wait)?;
        Ok(Self { tasks, thread })
    }

    /// Has it do `task`, and then end.
    pub(crate) fn run(self, task: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
        // It waits for nothing else, so it is there.
        drop(self.tasks.send(Box::new(task)));
        self.thread
    }
}
