//! Signals that a front end receives for the program that it runs: the service `signals`, behind
//! `process.on('SIGINT', …)`.

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use drupe_protocol::{HostError, Value};
use futures_core::Stream;
use tokio::{
    sync::{Notify, mpsc, watch},
    time::Instant,
};

use crate::{Answer, Answering, Call, Host, Service};

/// Signals of one listener that may wait until it takes them; more of a kind that waits already would say nothing new.
const WAITING: usize = 16;

/// Listeners that may be there at once. A session has one for each signal.
const MAX_LISTENERS: usize = 256;

/// Hands signals to the programs that listen to them. Clones are the same.
///
/// Without it no program hears of any: an embedder's process is the embedder's. Nothing here hears a signal of the
/// system's by itself.
#[derive(Clone, Debug, Default)]
pub struct Signals(Arc<Shared>);

/// Those that can be heard and that end a process which does not listen. SIGINT is heard in any case.
const ENDING: [&str; 6] = ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM"];

/// Others that do, and that no front end hears before somebody listens.
const ENDING_TOO: [&str; 7] = ["SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGIO", "SIGPWR", "SIGSTKFLT"];

/// How long it is waited until they are heard: nobody may hear signals at all.
const UNTIL_HEARD: Duration = Duration::from_secs(1);

/// By the signal's name.
type Listeners = BTreeMap<String, Vec<Listener>>;

/// One that is told of a signal.
#[derive(Debug)]
struct Listener {
    tell: mpsc::Sender<()>,
    untaken: Untaken,
}

/// Since when a listener has not taken what it was told: it has not asked for the next signal since. **The lock is held
/// while a signal is told or taken.**
type Untaken = Arc<Mutex<Option<Instant>>>;

fn lock(untaken: &Untaken) -> std::sync::MutexGuard<'_, Option<Instant>> {
    untaken.lock().unwrap_or_else(PoisonError::into_inner)
}

fn leave_out_closed(listeners: &mut Listeners) {
    listeners.retain(|_, listening| {
        listening.retain(|listener| !listener.tell.is_closed());
        !listening.is_empty()
    });
}

#[derive(Debug, Default)]
struct Shared {
    listeners: Mutex<Listeners>,
    /// Whether what ends a process is to be heard although nobody listens.
    hears_ends: AtomicBool,
    /// The signals that are heard by now.
    heard: watch::Sender<BTreeSet<String>>,
    more: Notify,
}

impl Signals {
    /// Tells whoever listens to the signal `name`, such as `SIGINT`. Whether anybody does.
    #[must_use]
    pub fn deliver(&self, name: &str) -> bool {
        let mut listeners = self.listeners();
        let Some(listening) = listeners.get_mut(name) else { return false };
        // One that has not taken the last ones yet hears of this one by those.
        listening.retain(|listener| {
            let mut untaken = lock(&listener.untaken);
            untaken.get_or_insert_with(Instant::now);
            !matches!(listener.tell.try_send(()), Err(mpsc::error::TrySendError::Closed(())))
        });
        !listening.is_empty()
    }

    /// Whether those who listen to the signal `name` have not taken what they were told for this long: the program that
    /// runs does not come to it.
    #[must_use]
    pub fn is_stuck(&self, name: &str, patience: Duration) -> bool {
        let mut listeners = self.listeners();
        leave_out_closed(&mut listeners);
        let is_stuck = |listener: &Listener| lock(&listener.untaken).is_some_and(|since| since.elapsed() >= patience);
        listeners.get(name).is_some_and(|listening| listening.iter().all(is_stuck))
    }

    /// The signals that somebody listens to.
    #[must_use]
    pub fn listened_to(&self) -> Vec<String> {
        let mut listeners = self.listeners();
        leave_out_closed(&mut listeners);
        listeners.keys().cloned().collect()
    }

    /// The signals that are to be heard: those that somebody listens to and, once there is something to be put in order
    /// before the process ends, those that end it.
    #[must_use]
    pub fn wanted(&self) -> Vec<String> {
        let mut wanted = self.listened_to();
        if self.0.hears_ends.load(Ordering::SeqCst) {
            wanted.extend(
                ENDING
                    .iter()
                    .filter(|name| !wanted.iter().any(|known| known == *name))
                    .map(|name| (*name).to_owned())
                    .collect::<Vec<_>>(),
            );
        }
        wanted
    }

