//! Digests that are fed in pieces, plain and keyed, for `node:crypto`, and random bytes of the system.

use std::collections::HashMap;

use sha2::digest::DynDigest;

use crate::{
    buffer::{copied, with_bytes},
    ops::{Args, Return, add},
    realm::Realm,
};

/// The digests that a session has begun, by numbers that are never used again.
#[derive(Default)]
pub(crate) struct Hashes {
    last: u32,
    open: HashMap<u32, Hash>,
}

#[derive(Clone)]
struct Hash {
    digest: Box<dyn DynDigest>,
    /// A keyed digest is one of the outer key and the inner digest.
    outer: Option<Box<dyn DynDigest>>,
}

pub(crate) fn install<'s>(scope: &mut v8::PinScope<'s, '_>, ops: v8::Local<'s, v8::Object>) -> Option<()> {
    add(scope, ops, "hashBegin", begin)?;
    add(scope, ops, "hashUpdate", update)?;
    add(scope, ops, "hashCopy", copy)?;
    add(scope, ops, "hashEnd", end)?;
    add(scope, ops, "hashForget", forget)?;
    add(scope, ops, "fillRandomly", fill_randomly)
}

/// A new digest and the bytes of its blocks.
fn algorithm(name: &str) -> Option<(Box<dyn DynDigest>, usize)> {
    Some(match name {
        "md5" => (Box::<md5::Md5>::default(), 64),
        "ripemd160" => (Box::<ripemd::Ripemd160>::default(), 64),
        "sha1" => (Box::<sha1::Sha1>::default(), 64),
        "sha224" => (Box::<sha2::Sha224>::default(), 64),
        "sha256" => (Box::<sha2::Sha256>::default(), 64),
        "sha384" => (Box::<sha2::Sha384>::default(), 128),
        "sha512" => (Box::<sha2::Sha512>::default(), 128),
        "sha512-224" => (Box::<sha2::Sha512_224>::default(), 128),
        "sha512-256" => (Box::<sha2::Sha512_256>::default(), 128),
        "sha3-224" => (Box::<sha3::Sha3_224>::default(), 144),
        "sha3-256" => (Box::<sha3::Sha3_256>::default(), 136),
        "sha3-384" => (Box::<sha3::Sha3_384>::default(), 104),
        "sha3-512" => (Box::<sha3::Sha3_512>::default(), 72),
        _ => return None,
    })
}

fn keyed(mut digest: Box<dyn DynDigest>, block: usize, key: &[u8]) -> Hash {
    let key = if key.len() > block {
        digest.update(key);
        digest.finalize_reset().into_vec()
    } else {
        key.to_vec()
    };
    let mut outer = digest.box_clone();
    let padded = |with: u8| (0..block).map(|index| key.get(index).copied().unwrap_or(0) ^ with).collect::<Vec<_>>();
    digest.update(&padded(0x36));
    outer.update(&padded(0x5c));
    Hash { digest, outer: Some(outer) }
}

fn number(value: v8::Local<v8::Value>) -> u32 {
    value.try_cast::<v8::Uint32>().map_or(0, |number| number.value())
}

/// `hashBegin(name, key)`: the number of a new digest, keyed if there is a key; `undefined` where there is no such algorithm.
fn begin(scope: &mut v8::PinScope, args: Args, mut result: Return) {
    let name = args.get(0).to_rust_string_lossy(scope);
    let Some((digest, block)) = algorithm(&name) else { return };
    let hash =
        if args.get(1).is_undefined() { Hash { digest, outer: None } } else { keyed(digest, block, &copied(scope, args.get(1))) };
    result.set_uint32(Realm::of(scope).hashes.borrow_mut().add(hash));
}

impl Hashes {
    fn add(&mut self, hash: Hash) -> u32 {
        self.last += 1;
        self.open.insert(self.last, hash);
        self.last
    }
}

impl std::fmt::Debug for Hashes {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Hashes").field("open", &self.open.len()).finish_non_exhaustive()
    }
}

/// `hashUpdate(number, view)`.
fn update(scope: &mut v8::PinScope, args: Args, _: Return) {
    let realm = Realm::of(scope);
    let mut hashes = realm.hashes.borrow_mut();
    if let Some(hash) = hashes.open.get_mut(&number(args.get(0))) {
        with_bytes(scope, args.get(1), |bytes| hash.digest.update(bytes));
    }
}

/// `hashCopy(number)`: the number of another that goes on from where this one is.
fn copy(scope: &mut v8::PinScope, args: Args, mut result: Return) {
    let realm = Realm::of(scope);
    let mut hashes = realm.hashes.borrow_mut();
    if let Some(hash) = hashes.open.get(&number(args.get(0))).cloned() {
        result.set_uint32(hashes.add(hash));
    }
}

/// `hashEnd(number)`: the digest as an ArrayBuffer; the number means nothing afterwards.
fn end<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let Some(hash) = Realm::of(scope).hashes.borrow_mut().open.remove(&number(args.get(0))) else { return };
    let mut bytes = hash.digest.finalize().into_vec();
    if let Some(mut outer) = hash.outer {
        outer.update(&bytes);
        bytes = outer.finalize().into_vec();
    }
    let store = v8::ArrayBuffer::new_backing_store_from_vec(bytes).make_shared();
    result.set(v8::ArrayBuffer::with_backing_store(scope, &store).into());
}

/// `hashForget(number)`: nobody holds it any more.
fn forget(scope: &mut v8::PinScope, args: Args, _: Return) {
    Realm::of(scope).hashes.borrow_mut().open.remove(&number(args.get(0)));
}

/// `fillRandomly(view)`: whether the system had random bytes.
fn fill_randomly(scope: &mut v8::PinScope, args: Args, mut result: Return) {
    result.set_bool(with_bytes(scope, args.get(0), |bytes| getrandom::fill(bytes).is_ok()));
}

#[cfg(test)]
mod tests {
    use super::{algorithm, keyed};

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn known_digests() {
        for (name, expected) in [
            ("md5", "900150983cd24fb0d6963f7d28e17f72"),
            ("sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            ("sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ] {
            let (mut digest, _) = algorithm(name).unwrap();
            digest.update(b"a");
            digest.update(b"bc");
            assert_eq!(hex(&digest.finalize()), expected);
        }
    }

    #[test]
    fn a_known_keyed_digest() {
        // RFC 4231, test case 2.
        let (digest, block) = algorithm("sha256").unwrap();
        let mut hash = keyed(digest, block, b"Jefe");
        hash.digest.update(b"what do ya want for nothing?");
        let mut outer = hash.outer.unwrap();
        outer.update(&hash.digest.finalize());
        assert_eq!(hex(&outer.finalize()), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}
