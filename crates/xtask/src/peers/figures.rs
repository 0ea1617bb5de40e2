//! Turns samples into figures, and figures into verdicts: the statistic of each figure, its unit, and its goal.

use super::{
    filter::Filter,
    measured::Measured,
    memory::Memory,
    package,
    peer::Who,
    placement::Placement,
    task::{Task, WORKS},
};

/// A line of the table.
pub(super) struct Figure {
    pub(super) what: String,
    pub(super) task: Task,
    pub(super) unit: Unit,
    statistic: Statistic,
    goals: Vec<Goal>,
}

/// How a figure is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Time,
    Memory,
    Events,
    Transfer,
    Times,
}

/// What becomes of many samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Statistic {
    Median,
    P99,
    Largest,
    Last,
    /// How many times the first the last is.
    Growth,
}

/// What is asked of drupe.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Goal {
    Max(f64),
    Min(f64),
    /// No more seconds than this beyond another's.
    MaxMore(f64, Who),
    MaxTimes(f64, Who),
    MinTimes(f64, Who),
}

/// A goal, and whether drupe meets it; `None` where those it is measured by are absent.
pub(super) struct Verdict {
    pub(super) goal: String,
    /// How many times the reference drupe's figure is, if the goal is such.
    pub(super) times: Option<f64>,
    pub(super) met: Option<bool>,
}

impl Figure {
    fn new(what: impl Into<String>, task: Task, unit: Unit, statistic: Statistic, goals: &[Goal]) -> Self {
        Self { what: what.into(), task, unit, statistic, goals: goals.to_vec() }
    }

    /// All figures, in the order of DESIGN's goals.
    pub(super) fn all(measured: &Measured) -> Vec<Self> {
        use Goal::{Max, MaxMore, MaxTimes, Min, MinTimes};
        use Placement::{Apart, Together};
        use Statistic::{Growth, Largest, Last, Median, P99};
        let round_trip = &[MaxTimes(1.3, Who::Floor), MaxTimes(1.0, Who::Node)];
        let spawn = &[MaxTimes(1.0 / 6.0, Who::Node), Max(8e-3), MaxMore(1.5e-3, Who::Unconfined)];
        let resets = Task::MemoryAfterResets.amount(measured.quick);
        let mut all = vec![
            Self::new(
                "command `eval 1+1`, to its end",
                Task::Command,
                Unit::Time,
                Median,
                &[Max(50e-3), MaxTimes(1.0, Who::Node)],
            ),
            Self::new("spawn to first result", Task::Spawn, Unit::Time, Median, spawn),
            Self::new("spawn to handshake", Task::Ready, Unit::Time, Median, &[]),
            Self::new("round trip of `1+1`, two processors, p50", Task::RoundTrip(Apart), Unit::Time, Median, round_trip),
            Self::new("round trip of `1+1`, two processors, p99", Task::RoundTrip(Apart), Unit::Time, P99, &[]),
            Self::new("round trip of `1+1`, one processor, p50", Task::RoundTrip(Together), Unit::Time, Median, round_trip),
            Self::new("round trip of `1+1`, one processor, p99", Task::RoundTrip(Together), Unit::Time, P99, &[]),
            Self::new("console events a second", Task::Console, Unit::Events, Median, &[MinTimes(3.0, Who::Node)]),
            Self::new("memory, idle: RSS", Task::Idle(Memory::Resident), Unit::Memory, Median, &[MaxTimes(0.5, Who::Node)]),
            Self::new("memory, idle: PSS", Task::Idle(Memory::Proportional), Unit::Memory, Median, &[]),
            Self::new("reset", Task::Reset, Unit::Time, Median, &[Max(1e-3)]),
            Self::new("reset, p99", Task::Reset, Unit::Time, P99, &[]),
            Self::new(format!("RSS after {resets} resets"), Task::MemoryAfterResets, Unit::Memory, Last, &[]),
            Self::new(
                format!("... compared with after {}", resets / 10),
                Task::MemoryAfterResets,
                Unit::Times,
                Growth,
                &[Max(1.1)],
            ),
            Self::new("endless loop, past its limit, p50", Task::Interrupt, Unit::Time, Median, &[]),
            Self::new("endless loop, past its limit, p99", Task::Interrupt, Unit::Time, P99, &[Max(20e-3)]),
            Self::new("kill, past limit and grace, worst", Task::HardStop, Unit::Time, Largest, &[Max(50e-3)]),
            Self::new("typed array to the kernel", Task::Send, Unit::Transfer, Median, &[Min(1e9)]),
            Self::new("typed array from the kernel", Task::Receive, Unit::Transfer, Median, &[Min(1e9)]),
        ];
        let (modules, beside_node) = (package::MODULES, &[MaxTimes(1.5, Who::Node)]);
        all.push(Self::new(format!("import of {modules} modules, cold"), Task::Import, Unit::Time, Median, beside_node));
        let again = format!("import of {modules} modules, after a reset");
        all.push(Self::new(again, Task::ImportAgain, Unit::Time, Median, &[MaxTimes(1.0, Who::Node)]));
        all.extend(Filter::ALL.map(|filter| {
            let what = format!("100 MB through a filter: {}", filter.title());
            Self::new(what, Task::Filter(filter), Unit::Transfer, Median, &[MinTimes(1.0 / 3.0, Who::Node)])
        }));
        // The same engine in both, or nothing is said about drupe.
        let same = measured.v8(Who::Deno).zip(measured.v8(Who::Drupe)).is_some_and(|(deno, ours)| release(deno) == release(ours));
        let goals: &[Goal] = if same { &[MaxTimes(1.1, Who::Deno)] } else { &[] };
        all.extend(
            WORKS.map(|work| Self::new(format!("JavaScript: {}", work.name), Task::Work(work), Unit::Time, Median, goals)),
        );
        all
    }

