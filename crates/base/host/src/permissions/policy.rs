//! The policy: for each kind, grants and denials of nothing, everything, or a list.

use std::path::Path;

use super::{BadRule, EnvRule, Exposure, Extent, Kind, NetRule, PathRule, PermissionRequest, Program, ProgramRule, Reach};

/// What is granted, or denied, of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Grant<R> {
    /// Nothing.
    #[default]
    None,
    /// Everything.
    All,
    /// What one of these covers.
    Only(Vec<R>),
}

impl<R> Grant<R> {
    /// Whether it covers what `covers` looks for.
    pub fn allows(&self, covers: impl Fn(&R) -> bool) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Only(rules) => rules.iter().any(covers),
        }
    }

    /// Adds a rule.
    pub fn add(&mut self, rule: R) {
        match self {
            Self::None => *self = Self::Only(vec![rule]),
            Self::All => {}
            Self::Only(rules) => rules.push(rule),
        }
    }

    /// The rules, where it is a list of them.
    #[must_use]
    pub fn rules(&self) -> &[R] {
        match self {
            Self::Only(rules) => rules,
            Self::None | Self::All => &[],
        }
    }
}

/// Rules of all kinds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rules {
    /// Files and folders to read.
    pub read: Grant<PathRule>,
    /// Files and folders to change.
    pub write: Grant<PathRule>,
    /// Machines to talk to.
    pub net: Grant<NetRule>,
    /// Environment variables to see.
    pub env: Grant<EnvRule>,
    /// Programs to run.
    pub run: Grant<ProgramRule>,
    /// Machines to load modules from.
    pub import: Grant<NetRule>,
}

impl Rules {
    fn set_all(&mut self, kind: Kind) {
        match kind {
            Kind::Read => self.read = Grant::All,
            Kind::Write => self.write = Grant::All,
            Kind::Net => self.net = Grant::All,
            Kind::Env => self.env = Grant::All,
            Kind::Run => self.run = Grant::All,
            Kind::Import => self.import = Grant::All,
        }
    }

    fn clear(&mut self, kind: Kind) {
        match kind {
            Kind::Read => self.read = Grant::None,
            Kind::Write => self.write = Grant::None,
            Kind::Net => self.net = Grant::None,
            Kind::Env => self.env = Grant::None,
            Kind::Run => self.run = Grant::None,
            Kind::Import => self.import = Grant::None,
        }
    }

    fn add(&mut self, kind: Kind, rule: &str) -> Result<(), BadRule> {
        match kind {
            Kind::Read => self.read.add(PathRule::parse(rule, kind)?),
            Kind::Write => self.write.add(PathRule::parse(rule, kind)?),
            Kind::Net => self.net.add(NetRule::parse(rule, kind)?),
            Kind::Env => self.env.add(EnvRule::parse(rule)?),
            Kind::Run => self.run.add(ProgramRule::parse(rule)?),
            Kind::Import => self.import.add(NetRule::parse(rule, kind)?),
        }
        Ok(())
    }

    fn add_path(&mut self, kind: Kind, rule: PathRule) {
        if kind == Kind::Write { self.write.add(rule) } else { self.read.add(rule) }
    }

    /// The rules of a kind that is about paths.
    #[must_use]
    pub fn paths(&self, kind: Kind) -> &Grant<PathRule> {
        if kind == Kind::Write { &self.write } else { &self.read }
    }

    /// The rules of a kind that is about hosts.
    #[must_use]
    pub fn hosts(&self, kind: Kind) -> &Grant<NetRule> {
        if kind == Kind::Import { &self.import } else { &self.net }
    }

    /// In words; `None` where there are no rules.
    fn words(&self, kind: Kind) -> Option<String> {
        fn words<R: ToString>(grant: &Grant<R>) -> Option<String> {
            match grant {
                Grant::None => None,
                Grant::All => Some("everything".to_owned()),
                Grant::Only(rules) => Some(rules.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
            }
        }
        match kind {
            Kind::Read => words(&self.read),
            Kind::Write => words(&self.write),
            Kind::Net => words(&self.net),
            Kind::Env => words(&self.env),
            Kind::Run => words(&self.run),
            Kind::Import => words(&self.import),
        }
    }
}

/// What the policy says to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict<T> {
    /// A rule grants it, and none denies it.
    Granted(T),
    /// No rule says anything. A person may be asked.
    Open,
    /// A rule denies it: its kind and what it covers. **Nobody is asked.**
    Denied(String),
}

