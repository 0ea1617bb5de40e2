//! The kind of each stream (terminal with its size, file, pipe), and the modes of a terminal.

use std::{
    os::fd::BorrowedFd,
    sync::{Mutex, PoisonError},
};

use drupe_protocol::{HostError, Value};
use rustix::{
    fs::FileType,
    io::Errno,
    termios::{
        ControlModes, InputModes, LocalModes, OptionalActions, OutputModes, SpecialCodeIndex, Termios, isatty, tcgetattr,
        tcgetwinsize, tcsetattr,
    },
};

use super::{Shared, Stdio};
use crate::{
    Call,
    fs::{Failing, blocking},
};

/// `describe(number)`: `{ kind, columns, rows }`, where `kind` is `tty`, `file`, `pipe`, `socket` or `none`, and
/// terminals have a size.
pub(super) fn describe(stream: Option<BorrowedFd>) -> Value {
    let Some(stream) = stream else { return kind("none", []) };
    if isatty(stream) {
        let size = tcgetwinsize(stream).map(|size| (f64::from(size.ws_col), f64::from(size.ws_row))).unwrap_or_default();
        return kind("tty", [("columns".to_owned(), size.0.into()), ("rows".to_owned(), size.1.into())]);
    }
    let found = rustix::fs::fstat(stream).map(|stat| FileType::from_raw_mode(stat.st_mode));
    match found {
        Ok(FileType::Fifo) => kind("pipe", []),
        Ok(FileType::Socket) => kind("socket", []),
        Ok(_) => kind("file", []),
        Err(_) => kind("none", []),
    }
}

fn kind<const N: usize>(kind: &str, more: [(String, Value); N]) -> Value {
    Value::Object([("kind".to_owned(), kind.into())].into_iter().chain(more).collect())
}

/// `raw(on)`: whether the terminal gives each key at once and as it is.
pub(super) async fn set_raw(stdio: &Stdio, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("setRawMode", call.run);
    let input = stdio.standard_input()?;
    // The session that changes it gives it back at its end.
    call.session.state::<Changed>().0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| stdio.clone());
    if call.arg(0) != &Value::Bool(true) {
        stdio.restore();
        return Ok(Value::Undefined);
    }
    let now = tcgetattr(input).map_err(|errno| failing.plain(errno))?;
    let before = stdio.0.modes.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| now.clone()).clone();
    let signals = stdio.0.signals.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(signals) = signals {
        signals.hear_ends().await;
    }
    let own = input.try_clone_to_owned().map_err(|error| failing.plain(crate::fs::errno(&error)))?;
    // It waits for what was written to be out: a line may be stopped.
    let shared = stdio.clone();
    let set = move || {
        tcsetattr(&own, OptionalActions::Drain, &raw(before.clone()))?;
        // It was restored meanwhile.
        let is_over = shared.0.modes.lock().unwrap_or_else(PoisonError::into_inner).is_none();
        if is_over { tcsetattr(&own, OptionalActions::Now, &before) } else { Ok(()) }
    };
    blocking(set).await?.map_err(|errno| failing.plain(errno))?;
    Ok(Value::Undefined)
}

/// Node's raw mode: as it is typed, and no signals; what is written still has its line breaks completed.
fn raw(mut modes: Termios) -> Termios {
    modes.input_modes -= InputModes::BRKINT | InputModes::ICRNL | InputModes::INPCK | InputModes::ISTRIP | InputModes::IXON;
    modes.output_modes |= OutputModes::ONLCR;
    modes.control_modes |= ControlModes::CS8;
    modes.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::IEXTEN | LocalModes::ISIG;
    modes.special_codes[SpecialCodeIndex::VMIN] = 1;
    modes.special_codes[SpecialCodeIndex::VTIME] = 0;
    modes
}

pub(super) fn restore(shared: &Shared) {
    let before = shared.modes.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let (Some(before), Some(input)) = (before, &shared.streams[0]) {
        // A terminal that is gone has no modes. Nothing is waited for: this may be the last that the process does.
        while tcsetattr(input, OptionalActions::Now, &before) == Err(Errno::INTR) {}
    }
}

/// Whose terminal a session has changed. **It gets its modes back when the session ends.**
#[derive(Debug, Default)]
struct Changed(Mutex<Option<Stdio>>);

impl Drop for Changed {
    fn drop(&mut self) {
        if let Some(stdio) = self.0.get_mut().unwrap_or_else(PoisonError::into_inner) {
            stdio.restore();
        }
    }
}
