//! Evaluation in V8's REPL mode, through an in-process inspector session.
//!
//! `Runtime.evaluate` with `replMode` gives top-level `await` and redeclaration as V8 has them. Its answer arrives when the chunk
//! and all it awaits have settled: at once for a chunk that does not compile, during a microtask checkpoint otherwise, or never.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
};

use drupe_protocol::{Position, event::Location};
use v8::inspector::{
    Channel, ChannelImpl, StringBuffer, StringView, V8Inspector, V8InspectorClient, V8InspectorClientImpl,
    V8InspectorClientTrustLevel, V8InspectorSession,
};

/// Results are held in this group until they have been read.
const OBJECT_GROUP: &[u8] = b"run";

const CONTEXT_GROUP: i32 = 1;

/// One inspector session and the answers it has given.
pub(crate) struct Evaluator {
    session: V8InspectorSession,
    inspector: V8Inspector,
    answers: Answers,
    last_call: Cell<i32>,
}

type Answers = Rc<RefCell<VecDeque<Answer>>>;

/// Identifies an evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Call(i32);

/// The call that asks for names: one that [`Evaluator::evaluate`] does not come to.
const NAMES_CALL: Call = Call(i32::MAX);

/// An answer of the inspector, not yet read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) call: Call,
    json: Vec<u8>,
}

/// What an evaluation came to.
pub(crate) enum Settled<'s> {
    /// The completion value.
    Value(v8::Local<'s, v8::Value>),
    /// What was thrown, and where if it did not compile.
    Threw(v8::Local<'s, v8::Value>, Option<Location>),
    /// Nothing: the evaluation was terminated, or nobody can settle what it awaits.
    Nothing,
}

struct Client;

/// Says what every object is before the inspector finds out: to describe an error it would run the user's getters.
impl V8InspectorClientImpl for Client {
    fn value_subtype<'s>(
        &self,
        _: &mut v8::PinScope<'s, '_>,
        value: v8::Local<'s, v8::Value>,
    ) -> Option<v8::UniquePtr<StringBuffer>> {
        value.is_object().then(|| StringBuffer::create(StringView::from(&b"error"[..])))
    }

    fn description_for_value_subtype<'s>(
        &self,
        _: &mut v8::PinScope<'s, '_>,
        _: v8::Local<'s, v8::Value>,
    ) -> Option<v8::UniquePtr<StringBuffer>> {
        Some(StringBuffer::create(StringView::from(&b"-"[..])))
    }
}

struct Answering(Answers);

impl ChannelImpl for Answering {
    fn send_response(&self, call: i32, message: v8::UniquePtr<StringBuffer>) {
        let Some(message) = message.as_ref() else { return };
        // Protocol JSON is ASCII; everything else is escaped.
        let json = match message.string() {
            StringView::U8(bytes) => bytes.to_vec(),
            StringView::U16(units) => units.iter().map(|unit| u8::try_from(*unit).unwrap_or(b'?')).collect(),
        };
        self.0.borrow_mut().push_back(Answer { call: Call(call), json });
    }

    fn send_notification(&self, _: v8::UniquePtr<StringBuffer>) {}

    fn flush_protocol_notifications(&self) {}
}

