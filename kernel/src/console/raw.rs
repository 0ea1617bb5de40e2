//! Console texts that are strings already, and the limit at which all console texts are cut.

use crate::inspect::presets;

/// Where a console text is cut. A single value is bounded by the inspector; many strings are not.
pub(super) const MAX_TEXT: usize = 1 << 20;

/// A string as it is (bounded), anything else as one line.
pub(super) fn raw(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> String {
    let Ok(string) = value.try_cast::<v8::String>() else { return presets::brief(scope, value) };
    if string.length() <= MAX_TEXT {
        return string.to_rust_string_lossy(scope);
    }
    let mut units = vec![0; MAX_TEXT];
    string.write_v2(scope, 0, &mut units, v8::WriteFlags::default());
    cut(format!("{}... {} more characters", String::from_utf16_lossy(&units), string.length() - MAX_TEXT))
}

/// Cuts a text that is too long, and says so.
pub(super) fn cut(mut text: String) -> String {
    let marked = MAX_TEXT + 64;
    if text.len() > marked {
        let more = text.len() - text.floor_char_boundary(MAX_TEXT);
        text.truncate(text.floor_char_boundary(MAX_TEXT));
        text.push_str(&format!("... {more} more bytes"));
    }
    text
}
