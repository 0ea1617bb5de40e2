//! Hover: the kind, text and place of a name or member, and the shape of a class. Facts that only a getter, a proxy or
//! a call could tell are left out.

use drupe_protocol::{
    chain::{Chain, Root},
    describe::{Inspect, InspectReply, Member, MemberKind, Sort, Subject},
};

use super::{
    Helper, bindings, builtins,
    lazy::{Lazy, lazy},
    members::{self, Held},
    own_lazy,
    resolve::resolve,
};
use crate::{
    inspect::presets,
    isolate::{marked, native, peek, realm::Realm, scripts::is_internal},
};

/// How much of a function's text is told, in UTF-16 units.
const MAX_SOURCE: usize = 32 << 10;
/// How many members of a class are told.
const MAX_MEMBERS: usize = 500;

/// V8's own `Function.prototype.toString`.
pub(super) fn function_text<'s>(scope: &mut v8::PinScope<'s, '_>, realm: &Realm) -> Option<v8::Local<'s, v8::Function>> {
    let ops = v8::Local::new(scope, realm.ops.get()?);
    native::get(scope, ops, "functionText")?.try_cast().ok()
}

/// Answers a question.
pub(super) fn answer(scope: &mut v8::PinScope, realm: &Realm, question: &Inspect) -> InspectReply {
    InspectReply { id: question.id, subject: subject(scope, realm, question) }
}

fn subject(scope: &mut v8::PinScope, realm: &Realm, question: &Inspect) -> Option<Subject> {
    let Inspect { id: _, name, object, call } = question;
    if name.is_empty() || is_internal(name) {
        return None;
    }
    let subject = describe_named(scope, realm, name, object.as_ref())?;
    let is_called = !matches!(subject.sort, Sort::Value | Sort::Accessor | Sort::Uninitialized);
    (is_called || !call).then_some(subject)
}

/// What `name` is, as a member of `object` or in scope.
fn describe_named(scope: &mut v8::PinScope, realm: &Realm, name: &str, object: Option<&Chain>) -> Option<Subject> {
    let helper = &Helper::of(realm);
    let held = match object {
        Some(object) => Some(held_member(scope, helper, object, name)?),
        None => held_name(scope, helper, name)?,
    };
    let mut subject = Subject::default();
    match held {
        None => (subject.sort, subject.type_name) = (Sort::Uninitialized, "uninitialized".to_owned()),
        Some(Held::Accessor) => {
            let lazy = if object.is_some() { None } else { lazy_global(scope, name) };
            subject.sort = lazy.map_or(Sort::Accessor, Lazy::sort);
            subject.type_name = lazy.map_or("accessor", Lazy::type_name).to_owned();
        }
        Some(Held::Value { value, .. }) => {
            subject.type_name = members::type_name(scope, value);
            subject.preview = presets::brief(scope, value);
            if let Ok(function) = value.try_cast::<v8::Function>()
                && !function.is_proxy()
            {
                describe_function(scope, realm, function, &mut subject);
            }
        }
    }
    Some(subject)
}

fn held_member<'s>(scope: &mut v8::PinScope<'s, '_>, helper: &Helper, object: &Chain, name: &str) -> Option<Held<'s>> {
    let value = resolve(scope, helper, object)?;
    if value.is_null_or_undefined() {
        return None;
    }
    let object = value.to_object(scope)?;
    let key = v8::String::new(scope, name)?;
    match members::find(scope, object, key.into())? {
        Held::Accessor => Some(match own_lazy::load(scope, helper, object, key.into()) {
            Some(value) => Held::Value { value, fixed: false },
            None => Held::Accessor,
        }),
        held @ Held::Value { .. } => Some(held),
    }
}

/// What a name is bound to: `Some(None)` before its declaration has been reached.
fn held_name<'s>(scope: &mut v8::PinScope<'s, '_>, helper: &Helper, name: &str) -> Option<Option<Held<'s>>> {
    let key = v8::String::new(scope, name)?;
    if helper.lexical_names(scope).iter().any(|lexical| lexical.strict_equals(key.into())) {
        return Some(bindings::lexical_value(scope, key).map(|value| Held::Value { value, fixed: false }));
    }
    let chain = Chain { root: Root::Name(name.to_owned()), steps: Vec::new() };
    if let Some(value) = resolve(scope, helper, &chain) {
        return Some(Some(Held::Value { value, fixed: false }));
    }
    let global = scope.get_current_context().global(scope);
    members::find(scope, global, key.into()).map(Some)
}

fn lazy_global(scope: &mut v8::PinScope, name: &str) -> Option<Lazy> {
    v8::scope!(let scope, scope);
    let global = scope.get_current_context().global(scope);
    let key = v8::String::new(scope, name)?;
    lazy(scope, global, key.into())
}

