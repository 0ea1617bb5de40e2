//! Shows long results one screen at a time.

use std::{
    env,
    ffi::OsString,
    io::{self, Write},
    process::{Command, Stdio},
};

use drupe_preview::display_width;

use crate::screen::Size;

const PLAIN: &str = "\x1b[0m";
/// Rows that a page leaves free: for its last line, and for what was typed and the next prompt.
const SPARED: usize = 4;
/// A page is never shorter, however small the terminal.
const SHORTEST: usize = 6;

/// A long text, and how far it was shown.
#[derive(Debug, Default)]
pub(crate) struct Paged {
    text: String,
    shown: usize,
    /// The colours that hold where the rest begins.
    colours: String,
}

impl Paged {
    /// The first page of `text`, if that is not all of it.
    pub(crate) fn fold(text: &str, size: Size) -> Option<(Self, String)> {
        let mut folded = Self { text: text.to_owned(), ..Self::default() };
        let page = folded.next(size)?;
        (!folded.is_over()).then_some((folded, page))
    }

    pub(crate) fn is_over(&self) -> bool {
        self.shown >= self.text.len()
    }

    /// The next page, and how to see more, if there is more.
    pub(crate) fn next(&mut self, size: Size) -> Option<String> {
        let rest = &self.text[self.shown..];
        if rest.is_empty() {
            return None;
        }
        let begin = self.colours.clone();
        let end = page(rest, size, &mut self.colours);
        let (page, rest) = rest.split_at(end);
        self.shown += end;
        if rest.is_empty() {
            return Some(begin + page);
        }
        // A note would take as much room as the last line does.
        if let Some(last) =
            rest.strip_suffix('\n').filter(|last| !last.contains('\n')).filter(|last| is_one_row(last, size.columns))
        {
            self.shown = self.text.len();
            return Some(format!("{begin}{page}{last}\n"));
        }
        let break_line = if page.ends_with('\n') { "" } else { "\n" };
        let more = how_much(rest, size.columns);
        Some(format!("{begin}{page}{PLAIN}{break_line}\x1b[90m… {more}: .more{PLAIN}\n"))
    }

    /// What shows the whole in the program that `PAGER` names, and blocks until that ends. `None`: it names none.
    pub(crate) fn pager(&mut self) -> Option<impl FnOnce() -> io::Result<()> + Send + 'static> {
        let pager = env::var_os("PAGER").filter(|pager| !pager.is_empty() && cfg!(unix))?;
        self.shown = self.text.len();
        let text = self.text.clone();
        Some(move || show_in(&pager, &text))
    }
}

fn show_in(pager: &OsString, text: &str) -> io::Result<()> {
    let mut command = Command::new("sh");
    command.arg("-c").arg(pager).stdin(Stdio::piped());
    if env::var_os("LESS").is_none() {
        // Colours as colours.
        command.env("LESS", "-R");
    }
    let mut child = command.spawn()?;
    if let Some(mut input) = child.stdin.take() {
        // The pager may end before it has read everything. That is no error.
        drop(input.write_all(text.as_bytes()));
    }
    child.wait().map(drop)
}

/// The bytes of `text` that fill a page. `colours` is what holds at its end, if it held at its beginning what it holds
/// now.
fn page(text: &str, size: Size, colours: &mut String) -> usize {
    let rows = size.rows.saturating_sub(SPARED).max(SHORTEST);
    let (mut row, mut column) = (0, 0);
    let mut at = 0;
    while let Some(char) = text[at..].chars().next() {
        if let Some(length) = colour(&text[at..]) {
            let sequence = &text[at..at + length];
            if sequence == PLAIN {
                colours.clear()
            } else {
                colours.push_str(sequence)
            }
            at += length;
            continue;
        }
        let width = if char == '\t' { 8 - column % 8 } else { display_width(char.encode_utf8(&mut [0; 4])) };
        if char == '\n' || column + width > size.columns {
            row += 1;
            column = 0;
            if row == rows {
                return if char == '\n' { at + 1 } else { at };
            }
        }
        column += if char == '\n' { 0 } else { width };
        at += char.len_utf8();
    }
    text.len()
}

/// How much is left: lines, and characters, too, where lines are longer than they look.
fn how_much(rest: &str, columns: usize) -> String {
    let (lines, mut characters, mut longest) = (rest.lines().count(), 0, 0);
    for line in rest.lines() {
        let length = visible(line);
        characters += length;
        longest = longest.max(length);
    }
    // A long string is itself shown in part. **Code may write any number there.**
    characters = left_out(rest).saturating_add(characters);
    let s = if lines == 1 { "" } else { "s" };
    let lines = format!("{} more line{s}", grouped(lines));
    if longest > 2 * columns { format!("{lines}, {} characters", grouped(characters)) } else { lines }
}

