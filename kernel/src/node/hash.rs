//! Digests and keyed digests, at once or in pieces, and random bytes of the system, for `crypto.subtle` and
//! `node:crypto`.

use std::cell::RefCell;
use std::collections::HashMap;

use hmac::{
    KeyInit, SimpleHmac,
    digest::{Digest, FixedOutput, Update, block_api::BlockSizeUser},
};

use crate::isolate::{
    array_buffers::{bytes, new_array_buffer, with_bytes},
    native::{Args, Return, add, throw_error},
    realm::Realm,
};

/// The digests that a session has begun, by numbers that are never used again.
#[derive(Default)]
pub(crate) struct Hashes {
    last: u32,
    open: HashMap<u32, Box<dyn Hash>>,
}

/// A digest that has begun, keyed or not.
trait Hash {
    fn feed(&mut self, bytes: &[u8]);
    fn copy(&self) -> Box<dyn Hash>;
    fn end(self: Box<Self>) -> Vec<u8>;
}

impl<D: Update + FixedOutput + Clone + 'static> Hash for D {
    fn feed(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }

    fn copy(&self) -> Box<dyn Hash> {
        Box::new(self.clone())
    }

    fn end(self: Box<Self>) -> Vec<u8> {
        self.finalize_fixed().to_vec()
    }
}

pub(crate) fn install<'s>(scope: &mut v8::PinScope<'s, '_>, ops: v8::Local<'s, v8::Object>) -> Option<()> {
    add(scope, ops, "digest", digest)?;
    add(scope, ops, "hmac", hmac)?;
    add(scope, ops, "hashBegin", begin)?;
    add(scope, ops, "hashUpdate", update)?;
    add(scope, ops, "hashCopy", copy)?;
    add(scope, ops, "hashEnd", end)?;
    add(scope, ops, "hashForget", forget)?;
    add(scope, ops, "equalBytes", equal)?;
    add(scope, ops, "randomFill", random_fill)
}

/// A new digest, keyed if there is a key; `None` for an algorithm that is not here. Both libraries' names are
/// understood.
fn hash(name: &str, key: Option<&[u8]>) -> Option<Box<dyn Hash>> {
    let begun = match name {
        "md5" => begun::<md5::Md5>,
        "ripemd160" => begun::<ripemd::Ripemd160>,
        "sha1" | "SHA-1" => begun::<sha1::Sha1>,
        "sha224" => begun::<sha2::Sha224>,
        "sha256" | "SHA-256" => begun::<sha2::Sha256>,
        "sha384" | "SHA-384" => begun::<sha2::Sha384>,
        "sha512" | "SHA-512" => begun::<sha2::Sha512>,
        "sha512-224" => begun::<sha2::Sha512_224>,
        "sha512-256" => begun::<sha2::Sha512_256>,
        "sha3-224" => begun::<sha3::Sha3_224>,
        "sha3-256" => begun::<sha3::Sha3_256>,
        "sha3-384" => begun::<sha3::Sha3_384>,
        "sha3-512" => begun::<sha3::Sha3_512>,
        _ => return None,
    };
    begun(key)
}

fn begun<D: Digest + BlockSizeUser + Update + FixedOutput + Clone + 'static>(key: Option<&[u8]>) -> Option<Box<dyn Hash>> {
    Some(match key {
        None => Box::new(D::new()),
        // Keys of any length do.
        Some(key) => Box::new(SimpleHmac::<D>::new_from_slice(key).ok()?),
    })
}

fn at_once(mut hash: Box<dyn Hash>, bytes: &[u8]) -> Vec<u8> {
    hash.feed(bytes);
    hash.end()
}

/// `digest(name, bytes)`: an ArrayBuffer; `undefined` for an algorithm that is not here.
fn digest<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let name = args.get(0).to_rust_string_lossy(scope);
    let (Some(bytes), Some(hash)) = (bytes(args.get(1)), hash(&name, None)) else { return };
    if let Some(buffer) = new_array_buffer(scope, at_once(hash, &bytes)) {
        result.set(buffer.into());
    }
}

