//! The menu of completions: what each entry says of itself, and its colours.

use std::{borrow::Cow, collections::HashMap};

use drupe_client::{Completion, CompletionKind};
use drupe_preview::display_width;
use rustyline::completion::Pair;

use crate::sanitize;

/// With more entries than this there is room for their names only.
const FEW: usize = 24;

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

    /// `entry` in colours.
    pub(crate) fn highlight<'e>(&self, entry: &'e str) -> Cow<'e, str> {
        let Some(Entry { kind, name }) = self.entries.get(entry) else { return Cow::Borrowed(entry) };
        let (name, detail) = entry.split_at(*name);
        let colour = match kind {
            CompletionKind::Method | CompletionKind::Function => "\x1b[36m",
            CompletionKind::Class => "\x1b[32m",
            CompletionKind::Keyword => "\x1b[35m",
            CompletionKind::Constant => "\x1b[33m",
            CompletionKind::Property | CompletionKind::Variable => "",
        };
        Cow::Owned(format!("{colour}{name}\x1b[0m\x1b[90m{detail}\x1b[0m"))
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

    use super::Menu;

    #[test]
    fn entries_tell_what_they_are() {
        let item =
            |text: &str, kind, detail: Option<&str>| Completion { text: text.into(), kind, detail: detail.map(Into::into) };
        let items = vec![
            item("push", CompletionKind::Method, Some("function")),
            item("length", CompletionKind::Property, Some("number")),
            item("x", CompletionKind::Property, None),
        ];
        let (menu, pairs) = Menu::of(items);
        let shown = pairs.iter().map(|pair| &*pair.display).collect::<Vec<_>>();
        assert_eq!(shown, ["push()", "length  number", "x"]);
        assert_eq!(pairs[0].replacement, "push");
        assert_eq!(menu.highlight("push()"), "\x1b[36mpush()\x1b[0m\x1b[90m\x1b[0m");
        assert_eq!(menu.highlight("length  number"), "length\x1b[0m\x1b[90m  number\x1b[0m");
        assert_eq!(menu.highlight("unknown"), "unknown");
    }
}
