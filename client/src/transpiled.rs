//! Turns a chunk into a request.

use std::{
    mem::take,
    time::{Duration, Instant},
};

use drupe_protocol::{Exception, RunId, SourceMap, module::StaticImport, request::Run as Request};
use drupe_transpile::{Binding, Jsx, Language, Options, SessionBindings, Stop, transpile_with_inputs};

use crate::{Chunk, exceptions::syntax_error};

/// Sources longer than this are transpiled on another thread. Shorter ones take milliseconds at most.
pub(crate) const SMALL_SOURCE: usize = 4 << 10;

/// The parts of a chunk that the transpiler reads.
#[derive(Debug)]
pub(crate) struct Untranspiled {
    source: String,
    language: Language,
    name: String,
    /// The names of its inputs.
    inputs: Vec<String>,
    brace_is_block: bool,
}

/// The script of a chunk.
#[derive(Debug)]
pub(crate) struct Script {
    code: String,
    name: String,
    source_map: Option<SourceMap>,
    imports: Vec<StaticImport>,
    /// The names that it declares.
    pub(crate) bindings: Vec<Binding>,
    /// The functions that its JSX calls.
    pub(crate) jsx: Vec<String>,
    /// The time that transpiling took.
    pub(crate) took: Duration,
}

impl Untranspiled {
    pub(crate) fn new(chunk: &Chunk, run: RunId) -> Self {
        Self {
            source: chunk.source.clone(),
            language: chunk.language,
            name: chunk.name.clone().unwrap_or_else(|| format!("chunk:{run}")),
            inputs: chunk.inputs.iter().map(|input| input.name.clone()).collect(),
            brace_is_block: chunk.brace_is_block,
        }
    }

    pub(crate) fn is_small(&self) -> bool {
        self.source.len() <= SMALL_SOURCE
    }

    /// Transpiles it for a session with these bindings.
    pub(crate) fn transpile(self, jsx: &Jsx, session: &SessionBindings, stop: Stop) -> Result<Script, Box<Exception>> {
        let began = Instant::now();
        let Self { source, language, name, inputs, brace_is_block } = self;
        let mut options = Options::new(language);
        options.jsx = jsx.clone();
        options.name = name;
        options.stop = stop;
        options.brace_is_block = brace_is_block;
        let script = transpile_with_inputs(&source, &options, session, &inputs)
            .map_err(|diagnostic| Box::new(syntax_error(diagnostic)))?;
        Ok(Script {
            source_map: script.source_map,
            imports: script.imports,
            bindings: script.bindings,
            jsx: script.jsx,
            code: script.code.into_owned(),
            name: options.name,
            took: began.elapsed(),
        })
    }
}

impl Script {
    /// The request that runs the script of `chunk`. Inputs and colors move from the chunk to the request.
    pub(crate) fn request(&mut self, chunk: &mut Chunk, run: RunId) -> Box<Request> {
        Box::new(Request {
            run,
            source_map: self.source_map.take(),
            imports: take(&mut self.imports),
            entry: chunk.entry.clone(),
            code: take(&mut self.code),
            name: take(&mut self.name),
            inputs: take(&mut chunk.inputs),
            vm_timeout_ms: chunk.limits.vm_timeout.map(|limit| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX).max(1)),
            memory_limit: chunk.limits.memory,
            console_limit: chunk.limits.console,
            until_idle: chunk.until_idle,
            ends_unsettled: chunk.ends_unsettled,
            beside: chunk.beside,
            keep_last: chunk.keep_last,
            value_limit: chunk.value_limit,
            preview: chunk.preview,
            depth: chunk.depth,
            handles: chunk.handles,
            result_handle: chunk.result_handle,
            inspect_hooks: chunk.inspect_hooks,
            streams: chunk.streams,
            colors: take(&mut chunk.colors),
            bundle: chunk.bundle,
        })
    }
}

/// Gives a chunk back what moved to its request.
pub(crate) fn take_back(chunk: &mut Chunk, request: Request) {
    (chunk.inputs, chunk.colors) = (request.inputs, request.colors);
}
