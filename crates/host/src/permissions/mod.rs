//! What a kernel may reach outside of itself, asked before every effect.
//!
//! A [`Policy`] says what is granted; [`Permissions`] holds the one in force, which may change at any time, asks a person where nothing is
//! granted and a [`Prompt`] is there, and tells an auditor what was granted and what was denied. **Whoever has an effect requires its
//! permission here first, each time**: nothing remembers an earlier answer, so a grant that is taken back is gone for open files, too.

mod audit;
mod policy;
mod rules;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use drupe_protocol::{HostError, RunId, Value};
use tokio::sync::Mutex;

pub use audit::{Audit, Auditor, Basis, Pace};
pub use policy::{BadRule, Grant, Policy};
pub use rules::{EnvRule, NetRule, PathRule, ProgramRule};

use crate::Pending;

/// The six kinds of permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Read files and folders.
    Read,
    /// Create, change and delete files and folders.
    Write,
    /// Talk to other machines, and to servers on this one.
    Net,
    /// See and change environment variables.
    Env,
    /// Run programs.
    Run,
    /// Load modules from the network.
    Import,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Read, Self::Write, Self::Net, Self::Env, Self::Run, Self::Import];

    /// Its name, as in `--allow-read`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Net => "net",
            Self::Env => "env",
            Self::Run => "run",
            Self::Import => "import",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A wish for a permission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// What kind.
    pub kind: Kind,
    /// For what: a path, `host:port`, a variable's name, a program. As a rule of the policy would spell it.
    pub resource: String,
    /// The operation that needs it, for people, such as `open`.
    pub api: String,
    /// The run that asks.
    pub run: Option<RunId>,
}

/// What a person said to a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Yes, this time.
    Once,
    /// Yes, and to the same wish for as long as the kernel lives.
    Session,
    /// No.
    Deny,
}

/// Asks a person about wishes that the policy does not grant. Whoever waits for the answer computes nothing, so the CPU budget stands
/// still meanwhile; **the wall budget goes on**, and its end takes the question back.
pub trait Prompt: Send + Sync {
    /// Asks, and waits for the answer. Dropping the future takes the question back. Of one set of permissions **no two questions are
    /// open at once**: the next is asked when this one is answered, if it then still needs to be.
    fn ask(&self, wish: Wish) -> Pending<Decision>;
}

