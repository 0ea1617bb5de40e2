//! The permissions of a kernel, checked before every effect.
//!
//! A [`Policy`] says what is granted and what is denied. [`Permissions`] holds the policy in force, which may change at
//! any time. It asks a person if no rule grants a request and there is a [`Prompt`], and it reports grants and denials
//! to an auditor. **Code that has an effect requires the permission here first, each time**: no earlier answer is
//! remembered, so a withdrawn grant is gone for open files, too.

mod audit;
mod bad_rule;
mod ceiling;
mod denial;
mod exposed;
mod kind;
mod policy;
mod programs;
mod request;
mod rules;

use std::{
    fmt,
    future::{Future, ready},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use drupe_protocol::{HostError, RunId};
use tokio::sync::Mutex;

pub use audit::{Audit, Auditor, Basis, Pace};
pub use bad_rule::BadRule;
pub use ceiling::Beyond;
pub(crate) use denial::{Denials, answered, restated};
#[cfg_attr(not(target_os = "linux"), allow(unused_imports, reason = "programs are there on Linux only"))]
pub(crate) use exposed::{Exposure, Trace, trace};
pub use kind::Kind;
use policy::Verdict;
pub use policy::{Grant, Policy, Rules};
pub use programs::{Program, ProgramRule, quoted, words};
pub use request::{Decision, Extent, PermissionRequest, Prompt};
pub use rules::{EnvRule, NetRule, PathRule};

/// Where a granted path may lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Anywhere.
    Everywhere,
    /// Nowhere but in this folder, or to this file. **Who opens the path must not leave it**, whatever links say
    /// meanwhile.
    Within(PathBuf),
}

/// The permissions of a kernel. Clones are the same; what [`for_kernel`](Self::for_kernel) returns shares the policy.
#[derive(Clone)]
pub struct Permissions {
    inner: Arc<Inner>,
}

struct Inner {
    /// What kernels share that were given the same permissions.
    policy: Arc<RwLock<Policy>>,
    prompt: Option<Arc<dyn Prompt>>,
    denials: Denials,
    /// Held while a question is open.
    asking: Arc<Mutex<()>>,
    /// Of one kernel.
    auditor: RwLock<Option<Auditor>>,
    pace: RwLock<Option<Arc<Pace>>>,
}

