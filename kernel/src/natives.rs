//! The list of native functions behind the global environment (`js/`), and their installation in a new session.

use drupe_protocol::event::Origin;

use crate::{
    console,
    environment::{library, program, timers},
    errors::exception,
    host,
    inspect::presets,
    isolate::{
        marked,
        native::{Args, Return, add, get},
        realm::{Realm, current_run},
    },
    modules,
    node::{async_context, buffer, hash, process, util, variables, zlib},
    stacks::{located, said},
    web,
};

/// Fills `ops`, the object that the files in `js/` share.
pub(crate) fn install<'s>(scope: &mut v8::PinScope<'s, '_>, ops: v8::Local<'s, v8::Object>) -> Option<()> {
    add(scope, ops, "brief", brief)?;
    add(scope, ops, "uncaught", uncaught)?;
    add(scope, ops, "reportError", report_error)?;
    add(scope, ops, "writtenSource", written_source)?;
    add(scope, ops, "consoleLog", console::log)?;
    add(scope, ops, "routeConsole", console::route)?;
    timers::install(scope, ops)?;
    async_context::install(scope, ops)?;
    variables::install(scope, ops)?;
    host::install(scope, ops)?;
    library::install(scope, ops)?;
    located::install(scope, ops)?;
    process::install(scope, ops)?;
    program::install(scope, ops)?;
    modules::install(scope, ops)?;
    util::install(scope, ops)?;
    web::install(scope, ops)?;
    buffer::install(scope, ops)?;
    hash::install(scope, ops)?;
    zlib::install(scope, ops)?;
    let to_string = get(scope, ops, "callSiteToString")?.try_cast::<v8::Function>().ok()?;
    Realm::of(scope).call_site_to_string.set(v8::Global::new(scope, to_string)).ok()
}

/// `brief(value)`: a line that says what `value` is, for error messages.
fn brief(scope: &mut v8::PinScope, args: Args, mut result: Return) {
    let text = presets::brief(scope, args.get(0));
    if let Some(text) = v8::String::new(scope, &text) {
        result.set(text.into());
    }
}

/// `writtenSource(text)`: the source of a function as it was written. One with lone surrogates, which UTF-8 has not,
/// stays as it is.
fn written_source(scope: &mut v8::PinScope, args: Args, mut result: Return) {
    let Ok(source) = args.get(0).try_cast::<v8::String>() else { return };
    let mut units = vec![0; source.length()];
    source.write_v2(scope, 0, &mut units, v8::WriteFlags::empty());
    let written = String::from_utf16(&units).ok().map(|text| marked::written_source(scope, &text));
    result.set(written.and_then(|text| v8::String::new(scope, &text)).unwrap_or(source).into());
}

/// `uncaught(error)`: a callback threw, and nobody caught it.
fn uncaught<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, _: Return<'s>) {
    program::uncaught(scope, args.get(0), current_run(scope), None);
}

/// `reportError(error)`, as the web platform has it.
fn report_error<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, _: Return<'s>) {
    // A stack that cannot be told is V8's.
    let _ = said::hear(scope, args.get(0));
    exception::report(scope, args.get(0), current_run(scope), Origin::Report, None);
}
