//! The timed tasks: for each the amount of work in a round, and the number of rounds.

use std::{fmt, time::Duration};

use super::{filter::Filter, memory::Memory, placement::Placement};

/// The CPU limit that an endless loop is stopped at.
pub(super) const LIMIT: Duration = Duration::from_millis(50);

/// One kind of work. Peers are asked for it alternately, round by round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Task {
    /// Run a command with the code `1+1`, until its value is printed and the command has ended. Seconds.
    Command,
    /// Start a process, and have the value of `1+1` from it. Seconds.
    Spawn,
    /// Start a process, until the handshake is over; what it does by then is its own affair. Seconds.
    Ready,
    /// The value of `1+1` from a process that is warm, again and again. Seconds each.
    RoundTrip(Placement),
    /// So many calls of `console.log('line', i)` in one chunk, until all have arrived and the chunk has ended. Events a
    /// second.
    Console,
    /// The memory of a process that has evaluated `1+1`. Bytes.
    Idle(Memory),
    /// Throw all state away and be ready again. Seconds each.
    Reset,
    /// Memory after a tenth of so many resets, and after all. Two samples, in bytes.
    MemoryAfterResets,
    /// From an endless loop's CPU limit of [`LIMIT`] to the report that it was stopped, the limit itself not counted.
    /// Seconds.
    Interrupt,
    /// From limit and grace of each of [`DEAF`] to the report that its process was killed; 0 if it stopped before.
    /// Seconds.
    HardStop,
    /// A typed array of so many bytes given to a chunk that looks at its length. Bytes a second.
    Send,
    /// A typed array of so many bytes as the value of a chunk. Bytes a second.
    Receive,
    /// The package of [`package`](super::package), imported into a process that is up and has nothing of it. Seconds.
    Import,
    /// The same again after a reset. Seconds. Node cannot forget modules: it starts another process, and that is not
    /// counted.
    ImportAgain,
    /// So many bytes through a filter that a command runs, from its start to its end. Bytes a second.
    Filter(Filter),
    /// A piece of JavaScript whose function is defined already. Seconds.
    Work(Work),
}

/// A piece of JavaScript: its name, what defines it, what calls it, and the value that must come.
#[derive(Clone, Copy)]
pub(super) struct Work {
    pub(super) name: &'static str,
    pub(super) setup: &'static str,
    pub(super) call: &'static str,
    pub(super) expected: f64,
}

impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Work {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Work {}

impl std::hash::Hash for Work {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

/// The pieces.
pub(super) const WORKS: [Work; 6] = [
    Work { name: "fib(27), 5 times", setup: include_str!("../../peers/work/fib.js"), call: "workFib()", expected: 982_090.0 },
    Work {
        name: "sieve of 4,000,000",
        setup: include_str!("../../peers/work/sieve.js"),
        call: "workSieve()",
        expected: 283_146.0,
    },
    Work {
        name: "JSON of 10,000 rows",
        setup: include_str!("../../peers/work/json.js"),
        call: "workJson()",
        expected: 2_350_023.0,
    },
    Work { name: "60,000 words", setup: include_str!("../../peers/work/string.js"), call: "workString()", expected: 234_288.0 },
    Work {
        name: "matrix 200 x 200",
        setup: include_str!("../../peers/work/matrix.js"),
        call: "workMatrix()",
        expected: 99_997.25,
    },
    Work {
        name: "loop at the top level",
        setup: "let total = 0",
        call: "total = 0; for (let i = 0; i < 1_000_000; i++) total += i; total",
        expected: 499_999_500_000.0,
    },
];

/// Built-ins that look for no interrupt, or seldom: what defines the argument, and the call.
pub(super) const DEAF: [[&str; 2]; 20] = [
    ["const s = '[' + '1,'.repeat(60_000_000) + '1]'", "JSON.parse(s).length"],
    ["const s = 'ab'.repeat(1 << 25)", "s.replaceAll('ab', 'abc').length"],
    ["const s = '\\u1e9b\\u0323'.repeat(1 << 24)", "s.normalize('NFKD').length"],
    ["const s = 'a'.repeat(1 << 27), t = 'a'.repeat(1 << 16) + 'b'", "s.indexOf(t)"],
    ["const s = 'x,'.repeat(1 << 25)", "s.split(',').length"],
    ["const n = 7n ** 4000000n", "n.toString().length"],
    ["const t = new Float64Array(1 << 24).map((_, i) => (i * 7919) % 65537)", "t.sort()[0]"],
    ["const t = new Float64Array(1 << 24).map((_, i) => (i * 7919) % 65537)", "t.toSorted()[0]"],
    ["const m = new Map(Array.from({ length: 1 << 23 }, (_, i) => [i, i]))", "new Map(m).size"],
    ["const a = Array(1 << 24).fill('xy')", "a.join('-').length"],
    ["const a = { length: 2 ** 50 }", "Array.prototype.reverse.call(a)"],
    ["const a = { length: 2 ** 50 }", "Array.prototype.includes.call(a, 1)"],
    ["const a = { length: 2 ** 50 }", "Array.prototype.indexOf.call(a, 1)"],
    ["const a = { length: 2 ** 50 }", "Array.prototype.lastIndexOf.call(a, 1)"],
    ["const a = { length: 2 ** 50 }", "Array.prototype.copyWithin.call(a, 1, 0)"],
    ["const a = { length: 2 ** 50 }", "Array.prototype.unshift.call(a, 1)"],
    ["const a = { length: 2 ** 50 }", "Array.prototype.some.call(a, () => false)"],
    ["const a = { length: 2 ** 32 - 1 }", "Array.prototype.join.call(a, '')"],
    ["const f = () => false", "Array.prototype.findLastIndex.call({ length: 2 ** 50 }, f)"],
    ["const o = { length: 2 ** 50 }", "Array.prototype.findLast.call(o, () => false)"],
];

impl Task {
    /// Every task, in the order of the table.
    pub(super) fn all() -> Vec<Self> {
        let mut all = vec![
            Self::Command,
            Self::Spawn,
            Self::Ready,
            Self::RoundTrip(Placement::Apart),
            Self::RoundTrip(Placement::Together),
            Self::Console,
            Self::Idle(Memory::Resident),
            Self::Idle(Memory::Proportional),
            Self::Reset,
            Self::MemoryAfterResets,
            Self::Interrupt,
            Self::HardStop,
            Self::Send,
            Self::Receive,
            Self::Import,
            Self::ImportAgain,
        ];
        all.extend(Filter::ALL.map(Self::Filter));
        all.extend(WORKS.map(Self::Work));
        all
    }

    /// How many rounds.
    pub(super) fn rounds(self, quick: bool) -> usize {
        let (full, brief) = match self {
            Self::Interrupt => (50, 3),
            Self::Command | Self::Spawn | Self::Ready => (30, 3),
            Self::Console => (7, 2),
            Self::MemoryAfterResets => (1, 1),
            Self::HardStop => (2, 1),
            Self::Filter(_) => (3, 1),
            Self::Idle(_) => (5, 1),
            Self::RoundTrip(_) | Self::Reset | Self::Send | Self::Receive | Self::Import | Self::ImportAgain | Self::Work(_) => {
                (10, 2)
            }
        };
        if quick { brief } else { full }
    }

    /// How much of it makes a round.
    pub(super) fn amount(self, quick: bool) -> usize {
        let (full, brief) = match self {
            Self::RoundTrip(_) => (1_000, 100),
            Self::Console => (100_000, 10_000),
            Self::Reset => (20, 5),
            Self::MemoryAfterResets => (1_000, 50),
            Self::Filter(_) => (100_000_000, 2_000_000),
            Self::Send | Self::Receive => (64 << 20, 1 << 20),
            _ => (1, 1),
        };
        if quick { brief } else { full }
    }
}
