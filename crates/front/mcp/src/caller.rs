//! Who calls a tool. **A handle belongs to the caller that it was given to.**

/// A caller: a connection, or whoever knows a token where the protocol has no connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The connection: standard streams, or a session of HTTP. `None` for requests that stand alone.
    pub(crate) connection: Option<u64>,
    /// The number of the token that the caller knows, where tokens are demanded.
    pub(crate) token: Option<usize>,
}
