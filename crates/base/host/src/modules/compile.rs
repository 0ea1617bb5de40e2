//! Compiles bytes into the form that a kernel is sent. Pure: it reads no files, also not those that comments in the
//! text name.

use std::{borrow::Cow, io, path::PathBuf, sync::Arc};

use drupe_protocol::HostError;
use drupe_transpile::{Diagnostic, Language, Options, Stop, transpile_module};

use super::{
    compiled::{Compiled, Source},
    errors,
    format::{Format, Wanted},
    wasm,
};

/// Why a file became no module.
#[derive(Debug)]
pub(super) enum Problem {
    Unreadable(PathBuf, io::Error),
    Wrong(HostError),
    /// It has a syntax error. The other fields are its language and its source text.
    Syntax(Box<Diagnostic>, Language, Arc<str>),
}

impl From<Problem> for HostError {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Unreadable(path, problem) => errors::unreadable(&path, &problem),
            Problem::Wrong(error) => error,
            Problem::Syntax(diagnostic, language, _) => errors::syntax(&diagnostic, language),
        }
    }
}

/// Makes a module of bytes, unless it is stopped. `name` is for messages.
pub(super) fn compile(bytes: Vec<u8>, wanted: &Wanted, name: &str, stop: Stop) -> Result<Compiled, Problem> {
    if wanted.format == Format::Bytes {
        return Ok(Compiled { source: Source::Bytes(bytes.into()), ..Compiled::default() });
    }
    let looks_like_wasm = wanted.is_open && bytes.starts_with(wasm::MAGIC);
    if wanted.format == Format::Wasm || looks_like_wasm {
        let imports = wasm::imports(&bytes)
            .map_err(|why| Problem::Wrong(HostError::new("CompileError", format!("{name} is no WebAssembly module: {why}"))))?;
        return Ok(Compiled { source: Source::Bytes(bytes.into()), imports, is_wasm: true, ..Compiled::default() });
    }
    let text = text(bytes);
    let Some(language) = wanted.language else {
        return Ok(Compiled { source: Source::Text(text.into()), ..Compiled::default() });
    };
    let is_commonjs = wanted.format == Format::CommonJs && !wanted.is_open;
    let project = wanted.project.as_deref().cloned().unwrap_or_default();
    let mut options = Options::new(language);
    options.name = name.to_owned();
    options.stop = stop;
    options.project = project;
    options.is_commonjs = is_commonjs;
    options.is_declarations = wanted.is_declarations;
    options.types = wanted.types.as_deref().map(<[_]>::to_vec).unwrap_or_default();
    let module = match transpile_module(&text, &options) {
        Ok(module) => module,
        Err(diagnostic) => return Err(Problem::Syntax(Box::new(diagnostic), language, text.into())),
    };
    let source_map = module.source_map.map(|map| map.segments.iter().flatten().flat_map(|part| part.to_le_bytes()).collect());
    let (is_module, imports, exports, reexports) = (module.is_module, module.imports, module.exports, module.reexports);
    let types = module.types;
    let (source, original) = match module.code {
        Cow::Owned(code) => (Source::Text(code.into()), Some(text.into())),
        Cow::Borrowed(_) => (Source::Text(text.into()), None),
    };
    if imports.len() > MAX_IMPORTS {
        return Err(Problem::Wrong(errors::too_much(&format!("{name} imports more than {MAX_IMPORTS} modules"))));
    }
    Ok(Compiled { source, original, source_map, is_module, is_wasm: false, imports, exports, reexports, types })
}

/// How many modules one may import.
pub(super) const MAX_IMPORTS: usize = 20_000;

/// UTF-8, with what is none replaced, and without a mark of the byte order.
fn text(bytes: Vec<u8>) -> String {
    let mut text = String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    if text.starts_with('\u{FEFF}') {
        text.drain(..'\u{FEFF}'.len_utf8());
    }
    text
}
