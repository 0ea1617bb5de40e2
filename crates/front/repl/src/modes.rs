//! The modes of the terminal during a conversation.
//!
//! While a line or an answer is edited, the editor sets the mode. At all other times the terminal is
//! [quiet](Modes::quiet). It does not echo, so that text typed ahead does not mix with output. It delivers each byte at
//! once, so that none is lost. Ctrl-\ still sends a signal, which ends this process and restores the terminal. Ctrl-C
//! and Ctrl-Z arrive as bytes among the others, so their order with the typed text is known. Another program gets the
//! terminal [as it was found](Modes::as_found).

use std::{
    io::{self, Write, stdout},
    os::fd::OwnedFd,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rustix::{
    process::{Signal, getpgrp, kill_current_process_group},
    termios::{InputModes, LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcgetpgrp, tcsetattr},
};
use tokio::signal::unix::{SignalKind, signal};

/// What stands for no key.
#[cfg(any(target_os = "linux", target_os = "android"))]
const DISABLED: u8 = 0;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const DISABLED: u8 = 0xff;

/// A terminal that shows pastes as such.
const PASTES_ON: &[u8] = b"\x1b[?2004h";
const PASTES_OFF: &[u8] = b"\x1b[?2004l";

/// The modes of one terminal. It is put back as it was found when this is dropped.
#[derive(Debug)]
pub(crate) struct Modes {
    terminal: OwnedFd,
    found: Termios,
    quiet: Termios,
    /// Whether it is to be quiet now. The editor keeps this mode and comes back to it.
    is_quiet: AtomicBool,
    /// How often the job has gone on after it was stopped.
    continued: Mutex<u64>,
    went_on: Condvar,
}

/// How long to wait for the stop of this process, and its end. A job without a shell is not stopped.
const STOP: Duration = Duration::from_millis(200);

impl Modes {
    /// Makes the terminal quiet. Must be called within a tokio runtime.
    pub(crate) fn hold(terminal: OwnedFd) -> io::Result<Arc<Self>> {
        let found = tcgetattr(&terminal)?;
        let mut quiet = found.clone();
        quiet.input_modes &= !(InputModes::BRKINT | InputModes::ICRNL | InputModes::INPCK | InputModes::ISTRIP);
        quiet.local_modes &= !(LocalModes::ECHO | LocalModes::ICANON | LocalModes::IEXTEN);
        // A signal does not throw away what was typed before it.
        quiet.local_modes |= LocalModes::ISIG | LocalModes::NOFLSH;
        quiet.special_codes[SpecialCodeIndex::VINTR] = DISABLED;
        quiet.special_codes[SpecialCodeIndex::VSUSP] = DISABLED;
        quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
        quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
        let is_quiet = AtomicBool::new(true);
        let modes = Arc::new(Self { terminal, found, quiet, is_quiet, continued: Mutex::new(0), went_on: Condvar::new() });
        modes.quiet()?;
        // A job that goes on finds the terminal in the mode of its shell.
        modes.at(SignalKind::from_raw(Signal::CONT.as_raw()), |modes| {
            modes.again();
            *modes.continued() += 1;
            modes.went_on.notify_all();
        });
        for signal in [Signal::TERM, Signal::HUP, Signal::QUIT] {
            let number = signal.as_raw();
            modes.at(SignalKind::from_raw(number), move |modes| {
                modes.put_back();
                std::process::exit(128 + number);
            });
        }
        Ok(modes)
    }

    /// Does something whenever a signal comes.
    fn at(self: &Arc<Self>, kind: SignalKind, what: impl Fn(&Self) + Send + 'static) {
        // One that the system refuses does what it always does.
        let Ok(mut signals) = signal(kind) else { return };
        let modes = Arc::downgrade(self);
        tokio::spawn(async move {
            while signals.recv().await.is_some() {
                let Some(modes) = modes.upgrade() else { return };
                what(&modes);
            }
        });
    }

    fn put_back(&self) {
        // A terminal that is gone needs no mode.
        let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.found);
        let _ = write(PASTES_OFF);
    }

    /// Nothing is echoed, and nothing lost.
    pub(crate) fn quiet(&self) -> io::Result<()> {
        self.is_quiet.store(true, Ordering::Relaxed);
        tcsetattr(&self.terminal, OptionalActions::Now, &self.quiet)?;
        write(PASTES_ON)
    }

    /// As it was before the conversation.
    pub(crate) fn as_found(&self) -> io::Result<()> {
        self.is_quiet.store(false, Ordering::Relaxed);
        tcsetattr(&self.terminal, OptionalActions::Now, &self.found)?;
        write(PASTES_OFF)
    }

    /// Interrupts this process and its job, as Ctrl-C does.
    pub(crate) fn interrupt() {
        // The group that this process is in is there.
        let _ = kill_current_process_group(Signal::INT);
    }

    /// Stops this process and its job, as Ctrl-Z does, and leaves the terminal as it was found. Returns when the job
    /// goes on.
    pub(crate) fn suspend(&self) {
        let is_quiet = self.is_quiet.load(Ordering::Relaxed);
        // If the terminal is gone, reading it reports the error.
        let _ = self.as_found();
        let continued = self.continued();
        let before = *continued;
        let _ = kill_current_process_group(Signal::TSTP);
        // **Another thread may take the signal**, and this one go on for a while before all are stopped.
        drop(self.went_on.wait_timeout_while(continued, STOP, |continued| *continued == before));
        self.is_quiet.store(is_quiet, Ordering::Relaxed);
        self.again();
    }

    fn continued(&self) -> MutexGuard<'_, u64> {
        self.continued.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The editor has the terminal, and sees to its mode itself when the job goes on. Or it had it, and has made it
    /// quiet again.
    pub(crate) fn edited(&self, edited: bool) {
        self.is_quiet.store(!edited, Ordering::Relaxed);
        if !edited {
            // If the terminal is gone, reading it reports the error.
            let _ = write(PASTES_ON);
        }
    }

    /// Quiet again, if it is to be, and if this process has the terminal.
    fn again(&self) {
        let ours = tcgetpgrp(&self.terminal).is_ok_and(|foreground| foreground == getpgrp());
        if ours && self.is_quiet.load(Ordering::Relaxed) {
            // If the terminal is gone, reading it reports the error.
            drop(self.quiet());
        }
    }
}

impl Drop for Modes {
    fn drop(&mut self) {
        self.put_back();
    }
}

fn write(sequence: &[u8]) -> io::Result<()> {
    let mut out = stdout();
    out.write_all(sequence)?;
    out.flush()
}

/// Lends the terminal to another program, until dropped.
#[derive(Debug)]
pub(crate) struct Lent(Option<Arc<Modes>>);

impl Lent {
    pub(crate) fn to_a_program(modes: Option<Arc<Modes>>) -> Self {
        // A program that finds the terminal quiet sees to its own mode.
        if let Some(modes) = &modes {
            drop(modes.as_found());
        }
        Self(modes)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(modes) = &self.0 {
            drop(modes.quiet());
        }
    }
}
