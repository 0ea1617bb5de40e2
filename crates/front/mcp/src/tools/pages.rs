//! Pages of objects, strings and consoles.

use std::ops::Range;

use drupe_client::{
    Error, Handle, Property,
    preview::{Key, Kind, Node, Text},
};
use drupe_preview::{Options, render, sanitize};
use rmcp::schemars::JsonSchema;
use serde::Serialize;

use crate::{
    refusal::Refusal,
    session::{Page, Session},
    transcript::{Dropped, Piece},
};

/// How many positions of an object a page has unless it is said, and at most.
const USUAL_COUNT: u64 = 100;
const MAX_COUNT: u64 = 1_000;

/// How many bytes of text a page has unless it is said, and at most.
pub(super) const USUAL_TEXT: u64 = 16 << 10;
pub(super) const MAX_TEXT: u64 = 256 << 10;

/// A page of something large.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct PageTold {
    /// Where it begins.
    pub(super) from: u64,
    /// Where the next begins; as `total`: there is no more.
    next: u64,
    /// How many positions, code units or bytes there are.
    total: u64,
    /// The text of a string or of a console, its first 1 KiB. All of it stands in the block `result`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<String>,
    /// How long the text in the block is, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text_bytes: Option<u64>,
    /// The properties, elements and entries of an object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) items: Option<Vec<ItemTold>>,
    /// A part of a console that is not kept, before or behind the text of this page.
    #[serde(skip_serializing_if = "Option::is_none")]
    dropped: Option<DroppedTold>,
}

/// A part of a console that is not kept.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct DroppedTold {
    /// Its first byte, of all that was printed.
    from: u64,
    /// The first byte behind it.
    to: u64,
    bytes: u64,
    /// Line ends in it. Absent if the page begins within it: they were counted together.
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<u64>,
}

/// One thing in an object.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct ItemTold {
    /// Its name, index or key; absent for items of a set.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// Its value, short.
    value: String,
    /// Leads to the value, if it is an object or a long string.
    #[serde(skip_serializing_if = "Option::is_none")]
    handle: Option<String>,
}

/// A page of an object, or of a string. `name`: the handle that the caller gave.
pub(super) async fn object(
    session: &Session,
    handle: Handle,
    name: &str,
    from: u64,
    count: Option<u64>,
) -> Result<PageTold, Refusal> {
    let read = async |range: Range<u64>| {
        let page = session.kernel.properties(handle, range).await;
        page.map_err(|error: Error| Refusal::stale(name, &error))
    };
    let positions = count.unwrap_or(USUAL_COUNT).clamp(1, MAX_COUNT);
    let mut page = read(from..from.saturating_add(positions)).await?;
    if let Node::String(_) = page.head {
        let units = count.unwrap_or(USUAL_TEXT).clamp(1, MAX_TEXT);
        return string(session, handle, name, from, page.total, units).await;
    }
    // The kernel lists `length` behind the elements. It is no element, and the head of an array says it.
    let length = elements(&page.head);
    let hidden = |position: u64| u64::from(length.is_some_and(|length| position > length));
    if length.is_some_and(|length| from >= length) {
        page = read(from.saturating_add(1)..from.saturating_add(positions).saturating_add(1)).await?;
    }
    let is_shown = |item: &&Property| length.is_none() || !is_length(&item.key);
    let items = page.items.iter().filter(is_shown).map(|item| ItemTold::of(session, item)).collect::<Result<Vec<_>, _>>()?;
    let total = page.total - u64::from(length.is_some());
    let from = from.min(total);
    let next = (page.next - hidden(page.next)).clamp(from, total);
    Ok(PageTold { from, next, total, items: Some(items), ..PageTold::default() })
}

/// How many elements an array has. `None`: it is none.
fn elements(head: &Node) -> Option<u64> {
    let Node::Object(object) = head else { return None };
    object.size.filter(|_| object.kind == Kind::Array)
}

fn is_length(key: &Key) -> bool {
    match key {
        Key::Name(name) | Key::Hidden(name) => name.as_str() == "length",
        Key::Symbol(_) | Key::Value(_) | Key::Rejected | Key::Item => false,
    }
}

