//! The parts that a result left out, such as `... 400 more items`: finds them in the tree, and reads them page by page
//! from the object.

mod printed;

use std::collections::VecDeque;

use drupe_client::{
    Console, Error, Handle, Kernel, Page, Property, RunResult,
    preview::{Entry, Excerpt, Key, Node, Object},
};
use drupe_preview::{Options, Styles};

use crate::{
    cut_text,
    finder::{Finder, MAX_PLACES, Place, Step, brief, elements, member},
    sanitize::sanitize,
};

/// Entries of a page.
const PAGE: u64 = 100;
/// Characters of a page of a string.
const STRING_PAGE: u64 = 10_000;
/// Proxies of proxies that are looked through.
const MAX_PROXIES: usize = 100;
/// Positions that are looked at to find one property by its name.
const MAX_SEARCH: u64 = 10_000;

/// What is left to show of the last result, and then of what was printed before it.
#[derive(Debug, Default)]
pub(crate) struct LeftOut {
    /// In the order of the text; the objects that are shown as `[Object]` come last.
    places: VecDeque<Place>,
    /// What keeps the result and its parts alive.
    handles: Vec<Handle>,
    /// The last console call that left something out.
    printed: Printed,
    /// Whether the last uncaught error left something out: it is in `_error`.
    pub(crate) of_error: bool,
}

/// The arguments of a console call.
#[derive(Debug, Default)]
struct Printed {
    arguments: Vec<Handle>,
    /// The numbers of entries that its text left out.
    counts: Vec<u64>,
}

/// More of a result.
#[derive(Debug)]
pub(crate) struct More {
    /// Which part it is.
    pub(crate) title: String,
    pub(crate) text: String,
}

impl LeftOut {
    /// What `result` left out, if its run asked for a tree and a handle.
    pub(crate) fn of(result: &RunResult) -> Self {
        let (Some(tree), Some(handle)) = (&result.preview, result.handle) else { return Self::default() };
        let mut finder = Finder::default();
        finder.node(tree, handle, &[], "");
        let places = finder.more.into_iter().chain(finder.cut).take(MAX_PLACES).collect();
        Self { places, handles: vec![handle], ..Self::default() }
    }

    /// A result has come: it is shown before what was printed.
    pub(crate) fn result(&mut self, result: &RunResult) {
        self.show_first(Self::of(result));
    }

    /// What `other` left out is shown before the rest.
    pub(crate) fn show_first(&mut self, other: Self) {
        self.handles.extend(other.handles);
        self.places = other.places.into_iter().chain(self.places.drain(..)).collect();
    }

    /// Something was printed. Which handles are not needed for it.
    pub(crate) fn print(&mut self, console: &Console) -> Vec<Handle> {
        let arguments = console.handles.iter().flatten().copied().collect::<Vec<_>>();
        if arguments.is_empty() || !cut_text::is_cut(console.text()) {
            return arguments;
        }
        std::mem::replace(&mut self.printed, Printed { arguments, counts: cut_text::counts(console.text()) }).arguments
    }

    /// Another result will take its place: lets go of what was kept for it.
    pub(crate) fn end(&mut self, kernel: &Kernel) {
        let Self { mut handles, printed, .. } = std::mem::take(self);
        handles.extend(printed.arguments);
        if !handles.is_empty() {
            kernel.release(handles);
        }
    }

