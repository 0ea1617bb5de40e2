//! Values in richer formats than text, where a front end can show them: tables, images, charts.
//!
//! A value that says itself how it is shown is not looked at here. **Every bundle has a `text/plain` that stands
//! alone.**

#![expect(clippy::wildcard_enum_match_arm, reason = "a value of another kind has no richer format")]

use base64::{Engine as _, engine::general_purpose::STANDARD};
use drupe_client::{Value, preview::Node, value::TypedArrayKind};
use serde_json::{Map, Value as Json};

use crate::table::Table;

/// Contents by their formats.
pub(crate) type Bundle = Map<String, Json>;

/// The formats of a value: of the value itself, where it came as data, or of its tree. `text` is its text.
pub(crate) fn rich(value: Option<&Value>, tree: Option<&Node>, text: &str) -> Bundle {
    let mut bundle = Bundle::new();
    let chart = value.and_then(chart);
    if let Some((mime, spec)) = chart {
        bundle.insert(mime, spec);
    } else if let Some((mime, bytes)) = value.and_then(image) {
        bundle.insert(mime.to_owned(), STANDARD.encode(bytes).into());
    } else if let Some(table) = value.and_then(Table::of_value).or_else(|| tree.and_then(Table::of_tree)) {
        bundle.extend(table.formats());
    }
    bundle.insert("text/plain".to_owned(), text.into());
    bundle
}

/// The bytes of a value that has any.
pub(crate) fn bytes(value: &Value) -> Option<&[u8]> {
    match value {
        Value::ArrayBuffer(bytes) | Value::TypedArray(_, bytes) => Some(bytes),
        _ => None,
    }
}

/// The format of an image, by its first bytes.
fn image(value: &Value) -> Option<(&'static str, &[u8])> {
    let bytes: &[u8] = match value {
        Value::ArrayBuffer(bytes) | Value::TypedArray(TypedArrayKind::Uint8 | TypedArrayKind::Uint8Clamped, bytes) => bytes,
        _ => return None,
    };
    let mime = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        "image/png"
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        "image/jpeg"
    } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        "image/gif"
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        "image/webp"
    } else {
        return None;
    };
    Some((mime, bytes))
}

/// A specification of Vega or Vega-Lite, by its schema.
fn chart(value: &Value) -> Option<(String, Json)> {
    let Value::Object(entries) = value else { return None };
    let schema = entries.iter().find(|(key, _)| key == "$schema")?.1.as_str()?;
    let rest = schema.split_once("vega.github.io/schema/")?.1;
    let (library, version) = rest.split_once("/v")?;
    let name = match library {
        "vega-lite" => "vegalite",
        "vega" => "vega",
        _ => return None,
    };
    let major: String = version.chars().take_while(char::is_ascii_digit).collect();
    let spec = serde_json::to_value(value).ok()?;
    (!major.is_empty()).then(|| (format!("application/vnd.{name}.v{major}+json"), spec))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use drupe_client::preview::{Entry, Key, Kind, Object};
    use serde_json::json;

    use super::*;

    fn object(entries: &[(&str, Value)]) -> Value {
        Value::Object(entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
    }

    #[test]
    fn a_tree_stands_for_what_is_too_large() {
        let record = |number: f64| {
            let entries = vec![
                Entry { key: Key::Name("n".into()), value: Node::Number(number) },
                Entry {
                    key: Key::Name("at".into()),
                    value: Node::Object(Box::new(Object { kind: Kind::Date, text: "2020".into(), ..Object::default() })),
                },
            ];
            Entry::from(Node::Object(Box::new(Object { entries, ..Object::default() })))
        };
        let mut entries: Vec<_> = (0..3).map(|number| record(f64::from(number))).collect();
        entries.push(Entry::from(Node::MoreItems(997)));
        let list = |entries| Node::Object(Box::new(Object { kind: Kind::Array, size: Some(1000), entries, ..Object::default() }));
        let bundle = rich(None, Some(&list(entries.clone())), "text");
        let html = bundle["text/html"].as_str().unwrap();
        assert!(
            html.contains("<tr><th>2</th><td>2</td><td>2020</td></tr>") && html.contains("1000 rows × 2 columns, the first 3"),
            "{html}"
        );
        entries.insert(1, Entry::from(Node::Null));
        assert!(!rich(None, Some(&list(entries)), "text").contains_key("text/html"));
    }

    #[test]
    fn charts_and_images_are_told_by_what_they_are() {
        let spec = |schema: &str| object(&[("$schema", schema.into()), ("mark", "bar".into())]);
        let lite = rich(Some(&spec("https://vega.github.io/schema/vega-lite/v5.8.0.json")), None, "text");
        assert_eq!(lite["application/vnd.vegalite.v5+json"]["mark"], json!("bar"));
        assert!(
            rich(Some(&spec("https://vega.github.io/schema/vega/v6.json")), None, "")
                .contains_key("application/vnd.vega.v6+json")
        );
        assert_eq!(rich(Some(&spec("https://json-schema.org/x")), None, "").len(), 1);
        let png = Value::TypedArray(TypedArrayKind::Uint8, b"\x89PNG\r\n\x1a\n..".to_vec().into());
        assert_eq!(rich(Some(&png), None, "")["image/png"], json!("iVBORw0KGgouLg=="));
        assert_eq!(rich(Some(&Value::ArrayBuffer(b"GIF8".to_vec().into())), None, "").len(), 1);
    }
}
