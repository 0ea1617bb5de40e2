//! Values that are no objects, and the reading of strings.

use drupe_protocol::preview::{Excerpt, Node, Text};

use super::Options;
use super::budget::Budget;
use super::embedder;

/// A BigInt of more words than this is not written in decimal, which takes more than linear time.
const MAX_BIGINT_WORDS: usize = 512;
/// Names of properties and descriptions of symbols are read this far; they are not subject to the limit of strings.
const MAX_NAME: usize = 10_000;

/// Describes a value that is no object.
pub(super) fn primitive<'s>(
    scope: &v8::PinScope<'s, '_>,
    value: v8::Local<'s, v8::Value>,
    budget: &mut Budget,
    options: &Options,
) -> Option<Node> {
    if let Ok(string) = v8::Local::<v8::String>::try_from(value) {
        return Some(Node::String(excerpt(scope, string, budget, options.max_string_length)));
    }
    if let Ok(number) = v8::Local::<v8::Number>::try_from(value) {
        return Some(Node::Number(number.value()));
    }
    if value.is_object() {
        return None;
    }
    Some(if value.is_undefined() {
        Node::Undefined
    } else if value.is_null() {
        Node::Null
    } else if value.is_boolean() {
        Node::Boolean(value.is_true())
    } else if let Ok(symbol) = v8::Local::<v8::Symbol>::try_from(value) {
        Node::Symbol(symbol_name(scope, symbol, budget))
    } else if let Ok(bigint) = v8::Local::<v8::BigInt>::try_from(value) {
        self::bigint(scope, bigint, budget)
    } else {
        Node::Omitted
    })
}

/// The description of a symbol; empty where it has none.
pub(super) fn symbol_name<'s>(scope: &v8::PinScope<'s, '_>, symbol: v8::Local<'s, v8::Symbol>, budget: &mut Budget) -> Text {
    match v8::Local::<v8::String>::try_from(symbol.description(scope)) {
        Ok(description) => name(scope, description, budget),
        Err(_) => Text::default(),
    }
}

/// The name of a property, or what stands for one; dots where it does not end.
pub(super) fn name(scope: &v8::Isolate, string: v8::Local<v8::String>, budget: &mut Budget) -> Text {
    let Excerpt { text, more } = excerpt(scope, string, budget, MAX_NAME);
    if more == 0 { text } else { format!("{text}...").into() }
}

/// A BigInt in decimal, or, where it is huge, its size.
pub(super) fn bigint<'s>(scope: &v8::PinScope<'s, '_>, bigint: v8::Local<'s, v8::BigInt>, budget: &mut Budget) -> Node {
    let (small, lossless) = bigint.i64_value();
    if lossless {
        return Node::BigInt(small.to_string());
    }
    if bigint.word_count() > MAX_BIGINT_WORDS {
        return Node::BigInt(format!("<{} bits>", bigint.word_count() * 64));
    }
    // A primitive's own conversion: nothing of the page takes part in it.
    let Some(digits) = bigint.to_string(scope) else { return Node::Omitted };
    Node::BigInt(text(scope, digits, budget, usize::MAX).into_string())
}

/// A string, or its beginning, which is all that is read of it: a rope is not made flat.
pub(super) fn excerpt(scope: &v8::Isolate, string: v8::Local<v8::String>, budget: &mut Budget, limit: usize) -> Excerpt {
    let length = string.length();
    let shown = budget.units(limit).min(length);
    let text = read(scope, string, shown);
    budget.spend(text.len());
    Excerpt { text, more: (length - shown) as u64 }
}

/// The beginning of a string, without a word about the rest.
pub(super) fn text(scope: &v8::Isolate, string: v8::Local<v8::String>, budget: &mut Budget, limit: usize) -> Text {
    excerpt(scope, string, budget, limit).text
}

/// A text of V8's with the names that the user wrote.
pub(super) fn as_written(scope: &v8::PinScope, text: Text) -> Text {
    embedder::names(scope, text.as_str()).map_or(text, Into::into)
}

fn read(scope: &v8::Isolate, string: v8::Local<v8::String>, units: usize) -> Text {
    read_from(scope, string, 0, units)
}

/// Up to `units` code units from `start` on, and how many there are. A pair is not torn apart: of a single unit that
/// begins one, both come.
pub(super) fn read_at(scope: &v8::Isolate, string: v8::Local<v8::String>, start: usize, units: usize) -> (Text, usize) {
    let mut around = [0; 2];
    let end = start + units;
    if units > 0 && end < string.length() {
        string.write_v2(scope, u32::try_from(end - 1).unwrap_or(u32::MAX), &mut around, v8::WriteFlags::empty());
    }
    let is_torn = (0xd800..0xdc00).contains(&around[0]) && (0xdc00..0xe000).contains(&around[1]);
    let units = match (is_torn, units) {
        (true, 1) => 2,
        (true, units) => units - 1,
        (false, units) => units,
    };
    (read_from(scope, string, start, units), units)
}

fn read_from(scope: &v8::Isolate, string: v8::Local<v8::String>, start: usize, units: usize) -> Text {
    // V8's strings are shorter than that.
    let start = u32::try_from(start).unwrap_or(u32::MAX);
    let flags = v8::WriteFlags::empty();
    if string.is_onebyte() {
        let mut bytes = vec![0; units];
        string.write_one_byte_v2(scope, start, &mut bytes, flags);
        return if bytes.is_ascii() {
            // Checked on the line above, so that nothing is lost.
            String::from_utf8(bytes).unwrap_or_default().into()
        } else {
            bytes.into_iter().map(char::from).collect::<String>().into()
        };
    }
    let mut buffer = vec![0; units];
    string.write_v2(scope, start, &mut buffer, flags);
    Text::from_utf16(&buffer)
}
