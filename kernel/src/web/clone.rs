//! The structured clone: V8 writes the value to bytes and reads it back. The platform's classes clone their own
//! objects.

use std::cell::RefCell;

use v8::{ValueDeserializerHelper as _, ValueSerializerHelper as _};

use crate::isolate::{
    array_buffers::{bytes, new_array_buffer, with_bytes},
    native::{self, Args, Return, add},
};

/// Objects that have this are cloned by `ops.cloneHost`.
const MARK: &str = "drupe.clone";

pub(super) fn install(scope: &mut v8::PinScope, ops: v8::Local<v8::Object>) -> Option<()> {
    add(scope, ops, "teachClone", teach)?;
    add(scope, ops, "clone", clone)?;
    add(scope, ops, "serialize", serialize)?;
    add(scope, ops, "deserialize", deserialize)
}

/// `teachClone(prototype)`: objects that inherit from it are no plain objects.
fn teach<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, _: Return<'s>) {
    if let (Ok(prototype), Some(mark)) = (args.get(0).try_cast::<v8::Object>(), mark(scope)) {
        let yes = v8::Boolean::new(scope, true).into();
        prototype.set_private(scope, mark, yes);
    }
}

fn mark<'s>(scope: &v8::PinScope<'s, '_>) -> Option<v8::Local<'s, v8::Private>> {
    let name = v8::String::new(scope, MARK);
    Some(v8::Private::for_api(scope, name))
}

/// What is carried beside the bytes.
#[derive(Default)]
struct Carried {
    hosts: RefCell<Vec<v8::Global<v8::Object>>>,
    shared: RefCell<Vec<v8::Global<v8::SharedArrayBuffer>>>,
    modules: RefCell<Vec<v8::Global<v8::WasmModuleObject>>>,
}

/// How views of buffers are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Views {
    /// As V8 writes them, with the whole buffer.
    Cloned,
    /// As Node's serializer writes them: a number for the class, the length, the bytes.
    Alone,
}

struct Writer<'c>(&'c Carried, Views);
struct Reader<'c>(&'c Carried, Views);

/// The numbers that Node's serializer writes for classes of views. Its number 10 is that of `Buffer`.
fn class_of(view: v8::Local<v8::Object>) -> Option<u32> {
    Some(match () {
        () if view.is_int8_array() => 0,
        () if view.is_uint8_array() => 1,
        () if view.is_uint8_clamped_array() => 2,
        () if view.is_int16_array() => 3,
        () if view.is_uint16_array() => 4,
        () if view.is_int32_array() => 5,
        () if view.is_uint32_array() => 6,
        () if view.is_float32_array() => 7,
        () if view.is_float64_array() => 8,
        () if view.is_data_view() => 9,
        () if view.is_big_int64_array() => 11,
        () if view.is_big_uint64_array() => 12,
        () => return None,
    })
}

/// Writes a view as Node's serializer does.
fn write_view<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    view: v8::Local<'s, v8::Object>,
    writer: &dyn v8::ValueSerializerHelper,
) -> Option<bool> {
    const BUFFER: u32 = 10;
    let is_buffer = native::call_js(scope, "isBuffer", &[view.into()])?.is_true();
    let class = if is_buffer { Some(BUFFER) } else { class_of(view) };
    let Some(class) = class else {
        throw_uncloneable(scope, "A view of this class could not be serialized.");
        return None;
    };
    with_bytes(scope, view.into(), |bytes| {
        writer.write_uint32(class);
        writer.write_uint32(u32::try_from(bytes.len()).ok()?);
        writer.write_raw_bytes(bytes);
        Some(true)
    })
}

