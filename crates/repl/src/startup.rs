//! Files that run before anything else in a session: those of `--preload`, and a person's own.

use std::{fs, io, path::PathBuf};

use drupe_client::{Error, Event, Kernel, Report, RunId};

use crate::{Followed, Follower, ReplError, Settings, follow::follow, show::Show};

/// The files, in their order.
#[derive(Clone, Debug, Default)]
pub struct Startup {
    /// Each is one chunk, whose names become names of the session.
    pub files: Vec<PathBuf>,
}

impl Startup {
    /// Runs the files in a session that is empty, and shows what they print and what goes wrong. Says whether all came to their end; after one
    /// that did not, the others are run all the same.
    ///
    /// # Errors
    /// When nothing can be shown any more, or the terminal is gone.
    pub async fn run(
        &self,
        kernel: &Kernel,
        settings: &Settings,
        follower: &mut Follower,
        show: &mut dyn Show,
    ) -> Result<bool, ReplError> {
        let mut all = true;
        for file in &self.files {
            let name = fs::canonicalize(file).unwrap_or_else(|_| file.clone());
            let bytes = match fs::read(file) {
                Ok(bytes) => bytes,
                Err(error) => {
                    all = false;
                    show.notice(&format!("cannot read {}: {error}", file.display())).map_err(ReplError::Output)?;
                    continue;
                }
            };
            let source = String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}').to_owned();
            let chunk = settings.chunk(source).name(&name.to_string_lossy()).keep_last(false).journaled(false);
            let followed = follow(kernel, chunk, follower, &mut Quiet(show)).await?;
            all &= matches!(&followed, Followed::Ended { result: Ok(report), uncaught: false } if report.outcome.is_value());
        }
        Ok(all)
    }
}

/// Shows what others do during a run, and of the run itself only what goes wrong.
pub(crate) struct Quiet<'a>(pub(crate) &'a mut dyn Show);

impl Show for Quiet<'_> {
    fn event(&mut self, run: Option<RunId>, event: &Event) -> io::Result<()> {
        if matches!(event, Event::Started(_) | Event::Result(_)) { Ok(()) } else { self.0.event(run, event) }
    }

    fn report(&mut self, report: &Report) -> io::Result<()> {
        if report.outcome.is_value() { Ok(()) } else { self.0.report(report) }
    }

    fn error(&mut self, run: Option<RunId>, error: &Error) -> io::Result<()> {
        self.0.error(run, error)
    }

    fn notice(&mut self, text: &str) -> io::Result<()> {
        self.0.notice(text)
    }

    fn answer(&mut self, text: &str) -> io::Result<()> {
        self.0.answer(text)
    }

    fn interrupting(&mut self) -> io::Result<()> {
        self.0.interrupting()
    }

    fn still_there(&mut self) -> io::Result<()> {
        self.0.still_there()
    }

    fn make_room(&mut self) -> io::Result<()> {
        self.0.make_room()
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
