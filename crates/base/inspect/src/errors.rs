//! Errors: the stack as a text that also names the class of the error, its cause, its properties.

use drupe_protocol::preview::{Entry, Key, Node, Object};

use crate::said;

use super::class::{Chain, Class};
use super::properties::{Keys, Property, name};
use super::walk::Walk;

/// The class of errors that hold two: what went wrong, and what had before.
const SUPPRESSED: &str = "SuppressedError";

const FRAME: &str = "\n    at";
/// Stacks with more frames are not compared with their cause's.
const MAX_COMPARED: usize = 1_000;

impl<'s> Walk<'s, '_> {
    /// Fills in the text, and takes from the keys what the text says already.
    pub(super) fn error(&mut self, scope: &mut v8::PinScope<'s, '_>, chain: &Chain<'s>, keys: &mut Keys<'s>, out: &mut Object) {
        let class = Class { name: out.class.clone(), null_prototype: out.null_prototype };
        let stack = self.stack_text(scope, chain, &class);
        self.drop_said(scope, chain, keys, stack.as_str());
        self.add_special(scope, chain, keys);
        let name = self.data_string(scope, chain, "name").unwrap_or_else(|| "Error".into());
        let text = improve(stack.as_str(), &class, name.as_str(), out.tag.as_str());
        let message = self.data_string(scope, chain, "message").unwrap_or_default();
        out.text = match stack_start(&text, message.as_str()) {
            None => format!("[{text}]").into(),
            Some(start) => self.without_common_frames(scope, chain, &text, start).into(),
        };
    }

    /// Adds an error's properties. Its cause and its errors are shown even though they are not enumerable, and are
    /// marked as such.
    pub(super) fn error_properties(
        &mut self,
        scope: &mut v8::PinScope<'s, '_>,
        chain: &Chain<'s>,
        keys: &Keys<'s>,
        level: u32,
        entries: &mut Vec<Entry>,
    ) {
        let Some(&error) = chain.objects.first() else { return };
        let start = entries.len();
        self.properties(scope, error, keys, level, entries);
        let stack: v8::Local<v8::Value> = name(scope, "stack").into();
        for (entry, key) in entries[start..].iter_mut().zip(&keys.list) {
            // V8's own accessor is shown as what it says, as where a stack is data.
            if matches!(entry.value, Node::Accessor(_))
                && v8::Local::<v8::Value>::from(*key).strict_equals(stack)
                && let Some(said) = self.native_stack(scope, chain)
            {
                entry.value = self.value(scope, said, level);
            }
            if let Key::Name(text) = &entry.key
                && matches!(text.as_str(), "cause" | "errors" | "error" | "suppressed")
                && !self.is_enumerable(scope, error, *key)
            {
                entry.key = Key::Hidden(text.clone());
            }
        }
    }

    fn drop_said(&mut self, scope: &v8::PinScope<'s, '_>, chain: &Chain<'s>, keys: &mut Keys<'s>, stack: &str) {
        if self.options.show_hidden || keys.is_empty() {
            return;
        }
        // What an accessor said when the stack was read.
        let was_asked = chain.objects.first().is_some_and(|error| said::of(scope, *error).is_some());
        for part in ["name", "message", "stack"] {
            let Some(index) = self.position(scope, keys, part) else { continue };
            let is_said = match self.data_string(scope, chain, part) {
                Some(text) => stack.contains(text.as_str()),
                // One that is undefined says nothing.
                None if part == "stack" => !self.own_is_undefined(scope, chain, part),
                None => was_asked,
            };
            if is_said {
                keys.list.remove(index);
            }
        }
    }

    fn own_is_undefined(&self, scope: &v8::PinScope<'s, '_>, chain: &Chain<'s>, key: &str) -> bool {
        let own = chain.objects.first().map(|error| self.own(scope, *error, name(scope, key)));
        matches!(own, Some(Property::Value(value)) if value.is_undefined())
    }

    fn add_special(&mut self, scope: &v8::PinScope<'s, '_>, chain: &Chain<'s>, keys: &mut Keys<'s>) {
        let Some(&error) = chain.objects.first() else { return };
        let of_suppressed = self.inherited(scope, &chain.objects, name(scope, "name")).value();
        let of_suppressed = of_suppressed.is_some_and(|name| {
            name.try_cast::<v8::String>()
                .is_ok_and(|name| name.length() == SUPPRESSED.len() && name.to_rust_string_lossy(scope) == SUPPRESSED)
        });
        let specials: &[&str] = if of_suppressed { &["cause", "errors", "error", "suppressed"] } else { &["cause", "errors"] };
        for &special in specials {
            let key = name(scope, special);
            if self.position(scope, keys, special).is_some() {
                continue;
            }
            let shown = match self.own(scope, error, key) {
                Property::Value(value) => special != "errors" || value.is_array(),
                Property::Accessor(_) => special == "cause",
                Property::Absent | Property::Unreadable => false,
            };
            if shown {
                keys.list.push(key);
            }
        }
    }

    fn position(&self, scope: &v8::PinScope<'s, '_>, keys: &Keys<'s>, wanted: &str) -> Option<usize> {
        let wanted: v8::Local<v8::Value> = name(scope, wanted).into();
        keys.list.iter().position(|key| v8::Local::<v8::Value>::from(*key).strict_equals(wanted))
    }

    /// The text, with the frames that the cause shows as well folded into one line. `start` is where the frames begin.
    fn without_common_frames(&mut self, scope: &mut v8::PinScope<'s, '_>, chain: &Chain<'s>, text: &str, start: usize) -> String {
        let fallback = || text.to_owned();
        let cause = self.inherited(scope, &chain.objects, name(scope, "cause")).value();
        let Some(Ok(cause)) = cause.map(v8::Local::<v8::Object>::try_from) else { return fallback() };
        if !cause.is_native_error() {
            return fallback();
        }
        let cause_chain = Chain::of(scope, cause);
        let cause = self.stack_text(scope, &cause_chain, &Class::default());
        let Some(cause_start) = cause.as_str().find(FRAME) else { return fallback() };
        let mut lines: Vec<&str> = text[start + 1..].split('\n').collect();
        let cause_lines: Vec<&str> = cause.as_str()[cause_start + 1..].split('\n').collect();
        let Some((from, length)) = common(&lines, &cause_lines) else { return fallback() };
        let message = format!("    ... {} lines matching cause stack trace ...", length - 2);
        lines.splice(from + 1..from + length - 1, [message.as_str()]);
        format!("{}\n{}", &text[..start], lines.join("\n"))
    }
}