/// The first rule that denies something: its kind and what it covers.
fn denying<R: ToString>(kind: Kind, denied: &Grant<R>, denies: impl Fn(&R) -> bool) -> Option<String> {
    let rule = match denied {
        Grant::None => return None,
        Grant::All => "everything".to_owned(),
        Grant::Only(rules) => rules.iter().find(|rule| denies(rule))?.to_string(),
    };
    Some(format!("{kind} {rule}"))
}

/// What is granted, of all kinds, and what is denied. By default nothing is granted. **What a rule denies is not
/// granted, whatever other rules say.**
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// What is granted.
    pub granted: Rules,
    /// What is denied all the same.
    pub denied: Rules,
}

impl Policy {
    /// Grants nothing.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Grants everything.
    #[must_use]
    pub fn all() -> Self {
        let mut policy = Self::none();
        Kind::ALL.into_iter().for_each(|kind| policy.allow_all(kind));
        policy
    }

    /// Grants everything of one kind, but for what is denied.
    pub fn allow_all(&mut self, kind: Kind) {
        self.granted.set_all(kind);
    }

    /// Takes back all that was granted of one kind. A [`Prompt`](super::Prompt) is asked again.
    pub fn revoke(&mut self, kind: Kind) {
        self.granted.clear(kind);
    }

    /// Denies everything of one kind, whatever is granted. Nobody is asked.
    pub fn deny_all(&mut self, kind: Kind) {
        self.denied.set_all(kind);
    }

    /// Adds a rule, spelled as on the command line: `--allow-read=/data`, `--allow-net=example.com:443`.
    ///
    /// # Errors
    /// When `rule` is none of that kind.
    pub fn allow(&mut self, kind: Kind, rule: &str) -> Result<(), BadRule> {
        self.granted.add(kind, rule)
    }

    /// Denies what a rule covers, whatever is granted, spelled as on the command line: `--deny-read=/data/keys`. Nobody
    /// is asked.
    ///
    /// # Errors
    /// When `rule` is none of that kind.
    pub fn deny(&mut self, kind: Kind, rule: &str) -> Result<(), BadRule> {
        self.denied.add(kind, rule)
    }

    /// Whether everything is granted and nothing denied that leads to files, the environment or programs.
    #[must_use]
    pub fn is_unlimited(&self) -> bool {
        let Rules { read, write, env, run, .. } = &self.granted;
        let granted = *read == Grant::All && *write == Grant::All && *env == Grant::All && *run == Grant::All;
        let Rules { read, write, env, run, .. } = &self.denied;
        granted && *read == Grant::None && *write == Grant::None && *env == Grant::None && *run == Grant::None
    }

    /// Whether reading or writing `path` is granted, which is absolute, normalised and free of links.
    #[must_use]
    pub fn covers_path(&self, kind: Kind, path: &Path) -> bool {
        matches!(self.path(kind, path), Verdict::Granted(_))
    }

    /// Whether the environment variable `name` is granted.
    #[must_use]
    pub fn covers_env(&self, name: &str) -> bool {
        matches!(self.env(name), Verdict::Granted(()))
    }

    /// Whether the environment variable `name` is denied, whatever is granted.
    pub(crate) fn denies_env(&self, name: &str) -> bool {
        matches!(self.env(name), Verdict::Denied(_))
    }

    pub(super) fn path(&self, kind: Kind, path: &Path) -> Verdict<Reach> {
        if let Some(rule) = self.denying_path(kind, path) {
            return Verdict::Denied(rule);
        }
        match self.granted.paths(kind) {
            Grant::All => Verdict::Granted(Reach::Everywhere),
            Grant::Only(rules) => match rules.iter().find(|rule| rule.covers(path)) {
                Some(rule) => Verdict::Granted(Reach::Within(rule.path().to_owned())),
                None => Verdict::Open,
            },
            Grant::None => Verdict::Open,
        }
    }

