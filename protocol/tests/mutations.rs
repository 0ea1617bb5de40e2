//! Many damaged messages through every decoder: none panics, and nothing is left allocated. The seed is fixed; `DRUPE_MUTATIONS` sets how
//! many there are, a million otherwise. For longer runs that look for new paths there is `protocol/fuzz`.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod counting;

use drupe_protocol::{
    Control, Event, Reply, Request, Value, decode,
    hello::{Greeting, Launch, Welcoming},
};

const SEEDS: [&[u8]; 8] = [
    b"\x92\xa7console\x84\xa3run\x01\xa6method\xa3log\xa4args\x93\xa2hi\xc7\x00\x01\x92\xc7\x00\x21\x05\xa4time\xcb\x00\x00\x00\x00\x00\x00\x00\x00",
    b"\x92\xa7outcome\x85\xa3run\x01\xa3end\x92\xa5value\x80\xa5state\xa4kept\xa7wall_us\xcc\xb4\xa6cpu_us\x5f",
    b"\x92\xa6result\x83\xa3run\x01\xa5value\x82\xa1a\xc4\x02xy\xa1b\xd7\x05\x00\x00\x00\x00\x00\x00\x00\x00\xa4text\xa12",
    b"\x92\xa3run\x84\xa3run\x01\xa4code\xa31+1\xa4name\xa7chunk:1\xabvalue_limit\xcd\x10\x00",
    b"\x92\xa9interrupt\x82\xa3run\x01\xa6reason\xa7request",
    b"\x92\xa4pong\x82\xa5nonce\x07\xa3run\x01",
    b"\x92\xa7welcome\x81\xa8revision\x01",
    b"\x96\xc7\x00\x22\xa5Error\xa4oops\xc0\xc0\xc0",
];

// threats E2, E3, E11, E12
#[test]
fn a_million_damaged_messages_pass_every_decoder() {
    let count = std::env::var("DRUPE_MUTATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(1_000_000_u64);
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    let mut decoded = 0_u64;
    let mut bytes = Vec::with_capacity(1024);
    let ((), left) = counting::left(|| {
        for _ in 0..count {
            bytes.clear();
            bytes.extend_from_slice(SEEDS[random(SEEDS.len())]);
            for _ in 0..=random(3) {
                let at = random(bytes.len());
                match random(4) {
                    0 => bytes[at] = u8::try_from(random(256)).unwrap(),
                    1 => bytes[at] ^= 1 << random(8),
                    2 => bytes.truncate(at + 1),
                    _ => bytes.extend_from_within(at..),
                }
            }
            bytes.truncate(512);
            decoded += u64::from(decode::<Event>(&bytes).is_ok());
            decoded += u64::from(decode::<Reply>(&bytes).is_ok());
            decoded += u64::from(decode::<Request>(&bytes).is_ok());
            decoded += u64::from(decode::<Control>(&bytes).is_ok());
            decoded += u64::from(decode::<Value>(&bytes).is_ok());
            decoded += u64::from(decode::<Greeting>(&bytes).is_ok());
            decoded += u64::from(decode::<Welcoming>(&bytes).is_ok());
            decoded += u64::from(decode::<Launch>(&bytes).is_ok());
        }
    });
    assert!(decoded > count / 20, "the damage is such that some is not noticed: {decoded} of {count}");
    assert!(left.abs() < 64 << 10, "{left} bytes are left");
}
