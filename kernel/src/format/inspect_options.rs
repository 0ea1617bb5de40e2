//! What programs ask of `util.inspect` and `console.dir`.

use drupe_inspect::{self as inspect, Hooks, Options};

use super::hooks::{Asking, Customs};
use crate::{
    inspect::presets,
    isolate::{attempt::Failure, peek, realm::Realm},
};

/// Columns after which entries go on lines of their own, unless the options say otherwise.
const BREAK_LENGTH: usize = 80;

/// What somebody wants of `inspect`.
#[derive(Clone, Copy)]
pub(crate) struct InspectOptions {
    pub(crate) options: Options,
    layout: drupe_preview::Options<'static>,
    /// Whether inspect functions of objects are called.
    pub(crate) custom: bool,
    /// Whether the value itself is shown with its contents: not with a depth below zero.
    opened: bool,
}

impl Default for InspectOptions {
    fn default() -> Self {
        let layout = drupe_preview::Options { break_length: BREAK_LENGTH, ..drupe_preview::Options::default() };
        Self { options: presets::whole(Options::default()), layout, custom: true, opened: true }
    }
}

impl InspectOptions {
    /// Those that are `given` in place of these.
    pub(crate) fn with<'s>(mut self, scope: &mut v8::PinScope<'s, '_>, given: v8::Local<'s, v8::Object>) -> Self {
        let mut option = |key: &str| -> Option<v8::Local<'s, v8::Value>> {
            let key = v8::String::new(scope, key)?;
            peek::data_property(scope, given, key.into()).filter(|value| !value.is_undefined())
        };
        let mut flag = |key: &str, before: bool| {
            let is_set = |flag: v8::Local<v8::Value>| flag.try_cast::<v8::Int32>().is_ok_and(|flag| flag.value() != 0);
            option(key).map_or(before, |flag| flag.is_true() || is_set(flag))
        };
        self.options.show_hidden = flag("showHidden", self.options.show_hidden);
        self.options.show_proxy = flag("showProxy", self.options.show_proxy);
        self.layout.numeric_separator = flag("numericSeparator", self.layout.numeric_separator);
        self.set_colors(flag("colors", self.options.coloured));
        self.layout.sorted = option("sorted").is_some_and(|sorted| sorted.is_true() || sorted.is_function());
        self.custom = option("customInspect").map_or(self.custom, |custom| !custom.is_false());
        if let Some(depth) = option("depth") {
            self.set_depth(depth);
        }
        if let Some(compact) = option("compact") {
            self.layout.compact = if compact.is_true() { 3 } else { limit(compact).map_or(0, |number| number as usize) };
        }
        let mut number = |key: &str| option(key).and_then(limit).map(|number| number as usize);
        self.options.max_array_length = number("maxArrayLength").unwrap_or(self.options.max_array_length);
        self.options.max_string_length = number("maxStringLength").unwrap_or(self.options.max_string_length);
        self.layout.break_length = number("breakLength").unwrap_or(self.layout.break_length);
        self.layout.max_array_length = self.options.max_array_length;
        self
    }

    pub(crate) fn set_colors(&mut self, colors: bool) {
        self.options.coloured = colors;
        self.layout.styles = colors.then_some(&drupe_preview::Styles::NODE);
    }

    pub(crate) fn set_depth(&mut self, depth: v8::Local<v8::Value>) {
        if depth.try_cast::<v8::Number>().is_ok_and(|depth| depth.value() < 0.0) {
            (self.options.depth, self.opened) = (0, false);
        } else if let Some(depth) = limit(depth) {
            self.options.depth = depth;
        }
    }

    /// The text, for which no object is asked.
    pub(crate) fn text_without_hooks(&self, scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> String {
        inspect::text_in(scope, value, &self.options, None, &self.layout, self.opened)
    }

    /// The text, and what a hook failed with.
    pub(crate) fn text(&self, scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> (String, Option<Failure>) {
        let realm = Realm::of(scope);
        let mut asking = if self.custom { Asking::default() } else { Asking::without_functions() };
        let hooks: Option<&mut dyn Hooks> = if realm.state::<Customs>().failed() { None } else { Some(&mut asking) };
        let text = inspect::text_in(scope, value, &self.options, hooks, &self.layout, self.opened);
        (text, asking.failure)
    }
}

/// A number that limits something; null and infinity do not.
fn limit(value: v8::Local<v8::Value>) -> Option<u32> {
    if value.is_null() {
        return Some(u32::MAX);
    }
    let number = value.try_cast::<v8::Number>().ok()?.value();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, as it should")]
    Some(number as u32)
}
