//! Determines a module's format: by the ending of its file, the `type` of its package, the attribute of its import,
//! and, if these leave it open, by its text.

use std::{path::Path, sync::Arc};

use drupe_protocol::HostError;
use drupe_transpile::{Language, Project};

use super::{asked::Style, compiled::Compiled, declaration_files::is_declarations, errors};

/// The formats that a kernel is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Format {
    Module,
    CommonJs,
    Json,
    Text,
    Bytes,
    Wasm,
    Builtin,
}

impl Format {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Module => "module",
            Self::CommonJs => "commonjs",
            Self::Json => "json",
            Self::Text => "text",
            Self::Bytes => "bytes",
            Self::Wasm => "wasm",
            Self::Builtin => "builtin",
        }
    }
}

/// The names that a module takes from others and that are types, each with the specifier of its module.
pub(super) type KnownTypes = Arc<[(String, String)]>;

/// What a file is to be read as.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Wanted {
    pub(super) format: Format,
    /// Of text that is code.
    pub(super) language: Option<Language>,
    /// Whether its text has the last word on whether it is an ES module.
    pub(super) is_open: bool,
    /// Whether its text only declares what is elsewhere.
    pub(super) is_declarations: bool,
    /// What its project asks for, where that is something.
    pub(super) project: Option<Arc<Project>>,
    /// The names in other modules that are known to be types, each with the specifier of its module.
    pub(super) types: Option<KnownTypes>,
}

impl Wanted {
    pub(super) const fn data(format: Format) -> Self {
        Self { format, language: None, is_open: false, is_declarations: false, project: None, types: None }
    }

    pub(super) const fn code(format: Format, language: Language, is_open: bool) -> Self {
        Self { format, language: Some(language), is_open, is_declarations: false, project: None, types: None }
    }

    /// The same of a file by this name, or at this URL.
    fn named(self, name: &str) -> Self {
        Self { is_declarations: self.language == Some(Language::TypeScript) && is_declarations(name), ..self }
    }

    /// The same in a project.
    pub(super) fn within(self, project: Project) -> Self {
        if project == Project::default() { self } else { Self { project: Some(Arc::new(project)), ..self } }
    }

    /// The same without what is known to be types in other modules.
    pub(super) fn without(self, types: Option<KnownTypes>) -> Self {
        Self { types, ..self }
    }

    /// Whether what it is compiled to depends on its project.
    pub(super) fn has_project(&self) -> bool {
        matches!(self.language, Some(Language::TypeScript | Language::Tsx | Language::Jsx))
    }

    /// The format, now that the text is known.
    pub(super) fn settle(&self, compiled: &Compiled) -> Format {
        match compiled.is_wasm {
            true => Format::Wasm,
            false if self.is_open => {
                if compiled.is_module {
                    Format::Module
                } else {
                    Format::CommonJs
                }
            }
            false => self.format,
        }
    }
}

/// Refuses attributes that nothing is known of.
pub(super) fn check_kind(kind: Option<&str>) -> Result<(), HostError> {
    match kind {
        None | Some("json" | "text" | "bytes") => Ok(()),
        Some(kind) => {
            let message = format!("Import attribute \"type\" with value \"{kind}\" is not supported");
            Err(errors::type_error("ERR_IMPORT_ATTRIBUTE_UNSUPPORTED", message))
        }
    }
}

