//! What the dot commands do.

use std::{fs, io, path::Path, time::Duration};

use drupe_client::{Global, Outcome, Replayed};
use drupe_preview::display_width;

use crate::{
    ReplError,
    allow::{self, Change},
    commands::{Clock, Command},
    interactive::Interactive,
    manual,
    prompt::{Answer, Ask},
    screen,
    show::Show,
};

const CLEAR_SCREEN: &str = "\x1b[2J\x1b[3J\x1b[H";

impl Interactive {
    pub(crate) async fn obey(&mut self, command: Command) -> Result<(), ReplError> {
        match command {
            Command::Help(None) => self.print(&manual::list()),
            Command::Help(Some(entry)) => self.print(&manual::explain(entry, screen::size().columns.min(100))),
            Command::Allow(changes) => self.allow(&changes),
            Command::Doc(expression) => self.doc(&expression).await,
            Command::Type(expression) => self.type_of(&expression).await,
            Command::More => self.more(),
            Command::Clear => self.print(CLEAR_SCREEN),
            Command::Reset => {
                let result = self.kernel.reset().await;
                self.restarted(result, "the session was reset")
            }
            Command::Restart => {
                let result = self.kernel.restart().await;
                self.restarted(result, "the kernel was restarted")
            }
            Command::Reload(specifier) => self.reload(specifier.as_deref()).await,
            Command::Replay => self.replay().await,
            Command::Load(file) => self.load(&file).await,
            Command::Save(file) => self.save(&file),
            Command::Editor => self.edit(String::new()).await,
            Command::Globals => self.globals().await,
            Command::Mem => self.mem().await,
            Command::Time => {
                let costs = !self.screen.renderer().costs;
                self.screen.renderer().costs = costs;
                self.print(if costs { "on: what each run costs is shown\n" } else { "off: what runs cost is not shown\n" })
            }
            Command::ShowTimeout => self.show_timeout(),
            Command::SetTimeout(clock, limit) => {
                let limits = &mut self.settings.limits;
                if clock != Clock::Wall {
                    limits.vm_timeout = limit;
                }
                if clock != Clock::Vm {
                    limits.wall_timeout = limit;
                }
                self.show_timeout()
            }
            Command::History => self.history().await,
            // The loop sees to it.
            Command::Exit => Ok(()),
            // There is nothing that is unfinished.
            Command::Break => Ok(()),
        }
    }

    fn allow(&mut self, changes: &[Change]) -> Result<(), ReplError> {
        let before = self.kernel.permissions().policy();
        if let Err(bad) = allow::apply(self.kernel.permissions(), changes) {
            return self.say(&bad.to_string());
        }
        let advice = allow::advice(before, changes);
        if !advice.is_empty() {
            self.say(advice.trim_end())?;
        }
        let told = allow::describe(self.kernel.permissions());
        self.print(&told)
    }

    async fn globals(&mut self) -> Result<(), ReplError> {
        let globals = match self.kernel.globals().await {
            Ok(globals) => globals,
            Err(error) => return self.screen.error(None, &error).map_err(ReplError::Output),
        };
        let text = table(&globals.iter().map(row).collect::<Vec<_>>());
        self.print(if text.is_empty() { "nothing was declared yet\n" } else { &text })
    }

    async fn mem(&mut self) -> Result<(), ReplError> {
        let status = match self.kernel.status().await {
            Ok(status) => status,
            Err(error) => return self.screen.error(None, &error).map_err(ReplError::Output),
        };
        #[expect(clippy::cast_precision_loss, reason = "for a person, to a tenth of a mebibyte")]
        let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        self.print(&format!(
            "heap {:.1} MiB of at most {:.0} MiB, buffers outside it {:.1} MiB\n",
            mebibytes(status.heap_used),
            mebibytes(status.heap_limit),
            mebibytes(status.external)
        ))
    }

    async fn load(&mut self, file: &str) -> Result<(), ReplError> {
        match fs::read(file) {
            Ok(bytes) => {
                let name = Path::new(file).canonicalize().unwrap_or_else(|_| file.into());
                let source = String::from_utf8_lossy(&bytes).into_owned();
                let chunk = self.settings.chunk(source.as_str()).name(&name.to_string_lossy());
                self.run(chunk, source).await
            }
            Err(error) => self.failed("read", file, &error),
        }
    }

    async fn replay(&mut self) -> Result<(), ReplError> {
        let mut replay = match self.kernel.replay() {
            Ok(replay) => replay,
            Err(error) => return self.say(&error.to_string()),
        };
        while let Some(replayed) = self.attend(replay.next()).await? {
            match replayed {
                Ok(Replayed { index, total, same: true, .. }) => {
                    self.print(&format!("chunk {index} of {total} ran as before\n"))?
                }
                Ok(Replayed { index, total, report, .. }) => {
                    self.print(&format!("chunk {index} of {total} ended otherwise than before; the rest was not run\n"))?;
                    self.screen.report(&report).map_err(ReplError::Output)?;
                }
                Err(error) => self.screen.error(None, &error).map_err(ReplError::Output)?,
            }
        }
        Ok(())
    }

