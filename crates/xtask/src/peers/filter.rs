//! Filters: programs that read standard input to its end and write to standard output, as a shell runs them.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use super::peer::PeerError;

/// A filter of `tests/filters`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Filter {
    Words,
    Lines,
    Json,
    Csv,
}

impl Filter {
    pub(super) const ALL: [Self; 4] = [Self::Words, Self::Lines, Self::Json, Self::Csv];

    /// What the table calls it.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Words => "bytes (`wc`)",
            Self::Lines => "lines (`readline`)",
            Self::Json => "JSON (`jq`)",
            Self::Csv => "CSV to JSON",
        }
    }

    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Words => &["wc.mjs"],
            Self::Lines => &["lines.mjs"],
            Self::Json => &["jq.mjs", ".user.name"],
            Self::Csv => &["csv.mjs"],
        }
    }

    /// A line of its input.
    fn line(self, number: usize) -> String {
        match self {
            Self::Words | Self::Lines => {
                format!("{number} some words of a line that is about as long as lines in logs are: 0.0.0.0 GET /index.html\n")
            }
            Self::Json => format!(
                "{{\"id\":{number},\"user\":{{\"name\":\"n{number}\",\"tags\":[\"a\",\"b\"]}},\"at\":\"2026-01-01T00:00:00Z\"}}\n"
            ),
            Self::Csv => format!("{number},\"name, of {number}\",some more text,{number}.5\n"),
        }
    }

    /// A file of so many bytes, and a little more. **Gone when dropped.**
    fn input(self, size: usize) -> io::Result<Input> {
        let path = std::env::temp_dir().join(format!("drupe-peers-{}-{self:?}", std::process::id()));
        let mut text = String::with_capacity(size + 256);
        let mut number = 0;
        while text.len() < size {
            text.push_str(&self.line(number));
            number += 1;
        }
        fs::write(&path, text)?;
        Ok(Input(path))
    }

    /// The time until `program` has run the filter on so many bytes, and has ended. Bytes a second.
    pub(super) fn run(self, program: &mut Command, size: usize) -> Result<Vec<f64>, PeerError> {
        let input = self.input(size)?;
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/filters");
        let mut arguments = self.arguments().iter();
        program.args(arguments.next().map(|script| folder.join(script))).args(arguments);
        let start = Instant::now();
        let mut child = program.stdin(File::open(&input.0)?).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn()?;
        let written = child.stdout.take().map(|mut stdout| io::copy(&mut stdout, &mut io::sink())).transpose()?;
        let status = child.wait()?;
        let time = start.elapsed();
        if status.success() && written.is_some_and(|written| written > 0) {
            return Ok(vec![size as f64 / time.as_secs_f64()]);
        }
        Err(PeerError::Wrong(format!("{program:?} ended with {status} and wrote {written:?} bytes")))
    }
}

struct Input(PathBuf);

impl Drop for Input {
    fn drop(&mut self) {
        // What cannot be removed is in a folder for temporary files.
        drop(fs::remove_file(&self.0));
    }
}
