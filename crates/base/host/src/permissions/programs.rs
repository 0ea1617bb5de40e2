//! Rules for programs: their syntax, and the programs that they cover.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use super::{BadRule, Kind, rules::resolve_existing};

/// A program that is to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Program {
    /// As it was named.
    pub name: String,
    /// The file that this leads to, absolute. Its last component may be a link: the name of that counts, because
    /// programs look at the name that they were called by.
    pub file: PathBuf,
    /// The file that runs, all links followed.
    pub real: PathBuf,
    /// What it is given.
    pub arguments: Vec<String>,
}

impl Program {
    /// The program `name`, found as `file`, which leads to `real`, without arguments.
    #[must_use]
    pub fn new(name: impl Into<String>, file: impl Into<PathBuf>, real: impl Into<PathBuf>) -> Self {
        Self { name: name.into(), file: file.into(), real: real.into(), arguments: Vec::new() }
    }
}

/// A program: by name, as it is found on the path, or by its file; with any arguments, or with those that the rule
/// begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramRule {
    program: Named,
    arguments: Vec<String>,
    /// Whether further arguments may follow.
    open: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Named {
    Name(String),
    /// Absolute. **Looked up each time**, so that a new version of the program may take its place.
    File(PathBuf),
}

impl ProgramRule {
    /// Reads words as a shell would: `git`, `git status`, `"/my tools/run" --fast`.
    pub(super) fn parse(rule: &str) -> Result<Self, BadRule> {
        let bad = |why: &str| BadRule { kind: Kind::Run, rule: rule.to_owned(), why: why.to_owned() };
        let shape = "it must be the name of a program, or the path of its file, and arguments that it begins with, if any";
        if rule.contains('\0') {
            return Err(bad(shape));
        }
        let mut words = words(rule).map_err(bad)?.into_iter();
        let program = words.next().filter(|program| !program.is_empty()).ok_or_else(|| bad(shape))?;
        let program = if program.contains(std::path::is_separator) {
            Named::File(std::path::absolute(program).map_err(|_| bad("its path cannot be made absolute"))?)
        } else {
            Named::Name(program)
        };
        Ok(Self { program, arguments: words.collect(), open: true })
    }

    /// The rule for this file with exactly these arguments.
    pub(super) fn exactly(program: &Program) -> Self {
        Self { program: Named::File(program.file.clone()), arguments: program.arguments.clone(), open: false }
    }

    /// The file that it names, if it does not name the program alone.
    pub(crate) fn file(&self) -> Option<&Path> {
        match &self.program {
            Named::Name(_) => None,
            Named::File(file) => Some(file),
        }
    }

    /// Whether it covers all that `other` covers.
    pub(super) fn includes(&self, other: &Self) -> bool {
        let begins = self.program == other.program && other.arguments.starts_with(&self.arguments);
        begins && (self.open || !other.open && self.arguments.len() == other.arguments.len())
    }

    /// Whether it covers `program`.
    ///
    /// A rule by name covers only that name. A rule by file covers what leads to the same file **by a last name that is
    /// the rule's own**: one file may be many programs, which tell from the name which of them they are.
    #[must_use]
    pub fn covers(&self, program: &Program) -> bool {
        let begins = program.arguments.starts_with(&self.arguments);
        let fits = begins && (self.open || self.arguments.len() == program.arguments.len());
        fits && match &self.program {
            Named::Name(name) => *name == program.name,
            Named::File(file) => file.file_name() == program.file.file_name() && resolve_existing(file) == program.real,
        }
    }

    /// Whether it covers `program` as a rule that denies: also by another name, or another link to the same file.
    pub(super) fn denies(&self, program: &Program) -> bool {
        if !program.arguments.starts_with(&self.arguments) {
            return false;
        }
        let real = &program.real;
        match &self.program {
            Named::Name(name) => {
                let is_called = |file: &Path| file.file_name().is_some_and(|file| *file == **name);
                *name == program.name
                    || is_called(&program.file)
                    || is_called(real)
                    || on_path(name).any(|file| is_same(&file, real))
            }
            Named::File(file) => is_same(file, real),
        }
    }
}

/// Where the parent would find a program of this name.
fn on_path(name: &str) -> impl Iterator<Item = PathBuf> {
    let folders = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default();
    folders.into_iter().map(move |folder| folder.join(name)).filter(|file| file.is_file())
}

