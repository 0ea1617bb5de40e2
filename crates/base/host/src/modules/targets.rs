//! The file that `exports` or `imports` of a `package.json` name, for errors where that file is missing.

use serde_json::Value as Json;

use super::asked::Style;

/// How deep conditions are followed.
const MAX_DEPTH: usize = 16;

/// The target of `key` (`.`, `./a` or `#a`), relative to the package: it begins with `./`.
pub(super) fn target(field: &Json, key: &str, style: Style) -> Option<String> {
    let Json::Object(entries) = field else {
        return (key == ".").then(|| chosen(field, style, MAX_DEPTH)).flatten().map(str::to_owned);
    };
    if key == "." && !entries.keys().any(|key| key.starts_with('.')) {
        return chosen(field, style, MAX_DEPTH).map(str::to_owned);
    }
    if let Some(entry) = entries.get(key).filter(|_| !key.contains('*')) {
        return chosen(entry, style, MAX_DEPTH).map(str::to_owned);
    }
    let matches = entries.iter().filter_map(|(pattern, entry)| {
        let (before, behind) = pattern.split_once('*')?;
        let part = key.strip_prefix(before)?.strip_suffix(behind)?;
        (!part.is_empty()).then_some((before.len(), part, entry))
    });
    let (_, part, entry) = matches.max_by_key(|(length, ..)| *length)?;
    chosen(entry, style, MAX_DEPTH).map(|target| target.replace('*', part))
}

/// The first target whose conditions hold.
fn chosen(entry: &Json, style: Style, depth: usize) -> Option<&str> {
    let depth = depth.checked_sub(1)?;
    match entry {
        Json::String(target) => Some(target).filter(|target| target.starts_with("./")).map(String::as_str),
        Json::Array(all) => all.iter().find_map(|entry| chosen(entry, style, depth)),
        Json::Object(conditions) => {
            let wanted = if style == Style::Import { "import" } else { "require" };
            let holds = |name: &str| ["node", "module-sync", "default", wanted].contains(&name);
            conditions.iter().filter(|(name, _)| holds(name)).find_map(|(_, entry)| chosen(entry, style, depth))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn targets_are_found_by_key_pattern_and_condition() {
        let exports = json!({
            ".": { "require": "./a.cjs", "default": "./a.js" }, "./x": ["./x.js"], "./f/*": "./f/*.js", "./f/g/*.js": "./g/*.js",
            "./none": null,
        });
        for (key, style, expected) in [
            (".", Style::Import, Some("./a.js")),
            (".", Style::Require, Some("./a.cjs")),
            ("./x", Style::Import, Some("./x.js")),
            ("./f/y", Style::Import, Some("./f/y.js")),
            ("./f/g/y.js", Style::Import, Some("./g/y.js")),
            ("./none", Style::Import, None),
            ("./y", Style::Import, None),
        ] {
            assert_eq!(target(&exports, key, style).as_deref(), expected, "{key}");
        }
        assert_eq!(target(&json!("./m.js"), ".", Style::Import).as_deref(), Some("./m.js"));
        assert_eq!(target(&json!({ "import": "./m.js" }), ".", Style::Import).as_deref(), Some("./m.js"));
        assert_eq!(target(&json!({ "#a": "other" }), "#a", Style::Import), None);
    }
}
