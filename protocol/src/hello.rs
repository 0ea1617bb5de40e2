//! The first messages on each channel: how a kernel is launched, authenticates itself, and is welcomed or refused.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    codec::messages,
    sandbox::{SandboxLayer, SandboxLevel},
};

/// Revision 1: the first.
pub const REVISION_FIRST: u32 = 1;

/// The revision this crate speaks. **Both peers must speak the same one**; a change that an older peer could misread
/// makes a new one.
pub const REVISION: u32 = REVISION_FIRST;

/// The two connections between a parent and its kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Runs and events. JavaScript stalls when its other end is not read.
    Data,
    /// Interrupts and questions that are answered while a run is busy.
    Control,
}

/// What the parent writes to a new kernel's standard input, as one frame, before it closes it: where to connect and how
/// to behave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launch {
    /// The revision the parent speaks.
    pub revision: u32,
    /// Local-socket name of the data channel.
    pub data: String,
    /// Local-socket name of the control channel.
    pub control: String,
    /// The secret that the kernel repeats in [`Hello::token`]: it tells the parent's own child from a stranger on the
    /// socket.
    #[serde(with = "serde_bytes")]
    pub token: Vec<u8>,
    /// The number of the kernel's first session. A parent that restarts its kernel counts on.
    pub generation: u64,
    /// Heap limit in bytes; without it the engine finds one for [`machine_memory`](Self::machine_memory).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_limit: Option<u64>,
    /// The memory of the machine, or of the control group, in bytes. A kernel that is locked down cannot ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine_memory: Option<u64>,
    /// How the operating system is to confine the kernel, at least; [`Strict`](SandboxLevel::Strict) without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sandbox: Option<SandboxLevel>,
    /// The local time zone, such as `Europe/Berlin`; the system's own without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// The locale that `Intl` has where none is named, such as `de_DE` or `de-DE`; the engine's own without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Whether sessions have the names of Node's built-in modules, such as `fs`, where nothing else has them, as in
    /// Node's REPL. Each is loaded when it is first looked at.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub builtin_names: bool,
}

/// The kernel's first message on each channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The revision the kernel speaks.
    pub revision: u32,
    /// The token of [`Launch`].
    #[serde(with = "serde_bytes")]
    pub token: Vec<u8>,
    /// Which channel this connection is.
    pub channel: Channel,
    /// The kernel's process id, as it sees it.
    pub pid: u32,
    /// Version of the drupe kernel.
    pub version: String,
    /// The engine that executes JavaScript.
    pub engine: Engine,
    /// How the operating system confines the process, as the kernel says itself. **The parent checks it before it sends
    /// code.**
    pub sandbox: SandboxLevel,
    /// The layers of that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<SandboxLayer>,
}

/// A JavaScript engine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engine {
    /// Its name, such as `V8`.
    pub name: String,
    /// Its version, such as `15.2.1-rusty`.
    pub version: String,
}

/// Name and version, such as `V8 15.2.1-rusty`.
impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// The parent's answer to a [`Hello`] that it accepts. Sent on the data channel only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// The revision both will speak.
    pub revision: u32,
}

/// The parent's answer to a [`Hello`] that it does not accept; it then closes the connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// What was wrong, naming both revisions if these differ.
    pub reason: String,
}

messages! {
    /// What a kernel says first on each channel.
    pub enum Greeting {
        /// Who the kernel is.
        "hello" => Hello(Hello),
    }
}

messages! {
    /// What the parent answers to a greeting.
    pub enum Welcoming {
        /// Come in.
        "welcome" => Welcome(Welcome),
        /// Go away.
        "refused" => Refused(Refused),
    }
}
