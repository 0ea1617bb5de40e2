//! The history of cells, across sessions: lines of JSON in a file, which several kernels append to.

use std::{
    collections::{HashSet, VecDeque},
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How many cells are kept in memory, and in the file once it is made shorter.
const KEPT: usize = 10_000;

/// Bytes of a cell that is kept, and of its output.
const MAX_INPUT: usize = 256 << 10;
const MAX_OUTPUT: usize = 4 << 10;

/// Bytes of the file. A longer one is made shorter when a kernel starts.
const MAX_FILE: u64 = 64 << 20;

/// A cell that was run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    session: i64,
    /// Its number; 0 in the line that begins a session.
    line: u64,
    #[serde(default)]
    input: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    output: Option<String>,
}

/// What a client asks.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    output: bool,
    hist_access_type: String,
    #[serde(default)]
    session: i64,
    #[serde(default)]
    start: Option<u64>,
    #[serde(default)]
    stop: Option<u64>,
    #[serde(default)]
    n: Option<usize>,
    #[serde(default)]
    pattern: Option<String>,
    #[serde(default)]
    unique: bool,
}

/// The cells of this session and of earlier ones.
#[derive(Debug, Default)]
pub(crate) struct History {
    session: i64,
    entries: Mutex<VecDeque<Entry>>,
    /// `None`: nothing is kept on disk.
    file: Option<Mutex<File>>,
}

impl History {
    /// The history in a file, which is made if there is none; without a path it is in memory alone.
    ///
    /// # Errors
    /// When the file cannot be read or written. Without it the history is in memory.
    pub(crate) fn open(path: Option<&Path>) -> io::Result<Self> {
        let Some(path) = path else { return Ok(Self { session: 1, ..Self::default() }) };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut options = OpenOptions::new();
        options.create(true).read(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        // Two kernels that start together are two sessions.
        file.lock()?;
        let mut entries = read(&file)?;
        let session = entries.iter().map(|entry| entry.session).max().unwrap_or(0) + 1;
        entries.retain(|entry| entry.line > 0);
        if file.metadata()?.len() > MAX_FILE {
            let lines = entries.iter().map(line).collect::<String>();
            file.set_len(0)?;
            file.write_all(lines.as_bytes())?;
        }
        file.write_all(line(&Entry { session, line: 0, input: String::new(), output: None }).as_bytes())?;
        file.unlock()?;
        Ok(Self { session, entries: Mutex::new(entries), file: Some(Mutex::new(file)) })
    }

    /// In memory alone.
    pub(crate) fn in_memory() -> Self {
        Self { session: 1, ..Self::default() }
    }

    fn entries(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a cell.
    pub(crate) fn push(&self, line_number: u64, input: &str, output: Option<&str>) {
        let cut = |text: &str, most: usize| text[..text.floor_char_boundary(most)].to_owned();
        let output = output.map(|output| cut(output, MAX_OUTPUT));
        let entry = Entry { session: self.session, line: line_number, input: cut(input, MAX_INPUT), output };
        if let Some(file) = &self.file {
            // One write, so that lines of several kernels do not mix. A disk that is full costs the history alone.
            drop(file.lock().unwrap_or_else(PoisonError::into_inner).write_all(line(&entry).as_bytes()));
        }
        let mut entries = self.entries();
        entries.push_back(entry);
        if entries.len() > KEPT {
            entries.pop_front();
        }
    }

    /// The content of a `history_reply`.
    pub(crate) fn reply(&self, asked: &Asked) -> Value {
        let entries = self.entries();
        let found: Vec<&Entry> = match &*asked.hist_access_type {
            "range" => self.range(&entries, asked),
            "search" => search(&entries, asked),
            _ => last(entries.iter().rev(), asked.n),
        };
        let told = found.into_iter().map(|entry| match asked.output {
            false => json!([entry.session, entry.line, entry.input]),
            true => json!([entry.session, entry.line, [entry.input, entry.output]]),
        });
        json!({ "status": "ok", "history": told.collect::<Vec<_>>() })
    }

    /// The cells `start` to `stop` of a session, which is told by its number, or counted back from this one.
    fn range<'a>(&self, entries: &'a VecDeque<Entry>, asked: &Asked) -> Vec<&'a Entry> {
        let session = if asked.session > 0 { asked.session } else { self.session + asked.session };
        let (start, stop) = (asked.start.unwrap_or(0), asked.stop.unwrap_or(u64::MAX));
        entries.iter().filter(|entry| entry.session == session && (start..stop).contains(&entry.line)).collect()
    }
}

/// The last `n` of entries, which come the newest first; in the order in which they were run.
fn last<'a>(newest_first: impl Iterator<Item = &'a Entry>, n: Option<usize>) -> Vec<&'a Entry> {
    let mut found: Vec<_> = newest_first.take(n.unwrap_or(usize::MAX)).collect();
    found.reverse();
    found
}