/// What a file is; `package` tells the `type` of the package it is in.
pub(super) fn of_file(
    path: &Path,
    kind: Option<&str>,
    style: Style,
    package: impl Fn() -> Result<Option<String>, HostError>,
) -> Result<Wanted, HostError> {
    match kind {
        Some("text") => return Ok(Wanted::data(Format::Text)),
        Some("bytes") => return Ok(Wanted::data(Format::Bytes)),
        _ => {}
    }
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let by_package = |language| {
        Ok::<_, HostError>(match package()?.as_deref() {
            Some("module") => Wanted::code(Format::Module, language, false),
            Some("commonjs") => Wanted::code(Format::CommonJs, language, false),
            _ => Wanted::code(Format::CommonJs, language, true),
        })
    };
    // A file of TypeScript or JSX with `import` or `export` is an ES module, even if package.json says
    // `"type": "commonjs"`: in such packages people write `import`, and a compiler makes CommonJS of it.
    let typescript = |language| {
        Ok::<_, HostError>(match package()?.as_deref() {
            Some("module") => Wanted::code(Format::Module, language, false),
            _ => Wanted::code(Format::CommonJs, language, true),
        })
    };
    let wanted = match extension {
        "js" => by_package(Language::JavaScript)?,
        "mjs" => Wanted::code(Format::Module, Language::JavaScript, false),
        "cjs" => Wanted::code(Format::CommonJs, Language::JavaScript, false),
        "ts" => typescript(Language::TypeScript)?,
        "mts" => Wanted::code(Format::Module, Language::TypeScript, false),
        "cts" => Wanted::code(Format::CommonJs, Language::TypeScript, false),
        "tsx" => typescript(Language::Tsx)?,
        "jsx" => typescript(Language::Jsx)?,
        "json" => Wanted::data(Format::Json),
        "wasm" => Wanted::data(Format::Wasm),
        "node" => {
            let message = format!("Cannot load native addon because loading addons is disabled: {}", path.display());
            return Err(errors::error("ERR_DLOPEN_DISABLED", message));
        }
        // Programs have no ending; neither has what `require` takes for JavaScript.
        "" => by_package(Language::JavaScript)?,
        _ if style == Style::Require => Wanted::code(Format::CommonJs, Language::JavaScript, false),
        extension => return Err(errors::unknown_extension(&format!(".{extension}"), path)),
    };
    if kind == Some("json") && wanted.format != Format::Json {
        let message = format!("Module \"{}\" is not of type \"json\"", path.display());
        return Err(errors::type_error("ERR_IMPORT_ATTRIBUTE_TYPE_INCOMPATIBLE", message));
    }
    Ok(wanted.named(&path.to_string_lossy()))
}

/// What content of a type is.
pub(super) fn of_content(mime: &str, kind: Option<&str>, url: &str) -> Result<Wanted, HostError> {
    match kind {
        Some("text") => return Ok(Wanted::data(Format::Text)),
        Some("bytes") => return Ok(Wanted::data(Format::Bytes)),
        _ => {}
    }
    let mime = mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json = mime == "application/json" || mime == "text/json" || mime.ends_with("+json");
    let wanted = match &*mime {
        "text/javascript"
        | "application/javascript"
        | "application/ecmascript"
        | "text/ecmascript"
        | "application/x-javascript" => Wanted::code(Format::Module, Language::JavaScript, false),
        "application/typescript" | "text/typescript" | "application/x-typescript" => {
            Wanted::code(Format::Module, Language::TypeScript, false)
        }
        "text/tsx" => Wanted::code(Format::Module, Language::Tsx, false),
        "text/jsx" => Wanted::code(Format::Module, Language::Jsx, false),
        "application/wasm" => Wanted::data(Format::Wasm),
        // Code that somebody else can turn into data, or data into code, is asked for by name.
        _ if is_json && kind == Some("json") => Wanted::data(Format::Json),
        _ if is_json => {
            let message = format!("Module \"{url}\" needs an import attribute of \"type: json\": add with {{ type: 'json' }}");
            return Err(errors::type_error("ERR_IMPORT_ATTRIBUTE_MISSING", message));
        }
        mime => {
            let message = format!("Unknown module format: {mime} for URL {url}");
            return Err(HostError::new("RangeError", message).with_code("ERR_UNKNOWN_MODULE_FORMAT"));
        }
    };
    if kind == Some("json") && wanted.format != Format::Json {
        return Err(errors::type_error(
            "ERR_IMPORT_ATTRIBUTE_TYPE_INCOMPATIBLE",
            format!("Module \"{url}\" is not of type \"json\""),
        ));
    }
    Ok(wanted.named(url))
}
