//! The structured clone: V8 writes the value to bytes and reads it back. Objects of the platform's classes are cloned by these.

use std::cell::RefCell;

use v8::{ValueDeserializerHelper as _, ValueSerializerHelper as _};

use crate::{
    buffers::{bytes, new_array_buffer},
    ops::{self, Args, Return, add},
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

struct Writer<'c>(&'c Carried);
struct Reader<'c>(&'c Carried);

/// `clone(value, buffers)`: a clone, to which what is in the array `buffers` goes over; they are checked already, and detached here.
fn clone<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let Ok(list) = args.get(1).try_cast::<v8::Array>() else { return };
    let mut buffers = Vec::new();
    for index in 0..list.length() {
        buffers.extend(list.get_index(scope, index).and_then(|buffer| buffer.try_cast::<v8::ArrayBuffer>().ok()));
    }
    let context = scope.get_current_context();
    let carried = Carried::default();
    let writer = v8::ValueSerializer::new(scope, Box::new(Writer(&carried)));
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
    let reader = v8::ValueDeserializer::new(scope, Box::new(Reader(&carried)), &bytes);
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

/// `serialize(value)`: an ArrayBuffer with what V8 writes of a value. What is not in the bytes, such as shared memory, cannot be written.
fn serialize<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let context = scope.get_current_context();
    let carried = Carried::default();
    let writer = v8::ValueSerializer::new(scope, Box::new(Writer(&carried)));
    writer.write_header();
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
    let reader = v8::ValueDeserializer::new(scope, Box::new(Reader(&carried)), &bytes);
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
    if let Some(error) = ops::call_js(scope, "dataCloneError", &[message.into()]) {
        scope.throw_exception(error);
    }
}

impl v8::ValueSerializerImpl for Writer<'_> {
    fn throw_data_clone_error<'s>(&self, scope: &mut v8::PinScope<'s, '_>, message: v8::Local<'s, v8::String>) {
        if let Some(error) = ops::call_js(scope, "dataCloneError", &[message.into()]) {
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
        let cloned = ops::call_js(scope, "cloneHost", &[object.into()])?.try_cast::<v8::Object>().ok()?;
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