/// Reads what [`write_view`] or Node has written.
fn read_view<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    reader: &dyn v8::ValueDeserializerHelper,
) -> Option<v8::Local<'s, v8::Object>> {
    let (mut class, mut length) = (0, 0);
    let whole = reader.read_uint32(&mut class) && reader.read_uint32(&mut length);
    let bytes = if whole { reader.read_raw_bytes(length as usize) } else { None };
    // Without bytes, JavaScript throws.
    let buffer = match bytes {
        Some(bytes) => new_array_buffer(scope, bytes.to_vec())?.into(),
        None => v8::undefined(scope).into(),
    };
    let class = v8::Integer::new_from_unsigned(scope, class).into();
    // V8 reads without JavaScript, but for the objects of its embedder.
    v8::allow_javascript_execution_scope!(let scope, scope);
    native::call_js(scope, "viewOf", &[class, buffer])?.try_cast().ok()
}

/// `clone(value, buffers)`: a clone, to which what is in the array `buffers` goes over; they are checked already, and
/// detached here.
fn clone<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let Ok(list) = args.get(1).try_cast::<v8::Array>() else { return };
    let mut buffers = Vec::new();
    for index in 0..list.length() {
        buffers.extend(list.get_index(scope, index).and_then(|buffer| buffer.try_cast::<v8::ArrayBuffer>().ok()));
    }
    let context = scope.get_current_context();
    let carried = Carried::default();
    let writer = v8::ValueSerializer::new(scope, Box::new(Writer(&carried, Views::Cloned)));
    writer.write_header();
    for (id, buffer) in (0..).zip(&buffers) {
        writer.transfer_array_buffer(id, *buffer);
    }
    if writer.write_value(context, args.get(0)) != Some(true) {
        return;
    }
    let bytes = writer.release();
    // Asked only now: a getter of the value may have detached one. All are asked before the first goes.
    if let Some(why) = buffers.iter().find_map(|buffer| refuses_transfer(*buffer)) {
        return throw_uncloneable(scope, why);
    }
    let reader = v8::ValueDeserializer::new(scope, Box::new(Reader(&carried, Views::Cloned)), &bytes);
    for (id, buffer) in (0..).zip(buffers) {
        let store = buffer.get_backing_store();
        // A buffer that cannot be detached would have two owners.
        if buffer.detach(None) != Some(true) {
            return throw_uncloneable(scope, KEEPS);
        }
        let moved = v8::ArrayBuffer::with_backing_store(scope, &store);
        reader.transfer_array_buffer(id, moved);
    }
    if reader.read_header(context) == Some(true)
        && let Some(value) = reader.read_value(context)
    {
        result.set(value);
    }
}

/// `serialize(value)`: an ArrayBuffer with what V8 writes of a value, and views as in Node. What is not in the bytes,
/// such as shared memory, cannot be written.
fn serialize<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let context = scope.get_current_context();
    let carried = Carried::default();
    let writer = v8::ValueSerializer::new(scope, Box::new(Writer(&carried, Views::Alone)));
    writer.write_header();
    writer.set_treat_array_buffer_views_as_host_objects(true);
    if writer.write_value(context, args.get(0)) != Some(true) {
        return;
    }
    let bytes = writer.release();
    let is_whole = carried.hosts.borrow().is_empty() && carried.shared.borrow().is_empty() && carried.modules.borrow().is_empty();
    if !is_whole {
        return throw_uncloneable(scope, "An object of the platform, or shared memory, could not be serialized.");
    }
    if let Some(buffer) = new_array_buffer(scope, bytes) {
        result.set(buffer.into());
    }
}

/// `deserialize(view)`: the value that the bytes of a view are of.
fn deserialize<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let Some(bytes) = bytes(args.get(0)) else { return };
    let context = scope.get_current_context();
    let carried = Carried::default();
    let reader = v8::ValueDeserializer::new(scope, Box::new(Reader(&carried, Views::Alone)), &bytes);
    if reader.read_header(context) == Some(true)
        && let Some(value) = reader.read_value(context)
    {
        result.set(value);
    }
}

const KEEPS: &str = "An ArrayBuffer cannot be detached and could not be transferred.";

