//! Flags of programs that are run, and what these are told of them.

use std::path::PathBuf;

use clap::Args;
use drupe_client::Surroundings;

use crate::env_file;

/// What programs are run with.
#[derive(Debug, Default, Args)]
pub(crate) struct ProgramFlags {
    /// Set environment variables for the program that a file lists as NAME=VALUE, unless the environment has them; can be repeated
    #[arg(long, global = true, value_name = "FILE")]
    env_file: Vec<PathBuf>,
    /// Run the file again when it, or a module that it has loaded, changes
    #[cfg(target_os = "linux")]
    #[arg(long, global = true)]
    pub(crate) watch: bool,
    /// With --watch: leave on the screen what was printed before
    #[cfg(target_os = "linux")]
    #[arg(long, global = true, requires = "watch")]
    pub(crate) watch_preserve_output: bool,
    /// The flags as they were given, where a program is told.
    #[arg(skip)]
    pub(crate) own: Vec<String>,
    /// What is in the files of variables, once they were read.
    #[arg(skip)]
    variables: Vec<(String, String)>,
}

impl ProgramFlags {
    /// Reads the files of variables: of what several name, the last counts.
    pub(crate) fn read_variables(&mut self) -> Result<(), String> {
        for path in &self.env_file {
            let text = std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            for (name, value) in env_file::parse(&String::from_utf8_lossy(&text)) {
                self.variables.retain(|(known, _)| *known != name);
                self.variables.push((name, value));
            }
        }
        Ok(())
    }

    /// What a program is told of this command line.
    pub(crate) fn surroundings(&self, words: Vec<String>, has_script: bool) -> Surroundings {
        Surroundings { flags: self.own.clone(), words, has_script, variables: self.variables.clone(), ..Surroundings::default() }
    }
}
