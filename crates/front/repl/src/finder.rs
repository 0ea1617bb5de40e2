//! Places in the tree of a value that leave something out, such as `... 400 more items` and `[Object]`.

use drupe_client::{
    Handle,
    preview::{Entry, Key, Kind, Node, Object},
};
use drupe_preview::Options;

use crate::sanitize::sanitize;

/// Places that are remembered of one result, and how deep they may lie.
pub(crate) const MAX_PLACES: usize = 1_000;
const MAX_DEPTH: usize = 16;

/// Something that is not shown.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// An object on the way, and how it goes on from there.
    pub(crate) from: Handle,
    pub(crate) steps: Vec<Step>,
    /// How a person would write that way.
    pub(crate) label: String,
    /// The first position that was not shown.
    pub(crate) start: u64,
    /// The position after the last that is meant, where that is known.
    pub(crate) end: Option<u64>,
    /// Properties by name that were shown: they are not shown again.
    pub(crate) shown: u64,
}

/// From an object to one in it.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Position(u64),
    /// A property by name, at this position or later.
    Named(Key, u64),
}

/// Collects what a tree left out.
#[derive(Default)]
pub(crate) struct Finder {
    pub(crate) more: Vec<Place>,
    pub(crate) cut: Vec<Place>,
}

impl Finder {
    pub(crate) fn node(&mut self, node: &Node, from: Handle, steps: &[Step], label: &str) {
        if steps.len() > MAX_DEPTH || self.more.len() + self.cut.len() >= MAX_PLACES {
            return;
        }
        let place = |start, end, shown| Place { from, steps: steps.to_vec(), label: label.to_owned(), start, end, shown };
        if let Node::String(excerpt) = node
            && excerpt.more > 0
        {
            let shown = excerpt.text.to_string().encode_utf16().count() as u64;
            return self.more.push(place(shown, None, 0));
        }
        let Node::Object(object) = node else { return };
        if object.cut {
            self.cut.push(place(0, None, 0));
            return;
        }
        let elements = elements(object);
        let (mut at, mut named) = (0, 0);
        for Entry { key, value } in &object.entries {
            let (step, name) = match (key, value) {
                (Key::Item, Node::Holes(count)) => {
                    at += count;
                    continue;
                }
                (_, Node::MoreItems(count)) if counts(object.kind) => {
                    self.more.push(place(at, Some(at + count), 0));
                    continue;
                }
                (_, Node::Bytes(bytes)) if bytes.more > 0 && object.kind == Kind::TypedArray => {
                    let shown = bytes.bytes.len() as u64;
                    self.more.push(place(shown, Some(shown + bytes.more), 0));
                    continue;
                }
                (_, Node::MoreProperties(_)) => {
                    self.more.push(place(elements, None, named));
                    continue;
                }
                (_, Node::MoreItems(_)) | (Key::Rejected, _) => continue,
                (Key::Item, _) if counts(object.kind) => (Step::Position(at), format!("{label}[{at}]")),
                (Key::Value(key), _) => (Step::Position(at), format!("{label}.get({})", brief(key))),
                (Key::Item, _) => continue,
                (Key::Name(_) | Key::Hidden(_) | Key::Symbol(_), _) => {
                    named += 1;
                    (Step::Named(key.clone(), elements), format!("{label}{}", member(key)))
                }
            };
            if matches!(step, Step::Position(_)) {
                at += 1;
            }
            self.node(value, from, &[steps, &[step]].concat(), &name);
        }
    }
}

/// Whether the items of such an object are at its positions.
pub(crate) fn counts(kind: Kind) -> bool {
    matches!(kind, Kind::Array | Kind::TypedArray | Kind::Map | Kind::Set)
}

/// How many positions come before the properties by name.
pub(crate) fn elements(object: &Object) -> u64 {
    if counts(object.kind) { object.size.unwrap_or(0) } else { 0 }
}

pub(crate) fn brief(node: &Node) -> String {
    drupe_preview::render(node, &Options { break_length: usize::MAX, ..Options::default() }).chars().take(40).collect()
}

pub(crate) fn member(key: &Key) -> String {
    match key {
        Key::Name(text) | Key::Hidden(text) => {
            let name = text.to_string();
            let is_identifier = name.chars().all(drupe_lexer::is_name_part);
            if is_identifier { format!(".{name}") } else { format!("[{}]", drupe_preview::quote(text)) }
        }
        Key::Symbol(name) => format!("[Symbol({})]", sanitize(&name.to_string())),
        Key::Item | Key::Value(_) | Key::Rejected => String::new(),
    }
}
