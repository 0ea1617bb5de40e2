//! The local time zone, found out while there is still a file to ask: ICU would look for it at the first `Date`, and find nothing.

/// Sets the zone that `wanted` names, or else the system's.
pub(crate) fn set(wanted: Option<&str>) {
    if wanted.is_some_and(v8::icu::set_default_time_zone) {
        return;
    }
    #[cfg(unix)]
    if let Some(zone) = of_system() {
        // One that ICU does not know leaves it at UTC.
        let _known = v8::icu::set_default_time_zone(&zone);
    }
}

/// The system's zone: the end of the link `/etc/localtime`. Where that is a file, it has no name.
#[cfg(unix)]
fn of_system() -> Option<String> {
    let file = std::fs::read_link("/etc/localtime").ok()?;
    let (_, zone) = file.to_str()?.split_once("zoneinfo/")?;
    Some(zone.strip_prefix("posix/").unwrap_or(zone).to_owned())
}
