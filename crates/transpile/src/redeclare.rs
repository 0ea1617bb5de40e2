//! Anything declared again as anything: declarations are written for where V8 holds their names ([`Home`]).
//!
//! Mostly a keyword changes in place. Here are the decisions about whole chunks, classes and functions; `variables` has the forms of
//! variable declarations. A chunk that declares a name twice where the language forbids it is left as it is: V8 refuses it.

use std::collections::{HashMap, HashSet};

use swc_core::common::Spanned;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

use crate::bindings::{Binding, BindingKind, each_name};
use crate::constants;
use crate::edits::Edits;
use crate::parse::Chunk;
use crate::session::{Home, SessionBindings};
use crate::shadow;
use crate::text::Text;
use crate::using::{self, Block};

/// Where the names of a chunk live, and which names are constants.
pub(crate) struct Homes<'session> {
    session: &'session SessionBindings,
    /// The names that the chunk declares.
    declared: HashMap<String, (Home, BindingKind)>,
    /// Those that V8 would not take where they live.
    conflicts: HashSet<String>,
    /// Whether the chunk becomes a block, for the resources that it declares.
    disposes: bool,
}

impl<'session> Homes<'session> {
    /// Settles where `bindings`, which a chunk declares, live from now on.
    pub(crate) fn settle(bindings: &mut [Binding], session: &'session SessionBindings, chunk: &Chunk) -> Self {
        let mut declared: HashMap<String, (Home, BindingKind)> = HashMap::with_capacity(bindings.len());
        for binding in &mut *bindings {
            // V8 holds nothing by the name of a shadow.
            let known = session.home(&binding.name).filter(|home| *home != Home::Shadow);
            if known.is_none() && binding.kind == BindingKind::Import && shadow::is_environment(&binding.name) {
                binding.home = Home::Shadow;
            }
            let entry = declared.entry(binding.name.clone()).or_insert((known.unwrap_or(binding.home), binding.kind));
            // A class that is a namespace too is a class.
            if known.is_none() && binding.home == Home::Lexical {
                entry.0 = Home::Lexical;
            }
            entry.1 = binding.kind;
        }
        let mut conflicts = HashSet::new();
        for binding in bindings {
            let Some((home, _)) = declared.get(&binding.name) else { continue };
            if home.is_global() != binding.home.is_global() {
                conflicts.insert(binding.name.clone());
            }
            binding.home = *home;
        }
        Self { session, declared, conflicts, disposes: using::is_in(chunk) }
    }

    /// Whether the chunk may have to change at all.
    pub(crate) fn matter(&self) -> bool {
        self.changes_declarations() || self.has_constants()
    }

    fn changes_declarations(&self) -> bool {
        self.declares_constants() || !self.conflicts.is_empty() || self.disposes
    }

    pub(crate) fn has_constants(&self) -> bool {
        let imports = || self.declared.values().any(|(_, kind)| *kind == BindingKind::Import);
        self.declares_constants() || imports() || self.session.has_constants() || self.session.has_shadows()
    }

    pub(crate) fn is_constant(&self, name: &str) -> bool {
        let kind = self.declared.get(name).map(|(_, kind)| *kind).or_else(|| self.session.kind(name));
        matches!(kind, Some(BindingKind::Const | BindingKind::Import))
    }

    /// Where V8 holds a name since earlier chunks.
    pub(crate) fn held(&self, name: &str) -> Option<Home> {
        self.session.home(name).filter(|home| *home != Home::Shadow)
    }

    /// Whether a name is an import that is held under another one.
    pub(crate) fn is_shadow(&self, name: &str) -> bool {
        let home = self.declared.get(name).map(|(home, _)| *home).or_else(|| self.session.home(name));
        home == Some(Home::Shadow)
    }

    pub(crate) fn is_conflict(&self, name: &str) -> bool {
        self.conflicts.contains(name)
    }

    pub(crate) fn is_global(&self, name: &str) -> bool {
        self.declared.get(name).is_some_and(|(home, _)| home.is_global())
    }

    fn declares_constants(&self) -> bool {
        self.declared.values().any(|(_, kind)| *kind == BindingKind::Const)
    }
}

/// What a chunk needs so that V8 takes its declarations.
#[derive(Default)]
pub(crate) struct Plan {
    pub(crate) edits: Edits,
    /// Functions that must come first: they become variables, and something before them knows them.
    pub(crate) hoist: HashSet<String>,
}

