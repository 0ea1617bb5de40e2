//! What decorators are told of a type (`emitDecoratorMetadata`): the constructor that stands for it at run time.
//!
//! Compilers of TypeScript know all types of a program. Here one file is known: its classes, interfaces, aliases, enums
//! and type parameters are looked up, and what is imported or global is looked at at run time: whether it is a
//! function, or an enum. What a type of another file is at run time (an alias of a string, say) nothing tells: it is
//! `Object`.

use std::collections::HashMap;

use swc_core::atoms::Atom;
use swc_core::common::DUMMY_SP;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

/// What stands for a type.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Told {
    /// `void 0`
    Nothing,
    /// A constructor that every program has.
    Global(&'static str),
    /// A class of this file.
    Class(Ident),
    /// What may be a class: from the root, a name and names of properties.
    Perhaps(Ident, Vec<Atom>),
}

pub(super) const OBJECT: Told = Told::Global("Object");
pub(super) const FUNCTION: Told = Told::Global("Function");

/// As much of a type as matters.
#[derive(Clone, Debug)]
enum Shape {
    Told(Told),
    /// The type of a name.
    Named(Ident, Vec<Atom>),
    AnyOf(Vec<Shape>),
    AllOf(Vec<Shape>),
    Never,
    Unknown,
    Any,
    Nullish,
}

/// What a name of a type stands for.
#[derive(Clone, Debug)]
enum Meaning {
    Class,
    Interface {
        is_called: bool,
    },
    Alias(Shape),
    /// An enum, with what its members are where they are not all the same.
    Enum(Told, HashMap<Atom, Told>),
    /// A namespace, or a value that a type may have the name of.
    Value,
    /// Nothing at run time.
    Type,
}

/// The types of a file.
#[derive(Debug)]
pub(super) struct Types {
    meanings: HashMap<Id, Meaning>,
    /// What aliases are, once that is known; `None` while it is being found out.
    known: HashMap<Id, Option<Told>>,
    /// Whether `null` and `undefined` are types of their own (`strictNullChecks`).
    strict: bool,
}

impl Types {
    /// Reads the types of a program whose names are resolved.
    pub(super) fn of(program: &Program, strict: bool) -> Self {
        let mut types = Self { meanings: HashMap::new(), known: HashMap::new(), strict };
        program.visit_with(&mut types);
        types
    }

    /// What stands for an annotation.
    pub(super) fn told(&mut self, annotation: Option<&TsType>) -> Told {
        let Some(annotation) = annotation else { return OBJECT };
        let shape = shape(annotation);
        self.look_up(&shape);
        self.resolve(&shape)
    }

    /// What stands for each item of a rest parameter.
    pub(super) fn told_rest(&mut self, annotation: Option<&TsType>) -> Told {
        let item = match annotation {
            Some(TsType::TsArrayType(array)) => Some(&*array.elem_type),
            Some(TsType::TsTypeRef(reference)) => match reference.type_params.as_ref().map(|params| params.params.as_slice()) {
                Some([only]) => Some(&**only),
                _ => None,
            },
            _ => None,
        };
        self.told(item)
    }

    fn mean(&mut self, name: &Ident, meaning: Meaning) {
        use Meaning as M;
        let meaning = match (self.meanings.remove(&name.to_id()), meaning) {
            // A class that is an interface or a namespace, too, is a class.
            (Some(M::Class), _) | (_, M::Class) => M::Class,
            (Some(M::Enum(told, members)), _) => M::Enum(told, members),
            (Some(M::Interface { .. }), M::Value) | (Some(M::Value), M::Interface { .. }) => M::Value,
            (Some(M::Interface { is_called }), M::Interface { is_called: other }) => {
                M::Interface { is_called: is_called || other }
            }
            (_, meaning) => meaning,
        };
        self.meanings.insert(name.to_id(), meaning);
    }

    /// Finds out what the aliases of a type are, those first that others are made of. Each is looked at once, and a
    /// chain of them takes no stack.
    fn look_up(&mut self, shape: &Shape) {
        let mut open = Vec::new();
        self.unknown(shape, &mut open);
        while let Some(id) = open.last().cloned() {
            let alias = match self.meanings.get(&id) {
                Some(Meaning::Alias(alias)) => alias,
                _ => &Shape::Any,
            };
            match self.known.get(&id) {
                None => {
                    self.known.insert(id, None);
                    self.unknown(alias, &mut open);
                }
                Some(None) => {
                    let told = match self.resolve(alias) {
                        // An alias is no class, though what it stands for is one.
                        Told::Class(_) | Told::Perhaps(..) | Told::Global("Promise") => OBJECT,
                        FUNCTION if matches!(alias, Shape::Named(..)) => OBJECT,
                        told => told,
                    };
                    self.known.insert(id, Some(told));
                }
                Some(Some(_)) => drop(open.pop()),
            }
        }
    }

