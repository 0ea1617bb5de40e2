//! Completion, hover and completeness, in the units of the protocol: code points.

use drupe_client::{
    Completeness, CompletionKind, Inspection, Kernel, MemberKind, Options, Signature, Sort, completeness, host::shell,
    point_offset, utf16_offset_of_point,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// How many completions are told.
const MAX_ITEMS: usize = 500;

/// Code that is longer is not looked at for completeness, in bytes.
const MAX_CODE: usize = 1 << 20;

/// Code and a place in it.
#[derive(Debug, Deserialize)]
pub(crate) struct At {
    code: String,
    #[serde(default)]
    cursor_pos: Option<usize>,
    #[serde(default)]
    detail_level: u8,
}

impl At {
    fn cursor(&self) -> usize {
        self.cursor_pos.unwrap_or(usize::MAX)
    }
}

/// The content of a `complete_reply`.
pub(crate) async fn complete(kernel: &Kernel, at: &At) -> Result<Value, drupe_client::Error> {
    let found = kernel.complete(&*at.code, utf16_offset_of_point(&at.code, at.cursor())).await?;
    let (start, end) = (point_offset(&at.code, found.start), point_offset(&at.code, found.end));
    let items = found.items.into_iter().take(MAX_ITEMS);
    let (mut matches, mut types) = (Vec::new(), Vec::new());
    for item in items {
        let mut told = json!({ "start": start, "end": end, "text": item.text, "type": kind(item.kind) });
        if let Some(detail) = item.detail {
            told["signature"] = detail.into();
        }
        types.push(told);
        matches.push(item.text);
    }
    let metadata = json!({ "_jupyter_types_experimental": types });
    Ok(json!({ "status": "ok", "matches": matches, "cursor_start": start, "cursor_end": end, "metadata": metadata }))
}

fn kind(kind: CompletionKind) -> &'static str {
    match kind {
        CompletionKind::Property => "property",
        CompletionKind::Method => "method",
        CompletionKind::Class => "class",
        CompletionKind::Function => "function",
        CompletionKind::Variable => "variable",
        CompletionKind::Constant => "constant",
        CompletionKind::Keyword => "keyword",
        CompletionKind::Unknown => "text",
    }
}

/// The content of an `inspect_reply`.
pub(crate) async fn inspect(kernel: &Kernel, at: &At) -> Value {
    let data = describe(kernel, &at.code, at.cursor(), at.detail_level > 0).await;
    json!({ "status": "ok", "found": data.is_some(), "data": data.unwrap_or_default(), "metadata": {} })
}

/// Describes the name at a code point of a code, or else the call around it. `None`: there is nothing to say.
pub(crate) async fn describe(kernel: &Kernel, code: &str, cursor: usize, detailed: bool) -> Option<Map<String, Value>> {
    let cursor = utf16_offset_of_point(code, cursor);
    let (head, doc, rest) = match kernel.inspect(code, cursor).await.ok()? {
        Some(inspection) => (head(&inspection), inspection.doc.clone(), rest(&inspection, detailed)),
        None => {
            let Signature { head, doc, .. } = kernel.signature(code, cursor).await.ok()??;
            (head, doc, String::new())
        }
    };
    let doc = doc.unwrap_or_default();
    let plain = [&*head, &*doc, &*rest].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n");
    let fenced = |text: &str| if text.is_empty() { String::new() } else { format!("```ts\n{text}\n```\n\n") };
    let markdown = format!("{}{doc}{}{}", fenced(&head), if doc.is_empty() { "" } else { "\n\n" }, fenced(&rest));
    Some(Map::from_iter([("text/plain".to_owned(), plain.into()), ("text/markdown".to_owned(), markdown.trim_end().into())]))
}

/// The head of a declaration, or what is known instead.
fn head(inspection: &Inspection) -> String {
    let Inspection { name, sort, signature, type_name, preview, length, .. } = inspection;
    let is_value = matches!(sort, Sort::Value | Sort::Unknown);
    match (signature, length) {
        (Some(signature), _) if is_value && !preview.is_empty() => format!("{signature}: {type_name} = {preview}"),
        (Some(signature), _) => signature.clone(),
        (None, _) if is_value && preview.is_empty() => format!("{name}: {type_name}"),
        (None, _) if is_value => format!("{name}: {type_name} = {preview}"),
        (None, Some(length)) => format!("{type_name} {name}, expects {length} arguments"),
        (None, None) => format!("{type_name} {name}"),
    }
}

/// What is known besides: the members of a class, the source, the place.
fn rest(inspection: &Inspection, detailed: bool) -> String {
    let mut lines = Vec::new();
    if let Some(parameters) = &inspection.constructor {
        lines.push(format!("  constructor{parameters}"));
    }
    lines.extend(inspection.fields.iter().map(|field| format!("  {field}")));
    lines.extend(inspection.members.iter().take(40).map(|member| {
        let call = if member.kind == MemberKind::Method { "()" } else { "" };
        format!("  {}{}{call}", if member.is_static { "static " } else { "" }, member.name)
    }));
    if let Some(source) = inspection.source.as_ref().filter(|_| detailed) {
        lines.push(source.clone());
    }
    if let Some(at) = &inspection.at {
        lines.push(format!("// {}:{}:{}", at.script, at.position.line + 1, at.position.column + 1));
    }
    lines.join("\n")
}

/// The content of an `is_complete_reply`.
pub(crate) async fn is_complete(code: String) -> Value {
    let first = code.trim_start().lines().next().unwrap_or_default();
    if first.starts_with('%') || shell::command(first).is_some() || code.trim_end().ends_with('?') {
        return json!({ "status": "complete" });
    }
    if code.len() > MAX_CODE {
        return json!({ "status": "unknown" });
    }
    // A parser on the runtime's thread would hold everything else up.
    let found = tokio::task::spawn_blocking(move || completeness(&code, &Options::default())).await;
    match found {
        Ok(Completeness::Complete) => json!({ "status": "complete" }),
        Ok(Completeness::Incomplete { indent }) => {
            json!({ "status": "incomplete", "indent": " ".repeat(usize::try_from(indent).unwrap_or(0)) })
        }
        Ok(Completeness::Invalid(_)) => json!({ "status": "invalid" }),
        Err(_) => json!({ "status": "unknown" }),
    }
}
