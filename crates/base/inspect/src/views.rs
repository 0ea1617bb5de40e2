//! Objects of the library's own classes, shown by properties that their class provides.
//!
//! Their state is in private fields, which only the class can read. So the class registers a function for its
//! prototype, in a place that no JavaScript reaches, and the inspector calls that function. **It is the environment's
//! own, reads private fields and calls no user code.** It returns `undefined` for an object that only inherits from the
//! prototype, a record (without a prototype) of the properties to show, or an array of names and values in turn, which
//! are shown as a map's.

use super::class::Chain;
use super::walk::Walk;

const VIEW: &str = "drupe.view";

/// Objects that inherit from `prototype` are shown as `view(object)` tells.
pub fn teach_view<'s>(scope: &mut v8::PinScope<'s, '_>, prototype: v8::Local<'s, v8::Object>, view: v8::Local<'s, v8::Function>) {
    let key = key(scope);
    prototype.set_private(scope, key, view.into());
}

fn key<'s>(scope: &v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Private> {
    let name = v8::String::new(scope, VIEW);
    v8::Private::for_api(scope, name)
}

impl<'s> Walk<'s, '_> {
    /// What the class of the first object of a chain tells of it, if it is one of the library's.
    pub(super) fn view(&self, scope: &mut v8::PinScope<'s, '_>, chain: &Chain<'s>) -> Option<v8::Local<'s, v8::Object>> {
        let (object, prototypes) = chain.objects.split_first()?;
        let key = key(scope);
        for prototype in prototypes {
            if prototype.has_private(scope, key) != Some(true) {
                continue;
            }
            let view = prototype.get_private(scope, key)?.try_cast::<v8::Function>().ok()?;
            v8::allow_javascript_execution_scope!(let scope, scope);
            let receiver = v8::undefined(scope).into();
            return view.call(scope, receiver, &[(*object).into()])?.try_cast::<v8::Object>().ok();
        }
        None
    }
}
