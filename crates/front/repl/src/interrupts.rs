//! Presses of Ctrl-C, from the moment that somebody listens.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::mpsc;

/// Presses of Ctrl-C. **A press that comes while nobody takes one is kept**; several may count as one.
#[derive(Debug)]
pub struct Interrupts {
    pub(crate) presses: mpsc::UnboundedReceiver<()>,
    pub(crate) heard: HeardByProgram,
}

impl Interrupts {
    /// Listens from now on to Ctrl-C, which no longer ends this process. Must be called within a tokio runtime.
    #[must_use]
    pub fn listen() -> Self {
        let (pressed, presses) = mpsc::unbounded_channel();
        // What the system refuses is not heard.
        if let Ok(mut stream) = stream() {
            tokio::spawn(async move {
                loop {
                    let heard = tokio::select! {
                        heard = stream.recv() => heard.is_some(),
                        () = pressed.closed() => false,
                    };
                    if !heard || pressed.send(()).is_err() {
                        return;
                    }
                }
            });
        }
        Self { presses, heard: HeardByProgram::default() }
    }

    /// The next press. `None`: none can come. Cancel safe.
    pub async fn recv(&mut self) -> Option<()> {
        self.presses.recv().await
    }

    /// Tells whether the program has heard of a press.
    #[must_use]
    pub fn heard(&self) -> HeardByProgram {
        self.heard.clone()
    }
}

/// Whether a program that listens was told of a press. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct HeardByProgram(Arc<AtomicBool>);

impl HeardByProgram {
    /// Whether it was.
    #[must_use]
    pub fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn note(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(unix)]
fn stream() -> std::io::Result<tokio::signal::unix::Signal> {
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())
}

#[cfg(windows)]
fn stream() -> std::io::Result<tokio::signal::windows::CtrlC> {
    tokio::signal::windows::ctrl_c()
}

#[cfg(all(test, unix))]
mod tests {
    use rustix::process::{Signal, getpid, kill_process};

    use super::Interrupts;

    #[test]
    fn a_press_is_heard_as_soon_as_somebody_listens() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut interrupts = Interrupts::listen();
            // Nothing else has run since.
            kill_process(getpid(), Signal::INT).unwrap();
            assert_eq!(interrupts.recv().await, Some(()));
        });
    }
}
