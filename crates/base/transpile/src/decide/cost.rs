//! The cost of swc's passes, computed on the tree before they run.
//!
//! The passes take time in proportion to the tree, with a few exceptions. Every name is looked up through all scopes
//! around it, every enum looks through the members of all, initialisers are copied at each level, and the folded values
//! of enums and constants can double with every member. These costs are counted here, in one walk. **A chunk that would
//! cost more than a multiple of its source is not transformed at all.**

use std::collections::HashMap;

use swc_core::atoms::Atom;
use swc_core::common::Spanned;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};
use swc_ecma_parser_metered::metered::{End, Meter};

use crate::source::diagnostic::{Diagnostic, DiagnosticKind};
use crate::source::options::Options;

/// How many steps (look-ups, or bytes that are made or copied) a pass may take for each byte of the source.
const STEPS_PER_BYTE: u64 = 16;
/// How many steps it may take besides.
const BASE_STEPS: u64 = 4 << 20;

/// How many bytes of source can be copied in one step.
const COPIED: u64 = 16;

/// How much more is copied of what is no value, sum or name: each of its parts is a node of its own.
const NODES: u64 = 32;

/// What a class with decorators takes besides its text, in steps: the helper that each calls is copied into it.
const DECORATED: u64 = 6_000;

/// What a member with decorators takes, in steps.
const DECORATED_MEMBER: u64 = 300;

/// For some things a pass looks at all that came before. So many such looks are one step.
const ACCESSORS: u64 = 32;
const DECORATED_MEMBERS: u64 = 64;
const NAMESPACES: u64 = 128;

/// What the value of an expression takes that is no string, as text.
const NUMBER: u64 = 25;

/// Whether names may be resolved in a program; if not, its meter says that it is too costly.
pub(crate) fn may_resolve(program: &Program, meter: &Meter<'_>) -> bool {
    check(program, meter, |costs| costs.lookups)
}

/// Whether a program may be transformed; if not, its meter says that it is too costly.
pub(crate) fn may_transform(program: &Program, meter: &Meter<'_>) -> bool {
    check(program, meter, Costs::most)
}

/// What is made of a program would be too long, or take too long.
pub(crate) fn too_costly(options: &Options) -> Diagnostic {
    let message = "what the chunk compiles to is too long, or would take too long to make; split it";
    Diagnostic::whole(DiagnosticKind::Limit, message, options)
}

fn check(program: &Program, meter: &Meter<'_>, cost: impl Fn(&Costs) -> u64) -> bool {
    let span = program.span();
    let limit = BASE_STEPS + STEPS_PER_BYTE * u64::from(span.hi.0.saturating_sub(span.lo.0));
    let mut costs = Costs::default();
    program.visit_with(&mut costs);
    let may = cost(&costs) <= limit;
    if !may {
        meter.finish(End::Costly);
    }
    may
}

#[derive(Default)]
struct Costs {
    /// Scopes around the place.
    depth: u64,
    /// Scopes that names are looked up in.
    lookups: u64,
    enums: u64,
    members: u64,
    /// Classes with decorators.
    decorated: u64,
    /// Such classes around the place.
    decorated_depth: u32,
    /// Members of classes with decorators.
    decorated_members: u64,
    /// What all fields with `accessor` look at: those before them in their class.
    accessor_looks: u64,
    /// Namespaces, each part of a dotted name.
    namespaces: u64,
    /// Bytes of source that are copied while initialisers are folded.
    copied: u64,
    /// Bytes of what they are folded to.
    folded: u64,
    /// The longest that is known of each name: of a member of an enum, or of a constant.
    lengths: HashMap<Atom, u64>,
    /// How often a member of each name is read.
    reads: HashMap<Atom, u64>,
}

impl Costs {
    fn most(&self) -> u64 {
        let length = |name| self.lengths.get(name).copied().unwrap_or_default();
        let inlined = self.reads.iter().fold(0, |sum: u64, (name, count)| sum.saturating_add(count.saturating_mul(length(name))));
        let enums = self.enums.saturating_mul(self.members);
        let decorated = self.decorated.saturating_mul(DECORATED);
        let members = self.decorated_members.saturating_mul(DECORATED_MEMBER);
        let looks = [
            self.accessor_looks / ACCESSORS,
            self.decorated_members.saturating_mul(self.decorated_members) / DECORATED_MEMBERS,
            self.namespaces.saturating_mul(self.namespaces) / NAMESPACES,
        ];
        let looks = looks.into_iter().fold(0, u64::saturating_add);
        let parts = [self.lookups, enums, self.copied / COPIED, self.folded, inlined, decorated, members, looks];
        parts.into_iter().fold(0, u64::saturating_add)
    }

