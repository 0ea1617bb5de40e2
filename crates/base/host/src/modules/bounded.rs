//! Refuses overlong names of modules before any look-up.
//!
//! A look-up visits each folder above a path, sometimes by recursion: cost and stack grow with the number of names in
//! it, and for the system with the square of that number. So **paths and specifiers are measured before they are
//! split**.

use std::path::Path;

use crate::follow::MAX_PATH;

/// How many folders may lie above a module.
pub(super) const MAX_FOLDERS: usize = 256;

/// The longest specifier that is no `data:` URL, in bytes.
pub(super) const MAX_SPECIFIER: usize = 16 << 10;

/// How often a target in `exports` or `imports` may have `*` replaced.
const MAX_STARS: usize = 2;

/// How deep a `package.json` may be nested.
const MAX_NESTING: usize = 64;

/// The fields of a `package.json` that name files.
const FIELDS: [&[u8]; 4] = [b"main", b"exports", b"imports", b"name"];

/// Whether a path can be that of a module.
pub(super) fn is_path_bounded(path: &Path) -> bool {
    path.as_os_str().len() <= MAX_PATH && path.components().count() <= MAX_FOLDERS
}

/// The same for a specifier that is no URL.
pub(super) fn is_name_bounded(specifier: &str) -> bool {
    specifier.len() <= MAX_PATH && specifier.split('/').count() <= MAX_FOLDERS
}

/// Whether a `package.json` names nothing that is too long, and is not nested too deep. One pass, without a parser:
/// what is no JSON is for that to say.
pub(super) fn is_bounded(bytes: &[u8]) -> bool {
    let (mut depth, mut at) = (0_usize, 0);
    let mut field: &[u8] = b"";
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                let length = string_length(&bytes[at..]);
                let text = &bytes[at..at + length];
                at += length + 1;
                let is_key = bytes.get(at..).is_some_and(|rest| rest.trim_ascii_start().starts_with(b":"));
                if depth == 1 && is_key {
                    field = text;
                }
                // A name with escapes could be any.
                let counts = FIELDS.contains(&field) || field.contains(&b'\\');
                if counts && !is_text_bounded(text) {
                    return false;
                }
            }
            _ => {}
        }
        if depth > MAX_NESTING {
            return false;
        }
    }
    true
}

/// How long the string is that begins here, without its quote.
fn string_length(bytes: &[u8]) -> usize {
    let mut escaped = false;
    let end = bytes.iter().position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    });
    end.unwrap_or(bytes.len())
}

/// An escape with a number may stand for a slash or a star.
fn is_text_bounded(text: &[u8]) -> bool {
    let escapes = text.windows(2).filter(|pair| pair == b"\\u").count();
    let count = |wanted: u8| text.iter().filter(|byte| **byte == wanted).count() + escapes;
    text.len() <= MAX_PATH && count(b'/') <= MAX_FOLDERS && count(b'*') <= MAX_STARS
}

#[cfg(test)]
mod tests {
    use super::*;

    // threat K3
    #[test]
    fn a_manifest_names_nothing_that_is_endless() {
        let long = "a/".repeat(MAX_FOLDERS + 1);
        let deep = format!("{{\"exports\": {}1{}}}", "[".repeat(MAX_NESTING), "]".repeat(MAX_NESTING));
        for refused in [
            format!(r#"{{"main": "{long}"}}"#),
            format!(r##"{{"imports": {{"#a": {{"node": ["./b", "{long}"]}}}}}}"##),
            format!(r#"{{"exports": {{"{long}": "./b"}}}}"#),
            format!(r#"{{"\u0065xports": "{long}"}}"#),
            format!(r#"{{"main": "{}"}}"#, "\\u002f".repeat(MAX_FOLDERS + 1)),
            format!(r#"{{"exports": "{}"}}"#, "./*/*/*"),
            format!(r#"{{"exports": "./{}"}}"#, "a".repeat(MAX_PATH)),
            deep,
        ] {
            assert!(!is_bounded(refused.as_bytes()), "{}", &refused[..60.min(refused.len())]);
        }
        for taken in [
            format!(r#"{{"readme": "{long}*****\"", "main": "./a/b.js"}}"#),
            r#"{"exports": {"./*": {"node": ["./dist/*/*.js", null]}}, "files": ["a", "*", "**/*/*"]}"#.to_owned(),
            "no JSON \" at all".to_owned(),
            String::new(),
        ] {
            assert!(is_bounded(taken.as_bytes()), "{taken}");
        }
    }
}
