//! Collects lines into chunks. A chunk ends where it is complete, or can never become complete.

use std::{
    borrow::Cow,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use drupe_client::{Completeness, Options, Stop, completeness};
use tokio::sync::oneshot;

/// Beyond this size a chunk is looked at only after a line that is not indented: each look parses the whole.
const LARGE: usize = 4 << 10;
/// And beyond this, only after a line that begins by closing something.
const HUGE: usize = 256 << 10;

/// How many times its size may be parsed to find the end of a chunk, and how many times after lines that close
/// something: **lines are many, and looking after each would take the square of the size**. A small chunk is always
/// looked at.
const LOOKS: usize = 8;
const CLOSING_LOOKS: usize = 16;
const SMALL: usize = 1 << 20;
/// How long a person may have to wait to be told whether a text wants another line.
const PATIENCE: Duration = Duration::from_millis(100);

/// Gathers lines until they make a chunk.
#[derive(Debug, Default)]
pub(crate) struct ChunkReader {
    text: String,
    /// How many bytes were parsed to find its end.
    parsed: usize,
    /// Whether the last line may have completed it, and nobody has looked.
    pending: bool,
    /// How many bytes were parsed to find the end of the chunk before.
    before: usize,
}

impl ChunkReader {
    /// Adds a line (with its line break, if it has one). Returns the chunk that it completes, or makes invalid beyond
    /// repair.
    ///
    /// Of a long chunk not every line is looked at: whoever has no other line soon calls [`pause`](Self::pause). A look
    /// at a long chunk takes time, and others work meanwhile. It ends when the future is dropped, and then the text is
    /// lost.
    pub(crate) async fn line(&mut self, line: &str) -> Option<String> {
        if self.text.is_empty() && line.trim().is_empty() {
            return None;
        }
        self.text.push_str(line);
        let may_end = self.may_end_with(line);
        let may_look = self.parsed <= SMALL + self.text.len() * if closes(line) { CLOSING_LOOKS } else { LOOKS };
        self.pending = may_end && !may_look;
        if may_end && may_look { self.look().await } else { None }
    }

    /// Whether nothing was gathered yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// What was gathered.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether what was gathered is unfinished, and `line` cannot go on with it.
    /// The work stays a multiple of the size: beyond that no line is looked at.
    pub(crate) async fn ends_before(&mut self, line: &str) -> bool {
        if self.parsed + self.text.len() > SMALL + self.text.len() * LOOKS {
            return false;
        }
        self.parsed += 2 * self.text.len();
        let begun = Arc::new(self.text.clone());
        let whole = Arc::new(format!("{begun}{line}"));
        look_at(&whole).await == Looks::Invalid && look_at(&begun).await == Looks::Unfinished
    }

    /// Whether the end of what was gathered is text: of a template, a comment or an element. The work stays a multiple
    /// of the size, as above.
    pub(crate) async fn ends_in_text(&mut self) -> bool {
        if self.parsed + self.text.len() > SMALL + self.text.len() * LOOKS {
            return false;
        }
        self.parsed += self.text.len();
        // No code has these brackets, whatever is open.
        look_at(&Arc::new(format!("{})(]", self.text))).await == Looks::Unfinished
    }

    /// Goes on with `chunk`, the last one that was complete, if `lines` fit it, and so does `probe` if it is given:
    /// then says what [`line`](Self::line) would. `None`: they do not. The work stays a multiple of the size: beyond
    /// that nobody looks whether they fit.
    pub(crate) async fn go_on(&mut self, chunk: &str, lines: &str, probe: Option<&str>) -> Option<Option<String>> {
        let text = Arc::new(format!("{chunk}\n{lines}"));
        let mut parsed = self.before + text.len();
        let may_look = parsed <= SMALL + text.len() * LOOKS;
        let mut looks = if may_look { look_at(&text).await } else { Looks::Unfinished };
        if let Some(probe) = probe.filter(|_| may_look && looks != Looks::Invalid) {
            parsed += chunk.len();
            if look_at(&Arc::new(format!("{chunk}\n{probe}"))).await == Looks::Invalid {
                looks = Looks::Invalid;
            }
        }
        if looks == Looks::Invalid {
            self.before = parsed;
            return None;
        }
        *self = Self { text: Arc::unwrap_or_clone(text), parsed, pending: !may_look, before: 0 };
        Some(if looks == Looks::Whole { self.rest() } else { None })
    }

    /// Forgets what was gathered.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Whether [`pause`](Self::pause) would look.
    #[cfg(test)]
    fn is_pending(&self) -> bool {
        self.pending
    }

    /// No line comes for a while: returns the chunk that is complete.
    pub(crate) async fn pause(&mut self) -> Option<String> {
        if std::mem::take(&mut self.pending) { self.look().await } else { None }
    }

    async fn look(&mut self) -> Option<String> {
        self.parsed += self.text.len();
        let text = Arc::new(std::mem::take(&mut self.text));
        let unfinished = look_at(&text).await == Looks::Unfinished;
        self.text = Arc::unwrap_or_clone(text);
        if unfinished { None } else { self.rest() }
    }

    fn may_end_with(&self, line: &str) -> bool {
        may_end(self.text.len(), line)
    }

    /// What is there, complete or not.
    pub(crate) fn rest(&mut self) -> Option<String> {
        let Self { text, parsed, .. } = std::mem::take(self);
        self.before = parsed;
        let text = text.strip_suffix('\n').map(|text| text.strip_suffix('\r').unwrap_or(text)).unwrap_or(&text);
        (!text.trim().is_empty()).then(|| text.to_owned())
    }
}

/// Whether a line begins by closing something.
fn closes(line: &str) -> bool {
    line.starts_with(['}', ')', ']', '`'])
}

/// Whether the end of a long `text`, after which more waits, is surely not the end of a chunk. Each look parses the
/// whole.
pub(crate) fn goes_on_surely(text: &str) -> bool {
    let line = text.rsplit('\n').next().unwrap_or_default();
    text.len() > LARGE && !may_end(text.len(), line)
}

/// Whether a text of this size may end with `line`.
fn may_end(size: usize, line: &str) -> bool {
    if size > HUGE { closes(line) } else { size <= LARGE || !line.starts_with([' ', '\t']) }
}

/// How many spaces the line after `text` could begin with.
pub(crate) fn indent(text: &str) -> usize {
    match completeness(text, &Options::default()) {
        Completeness::Incomplete { indent } if text.len() <= HUGE => indent as usize,
        Completeness::Incomplete { .. } | Completeness::Complete | Completeness::Invalid(_) => 0,
    }
}

/// What a text looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Looks {
    Whole,
    /// It wants another line.
    Unfinished,
    /// No line can make it whole.
    Invalid,
}

