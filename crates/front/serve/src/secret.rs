//! Names and tokens that nobody can guess.

use std::io;

use drupe_protocol::hex;

/// So many bytes of the system's randomness, in hexadecimal digits.
///
/// # Errors
/// When the system has none. **Nothing is safe then.**
pub fn secret<const BYTES: usize>() -> io::Result<String> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(format!("the system has no randomness: {error}")))?;
    Ok(hex(&bytes))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    #[test]
    fn secrets_are_long_and_all_different() {
        let secrets = (0..1000).map(|_| super::secret::<16>().unwrap()).collect::<std::collections::HashSet<_>>();
        assert_eq!(secrets.len(), 1000);
        assert!(secrets.iter().all(|secret| secret.len() == 32));
    }
}
