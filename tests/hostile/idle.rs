//! A process that does nothing but answer: how long it takes says how busy the machine is, whatever the parent does.

use std::{
    io::{Read, Write},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// How often it is asked.
const ASKED: Duration = Duration::from_millis(10);

/// The process, and when it was asked and how long it took.
pub(crate) struct Idle {
    child: Child,
    answers: Arc<Mutex<Vec<(Instant, Duration)>>>,
}

impl Idle {
    pub(crate) fn start() -> Self {
        let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (mut input, mut output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let answers = Arc::<Mutex<Vec<_>>>::default();
        let told = answers.clone();
        thread::spawn(move || {
            let mut byte = [0];
            loop {
                let due = Instant::now() + ASKED;
                thread::sleep(ASKED);
                // It is gone when the last case is.
                if input.write_all(&[1]).and_then(|()| output.read_exact(&mut byte)).is_err() {
                    return;
                }
                told.lock().unwrap_or_else(PoisonError::into_inner).push((due, due.elapsed()));
            }
        });
        Self { child, answers }
    }

    /// The longest that an answer took since `since`; what was before is forgotten.
    pub(crate) fn longest(&self, since: Instant) -> Duration {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.retain(|(due, _)| *due >= since);
        answers.iter().map(|(_, took)| *took).max().unwrap_or_default()
    }
}

impl Drop for Idle {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
