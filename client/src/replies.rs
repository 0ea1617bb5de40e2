//! The answers of a kernel to questions of the embedder, without the parts that only the wire needs.

use drupe_protocol::{
    RunId,
    event::Location,
    handles::{PropertiesReply, Property},
    introspection::{Completion, StatusReply},
    preview::Node,
};

/// Completions at a cursor; see [`Kernel::complete`](crate::Kernel::complete).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Completions {
    /// The start of the text that a completion replaces, in UTF-16 code units.
    pub start: u32,
    /// The end of that text.
    pub end: u32,
    /// The completions, the most likely first. Bounded.
    pub items: Vec<Completion>,
}

/// The activity of a kernel and its use of memory; see [`Kernel::status`](crate::Kernel::status).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// The active run, executing or awaiting.
    pub run: Option<RunId>,
    /// Whether JavaScript was executing, of that run or a callback of an earlier run.
    pub executing: bool,
    /// Wall time since the run began, in milliseconds; 0 without a run.
    pub elapsed_ms: u64,
    /// CPU time of the JavaScript thread since then, in milliseconds.
    pub cpu_ms: u64,
    /// The used size of the JavaScript heap, in bytes.
    pub heap_used: u64,
    /// The size that the heap may reach, in bytes.
    pub heap_limit: u64,
    /// The size of memory that objects hold outside of the heap, such as buffers, in bytes.
    pub external: u64,
    /// The line of the user's code that was executing.
    pub at: Option<Location>,
}

impl From<StatusReply> for Status {
    fn from(reply: StatusReply) -> Self {
        let StatusReply { id: _, run, executing, elapsed_ms, cpu_ms, heap_used, heap_limit, external, at } = reply;
        Self { run, executing, elapsed_ms, cpu_ms, heap_used, heap_limit, external, at }
    }
}

/// One page of the contents of an object; see [`Kernel::properties`](crate::Kernel::properties).
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Page {
    /// The head of the object's text, without its contents.
    pub head: Node,
    /// The prototype, if it is an object. Only the page at position 0 has it.
    pub prototype: Option<Property>,
    /// The number of positions.
    pub total: u64,
    /// The position after this page. **A page may end before the end of the requested range**, if it is large or took
    /// long; the next page begins here.
    pub next: u64,
    /// The properties at the positions, in order. Elements that do not exist are left out.
    pub items: Vec<Property>,
}

impl From<PropertiesReply> for Page {
    fn from(PropertiesReply { id: _, head, prototype, total, next, items }: PropertiesReply) -> Self {
        Self { head, prototype, total, next, items }
    }
}
