//! The text before an object's contents: its class, its prefix, the own text of a function or a date.

use std::borrow::Cow;
use std::fmt::Write;

use drupe_protocol::preview::{Kind, Node, Object};

use crate::escape::{quote, sanitize};
use crate::number::number_text;
use crate::style::Ink;

/// The parts of an object's text that are not its entries.
pub(crate) struct Head {
    /// Stands before the bracket; it alone is the text of an object without entries.
    pub(crate) base: String,
    /// What the base is painted in where it stands alone.
    pub(crate) ink: Option<Ink>,
    pub(crate) open: String,
    pub(crate) close: &'static str,
    /// The entries are a list, whose elements may share lines in columns.
    pub(crate) list: bool,
    pub(crate) empty: Empty,
}

/// How an object without entries is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Empty {
    /// Only the base.
    Base,
    /// Both brackets without anything between.
    Brackets,
    /// As if there were entries.
    AsUsual,
}

impl Head {
    fn braces(open: String, empty: Empty) -> Self {
        Self { base: String::new(), ink: None, open, close: "}", list: false, empty }
    }

    fn brackets(prefix: &str) -> Self {
        Self { open: format!("{prefix}["), close: "]", list: true, ..Self::braces(String::new(), Empty::Brackets) }
    }

    fn based(base: String, ink: Option<Ink>) -> Self {
        Self { base, ink, ..Self::braces("{".into(), Empty::Base) }
    }
}

/// The head of an object that shows its contents.
pub(crate) fn head(object: &Object) -> Head {
    match object.kind {
        Kind::Array if is_called(object, "Array") && object.tag.is_empty() => Head::brackets(""),
        Kind::Array | Kind::TypedArray => Head::brackets(&prefix(object)),
        Kind::Set | Kind::Map | Kind::External => Head::braces(format!("{}{{", prefix(object)), Empty::Brackets),
        Kind::Plain => Head::braces(plain(object), Empty::Brackets),
        Kind::Arguments => Head::braces("[Arguments] {".into(), Empty::Brackets),
        Kind::MapIterator => Head::braces(iterator(object, "Map", "Iterator"), Empty::AsUsual),
        Kind::MapEntries => Head::braces(iterator(object, "Map", "Entries"), Empty::AsUsual),
        Kind::SetIterator => Head::braces(iterator(object, "Set", "Iterator"), Empty::AsUsual),
        Kind::SetEntries => Head::braces(iterator(object, "Set", "Entries"), Empty::AsUsual),
        Kind::Function | Kind::AsyncFunction | Kind::GeneratorFunction | Kind::AsyncGeneratorFunction => {
            Head::based(function(object), Some(Ink::Special))
        }
        Kind::Class => Head::based(class(object), Some(Ink::Special)),
        Kind::RegExp => Head::based(prefixed(object, "RegExp"), Some(Ink::RegExp)),
        Kind::Date => Head::based(prefixed(object, "Date"), Some(Ink::Date)),
        Kind::Temporal => Head::based(temporal(object), Some(Ink::Date)),
        Kind::Error => Head::based(sanitize(&object.text).into_owned(), None),
        Kind::Boxed => boxed(object),
        Kind::ArrayBuffer
        | Kind::SharedArrayBuffer
        | Kind::DataView
        | Kind::Promise
        | Kind::WeakMap
        | Kind::WeakSet
        | Kind::Module => Head::braces(format!("{}{{", prefix(object)), Empty::AsUsual),
    }
}

/// What stands for an object that lies too deep to be shown.
pub(crate) fn cut(object: &Object) -> String {
    let name = class_and_tag(object, None, true);
    if object.null_prototype { name } else { format!("[{name}]") }
}

fn is_called(object: &Object, name: &str) -> bool {
    !object.null_prototype && object.class == *name
}

fn prefix(object: &Object) -> String {
    let mut prefix = class_and_tag(object, object.size, object.kind == Kind::Plain);
    prefix.push(' ');
    prefix
}

/// `as_object`: an object without a prototype is not named like its own tag, but is just an object.
fn class_and_tag(object: &Object, size: Option<u64>, as_object: bool) -> String {
    let mut text = String::new();
    let same = object.class == object.tag;
    let as_object = as_object && object.null_prototype && same;
    let class = if as_object { Cow::Borrowed("Object") } else { sanitize(&object.class) };
    if object.null_prototype {
        let _ = write!(text, "[{class}");
        push_size(&mut text, size);
        text.push_str(": null prototype]");
    } else {
        text.push_str(&class);
        push_size(&mut text, size);
    }
    if !object.tag.is_empty() && (as_object || !same) {
        let _ = write!(text, " [{}]", sanitize(&object.tag));
    }
    text
}

