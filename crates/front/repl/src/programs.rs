//! Completion of program names: the first word of a command of the shell.

use std::{collections::BTreeSet, env, ffi::OsStr, fs, path::Path};

use drupe_client::{
    Completion, CompletionKind, Policy,
    host::{permissions::Kind, shell},
};

/// Entries of a folder that are looked at, and how many are offered.
const MAX_ENTRIES: usize = 20_000;
const MOST: usize = 200;

/// A program's name that is being typed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Where it begins, in bytes.
    pub(crate) start: usize,
    begun: String,
}

/// The program's name that `typed` ends with, if it ends with the first letters of one: behind `!`, or behind what
/// parts commands.
pub(crate) fn word(typed: &str) -> Option<Word> {
    let command = typed.strip_prefix('!').filter(|command| !command.contains('\n'))?;
    // What is quoted or put in has a meaning that is not looked for.
    if command.contains(['\'', '"', '`', '\\', '(']) {
        return None;
    }
    let parts = command.rfind(['|', ';', '&']).map_or(0, |end| end + 1);
    // Behind a part that is JavaScript comes JavaScript, as in `!a || b`.
    if parts > 0 && shell::command(typed[..parts].trim_end_matches(['|', ';', '&'])).is_none() {
        return None;
    }
    let begun = command[parts..].trim_start();
    let is_name = |char: char| char.is_alphanumeric() || matches!(char, '_' | '-' | '.' | '+');
    let is_word = begun.starts_with(char::is_alphabetic) && begun.chars().all(is_name);
    is_word.then(|| Word { start: typed.len() - begun.len(), begun: begun.to_owned() })
}

impl Word {
    /// The programs of the search path that begin so and that `policy` lets code see, and what a shell knows by itself.
    /// May block.
    pub(crate) fn list(&self, policy: &Policy) -> Vec<Completion> {
        self.list_in(&env::var_os("PATH").unwrap_or_default(), policy)
    }

    fn list_in(&self, path: &OsStr, policy: &Policy) -> Vec<Completion> {
        let mut names = shell::BUILT_IN.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        names.retain(|name| name.starts_with(&self.begun));
        for folder in env::split_paths(path) {
            self.add(&folder, policy, &mut names);
        }
        let item = |text: String| Completion::new(text, CompletionKind::Property, Some("program".to_owned()));
        names.into_iter().take(MOST).map(item).collect()
    }

    fn add(&self, folder: &Path, policy: &Policy, names: &mut BTreeSet<String>) {
        let real = folder.canonicalize().ok().filter(|real| policy.covers_path(Kind::Read, real));
        let Some(Ok(entries)) = real.map(fs::read_dir) else { return };
        for entry in entries.flatten().take(MAX_ENTRIES) {
            let Ok(name) = entry.file_name().into_string() else { continue };
            if name.starts_with(&self.begun) && !names.contains(&name) && shell::is_executable(&entry.path()) {
                names.insert(name);
            }
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use drupe_client::Policy;

    use super::word;

    #[test]
    fn programs_are_found_by_their_first_letters() {
        for (typed, begun) in [("!l", "l"), ("! git-s", "git-s"), ("!ls | wc", "wc"), ("!ls && s", "s"), ("!ls;p", "p")] {
            let found = word(typed).unwrap_or_else(|| panic!("{typed}"));
            assert_eq!((&*found.begun, &typed[found.start..]), (begun, begun), "{typed}");
        }
        for typed in ["l", "!", "!ls ", "!ls a", "!./a", "!a.b(c", "!no_such_thing || b", "!'a", "!ls\nb", "!1"] {
            assert_eq!(word(typed), None, "{typed}");
        }
        let folder = std::env::temp_dir().join(format!("drupe-programs-{}", std::process::id()));
        fs::create_dir_all(folder.join("folder-x")).unwrap();
        for (name, mode) in [("foreign", 0o755), ("fodder", 0o644)] {
            fs::write(folder.join(name), "").unwrap();
            fs::set_permissions(folder.join(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        let list = |typed: &str, policy: &Policy| {
            let items = word(typed).unwrap().list_in(folder.as_os_str(), policy);
            items.into_iter().map(|item| item.text).collect::<Vec<_>>()
        };
        assert_eq!(list("!fo", &Policy::all()), ["foreign"]);
        assert_eq!(list("!pw", &Policy::all()), ["pwd"]);
        assert_eq!(list("!fo", &Policy::none()), Vec::<String>::new());
        fs::remove_dir_all(folder).unwrap();
    }
}
