//! The results of a read, for all sources of bytes.

/// What a source came back with.
pub(crate) enum Read {
    Bytes,
    Woken,
    Elapsed,
    End,
}
