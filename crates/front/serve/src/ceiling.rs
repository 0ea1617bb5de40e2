//! The most that clients can get: the server's own limits and permissions, from flags or from a policy file.

use std::{path::Path, time::Duration};

use drupe_client::{Limits, Policy, Sandbox, host::permissions::Kind};
use serde::Deserialize;

use crate::message::{
    client::{Grant, Grants, Sandbox as AskedSandbox},
    server::Failure,
};

/// The most that a journal holds, in bytes.
pub(crate) const MAX_JOURNAL: usize = 64 << 20;

/// The least, in bytes.
pub(crate) const MIN_JOURNAL: usize = 4096;

/// The least size of a heap, in bytes.
pub const MIN_HEAP: u64 = 8 << 20;

/// The least limit of time. One that is shorter would be told as this.
const MIN_TIME: Duration = Duration::from_millis(1);

/// The longest time without clients.
const MAX_LINGER: Duration = Duration::from_hours(24);

/// The most that clients can get. A client that asks for more is told so.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Ceiling {
    /// Permissions of JavaScript: by default none.
    pub policy: Policy,
    /// Permissions that only a person can give, by an answer to a question: by default none.
    pub ask: Policy,
    /// The least confinement of kernels.
    pub sandbox: Sandbox,
    /// Limits of each run. A client that asks for none gets these.
    pub limits: Limits,
    /// The size of a heap, in bytes. A client that asks for none gets this.
    pub memory_limit: Option<u64>,
    /// How many kernels there may be: by default 64.
    pub kernels: usize,
    /// How many clients there may be: by default 256.
    pub clients: usize,
}

impl Default for Ceiling {
    fn default() -> Self {
        Self {
            policy: Policy::none(),
            ask: Policy::none(),
            sandbox: Sandbox::default(),
            limits: Limits::default(),
            memory_limit: None,
            kernels: 64,
            clients: 256,
        }
    }
}

/// A policy file: the fields of `open`, what a person may be asked for, and how many kernels and clients there may be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyFile {
    permissions: Option<Grants>,
    ask: Option<Grants>,
    deny: Option<Grants>,
    sandbox: Option<AskedSandbox>,
    vm_timeout_ms: Option<f64>,
    wall_timeout_ms: Option<f64>,
    kill_on_timeout: Option<bool>,
    memory_limit: Option<u64>,
    console_limit: Option<u64>,
    max_kernels: Option<usize>,
    max_clients: Option<usize>,
}