impl Evaluator {
    pub(crate) fn new(isolate: &mut v8::OwnedIsolate, context: &v8::Global<v8::Context>) -> Self {
        let inspector = V8Inspector::create(isolate, V8InspectorClient::new(Box::new(Client)));
        let answers = Answers::default();
        let channel = Channel::new(Box::new(Answering(answers.clone())));
        let session =
            inspector.connect(CONTEXT_GROUP, channel, StringView::from(&b"{}"[..]), V8InspectorClientTrustLevel::FullyTrusted);
        v8::scope!(let scope, isolate);
        let context = v8::Local::new(scope, context);
        let aux = StringView::from(&br#"{"isDefault":true}"#[..]);
        inspector.context_created(context, CONTEXT_GROUP, StringView::from(&b"drupe"[..]), aux);
        Self { session, inspector, answers, last_call: Cell::new(0) }
    }

    /// Starts evaluating `code` as a script called `name`. The caller has entered the context, and guards the entry.
    pub(crate) fn evaluate(&self, code: &str, name: &str) -> Call {
        self.dispatch(br#""replMode":true"#, code, name)
    }

    /// Evaluates `code`, which declares nothing, until its first side effect. Not in REPL mode, in which a script is a promise. The caller
    /// has entered the context, and guards the entry. `None`: it was terminated.
    pub(crate) fn evaluate_without_effects(&self, code: &str) -> Option<Answer> {
        let call = self.dispatch(br#""throwOnSideEffect":true,"silent":true"#, code, "preview");
        self.take_answer_to(call)
    }

    fn dispatch(&self, mode: &[u8], code: &str, name: &str) -> Call {
        let call = self.last_call.get().wrapping_add(1);
        self.last_call.set(call);
        let mut message = Vec::with_capacity(code.len() + code.len() / 8 + 128);
        message.extend_from_slice(br#"{"id":"#);
        // The inspector numbers contexts from 1, and has seen only this one.
        message.extend_from_slice(call.to_string().as_bytes());
        message.extend_from_slice(br#","method":"Runtime.evaluate","params":{"#);
        message.extend_from_slice(mode);
        message.extend_from_slice(br#","contextId":1,"objectGroup":"run","expression":""#);
        escape(code, &mut message);
        escape("\n//# sourceURL=", &mut message);
        escape(name, &mut message);
        message.extend_from_slice(br#""}}"#);
        self.session.dispatch_protocol_message(StringView::from(message.as_slice()));
        Call(call)
    }

    pub(crate) fn take_answer(&self) -> Option<Answer> {
        self.answers.borrow_mut().pop_front()
    }

    /// For a call that is answered at once; what else has been answered is for whoever asked that.
    fn take_answer_to(&self, call: Call) -> Option<Answer> {
        let mut answers = self.answers.borrow_mut();
        let index = answers.iter().rposition(|answer| answer.call == call)?;
        answers.remove(index)
    }

    /// Reads an answer. The values live as long as `scope`; the inspector's own hold on them ends here. `stopped`: JavaScript was, when the
    /// answer was made.
    pub(crate) fn read<'s>(&self, scope: &mut v8::PinScope<'s, '_>, answer: &Answer, name: &str, stopped: bool) -> Settled<'s> {
        let settled = self.settled(scope, answer, name, stopped).unwrap_or(Settled::Nothing);
        self.session.release_object_group(StringView::from(OBJECT_GROUP));
        settled
    }

    /// The answer is parsed by V8: its strings may hold lone surrogates, and the primitives in it are the values themselves.
    fn settled<'s>(&self, scope: &mut v8::PinScope<'s, '_>, answer: &Answer, name: &str, stopped: bool) -> Option<Settled<'s>> {
        let json = v8::String::new_from_one_byte(scope, &answer.json, v8::NewStringType::Normal)?;
        let message = v8::json::parse(scope, json)?.try_cast::<v8::Object>().ok()?;
        if let Some(error) = own_object(scope, message, "error") {
            // One that is stopped while it makes its answer says no more than "Internal error".
            return if stopped { None } else { refusal(scope, error) };
        }
        let result = own_object(scope, message, "result")?;
        if let Some(details) = own_object(scope, result, "exceptionDetails") {
            let thrown = own_object(scope, details, "exception")?;
            let thrown = self.remote_value(scope, thrown)?;
            // Errors that were thrown carry their own stack; only those that did not compile have a script here and no stack.
            let uncompiled = own_object(scope, details, "stackTrace").is_none() && own(scope, details, "scriptId").is_some();
            let at = uncompiled.then(|| location(scope, details, name)).flatten();
            return Some(Settled::Threw(thrown, at));
        }
        let remote = own_object(scope, result, "result")?;
        self.remote_value(scope, remote).map(Settled::Value)
    }

    /// The value that a `RemoteObject` stands for.
    fn remote_value<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        remote: v8::Local<'s, v8::Object>,
    ) -> Option<v8::Local<'s, v8::Value>> {
        if let Some(id) = own(scope, remote, "objectId") {
            let id = id.to_rust_string_lossy(scope);
            return self.session.unwrap_object(scope, StringView::from(id.as_bytes())).ok().map(|(value, ..)| value);
        }
        if let Some(text) = own(scope, remote, "unserializableValue") {
            return unserializable(scope, text.try_cast().ok()?);
        }
        Some(own(scope, remote, "value").unwrap_or_else(|| v8::undefined(scope).into()))
    }

    /// The names of the lexical bindings at the top level, in the order of their making. May be asked in the midst of an evaluation.
    pub(crate) fn lexical_names<'s>(&self, scope: &mut v8::PinScope<'s, '_>) -> Option<Vec<v8::Local<'s, v8::String>>> {
        let message = format!(
            r#"{{"id":{},"method":"Runtime.globalLexicalScopeNames","params":{{"executionContextId":1}}}}"#,
            NAMES_CALL.0
        );
        self.session.dispatch_protocol_message(StringView::from(message.as_bytes()));
        let answer = self.take_answer_to(NAMES_CALL)?;
        v8::tc_scope!(let scope, scope);
        let json = v8::String::new_from_one_byte(scope, &answer.json, v8::NewStringType::Normal)?;
        let message = v8::json::parse(scope, json)?.try_cast::<v8::Object>().ok()?;
        let result = own_object(scope, message, "result")?;
        let names = own(scope, result, "names")?.try_cast::<v8::Array>().ok()?;
        Some((0..names.length()).filter_map(|index| names.get_index(scope, index)?.try_cast().ok()).collect())
    }

    /// Takes the inspector off the context; called before the isolate goes.
    pub(crate) fn detach(&self, isolate: &mut v8::OwnedIsolate, context: &v8::Global<v8::Context>) {
        v8::scope!(let scope, isolate);
        let context = v8::Local::new(scope, context);
        self.inspector.context_destroyed(context);
    }
}

/// Answers of the inspector that say no more than that there will be no result: the caller knows why, or nobody does.
const NO_RESULT: [&str; 2] = ["Execution was terminated", "Promise was collected"];

/// The inspector did not evaluate; a reason that is not one of the expected is passed on as an error.
fn refusal<'s>(scope: &mut v8::PinScope<'s, '_>, error: v8::Local<'s, v8::Object>) -> Option<Settled<'s>> {
    let message = own(scope, error, "message")?.try_cast::<v8::String>().ok()?;
    if NO_RESULT.contains(&&*message.to_rust_string_lossy(scope)) {
        return None;
    }
    Some(Settled::Threw(v8::Exception::error(scope, message), None))
}

/// Numbers that JSON lacks, and BigInts.
fn unserializable<'s>(scope: &mut v8::PinScope<'s, '_>, text: v8::Local<'s, v8::String>) -> Option<v8::Local<'s, v8::Value>> {
    let number = |scope: &mut v8::PinScope<'s, '_>, number| Some(v8::Number::new(scope, number).into());
    match &*text.to_rust_string_lossy(scope) {
        "NaN" => number(scope, f64::NAN),
        "Infinity" => number(scope, f64::INFINITY),
        "-Infinity" => number(scope, f64::NEG_INFINITY),
        "-0" => number(scope, -0.0),
        // A BigInt literal, digits only: V8 reads it itself.
        literal if literal.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'n')) => {
            v8::Script::compile(scope, text, None)?.run(scope)
        }
        _ => None,
    }
}

