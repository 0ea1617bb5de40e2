//! The manual of the dot commands, for `.help`, completion, hints and suggestions for misspelt names.

use rustyline::completion::Pair;
use strsim::osa_distance;

use crate::hint::Hint;

/// A command's entry.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// With its dot.
    pub(crate) name: &'static str,
    /// What may follow it.
    pub(crate) takes: &'static str,
    /// In a few words, for the list.
    pub(crate) means: &'static str,
    /// In a few sentences, for `.help NAME`.
    pub(crate) more: &'static str,
}

const fn entry(name: &'static str, takes: &'static str, means: &'static str, more: &'static str) -> Entry {
    Entry { name, takes, means, more }
}

/// All commands, in the order of `.help`.
pub(crate) const MANUAL: &[Entry] = &[
    entry(
        ".allow",
        "[KIND[=RULE]]",
        "show or change what this session may reach",
        "A kernel has no authority of its own; it asks this program, which grants what is listed here. `.allow read` allows all of a kind, \
         `.allow read=/data net=example.com` what a rule names, `.allow run=\"git status\"` a program with these first arguments, `.allow env=none` nothing any more. What a flag denies stays denied. Kinds: read, write, net, env, run, import. When code wants more, you are asked: y allows \
         it once, s as long as the kernel lives, as .allow would, Enter denies it, and Ctrl-C stops the run, too.",
    ),
    entry(
        ".break",
        "",
        "drop unfinished input",
        "While a chunk is unfinished, on a line of its own, as other commands. Ctrl-C drops it, too. The Up key brings it back.",
    ),
    entry(
        ".cd",
        "[FOLDER]",
        "change the working folder, or tell it",
        "Of this session and of those after it: files, programs and imports are looked for from there. ~ is your own folder, and - the folder \
         before the last change.",
    ),
    entry(".clear", "", "clear the screen", "The session stays as it is; .reset begins an empty one."),
    entry(
        ".copy",
        "[EXPRESSION]",
        "copy a value to the clipboard",
        "A string as it is, anything else as it is shown; without an expression the last result. The terminal takes it (OSC 52), also from far \
         away; some must be told to let programs do that.",
    ),
    entry(
        ".doc",
        "NAME",
        "tell what a name is",
        "Its head as you wrote it, its doc comment, what is in a class, and where it was declared. What a package brings is told as its type \
         declarations (.d.ts) have it. `.doc list.map` follows members. Looking runs none of your code.",
    ),
    entry(
        ".edit",
        "[NAME]",
        "edit a chunk in your own editor",
        "The program that VISUAL or EDITOR names gets the text by which NAME was declared, or else the last chunk, also \
         one that failed. What it saves is run as \
         one chunk; a text that is empty or as it was is not.",
    ),
    entry(
        ".editor",
        "",
        "type a chunk line by line, until Ctrl-D",
        "Enter ends a line and nothing more, so that text can be written that would be run too early at the prompt. Ctrl-D runs it all as \
         one chunk, Ctrl-C drops it; the Up key brings it back. In a pipe the lines .end and .break do that.",
    ),
    entry(
        ".exit",
        "",
        "leave (as Ctrl-D does)",
        "The kernel and all that it holds end. Ctrl-D at an empty prompt and Ctrl-C twice do the same.",
    ),
    entry(
        ".globals",
        "",
        "list the names of the session",
        "Every name that this session has: how it was declared and by which run, its type, about how many bytes it takes by itself, and \
         the beginning of its value. Looking runs none of your code.",
    ),
    entry(".help", "[COMMAND]", "show this, or more about a command", "`.help load` and `.help .load` tell more about .load."),
    entry(
        ".history",
        "",
        "list what was typed",
        "Oldest first, no entry twice. The arrow keys bring entries back, Ctrl-R searches. They are kept in the file that DRUPE_HISTORY \
         names; set it to nothing, and none are kept.",
    ),
    entry(
        ".load",
        "FILE",
        "run a file as one chunk",
        "Its names become names of the session, as if it had been typed. Lines // %% part it into chunks, and the value of \
         each is shown. Stack traces name the file.",
    ),
    entry(
        ".mem",
        "",
        "show what the kernel's heap holds",
        "The heap of JavaScript and its limit, and what buffers hold outside it.",
    ),
    entry(
        ".more",
        "",
        "show more of a long result",
        "A result that is longer than the screen is cut; this shows the next screenful of it, or all of it in the program that PAGER names. Then \
         it shows what the result itself left out, such as `... 400 more items`, a hundred at a time; and then what console.log or an error left out.",
    ),
    entry(
        ".reload",
        "[MODULE]",
        "have the next import read a module anew",
        "MODULE is what an import would say, such as ./lib.js. What imports it is forgotten with it. What was imported before stays as it is, until it is imported again.",
    ),
    entry(
        ".replay",
        "",
        "run the chunks of a lost session again",
        "After the kernel died or was restarted: those that had come to their end, in order, until one ends otherwise than before. What they \
         did outside of the kernel they do again.",
    ),
    entry(
        ".reset",
        "",
        "begin an empty session in the same process",
        "All names, timers and modules are gone at once. The commands that were typed stay in the history.",
    ),
    entry(
        ".restart",
        "",
        "begin an empty session in a new process",
        "As .reset, but the kernel's process is replaced: for when it does not answer any more.",
    ),
    entry(
        ".save",
        "FILE",
        "write this session's chunks to a file",
        "Those that ran to their end, in order, with a line // %% between them; .load runs them again.",
    ),
    entry(
        ".time",
        "",
        "show what each run costs, or stop it",
        "After each run: how long it took, and how long it kept the CPU busy.",
    ),
    entry(
        ".timeout",
        "[vm|wall] DURATION|off",
        "limit CPU or (default) wall time of runs",
        "`.timeout 5s` ends runs that take longer, awaits included; `.timeout vm 100ms` those that compute longer. The state is kept. `off` \
         lifts a limit, and without arguments both are told.",
    ),
    entry(
        ".type",
        "NAME",
        "tell the type of a name, on one line",
        "The signature of a function as you wrote it, the type and the value of anything else. Looking runs none of your code.",
    ),
];

