//! The stack text of an error.
//!
//! V8 writes it when it is first read, and runs user code while doing so: `Error.prepareStackTrace`, and accessors for
//! the error's `name` and `message`. It is read only where all of these are plain data. Otherwise it is built here from
//! the frames that V8 captured.

use std::fmt::Write;

use drupe_protocol::preview::Text;

use super::class::{Chain, Class};
use super::embedder::{self, Place};
use super::primitives;
use super::properties::{Property, name, own_getter};
use super::said;
use super::walk::Walk;

/// Longest stack text.
const MAX_STACK: usize = 20_000;
const MAX_FRAMES: usize = 100;

/// A value as text: a string, a number and the like. `None`: only code of the user's could make a text of it.
fn text_of<'s>(scope: &v8::PinScope<'s, '_>, stack: v8::Local<'s, v8::Value>) -> Option<v8::Local<'s, v8::String>> {
    if stack.is_object() || stack.is_symbol() { None } else { stack.to_string(scope) }
}

impl<'s> Walk<'s, '_> {
    /// The stack, or name and message if there is none.
    pub(super) fn stack_text(&mut self, scope: &mut v8::PinScope<'s, '_>, chain: &Chain<'s>, class: &Class) -> Text {
        let Some(&error) = chain.objects.first() else { return Text::default() };
        let key = name(scope, "stack");
        let stack: Option<v8::Local<v8::Value>> = match self.inherited(scope, &chain.objects, key) {
            Property::Value(value) if value.is_object() => said::foreign_stack(scope, error).or(Some(value)),
            Property::Value(value) => Some(value),
            Property::Accessor(_) => {
                let native = self.native_stack(scope, chain);
                native.or_else(|| said::foreign_stack(scope, error)).or_else(|| Some(said::of(scope, error)?.0.into()))
            }
            Property::Absent | Property::Unreadable => return self.title(scope, chain, class),
        };
        // It was taken away.
        if stack.is_some_and(|stack| !stack.boolean_value(scope)) {
            return self.title(scope, chain, class);
        }
        match stack.and_then(|stack| text_of(scope, stack)) {
            Some(stack) => primitives::as_written(scope, primitives::text(scope, stack, &mut self.budget, MAX_STACK)),
            None => {
                let title = self.title(scope, chain, class).into_string();
                captured(scope, error, title).into()
            }
        }
    }

    /// Runs V8's own getter, if the error has that one, and if it will ask nobody.
    pub(super) fn native_stack(
        &mut self,
        scope: &mut v8::PinScope<'s, '_>,
        chain: &Chain<'s>,
    ) -> Option<v8::Local<'s, v8::Value>> {
        let &error = chain.objects.first()?;
        let stack = name(scope, "stack");
        // A new error has the getter of this realm, and leads to the realm's own `Error`.
        let (getter, pristine) = said::native_getter(scope)?;
        // Once the text was made, V8 keeps it, or what was assigned in its place.
        let is_made = said::of(scope, error).is_some();
        if own_getter(scope, error, stack)? != getter || !is_made && self.would_ask(scope, chain, pristine) {
            return None;
        }
        let getter: v8::Local<v8::Function> = getter.try_into().ok()?;
        // An embedder's part in it, if there is one, may run no code of the page either.
        getter.call(scope, error.into(), &[])
    }

    fn would_ask(&self, scope: &v8::PinScope<'s, '_>, chain: &Chain<'s>, pristine: v8::Local<'s, v8::Object>) -> bool {
        let asked = ["name", "message"].iter().any(|key| match self.inherited(scope, &chain.objects, name(scope, key)) {
            Property::Value(value) => value.is_object(),
            Property::Accessor(_) | Property::Unreadable => true,
            Property::Absent => false,
        });
        if asked || chain.opaque {
            return true;
        }
        let prototype = Chain::of(scope, pristine);
        let constructor = prototype.objects.get(1).map(|prototype| self.own(scope, *prototype, self.names.constructor));
        let Some(Property::Value(constructor)) = constructor else { return true };
        // The engine asks its own `Error`, an embedder may ask the one that the page sees.
        let global = scope.get_current_context().global(scope);
        let visible = self.own(scope, global, name(scope, "Error")).value();
        self.has_formatter(scope, constructor)
            || visible.is_some_and(|visible| visible != constructor && self.has_formatter(scope, visible))
    }

    /// Whether an `Error` has a function to format stacks with, or cannot be known to have none.
    fn has_formatter(&self, scope: &v8::PinScope<'s, '_>, constructor: v8::Local<'s, v8::Value>) -> bool {
        let Ok(constructor) = v8::Local::<v8::Object>::try_from(constructor) else { return false };
        if constructor.is_proxy() {
            return true;
        }
        let chain = Chain::of(scope, constructor);
        chain.opaque || !self.inherited(scope, &chain.objects, name(scope, "prepareStackTrace")).is_absent()
    }

    /// `name: message`, of what is plain data.
    fn title(&mut self, scope: &v8::PinScope<'s, '_>, chain: &Chain<'s>, class: &Class) -> Text {
        let title = self.data_string(scope, chain, "name").map_or_else(|| class.name.as_str().to_owned(), Text::into_string);
        match self.data_string(scope, chain, "message").filter(|message| !message.is_empty()) {
            Some(message) if title.is_empty() => message,
            Some(message) => format!("{title}: {message}").into(),
            None => title.into(),
        }
    }

    /// A property that is plain data, as text: a string, a number and the like.
    pub(super) fn data_string(&mut self, scope: &v8::PinScope<'s, '_>, chain: &Chain<'s>, key: &str) -> Option<Text> {
        let value = self.inherited(scope, &chain.objects, name(scope, key)).value().filter(|value| !value.is_undefined())?;
        let value = text_of(scope, value)?;
        Some(primitives::as_written(scope, primitives::text(scope, value, &mut self.budget, MAX_STACK)))
    }
}

/// The title with the frames that V8 captured, if it did (it does while an inspector session listens), those that the
/// embedder does not show left out.
fn captured(scope: &v8::PinScope<'_, '_>, error: v8::Local<v8::Object>, mut text: String) -> String {
    let Some(trace) = v8::Exception::get_stack_trace(scope, error.into()) else { return text };
    for index in 0..trace.get_frame_count().min(MAX_FRAMES) {
        #[expect(clippy::disallowed_methods, reason = "the index is in bounds")]
        let Some(frame) = trace.get_frame(scope, index) else { break };
        let function =
            frame.get_function_name(scope).map(|name| name.to_rust_string_lossy(scope)).filter(|name| !name.is_empty());
        let script = frame.get_script_name_or_source_url(scope).map(|name| name.to_rust_string_lossy(scope));
        let script = script.unwrap_or_else(|| "<anonymous>".to_owned());
        let place = Place { script, line: frame.get_line_number(), column: frame.get_column() };
        let Some(Place { script, line, column }) = embedder::place(scope, function.as_deref(), place) else { continue };
        let _ = match function {
            Some(function) => write!(text, "\n    at {function} ({script}:{line}:{column})"),
            None => write!(text, "\n    at {script}:{line}:{column}"),
        };
    }
    embedder::names(scope, &text).unwrap_or(text)
}