fn search<'a>(entries: &'a VecDeque<Entry>, asked: &Asked) -> Vec<&'a Entry> {
    let pattern: Vec<char> = asked.pattern.as_deref().unwrap_or("*").chars().collect();
    let mut seen = HashSet::new();
    let matching = entries.iter().rev().filter(|entry| matches(&pattern, &entry.input));
    let found = matching.filter(|entry| !asked.unique || seen.insert(&entry.input));
    last(found, asked.n)
}

/// Whether a text is of a pattern with `*` and `?`. It takes time in the product of both lengths at most.
fn matches(pattern: &[char], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut of, mut star) = (0, 0, None);
    while at < text.len() {
        match pattern.get(of) {
            Some('*') => {
                star = Some((of, at));
                of += 1;
            }
            Some(&char) if char == '?' || char == text[at] => (at, of) = (at + 1, of + 1),
            _ => match star {
                Some((star_of, star_at)) => {
                    star = Some((star_of, star_at + 1));
                    (of, at) = (star_of + 1, star_at + 1);
                }
                None => return false,
            },
        }
    }
    pattern[of..].iter().all(|char| *char == '*')
}

fn line(entry: &Entry) -> String {
    // Text and numbers can be written.
    serde_json::to_string(entry).map(|line| line + "\n").unwrap_or_default()
}

/// The last entries of the file. Lines that are damaged are left out.
fn read(file: &File) -> io::Result<VecDeque<Entry>> {
    let mut entries = VecDeque::new();
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        if let Ok(entry) = serde_json::from_slice::<Entry>(&line) {
            entries.push_back(entry);
            if entries.len() > KEPT {
                entries.pop_front();
            }
        }
        line.clear();
    }
    Ok(entries)
}

/// Where the history is kept: nowhere if `DRUPE_HISTORY` is empty, as for the prompt; else in the user's folder for
/// state.
pub(crate) fn path() -> Option<PathBuf> {
    if std::env::var_os("DRUPE_HISTORY").is_some_and(|path| path.is_empty()) {
        return None;
    }
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else {
        folder("XDG_STATE_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/state")))
    };
    state.map(|state| state.join("drupe").join("notebooks.jsonl"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn ask(history: &History, asked: Value) -> Value {
        history.reply(&serde_json::from_value(asked).unwrap())["history"].clone()
    }

    #[test]
    fn cells_are_found_by_range_tail_and_search() {
        let history = History::in_memory();
        for (line, input) in (1..).zip(["1+1", "let x = 2", "1+2", "1+1"]) {
            history.push(line, input, (line == 1).then_some("2"));
        }
        assert_eq!(ask(&history, json!({"hist_access_type": "tail", "n": 2})), json!([[1, 3, "1+2"], [1, 4, "1+1"]]));
        let range = json!({"hist_access_type": "range", "session": 0, "start": 1, "stop": 3, "output": true});
        assert_eq!(ask(&history, range), json!([[1, 1, ["1+1", "2"]], [1, 2, ["let x = 2", null]]]));
        let search = |more: Value| {
            let mut asked = json!({"hist_access_type": "search", "pattern": "1?*"});
            asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            ask(&history, asked)
        };
        assert_eq!(search(json!({})), json!([[1, 1, "1+1"], [1, 3, "1+2"], [1, 4, "1+1"]]));
        assert_eq!(search(json!({"unique": true})), json!([[1, 3, "1+2"], [1, 4, "1+1"]]));
        assert_eq!(search(json!({"unique": true, "n": 1})), json!([[1, 4, "1+1"]]));
        assert_eq!(search(json!({"pattern": "z*"})), json!([]));
    }

    #[test]
    fn patterns_take_linear_memory_and_bounded_time() {
        let matches = |pattern: &str, text: &str| super::matches(&pattern.chars().collect::<Vec<_>>(), text);
        assert!(matches("*", "") && matches("a*b?c", "axxbxbyc") && matches("ü?*", "üé") && matches("", ""));
        assert!(!matches("a*b", "axbc") && !matches("?", "") && !matches("", "a"));
        assert!(!matches(&"*a".repeat(200), &"b".repeat(100_000)));
    }

    #[test]
    fn sessions_share_a_file_and_damage_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/notebooks.jsonl");
        let first = History::open(Some(&path)).unwrap();
        let second = History::open(Some(&path)).unwrap();
        first.push(1, "a", None);
        second.push(1, "b\nc", Some("7"));
        fs::write(&path, [&fs::read(&path).unwrap()[..], b"{\"session\": 1\n\xff\xff\n[]\n"].concat()).unwrap();
        let third = History::open(Some(&path)).unwrap();
        assert_eq!((first.session, second.session, third.session), (1, 2, 3));
        third.push(1, "d", None);
        assert_eq!(ask(&third, json!({"hist_access_type": "tail"})), json!([[1, 1, "a"], [2, 1, "b\nc"], [3, 1, "d"]]));
        assert_eq!(ask(&third, json!({"hist_access_type": "range", "session": -1})), json!([[2, 1, "b\nc"]]));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0);
        }
    }
}
