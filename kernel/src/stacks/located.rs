//! Places of syntax errors, kept with the error, because no stack has them.
//!
//! V8 throws a `SyntaxError` whose stack is that of the code that requested the compilation. The place in the text is
//! known separately. So it is noted on the error, where user code cannot see it, and shown as its innermost frame.

use drupe_protocol::{Position, event::Location};

use super::frames;
use crate::isolate::{
    native::{Args, Return, add},
    realm::Realm,
    scripts::is_internal,
};

/// Fills in what files of the environment need.
pub(crate) fn install(scope: &mut v8::PinScope, ops: v8::Local<v8::Object>) -> Option<()> {
    add(scope, ops, "locateError", locate_error)?;
    add(scope, ops, "parseJson", parse_json)
}

fn mark<'s>(scope: &v8::PinScope<'s, '_>) -> Option<v8::Local<'s, v8::Private>> {
    let name = v8::String::new(scope, "drupe:at")?;
    Some(v8::Private::for_api(scope, Some(name)))
}

/// Notes that `error` stands for what is wrong at `at`, in the user's coordinates.
pub(crate) fn note(scope: &mut v8::PinScope, error: v8::Local<v8::Value>, at: &Location) -> Option<()> {
    note_as(scope, error, at, false)
}

/// The same. `within`: whether `at` is in the statement that the innermost frame tells.
fn note_as(scope: &mut v8::PinScope, error: v8::Local<v8::Value>, at: &Location, within: bool) -> Option<()> {
    let error = error.try_cast::<v8::Object>().ok().filter(|error| error.is_native_error())?;
    let script = v8::String::new(scope, &at.script)?.into();
    let line = v8::Integer::new_from_unsigned(scope, at.position.line).into();
    let column = v8::Integer::new_from_unsigned(scope, at.position.column).into();
    let within = v8::Boolean::new(scope, within).into();
    let place = v8::Array::new_with_elements(scope, &[script, line, column, within]);
    let mark = mark(scope)?;
    error.set_private(scope, mark, place.into())?.then_some(())
}

/// Where text that a thrown value is about is no program, in the user's coordinates.
pub(crate) fn of(scope: &mut v8::PinScope, thrown: v8::Local<v8::Value>) -> Option<Location> {
    noted(scope, thrown).or_else(|| in_eval(scope, thrown))
}

/// Whether the innermost frame of a thrown value stands for the statement that is wrong, and says no more than the
/// place that was noted.
pub(crate) fn is_within_frame(scope: &mut v8::PinScope, thrown: v8::Local<v8::Value>) -> bool {
    v8::scope!(let scope, scope);
    let thrown = v8::Local::new(scope, thrown);
    let within = note_of(scope, thrown).and_then(|place| place.get_index(scope, 3));
    within.is_some_and(|within| within.is_true())
}

fn note_of<'s>(scope: &mut v8::PinScope<'s, '_>, thrown: v8::Local<'s, v8::Value>) -> Option<v8::Local<'s, v8::Array>> {
    let error = thrown.try_cast::<v8::Object>().ok().filter(|error| error.is_native_error())?;
    let mark = mark(scope)?;
    if error.has_private(scope, mark) != Some(true) {
        return None;
    }
    error.get_private(scope, mark)?.try_cast::<v8::Array>().ok()
}

/// What was noted of a thrown value.
fn noted(scope: &mut v8::PinScope, thrown: v8::Local<v8::Value>) -> Option<Location> {
    v8::scope!(let scope, scope);
    let thrown = v8::Local::new(scope, thrown);
    let place = note_of(scope, thrown)?;
    let script = place.get_index(scope, 0)?.to_rust_string_lossy(scope);
    let line = place.get_index(scope, 1)?.uint32_value(scope)?;
    let column = place.get_index(scope, 2)?.uint32_value(scope)?;
    Some(Location::new(script, Position { line, column }))
}

