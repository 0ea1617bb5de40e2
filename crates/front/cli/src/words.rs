//! Splits the words of the command line before they are parsed: where the flags of `drupe` end, and which belong to a
//! program.
//!
//! As in Node, flags before a file or after `-e CODE` are the command's. Everything after the first other word is the
//! program's. The definition of the command line says which flags take a value.

use std::ffi::{OsStr, OsString};

use clap::{Arg, Command};
use strsim::osa_distance;

use crate::program;

/// Flags of Node's that change nothing here, and whose value may be a word of its own.
pub(crate) const NODES_WITH_VALUES: [&str; 2] = ["--experimental-default-type", "--experimental-specifier-resolution"];

/// A command line, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Words {
    /// A command, or nothing but flags: all of it is for the parser.
    Command(Vec<OsString>),
    /// `-e CODE` or `-p CODE`.
    Code {
        /// What the parser is to read: the program and its flags.
        flags: Vec<OsString>,
        /// `None`: what standard input brings.
        code: Option<OsString>,
        print: bool,
        args: Vec<OsString>,
    },
    /// A file, or `-` for standard input; or a word that was meant as something else.
    File { flags: Vec<OsString>, file: OsString, args: Vec<OsString> },
}

/// Something is missing, in words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Missing(pub(crate) &'static str);

/// Takes a command line apart; the first of `all` is the program.
pub(crate) fn take_apart(definition: &Command, all: Vec<OsString>) -> Result<Words, Missing> {
    let mut flags: Vec<OsString> = all.first().cloned().into_iter().collect();
    let (mut code, mut print, mut at, mut ended) = (None, false, 1, false);
    while let Some(word) = all.get(at) {
        let text = word.to_str().unwrap_or_default();
        at += 1;
        match text {
            "--" => {
                ended = true;
                break;
            }
            "-e" | "--eval" | "-pe" => {
                print |= text == "-pe";
                code = Some(all.get(at).cloned().ok_or(Missing("-e takes code: drupe -e 'console.log(1)'"))?);
                at += 1;
            }
            "-p" | "--print" => {
                print = true;
                // As in Node, `-p -e CODE` is the same as `-p CODE`.
                if let Some(next) = all.get(at).filter(|next| !is_flag(next) && *next != "-") {
                    code = Some(next.clone());
                    at += 1;
                }
            }
            _ if ["-e=", "-p="].iter().any(|begin| text.starts_with(begin)) => {
                return Err(Missing("there is no '=' behind -e and -p: write -p CODE, or --print=CODE"));
            }
            _ if text.starts_with("--eval=") => code = Some(text["--eval=".len()..].into()),
            _ if text.starts_with("--print=") => (print, code) = (true, Some(text["--print=".len()..].into())),
            _ if !is_flag(word) => {
                at -= 1;
                break;
            }
            _ => {
                flags.push(word.clone());
                if takes_next(definition, text)
                    && let Some(value) = all.get(at)
                {
                    flags.push(value.clone());
                    at += 1;
                }
            }
        }
    }
    let rest = &all[at..];
    match (code, rest.split_first()) {
        (Some(code), _) => Ok(Words::Code { flags, code: Some(code), print, args: rest.to_vec() }),
        (None, None) if print => Ok(Words::Code { flags, code: None, print, args: Vec::new() }),
        // As in Node, the arguments of code from standard input follow a `-`.
        (None, Some((word, _))) if print && word == "-" => Ok(Words::Code { flags, code: None, print, args: rest.to_vec() }),
        (None, None) => Ok(Words::Command(all)),
        (None, Some((word, args))) => {
            let named = word.to_str().filter(|_| !ended);
            // `drupe help --help` wants no more than `drupe help`.
            if named == Some("help") {
                let asked = args.iter().filter(|word| !is_flag(word));
                return Ok(Words::Command(
                    [OsStr::new("drupe"), word].into_iter().chain(asked.map(|word| &**word)).map(Into::into).collect(),
                ));
            }
            if named.is_some_and(|word| definition.find_subcommand(word).is_some()) {
                return Ok(Words::Command(all));
            }
            Ok(Words::File { flags, file: word.clone(), args: args.to_vec() })
        }
    }
}

/// The program and its flags, of a line that has a command: also those that follow the command, up to the next word.
pub(crate) fn flags(definition: &Command, all: &[OsString]) -> Vec<OsString> {
    let mut flags: Vec<OsString> = all.first().cloned().into_iter().collect();
    for at in before_program(definition, all) {
        flags.push(all[at].clone());
        let value = takes_next(definition, all[at].to_str().unwrap_or_default()).then(|| all.get(at + 1).cloned());
        flags.extend(value.flatten());
    }
    flags
}

