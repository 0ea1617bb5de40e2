//! Decorators are told the types of what they decorate (`emitDecoratorMetadata`), as compilers of TypeScript have it:
//! decorators of parameters stand before that among those of their function, and a getter and its setter are told of as
//! one.

use std::cell::Cell;
use std::collections::HashMap;

use swc_core::atoms::Atom;
use swc_core::common::util::take::Take;
use swc_core::common::{DUMMY_SP, Span, SyntaxContext};
use swc_core::ecma::ast::*;
use swc_core::ecma::transforms::base::helpers::HELPERS;
use swc_core::ecma::transforms::base::helpers::generated::HelperName;
use swc_core::ecma::visit::{VisitMut, VisitMutWith};
use swc_ecma_parser_metered::metered::Meter;

use super::told::{FUNCTION, Told, Types};
use crate::decide::decorated::{is_constructor_decorated, is_method_decorated};
use crate::decide::placed::Place;
use crate::parse;

/// Where an import of what may be a type only is found: the name of all that its module exports, and its name there.
pub(super) type Asked = HashMap<Atom, (Atom, Atom)>;

/// Has decorators told of the types of what they decorate. The names of the program are resolved; `strict`: with
/// `strictNullChecks`.
pub(super) fn tell(program: &mut Program, strict: bool, asked: &Asked, meter: &Meter<'_>) {
    let mut teller = Teller { types: Types::of(program, strict), asked, looks: Cell::new(false) };
    program.visit_mut_with(&mut teller);
    if teller.looks.get()
        && let Program::Module(module) = program
        && let Some(mut look) = parse::printed(LOOK, meter)
    {
        look.program.visit_mut_with(&mut Place(DUMMY_SP));
        module.body.extend(look.statements().cloned().map(ModuleItem::Stmt));
    }
}

struct Teller<'a> {
    types: Types,
    asked: &'a Asked,
    /// Whether something is looked at at run time.
    looks: Cell<bool>,
}

impl VisitMut for Teller<'_> {
    fn visit_mut_class(&mut self, class: &mut Class) {
        class.visit_mut_children_with(self);
        for index in 0..class.body.len() {
            match &class.body[index] {
                ClassMember::ClassProp(field) if !field.decorators.is_empty() => self.field(&mut class.body[index]),
                ClassMember::AutoAccessor(field) if !field.decorators.is_empty() => self.field(&mut class.body[index]),
                ClassMember::Method(method) if is_method_decorated(&method.function) => self.method(&mut class.body, index),
                _ => {}
            }
        }
        let constructor = class.body.iter_mut().find_map(|member| match member {
            ClassMember::Constructor(constructor) if constructor.body.is_some() => Some(constructor),
            _ => None,
        });
        if let Some(constructor) = constructor
            && is_constructor_decorated(&class.decorators, &constructor.params)
        {
            for (index, parameter) in constructor.params.iter_mut().enumerate() {
                let decorators = match parameter {
                    ParamOrTsParamProp::TsParamProp(property) => property.decorators.take(),
                    ParamOrTsParamProp::Param(parameter) => parameter.decorators.take(),
                };
                class.decorators.extend(decorators.into_iter().map(|decorator| of_parameter(index, decorator)));
            }
            let types = constructor.params.iter().map(|parameter| match parameter {
                ParamOrTsParamProp::Param(parameter) => self.told_pattern(&parameter.pat),
                ParamOrTsParamProp::TsParamProp(property) => match &property.param {
                    TsParamPropParam::Ident(name) => self.types.told(annotation(&name.type_ann)),
                    TsParamPropParam::Assign(assign) => self.told_pattern(&assign.left),
                },
            });
            let types = types.collect();
            class.decorators.push(self.metadata("design:paramtypes", Value::List(types)));
        }
    }
}

enum Value {
    One(Told),
    List(Vec<Told>),
}

