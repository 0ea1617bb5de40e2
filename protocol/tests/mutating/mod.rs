//! Damage done at random to what was valid, the same in every run: nearly right is where decoders stumble.

#![allow(dead_code, reason = "not every test binary needs all of it")]

/// `usual` inputs for each decoder, or as many as `DRUPE_MUTATIONS` says.
pub(crate) fn count(usual: u64) -> u64 {
    std::env::var("DRUPE_MUTATIONS").map_or(usual, |count| count.parse().expect("DRUPE_MUTATIONS is a number"))
}

/// Random numbers that are the same in every run, unless `DRUPE_SEED` asks for others.
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// A sequence of its own for each purpose.
    pub(crate) fn new(purpose: &str) -> Self {
        let seed = std::env::var("DRUPE_SEED").map_or(0_u64, |seed| seed.parse().expect("DRUPE_SEED is a number"));
        let start = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed.wrapping_mul(2) | 1);
        Self(purpose.bytes().fold(start, |state, byte| (state ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)) | 1)
    }

    /// A number below `limit`, which is not 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 8) % limit as u64).expect("below a usize")
    }

    /// Whether one of `of` cases is this one.
    pub(crate) fn one_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.below(256).to_le_bytes()[0]
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// What stands for much, or for something special, in msgpack: nil, wrong UTF-8, extensions, headers that promise four
/// billion.
const MARKS: [&[u8]; 14] = [
    &[0xc0],
    &[0xc1],
    &[0x90],
    &[0x80],
    &[0xa1, 0xff],
    &[0xc7, 0, 0x01],
    &[0xc7, 0, 0x20],
    &[0xc7, 0, 0x22],
    &[0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0],
    &[0xdd, 0xff, 0xff, 0xff, 0xff],
    &[0xdf, 0xff, 0xff, 0xff, 0xff],
    &[0xc6, 0xff, 0xff, 0xff, 0xff],
    &[0xdb, 0xff, 0xff, 0xff, 0xff],
    &[0xc9, 0xff, 0xff, 0xff, 0xff, 0x10],
];

/// Longer inputs are cut to so many bytes.
const LONGEST: usize = 2048;

/// Damages `bytes`, which are not empty, in one to four places; one in eight is left whole.
pub(crate) fn damage(random: &mut Random, bytes: &mut Vec<u8>) {
    if random.one_in(8) {
        return;
    }
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len());
        match random.below(10) {
            0 | 1 => bytes[at] = random.byte(),
            2 | 3 => bytes[at] ^= 1 << random.below(8),
            4 => bytes[at] = bytes[at].wrapping_add(1),
            5 => bytes.truncate(at + 1),
            6 => bytes.extend_from_within(at..),
            7 => drop(bytes.splice(at..at, random.pick(&MARKS).iter().copied())),
            8 => drop(bytes.splice(at..=at, random.pick(&MARKS).iter().copied())),
            // As deep as no frame may be.
            _ if random.one_in(4) => drop(bytes.splice(at..=at, [0x91; 80])),
            _ => bytes[at] = bytes[at].wrapping_sub(1),
        }
    }
    bytes.truncate(LONGEST);
}

/// Says which input it was when a test ends in a panic.
pub(crate) struct Culprit<'a>(pub(crate) &'a str, pub(crate) &'a [u8]);

impl Drop for Culprit<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let Self(decoder, bytes) = self;
            eprintln!("{decoder} was reading {} bytes: {:02x?}", bytes.len(), &bytes[..bytes.len().min(4096)]);
        }
    }
}

/// The most memory that this process ever held at once, in bytes, as far as the system tells.
pub(crate) fn most_memory() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<usize>().ok()? << 10)
}
