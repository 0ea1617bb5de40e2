//! `drupe man`: the manual page, made of the definition of the command line.

use clap::{Arg, Command, builder::StyledStr};

use crate::exit;

/// Variables that the command reads, and what they are.
const ENVIRONMENT: [(&str, &str); 6] = [
    ("DRUPE_HISTORY", "The file with the history of the prompt. Empty: none is kept."),
    ("XDG_CONFIG_HOME", "The folder of the settings, in place of ~/.config."),
    ("XDG_STATE_HOME", "The folder of the history, in place of ~/.local/state."),
    ("XDG_CACHE_HOME", "The folder of modules from the network, in place of ~/.cache."),
    ("XDG_RUNTIME_DIR", "The folder of the sockets that drupe serve \\-\\-socket names."),
    ("NO_COLOR, FORCE_COLOR", "Whether output has colours, as in Node."),
];

/// Files of a person's.
const FILES: [(&str, &str); 4] = [
    ("~/.config/drupe/config.toml", "Settings of the prompt."),
    ("~/.config/drupe/init.ts", "Runs at the beginning of each session of the prompt."),
    ("~/.local/state/drupe", "The history of the prompt."),
    ("~/.cache/drupe", "Modules from the network."),
];

const EXAMPLES: [(&str, &str); 4] = [
    ("drupe", "Open the prompt."),
    ("drupe script.ts \\-\\-its own flags", "Run a program."),
    ("drupe eval \\-\\-vm\\-timeout 100ms 'while (true) {}'", "Stop a loop. The status is 124."),
    ("drupe \\-\\-allow\\-read=/data \\-\\-allow\\-net=example.com script.ts", "Allow two things, and nothing else."),
];

/// The page, for `man`.
pub(crate) fn page(mut definition: Command) -> String {
    definition.build();
    let version = env!("CARGO_PKG_VERSION");
    let mut page = format!(".TH DRUPE 1 \"\" \"drupe {version}\" \"User Commands\"\n.nh\n.ad l\n");
    section(&mut page, "NAME");
    line(&mut page, "drupe \\- run JavaScript and TypeScript in a process that remembers");
    section(&mut page, "SYNOPSIS");
    line(&mut page, ".B drupe\n[FLAGS] [FILE | \\- | \\-e CODE | \\-p CODE] [ARGS]\n.br\n.B drupe\n[FLAGS] COMMAND");
    section(&mut page, "DESCRIPTION");
    line(&mut page, &text(definition.get_about()));
    line(
        &mut page,
        ".PP\nWithout a command and without a file it is \\fBdrupe repl\\fR. A file is run as by \\fBdrupe run\\fR; what follows it is the program's.",
    );
    section(&mut page, "COMMANDS");
    for command in definition.get_subcommands().filter(|command| !command.is_hide_set()) {
        entry(&mut page, &usage(command), &text(command.get_about()));
        let own = command.get_arguments().filter(|arg| !arg.is_global_set() && is_shown(arg)).collect::<Vec<_>>();
        if !own.is_empty() {
            line(&mut page, ".RS");
            own.into_iter().for_each(|arg| argument(&mut page, arg));
            line(&mut page, ".RE");
        }
    }
    section(&mut page, "FLAGS");
    let all = definition.get_arguments().filter(|arg| is_shown(arg)).collect::<Vec<_>>();
    let mut heading = None;
    for arg in &all {
        if arg.get_help_heading() != heading {
            heading = arg.get_help_heading();
            line(&mut page, &format!(".SS {}", quoted(heading.unwrap_or("Others"))));
        }
        argument(&mut page, arg);
    }
    section(&mut page, "EXIT STATUS");
    exit::STATUSES.iter().for_each(|(status, meaning)| entry(&mut page, &bold(status), &escaped(meaning)));
    for (title, rows) in [("ENVIRONMENT", &ENVIRONMENT[..]), ("FILES", &FILES), ("EXAMPLES", &EXAMPLES)] {
        section(&mut page, title);
        rows.iter().for_each(|(name, meaning)| entry(&mut page, &format!("\\fB{name}\\fR"), meaning));
    }
    page
}

