//! The arguments of the command `drupe`.

use std::{ffi::OsString, path::PathBuf, sync::Arc, time::Duration};

use clap::{ArgAction, Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
#[cfg(target_os = "linux")]
use drupe_client::host::modules::{LockFile, LockFileError};
use drupe_client::{Builder, Kernel, Limits, Sandbox};
use drupe_repl::{PromptQueue, parse_duration};

use crate::{
    completions::CompletionFlags, exit, jupyter_flags::JupyterFlags, mcp_flags::McpFlags, permission_flags::Permissions,
    program::this_program, program_flags::ProgramFlags, refused, serve_flags::ServeFlags, size::bytes_of, version,
};

/// A persistent JavaScript and TypeScript kernel.
#[derive(Debug, Parser)]
#[command(
    version = version::text(),
    about = "A persistent JavaScript and TypeScript kernel: state survives from chunk to chunk, stop means stop",
    override_usage = "drupe [FLAGS] [FILE | - | -e CODE | -p CODE] [ARGS]\n       drupe [FLAGS] COMMAND\n\n  FILE: as `drupe run FILE`; `-`: the program comes from standard input. What follows is the program's",
    disable_version_flag = true,
    after_help = exit::help()
)]
pub(crate) struct Arguments {
    /// What to do; `repl` if nothing is said.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// Run code as a program, and print no value
    #[arg(short, long, value_name = "CODE", exclusive = true)]
    eval: Option<String>,
    /// Run code as a program, and print its value as console.log does
    #[arg(short, long, value_name = "CODE", exclusive = true)]
    print: Option<String>,
    /// Print the version
    #[arg(short = 'v', short_alias = 'V', long, action = ArgAction::Version)]
    version: Option<bool>,
    #[command(flatten)]
    pub(crate) flags: Flags,
}

impl Arguments {
    /// The definition of the command line. **Making it takes a good part of the time of a short command**: a command
    /// makes it once.
    pub(crate) fn definition() -> clap::Command {
        refused::hidden(Self::command())
    }

