//! The CPU budget as the parent measures it, by the child's own clock. It is for the case that the kernel's watchdog
//! fails to stop a stretch, or to report that it cannot.
//!
//! A budget is for one stretch of JavaScript, and a run may have many. So when the JavaScript thread has used more than
//! one stretch may, the kernel is asked how much of that belongs to the stretch that is executing. A kernel that does
//! not answer is killed, too. **The answer is trusted**: an intruder who controls the kernel can lie about it, and then
//! only a wall budget with `kill_on_timeout` ends the run.

use std::time::Duration;

use drupe_protocol::{Control, RunId, event::Pong, request::Ping};
use drupe_transport::deadline::after;
use tokio::time::Instant;

use super::{Stuck, Supervisor};

/// Tells this question's answer from others'.
const NONCE: u64 = u64::MAX;

/// No two looks at the clock are closer than this.
const MIN_PAUSE: Duration = Duration::from_millis(10);

/// The run whose CPU time is watched.
#[derive(Clone, Copy, Debug)]
pub(super) struct CpuWatch {
    run: RunId,
    limit: Duration,
    /// The clock when the stretch that is executing began or, while the kernel is `asked`, when it was; unknown until
    /// the first look.
    since: Option<Duration>,
    /// When to look next.
    at: Instant,
    /// Whether the kernel was asked, and has not answered.
    asked: bool,
}

impl CpuWatch {
    pub(super) fn at(&self) -> Instant {
        self.at
    }
}

impl Supervisor {
    /// A run has started, or goes on. Most are over before the first look, and cost nothing.
    pub(super) fn watch_cpu(&mut self, run: RunId, limit: Option<Duration>) {
        self.cpu_watch = limit.map(|limit| {
            let at = after(limit.saturating_add(self.config.grace));
            CpuWatch { run, limit, since: None, at, asked: false }
        });
    }

    /// A run has ended. One that it was beside goes on.
    pub(super) fn unwatch_cpu(&mut self, run: RunId) {
        self.cpu_watch.take_if(|watch| watch.run == run);
        let other = self.sent.values().rfind(|job| job.run != run && job.started.is_some());
        if let Some((run, limit)) = other.map(|job| (job.run, job.limits.vm_timeout)).filter(|_| self.cpu_watch.is_none()) {
            self.watch_cpu(run, limit);
        }
    }

    /// It is time to look at the clock.
    pub(super) fn look_at_cpu(&mut self) {
        let Some(watch) = self.cpu_watch else { return };
        let (clock, grace) = (self.cpu_time(), self.config.grace);
        let used = clock.zip(watch.since).map(|(clock, since)| clock.saturating_sub(since));
        if watch.asked {
            // A machine that gives the process no time keeps it from answering.
            if used.is_some_and(|used| used >= grace) {
                return self.cpu_is_used_up(watch);
            }
            self.cpu_watch = Some(CpuWatch { at: after(grace), ..watch });
            return;
        }
        let left = used.map_or(Duration::ZERO, |used| watch.limit.saturating_add(grace).saturating_sub(used));
        self.cpu_watch = Some(if left.is_zero() {
            if let Some(link) = &mut self.link {
                link.control(&Control::Ping(Ping { nonce: NONCE }));
                self.protocol_state.pinged();
            }
            CpuWatch { asked: true, since: clock, at: after(grace), ..watch }
        } else {
            CpuWatch { at: after(left.max(MIN_PAUSE)), ..watch }
        });
    }

    /// The kernel says how much the stretch that is executing has used.
    pub(super) fn cpu_told(&mut self, pong: &Pong) {
        let Some(watch) = self.cpu_watch.filter(|watch| watch.asked && pong.nonce == NONCE) else { return };
        // Without a figure, none or another stretch is executing: that is not the run's.
        let (spent, allowed) =
            (Duration::from_micros(pong.stretch_us.unwrap_or(0)), watch.limit.saturating_add(self.config.grace));
        if spent >= allowed {
            return self.cpu_is_used_up(watch);
        }
        let since = self.cpu_time().map(|clock| clock.saturating_sub(spent));
        self.cpu_watch = Some(CpuWatch { since, at: after((allowed - spent).max(MIN_PAUSE)), asked: false, ..watch });
    }

    fn cpu_is_used_up(&mut self, watch: CpuWatch) {
        self.cpu_watch = None;
        // Due at once.
        self.stuck = Some(Stuck { run: Some(watch.run), limit: watch.limit, until: Instant::now() });
    }

    /// CPU time of the thread that runs JavaScript.
    fn cpu_time(&self) -> Option<Duration> {
        thread_cpu_time(self.link.as_ref()?.pid()?)
    }
}

/// CPU time of the first thread of process `pid`.
#[cfg(target_os = "linux")]
fn thread_cpu_time(pid: u32) -> Option<Duration> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/schedstat")).ok()?;
    text.split_ascii_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

#[cfg(not(target_os = "linux"))]
fn thread_cpu_time(_: u32) -> Option<Duration> {
    None
}