    /// The next part, laid out; `None`: there is no more. Looking runs none of the user's code.
    pub(crate) async fn next(&mut self, kernel: &Kernel, colors: bool) -> Result<Option<More>, Error> {
        loop {
            let Some(place) = self.places.pop_front() else {
                if self.go_on_with_printed(kernel).await? {
                    continue;
                }
                return Ok(None);
            };
            let Some((handle, head)) = resolve(kernel, &place).await? else { continue };
            let styles = colors.then_some(&Styles::NODE);
            if let Node::String(_) = head.head {
                let (text, next) = read_string(kernel, handle, place.start, head.total).await?;
                if next <= place.start {
                    continue;
                }
                let label = if place.label.is_empty() { String::new() } else { format!("{}: ", sanitize(&place.label)) };
                let title = format!("{label}characters {} to {} of {}", place.start, next - 1, head.total);
                if next < head.total {
                    self.places.push_front(Place { from: handle, steps: Vec::new(), start: next, ..place });
                    self.keep(handle);
                }
                let excerpt = Excerpt { text: text.into(), more: head.total - next };
                let text = drupe_preview::render(&Node::String(excerpt), &Options { styles, ..Options::default() });
                return Ok(Some(More { title, text }));
            }
            let page = Pages::read(kernel, handle, &place, head).await?;
            let Pages { mut object, next, total, nested } = page;
            self.keep(handle);
            self.handles.extend(nested.iter().map(|nested| nested.handle));
            if object.entries.is_empty() {
                continue;
            }
            let shown = object.entries.len();
            let (first, last) = (place.start, next.saturating_sub(1));
            if next < total {
                object.entries.push(Node::MoreItems(total - next).into());
                self.places.push_front(Place { from: handle, steps: Vec::new(), start: next, shown: 0, ..place.clone() });
            }
            for Nested { label, value, handle } in nested.into_iter().rev() {
                let mut finder = Finder::default();
                finder.node(&value, handle, &[], &label);
                finder.more.into_iter().rev().for_each(|place| self.places.push_front(place));
                self.places.extend(finder.cut);
            }
            self.places.truncate(MAX_PLACES);
            let label = if place.label.is_empty() { String::new() } else { format!("{}: ", sanitize(&place.label)) };
            let title = if first == 0 && next >= total {
                sanitize(&place.label).into_owned()
            } else if shown == 1 {
                format!("{label}{first} of {total}")
            } else {
                format!("{label}{first} to {last} of {total}")
            };
            let text = drupe_preview::render(&Node::Object(Box::new(object)), &Options { styles, ..Options::default() });
            return Ok(Some(More { title, text }));
        }
    }

    /// Goes on with what was printed, if anything was.
    async fn go_on_with_printed(&mut self, kernel: &Kernel) -> Result<bool, Error> {
        let Printed { arguments, counts } = std::mem::take(&mut self.printed);
        self.handles.extend(&arguments);
        for handle in arguments {
            let (places, handles) = printed::left_out(kernel, handle, &counts).await?;
            self.places.extend(places);
            self.handles.extend(handles);
        }
        Ok(!self.places.is_empty())
    }

    fn keep(&mut self, handle: Handle) {
        if !self.handles.contains(&handle) {
            self.handles.push(handle);
        }
    }
}

/// The text of a string from its unit `start` on, about as much as one page shows, and the position after it.
async fn read_string(kernel: &Kernel, handle: Handle, start: u64, total: u64) -> Result<(String, u64), Error> {
    let (mut text, mut at) = (String::new(), start);
    let end = total.min(start.saturating_add(STRING_PAGE));
    while at < end {
        let page = kernel.properties(handle, at..end).await?;
        let Some(Node::String(piece)) = page.items.first().map(|item| &item.value) else { break };
        if page.next <= at {
            break;
        }
        text.push_str(&piece.text.to_string());
        at = page.next;
    }
    Ok((text, at))
}

/// The object of a place, and what it is called. `None`: it is not there any more.
async fn resolve(kernel: &Kernel, place: &Place) -> Result<Option<(Handle, Page)>, Error> {
    let mut handle = place.from;
    for step in &place.steps {
        handle = through_proxy(kernel, handle).await?.0;
        let found = match step {
            Step::Position(at) => kernel.properties(handle, *at..at + 1).await?.items.into_iter().next(),
            Step::Named(key, start) => find(kernel, handle, key, *start).await?,
        };
        match found.and_then(|property| property.handle) {
            Some(next) => handle = next,
            None => return Ok(None),
        }
    }
    through_proxy(kernel, handle).await.map(Some)
}

