//! Files that run first in a session: those of `--preload`, and the person's own.

use std::{fs, io, path::PathBuf};

use drupe_client::{Chunk, Event, Kernel, Outcome, Report, RunId, preview::Node};

use crate::{
    Followed, Follower, ReplError, Settings,
    follow::follow,
    saved::{chunks_of_file, not_run},
    show::{Altering, Show},
    source_file,
    supervise::wait_for,
};

/// The files, in their order.
#[derive(Clone, Debug, Default)]
pub struct Startup {
    /// Each is one chunk, or several with a line `// %%` between them. Its names become names of the session.
    pub files: Vec<PathBuf>,
    /// Code that is run behind them, each as a chunk.
    pub code: Vec<String>,
}

/// How the files ran.
#[derive(Debug)]
pub enum Began {
    /// All came to their end.
    Whole,
    /// One could not be read.
    Unread,
    /// Ctrl-C was pressed while one was read.
    Stopped,
    /// A run did not come to its end, or left something that nobody caught: the first of those.
    Failed(Followed),
}

impl Began {
    /// Whether somebody wanted it to end.
    #[must_use]
    pub fn is_interrupt(&self) -> bool {
        match self {
            Self::Stopped => true,
            Self::Failed(followed) => followed.is_interrupt(),
            Self::Whole | Self::Unread => false,
        }
    }
}

impl Startup {
    /// Whether nothing is run.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.code.is_empty()
    }

    /// Runs the files in a session that is empty, and shows what they print and what goes wrong. After one that fails,
    /// the others are run all the same; after one that was interrupted they are not.
    ///
    /// # Errors
    /// When nothing can be shown any more, or the terminal is gone.
    pub async fn run(
        &self,
        kernel: &Kernel,
        settings: &Settings,
        follower: &mut Follower,
        show: &mut dyn Show,
    ) -> Result<Began, ReplError> {
        let mut began = Began::Whole;
        for file in &self.files {
            let name = fs::canonicalize(file).unwrap_or_else(|_| file.clone());
            let source = match wait_for(follower, show, source_file::read(file.clone())).await? {
                Some(Ok(source)) => source,
                Some(Err(error)) => {
                    if matches!(began, Began::Whole) {
                        began = Began::Unread;
                    }
                    show.notice(&format!("cannot read {}: {error}", file.display())).map_err(ReplError::Output)?;
                    continue;
                }
                None => return Ok(Began::Stopped),
            };
            if let Some(failed) = begin_file(kernel, settings, source, &name.to_string_lossy(), follower, show).await? {
                if failed.is_interrupt() {
                    return Ok(Began::Failed(failed));
                }
                if matches!(began, Began::Whole) {
                    began = Began::Failed(failed);
                }
            }
        }
        for code in &self.code {
            let chunk = settings.chunk(code.clone()).name("[preload]").keep_last(false);
            // As in Node, what comes behind one that fails is not run.
            if let Some(failed) = begin(kernel, chunk, follower, show).await? {
                return Ok(Began::Failed(failed));
            }
        }
        Ok(began)
    }
}

/// Runs the chunks of a file before the others, up to the first that fails: how that ended.
async fn begin_file(
    kernel: &Kernel,
    settings: &Settings,
    source: String,
    name: &str,
    follower: &mut Follower,
    show: &mut dyn Show,
) -> Result<Option<Followed>, ReplError> {
    let chunks = chunks_of_file(source);
    let count = chunks.len();
    for (number, text) in chunks.into_iter().enumerate() {
        // A chunk may use the result of the one before it.
        let chunk = settings.chunk(text).name(name).keep_last(settings.keep_last && count > 1);
        if let Some(failed) = begin(kernel, chunk, follower, show).await? {
            if let Some(told) = not_run(count - number - 1).filter(|_| !failed.is_interrupt()) {
                show.notice(&told).map_err(ReplError::Output)?;
            }
            return Ok(Some(failed));
        }
    }
    Ok(None)
}

/// Runs a chunk before the others. How it ended, if that was no success.
async fn begin(
    kernel: &Kernel,
    chunk: Chunk,
    follower: &mut Follower,
    show: &mut dyn Show,
) -> Result<Option<Followed>, ReplError> {
    let followed = follow(kernel, chunk.journaled(false), follower, &mut Quiet::new(show)).await?;
    Ok(Some(followed).filter(|followed| !followed.is_success()))
}

/// Shows what others do during a run, and of the run itself only what goes wrong.
pub(crate) struct Quiet<'a> {
    show: &'a mut dyn Show,
    /// Whether the run came to a string.
    pub(crate) is_string: bool,
    /// Whether the run is to end by `process.exit`.
    exits: bool,
}

impl<'a> Quiet<'a> {
    pub(crate) fn new(show: &'a mut dyn Show) -> Self {
        Self { show, is_string: false, exits: false }
    }

    /// For a run that calls `process.exit`.
    pub(crate) fn leaving(show: &'a mut dyn Show) -> Self {
        Self { exits: true, ..Self::new(show) }
    }
}

impl Altering for Quiet<'_> {
    fn shown(&self) -> &dyn Show {
        self.show
    }

    fn show(&mut self) -> &mut dyn Show {
        self.show
    }

    fn alter_event(&mut self, run: Option<RunId>, event: &Event) -> io::Result<()> {
        if let Event::Result(result) = event {
            self.is_string = matches!(result.preview, Some(Node::String(_)));
            return Ok(());
        }
        if matches!(event, Event::Started(_)) { Ok(()) } else { self.show.event(run, event) }
    }

    fn alter_report(&mut self, report: &Report) -> io::Result<()> {
        let exits = self.exits && matches!(report.outcome, Outcome::Exited { .. });
        if exits || report.outcome.is_value() { Ok(()) } else { self.show.report(report) }
    }
}