    /// The aliases in a type that nobody has looked at.
    fn unknown(&self, shape: &Shape, found: &mut Vec<Id>) {
        match shape {
            Shape::Named(root, path) if path.is_empty() => {
                let id = root.to_id();
                if matches!(self.meanings.get(&id), Some(Meaning::Alias(_))) && !self.known.contains_key(&id) {
                    found.push(id);
                }
            }
            Shape::AnyOf(parts) | Shape::AllOf(parts) => parts.iter().for_each(|part| self.unknown(part, found)),
            _ => {}
        }
    }

    fn resolve(&self, shape: &Shape) -> Told {
        match shape {
            Shape::Told(told) => told.clone(),
            Shape::Never | Shape::Nullish => Told::Nothing,
            Shape::Unknown | Shape::Any => OBJECT,
            Shape::Named(root, path) => self.named(root, path),
            Shape::AnyOf(parts) => self.united(parts, false),
            Shape::AllOf(parts) => self.united(parts, true),
        }
    }

    fn united(&self, parts: &[Shape], is_intersection: bool) -> Told {
        let mut common = None;
        for part in parts {
            match part {
                Shape::Never if is_intersection => return Told::Nothing,
                Shape::Never => continue,
                Shape::Unknown if is_intersection => continue,
                Shape::Nullish if !self.strict => continue,
                _ => {}
            }
            let told = self.resolve(part);
            if told == OBJECT || common.as_ref().is_some_and(|common| *common != told) {
                return OBJECT;
            }
            common = Some(told);
        }
        common.unwrap_or(Told::Nothing)
    }

    fn named(&self, root: &Ident, path: &[Atom]) -> Told {
        let Some(meaning) = self.meanings.get(&root.to_id()) else { return of_library(root, path) };
        match meaning {
            Meaning::Enum(told, members) => path.first().and_then(|member| members.get(member)).unwrap_or(told).clone(),
            Meaning::Value => Told::Perhaps(root.clone(), path.to_vec()),
            _ if !path.is_empty() => match meaning {
                Meaning::Class => Told::Perhaps(root.clone(), path.to_vec()),
                _ => OBJECT,
            },
            Meaning::Class => Told::Class(root.clone()),
            Meaning::Interface { is_called: true } => FUNCTION,
            Meaning::Interface { is_called: false } | Meaning::Type => OBJECT,
            // One that is made of itself is nothing.
            Meaning::Alias(_) => self.known.get(&root.to_id()).cloned().flatten().unwrap_or(OBJECT),
        }
    }
}

impl Visit for Types {
    fn visit_class_decl(&mut self, class: &ClassDecl) {
        self.mean(&class.ident, if class.declare { Meaning::Value } else { Meaning::Class });
        class.visit_children_with(self);
    }

    fn visit_ts_interface_decl(&mut self, interface: &TsInterfaceDecl) {
        let is_called = interface.body.body.iter().any(TsTypeElement::is_ts_call_signature_decl);
        self.mean(&interface.id, Meaning::Interface { is_called });
        interface.visit_children_with(self);
    }

    fn visit_ts_type_alias_decl(&mut self, alias: &TsTypeAliasDecl) {
        self.mean(&alias.id, Meaning::Alias(shape(&alias.type_ann)));
        alias.visit_children_with(self);
    }

    fn visit_ts_type_param(&mut self, parameter: &TsTypeParam) {
        let meaning = parameter.constraint.as_ref().map_or(Meaning::Type, |constraint| Meaning::Alias(shape(constraint)));
        self.mean(&parameter.name, meaning);
        parameter.visit_children_with(self);
    }

    /// A decorator of a method does not see the type parameters of that method.
    fn visit_class_method(&mut self, method: &ClassMethod) {
        method.visit_children_with(self);
        for parameter in method.function.type_params.iter().flat_map(|parameters| &parameters.params) {
            self.meanings.insert(parameter.name.to_id(), Meaning::Type);
        }
    }

    fn visit_ts_enum_decl(&mut self, declaration: &TsEnumDecl) {
        self.mean(&declaration.id, told_of_enum(declaration));
        declaration.visit_children_with(self);
    }

    fn visit_ts_module_decl(&mut self, module: &TsModuleDecl) {
        if let TsModuleName::Ident(name) = &module.id {
            self.mean(name, Meaning::Value);
        }
        module.visit_children_with(self);
    }

    fn visit_var_declarator(&mut self, variable: &VarDeclarator) {
        if let Pat::Ident(name) = &variable.name {
            self.mean(&name.id, Meaning::Value);
        }
        variable.visit_children_with(self);
    }

    fn visit_import_decl(&mut self, import: &ImportDecl) {
        for specifier in &import.specifiers {
            let is_type = import.type_only || matches!(specifier, ImportSpecifier::Named(named) if named.is_type_only);
            self.mean(specifier.local(), if is_type { Meaning::Type } else { Meaning::Value });
        }
    }
}

