//! Contenders that are scripts: they answer lines of JSON.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde::Deserialize;
use serde_json::json;

use super::peer::PeerError;

/// The variable that names a Python with the packages that scripts need.
const PYTHON: &str = "DRUPE_PEERS_PYTHON";

/// A script that runs.
pub(super) struct Contender {
    pub(super) title: &'static str,
    process: Child,
    /// `None` once it is to end.
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    pub(super) version: String,
    pub(super) times: Vec<f64>,
}

/// What a script answers.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Answer {
    version: Option<String>,
    missing: Option<String>,
    pub(super) samples: Vec<f64>,
    /// In words what went wrong.
    pub(super) lost: Option<String>,
}

impl Contender {
    /// Starts a contender; in words why it cannot take part. The first of `words` is a program, the second a script.
    pub(super) fn start(root: &Path, drupe: &Path, title: &'static str, words: &[&str]) -> Result<Self, String> {
        let python = std::env::var(PYTHON).unwrap_or_else(|_| "python3".to_owned());
        let program = if words[0] == "python" { python.as_str() } else { words[0] };
        let script = root.join("crates/xtask/peers").join(words[1]);
        let mut command = Command::new(program);
        command.arg(script).args(&words[2..]).env("DRUPE_BIN", drupe).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().map_err(|error| format!("{program}: {error}"))?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err("it has no standard input and output".to_owned());
        };
        let (input, output) = (Some(input), BufReader::new(output));
        let mut contender = Self { title, process, input, output, version: String::new(), times: Vec::new() };
        let answer = contender.answer().map_err(|error| error.to_string())?;
        match answer {
            Answer { version: Some(version), .. } => contender.version = version,
            Answer { missing, .. } => return Err(missing.unwrap_or_else(|| "it ended at once".to_owned())),
        }
        Ok(contender)
    }

    fn answer(&mut self) -> Result<Answer, PeerError> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(serde_json::from_str(&line)?)
    }

    /// Has it do a task so often.
    pub(super) fn ask(&mut self, task: &str, count: usize) -> Result<Answer, PeerError> {
        if let Some(input) = &mut self.input {
            writeln!(input, "{}", json!({ "task": task, "count": count }))?;
        }
        self.answer()
    }
}

impl Drop for Contender {
    fn drop(&mut self) {
        // It ends with its input, and ends what it has started.
        drop(self.input.take());
        drop(self.process.wait());
    }
}

/// The sample that so large a part of all is at most.
pub(super) fn part(samples: &[f64], part: f64) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is an index")]
    let index = (sorted.len() as f64 * part) as usize;
    sorted.get(index.min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}