/// Where a granted path may lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Anywhere.
    Everywhere,
    /// Nowhere but in this folder, or to this file. **Who opens the path must not leave it**, whatever links say meanwhile.
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
        Self::made_of(Arc::new(RwLock::new(policy)), None, Arc::default())
    }

    /// Grants what `policy` grants, and asks about the rest.
    #[must_use]
    pub fn asking(policy: Policy, prompt: Arc<dyn Prompt>) -> Self {
        Self::made_of(Arc::new(RwLock::new(policy)), Some(prompt), Arc::default())
    }

    /// The same permissions, now and later, for one kernel more: it has an auditor of its own.
    #[must_use]
    pub fn for_kernel(&self) -> Self {
        Self::made_of(self.inner.policy.clone(), self.inner.prompt.clone(), self.inner.asking.clone())
    }

    fn made_of(policy: Arc<RwLock<Policy>>, prompt: Option<Arc<dyn Prompt>>, asking: Arc<Mutex<()>>) -> Self {
        Self { inner: Arc::new(Inner { policy, prompt, asking, auditor: RwLock::new(None), pace: RwLock::new(None) }) }
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
    /// [`Reach`] for what the caller owes.
    ///
    /// # Errors
    /// The error that JavaScript sees when the permission is not granted.
    pub async fn require_path(&self, kind: Kind, path: &Path, api: &str, run: Option<RunId>) -> Result<Reach, HostError> {
        let wish = Wish { kind, resource: path.display().to_string(), api: api.to_owned(), run };
        let reach = |policy: &Policy| match if kind == Kind::Write { &policy.write } else { &policy.read } {
            Grant::All => Some(Reach::Everywhere),
            Grant::Only(rules) => rules.iter().find(|rule| rule.covers(path)).map(|rule| Reach::Within(rule.0.clone())),
            Grant::None => None,
        };
        // Who grants a path to a prompt grants that path, not the folder it is in.
        self.decide(wish, reach, Reach::Within(path.to_owned())).await
    }

    /// Requires to talk to `host`, a name or an address, at `port`.
    ///
    /// # Errors
    /// The error that JavaScript sees when the permission is not granted.
    pub async fn require_net(&self, kind: Kind, host: &str, port: u16, api: &str, run: Option<RunId>) -> Result<(), HostError> {
        let resource = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
        let wish = Wish { kind, resource, api: api.to_owned(), run };
        let granted = |policy: &Policy| {
            let grant = if kind == Kind::Import { &policy.import } else { &policy.net };
            grant.allows(|rule| rule.covers(host, port)).then_some(())
        };
        self.decide(wish, granted, ()).await
    }

    /// Requires to see or change the environment variable `name`.
    ///
    /// # Errors
    /// The error that JavaScript sees when the permission is not granted.
    pub async fn require_env(&self, name: &str, run: Option<RunId>) -> Result<(), HostError> {
        let wish = Wish { kind: Kind::Env, resource: name.to_owned(), api: "process.env".to_owned(), run };
        let granted = |policy: &Policy| policy.env.allows(|rule| rule.covers(name)).then_some(());
        self.decide(wish, granted, ()).await
    }

    /// Requires to run `program`, as it was named, which is the file `resolved`.
    ///
    /// # Errors
    /// The error that JavaScript sees when the permission is not granted.
    pub async fn require_run(&self, program: &str, resolved: &Path, api: &str, run: Option<RunId>) -> Result<(), HostError> {
        let wish = Wish { kind: Kind::Run, resource: program.to_owned(), api: api.to_owned(), run };
        let granted = |policy: &Policy| policy.run.allows(|rule| rule.covers(program, resolved)).then_some(());
        self.decide(wish, granted, ()).await
    }

    /// Whether the policy grants to read or write `path`, which is as for [`require_path`](Self::require_path): a look ahead that asks
    /// and tells nobody. **An effect needs more**: that `require_path` is required, or that [`tell_use`](Self::tell_use) is told.
    pub(crate) fn covers(&self, kind: Kind, path: &Path) -> bool {
        self.with(|policy| policy.paths(kind).allows(|rule| rule.covers(path)))
    }

    /// Whether `path` is above something that the policy grants.
    pub(crate) fn leads_to(&self, kind: Kind, path: &Path) -> bool {
        self.with(|policy| policy.paths(kind).allows(|rule| rule.0.starts_with(path)))
    }

    /// Whether there is somebody to ask.
    pub(crate) fn asks(&self) -> bool {
        self.inner.prompt.is_some()
    }

    /// Tells the auditor of a use of what the policy grants.
    pub(crate) fn tell_use(&self, wish: &Wish) {
        self.tell(wish, true, Basis::Policy);
    }

    fn with<T>(&self, look: impl FnOnce(&Policy) -> T) -> T {
        look(&self.inner.policy.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn decide<T>(&self, wish: Wish, look: impl Fn(&Policy) -> Option<T>, by_person: T) -> Result<T, HostError> {
        self.pace().await;
        if let Some(granted) = self.with(&look) {
            self.tell(&wish, true, Basis::Policy);
            return Ok(granted);
        }
        let Some(prompt) = &self.inner.prompt else {
            self.tell(&wish, false, Basis::Policy);
            return Err(denied(&wish));
        };
        let _turn = self.inner.asking.lock().await;
        // Who was asked in the meantime may have granted this, too.
        if let Some(granted) = self.with(&look) {
            self.tell(&wish, true, Basis::Policy);
            return Ok(granted);
        }
        let unanswered = Unanswered(self, &wish);
        let decision = prompt.ask(wish.clone()).await;
        std::mem::forget(unanswered);
        self.tell(&wish, decision != Decision::Deny, Basis::Person);
        if decision == Decision::Session {
            self.change(|policy| policy.grant(wish.kind, &wish.resource));
        }
        if decision == Decision::Deny { Err(denied(&wish)) } else { Ok(by_person) }
    }

    /// Tells the auditor what the policy says to a wish about which nobody is asked.
    pub(crate) fn note(&self, wish: &Wish, granted: bool) {
        self.tell(wish, granted, Basis::Policy);
    }

    fn tell(&self, wish: &Wish, granted: bool, basis: Basis) {
        if let Some(auditor) = &*self.inner.auditor.read().unwrap_or_else(PoisonError::into_inner) {
            auditor(Audit { wish: wish.clone(), granted, basis });
        }
    }
}

/// A question that is open. What is taken back is told as denied.
struct Unanswered<'a>(&'a Permissions, &'a Wish);

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

/// The error for a wish that was not granted: it names the permission, the resource, and the flag that would grant it.
#[must_use]
pub fn denied(wish: &Wish) -> HostError {
    let Wish { kind, resource, api, .. } = wish;
    let flag = format!("--allow-{kind}={resource}");
    let message = format!("EACCES: permission denied, {api} '{resource}': needs {kind} access, which {flag} would grant");
    HostError::new("PermissionDenied", message)
        .with_code("EACCES")
        .with("permission", Value::from(kind.name()))
        .with("resource", Value::from(resource.as_str()))
        .with("flag", Value::from(flag))
}
