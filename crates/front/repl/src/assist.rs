//! The line editor's helper: whether the input is complete, its colours, and its completions.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use rustyline::{
    Context, Helper, Result,
    completion::{Completer, Pair},
    highlight::{CmdKind, Highlighter},
    hint::Hinter,
    validate::{ValidationContext, ValidationResult, Validator},
};

use crate::{
    Preferences,
    ask_kernel::{AskKernel, Suggestions},
    chunk_reader::{goes_on_surely, indent, is_unfinished_soon},
    commands::{Command, parse},
    continuation, disk,
    highlight::highlight,
    hint::{Hint, Hints},
    manual,
    menu::Menu,
    programs,
    screen::Size,
    unfinished,
};

/// Ctrl-D was pressed at the end of text.
const CTRL_D: &str = "(Ctrl-D leaves where nothing is typed; Ctrl-C drops what is typed)";

/// What is read. **But for chunks, Enter ends the line, whatever it looks like, and no colours are shown.**
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    Chunk,
    /// A line of `.editor`.
    Text,
    /// The answer to a question.
    Answer {
        /// Whether Ctrl-D behind text ends it.
        ends_at_eof: bool,
    },
}

/// The editor's helper.
#[derive(Debug)]
pub(crate) struct Assist {
    colors: bool,
    /// Whether values are foreseen.
    foresees: bool,
    pub(crate) reading: Reading,
    /// Whether nothing is typed at the moment.
    pub(crate) is_empty: Arc<AtomicBool>,
    /// The text of the line that has ended last, however it ended.
    pub(crate) finished: RefCell<String>,
    /// Completes code.
    kernel: AskKernel,
    pub(crate) hints: Hints,
    /// What the menu that is shown says of its entries.
    menu: RefCell<Menu>,
    /// Whether Ctrl-D has ended the line, which had text.
    pub(crate) ended: Cell<bool>,
    /// Whether to mark brackets: not when the line is shown for the last time.
    marks: Cell<bool>,
}

impl Assist {
    pub(crate) fn new(colors: bool, kernel: AskKernel, preferences: &Preferences) -> Self {
        Self {
            colors,
            foresees: preferences.preview,
            reading: Reading::Chunk,
            is_empty: Arc::new(AtomicBool::new(true)),
            finished: RefCell::default(),
            hints: Hints::new(kernel.clone()),
            kernel,
            menu: RefCell::default(),
            ended: Cell::default(),
            marks: Cell::new(true),
        }
    }

    fn is_text(&self) -> bool {
        self.reading != Reading::Chunk
    }
}

impl Helper for Assist {}

impl Validator for Assist {
    fn validate(&self, context: &mut ValidationContext) -> Result<ValidationResult> {
        let text = context.input();
        let is_command = || match parse(text) {
            // A name of the session makes it an expression.
            Some(Ok(Command::Shell(command))) => !(is_unfinished_soon(text) && self.kernel.names_a_variable(&command)),
            Some(_) => true,
            None => unfinished::command(text).is_some(),
        };
        let goes_on = || context.waits() && goes_on_surely(text);
        let goes_on_behind = || context.waits() && continuation::goes_on_behind(text, context.waiting());
        let is_whole = self.is_text() || is_command() || !(goes_on() || is_unfinished_soon(text) || goes_on_behind());
        // What is wrong with text that can never be whole, its run says.
        Ok(if is_whole { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }

    fn indent(&self, text: &str) -> usize {
        if let Reading::Answer { .. } = self.reading { 0 } else { indent(text) }
    }

    fn ends_at_eof(&self) -> bool {
        match self.reading {
            Reading::Chunk => false,
            Reading::Text => true,
            Reading::Answer { ends_at_eof } => ends_at_eof,
        }
    }

    fn note_eof(&self) {
        self.ended.set(true);
    }

    fn note_idle_eof(&self) {
        if self.reading == Reading::Chunk {
            self.hints.tell(CTRL_D, self.colors);
        }
    }
}

impl Hinter for Assist {
    type Hint = Hint;

    /// This is called whenever the text has changed.
    fn hint(&self, text: &str, cursor: usize, _: &Context<'_>) -> Option<Hint> {
        self.is_empty.store(text.is_empty(), Ordering::Relaxed);
        // Without colours a hint would look like something that was typed.
        if !self.colors || self.is_text() {
            return None;
        }
        if text.starts_with('.') && (text.len() == 1 || parse(text).is_some()) {
            return if cursor == text.len() { manual::hint(text) } else { None };
        }
        if self.foresees { self.hints.hint(text, cursor) } else { None }
    }
}

impl Highlighter for Assist {
    fn highlight<'l>(&self, text: &'l str, cursor: usize) -> Cow<'l, str> {
        if !self.colors || self.is_text() || parse(text).is_some() {
            return Cow::Borrowed(text);
        }
        Cow::Owned(highlight(text, self.marks.get().then_some(cursor)))
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        // A menu has its own colours, and so has the head of what is called.
        let line = |line: &str| if line.contains('\x1b') { line.to_owned() } else { format!("\x1b[90m{line}\x1b[0m") };
        Cow::Owned(hint.split('\n').map(line).collect::<Vec<_>>().join("\n"))
    }

    fn finished(&self, line: &str) {
        self.is_empty.store(line.is_empty(), Ordering::Relaxed);
        line.clone_into(&mut self.finished.borrow_mut());
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.marks.set(kind != CmdKind::ForcedRefresh);
        self.colors
    }
}

impl Completer for Assist {
    type Candidate = Pair;

    fn complete(&self, text: &str, cursor: usize, _: &Context<'_>) -> Result<(usize, Vec<Pair>)> {
        let typed = &text[..cursor];
        if self.is_text() {
            return Ok((cursor, Vec::new()));
        }
        // On a line that is still empty, Tab indents.
        if typed.rsplit_once('\n').is_some_and(|(_, line)| line.trim().is_empty()) {
            let step = "  ".to_owned();
            return Ok((cursor, vec![Pair { display: step.clone(), replacement: step }]));
        }
        if let Some(completed) = manual::complete(typed) {
            return Ok(completed);
        }
        let Suggestions { start, items } = match (disk::site(typed), programs::word(typed)) {
            (_, Some(word)) => self.kernel.programs(word, typed),
            (Some(site), None) => self.kernel.paths(site),
            (None, None) => self.kernel.suggestions(text, cursor),
        };
        let (menu, pairs) = Menu::of(items);
        self.menu.replace(menu);
        Ok((start, pairs))
    }

    fn menu(&self, pairs: &[Pair], selected: Option<usize>, rows: usize, columns: usize) -> (String, usize, usize) {
        self.menu.borrow().draw(pairs, selected, Size { rows, columns }, self.colors)
    }
}