impl Looks {
    fn of(text: &str, options: &Options) -> Self {
        match completeness(text, options) {
            Completeness::Complete => Self::Whole,
            Completeness::Incomplete { .. } => Self::Unfinished,
            Completeness::Invalid(_) => Self::Invalid,
        }
    }
}

fn look_now(text: &str) -> Looks {
    // Another line would come behind a line break.
    let text = if text.ends_with('\n') { Cow::Borrowed(text) } else { Cow::Owned(format!("{text}\n")) };
    Looks::of(&text, &Options::default())
}

/// Looks at a text; at a long one on a thread of its own, until the future is dropped.
async fn look_at(text: &Arc<String>) -> Looks {
    if text.len() <= LARGE {
        return look_now(text);
    }
    let (tell, told) = oneshot::channel();
    // Nobody may wait any more when it is known.
    let tell = move |looks| {
        let _ = tell.send(looks);
    };
    let Some(_stop) = look_beside(Arc::clone(text), tell) else { return look_now(text) };
    // Whoever looks always tells, unless it panics: then the run says what is wrong.
    told.await.unwrap_or(Looks::Whole)
}

/// Looks at `text` on a thread of its own, until what is returned is dropped. `None`: there is no such thread.
fn look_beside(text: Arc<String>, tell: impl FnOnce(Looks) + Send + 'static) -> Option<StopOnDrop> {
    let mut options = Options::default();
    options.stop = Stop::new();
    let stop = StopOnDrop(options.stop.clone());
    let look = move || {
        let looks = Looks::of(&text, &options);
        // Whoever is told takes the text back.
        drop(text);
        tell(looks);
    };
    thread::Builder::new().name("drupe-complete".to_owned()).spawn(look).ok().map(|_| stop)
}

