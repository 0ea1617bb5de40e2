//! The processors that two processes run on. A wake-up of a sleeping process on another processor takes ten times as
//! long as one on the same. So a round trip is measured both ways; otherwise the figure would depend on the scheduler's
//! choice.

use std::{fs, io};

use rustix::{
    process::Pid,
    thread::{CpuSet, sched_getaffinity, sched_setaffinity},
};

/// Where a parent and its child run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Placement {
    /// Each on a processor of its own, as in a program that has something else to do.
    Apart,
    /// Both on the same processor.
    Together,
}

/// Two processes that are kept where they were put. **Let go when dropped.**
pub(super) struct Placed {
    processes: [u32; 2],
    before: CpuSet,
}

impl Placement {
    /// Puts all threads of parent and child where they belong; `None` if the machine has no such places.
    pub(super) fn put(self, processes: [u32; 2]) -> io::Result<Option<Placed>> {
        let before = sched_getaffinity(None)?;
        let mut processors = (0..CpuSet::MAX_CPU).filter(|processor| before.is_set(*processor));
        let Some(first) = processors.next() else { return Ok(None) };
        let second = match self {
            Self::Together => Some(first),
            Self::Apart => processors.next(),
        };
        let Some(second) = second else { return Ok(None) };
        let placed = Placed { processes, before };
        for (process, processor) in processes.into_iter().zip([first, second]) {
            let mut only = CpuSet::new();
            only.set(processor);
            confine(process, &only)?;
        }
        Ok(Some(placed))
    }
}

impl Drop for Placed {
    fn drop(&mut self) {
        for process in self.processes {
            // One that has ended needs no processor.
            drop(confine(process, &self.before));
        }
    }
}

/// Keeps every thread of `process` on `processors`.
fn confine(process: u32, processors: &CpuSet) -> io::Result<()> {
    for entry in fs::read_dir(format!("/proc/{process}/task"))? {
        let name = entry?.file_name();
        let thread = name.to_str().and_then(|name| Pid::from_raw(name.parse().ok()?)).ok_or(io::ErrorKind::InvalidData)?;
        match sched_setaffinity(Some(thread), processors) {
            // It ended meanwhile.
            Err(rustix::io::Errno::SRCH) | Ok(()) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_put_somewhere_is_let_go() {
        let before = sched_getaffinity(None).unwrap();
        let own = std::process::id();
        let placed = Placement::Together.put([own, own]).unwrap();
        assert_eq!(sched_getaffinity(None).unwrap().count(), 1);
        drop(placed);
        assert_eq!(sched_getaffinity(None).unwrap(), before);
    }
}
