//! V8's inspector, attached to a session: only it knows the names of lexical bindings. A debugger would attach here,
//! too.

use std::{
    cell::{OnceCell, RefCell},
    rc::Rc,
};

use v8::inspector::{
    Channel, ChannelImpl, StringBuffer, StringView, V8Inspector, V8InspectorClient, V8InspectorClientImpl,
    V8InspectorClientTrustLevel, V8InspectorSession,
};

const CONTEXT_GROUP: i32 = 1;

/// The inspector numbers contexts from 1, and has seen only this one.
const ASK_FOR_NAMES: &[u8] = br#"{"id":1,"method":"Runtime.globalLexicalScopeNames","params":{"executionContextId":1}}"#;

/// The inspector of one isolate. It is there from the start, because it adds to the console; a session with it is
/// opened when the first question comes.
pub(crate) struct Inspector {
    session: OnceCell<V8InspectorSession>,
    inspector: V8Inspector,
    /// The JSON of the last answer. Questions are answered before their dispatch returns.
    answer: Rc<RefCell<Vec<u8>>>,
}

struct Client;

impl V8InspectorClientImpl for Client {}

struct Answering(Rc<RefCell<Vec<u8>>>);

impl ChannelImpl for Answering {
    fn send_response(&self, _: i32, message: v8::UniquePtr<StringBuffer>) {
        let Some(message) = message.as_ref() else { return };
        // Protocol JSON is ASCII; everything else is escaped.
        *self.0.borrow_mut() = match message.string() {
            StringView::U8(bytes) => bytes.to_vec(),
            StringView::U16(units) => units.iter().map(|unit| u8::try_from(*unit).unwrap_or(b'?')).collect(),
        };
    }

    fn send_notification(&self, _: v8::UniquePtr<StringBuffer>) {}

    fn flush_protocol_notifications(&self) {}
}

impl Inspector {
    pub(crate) fn new(isolate: &mut v8::OwnedIsolate, context: &v8::Global<v8::Context>) -> Self {
        let inspector = V8Inspector::create(isolate, V8InspectorClient::new(Box::new(Client)));
        v8::scope!(let scope, isolate);
        let context = v8::Local::new(scope, context);
        let aux = StringView::from(&br#"{"isDefault":true}"#[..]);
        inspector.context_created(context, CONTEXT_GROUP, StringView::from(&b"drupe"[..]), aux);
        Self { session: OnceCell::new(), inspector, answer: Rc::default() }
    }

    /// The names of the lexical bindings at the top level, in the order of their making. May be asked in the midst of
    /// an evaluation.
    ///
    /// The answer is parsed by V8: names may hold lone surrogates.
    pub(crate) fn lexical_names<'s>(&self, scope: &mut v8::PinScope<'s, '_>) -> Option<Vec<v8::Local<'s, v8::String>>> {
        self.session().dispatch_protocol_message(StringView::from(ASK_FOR_NAMES));
        let answer = self.answer.take();
        v8::tc_scope!(let scope, scope);
        let json = v8::String::new_from_one_byte(scope, &answer, v8::NewStringType::Normal)?;
        let message = v8::json::parse(scope, json)?.try_cast::<v8::Object>().ok()?;
        let result = own(scope, message, "result")?.try_cast::<v8::Object>().ok()?;
        let names = own(scope, result, "names")?.try_cast::<v8::Array>().ok()?;
        Some((0..names.length()).filter_map(|index| names.get_index(scope, index)?.try_cast().ok()).collect())
    }

    fn session(&self) -> &V8InspectorSession {
        self.session.get_or_init(|| {
            let channel = Channel::new(Box::new(Answering(self.answer.clone())));
            let state = StringView::from(&b"{}"[..]);
            self.inspector.connect(CONTEXT_GROUP, channel, state, V8InspectorClientTrustLevel::FullyTrusted)
        })
    }

    /// Takes the inspector off the context; called before the isolate goes.
    pub(crate) fn detach(&self, isolate: &mut v8::OwnedIsolate, context: &v8::Global<v8::Context>) {
        v8::scope!(let scope, isolate);
        let context = v8::Local::new(scope, context);
        self.inspector.context_destroyed(context);
    }
}

/// An own property of parsed JSON; what users put on Object.prototype is not meant.
fn own<'s>(scope: &mut v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>, key: &str) -> Option<v8::Local<'s, v8::Value>> {
    let key = v8::String::new(scope, key)?;
    if object.has_own_property(scope, key.into())? { object.get(scope, key.into()) } else { None }
}
