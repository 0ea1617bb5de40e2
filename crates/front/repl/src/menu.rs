//! The menu of completions: the description of each entry, and the colours.

use std::{borrow::Cow, collections::HashMap};

use drupe_client::{Completion, CompletionKind};
use drupe_preview::display_width;
use rustyline::completion::Pair;

use crate::{sanitize, screen::Size, width::beginning};

/// With more entries than this there is room for their names only.
const FEW: usize = 24;

/// A menu that does not fit on the screen takes no more rows than this.
const MOST_ROWS: usize = 12;
/// Columns between two entries.
const GAP: usize = 2;

const PLAIN: &str = "\x1b[0m";
const MARKED: &str = "\x1b[7m";

/// The entries of a menu, by the text that is shown.
#[derive(Debug, Default)]
pub(crate) struct Menu {
    entries: HashMap<String, Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    kind: CompletionKind,
    /// Bytes of the name; what follows tells its type.
    name: usize,
}

impl Menu {
    /// Makes a menu of `items`, and the list for rustyline.
    pub(crate) fn of(items: Vec<Completion>) -> (Self, Vec<Pair>) {
        let names = items.iter().map(name).collect::<Vec<_>>();
        let details = items.len() <= FEW;
        let width = names.iter().map(|name| display_width(name)).max().unwrap_or_default();
        let mut menu = Self::default();
        let pair = |(item, name): (Completion, String)| {
            let mut display = name;
            let length = display.len();
            if let Some(detail) = item.detail.as_deref().filter(|_| details && !is_call(item.kind)) {
                let gap = width - display_width(&display) + 2;
                display.push_str(&" ".repeat(gap));
                display.push_str(&sanitize(detail));
            }
            menu.entries.insert(display.clone(), Entry { kind: item.kind, name: length });
            Pair { display, replacement: item.text }
        };
        let pairs = items.into_iter().zip(names).map(pair).collect();
        (menu, pairs)
    }

    /// The menu of `pairs` in a grid of at most so many rows and columns, with `selected` marked; how far it is from an
    /// entry to the one beside it; and how many rows of entries a page has.
    pub(crate) fn draw(&self, pairs: &[Pair], selected: Option<usize>, size: Size, colors: bool) -> (String, usize, usize) {
        let whole = pairs.iter().map(|pair| display_width(&pair.display)).max().unwrap_or_default();
        // In a narrow window there is room for names only.
        let names_only = whole > size.columns;
        let shown_of = |pair| if names_only { self.name_of(pair) } else { &pair.display };
        let widest = pairs.iter().map(|pair| display_width(shown_of(pair))).max().unwrap_or_default();
        let width = (widest + GAP).min(size.columns.max(1));
        let lines = pairs.len().div_ceil((size.columns / width).max(1)).max(1);
        // What does not fit is shown page by page, and a line tells where one is.
        let shown = if lines <= size.rows { lines } else { size.rows.min(MOST_ROWS).saturating_sub(1).max(1) };
        let first = selected.map_or(0, |selected| selected % lines) / shown * shown;
        let mut text = String::from(if colors { PLAIN } else { "" });
        for line in first..(first + shown).min(lines) {
            if line > first {
                text.push('\n');
            }
            let mut gap = 0;
            for index in (line..pairs.len()).step_by(lines) {
                let entry = cut(shown_of(&pairs[index]), (width - 1).max(1));
                text.push_str(&" ".repeat(gap));
                match selected {
                    Some(selected) if selected == index && colors => text.push_str(&format!("{MARKED}{entry}{PLAIN}")),
                    _ if colors => text.push_str(&self.highlight(&pairs[index].display, &entry)),
                    _ => text.push_str(&entry),
                }
                gap = width - display_width(&entry);
            }
        }
        if shown < lines && size.rows > 1 {
            let place = match selected {
                Some(selected) => format!("{} of {}", selected + 1, pairs.len()),
                None => format!("{} in all; Tab or the arrow keys choose", pairs.len()),
            };
            let place = format!("… {place}");
            let place = cut(&place, size.columns.saturating_sub(1));
            text.push_str(&if colors { format!("\n\x1b[90m{place}{PLAIN}") } else { format!("\n{place}") });
        }
        (text, lines, shown)
    }

