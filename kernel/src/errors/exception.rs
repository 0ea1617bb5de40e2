//! Exceptions for the wire: name, message, the user's frames, and a text.

use drupe_protocol::{
    Event, Exception, Frame, Position, RunId,
    event::{Location, Origin, Uncaught},
};

use super::excerpt;
use crate::{
    inspect::presets,
    isolate::{
        marked::unmarked,
        peek,
        realm::Realm,
        scripts::{Scripts, is_guard, is_internal},
    },
    stacks::{frames, located, said},
    values::{Limits, opaque, to_wire},
};

/// How many bytes the thrown value may take by value.
const VALUE_LIMIT: Limits = Limits { bytes: 64 << 10 };

/// How much of an error's name and message is told, in UTF-16 code units.
const MAX_NAME: usize = 1_000;
const MAX_MESSAGE: usize = 64 << 10;

/// No more than the innermost so many frames are told.
const MAX_FRAMES: usize = 100;

/// Says that `thrown` was not caught. `at`: as of [`describe`].
pub(crate) fn report<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    thrown: v8::Local<'s, v8::Value>,
    run: Option<RunId>,
    origin: Origin,
    at: Option<Location>,
) {
    let exception = describe(scope, thrown, at);
    Realm::of(scope).say(&Event::Exception(Uncaught::new(run, origin, exception)));
}

/// Describes `thrown`. `at` is where it happened, in emitted coordinates, if somebody other than V8's stack trace knows
/// it.
pub(crate) fn describe<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    thrown: v8::Local<'s, v8::Value>,
    at: Option<Location>,
) -> Exception {
    let realm = Realm::of(scope);
    peek::without_javascript(scope, |scope| {
        let scripts = realm.scripts.borrow();
        let mut text = unbracketed(scope, thrown);
        let (name, message) = name_and_message(scope, thrown);
        let (mut frames, evaluated) = frames(scope, thrown, &scripts);
        place_by_text(&mut frames, &text);
        let uncompiled = at.map(|at| {
            let position = scripts.position(&at.script, at.position);
            Location::new(at.script, position)
        });
        if let Some(Location { script, position, .. }) = &uncompiled {
            // No stack tells it.
            text.push_str(&format!("\n    at {script}:{}:{}", position.line + 1, position.column + 1));
        }
        let uncompiled = uncompiled.or_else(|| located::of(scope, thrown));
        let at = match (uncompiled, frames.first()) {
            (Some(at), _) => Some(at),
            (None, Some(frame)) => Some(Location::new(&*frame.script, frame.position)),
            // Where all frames are those of awaits, only the text has them.
            (None, None) => {
                let error = thrown.try_cast::<v8::Object>().ok().filter(|_| thrown.is_native_error());
                error.and_then(|error| frames::places(&presets::stack(scope, error)).next())
            }
        };
        let code_frame = at.as_ref().and_then(|at| {
            if frames.first().is_some_and(|frame| frame.script == at.script && frame.position == at.position) {
                return excerpt::frame(&evaluated?, 0, at);
            }
            // Text that was not even compiled.
            let is_eval = at.script == frames::EVAL && thrown.is_native_error();
            let line = is_eval.then(|| v8::Exception::create_message(scope, thrown).get_source_line(scope)).flatten()?;
            excerpt::frame(&excerpt::text(scope, line)?, at.position.line, at)
        });
        let value = Some(to_wire(scope, thrown, VALUE_LIMIT).unwrap_or_else(|| opaque(scope, thrown)));
        let message = message.unwrap_or_else(|| presets::brief(scope, thrown));
        let (text, message) = (unmarked(scope, text), unmarked(scope, message));
        let mut exception = Exception::new(name, message, text);
        // The parent has all other sources.
        (exception.at, exception.frames, exception.code_frame, exception.value) = (at, frames, code_frame, value);
        exception
    })
}

/// Where V8 saw a value thrown that is no error and has no stack: in emitted coordinates, if it was in the user's code.
pub(crate) fn place<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    thrown: v8::Local<'s, v8::Value>,
    message: v8::Local<'s, v8::Message>,
) -> Option<Location> {
    if thrown.is_native_error() {
        return None;
    }
    located::place(scope, message).filter(|at| !at.script.is_empty() && !is_internal(&at.script))
}

