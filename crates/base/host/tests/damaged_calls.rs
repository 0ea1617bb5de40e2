//! Calls as no kernel makes them, a quarter of a million, of a million damaged inputs, to every operation that there
//! is: each is answered, none panics, and nothing is done that is not granted.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
#![cfg(target_os = "linux")]

use std::collections::BTreeMap;

use crate::mutating::{Culprit, Random, count, damage};
use drupe_host::{Call, Host, Permissions, Policy};
use drupe_protocol::{Value, decode, encode, frame::PREFIX, value::TypedArrayKind};

/// The services, and their operations. (`upload` opens one without asking anybody; more than 128 are refused.)
const OPS: [(&str, &str); 6] = [
    ("env", "all"),
    (
        "fs",
        "readFile writeFile copyFile open close read write fstat ftruncate fsync fchmod futimes stat lstat statfs access readdir mkdir \
         mkdtemp rmdir unlink rm rename truncate chmod utimes lutimes symlink link readlink realpath",
    ),
    ("module", "graph package require resolve specifiers"),
    ("net", "fetch upload write end abort"),
    ("process", "cwd chdir command self parent memory machine start follow write end output kill run"),
    ("fn", "nobody"),
];

/// Arguments as kernels have them.
fn arguments() -> Vec<Vec<u8>> {
    let object = |entries: &[(&str, Value)]| {
        Value::Object(entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
    };
    let bytes = || Value::TypedArray(TypedArrayKind::Uint8, [1, 2, 3].into());
    let texts = |texts: &[&str]| Value::Array(texts.iter().map(|text| Value::from(*text)).collect());
    let program = object(&[
        ("file", "/bin/true".into()),
        ("args", texts(&["-x", "y"])),
        ("cwd", "/".into()),
        ("env", object(&[("LD_PRELOAD", "x".into()), ("HOME", "/".into())])),
        ("timeout", 5.into()),
        ("killSignal", 9.into()),
        ("maxBuffer", 1e9.into()),
        ("input", bytes()),
    ]);
    let request = object(&[
        ("url", "http://127.0.0.1:9/x?y".into()),
        ("method", "POST".into()),
        ("headers", Value::Array(vec![texts(&["accept", "*/*"])])),
        ("body", bytes()),
        ("redirect", "follow".into()),
    ]);
    let all = [
        vec![],
        vec!["/etc/passwd".into(), true.into()],
        vec!["/etc/../etc/./passwd".into(), "/tmp/x".into(), true.into()],
        vec!["relative/name".into(), bytes(), 577.into(), 438.into()],
        vec![3.into(), 65536.into(), 0.into()],
        vec![3.into(), bytes(), Value::Null],
        vec!["file:///a.ts".into(), "./b.js".into(), "import".into()],
        vec!["https://example.com/x.js".into(), Value::Undefined, object(&[("type", "json".into())])],
        vec!["data:text/javascript;base64,MQ==".into(), "node:fs".into(), texts(&["import", "node"])],
        vec![program],
        vec![request],
    ];
    let encoded = all.map(|args| {
        let mut frame = Vec::new();
        encode(&Value::Array(args), &mut frame).unwrap();
        frame.split_off(PREFIX)
    });
    encoded.to_vec()
}

// threats E9, E11, G10
#[test]
fn damaged_calls_are_answered_whatever_they_carry() {
    let (inputs, seeds) = (count(1_000_000), arguments());
    let ops = OPS.iter().flat_map(|(service, ops)| ops.split_whitespace().map(move |op| format!("{service}.{op}")));
    let ops = ops.collect::<Vec<_>>();
    let host = Host::standard(&Permissions::new(Policy::none()));
    let (mut random, mut bytes) = (Random::new("calls"), Vec::new());
    let (mut called, mut tally, mut unknown) = (0_u64, BTreeMap::<String, u64>::new(), Vec::new());
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        for _ in 0..inputs {
            bytes.clear();
            bytes.extend_from_slice(random.pick::<Vec<u8>>(&seeds));
            damage(&mut random, &mut bytes);
            let op = random.pick::<String>(&ops);
            let culprit = Culprit(op, &bytes);
            let Ok(Value::Array(args)) = decode(culprit.1) else { continue };
            called += 1;
            match host.call(Call::new(op, args)).await {
                Ok(_) => *tally.entry("answered".to_owned()).or_default() += 1,
                Err(error) => {
                    let code = error.code.clone().unwrap_or_default();
                    if code == "ERR_NOT_SUPPORTED" && !op.starts_with("fn.") {
                        unknown.push(op.clone());
                    }
                    *tally.entry(if code.is_empty() { error.name } else { code }).or_default() += 1;
                }
            }
        }
    });
    eprintln!("{called} of {inputs} are calls: {tally:?}");
    assert!(called >= inputs / 5, "{called} calls: the inputs have gone blind");
    unknown.dedup();
    assert!(unknown.is_empty(), "{unknown:?}: no such operations");
    for (answer, one_in) in [("answered", 100), ("EACCES", 10), ("ERR_INVALID_ARG_TYPE", 100), ("EBADF", 20)] {
        let had = tally.get(answer).copied().unwrap_or_default();
        assert!(had >= called / one_in, "\"{answer}\" {had} times: {tally:?}");
    }
}