    fn inside<T: VisitWith<Self>>(&mut self, scope: &T) {
        self.depth += 1;
        scope.visit_children_with(self);
        self.depth -= 1;
    }

    fn remember(&mut self, name: &Atom, length: u64) {
        let known = self.lengths.entry(name.clone()).or_default();
        *known = length.max(*known);
    }

    /// No less than the length of what an initialiser is folded to.
    fn fold(&mut self, value: &Expr) -> u64 {
        let length = match value {
            Expr::Lit(Lit::Str(string)) => string.value.len() as u64,
            Expr::Ident(name) => self.lengths.get(&name.sym).copied().unwrap_or(NUMBER),
            Expr::Member(member) => self.fold_member(&member.prop),
            Expr::OptChain(chain) => match &*chain.base {
                OptChainBase::Member(member) => self.fold_member(&member.prop),
                OptChainBase::Call(_) => NUMBER,
            },
            Expr::Paren(paren) => return self.fold(&paren.expr),
            Expr::Unary(unary) => return self.fold(&unary.arg),
            Expr::TsAs(cast) => return self.fold(&cast.expr),
            Expr::TsNonNull(assertion) => return self.fold(&assertion.expr),
            Expr::TsTypeAssertion(cast) => return self.fold(&cast.expr),
            Expr::TsConstAssertion(cast) => return self.fold(&cast.expr),
            Expr::TsInstantiation(instantiation) => return self.fold(&instantiation.expr),
            Expr::TsSatisfies(cast) => return self.fold(&cast.expr),
            Expr::Bin(binary) => {
                let (left, right) = (self.fold(&binary.left), self.fold(&binary.right));
                left.saturating_add(right)
            }
            Expr::Tpl(template) => {
                let texts = template.quasis.iter().map(|part| part.raw.len() as u64).fold(0, u64::saturating_add);
                template.exprs.iter().fold(texts, |sum, part| sum.saturating_add(self.fold(part)))
            }
            _ => NUMBER,
        };
        let span = value.span();
        let copied = u64::from(span.hi.0.saturating_sub(span.lo.0));
        let weight = if matches!(value, Expr::Lit(_) | Expr::Ident(_) | Expr::Bin(_)) { 1 } else { NODES };
        self.copied = self.copied.saturating_add(copied.saturating_mul(weight));
        self.folded = self.folded.saturating_add(length);
        length
    }

    fn fold_member(&self, property: &MemberProp) -> u64 {
        property_name(property).and_then(|name| self.lengths.get(&name).copied()).unwrap_or(NUMBER)
    }
}

fn property_name(property: &MemberProp) -> Option<Atom> {
    match property {
        MemberProp::Ident(name) => Some(name.sym.clone()),
        MemberProp::Computed(ComputedPropName { expr, .. }) => match &**expr {
            Expr::Lit(Lit::Str(name)) => name.value.as_str().map(Atom::from),
            Expr::Tpl(template) => template.quasis.first().map(|part| part.raw.clone()),
            _ => None,
        },
        MemberProp::PrivateName(_) => None,
    }
}

fn is_decorated(class: &Class) -> bool {
    !class.decorators.is_empty() || class.body.iter().any(is_decorated_member)
}

fn is_decorated_member(member: &ClassMember) -> bool {
    let parameters = |parameters: &[ParamOrTsParamProp]| {
        parameters.iter().any(|parameter| match parameter {
            ParamOrTsParamProp::TsParamProp(property) => !property.decorators.is_empty(),
            ParamOrTsParamProp::Param(parameter) => !parameter.decorators.is_empty(),
        })
    };
    let method = |function: &Function| {
        !function.decorators.is_empty() || function.params.iter().any(|parameter| !parameter.decorators.is_empty())
    };
    match member {
        ClassMember::Constructor(constructor) => parameters(&constructor.params),
        ClassMember::Method(member) => method(&member.function),
        ClassMember::PrivateMethod(member) => method(&member.function),
        ClassMember::ClassProp(property) => !property.decorators.is_empty(),
        ClassMember::PrivateProp(property) => !property.decorators.is_empty(),
        ClassMember::AutoAccessor(accessor) => !accessor.decorators.is_empty(),
        ClassMember::TsIndexSignature(_) | ClassMember::Empty(_) | ClassMember::StaticBlock(_) => false,
    }
}