/// The entry of `name`, with or without its dot.
pub(crate) fn find(name: &str) -> Option<&'static Entry> {
    MANUAL.iter().find(|entry| entry.name.strip_prefix('.') == Some(name.strip_prefix('.').unwrap_or(name)))
}

/// The list of all commands.
pub(crate) fn list() -> String {
    let width = MANUAL.iter().map(|entry| entry.name.len() + entry.takes.len() + 1).max().unwrap_or_default();
    let mut text = String::new();
    for Entry { name, takes, means, .. } in MANUAL {
        let usage = format!("{name} {takes}");
        text.push_str(&format!("{usage:width$}  {means}\n"));
    }
    let shell = "!COMMAND";
    text.push_str(&format!("{shell:width$}  run a program of the shell\n"));
    text.push_str(
        "Enter runs what is whole and continues what is not; Tab completes,\nCtrl-R searches the history, Ctrl-C stops.\n",
    );
    text
}

/// All about one command, in lines of at most `columns`.
pub(crate) fn explain(Entry { name, takes, means, more }: &Entry, columns: usize) -> String {
    let mut text = format!("{name} {takes}").trim_end().to_owned() + "\n";
    let mut line = 0;
    for word in means.split(' ').chain(["\n"]).chain(more.split(' ')) {
        if word == "\n" || line + word.len() + 1 > columns {
            text.push('\n');
            line = 0;
        }
        if word != "\n" {
            text.push_str(if line == 0 { "  " } else { " " });
            text.push_str(word);
            line += word.len() + if line == 0 { 2 } else { 1 };
        }
    }
    text + "\n"
}

/// What could stand in the place of a command that is being typed, and where that place begins. `None`: no command is.
pub(crate) fn complete(typed: &str) -> Option<(usize, Vec<Pair>)> {
    let pairs = |part: &str, dot: bool| {
        let fitting = MANUAL.iter().filter(|entry| entry.name.starts_with(part) || (!dot && entry.name[1..].starts_with(part)));
        fitting.map(|entry| Pair { display: entry.name.to_owned(), replacement: entry.name.to_owned() }).collect::<Vec<_>>()
    };
    if let Some(part) = typed.strip_prefix(".help ") {
        return Some((".help ".len(), pairs(part, false)));
    }
    if !typed.starts_with('.') || typed.contains(char::is_whitespace) {
        return None;
    }
    let mut found = pairs(typed, true);
    for pair in &mut found {
        if find(&pair.replacement).is_some_and(|entry| !entry.takes.is_empty()) {
            pair.replacement.push(' ');
        }
    }
    Some((0, found))
}

