//! A finished chunk, until it is known that the lines after it do not go on with it.

use crate::{
    chunk_reader::ChunkReader,
    continuation::{Between, Next, is_only_comments},
};

/// Beyond this size of blank lines and comments, nothing goes on with the chunk.
const MOST: usize = 64 << 10;

/// A chunk that is finished, and may go on.
#[derive(Debug)]
pub(crate) struct Held {
    chunk: String,
    /// Blank lines and comments after it, and lines that are commands unless the next one goes on with them.
    lines: String,
    /// Whether such a command is among the lines.
    has_command: bool,
    between: Between,
}

/// What a line has come to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// It says nothing: the next one may.
    Waits,
    /// It goes on with the chunk, and is in the gatherer with it. Here is what both are if they are finished together.
    GoesOn(Option<String>),
    /// It begins something else: the chunk is to be [taken](Held::end).
    Begins,
}

impl Held {
    /// Holds `chunk`, the last one that a gatherer has brought. One that is only comments is given back: nothing goes
    /// on with it, and comments are many.
    pub(crate) fn new(chunk: String) -> Result<Self, String> {
        if is_only_comments(&chunk) { Err(chunk) } else { Ok(Self::of(chunk)) }
    }

    /// Holds `chunk`, which the last one that was held has become.
    pub(crate) fn of(chunk: String) -> Self {
        Self { chunk, lines: String::new(), has_command: false, between: Between::default() }
    }

    /// Looks at the next line.
    pub(crate) async fn line(&mut self, gatherer: &mut ChunkReader, line: &str) -> Hold {
        let probe = match self.between.look(&self.chunk, line) {
            Next::Nothing if self.lines.len() + line.len() > MOST => return Hold::Begins,
            Next::Nothing => {
                // A blank line is there for the numbers of the lines after it.
                self.lines.push_str(if line.trim().is_empty() { "\n" } else { line });
                return Hold::Waits;
            }
            Next::Command if self.lines.len() + line.len() <= MOST => {
                self.has_command = true;
                self.lines.push_str(line);
                return Hold::Waits;
            }
            Next::GoesOn => None,
            Next::MayGoOn(probe) if !self.has_command => Some(probe),
            Next::MayGoOn(_) | Next::Command | Next::Begins => return Hold::Begins,
        };
        let lines = self.lines.clone() + line;
        gatherer.go_on(&self.chunk, &lines, probe).await.map_or(Hold::Begins, Hold::GoesOn)
    }