impl Permissions {
    /// Grants what `policy` grants.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self::made_of(Arc::new(RwLock::new(policy)), None, Denials::default(), Arc::default())
    }

    /// Grants what `policy` grants, and asks about the rest.
    #[must_use]
    pub fn asking(policy: Policy, prompt: Arc<dyn Prompt>) -> Self {
        Self::made_of(Arc::new(RwLock::new(policy)), Some(prompt), Denials::default(), Arc::default())
    }

    /// The same permissions, now and later, for one kernel more: it has an auditor of its own.
    #[must_use]
    pub fn for_kernel(&self) -> Self {
        let inner = &self.inner;
        Self::made_of(inner.policy.clone(), inner.prompt.clone(), inner.denials, inner.asking.clone())
    }

    /// The same permissions, whose denials name the flags of the command `drupe` that grant or deny
    /// (`--allow-read=/data`), in the message and in the property `flag` of the error. Without this they do not: an
    /// embedder's users have no such flags.
    #[must_use]
    pub fn naming_flags(self) -> Self {
        let inner = &self.inner;
        Self::made_of(inner.policy.clone(), inner.prompt.clone(), Denials { name_flags: true }, inner.asking.clone())
    }

    /// How denials are worded.
    pub(crate) fn denials(&self) -> Denials {
        self.inner.denials
    }

    fn made_of(policy: Arc<RwLock<Policy>>, prompt: Option<Arc<dyn Prompt>>, denials: Denials, asking: Arc<Mutex<()>>) -> Self {
        Self { inner: Arc::new(Inner { policy, prompt, denials, asking, auditor: RwLock::new(None), pace: RwLock::new(None) }) }
    }

    /// The policy in force.
    #[must_use]
    pub fn policy(&self) -> Policy {
        self.inner.policy.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes the policy, for everything that is required from now on.
    pub fn change(&self, change: impl FnOnce(&mut Policy)) {
        change(&mut self.inner.policy.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Tells `auditor` of every permission that is used or denied from now on.
    pub fn audit(&self, auditor: Auditor) {
        *self.inner.auditor.write().unwrap_or_else(PoisonError::into_inner) = Some(auditor);
        *self.inner.pace.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Requires to read or write `path`, which is absolute, normalised and free of links as far as it exists; see
    /// [`Reach`] for what the caller owes. Where it is a folder, what lies below is not meant.
    ///
    /// # Errors
    /// The error that JavaScript sees when the permission is not granted.
    pub async fn require_path(&self, kind: Kind, path: &Path, api: &str, run: Option<RunId>) -> Result<Reach, HostError> {
        self.require_extent(kind, path, Extent::Alone, api, run).await
    }

    /// As [`require_path`](Self::require_path), for a folder with all below it: a person is asked about all of that.
    /// **What a rule denies below is denied all the same**, so each effect there must be required, too.
    ///
    /// # Errors
    /// The error that JavaScript sees when the permission is not granted.
    pub async fn require_below(&self, kind: Kind, path: &Path, api: &str, run: Option<RunId>) -> Result<Reach, HostError> {
        self.require_extent(kind, path, Extent::Below, api, run).await
    }

    /// As [`require_below`](Self::require_below), for one effect on all of it: denied if a part is.
    pub(crate) async fn require_whole(&self, kind: Kind, path: &Path, api: &str, run: Option<RunId>) -> Result<Reach, HostError> {
        if let Some(rule) = self.with(|policy| policy.denying_below(kind, path)) {
            let request =
                PermissionRequest { extent: Extent::Below, ..PermissionRequest::new(kind, path.display().to_string(), api, run) };
            self.tell_denied(&request, Some(rule));
            return Err(self.denials().denied_by_rule(&request));
        }
        self.require_below(kind, path, api, run).await
    }

    async fn require_extent(
        &self,
        kind: Kind,
        path: &Path,
        extent: Extent,
        api: &str,
        run: Option<RunId>,
    ) -> Result<Reach, HostError> {
        let request = PermissionRequest { extent, ..PermissionRequest::new(kind, path.display().to_string(), api, run) };
        let look = |policy: &Policy| match policy.path(kind, path) {
            // A rule for the folder alone does not grant all below.
            Verdict::Granted(_) if request.extent == Extent::Below && !policy.covers_below(kind, path) => Verdict::Open,
            verdict => verdict,
        };
        let look = || ready(self.with(look));
        // Who grants a path to a prompt grants that path, not the folder it is in.
        self.decide(&request, look, Reach::Within(path.to_owned())).await
    }

    /// Whether a rule denies to read or write `path`, whatever else is granted.
    pub(crate) fn denies(&self, kind: Kind, path: &Path) -> bool {
        self.with(|policy| matches!(policy.path(kind, path), Verdict::Denied(_)))
    }

    /// Requires to talk to `host`, a name or an address, at `port`.
    ///
    /// # Errors
    /// The error that JavaScript sees when the permission is not granted.
    pub async fn require_net(&self, kind: Kind, host: &str, port: u16, api: &str, run: Option<RunId>) -> Result<(), HostError> {
        let resource = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
        self.decide(
            &PermissionRequest::new(kind, resource, api, run),
            || ready(self.with(|policy| policy.host(kind, host, port))),
            (),
        )
        .await
    }

    /// Whether a rule denies to talk to `host` at `port`, whatever else is granted.
    pub(crate) fn denies_net(&self, kind: Kind, host: &str, port: u16) -> bool {
        self.with(|policy| matches!(policy.host(kind, host, port), Verdict::Denied(_)))
    }

    /// Requires to see or change the environment variable `name`.
    ///
    /// # Errors
    /// The error that JavaScript sees when the permission is not granted.
    pub async fn require_env(&self, name: &str, run: Option<RunId>) -> Result<(), HostError> {
        self.decide(
            &PermissionRequest::new(Kind::Env, name, "process.env", run),
            || ready(self.with(|policy| policy.env(name))),
            (),
        )
        .await
    }

    /// Requires to run `program`.
    ///
    /// # Errors
    /// The error that JavaScript sees when the permission is not granted.
    pub async fn require_run(&self, program: &Program, api: &str, run: Option<RunId>) -> Result<(), HostError> {
        let request = PermissionRequest {
            extent: Extent::Command(Box::new(program.clone())),
            ..PermissionRequest::new(Kind::Run, &*program.name, api, run)
        };
        // The rules lead to files, and a folder on the way may be another machine's.
        let look = || {
            let (policy, program) = (self.policy(), program.clone());
            // Rules that cannot be looked at deny.
            let lost = |_| Verdict::Denied("run everything".to_owned());
            async move { tokio::task::spawn_blocking(move || policy.program(&program)).await.unwrap_or_else(lost) }
        };
        self.decide(&request, look, ()).await
    }

    /// Whether the policy grants to run `program`, or somebody is there to be asked: a look ahead that tells nobody,
    /// **and looks at files**.
    pub(crate) fn may_run(&self, program: &Program) -> bool {
        match self.policy().program(program) {
            Verdict::Granted(()) => true,
            Verdict::Open => self.asks(),
            Verdict::Denied(_) => false,
        }
    }

    /// Whether the policy grants to read or write `path`, which is as for [`require_path`](Self::require_path): a look
    /// ahead that asks and tells nobody. **An effect needs more**: that `require_path` is required, or that
    /// [`tell_use`](Self::tell_use) is told.
    pub(crate) fn covers(&self, kind: Kind, path: &Path) -> bool {
        self.with(|policy| policy.covers_path(kind, path))
    }

    /// Whether `path` is above something that the policy grants.
    pub(crate) fn leads_to(&self, kind: Kind, path: &Path) -> bool {
        self.with(|policy| policy.granted.paths(kind).allows(|rule| rule.path().starts_with(path)))
    }

    /// Whether there is somebody to ask.
    pub(crate) fn asks(&self) -> bool {
        self.inner.prompt.is_some()
    }

    /// Tells the auditor of a use of what the policy grants.
    pub(crate) fn tell_use(&self, request: &PermissionRequest) {
        self.tell(request, true, Basis::Policy);
    }

    fn with<T>(&self, look: impl FnOnce(&Policy) -> T) -> T {
        look(&self.inner.policy.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn decide<T, L: Future<Output = Verdict<T>>>(
        &self,
        request: &PermissionRequest,
        look: impl Fn() -> L,
        by_person: T,
    ) -> Result<T, HostError> {
        self.pace().await;
        let denials = self.denials();
        let refused = |error, rule| {
            self.tell_denied(request, rule);
            Err(error)
        };
        let granted = |granted| {
            self.tell(request, true, Basis::Policy);
            Ok(granted)
        };
        let prompt = match (look().await, &self.inner.prompt) {
            (Verdict::Granted(what), _) => return granted(what),
            (Verdict::Denied(rule), _) => return refused(denials.denied_by_rule(request), Some(rule)),
            (Verdict::Open, None) => return refused(denials.denied(request), None),
            (Verdict::Open, Some(prompt)) if !prompt.is_there(request) => return refused(denials.denied(request), None),
            (Verdict::Open, Some(prompt)) => prompt,
        };
        let _turn = self.inner.asking.lock().await;
        // Who was asked in the meantime may have granted this, too.
        match look().await {
            Verdict::Granted(what) => return granted(what),
            Verdict::Denied(rule) => return refused(denials.denied_by_rule(request), Some(rule)),
            Verdict::Open => {}
        }
        let unanswered = Unanswered(self, request);
        let decision = prompt.ask(request.clone()).await;
        std::mem::forget(unanswered);
        let (granted, basis) = match decision {
            Decision::Once | Decision::Session => (true, Basis::Person),
            Decision::Deny => (false, Basis::Person),
            Decision::Failed => (false, Basis::Policy),
        };
        self.tell(request, granted, basis);
        match decision {
            Decision::Once => Ok(by_person),
            Decision::Session => {
                self.change(|policy| policy.grant(request));
                Ok(by_person)
            }
            Decision::Deny => Err(Denials::denied_by_person(request)),
            Decision::Failed => Err(denials.unanswered(request)),
        }
    }

    /// Tells the auditor what the policy says to a request about which nobody is asked.
    pub(crate) fn note(&self, request: &PermissionRequest, granted: bool) {
        match self.with(|policy| policy.env(&request.resource)) {
            Verdict::Denied(rule) if !granted && request.kind == Kind::Env => self.tell_denied(request, Some(rule)),
            Verdict::Denied(_) | Verdict::Granted(()) | Verdict::Open => self.tell(request, granted, Basis::Policy),
        }
    }

    fn tell(&self, request: &PermissionRequest, granted: bool, basis: Basis) {
        self.audited(|| Audit::new(request.clone(), granted, basis));
    }

    /// Tells the auditor that the policy denies a request, and by which rule, if it is by one.
    fn tell_denied(&self, request: &PermissionRequest, rule: Option<String>) {
        self.audited(|| Audit { rule, ..Audit::new(request.clone(), false, Basis::Policy) });
    }

    fn audited(&self, audit: impl FnOnce() -> Audit) {
        if let Some(auditor) = &*self.inner.auditor.read().unwrap_or_else(PoisonError::into_inner) {
            auditor(audit());
        }
    }
}

/// A question that is open. What is taken back is told as denied.
struct Unanswered<'a>(&'a Permissions, &'a PermissionRequest);

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        self.0.tell(self.1, false, Basis::Person);
    }
}

impl Default for Permissions {
    fn default() -> Self {
        Self::new(Policy::none())
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_tuple("Permissions").field(&self.policy()).finish()
    }
}