    fn more(&mut self) -> Result<(), ReplError> {
        self.screen.flush().map_err(ReplError::Output)?;
        #[cfg(unix)]
        let lent = self.lend_terminal();
        let paged = self.screen.folded.page_outside();
        #[cfg(unix)]
        drop(lent);
        match paged {
            Some(Ok(())) => Ok(()),
            Some(Err(error)) => self.say(&format!("cannot run the pager: {error}")),
            None => match self.screen.folded.next(screen::size()) {
                Some(page) => self.print(&page),
                None => self.say("there is no more"),
            },
        }
    }

    fn save(&mut self, file: &str) -> Result<(), ReplError> {
        let text = self.ran.iter().map(|chunk| format!("{}\n", chunk.trim_end())).collect::<String>();
        match fs::write(file, text) {
            Ok(()) => self.print(&format!("wrote {} chunks to {file}\n", self.ran.len())),
            Err(error) => self.failed("write", file, &error),
        }
    }

    fn failed(&mut self, what: &str, file: &str, error: &io::Error) -> Result<(), ReplError> {
        self.say(&format!("cannot {what} {file}: {error}"))
    }

    async fn reload(&mut self, specifier: Option<&str>) -> Result<(), ReplError> {
        let run = self.kernel.reload(specifier);
        match self.attend(run).await? {
            Ok(report) => match report.outcome {
                Outcome::Value { .. } => self.say(&match specifier {
                    Some(specifier) => format!("{specifier} is read anew by the next import"),
                    None => "all modules are read anew by their next import".to_owned(),
                }),
                Outcome::Threw(exception) => self.say(&format!("not reloaded: {}", exception.message)),
                Outcome::SyntaxError(exception) => self.say(&format!("not reloaded: {}", exception.message)),
                Outcome::Interrupted { .. } | Outcome::TimedOut { .. } | Outcome::MemoryLimit { .. } => {
                    self.say("not reloaded: it was stopped")
                }
                Outcome::Exited { .. } | Outcome::Unsettled | Outcome::Unknown { .. } => self.say("not reloaded"),
                _ => self.say("not reloaded"),
            },
            Err(error) => self.screen.error(None, &error).map_err(ReplError::Output),
        }
    }

    /// `.editor`, after what was `begun` at the prompt.
    pub(crate) async fn edit(&mut self, begun: String) -> Result<(), ReplError> {
        self.print("type a chunk; Ctrl-D runs it, Ctrl-C drops it\n")?;
        let mut text = begun;
        loop {
            match self.read(Ask::Line).await? {
                Answer::Text(line) => {
                    text.push_str(&line);
                    text.push('\n');
                }
                Answer::End => break,
                Answer::Interrupted { .. } | Answer::History(_) | Answer::Remembered | Answer::Failed(_) => return Ok(()),
            }
        }
        if text.trim().is_empty() {
            return Ok(());
        }
        let chunk = self.settings.chunk(text.as_str());
        self.run(chunk, text).await
    }

    fn show_timeout(&mut self) -> Result<(), ReplError> {
        let words = |limit: Option<Duration>| limit.map_or("off".to_owned(), |limit| format!("{limit:?}"));
        let limits = self.settings.limits;
        self.print(&format!("timeout vm {}, wall {}\n", words(limits.vm_timeout), words(limits.wall_timeout)))
    }

    async fn history(&mut self) -> Result<(), ReplError> {
        let Answer::History(entries) = self.read(Ask::History).await? else { return Ok(()) };
        let text = entries.iter().map(|entry| format!("{}\n", entry.replace('\n', "\n  "))).collect::<String>();
        self.print(&text)
    }
}

/// A name of the session: how and by which run it was declared, its type, how large it is, and the beginning of its value.
fn row(global: &Global) -> [String; 5] {
    let size = match global.bytes {
        None => String::new(),
        Some(bytes @ ..1024) => format!("{bytes} B"),
        Some(bytes @ ..0x10_0000) => format!("{} KiB", bytes >> 10),
        Some(bytes) => format!("{} MiB", bytes >> 20),
    };
    let run = global.run.map_or_else(|| "-".to_owned(), |run| format!("[{run}]"));
    [format!("{} {}", global.kind.word(), global.name), run, global.type_name.clone(), size, global.preview.clone()]
}

/// Rows of columns, each as wide as its widest cell.
fn table<const COLUMNS: usize>(rows: &[[String; COLUMNS]]) -> String {
    let width = |column: usize| rows.iter().map(|row| display_width(&row[column])).max().unwrap_or_default();
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    let line = |row: &[String; COLUMNS]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell}{}  ", " ".repeat(width - display_width(cell))));
        format!("{}\n", cells.collect::<String>().trim_end())
    };
    rows.iter().map(line).collect()
}
