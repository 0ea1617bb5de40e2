//! What a client says.

use std::collections::BTreeMap;

use drupe_client::{Handle, host::permissions::Kind, json::TypedValue};
use serde::{Deserialize, de::DeserializeSeed as _};

use super::{event_type::EventType, map::Map};

/// Declares the messages of a client by their names, and reads `[name, body]`.
macro_rules! client_messages {
    ($($(#[$meta:meta])* $wire:literal => $variant:ident($body:ty),)*) => {
        /// A message of a client.
        #[derive(Clone, Debug)]
        pub(crate) enum ClientMessage {
            $($(#[$meta])* $variant(Box<$body>),)*
            /// A message that is not known: its name, and its id if it has one.
            Unknown(String, Option<u64>),
        }

        impl ClientMessage {
            /// The names of all messages.
            #[cfg(test)]
            pub(crate) const NAMES: &[&str] = &[$($wire),*];
        }

        impl<'de> Deserialize<'de> for ClientMessage {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Message;
                impl<'de> serde::de::Visitor<'de> for Message {
                    type Value = ClientMessage;

                    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                        f.write_str(super::words::A_MESSAGE)
                    }

                    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<ClientMessage, A::Error> {
                        use serde::de::Error;
                        let name: std::borrow::Cow<'de, str> =
                            seq.next_element()?.ok_or_else(|| A::Error::invalid_length(0, &self))?;
                        let nothing = || A::Error::invalid_length(1, &self);
                        let message = match &*name {
                            $($wire => {
                                let body = seq.next_element_seed(Map::<$body>::of("a body: a map of fields"))?;
                                ClientMessage::$variant(Box::new(body.ok_or_else(nothing)?))
                            })*
                            _ => {
                                let numbers = seq.next_element_seed(super::envelope::BodyNumbers)?.ok_or_else(nothing)?;
                                ClientMessage::Unknown(name.chars().take(64).collect(), numbers.id)
                            }
                        };
                        match seq.next_element::<serde::de::IgnoredAny>()? {
                            Some(_) => Err(A::Error::invalid_length(3, &self)),
                            None => Ok(message),
                        }
                    }
                }
                deserializer.deserialize_seq(Message)
            }
        }
    };
}

client_messages! {
    "hello" => Hello(Hello),
    "open" => Open(Open),
    "attach" => Attach(Attach),
    "detach" => Detach(OfKernel),
    "close" => Close(OfKernel),
    "list" => List(Request),
    "register" => Register(Register),
    "run" => Run(Run),
    "interrupt" => Interrupt(Interrupt),
    "reset" => Reset(OfKernel),
    "restart" => Restart(OfKernel),
    "terminate" => Terminate(OfKernel),
    "ping" => Ping(Request),
    "complete" => Complete(AtCursor),
    "inspect" => Inspect(AtCursor),
    "signature" => Signature(AtCursor),
    "globals" => Globals(OfKernel),
    "status" => Status(OfKernel),
    "preview" => Preview(Preview),
    "properties" => Properties(Properties),
    "release" => Release(Release),
    "is_complete" => IsComplete(OfCode),
    "format" => Format(OfCode),
    "answer" => Answer(Answer),
    "fail" => Fail(Fail),
    "stream" => Stream(OfCall),
    "item" => Item(Answer),
    "end" => End(OfCall),
}

/// Declares the bodies of messages; a field whose type is an `Option` may be absent.
macro_rules! bodies {
    ($($(#[$meta:meta])* $name:ident { $($field:ident: $type:ty),* $(,)? })*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, Deserialize)]
        pub(crate) struct $name {
            $(pub(crate) $field: $type,)*
        }

        impl $name {
            /// The names of all fields.
            #[cfg(test)]
            #[allow(dead_code, reason = "the document has tables for some")]
            pub(crate) const FIELDS: &[&str] = &[$(stringify!($field)),*];
        }
    )*};
}

bodies! {
    /// The first message of a client.
    Hello { versions: Vec<u64>, token: Option<String>, client: Option<String> }

    /// A request that concerns no kernel.
    Request { id: u64 }

    /// A request that concerns a kernel, and has no other field.
    OfKernel { id: u64, kernel: String }

    /// Starts a kernel.
    Open {
        id: u64,
        name: Option<String>,
        permissions: Option<Grants>,
        deny: Option<Grants>,
        sandbox: Option<Sandbox>,
        vm_timeout_ms: Option<f64>,
        wall_timeout_ms: Option<f64>,
        kill_on_timeout: Option<bool>,
        memory_limit: Option<u64>,
        console_limit: Option<u64>,
        folder: Option<String>,
        env: Option<BTreeMap<String, String>>,
        preload: Option<String>,
        functions: Option<Vec<String>>,
        reserved: Option<Vec<String>>,
        answers: Option<Vec<Question>>,
        builtin_names: Option<bool>,
        auto_reload: Option<bool>,
        respawn: Option<Respawn>,
        on_disconnect: Option<OnDisconnect>,
        linger_ms: Option<u64>,
        journal_limit: Option<u64>,
        slow: Option<Slow>,
        events: Option<Vec<EventType>>,
    }

    /// Gives the client the events of a kernel.
    Attach {
        id: u64,
        kernel: String,
        after: Option<u64>,
        answers: Option<Vec<Question>>,
        slow: Option<Slow>,
        events: Option<Vec<EventType>>,
    }

    /// Defines functions of the client.
    Register { id: u64, kernel: String, functions: Vec<String>, reserved: Option<bool> }

    /// Submits source text, or a module.
    Run {
        id: u64,
        kernel: String,
        code: Option<String>,
        module: Option<String>,
        args: Option<Vec<String>>,
        tag: Option<String>,
        name: Option<String>,
        language: Option<Language>,
        inputs: Option<Inputs>,
        vm_timeout_ms: Option<f64>,
        wall_timeout_ms: Option<f64>,
        kill_on_timeout: Option<bool>,
        memory_limit: Option<u64>,
        console_limit: Option<u64>,
        until_idle: Option<bool>,
        keep_last: Option<bool>,
        value_limit: Option<u64>,
        preview: Option<bool>,
        handle: Option<bool>,
        inspect_hooks: Option<bool>,
        bundle: Option<bool>,
        only: Option<Vec<String>>,
        grant: Option<Vec<String>>,
    }

    /// Stops a run.
    Interrupt { id: u64, kernel: String, run: Option<u64> }

    /// A question about a place in source text.
    AtCursor { id: u64, kernel: String, code: String, cursor: u64 }

    /// Asks for the value of an expression without side effects.
    Preview { id: u64, kernel: String, code: String }

    /// Asks for the contents of an object.
    Properties { id: u64, kernel: String, handle: Handle, start: u64, count: u64 }

    /// Releases handles.
    Release { id: u64, kernel: String, handles: Vec<Handle> }

    /// A question about source text alone.
    OfCode { id: u64, code: String }

    /// A value that was asked for.
    Answer { call: u64, value: TypedValue }

    /// A call that failed.
    Fail { call: u64, name: String, message: String, code: Option<String>, properties: Option<TypedValue> }

    /// A message about a call, without another field.
    OfCall { call: u64 }
}

/// Rules of permissions, by their kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grants(ByKind);

/// **A kind that is not known is refused**: it may be a misspelt denial.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ByKind {
    read: Option<Grant>,
    write: Option<Grant>,
    net: Option<Grant>,
    env: Option<Grant>,
    run: Option<Grant>,
    import: Option<Grant>,
}

impl<'de> Deserialize<'de> for Grants {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Map::of("a map of kinds of permissions").deserialize(deserializer).map(Self)
    }
}

/// What is granted, or denied, of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "permissions of a kind are true, false, or a list of rules")]
pub(crate) enum Grant {
    /// Everything, or nothing.
    All(bool),
    /// What these rules cover.
    Only(Vec<String>),
}

/// Declares the words that a field may have.
macro_rules! words {
    ($($(#[$meta:meta])* $name:ident { $($(#[$word_meta:meta])* $word:ident),* $(,)? })*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum $name {
            $($(#[$word_meta])* $word,)*
        }
    )*};
}

words! {
    /// How the operating system confines a kernel.
    Sandbox { Hardened, Strict, BestEffort, Off }

    /// A question that a client answers.
    Question { Permission, Alert, Confirm, Prompt }

    /// The reaction to a kernel's death.
    Respawn { OnNextRun, Never }

    /// What happens to runs when the last client is gone.
    OnDisconnect { Interrupt, Keep }

    /// What happens when a client does not read.
    Slow { Wait, Drop }

    /// The grammar of source text.
    Language { Tsx, Ts, Js }
}

/// Values by the names of variables, in the order in which they were written.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Inputs(pub(crate) Vec<(String, TypedValue)>);

impl<'de> Deserialize<'de> for Inputs {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Map;
        impl<'de> serde::de::Visitor<'de> for Map {
            type Value = Inputs;

            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("a map of values")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Inputs, A::Error> {
                let mut inputs = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    inputs.push(entry);
                }
                Ok(Inputs(inputs))
            }
        }
        deserializer.deserialize_map(Map)
    }
}

impl Grants {
    /// What is said of each kind.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Kind, &Grant)> {
        let ByKind { read, write, net, env, run, import } = &self.0;
        let kinds = [
            (Kind::Read, read),
            (Kind::Write, write),
            (Kind::Net, net),
            (Kind::Env, env),
            (Kind::Run, run),
            (Kind::Import, import),
        ];
        kinds.into_iter().filter_map(|(kind, grant)| Some((kind, grant.as_ref()?)))
    }
}
