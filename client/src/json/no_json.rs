//! Says in words why a text is no JSON. **The parser's own words are not a person's.**

use serde::de::IgnoredAny;

/// How much of the text is shown, in characters.
const MAX_SHOWN: usize = 30;

/// Why a text is no JSON, as it stands behind "it is": `no JSON from byte 9 on ("nonsense")`. Bytes are counted from 1.
/// `None`: it is JSON. Nothing is kept of it, and it may be nested as deeply as it likes.
#[must_use]
pub fn why_no_json(text: &[u8]) -> Option<String> {
    let text = match std::str::from_utf8(text) {
        Ok(text) => text,
        Err(error) => return Some(format!("no UTF-8 from byte {} on", error.valid_up_to() + 1)),
    };
    let error = serde_json::from_str::<IgnoredAny>(text).err()?;
    if error.is_eof() {
        return Some(format!("no JSON: it is cut off after {} bytes", text.len()));
    }
    let before = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
    let at = before + error.column().max(1);
    // The parser names the character that is wrong, or the one behind it.
    let start = text.floor_char_boundary(at.saturating_sub(2).min(text.len()));
    let near = match text[start..].char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{:?}…", &text[start..start + end]),
        None => format!("{:?}", &text[start..]),
    };
    let is_whole = text.trim_start().starts_with(['[', '{']) && error.to_string().starts_with("trailing characters");
    Some(if is_whole {
        format!("no JSON: there is more behind it, from byte {at} on ({near})")
    } else {
        format!("no JSON from byte {} on ({near})", start + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::why_no_json;

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, why) in [
            (&b"nonsense"[..], "no JSON from byte 1 on (\"nonsense\")"),
            (b"1+1", "no JSON from byte 1 on (\"1+1\")"),
            (b"", "no JSON: it is cut off after 0 bytes"),
            (b"[1, {", "no JSON: it is cut off after 5 bytes"),
            (b"[1]\n[2]", "no JSON: there is more behind it, from byte 5 on (\"\\n[2]\")"),
            (b"{\"a\": 1,}", "no JSON from byte 8 on (\",}\")"),
            (b"{'a': 1}", "no JSON from byte 1 on (\"{'a': 1}\")"),
            (b"[\"ping\",\xff]", "no UTF-8 from byte 9 on"),
            (b"\0", "no JSON from byte 1 on (\"\\0\")"),
        ] {
            assert_eq!(why_no_json(text).as_deref(), Some(why), "{}", String::from_utf8_lossy(text));
        }
        let long = why_no_json("é".repeat(1 << 16).as_bytes()).unwrap_or_default();
        assert!(long.len() < 120 && long.ends_with("…)"), "{long}");
        let deep = ["[".repeat(1 << 16), "]".repeat(1 << 16)].concat();
        assert_eq!((why_no_json(b"[1]"), why_no_json(deep.as_bytes())), (None, None));
    }
}
