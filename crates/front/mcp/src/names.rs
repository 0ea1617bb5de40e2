//! Names that nobody can guess: 128 bits of the system's randomness.

use drupe_serve::secret;

use crate::refusal::Refusal;

/// The name of something: a letter that says of what, and 32 hexadecimal digits.
pub(crate) fn new(kind: char) -> Result<String, Refusal> {
    let digits = secret::<16>().map_err(|error| Refusal::new("launch", format!("There can be no handle: {error}.")))?;
    Ok(format!("{kind}-{digits}"))
}
