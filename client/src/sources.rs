//! The sources of the session's chunks and files, for code frames. An exception may come from its own chunk, from an
//! earlier one, or from a file.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use drupe_protocol::{CodeFrame, Exception, Position, event::Location};
use drupe_transpile::{LineIndex, code_frame};

/// Sources up to this length are kept.
const MAX_SOURCE: usize = 1 << 20;

/// So much is kept of a session; what was longest of no use goes first.
const MAX_KEPT: usize = 8 << 20;

/// The most that a code frame shows: lines, and characters of each.
const MAX_LINES: usize = 3;
const MAX_LINE: usize = 110;

/// What an entry takes beside its texts.
const OVERHEAD: usize = 128;

/// Sources by the names of their chunks.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    kept: HashMap<String, Kept>,
    /// Names by when they were last of use.
    order: BTreeMap<u64, String>,
    clock: u64,
    /// **Never more than [`MAX_KEPT`].**
    bytes: usize,
}

#[derive(Debug)]
struct Kept {
    source: Arc<str>,
    /// Made when it is of use first. It takes less than a fiftieth of the source.
    lines: Option<LineIndex>,
    used: u64,
}

impl Sources {
    /// Remembers a chunk; a newer one of the same name replaces the older.
    pub(crate) fn insert(&mut self, name: String, source: impl Into<Arc<str>>) {
        let source = source.into();
        self.remove(&name);
        if source.len() > MAX_SOURCE {
            return;
        }
        self.bytes += cost(&name, &source);
        self.clock += 1;
        self.order.insert(self.clock, name.clone());
        self.kept.insert(name, Kept { source, lines: None, used: self.clock });
        while self.bytes > MAX_KEPT
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.remove(&oldest);
        }
    }

    /// What a chunk was written as, if it is kept.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.kept.get(name).map(|kept| &*kept.source)
    }

    /// The chunks, the newest of use first, in which some text stands.
    pub(crate) fn with(&self, text: &str) -> impl Iterator<Item = (&str, &str)> {
        let kept = self.order.values().rev().filter_map(|name| Some((name.as_str(), self.get(name)?)));
        kept.filter(move |(_, source)| source.contains(text))
    }

    /// Gives an exception the code frame of its innermost place whose source is known, packages left out where there is
    /// another. `loaded` has the texts of files. If the innermost place is in text that was evaluated, its kernel has
    /// sent the frame.
    pub(crate) fn frame(&mut self, exception: &mut Exception, loaded: impl Fn(&str) -> Option<Arc<str>>) {
        if let Some(sent) = exception.code_frame.take().and_then(believed)
            && exception.at.as_ref() == Some(&sent.at)
        {
            exception.code_frame = Some(sent);
            return;
        }
        let frames = || exception.frames.iter().map(|frame| (&frame.script, frame.position));
        // If `at` is not the first frame, it is the place of a syntax error, and is shown before all frames.
        let at = exception.at.as_ref().map(|at| (&at.script, at.position)).filter(|at| frames().next().as_ref() != Some(at));
        let is_package = |place: &(&String, Position)| place.0.contains("/node_modules/");
        let own = frames().filter(|place| !is_package(place));
        let mut places = at.into_iter().chain(own).chain(frames().filter(is_package));
        exception.code_frame = places.find_map(|(script, position)| {
            self.take_in(script, loaded(script));
            let kept = self.kept.get_mut(script)?;
            self.order.remove(&kept.used);
            self.clock += 1;
            kept.used = self.clock;
            self.order.insert(self.clock, script.clone());
            let lines = kept.lines.get_or_insert_with(|| LineIndex::new(&kept.source));
            code_frame(&kept.source, lines, &Location::new(script, position))
        });
    }

    /// Keeps the text of a file, unless it is kept.
    fn take_in(&mut self, script: &str, loaded: Option<Arc<str>>) {
        let is_kept = |text: &Arc<str>| self.kept.get(script).is_some_and(|kept| Arc::ptr_eq(&kept.source, text));
        if let Some(text) = loaded.filter(|text| !is_kept(text)) {
            self.insert(script.to_owned(), text);
        }
    }

    fn remove(&mut self, name: &str) {
        if let Some(kept) = self.kept.remove(name) {
            self.order.remove(&kept.used);
            self.bytes -= cost(name, &kept.source);
        }
    }
}