    /// Has what ends a process heard from now on, whether somebody listens or not: there is something to be put in
    /// order before. Resolves when that [is so](Self::heard), or nobody says so for a while.
    pub async fn hear_ends(&self) {
        self.0.hears_ends.store(true, Ordering::SeqCst);
        self.0.more.notify_one();
        self.until_heard(&ENDING.map(str::to_owned)).await;
    }

    /// Resolves when all these signals are [heard](Self::heard), or nobody says so for a while.
    async fn until_heard(&self, names: &[String]) {
        let mut heard = self.0.heard.subscribe();
        // The sender is here.
        drop(tokio::time::timeout(UNTIL_HEARD, heard.wait_for(|heard| names.iter().all(|name| heard.contains(name)))).await);
    }

    /// Says that all these signals, which were [wanted](Self::wanted), are heard by now.
    pub fn heard(&self, names: &[String]) {
        self.0.heard.send_modify(|heard| heard.extend(names.iter().cloned()));
    }

    /// Whether a signal that can be heard ends a process which does not listen to it.
    #[must_use]
    pub fn ends_process(name: &str) -> bool {
        ENDING.contains(&name) || ENDING_TOO.contains(&name)
    }

    /// Resolves when somebody has begun to listen since this was last awaited.
    pub async fn more(&self) {
        self.0.more.notified().await;
    }

    fn listen(&self, name: &str) -> Result<SignalEvents, HostError> {
        let (tell, told) = mpsc::channel(WAITING);
        let untaken = Untaken::default();
        let mut listeners = self.listeners();
        leave_out_closed(&mut listeners);
        if listeners.values().map(Vec::len).sum::<usize>() >= MAX_LISTENERS {
            return Err(HostError::new("RangeError", "too many listen to signals already"));
        }
        listeners.entry(name.to_owned()).or_default().push(Listener { tell, untaken: Arc::clone(&untaken) });
        self.0.more.notify_one();
        Ok(SignalEvents { told, untaken })
    }

