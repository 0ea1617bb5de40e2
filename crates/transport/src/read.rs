//! What sources of bytes come back with, whatever they are.

/// What a source came back with.
pub(crate) enum Read {
    Bytes,
    Woken,
    Elapsed,
    End,
}
