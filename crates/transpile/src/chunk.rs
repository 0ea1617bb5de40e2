//! The entry point: its input (source and options), its output (a script), and the order of the steps between.

use std::borrow::Cow;

use drupe_protocol::{SourceMap, module::StaticImport};
use swc_ecma_parser_metered::metered::Meter;

use crate::bindings::{self, Binding};
use crate::diagnostic::{Diagnostic, DiagnosticKind};
use crate::homes::Homes;
use crate::options::Options;
use crate::session::SessionBindings;
use crate::text::Text;
use crate::{emit, imports, jsx, meta, nesting, parse};

/// A script that V8's REPL mode can run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script<'source> {
    /// The script's text; borrowed from the source where nothing had to change.
    pub code: Cow<'source, str>,
    /// Leads positions in `code` back to the source. `None`: every position is the same in both.
    pub source_map: Option<SourceMap>,
    /// The static imports of the chunk: `code` makes each once, as `import("drupe:import:N")`.
    pub imports: Vec<StaticImport>,
    /// The names that the chunk declares at its top level, in source order, each with its kind, once per name and kind.
    pub bindings: Vec<Binding>,
    /// Whether the chunk's last statement is an expression, so that its completion value is what the user asked for.
    pub ends_in_expression: bool,
    /// The dotted names that the chunk's JSX calls, such as `React.createElement`; empty without JSX.
    pub jsx: Vec<String>,
}

/// Turns a chunk into a script, for a session in which nothing was declared yet and nothing will be declared again.
///
/// # Errors
///
/// A [`Diagnostic`] where the chunk is no valid program in the chosen language, is too long ([`crate::MAX_SOURCE_BYTES`]), is nested too
/// deeply ([`crate::MAX_NESTING`]), is too ambiguous ([`DiagnosticKind::Limit`]), or uses what is not supported in chunks.
pub fn transpile<'source>(source: &'source str, options: &Options) -> Result<Script<'source>, Diagnostic> {
    nesting::guarded(source, options, |meter| transpile_here(source, options, None, &[], meter))?
}

/// Turns a chunk into a script for a session, where any name can be declared again as anything. To be followed by
/// [`SessionBindings::declare`] with the script's bindings when the script is sent.
///
/// Constants become `let`, so that they can be replaced; what assigns to one throws V8's TypeError.
///
/// # Errors
///
/// Those of [`transpile`].
pub fn transpile_in<'source>(
    source: &'source str,
    options: &Options,
    session: &SessionBindings,
) -> Result<Script<'source>, Diagnostic> {
    transpile_with_inputs(source, options, session, &[])
}

/// Turns a chunk into a script for a session, to run with inputs of these names ([`is_variable_name`](crate::is_variable_name)): it sees
/// them whatever the session has declared by their names, and so do later chunks.
///
/// # Errors
///
/// Those of [`transpile`].
pub fn transpile_with_inputs<'source>(
    source: &'source str,
    options: &Options,
    session: &SessionBindings,
    inputs: &[String],
) -> Result<Script<'source>, Diagnostic> {
    nesting::guarded(source, options, |meter| transpile_here(source, options, Some(session), inputs, meter))?
}

fn transpile_here<'source>(
    source: &'source str,
    options: &Options,
    session: Option<&SessionBindings>,
    inputs: &[String],
    meter: &Meter<'_>,
) -> Result<Script<'source>, Diagnostic> {
    let mut chunk = parse::parse(source, options.language, meter).map_err(|failure| failure.into_diagnostic(source, options))?;
    let mut imports = imports::take(&mut chunk, source, options)?;
    imports.edits.append(meta::take(&mut chunk, source));
    if let Some(at) = parse::last_signature(&chunk) {
        let bytes = at..Text(source).identifier_end(at);
        return Err(Diagnostic::new(DiagnosticKind::Syntax, "the function has no body", source, bytes, options));
    }
    let mut bindings = bindings::of(&chunk);
    imports.declare(&mut bindings, &chunk, source, options)?;
    let ends_in_expression = chunk.ends_in_expression();
    let jsx = jsx::needs(&chunk, source, options);
    let homes = session.map(|session| Homes::settle(&mut bindings, inputs, session, &chunk, meter)).filter(Homes::matter);
    let requests = imports.requests(homes.as_ref());
    let (code, source_map) = emit::emit(chunk, source, options, homes.as_ref(), imports, meter)?;
    Ok(Script { code, source_map, imports: requests, bindings, ends_in_expression, jsx })
}