/// Where the words stand that are flags of the command's, and not the values of others.
pub(crate) fn before_program(definition: &Command, all: &[OsString]) -> Vec<usize> {
    let (mut found, mut at, mut has_command) = (Vec::new(), 1, false);
    while let Some(word) = all.get(at) {
        let text = word.to_str().unwrap_or_default();
        if is_flag(word) && text != "--" {
            found.push(at);
            at += usize::from(takes_next(definition, text));
        } else if has_command || definition.find_subcommand(text).is_none() {
            break;
        } else {
            has_command = true;
        }
        at += 1;
    }
    found
}

/// Whether a word is one of flags: `-` alone is a file, and a number is code.
pub(crate) fn is_flag(word: &OsStr) -> bool {
    let text = word.to_string_lossy();
    text.len() > 1 && text.starts_with('-') && !text[1..].starts_with(|char: char| char.is_ascii_digit() || char == '.')
}

/// Whether what follows a flag is its value.
fn takes_next(definition: &Command, flag: &str) -> bool {
    let takes = |arg: &Arg| arg.get_action().takes_values() && !arg.is_require_equals_set();
    let is_named = |arg: &Arg| match flag.strip_prefix("--") {
        Some(long) => arg.get_long() == Some(long) || arg.get_all_aliases().is_some_and(|aliases| aliases.contains(&long)),
        None => arg.get_short().is_some_and(|short| flag.ends_with(short)),
    };
    NODES_WITH_VALUES.contains(&flag) || definition.get_arguments().any(|arg| is_named(arg) && takes(arg))
}

/// Commands of other programs that people look for here, and what to do instead.
const ELSEWHERE: [(&[&str], &str); 6] = [
    (
        &["install", "i", "add", "remove", "update", "ci", "link"],
        "it installs no packages; use npm, pnpm, yarn or bun: it finds node_modules",
    ),
    (&["init", "create"], "it makes no projects; a folder with package.json is one: npm init"),
    (&["test", "bench"], "it has no test runner; run a file: drupe FILE"),
    (
        &["fmt", "format", "lint", "check", "build", "compile", "bundle"],
        "it runs code, and neither checks types nor builds; tsc, eslint and others do",
    ),
    (&["upgrade", "self-update"], "what has installed it upgrades it: drupe doctor says what that is"),
    (&["task", "start", "exec", "x"], "scripts of package.json are npm's: npm run NAME"),
];

/// What a word that is neither a command nor a file was meant as.
pub(crate) fn meant(definition: &Command, word: &str) -> String {
    if let Some((_, advice)) = ELSEWHERE.iter().find(|(words, _)| words.contains(&word)) {
        return format!("there is no command '{word}', and no file of that name: {advice}");
    }
    let commands = definition.get_subcommands().map(Command::get_name).filter(|name| *name != "kernel");
    let near = commands.map(|name| (distance(word, name), name)).filter(|(distance, _)| *distance <= 2).min();
    if let Some((_, name)) = near.filter(|(distance, _)| word.len() > *distance) {
        return format!("there is no command '{word}', and no file of that name; did you mean '{name}'?");
    }
    if is_code(word) {
        let quoted = word.replace('\'', r"'\''");
        return format!("there is no file '{word}'; to print what code comes to: drupe -p '{quoted}'");
    }
    if let Some(file) = near_file(word) {
        return format!("Cannot find module '{}'; did you mean '{file}'?", program::named(OsStr::new(word)));
    }
    format!("Cannot find module '{}'", program::named(OsStr::new(word)))
}

/// How many names in a folder are looked at for one that is near.
const NAMES: usize = 4_000;

/// The file beside where `word` would be whose name is near.
fn near_file(word: &str) -> Option<String> {
    let (folder, name) = word.rsplit_once('/').map_or(("", word), |(folder, name)| (&word[..=folder.len()], name));
    let names =
        std::fs::read_dir(program::plain(OsStr::new(if folder.is_empty() { "." } else { folder }))).ok()?.take(NAMES).flatten();
    let names = names.filter(|entry| entry.path().is_file()).filter_map(|entry| entry.file_name().into_string().ok());
    let near = names.map(|known| (distance(name, &known), known)).filter(|(distance, known)| *distance <= 2 && known.len() > 4);
    near.min().map(|(_, known)| format!("{folder}{known}"))
}

/// Whether a word looks like code: it has what hardly any name of a file has.
fn is_code(word: &str) -> bool {
    let is_number = word.parse::<f64>().is_ok();
    is_number || word.contains(['(', ')', '+', '*', '=', '\'', '"', '`', ';', '{', '[', '<', '>', '?', ' '])
}

