//! Counts presses of Ctrl-C while something is being stopped.

use std::time::Duration;

use tokio::time::Instant;

/// How long something that was interrupted may take to stop before the person is told what else can be done.
const PATIENCE: Duration = Duration::from_secs(1);

/// What was pressed, and when.
#[derive(Debug, Default)]
pub(crate) struct Presses {
    is_pressed: bool,
    patience: Option<Instant>,
}

/// What a signal of Ctrl-C means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Press {
    /// It is to stop.
    First,
    /// It was told to stop, and has not: it is to be given up.
    Again,
}

impl Presses {
    /// Whether a signal that comes now belongs to the press before it. **One press may be several signals**: one to the
    /// job, and one to this process. That holds for a press that answered a question, too.
    pub(crate) fn is_same(&self) -> bool {
        self.patience.is_some()
    }

    /// Takes note of a press.
    pub(crate) fn press(&mut self) -> Press {
        self.patience = Some(Instant::now() + PATIENCE);
        if std::mem::replace(&mut self.is_pressed, true) { Press::Again } else { Press::First }
    }

    /// Whether anything was pressed.
    pub(crate) fn is_pressed(&self) -> bool {
        self.is_pressed
    }

    /// When to tell the person what else can be done.
    pub(crate) fn patience(&self) -> Option<Instant> {
        self.patience
    }

    /// The person is told: what comes now is another press.
    pub(crate) fn lose_patience(&mut self) {
        self.patience = None;
    }
}

#[cfg(test)]
mod tests {
    use super::{Press, Presses};

    #[test]
    fn signals_are_one_press_until_patience_is_lost() {
        let mut presses = Presses::default();
        assert!(!presses.is_same() && !presses.is_pressed() && presses.patience().is_none());
        assert_eq!(presses.press(), Press::First);
        assert!(presses.is_same() && presses.is_pressed() && presses.patience().is_some());
        presses.lose_patience();
        assert!(!presses.is_same() && presses.is_pressed() && presses.patience().is_none());
        assert_eq!(presses.press(), Press::Again);
        assert!(presses.is_same());
    }
}