/// Plans the changes to a chunk's declarations, and to its assignments to constants.
pub(crate) fn plan(chunk: &Chunk, source: &str, homes: &Homes<'_>) -> Plan {
    let mut plan = Plan::default();
    if !homes.matter() {
        return plan;
    }
    if homes.changes_declarations() {
        let mut declared = Declared { chunk, homes, counts: HashMap::new(), mentions: HashMap::new() };
        declared.count();
        if declared.has_clash() {
            return plan;
        }
        let block = homes.disposes.then(Block::default);
        let mut planner = Planner { chunk, text: Text(source), homes, declared, plan, globals: Vec::new(), block };
        for statement in chunk.statements() {
            planner.top_level(statement);
        }
        plan = planner.finish();
    }
    constants::guard(chunk, homes, &mut plan.edits);
    shadow::rename(chunk, homes, &mut plan.edits);
    plan
}

/// Moves the functions that `names` has before all other statements, where their hoisting would have put them.
pub(crate) fn hoist(program: &mut Program, names: &HashSet<String>) {
    let stays = |statement: &Stmt| !matches!(statement, Stmt::Decl(Decl::Fn(function)) if names.contains(&*function.ident.sym));
    match program {
        Program::Script(script) => {
            let directives = script.body.iter().take_while(|statement| statement.can_precede_directive()).count();
            script.body[directives..].sort_by_key(stays);
        }
        Program::Module(module) => {
            let is_directive = |item: &&ModuleItem| item.as_stmt().is_some_and(Stmt::can_precede_directive);
            let directives = module.body.iter().take_while(is_directive).count();
            module.body[directives..].sort_by_key(|item| item.as_stmt().is_none_or(stays));
        }
    }
}

/// How often a chunk declares a name.
#[derive(Clone, Copy, Default)]
struct Count {
    lexical: u32,
    variables: u32,
    functions: u32,
}

/// What a chunk declares at its top level, and where it mentions the names in conflict.
pub(crate) struct Declared<'a> {
    chunk: &'a Chunk,
    homes: &'a Homes<'a>,
    counts: HashMap<String, Count>,
    mentions: HashMap<String, Vec<usize>>,
}

impl Declared<'_> {
    fn count(&mut self) {
        let chunk = self.chunk;
        for statement in chunk.statements() {
            match statement {
                Stmt::Decl(Decl::Class(class)) if !class.declare => self.entry(&class.ident).lexical += 1,
                Stmt::Decl(Decl::Fn(function)) if !function.declare && function.function.body.is_some() => {
                    self.entry(&function.ident).functions += 1;
                }
                Stmt::Decl(Decl::Var(variables)) if !variables.declare && variables.kind != VarDeclKind::Var => {
                    let declarators = variables.decls.iter();
                    declarators.for_each(|declarator| each_name(&declarator.name, &mut |name| self.entry(name).lexical += 1));
                }
                Stmt::Decl(Decl::Using(using)) => {
                    let declarators = using.decls.iter();
                    declarators.for_each(|declarator| each_name(&declarator.name, &mut |name| self.entry(name).lexical += 1));
                }
                _ => {}
            }
        }
        // What is hoisted from anywhere, and all mentions.
        let mut walk = Walk { declared: self, depth: 0 };
        chunk.program.visit_with(&mut walk);
    }

    fn entry(&mut self, name: &Ident) -> &mut Count {
        self.counts.entry(name.sym.to_string()).or_default()
    }

    /// Whether V8 refuses the chunk whatever came before it.
    fn has_clash(&self) -> bool {
        self.counts.values().any(|count| count.lexical > 1 || (count.lexical > 0 && count.variables + count.functions > 0))
    }

    /// Whether all names of a pattern are declared nowhere else in the chunk and not mentioned before byte `end`.
    pub(crate) fn are_first(&self, pattern: &Pat, end: usize) -> bool {
        let mut first = true;
        each_name(pattern, &mut |name| {
            let own = self.chunk.offset(name.span.lo);
            let count = self.counts.get(&*name.sym).copied().unwrap_or_default();
            first &= count.variables + count.functions == 1 && !self.is_mentioned_before(&name.sym, end, own);
        });
        first
    }

    fn is_mentioned_before(&self, name: &str, end: usize, except: usize) -> bool {
        self.mentions.get(name).is_some_and(|places| places.iter().any(|&at| at < end && at != except))
    }
}

struct Walk<'a, 'b> {
    declared: &'a mut Declared<'b>,
    /// How many functions and classes enclose the place.
    depth: u32,
}