fn location(scope: &mut v8::PinScope, details: v8::Local<v8::Object>, name: &str) -> Option<Location> {
    v8::scope!(let scope, scope);
    let details = v8::Local::new(scope, details);
    let line = own(scope, details, "lineNumber")?.uint32_value(scope)?;
    let column = own(scope, details, "columnNumber")?.uint32_value(scope)?;
    Some(Location { script: name.to_owned(), position: Position { line, column } })
}

/// An own property of parsed JSON; what users put on Object.prototype is not meant.
fn own<'s>(scope: &mut v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>, key: &str) -> Option<v8::Local<'s, v8::Value>> {
    let key = v8::String::new(scope, key)?;
    if object.has_own_property(scope, key.into())? { object.get(scope, key.into()) } else { None }
}

fn own_object<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    object: v8::Local<'s, v8::Object>,
    key: &str,
) -> Option<v8::Local<'s, v8::Object>> {
    own(scope, object, key)?.try_cast().ok()
}

/// Appends `text` as the inside of a JSON string, in ASCII.
fn escape(text: &str, out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| !matches!(byte, b' '..=b'~') || matches!(byte, b'"' | b'\\')) {
        let (plain, special) = rest.split_at(at);
        out.extend_from_slice(plain.as_bytes());
        let Some(char) = special.chars().next() else { break };
        match char {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            _ => {
                for unit in char.encode_utf16(&mut [0; 2]) {
                    out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
                }
            }
        }
        rest = &special[char.len_utf8()..];
    }
    out.extend_from_slice(rest.as_bytes());
}