/// The target of a proxy, which is what its tree shows.
async fn through_proxy(kernel: &Kernel, mut handle: Handle) -> Result<(Handle, Page), Error> {
    for _ in 0..MAX_PROXIES {
        let page = kernel.properties(handle, 0..1).await?;
        let target = page.items.first().filter(|item| matches!(&item.key, Key::Hidden(name) if *name == *"[[Target]]"));
        match target.and_then(|item| item.handle) {
            Some(target) => handle = target,
            None => return Ok((handle, page)),
        }
    }
    Ok((handle, kernel.properties(handle, 0..1).await?))
}

async fn find(kernel: &Kernel, handle: Handle, key: &Key, start: u64) -> Result<Option<Property>, Error> {
    let mut at = start;
    loop {
        let page = kernel.properties(handle, at..at + PAGE).await?;
        if let Some(found) = page.items.into_iter().find(|item| item.key == *key) {
            return Ok(Some(found));
        }
        if page.next >= page.total || page.next <= at || page.next > start + MAX_SEARCH {
            return Ok(None);
        }
        at = page.next;
    }
}

/// What is in an object from some position on, about as much as one page shows.
struct Pages {
    object: Object,
    /// The position after it.
    next: u64,
    total: u64,
    nested: Vec<Nested>,
}

/// An object in a page.
struct Nested {
    label: String,
    value: Node,
    handle: Handle,
}

impl Pages {
    async fn read(kernel: &Kernel, handle: Handle, place: &Place, head: Page) -> Result<Self, Error> {
        let Node::Object(object) = head.head else {
            return Ok(Self { object: Object::default(), next: head.total, total: head.total, nested: Vec::new() });
        };
        let mut object = Object { cut: false, entries: Vec::new(), ..*object };
        let (elements, mut at, mut skip) = (elements(&object), place.start, place.shown);
        let total = place.end.unwrap_or(head.total).min(head.total);
        let mut nested = Vec::new();
        while (object.entries.len() as u64) < PAGE && at < total {
            let left = PAGE - object.entries.len() as u64;
            let page = kernel.properties(handle, at..total.min(at.saturating_add(left))).await?;
            if page.next <= at {
                break;
            }
            let mut expected = at;
            for item in page.items {
                let is_named =
                    !matches!(item.key, Key::Item | Key::Value(_)) && index(&item.key).is_none_or(|_| expected >= elements);
                if is_named && (item.hidden || skip > 0) {
                    skip -= u64::from(!item.hidden);
                    continue;
                }
                if let Some(index) = index(&item.key).filter(|_| !is_named) {
                    if index > expected {
                        object.entries.push(Node::Holes(index - expected).into());
                    }
                    expected = index;
                }
                let label = match &item.key {
                    _ if !is_named && !matches!(item.key, Key::Value(_)) => format!("{}[{expected}]", place.label),
                    Key::Value(key) => format!("{}.get({})", place.label, brief(key)),
                    key @ (Key::Item | Key::Name(_) | Key::Hidden(_) | Key::Symbol(_) | Key::Rejected) => {
                        format!("{}{}", place.label, member(key))
                    }
                };
                if let Some(handle) = item.handle {
                    nested.push(Nested { label, value: item.value.clone(), handle });
                }
                let key = if is_named || matches!(item.key, Key::Value(_)) { item.key } else { Key::Item };
                object.entries.push(Entry { key, value: item.value });
                expected += 1;
            }
            at = page.next;
        }
        Ok(Self { object, next: at, total, nested })
    }
}

/// The index that a key is.
fn index(key: &Key) -> Option<u64> {
    let (Key::Name(name) | Key::Hidden(name)) = key else { return None };
    name.to_string().parse().ok()
}
