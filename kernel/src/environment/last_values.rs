//! `_` and `_error`: the last result and the last uncaught error, as in Node's REPL.
//!
//! They are accessors on the global object. An assignment replaces one by a plain variable, prints a notice, and ends
//! its updates.

use std::cell::RefCell;

use drupe_protocol::{
    Event,
    event::{Console, Method},
};

use crate::{
    isolate::{
        native, peek,
        realm::{Realm, current_run},
    },
    wire::event_time,
};

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Last {
    Result,
    Error,
}

impl Last {
    const ALL: [Self; 2] = [Self::Result, Self::Error];

    /// The variable's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Result => "_",
            Self::Error => "_error",
        }
    }

    fn of(data: v8::Local<v8::Value>) -> Self {
        if data.is_true() { Self::Error } else { Self::Result }
    }
}

/// What the variables hold, and whether they exist.
#[derive(Debug, Default)]
pub(crate) struct LastValues {
    defined: bool,
    result: Option<v8::Global<v8::Value>>,
    error: Option<v8::Global<v8::Value>>,
}

impl LastValues {
    fn slot(&mut self, last: Last) -> &mut Option<v8::Global<v8::Value>> {
        match last {
            Last::Result => &mut self.result,
            Last::Error => &mut self.error,
        }
    }
}

/// Remembers `value`.
pub(crate) fn remember(scope: &mut v8::PinScope, last: Last, value: v8::Local<v8::Value>) {
    let value = v8::Global::new(scope, value);
    *Realm::of(scope).state::<RefCell<LastValues>>().borrow_mut().slot(last) = Some(value);
}

/// What the variable of this name holds, if it is one of the two.
pub(crate) fn named<'s>(scope: &mut v8::PinScope<'s, '_>, name: &str) -> Option<v8::Local<'s, v8::Value>> {
    let last = Last::ALL.into_iter().find(|last| last.name() == name)?;
    let value = Realm::of(scope).state::<RefCell<LastValues>>().try_borrow_mut().ok()?.slot(last).clone()?;
    Some(v8::Local::new(scope, value))
}

/// Defines the variables, if the session does not have them yet. What the user has by these names is left alone.
pub(crate) fn define(scope: &mut v8::PinScope) -> Option<()> {
    let realm = Realm::of(scope);
    if std::mem::replace(&mut realm.state::<RefCell<LastValues>>().borrow_mut().defined, true) {
        return Some(());
    }
    let global = scope.get_current_context().global(scope);
    for last in Last::ALL {
        let name = v8::String::new(scope, last.name())?;
        if global.has_own_property(scope, name.into())? {
            continue;
        }
        let data = v8::Boolean::new(scope, last == Last::Error);
        let getter = v8::FunctionTemplate::builder(get).side_effect_type(v8::SideEffectType::HasNoSideEffect);
        let getter = native::function(scope, getter.data(data.into()))?;
        let setter = native::function(scope, v8::FunctionTemplate::builder(set).data(data.into()))?;
        let mut accessors = v8::PropertyDescriptor::new_from_get_set(getter.into(), setter.into());
        accessors.set_enumerable(false);
        accessors.set_configurable(true);
        global.define_property(scope, name.into(), &accessors)?;
    }
    Some(())
}

fn get(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut result: v8::ReturnValue<v8::Value>) {
    if peek::refuses(scope) {
        return;
    }
    let value = Realm::of(scope).state::<RefCell<LastValues>>().borrow_mut().slot(Last::of(args.data())).clone();
    if let Some(value) = value {
        let value = v8::Local::new(scope, value);
        result.set(value);
    }
}

fn set(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue<v8::Value>) {
    let last = Last::of(args.data());
    let Some(name) = v8::String::new(scope, last.name()) else { return };
    let global = scope.get_current_context().global(scope);
    if global.create_data_property(scope, name.into(), args.get(0)) != Some(true) {
        return;
    }
    let what = if last == Last::Result { "Expression" } else { "Error" };
    let text = format!("{what} assignment to {} now disabled.", last.name());
    let mut console = Console::new(Method::Warn, vec![text.into()], event_time::now());
    console.run = current_run(scope);
    Realm::of(scope).say(&Event::Console(console));
}