/// A code frame that a kernel has sent, if it is what a code frame can be.
fn believed(frame: CodeFrame) -> Option<CodeFrame> {
    let is_line = |line: &String| line.chars().count() <= MAX_LINE && !line.contains(char::is_control);
    let may_be = (1..=MAX_LINES).contains(&frame.lines.len()) && frame.lines.iter().all(is_line);
    may_be.then_some(frame)
}

fn cost(name: &str, source: &str) -> usize {
    2 * name.len() + source.len() + OVERHEAD
}

#[cfg(test)]
mod tests {
    use drupe_protocol::{CodeFrame, Exception, Position, event::Location};

    use super::{MAX_KEPT, MAX_SOURCE, Sources};

    fn framed(sources: &mut Sources, script: &str, line: u32) -> Option<String> {
        let at = Location::new(script, Position { line, column: 0 });
        let mut exception = Exception::new(None, "", "");
        exception.at = Some(at);
        sources.frame(&mut exception, |_| None);
        exception.code_frame.map(|frame| frame.to_string())
    }

    #[test]
    fn a_frame_that_a_kernel_sends_is_believed_if_it_can_be_one() {
        let at = Location::new("eval", Position { line: 0, column: 4 });
        let shown = |lines: &[&str], place: &Location| {
            let lines = lines.iter().map(|line| (*line).to_owned()).collect();
            let sent = CodeFrame::new(place.clone(), lines, 4, 1);
            let mut exception = Exception::plain("Error", String::new());
            exception.at = Some(at.clone());
            exception.code_frame = Some(sent);
            Sources::default().frame(&mut exception, |_| None);
            exception.code_frame.map(|frame| frame.to_string())
        };
        assert_eq!(shown(&["let x"], &at).as_deref(), Some("1 | let x\n  |     ^"));
        let elsewhere = Location::new("chunk:1", at.position);
        assert_eq!(shown(&["let x"], &elsewhere), None);
        assert_eq!(shown(&["\u{1b}[2J"], &at), None);
        assert_eq!(shown(&[&"x".repeat(1_000)], &at), None);
        assert_eq!(shown(&["x"; 9], &at), None);
        assert_eq!(shown(&[], &at), None);
    }

    #[test]
    fn the_newer_of_one_name_counts() {
        let mut sources = Sources::default();
        sources.insert("a".to_owned(), "old");
        sources.insert("a".to_owned(), "new");
        assert_eq!(framed(&mut sources, "a", 0).as_deref(), Some("1 | new\n  | ^"));
        assert_eq!(framed(&mut sources, "a", 1), None, "that line is not in it");
        assert_eq!(framed(&mut sources, "b", 0), None);
        sources.insert("a".to_owned(), " ".repeat(MAX_SOURCE + 1));
        assert_eq!(framed(&mut sources, "a", 0), None, "too long, and the older is not meant");
    }

    // threat C9
    #[test]
    fn what_was_longest_of_no_use_goes_first() {
        let mut sources = Sources::default();
        sources.insert("useful".to_owned(), "x");
        for index in 0..100 {
            sources.insert(format!("chunk:{index}"), "y".repeat(MAX_SOURCE / 2));
            assert!(framed(&mut sources, "useful", 0).is_some(), "{index}");
            assert!(sources.bytes <= MAX_KEPT);
        }
        assert_eq!(framed(&mut sources, "chunk:0", 0), None);
        assert!(framed(&mut sources, "chunk:99", 0).is_some());
        assert_eq!(sources.kept.len(), sources.order.len());
        for index in 0..100_000 {
            sources.insert(format!("small:{index}"), "");
        }
        assert!(sources.bytes <= MAX_KEPT, "empty ones count too");
        assert!(sources.kept.len() < 100_000);
    }
}
