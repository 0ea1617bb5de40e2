//! What a person may choose when a notebook's kernel is started: parameters of a kernelspec, as JEP 87 has them.
//!
//! A kernelspec has `--choose=memory={drupe_memory}` in its command. A front end that knows parameters puts a value
//! there. **One that does not leaves the braces, and then nothing is chosen.** What was installed is never widened: a
//! kernelspec has no parameter for what its own flags say.

use std::time::Duration;

use drupe_jupyter::kernelspec::Parameter;
use drupe_repl::parse_duration;

use crate::{args::Flags, size::bytes_of};

static MEMORY: Parameter =
    Parameter { name: "memory", title: "Heap limit", values: &["default", "256M", "512M", "1G", "2G", "4G", "8G"] };

static TIMEOUT: Parameter =
    Parameter { name: "timeout", title: "Time limit of each cell", values: &["none", "10s", "1m", "10m", "60m"] };

static PERMISSIONS: Parameter = Parameter {
    name: "permissions",
    title: "What code may reach",
    values: &["everything", "no-network", "folder", "ask", "nothing"],
};

/// What was chosen; `None` where it is the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// The heap limit, in bytes.
    Memory(Option<u64>),
    /// The time limit of each cell.
    Timeout(Option<Duration>),
    Permissions(Option<Preset>),
}

/// What code may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Preset {
    /// All but the network, and programs, which may reach it.
    NoNetwork,
    /// Files in the folder of the notebook; the person is asked for the rest.
    Folder,
    /// The person is asked for everything.
    Ask,
    /// Code may reach nothing. The person is not asked.
    Nothing,
}

impl Choice {
    /// Reads `NAME=VALUE`.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').ok_or("a choice is NAME=VALUE, such as memory=512M")?;
        let parameter = [&MEMORY, &TIMEOUT, &PERMISSIONS].into_iter().find(|parameter| parameter.name == name);
        let parameter = parameter.ok_or_else(|| format!("{name:?} cannot be chosen: memory, timeout and permissions can"))?;
        let is_default = value == parameter.placeholder() || parameter.values.first() == Some(&value);
        let chosen = (!is_default).then_some(value);
        if parameter.name == MEMORY.name {
            return chosen.map(bytes_of).transpose().map(Self::Memory);
        }
        if parameter.name == TIMEOUT.name {
            return chosen.map(parse_duration).transpose().map(Self::Timeout).map_err(|why| why.to_string());
        }
        chosen.map(Preset::read).transpose().map(Self::Permissions)
    }
}

impl Preset {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "no-network" => Ok(Self::NoNetwork),
            "folder" => Ok(Self::Folder),
            "ask" => Ok(Self::Ask),
            "nothing" => Ok(Self::Nothing),
            other => Err(format!("permissions are one of {}, not {other:?}", PERMISSIONS.values.join(", "))),
        }
    }
}

/// The parameters of a kernelspec that is installed with these flags: what they do not say can be chosen.
pub(crate) fn parameters(flags: &Flags) -> Vec<&'static Parameter> {
    let offered = [
        (flags.memory_limit.is_none(), &MEMORY),
        (flags.limits().wall_timeout.is_none(), &TIMEOUT),
        (!flags.permissions.any() && !flags.permissions.no_prompt, &PERMISSIONS),
    ];
    offered.into_iter().filter_map(|(is_open, parameter)| is_open.then_some(parameter)).collect()
}

/// Sets the flags to what was chosen.
///
/// # Errors
/// When a flag says already what was chosen, in words.
pub(crate) fn apply(choices: &[Choice], flags: &mut Flags) -> Result<(), String> {
    let open = parameters(flags);
    let is_open = |parameter: &'static Parameter| {
        let why = || format!("{} cannot be chosen: a flag of the kernelspec says it", parameter.name);
        open.contains(&parameter).then_some(()).ok_or_else(why)
    };
    for choice in choices {
        match *choice {
            Choice::Memory(None) | Choice::Timeout(None) | Choice::Permissions(None) => {}
            Choice::Memory(Some(bytes)) => {
                is_open(&MEMORY)?;
                flags.memory_limit = Some(bytes);
            }
            Choice::Timeout(Some(time)) => {
                is_open(&TIMEOUT)?;
                flags.wall_timeout = Some(time);
            }
            Choice::Permissions(Some(preset)) => {
                is_open(&PERMISSIONS)?;
                set(preset, flags);
            }
        }
    }
    Ok(())
}

