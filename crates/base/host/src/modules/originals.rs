//! The texts that JavaScript was compiled of, by the source map that it mentions: for the places of its errors, where
//! somebody wants them (`--enable-source-maps`).
//!
//! The program's permissions decide whether a map is read. **No question is asked for it. A map that cannot be read
//! counts as none.**

use std::path::PathBuf;

use drupe_protocol::{Value, value::TypedArrayKind};
use url::Url;

use super::{
    compiled::{Compiled, Source},
    data,
    format::Format,
    load::{Loader, Module},
    location::Place,
    original_texts::MAX_TEXT,
    source_map::{self, SourceMap},
};

/// The longest map, in bytes.
const MAX_MAP: u64 = 64 << 20;

/// Where a module's text came from: the names of the originals, and the segments of the map.
#[derive(Debug)]
pub(super) struct Originals {
    names: Vec<String>,
    segments: Vec<u8>,
}

impl Originals {
    pub(super) fn value(&self) -> Value {
        let names = self.names.iter().map(|name| Value::from(name.as_str())).collect();
        let segments = Value::TypedArray(TypedArrayKind::Uint32, (&*self.segments).into());
        Value::Array(vec![Value::Array(names), segments])
    }

    /// About how many bytes it takes.
    pub(super) fn weight(&self) -> usize {
        self.segments.len() + self.names.iter().map(|name| name.len() + 32).sum::<usize>()
    }
}

impl Loader {
    /// Where the text of a module of JavaScript came from, if somebody wants to know and it says so.
    pub(super) fn originals(&self, module: &Module) -> Option<Originals> {
        let Place::File { path, .. } = &module.place else { return None };
        if !self.source_maps || !matches!(module.format, Format::Module | Format::CommonJs) {
            return None;
        }
        let Compiled { source: Source::Text(text), source_map: None, .. } = &*module.compiled else { return None };
        let base = Url::from_file_path(path).ok()?.join(source_map::mentioned(text)?).ok()?;
        let SourceMap { sources, segments } = source_map::read(&self.map_text(&base)?)?;
        // A map within the text is where the text is.
        let base = if base.scheme() == "data" { Url::from_file_path(path).ok()? } else { base };
        let is_by_path = module.format == Format::CommonJs;
        let mut names = Vec::with_capacity(sources.len());
        for source in sources {
            let (name, file) = name_of(&source.name, &base, is_by_path);
            let file = file.filter(|_| self.original_texts.has_room());
            let read = || self.resolver.gate().read(&file?, MAX_TEXT as u64).ok();
            let text = source.text.or_else(|| Some(String::from_utf8_lossy(&read()?).into_owned()));
            if let Some(text) = text {
                self.original_texts.keep(&name, &text);
            }
            names.push(name);
        }
        let segments = segments.iter().flatten().flat_map(|part| part.to_le_bytes()).collect();
        Some(Originals { names, segments })
    }

    fn map_text(&self, url: &Url) -> Option<String> {
        let bytes = match url.scheme() {
            "data" => data::decode(url).ok()?.1,
            "file" => self.resolver.gate().read(&url.to_file_path().ok()?, MAX_MAP).ok()?,
            _ => return None,
        };
        String::from_utf8(bytes).ok()
    }
}

/// What an original is called, and the file that it is. A script that is called by its path has originals that are.
fn name_of(name: &str, base: &Url, is_by_path: bool) -> (String, Option<PathBuf>) {
    let Ok(url) = base.join(name) else { return (name.to_owned(), None) };
    let path = if url.scheme() == "file" { url.to_file_path().ok() } else { None };
    match &path {
        Some(path) if is_by_path => (path.display().to_string(), Some(path.clone())),
        _ => (url.to_string(), path),
    }
}
