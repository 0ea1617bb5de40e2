//! The history of typed entries: in memory for the editor, and in a file from session to session.

use std::borrow::Cow;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::{env, fs};

use rustyline::history::{History, SearchDirection, SearchResult};

/// Where the history is kept: the environment variable `DRUPE_HISTORY` (nowhere, if it is empty), else `drupe/history`
/// in the user's folder for state.
#[must_use]
pub fn history_path() -> Option<PathBuf> {
    if let Some(path) = env::var_os("DRUPE_HISTORY") {
        // Relative to where this process began: `.cd` changes that.
        return (!path.is_empty()).then(|| std::path::absolute(&path).unwrap_or_else(|_| path.into()));
    }
    let folder = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else {
        folder("XDG_STATE_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/state")))
    };
    state.map(|state| state.join("drupe").join("history"))
}

/// Entries, oldest first. **No two are equal**: one that is typed again becomes the newest.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    entries: Vec<String>,
    /// How many are kept.
    most: usize,
}

impl Entries {
    /// None, of which `most` will be kept.
    pub(crate) fn new(most: usize) -> Self {
        Self { entries: Vec::new(), most }
    }

    /// Adds `entry` as the newest. Says whether there was anything to add.
    pub(crate) fn push(&mut self, entry: &str) -> bool {
        if entry.trim().is_empty() {
            return false;
        }
        self.entries.retain(|known| known != entry);
        self.entries.push(entry.to_owned());
        let excess = self.entries.len().saturating_sub(self.most);
        self.entries.drain(..excess);
        true
    }

    /// Reads the file at `path`, one entry a line; there may be none. Rewrites it if it has grown long with what is no
    /// longer wanted.
    pub(crate) fn read(path: &Path, most: usize) -> io::Result<Self> {
        let text = match fs::read(path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::new(most)),
            Err(error) => return Err(error),
        };
        // Newest first, so that each entry is compared by hash once.
        let mut seen = std::collections::HashSet::new();
        let lines = text.lines().rev().filter(|line| !line.trim().is_empty());
        let mut entries = lines.filter(|line| seen.insert(*line)).take(most).map(unescape).collect::<Vec<_>>();
        entries.reverse();
        let history = Self { entries, most };
        // One that has grown long with what is no longer wanted.
        if text.lines().count() > 2 * most {
            history.rewrite(path)?;
        }
        Ok(history)
    }

    fn rewrite(&self, path: &Path) -> io::Result<()> {
        let fresh = path.with_extension("new");
        let mut file = private(OpenOptions::new().write(true).create(true).truncate(true)).open(&fresh)?;
        let text = self.entries.iter().map(|entry| escape(entry) + "\n").collect::<String>();
        file.write_all(text.as_bytes())?;
        fs::rename(fresh, path)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(String::as_str)
    }

    fn find(&self, start: usize, direction: SearchDirection, test: impl Fn(&str) -> Option<usize>) -> Option<SearchResult<'_>> {
        let hit =
            |idx: usize| test(&self.entries[idx]).map(|pos| SearchResult { entry: Cow::Borrowed(&self.entries[idx]), idx, pos });
        if start >= self.entries.len() {
            return None;
        }
        match direction {
            SearchDirection::Reverse => (0..=start).rev().find_map(hit),
            SearchDirection::Forward => (start..self.entries.len()).find_map(hit),
        }
    }
}

/// Adds one entry to the file at `path`, in a single write: several sessions may share it.
pub(crate) fn append(path: &Path, entry: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = private(OpenOptions::new().append(true).create(true)).open(path)?;
    file.write_all((escape(entry) + "\n").as_bytes())
}

/// Only the person who typed this may read it.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

fn escape(entry: &str) -> String {
    entry.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r")
}

fn unescape(line: &str) -> String {
    let mut entry = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(char) = chars.next() {
        entry.push(match char {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some(other) => other,
                None => '\\',
            },
            char => char,
        });
    }
    entry
}