fn member_name(name: &TsEnumMemberId) -> Option<Atom> {
    match name {
        TsEnumMemberId::Ident(name) => Some(name.sym.clone()),
        TsEnumMemberId::Str(name) => name.value.as_str().map(Atom::from),
    }
}

impl Visit for Costs {
    fn visit_ident(&mut self, _: &Ident) {
        self.lookups = self.lookups.saturating_add(self.depth);
    }

    fn visit_function(&mut self, function: &Function) {
        self.inside(function);
    }

    fn visit_constructor(&mut self, constructor: &Constructor) {
        self.inside(constructor);
    }

    fn visit_arrow_expr(&mut self, arrow: &ArrowExpr) {
        self.inside(arrow);
    }

    fn visit_class(&mut self, class: &Class) {
        let accessors = class.body.iter().filter(|member| matches!(member, ClassMember::AutoAccessor(_))).count() as u64;
        self.accessor_looks = self.accessor_looks.saturating_add(accessors.saturating_mul(accessors));
        self.decorated_members += class.body.iter().filter(|member| is_decorated_member(member)).count() as u64;
        if !is_decorated(class) {
            return self.inside(class);
        }
        // What is in a class with decorators is gone through several times, so what is nested in such classes
        // exponentially often.
        let length = u64::from(class.span.hi.0.saturating_sub(class.span.lo.0));
        let often = 4_u64.checked_pow(self.decorated_depth).unwrap_or(u64::MAX);
        self.copied = self.copied.saturating_add(length.saturating_mul(often));
        self.decorated += 1;
        self.decorated_depth += 1;
        self.inside(class);
        self.decorated_depth -= 1;
    }

    fn visit_block_stmt(&mut self, block: &BlockStmt) {
        self.inside(block);
    }

    fn visit_for_stmt(&mut self, statement: &ForStmt) {
        self.inside(statement);
    }

    fn visit_for_in_stmt(&mut self, statement: &ForInStmt) {
        self.inside(statement);
    }

    fn visit_for_of_stmt(&mut self, statement: &ForOfStmt) {
        self.inside(statement);
    }

    fn visit_switch_stmt(&mut self, statement: &SwitchStmt) {
        self.inside(statement);
    }

    fn visit_catch_clause(&mut self, clause: &CatchClause) {
        self.inside(clause);
    }

    fn visit_ts_module_decl(&mut self, module: &TsModuleDecl) {
        self.namespaces += 1;
        self.inside(module);
    }

    fn visit_ts_namespace_decl(&mut self, namespace: &TsNamespaceDecl) {
        self.namespaces += 1;
        self.inside(namespace);
    }

    fn visit_ts_interface_decl(&mut self, interface: &TsInterfaceDecl) {
        self.inside(interface);
    }

    fn visit_ts_type(&mut self, ty: &TsType) {
        // Function, conditional and mapped types have type parameters of their own.
        match ty {
            TsType::TsFnOrConstructorType(_) | TsType::TsConditionalType(_) | TsType::TsMappedType(_) => self.inside(ty),
            _ => ty.visit_children_with(self),
        }
    }

    fn visit_ts_qualified_name(&mut self, name: &TsQualifiedName) {
        // What tells decorators of a type looks at each part of its name anew.
        let length = u64::from(name.span.hi.0.saturating_sub(name.span.lo.0));
        self.copied = self.copied.saturating_add(length.saturating_mul(NODES));
        name.visit_children_with(self);
    }

    fn visit_ts_enum_decl(&mut self, declaration: &TsEnumDecl) {
        self.enums += 1;
        self.members += declaration.members.len() as u64;
        declaration.visit_children_with(self);
        for member in &declaration.members {
            let length = member.init.as_ref().map_or(NUMBER, |value| self.fold(value));
            if let Some(name) = member_name(&member.id) {
                self.remember(&name, length);
            }
        }
    }

    fn visit_var_decl(&mut self, variables: &VarDecl) {
        for declarator in &variables.decls {
            declarator.visit_with(self);
            if let (VarDeclKind::Const, Pat::Ident(name), Some(value)) = (variables.kind, &declarator.name, &declarator.init) {
                let length = self.fold(value);
                self.remember(&name.id.sym, length);
            }
        }
    }

    fn visit_member_expr(&mut self, member: &MemberExpr) {
        if let Some(name) = property_name(&member.prop) {
            *self.reads.entry(name).or_default() += 1;
        }
        member.visit_children_with(self);
    }
}
