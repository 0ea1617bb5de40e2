//! What a person who looks for a fault should know: lines on standard error, which Jupyter's server shows.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// Lines that are written one by one. Of later ones every thousandth is: **a client that floods does not fill disks**.
const EACH: u64 = 200;

/// Where lines go. Clones count together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Arc<AtomicU64>);

impl Log {
    /// Writes a line.
    pub(crate) fn warn(&self, text: fmt::Arguments) {
        let number = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        if number <= EACH || number.is_multiple_of(1_000) {
            eprintln!("drupe jupyter: {}", Line(&text.to_string()));
        }
        if number == EACH {
            eprintln!("drupe jupyter: from now on every thousandth line is written");
        }
    }
}

/// A text without what would act upon a terminal.
struct Line<'a>(&'a str);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.0
            .chars()
            .try_for_each(|char| if char.is_control() { write!(f, "{}", char.escape_default()) } else { write!(f, "{char}") })
    }
}
