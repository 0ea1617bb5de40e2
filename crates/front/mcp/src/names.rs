//! Names that nobody can guess: 128 bits of the system's randomness.

use drupe_protocol::hex;

use crate::refusal::Refusal;

/// The name of something: a letter that says of what, and 32 hexadecimal digits.
pub(crate) fn new(kind: char) -> Result<String, Refusal> {
    let mut bytes = [0; 16];
    // Without randomness nothing here is safe, and a system without it starts no kernels either.
    getrandom::fill(&mut bytes)
        .map_err(|error| Refusal::new("launch", format!("The system has no randomness for a handle: {error}.")))?;
    Ok(format!("{kind}-{}", hex(&bytes)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    #[test]
    fn names_are_long_and_all_different() {
        let names = (0..1000).map(|_| super::new('s').unwrap()).collect::<std::collections::HashSet<_>>();
        assert_eq!(names.len(), 1000);
        assert!(names.iter().all(|name| name.len() == 34 && name.starts_with("s-")));
    }
}
