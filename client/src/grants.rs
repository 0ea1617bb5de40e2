//! The functions of the embedder that a run may call.

use std::ops::RangeInclusive;

use drupe_protocol::RunId;

/// What a chunk says of functions. A name is a function's, or that of a group of functions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Grants {
    /// These and no others, if it says so.
    pub(crate) only: Option<Vec<String>>,
    /// These besides.
    pub(crate) also: Vec<String>,
}

impl Grants {
    /// Whether a run with these may call `function`, which without a word is everybody's unless it is `reserved`.
    pub(crate) fn allow(&self, function: &str, reserved: bool) -> bool {
        let names = |names: &[String]| names.iter().any(|name| covers(name, function));
        names(&self.also) || self.only.as_ref().map_or(!reserved, |only| names(only))
    }
}

fn covers(name: &str, function: &str) -> bool {
    function.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The runs of a session that were limited to some functions. **It outlives them**: what they left behind may call
/// none.
#[derive(Debug, Default)]
pub(crate) struct Limited(Vec<RangeInclusive<RunId>>);

impl Limited {
    /// Adds a run, whose id is larger than all before.
    pub(crate) fn add(&mut self, run: RunId) {
        match self.0.last_mut() {
            Some(last) if *last.end() + 1 == run => *last = *last.start()..=run,
            _ => self.0.push(run..=run),
        }
    }

    pub(crate) fn has(&self, run: RunId) -> bool {
        let after = self.0.partition_point(|range| *range.end() < run);
        self.0.get(after).is_some_and(|range| range.contains(&run))
    }
}

#[cfg(test)]
mod tests {
    use super::{Grants, Limited};

    #[test]
    fn names_are_functions_or_groups() {
        let grants = |only: Option<&[&str]>, also: &[&str]| {
            let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            Grants { only: only.map(owned), also: owned(also) }
        };
        let allowed = |grants: &Grants, name| (grants.allow(name, false), grants.allow(name, true));
        assert_eq!(allowed(&Grants::default(), "db.query"), (true, false));
        assert_eq!(allowed(&grants(None, &["db"]), "db.query"), (true, true));
        assert_eq!(allowed(&grants(None, &["db.query"]), "other"), (true, false));
        assert_eq!(allowed(&grants(Some(&["db"]), &[]), "db.query"), (true, true));
        assert_eq!(allowed(&grants(Some(&["db.query"]), &[]), "db.query.all"), (true, true));
        for name in ["db2", "d", "other", "db_query"] {
            assert_eq!(allowed(&grants(Some(&["db"]), &[]), name), (false, false), "{name}");
        }
        assert_eq!(allowed(&grants(Some(&[]), &["log"]), "log"), (true, true));
    }

    #[test]
    fn runs_are_remembered_in_few_words() {
        let mut limited = Limited::default();
        for run in (1..1000).chain(1500..2000).chain([3000]) {
            limited.add(run);
        }
        assert_eq!(limited.0.len(), 3);
        for (run, is_there) in
            [(0, false), (1, true), (999, true), (1000, false), (1499, false), (1999, true), (3000, true), (3001, false)]
        {
            assert_eq!(limited.has(run), is_there, "{run}");
        }
    }
}
