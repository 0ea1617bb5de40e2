//! Turns nodes into pieces of text: the text of each value, key and entry.

use drupe_protocol::preview::{Accessor, Entry, Excerpt, Key, Kind, Node, Object, State, Text};

use crate::Options;
use crate::escape::{escape_name, quote, quote_slice, sanitize};
use crate::head::{self, Empty};
use crate::layout::{Align, Frame, arrange};
use crate::number::{grouped, number_text};
use crate::piece::Piece;
use crate::style::Ink;

/// Strings at most this long stay on one line whatever is in them.
const SHORT_STRING: usize = 16;

pub(crate) struct Renderer<'o> {
    options: &'o Options<'o>,
    indentation: usize,
    /// The level of the object that was laid out last.
    level: usize,
}

impl<'o> Renderer<'o> {
    pub(crate) fn new(options: &'o Options<'o>) -> Self {
        Self { options, indentation: options.indentation, level: 0 }
    }

    pub(crate) fn node(&mut self, node: &Node, level: usize, out: &mut Piece) {
        match node {
            Node::Undefined => self.paint(Ink::Undefined, "undefined", out),
            Node::Null => self.paint(Ink::Null, "null", out),
            Node::Boolean(value) => self.paint(Ink::Boolean, if *value { "true" } else { "false" }, out),
            Node::Number(number) => self.paint(Ink::Number, &self.digits(number_text(*number)), out),
            Node::BigInt(digits) => self.paint(Ink::BigInt, &format!("{}n", self.digits(digits.clone())), out),
            Node::String(excerpt) => self.string(excerpt, out),
            Node::Symbol(name) => self.paint(Ink::Symbol, &format!("Symbol({})", sanitize(name)), out),
            Node::Object(object) => self.object(object, level, out),
            Node::Circular(reference) => self.paint(Ink::Special, &format!("[Circular *{reference}]"), out),
            Node::Accessor(Accessor::Getter) => self.paint(Ink::Special, "[Getter]", out),
            Node::Accessor(Accessor::Setter) => self.paint(Ink::Special, "[Setter]", out),
            Node::Accessor(Accessor::GetterSetter) => self.paint(Ink::Special, "[Getter/Setter]", out),
            Node::RevokedProxy => self.paint(Ink::Special, "<Revoked Proxy>", out),
            Node::Uninitialized => self.paint(Ink::Special, "<uninitialized>", out),
            Node::Omitted => self.paint(Ink::Special, "...", out),
            Node::Holes(count) => self.paint(Ink::Undefined, &format!("<{count} empty item{}>", plural(*count)), out),
            Node::MoreItems(count) => out.push(&format!("... {count} more item{}", plural(*count))),
            Node::MoreProperties(1) => out.push("... 1 more property"),
            Node::MoreProperties(count) => out.push(&format!("... {count} more properties")),
            Node::Bytes(bytes) => self.bytes(&bytes.bytes, bytes.more, out),
            Node::Custom(text) => self.lines(&sanitize(text), out),
            Node::State(State::Pending) => self.paint(Ink::Special, "<pending>", out),
            Node::State(State::ItemsUnknown) => self.paint(Ink::Special, "<items unknown>", out),
            Node::State(State::Detached) => self.paint(Ink::Special, "(detached)", out),
        }
    }

    fn digits(&self, text: String) -> String {
        if self.options.numeric_separator { grouped(&text) } else { text }
    }

    fn paint(&self, ink: Ink, text: &str, out: &mut Piece) {
        out.push_in(ink, self.options.styles, text);
    }

    fn string(&self, excerpt: &Excerpt, out: &mut Piece) {
        let text = excerpt.text.as_str();
        let long = SHORT_STRING.max(self.options.break_length.saturating_sub(self.indentation + 4));
        // Bytes are at least as many as UTF-16 units, so that most strings need no count.
        if text.len() > long && text.contains('\n') && text.encode_utf16().count() > long {
            let mut start = 0;
            for line in text.split_inclusive('\n') {
                if start > 0 {
                    out.push(" +");
                    out.break_line(self.indentation + 2);
                }
                let mut literal = String::with_capacity(line.len() + 2);
                quote_slice(&excerpt.text, start..start + line.len(), &mut literal);
                self.paint(Ink::String, &literal, out);
                start += line.len();
            }
        } else {
            self.paint(Ink::String, &quote(&excerpt.text), out);
        }
        if excerpt.more > 0 {
            out.push(&head::more(excerpt.more));
        }
    }

