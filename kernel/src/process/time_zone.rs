//! The local time zone. The system's zone is read while files can still be opened. ICU would look for it at the first
//! `Date`, and find nothing.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

/// What ICU calls no offset at all. A zone that nobody knows is this one, as in Node.
const UNKNOWN: &str = "GMT";

/// The zone that the process began in, and the system's.
static FIRST: Mutex<(Option<String>, Option<String>)> = Mutex::new((None, None));

/// Whether a session has changed the zone. **There is one for all sessions of a process**, one after another.
static IS_CHANGED: AtomicBool = AtomicBool::new(false);

/// Sets the zone that `wanted` names, or else the system's.
pub(crate) fn set(wanted: Option<&str>) {
    #[cfg(unix)]
    let system = of_system();
    #[cfg(not(unix))]
    let system = None;
    apply(wanted.or(system.as_deref()));
    *FIRST.lock().unwrap_or_else(PoisonError::into_inner) = (wanted.map(str::to_owned), system);
}

/// A session has set `TZ`, or has removed it: then it has the system's zone.
pub(crate) fn change(wanted: Option<&str>) {
    IS_CHANGED.store(true, Ordering::Relaxed);
    match wanted {
        Some(zone) => apply(Some(zone.trim_start_matches(':'))),
        None => apply(FIRST.lock().unwrap_or_else(PoisonError::into_inner).1.as_deref().or(Some(UNKNOWN))),
    }
}

/// A new session begins, in the zone that the process began in.
pub(crate) fn restore() {
    if IS_CHANGED.swap(false, Ordering::Relaxed) {
        let first = FIRST.lock().unwrap_or_else(PoisonError::into_inner);
        apply(first.0.as_deref().or(first.1.as_deref()).or(Some(UNKNOWN)));
    }
}

/// Without a zone, ICU's own is left.
fn apply(zone: Option<&str>) {
    if zone.is_some_and(|zone| zone.is_empty() || !v8::icu::set_default_time_zone(zone)) {
        let _known = v8::icu::set_default_time_zone(UNKNOWN);
    }
}

/// The system's zone: the end of the link `/etc/localtime`. Where that is a file, it has no name.
#[cfg(unix)]
fn of_system() -> Option<String> {
    let file = std::fs::read_link("/etc/localtime").ok()?;
    let (_, zone) = file.to_str()?.split_once("zoneinfo/")?;
    Some(zone.strip_prefix("posix/").unwrap_or(zone).to_owned())
}