/// The first run of more than three lines that both have: where it begins in the first, and how long it is.
fn common(lines: &[&str], cause: &[&str]) -> Option<(usize, usize)> {
    if lines.len() > MAX_COMPARED || cause.len() > MAX_COMPARED {
        return None;
    }
    for start in 0..lines.len().saturating_sub(3) {
        let Some(at) = cause.iter().position(|line| *line == lines[start]) else { continue };
        let length = lines[start..].iter().zip(&cause[at..]).take_while(|(line, other)| line == other).count();
        if length > 3 {
            return Some((start, length));
        }
    }
    None
}

/// Where the frames begin: after the message, which may look like frames itself.
fn stack_start(text: &str, message: &str) -> Option<usize> {
    let after = if message.is_empty() { 0 } else { text.find(message).map_or(0, |at| at + message.len()) };
    text[after..].find(FRAME).map(|at| after + at)
}

/// A stack begins with the error's `name`, which most subclasses inherit: put the class there.
fn improve(stack: &str, class: &Class, name: &str, tag: &str) -> String {
    let (old, fallback) = if class.null_prototype {
        let found = leading_name(stack);
        (found.len(), if found.is_empty() { "Error" } else { found })
    } else {
        let rest = stack.strip_prefix(name);
        let regular = name.ends_with("Error") && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '\n']));
        if !regular {
            return stack.to_owned();
        }
        (name.len(), "")
    };
    let prefix = prefix(class, tag, fallback);
    let rest = &stack[old..];
    if name == prefix {
        stack.to_owned()
    } else if !prefix.contains(name) {
        format!("{prefix} [{name}]{rest}")
    } else if old == 0 {
        format!("{prefix}: {stack}")
    } else {
        format!("{prefix}{rest}")
    }
}

fn prefix(class: &Class, tag: &str, fallback: &str) -> String {
    let (name, differs) = if class.null_prototype {
        (format!("[{fallback}: null prototype]"), tag != fallback)
    } else {
        (class.name.as_str().to_owned(), class.name != *tag)
    };
    if !tag.is_empty() && differs { format!("{name} [{tag}]") } else { name }
}

/// What looks like an error's name at the beginning of a stack.
fn leading_name(stack: &str) -> &str {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b' ' | b'[' | b']' | b'(' | b')' | b'-');
    let end = stack.bytes().position(|byte| !is_name(byte)).unwrap_or(stack.len());
    let (name, rest) = stack.split_at(end);
    let begins_well = name.len() > 1 && name.starts_with(|first: char| first.is_ascii_uppercase());
    if (begins_well && (rest.starts_with(':') || rest.starts_with(FRAME))) || (rest.is_empty() && name.ends_with("Error")) {
        name
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::{Class, common, improve, stack_start};

    fn class(name: &str) -> Class {
        Class { name: name.into(), null_prototype: false }
    }

    #[test]
    fn the_class_takes_the_place_of_an_inherited_name() {
        assert_eq!(improve("Error: a\n    at b", &class("Foo"), "Error", ""), "Foo [Error]: a\n    at b");
        assert_eq!(improve("Error: a", &class("FooError"), "Error", ""), "FooError: a");
        assert_eq!(improve("Error: a", &class("FooError"), "Error", "T"), "FooError [T]: a");
        assert_eq!(improve("Errors", &class("Foo"), "Error", ""), "Errors");
        let none = Class { null_prototype: true, ..class("Error") };
        assert_eq!(improve("TypeError: a", &none, "Error", ""), "[TypeError: null prototype]: a");
    }

    #[test]
    fn a_message_is_no_frame() {
        assert_eq!(stack_start("Error: x\n    at y\n    at z", "x\n    at y"), Some(17));
        assert_eq!(stack_start("Error: x", "x"), None);
    }

    #[test]
    fn common_frames_are_found_if_there_are_enough() {
        assert_eq!(common(&["a", "b", "c", "d", "e"], &["x", "b", "c", "d", "e"]), Some((1, 4)));
        assert_eq!(common(&["a", "b", "c"], &["a", "b", "c"]), None);
    }
}
