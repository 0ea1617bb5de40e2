//! Digests, keyed digests and random bytes.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::ops::{Args, Return, add};

pub(super) fn install(scope: &mut v8::PinScope, ops: v8::Local<v8::Object>) -> Option<()> {
    add(scope, ops, "digest", digest)?;
    add(scope, ops, "hmac", hmac)?;
    add(scope, ops, "equalBytes", equal)?;
    add(scope, ops, "randomFill", random_fill)
}

/// `digest(name, bytes)`: an ArrayBuffer; `undefined` for an algorithm that is not here.
fn digest<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let name = args.get(0).to_rust_string_lossy(scope);
    let Some(bytes) = super::bytes(args.get(1)) else { return };
    let digest = match name.as_str() {
        "SHA-1" => Sha1::digest(bytes).to_vec(),
        "SHA-256" => Sha256::digest(bytes).to_vec(),
        "SHA-384" => Sha384::digest(bytes).to_vec(),
        "SHA-512" => Sha512::digest(bytes).to_vec(),
        _ => return,
    };
    result.set(super::array_buffer(scope, digest).into());
}

/// `hmac(name, key, bytes)`: an ArrayBuffer; `undefined` for an algorithm that is not here.
fn hmac<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let name = args.get(0).to_rust_string_lossy(scope);
    let (Some(key), Some(bytes)) = (super::bytes(args.get(1)), super::bytes(args.get(2))) else { return };
    let code = match name.as_str() {
        "SHA-1" => code::<Hmac<Sha1>>(&key, &bytes),
        "SHA-256" => code::<Hmac<Sha256>>(&key, &bytes),
        "SHA-384" => code::<Hmac<Sha384>>(&key, &bytes),
        "SHA-512" => code::<Hmac<Sha512>>(&key, &bytes),
        _ => None,
    };
    if let Some(code) = code {
        result.set(super::array_buffer(scope, code).into());
    }
}

fn code<M: Mac + KeyInit>(key: &[u8], bytes: &[u8]) -> Option<Vec<u8>> {
    let mut mac = <M as KeyInit>::new_from_slice(key).ok()?;
    mac.update(bytes);
    Some(mac.finalize().into_bytes().to_vec())
}

/// `equalBytes(one, other)`, in a time that does not tell where they differ.
fn equal<'s>(_: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let (Some(one), Some(other)) = (super::bytes(args.get(0)), super::bytes(args.get(1))) else { return };
    let differs =
        one.len() != other.len() || one.iter().zip(&other).fold(0, |differs, (one, other)| differs | (one ^ other)) != 0;
    result.set_bool(!differs);
}

/// `randomFill(view)`: overwrites all of it with random bytes of the system.
fn random_fill<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, _: Return<'s>) {
    let Ok(view) = args.get(0).try_cast::<v8::ArrayBufferView>() else { return };
    let mut bytes = vec![0; view.byte_length()];
    if getrandom::fill(&mut bytes).is_err() {
        return super::throw_range_error(scope, "The system has no random bytes");
    }
    if let (false, Some(store)) = (bytes.is_empty(), view.get_backing_store()) {
        for (cell, byte) in store[view.byte_offset()..].iter().zip(bytes) {
            cell.set(byte);
        }
    }
}
