//! The entry point: its input (source and options), its output (a script), and the order of the stages between.

use std::borrow::Cow;

use drupe_protocol::{SourceMap, module::StaticImport};
use swc_ecma_parser_metered::metered::Meter;

use crate::decide::bindings::Binding;
use crate::decide::homes::Homes;
use crate::decide::session::SessionBindings;
use crate::decide::{self, Decided};
use crate::emit::{self, Emitted};
use crate::parse;
use crate::plan;
use crate::source::diagnostic::Diagnostic;
use crate::source::nesting::{self, Reading};
use crate::source::options::Options;

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
/// A [`Diagnostic`] where the chunk is no valid program in the chosen language, is too long
/// ([`crate::MAX_SOURCE_BYTES`]), is nested too deeply ([`crate::MAX_NESTING`]), is too ambiguous
/// ([`DiagnosticKind::Limit`](crate::DiagnosticKind::Limit)), or uses what is not supported in chunks.
pub fn transpile<'source>(source: &'source str, options: &Options) -> Result<Script<'source>, Diagnostic> {
    nesting::guarded(source, options, |reading| transpile_here(source, options, None, &[], reading))?
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

/// Turns a chunk into a script for a session, to run with inputs of these names
/// ([`is_variable_name`](crate::is_variable_name)): it sees them whatever the session has declared by their names, and
/// so do later chunks.
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
    nesting::guarded(source, options, |reading| transpile_here(source, options, Some(session), inputs, reading))?
}

fn transpile_here<'source>(
    source: &'source str,
    options: &Options,
    session: Option<&SessionBindings>,
    inputs: &[String],
    reading: &Reading<'_>,
) -> Result<Script<'source>, Diagnostic> {
    let meter = reading.meter;
    let parsed = parse::parse(source, options.language, reading);
    let mut chunk = parsed.map_err(|failure| failure.into_diagnostic(source, options))?;
    let mut decided = decide::decide(&mut chunk, source, options, session, inputs, meter)?;
    let changes = plan::plan(&mut chunk, source, options, &mut decided, meter)?;
    let mut emitted = emit::emit(chunk, source, options, &decided, changes)?;
    if let Some(homes) = decided.homes.as_ref().filter(|_| emitted.is_printed) {
        redeclare_printed(&mut emitted, homes, meter);
    }
    let Decided { bindings, requests: imports, ends_in_expression, jsx, .. } = decided;
    let jsx = jsx.map(|targets| targets.names()).unwrap_or_default();
    Ok(Script { code: emitted.code, source_map: emitted.map, imports, bindings, ends_in_expression, jsx })
}

/// Writes the declarations of what the transforms printed for where their names live. The printed text passes through
/// the stages for that: so all declarations, also those that the transforms made, are of the few kinds that JavaScript
/// has.
fn redeclare_printed(emitted: &mut Emitted<'_>, homes: &Homes<'_>, meter: &Meter<'_>) {
    // What was printed is valid; if it were not, V8 would tell.
    let Some(chunk) = parse::printed(&emitted.code, meter) else { return };
    let Some(uses) = decide::of_printed(&chunk, homes) else { return };
    let edits = plan::of_printed(&chunk, &emitted.code, homes, uses);
    emitted.edit(edits);
}