    /// The chunk, and the lines after it that were only looked at: commands are executed, the others say nothing.
    pub(crate) fn end(self) -> (String, Vec<String>) {
        (self.chunk, self.lines.split_inclusive('\n').map(str::to_owned).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::{Held, Hold};
    use crate::chunk_reader::ChunkReader;

    /// The chunks of a text in which nobody waits for an answer.
    fn chunks(text: &str) -> Vec<String> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (mut gatherer, mut held, mut chunks) = (ChunkReader::default(), None::<Held>, Vec::new());
        let mut lines = text.split_inclusive('\n').map(str::to_owned).collect::<std::collections::VecDeque<_>>();
        loop {
            let Some(line) = lines.pop_front() else {
                let Some(ended) = held.take() else { break };
                let (chunk, rest) = ended.end();
                chunks.push(chunk);
                lines.extend(rest);
                continue;
            };
            let Some(mut holding) = held.take() else {
                match runtime.block_on(gatherer.line(&line)).map(Held::new) {
                    Some(Ok(holding)) => held = Some(holding),
                    Some(Err(comments)) => chunks.push(comments),
                    None => {}
                }
                continue;
            };
            match runtime.block_on(holding.line(&mut gatherer, &line)) {
                Hold::Waits => held = Some(holding),
                Hold::GoesOn(chunk) => held = chunk.map(Held::of),
                Hold::Begins => {
                    let (chunk, mut rest) = holding.end();
                    chunks.push(chunk);
                    rest.push(line);
                    rest.into_iter().rev().for_each(|line| lines.push_front(line));
                }
            }
        }
        chunks.extend(gatherer.rest());
        chunks
    }

    #[test]
    fn a_line_that_fits_goes_on_with_the_chunk() {
        for text in [
            "if (a)\n{ f() }\nelse\n{ g() }",
            "if (a) f()\n\n// otherwise\n\nelse if (b) g()\nelse h()",
            "try { f() }\ncatch { g() }\nfinally { h() }",
            "p\n.then(f)\n.catch(g)",
            "[1, 2]\n  .map(x => x + 1)\n  // all\n  .filter(f)",
            "let a = 1\n, b = 2\n, c",
            "const x = a\n  ? b\n  : c",
            "type A =\n  | B\n  | C",
            "const s = 'a'\n  + 'b'\n  + `c`",
            "a\n  && b\n  || c",
            "class K {}\nif (a) {}\nelse {}",
            "export { a }\nfrom './x.js'",
            "p\n.time\n.then(f)",
            "p\n.help\n.more\n// last\n\n&& x",
        ] {
            let last = text.strip_prefix("class K {}\n").unwrap_or(text);
            assert_eq!(chunks(text).last().map(String::as_str), Some(last), "{text}");
            assert_eq!(chunks(text).len(), if last == text { 1 } else { 2 }, "{text}");
        }
    }

    #[test]
    fn a_line_that_does_not_fit_is_a_chunk() {
        for text in [
            "1\nelse",
            "x;\n.then(f)",
            "1\n)",
            "f()\n}\n2",
            "1\n2\n(3)\n[4]\n+5",
            "let a = 1;\n, b",
            "{}\n.exit",
            "p\n.time",
            "p\n.time\nq",
            "p\n.time\n  (q)",
            "p\n.time\n.help\n.exit",
            "p;\n.time\n.then(f)",
        ] {
            let expected = text.split('\n').collect::<Vec<_>>();
            assert_eq!(chunks(text), expected, "{text}");
        }
        assert_eq!(chunks("1\n\n// a\n2\n"), ["1", "// a", "2"]);
    }

    /// A statement that is over is not what a deeper line goes on with.
    #[test]
    fn a_deeper_line_goes_on_with_what_is_not_over() {
        for over in [
            "o;",
            "1; // one",
            "let o = 5;",
            "function f() {}",
            "class K {}",
            "if (a) {}",
            "for (;;) { break }",
            "try { f() } catch {}",
            "{ f() }",
            "enum E { A }",
            "interface I { a: 1 }",
            "do f()\nwhile (a)",
            "x = () => {}",
        ] {
            for line in ["+ 1", "- 1", "(1)", "[2].length", "`a`", "/x/"] {
                let text = format!("{over}\n  {line}");
                assert_eq!(chunks(&text), [over, &format!("  {line}")], "{text}");
                let text = format!("{over}\n\n  // why\n  {line}");
                assert_eq!(chunks(&text).len(), 3, "{text}");
            }
        }
        for open in ["o", "o // one", "let o = 5", "x = { a: 1 }", "x = function () {}", "f()", "const k = class {}", "a; b"] {
            for line in ["+ 1", "- 1", "(1)", "[2].length", "`a`", "/ 2"] {
                let text = format!("{open}\n  {line}");
                assert_eq!(chunks(&text), [text.as_str()]);
            }
        }
    }

    #[test]
    fn many_lines_that_say_nothing_are_not_waited_for() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for line in ["\n", "            \n", "// a\n", "/* a */\n"] {
            let (mut gatherer, mut held) = (ChunkReader::default(), Held::of("1".to_owned()));
            let count = (0..1 << 20).take_while(|_| runtime.block_on(held.line(&mut gatherer, line)) == Hold::Waits).count();
            assert!((1_000..=super::MOST).contains(&count), "{line:?}: {count}");
            assert!(held.end().1.concat().len() <= super::MOST);
        }
    }

    /// None of them is held with those after it.
    #[test]
    fn many_comments_take_time_that_grows_with_their_number() {
        let begun = std::time::Instant::now();
        let text = format!("1\n{}2", "// a\n".repeat(12_800));
        assert_eq!(chunks(&text).len(), 12_802);
        assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{:?}", begun.elapsed());
    }

    /// Each line could be the last of its chunk.
    #[test]
    fn a_long_chain_is_one_chunk_in_time_that_grows_with_its_size() {
        let chain = format!("x{}", "\n  .then(f)".repeat(20_000));
        assert_eq!(chunks(&chain).len(), 1);
    }
}
