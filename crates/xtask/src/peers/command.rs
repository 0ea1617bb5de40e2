//! Programs that get code on their command line.

use std::{
    process::{Command, Stdio},
    time::Instant,
};

use super::peer::PeerError;

/// The time until `command`, which evaluates `1+1`, has said so and ended.
pub(super) fn command(command: &mut Command) -> Result<Vec<f64>, PeerError> {
    let start = Instant::now();
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    let time = start.elapsed();
    match output.stdout.trim_ascii() {
        b"2" => Ok(vec![time.as_secs_f64()]),
        other => Err(PeerError::Wrong(format!("{command:?} said {:?}", String::from_utf8_lossy(other)))),
    }
}