    fn denying_path(&self, kind: Kind, path: &Path) -> Option<String> {
        let own = denying(kind, self.denied.paths(kind), |rule| rule.covers(path));
        if own.is_some() || kind != Kind::Write {
            return own;
        }
        // Whoever moves or removes a folder does so to what it holds: a file that may not be read would get another
        // name.
        self.denying_below(Kind::Read, path).or_else(|| self.denying_below(Kind::Write, path))
    }

    /// Whether something below the folder `path` is denied.
    pub(crate) fn denies_below(&self, kind: Kind, path: &Path) -> bool {
        self.denying_below(kind, path).is_some()
    }

    /// The rule that denies something below the folder `path`.
    pub(super) fn denying_below(&self, kind: Kind, path: &Path) -> Option<String> {
        let below = |rule: &&PathRule| rule.path() != path && rule.path().starts_with(path);
        self.denied.paths(kind).rules().iter().find(below).map(|rule| format!("{kind} {rule}"))
    }

    pub(super) fn host(&self, kind: Kind, host: &str, port: u16) -> Verdict<()> {
        if let Some(rule) = denying(kind, self.denied.hosts(kind), |rule| rule.denies(host, port)) {
            return Verdict::Denied(rule);
        }
        if self.granted.hosts(kind).allows(|rule| rule.covers(host, port)) { Verdict::Granted(()) } else { Verdict::Open }
    }

    pub(super) fn env(&self, name: &str) -> Verdict<()> {
        if let Some(rule) = denying(Kind::Env, &self.denied.env, |rule| rule.covers(name)) {
            return Verdict::Denied(rule);
        }
        if self.granted.env.allows(|rule| rule.covers(name)) { Verdict::Granted(()) } else { Verdict::Open }
    }

    /// **Looks at files**, so it is asked where that holds nobody up.
    pub(super) fn program(&self, program: &Program) -> Verdict<()> {
        if let Some(rule) = denying(Kind::Run, &self.denied.run, |rule| rule.denies(program)) {
            return Verdict::Denied(rule);
        }
        let exposure = Exposure::of(self);
        if self.granted.run.allows(|rule| rule.covers(program) && !exposure.exposes_rule(rule)) {
            Verdict::Granted(())
        } else {
            Verdict::Open
        }
    }

    /// Whether a rule grants all below the folder `path`.
    pub(super) fn covers_below(&self, kind: Kind, path: &Path) -> bool {
        self.granted.paths(kind).allows(|rule| !rule.is_alone() && rule.covers(path))
    }

    /// Grants exactly what a request asks for. One that no rule can spell is not granted.
    pub(super) fn grant(&mut self, request: &PermissionRequest) {
        match (&request.extent, request.kind) {
            (Extent::Command(program), _) => self.granted.run.add(ProgramRule::exactly(program)),
            (Extent::Below, kind @ (Kind::Read | Kind::Write)) => {
                self.granted.add_path(kind, PathRule::below(request.resource.clone().into()))
            }
            (Extent::Alone, kind @ (Kind::Read | Kind::Write)) => {
                self.granted.add_path(kind, PathRule::alone(request.resource.clone().into()))
            }
            // A person who said "for the session" is asked again rather than given more than was asked for.
            (_, kind) => drop(self.allow(kind, &request.resource)),
        }
    }

    /// In words: what is granted of `kind`, and what is denied of that.
    #[must_use]
    pub fn describe(&self, kind: Kind) -> String {
        match (self.granted.words(kind), self.denied.words(kind)) {
            (Some(granted), None) => granted,
            (Some(granted), Some(denied)) if denied != "everything" => format!("{granted}, but never {denied}"),
            (None, Some(denied)) if denied != "everything" => format!("nothing, and never {denied}"),
            (_, Some(_)) => "nothing, and never anything".to_owned(),
            (None, None) => "nothing".to_owned(),
        }
    }
}
