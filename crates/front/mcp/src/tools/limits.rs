//! Limits that a caller asks for, within the policy.

use std::time::Duration;

use drupe_client::Limits;
use drupe_serve::MIN_HEAP;

use crate::{
    refusal::Refusal,
    server::Settings,
    wanted::{USUAL_MEMORY, USUAL_VM},
};

/// How long a call waits for a run unless it says otherwise. Clients give a call up after a minute or less.
const USUAL_YIELD: Duration = Duration::from_secs(10);

/// The longest that a call waits.
pub(crate) const MAX_YIELD: Duration = Duration::from_mins(10);

/// The least size of a heap, in MiB.
const MIN_MEMORY: u64 = MIN_HEAP >> 20;

/// What a caller can ask for at most, where the policy says nothing.
pub(crate) const MOST_VM: Duration = Duration::from_mins(10);
const MOST_WALL: Duration = Duration::from_hours(24);
pub(crate) const MOST_MEMORY: u64 = 4 << 30;

/// The least limit of time. One that is shorter would be told as this.
const MIN_TIME: Duration = Duration::from_millis(1);

/// The limits of runs. What is not asked for is `otherwise`'s, and then the policy's.
pub(crate) fn limits(
    settings: &Settings,
    vm_ms: Option<f64>,
    wall_ms: Option<f64>,
    otherwise: Limits,
) -> Result<Limits, Refusal> {
    let most = settings.ceiling.limits;
    let mut limits = otherwise;
    let limit = |argument, ms, most| match within(argument, ms, most)? {
        Some(asked) if asked < MIN_TIME => Err(Refusal::of("bad_argument", argument, format!("{argument} is at least 1."))),
        asked => Ok(asked),
    };
    limits.vm_timeout = limit("vm_timeout_ms", vm_ms, most.vm_timeout.unwrap_or(MOST_VM))?.or(limits.vm_timeout);
    limits.wall_timeout = limit("wall_timeout_ms", wall_ms, most.wall_timeout.unwrap_or(MOST_WALL))?.or(limits.wall_timeout);
    Ok(limits)
}

/// The limits of runs for which nobody asked.
pub(crate) fn usual(settings: &Settings) -> Limits {
    let mut limits = settings.ceiling.limits;
    limits.vm_timeout = limits.vm_timeout.or(Some(USUAL_VM));
    limits
}

/// How long a call waits for a run.
pub(crate) fn patience(ms: Option<f64>) -> Result<Duration, Refusal> {
    Ok(within("yield_ms", ms, MAX_YIELD)?.unwrap_or(USUAL_YIELD))
}

/// The size of a heap, in bytes.
pub(crate) fn memory(settings: &Settings, mib: Option<u64>) -> Result<u64, Refusal> {
    let most = settings.ceiling.memory_limit;
    let Some(mib) = mib else { return Ok(most.unwrap_or(USUAL_MEMORY)) };
    let most = most.unwrap_or(MOST_MEMORY);
    if mib < MIN_MEMORY {
        return Err(Refusal::of("bad_argument", "memory_limit_mib", format!("memory_limit_mib is at least {MIN_MEMORY}.")));
    }
    let bytes = mib.saturating_mul(1 << 20);
    if bytes > most {
        let message = format!("memory_limit_mib is at most {} here.", most >> 20);
        return Err(Refusal::of("forbidden", "memory_limit_mib", message));
    }
    Ok(bytes)
}

fn within(argument: &str, ms: Option<f64>, most: Duration) -> Result<Option<Duration>, Refusal> {
    let Some(ms) = ms else { return Ok(None) };
    let asked = Duration::try_from_secs_f64(ms / 1e3)
        .map_err(|_| Refusal::of("bad_argument", argument, format!("{argument} is a time in milliseconds, and {ms} is none.")))?;
    if asked > most {
        let message = format!("{argument} is at most {} here.", most.as_millis());
        return Err(Refusal::of("forbidden", argument, message));
    }
    Ok(Some(asked))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use drupe_serve::Ceiling;

    use super::*;

    #[test]
    fn a_caller_gets_no_more_than_the_policy_allows() {
        let mut settings = Settings::new(Ceiling::default());
        assert_eq!(usual(&settings).vm_timeout, Some(USUAL_VM));
        assert_eq!(limits(&settings, Some(90_000.0), None, usual(&settings)).unwrap().vm_timeout, Some(Duration::from_secs(90)));
        // Where the policy sets no limit, there is one all the same.
        for (vm, wall, at) in
            [(Some(600_001.0), None, "vm_timeout_ms is at most 600000"), (None, Some(1e9), "wall_timeout_ms is at most 86400000")]
        {
            let refused = limits(&settings, vm, wall, usual(&settings)).unwrap_err();
            assert!(refused.code == "forbidden" && refused.message.starts_with(at), "{}", refused.message);
        }
        assert_eq!(memory(&settings, Some(4096)).unwrap(), 4 << 30);
        assert_eq!(memory(&settings, Some(4097)).unwrap_err().message, "memory_limit_mib is at most 4096 here.");
        settings.ceiling.limits.vm_timeout = Some(Duration::from_secs(2));
        settings.ceiling.memory_limit = Some(64 << 20);
        assert_eq!(usual(&settings).vm_timeout, Some(Duration::from_secs(2)));
        let refused = limits(&settings, Some(2001.0), None, usual(&settings)).unwrap_err();
        assert_eq!((refused.code, refused.argument.as_deref()), ("forbidden", Some("vm_timeout_ms")));
        assert_eq!(refused.message, "vm_timeout_ms is at most 2000 here.");
        for wrong in [-1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(limits(&settings, None, Some(wrong), usual(&settings)).unwrap_err().code, "bad_argument");
        }
        assert_eq!(memory(&settings, None).unwrap(), 64 << 20);
        assert_eq!(memory(&settings, Some(65)).unwrap_err().code, "forbidden");
        for (mib, code) in [(0, "bad_argument"), (7, "bad_argument"), ((1 << 20) + 1, "forbidden"), (u64::MAX, "forbidden")] {
            assert_eq!(memory(&settings, Some(mib)).unwrap_err().code, code, "{mib}");
        }
        // The policy may allow more than that.
        settings.ceiling.memory_limit = Some(8 << 30);
        assert_eq!(memory(&settings, Some(8192)).unwrap(), 8 << 30);
        for little in [0.0, 0.9] {
            let refused = limits(&settings, Some(little), None, usual(&settings)).unwrap_err();
            assert_eq!((refused.code, &*refused.message), ("bad_argument", "vm_timeout_ms is at least 1."));
        }
        assert_eq!(patience(Some(0.0)).unwrap(), Duration::ZERO);
        assert_eq!(patience(Some(600_001.0)).unwrap_err().code, "forbidden");
    }
}
