//! Handles: the contents of objects that stay in the kernel, page by page.

use serde::{Deserialize, Serialize};

use crate::preview::{Key, Node};

/// Leads to an object of a session, or to a string of more than 1,000 UTF-16 code units. On the wire an array of the
/// two numbers.
///
/// The session keeps the object alive for it: **until it is released, until so many newer handles were given out that
/// the oldest make room ([`MAX_HANDLES`]), or until the session ends**.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "(u64, u64)", into = "(u64, u64)")]
pub struct Handle {
    /// The session's number.
    pub generation: u64,
    /// Counts from 1 within the session; never used again.
    pub number: u64,
}

/// So many handles a session holds; with the next the oldest is released.
pub const MAX_HANDLES: usize = 10_000;

/// At most so many properties come in one answer.
pub const MAX_PAGE: u32 = 1_000;

impl From<(u64, u64)> for Handle {
    fn from((generation, number): (u64, u64)) -> Self {
        Self { generation, number }
    }
}

impl From<Handle> for (u64, u64) {
    fn from(handle: Handle) -> Self {
        (handle.generation, handle.number)
    }
}

/// What is in this object? Answered by [`PropertiesReply`] or [`StaleReply`], without running any of the user's code:
/// getters are told and not asked, and a proxy is told by what it is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Properties {
    /// Repeated in the answer.
    pub id: u64,
    /// The object.
    pub handle: Handle,
    /// The first position to be listed. An object has one position for each element, index by index, then one for each
    /// entry of a `Map` or item of a `Set`, then one for each internal slot that is shown, and then one for each
    /// property by name or symbol. The positions of a string are its code units: one item brings all of them, and its
    /// `more` counts those behind it.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub start: u64,
    /// How many positions, up to [`MAX_PAGE`]; of more, that many.
    pub count: u32,
}

/// These handles are not needed any more. Those that are stale are ignored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Which.
    pub handles: Vec<Handle>,
}

/// Answers [`Properties`]: one page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PropertiesReply {
    /// That of the question.
    pub id: u64,
    /// What the object is called, its contents left out.
    pub head: Node,
    /// What it inherits from, where that is an object. In the page at position 0 only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prototype: Option<Property>,
    /// How many positions there are.
    pub total: u64,
    /// The position after this page. **A page may end before what was asked for**, when it has become large or took
    /// long; the next begins here.
    pub next: u64,
    /// What is at the positions, in order. Elements that do not exist are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Property>,
}

/// One thing in an object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Property {
    /// The name, the index of an element too; the symbol; the key of a map's entry; `hidden` for an internal slot, such
    /// as `[[Target]]`; nothing for the item of a set.
    pub key: Key,
    /// The value, short; accessors are told as such.
    pub value: Node,
    /// Leads to the value, if that is an object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<Handle>,
    /// Leads to the key of a map's entry, if that is an object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_handle: Option<Handle>,
    /// It is not enumerable.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub hidden: bool,
    /// It cannot be assigned.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub read_only: bool,
    /// It cannot be deleted or defined anew.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub fixed: bool,
}

impl Property {
    /// An enumerable property that can be assigned and deleted, without handles.
    #[must_use]
    pub fn new(key: Key, value: Node) -> Self {
        Self { key, value, ..Self::default() }
    }
}

/// Answers [`Properties`]: the handle leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaleReply {
    /// That of the question.
    pub id: u64,
    /// Why.
    pub reason: Stale,
}

/// Why a handle leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stale {
    /// It was released, on request or because newer handles took its room.
    Released,
    /// It belongs to another session.
    Session,
    /// It was never given out, or a newer kernel knows why.
    #[serde(other)]
    Unknown,
}