/// Ends a look when dropped.
struct StopOnDrop(Stop);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.raise();
    }
}

/// Whether `text` wants another line, for a person who waits: what is not known soon counts as whole, and its run says
/// what is wrong with it.
pub(crate) fn is_unfinished_soon(text: &str) -> bool {
    look_soon(text) == Looks::Unfinished
}

/// Whether no line can make `text` whole. Of what is not known soon, some line can.
pub(crate) fn is_invalid_soon(text: &str) -> bool {
    look_soon(text) == Looks::Invalid
}

fn look_soon(text: &str) -> Looks {
    if text.len() <= LARGE {
        return look_now(text);
    }
    let (tell, told) = mpsc::channel();
    let tell = move |looks| {
        let _ = tell.send(looks);
    };
    let stop = look_beside(Arc::new(format!("{text}\n")), tell);
    stop.and_then(|_stop| told.recv_timeout(PATIENCE).ok()).unwrap_or(Looks::Whole)
}

#[cfg(test)]
mod tests {
    use std::{
        future::Future,
        pin::pin,
        sync::Arc,
        task::{Context, Poll, Waker},
    };

    use super::{CLOSING_LOOKS, ChunkReader, LARGE, Looks, SMALL, is_unfinished_soon, look_at, look_now};

    fn is_unfinished(text: &str) -> bool {
        look_now(text) == Looks::Unfinished
    }

