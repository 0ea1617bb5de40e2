//! Custom inspect hooks, for callers that enable them: the only place where user code may run.

use drupe_protocol::preview::Node;

use super::Options;
use super::class::Chain;
use super::walk::Walk;

/// The registered symbol under which an object keeps its inspect function.
pub const CUSTOM: &str = "nodejs.util.inspect.custom";
/// Functions that return objects with functions, and so on, are followed this far.
const MAX_REDIRECTIONS: u32 = 16;

/// What an object wants to be shown.
pub enum Shown<'s> {
    /// Nothing else than any object.
    AsUsual,
    /// This text.
    Text(String),
    /// Another value in its place.
    Value(v8::Local<'s, v8::Value>),
}

/// One call of an inspect function.
pub struct Call<'s> {
    /// The function, as it is stored.
    pub function: v8::Local<'s, v8::Function>,
    /// What it is to be called on: the object, or the proxy in front of it.
    pub receiver: v8::Local<'s, v8::Object>,
    /// How many more levels are to be shown; -1 where the object lies deeper than that.
    pub depth: i32,
    /// How the whole value is described.
    pub options: Options,
}

/// Calls inspect functions. JavaScript may run in the scope it gets: **time and memory are the implementor's to bound,
/// and what the function throws is the implementor's to catch.**
pub trait Hooks {
    /// Calls an object's inspect function, and tells what is to be shown.
    fn call<'s>(&mut self, scope: &mut v8::PinScope<'s, '_>, call: &Call<'s>) -> Shown<'s>;

    /// Lets an error say what only its own code can tell.
    fn hear<'s>(&mut self, scope: &mut v8::PinScope<'s, '_>, error: v8::Local<'s, v8::Object>);

    /// Asks an accessor for the `Symbol.toStringTag` of an object. `None`: it is no string.
    fn tag<'s>(
        &mut self,
        scope: &mut v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
    ) -> Option<v8::Local<'s, v8::String>>;
}

impl<'s> Walk<'s, '_> {
    /// Asks the object, if somebody lets it speak and if it has something to say.
    pub(super) fn custom(
        &mut self,
        scope: &mut v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
        receiver: v8::Local<'s, v8::Object>,
        level: u32,
    ) -> Option<Node> {
        let hooks = self.hooks.take()?;
        if object.is_native_error() {
            v8::allow_javascript_execution_scope!(let scope, scope);
            hooks.hear(scope, object);
        }
        let shown = match self.hook(scope, object) {
            Some(function) if self.redirections < MAX_REDIRECTIONS => {
                let signed = |levels: u32| i32::try_from(levels).unwrap_or(i32::MAX);
                let (depth, options) = (signed(self.options.depth).saturating_sub(signed(level)), self.options);
                v8::allow_javascript_execution_scope!(let scope, scope);
                hooks.call(scope, &Call { function, receiver, depth, options })
            }
            _ => Shown::AsUsual,
        };
        self.hooks = Some(hooks);
        match shown {
            Shown::AsUsual => None,
            Shown::Value(value) if value == receiver || value == object => None,
            Shown::Text(mut text) => {
                text.truncate(text.floor_char_boundary(self.budget.units(text.len())));
                self.budget.spend(text.len());
                Some(Node::Custom(text.into()))
            }
            Shown::Value(value) => {
                self.redirections += 1;
                let node = self.value(scope, value, level);
                self.redirections -= 1;
                Some(node)
            }
        }
    }

    /// The tag of an object that an accessor tells, if somebody lets it speak.
    pub(super) fn told_tag(
        &mut self,
        scope: &mut v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
    ) -> Option<v8::Local<'s, v8::String>> {
        let hooks = self.hooks.take()?;
        let tag = {
            v8::allow_javascript_execution_scope!(let scope, scope);
            hooks.tag(scope, object)
        };
        self.hooks = Some(hooks);
        tag
    }

    /// The object's function, if that is plain data, and if the object is not the prototype of those it is meant for.
    fn hook(&self, scope: &v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>) -> Option<v8::Local<'s, v8::Function>> {
        let name = v8::String::new(scope, CUSTOM)?;
        let symbol = v8::Symbol::for_key(scope, name);
        let chain = Chain::of(scope, object);
        let function = self.inherited(scope, &chain.objects, symbol.into()).value()?.try_into().ok()?;
        let constructor = self.own(scope, object, self.names.constructor).value();
        let constructor =
            constructor.and_then(|value| v8::Local::<v8::Function>::try_from(value).ok()).filter(|value| !value.is_proxy());
        let prototype = constructor.and_then(|constructor| self.own(scope, constructor.into(), self.names.prototype).value());
        (prototype != Some(object.into())).then_some(function)
    }
}