fn push_size(text: &mut String, size: Option<u64>) {
    if let Some(size) = size {
        let _ = write!(text, "({size})");
    }
}

fn plain(object: &Object) -> String {
    if is_called(object, "Object") && object.tag.is_empty() { "{".into() } else { format!("{}{{", prefix(object)) }
}

fn iterator(object: &Object, of: &str, what: &str) -> String {
    let usual = format!("{of} Iterator");
    if object.tag.is_empty() || object.tag == *usual.as_str() {
        format!("[{of} {what}] {{")
    } else {
        format!("[{}] [{of} {what}] {{", sanitize(&object.tag))
    }
}

fn prefixed(object: &Object, usual: &str) -> String {
    let text = sanitize(&object.text);
    if is_called(object, usual) && (object.tag.is_empty() || object.tag == object.class) {
        text.into_owned()
    } else {
        format!("{}{text}", prefix(object))
    }
}

fn temporal(object: &Object) -> String {
    format!("{} {}", sanitize(&object.tag), sanitize(&object.text))
}

fn function(object: &Object) -> String {
    let kind = match object.kind {
        Kind::AsyncFunction => "AsyncFunction",
        Kind::GeneratorFunction => "GeneratorFunction",
        Kind::AsyncGeneratorFunction => "AsyncGeneratorFunction",
        _ => "Function",
    };
    let mut text = format!("[{kind}");
    if object.null_prototype {
        text.push_str(" (null prototype)");
    }
    if object.text.is_empty() {
        text.push_str(" (anonymous)");
    } else {
        let _ = write!(text, ": {}", sanitize(&object.text));
    }
    text.push(']');
    if !object.null_prototype && object.class != *kind {
        let _ = write!(text, " {}", sanitize(&object.class));
    }
    push_tag(&mut text, object);
    text
}

fn class(object: &Object) -> String {
    let name = if object.text.is_empty() { Cow::Borrowed("(anonymous)") } else { sanitize(&object.text) };
    let mut text = format!("[class {name}");
    if !object.null_prototype && object.class != *"Function" {
        let _ = write!(text, " [{}]", sanitize(&object.class));
    }
    push_tag(&mut text, object);
    if object.null_prototype {
        text.push_str(" extends [null prototype]");
    } else if !object.extends.is_empty() {
        let _ = write!(text, " extends {}", sanitize(&object.extends));
    }
    text.push(']');
    text
}

fn push_tag(text: &mut String, object: &Object) {
    if !object.tag.is_empty() && (object.null_prototype || object.tag != object.class) {
        let _ = write!(text, " [{}]", sanitize(&object.tag));
    }
}

fn boxed(object: &Object) -> Head {
    let (name, ink, value): (_, _, Cow<str>) = match &object.primitive {
        Some(Node::Number(number)) => ("Number", Ink::Number, number_text(*number).into()),
        Some(Node::Boolean(value)) => ("Boolean", Ink::Boolean, value.to_string().into()),
        Some(Node::BigInt(digits)) => ("BigInt", Ink::BigInt, format!("{digits}n").into()),
        Some(Node::Symbol(name)) => ("Symbol", Ink::Symbol, format!("Symbol({})", sanitize(name)).into()),
        Some(Node::String(excerpt)) => ("String", Ink::String, format!("{}{}", quote(&excerpt.text), more(excerpt.more)).into()),
        _ => ("Symbol", Ink::Symbol, "...".into()),
    };
    let mut base = format!("[{name}");
    if object.null_prototype {
        base.push_str(" (null prototype)");
    } else if object.class != *name {
        let _ = write!(base, " ({})", sanitize(&object.class));
    }
    let _ = write!(base, ": {value}]");
    push_tag(&mut base, object);
    Head::based(base, Some(ink))
}

/// What follows a string that was cut off.
pub(crate) fn more(units: u64) -> String {
    match units {
        0 => String::new(),
        1 => "... 1 more character".into(),
        _ => format!("... {units} more characters"),
    }
}
