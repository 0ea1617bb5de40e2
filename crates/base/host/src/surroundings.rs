//! The facts about its start that a session's program sees.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

#[cfg(target_os = "linux")]
use crate::modules::ModuleWatch;
use crate::{Policy, env};

/// What a session's program is told of the command that started it, and what is set for it besides. By default nothing.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Surroundings {
    /// The program that runs it, as an absolute path: `process.execPath`. Told to those who may read it.
    pub executable: Option<PathBuf>,
    /// The flags of that program: `process.execArgv`.
    pub flags: Vec<String>,
    /// What follows the program in `process.argv`: the name of a script, if it has one, and the arguments.
    pub words: Vec<String>,
    /// Whether the first of the words names a script.
    pub has_script: bool,
    /// Whether this process is there for the program alone: then `process.ppid` is who started this process.
    pub is_command: bool,
    /// Environment variables that the parent does not have itself; those that it has win. They need no grant, but may
    /// be denied.
    pub variables: Vec<(String, String)>,
    /// The folder that relative paths of a session start from, until the session changes it: absolute. `None`: the
    /// parent's own.
    pub folder: Option<PathBuf>,
    /// Whether errors of JavaScript lead to the texts that it was compiled of, where its source maps may be read.
    pub source_maps: bool,
    /// The name and text of a module that is as good as a file in the folder that chunks import from.
    pub given: Option<(String, String)>,
    /// Is told of each file that is loaded as a module.
    #[cfg(target_os = "linux")]
    pub watch: Option<ModuleWatch>,
}

impl Surroundings {
    /// The variable `name`: the parent's own, or the one that was set besides, unless the policy denies that.
    #[must_use]
    pub fn variable(&self, name: &str, policy: &Policy) -> Option<String> {
        let besides = || env::added(&self.variables, policy).find(|(known, _)| known == name).map(|(_, value)| value.clone());
        std::env::var_os(name).map_or_else(besides, |value| Some(value.to_string_lossy().into_owned()))
    }
}

/// The process of a session's kernel, where it has one of its own; 0 where it has none.
#[derive(Debug, Default)]
pub struct KernelProcess(AtomicU32);

impl KernelProcess {
    /// Says which it is.
    pub fn set(&self, pid: Option<u32>) {
        self.0.store(pid.unwrap_or(0), Ordering::Relaxed);
    }

    /// Which it is.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        Some(self.0.load(Ordering::Relaxed)).filter(|pid| *pid != 0)
    }
}