fn set(preset: Preset, flags: &mut Flags) {
    let permissions = &mut flags.permissions;
    let here = || Some(vec![".".to_owned()]);
    match preset {
        Preset::NoNetwork => {
            for denied in [&mut permissions.deny_net, &mut permissions.deny_import, &mut permissions.deny_run] {
                *denied = Some(Vec::new());
            }
        }
        Preset::Folder => (permissions.allow_read, permissions.allow_write) = (here(), here()),
        Preset::Ask => permissions.deny = true,
        Preset::Nothing => (permissions.deny, permissions.no_prompt) = (true, true),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use clap::Parser;
    use drupe_client::{Policy, host::permissions::Kind};

    use super::*;
    use crate::args::Arguments;

    fn flags(line: &str) -> Flags {
        Arguments::try_parse_from(line.split(' ')).unwrap().flags
    }

    fn chosen(line: &str, choices: &[&str]) -> Result<Flags, String> {
        let mut flags = flags(line);
        let choices = choices.iter().map(|choice| Choice::read(choice)).collect::<Result<Vec<_>, _>>()?;
        apply(&choices, &mut flags).map(|()| flags)
    }

    #[test]
    fn a_placeholder_that_is_left_chooses_nothing() {
        let left = ["memory={drupe_memory}", "timeout={drupe_timeout}", "permissions={drupe_permissions}"];
        for choices in [left, ["memory=default", "timeout=none", "permissions=everything"]] {
            for line in ["drupe jupyter run", "drupe jupyter run --memory-limit 64 --wall-timeout 5s --deny-net"] {
                let (one, other) = (flags(line), chosen(line, &choices).unwrap());
                assert_eq!((one.memory_limit, one.limits()), (other.memory_limit, other.limits()));
                assert_eq!(one.permissions.policy(), other.permissions.policy());
            }
        }
    }

    #[test]
    fn every_value_of_a_parameter_can_be_chosen() {
        for parameter in parameters(&flags("drupe jupyter install")) {
            for value in parameter.values {
                chosen("drupe jupyter run", &[&format!("{}={value}", parameter.name)]).unwrap();
            }
        }
        let flags = chosen("drupe jupyter run", &["memory=1G", "timeout=1m", "permissions=no-network"]).unwrap();
        assert_eq!((flags.memory_limit, flags.limits().wall_timeout), (Some(1 << 30), Some(Duration::from_secs(60))));
        let policy = flags.permissions.policy().unwrap();
        let of = |kind| policy.describe(kind);
        assert_eq!((&*of(Kind::Read), &*of(Kind::Net)), ("everything", "nothing, and never anything"));
        assert_eq!((of(Kind::Run), of(Kind::Import)), (of(Kind::Net), of(Kind::Net)));
        let policy = |preset: &str| chosen("drupe jupyter run", &[&format!("permissions={preset}")]).unwrap().permissions;
        assert_eq!(policy("nothing").policy(), Ok(Policy::none()));
        assert_eq!(policy("ask").policy(), Ok(Policy::none()));
        assert!(policy("nothing").no_prompt && !policy("ask").no_prompt);
        let folder = policy("folder").policy().unwrap();
        assert_eq!((&*folder.describe(Kind::Env), folder.describe(Kind::Read)), ("nothing", folder.describe(Kind::Write)));
        assert_ne!(folder.describe(Kind::Read), "nothing");
    }

    #[test]
    fn what_was_installed_is_not_widened() {
        for (line, choice) in [
            ("drupe jupyter run --memory-limit 64", "memory=8G"),
            ("drupe jupyter run --wall-timeout 5s", "timeout=60m"),
            ("drupe jupyter run --allow-net", "permissions=folder"),
            ("drupe jupyter run --deny-read", "permissions=folder"),
            ("drupe jupyter run --no-prompt", "permissions=folder"),
            ("drupe jupyter run -A", "permissions=ask"),
        ] {
            assert!(chosen(line, &[choice]).is_err_and(|why| why.contains("a flag of the kernelspec says it")), "{line}");
            let name = choice.split('=').next().unwrap();
            let offered = parameters(&flags(line));
            assert!(offered.len() == 2 && offered.iter().all(|parameter| parameter.name != name), "{line}");
        }
    }

    #[test]
    fn what_cannot_be_chosen_is_refused() {
        for (text, why) in [
            ("memory", "NAME=VALUE"),
            ("colour=red", "memory, timeout and permissions"),
            ("memory=much", "give MiB"),
            ("memory={drupe_timeout}", "give MiB"),
            ("permissions=all", "not \"all\""),
            ("permissions=", "not \"\""),
        ] {
            assert!(Choice::read(text).is_err_and(|told| told.contains(why)), "{text}");
        }
        assert!(Choice::read("timeout=soon").is_err());
    }
}