/// Where text that `eval` was given is no program: V8 knows it of the error, and no frame tells it.
fn in_eval(scope: &mut v8::PinScope, thrown: v8::Local<v8::Value>) -> Option<Location> {
    if !thrown.is_native_error() {
        return None;
    }
    let is_in_frame = v8::Exception::get_stack_trace(scope, thrown)
        .and_then(|trace| frames::frame(scope, trace, 0))
        .is_some_and(|frame| frame.is_eval() && frame.get_script_name_or_source_url(scope).is_none());
    let message = v8::Exception::create_message(scope, thrown);
    let is_named = message.get_script_resource_name(scope).is_some_and(|name| !name.is_undefined());
    let has_source = message.get_source_line(scope).is_some_and(|line| line.length() > 0);
    // The text of `JSON.parse` is a script without a name, too.
    if is_in_frame || is_named || !has_source || is_of_json(&message.get(scope).to_rust_string_lossy(scope)) {
        return None;
    }
    let line = u32::try_from(message.get_line_number(scope)?).ok()?.checked_sub(1)?;
    let column = u32::try_from(message.get_start_column()).ok()?;
    Some(Location::new(frames::EVAL, Position { line, column }))
}

/// Whether a message is one of those that V8 has for JSON: `… in JSON at position 1 (line 1 column 2)` and the like.
fn is_of_json(message: &str) -> bool {
    let place = message.rsplit_once(" JSON at position ").map(|(_, place)| place);
    let is_place = |place: &str| {
        place.split([' ', '(', ')']).all(|word| matches!(word, "" | "line" | "column") || word.parse::<u64>().is_ok())
    };
    place.is_some_and(is_place) || message.ends_with(" is not valid JSON") || message.ends_with(" end of JSON input")
}

/// Where V8's message of a text that is no program points to, in emitted coordinates.
pub(crate) fn place<'s>(scope: &mut v8::PinScope<'s, '_>, message: v8::Local<'s, v8::Message>) -> Option<Location> {
    let script = message.get_script_resource_name(scope)?.try_cast::<v8::String>().ok()?.to_rust_string_lossy(scope);
    let line = u32::try_from(message.get_line_number(scope)?).ok()?.checked_sub(1)?;
    let column = u32::try_from(message.get_start_column()).ok()?;
    Some(Location::new(script, Position { line, column }))
}

/// Does what compiles or links text, and notes on what it throws where that is wrong.
pub(crate) fn watched<'s, T>(
    scope: &mut v8::PinScope<'s, '_>,
    compile: impl FnOnce(&mut v8::PinScope<'s, '_>) -> Option<T>,
) -> Option<T> {
    v8::tc_scope!(let scope, scope);
    let done = compile(scope);
    if done.is_none()
        && !scope.has_terminated()
        && let (Some(thrown), Some(message)) = (scope.exception(), scope.message())
        && noted(scope, thrown).is_none()
        && let Some(Location { script, position, .. }) = place(scope, message)
        && !script.is_empty()
        && !is_internal(&script)
    {
        let position = Realm::of(scope).scripts.borrow().position(&script, position);
        note(scope, thrown, &Location::new(script, position));
    }
    if scope.has_caught() {
        scope.rethrow();
    }
    done
}

/// `locateError(error, script, line, column, within)`. `within`: the innermost frame tells the statement that the place
/// is in.
fn locate_error(scope: &mut v8::PinScope, args: Args, _: Return) {
    let number = |index| args.get(index).try_cast::<v8::Uint32>().map(|number| number.value());
    if let (Ok(script), Ok(line), Ok(column)) = (args.get(1).try_cast::<v8::String>(), number(2), number(3)) {
        let script = script.to_rust_string_lossy(scope);
        note_as(scope, args.get(0), &Location::new(script, Position { line, column }), args.get(4).is_true());
    }
}

/// `parseJson(text, name)`: as `JSON.parse`; what is wrong is in the script `name`.
fn parse_json<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let (Ok(text), Ok(name)) = (args.get(0).try_cast::<v8::String>(), args.get(1).try_cast::<v8::String>()) else { return };
    let name = name.to_rust_string_lossy(scope);
    v8::tc_scope!(let scope, scope);
    match v8::json::parse(scope, text) {
        Some(value) => result.set(value),
        None => {
            if !scope.has_terminated()
                && let (Some(thrown), Some(message)) = (scope.exception(), scope.message())
                && let Some(line) = message.get_line_number(scope).and_then(|line| u32::try_from(line).ok()?.checked_sub(1))
                && let Ok(column) = u32::try_from(message.get_start_column())
            {
                note(scope, thrown, &Location::new(name, Position { line, column }));
            }
            scope.rethrow();
        }
    }
}
