//! Custom inspect hooks, where a run enables them: `Symbol.for("nodejs.util.inspect.custom")`, called as in Node, with
//! the remaining depth, the options and a function that inspects other values. Accessors of `Symbol.toStringTag` are
//! asked with them.
//!
//! **This runs the user's code, so it happens only within a stretch of JavaScript**: a console call of the user's, or
//! the stretch in which a result is shown. The stretch's budget holds, and a stop is passed on.

use std::cell::{Cell, RefCell};

use drupe_inspect::{self as inspect, Call, Hooks, Options, Shown};
use drupe_protocol::preview::Node;
use v8::MapFnTo as _;

use crate::{
    isolate::{
        attempt::{Failure, attempt},
        peek,
        realm::Realm,
    },
    stacks::said,
};

/// A hook that inspects an object whose hook inspects an object and so on is followed this far; then objects are shown
/// as usual.
const MAX_NESTING: u32 = 16;

/// Where a text that a hook returns is cut, in UTF-16 units.
const MAX_TEXT: usize = 1 << 20;

/// How a console lays out what is coloured.
pub(crate) fn coloured(options: &Options) -> drupe_preview::Options<'static> {
    let plain = drupe_preview::Options { max_array_length: options.max_array_length, ..drupe_preview::Options::default() };
    drupe_preview::Options { styles: Some(&drupe_preview::Styles::NODE), ..plain }
}

/// What asking objects leaves behind in a realm.
#[derive(Debug, Default)]
pub(crate) struct Customs {
    nesting: Cell<u32>,
    /// The native function that hooks are given to inspect other values with.
    pub(crate) inspect: Cell<Option<v8::FunctionCallback>>,
    /// The first failure since somebody last looked.
    failure: RefCell<Option<Failure>>,
}

impl Customs {
    /// Whether showing something failed since somebody last [took](Self::take_failure) that.
    pub(crate) fn failed(&self) -> bool {
        self.failure.borrow().is_some()
    }

    /// Leaves a failure for whoever looks next, unless there is one.
    pub(crate) fn fail(&self, failure: Failure) {
        self.failure.borrow_mut().get_or_insert(failure);
    }

    pub(crate) fn take_failure(&self) -> Option<Failure> {
        self.failure.borrow_mut().take()
    }
}

/// The tree of `value`, whose objects may speak for themselves.
pub(crate) fn tree(scope: &mut v8::PinScope, value: v8::Local<v8::Value>, options: &Options) -> Result<Node, Failure> {
    let mut asking = Asking::default();
    let node = inspect::preview_with_hooks(scope, value, options, &mut asking);
    asking.failure.map_or(Ok(node), Err)
}

/// The text of a console's argument. Objects speak for themselves if the run lets them; a failure is left with the
/// realm, and ends all speaking until it is taken.
pub(crate) fn text(scope: &mut v8::PinScope, value: v8::Local<v8::Value>, options: &Options) -> String {
    // What stands in the midst of a text (`%s`) is opened nowhere, and has no colours.
    let is_coloured = Realm::of(scope).coloring.get() && options.depth > 0;
    let mut asking = Asking::default();
    let realm = Realm::of(scope);
    let options = &Options { coloured: is_coloured, ..*options };
    if !realm.wishes.get().inspect_hooks || realm.state::<Customs>().failed() || !value.is_object() {
        return if is_coloured {
            inspect::text_in(scope, value, options, None, &coloured(options), true)
        } else {
            inspect::text(scope, value, options)
        };
    }
    let text = if is_coloured {
        inspect::text_in(scope, value, options, Some(&mut asking), &coloured(options), true)
    } else {
        inspect::text_with_hooks(scope, value, options, &mut asking)
    };
    *realm.state::<Customs>().failure.borrow_mut() = asking.failure;
    text
}

/// Calls hooks until one fails.
#[derive(Default)]
pub(crate) struct Asking {
    pub(crate) failure: Option<Failure>,
    without_functions: bool,
}

impl Hooks for Asking {
    fn call<'s>(&mut self, scope: &mut v8::PinScope<'s, '_>, call: &Call<'s>) -> Shown<'s> {
        if self.without_functions {
            return Shown::AsUsual;
        }
        self.nested(scope, |asking, scope| asking.ask(scope, call)).unwrap_or(Shown::AsUsual)
    }

    fn hear<'s>(&mut self, scope: &mut v8::PinScope<'s, '_>, error: v8::Local<'s, v8::Object>) {
        self.nested(scope, |asking, scope| asking.failure = said::hear(scope, error.into()).err());
    }

    /// As if there were no tag where the accessor throws, as those of prototypes do that read what only objects have.
    fn tag<'s>(
        &mut self,
        scope: &mut v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
    ) -> Option<v8::Local<'s, v8::String>> {
        let asked = self.nested(scope, |_, scope| {
            attempt(scope, |scope| {
                let key = v8::Symbol::get_to_string_tag(scope);
                object.get(scope, key.into())
            })
        });
        match asked? {
            Ok(tag) => tag.try_cast().ok(),
            Err(Failure::Threw(_)) => None,
            Err(Failure::Stopped) => {
                self.failure = Some(Failure::Stopped);
                None
            }
        }
    }
}

