//! The file that `.save` writes and `.load` reads: the chunks of a session as one program, with a line `// %%` between
//! them, as editors know it for cells.
//!
//! A program means by the same text something else than its chunks: `{` begins a block, `(` goes on with the line
//! before, a name is declared once, `_` is one value. So an object is written in parentheses, a chunk that would go on
//! with the one before begins with a semicolon, and **what runs a file in a session (`.load`, `--preload`, `init.ts`)
//! runs what stands between such lines chunk by chunk**. A file without them is one chunk.

use drupe_client::{Options, object_in};
use drupe_lexer::{LineStart, comments::behind_comments, line_start};

use crate::chunk_reader::is_unfinished_soon;

/// The line between two chunks. A title may follow.
const MARK: &str = "// %%";

/// How many bytes are looked at for lines that are no marks but text, besides a multiple of the size of the file: each
/// look parses what stands before the line. Beyond that all such lines are marks.
const LOOKED_AT: usize = 1 << 20;
const LOOKS: usize = 8;

/// A chunk of a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Saved {
    /// Its text.
    pub(crate) text: String,
    /// How many lines stand before it.
    pub(crate) line: usize,
}

impl Saved {
    /// The text at its place in the file: errors tell lines of the file.
    pub(crate) fn in_place(&self) -> String {
        "\n".repeat(self.line) + &self.text
    }
}

/// The text of a file with these chunks.
pub(crate) fn write(chunks: &[String]) -> String {
    let mut text = String::new();
    for chunk in chunks {
        if !text.is_empty() {
            text.push_str(MARK);
            text.push('\n');
        }
        text.push_str(&as_statements(chunk.trim_end(), !text.is_empty()));
        text.push('\n');
    }
    text
}

/// A chunk as it stands among other statements.
fn as_statements(chunk: &str, is_behind: bool) -> String {
    let chunk = match chunk.strip_prefix("#!") {
        // Only a file begins like this.
        Some(rest) if is_behind => format!("//#!{rest}"),
        _ => chunk.to_owned(),
    };
    let chunk = match object_in(&chunk, &Options::default()) {
        Some(object) => format!("{}({}){}", &chunk[..object.start], &chunk[object.clone()], &chunk[object.end..]),
        None => chunk,
    };
    if is_behind && goes_on(&chunk) { format!(";{chunk}") } else { chunk }
}

/// Whether a text goes on with the statement before it, if that has no semicolon.
fn goes_on(chunk: &str) -> bool {
    let mut in_comment = false;
    let code = chunk.lines().find_map(|line| behind_comments(line, &mut in_comment));
    // An element is compared with what stands before it.
    code.is_some_and(|code| code.starts_with('<') || line_start(code) != LineStart::Begins)
}

/// The chunks of a file.
pub(crate) fn read(source: &str) -> Vec<Saved> {
    let (mut chunks, mut begun, mut line, mut from, mut looked) = (Vec::new(), String::new(), 0, 0, 0);
    for text in source.split_inclusive('\n') {
        line += 1;
        if is_mark(text) {
            looked += begun.len();
            let may_look = looked <= LOOKED_AT + source.len() * LOOKS;
            if !(may_look && is_unfinished_soon(&begun)) {
                add(&mut chunks, &mut begun, from);
                from = line;
                continue;
            }
        }
        begun.push_str(text);
    }
    add(&mut chunks, &mut begun, from);
    chunks
}

/// The chunks of a file, each behind as many blank lines as lines stand before it there, so that errors tell lines of
/// the file: those that a line `// %%` parts. A file without such lines is one chunk.
#[must_use]
pub fn chunks_of_file(source: String) -> Vec<String> {
    let chunks = read(&source);
    if chunks.len() <= 1 { vec![source] } else { chunks.iter().map(Saved::in_place).collect() }
}

/// What is told behind a chunk that has failed, of so many that are left. `None`: nothing.
pub(crate) fn not_run(left: usize) -> Option<String> {
    match left {
        0 => None,
        1 => Some("not run: the chunk after it".to_owned()),
        _ => Some(format!("not run: {left} chunks after it")),
    }
}

fn add(chunks: &mut Vec<Saved>, begun: &mut String, line: usize) {
    let text = std::mem::take(begun);
    if !text.trim().is_empty() {
        chunks.push(Saved { text, line });
    }
}

fn is_mark(line: &str) -> bool {
    line.strip_prefix(MARK).is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    use super::{Saved, read, write};

    fn written(chunks: &[&str]) -> String {
        write(&chunks.iter().map(|chunk| (*chunk).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn what_goes_on_with_the_line_before_it_begins_with_a_semicolon() {
        for chunk in ["(1)", "[1].length", "`a`", "+1", "-1", "/x/.test('x')", "<b/>", "// why\n(1)", "/* a\nb */ [1]"] {
            assert_eq!(written(&["x", chunk]), format!("x\n// %%\n;{chunk}\n"));
            assert_eq!(written(&[chunk]), format!("{chunk}\n"));
        }
        for chunk in ["x", "++x", "!x", "'a'", "// only this", "let x", "{ f() }", "async () => {}"] {
            assert_eq!(written(&["x", chunk]), format!("x\n// %%\n{chunk}\n"));
        }
    }

    #[test]
    fn objects_are_written_in_parentheses() {
        for (chunk, expected) in [
            ("{a:1,b:[1]}", "({a:1,b:[1]})"),
            ("{ a: 1 }.a // why", "({ a: 1 }.a) // why"),
            ("/* why */ {}", "/* why */ ({})"),
            ("{a: 1 as number}", "({a: 1 as number})"),
            ("{\n  f() { return 1; },\n}", "({\n  f() { return 1; },\n})"),
            ("{ a: 1 };", "{ a: 1 };"),
            ("{ let a = 1; a }", "{ let a = 1; a }"),
        ] {
            assert_eq!(written(&[chunk]), format!("{expected}\n"));
        }
        assert_eq!(written(&["x", "{a:1}"]), "x\n// %%\n;({a:1})\n");
        assert_eq!(written(&["1", "#!/bin/x\n2"]), "1\n// %%\n//#!/bin/x\n2\n");
    }

    fn texts(source: &str) -> Vec<String> {
        read(source).into_iter().map(|saved| saved.text).collect()
    }

    #[test]
    fn a_file_without_marks_is_one_chunk() {
        assert_eq!(texts("let a = 1\n(a)\n"), ["let a = 1\n(a)\n"]);
        assert_eq!(texts("// %%%\n  // %%\n1"), ["// %%%\n  // %%\n1"]);
        assert_eq!(read(" \n").len(), 0);
    }

    #[test]
    fn chunks_are_read_as_they_were_written() {
        let chunks = ["let a = 1", "const f = () => {\n  a\n}", "let a = 2", "`a\n// %%\nb`", "[\n// %%\n1]", "{a}", "(a)"];
        let text = written(&chunks);
        let read: Vec<_> = read(&text).iter().map(|saved| saved.text.trim_end().to_owned()).collect();
        assert_eq!(read, [&chunks[..3], &[";`a\n// %%\nb`", ";[\n// %%\n1]", ";({a})", ";(a)"][..]].concat());
        assert_eq!(write(&read), text);
    }

    #[test]
    fn lines_are_those_of_the_file() {
        let chunks = read("// %% first\n\na\n// %%\r\n// %%\nb");
        assert_eq!(chunks, [Saved { text: "\na\n".into(), line: 1 }, Saved { text: "b".into(), line: 5 }]);
        assert_eq!(chunks[1].in_place(), "\n\n\n\n\nb");
    }
}
