//! What a person has typed at the prompt: chunks are run, commands are executed.

use drupe_client::Chunk;

use crate::{
    Followed, Left, ReplError,
    commands::{self, Command},
    follow::follow,
    front::Front,
    interactive::Interactive,
    pasted::{self, Part},
    promises, words,
};

impl Interactive {
    /// Chunks and commands. Some: they end the conversation.
    pub(crate) async fn take(&mut self, text: String) -> Result<Option<Left>, ReplError> {
        let Some(parts) = pasted::parts(&text) else { return self.take_one(text).await };
        let mut parts = parts.into_iter();
        while let Some(part) = parts.next() {
            let stopped = self.stopped;
            let left = match part {
                Part::Whole(text) => self.take_one(text).await?,
                Part::Editor(begun) => {
                    self.renew().await?;
                    self.type_text(begun).await?;
                    self.settle().await?;
                    None
                }
                Part::Unfinished(text) => {
                    self.begun = Some(text);
                    None
                }
            };
            // Ctrl-C stops what comes behind it, too.
            if left.is_some() || self.stopped != stopped {
                let lines = parts.map(|part| part.lines()).sum::<usize>();
                self.tell_behind(lines, if left.is_some() { "left" } else { "was stopped" })?;
                return Ok(left);
            }
        }
        Ok(None)
    }

    /// Tells of lines that came with one that `did` something, and are not run for that.
    fn tell_behind(&mut self, lines: usize, did: &str) -> Result<(), ReplError> {
        let what = match lines {
            0 => return Ok(()),
            1 => "the line".to_owned(),
            count => format!("{count} lines"),
        };
        let again = if self.remembers { "; the history has it all" } else { "" };
        self.say(&format!("not run: {what} after the one that {did}{again}"))
    }

    /// A chunk or a command. Some: it ends the conversation.
    async fn take_one(&mut self, text: String) -> Result<Option<Left>, ReplError> {
        if text.trim() == ".exit" {
            return Ok(Some(Left::Done));
        }
        self.renew().await?;
        let left = self.dispatch_or_run(text).await?;
        if left.is_none() {
            self.settle().await?;
        }
        Ok(left)
    }

    async fn dispatch_or_run(&mut self, text: String) -> Result<Option<Left>, ReplError> {
        match commands::parse(&text) {
            Some(Ok(Command::Exit)) => return Ok(Some(Left::Done)),
            Some(Ok(command)) => self.dispatch(command).await?,
            Some(Err(mistake)) => self.say(&mistake)?,
            None if text.trim().is_empty() => {}
            None => {
                let kernel = self.kernel.clone();
                if let Some(said) = Front::supervise(self, words::instead(&kernel, &text)).await? {
                    return self.say(said).map(|()| None);
                }
                let chunk = self.settings.chunk(text.as_str());
                self.run(chunk, text).await?;
            }
        }
        Ok(None)
    }

    /// Runs a chunk (and remembers its `text`, if it runs to its end), and shows what happens. Whether it came to its
    /// end. A run that has not stopped a second after Ctrl-C costs the process at the next one.
    pub(crate) async fn run(&mut self, chunk: Chunk, text: String) -> Result<bool, ReplError> {
        self.screen.left_out.end(&self.kernel);
        self.last.clone_from(&text);
        let followed = follow(&self.kernel, chunk, &mut self.follower, &mut self.screen).await?;
        self.note_stop(followed.is_interrupt());
        match followed {
            Followed::Ended { result, .. } => {
                if let Ok(drupe_client::Report { outcome: drupe_client::Outcome::Exited { code }, .. }) = result.as_deref() {
                    self.say(&format!("process.exit({code}) has ended the run; .exit leaves"))?;
                }
                if let Some(said) = result.as_ref().ok().and_then(|report| words::after(&text, &report.outcome)) {
                    self.say(&said)?;
                }
                if let Ok(report) = result.as_deref() {
                    let kernel = self.kernel.clone();
                    if let Some(said) = Front::supervise(self, promises::hint(&kernel, &text, &report.outcome)).await? {
                        self.say(&said)?;
                    }
                }
                let is_value = result.is_ok_and(|report| report.outcome.is_value());
                if is_value {
                    self.ran.push(text);
                }
                Ok(is_value)
            }
            // A conversation hears no signals.
            Followed::Abandoned | Followed::Signalled(_) => self.give_up().await.map(|()| false),
        }
    }
}