fn describe_function<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    realm: &Realm,
    function: v8::Local<'s, v8::Function>,
    subject: &mut Subject,
) {
    subject.sort = match (function.is_async_function(), function.is_generator_function()) {
        _ if subject.type_name == "class" => Sort::Class,
        (false, false) => Sort::Function,
        (true, false) => Sort::AsyncFunction,
        (false, true) => Sort::GeneratorFunction,
        (true, true) => Sort::AsyncGeneratorFunction,
    };
    subject.length = length(scope, function);
    subject.source = source(scope, &Helper::of(realm), function);
    subject.builtin = if subject.source.is_none() { builtins::path(scope, function) } else { None };
    let script = script(scope, function);
    subject.is_internal = script.as_deref().is_some_and(is_internal);
    if subject.is_internal {
        subject.parameters = own_lazy::parameters(scope, &Helper::of(realm), function);
    }
    subject.at = script.and_then(|script| location(realm, function, script));
    if subject.sort == Sort::Class {
        describe_class(scope, function, subject);
    }
}

fn length(scope: &mut v8::PinScope, function: v8::Local<v8::Function>) -> Option<u32> {
    v8::scope!(let scope, scope);
    let function = v8::Local::new(scope, function);
    let key = v8::String::new(scope, "length")?;
    let Held::Value { value, .. } = members::own(scope, function.into(), key.into())? else { return None };
    value.try_cast::<v8::Uint32>().ok().map(|length| length.value())
}

fn source<'s>(scope: &mut v8::PinScope<'s, '_>, helper: &Helper, function: v8::Local<'s, v8::Function>) -> Option<String> {
    let to_string = v8::Local::new(scope, helper.function_text.get()?);
    v8::tc_scope!(let scope, scope);
    // The engine's own function, and nothing of the user's: what it reads is the script's text.
    v8::allow_javascript_execution_scope!(let scope, scope);
    let text = to_string.call(scope, function.into(), &[])?.try_cast::<v8::String>().ok()?;
    let mut units = vec![0; text.length().min(MAX_SOURCE)];
    text.write_v2(scope, 0, &mut units, v8::WriteFlags::empty());
    let source = String::from_utf16_lossy(&units);
    (!source.trim_end().ends_with("[native code] }")).then(|| marked::written_source(scope, &source))
}

/// The name of the script that a function is part of.
fn script(scope: &mut v8::PinScope, function: v8::Local<v8::Function>) -> Option<String> {
    v8::scope!(let scope, scope);
    let function = v8::Local::new(scope, function);
    let script = function.get_script_origin(scope).resource_name()?.try_cast::<v8::String>().ok()?;
    Some(script.to_rust_string_lossy(scope))
}

fn location(realm: &Realm, function: v8::Local<v8::Function>, script: String) -> Option<drupe_protocol::event::Location> {
    let (line, column) = (function.get_script_line_number()?, function.get_script_column_number()?);
    realm.scripts.try_borrow().ok()?.location(script, line as usize + 1, column as usize + 1)
}

fn describe_class<'s>(scope: &mut v8::PinScope<'s, '_>, class: v8::Local<'s, v8::Function>, subject: &mut Subject) {
    let class: v8::Local<v8::Object> = class.into();
    let parent = class.get_prototype(scope).and_then(|parent| parent.try_cast::<v8::Function>().ok());
    if let Some(parent) = parent.filter(|parent| !parent.is_proxy()) {
        subject.extends = peek::string_property(scope, parent.into(), "name").filter(|name| !name.is_empty());
    }
    add_members(scope, class, true, &mut subject.members);
    let Some(key) = v8::String::new(scope, "prototype") else { return };
    if let Some(Held::Value { value, .. }) = members::own(scope, class, key.into())
        && let Ok(prototype) = value.try_cast::<v8::Object>()
        && !prototype.is_proxy()
    {
        add_members(scope, prototype, false, &mut subject.members);
    }
}

fn add_members<'s>(scope: &mut v8::PinScope<'s, '_>, holder: v8::Local<'s, v8::Object>, is_static: bool, out: &mut Vec<Member>) {
    let names = members::own_names(scope, holder).map(|names| members::strings(scope, names)).unwrap_or_default();
    for key in names {
        v8::scope!(let scope, scope);
        let (holder, key) = (v8::Local::new(scope, holder), v8::Local::new(scope, key));
        let name = key.to_rust_string_lossy(scope);
        let is_common = if is_static { matches!(&*name, "length" | "name" | "prototype") } else { name == "constructor" };
        if is_common || out.len() >= MAX_MEMBERS {
            continue;
        }
        let kind = match members::own(scope, holder, key.into()) {
            Some(Held::Accessor) => MemberKind::Accessor,
            Some(Held::Value { value, .. }) if value.is_function() => MemberKind::Method,
            Some(Held::Value { .. }) => MemberKind::Field,
            None => continue,
        };
        out.push(Member::new(name, kind, is_static));
    }
}