/// Whether both are one file: by path, or as two names of it.
fn is_same(file: &Path, real: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if let (Ok(one), Ok(other)) = (file.metadata(), real.metadata()) {
            return (one.dev(), one.ino()) == (other.dev(), other.ino());
        }
    }
    resolve_existing(file) == real
}

/// The words of `text`: separated by spaces, which quotes and backslashes keep together.
///
/// # Errors
/// In words, when a quote is not closed.
pub fn words(text: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next() {
                        None => return Err("a quote is not closed"),
                        Some(end) if end == character => break,
                        Some('\\') if character == '"' => word.extend(characters.next()),
                        Some(inner) => word.push(inner),
                    }
                }
            }
            '\\' => word.get_or_insert_default().extend(characters.next()),
            _ if character.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    Ok(words)
}

/// `word` so that [`words`] reads it as one.
pub fn quoted(word: &str) -> String {
    let is_plain = |character: char| !character.is_whitespace() && !matches!(character, '\'' | '"' | '\\' | ',');
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""))
}

impl fmt::Display for ProgramRule {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match &self.program {
            Named::Name(name) => f.write_str(&quoted(name))?,
            Named::File(file) => f.write_str(&quoted(&file.to_string_lossy()))?,
        }
        self.arguments.iter().try_for_each(|argument| write!(f, " {}", quoted(argument)))?;
        f.write_str(if self.open { "" } else { " (and nothing more)" })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn program(name: &str, file: &str, arguments: &[&str]) -> Program {
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        Program { name: name.to_owned(), file: file.into(), real: resolve_existing(Path::new(file)), arguments }
    }

    #[test]
    fn names_and_files() {
        let run = |rule: &str, name: &str, file: &str| ProgramRule::parse(rule).unwrap().covers(&program(name, file, &["x"]));
        assert!(run("git", "git", "/usr/bin/git") && !run("git", "/tmp/git", "/tmp/git"));
        assert!(run("/no/such/git", "git", "/no/such/git") && !run("/no/such/git", "git", "/no/such/git2"));
        assert!(run("'/no/such folder/git'", "git", "/no/such folder/git"));
        for bad in ["", " ", "''", "a\0b", "'git", "git \"status"] {
            assert!(ProgramRule::parse(bad).is_err(), "{bad:?}");
        }
    }

    // threat G20
    #[test]
    fn a_rule_may_fix_the_first_arguments() {
        let covers =
            |rule: &str, arguments: &[&str]| ProgramRule::parse(rule).unwrap().covers(&program("git", "/usr/bin/git", arguments));
        assert!(covers("git status", &["status"]) && covers("git status", &["status", "--short"]));
        for other in [&[][..], &["push"], &["-c", "x=y", "status"], &["status2"], &["stat", "us"]] {
            assert!(!covers("git status", other), "{other:?}");
        }
        assert!(covers("git commit -m 'two words'", &["commit", "-m", "two words"]));
        assert!(!covers("git commit -m 'two words'", &["commit", "-m", "two", "words"]));
        let exact = ProgramRule::exactly(&program("git", "/usr/bin/git", &["status"]));
        assert!(exact.covers(&program("git", "/usr/bin/git", &["status"])));
        assert!(!exact.covers(&program("git", "/usr/bin/git", &["status", "--short"])));
    }

    // threat G20
    #[test]
    fn one_file_with_many_names_is_granted_by_one_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("multi"), "").unwrap();
        for name in ["ls", "sh"] {
            std::os::unix::fs::symlink("multi", at(name)).unwrap();
        }
        let asked = |name: &str| program(name, &at(name).display().to_string(), &[]);
        let rule = ProgramRule::parse(&at("ls").display().to_string()).unwrap();
        assert!(rule.covers(&asked("ls")) && !rule.covers(&asked("sh")) && !rule.covers(&asked("multi")));
        // To deny one of them denies the file, by whatever name.
        assert!(["ls", "sh", "multi"].iter().all(|name| rule.denies(&asked(name))));
        std::fs::hard_link(at("multi"), at("other")).unwrap();
        assert!(rule.denies(&asked("other")));
    }

    #[test]
    fn words_are_read_back_as_they_were_written() {
        for word in ["plain", "two words", "it's", "a\"b", "back\\slash", "", "a,b"] {
            assert_eq!(words(&quoted(word)), Ok(vec![word.to_owned()]), "{word}");
        }
        assert_eq!(words(r#" a  'b c'"d"\ e "#), Ok(vec!["a".to_owned(), "b cd e".to_owned()]));
    }
}