impl History for Entries {
    fn get(&self, index: usize, _: SearchDirection) -> rustyline::Result<Option<SearchResult<'_>>> {
        Ok(self.entries.get(index).map(|entry| SearchResult { entry: Cow::Borrowed(entry), idx: index, pos: 0 }))
    }

    fn add(&mut self, line: &str) -> rustyline::Result<bool> {
        Ok(self.push(line))
    }

    fn add_owned(&mut self, line: String) -> rustyline::Result<bool> {
        Ok(self.push(&line))
    }

    fn len(&self) -> usize {
        self.entries.len()
    }

    fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn set_max_len(&mut self, _: usize) -> rustyline::Result<()> {
        Ok(())
    }

    fn ignore_dups(&mut self, _: bool) -> rustyline::Result<()> {
        Ok(())
    }

    fn ignore_space(&mut self, _: bool) {}

    fn save(&mut self, path: &Path) -> rustyline::Result<()> {
        Ok(self.rewrite(path)?)
    }

    fn append(&mut self, path: &Path) -> rustyline::Result<()> {
        Ok(self.rewrite(path)?)
    }

    fn load(&mut self, path: &Path) -> rustyline::Result<()> {
        *self = Self::read(path, self.most)?;
        Ok(())
    }

    fn clear(&mut self) -> rustyline::Result<()> {
        self.entries.clear();
        Ok(())
    }

    fn search(&self, term: &str, start: usize, direction: SearchDirection) -> rustyline::Result<Option<SearchResult<'_>>> {
        Ok(if term.is_empty() { None } else { self.find(start, direction, |entry| entry.find(term)) })
    }

    fn starts_with(&self, term: &str, start: usize, direction: SearchDirection) -> rustyline::Result<Option<SearchResult<'_>>> {
        let test = |entry: &str| entry.starts_with(term).then_some(term.len());
        Ok(if term.is_empty() { None } else { self.find(start, direction, test) })
    }
}

#[cfg(test)]
mod tests {
    use rustyline::history::{History, SearchDirection};

    use super::{Entries, append, escape, unescape};

    #[test]
    fn entries_are_unique_and_the_newest_is_last() {
        let mut history = Entries::new(10);
        for entry in ["a", "b", "a", "c", " ", "c"] {
            history.push(entry);
        }
        assert_eq!(history.iter().collect::<Vec<_>>(), ["b", "a", "c"]);
    }

    #[test]
    fn entries_of_several_lines_are_lines_of_the_file() {
        for entry in ["a\nb", "'\\n'", "\\", "\\\\n\n", "é\r\n日本"] {
            assert!(!escape(entry).contains('\n'));
            assert_eq!(unescape(&escape(entry)), entry);
        }
    }

    #[test]
    fn what_is_appended_is_read_again() {
        let folder = std::env::temp_dir().join(format!("drupe-history-{}", std::process::id()));
        let path = folder.join("state").join("history");
        assert!(Entries::read(&path, 10).unwrap().is_empty());
        for entry in ["1", "f(\n  2\n)", "1"] {
            append(&path, entry).unwrap();
        }
        assert_eq!(Entries::read(&path, 10).unwrap().iter().collect::<Vec<_>>(), ["f(\n  2\n)", "1"]);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn search_goes_both_ways() {
        let mut history = Entries::new(10);
        for entry in ["let a", "f(a)", "let b"] {
            history.push(entry);
        }
        let reverse = history.search("a", 2, SearchDirection::Reverse).unwrap().map(|hit| (hit.idx, hit.pos));
        assert_eq!(reverse, Some((1, 2)));
        let forward = history.starts_with("let", 1, SearchDirection::Forward).unwrap().map(|hit| hit.idx);
        assert_eq!(forward, Some(2));
        assert!(history.search("zzz", 2, SearchDirection::Reverse).unwrap().is_none());
    }
}