fn section(page: &mut String, title: &str) {
    line(page, &format!(".SH {}", quoted(title)));
}

fn line(page: &mut String, text: &str) {
    page.push_str(text);
    page.push('\n');
}

/// A term and what it is.
fn entry(page: &mut String, term: &str, meaning: &str) {
    line(page, &format!(".TP\n{term}\n{meaning}"));
}

fn is_shown(arg: &Arg) -> bool {
    !arg.is_hide_set() && arg.get_id() != "help"
}

fn usage(command: &Command) -> String {
    let words = command.get_positionals().filter(|arg| is_shown(arg)).map(value_names);
    let words = words.map(|word| format!(" \\fI{word}\\fR")).collect::<String>();
    bold(command.get_name()) + &words
}

fn argument(page: &mut String, arg: &Arg) {
    let names = [arg.get_short().map(|short| format!("-{short}")), arg.get_long().map(|long| format!("--{long}"))];
    let mut term = names.into_iter().flatten().map(|name| bold(&name)).collect::<Vec<_>>().join(", ");
    if arg.get_action().takes_values() {
        let joint = match (arg.is_positional(), arg.is_require_equals_set()) {
            (true, _) => "",
            (false, true) => "=",
            (false, false) => " ",
        };
        let name = value_names(arg);
        let optional = arg.get_num_args().is_some_and(|range| range.min_values() == 0);
        term += &if optional { format!("[{joint}\\fI{name}\\fR,...]") } else { format!("{joint}\\fI{name}\\fR") };
    }
    entry(page, &term, &text(arg.get_help()));
    let possible = arg.get_possible_values().into_iter().filter(|value| !value.is_hide_set() && value.get_help().is_some());
    let possible = possible.filter(|_| arg.get_action().takes_values()).collect::<Vec<_>>();
    if !possible.is_empty() {
        line(page, ".RS");
        possible.into_iter().for_each(|value| entry(page, &bold(value.get_name()), &text(value.get_help())));
        line(page, ".RE");
    }
}

fn value_names(arg: &Arg) -> String {
    let names = arg.get_value_names().map(|names| names.join(" "));
    escaped(&names.unwrap_or_else(|| arg.get_id().as_str().to_uppercase()))
}

fn bold(text: &str) -> String {
    format!("\\fB{}\\fR", escaped(text))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text).replace('"', "\\(dq"))
}

fn text(text: Option<&StyledStr>) -> String {
    escaped(&text.map(ToString::to_string).unwrap_or_default())
}

/// Text that has no meaning for roff. Lines of its own begin with no control character.
fn escaped(text: &str) -> String {
    let plain = text.replace('\\', "\\e").replace('-', "\\-").replace('…', "...");
    let lines = plain.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line.to_owned() })
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {

    use super::{escaped, page};
    use crate::args::Arguments;

    #[test]
    fn every_flag_and_command_is_in_the_page() {
        let page = page(Arguments::definition());
        let mut definition = Arguments::definition();
        definition.build();
        let flags = definition.get_subcommands().chain([&definition]).flat_map(clap::Command::get_arguments);
        let shown = flags.filter(|arg| !arg.is_hide_set()).filter_map(clap::Arg::get_long).filter(|long| *long != "help");
        let commands = definition.get_subcommands().map(clap::Command::get_name);
        for name in shown.map(|long| format!("--{long}")).chain(commands.map(str::to_owned)) {
            assert!(page.contains(&format!("\\fB{}\\fR", escaped(&name))), "{name} is missing");
        }
        assert!(page.lines().all(|line| !line.starts_with('\'')) && page.is_ascii(), "{page}");
    }

    #[test]
    fn text_of_a_flag_cannot_be_a_request_of_roff() {
        assert_eq!(escaped(".TH x\n\n'y \\n --z"), "\\&.TH x\n\\&'y \\en \\-\\-z");
    }
}
