//! Signals of the operating system, for programs that listen to them.
//!
//! A signal is requested from the system when a program first listens to it. Until then it has its default effect on
//! this process. This cannot be undone, so a signal without a remaining listener ends the run that is followed.

use std::{future::pending, time::Duration};

use drupe_client::Signals;
use tokio::sync::mpsc;

/// The signal that Ctrl-C sends, which is heard apart.
const INTERRUPT: &str = "SIGINT";

/// A program that does not come to a Ctrl-C for so long is stopped by the next one.
const STUCK: Duration = Duration::from_secs(1);

/// What a program listens to, and what has come of it.
#[derive(Debug)]
pub(crate) struct Heard {
    signals: Signals,
    /// Numbers of signals that came and that nobody listened to.
    unheard: mpsc::UnboundedReceiver<u8>,
}

impl Heard {
    pub(crate) fn new(signals: Signals) -> Self {
        let (tell, unheard) = mpsc::unbounded_channel();
        tokio::spawn(watch(signals.clone(), tell));
        Self { signals, unheard }
    }

    /// Tells of a Ctrl-C; whether anybody listens, and has come to the ones before.
    pub(crate) fn interrupt(&self) -> bool {
        !self.signals.is_stuck(INTERRUPT, STUCK) && self.signals.deliver(INTERRUPT)
    }
}

/// The next signal that nobody listens to any more. Cancel safe.
pub(crate) async fn unheard(heard: &mut Option<Heard>) -> u8 {
    match heard {
        Some(Heard { unheard, .. }) => match unheard.recv().await {
            Some(number) => number,
            None => pending().await,
        },
        None => pending().await,
    }
}

/// Asks the system for what is listened to.
#[cfg(unix)]
async fn watch(signals: Signals, tell: mpsc::UnboundedSender<u8>) {
    use std::collections::BTreeSet;

    let mut watched = BTreeSet::new();
    loop {
        tokio::select! {
            () = signals.more() => {}
            () = tell.closed() => return,
        }
        let wanted = signals.wanted();
        for name in &wanted {
            let Some((name, kind)) = kind(name) else { continue };
            let ends = Signals::ends_process(name);
            // One that the system refuses is not heard.
            if watched.insert(name)
                && let Ok(mut stream) = tokio::signal::unix::signal(kind)
            {
                let (signals, tell) = (signals.clone(), tell.clone());
                let number = u8::try_from(kind.as_raw_value()).unwrap_or(u8::MAX);
                tokio::spawn(async move {
                    loop {
                        let heard = tokio::select! {
                            heard = stream.recv() => heard.is_some(),
                            () = tell.closed() => false,
                        };
                        if !heard {
                            return;
                        }
                        if !signals.deliver(name) && ends && tell.send(number).is_err() {
                            return;
                        }
                    }
                });
            }
        }
        signals.heard(&wanted);
    }
}

/// What can be heard, by its name in Node. Not those that stop a process: these are for the terminal's jobs. Nor those
/// that a fault of a process sends it: a handler would have the fault again.
#[cfg(unix)]
fn kind(name: &str) -> Option<(&'static str, tokio::signal::unix::SignalKind)> {
    use rustix::process::Signal;
    use tokio::signal::unix::SignalKind;

    let raw = |signal: Signal| SignalKind::from_raw(signal.as_raw());
    [
        ("SIGCONT", raw(Signal::CONT)),
        ("SIGCHLD", SignalKind::child()),
        ("SIGURG", raw(Signal::URG)),
        ("SIGXCPU", raw(Signal::XCPU)),
        ("SIGXFSZ", raw(Signal::XFSZ)),
        ("SIGVTALRM", raw(Signal::VTALARM)),
        ("SIGPROF", raw(Signal::PROF)),
        ("SIGIO", SignalKind::io()),
        #[cfg(target_os = "linux")]
        ("SIGPWR", raw(Signal::POWER)),
        #[cfg(target_os = "linux")]
        ("SIGSTKFLT", raw(Signal::STKFLT)),
        ("SIGTERM", SignalKind::terminate()),
        ("SIGHUP", SignalKind::hangup()),
        ("SIGQUIT", SignalKind::quit()),
        ("SIGUSR1", SignalKind::user_defined1()),
        ("SIGUSR2", SignalKind::user_defined2()),
        ("SIGALRM", SignalKind::alarm()),
        ("SIGPIPE", SignalKind::pipe()),
        ("SIGWINCH", SignalKind::window_change()),
    ]
    .into_iter()
    .find(|(known, ..)| *known == name)
}

#[cfg(not(unix))]
async fn watch(_: Signals, tell: mpsc::UnboundedSender<u8>) {
    // Ctrl-C alone is heard there.
    tell.closed().await;
}

#[cfg(all(test, unix))]
mod tests {
    use drupe_client::Signals;

    use super::Heard;

    #[test]
    fn what_listens_ends_with_who_wants_to_hear() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let alive = || runtime.metrics().num_alive_tasks();
        runtime.block_on(async {
            let (before, signals) = (alive(), Signals::default());
            let heard = Heard::new(signals.clone());
            // Both kinds of tasks are there.
            signals.hear_ends().await;
            assert!(alive() > before + 1);
            drop(heard);
            while alive() > before {
                tokio::task::yield_now().await;
            }
        });
    }
}