/// How many letters have to be inserted, removed, replaced, or swapped with their neighbours to make `b` of `a`.
fn distance(a: &str, b: &str) -> usize {
    if a.len().abs_diff(b.len()) > 2 { usize::MAX } else { osa_distance(a, b) }
}

#[cfg(test)]
mod tests {

    use super::{Missing, Words, meant, take_apart};
    use crate::args::Arguments;

    #[test]
    fn commands_of_other_programs_are_told_where_they_are() {
        let definition = Arguments::definition();
        for (word, advice) in [("add", "npm"), ("test", "drupe FILE"), ("fmt", "eslint"), ("upgrade", "drupe doctor")] {
            let said = meant(&definition, word);
            assert!(said.contains(&format!("'{word}'")) && said.contains(advice), "{said}");
        }
    }

    fn words(line: &str) -> Result<Words, Missing> {
        take_apart(&Arguments::definition(), line.split(' ').map(Into::into).collect())
    }

    fn list(words: &str) -> Vec<std::ffi::OsString> {
        words.split(' ').filter(|word| !word.is_empty()).map(Into::into).collect()
    }

    #[test]
    fn flags_before_a_file_are_drupes_and_those_after_it_the_programs() {
        for (line, flags, file, args) in [
            ("drupe x.ts", "drupe", "x.ts", ""),
            ("drupe x.ts --vm-timeout 1s -A --", "drupe", "x.ts", "--vm-timeout 1s -A --"),
            ("drupe --vm-timeout 1s -A --allow-net=a x.ts -e y", "drupe --vm-timeout 1s -A --allow-net=a", "x.ts", "-e y"),
            ("drupe --allow-read x.ts a", "drupe --allow-read", "x.ts", "a"),
            ("drupe -- run -x", "drupe", "run", "-x"),
            ("drupe - a b", "drupe", "-", "a b"),
        ] {
            let expected = Words::File { flags: list(flags), file: file.into(), args: list(args) };
            assert_eq!(words(line), Ok(expected), "{line}");
        }
    }

    #[test]
    fn code_may_be_given_in_all_of_nodes_ways() {
        for (line, flags, code, print, args) in [
            ("drupe -e 1 a -b", "drupe", "1", false, "a -b"),
            ("drupe -e 1 -A a", "drupe -A", "1", false, "a"),
            ("drupe -e 1 -- -A", "drupe", "1", false, "-A"),
            ("drupe -e -1", "drupe", "-1", false, ""),
            ("drupe -p 1+1 run x", "drupe", "1+1", true, "run x"),
            ("drupe -p -1", "drupe", "-1", true, ""),
            ("drupe -pe 1", "drupe", "1", true, ""),
            ("drupe -p -e 1", "drupe", "1", true, ""),
            ("drupe -e 1 -p", "drupe", "1", true, ""),
            ("drupe --print=1 --vm-timeout 5", "drupe --vm-timeout 5", "1", true, ""),
            ("drupe --eval 1", "drupe", "1", false, ""),
        ] {
            let expected = Words::Code { flags: list(flags), code: Some(code.into()), print, args: list(args) };
            assert_eq!(words(line), Ok(expected), "{line}");
        }
        assert!(words("drupe -e").is_err());
        for (line, flags, args) in
            [("drupe -p", "drupe", ""), ("drupe --print -A", "drupe -A", ""), ("drupe -p - a -b", "drupe", "- a -b")]
        {
            let expected = Words::Code { flags: list(flags), code: None, print: true, args: list(args) };
            assert_eq!(words(line), Ok(expected), "{line}");
        }
    }

    #[test]
    fn commands_are_left_to_the_parser() {
        for line in ["drupe", "drupe eval 1", "drupe --vm-timeout 1s run x.ts -e", "drupe -A", "drupe --help", "drupe help eval"]
        {
            assert_eq!(words(line), Ok(Words::Command(list(line))), "{line}");
        }
        assert_eq!(words("drupe help --help"), Ok(Words::Command(list("drupe help"))));
    }

    #[test]
    fn what_is_nothing_is_told_what_it_may_have_meant() {
        let meant = |word| meant(&Arguments::definition(), word);
        for (word, part) in [
            ("evl", "did you mean 'eval'?"),
            ("evla", "did you mean 'eval'?"),
            ("rnu", "did you mean 'run'?"),
            ("rn", "did you mean 'run'?"),
            ("1+1", "drupe -p '1+1'"),
            ("f('x')", r"drupe -p 'f('\''x'\'')'"),
            ("/no/such/../file.ts", "Cannot find module '/no/file.ts'"),
        ] {
            assert!(meant(word).contains(part), "{word}: {}", meant(word));
        }
    }
}
