//! Flags of programs that are run, and the facts about them that the program sees.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use drupe_client::Surroundings;

use crate::{env_file, system_error::plain};

/// What programs are run with.
#[derive(Debug, Default, Args)]
pub(crate) struct ProgramFlags {
    /// Set environment variables for the program that a file lists as NAME=VALUE, unless the environment has them; can
    /// be repeated
    #[arg(long, global = true, value_name = "FILE")]
    env_file: Vec<PathBuf>,
    /// As --env-file, unless there is no such file
    #[arg(long, global = true, value_name = "FILE")]
    env_file_if_exists: Vec<PathBuf>,
    /// Require a module before the program; can be repeated
    #[arg(short, long, global = true, value_name = "MODULE")]
    require: Vec<String>,
    /// Import a module before the program, and behind those of --require; can be repeated
    #[arg(long, global = true, value_name = "MODULE")]
    import: Vec<String>,
    /// What code of -e or from standard input is: an ES module, or a script with `require`, which may import, too (the
    /// default)
    #[arg(long, global = true, value_name = "TYPE")]
    pub(crate) input_type: Option<InputType>,
    /// Have errors of JavaScript that was compiled lead to what it was compiled of, by its source maps
    #[arg(long, global = true)]
    enable_source_maps: bool,
    /// Check the syntax of the program's file, and do not run it
    #[arg(short, long, global = true)]
    pub(crate) check: bool,
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

/// What code that is no file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum InputType {
    Module,
    Commonjs,
}

impl ProgramFlags {
    /// Reads the files of variables: of what several name, the last counts.
    pub(crate) fn read_variables(&mut self) -> Result<(), String> {
        for path in self.env_file.iter().chain(self.env_file_if_exists.iter().filter(|path| path.exists())) {
            let text = std::fs::read(path).map_err(|error| format!("cannot read {}: {}", path.display(), plain(&error)))?;
            for (name, value) in env_file::parse(&String::from_utf8_lossy(&text)) {
                self.variables.retain(|(known, _)| *known != name);
                self.variables.push((name, value));
            }
        }
        Ok(())
    }

    /// Whether one of them was given.
    pub(crate) fn any(&self) -> bool {
        #[cfg(target_os = "linux")]
        let watches = self.watch;
        #[cfg(not(target_os = "linux"))]
        let watches = false;
        let files = !self.env_file.is_empty() || !self.env_file_if_exists.is_empty();
        watches
            || files
            || self.check
            || self.enable_source_maps
            || self.input_type.is_some()
            || !self.require.is_empty()
            || !self.import.is_empty()
    }

    /// Code that loads the modules that come before the program.
    pub(crate) fn preloading(&self) -> Vec<String> {
        let required = self.require.iter().map(|module| format!("void require({})", serde_json::Value::from(&**module)));
        let imported = self.import.iter().map(|module| format!("void await import({})", serde_json::Value::from(&**module)));
        required.chain(imported).collect()
    }

    /// What a program is told of this command line.
    pub(crate) fn surroundings(&self, words: Vec<String>, has_script: bool) -> Surroundings {
        let mut surroundings = Surroundings::default();
        surroundings.flags = self.own.clone();
        surroundings.words = words;
        surroundings.has_script = has_script;
        surroundings.is_command = true;
        surroundings.variables = self.variables.clone();
        surroundings.source_maps = self.enable_source_maps;
        surroundings
    }
}
