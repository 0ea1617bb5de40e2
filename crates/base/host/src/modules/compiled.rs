//! A compiled module: code, source map, imports.

use std::sync::Arc;

use drupe_transpile::{Import, TypeExports};

/// A module as it is sent, without where it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Compiled {
    pub(super) source: Source,
    /// The text before it was transpiled, if it differs.
    pub(super) original: Option<Arc<str>>,
    /// Four little-endian 32-bit numbers a segment.
    pub(super) source_map: Option<Vec<u8>>,
    pub(super) is_module: bool,
    pub(super) is_wasm: bool,
    pub(super) imports: Vec<Import>,
    pub(super) exports: Vec<String>,
    pub(super) reexports: Vec<String>,
    pub(super) types: TypeExports,
}

/// What V8 gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Text(Arc<str>),
    Bytes(Arc<[u8]>),
}

impl Default for Source {
    fn default() -> Self {
        Self::Text("".into())
    }
}

impl Compiled {
    /// The text as it was written.
    pub(super) fn text(&self) -> Option<Arc<str>> {
        match (&self.original, &self.source) {
            (Some(text), _) | (None, Source::Text(text)) => Some(text.clone()),
            (None, Source::Bytes(_)) => None,
        }
    }

    /// About how many bytes it takes.
    pub(super) fn weight(&self) -> usize {
        let source = match &self.source {
            Source::Text(text) => text.len(),
            Source::Bytes(bytes) => bytes.len(),
        };
        let words = |words: &[String]| words.iter().map(|word| word.len() + 32).sum::<usize>();
        let imports: usize = self.imports.iter().map(|import| import.specifier.len() + 64).sum();
        let map = self.source_map.as_ref().map_or(0, Vec::len);
        let original = self.original.as_ref().map_or(0, |text| text.len());
        let types =
            words(&self.types.types) + words(&self.types.declared) + words(&self.types.values) + words(&self.types.all_of);
        let imported = self.types.imported.iter();
        let imported = imported.map(|export| export.exported.len() + export.specifier.len() + export.name.len() + 96);
        let types = types + imported.sum::<usize>();
        types + source + original + map + imports + words(&self.exports) + words(&self.reexports) + 256
    }
}
