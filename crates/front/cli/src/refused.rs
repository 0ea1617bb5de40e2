//! Flags that `serve` and `mcp` do not take, because they would do nothing there. **Nobody is to believe that
//! one limits anything**: it is refused, and no help lists it.

use clap::{Args as _, Command};

use crate::{args::Flags, program_flags::ProgramFlags};

/// A command that serves kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Serving {
    /// `drupe serve`.
    Clients,
    /// `drupe mcp`.
    Models,
}

/// A flag that is refused.
struct Refused {
    /// How the definition of the command line names it.
    id: &'static str,
    is_given: fn(&Flags) -> bool,
    /// The flag, and what to do, for either command.
    clients: &'static str,
    models: &'static str,
}

const REFUSED: [Refused; 4] = [
    Refused { id: "events", is_given: |flags| flags.events.is_some(), clients: "--events", models: "--events" },
    Refused {
        id: "preload",
        is_given: |flags| !flags.preload.is_empty(),
        clients: "--preload: a client says in `open` what sessions begin with",
        models: "--preload: a session begins with what is run in it first",
    },
    Refused {
        id: "auto_reload",
        is_given: |flags| flags.auto_reload,
        clients: "--auto-reload: a client says it in `open`",
        models: "--auto-reload",
    },
    Refused {
        id: "no_prompt",
        is_given: |flags| flags.permissions.no_prompt,
        clients: "--no-prompt: a client says in `open` which questions it answers, and nobody else is asked",
        models: "--no-prompt: nobody is asked unless --ask is given",
    },
];

/// A flag that was given and that the command does not take, and what to do.
pub(crate) fn refused(serving: Serving, flags: &Flags) -> Option<&'static str> {
    let found = REFUSED.iter().find(|refused| (refused.is_given)(flags)).map(|refused| match serving {
        Serving::Clients => refused.clients,
        Serving::Models => refused.models,
    });
    found.or(flags.program.any().then_some("flags of programs, such as --watch, --check, --require, --import, --env-file"))
}

/// The definition of the command line, in which the commands that refuse a flag do not show it.
pub(crate) fn hidden(definition: Command) -> Command {
    let of_programs = ProgramFlags::augment_args(Command::new("programs"));
    let is_refused = |id: &str| {
        let mut of_programs = of_programs.get_arguments();
        REFUSED.iter().any(|refused| refused.id == id) || of_programs.any(|arg| arg.get_id() == id)
    };
    // A command's own definition of a flag is taken rather than that for all.
    let found = definition.get_arguments().filter(|arg| is_refused(arg.get_id().as_str()));
    let found = found.map(|arg| arg.clone().hide(true)).collect::<Vec<_>>();
    ["serve", "mcp"].into_iter().fold(definition, |all, name| all.mut_subcommand(name, |command| command.args(&found)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::args::Arguments;

    /// What is listed is taken, and what is refused is not listed.
    #[test]
    fn the_help_of_a_server_lists_what_it_takes() {
        for (line, serving, least) in [("drupe serve --stdio", Serving::Clients, 10), ("drupe mcp", Serving::Models, 10)] {
            let name = line.split(' ').nth(1).unwrap();
            let mut definition = Arguments::definition();
            definition.build();
            let command = definition.find_subcommand(name).unwrap();
            let (mut shown, mut not_shown) = (0, 0);
            for arg in command.get_arguments().filter(|arg| arg.is_global_set()) {
                let long = arg.get_long().unwrap();
                // What takes a value is given one of its own.
                let possible = arg.get_possible_values().first().map(|value| value.get_name().to_owned());
                let value = match long {
                    "vm-timeout" | "wall-timeout" => "1s".to_owned(),
                    "memory-limit" => "64".to_owned(),
                    _ => possible.unwrap_or_else(|| "x".to_owned()),
                };
                let flag = if arg.get_action().takes_values() { format!("--{long}={value}") } else { format!("--{long}") };
                let also = match long {
                    "frozen" => " --lock=x",
                    "watch-preserve-output" => " --watch",
                    _ => "",
                };
                let words = format!("{line} {flag}{also}");
                let flags = Arguments::parse_words(Arguments::definition(), words.split(' ').map(Into::into).collect()).flags;
                assert_eq!(refused(serving, &flags).is_some(), arg.is_hide_set(), "{words}");
                if arg.is_hide_set() { not_shown += 1 } else { shown += 1 }
            }
            assert!(shown > least && not_shown > least, "{name}: {shown} {not_shown}");
        }
    }

    #[test]
    fn other_commands_show_these_flags() {
        let mut definition = Arguments::definition();
        definition.build();
        let run = definition.find_subcommand("run").unwrap();
        for name in ["preload", "events", "watch", "env-file"] {
            assert!(run.get_arguments().any(|arg| arg.get_long() == Some(name) && !arg.is_hide_set()), "{name}");
        }
    }
}
