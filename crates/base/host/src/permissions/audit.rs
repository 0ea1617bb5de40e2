//! Audits: reports of permissions that were used or denied.

use std::sync::{
    Arc, PoisonError,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use tokio::sync::Notify;

use super::{PermissionRequest, Permissions};

/// A permission was used, or denied.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Audit {
    /// What was asked for.
    pub request: PermissionRequest,
    /// Whether it was granted.
    pub granted: bool,
    /// Who said so.
    pub basis: Basis,
    /// The rule that denies the request: the kind and what the rule covers, such as `read /data/keys`. Such a rule
    /// holds against every grant. `None`: no rule denies the request.
    pub rule: Option<String>,
}

impl Audit {
    /// The decision of `basis` about `request`.
    #[must_use]
    pub fn new(request: PermissionRequest, granted: bool, basis: Basis) -> Self {
        Self { request, granted, basis, rule: None }
    }
}

/// Who decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The policy.
    Policy,
    /// A person who was asked. A question that was taken back before they answered is told as denied.
    Person,
}

/// Is told of every decision, before its effect. It must not block.
pub type Auditor = Arc<dyn Fn(Audit) + Send + Sync>;

/// How many audits may wait for whoever is told of them. **A request waits where there are more**: it is decided when
/// it can be told.
#[derive(Debug)]
pub struct Pace {
    most: usize,
    waiting: AtomicUsize,
    taken: Notify,
    ended: AtomicBool,
}

impl Pace {
    /// `most` audits may wait, and one more of each request that is being decided.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most, waiting: AtomicUsize::new(0), taken: Notify::new(), ended: AtomicBool::new(false) }
    }

    /// One more audit waits: the auditor says so before it passes it on.
    pub fn told(&self) {
        self.waiting.fetch_add(1, Ordering::SeqCst);
    }

    /// One audit was taken in.
    pub fn taken(&self) {
        if self.waiting.fetch_sub(1, Ordering::SeqCst) <= self.most {
            self.taken.notify_waiters();
        }
    }

    /// Nobody takes audits in any more, and nothing waits for that.
    pub fn end(&self) {
        self.ended.store(true, Ordering::SeqCst);
        self.taken.notify_waiters();
    }

    fn has_turn(&self) -> bool {
        self.waiting.load(Ordering::SeqCst) < self.most || self.ended.load(Ordering::SeqCst)
    }

    /// Waits until no more wait than may.
    async fn turn(&self) {
        loop {
            let taken = self.taken.notified();
            if self.has_turn() {
                return;
            }
            taken.await;
        }
    }
}

impl Permissions {
    /// As [`audit`](Self::audit), at the pace of whoever takes the audits in. **The auditor says [`told`](Pace::told),
    /// who takes them in says [`taken`](Pace::taken).**
    pub fn audit_at_pace(&self, auditor: Auditor, pace: &Arc<Pace>) {
        self.audit(auditor);
        *self.inner.pace.write().unwrap_or_else(PoisonError::into_inner) = Some(pace.clone());
    }

    /// Waits until one more audit may be told.
    pub(crate) async fn pace(&self) {
        let pace = self.inner.pace.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(pace) = pace {
            pace.turn().await;
        }
    }

    /// Whether that is so already.
    pub(crate) fn may_tell(&self) -> bool {
        self.inner.pace.read().unwrap_or_else(PoisonError::into_inner).as_ref().is_none_or(|pace| pace.has_turn())
    }
}

#[cfg(test)]
mod tests {
    use std::{future::Future, pin::pin, sync::Mutex, task::Context};

    use super::*;
    use crate::{Policy, permissions::Kind};

    fn is_ready(future: impl Future) -> bool {
        pin!(future).poll(&mut Context::from_waker(std::task::Waker::noop())).is_ready()
    }

    // threat K8
    #[test]
    fn wishes_wait_while_nobody_hears_of_them() {
        let (permissions, pace) = (Permissions::new(Policy::none()), Arc::new(Pace::new(3)));
        let heard = Arc::new(Mutex::new(0));
        let auditor = {
            let (heard, pace) = (heard.clone(), pace.clone());
            move |_| {
                pace.told();
                *heard.lock().unwrap_or_else(PoisonError::into_inner) += 1;
            }
        };
        permissions.audit_at_pace(Arc::new(auditor), &pace);
        let request = || permissions.require_net(Kind::Net, "a.test", 80, "fetch", None);
        assert!((0..3).all(|_| is_ready(request())));
        assert!((0..100).all(|_| !is_ready(request())));
        pace.taken();
        assert!(is_ready(request()) && !is_ready(request()));
        assert_eq!(*heard.lock().unwrap_or_else(PoisonError::into_inner), 4);
    }
}