/// In grey behind a command that is being typed: the rest of its name, and what it takes.
pub(crate) fn hint(typed: &str) -> Option<Hint> {
    if let Some(entry) = typed.strip_suffix(' ').and_then(find) {
        return (!entry.takes.is_empty()).then(|| Hint::known(None, entry.takes));
    }
    let mut fitting = MANUAL.iter().filter(|entry| entry.name.starts_with(typed));
    match (fitting.next(), fitting.next()) {
        (Some(entry), None) if typed.len() > 1 => {
            let rest = Some(&entry.name[typed.len()..]).filter(|rest| !rest.is_empty());
            let takes = if entry.takes.is_empty() { String::new() } else { format!(" {}", entry.takes) };
            Some(Hint::known(rest.map(str::to_owned), &format!("{takes}  {}", entry.means)))
        }
        _ => None,
    }
}

/// What commands are called elsewhere.
const ELSEWHERE: [(&str, &str); 5] =
    [(".quit", ".exit"), (".q", ".exit"), (".open", ".load"), (".ls", ".globals"), (".vars", ".globals")];

/// What to say of a command that there is not.
pub(crate) fn unknown(name: &str) -> String {
    let name = &if name.starts_with('.') { name.to_owned() } else { format!(".{name}") };
    let names = || MANUAL.iter().map(|entry| entry.name);
    let lower = name.to_ascii_lowercase();
    let elsewhere = || ELSEWHERE.iter().find(|(known, _)| *known == lower).map(|(_, ours)| *ours);
    let begun = names().find(|known| known.starts_with(&lower)).or_else(elsewhere);
    // The longest that it begins with: `.timeEnd` is like `.time`.
    let longer = || names().filter(|known| lower.starts_with(known)).max_by_key(|known| known.len());
    // Of a short name one letter may be wrong.
    let most = if name.len() <= 5 { 1 } else { 2 };
    let misspelt = || names().map(|known| (osa_distance(&lower, known), known)).min().filter(|(distance, _)| *distance <= most);
    match begun.or_else(|| misspelt().map(|(_, known)| known)).or_else(longer) {
        Some(known) => format!("no command {name}; did you mean {known}?"),
        None => format!("no command {name}; .help lists them"),
    }
}

#[cfg(test)]
mod tests {
    use rustyline::hint::Hint as _;

    use super::{MANUAL, complete, explain, find, hint};

    #[test]
    fn the_list_fits_a_narrow_terminal() {
        for line in super::list().lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }

    #[test]
    fn every_command_is_listed_in_order_and_explained() {
        assert!(MANUAL.is_sorted_by_key(|entry| entry.name));
        for entry in MANUAL {
            let text = explain(entry, 40);
            assert!(text.starts_with(entry.name) && text.lines().all(|line| line.len() <= 41), "{text}");
            assert!(entry.more.len() > entry.means.len());
        }
    }

    #[test]
    fn names_are_completed() {
        let names = |typed| {
            complete(typed).map(|(start, pairs)| (start, pairs.into_iter().map(|pair| pair.replacement).collect::<Vec<_>>()))
        };
        assert_eq!(names(".res"), Some((0, vec![".reset".to_owned(), ".restart".to_owned()])));
        assert_eq!(names(".cd"), Some((0, vec![".cd ".to_owned()])));
        assert_eq!(names(".lo"), Some((0, vec![".load ".to_owned()])));
        assert_eq!(names(".help lo"), Some((6, vec![".load".to_owned()])));
        assert_eq!(names(".load x"), None);
        assert_eq!(names("lo"), None);
        assert_eq!(find("load").map(|entry| entry.name), Some(".load"));
    }

    #[test]
    fn what_a_command_takes_is_hinted() {
        assert_eq!(hint(".load ").map(|hint| hint.display().to_owned()), Some("FILE".to_owned()));
        // `.time` and `.timeout` both fit.
        assert!(hint(".ti").is_none());
        let load = hint(".lo");
        assert_eq!(load.as_ref().and_then(|hint| hint.completion()), Some("ad"));
        assert!(hint(".").is_none() && hint(".exit ").is_none());
    }
}
