//! The prompt: rustyline blocks, so it has a thread of its own; and what happens meanwhile is printed above the line by another.

use std::{
    io::{self, Write},
    mem,
    path::PathBuf,
    sync::{atomic::Ordering, mpsc as blocking},
    thread,
};

use rustyline::{CompletionType, Config, EditMode, Editor, ExternalPrinter, config::Configurer, error::ReadlineError};
use tokio::sync::mpsc;

use crate::{
    Preferences, ReplError,
    ask_kernel::AskKernel,
    assist::Assist,
    history::{self, Entries},
};

/// Texts that may wait to be printed above the prompt.
const WAITING: usize = 64;

/// What is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// A whole chunk or a command, which goes into the history.
    Chunk,
    /// One line of text.
    Line,
    /// Nothing: what was typed so far.
    History,
}

/// What was read.
#[derive(Debug)]
pub(crate) enum Answer {
    Text(String),
    /// Ctrl-C, and whether there was nothing to clear.
    Interrupted {
        was_empty: bool,
    },
    /// Ctrl-D.
    End,
    History(Vec<String>),
    Failed(ReadlineError),
}

/// The line editor, as seen from the thread that runs everything else.
#[derive(Debug)]
pub(crate) struct Prompt {
    asks: blocking::Sender<Ask>,
    answers: mpsc::Receiver<Answer>,
    /// Prints above the line that is typed; `None` where the terminal cannot, and everything is printed as it comes.
    pub(crate) printer: Option<mpsc::Sender<String>>,
}

impl Prompt {
    /// Starts the editor, with the history in `file`; code is completed by `kernel`.
    pub(crate) fn start(colors: bool, file: Option<PathBuf>, kernel: AskKernel, preferences: &Preferences) -> Result<Self, ReplError> {
        let mut editor = editor(colors, kernel, preferences).map_err(ReplError::Terminal)?;
        // A history that cannot be read is a pity, no reason to stop.
        let file = file.filter(|path| preferences.history > 0 && Entries::read(path, preferences.history).map(|entries| *editor.history_mut() = entries).is_ok());
        let printer = match editor.create_external_printer() {
            Ok(printer) => {
                let printer = start_printer(printer)?;
                if let Some(assist) = editor.helper() {
                    assist.hints.set_printer(printer.clone());
                }
                Some(printer)
            }
            Err(_) => None,
        };
        let (asks, asked) = blocking::channel();
        let (answer, answers) = mpsc::channel(1);
        let prompt = preferences.prompt.clone();
        let work = move || {
            while let Ok(ask) = asked.recv() {
                let said = read(&mut editor, ask, file.as_ref(), &prompt);
                if answer.blocking_send(said).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name("drupe-prompt".into()).spawn(work).map_err(ReplError::Thread)?;
        Ok(Self { asks, answers, printer })
    }

    /// Asks for something; [`answer`](Self::answer) brings it.
    pub(crate) fn ask(&self, ask: Ask) -> Result<(), ReplError> {
        self.asks.send(ask).map_err(|_| gone())
    }

    /// Waits for the answer. Cancel safe.
    pub(crate) async fn answer(&mut self) -> Result<Answer, ReplError> {
        self.answers.recv().await.ok_or_else(gone)
    }
}

fn gone() -> ReplError {
    ReplError::Thread(io::Error::other("the prompt's thread is gone"))
}

fn editor(colors: bool, kernel: AskKernel, preferences: &Preferences) -> rustyline::Result<Editor<Assist, Entries>> {
    let config = Config::builder()
        .completion_type(CompletionType::List)
        .completion_show_all_if_ambiguous(true)
        .auto_add_history(false)
        .edit_mode(if preferences.vi { EditMode::Vi } else { EditMode::Emacs })
        .build();
    let mut editor = Editor::with_history(config, Entries::new(preferences.history))?;
    editor.set_color_mode(if colors { rustyline::ColorMode::Enabled } else { rustyline::ColorMode::Disabled });
    editor.set_helper(Some(Assist::new(colors, kernel, preferences)));
    Ok(editor)
}

fn read(editor: &mut Editor<Assist, Entries>, ask: Ask, file: Option<&PathBuf>, prompt: &str) -> Answer {
    if ask == Ask::History {
        return Answer::History(editor.history().iter().map(str::to_owned).collect());
    }
    let is_empty = editor.helper_mut().map(|assist| {
        assist.line_by_line = ask == Ask::Line;
        assist.is_empty.clone()
    });
    let line = editor.readline(if ask == Ask::Line { "... " } else { prompt });
    if let Some(assist) = editor.helper() {
        assist.hints.forget();
        if let (Err(ReadlineError::Interrupted), Some(erase)) = (&line, assist.erase_hint()) {
            // What cannot be erased stays.
            drop(io::stdout().write_all(erase.as_bytes()).and_then(|()| io::stdout().flush()));
        }
    }
    match line {
        Ok(text) => {
            if ask == Ask::Chunk {
                remember(editor, &text, file);
            }
            Answer::Text(text)
        }
        Err(ReadlineError::Interrupted) => {
            Answer::Interrupted { was_empty: is_empty.is_none_or(|is_empty| is_empty.load(Ordering::Relaxed)) }
        }
        Err(ReadlineError::Eof) => Answer::End,
        Err(error) => Answer::Failed(error),
    }
}

fn remember(editor: &mut Editor<Assist, Entries>, text: &str, file: Option<&PathBuf>) {
    if editor.history_mut().push(text)
        && let Some(file) = file
    {
        // A history that cannot be written is a pity, no reason to stop.
        drop(history::append(file, text));
    }
}

/// Prints from a thread of its own: a line editor that has just ended takes the text only when it begins the next line.
fn start_printer(mut printer: impl ExternalPrinter + Send + 'static) -> Result<mpsc::Sender<String>, ReplError> {
    let (texts, mut queue) = mpsc::channel::<String>(WAITING);
    let print = move || {
        while let Some(mut text) = queue.blocking_recv() {
            // What waits already goes out at once: each print draws the line anew.
            while let Ok(more) = queue.try_recv() {
                text.push_str(&more);
            }
            if printer.print(mem::take(&mut text)).is_err() {
                return;
            }
        }
    };
    thread::Builder::new().name("drupe-printer".into()).spawn(print).map_err(ReplError::Thread)?;
    Ok(texts)
}
