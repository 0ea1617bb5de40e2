//! The values that a chunk must set at its beginning: for which names, and from where.
//! [`openings`](crate::plan::openings) writes them.

use std::collections::HashSet;

use swc_ecma_parser_metered::metered::Meter;

use crate::decide::assigned;
use crate::decide::session::SessionBindings;
use crate::parse::Chunk;
use crate::source::environment::is_environment;

/// A name and what it is given.
#[derive(Debug)]
pub(crate) struct Opening {
    pub(crate) name: String,
    pub(crate) value: Value,
}

#[derive(Debug)]
pub(crate) enum Value {
    /// The input.
    Input,
    /// What it holds, if anything; else the environment's global.
    Global,
    /// What it holds, if anything.
    Nothing,
}

/// What earlier chunks left in doubt and this one needs; `settled` are the names that it declares or is given.
pub(crate) fn of_doubtful(
    chunk: &Chunk,
    session: &SessionBindings,
    meter: &Meter<'_>,
    settled: impl Fn(&str) -> bool,
) -> Vec<Opening> {
    if !session.has_doubts() {
        return Vec::new();
    }
    let hiding = session.hiding().filter(|name| !settled(name));
    let mut openings: Vec<_> = hiding.map(|name| Opening { name: name.to_owned(), value: Value::Global }).collect();
    let wanted = |name: &str| session.is_doubtful(name) && !is_environment(name) && !settled(name);
    let mut seen = HashSet::new();
    let targets = assigned::find(chunk, meter, wanted).into_iter().filter(|target| seen.insert(target.name.clone()));
    openings.extend(targets.map(|target| Opening { name: target.name, value: Value::Nothing }));
    openings
}
