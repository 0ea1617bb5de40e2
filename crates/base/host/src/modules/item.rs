//! Modules in the form that the kernel receives.

use drupe_protocol::{Value, value::TypedArrayKind};

use super::{compiled::Source, load::Module, location::Place, originals::Originals};

/// A module, where each of its imports leads, the names that it exports if it is a CommonJS module that is imported,
/// and where its text came from.
pub(super) fn item(module: &Module, edges: &[Edge], exports: Vec<String>, originals: Option<&Originals>) -> Value {
    let compiled = &*module.compiled;
    let source = match &compiled.source {
        Source::Text(text) => Value::String(text.to_string()),
        Source::Bytes(bytes) => Value::TypedArray(TypedArrayKind::Uint8, (&**bytes).into()),
    };
    let mut entries = vec![
        ("url".to_owned(), Value::String(module.place.url())),
        ("format".to_owned(), module.format.name().into()),
        ("source".to_owned(), source),
    ];
    let mut add = |name: &str, value: Value| entries.push((name.to_owned(), value));
    if let Some(map) = &compiled.source_map {
        add("source_map", Value::TypedArray(TypedArrayKind::Uint32, map.clone().into()));
    }
    if let Some(originals) = originals {
        add("originals", originals.value());
    }
    add("imports", Value::Array(edges.iter().map(Edge::value).collect()));
    if !exports.is_empty() {
        add("exports", exports.into());
    }
    if let Place::File { path, .. } = &module.place {
        add("filename", path.display().to_string().into());
        add("dirname", path.parent().unwrap_or(path).display().to_string().into());
    }
    Value::Object(entries)
}

/// An import, and the URL that it leads to.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    pub(super) specifier: String,
    pub(super) kind: Option<String>,
    pub(super) url: String,
}

impl Edge {
    fn value(&self) -> Value {
        let kind = self.kind.as_deref().map_or(Value::Null, Value::from);
        Value::Array(vec![self.specifier.as_str().into(), kind, self.url.as_str().into()])
    }
}

/// What stands for an entry that the kernel has already.
pub(super) fn known(url: &str) -> Value {
    Value::Object(vec![("url".to_owned(), url.into()), ("known".to_owned(), true.into())])
}
