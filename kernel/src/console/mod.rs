//! The console. Its functions are native, so user code can neither replace their parts nor appear in their stacks.
//!
//! Every call becomes one event that names its run, by async causality, and its place in the user's source. Formatting
//! runs no user code, unless a run enables that; see [`format`]. The front end decides which part a terminal shows.

mod format;
mod keys;
mod methods;
mod raw;
mod routes;
mod table;
mod whole;
mod words;

use std::{cell::RefCell, collections::HashMap, time::Duration};

pub(crate) use format::format_with;
pub(crate) use raw::Cut;
pub(crate) use routes::set as route;

use drupe_protocol::{
    Event, Value,
    event::{Console, Level, Location, Method},
    handles::Handle,
};

use crate::{
    format::hooks::Customs,
    isolate::{
        handles::Handles,
        native, peek,
        realm::{Realm, current_run},
    },
    stacks::frames,
    values::{Limits, opaque, to_wire},
    wire::event_time,
};

/// How many bytes each argument may take by value; what is larger comes as its text alone.
const ARGUMENT_LIMIT: Limits = Limits { bytes: 64 << 10 };

/// Labels of `count` and `time` that are remembered, each; more than a program can mean.
const MAX_LABELS: usize = 10_000;

/// Labels are cut to so many bytes.
const MAX_LABEL: usize = 1 << 10;

/// What all arguments of a call may take by value, together. Those behind come without their values.
const ARGUMENTS_LIMIT: usize = 1 << 20;

/// A string so short takes no room worth counting, nor does any primitive but a BigInt.
const SMALL_STRING: usize = 64;

/// So many arguments of a call are told.
const MAX_ARGUMENTS: usize = 1 << 10;

/// What the console remembers between calls.
#[derive(Debug, Default)]
pub(crate) struct ConsoleState {
    /// Open groups.
    depth: u32,
    counts: HashMap<String, u64>,
    timers: HashMap<String, Duration>,
    /// Where it writes instead.
    routes: routes::Routes,
    /// What the text of the call lacks that is formatted.
    cut: Cut,
}

impl ConsoleState {
    fn replace_cut(&mut self, cut: Cut) -> Cut {
        std::mem::replace(&mut self.cut, cut)
    }
}

/// The methods that are replaced on V8's own `console` object.
const METHODS: &[(&str, Method)] = &[
    ("log", Method::Log),
    ("debug", Method::Debug),
    ("info", Method::Info),
    ("warn", Method::Warn),
    ("error", Method::Error),
    ("trace", Method::Trace),
    ("assert", Method::Assert),
    ("dir", Method::Dir),
    ("dirxml", Method::Dirxml),
    ("table", Method::Table),
    ("count", Method::Count),
    ("countReset", Method::CountReset),
    ("group", Method::Group),
    ("groupCollapsed", Method::GroupCollapsed),
    ("groupEnd", Method::GroupEnd),
    ("time", Method::Time),
    ("timeLog", Method::TimeLog),
    ("timeEnd", Method::TimeEnd),
    ("clear", Method::Clear),
];

/// Puts the methods on the `console` object of the entered context.
pub(crate) fn install(scope: &mut v8::PinScope) -> Option<()> {
    let global = scope.get_current_context().global(scope);
    let key = v8::String::new(scope, "console")?;
    let console = global.get(scope, key.into())?.try_cast::<v8::Object>().ok()?;
    for (index, (name, _)) in (0..).zip(METHODS) {
        let key = v8::String::new(scope, name)?;
        let data = v8::Integer::new(scope, index);
        let function = native::function(scope, v8::FunctionTemplate::builder(call).data(data.into()))?;
        function.set_name(key);
        console.set(scope, key.into(), function.into())?;
    }
    // Makes consoles whose methods are V8's: what they are told goes to the inspector, which keeps it, past every bound
    // of this one.
    let context = v8::String::new(scope, "context")?;
    console.delete(scope, context.into())?;
    Some(())
}

/// `consoleLog(text)`: as `console.log` with a text that is no format.
pub(crate) fn log<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    _: v8::ReturnValue<'s, v8::Value>,
) {
    let text = args.get(0).to_rust_string_lossy(scope);
    say(scope, Method::Log, &[args.get(0)], Some(text));
}

