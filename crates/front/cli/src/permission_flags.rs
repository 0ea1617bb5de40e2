//! The flags of permissions.

use clap::Args;
use drupe_client::{
    Policy,
    host::permissions::{BadRule, Kind},
};

/// What a kernel may ask of this process. A list names what is allowed or denied, none means everything of its kind.
/// What is denied is not allowed, whatever else is said.
#[derive(Debug, Args)]
pub(crate) struct Permissions {
    /// Files and folders that may be read
    #[arg(long, global = true, value_name = "PATH", num_args = 0.., require_equals = true, value_delimiter = ',')]
    pub(crate) allow_read: Option<Vec<String>>,
    /// Files and folders that may be written
    #[arg(long, global = true, value_name = "PATH", num_args = 0.., require_equals = true, value_delimiter = ',')]
    pub(crate) allow_write: Option<Vec<String>>,
    /// Hosts that may be talked to
    #[arg(long, global = true, value_name = "HOST", num_args = 0.., require_equals = true, value_delimiter = ',')]
    pub(crate) allow_net: Option<Vec<String>>,
    /// Environment variables that may be read
    #[arg(long, global = true, value_name = "NAME", num_args = 0.., require_equals = true, value_delimiter = ',')]
    pub(crate) allow_env: Option<Vec<String>>,
    /// Programs that may be run: names, files, or either with first arguments ('git status')
    #[arg(long, global = true, value_name = "PROGRAM", num_args = 0.., require_equals = true, value_delimiter = ',')]
    pub(crate) allow_run: Option<Vec<String>>,
    /// Hosts that modules may be imported from
    #[arg(long, global = true, value_name = "HOST", num_args = 0.., require_equals = true, value_delimiter = ',')]
    pub(crate) allow_import: Option<Vec<String>>,
    /// Files and folders that may not be read, whatever is allowed
    #[arg(long, global = true, value_name = "PATH", num_args = 0.., require_equals = true, value_delimiter = ',')]
    pub(crate) deny_read: Option<Vec<String>>,
    /// Files and folders that may not be written
    #[arg(long, global = true, value_name = "PATH", num_args = 0.., require_equals = true, value_delimiter = ',')]
    pub(crate) deny_write: Option<Vec<String>>,
    /// Hosts that may not be talked to
    #[arg(long, global = true, value_name = "HOST", num_args = 0.., require_equals = true, value_delimiter = ',')]
    pub(crate) deny_net: Option<Vec<String>>,
    /// Environment variables that may not be read
    #[arg(long, global = true, value_name = "NAME", num_args = 0.., require_equals = true, value_delimiter = ',')]
    pub(crate) deny_env: Option<Vec<String>>,
    /// Programs that may not be run
    #[arg(long, global = true, value_name = "PROGRAM", num_args = 0.., require_equals = true, value_delimiter = ',')]
    pub(crate) deny_run: Option<Vec<String>>,
    /// Hosts that modules may not be imported from
    #[arg(long, global = true, value_name = "HOST", num_args = 0.., require_equals = true, value_delimiter = ',')]
    pub(crate) deny_import: Option<Vec<String>>,
    /// Allow everything that no flag denies
    #[arg(short = 'A', long, global = true, conflicts_with = "deny")]
    pub(crate) allow_all: bool,
    /// Allow nothing that was not allowed by a flag
    #[arg(long, global = true)]
    pub(crate) deny: bool,
    /// Deny what is not allowed, rather than ask at the prompt
    #[arg(long, global = true)]
    pub(crate) no_prompt: bool,
}

impl Permissions {
    /// What is allowed: exactly what the flags list, or everything if there are none that allow; and never what a flag
    /// denies.
    pub(crate) fn policy(&self) -> Result<Policy, BadRule> {
        self.policy_or(!self.deny)
    }

    /// Whether one of them was given.
    pub(crate) fn any(&self) -> bool {
        let allowed =
            [&self.allow_read, &self.allow_write, &self.allow_net, &self.allow_env, &self.allow_run, &self.allow_import];
        let denied = [&self.deny_read, &self.deny_write, &self.deny_net, &self.deny_env, &self.deny_run, &self.deny_import];
        self.allow_all || self.deny || allowed.into_iter().chain(denied).any(Option::is_some)
    }

    /// What is allowed: exactly what the flags list; and never what a flag denies.
    pub(crate) fn listed(&self) -> Result<Policy, BadRule> {
        self.policy_or(false)
    }

    /// `everything`: whether all is allowed where no flag allows anything.
    fn policy_or(&self, everything: bool) -> Result<Policy, BadRule> {
        let lists = [
            (Kind::Read, &self.allow_read),
            (Kind::Write, &self.allow_write),
            (Kind::Net, &self.allow_net),
            (Kind::Env, &self.allow_env),
            (Kind::Run, &self.allow_run),
            (Kind::Import, &self.allow_import),
        ];
        let everything = self.allow_all || everything && lists.iter().all(|(_, list)| list.is_none());
        let mut policy = if everything { Policy::all() } else { Policy::none() };
        for (kind, list) in lists {
            match list.as_deref() {
                None => {}
                Some([]) => policy.allow_all(kind),
                Some(rules) => rules.iter().try_for_each(|rule| policy.allow(kind, rule))?,
            }
        }
        let denied = [
            (Kind::Read, &self.deny_read),
            (Kind::Write, &self.deny_write),
            (Kind::Net, &self.deny_net),
            (Kind::Env, &self.deny_env),
            (Kind::Run, &self.deny_run),
            (Kind::Import, &self.deny_import),
        ];
        for (kind, list) in denied {
            match list.as_deref() {
                None => {}
                Some([]) => policy.deny_all(kind),
                Some(rules) => rules.iter().try_for_each(|rule| policy.deny(kind, rule))?,
            }
        }
        Ok(policy)
    }
}
