//! The preload: a chunk that each session evaluates before its first run.

use drupe_protocol::request::Preload as Request;
use drupe_transpile::{Binding, Jsx, Options, SessionBindings, transpile_in};

use crate::{Chunk, Error, exceptions::syntax_error};

/// Runs of the user's have numbers from 1.
pub(crate) const PRELOAD_RUN: u64 = 0;

/// A chunk, transpiled for sessions that are empty.
#[derive(Clone, Debug)]
pub(crate) struct Preload {
    pub(crate) request: Request,
    pub(crate) bindings: Vec<Binding>,
    pub(crate) source: String,
}

impl Preload {
    pub(crate) fn new(chunk: Chunk, jsx: &Jsx) -> Result<Self, Error> {
        let name = chunk.name.unwrap_or_else(|| "preload".to_owned());
        let mut options = Options::new(chunk.language);
        options.jsx = jsx.clone();
        options.name = name;
        let script = transpile_in(&chunk.source, &options, &SessionBindings::default())
            .map_err(|diagnostic| Error::Preload(Box::new(syntax_error(diagnostic))))?;
        let request = Request {
            code: script.code.into_owned(),
            name: options.name,
            source_map: script.source_map,
            imports: script.imports,
        };
        Ok(Self { request, bindings: script.bindings, source: chunk.source })
    }
}