    /// Reads words as [`parse_from`](Self::parse_from) does: what is wrong with them is told, and ends this process.
    pub(crate) fn parse_words(definition: clap::Command, words: Vec<OsString>) -> Self {
        let matches = definition.get_matches_from(words);
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut Self::definition()).exit())
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Evaluate code and print its value; ends when its timers are done
    Eval {
        /// JavaScript or TypeScript (`-`, or none where standard input is no terminal: from there)
        #[arg(allow_negative_numbers = true)]
        code: Option<String>,
        /// What the code finds in `process.argv` and in the global `args`
        #[arg(trailing_var_arg = true)]
        args: Vec<OsString>,
    },
    /// Run a module, ES or CommonJS, in JavaScript or TypeScript; ends when its timers are done
    Run {
        /// The file (`-` for standard input); what follows is the script's, which finds it in the global `args`
        #[arg(value_names = ["FILE", "ARGS"], required = true, num_args = 1.., trailing_var_arg = true)]
        script: Vec<OsString>,
    },
    /// Talk to a kernel; runs chunk after chunk where standard input is no terminal (the default)
    Repl {
        /// Take chunks as JSON objects, one a line: {"code": "1+1", "id": 1, "timeout": "5s"}
        #[arg(long, value_name = "FORMAT")]
        input: Option<Input>,
    },
    /// Serve kernels to programs in any language, by the protocol of SERVE.md; nothing is allowed that a flag does not
    /// allow
    Serve(ServeFlags),
    /// Lend kernels to models, as tools of the Model Context Protocol; code computes, and does nothing else that a flag
    /// does not allow
    Mcp(McpFlags),
    /// Be a kernel of notebooks, and tell Jupyter of it
    Jupyter(JupyterFlags),
    /// Say what this installation is and whether it works
    Doctor,
    /// Print a script that completes the command line of drupe in a shell
    Completions(CompletionFlags),
    /// Print the manual page: drupe man | man -l -
    Man,
}

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    /// Stop a stretch of JavaScript that used this much CPU time (100, 100ms, 1.5s, 2m)
    #[arg(long, global = true, value_name = "TIME", value_parser = parse_duration)]
    vm_timeout: Option<Duration>,
    /// Stop a run that takes longer than this, awaits included
    #[arg(long, global = true, value_name = "TIME", value_parser = parse_duration)]
    pub(crate) wall_timeout: Option<Duration>,
    /// Kill the kernel when a run that ran into its wall timeout does not stop
    #[arg(long, global = true)]
    kill_on_timeout: bool,
    /// Limit the heap, in MiB (256, 256M, 2G)
    #[arg(long, global = true, value_name = "MiB", value_parser = bytes_of, aliases = ["max-old-space-size", "max_old_space_size"])]
    pub(crate) memory_limit: Option<u64>,
    /// Before each run, forget the modules whose files have changed: the next import takes them as they are
    #[arg(long, global = true)]
    pub(crate) auto_reload: bool,
    /// Check modules from the network against the hashes in a lock file: a new module is added, one that has changed is
    /// an error
    #[cfg(target_os = "linux")]
    #[arg(long, global = true, value_name = "FILE")]
    lock: Option<PathBuf>,
    /// Import nothing from the network that the lock file does not list
    #[cfg(target_os = "linux")]
    #[arg(long, global = true, requires = "lock")]
    frozen: bool,
    /// The lock file, once it was opened: it is read once.
    #[cfg(target_os = "linux")]
    #[arg(skip)]
    pub(crate) opened_lock: Option<LockFile>,
    /// Run a file before anything else; its names are there then. May be given several times
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) preload: Vec<PathBuf>,
    /// Write everything that happens to standard output, one JSON object a line
    #[arg(long, global = true, value_name = "FORMAT")]
    pub(crate) events: Option<Events>,
    /// How the operating system confines the kernel, or it does not start (default: strict where this build can, which
    /// is on Linux)
    #[arg(long, global = true, value_name = "LEVEL")]
    sandbox: Option<Level>,
    #[command(flatten)]
    pub(crate) program: ProgramFlags,
    #[command(
        flatten,
        next_help_heading = "Permissions (everything is allowed, unless one of --allow-… or --deny is given; `serve` and `mcp` allow only what is given; what --deny-… \
                             names never is)"
    )]
    pub(crate) permissions: Permissions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Events {
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Input {
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Level {
    /// As strict, and no JIT and no WebAssembly: many times slower, for code that nobody trusts
    Hardened,
    /// The system refuses whatever a kernel does not need
    Strict,
    /// As much of that as the system can do; `drupe doctor` tells
    BestEffort,
    /// Nothing: a bug in V8 is then a way into all that you may do
    Off,
}

/// Somebody at the terminal.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) prompts: PromptQueue,
    /// Whether they are asked for permissions that no flag grants.
    pub(crate) decides: bool,
}

impl Flags {
    pub(crate) fn sandbox(&self) -> Sandbox {
        match self.sandbox {
            Some(Level::Hardened) => Sandbox::Hardened,
            Some(Level::Strict) => Sandbox::Strict,
            Some(Level::BestEffort) => Sandbox::BestEffort,
            Some(Level::Off) => Sandbox::OffUnsafe,
            None => Sandbox::default(),
        }
    }

    /// Whether a limit, or the confinement, was given.
    pub(crate) fn has_limits(&self) -> bool {
        let has_time = self.vm_timeout.is_some() || self.wall_timeout.is_some() || self.kill_on_timeout;
        has_time || self.memory_limit.is_some() || self.sandbox.is_some()
    }

    /// The time limits of runs.
    pub(crate) fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        limits.vm_timeout = self.vm_timeout;
        limits.wall_timeout = self.wall_timeout;
        limits.kill_on_timeout = self.kill_on_timeout.then_some(true);
        limits
    }

    /// Opens the lock file that the flags name.
    #[cfg(target_os = "linux")]
    pub(crate) fn lock_file(&self) -> Result<Option<LockFile>, LockFileError> {
        let open = |path: &PathBuf| if self.frozen { LockFile::frozen(path) } else { LockFile::open(path) };
        self.lock.as_ref().map(open).transpose()
    }

    /// A kernel as the flags want it, which is this program. Where there is a person, `alert` and the like ask them.
    pub(crate) fn kernel(&self, person: Option<&Person>) -> Builder {
        // What cannot be understood was refused before.
        let policy = self.permissions.policy().unwrap_or_default();
        let permissions = match person {
            Some(Person { prompts, decides: true }) if !self.permissions.no_prompt => {
                drupe_client::Permissions::asking(policy, Arc::new(prompts.clone()))
            }
            _ => drupe_client::Permissions::new(policy),
        };
        let mut builder = Kernel::builder()
            .program(this_program())
            .journal(true)
            .auto_reload(self.auto_reload)
            .sandbox(self.sandbox())
            .permissions(&permissions.naming_flags());
        #[cfg(target_os = "linux")]
        if let Some(lock) = &self.opened_lock {
            builder = builder.lock_file(lock);
        }
        if let Some(person) = person {
            builder = builder.dialogs(Arc::new(person.prompts.clone()));
        }
        match self.memory_limit {
            Some(bytes) => builder.memory_limit(bytes),
            None => builder,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use drupe_client::{
        Policy,
        host::permissions::{Grant, Kind},
    };

    use super::{Arguments, Command};

    fn parse(line: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_definition_is_sound() {
        Arguments::definition().debug_assert();
    }

    #[test]
    fn permissions_are_flags_with_or_without_a_list() {
        let arguments = parse("drupe eval --allow-read=/a,/b --allow-net 1+1").unwrap();
        let permissions = arguments.flags.permissions;
        assert_eq!(permissions.allow_read, Some(vec!["/a".to_owned(), "/b".to_owned()]));
        assert_eq!(permissions.allow_net, Some(Vec::new()));
        assert_eq!(permissions.allow_env, None);
        assert!(parse("drupe -A --deny").is_err());
    }

    #[test]
    fn everything_is_allowed_until_a_flag_says_what() {
        let policy = |line| parse(line).unwrap().flags.permissions.policy();
        assert_eq!(policy("drupe repl"), Ok(Policy::all()));
        assert_eq!(policy("drupe repl -A --allow-read=/x"), Ok(Policy::all()));
        assert_eq!(policy("drupe repl --deny"), Ok(Policy::none()));
        let listed = policy("drupe repl --allow-net=example.com:443 --allow-env").unwrap();
        assert_eq!((&listed.granted.read, &listed.granted.env), (&Grant::None, &Grant::All));
        assert_eq!(listed.describe(Kind::Net), "example.com:443");
        let refused = policy("drupe repl --allow-net=http://x").unwrap_err().to_string();
        assert!(refused.starts_with("\"http://x\" is no rule for net access"), "{refused}");
    }

    // threat G21
    #[test]
    fn what_a_flag_denies_is_taken_from_what_is_allowed() {
        let policy = |line| parse(line).unwrap().flags.permissions.policy().unwrap();
        for (line, read, net) in [
            ("drupe repl --deny-read=/no/a,/no/b", "everything, but never /no/a, /no/b", "everything"),
            ("drupe repl -A --deny-net=example.com", "everything", "everything, but never example.com"),
            ("drupe repl --allow-read=/no --deny-read=/no/a", "/no, but never /no/a", "nothing"),
            ("drupe repl --deny-read", "nothing, and never anything", "everything"),
            ("drupe repl --deny --deny-read=/no/a", "nothing, and never /no/a", "nothing"),
            ("drupe repl --allow-read --deny-net", "everything", "nothing, and never anything"),
        ] {
            let policy = policy(line);
            assert_eq!((&*policy.describe(Kind::Read), &*policy.describe(Kind::Net)), (read, net), "{line}");
        }
        assert!(parse("drupe repl --deny-net=http://x").unwrap().flags.permissions.policy().is_err());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_frozen_lock_file_is_named_and_exists() {
        assert!(parse("drupe eval --frozen 1").is_err());
        let lock_file = |line| parse(line).unwrap().flags.lock_file();
        assert!(lock_file("drupe eval 1").unwrap().is_none());
        assert!(lock_file("drupe eval --lock /nowhere/drupe.lock 1").unwrap().is_some());
        assert!(lock_file("drupe eval --lock /nowhere/drupe.lock --frozen 1").is_err());
        assert!(lock_file("drupe --lock /dev/null run x.js").is_err(), "it is no lock file");
    }

    #[test]
    fn what_follows_a_script_is_the_scripts() {
        let arguments = parse("drupe run --vm-timeout 1.5s file.ts --vm-timeout x -A").unwrap();
        assert_eq!(arguments.flags.limits().vm_timeout, Some(std::time::Duration::from_millis(1500)));
        assert!(!arguments.flags.permissions.allow_all);
        let Some(Command::Run { script }) = arguments.command else { panic!("no run") };
        assert_eq!(script, ["file.ts", "--vm-timeout", "x", "-A"]);
        assert!(parse("drupe run").is_err());
        assert!(parse("drupe run --no-such-flag file.ts").is_err());
    }

    #[test]
    fn code_may_begin_with_a_minus() {
        assert!(matches!(parse("drupe eval -1").unwrap().command, Some(Command::Eval { code: Some(code), .. }) if code == "-1"));
        assert!(parse("drupe eval --no-such-flag 1").is_err());
        assert!(parse("drupe eval --vm-timeout soon 1").is_err());
    }
}
