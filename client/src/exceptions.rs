//! Exceptions that the parent makes: for errors of the transpiler, and in place of lost ones.

use std::{borrow::Cow, sync::Arc};

use drupe_protocol::{Exception, event::Location};
use drupe_transpile::{Diagnostic, Language, Options, transpile_module};

/// Says what JSX has to do with a name that the user never wrote and that is missing.
/// `jsx`: what the JSX of the chunk compiles to.
pub(crate) fn explain_jsx(exception: &mut Exception, jsx: &[String]) {
    let missing =
        exception.message.strip_suffix(" is not defined").filter(|_| exception.name.as_deref() == Some("ReferenceError"));
    let Some(missing) = missing else { return };
    if let Some(called) = jsx.iter().find(|called| called.split('.').next() == Some(missing)) {
        let hint =
            format!("\nhint: JSX compiles to {called}; define {missing}, or name another factory in a comment: /** @jsx h */");
        exception.text.push_str(&hint);
        return;
    }
    let is_jsx = |at: &Location| [".tsx", ".jsx"].iter().any(|ending| at.script.ends_with(ending));
    if missing == "React" && exception.at.as_ref().is_some_and(is_jsx) {
        exception.text.push_str(
            "\nhint: JSX compiles to React.createElement; import React from 'react', or set \"jsx\": \"react-jsx\" in \
             compilerOptions of tsconfig.json, which imports what JSX needs",
        );
    }
}

/// The largest file that is read again to say what its name hides, in bytes.
const MAX_READ_AGAIN: usize = 256 << 10;

/// Says of a file that its name is that of JavaScript, and its text is not. `source`: the text of a file.
pub(crate) fn explain_language(exception: &mut Exception, source: impl FnOnce(&str) -> Option<Arc<str>>) {
    let script = exception.at.as_ref().map(|at| at.script.as_str());
    let Some(script) = script.filter(|_| exception.name.as_deref() == Some("SyntaxError")) else { return };
    let name = script.rsplit('/').next().unwrap_or_default();
    let Some((stem, typed)) =
        [(".mjs", "mts"), (".cjs", "cts"), (".js", "ts")].iter().find_map(|(js, ts)| Some((name.strip_suffix(js)?, *ts)))
    else {
        return;
    };
    let Some(text) = source(script).filter(|text| text.len() <= MAX_READ_AGAIN) else { return };
    let written_in = |language| transpile_module(&text, &Options::new(language)).ok().map(|module| module.code);
    // What is JavaScript stays as it is where only JSX is compiled. TypeScript leaves out imports that nothing uses.
    if matches!(written_in(Language::Jsx), Some(Cow::Borrowed(_))) {
        return;
    }
    let is_written_in = |language| matches!(written_in(language), Some(Cow::Owned(_)));
    let (language, ending) = if is_written_in(Language::TypeScript) {
        ("TypeScript", typed)
    } else if is_written_in(Language::Jsx) {
        ("JSX", "jsx")
    } else if is_written_in(Language::Tsx) {
        ("TypeScript with JSX", "tsx")
    } else {
        return;
    };
    let hint = format!("\nhint: this is {language}, and the name says JavaScript: name the file {stem}.{ending}");
    exception.text.push_str(&hint);
}

/// A diagnostic of the transpiler, as the exception that V8 would have thrown.
pub(crate) fn syntax_error(diagnostic: Diagnostic) -> Exception {
    let at = Location::new(&*diagnostic.name, diagnostic.range.start);
    let mut text = format!("SyntaxError: {}", diagnostic.message);
    if diagnostic.code_frame.is_some() {
        text.push_str(&format!("\n    at {}:{}:{}", at.script, at.position.line + 1, at.position.column + 1));
    }
    let mut exception = Exception::new(Some("SyntaxError".to_owned()), diagnostic.message, text);
    exception.at = Some(at);
    exception.code_frame = diagnostic.code_frame.map(|frame| *frame);
    exception
}

/// The thread that transpiled a chunk did not come to an end: the transpiler has a bug.
pub(crate) fn transpiler_failed() -> Exception {
    Exception::plain("SyntaxError", "the transpiler failed".to_owned())
}

/// What was thrown did not fit a message.
pub(crate) fn untold() -> Exception {
    let message = "what was thrown could not be told";
    Exception::new(None, message, format!("Uncaught: {message}"))
}