/// `hmac(name, key, bytes)`: an ArrayBuffer; `undefined` for an algorithm that is not here.
fn hmac<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let name = args.get(0).to_rust_string_lossy(scope);
    let (Some(key), Some(bytes)) = (bytes(args.get(1)), bytes(args.get(2))) else { return };
    if let Some(hash) = hash(&name, Some(&key))
        && let Some(buffer) = new_array_buffer(scope, at_once(hash, &bytes))
    {
        result.set(buffer.into());
    }
}

fn number(value: v8::Local<v8::Value>) -> u32 {
    value.try_cast::<v8::Uint32>().map_or(0, |number| number.value())
}

/// `hashBegin(name, key)`: the number of a new digest, keyed if there is a key; `undefined` where there is no such
/// algorithm.
fn begin(scope: &mut v8::PinScope, args: Args, mut result: Return) {
    let name = args.get(0).to_rust_string_lossy(scope);
    if let Some(hash) = hash(&name, bytes(args.get(1)).as_deref()) {
        result.set_uint32(Realm::of(scope).state::<RefCell<Hashes>>().borrow_mut().add(hash));
    }
}

impl Hashes {
    fn add(&mut self, hash: Box<dyn Hash>) -> u32 {
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
    let held = realm.state::<RefCell<Hashes>>();
    let mut hashes = held.borrow_mut();
    if let Some(hash) = hashes.open.get_mut(&number(args.get(0))) {
        with_bytes(scope, args.get(1), |bytes| hash.feed(bytes));
    }
}

/// `hashCopy(number)`: the number of another that goes on from where this one is.
fn copy(scope: &mut v8::PinScope, args: Args, mut result: Return) {
    let realm = Realm::of(scope);
    let held = realm.state::<RefCell<Hashes>>();
    let mut hashes = held.borrow_mut();
    if let Some(hash) = hashes.open.get(&number(args.get(0))).map(|hash| hash.copy()) {
        result.set_uint32(hashes.add(hash));
    }
}

/// `hashEnd(number)`: the digest as an ArrayBuffer; the number means nothing afterwards.
fn end<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let hash = Realm::of(scope).state::<RefCell<Hashes>>().borrow_mut().open.remove(&number(args.get(0)));
    if let Some(hash) = hash
        && let Some(buffer) = new_array_buffer(scope, hash.end())
    {
        result.set(buffer.into());
    }
}

/// `hashForget(number)`: nobody holds it any more.
fn forget(scope: &mut v8::PinScope, args: Args, _: Return) {
    Realm::of(scope).state::<RefCell<Hashes>>().borrow_mut().open.remove(&number(args.get(0)));
}

/// `equalBytes(one, other)`, in a time that does not tell where they differ.
fn equal<'s>(_: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let (Some(one), Some(other)) = (bytes(args.get(0)), bytes(args.get(1))) else { return };
    let differs =
        one.len() != other.len() || one.iter().zip(&other).fold(0, |differs, (one, other)| differs | (one ^ other)) != 0;
    result.set_bool(!differs);
}

/// `randomFill(view)`: overwrites all of it with random bytes of the system.
fn random_fill(scope: &mut v8::PinScope, args: Args, _: Return) {
    if with_bytes(scope, args.get(0), getrandom::fill).is_err() {
        throw_error(scope, "The system has no random bytes");
    }
}

#[cfg(test)]
mod tests {
    use drupe_protocol::hex;

    use super::{at_once, hash};

    #[test]
    fn known_digests() {
        for (name, expected) in [
            ("md5", "900150983cd24fb0d6963f7d28e17f72"),
            ("sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            ("sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            ("SHA-256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ] {
            let mut begun = hash(name, None).unwrap();
            begun.feed(b"a");
            let copy = begun.copy();
            begun.feed(b"?");
            assert_eq!(hex(&at_once(copy, b"bc")), expected);
        }
    }

    #[test]
    fn a_known_keyed_digest() {
        // RFC 4231, test case 2.
        let hash = hash("sha256", Some(b"Jefe")).unwrap();
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hex(&at_once(hash, b"what do ya want for nothing?")), expected);
    }
}
