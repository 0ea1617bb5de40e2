//! Functions and classes.

use drupe_protocol::preview::{Kind, Object, Text};

use super::class::{Chain, MAX_NAME};
use super::primitives;
use super::walk::Walk;

impl<'s> Walk<'s, '_> {
    /// Fills in what kind of function it is, its name, and what a class extends.
    pub(super) fn function(&mut self, scope: &v8::PinScope<'s, '_>, chain: &Chain<'s>, out: &mut Object) {
        let Some(&object) = chain.objects.first() else { return };
        let Ok(function) = v8::Local::<v8::Function>::try_from(object) else { return };
        out.text = self.function_name(scope, function).unwrap_or_default();
        if self.is_class(scope, object) {
            out.kind = Kind::Class;
            out.extends = self.superclass(scope, chain);
            return;
        }
        out.kind = match (object.is_async_function(), object.is_generator_function()) {
            (false, false) => Kind::Function,
            (true, false) => Kind::AsyncFunction,
            (false, true) => Kind::GeneratorFunction,
            (true, true) => Kind::AsyncGeneratorFunction,
        };
    }

    /// The name a function has itself, if it is a plain string.
    pub(super) fn function_name(&mut self, scope: &v8::PinScope<'s, '_>, function: v8::Local<'s, v8::Function>) -> Option<Text> {
        let name = self.own(scope, function.into(), self.names.name).string()?;
        Some(primitives::as_written(scope, primitives::text(scope, name, &mut self.budget, MAX_NAME)))
    }

    /// A class is a function whose `prototype` cannot be replaced and whose source begins with the word. (The engine's
    /// own constructors share the first, methods that are called `class` the second.)
    fn is_class(&self, scope: &v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>) -> bool {
        let prototype = self.names.prototype;
        if object.has_real_named_property(scope, prototype) != Some(true) {
            return false;
        }
        let writable = object.get_real_named_property_attributes(scope, prototype).is_some_and(|known| !known.is_read_only());
        if writable {
            return false;
        }
        // For a function this is the engine's own reading of the source, shortened in the middle.
        let Some(source) = object.to_detail_string(scope) else { return false };
        let mut first = [0; 5];
        let short = source.length() < first.len();
        source.write_one_byte_v2(scope, 0, &mut first, v8::WriteFlags::empty());
        !short && first == *b"class"
    }

    fn superclass(&mut self, scope: &v8::PinScope<'s, '_>, chain: &Chain<'s>) -> Text {
        let parent = chain.objects.get(1).and_then(|parent| v8::Local::<v8::Function>::try_from(*parent).ok());
        parent.and_then(|parent| self.function_name(scope, parent)).unwrap_or_default()
    }
}
