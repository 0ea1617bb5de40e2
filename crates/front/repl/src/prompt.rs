//! The prompt. Rustyline blocks, so it has a thread of its own. Meanwhile another thread prints events above the line.

use std::{
    io, mem,
    path::PathBuf,
    sync::{Arc, OnceLock, atomic::Ordering, mpsc as blocking},
    thread,
};

use rustyline::{CompletionType, Config, EditMode, Editor, ExternalPrinter, TypeAhead, config::Configurer, error::ReadlineError};
use tokio::sync::{mpsc, oneshot};

use crate::{
    Preferences, ReplError,
    answer_line::{AnswerEditor, AnswerLine, Draft, Ended},
    ask_kernel::AskKernel,
    assist::{Assist, Reading},
    history::{self, Entries},
    line_prefix::LinePrefix,
    unfinished,
};

/// Texts that may wait to be printed above the prompt.
const WAITING: usize = 64;

/// A key that follows Esc sooner, in milliseconds, belongs to it: terminals send a sequence at once, and Alt-b as Esc
/// and b.
const KEY_SEQUENCE: u16 = 100;

/// What is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// A whole chunk or a command, which goes into the history.
    Chunk,
    /// A chunk that begins with this text.
    GoOn(String),
    /// One line of text.
    Line,
    /// Nothing: what was typed so far.
    History,
    /// Nothing: these entries go into the history.
    Remember(Vec<String>),
}

/// Work of the editor's thread.
#[derive(Debug)]
pub(crate) enum Job {
    Ask(Ask),
    /// An answer to a question, and who waits for it.
    Answer(AnswerLine, oneshot::Sender<Ended>),
}

/// What was read.
#[derive(Debug)]
pub(crate) enum Answer {
    Text(String),
    /// A line that Ctrl-D ended: none comes after it.
    Last(String),
    /// Ctrl-C, and whether there was nothing to clear.
    Interrupted {
        was_empty: bool,
    },
    /// Ctrl-D.
    End,
    History(Vec<String>),
    Remembered,
    Failed(ReadlineError),
}

/// The line editor, as seen from the thread that runs everything else.
pub(crate) struct Prompt {
    jobs: blocking::Sender<Job>,
    answers: mpsc::Receiver<Answer>,
    /// Prints above the line that is typed; `None` where the terminal cannot, and everything is printed as it comes.
    pub(crate) printer: Option<mpsc::Sender<String>>,
    /// What was typed before it was asked for.
    pub(crate) ahead: TypeAhead,
    /// Reads answers to questions.
    pub(crate) answers_questions: AnswerEditor,
    suspend: Arc<OnceLock<Suspend>>,
}

/// Stops this process.
type Suspend = Box<dyn Fn() + Send + Sync>;

impl Prompt {
    /// Starts the editor, with the history in `file`; code is completed by `kernel`.
    pub(crate) fn start(
        colors: bool,
        file: Option<PathBuf>,
        kernel: AskKernel,
        preferences: &Preferences,
    ) -> Result<Self, ReplError> {
        let mut editor = editor(colors, kernel, preferences).map_err(ReplError::Terminal)?;
        // A history that cannot be read is a pity, no reason to stop.
        let file = file.filter(|path| {
            preferences.history > 0
                && Entries::read(path, preferences.history).map(|entries| *editor.history_mut() = entries).is_ok()
        });
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
        let ahead = editor.type_ahead();
        let suspend = Arc::<OnceLock<Suspend>>::default();
        let set = suspend.clone();
        editor.set_suspend(move || set.get().map(|suspend| suspend()).is_some());
        let stopper = editor.stopper().map_err(ReplError::Thread)?;
        let (jobs, queue) = blocking::channel();
        let (answer, answers) = mpsc::channel(1);
        let prompt = preferences.prompt.clone();
        let work = move || {
            while let Ok(job) = queue.recv() {
                match job {
                    Job::Ask(ask) => {
                        let said = read(&mut editor, ask, file.as_ref(), &prompt);
                        if answer.blocking_send(said).is_err() {
                            return;
                        }
                    }
                    // Who asked may have stopped waiting.
                    Job::Answer(line, end) => drop(end.send(read_answer(&mut editor, &line))),
                }
            }
        };
        thread::Builder::new().name("drupe-prompt".into()).spawn(work).map_err(ReplError::Thread)?;
        let answers_questions = AnswerEditor::new(jobs.clone(), stopper);
        Ok(Self { jobs, answers, printer, ahead, answers_questions, suspend })
    }