/// What stands for a type that the file does not declare.
fn of_library(root: &Ident, path: &[Atom]) -> Told {
    match &*root.sym {
        _ if !path.is_empty() => Told::Perhaps(root.clone(), path.to_vec()),
        "Array" | "ReadonlyArray" | "Parameters" | "ConstructorParameters" => Told::Global("Array"),
        "Promise" => Told::Global("Promise"),
        "Uppercase" | "Lowercase" | "Capitalize" | "Uncapitalize" => Told::Global("String"),
        // Functions by the names of types that are no classes.
        "Symbol" | "BigInt" => OBJECT,
        _ => Told::Perhaps(root.clone(), Vec::new()),
    }
}

fn told_of_enum(declaration: &TsEnumDecl) -> Meaning {
    fn is_text(value: &Expr) -> bool {
        match value {
            Expr::Lit(Lit::Str(_)) | Expr::Tpl(_) => true,
            Expr::Bin(BinExpr { op: BinaryOp::Add, left, right, .. }) => is_text(left) || is_text(right),
            Expr::Paren(paren) => is_text(&paren.expr),
            _ => false,
        }
    }
    let told = |member: &TsEnumMember| match member.init.as_deref().is_some_and(is_text) {
        true => Told::Global("String"),
        false => Told::Global("Number"),
    };
    let first = declaration.members.first().map_or(Told::Global("Number"), told);
    if declaration.members.iter().all(|member| told(member) == first) {
        return Meaning::Enum(first, HashMap::new());
    }
    let name = |member: &TsEnumMember| match &member.id {
        TsEnumMemberId::Ident(name) => name.sym.clone(),
        TsEnumMemberId::Str(name) => name.value.to_atom_lossy().into_owned(),
    };
    let members = declaration.members.iter().map(|member| (name(member), told(member))).collect();
    Meaning::Enum(OBJECT, members)
}

fn shape(of: &TsType) -> Shape {
    use TsKeywordTypeKind as K;
    let global = |name| Shape::Told(Told::Global(name));
    match of {
        TsType::TsParenthesizedType(inner) => shape(&inner.type_ann),
        TsType::TsKeywordType(keyword) => match keyword.kind {
            K::TsVoidKeyword => Shape::Told(Told::Nothing),
            K::TsUndefinedKeyword | K::TsNullKeyword => Shape::Nullish,
            K::TsNeverKeyword => Shape::Never,
            K::TsUnknownKeyword => Shape::Unknown,
            K::TsAnyKeyword => Shape::Any,
            K::TsBooleanKeyword => global("Boolean"),
            K::TsStringKeyword => global("String"),
            K::TsNumberKeyword => global("Number"),
            K::TsBigIntKeyword => global("BigInt"),
            K::TsSymbolKeyword => global("Symbol"),
            K::TsObjectKeyword | K::TsIntrinsicKeyword => global("Object"),
        },
        TsType::TsFnOrConstructorType(_) => global("Function"),
        TsType::TsArrayType(_) | TsType::TsTupleType(_) => global("Array"),
        TsType::TsTypePredicate(predicate) if predicate.asserts => Shape::Told(Told::Nothing),
        TsType::TsTypePredicate(_) => global("Boolean"),
        TsType::TsLitType(literal) => global(match literal.lit {
            TsLit::Bool(_) => "Boolean",
            TsLit::Number(_) => "Number",
            TsLit::BigInt(_) => "BigInt",
            TsLit::Str(_) | TsLit::Tpl(_) => "String",
        }),
        TsType::TsTypeOperator(TsTypeOperator { op: TsTypeOperatorOp::ReadOnly, type_ann, .. }) => shape(type_ann),
        TsType::TsUnionOrIntersectionType(TsUnionOrIntersectionType::TsUnionType(union)) => Shape::AnyOf(shapes(&union.types)),
        TsType::TsUnionOrIntersectionType(TsUnionOrIntersectionType::TsIntersectionType(all)) => Shape::AllOf(shapes(&all.types)),
        TsType::TsConditionalType(choice) => Shape::AnyOf(vec![shape(&choice.true_type), shape(&choice.false_type)]),
        TsType::TsTypeRef(reference) => referred(&reference.type_name),
        _ => Shape::Told(OBJECT),
    }
}

fn shapes(types: &[Box<TsType>]) -> Vec<Shape> {
    types.iter().map(|part| shape(part)).collect()
}

fn referred(name: &TsEntityName) -> Shape {
    let mut path = Vec::new();
    let mut name = name;
    let root = loop {
        match name {
            TsEntityName::Ident(root) => break root,
            TsEntityName::TsQualifiedName(qualified) => {
                path.push(qualified.right.sym.clone());
                name = &qualified.left;
            }
        }
    };
    path.reverse();
    // Two mentions of one name are the same.
    Shape::Named(Ident::new(root.sym.clone(), DUMMY_SP, root.ctxt), path)
}