    fn name_of<'p>(&self, pair: &'p Pair) -> &'p str {
        self.entries.get(&pair.display).map_or(&pair.display, |entry| &pair.display[..entry.name])
    }

    /// What is `shown` of `entry`, in colours.
    fn highlight(&self, entry: &str, shown: &str) -> String {
        let Some(Entry { kind, name }) = self.entries.get(entry) else { return shown.to_owned() };
        let (name, detail) = shown.split_at(shown.floor_char_boundary(*name));
        let colour = match kind {
            CompletionKind::Method | CompletionKind::Function => "\x1b[36m",
            CompletionKind::Class => "\x1b[32m",
            CompletionKind::Keyword => "\x1b[35m",
            CompletionKind::Constant => "\x1b[33m",
            CompletionKind::Property | CompletionKind::Variable | CompletionKind::Unknown => "",
        };
        format!("{colour}{name}{PLAIN}\x1b[90m{detail}{PLAIN}")
    }
}

/// `text` in at most `columns`.
fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    match beginning(text, columns) {
        None => Cow::Borrowed(text),
        Some(beginning) => Cow::Owned(format!("{}…", beginning.trim_end())),
    }
}

fn name(item: &Completion) -> String {
    let name = sanitize(&item.text);
    if is_call(item.kind) { format!("{name}()") } else { name.into_owned() }
}

fn is_call(kind: CompletionKind) -> bool {
    matches!(kind, CompletionKind::Method | CompletionKind::Function)
}

#[cfg(test)]
mod tests {
    use drupe_client::{Completion, CompletionKind};

    use drupe_preview::display_width;
    use rustyline::completion::Pair;

    use super::Menu;
    use crate::screen::Size;

    #[test]
    fn entries_tell_what_they_are() {
        let item = |text: &str, kind, detail: Option<&str>| Completion::new(text, kind, detail.map(Into::into));
        let items = vec![
            item("push", CompletionKind::Method, Some("function")),
            item("length", CompletionKind::Property, Some("number")),
            item("x", CompletionKind::Property, None),
        ];
        let (menu, pairs) = Menu::of(items);
        let shown = pairs.iter().map(|pair| &*pair.display).collect::<Vec<_>>();
        assert_eq!(shown, ["push()", "length  number", "x"]);
        assert_eq!(pairs[0].replacement, "push");
        let draw = |selected, rows, columns, colors| menu.draw(&pairs, selected, Size { rows, columns }, colors);
        assert_eq!(draw(None, 9, 80, false), ("push()          length  number  x".to_owned(), 1, 1));
        let coloured =
            "\x1b[0m\x1b[36mpush()\x1b[0m\x1b[90m\x1b[0m          \x1b[7mlength  number\x1b[0m  x\x1b[0m\x1b[90m\x1b[0m";
        assert_eq!(draw(Some(1), 9, 80, true).0, coloured);
    }

    #[test]
    fn a_menu_fits_the_window() {
        let pairs = (0..100).map(|number| format!("name{number}"));
        let pairs = pairs.map(|name| Pair { display: name.clone(), replacement: name }).collect::<Vec<_>>();
        let draw = |selected, rows, columns| Menu::default().draw(&pairs, selected, Size { rows, columns }, false);
        for (rows, columns) in [(1, 1), (2, 5), (9, 24), (30, 80), (200, 3)] {
            for selected in [None, Some(0), Some(50), Some(99)] {
                let (text, ..) = draw(selected, rows, columns);
                assert!(text.lines().count() <= rows, "{rows} rows: {text}");
                assert!(text.lines().all(|line| display_width(line) <= columns), "{columns} columns: {text}");
                if let Some(selected) = selected.filter(|_| columns > 8) {
                    assert!(text.contains(&format!("name{selected}")), "{text}");
                }
            }
        }
        assert!(draw(Some(50), 9, 24).0.ends_with("\n… 51 of 100"));
    }

    #[test]
    fn long_entries_are_cut() {
        let item = |text: &str| Completion::new(text, CompletionKind::Property, Some("number".into()));
        let (menu, pairs) = Menu::of(vec![item("a_name_of_some_length"), item("b")]);
        let (text, ..) = menu.draw(&pairs, None, Size { rows: 9, columns: 24 }, false);
        assert_eq!(text, "a_name_of_some_length\nb");
        assert_eq!(menu.draw(&pairs, None, Size { rows: 9, columns: 9 }, false).0, "a_name_…\nb");
    }
}