    fn wait<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
    }

    fn line(gatherer: &mut ChunkReader, line: &str) -> Option<String> {
        wait(gatherer.line(line))
    }

    // threat B11
    #[test]
    fn a_long_look_leaves_its_thread_to_others() {
        let text = Arc::new(format!("[{}", "1,\n".repeat(1 << 20)));
        let mut look = pin!(look_at(&text));
        assert_eq!(look.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending);
        assert_eq!(wait(look), Looks::Unfinished);
    }

    // threat B11
    #[test]
    fn what_is_not_known_soon_counts_as_whole() {
        let nest = format!("{}T{}", "({a = (y: ".repeat(40), ") => 1}: any) => void".repeat(40));
        assert!(!is_unfinished_soon(&format!("{nest}/*{}*/", " ".repeat(4 << 20))));
        // A look takes longer where the processors are busy.
        let unfinished = format!("[{}", "1,\n".repeat(LARGE / 2));
        assert!((0..100).any(|_| is_unfinished_soon(&unfinished)));
        assert!(!is_unfinished_soon(&format!("[{}]", "1,\n".repeat(LARGE / 2))));
    }

    fn chunks(text: &str) -> Vec<String> {
        let mut gatherer = ChunkReader::default();
        let mut chunks = text.split_inclusive('\n').filter_map(|text| line(&mut gatherer, text)).collect::<Vec<_>>();
        chunks.extend(gatherer.rest());
        chunks
    }

    #[test]
    fn a_chunk_ends_where_it_is_complete() {
        assert_eq!(chunks("1+1\n2+2\n"), ["1+1", "2+2"]);
        assert_eq!(chunks("function f() {\n  return 1\n}\nf()"), ["function f() {\n  return 1\n}", "f()"]);
        assert_eq!(chunks("`a\n\nb`\r\n3"), ["`a\n\nb`", "3"]);
        assert_eq!(chunks("'x'.\nlength\n"), ["'x'.\nlength"]);
    }

    #[test]
    fn an_opening_tag_goes_on_whatever_its_line_ends_with() {
        for text in ["<div className=\"a\">", "<b x='1' y=\"2\">\nt", "h = <b x=\"1\"\ny=\"2\">"] {
            assert!(is_unfinished(text) && is_unfinished_soon(text), "{text}");
        }
        assert!(!is_unfinished("<b x=\"1\">t</b>") && !is_unfinished("'a"));
    }

    #[test]
    fn text_is_told_from_code() {
        for (begun, expected) in [
            ("t = `\n", true),
            ("/* a\n", true),
            ("f(`${a}\n", true),
            ("<p>\n", true),
            ("f(`${\n", false),
            ("f([\n", false),
            ("function f() {\n  return 1\n", false),
            ("`a` + // b\n", false),
            ("<p a={\n", false),
            ("x = {\n", false),
        ] {
            let mut gatherer = ChunkReader { text: begun.to_owned(), ..ChunkReader::default() };
            assert_eq!(wait(gatherer.ends_in_text()), expected, "{begun}");
        }
    }

    #[test]
    fn blank_lines_between_chunks_are_none() {
        assert_eq!(chunks("\n\n  \n1\n\n\n2\n\n"), ["1", "2"]);
    }

    #[test]
    fn what_can_never_be_complete_is_a_chunk_at_once() {
        assert_eq!(chunks("(2+3))\n7*6\n"), ["(2+3))", "7*6"]);
        assert_eq!(chunks("3.5e\n7*6"), ["3.5e", "7*6"]);
    }

    #[test]
    fn an_unfinished_rest_is_a_chunk_at_the_end() {
        assert_eq!(chunks("1\n({\n"), ["1", "({"]);
    }

    #[test]
    fn a_large_chunk_ends_at_a_line_that_is_not_indented() {
        let large = format!("f(() => {{\n{}}})", "  g();\n".repeat(2_000));
        assert_eq!(chunks(&format!("{large}\n1\n")), [large.as_str(), "1"]);
        let huge = format!("[`{}`]", "text\n".repeat(60_000));
        let mut gatherer = ChunkReader { text: huge.clone() + "\n", ..ChunkReader::default() };
        assert_eq!(line(&mut gatherer, "// still the same\n"), None);
        assert_eq!(line(&mut gatherer, "}").map(|chunk| chunk.len()), Some(huge.len() + 20));
    }

    /// A list of many lines, each of which could be its last.
    #[test]
    fn the_end_of_a_long_chunk_is_found_in_time_that_grows_with_its_size() {
        for text in ["1,\n", "`,`\n", "],[\n"] {
            let mut gatherer = ChunkReader::default();
            assert_eq!(line(&mut gatherer, "[[\n"), None);
            let lines = 20_000;
            for _ in 0..lines {
                assert_eq!(line(&mut gatherer, text), None);
            }
            let size = gatherer.text.len();
            assert!(gatherer.parsed < 2 * SMALL + size * (CLOSING_LOOKS + 1), "{size} bytes, {} parsed", gatherer.parsed);
        }
    }

    #[test]
    fn a_long_chunk_that_nobody_looked_at_ends_when_no_line_comes() {
        let mut gatherer = ChunkReader::default();
        let list = format!("f(\n{}", "1,\n".repeat(10_000));
        assert_eq!(list.split_inclusive('\n').find_map(|text| line(&mut gatherer, text)), None);
        let chunk = line(&mut gatherer, "1) + 1\n");
        assert!(chunk.is_none() && gatherer.is_pending());
        assert_eq!(wait(gatherer.pause()), Some(format!("{list}1) + 1")));
        assert_eq!(wait(gatherer.pause()), None);
    }
}