impl Walk<'_, '_> {
    fn inside(&mut self, visit: impl FnOnce(&mut Self)) {
        self.depth += 1;
        visit(self);
        self.depth -= 1;
    }
}

impl Visit for Walk<'_, '_> {
    fn visit_ident(&mut self, name: &Ident) {
        if self.declared.homes.is_conflict(&name.sym) {
            let at = self.declared.chunk.offset(name.span.lo);
            self.declared.mentions.entry(name.sym.to_string()).or_default().push(at);
        }
    }

    fn visit_var_decl(&mut self, variables: &VarDecl) {
        if self.depth == 0 && variables.kind == VarDeclKind::Var && !variables.declare {
            for declarator in &variables.decls {
                each_name(&declarator.name, &mut |name| self.declared.entry(name).variables += 1);
            }
        }
        variables.visit_children_with(self);
    }

    fn visit_function(&mut self, function: &Function) {
        self.inside(|walk| function.visit_children_with(walk));
    }

    fn visit_arrow_expr(&mut self, arrow: &ArrowExpr) {
        self.inside(|walk| arrow.visit_children_with(walk));
    }

    fn visit_class(&mut self, class: &Class) {
        self.inside(|walk| class.visit_children_with(walk));
    }

    fn visit_object_lit(&mut self, object: &ObjectLit) {
        // Getters and setters are no `Function` to the parser.
        self.inside(|walk| object.visit_children_with(walk));
    }

    fn visit_ts_module_decl(&mut self, module: &TsModuleDecl) {
        self.inside(|walk| module.visit_children_with(walk));
    }
}

/// Walks over the declarations and collects what has to change.
pub(crate) struct Planner<'a> {
    pub(crate) chunk: &'a Chunk,
    pub(crate) text: Text<'a>,
    pub(crate) homes: &'a Homes<'a>,
    pub(crate) declared: Declared<'a>,
    pub(crate) plan: Plan,
    /// Variables of the global object whose own declaration becomes an assignment.
    pub(crate) globals: Vec<String>,
    /// The block that the chunk becomes.
    pub(crate) block: Option<Block>,
}

impl Planner<'_> {
    fn finish(mut self) -> Plan {
        self.enclose();
        if !self.globals.is_empty() {
            let first = self.chunk.statements().find(|statement| !statement.can_precede_directive());
            let at = first.map_or(0, |statement| self.chunk.offset(statement.span_lo()));
            self.plan.edits.insert_first(at, format!("var {};", self.globals.join(",")));
        }
        self.plan
    }

    fn top_level(&mut self, statement: &Stmt) {
        if self.in_block(statement) {
            return;
        }
        match statement {
            Stmt::Decl(Decl::Class(class)) => {
                if !class.declare && self.homes.is_conflict(&class.ident.sym) && self.homes.is_global(&class.ident.sym) {
                    self.plan.edits.insert(self.chunk.offset(class.class.span.lo), format!("var {}=", class.ident.sym));
                    self.plan.edits.insert(self.chunk.offset(class.class.span.hi), ";");
                }
            }
            Stmt::Decl(Decl::Fn(function)) => self.function(function),
            Stmt::Decl(Decl::Var(variables)) if variables.declare => {}
            Stmt::Decl(Decl::Var(variables)) => self.variables(variables),
            Stmt::Decl(_) => {}
            _ => statement.visit_with(self),
        }
    }

    /// A function where V8 holds a `let`. It has no name of its own then, so that it calls itself by what the name means today.
    fn function(&mut self, function: &FnDecl) {
        let name = &function.ident;
        if function.declare
            || function.function.body.is_none()
            || !self.homes.is_conflict(&name.sym)
            || self.homes.is_global(&name.sym)
        {
            return;
        }
        let (from, to) = (self.chunk.offset(function.function.span.lo), self.chunk.offset(function.function.span.hi));
        let own = self.chunk.offset(name.span.lo);
        if self.declared.is_mentioned_before(&name.sym, from, own) {
            self.plan.hoist.insert(name.sym.to_string());
        }
        let count = self.declared.counts.entry(name.sym.to_string()).or_default();
        if count.functions > 1 {
            // A later one takes its place from the beginning.
            count.functions -= 1;
            self.plan.edits.blank(from, to);
            self.plan.edits.substitute(from, ';');
        } else {
            self.plan.edits.insert(from, format!("let {}=", name.sym));
            self.plan.edits.blank(own, self.chunk.offset(name.span.hi));
            self.plan.edits.insert(to, ";");
        }
    }
}
