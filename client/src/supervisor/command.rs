//! The requests of handles to the supervisor, and the channel for them.

use std::sync::Arc;

use drupe_protocol::{RunId, handles::Handle, hello::Engine};
use tokio::sync::{mpsc, oneshot};

use super::Question;
use crate::{Chunk, Death, Error, SandboxStatus, jobs::Job, mailbox::Postbox};

/// A question or an order.
#[derive(Debug)]
pub(crate) enum Command {
    Run {
        job: Box<Job>,
        chunk: Box<Chunk>,
    },
    Interrupt {
        run: Option<RunId>,
        reply: Option<oneshot::Sender<bool>>,
    },
    Reset(oneshot::Sender<Result<u64, Error>>),
    Restart(oneshot::Sender<Result<u64, Error>>),
    Terminate(oneshot::Sender<()>),
    LateEvents(Postbox),
    Info(oneshot::Sender<Info>),
    Ask(Question),
    /// A function was registered.
    SendFunctions,
    Release(Vec<Handle>),
}

/// Facts about a kernel's process.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Info {
    /// Its process id; `None` between a death and the next run.
    pub pid: Option<u32>,
    /// Version of the drupe kernel.
    pub version: String,
    /// The engine that executes JavaScript, such as V8.
    pub engine: Engine,
    /// Its confinement.
    pub sandbox: SandboxStatus,
    /// The number of the session.
    pub generation: u64,
    /// The end of the last process, while there is none.
    pub death: Option<Arc<Death>>,
}

/// Sends commands for as long as somebody holds the kernel, without holding it.
#[derive(Clone, Debug)]
pub(crate) struct CommandSender(mpsc::WeakUnboundedSender<Command>);

impl CommandSender {
    pub(crate) fn new(commands: &mpsc::UnboundedSender<Command>) -> Self {
        Self(commands.downgrade())
    }

    pub(crate) fn send(&self, command: Command) {
        if let Some(commands) = self.0.upgrade() {
            // A supervisor that is gone has nothing left to do.
            drop(commands.send(command));
        }
    }
}