/// A page of a string. **No character is torn apart**: a page that would begin in the midst of one begins before it.
async fn string(session: &Session, handle: Handle, name: &str, from: u64, total: u64, count: u64) -> Result<PageTold, Refusal> {
    let read = async |range: Range<u64>| {
        let page = session.kernel.properties(handle, range).await.map_err(|error| Refusal::stale(name, &error))?;
        let Some(Node::String(piece)) = page.items.into_iter().next().map(|item| item.value) else { return Ok(None) };
        Ok::<_, Refusal>(Some((piece.text, page.next)))
    };
    let mut from = from.min(total);
    if from > 0 && from < total {
        let is_torn = |(text, next): (Text, u64)| next > from && text.as_str().chars().count() == 1;
        let around = read(from - 1..from + 1).await?;
        from -= u64::from(around.is_some_and(is_torn));
    }
    let (mut text, mut at) = (String::new(), from);
    let end = total.min(from.saturating_add(count));
    while at < end {
        let Some((piece, next)) = read(at..end).await?.filter(|(_, next)| *next > at) else { break };
        text.push_str(piece.as_str());
        at = next;
    }
    Ok(PageTold { from, next: at, total, text: Some(text), ..PageTold::default() })
}

impl PageTold {
    pub(super) fn of_console(piece: Piece, total: u64) -> Self {
        let Piece { text, from, next, dropped } = piece;
        let dropped = dropped.map(|Dropped { from, to, lines }| DroppedTold { from, to, bytes: to - from, lines });
        Self { from, next, total, text: Some(text), text_bytes: None, items: None, dropped }
    }

    /// What the page is of the whole, in words. It was to begin at `asked`.
    pub(super) fn place(&self, asked: u64) -> String {
        let Self { from, next, total, .. } = self;
        if asked >= *total && asked > 0 {
            return match total.checked_sub(1) {
                Some(last) => format!("there is nothing at {asked}: there are {total}, so the last is at {last}"),
                None => format!("there is nothing at {asked}: there is nothing at all"),
            };
        }
        let dropped = self.dropped.as_ref().map(|DroppedTold { from, to, bytes, lines }| {
            let lines = lines.map_or_else(String::new, |lines| format!(" with {lines} line ends"));
            format!("{bytes} bytes{lines}, {from} to {to}, are not kept; ")
        });
        // The text ends before what is not kept behind it.
        let end = self.dropped.as_ref().map(|dropped| dropped.from).filter(|end| end >= from).unwrap_or(*next);
        let more = if next < total { format!("the next page begins at {next}") } else { "there is no more".to_owned() };
        format!("{from} to {end} of {total}; {}{more}", dropped.unwrap_or_default())
    }
}

impl ItemTold {
    fn of(session: &Session, item: &Property) -> Result<Self, Refusal> {
        let short = Options { break_length: usize::MAX, ..Options::default() };
        let key = match &item.key {
            Key::Name(name) | Key::Hidden(name) => Some(sanitize(name).into_owned()),
            Key::Symbol(name) => Some(format!("Symbol({})", sanitize(name))),
            Key::Value(key) => Some(render(key, &short)),
            Key::Rejected => Some("<rejected>".to_owned()),
            Key::Item => None,
        };
        let handle = item.handle.map(|handle| session.page(Page::Object(handle))).transpose()?;
        Ok(Self { key, value: render(&item.value, &short), handle })
    }

    pub(super) fn line(&self) -> String {
        let key = self.key.as_ref().map_or_else(String::new, |key| format!("{key}: "));
        let handle = self.handle.as_ref().map_or_else(String::new, |handle| format!("  (handle {handle})"));
        format!("{key}{}{handle}", self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_behind_the_end_says_so() {
        let page = |from, next, total| PageTold { from, next, total, ..PageTold::default() };
        assert_eq!(page(5000, 5000, 5000).place(9999), "there is nothing at 9999: there are 5000, so the last is at 4999");
        assert_eq!(page(0, 0, 0).place(0), "0 to 0 of 0; there is no more");
        assert_eq!(page(0, 0, 0).place(1), "there is nothing at 1: there is nothing at all");
        assert_eq!(page(10, 20, 30).place(10), "10 to 20 of 30; the next page begins at 20");
        assert_eq!(page(20, 30, 30).place(20), "20 to 30 of 30; there is no more");
    }
}