/// The one function behind all methods; `data` says which.
fn call<'s>(scope: &mut v8::PinScope<'s, '_>, args: v8::FunctionCallbackArguments<'s>, _: v8::ReturnValue<'s, v8::Value>) {
    if peek::refuses(scope) {
        return;
    }
    let index = args.data().uint32_value(scope).unwrap_or(0) as usize;
    let Some(&(_, method)) = METHODS.get(index) else { return };
    let args = (0..args.length()).map(|index| args.get(index)).collect::<Vec<_>>();
    let realm = Realm::of(scope);
    let (out, err) = realm.wishes.get().colors;
    // A hook of an object that is shown may call a method, too.
    let around = realm.coloring.replace(if matches!(method.level(), Level::Warning | Level::Error) { err } else { out });
    let cut_around = realm.state::<RefCell<ConsoleState>>().borrow_mut().replace_cut(Cut::default());
    methods::call(scope, method, &args);
    realm.state::<RefCell<ConsoleState>>().borrow_mut().replace_cut(cut_around);
    realm.coloring.set(around);
    let failure = realm.state::<Customs>().take_failure();
    if let Some(failure) = failure {
        failure.throw(scope);
    }
}

/// Says one console event. `text` is `None` when the text is that of the only argument, a string.
fn say<'s>(scope: &mut v8::PinScope<'s, '_>, method: Method, args: &[v8::Local<'s, v8::Value>], text: Option<String>) {
    let realm = Realm::of(scope);
    let run = current_run(scope);
    if realm.console_quota.drops(run) {
        return;
    }
    let values = arguments(scope, args);
    // A string too long to be an argument by value is no text either.
    let text = match (&text, values.as_slice()) {
        (None, [Value::String(_)]) => None,
        (None, _) => Some(format::format(scope, args)),
        (Some(_), _) => text,
    };
    if realm.state::<Customs>().failed() {
        // As in Node, the call throws what the hook threw, and nothing is printed.
        return;
    }
    let said = |scope: &mut v8::PinScope<'s, '_>| match &text {
        Some(text) => text.clone(),
        None => args.first().map(|only| only.to_rust_string_lossy(scope)).unwrap_or_default(),
    };
    if routes::take(scope, method, said) {
        return;
    }
    if whole::say(scope, method, text.as_deref()) {
        return;
    }
    let (depth, cut) = {
        let state = realm.state::<RefCell<ConsoleState>>();
        let state = state.borrow();
        (state.depth, state.cut)
    };
    let mut console = Console::new(method, values, event_time::now());
    console.run = run;
    console.depth = depth;
    (console.cut_bytes, console.cut_args) = (cut.bytes, cut.args);
    console.handles = handles(scope, &realm, args);
    console.text = text;
    console.at = caller(scope, &realm);
    let bytes = realm.say_weighed(&Event::Console(console));
    realm.console_quota.printed(run, bytes);
}

fn arguments<'s>(scope: &mut v8::PinScope<'s, '_>, args: &[v8::Local<'s, v8::Value>]) -> Vec<Value> {
    let by_value = ARGUMENTS_LIMIT / ARGUMENT_LIMIT.bytes;
    let told = args.iter().take(MAX_ARGUMENTS).zip(0..);
    told.map(|(arg, index)| {
        let small = match arg.try_cast::<v8::String>() {
            Ok(string) => string.length() < SMALL_STRING,
            Err(_) => !arg.is_object() && !arg.is_big_int(),
        };
        let value = (small || index < by_value).then(|| to_wire(scope, *arg, ARGUMENT_LIMIT)).flatten();
        value.unwrap_or_else(|| opaque(scope, *arg))
    })
    .collect()
}

/// A place for each argument, if the run asked for handles and there is anything to hold.
fn handles<'s>(scope: &v8::PinScope<'s, '_>, realm: &Realm, args: &[v8::Local<'s, v8::Value>]) -> Vec<Option<Handle>> {
    if !realm.wishes.get().handles || !args.iter().any(|arg| Handles::holds(*arg)) {
        return Vec::new();
    }
    let mut handles = realm.handles.borrow_mut();
    args.iter().map(|arg| handles.give(scope, *arg)).collect()
}

/// Where the console was called.
fn caller(scope: &mut v8::PinScope, realm: &Realm) -> Option<Location> {
    v8::scope!(let scope, scope);
    let trace = v8::StackTrace::current_stack_trace(scope, 1)?;
    let frame = frames::frame(scope, trace, 0)?;
    let script = frame.get_script_name_or_source_url(scope)?.to_rust_string_lossy(scope);
    realm.scripts.borrow().location(script, frame.get_line_number(), frame.get_column())
}
