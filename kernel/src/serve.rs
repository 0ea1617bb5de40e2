//! One kernel from its first session to its end: threads, sessions, exit.

use std::{cell::RefCell, io, rc::Rc, sync::Arc};

use drupe_protocol::{Event, event::ResetDone};
use drupe_transport::End;

use crate::{
    control,
    introspection::{self, Questions},
    isolate::{guard::Guard, watchdog::Watchdog},
    process::{
        platform::{self, Jit, Platform},
        threads::Threads,
    },
    runs::{
        event_loop::{EventLoop, LoopError, Next},
        session::{Retired, Session, SessionFactory},
    },
    wire::{inbox::Inbox, last_words, outbox::Outbox, replies::Replies},
};

/// How to serve.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// The number of the first session.
    pub generation: u64,
    /// Heap limit in bytes; without it V8 finds one for the memory of the machine.
    pub memory_limit: Option<u64>,
    /// The memory of the machine in bytes; without it V8 has its own default for the heap.
    pub machine_memory: Option<u64>,
    /// Whether sessions have the names of Node's built-in modules.
    pub builtin_names: bool,
    /// How the process uses V8.
    pub platform: Platform,
    /// What to do when the parent is gone. JavaScript may be stuck where nothing can interrupt it, so a process had
    /// better end itself.
    pub orphaned: fn(),
}

/// Why serving ended otherwise than by the parent's wish.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A thread could not be started.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] io::Error),
    /// The loop could not go on.
    #[error(transparent)]
    Loop(#[from] LoopError),
}

/// Serves a parent over `data` and `control`, on the calling thread, until it says `shutdown` or closes the data
/// channel.
///
/// The greeting has been exchanged already. One process may serve several parents on several threads (tests do), if its
/// [`Platform`] is [`AnyThread`](Platform::AnyThread).
pub fn serve(data: End, control: End, config: &Config) -> Result<(), ServeError> {
    let threads = Threads::start().map_err(ServeError::from)?;
    serve_when(data, control, config, threads, |_| Ok(()))
}

/// As [`serve`], but by threads that are there already, and only once `welcomed` has returned, which is called when the
/// first session is there: the parent may think meanwhile.
pub(crate) fn serve_when<E: From<ServeError>>(
    data: End,
    control: End,
    config: &Config,
    threads: Threads,
    welcomed: impl FnOnce(&Inbox) -> Result<(), E>,
) -> Result<(), E> {
    serve_with(data, control, config, threads, welcomed, |_| ())
}

/// As [`serve_when`]; `begun` is called with each session before anything runs in it.
pub(crate) fn serve_with<E: From<ServeError>>(
    data: End,
    control: End,
    config: &Config,
    threads: Threads,
    welcomed: impl FnOnce(&Inbox) -> Result<(), E>,
    begun: impl Fn(&mut Session),
) -> Result<(), E> {
    // Done already where this process is a kernel.
    platform::initialise(config.platform, config.memory_limit, Jit::On);
    let End { sender, receiver, waker } = data;
    let outbox = Arc::new(Outbox::new(sender));
    #[cfg(unix)]
    if config.platform == Platform::Process {
        last_words::of(&outbox);
    }
    let watchdog = Arc::new(Watchdog::of_current_thread());
    let guard = Arc::new(Guard::new(waker, watchdog.clone(), introspection::on_interrupt));
    // Dropped, and so joined, at the end: the watchdog reads this thread's clock.
    let replies = Replies::new(control.sender);
    let _watching = watchdog.start(threads.watchdog, Arc::downgrade(&guard), outbox.clone(), replies.clone());
    let orphaned = config.orphaned;
    let questions = Arc::new(Questions::new(replies.clone()));
    let (controlled, asked) = (guard.clone(), questions.clone());
    threads.control.run(move || control::serve(control.receiver, &replies, &controlled, &asked, orphaned));
    let memory_limit = config.memory_limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let inbox = Rc::new(Inbox::new(receiver));
    let (last_call, functions, preload) = (Rc::default(), RefCell::default(), RefCell::default());
    let factory = SessionFactory {
        guard,
        outbox,
        watchdog,
        questions,
        inbox,
        last_call,
        functions,
        preload,
        memory_limit,
        machine_memory: config.machine_memory,
        builtin_names: config.builtin_names,
    };
    let mut generation = config.generation;
    let mut welcomed = Some(welcomed);
    let mut retired = None;
    loop {
        let mut session = EventLoop::new(&factory, generation).map_err(|error| ServeError::Loop(error.into()))?;
        begun(&mut session.session);
        match welcomed.take() {
            Some(welcomed) => welcomed(&factory.inbox)?,
            // A number has no size to exceed a frame.
            None => drop(factory.outbox.push(&Event::ResetDone(ResetDone { generation }))),
        }
        if let Some(session) = retired.take() {
            factory.outbox.flush();
            drop::<Retired>(session);
        }
        match session.run().map_err(ServeError::from)? {
            Next::Session(next, session) => (generation, retired) = (next, Some(session)),
            Next::Leave => return Ok(()),
        }
    }
}
