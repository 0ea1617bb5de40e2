//! The third stage: what a chunk declares and uses. It takes a parsed chunk and the table of the session. It takes the
//! imports out of the chunk, and gives the names that the chunk declares, each with its home.

pub(crate) mod aliases;
pub(crate) mod assigned;
pub(crate) mod bind;
pub(crate) mod bindings;
pub(crate) mod cost;
pub(crate) mod declared;
pub(crate) mod decorated;
pub(crate) mod doubts;
pub(crate) mod exports;
pub(crate) mod free_names;
pub(crate) mod homes;
pub(crate) mod imports;
pub(crate) mod jsx;
pub(crate) mod meta;
pub(crate) mod placed;
pub(crate) mod reads;
pub(crate) mod session;
pub(crate) mod unused;
pub(crate) mod used;
pub(crate) mod uses;

use drupe_lexer::Text;
use drupe_protocol::module::StaticImport;
use swc_ecma_parser_metered::metered::Meter;

use self::bindings::Binding;
use self::homes::Homes;
use self::imports::Imports;
use self::jsx::Targets;
use self::session::SessionBindings;
use self::uses::Uses;
use crate::parse::Chunk;
use crate::parse::signatures::NO_BODY;
use crate::source::diagnostic::{Diagnostic, DiagnosticKind};
use crate::source::options::Options;

/// What a chunk declares and uses.
pub(crate) struct Decided<'session> {
    pub(crate) bindings: Vec<Binding>,
    /// The imports, to be written into the script.
    pub(crate) imports: Imports,
    /// The same, as the script asks for them.
    pub(crate) requests: Vec<StaticImport>,
    /// The homes of the names, where the session has a part in them.
    pub(crate) homes: Option<Homes<'session>>,
    pub(crate) ends_in_expression: bool,
    /// How it uses the names that the session holds.
    pub(crate) uses: Option<Uses>,
    /// What JSX compiles to, if there is some.
    pub(crate) jsx: Option<Targets>,
}

/// Decides about the names of a chunk, and takes its imports out.
pub(crate) fn decide<'session>(
    chunk: &mut Chunk,
    source: &str,
    options: &Options,
    session: Option<&'session SessionBindings>,
    inputs: &[String],
    meter: &'session Meter<'session>,
) -> Result<Decided<'session>, Diagnostic> {
    let mut imports = imports::take(chunk, source, options, meter)?;
    imports.edits.append(meta::take(chunk, source));
    if let Some(at) = chunk.last_signature {
        let bytes = at..Text(source).identifier_end(at).max(at + 1);
        return Err(Diagnostic::new(DiagnosticKind::Syntax, NO_BODY, source, bytes, options));
    }
    decorated::check(chunk, source, false, options)?;
    let mut bindings = bindings::of(chunk);
    imports.declare(&mut bindings, chunk, source, options)?;
    let ends_in_expression = chunk.ends_in_expression();
    let jsx = jsx::needs(chunk, source, options);
    let homes = session.map(|session| Homes::settle(&mut bindings, inputs, session, chunk, meter)).filter(Homes::matter);
    let requests = imports.requests(homes.as_ref());
    let uses = homes.as_ref().and_then(|homes| Uses::find(chunk, homes));
    Ok(Decided { bindings, imports, requests, homes, ends_in_expression, uses, jsx })
}

/// What printed text says of names that the session holds; nothing where it says none.
pub(crate) fn of_printed(printed: &Chunk, homes: &Homes<'_>) -> Option<Uses> {
    Uses::find(printed, homes)
}
