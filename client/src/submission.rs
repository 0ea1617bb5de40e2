//! Turns a chunk into a request: transpiles it when it is the next to be sent.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use drupe_protocol::{Exception, RunId, request::Run as Request};
use drupe_transpile::{Binding, Jsx, Options, SessionBindings, Stop, transpile_with_inputs};

use crate::{
    Chunk,
    beside::{Beside, beside},
    exceptions::syntax_error,
};

/// Sources longer than this are transpiled on another thread. Shorter ones take milliseconds at most, whatever they are.
pub(crate) const SMALL_SOURCE: usize = 4 << 10;

/// A chunk on its way to the kernel.
///
/// What it becomes depends on what the chunks before it declare, so **chunks are transpiled one after the other, in their order**, each
/// when it is the next to be sent.
#[derive(Debug)]
pub(crate) enum Submission {
    /// As the user wrote it.
    Source(Box<Chunk>),
    /// On a thread of its own, for it is long. **When this is dropped, the work ends.**
    Transpiling(Beside<Result<Transpiled, Box<Exception>>>),
    /// Ready, or found to be no program.
    Ready(Result<Transpiled, Box<Exception>>),
}

/// A chunk that can be sent.
#[derive(Debug)]
pub(crate) struct Transpiled {
    pub(crate) request: Box<Request>,
    /// The names that it declares.
    pub(crate) bindings: Vec<Binding>,
    /// What its JSX calls.
    pub(crate) jsx: Vec<String>,
    /// What the user wrote; its inputs are in the request.
    pub(crate) chunk: Box<Chunk>,
    /// How long that took.
    pub(crate) took: Duration,
}

impl Submission {
    /// The next step of a chunk that is the next to be sent.
    pub(crate) fn transpile(self, run: RunId, jsx: &Jsx, session: &Arc<SessionBindings>) -> Self {
        match self {
            Self::Source(chunk) if chunk.source.len() <= SMALL_SOURCE => {
                Self::Ready(Transpiled::new(chunk, run, jsx, session, Stop::default()))
            }
            Self::Source(chunk) => {
                let (jsx, session) = (jsx.clone(), session.clone());
                Self::Transpiling(beside(move |stop| Transpiled::new(chunk, run, &jsx, &session, stop)))
            }
            Self::Transpiling(_) | Self::Ready(_) => self,
        }
    }

    pub(crate) fn is_transpiling(&self) -> bool {
        matches!(self, Self::Transpiling(_))
    }
}

impl Transpiled {
    fn new(mut chunk: Box<Chunk>, run: RunId, jsx: &Jsx, session: &SessionBindings, stop: Stop) -> Result<Self, Box<Exception>> {
        let began = Instant::now();
        let name = chunk.name.clone().unwrap_or_else(|| format!("chunk:{run}"));
        let options = Options { language: chunk.language, jsx: jsx.clone(), name, stop, ..Options::default() };
        let inputs: Vec<_> = chunk.inputs.iter().map(|input| input.name.clone()).collect();
        let script = transpile_with_inputs(&chunk.source, &options, session, &inputs)
            .map_err(|diagnostic| Box::new(syntax_error(diagnostic)))?;
        let (bindings, jsx) = (script.bindings, script.jsx);
        let request = Box::new(Request {
            run,
            source_map: script.source_map,
            imports: script.imports,
            entry: chunk.entry.clone(),
            code: script.code.into_owned(),
            name: options.name,
            inputs: std::mem::take(&mut chunk.inputs),
            vm_timeout_ms: chunk.limits.vm_timeout.map(|limit| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX).max(1)),
            memory_limit: chunk.limits.memory,
            console_limit: chunk.limits.console,
            until_idle: chunk.until_idle,
            ends_unsettled: chunk.ends_unsettled,
            keep_last: chunk.keep_last,
            value_limit: chunk.value_limit,
            preview: chunk.preview,
            handles: chunk.handles,
            result_handle: chunk.result_handle,
            inspect_hooks: chunk.inspect_hooks,
            streams: chunk.streams,
            colors: std::mem::take(&mut chunk.colors),
            bundle: chunk.bundle,
        });
        Ok(Self { request, bindings, jsx, chunk, took: began.elapsed() })
    }
}
