//! Lines that go on with a chunk which is finished without them: `else` behind `if (a) { … }`, `.then(f)`, `| B` of a
//! type.
//!
//! Where nobody waits for an answer (a file, a paste), a line that can only go on with what stands before it does so,
//! as in a file. **What may begin a statement begins a chunk**: `(`, `[`, a template, `+`, `-`, `/`, although a file
//! without semicolons would go on there. Only where such a line is indented deeper than the first line of the chunk,
//! and that is not over by itself (`;`, the body of a function), it goes on. Blank lines and comments between change
//! nothing.

use crate::unfinished;

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
        let Some(text) = self.behind_comments(line) else { return Next::Nothing };
        let is_deeper = !was_in_comment && indent(line) > indent(chunk);
        // Behind a chunk, a command stands where the chunk does.
        if !is_deeper && unfinished::candidate(line).is_some() {
            return Next::Begins;
        }
        match probe(text).filter(|_| is_deeper) {
            _ if can_only_go_on(text) => Next::GoesOn,
            Some(probe) => Next::MayGoOn(probe),
            None => Next::Begins,
        }
    }

    /// What stands in a line behind blanks and comments, if anything does.
    fn behind_comments<'l>(&mut self, line: &'l str) -> Option<&'l str> {
        let mut text = line;
        loop {
            if self.in_comment {
                let (_, rest) = text.split_once("*/")?;
                self.in_comment = false;
                text = rest;
            }
            text = text.trim_start_matches(|char: char| char.is_whitespace() || char == '\u{feff}');
            if let Some(comment) = text.strip_prefix("/*") {
                self.in_comment = true;
                text = comment;
            } else {
                return (!text.is_empty() && !text.starts_with("//")).then_some(text);
            }
        }
    }
}

/// Whether nothing is in `chunk` but comments.
pub(crate) fn is_only_comments(chunk: &str) -> bool {
    let mut between = Between::default();
    chunk.lines().all(|line| between.behind_comments(line).is_none())
}

fn indent(text: &str) -> usize {
    text.chars().take_while(|char| matches!(char, ' ' | '\t')).count()
}

/// Whether no statement begins like this.
fn can_only_go_on(text: &str) -> bool {
    let word_ends = text.find(|char: char| !(char.is_alphanumeric() || matches!(char, '_' | '$' | '\\'))).unwrap_or(text.len());
    let (word, rest) = text.split_at(word_ends);
    let next = rest.trim_start().chars().next();
    match word {
        "" => {}
        "else" | "catch" | "finally" | "in" | "instanceof" | "extends" => return true,
        // Of an import or export.
        "from" => return matches!(next, Some('\'' | '"')),
        "with" => return next == Some('{'),
        _ => return false,
    }
    let mut chars = text.chars();
    let (first, second) = (chars.next().unwrap_or_default(), chars.next());
    match first {
        ',' | ')' | ']' | '}' | ':' | '?' | '=' | '*' | '%' | '&' | '|' | '^' | '>' => true,
        // A number may begin with a dot.
        '.' => second.is_none_or(|second| second != '.' && !second.is_ascii_digit()),
        '!' | '+' | '-' => second == Some('='),
        // What is no element.
        '<' => {
            second.is_some_and(|second| matches!(second, '=' | '<' | '(') || second.is_ascii_digit() || second.is_whitespace())
        }
        _ => false,
    }
}

/// What begins like `text` goes on with the line before it in a file, although it may begin a statement: then here is
/// what goes on with the same lines and begins none.
fn probe(text: &str) -> Option<&'static str> {
    let is_twice = |sign| text.starts_with(sign) && text[1..].starts_with(sign);
    match text.chars().next()? {
        '(' | '[' | '`' => Some(".x"),
        '+' | '-' | '/' if !is_twice('+') && !is_twice('-') => Some("* 1"),
        _ => None,
    }
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
            assert_eq!(look("x", line), Next::Begins, "{line}");
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