/// The text of `thrown`; of an error without frames without the brackets that mark it among other values.
fn unbracketed<'s>(scope: &mut v8::PinScope<'s, '_>, thrown: v8::Local<'s, v8::Value>) -> String {
    let text = presets::text(scope, thrown);
    let Some(error) = thrown.try_cast::<v8::Object>().ok().filter(|_| thrown.is_native_error() && text.starts_with('[')) else {
        return text;
    };
    let stack = presets::stack(scope, error);
    match text.strip_prefix(&format!("[{stack}]")) {
        Some(rest) => stack + rest,
        // It names the class besides, and the error has nothing else to be shown.
        None => match text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
            Some(inner) => inner.to_owned(),
            None => text,
        },
    }
}

/// Name and message of an error; neither for other values.
fn name_and_message(scope: &mut v8::PinScope, thrown: v8::Local<v8::Value>) -> (Option<String>, Option<String>) {
    if !thrown.is_native_error() {
        return (None, None);
    }
    let Ok(error) = thrown.try_cast::<v8::Object>() else { return (None, None) };
    let name = peek::string_start(scope, error, "name", MAX_NAME).unwrap_or_else(|| "Error".to_owned());
    let message = peek::string_start(scope, error, "message", MAX_MESSAGE);
    let message = message.or_else(|| Some(start(&said::of(scope, error)?.1.to_rust_string_lossy(scope))));
    (Some(name), Some(message.unwrap_or_default()))
}

/// As much of a message as is told.
fn start(message: &str) -> String {
    match message.char_indices().nth(MAX_MESSAGE) {
        Some((end, _)) => format!("{}…", &message[..end]),
        None => message.to_owned(),
    }
}

/// The frames of the stack that V8 captured with an error, the kernel's own left out. And the text that the innermost
/// is in, if that was evaluated.
fn frames(scope: &mut v8::PinScope, thrown: v8::Local<v8::Value>, scripts: &Scripts) -> (Vec<Frame>, Option<String>) {
    let Some(trace) = v8::Exception::get_stack_trace(scope, thrown) else { return (Vec::new(), None) };
    let (mut frames, mut evaluated) = (Vec::new(), None);
    // Where a guard of a constant threw: it stands for the assignment that its caller made.
    let mut guarded: Option<Location> = None;
    for index in 0..trace.get_frame_count() {
        if frames.len() == MAX_FRAMES {
            break;
        }
        v8::scope!(let scope, scope);
        let Some(frame) = frames::frame(scope, trace, index) else { continue };
        let script = frame.get_script_name_or_source_url(scope).map(|name| name.to_rust_string_lossy(scope)).unwrap_or_default();
        let script = if script.is_empty() && frame.is_eval() { frames::EVAL.to_owned() } else { script };
        if script.is_empty() || is_internal(&script) {
            continue;
        }
        let function =
            frame.get_function_name(scope).map(|name| name.to_rust_string_lossy(scope)).filter(|name| !name.is_empty());
        let Some(at) = scripts.location(script, frame.get_line_number(), frame.get_column()) else { continue };
        if function.as_deref().is_some_and(is_guard) {
            guarded = Some(at);
            continue;
        }
        if frames.is_empty() && frame.is_eval() {
            evaluated = frame.get_script_source(scope).and_then(|source| excerpt::text(scope, source));
        }
        let Location { script, position, .. } = guarded.take().filter(|guarded| guarded.script == at.script).unwrap_or(at);
        let function = function.map(|function| unmarked(scope, function));
        frames.push(Frame::new(function, script, position));
    }
    (frames, evaluated)
}

/// V8 does not know the places of frames that it captured when the stack was full: each is at the beginning of its
/// script. The text has those of the innermost frames; the others are left out.
fn place_by_text(frames: &mut Vec<Frame>, text: &str) {
    let beginning = Position { line: 0, column: 0 };
    if frames.iter().any(|frame| frame.position != beginning) {
        return;
    }
    let places: Vec<Location> = frames::places(text).collect();
    if places.is_empty() || places.iter().zip(&*frames).any(|(at, frame)| at.script != frame.script) {
        return;
    }
    frames.truncate(places.len());
    frames.iter_mut().zip(places).for_each(|(frame, at)| frame.position = at.position);
}