/// Why a buffer cannot go over: WebAssembly's memories keep theirs.
fn refuses_transfer(buffer: v8::Local<v8::ArrayBuffer>) -> Option<&'static str> {
    if buffer.was_detached() {
        return Some("An ArrayBuffer is detached and could not be cloned.");
    }
    (!buffer.is_detachable()).then_some(KEEPS)
}

fn throw_uncloneable(scope: &mut v8::PinScope, message: &str) {
    // Without memory for the text, V8 has thrown already.
    let Some(message) = v8::String::new(scope, message) else { return };
    if let Some(error) = native::call_js(scope, "dataCloneError", &[message.into()]) {
        scope.throw_exception(error);
    }
}

impl v8::ValueSerializerImpl for Writer<'_> {
    fn throw_data_clone_error<'s>(&self, scope: &mut v8::PinScope<'s, '_>, message: v8::Local<'s, v8::String>) {
        if let Some(error) = native::call_js(scope, "dataCloneError", &[message.into()]) {
            scope.throw_exception(error);
        }
    }

    fn has_custom_host_object(&self, _: &v8::Isolate) -> bool {
        true
    }

    fn is_host_object<'s>(&self, scope: &mut v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>) -> Option<bool> {
        v8::scope!(let scope, scope);
        let mark = mark(scope)?;
        let mut at = v8::Local::new(scope, object);
        while let Some(Ok(next)) = at.get_prototype(scope).map(|next| next.try_cast::<v8::Object>()) {
            if next.is_proxy() {
                break;
            }
            if next.has_private(scope, mark) == Some(true) {
                return Some(true);
            }
            at = next;
        }
        Some(false)
    }

    fn write_host_object<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
        writer: &dyn v8::ValueSerializerHelper,
    ) -> Option<bool> {
        if self.1 == Views::Alone && object.is_array_buffer_view() {
            return write_view(scope, object, writer);
        }
        let cloned = native::call_js(scope, "cloneHost", &[object.into()])?.try_cast::<v8::Object>().ok()?;
        let mut hosts = self.0.hosts.borrow_mut();
        writer.write_uint32(u32::try_from(hosts.len()).ok()?);
        hosts.push(v8::Global::new(scope, cloned));
        Some(true)
    }

    fn get_shared_array_buffer_id<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        buffer: v8::Local<'s, v8::SharedArrayBuffer>,
    ) -> Option<u32> {
        let mut shared = self.0.shared.borrow_mut();
        shared.push(v8::Global::new(scope, buffer));
        u32::try_from(shared.len() - 1).ok()
    }

    fn get_wasm_module_transfer_id(
        &self,
        scope: &mut v8::PinScope<'_, '_>,
        module: v8::Local<v8::WasmModuleObject>,
    ) -> Option<u32> {
        let mut modules = self.0.modules.borrow_mut();
        modules.push(v8::Global::new(scope, module));
        u32::try_from(modules.len() - 1).ok()
    }
}

impl v8::ValueDeserializerImpl for Reader<'_> {
    fn read_host_object<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        reader: &dyn v8::ValueDeserializerHelper,
    ) -> Option<v8::Local<'s, v8::Object>> {
        if self.1 == Views::Alone {
            return read_view(scope, reader);
        }
        let mut index = 0;
        reader.read_uint32(&mut index);
        self.0.hosts.borrow().get(index as usize).map(|host| v8::Local::new(scope, host))
    }

    fn get_shared_array_buffer_from_id<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        id: u32,
    ) -> Option<v8::Local<'s, v8::SharedArrayBuffer>> {
        self.0.shared.borrow().get(id as usize).map(|buffer| v8::Local::new(scope, buffer))
    }

    fn get_wasm_module_from_id<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        id: u32,
    ) -> Option<v8::Local<'s, v8::WasmModuleObject>> {
        self.0.modules.borrow().get(id as usize).map(|module| v8::Local::new(scope, module))
    }
}
