//! The commands that need a person at a terminal: their editor, their clipboard, their screen.

use std::{
    env, fs, io,
    io::Write,
    path::{Path, PathBuf},
    process::{Command as Program, ExitStatus},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use drupe_client::{Chunk, Kernel, Limits, Outcome, RunId, Value};

use crate::{
    Followed, ReplError, Settings,
    commands::Command,
    dispatch,
    follow::follow,
    front::{Front, Ran, Sessions},
    interactive::Interactive,
    left_out::LeftOut,
    prompt::{Answer, Ask},
    screen,
    show::Show,
    startup::Quiet,
    supervise,
};

const CLEAR_SCREEN: &str = "\x1b[2J\x1b[3J\x1b[H";

/// A longer text no terminal takes.
const MAX_COPIED: usize = 1 << 20;
const TOO_LONG: &str = "not copied: it has more than 1 MiB";

impl Interactive {
    pub(crate) async fn dispatch(&mut self, command: Command) -> Result<(), ReplError> {
        match command {
            Command::Clear => self.control(CLEAR_SCREEN),
            Command::Editor => self.type_text(String::new()).await,
            Command::Edit(name) => self.edit(name.as_deref()).await,
            Command::History => self.history().await,
            Command::Copy(expression) => self.copy(expression).await,
            Command::More => self.more().await,
            other @ (Command::Help(_)
            | Command::Allow(_)
            | Command::Cd(_)
            | Command::Replay
            | Command::Reset
            | Command::Restart
            | Command::Reload(_)
            | Command::Load(_)
            | Command::Save(_)
            | Command::Doc(_)
            | Command::Type(_)
            | Command::Globals
            | Command::Mem
            | Command::Time
            | Command::ShowTimeout
            | Command::SetTimeout(..)
            | Command::Shell(_)
            | Command::Break
            | Command::Exit) => dispatch::dispatch(self, other).await,
        }
    }

    /// What does not fit on the screen first, and then what the result left out.
    async fn more(&mut self) -> Result<(), ReplError> {
        self.screen.flush().map_err(ReplError::Output)?;
        if !self.screen.folded.is_over() {
            if let Some(pager) = self.screen.folded.pager() {
                #[cfg(unix)]
                let lent = self.lend_terminal();
                let paged = tokio::task::spawn_blocking(pager).await;
                #[cfg(unix)]
                drop(lent);
                return match paged.unwrap_or_else(|error| Err(io::Error::other(error))) {
                    Ok(()) => Ok(()),
                    Err(error) => self.say(&format!("cannot run the pager: {error}")),
                };
            }
            if let Some(page) = self.screen.folded.next(screen::size()) {
                return self.print(&page);
            }
        }
        dispatch::dispatch(self, Command::More).await
    }

    /// `.editor`, after what was `begun` at the prompt.
    pub(crate) async fn type_text(&mut self, begun: String) -> Result<(), ReplError> {
        self.print("type a chunk; Ctrl-D runs it, Ctrl-C drops it\n")?;
        let mut text = begun;
        loop {
            match self.read(Ask::Line).await? {
                Answer::Text(line) => {
                    text.push_str(&line);
                    text.push('\n');
                }
                Answer::Last(line) => {
                    text.push_str(&line);
                    break;
                }
                Answer::End => break,
                // It is not run, but can be brought back.
                Answer::Interrupted { .. } => return self.remember(text).await,
                Answer::History(_) | Answer::Remembered | Answer::Failed(_) => return Ok(()),
            }
        }
        self.run_text(text).await
    }

    /// Runs a text that was not typed at the prompt, and puts it into the history first.
    async fn run_text(&mut self, text: String) -> Result<(), ReplError> {
        if text.trim().is_empty() {
            return Ok(());
        }
        self.remember(text.clone()).await?;
        let chunk = self.settings.chunk(text.as_str());
        self.run(chunk, text).await.map(|_| ())
    }

    /// Has the person edit a text in their own editor, and runs what they make of it.
    async fn edit(&mut self, name: Option<&str>) -> Result<(), ReplError> {
        let before = match name {
            Some(name) => {
                let cursor = u32::try_from(name.encode_utf16().count()).unwrap_or(u32::MAX);
                let kernel = self.kernel.clone();
                match Front::supervise(self, kernel.inspect(name, cursor)).await? {
                    Ok(Some(inspection)) if inspection.source.is_some() => inspection.source.unwrap_or_default(),
                    Ok(Some(_)) => return self.say(&format!("{name} was not declared by a text that is known")),
                    Ok(None) => return self.say(&format!("{name} is no name that this session knows")),
                    Err(error) => return Front::error(self, &error),
                }
            }
            None => self.last.clone(),
        };
        let file = match Draft::new(&before) {
            Ok(file) => file,
            Err(error) => return self.say(&format!("cannot make a file to edit: {error}")),
        };
        let editor = ["VISUAL", "EDITOR"].into_iter().find_map(|name| env::var_os(name).filter(|value| !value.is_empty()));
        let editor = editor.unwrap_or_else(|| "vi".into());
        let mut program = Program::new("/bin/sh");
        // As other programs have it: the variable may hold arguments, too.
        program.arg("-c").arg(format!("{} \"$1\"", editor.to_string_lossy())).arg("sh").arg(&file.path);
        self.screen.flush().map_err(ReplError::Output)?;
        match self.at_terminal(program).await? {
            Ok(status) if status.success() => {}
            Ok(status) => return self.say(&format!("the editor ended with {status}; nothing was run")),
            Err(error) => return self.say(&format!("cannot run the editor: {error}")),
        }
        match fs::read_to_string(&file.path) {
            Ok(text) if text.trim_end() == before.trim_end() => self.say("the text is as it was; nothing was run"),
            Ok(text) => {
                drop(file);
                let text = text.trim_end().to_owned();
                let shown = crate::sanitize(&text).into_owned();
                self.print(&format!("{shown}\n"))?;
                self.run_text(text).await
            }
            Err(error) => self.say(&format!("cannot read what was edited: {error}")),
        }
    }

    async fn copy(&mut self, expression: Option<String>) -> Result<(), ReplError> {
        let source = expression.unwrap_or_else(|| "_".to_owned());
        let chunk: Chunk =
            self.settings.chunk(source).keep_last(false).journaled(false).handles(false).result_handle(false).preview(true);
        // `value_limit` last: the settings want no values.
        let chunk = chunk.value_limit(MAX_COPIED as u64);
        let mut quiet = Quiet::new(&mut self.screen);
        let followed = follow(&self.kernel, chunk, &mut self.follower, &mut quiet).await?;
        let is_string = quiet.is_string;
        let result = match followed {
            Followed::Ended { result, .. } => result,
            Followed::Abandoned | Followed::Signalled(_) => return self.give_up().await,
        };
        // Why there is no value has been shown.
        let Ok(Outcome::Value { value, text }) = result.map(|report| report.outcome) else { return self.say("not copied") };
        let text = match value {
            Some(Value::String(text)) => text,
            Some(_) | None if is_string => return self.say(TOO_LONG),
            Some(_) | None => text,
        };
        if text.len() > MAX_COPIED {
            return self.say(TOO_LONG);
        }
        self.control(&format!("\x1b]52;c;{}\x07", STANDARD.encode(&text)))?;
        self.screen.flush().map_err(ReplError::Output)?;
        let count = text.chars().count();
        self.say(&format!("copied {count} character{}", if count == 1 { "" } else { "s" }))
    }

    /// A run did not stop: it costs the process.
    pub(crate) async fn give_up(&mut self) -> Result<(), ReplError> {
        let restarted = self.kernel.restart().await;
        self.begun_anew(restarted, "it did not stop, and the kernel was restarted").await
    }

    async fn history(&mut self) -> Result<(), ReplError> {
        let Answer::History(entries) = self.read(Ask::History).await? else { return Ok(()) };
        let text = entries.iter().map(|entry| format!("{}\n", entry.replace('\n', "\n  "))).collect::<String>();
        self.print(&text)
    }
}

impl Front for Interactive {
    fn kernel(&self) -> &Kernel {
        &self.kernel
    }

    fn settings(&mut self) -> &mut Settings {
        &mut self.settings
    }

    fn ran(&mut self) -> &mut Ran {
        &mut self.ran
    }

    fn show(&mut self) -> &mut dyn Show {
        &mut self.screen
    }

    fn left_out(&mut self) -> &mut LeftOut {
        &mut self.screen.left_out
    }

    fn is_attended(&self) -> bool {
        true
    }

    async fn run(&mut self, chunk: Chunk, text: String) -> Result<bool, ReplError> {
        Self::run(self, chunk, text).await
    }

    async fn run_quietly(&mut self, chunk: Chunk) -> Result<Option<Value>, ReplError> {
        let followed = follow(&self.kernel, chunk, &mut self.follower, &mut Quiet::new(&mut self.screen)).await?;
        self.note_stop(followed.is_interrupt());
        match followed {
            followed @ Followed::Ended { .. } => Ok(followed.value()),
            Followed::Abandoned | Followed::Signalled(_) => self.give_up().await.map(|()| None),
        }
    }

    async fn supervise_work<T>(&mut self, run: Option<RunId>, work: impl IntoFuture<Output = T>) -> Result<T, ReplError> {
        let (done, interrupted) = supervise::supervise(&self.kernel, &mut self.follower, &mut self.screen, run, work).await?;
        self.note_stop(interrupted);
        Ok(done)
    }

    async fn wait_for<T>(&mut self, work: impl Future<Output = T>) -> Result<Option<T>, ReplError> {
        let done = supervise::wait_for(&mut self.follower, &mut self.screen, work).await?;
        self.note_stop(done.is_none());
        Ok(done)
    }

    fn sessions(&mut self) -> &mut Sessions {
        &mut self.sessions
    }

    async fn begin(&mut self) -> Result<bool, ReplError> {
        Self::begin(self).await
    }

    fn most(&self) -> Limits {
        Limits::default()
    }

    async fn at_terminal(&mut self, mut program: Program) -> Result<io::Result<ExitStatus>, ReplError> {
        self.screen.flush().map_err(ReplError::Output)?;
        #[cfg(unix)]
        let lent = self.lend_terminal();
        // **Nothing is read ahead meanwhile**: what is typed is the program's.
        let ended = tokio::task::spawn_blocking(move || program.status()).await;
        #[cfg(unix)]
        drop(lent);
        // What was pressed meanwhile was the program's; whoever hears it has a turn first.
        tokio::task::yield_now().await;
        while self.follower.interrupts.try_recv().is_ok() {}
        Ok(ended.unwrap_or_else(|error| Err(io::Error::other(error))))
    }

    fn fail(&mut self, text: &str) -> Result<(), ReplError> {
        Self::say(self, text)
    }
}

/// A file for an editor. Removed when dropped; only its owner may read it.
struct Draft {
    path: PathBuf,
}

impl Draft {
    fn new(text: &str) -> io::Result<Self> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut number = 0_u32;
        loop {
            let path = env::temp_dir().join(format!("drupe-{}-{number}.ts", std::process::id()));
            match options.open(&path) {
                Ok(mut file) => {
                    let draft = Self { path };
                    file.write_all(text.as_bytes())?;
                    if !text.is_empty() && !text.ends_with('\n') {
                        file.write_all(b"\n")?;
                    }
                    return Ok(draft);
                }
                // Of a process that had the same number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 1000 => number += 1,
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // What cannot be removed stays in the folder for such files.
        drop(fs::remove_file(Path::new(&self.path)));
    }
}
