//! `drupe completions`: what a shell may add to a command line.
//!
//! The scripts of the shells (`completions/`) know nothing of flags. They ask this program with
//! `drupe completions --typed -- drupe WORDS`, and the definition of the command line is the answer: **there is no
//! second table of flags**.

use std::ffi::OsString;

use clap::{Arg, Args, Command, ValueEnum};

/// What `drupe completions` takes.
#[derive(Debug, Args)]
pub(crate) struct CompletionFlags {
    /// The shell whose script is printed
    #[arg(value_name = "SHELL", required_unless_present = "typed")]
    pub(crate) shell: Option<Shell>,
    /// Say what may follow the words behind `--`, of which the last is being typed: the scripts ask so
    #[arg(long, hide = true)]
    pub(crate) typed: bool,
    /// The words, from the name of the program on
    #[arg(hide = true, last = true, requires = "typed", value_name = "WORD")]
    pub(crate) words: Vec<OsString>,
}

/// A shell that there is a script for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    /// Source it in ~/.bashrc: source <(drupe completions bash)
    Bash,
    /// Write it into a folder of $fpath as _drupe, or source it in ~/.zshrc
    Zsh,
    /// Write it into ~/.config/fish/completions/drupe.fish
    Fish,
}

impl Shell {
    pub(crate) fn script(self) -> &'static str {
        match self {
            Self::Bash => include_str!("../completions/drupe.bash"),
            Self::Zsh => include_str!("../completions/_drupe"),
            Self::Fish => include_str!("../completions/drupe.fish"),
        }
    }
}

/// What may stand in the place of the last word.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Reply {
    /// Words, with what they are.
    words: Vec<(String, String)>,
    /// Whether names of files may, too. The shell knows them best.
    files: bool,
}

impl Reply {
    /// The first line says whether the shell is to add `files`. Each other has a word, a tab, and what it is.
    pub(crate) fn text(&self) -> String {
        let kind = if self.files { "files\n" } else { "words\n" };
        self.words.iter().fold(kind.to_owned(), |text, (word, help)| text + word + "\t" + help + "\n")
    }
}

/// Says what may stand in the place of the last of these words. The first is the name of the program.
pub(crate) fn reply(definition: &mut Command, typed: &[String]) -> Reply {
    definition.build();
    let Some((current, before)) = typed.get(1..).and_then(|words| words.split_last()) else { return Reply::default() };
    let place = Place::behind(definition, before);
    let mut reply = place.reply(current);
    reply.words.retain(|(word, _)| word.starts_with(current.as_str()));
    reply
}

/// A place in a command line.
struct Place<'a> {
    root: &'a Command,
    command: Option<&'a Command>,
    /// How many of the command's own words were there.
    positional: usize,
    /// The flag whose value is to come.
    flag: Option<&'a Arg>,
    /// Code was given: the next word is the program's.
    has_code: bool,
    /// The words that follow belong to the program.
    is_program: bool,
}

impl<'a> Place<'a> {
    fn behind(root: &'a Command, words: &[String]) -> Self {
        let mut place = Self { root, command: None, positional: 0, flag: None, has_code: false, is_program: false };
        words.iter().for_each(|word| place.pass(word));
        place
    }

    fn pass(&mut self, word: &str) {
        if self.is_program || self.flag.take().is_some() {
            return;
        }
        if word == "--" {
            self.is_program = true;
        } else if crate::words::is_flag(word.as_ref()) {
            let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
            let arg = self.named(name);
            self.has_code |= arg.is_some_and(|arg| ["eval", "print"].contains(&arg.get_id().as_str()));
            self.flag = arg.filter(|arg| value.is_none() && arg.get_action().takes_values() && !arg.is_require_equals_set());
        } else if let Some(command) = self.command {
            self.is_program = command.get_positionals().nth(self.positional).is_none_or(Arg::is_trailing_var_arg_set);
            self.positional += 1;
        } else {
            self.command = self.root.find_subcommand(word).filter(|_| !self.has_code);
            self.is_program = self.command.is_none();
        }
    }

    fn reply(&self, current: &str) -> Reply {
        if self.is_program {
            return Reply { files: true, ..Reply::default() };
        }
        if let Some(flag) = self.flag {
            return values(flag, "");
        }
        if let Some((name, _)) = current.split_once('=').filter(|_| current.starts_with("--")) {
            return self.named(name).map_or_else(Reply::default, |flag| values(flag, &format!("{name}=")));
        }
        if current.starts_with('-') {
            return self.flags(current);
        }
        match self.command {
            Some(command) if command.get_name() == "help" => Reply { words: self.commands(), files: false },
            Some(command) => command.get_positionals().nth(self.positional).map_or_else(Reply::default, |arg| values(arg, "")),
            None if self.has_code => Reply { files: true, ..Reply::default() },
            None => Reply { words: self.commands(), files: true },
        }
    }