    fn listeners(&self) -> std::sync::MutexGuard<'_, Listeners> {
        self.0.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Host {
    /// Lets programs listen to signals that `signals` is told of.
    #[must_use]
    pub fn signals(self, signals: &Signals) -> Self {
        self.service("signals", Arc::new(Listening(signals.clone())))
    }
}

struct Listening(Signals);

impl Service for Listening {
    fn call(&self, call: Call) -> Answering {
        let signals = self.0.clone();
        Box::pin(async move {
            match call.op.as_str() {
                "listen" => Ok(Answer::stream(signals.listen(call.string(0)?)?)),
                // The names that the program listens to. It is about to stop, and must hear the signal that continues
                // it.
                "heard" => {
                    let Value::Array(names) = call.arg(0) else { return Ok(Value::Undefined.into()) };
                    let names = names.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>();
                    signals.until_heard(&names).await;
                    Ok(Value::Undefined.into())
                }
                op => {
                    let message = format!("this host answers no \"signals.{op}\"");
                    Err(HostError::new("Error", message).with_code("ERR_NOT_SUPPORTED"))
                }
            }
        })
    }
}

/// An item for each signal.
#[derive(Debug)]
struct SignalEvents {
    told: mpsc::Receiver<()>,
    untaken: Untaken,
}

impl Stream for SignalEvents {
    type Item = Result<Value, HostError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { told, untaken } = self.get_mut();
        let mut untaken = lock(untaken);
        let told = told.poll_recv(context);
        if told.is_pending() {
            *untaken = None;
        }
        told.map(|told| told.map(|()| Ok(Value::Undefined)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    async fn listen(host: &Host, name: &str) -> crate::Items {
        let call = Call { op: "signals.listen".to_owned(), args: vec![Value::String(name.to_owned())], ..Call::default() };
        match host.call(call).await.unwrap() {
            Answer::Stream(items) => items,
            Answer::Value(value) => panic!("{value:?}"),
        }
    }

    #[tokio::test]
    async fn who_listens_is_told_until_it_is_gone() {
        let signals = Signals::default();
        let host = Host::new().signals(&signals);
        assert!(!signals.deliver("SIGINT"));
        let mut items = listen(&host, "SIGINT").await;
        signals.more().await;
        assert_eq!(signals.listened_to(), ["SIGINT"]);
        assert!(signals.deliver("SIGINT") && !signals.deliver("SIGTERM"));
        let next = std::future::poll_fn(|context| items.as_mut().poll_next(context)).await;
        assert_eq!(next.unwrap().unwrap(), Value::Undefined);
        // It takes none for a while: it is told all the same, and waits for no room.
        assert!((0..10 * WAITING).all(|_| signals.deliver("SIGINT")));
        drop(items);
        assert!(!signals.deliver("SIGINT"));
        assert!(signals.listened_to().is_empty());
    }

    #[tokio::test]
    async fn who_asks_for_no_other_signal_is_stuck() {
        let signals = Signals::default();
        let host = Host::new().signals(&signals);
        let is_stuck = || signals.is_stuck("SIGINT", Duration::ZERO);
        assert!(!is_stuck());
        let mut items = listen(&host, "SIGINT").await;
        assert!(!is_stuck() && signals.deliver("SIGINT") && is_stuck());
        assert!(!signals.is_stuck("SIGINT", Duration::from_secs(3600)));
        let mut next = |is_told: bool| {
            let polled = items.as_mut().poll_next(&mut Context::from_waker(std::task::Waker::noop()));
            assert_eq!(matches!(polled, Poll::Ready(Some(Ok(_)))), is_told);
        };
        // It has it, and may be in a loop without end.
        next(true);
        assert!(is_stuck());
        next(false);
        assert!(!is_stuck());
        assert!(signals.deliver("SIGINT") && signals.deliver("SIGINT"));
        next(true);
        next(true);
        assert!(is_stuck());
        next(false);
        assert!(!is_stuck());
        drop(items);
        assert!(!is_stuck());
    }

    #[tokio::test]
    async fn what_ends_a_process_is_heard_before_something_needs_that() {
        let signals = Signals::default();
        let front_end = signals.clone();
        let mut hears = std::pin::pin!(signals.hear_ends());
        let is_done = std::future::poll_fn(|context| Poll::Ready(hears.as_mut().poll(context).is_ready())).await;
        assert!(!is_done, "nobody hears them yet");
        front_end.more().await;
        let wanted = front_end.wanted();
        assert!(["SIGTERM", "SIGUSR1", "SIGALRM"].iter().all(|name| wanted.iter().any(|wanted| wanted == name)), "{wanted:?}");
        front_end.heard(&wanted[1..]);
        let is_done = std::future::poll_fn(|context| Poll::Ready(hears.as_mut().poll(context).is_ready())).await;
        assert!(!is_done, "one is missing");
        front_end.heard(&wanted);
        hears.await;
        assert!(Signals::ends_process("SIGUSR2") && !Signals::ends_process("SIGWINCH") && !Signals::ends_process("SIGINT"));
    }

    #[tokio::test]
    async fn a_program_waits_until_what_it_listens_to_is_heard() {
        let signals = Signals::default();
        let host = Host::new().signals(&signals);
        let _items = listen(&host, "SIGCONT").await;
        let call = Call { op: "signals.heard".to_owned(), args: vec![Value::Array(vec!["SIGCONT".into()])], ..Call::default() };
        let mut waits = std::pin::pin!(host.call(call));
        let mut is_done = async || std::future::poll_fn(|context| Poll::Ready(waits.as_mut().poll(context).is_ready())).await;
        assert!(!is_done().await, "nobody hears it yet");
        signals.heard(&["SIGTERM".to_owned()]);
        assert!(!is_done().await, "another one is heard");
        signals.heard(&["SIGCONT".to_owned()]);
        assert!(is_done().await);
    }

    #[tokio::test]
    async fn listeners_are_bounded_together() {
        let signals = Signals::default();
        let mut told = Vec::new();
        let mut refused = 0;
        for name in 0..20 {
            for _ in 0..20 {
                match signals.listen(&format!("SIG{name}")) {
                    Ok(listening) => told.push(listening),
                    Err(_) => refused += 1,
                }
            }
        }
        assert_eq!((told.len(), refused), (MAX_LISTENERS, 400 - MAX_LISTENERS));
        // Who is gone leaves its place, whatever it listened to.
        told.truncate(MAX_LISTENERS - 1);
        assert!(signals.listen("SIGINT").is_ok() && signals.listened_to().len() <= 20);
    }
}
