//! What is granted: for each kind nothing, everything, or a list.

use super::{EnvRule, Kind, NetRule, PathRule, ProgramRule};

/// What is granted of one kind.
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
}

/// A rule cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rule:?} is no rule for {kind} access: {why}")]
pub struct BadRule {
    /// The kind that it was for.
    pub kind: Kind,
    /// The rule.
    pub rule: String,
    /// What is wrong with it, and what would be right.
    pub why: String,
}

/// What is granted, of all kinds. By default nothing is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
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

impl Policy {
    /// Grants nothing.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Grants everything.
    #[must_use]
    pub fn all() -> Self {
        Self { read: Grant::All, write: Grant::All, net: Grant::All, env: Grant::All, run: Grant::All, import: Grant::All }
    }

    /// Grants everything of one kind.
    pub fn allow_all(&mut self, kind: Kind) {
        match kind {
            Kind::Read => self.read = Grant::All,
            Kind::Write => self.write = Grant::All,
            Kind::Net => self.net = Grant::All,
            Kind::Env => self.env = Grant::All,
            Kind::Run => self.run = Grant::All,
            Kind::Import => self.import = Grant::All,
        }
    }

    /// Grants nothing more of one kind.
    pub fn deny_all(&mut self, kind: Kind) {
        match kind {
            Kind::Read => self.read = Grant::None,
            Kind::Write => self.write = Grant::None,
            Kind::Net => self.net = Grant::None,
            Kind::Env => self.env = Grant::None,
            Kind::Run => self.run = Grant::None,
            Kind::Import => self.import = Grant::None,
        }
    }

    /// Adds a rule, spelled as on the command line: `--allow-read=/data`, `--allow-net=example.com:443`.
    ///
    /// # Errors
    /// When `rule` is none of that kind.
    pub fn allow(&mut self, kind: Kind, rule: &str) -> Result<(), BadRule> {
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

    /// Grants exactly the resource of a wish. One that no rule can spell is not granted.
    pub(super) fn grant(&mut self, kind: Kind, resource: &str) {
        // A person who said "for the session" is asked again rather than given more than was asked for.
        drop(self.allow(kind, resource));
    }

    /// What is granted of a kind that is about paths.
    pub(super) fn paths(&self, kind: Kind) -> &Grant<PathRule> {
        if kind == Kind::Write { &self.write } else { &self.read }
    }

    /// In words: what is granted of `kind`.
    #[must_use]
    pub fn describe(&self, kind: Kind) -> String {
        fn words<R: ToString>(grant: &Grant<R>) -> String {
            match grant {
                Grant::None => "nothing".to_owned(),
                Grant::All => "everything".to_owned(),
                Grant::Only(rules) => rules.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
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