    fn bytes(&self, bytes: &[u8], more: u64, out: &mut Piece) {
        self.paint(Ink::Special, "[Uint8Contents]", out);
        let mut text = String::with_capacity(bytes.len() * 3 + 32);
        text.push_str(": <");
        for (index, byte) in bytes.iter().enumerate() {
            if index > 0 {
                text.push(' ');
            }
            text.extend([byte >> 4, byte & 15].map(|digit| char::from_digit(u32::from(digit), 16).unwrap_or('0')));
        }
        if more > 0 {
            text.push_str(&format!(" ... {more} more byte{}", plural(more)));
        }
        text.push('>');
        out.push(&text);
    }

    fn object(&mut self, object: &Object, level: usize, out: &mut Piece) {
        if object.cut {
            return self.paint(Ink::Special, &head::cut(object), out);
        }
        let head = head::head(object);
        if object.entries.is_empty() {
            match (head.empty, head.ink) {
                (Empty::Base, Some(ink)) => return self.paint(ink, &head.base, out),
                (Empty::Base, None) => return self.lines(&head.base, out),
                (Empty::Brackets, _) => {
                    out.push(&head.open);
                    return out.push(head.close);
                }
                (Empty::AsUsual, _) => {}
            }
        }
        let level = level + 1;
        self.level = level;
        let mut entries = object.entries.iter().map(|entry| self.entry(object.kind, entry, level)).collect::<Vec<_>>();
        if self.options.sorted {
            // The elements of a list keep their order.
            let items = if head.list { object.entries.iter().take_while(|entry| entry.key == Key::Item).count() } else { 0 };
            entries[items..].sort_by(|one, other| one.text.encode_utf16().cmp(other.text.encode_utf16()));
        }
        let mut base = Piece::default();
        if object.reference != 0 {
            self.paint(Ink::Special, &format!("<ref *{}>", object.reference), &mut base);
            base.push(if head.base.is_empty() { "" } else { " " });
        }
        self.lines(&head.base, &mut base);
        let mut open = Piece::default();
        open.push(&head.open);
        let align = head.list.then_some(if object.numeric { Align::Right } else { Align::Left });
        self.arrange(entries, &base, &open, head.close, align, level, out);
    }

    /// Text that may have several lines, which all go to the current indentation.
    fn lines(&self, text: &str, out: &mut Piece) {
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                out.break_line(self.indentation);
            }
            out.push(line);
        }
    }

    #[allow(clippy::too_many_arguments, reason = "one call in two places; a struct would only rename them")]
    fn arrange(
        &self,
        entries: Vec<Piece>,
        base: &Piece,
        open: &Piece,
        close: &'static str,
        align: Option<Align>,
        level: usize,
        out: &mut Piece,
    ) {
        let inner_levels = self.level.saturating_sub(level);
        let frame = Frame { base, open, close, inner_levels, indentation: self.indentation };
        arrange(entries, &frame, align, self.options, out);
    }

    fn entry(&mut self, kind: Kind, entry: &Entry, level: usize) -> Piece {
        let mut out = Piece::default();
        self.indentation += 2;
        match &entry.key {
            Key::Item => {}
            Key::Name(name) => self.name(name, &mut out),
            Key::Hidden(name) => {
                let mut text = String::from("[");
                escape_name(name, &mut text);
                text.push_str("]: ");
                out.push(&text);
            }
            Key::Symbol(name) => {
                let mut text = String::from("Symbol(");
                escape_name(name, &mut text);
                text.push(')');
                out.push("[");
                self.paint(Ink::Symbol, &text, &mut out);
                out.push("]: ");
            }
            Key::Value(key) if matches!(kind, Kind::MapEntries | Kind::SetEntries) => {
                self.pair(key, &entry.value, level, &mut out);
                self.indentation -= 2;
                return out;
            }
            Key::Value(key) => {
                self.node(key, level, &mut out);
                out.push(" => ");
            }
            Key::Rejected => {
                self.paint(Ink::Special, "<rejected>", &mut out);
                out.push(" ");
            }
        }
        self.node(&entry.value, level, &mut out);
        self.indentation -= 2;
        out
    }

    fn name(&self, name: &Text, out: &mut Piece) {
        if *name == *"__proto__" {
            out.push("['__proto__']");
        } else if is_plain_name(name.as_str()) {
            self.paint(Ink::Name, name.as_str(), out);
        } else {
            self.paint(Ink::String, &quote(name), out);
        }
        out.push(": ");
    }

    fn pair(&mut self, key: &Node, value: &Node, level: usize, out: &mut Piece) {
        let mut entries = vec![Piece::default(), Piece::default()];
        self.node(key, level, &mut entries[0]);
        self.node(value, level, &mut entries[1]);
        let mut open = Piece::default();
        open.push("[");
        self.arrange(entries, &Piece::default(), &open, "]", Some(Align::Left), level, out);
    }
}

fn is_plain_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn plural(count: u64) -> &'static str {
    if count > 1 { "s" } else { "" }
}