impl Ceiling {
    /// The ceiling that the text of a policy file says: TOML with the fields of `open`. What it does not say is as in
    /// [`default`](Self::default).
    ///
    /// # Errors
    /// In words, when the text is no policy file.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        let file = toml_edit::de::from_str::<PolicyFile>(text).map_err(|error| error.to_string())?;
        let words = |failure: Failure| match failure.field {
            Some(field) => format!("{field}: {}", failure.message),
            None => failure.message,
        };
        // All that it grants is within everything.
        let (everything, weakest) = (Policy::all(), Sandbox::OffUnsafe);
        let boundless = Self { policy: everything, sandbox: weakest, ..Self::default() };
        let limits = boundless.limits(&AskedLimits {
            vm_timeout_ms: file.vm_timeout_ms,
            wall_timeout_ms: file.wall_timeout_ms,
            kill_on_timeout: file.kill_on_timeout,
            memory_limit: None,
            console_limit: file.console_limit,
        });
        // In the words of `open`, it is a request for permissions.
        let of_ask = |mut failure: Failure| {
            failure.field = failure.field.map(|field| field.replacen("permissions", "ask", 1));
            words(failure)
        };
        let usual = Self::default();
        Ok(Self {
            policy: boundless.policy(file.permissions.as_ref(), file.deny.as_ref(), None).map_err(words)?,
            ask: boundless.policy(file.ask.as_ref(), file.deny.as_ref(), None).map_err(of_ask)?,
            sandbox: if file.sandbox.is_some() { boundless.sandbox(file.sandbox).map_err(words)? } else { usual.sandbox },
            limits: limits.map_err(words)?,
            memory_limit: boundless.heap(file.memory_limit).map_err(words)?,
            kernels: at_least_one("max_kernels", file.max_kernels)?.unwrap_or(usual.kernels),
            clients: at_least_one("max_clients", file.max_clients)?.unwrap_or(usual.clients),
        })
    }

    /// The policy that a client asks for.
    pub(crate) fn policy(
        &self,
        granted: Option<&Grants>,
        denied: Option<&Grants>,
        folder: Option<&Path>,
    ) -> Result<Policy, Failure> {
        let mut policy = Policy::none();
        // A relative path starts where the client's own do.
        let placed = |kind: Kind, rule: &str| match folder {
            Some(folder) if matches!(kind, Kind::Read | Kind::Write) && !rule.is_empty() => {
                folder.join(rule).to_string_lossy().into_owned()
            }
            _ => rule.to_owned(),
        };
        for (kind, grant) in granted.map(Grants::all).into_iter().flatten() {
            match grant {
                Grant::All(true) => policy.allow_all(kind),
                Grant::All(false) => {}
                Grant::Only(rules) => rules
                    .iter()
                    .try_for_each(|rule| policy.allow(kind, &placed(kind, rule)))
                    .map_err(|bad| Failure::of_field("bad_message", format!("permissions.{kind}"), bad.to_string()))?,
            }
        }
        for (kind, grant) in denied.map(Grants::all).into_iter().flatten() {
            match grant {
                Grant::All(true) => policy.deny_all(kind),
                Grant::All(false) => {}
                Grant::Only(rules) => rules
                    .iter()
                    .try_for_each(|rule| policy.deny(kind, &placed(kind, rule)))
                    .map_err(|bad| Failure::of_field("bad_message", format!("deny.{kind}"), bad.to_string()))?,
            }
        }
        policy
            .within(&self.policy)
            .map_err(|beyond| Failure::of_field("forbidden", format!("permissions.{}", beyond.kind), beyond.to_string()))
    }

    /// The confinement that a client asks for.
    pub(crate) fn sandbox(&self, asked: Option<AskedSandbox>) -> Result<Sandbox, Failure> {
        let Some(asked) = asked else { return Ok(self.sandbox) };
        let asked = match asked {
            AskedSandbox::Hardened => Sandbox::Hardened,
            AskedSandbox::Strict => Sandbox::Strict,
            AskedSandbox::BestEffort => Sandbox::BestEffort,
            AskedSandbox::Off => Sandbox::OffUnsafe,
        };
        if strength(asked) < strength(self.sandbox) {
            return Err(Failure::of_field("forbidden", "sandbox", "this server confines its kernels more than that"));
        }
        Ok(asked)
    }

    /// The limits that a client asks for, in the fields of a message; nothing where it asks for none.
    pub(crate) fn limits(&self, asked: &AskedLimits) -> Result<Limits, Failure> {
        let most = self.limits;
        let mut limits = Limits::default();
        limits.vm_timeout = within("vm_timeout_ms", duration("vm_timeout_ms", asked.vm_timeout_ms)?, most.vm_timeout)?;
        limits.wall_timeout = within("wall_timeout_ms", duration("wall_timeout_ms", asked.wall_timeout_ms)?, most.wall_timeout)?;
        if asked.kill_on_timeout == Some(false) && most.kill_on_timeout == Some(true) {
            return Err(Failure::of_field("forbidden", "kill_on_timeout", "this server always kills on a timeout"));
        }
        limits.kill_on_timeout = asked.kill_on_timeout;
        limits.console = within("console_limit", asked.console_limit, most.console)?;
        limits.memory = self.heap(asked.memory_limit)?;
        Ok(limits)
    }

    /// The size of a heap that a client asks for.
    pub(crate) fn memory(&self, asked: Option<u64>) -> Result<Option<u64>, Failure> {
        Ok(self.heap(asked)?.or(self.memory_limit))
    }

    /// A size of a heap. **An engine reads none, and too little, as no limit at all.**
    fn heap(&self, asked: Option<u64>) -> Result<Option<u64>, Failure> {
        if asked.is_some_and(|bytes| bytes < MIN_HEAP) {
            return Err(Failure::of_field("limit", "memory_limit", format!("a heap has at least {MIN_HEAP} bytes")));
        }
        within("memory_limit", asked, self.memory_limit)
    }
}

/// Limits of runs, as messages have them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AskedLimits {
    pub(crate) vm_timeout_ms: Option<f64>,
    pub(crate) wall_timeout_ms: Option<f64>,
    pub(crate) kill_on_timeout: Option<bool>,
    pub(crate) memory_limit: Option<u64>,
    pub(crate) console_limit: Option<u64>,
}

