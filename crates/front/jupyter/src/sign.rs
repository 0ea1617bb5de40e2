//! Signatures of messages, and the memory of those that were seen.

use std::{
    collections::{HashSet, VecDeque},
    sync::{Mutex, PoisonError},
};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How many signatures are remembered.
const REMEMBERED: usize = 1 << 16;

/// Why a message is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unsigned {
    #[error("it is not signed")]
    Absent,
    #[error("its signature is wrong")]
    Wrong,
    #[error("it came before")]
    Replayed,
}

/// The key of a kernel's messages.
#[derive(Debug)]
pub(crate) struct Signer {
    /// `None`: messages are not signed.
    keyed: Option<Hmac<Sha256>>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    signatures: HashSet<[u8; 32]>,
    order: VecDeque<[u8; 32]>,
}

impl Signer {
    /// With an empty key messages are not signed.
    pub(crate) fn new(key: &[u8]) -> Self {
        // HMAC takes keys of any length.
        let keyed = if key.is_empty() { None } else { Hmac::new_from_slice(key).ok() };
        Self { keyed, seen: Mutex::default() }
    }

    /// The signature, in hexadecimal.
    pub(crate) fn sign(&self, parts: &[&[u8]]) -> String {
        self.digest(parts).map_or_else(String::new, |digest| drupe_protocol::hex(&digest.finalize().into_bytes()))
    }

    fn digest(&self, parts: &[&[u8]]) -> Option<Hmac<Sha256>> {
        let mut digest = self.keyed.clone()?;
        parts.iter().for_each(|part| digest.update(part));
        Some(digest)
    }

    /// Checks a signature, in constant time, and that it comes for the first time.
    pub(crate) fn check(&self, signature: &[u8], parts: &[&[u8]]) -> Result<(), Unsigned> {
        let Some(digest) = self.digest(parts) else { return Ok(()) };
        if signature.is_empty() {
            return Err(Unsigned::Absent);
        }
        let signature = unhex(signature).ok_or(Unsigned::Wrong)?;
        digest.verify_slice(&signature).map_err(|_| Unsigned::Wrong)?;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if !seen.signatures.insert(signature) {
            return Err(Unsigned::Replayed);
        }
        seen.order.push_back(signature);
        if seen.order.len() > REMEMBERED
            && let Some(oldest) = seen.order.pop_front()
        {
            seen.signatures.remove(&oldest);
        }
        Ok(())
    }
}

fn unhex(text: &[u8]) -> Option<[u8; 32]> {
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let bytes = text.chunks(2).map(|pair| match pair {
        &[high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    });
    bytes.collect::<Option<Vec<_>>>()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn signatures_are_those_of_the_standard() {
        // RFC 4231, test case 2; parts are signed as if they were one.
        let signer = Signer::new(b"Jefe");
        let parts: [&[u8]; 3] = [b"what do ya want ", b"", b"for nothing?"];
        let signature = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(signer.sign(&parts), signature);
        assert_eq!(signer.check(signature.to_uppercase().as_bytes(), &parts), Ok(()));
    }

    #[test]
    fn only_what_is_signed_and_new_passes() {
        let signer = Signer::new(b"key");
        let parts: [&[u8]; 2] = [b"a", b"b"];
        let signature = signer.sign(&parts);
        assert_eq!(signer.check(b"", &parts), Err(Unsigned::Absent));
        let mut other = signature.clone().into_bytes();
        other[63] ^= 1;
        for wrong in [&other[..], &signature.as_bytes()[..62], b"zz", "ü".repeat(32).as_bytes(), &[b'0'; 64]] {
            assert_eq!(signer.check(wrong, &parts), Err(Unsigned::Wrong), "{wrong:?}");
        }
        assert_eq!(signer.check(signature.as_bytes(), &[b"a", b"c"]), Err(Unsigned::Wrong));
        // What was wrong is not remembered.
        assert_eq!(signer.check(signature.as_bytes(), &parts), Ok(()));
        assert_eq!(signer.check(signature.as_bytes(), &parts), Err(Unsigned::Replayed));
        assert_eq!(signer.check(signature.to_uppercase().as_bytes(), &parts), Err(Unsigned::Replayed));
    }

    #[test]
    fn the_memory_of_signatures_is_bounded() {
        let signer = Signer::new(b"key");
        let check = |number: usize| {
            let number = number.to_be_bytes();
            let parts: [&[u8]; 1] = [&number];
            signer.check(signer.sign(&parts).as_bytes(), &parts)
        };
        for number in 0..=REMEMBERED {
            assert_eq!(check(number), Ok(()));
        }
        assert_eq!(check(REMEMBERED), Err(Unsigned::Replayed));
        assert_eq!(check(1), Err(Unsigned::Replayed));
        assert_eq!(signer.seen.lock().unwrap().order.len(), REMEMBERED);
        assert_eq!(signer.seen.lock().unwrap().signatures.len(), REMEMBERED);
    }

    #[test]
    fn without_a_key_nothing_is_signed() {
        let signer = Signer::new(b"");
        assert!(signer.sign(&[b"a"]).is_empty());
        assert_eq!((signer.check(b"", &[b"a"]), signer.check(b"", &[b"a"])), (Ok(()), Ok(())));
    }
}
