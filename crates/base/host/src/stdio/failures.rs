//! Outputs that can no longer be written, because their reader is gone or the device is full. The program is told as by
//! Node's streams.

use std::{
    io,
    sync::{Arc, PoisonError, Weak},
};

use drupe_protocol::{HostError, Value};
use tokio::sync::mpsc;

use super::Stdio;
use crate::Session;

/// What is known of outputs that failed.
#[derive(Debug, Default)]
pub(super) struct Failures {
    /// By their numbers.
    failed: [Option<Failed>; 3],
    /// The session whose program wants to be told, as long as that lives.
    listener: Weak<Listener>,
    /// Who waits for the next failure. **Each stream fails once**, so little waits.
    waiting: Option<mpsc::UnboundedSender<Value>>,
}

/// Is kept in a session that listens.
#[derive(Debug, Default)]
struct Listener;

#[derive(Clone, Copy, Debug)]
struct Failed {
    errno: i32,
    /// Whether the program that listens was told.
    is_told: bool,
}

impl Failed {
    fn error(self) -> io::Error {
        io::Error::from_raw_os_error(self.errno)
    }
}

impl Failures {
    /// Whether a program wants to be told.
    fn are_heard(&self) -> bool {
        self.listener.strong_count() > 0
    }

    /// Those that the program was not told of.
    fn untold(&self) -> impl Iterator<Item = (usize, Failed)> {
        (0..).zip(&self.failed).filter_map(|(number, failed)| Some((number, failed.filter(|failed| !failed.is_told)?)))
    }
}

impl Stdio {
    /// The output `number` cannot be written. Whether the program listens to that: if not, it never learns of it.
    #[must_use]
    pub fn fail(&self, number: usize, error: &io::Error) -> bool {
        let mut failures = self.failures();
        let Some(errno) = error.raw_os_error().filter(|_| failures.are_heard()) else { return false };
        let Some(place) = failures.failed.get_mut(number) else { return false };
        if place.is_none() {
            *place = Some(Failed { errno, is_told: false });
            let item = item(number, errno);
            // Nobody may wait yet: the failure is told when somebody asks.
            failures.waiting.as_ref().map(|waiting| waiting.send(item));
        }
        true
    }

    /// Whether the program was told that the output `number` failed.
    #[must_use]
    pub fn is_told(&self, number: usize) -> bool {
        self.failures().failed.get(number).is_some_and(|failed| failed.is_some_and(|failed| failed.is_told))
    }

    /// The first failure of an output that the program was not told of.
    #[must_use]
    pub fn first_untold(&self) -> Option<io::Error> {
        self.failures().untold().next().map(|(_, failed)| failed.error())
    }

    /// `listen()`: the program of a session wants to know of failures from now on. **It was told nothing that another
    /// session was told.**
    pub(super) fn listen(&self, session: &Session) {
        let listener = Arc::downgrade(&session.state::<Listener>());
        let mut failures = self.failures();
        if !failures.listener.ptr_eq(&listener) {
            failures.failed.iter_mut().flatten().for_each(|failed| failed.is_told = false);
            (failures.listener, failures.waiting) = (listener, None);
        }
    }

    /// `heard(number)`: the program knows.
    pub(super) fn mark_told(&self, number: Option<usize>) {
        let mut failures = self.failures();
        if let Some(Some(failed)) = number.and_then(|number| failures.failed.get_mut(number)) {
            failed.is_told = true;
        }
    }

    /// What the program was not told, as `{ fd, code, errno, text }`.
    pub(super) fn untold(&self) -> Value {
        Value::Array(self.failures().untold().map(|(number, failed)| item(number, failed.errno)).collect())
    }

    /// `failures()`: each failure, as it happens.
    pub(super) fn follow_failures(&self) -> mpsc::UnboundedReceiver<Value> {
        let (tell, told) = mpsc::unbounded_channel();
        let mut failures = self.failures();
        for (number, failed) in (0..).zip(&failures.failed) {
            if let Some(failed) = failed {
                // The receiver is here.
                let _ = tell.send(item(number, failed.errno));
            }
        }
        failures.waiting = Some(tell);
        told
    }

    fn failures(&self) -> std::sync::MutexGuard<'_, Failures> {
        self.0.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn item(number: usize, errno: i32) -> Value {
    let (code, words) = crate::fs::describe(rustix::io::Errno::from_raw_os_error(errno));
    #[expect(clippy::cast_precision_loss, reason = "there are three")]
    let number = number as f64;
    Value::Object(vec![
        ("fd".to_owned(), number.into()),
        ("code".to_owned(), code.into()),
        ("errno".to_owned(), (-f64::from(errno)).into()),
        ("text".to_owned(), words.into()),
    ])
}

/// A failure each.
pub(super) struct Items(pub(super) mpsc::UnboundedReceiver<Value>);

impl futures_core::Stream for Items {
    type Item = Result<Value, HostError>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|told| told.map(Ok))
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::{Session, Stdio};

    fn broken() -> io::Error {
        io::Error::from_raw_os_error(32)
    }

    #[test]
    fn who_does_not_listen_is_told_nothing() {
        let stdio = Stdio::without("none");
        assert!(!stdio.fail(1, &broken()) && stdio.first_untold().is_none());
    }

    #[test]
    fn a_failure_is_open_until_it_is_told() {
        let stdio = Stdio::without("none");
        let session = Session::default();
        stdio.listen(&session);
        let mut told = stdio.follow_failures();
        assert!(stdio.fail(1, &broken()) && stdio.fail(1, &broken()));
        assert!(told.try_recv().is_ok() && told.try_recv().is_err(), "each stream fails once");
        assert!(!stdio.is_told(1));
        assert_eq!(stdio.first_untold().map(|error| error.kind()), Some(io::ErrorKind::BrokenPipe));
        stdio.mark_told(Some(1));
        assert!(stdio.is_told(1) && stdio.first_untold().is_none() && !stdio.is_told(2));
        // An error without a number, and a stream that there is not.
        assert!(!stdio.fail(2, &io::Error::other("no number")) && !stdio.fail(7, &broken()));
    }

    #[test]
    fn a_session_listens_for_itself_alone() {
        let stdio = Stdio::without("none");
        let first = Session::default();
        stdio.listen(&first);
        assert!(stdio.fail(1, &broken()));
        stdio.mark_told(Some(1));
        drop(first);
        assert!(!stdio.fail(1, &broken()) && !stdio.fail(2, &broken()), "nobody listens");
        let second = Session::default();
        stdio.listen(&second);
        assert!(!stdio.is_told(1) && stdio.first_untold().is_some() && stdio.follow_failures().try_recv().is_ok());
        assert!(stdio.fail(1, &broken()));
        stdio.mark_told(Some(1));
        stdio.listen(&second);
        assert!(stdio.is_told(1));
    }
}
