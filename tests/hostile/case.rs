//! What a case is: an input, the world it meets, and the way it takes into the parent.

use std::{fmt, path::Path, sync::Arc, time::Duration};

use drupe_client::{Language, Value};
use serde::{Deserialize, Serialize};

/// No input is larger: a source, the files of a folder together, an answer.
pub(crate) const LARGEST: usize = 1 << 20;

/// What any case may cost the parent.
pub(crate) struct Bounds;

impl Bounds {
    /// User and system time of all threads, until the parent rests again.
    pub(crate) const CPU: Duration = Duration::from_secs(2);
    /// How far resident memory may rise, in bytes.
    pub(crate) const MEMORY: u64 = 256 << 20;
    /// How long an interrupt may take, and whatever else is asked of the parent meanwhile. What is not optimised takes
    /// several times as long; `cargo xtask hostile --release` holds the parent to what it is in use.
    pub(crate) const LATENCY: Duration = Duration::from_millis(if cfg!(debug_assertions) { 500 } else { 100 });
    /// How long a case may go on at all.
    pub(crate) const WALL: Duration = Duration::from_secs(20);
}

/// What the kernel may reach.
#[derive(Clone)]
pub(crate) enum World {
    /// Nothing.
    Denied,
    /// A folder that this function fills, to read. Its path is the variable `folder`.
    Folder(fn(&Path)),
    /// The hostile server, to fetch and to import from. Its URL is the variable `server`.
    Server,
    /// Everything. There is an empty folder, `folder`.
    Everything,
}

/// The way into the parent.
pub(crate) enum Act {
    /// A chunk is run. Inputs are global variables.
    Run { source: String, language: Language, inputs: Vec<(&'static str, Value)> },
    /// A line is typed or pasted, and not entered.
    Preview(String),
    /// A completion is asked for at its end.
    Complete(String),
    /// It is run, and then its name `f` is inspected.
    Inspect(String),
    /// A front end asks whether it is complete.
    Completeness(String),
    /// It is formatted.
    Format(String),
}

impl Act {
    /// A chunk.
    pub(crate) fn run(source: impl Into<String>) -> Self {
        Self::Run { source: source.into(), language: Language::Auto, inputs: Vec::new() }
    }

    /// A chunk that has the hostile text as a variable, `text`.
    pub(crate) fn given(code: &str, text: impl Into<Value>) -> Self {
        Self::Run { source: code.to_owned(), language: Language::Auto, inputs: vec![("text", text.into())] }
    }

    /// The size of the input in bytes.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Run { source, inputs, .. } => source.len() + inputs.iter().map(|(_, value)| weight(value)).sum::<usize>(),
            Self::Preview(text) | Self::Complete(text) | Self::Inspect(text) | Self::Completeness(text) | Self::Format(text) => {
                text.len()
            }
        }
    }
}

fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::TypedArray(_, bytes) => bytes.len(),
        _ => 0,
    }
}

/// A hostile input.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) world: World,
    /// Made when it is its turn: all together are large.
    pub(crate) act: Arc<dyn Fn() -> Act + Send + Sync>,
}

impl Case {
    pub(crate) fn new(name: impl Into<String>, world: World, act: impl Fn() -> Act + Send + Sync + 'static) -> Self {
        Self { name: name.into(), world, act: Arc::new(act) }
    }
}

/// What a case cost, as a worker tells it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Cost {
    pub(crate) name: String,
    pub(crate) cpu: Duration,
    /// In bytes.
    pub(crate) memory: u64,
    /// The longest that an interrupt took, from when it was due to the run's end.
    pub(crate) interrupt: Duration,
    /// The longest that anything else took: another kernel's run, a question about this one.
    pub(crate) others: Duration,
    /// The longest that a process which does nothing waited meanwhile: that is the machine's doing, and no latency of
    /// the parent's.
    #[serde(skip)]
    pub(crate) idle: Duration,
    /// How it ended.
    pub(crate) end: String,
    /// Whether that end is one that must not be.
    pub(crate) wrong: bool,
}

impl Cost {
    /// The bounds that it broke, in words.
    pub(crate) fn broken(&self) -> Vec<String> {
        let mut broken = Vec::new();
        if self.cpu > Bounds::CPU {
            broken.push(format!("CPU {:.1} s > {:.1} s", self.cpu.as_secs_f64(), Bounds::CPU.as_secs_f64()));
        }
        if self.memory > Bounds::MEMORY {
            broken.push(format!("memory {} MiB > {} MiB", self.memory >> 20, Bounds::MEMORY >> 20));
        }
        for (what, latency) in [("interrupt", self.interrupt), ("others", self.others)] {
            let own = latency.saturating_sub(self.idle);
            if own > Bounds::LATENCY {
                broken.push(format!("{what} waited {} ms > {} ms", own.as_millis(), Bounds::LATENCY.as_millis()));
            }
        }
        if self.wrong {
            broken.push("a wrong end".to_owned());
        }
        broken
    }

    /// The best of two tries: what the machine did beside it is not the input's doing.
    pub(crate) fn better(self, other: Self) -> Self {
        let own = |cost: &Self| cost.interrupt.max(cost.others).saturating_sub(cost.idle);
        let (wrong, calmer) = (self.wrong && other.wrong, if own(&self) < own(&other) { &self } else { &other });
        let (interrupt, others, idle) = (calmer.interrupt, calmer.others, calmer.idle);
        Self { cpu: self.cpu.min(other.cpu), memory: self.memory.min(other.memory), interrupt, others, idle, wrong, ..other }
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self { name, cpu, memory, interrupt, others, end, .. } = self;
        write!(
            f,
            "{name:<44} {:>7.3} s {:>5} MiB {:>5} ms {:>5} ms  {end}",
            cpu.as_secs_f64(),
            memory >> 20,
            interrupt.as_millis(),
            others.as_millis()
        )
    }
}

/// `open` as often as fits, or `depth` times; `middle`; and `close` as often, unless the text is to be cut off.
pub(crate) fn nest(open: &str, middle: &str, close: &str, depth: usize, cut: bool) -> String {
    let room = LARGEST - middle.len() - 1024;
    let depth = depth.min(room / (open.len() + if cut { 0 } else { close.len() }));
    let mut text = open.repeat(depth) + middle;
    if !cut {
        text.push_str(&close.repeat(depth));
    }
    text
}

/// `item(n)` for as many numbers as there are and as fit.
pub(crate) fn list(count: usize, item: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for index in 0..count {
        let next = item(index);
        if text.len() + next.len() > LARGEST - 1024 {
            break;
        }
        text.push_str(&next);
    }
    text
}
