//! Checks that few files read the time of day. The system's clock may be set at any time, so budgets, graces,
//! deadlines, pauses and timers use monotonic clocks.

use std::path::Path;

use super::{TidyError, Violation, output, read};

/// Words that ask for the time of day.
const WORDS: [&str; 5] = ["SystemTime", "UNIX_EPOCH", "CLOCK_REALTIME", "ClockId::Realtime", "DateNow"];

/// Who asks, and what for.
const ASKED: &[(&str, &str)] = &[
    ("crates/base/host/src/fs/stat.rs", "the times of files"),
    ("crates/base/host/src/modules/tsconfig.rs", "how old the files of a test are"),
    ("crates/base/host/src/modules/exact.rs", "how old a file is: one that is too young, or of the future, is read again"),
    ("crates/base/host/src/modules/remote_quota.rs", "which files were used last, as the system keeps it"),
    ("crates/front/jupyter/src/date.rs", "the dates of messages"),
    ("kernel/js/lib/node/internal/console_class.js", "where a bare realm has no `performance`"),
    ("kernel/js/lib/node/util.js", "`util.log` prints it"),
    ("kernel/js/lib/web/blob.js", "`File.lastModified`"),
    ("kernel/src/wire/event_time.rs", "the times of events"),
    ("kernel/src/sandbox/calls.rs", "the list of clocks that are no other process's"),
    ("kernel/src/web/clock.rs", "`performance.timeOrigin`"),
];

/// What is the product: not its tests and benchmarks, nor chores.
const SOURCES: [&str; 10] = [
    "client/src/*.rs",
    "crates/*/src/*.rs",
    "kernel/src/*.rs",
    "kernel/js/*.js",
    "protocol/src/*.rs",
    ":!crates/xtask",
    ":!*/tests/*",
    ":!*/benches/*",
    ":!*/tests.rs",
    ":!kernel/js/primordials.js",
];

pub(super) fn check(root: &Path) -> Result<Vec<Violation>, TidyError> {
    let list = [&["ls-files", "--cached", "--others", "--exclude-standard", "--"][..], &SOURCES].concat();
    let mut violations = Vec::new();
    let mut asking = Vec::new();
    for path in output(root, "git", &list)?.lines().filter(|path| root.join(path).is_file()) {
        if let Some((line, word)) = asks(&read(root, path)?) {
            asking.push(path.to_owned());
            if !ASKED.iter().any(|(file, _)| *file == path) {
                let wrong = format!("{path}:{line} asks for the time of day ({word})");
                let remedy =
                    "measure by `Instant` (in JavaScript by `ops.now`), or say what for in crates/xtask/src/tidy/clocks.rs";
                violations.push(Violation::new(wrong, remedy));
            }
        }
    }
    for (file, _) in ASKED.iter().filter(|(file, _)| !asking.iter().any(|path| path == file)) {
        let wrong = format!("{file} is said to ask for the time of day, and does not");
        violations.push(Violation::new(wrong, "take it out of crates/xtask/src/tidy/clocks.rs"));
    }
    Ok(violations)
}

/// The first line that asks, counted from 1, and how.
fn asks(source: &str) -> Option<(usize, &'static str)> {
    let lines = source.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    lines.into_iter().find_map(|(index, line)| Some((index + 1, *WORDS.iter().find(|word| line.contains(**word))?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_asks_is_found() {
        assert_eq!(asks("use std::time::Instant;\n// SystemTime jumps\nlet now = Instant::now();\n"), None);
        assert_eq!(asks("use std::time::Instant;\nlet now = SystemTime::now();\n"), Some((2, "SystemTime")));
        assert_eq!(asks("const start = DateNow();"), Some((1, "DateNow")));
    }
}
