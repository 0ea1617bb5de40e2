//! What a run does with modules: the static imports of its chunk, and what it does in place of a chunk.

use serde::{Deserialize, Serialize};

use crate::{Position, codec::messages, done::Done};

/// A static import of a chunk. The chunk's code makes it by `import("drupe:import:N")`, where `N` counts from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaticImport {
    /// The module, as the chunk names it.
    pub specifier: String,
    /// The import attribute `type`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What is imported.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<ImportedName>,
    /// Whether the chunk declares the names itself. Then `import()` gives a function that takes an array of functions,
    /// one for each name: what the name holds already. It returns an object with the values to declare. Otherwise the
    /// kernel defines the names as live bindings on the global object.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub declared: bool,
}

/// A name that a static import brings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedName {
    /// The name in the chunk.
    pub local: String,
    /// The name of the export; `*` for the module's namespace, `=` for what `require` returns.
    pub export: String,
    /// How the chunk uses the name.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub usage: Usage,
    /// Where the user's source names it: the place of the error if the module has no such export.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Position>,
}

/// How a chunk uses an imported name. A module need not have a value for the name of a type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Usage {
    /// As a value.
    #[default]
    Value,
    /// As a type only.
    Type,
    /// Not at all, in TypeScript: it may be a type.
    Unused,
    /// In a way that a newer peer knows. To be taken for `value`.
    #[serde(other)]
    Unknown,
}

messages! {
    /// What a run does in place of a chunk.
    pub enum Entry {
        /// Evaluates a module as the main one.
        "main" => Main(Main),
        /// Checks the syntax of a module, and evaluates nothing.
        "check" => Check(Check),
        /// Forgets a module and what imports it.
        "reload" => Reload(Reload),
        /// Forgets all modules.
        "reload_all" => ReloadAll(Done),
    }
}

/// A module to evaluate as the main one (`import.meta.main`, `require.main`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Main {
    /// The module: an absolute path, or as an import would name it.
    pub specifier: String,
    /// What follows the names of the program and the module in `process.argv`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
}

/// A module whose syntax is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// As [`Main::specifier`].
    pub specifier: String,
}

/// A module to forget.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reload {
    /// The module, as an import names it.
    pub specifier: String,
}