    /// The figure of `who`.
    pub(super) fn of(&self, measured: &Measured, who: Who) -> Option<f64> {
        measured.of(self.task, who).and_then(|samples| self.statistic.of(samples))
    }

    /// How many times as slow as `who` drupe is; `None` where that means nothing: for memory, and for what is rare by
    /// its nature.
    pub(super) fn slowdown(&self, measured: &Measured, who: Who) -> Option<f64> {
        let times = self.of(measured, Who::Drupe)? / self.of(measured, who)?;
        match (self.statistic, self.unit) {
            (Statistic::Median, Unit::Time) => Some(times),
            (Statistic::Median, Unit::Events | Unit::Transfer) => Some(1.0 / times),
            _ => None,
        }
    }

    /// What was asked of drupe here, and what came of it.
    pub(super) fn verdicts(&self, measured: &Measured) -> Vec<Verdict> {
        let ours = self.of(measured, Who::Drupe);
        let against = |who| Some((ours?, self.of(measured, who)?));
        let verdicts = self.goals.iter().map(|goal| match *goal {
            Goal::Max(limit) => Verdict::new(format!("at most {}", self.unit.text(limit)), None, ours.map(|ours| ours <= limit)),
            Goal::Min(limit) => Verdict::new(format!("at least {}", self.unit.text(limit)), None, ours.map(|ours| ours >= limit)),
            Goal::MaxMore(more, who) => {
                let met = against(who).map(|(ours, theirs)| ours <= theirs + more);
                Verdict::new(format!("at most {} more than {}", self.unit.text(more), who.title()), None, met)
            }
            Goal::MaxTimes(factor, who) => {
                let (times, text) = (against(who).map(|(ours, theirs)| ours / theirs), times_text(factor, who));
                Verdict::new(format!("at most {text}"), times, times.map(|times| times <= factor))
            }
            Goal::MinTimes(factor, who) => {
                let (times, text) = (against(who).map(|(ours, theirs)| ours / theirs), times_text(factor, who));
                Verdict::new(format!("at least {text}"), times, times.map(|times| times >= factor))
            }
        });
        verdicts.collect()
    }
}

impl Verdict {
    fn new(goal: String, times: Option<f64>, met: Option<bool>) -> Self {
        Self { goal, times, met }
    }
}

impl Statistic {
    fn of(self, samples: &[f64]) -> Option<f64> {
        match self {
            Self::Median => quantile(samples, 0.5),
            Self::P99 => quantile(samples, 0.99),
            Self::Largest => quantile(samples, 1.0),
            Self::Last => samples.last().copied(),
            Self::Growth => Some(samples.last()? / samples.first()?),
        }
    }
}

impl Unit {
    /// `figure` as people write it.
    pub(super) fn text(self, figure: f64) -> String {
        match self {
            Self::Time if figure.abs() < 1e-3 => format!("{:.1} µs", figure * 1e6),
            Self::Time => format!("{:.2} ms", figure * 1e3),
            Self::Memory => format!("{:.1} MiB", figure / 1_048_576.0),
            Self::Events => format!("{:.0},000 /s", figure / 1e3),
            Self::Transfer if figure < 1e9 => format!("{:.0} MB/s", figure / 1e6),
            Self::Transfer => format!("{:.2} GB/s", figure / 1e9),
            Self::Times => format!("{figure:.2} x"),
        }
    }
}

/// The sample that the share `rank` of all samples do not exceed.
fn quantile(samples: &[f64], rank: f64) -> Option<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index within the samples")]
    sorted.get((rank * last as f64).round() as usize).copied()
}

fn times_text(factor: f64, who: Who) -> String {
    let who = who.title();
    if factor < 1.0 { format!("1/{:.0} of {who}", 1.0 / factor) } else { format!("{factor} x {who}") }
}

/// The part of a version of V8 that says which JavaScript it is and how fast: `15.2` of `15.2.1-rusty`.
fn release(v8: &str) -> Option<&str> {
    v8.match_indices('.').nth(1).map(|(end, _)| &v8[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_samples() {
        let samples = [5.0, 1.0, 4.0, 2.0, 3.0];
        assert_eq!(quantile(&samples, 0.5), Some(3.0));
        assert_eq!(quantile(&samples, 1.0), Some(5.0));
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn figures_are_written_in_their_unit() {
        assert_eq!(Unit::Time.text(0.000_082), "82.0 µs");
        assert_eq!(Unit::Time.text(0.052), "52.00 ms");
        assert_eq!(Unit::Events.text(300_400.0), "300,000 /s");
        assert_eq!(Unit::Memory.text(15.0 * 1_048_576.0), "15.0 MiB");
    }

    #[test]
    fn goals_are_written_as_fractions_below_one() {
        assert_eq!(times_text(1.0 / 6.0, Who::Node), "1/6 of node child");
        assert_eq!(times_text(1.3, Who::Floor), "1.3 x bare socket");
        assert_eq!(release("15.2.1-rusty"), Some("15.2"));
    }
}
