//! The fields of replies.

use drupe_client::{
    CompletionKind, Global, Handle, Info, MemberKind, RunId, SandboxLevel,
    preview::{Key, Node},
};
use serde::Serialize;

use crate::{Server, kernel::Standing};

/// Declares replies.
macro_rules! replies {
    ($($(#[$meta:meta])* $name:ident { $($field:ident: $type:ty),* $(,)? })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Serialize)]
        pub(crate) struct $name {
            $(#[serde(skip_serializing_if = "crate::reply::IsAbsent::is_absent")] pub(crate) $field: $type,)*
        }
    )*};
}

/// Whether a field is left out.
pub(crate) trait IsAbsent {
    fn is_absent(&self) -> bool {
        false
    }
}

impl<T> IsAbsent for Option<T> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T> IsAbsent for Vec<T> {}
impl IsAbsent for String {}
impl IsAbsent for &str {}
impl IsAbsent for u64 {}
impl IsAbsent for u32 {}

impl IsAbsent for bool {
    fn is_absent(&self) -> bool {
        !self
    }
}

replies! {
    /// A kernel was opened.
    Opened { kernel: String, generation: u64, pid: Option<u32>, engine: Engine, sandbox: &'static str }

    /// What executes JavaScript.
    Engine { name: String, version: String }

    /// A client is attached.
    Attached { generation: u64, seq: u64, first: u64, runs: Vec<RunId> }

    /// All kernels.
    List { kernels: Vec<Listed> }

    /// A kernel of the list.
    Listed {
        kernel: String,
        name: Option<String>,
        clients: u64,
        runs: Vec<RunId>,
        generation: u64,
        seq: u64,
    }

    /// A run was submitted.
    Submitted { run: RunId, again: bool, ended: bool }

    /// Whether there was anything to stop.
    Stopped { stopped: Option<bool> }

    /// The number of a session, and the process that has it.
    Generation { generation: u64, pid: Option<u32> }

    /// Whether source text is complete.
    IsComplete { status: &'static str, indent: Option<String> }

    /// Source text.
    Code { code: String }

    /// A value in words.
    Preview { text: Option<String> }

    /// Completions.
    Completions { start: u32, end: u32, items: Vec<Completion> }

    /// A completion.
    Completion { name: String, kind: CompletionKind, detail: Option<String> }

    /// What was found at a place.
    Inspection { found: Option<Inspected> }

    /// A name or member.
    Inspected {
        start: u32,
        end: u32,
        name: String,
        type_name: String,
        preview: Option<String>,
        signature: Option<String>,
        doc: Option<String>,
        source: Option<String>,
        members: Option<Vec<Member>>,
    }

    /// A member of a class.
    Member { name: String, kind: MemberKind, is_static: bool }

    /// The call at a place.
    Signature { found: Option<Called> }

    /// A function and its parameters.
    Called { label: String, parameters: Vec<String>, active: Option<u64>, doc: Option<String> }

    /// The names of a session.
    Globals { items: Vec<Named> }

    /// A name of a session.
    Named { name: String, kind: &'static str, type_name: String, preview: String, run: Option<RunId> }

    /// What a kernel does.
    Status {
        run: Option<RunId>,
        executing: Always,
        elapsed_ms: u64,
        cpu_ms: u64,
        heap_used: u64,
        heap_limit: u64,
        external: u64,
    }

    /// A page of the contents of an object.
    Properties { total: u64, next: u64, items: Vec<Property> }

    /// A property.
    Property { name: String, text: String, handle: Option<Handle> }
}

/// A boolean that is told though it is false.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Always(bool);

impl IsAbsent for Always {}
impl IsAbsent for Engine {}
impl IsAbsent for CompletionKind {}
impl IsAbsent for MemberKind {}

impl Opened {
    pub(crate) fn new(kernel: &str, info: &Info) -> Self {
        let engine = Engine { name: info.engine.name.clone(), version: info.engine.version.clone() };
        let sandbox = match info.sandbox.level {
            SandboxLevel::Hardened => "hardened",
            SandboxLevel::Strict => "strict",
            SandboxLevel::BestEffort => "best_effort",
            SandboxLevel::Off => "off",
        };
        Self { kernel: kernel.to_owned(), generation: info.generation, pid: info.pid, engine, sandbox }
    }
}

impl Attached {
    pub(crate) fn new(standing: &Standing) -> Self {
        let Standing { generation, seq, first, runs, clients: _ } = standing;
        Self { generation: *generation, seq: *seq, first: *first, runs: runs.clone() }
    }
}

impl List {
    pub(crate) fn new(server: &Server) -> Self {
        let listed = server.standing().into_iter().map(|(served, standing)| Listed {
            kernel: served.id.clone(),
            name: served.name.clone(),
            clients: standing.clients as u64,
            runs: standing.runs,
            generation: standing.generation,
            seq: standing.seq,
        });
        Self { kernels: listed.collect() }
    }
}

impl Completions {
    pub(crate) fn new(completions: drupe_client::Completions) -> Self {
        let item = |item: drupe_client::Completion| Completion { name: item.text, kind: item.kind, detail: item.detail };
        Self { start: completions.start, end: completions.end, items: completions.items.into_iter().map(item).collect() }
    }
}

impl Inspection {
    pub(crate) fn new(inspection: Option<drupe_client::Inspection>) -> Self {
        let member = |member: drupe_client::Member| Member { name: member.name, kind: member.kind, is_static: member.is_static };
        let found = inspection.map(|found| Inspected {
            start: found.start,
            end: found.end,
            name: found.name,
            type_name: found.type_name,
            preview: Some(found.preview).filter(|preview| !preview.is_empty()),
            signature: found.signature,
            doc: found.doc,
            source: found.source,
            members: Some(found.members.into_iter().map(member).collect::<Vec<_>>()).filter(|members| !members.is_empty()),
        });
        Self { found }
    }
}

impl Signature {
    pub(crate) fn new(signature: Option<drupe_client::Signature>) -> Self {
        let found = signature.map(|called| Called {
            label: called.head,
            parameters: called.parameters,
            active: called.active.map(|active| active as u64),
            doc: called.doc,
        });
        Self { found }
    }
}

impl Globals {
    pub(crate) fn new(globals: Vec<Global>) -> Self {
        let named = |global: Global| Named {
            name: global.name,
            kind: global.kind.word(),
            type_name: global.type_name,
            preview: global.preview,
            run: global.run,
        };
        Self { items: globals.into_iter().map(named).collect() }
    }
}

impl Status {
    pub(crate) fn new(status: &drupe_client::Status) -> Self {
        Self {
            run: status.run,
            executing: Always(status.executing),
            elapsed_ms: status.elapsed_ms,
            cpu_ms: status.cpu_ms,
            heap_used: status.heap_used,
            heap_limit: status.heap_limit,
            external: status.external,
        }
    }
}

impl Properties {
    pub(crate) fn new(page: drupe_client::Page) -> Self {
        let text = |node: &Node| drupe_preview::render(node, &drupe_preview::Options::default());
        let items = page.items.into_iter().map(|property| Property {
            name: match &property.key {
                Key::Item => String::new(),
                Key::Name(name) | Key::Hidden(name) => name.as_str().to_owned(),
                Key::Symbol(description) => format!("Symbol({})", description.as_str()),
                Key::Value(node) => text(node),
                Key::Rejected => "<rejected>".to_owned(),
            },
            text: text(&property.value),
            handle: property.handle,
        });
        Self { total: page.total, next: page.next, items: items.collect() }
    }
}
