//! The errors of modules, with Node's codes: the missing module, the searched places, and suggestions.

use std::path::Path;

use drupe_protocol::{HostError, Value};
use drupe_transpile::{Diagnostic, Language, Position};

use super::{location::Referrer, manifest::Broken};

/// The property that is an error's place.
const AT: &str = "drupe:at";

pub(super) fn error(code: &str, message: String) -> HostError {
    HostError::new("Error", message).with_code(code)
}

pub(super) fn type_error(code: &str, message: String) -> HostError {
    HostError::new("TypeError", message).with_code(code)
}

/// A module that is no program.
pub(super) fn syntax(diagnostic: &Diagnostic, language: Language) -> HostError {
    of_language(HostError::new("SyntaxError", diagnostic.to_string()), language)
}

/// Errors of TypeScript have Node's code. Those of JavaScript have none.
fn of_language(error: HostError, language: Language) -> HostError {
    match language {
        Language::JavaScript | Language::Jsx => error,
        _ => error.with_code("ERR_INVALID_TYPESCRIPT_SYNTAX"),
    }
}

/// The same, with the place.
pub(super) fn syntax_in(diagnostic: &Diagnostic, language: Language, script: &str) -> HostError {
    if diagnostic.code_frame.is_none() {
        return syntax(diagnostic, language);
    }
    let error = of_language(HostError::new("SyntaxError", diagnostic.message.clone()), language);
    located(error, script, diagnostic.range.start)
}

/// An error with its place, as the kernel takes it: it becomes the innermost frame.
pub(super) fn located(error: HostError, script: &str, at: Position) -> HostError {
    error.with(AT, Value::Array(vec![script.into(), f64::from(at.line).into(), f64::from(at.column).into()]))
}

/// The same, unless it has a place already.
pub(super) fn located_at_least(error: HostError, script: &str, at: Position) -> HostError {
    let is_located = match &error.properties {
        Some(Value::Object(properties)) => properties.iter().any(|(name, _)| name == AT),
        _ => false,
    };
    if is_located { error } else { located(error, script, at) }
}

pub(super) fn invalid_specifier(specifier: &str, why: &str) -> HostError {
    type_error("ERR_INVALID_MODULE_SPECIFIER", format!("Invalid module {specifier:?}: it {why}"))
}

/// A `package.json` that is none.
pub(super) fn invalid_config(file: &Path, broken: &Broken) -> HostError {
    error("ERR_INVALID_PACKAGE_CONFIG", format!("Invalid package config {}{broken}", file.display()))
}

/// ` imported from /some/file.js`, where that says anything.
pub(super) fn imported_from(referrer: &Referrer) -> String {
    referrer.name().map(|name| format!(" imported from {name}")).unwrap_or_default()
}

pub(super) fn hint(suggestion: Option<String>) -> String {
    suggestion.map(|suggestion| format!(". {suggestion}")).unwrap_or_default()
}

/// No file at the path that an `import` names.
pub(super) fn no_module(path: &Path, url: &str, referrer: &Referrer, suggestion: Option<String>) -> HostError {
    let message = format!("Cannot find module '{}'{}{}", path.display(), imported_from(referrer), hint(suggestion));
    error("ERR_MODULE_NOT_FOUND", message).with("url", url)
}

/// A `#name` that the package does not define. `package_json`: that of the package, if there is one.
pub(super) fn import_not_defined(
    specifier: &str,
    package_json: Option<&Path>,
    referrer: &Referrer,
    suggestion: Option<String>,
) -> HostError {
    let package = package_json.map(|file| format!(" in package {}", file.display())).unwrap_or_default();
    let (from, hint) = (imported_from(referrer), hint(suggestion));
    let message = format!("Package import specifier \"{specifier}\" is not defined{package}{from}{hint}");
    type_error("ERR_PACKAGE_IMPORT_NOT_DEFINED", message)
}

/// A folder where an `import` needs a file.
pub(super) fn folder_import(path: &Path, url: &str, referrer: &Referrer, suggestion: Option<String>) -> HostError {
    let message = format!(
        "Directory import '{}' is not supported resolving ES modules{}{}",
        path.display(),
        imported_from(referrer),
        hint(suggestion)
    );
    error("ERR_UNSUPPORTED_DIR_IMPORT", message).with("url", url)
}

/// No package of that name, in none of the folders `searched`.
pub(super) fn no_package(name: &str, referrer: &Referrer, searched: &[String], suggestion: Option<String>) -> HostError {
    let message = format!("Cannot find package '{name}'{}{}{}", imported_from(referrer), places(searched), hint(suggestion));
    error("ERR_MODULE_NOT_FOUND", message)
}

/// What a `require` names is not there.
pub(super) fn no_requirement(specifier: &str, referrer: &Referrer, searched: &[String], suggestion: Option<String>) -> HostError {
    let mut message = format!("Cannot find module '{specifier}'{}{}", places(searched), hint(suggestion));
    let stack: Vec<String> = referrer.name().into_iter().collect();
    if !stack.is_empty() {
        message += "\nRequire stack:\n- ";
        message += &stack.join("\n- ");
    }
    error("MODULE_NOT_FOUND", message).with("requireStack", stack)
}

fn places(searched: &[String]) -> String {
    if searched.is_empty() { String::new() } else { format!(" (looked in {})", searched.join(", ")) }
}

pub(super) fn not_exported(subpath: &str, package_json: &Path, referrer: &Referrer, available: &[String]) -> HostError {
    let from = imported_from(referrer);
    let file = package_json.display();
    let mut message = if subpath == "." {
        format!("No \"exports\" main defined in {file}{from}")
    } else {
        format!("Package subpath '{subpath}' is not defined by \"exports\" in {file}{from}")
    };
    if !available.is_empty() {
        message += &format!(". It exports {}", available.join(", "));
    }
    error("ERR_PACKAGE_PATH_NOT_EXPORTED", message)
}

/// One of Node's limits on a format.
pub(super) fn unknown_extension(extension: &str, path: &Path) -> HostError {
    type_error("ERR_UNKNOWN_FILE_EXTENSION", format!("Unknown file extension \"{extension}\" for {}", path.display()))
}

/// More than a graph may have.
pub(super) fn too_much(what: &str) -> HostError {
    HostError::new("RangeError", format!("The modules cannot be loaded: {what}")).with_code("ERR_MODULE_GRAPH_TOO_LARGE")
}

/// A file could not be read for a reason that is no lack of permission.
pub(super) fn unreadable(path: &Path, problem: &std::io::Error) -> HostError {
    error("ERR_MODULE_NOT_READABLE", format!("Cannot read module '{}': {problem}", path.display()))
        .with("path", Value::from(path.display().to_string()))
}
