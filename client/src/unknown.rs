//! Names of messages that a newer kernel sends and this client does not know.

/// How long the name of what this client does not know may be, in bytes.
const MAX_NAME: usize = 256;

/// The beginning of a name that a kernel made.
pub(crate) fn brief(mut name: String) -> String {
    name.truncate(name.floor_char_boundary(MAX_NAME));
    // A frame may have been all name.
    name.shrink_to_fit();
    name
}
