//! Detects that this process was stopped, by Ctrl-Z or by a debugger. Its kernel is part of the same job, and was
//! stopped with it. So all deadlines move by the time that the process was stopped.

use std::{pin::pin, time::Duration};

use drupe_transport::deadline::after;
use tokio::time::{Instant, timeout_at};

/// How often the clock is looked at while there is a deadline.
pub(crate) const BEAT: Duration = Duration::from_millis(250);

/// A beat that is later than that was not held up by a busy machine.
const LATE: Duration = Duration::from_secs(1);

/// How long the process stood still, if it did, since it looked at the clock `last`.
pub(crate) fn stood_since(last: Instant) -> Option<Duration> {
    Some(last.elapsed().saturating_sub(BEAT)).filter(|stood| *stood >= LATE)
}

/// What `work` comes to within `limit`; the time for which this process stands still meanwhile is not counted.
pub(crate) async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut until = after(limit);
    loop {
        let last = Instant::now();
        if let Ok(done) = timeout_at(until.min(last + BEAT), &mut work).await {
            return Some(done);
        }
        until += stood_since(last).unwrap_or_default();
        if until <= Instant::now() {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use std::thread;

    use super::*;

    /// The runtime has one thread. When that stands still, all does.
    // threat F2
    #[test]
    fn a_limit_is_not_charged_for_the_time_that_the_process_stands_still() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let limit = Duration::from_millis(1500);
        runtime.block_on(async {
            let stopped = async {
                tokio::task::yield_now().await;
                // The subject is time that passes: no event could stand for it.
                thread::sleep(limit * 2);
                tokio::time::sleep(BEAT * 2).await;
            };
            assert_eq!(within(limit, stopped).await, Some(()));
            let began = Instant::now();
            assert_eq!(within(limit, std::future::pending::<()>()).await, None);
            assert!(began.elapsed() >= limit);
        });
    }
}