    /// Says how this process is stopped at Ctrl-Z.
    pub(crate) fn set_suspend(&self, suspend: impl Fn() + Send + Sync + 'static) {
        // There is one way, and it is set once.
        let _ = self.suspend.set(Box::new(suspend));
    }

    /// Whether the editor edits lines; if not, the terminal does.
    pub(crate) fn edits(&self) -> bool {
        self.printer.is_some()
    }

    /// Asks for something; [`answer`](Self::answer) brings it.
    pub(crate) fn ask(&self, ask: Ask) -> Result<(), ReplError> {
        self.jobs.send(Job::Ask(ask)).map_err(|_| gone())
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
        // After the mode, which sets one of its own.
        .keyseq_timeout(Some(KEY_SEQUENCE))
        .build();
    let mut editor = Editor::with_history(config, Entries::new(preferences.history))?;
    editor.set_color_mode(if colors { rustyline::ColorMode::Enabled } else { rustyline::ColorMode::Disabled });
    editor.set_helper(Some(Assist::new(colors, kernel, preferences)));
    Ok(editor)
}

fn read(editor: &mut Editor<Assist, Entries>, ask: Ask, file: Option<&PathBuf>, prompt: &str) -> Answer {
    let (lead, initial, is_chunk) = match ask {
        Ask::Chunk => (LinePrefix::chunk(prompt), String::new(), true),
        Ask::GoOn(begun) => (LinePrefix::chunk(prompt), begun, true),
        Ask::Line => (LinePrefix::line(), String::new(), false),
        Ask::History => return Answer::History(editor.history().iter().map(str::to_owned).collect()),
        Ask::Remember(entries) => {
            for entry in entries {
                remember(editor, &entry, file);
            }
            return Answer::Remembered;
        }
    };
    let is_empty = editor.helper_mut().map(|assist| {
        assist.reading = if is_chunk { Reading::Chunk } else { Reading::Text };
        assist.ended.set(false);
        assist.is_empty.clone()
    });
    let line = editor.readline_with_initial(&lead, (&initial, ""));
    if let Some(assist) = editor.helper() {
        assist.hints.forget();
    }
    match line {
        Ok(text) => {
            if is_chunk {
                // A command inside of unfinished input is no part of it.
                remember(editor, unfinished::command(&text).map_or(&*text, |(begun, _)| begun), file);
            }
            let ended = !is_chunk && editor.helper().is_some_and(|assist| assist.ended.get());
            if ended { Answer::Last(text) } else { Answer::Text(text) }
        }
        Err(ReadlineError::Interrupted) => {
            let dropped = editor.helper().map(|assist| assist.finished.take()).unwrap_or_default();
            // One line is soon typed again, as in Node's REPL.
            if is_chunk && dropped.contains('\n') {
                remember(editor, &dropped, file);
            }
            Answer::Interrupted { was_empty: is_empty.is_none_or(|is_empty| is_empty.load(Ordering::Relaxed)) }
        }
        Err(ReadlineError::Eof) => Answer::End,
        Err(error) => Answer::Failed(error),
    }
}

/// Reads an answer to a question: the history of the prompt has nothing to do with it.
fn read_answer(editor: &mut Editor<Assist, Entries>, line: &AnswerLine) -> Ended {
    if let Some(assist) = editor.helper_mut() {
        assist.reading = Reading::Answer { ends_at_eof: line.ends_at_eof };
        assist.ended.set(false);
    }
    let history = mem::replace(editor.history_mut(), Entries::new(0));
    let prompt = LinePrefix::answer(&line.prompt);
    let read = editor.readline_answer(&prompt, (&line.draft.left, &line.draft.right));
    *editor.history_mut() = history;
    match read {
        Ok(text) if editor.helper().is_some_and(|assist| assist.ended.get()) => Ended::Half(text),
        Ok(text) => Ended::Line(text),
        Err(ReadlineError::Interrupted) => Ended::Interrupted,
        Err(ReadlineError::Stopped { left, right }) => Ended::Stopped(Draft { left, right }),
        // If the terminal cannot be read, no person is there.
        Err(_) => Ended::Nothing,
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
