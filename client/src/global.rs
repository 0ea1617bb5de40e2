//! A name of the session: its value in the kernel, and the user's declaration.

use drupe_protocol::{RunId, introspection};
use drupe_transpile::{BindingKind, Home, SessionBindings};

/// A name of the session, as [`Kernel::globals`](crate::Kernel::globals) reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Global {
    /// The name.
    pub name: String,
    /// The origin of the name.
    pub kind: GlobalKind,
    /// The type of its value: `typeof` of a primitive, `function`, `class`, an object's class; `accessor` for a getter,
    /// which is not run, `uninitialized` for a variable whose declaration has not been reached.
    pub type_name: String,
    /// The size of the value: UTF-16 code units of a string, elements of an array, `Map` or `Set`, bytes of a buffer or
    /// typed array.
    pub size: Option<u64>,
    /// The approximate size of the value in bytes, without the values that it refers to. An estimate by the usual
    /// layouts of V8: words of 8 bytes, elements and properties one word each; at most the heap in use, as sparse
    /// arrays have large lengths.
    pub bytes: Option<u64>,
    /// The value on one short line; empty if it was not read.
    pub preview: String,
    /// The run that declared it last, if a declaration did.
    pub run: Option<RunId>,
}

/// The origin of a name of the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GlobalKind {
    /// `let`.
    Let,
    /// `const`.
    Const,
    /// `var`.
    Var,
    /// `function`, of any sort.
    Function,
    /// `class`.
    Class,
    /// By an `import`.
    Import,
    /// `enum`.
    Enum,
    /// `namespace`.
    Namespace,
    /// In a lexical scope, and no declaration is known.
    Lexical,
    /// A property of the global object that was assigned or defined, or an input of a run.
    Property,
}

impl GlobalKind {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Let => "let",
            Self::Const => "const",
            Self::Var => "var",
            Self::Function => "function",
            Self::Class => "class",
            Self::Import => "import",
            Self::Enum => "enum",
            Self::Namespace => "namespace",
            Self::Lexical => "lexical",
            Self::Property => "property",
        }
    }
}

impl Global {
    /// Joins what the kernel says and what the session's runs before `unstarted` declared.
    pub(crate) fn new(seen: introspection::Global, bindings: &SessionBindings, unstarted: RunId) -> Self {
        let home = match seen.kind {
            introspection::GlobalKind::Lexical => Home::Lexical,
            introspection::GlobalKind::Property | introspection::GlobalKind::Unknown => Home::Global,
        };
        // One that lives elsewhere is not what was declared.
        let declared = bindings.before(&seen.name, unstarted).filter(|(_, declared, _)| declared.is_global() == home.is_global());
        let kind = match (declared, home) {
            (Some((kind, ..)), _) => kind.into(),
            (None, Home::Lexical) => GlobalKind::Lexical,
            (None, Home::Global | Home::Property | Home::Shadow) => GlobalKind::Property,
        };
        let introspection::Global { name, kind: _, type_name, size, bytes, preview } = seen;
        Self { name, kind, type_name, size, bytes, preview, run: declared.map(|(.., run)| run) }
    }
}

impl From<BindingKind> for GlobalKind {
    fn from(kind: BindingKind) -> Self {
        match kind {
            BindingKind::Var => Self::Var,
            BindingKind::Let => Self::Let,
            BindingKind::Const => Self::Const,
            BindingKind::Function => Self::Function,
            BindingKind::Class => Self::Class,
            BindingKind::Import => Self::Import,
            BindingKind::Enum => Self::Enum,
            BindingKind::Namespace => Self::Namespace,
        }
    }
}