impl Teller<'_> {
    fn field(&mut self, member: &mut ClassMember) {
        let (type_ann, decorators) = match member {
            ClassMember::ClassProp(field) => (&field.type_ann, &mut field.decorators),
            ClassMember::AutoAccessor(field) => (&field.type_ann, &mut field.decorators),
            _ => return,
        };
        let told = self.types.told(annotation(type_ann));
        decorators.push(self.metadata("design:type", Value::One(told)));
    }

    /// A method, or one of a pair of accessors: both are told as one.
    fn method(&mut self, members: &mut [ClassMember], index: usize) {
        let ClassMember::Method(method) = &members[index] else { return };
        let (kind, is_static) = (method.kind, method.is_static);
        let other = (kind != MethodKind::Method)
            .then(|| members.iter().position(|other| matches!(other, ClassMember::Method(other) if other.is_static == is_static && other.kind != kind && other.kind != MethodKind::Method && is_same(&other.key, &method.key))))
            .flatten();
        // Parameters' decorators of a pair stand with those of the accessor that has its own.
        let mut moved = Vec::new();
        if let Some(ClassMember::Method(other)) = other.map(|other| &mut members[other]) {
            if kind == MethodKind::Setter && !other.function.decorators.is_empty() {
                return;
            }
            moved = take_of_parameters(&mut other.function);
        }
        let both = [Some(index), other].into_iter().flatten().filter_map(|index| match &members[index] {
            ClassMember::Method(method) => Some(method),
            _ => None,
        });
        let accessor = |kind| both.clone().find(move |method| method.kind == kind).map(|method| &method.function);
        let (getter, setter) = (accessor(MethodKind::Getter), accessor(MethodKind::Setter));
        let ClassMember::Method(method) = &members[index] else { return };
        let kind_told = match kind {
            MethodKind::Method => FUNCTION,
            _ => {
                let set = setter.and_then(|setter| pattern_annotation(&setter.params.first()?.pat));
                self.types.told(set.or_else(|| getter.and_then(|getter| annotation(&getter.return_type))))
            }
        };
        let parameters = setter.unwrap_or(&method.function).params.iter();
        let parameters: Vec<_> = parameters.map(|parameter| self.told_pattern(&parameter.pat)).collect();
        let function = &method.function;
        let returned = match annotation(&function.return_type) {
            Some(annotation) => self.types.told(Some(annotation)),
            None if function.is_async && !function.is_generator => Told::Global("Promise"),
            None => Told::Nothing,
        };
        let mut added = vec![
            self.metadata("design:type", Value::One(kind_told)),
            self.metadata("design:paramtypes", Value::List(parameters)),
        ];
        if kind == MethodKind::Method {
            added.push(self.metadata("design:returntype", Value::One(returned)));
        }
        if let ClassMember::Method(method) = &mut members[index] {
            let own = take_of_parameters(&mut method.function);
            method.function.decorators.extend(own.into_iter().chain(moved).chain(added));
        }
    }

    fn told_pattern(&mut self, pattern: &Pat) -> Told {
        match pattern {
            Pat::Rest(rest) => {
                let inner = annotation(&rest.type_ann).or_else(|| pattern_annotation(&rest.arg));
                self.types.told_rest(inner)
            }
            pattern => self.types.told(pattern_annotation(pattern)),
        }
    }

    fn metadata(&self, key: &str, value: Value) -> Decorator {
        let value = match value {
            Value::One(told) => self.value(told),
            Value::List(list) => {
                let elems = list.into_iter().map(|told| Some(self.value(told).into())).collect();
                Expr::Array(ArrayLit { span: DUMMY_SP, elems })
            }
        };
        let args = vec![Expr::Lit(Lit::Str(key.into())).into(), value.into()];
        decorator(HelperName::ts_metadata, "_ts_metadata", args, DUMMY_SP)
    }

    fn value(&self, told: Told) -> Expr {
        match told {
            Told::Nothing => *Expr::undefined(DUMMY_SP),
            Told::Global(name) => Expr::Ident(Ident::new_no_ctxt(name.into(), DUMMY_SP)),
            Told::Class(name) => Expr::Ident(Ident { span: DUMMY_SP, ..name }),
            Told::Perhaps(root, path) => {
                let (root, path) = match self.asked.get(&root.sym) {
                    Some((all, name)) => (Ident::new_no_ctxt(all.clone(), DUMMY_SP), [vec![name.clone()], path].concat()),
                    None => (Ident { span: DUMMY_SP, optional: false, ..root }, path),
                };
                self.looks.set(true);
                look(root, &path)
            }
        }
    }
}

