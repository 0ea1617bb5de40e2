//! The head of the function whose arguments are typed: the argument at the cursor is marked, and is seen in a narrow
//! window, too.

use std::ops::Range;

use drupe_client::Signature;
use drupe_preview::display_width;

use crate::width::beginning;

const GREY: &str = "\x1b[90m";
const MARKED: &str = "\x1b[0m\x1b[1m";
const PLAIN: &str = "\x1b[0m";

/// A head, and where in it the argument at the cursor is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CallHead {
    text: String,
    marked: Option<Range<usize>>,
}

impl CallHead {
    pub(crate) fn of(signature: Signature) -> Self {
        let Signature { head, parameters, active, .. } = signature;
        // On one line, and harmless to terminals.
        let clean = |text: &str| text.chars().map(|char| if char.is_control() { ' ' } else { char }).collect::<String>();
        let text = clean(&head);
        let mut at = text.find('(').map_or(0, |open| open + 1);
        let mut marked = None;
        for (index, parameter) in parameters.iter().enumerate().take(active.map_or(0, |active| active + 1)) {
            let parameter = clean(parameter);
            let Some(found) = text[at..].find(&parameter) else { break };
            let place = at + found..at + found + parameter.len();
            at = place.end;
            marked = (Some(index) == active).then_some(place);
        }
        Self { text, marked }
    }

    /// In colours, in at most so many columns.
    pub(crate) fn draw(&self, columns: usize) -> String {
        let room = columns.saturating_sub(1);
        let Some(marked) = self.marked.clone() else { return format!("{GREY}{}{PLAIN}", cut(&self.text, room)) };
        let (before, rest) = self.text.split_at(marked.start);
        let (argument, after) = rest.split_at(marked.len());
        let mut before = before.to_owned();
        let wanted = display_width(argument) + usize::from(!after.is_empty());
        if display_width(&before) + wanted > room {
            // What is called, if there is room for it, and then the argument.
            let name = before.split_inclusive('(').next().unwrap_or_default();
            let fits = |text: &str| display_width(text) + wanted <= room;
            before = [format!("{name}… "), "… ".to_owned()].into_iter().find(|text| fits(text)).unwrap_or_default();
        }
        let left = room.saturating_sub(display_width(&before));
        let argument = cut(argument, left);
        let after = cut(after, left.saturating_sub(display_width(&argument)));
        format!("{GREY}{before}{MARKED}{argument}{PLAIN}{GREY}{after}{PLAIN}")
    }
}

/// `text` in at most so many columns.
fn cut(text: &str, columns: usize) -> String {
    match beginning(text, columns) {
        None => text.to_owned(),
        Some(_) if columns == 0 => String::new(),
        Some(beginning) => format!("{beginning}…"),
    }
}

#[cfg(test)]
mod tests {
    use drupe_preview::display_width;

    use super::CallHead;

    /// A head without its colours, the marked argument in brackets.
    fn draw(text: &str, argument: &str, columns: usize) -> String {
        let marked = text.find(argument).filter(|_| !argument.is_empty()).map(|at| at..at + argument.len());
        let drawn = CallHead { text: text.to_owned(), marked }.draw(columns);
        drawn.replace("\x1b[0m\x1b[1m", "[").replace("\x1b[0m\x1b[90m", "]").replace("\x1b[90m", "").replace("\x1b[0m", "")
    }

    #[test]
    fn the_argument_at_the_cursor_is_marked_and_seen() {
        let head = "function add(left: number, right: number, third = 1): number";
        assert_eq!(draw(head, "right: number", 80), "function add(left: number, [right: number], third = 1): number");
        assert_eq!(draw(head, "", 80), head);
        assert_eq!(draw(head, "right: number", 40), "function add(… [right: number], third = …");
        assert_eq!(draw(head, "third = 1", 30), "function add(… [third = 1]): n…");
        assert_eq!(draw(head, "third = 1", 16), "… [third = 1]): …");
        assert_eq!(draw(head, "right: number", 10), "[right: n…]");
        for columns in 1..70 {
            for argument in ["left: number", "right: number", "third = 1"] {
                let drawn = draw(head, argument, columns).replace(['[', ']'], "");
                assert!(display_width(&drawn) < columns.max(2), "{columns}: {drawn}");
            }
        }
    }
}