/// The size of the journal that a client asks for.
pub(crate) fn journal(asked: Option<u64>, linger: Duration) -> Result<usize, Failure> {
    let size = asked.unwrap_or(if linger.is_zero() { 1 << 20 } else { 8 << 20 });
    match usize::try_from(size) {
        Ok(bytes) if (MIN_JOURNAL..=MAX_JOURNAL).contains(&bytes) => Ok(bytes),
        _ => {
            let message = format!("a journal has from {MIN_JOURNAL} to {MAX_JOURNAL} bytes");
            Err(Failure::of_field("limit", "journal_limit", message))
        }
    }
}

/// The time without clients that a client asks for.
pub(crate) fn linger(asked: Option<u64>) -> Result<Duration, Failure> {
    let linger = Duration::from_millis(asked.unwrap_or(0));
    if linger > MAX_LINGER {
        let most = MAX_LINGER.as_millis();
        return Err(Failure::of_field("limit", "linger_ms", format!("a kernel lives at most {most} ms without clients")));
    }
    Ok(linger)
}

fn within<T: PartialOrd + std::fmt::Debug>(field: &str, asked: Option<T>, most: Option<T>) -> Result<Option<T>, Failure> {
    match (asked, most) {
        (Some(asked), Some(most)) if asked > most => {
            Err(Failure::of_field("forbidden", field, format!("this server allows at most {most:?}")))
        }
        (asked, _) => Ok(asked),
    }
}

fn duration(field: &str, ms: Option<f64>) -> Result<Option<Duration>, Failure> {
    let Some(ms) = ms else { return Ok(None) };
    let read = Duration::try_from_secs_f64(ms / 1e3);
    let read = read.map_err(|error| Failure::of_field("bad_message", field, format!("no time in ms: {error}")))?;
    if read < MIN_TIME {
        return Err(Failure::of_field("bad_message", field, "a limit of time is at least 1 ms"));
    }
    Ok(Some(read))
}

fn at_least_one(field: &str, asked: Option<usize>) -> Result<Option<usize>, String> {
    if asked == Some(0) { Err(format!("{field}: there must be at least 1")) } else { Ok(asked) }
}

fn strength(sandbox: Sandbox) -> u8 {
    match sandbox {
        Sandbox::OffUnsafe => 0,
        Sandbox::BestEffort => 1,
        Sandbox::Strict => 2,
        Sandbox::Hardened => 3,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_policy_file_says_what_the_flags_say() {
        let ceiling = Ceiling::from_toml(
            "vm_timeout_ms = 1500\nmemory_limit = 268435456\nsandbox = 'hardened'\nmax_kernels = 8\n\
             [permissions]\nread = ['/no/such/data']\nnet = true\n[ask]\nwrite = ['/no/such/data']\n[deny]\nnet = ['10.0.0.1']\n",
        );
        let ceiling = ceiling.unwrap();
        assert_eq!(ceiling.limits.vm_timeout, Some(Duration::from_millis(1500)));
        assert_eq!((ceiling.memory_limit, ceiling.sandbox, ceiling.kernels), (Some(256 << 20), Sandbox::Hardened, 8));
        assert_eq!(ceiling.policy.describe(Kind::Read), "/no/such/data");
        assert_eq!(ceiling.policy.describe(Kind::Net), "everything, but never 10.0.0.1");
        assert_eq!(ceiling.ask.describe(Kind::Write), "/no/such/data");
        assert_eq!(ceiling.ask.describe(Kind::Read), "nothing");
        assert_eq!(ceiling.clients, Ceiling::default().clients);
        for (bad, why) in [
            ("vm_timeout = 1", "unknown field `vm_timeout`"),
            ("[permissions]\nnet = ['http://x']", "permissions.net: \"http://x\" is no rule for net access"),
            ("[ask]\nnet = ['http://x']", "ask.net: \"http://x\" is no rule for net access"),
            ("vm_timeout_ms = -1", "vm_timeout_ms: no time in ms"),
            ("wall_timeout_ms = 0", "wall_timeout_ms: a limit of time is at least 1 ms"),
            ("sandbox = 'loose'", "unknown variant `loose`"),
            ("memory_limit = 1", "memory_limit: a heap has at least 8388608 bytes"),
            ("memory_limit = 8388607", "memory_limit: a heap has at least 8388608 bytes"),
            ("max_kernels = 0", "max_kernels: there must be at least 1"),
            ("max_clients = 0", "max_clients: there must be at least 1"),
            ("x", "TOML parse error at line 1"),
        ] {
            let error = Ceiling::from_toml(bad).unwrap_err();
            assert!(error.contains(why), "{bad}: {error}");
        }
    }
}