impl Asking {
    /// Calls no inspect function.
    pub(crate) fn without_functions() -> Self {
        Self { without_functions: true, ..Self::default() }
    }

    /// Runs the user's code, unless some failed before, or lies too deep in other.
    fn nested<'s, T>(
        &mut self,
        scope: &mut v8::PinScope<'s, '_>,
        ask: impl FnOnce(&mut Self, &mut v8::PinScope<'s, '_>) -> T,
    ) -> Option<T> {
        let realm = Realm::of(scope);
        let nesting = realm.state::<Customs>().nesting.get();
        if self.failure.is_some() || nesting >= MAX_NESTING {
            return None;
        }
        realm.state::<Customs>().nesting.set(nesting + 1);
        let answer = ask(self, scope);
        realm.state::<Customs>().nesting.set(nesting);
        Some(answer)
    }

    fn ask<'s>(&mut self, scope: &mut v8::PinScope<'s, '_>, call: &Call<'s>) -> Shown<'s> {
        let shown = attempt(scope, |scope| {
            let args = arguments(scope, call)?;
            let value = call.function.call(scope, call.receiver.into(), &args)?;
            if value.is_null() || value.is_object() && !value.is_function() {
                return Some(Shown::Value(value));
            }
            // As Node does with anything that is no object: a symbol throws here.
            value.to_string(scope).map(|text| Shown::Text(beginning(scope, text)))
        });
        shown.unwrap_or_else(|failure| {
            self.failure = Some(failure);
            Shown::AsUsual
        })
    }
}

/// What a hook is called with: the depth that is left, the options, and the function that inspects.
fn arguments<'s>(scope: &mut v8::PinScope<'s, '_>, call: &Call<'s>) -> Option<[v8::Local<'s, v8::Value>; 3]> {
    let options = v8::Object::new(scope);
    let whole = |value: usize| f64::from(u32::try_from(value).unwrap_or(u32::MAX));
    let Options { depth, max_array_length, max_string_length, show_hidden, coloured, .. } = call.options;
    for (key, flag) in [
        ("showHidden", show_hidden),
        ("colors", coloured),
        ("customInspect", true),
        ("showProxy", false),
        ("sorted", false),
        ("getters", false),
        ("numericSeparator", false),
    ] {
        let flag = v8::Boolean::new(scope, flag);
        put(scope, options, key, flag.into())?;
    }
    for (key, number) in [
        ("depth", f64::from(depth)),
        ("maxArrayLength", whole(max_array_length)),
        ("maxStringLength", whole(max_string_length)),
        ("breakLength", 80.0),
        ("compact", 3.0),
    ] {
        let number = v8::Number::new(scope, number);
        put(scope, options, key, number.into())?;
    }
    let stylize = native(scope, "stylize", stylize.map_fn_to())?;
    put(scope, options, "stylize", stylize.into())?;
    let callback = Realm::of(scope).state::<Customs>().inspect.get()?;
    let inspect = native(scope, "inspect", callback)?;
    let name = v8::String::new(scope, inspect::CUSTOM)?;
    let custom = v8::Symbol::for_key(scope, name);
    put(scope, inspect.into(), "custom", custom.into())?;
    let depth = v8::Number::new(scope, f64::from(call.depth));
    Some([depth.into(), options.into(), inspect.into()])
}

/// Defines a property, whatever setters the page has put on prototypes.
fn put(scope: &v8::PinScope, object: v8::Local<v8::Object>, key: &str, value: v8::Local<v8::Value>) -> Option<bool> {
    let key = v8::String::new(scope, key)?;
    object.create_data_property(scope, key.into(), value)
}

fn native<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    name: &str,
    callback: v8::FunctionCallback,
) -> Option<v8::Local<'s, v8::Function>> {
    let function = v8::Function::builder_raw(callback).constructor_behavior(v8::ConstructorBehavior::Throw).build(scope)?;
    let name = v8::String::new(scope, name)?;
    function.set_name(name);
    Some(function)
}

/// `stylize(text, style)`: without colours, the text.
fn stylize(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut result: v8::ReturnValue<v8::Value>) {
    if !peek::refuses(scope)
        && let Some(text) = args.get(0).to_string(scope)
    {
        result.set(text.into());
    }
}

fn beginning(scope: &v8::PinScope, text: v8::Local<v8::String>) -> String {
    if text.length() <= MAX_TEXT {
        return text.to_rust_string_lossy(scope);
    }
    let mut units = vec![0; MAX_TEXT];
    text.write_v2(scope, 0, &mut units, v8::WriteFlags::default());
    format!("{}... {} more characters", String::from_utf16_lossy(&units), text.length() - MAX_TEXT)
}