/// The function that says what stands for a value that a type may have the name of. An enum is its values, without what
/// leads back to names.
const LOOK: &str = "function toldǃ(it){if(typeof it=='function')return it;if(typeof it!='object'||!it)return Object;\
    const values=Object.keys(it).filter((key)=>typeof it[key]!='string'||typeof it[it[key]]!='number'||it[it[key]]!=key).map((key)=>typeof it[key]);\
    return values.length&&values.every((type)=>type=='number')?Number:values.length&&values.every((type)=>type=='string')?String:Object}";

/// `toldǃ(typeof A == "undefined" ? void 0 : A?.B)`. What is not there is no error.
fn look(root: Ident, path: &[Atom]) -> Expr {
    let type_of = Expr::Unary(UnaryExpr { span: DUMMY_SP, op: UnaryOp::TypeOf, arg: Box::new(root.clone().into()) });
    let undefined = Box::new(Expr::Lit(Lit::Str("undefined".into())));
    let test = BinExpr { span: DUMMY_SP, op: BinaryOp::EqEq, left: Box::new(type_of), right: undefined };
    let found = path.iter().fold(Expr::Ident(root), |obj, name| {
        let prop = MemberProp::Ident(IdentName { span: DUMMY_SP, sym: name.clone() });
        let member = MemberExpr { span: DUMMY_SP, obj: Box::new(obj), prop };
        Expr::OptChain(OptChainExpr { span: DUMMY_SP, optional: true, base: Box::new(OptChainBase::Member(member)) })
    });
    let found = CondExpr { span: DUMMY_SP, test: Box::new(test.into()), cons: Expr::undefined(DUMMY_SP), alt: Box::new(found) };
    let callee = Callee::Expr(Box::new(Expr::Ident(Ident::new_no_ctxt("toldǃ".into(), DUMMY_SP))));
    Expr::Call(CallExpr { callee, args: vec![Expr::Cond(found).into()], ..CallExpr::default() })
}

fn annotation(annotation: &Option<Box<TsTypeAnn>>) -> Option<&TsType> {
    annotation.as_ref().map(|annotation| &*annotation.type_ann)
}

fn pattern_annotation(pattern: &Pat) -> Option<&TsType> {
    match pattern {
        Pat::Ident(name) => annotation(&name.type_ann),
        Pat::Array(array) => annotation(&array.type_ann),
        Pat::Object(object) => annotation(&object.type_ann),
        Pat::Rest(rest) => annotation(&rest.type_ann),
        Pat::Assign(assign) => pattern_annotation(&assign.left),
        Pat::Invalid(_) | Pat::Expr(_) => None,
    }
}

fn is_same(one: &PropName, other: &PropName) -> bool {
    let text = |name: &PropName| match name {
        PropName::Ident(name) => Some(name.sym.to_string()),
        PropName::Str(name) => name.value.as_str().map(str::to_owned),
        PropName::Num(number) => Some(number.value.to_string()),
        PropName::Computed(_) | PropName::BigInt(_) => None,
    };
    text(one).is_some_and(|one| text(other) == Some(one))
}

fn take_of_parameters(function: &mut Function) -> Vec<Decorator> {
    let of_one = |(index, parameter): (usize, &mut Param)| {
        parameter.decorators.take().into_iter().map(move |decorator| of_parameter(index, decorator))
    };
    function.params.iter_mut().enumerate().flat_map(of_one).collect()
}

fn of_parameter(index: usize, decorator: Decorator) -> Decorator {
    let args = vec![Expr::Lit(Lit::Num((index as f64).into())).into(), decorator.expr.into()];
    self::decorator(HelperName::ts_param, "_ts_param", args, decorator.span)
}

/// A decorator that is a call of a helper.
fn decorator(helper: HelperName, name: &str, args: Vec<ExprOrSpread>, span: Span) -> Decorator {
    let mark = HELPERS.with(|helpers| {
        helpers.enable(helper);
        helpers.mark()
    });
    let callee = Ident::new(name.into(), DUMMY_SP, SyntaxContext::empty().apply_mark(mark));
    let call = CallExpr { callee: Callee::Expr(Box::new(callee.into())), args, ..CallExpr::default() };
    Decorator { span, expr: Box::new(call.into()) }
}