    /// All flags that can be used here.
    fn args(&self) -> impl Iterator<Item = &'a Arg> {
        let args = self.command.unwrap_or(self.root).get_arguments();
        args.filter(|arg| !arg.is_positional() && !arg.is_hide_set())
    }

    /// The flag of this name.
    fn named(&self, name: &str) -> Option<&'a Arg> {
        let is_named = |arg: &&Arg| match name.strip_prefix("--") {
            Some(long) => arg.get_long_and_visible_aliases().is_some_and(|names| names.contains(&long)),
            None => arg.get_short().is_some_and(|short| name.ends_with(short)),
        };
        self.args().find(is_named)
    }

    fn flags(&self, current: &str) -> Reply {
        let mut words = Vec::new();
        for arg in self.args() {
            // Who has typed a single minus sees the short ones, too.
            words.extend(arg.get_short().filter(|_| current == "-").map(|short| (format!("-{short}"), help(arg))));
            words.extend(arg.get_long().map(|long| (format!("--{long}"), help(arg))));
        }
        Reply { words, files: false }
    }

    fn commands(&self) -> Vec<(String, String)> {
        let shown = self.root.get_subcommands().filter(|command| !command.is_hide_set());
        shown.map(|command| (command.get_name().to_owned(), first_line(command.get_about()))).collect()
    }
}

/// The values of a flag or of another word, each with `before` before it.
fn values(arg: &Arg, before: &str) -> Reply {
    /// How the names of values begin that are files.
    const FILES: [&str; 2] = ["FILE", "PATH"];
    let possible = arg.get_possible_values().into_iter().filter(|value| !value.is_hide_set());
    let words = possible.map(|value| (format!("{before}{}", value.get_name()), first_line(value.get_help()))).collect();
    let is_file = arg.get_value_names().and_then(|names| names.first()).is_some_and(|name| FILES.contains(&name.as_str()));
    // A program's own words are often files.
    Reply { words, files: is_file || arg.is_trailing_var_arg_set() }
}

fn help(arg: &Arg) -> String {
    first_line(arg.get_help())
}

fn first_line(text: Option<&clap::builder::StyledStr>) -> String {
    text.map(ToString::to_string).unwrap_or_default().lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {

    use super::reply;
    use crate::args::Arguments;

    /// The words that may follow, and `/` for files.
    fn asked(line: &str) -> String {
        let typed = line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let reply = reply(&mut Arguments::definition(), &typed);
        let words = reply.words.iter().map(|(word, _)| &**word);
        words.chain(reply.files.then_some("/")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_may_follow_is_what_the_definition_says() {
        for (line, words) in [
            ("drupe ev", "eval /"),
            ("drupe --sandbox ", "hardened strict best-effort off"),
            ("drupe --sandbox s", "strict"),
            ("drupe --sandbox=b", "--sandbox=best-effort"),
            ("drupe serve --sandbox off --sock", "--socket"),
            ("drupe serve --stdio s", ""),
            ("drupe serve --policy ", "/"),
            ("drupe --vm-t", "--vm-timeout"),
            ("drupe --vm-timeout ", ""),
            ("drupe --vm-timeout 1s eva", "eval /"),
            ("drupe --allow-read=", "/"),
            ("drupe --allow-read=/a,/b", "/"),
            ("drupe --allow-net=", ""),
            ("drupe --allow-read ev", "eval /"),
            ("drupe --preload x.ts --no-p", "--no-prompt"),
            ("drupe run ", "/"),
            ("drupe run x.ts --", "/"),
            ("drupe x.ts --sandbox ", "/"),
            ("drupe -- --san", "/"),
            ("drupe -e ", ""),
            ("drupe -e 1 --vm-t", "--vm-timeout"),
            ("drupe -e 1 r", "/"),
            ("drupe -e 1 r --san", "/"),
            ("drupe eval ", ""),
            ("drupe eval 1 ", "/"),
            ("drupe eval -1 --san", "--sandbox"),
            ("drupe repl --input ", "json"),
            ("drupe repl --events=", "--events=json"),
            ("drupe completions ", "bash zsh fish"),
            ("drupe completions zsh ", ""),
            ("drupe help ser", "serve"),
            ("drupe doctor ", ""),
            ("drupe --typ", ""),
        ] {
            assert_eq!(asked(line), words, "{line}");
        }
        assert!(asked("drupe -").split(' ').any(|word| word == "-A"));
        assert!(!asked("drupe --").split(' ').any(|word| word == "-A"));
        assert_eq!((asked("drupe"), asked("")), (String::new(), String::new()));
    }

    #[test]
    fn a_word_comes_with_what_it_is() {
        let typed = ["drupe", "--sandbox", "off"].map(str::to_owned);
        let text = reply(&mut Arguments::definition(), &typed).text();
        assert!(text.starts_with("words\noff\tNothing: a bug in V8") && text.ends_with('\n'), "{text}");
    }
}
