//! The names that a chunk declares at its top level, with the facts that a later redeclaration needs.

use std::collections::{HashMap, HashSet};

use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

use crate::decide::exports::Exports;
use crate::parse::Chunk;
use crate::parse::types_only;

/// A name declared at the top level of a chunk.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Binding {
    /// The name.
    pub name: String,
    /// How it was declared.
    pub kind: BindingKind,
    /// Where V8 will hold it.
    pub home: Home,
    /// What an enum or a namespace has that later parts of it see.
    pub exports: Exports,
    /// It is a constant only if it held something when its chunk began: an earlier chunk failed, perhaps before it
    /// reached the declaration.
    pub is_only_if_held: bool,
}

impl Binding {
    pub(crate) fn new(name: &str, kind: BindingKind, home: Home) -> Self {
        Self { name: name.to_owned(), kind, home, exports: Exports::default(), is_only_if_held: false }
    }
}

/// How a name was declared. Types (interfaces, aliases, `declare`) are no bindings, nor are resources (`using`), which
/// end with their chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BindingKind {
    /// `var`, also inside blocks.
    Var,
    /// `let`.
    Let,
    /// `const`.
    Const,
    /// `function`, of any sort; also inside blocks, where sloppy code hoists it.
    Function,
    /// `class`.
    Class,
    /// A name that an `import` binds.
    Import,
    /// `enum`; emitted as `var`.
    Enum,
    /// `namespace` with something in it at run time; emitted as `var`.
    Namespace,
}

/// Where V8 holds a name of the top level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Home {
    /// A property of the global object that nothing can delete: `var` and `function`.
    Global,
    /// A property of the global object that an import made; anything may take its place.
    Property,
    /// The same under another name, because the environment has a global of this one.
    Shadow,
    /// The scope of `let` and `class`. Constants live here too, for V8 lets nothing else take the place of its own.
    Lexical,
}

impl Home {
    /// Where V8 puts a name that is declared for the first time.
    pub(crate) fn of(kind: BindingKind) -> Self {
        match kind {
            BindingKind::Var | BindingKind::Function | BindingKind::Enum | BindingKind::Namespace => Self::Global,
            BindingKind::Let | BindingKind::Const | BindingKind::Class => Self::Lexical,
            BindingKind::Import => Self::Property,
        }
    }

    /// Whether it is on the global object.
    #[must_use]
    pub fn is_global(self) -> bool {
        self != Self::Lexical
    }
}

/// The bindings of a chunk, in source order, each where V8 would put it by itself.
pub(crate) fn of(chunk: &Chunk) -> Vec<Binding> {
    let mut collector = Collector::default();
    for statement in chunk.statements() {
        collector.top_level(statement);
    }
    let Collector { mut found, parts, .. } = collector;
    // Whichever of a name's declarations the session keeps, it knows all parts.
    for binding in &mut found {
        if let Some(exports) = parts.get(&binding.name) {
            binding.exports = exports.clone();
        }
    }
    found
}

/// Calls `found` with every name that a pattern binds, in source order.
pub(crate) fn each_name(pattern: &Pat, found: &mut dyn FnMut(&Ident)) {
    match pattern {
        Pat::Ident(name) => found(&name.id),
        Pat::Array(array) => array.elems.iter().flatten().for_each(|element| each_name(element, found)),
        Pat::Rest(rest) => each_name(&rest.arg, found),
        Pat::Assign(assign) => each_name(&assign.left, found),
        Pat::Object(object) => {
            for property in &object.props {
                match property {
                    ObjectPatProp::KeyValue(pair) => each_name(&pair.value, found),
                    ObjectPatProp::Assign(assign) => found(&assign.key.id),
                    ObjectPatProp::Rest(rest) => each_name(&rest.arg, found),
                }
            }
        }
        Pat::Invalid(_) | Pat::Expr(_) => {}
    }
}

#[derive(Default)]
struct Collector {
    found: Vec<Binding>,
    seen: HashSet<(String, BindingKind)>,
    /// What the enums and namespaces of a name have.
    parts: HashMap<String, Exports>,
}

impl Collector {
    fn add(&mut self, name: &Ident, kind: BindingKind) {
        if self.seen.insert((name.sym.to_string(), kind)) {
            self.found.push(Binding::new(&name.sym, kind, Home::of(kind)));
        }
    }

    /// Adds a part of an enum or a namespace.
    fn part(&mut self, name: &Ident, kind: BindingKind, declaration: &Decl) {
        self.add(name, kind);
        self.parts.entry(name.sym.to_string()).or_default().join(&Exports::of(declaration));
    }

    fn pattern(&mut self, pattern: &Pat, kind: BindingKind) {
        each_name(pattern, &mut |name| self.add(name, kind));
    }

    fn variables(&mut self, declaration: &VarDecl) {
        let kind = match declaration.kind {
            VarDeclKind::Var => BindingKind::Var,
            VarDeclKind::Let => BindingKind::Let,
            VarDeclKind::Const => BindingKind::Const,
        };
        for declarator in &declaration.decls {
            self.pattern(&declarator.name, kind);
        }
    }

    fn top_level(&mut self, statement: &Stmt) {
        let Stmt::Decl(declaration) = statement else { return statement.visit_with(self) };
        if types_only::leaves_nothing(declaration) {
            return;
        }
        match declaration {
            Decl::Class(class) => self.add(&class.ident, BindingKind::Class),
            Decl::Fn(function) => self.add(&function.ident, BindingKind::Function),
            Decl::Var(variables) => self.variables(variables),
            // Gone with its chunk.
            Decl::Using(_) => {}
            Decl::TsEnum(part) => self.part(&part.id, BindingKind::Enum, declaration),
            Decl::TsModule(module) => {
                if let TsModuleName::Ident(name) = &module.id {
                    self.part(name, BindingKind::Namespace, declaration);
                }
            }
            Decl::TsInterface(_) | Decl::TsTypeAlias(_) => {}
        }
    }
}

/// Inside statements only what is hoisted counts; expressions, functions and classes declare nothing outside
/// themselves.
impl Visit for Collector {
    fn visit_var_decl(&mut self, declaration: &VarDecl) {
        if declaration.kind == VarDeclKind::Var && !declaration.declare {
            self.variables(declaration);
        }
    }

    fn visit_fn_decl(&mut self, function: &FnDecl) {
        if function.function.body.is_some() && !function.function.is_async && !function.function.is_generator {
            self.add(&function.ident, BindingKind::Function);
        }
    }

    fn visit_expr(&mut self, _: &Expr) {}
    fn visit_class(&mut self, _: &Class) {}
    fn visit_ts_module_decl(&mut self, _: &TsModuleDecl) {}
    fn visit_ts_enum_decl(&mut self, _: &TsEnumDecl) {}
}
