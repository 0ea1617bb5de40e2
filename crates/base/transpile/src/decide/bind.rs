//! The result of a static import of a chunk: a request to the kernel, a call that makes it, and statements around the
//! call where names are held.

use drupe_protocol::{
    Position,
    marks::MARK,
    module::{ImportedName, StaticImport, Usage},
};
use swc_core::common::Span;
use swc_core::ecma::ast::Ident;

use crate::decide::bindings::Home;
use crate::decide::homes::Homes;
use crate::decide::unused::Presence;

/// A static import.
pub(crate) struct Import {
    pub(crate) span: Span,
    pub(crate) specifier: String,
    /// Where the specifier stands: the place of what goes wrong with the module.
    pub(crate) from: Span,
    pub(crate) kind: Option<String>,
    pub(crate) names: Vec<Name>,
    /// Nothing but directives and other imports is before it.
    pub(crate) leads: bool,
}

/// A name that is imported.
pub(crate) struct Name {
    pub(crate) local: Ident,
    /// Where what it stands for is named.
    pub(crate) at: Position,
    /// The export that it stands for; `*` for all of them, `=` for what `require` would return.
    pub(crate) exported: String,
    pub(crate) presence: Presence,
}

/// What one statement of the script makes of an import.
struct Part<'a> {
    /// What declares the names in the script: `var` or `let`. `None`: the kernel defines them.
    keyword: Option<&'static str>,
    names: Vec<&'a Name>,
}

impl Import {
    /// What becomes of it: one statement, and one more for each home that some of its names have elsewhere.
    fn parts(&self, homes: Option<&Homes<'_>>) -> Vec<Part<'_>> {
        let known = |name: &&Name| homes.and_then(|homes| homes.held(&name.local.sym));
        let of = |home: Option<Home>| self.names.iter().filter(move |name| known(name) == home).collect::<Vec<_>>();
        let properties: Vec<_> = self.names.iter().filter(|name| matches!(known(name), None | Some(Home::Property))).collect();
        let (globals, lexicals) = (of(Some(Home::Global)), of(Some(Home::Lexical)));
        let mut parts = Vec::new();
        if !properties.is_empty() || (globals.is_empty() && lexicals.is_empty()) {
            parts.push(Part { keyword: None, names: properties });
        }
        for (keyword, names) in [("var", globals), ("let", lexicals)] {
            if !names.is_empty() {
                parts.push(Part { keyword: Some(keyword), names });
            }
        }
        parts
    }

    /// The statements of the script. `made` counts those of the imports before it.
    pub(crate) fn statements(&self, homes: Option<&Homes<'_>>, made: &mut usize) -> Vec<String> {
        let statement = |Part { keyword, names }: Part<'_>| {
            let call = format!("await import(\"drupe:import:{made}\")");
            *made += 1;
            let Some(keyword) = keyword else { return format!("void {call};") };
            let pattern = names.iter().map(|name| &*name.local.sym).collect::<Vec<_>>().join(",");
            // What comes of the call chooses between the imports and what is there.
            let held = names.iter().map(|name| format!("()=>{}", name.local.sym)).collect::<Vec<_>>().join(",");
            format!("{keyword}{{{pattern}}}=({call})([{held}]);")
        };
        self.parts(homes).into_iter().map(statement).collect()
    }

    /// What the kernel is asked for, in the order of the statements.
    pub(crate) fn requests(&self, homes: Option<&Homes<'_>>) -> Vec<StaticImport> {
        self.parts(homes).iter().map(|part| self.request(part, homes)).collect()
    }

    fn request(&self, part: &Part<'_>, homes: Option<&Homes<'_>>) -> StaticImport {
        let local = |name: &Name| match homes {
            Some(homes) if homes.is_shadow(&name.local.sym) => format!("{}{}", name.local.sym, MARK),
            _ => name.local.sym.to_string(),
        };
        let usage = |name: &Name| match name.presence {
            Presence::Value => Usage::Value,
            Presence::Type => Usage::Type,
            Presence::Unused => Usage::Unused,
        };
        let named = |name: &&Name| ImportedName {
            local: local(name),
            export: name.exported.clone(),
            usage: usage(name),
            at: Some(name.at),
        };
        StaticImport {
            specifier: self.specifier.clone(),
            kind: self.kind.clone(),
            names: part.names.iter().map(named).collect(),
            declared: part.keyword.is_some(),
        }
    }
}
