//! Console texts that are strings already, and the limit at which all console texts are cut.

use crate::{inspect::presets, isolate::limits::heap_limit};

/// Where a console text is cut that comes as an event of its own. A single value is bounded by the inspector; many
/// strings are not.
pub(super) const MAX_TEXT: usize = 1 << 20;

/// So many bytes more are left as they are.
const SLACK: usize = 64;

/// What a console text lacks at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    /// Bytes that the text may have.
    pub(super) most: usize,
    /// Bytes of what was formatted.
    pub(super) bytes: u64,
    /// Arguments that were not formatted.
    pub(super) args: u64,
    /// UTF-16 units, where one string is all that was cut.
    units: Option<u64>,
}

impl Default for Cut {
    fn default() -> Self {
        Self { most: MAX_TEXT, bytes: 0, args: 0, units: None }
    }
}

impl Cut {
    /// Of a text that may be as long as a string of JavaScript.
    pub(crate) fn whole(scope: &mut v8::Isolate) -> Self {
        Self { most: heap_limit(scope).min(v8::String::MAX_LENGTH), ..Self::default() }
    }

    /// Whether anything lacks.
    pub(crate) fn is_some(self) -> bool {
        self.bytes > 0 || self.args > 0
    }

    /// So many bytes more lack.
    pub(super) fn add_bytes(&mut self, bytes: usize) {
        if bytes > 0 {
            self.bytes += bytes as u64;
            self.units = None;
        }
    }
}

/// A string as it is (bounded), anything else as one line.
pub(super) fn raw(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> String {
    raw_within(scope, value, MAX_TEXT)
}

/// The same, of at most so many bytes.
pub(super) fn raw_within(scope: &mut v8::PinScope, value: v8::Local<v8::Value>, most: usize) -> String {
    let Ok(string) = value.try_cast::<v8::String>() else { return presets::brief(scope, value) };
    let mut cut = Cut { most, ..Cut::default() };
    let text = bounded(scope, string, &mut cut);
    finish(text, &mut cut)
}

/// A string, or as much of it as the text may have.
pub(super) fn bounded(scope: &mut v8::PinScope, string: v8::Local<v8::String>, cut: &mut Cut) -> String {
    if string.length() <= cut.most {
        return string.to_rust_string_lossy(scope);
    }
    let mut units = vec![0; cut.most];
    string.write_v2(scope, 0, &mut units, v8::WriteFlags::default());
    // No pair is torn apart.
    if units.last().is_some_and(|unit| (0xd800..0xdc00).contains(unit)) {
        units.pop();
    }
    let text = String::from_utf16_lossy(&units);
    let is_all = !cut.is_some();
    cut.add_bytes(string.utf8_length(scope) - text.len());
    cut.units = is_all.then_some((string.length() - units.len()) as u64);
    text
}

/// Cuts a text that is too long, and says what it lacks.
pub(super) fn finish(mut text: String, cut: &mut Cut) -> String {
    if text.len() > cut.most.saturating_add(SLACK) {
        let end = text.floor_char_boundary(cut.most);
        cut.add_bytes(text.len() - end);
        text.truncate(end);
    }
    let Cut { bytes, args, units, most: _ } = *cut;
    match (units, bytes, args) {
        (_, 0, 0) => {}
        (_, 0, args) => text.push_str(&format!("... {args} more arguments")),
        (Some(units), _, 0) => text.push_str(&format!("... {units} more characters")),
        (_, bytes, 0) => text.push_str(&format!("... {bytes} more bytes")),
        (_, bytes, args) => text.push_str(&format!("... {bytes} more bytes, {args} more arguments")),
    }
    text
}
