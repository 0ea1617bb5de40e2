//! Names and tokens that cannot be guessed.

use std::{fmt, io};

/// A fresh local-socket name: `drupe-`, the process id for people who look, and 128 random bits.
pub fn unguessable_name() -> io::Result<String> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    Ok(format!("drupe-{}-{:032x}", std::process::id(), u128::from_le_bytes(random)))
}

/// A secret shared by a parent and the kernel it launched.
#[derive(Clone)]
pub struct Token([u8; 32]);

impl Token {
    /// 256 fresh random bits.
    pub fn random() -> io::Result<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        Ok(Self(bytes))
    }

    /// The secret, to hand it to the child.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        self.0.to_vec()
    }

    /// Whether `claimed` is the secret, in a time that does not depend on where they differ.
    #[must_use]
    pub fn matches(&self, claimed: &[u8]) -> bool {
        claimed.len() == self.0.len() && self.0.iter().zip(claimed).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
    }
}

/// Never shows the secret.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Token(..)")
    }
}
