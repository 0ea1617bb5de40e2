//! Kernel configuration: program, limits, and the reaction to its death.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

#[cfg(target_os = "linux")]
use drupe_host::modules::LockFile;
use drupe_host::{Dialogs, Host, Permissions, Signals, Stdio, Surroundings, TypedInput};
use drupe_transpile::Jsx;

use crate::{
    Chunk, Sandbox,
    attach::Attach,
    limits::Limits,
    program::{Program, find_program},
};

/// The reaction to a kernel's death.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Respawn {
    /// The next run gets a new process, and reports that its state is new.
    ///
    /// Runs that were sent to the dead kernel and had certainly not begun come first. They are sent again, once, and
    /// the first of them reports that its state is new ([`Report::new_session`](crate::Report::new_session),
    /// [`Event::Session`](crate::Event::Session)). A run that may have begun is not sent again: it fails, and
    /// [`Error::Died`](crate::Error::Died) says so ([`Begun`](crate::Begun)).
    #[default]
    OnNextRun,
    /// The next run fails with the error of the death, and so do the runs that had not begun.
    Never,
}

#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) program: Option<Program>,
    /// Instead of a program.
    pub(crate) attach: Option<Attach>,
    pub(crate) limits: Limits,
    pub(crate) memory_limit: Option<u64>,
    pub(crate) sandbox: Sandbox,
    pub(crate) grace: Duration,
    pub(crate) launch_timeout: Duration,
    pub(crate) frame_timeout: Duration,
    pub(crate) respawn: Respawn,
    pub(crate) jsx: Jsx,
    pub(crate) preload: Option<Chunk>,
    pub(crate) journal: bool,
    pub(crate) auto_reload: bool,
    pub(crate) builtin_names: bool,
    pub(crate) permissions: Permissions,
    /// Instead of the standard host.
    pub(crate) host: Option<Host>,
    /// For the standard host.
    #[cfg(target_os = "linux")]
    pub(crate) lock_file: Option<LockFile>,
    pub(crate) dialogs: Option<Asks>,
    pub(crate) signals: Option<Signals>,
    pub(crate) stdio: Option<Stdio>,
    pub(crate) typed_input: Option<Types>,
    /// For the standard host.
    pub(crate) surroundings: Surroundings,
}

/// Who answers `alert`, `confirm` and `prompt`.
#[derive(Clone)]
pub(crate) struct Asks(pub(crate) Arc<dyn Dialogs>);

impl fmt::Debug for Asks {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Asks(..)")
    }
}

/// Who types standard input.
#[derive(Clone)]
pub(crate) struct Types(pub(crate) Arc<dyn TypedInput>);

impl fmt::Debug for Types {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Types(..)")
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            program: None,
            attach: None,
            limits: Limits::default(),
            memory_limit: None,
            sandbox: Sandbox::default(),
            grace: Duration::from_millis(250),
            launch_timeout: Duration::from_secs(10),
            frame_timeout: Duration::from_secs(10),
            respawn: Respawn::default(),
            jsx: Jsx::default(),
            preload: None,
            journal: false,
            auto_reload: false,
            builtin_names: false,
            permissions: Permissions::default(),
            host: None,
            #[cfg(target_os = "linux")]
            lock_file: None,
            dialogs: None,
            signals: None,
            stdio: None,
            typed_input: None,
            surroundings: Surroundings::default(),
        }
    }
}

impl Config {
    /// The kernel's program, if it has one and that can be found.
    fn executable(&self) -> Option<PathBuf> {
        if self.attach.is_some() {
            return None;
        }
        let program = self.program.clone().map_or_else(find_program, Ok).and_then(|program| program.resolved()).ok()?;
        std::fs::canonicalize(program.path).ok()
    }

    /// What kernels begin with.
    pub(crate) fn permissions(&self) -> &Permissions {
        self.host.as_ref().map_or(&self.permissions, Host::permissions)
    }

    /// The host of one kernel.
    pub(crate) fn make_host(&self) -> Host {
        let host = self.host.clone().unwrap_or_else(|| {
            let permissions = self.permissions.for_kernel();
            let mut surroundings = self.surroundings.clone();
            if surroundings.executable.is_none() {
                surroundings.executable = self.executable();
            }
            #[cfg(target_os = "linux")]
            if let Some(lock) = &self.lock_file {
                return Host::standard_with_lock_file(&permissions, &surroundings, lock);
            }
            Host::standard_in(&permissions, &surroundings)
        });
        let host = match &self.dialogs {
            Some(Asks(dialogs)) => host.dialogs(dialogs.clone()),
            None => host,
        };
        let host = match &self.signals {
            Some(signals) => host.signals(signals),
            None => host,
        };
        let host = match &self.stdio {
            Some(stdio) => host.stdio(stdio),
            None => host,
        };
        match &self.typed_input {
            Some(Types(input)) => host.typed_input(input.clone()),
            None => host,
        }
    }
}
