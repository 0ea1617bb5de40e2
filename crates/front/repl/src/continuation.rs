//! Lines that go on with a chunk which is finished without them: `else` behind `if (a) { … }`, `.then(f)`, `| B` of a
//! type.
//!
//! Where nobody waits for an answer (a file, a paste), a line that can only go on with what stands before it does so,
//! as in a file. **What may begin a statement begins a chunk**: `(`, `[`, a template, `+`, `-`, `/`, although a file
//! without semicolons would go on there. Only where such a line is indented deeper than the first line of the chunk,
//! and that is not over by itself (`;`, the body of a function), it goes on. Blank lines and comments between change
//! nothing. A line that is a command, `.time`, begins one too, unless the line after it can only go on with it:
//! `p⏎.time⏎.then(f)` is one expression.

use drupe_lexer::{LineStart, comments::behind_comments, line_start};

use crate::{chunk_reader::is_invalid_soon, unfinished};

/// What a line after a finished chunk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// It is blank, or a comment: the line after it tells.
    Nothing,
    /// It goes on with the chunk, if both together are a program.
    GoesOn,
    /// It may begin a statement, too. It goes on with the chunk if both together are a program, and so are the chunk
    /// and this.
    MayGoOn(&'static str),
    /// It is a command, or a member if the line after it can only go on with it.
    Command,
    /// It begins something else.
    Begins,
}

/// Looks at the lines after a finished chunk.
#[derive(Debug, Default)]
pub(crate) struct Between {
    in_comment: bool,
}

impl Between {
    /// Looks at the next line after `chunk`, and what was looked at since.
    pub(crate) fn look(&mut self, chunk: &str, line: &str) -> Next {
        let was_in_comment = self.in_comment;
        let Some(text) = behind_comments(line, &mut self.in_comment) else { return Next::Nothing };
        let is_deeper = !was_in_comment && indent(line) > indent(chunk);
        // Behind a chunk, a command stands where the chunk does.
        if !is_deeper && unfinished::candidate(line).is_some() {
            return if unfinished::may_be_member(line) { Next::Command } else { Next::Begins };
        }
        match line_start(text) {
            LineStart::GoesOn => Next::GoesOn,
            LineStart::MayGoOn(probe) if is_deeper => Next::MayGoOn(probe),
            LineStart::MayGoOn(_) | LineStart::Begins => Next::Begins,
        }
    }
}

/// Whether the first of `lines` that is neither blank nor a comment can only go on with what stands before it.
pub(crate) fn goes_on<'l>(lines: impl IntoIterator<Item = &'l str>) -> bool {
    let mut in_comment = false;
    let text = lines.into_iter().find_map(|line| behind_comments(line, &mut in_comment));
    text.is_some_and(|text| unfinished::candidate(text).is_none() && line_start(text) == LineStart::GoesOn)
}

/// Whether `waiting`, lines that came at once with `chunk`, goes on with it. Lines end as terminals send them.
pub(crate) fn goes_on_behind(chunk: &str, waiting: &str) -> bool {
    let waiting = waiting.replace("\r\n", "\n").replace('\r', "\n");
    let (mut between, mut end, mut has_command) = (Between::default(), 0, false);
    for line in waiting.split_inclusive('\n') {
        end += line.len();
        let probe = match between.look(chunk, line) {
            Next::Nothing => continue,
            Next::Command => {
                has_command = true;
                continue;
            }
            Next::GoesOn => None,
            Next::MayGoOn(probe) if !has_command => Some(probe),
            Next::MayGoOn(_) | Next::Begins => return false,
        };
        let may_be = |rest: &str| !is_invalid_soon(&format!("{chunk}\n{rest}"));
        return may_be(&waiting[..end]) && probe.is_none_or(may_be);
    }
    false
}

/// Whether nothing is in `chunk` but comments.
pub(crate) fn is_only_comments(chunk: &str) -> bool {
    let mut in_comment = false;
    chunk.lines().all(|line| behind_comments(line, &mut in_comment).is_none())
}

fn indent(text: &str) -> usize {
    text.chars().take_while(|char| matches!(char, ' ' | '\t')).count()
}

#[cfg(test)]
mod tests {
    use super::{Between, Next};

    fn look(chunk: &str, line: &str) -> Next {
        Between::default().look(chunk, line)
    }