/// What a string at the end of `text` says that it leaves out.
fn left_out(text: &str) -> usize {
    let number = || {
        let text = text.trim_end().trim_end_matches(PLAIN).strip_suffix(" more characters")?;
        text.rsplit_once("... ")?.1.parse().ok()
    };
    number().unwrap_or_default()
}

/// The characters of a line, without colours.
fn visible(line: &str) -> usize {
    let mut parts = line.split("\x1b[");
    let first = parts.next().map_or(0, |text| text.chars().count());
    first + parts.map(|part| part.split_once('m').map_or(0, |(_, text)| text.chars().count())).sum::<usize>()
}

/// A number with commas between thousands.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Whether a line fits into one row.
fn is_one_row(line: &str, columns: usize) -> bool {
    let (mut rest, mut width) = (line, 0);
    while let Some(char) = rest.chars().next() {
        let length = colour(rest).unwrap_or_else(|| {
            width += if char == '\t' { 8 } else { display_width(char.encode_utf8(&mut [0; 4])) };
            char.len_utf8()
        });
        rest = &rest[length..];
    }
    width <= columns
}

/// The length of the colour sequence that `text` begins with.
fn colour(text: &str) -> Option<usize> {
    let length = text.strip_prefix("\x1b[")?.find('m')?;
    Some(length + 3)
}

#[cfg(test)]
mod tests {
    use super::Paged;
    use crate::screen::Size;

    const SIZE: Size = Size { rows: 10, columns: 10 };

    #[test]
    fn what_fits_is_not_folded() {
        assert!(Paged::fold("1\n2\n3\n4\n5\n6\n", SIZE).is_none());
        assert!(Paged::fold("", SIZE).is_none());
    }

    #[test]
    fn pages_follow_each_other() {
        let text = (1..=14).map(|line| format!("{line}\n")).collect::<String>();
        let (mut folded, first) = Paged::fold(&text, SIZE).unwrap_or_default();
        assert_eq!(first, "1\n2\n3\n4\n5\n6\n\x1b[0m\x1b[90m… 8 more lines: .more\x1b[0m\n");
        let second = folded.next(SIZE);
        assert_eq!(second.as_deref(), Some("7\n8\n9\n10\n11\n12\n\x1b[0m\x1b[90m… 2 more lines: .more\x1b[0m\n"));
        assert_eq!(folded.next(SIZE).as_deref(), Some("13\n14\n"));
        assert_eq!(folded.next(SIZE), None);
    }

    #[test]
    fn a_long_line_is_cut_where_the_page_is_full_and_keeps_its_colours() {
        let text = format!("\x1b[32m{}\x1b[39m\n", "日".repeat(50));
        let (mut folded, first) = Paged::fold(&text, SIZE).unwrap_or_default();
        assert_eq!(first, format!("\x1b[32m{}\x1b[0m\n\x1b[90m… 1 more line: .more\x1b[0m\n", "日".repeat(30)));
        assert_eq!(folded.next(SIZE), Some(format!("\x1b[32m{}\x1b[39m\n", "日".repeat(20))));
    }

    #[test]
    fn a_line_that_is_longer_than_it_looks_tells_its_size() {
        let text = format!("\x1b[32m{}\x1b[39m\n", "x".repeat(1_234_627));
        let (mut folded, first) = Paged::fold(&text, SIZE).unwrap_or_default();
        assert!(first.ends_with("xx\x1b[0m\n\x1b[90m… 1 more line, 1,234,567 characters: .more\x1b[0m\n"), "{}", first.len());
        let second = folded.next(SIZE).unwrap_or_default();
        assert!(second.ends_with("… 1 more line, 1,234,507 characters: .more\x1b[0m\n"), "{}", second.len());
        let text = format!("\x1b[32m'{}'\x1b[39m... 4000000 more characters\n", "x".repeat(159));
        let (_, first) = Paged::fold(&text, SIZE).unwrap_or_default();
        assert!(first.ends_with("… 1 more line, 4,000,128 characters: .more\x1b[0m\n"), "{first:?}");
        let text = format!("{}{}... {} more characters\n", "line\n".repeat(40), "x".repeat(50), usize::MAX);
        let (_, first) = Paged::fold(&text, SIZE).unwrap_or_default();
        assert!(first.ends_with(" characters: .more\x1b[0m\n"), "{first:?}");
    }

    #[test]
    fn one_line_more_is_shown_and_not_announced() {
        assert!(Paged::fold("1\n2\n3\n4\n5\n6\n\x1b[32mseventh\x1b[39m\n", SIZE).is_none());
        let (mut folded, first) = Paged::fold(&"line\n".repeat(13), SIZE).unwrap_or_default();
        assert!(first.ends_with("… 7 more lines: .more\x1b[0m\n"), "{first}");
        assert_eq!(folded.next(SIZE), Some("line\n".repeat(7)));
        assert_eq!(folded.next(SIZE), None);
    }
}