    #[test]
    fn what_begins_no_statement_goes_on() {
        for line in [
            "else g()",
            "else{",
            "else",
            "  else if (b)",
            "catch (e) {",
            "finally {",
            ".then(f)",
            ".#x",
            ".name",
            "?.x",
            "? a : b",
            "?? c",
            ", b = 2",
            "&& b",
            "|| b",
            "| B",
            "= 1",
            "=== 2",
            "!== 2",
            "* 2",
            "> 1",
            "<= 1",
            "< 1",
            "<< 1",
            "in o",
            "instanceof K",
            "extends K {",
            "from './x.js'",
            "with { type: 'json' }",
            "+= 1",
            ")",
            "/* why */ else",
            ".exitCode",
            ".no_command",
        ] {
            assert_eq!(look("x", line), Next::GoesOn, "{line}");
        }
    }

    #[test]
    fn what_may_begin_a_statement_begins_a_chunk() {
        for line in [
            "elsewhere()",
            "else$",
            "input",
            "in_",
            "catches",
            "from = 1",
            "with (o) x",
            "(1)",
            "[1]",
            "`a`",
            "+1",
            "-1",
            "/x/",
            "++x",
            "--x",
            "!x",
            ".5",
            "...x",
            "<div>",
            "@d class K {}",
            "1",
            "x",
            "'a'",
            "{",
            ";",
            "as",
            "of",
            "#!/bin/sh",
        ] {
            assert_eq!(look("x", line), Next::Begins, "{line}");
        }
    }

    #[test]
    fn what_may_be_a_member_is_a_command_until_the_next_line() {
        for line in [".time", ".help", ".more ", ".globals", ".type"] {
            let told = look("x", line);
            assert_eq!(told == Next::Command, line != ".type", "{line}");
        }
        for line in [".load a.ts", ".exit", ".break", ".editor", ".timeout 5s"] {
            assert_eq!(look("x", line), Next::Begins, "{line}");
        }
        for (lines, expected) in [
            (&[".then(f)"][..], true),
            (&["", "// why", ".then(f)"], true),
            (&["&& y"], true),
            (&["y"], false),
            (&[".help"], false),
            (&[], false),
        ] {
            assert_eq!(super::goes_on(lines.iter().copied()), expected, "{lines:?}");
        }
    }

    #[test]
    fn lines_that_came_at_once_go_on() {
        for (chunk, waiting) in [
            ("o", "  .k\r  .toFixed(2)\r"),
            ("o", "  .k"),
            ("o", "\r// why\r.k\r"),
            ("p", ".time\r.then(f)\r"),
            ("if (a) {\n}", "else {\r"),
            ("let a = 1", "  + 2\r"),
            ("let a = 1", ", b = 2\n"),
        ] {
            assert!(super::goes_on_behind(chunk, waiting), "{chunk}: {waiting:?}");
        }
        for (chunk, waiting) in [
            ("o", "p\r"),
            ("o", ""),
            ("o", "\r\r"),
            ("p", ".time\rq\r"),
            ("p", ".exit\r"),
            ("let a = 1", "else {\r"),
            ("let a = 1", "+ 2\r"),
            ("let a = 1;", "  .b\r"),
        ] {
            assert!(!super::goes_on_behind(chunk, waiting), "{chunk}: {waiting:?}");
        }
    }

    #[test]
    fn what_is_indented_deeper_goes_on() {
        for line in ["  + 1", "\t- 1", "  (1)", "  [1]", "  `a`", "  / 2", "  .exit", "  .load x"] {
            assert!(matches!(look("x", line), Next::GoesOn | Next::MayGoOn(_)), "{line}");
            assert_eq!(look("    x", line), Next::Begins, "{line}");
        }
        for line in ["  x", "  ++x", "  --x", "  !x", "  1"] {
            assert_eq!(look("x", line), Next::Begins, "{line}");
        }
    }

    #[test]
    fn commands_are_none() {
        for line in [".exit", ".help", ".load x.ts", ".break", ".time"] {
            let is_perhaps_member = matches!(line, ".help" | ".time");
            assert_eq!(look("x", line), if is_perhaps_member { Next::Command } else { Next::Begins }, "{line}");
        }
    }

    #[test]
    fn blank_lines_and_comments_tell_nothing() {
        let mut between = Between::default();
        for line in ["", "  ", "// else", "/* a", "else */", "/**/ /*", "*/ // b"] {
            assert_eq!(between.look("x", line), Next::Nothing, "{line}");
        }
        assert_eq!(between.look("x", "else"), Next::GoesOn);
        assert_eq!(between.look("x", "/* a"), Next::Nothing);
        assert_eq!(between.look("x", "*/ y"), Next::Begins);
    }
}
