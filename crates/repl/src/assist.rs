//! What the line editor asks while a person types: is it whole, how does it look, how may it go on.

use std::{
    borrow::Cow,
    cell::Cell,
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

use drupe_client::Completion;

use crate::{
    ask_kernel::{AskKernel, Suggestions},
    commands::{COMMANDS, parse},
    gather::is_unfinished,
    highlight::highlight,
    sanitize,
};

/// The editor's helper.
#[derive(Debug)]
pub(crate) struct Assist {
    colors: bool,
    /// Enter ends the line, whatever it looks like, and no colours are shown: `.editor` reads text.
    pub(crate) line_by_line: bool,
    /// Whether nothing is typed at the moment.
    pub(crate) is_empty: Arc<AtomicBool>,
    /// Completes code.
    kernel: AskKernel,
    /// Whether to mark brackets: not when the line is shown for the last time.
    marks: Cell<bool>,
}

impl Assist {
    pub(crate) fn new(colors: bool, kernel: AskKernel) -> Self {
        Self { colors, line_by_line: false, is_empty: Arc::new(AtomicBool::new(true)), kernel, marks: Cell::new(true) }
    }
}

impl Helper for Assist {}

impl Validator for Assist {
    fn validate(&self, context: &mut ValidationContext) -> Result<ValidationResult> {
        let text = context.input();
        let is_whole = self.line_by_line || parse(text).is_some() || !is_unfinished(text);
        // What is wrong with text that can never be whole, its run says.
        Ok(if is_whole { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

impl Hinter for Assist {
    type Hint = String;

    /// Hints nothing yet; but this is called whenever the text has changed.
    fn hint(&self, text: &str, _: usize, _: &Context<'_>) -> Option<String> {
        self.is_empty.store(text.is_empty(), Ordering::Relaxed);
        None
    }
}

impl Highlighter for Assist {
    fn highlight<'l>(&self, text: &'l str, cursor: usize) -> Cow<'l, str> {
        if !self.colors || self.line_by_line || parse(text).is_some() {
            return Cow::Borrowed(text);
        }
        Cow::Owned(highlight(text, self.marks.get().then_some(cursor)))
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
        if self.line_by_line {
            return Ok((cursor, Vec::new()));
        }
        if typed.starts_with('.') && !typed.contains(char::is_whitespace) {
            let names = COMMANDS.iter().map(|(name, ..)| *name).filter(|name| name.starts_with(typed));
            let pairs = names.map(|name| Pair { display: name.to_owned(), replacement: format!("{name} ") });
            return Ok((0, pairs.collect()));
        }
        let Suggestions { start, items } = self.kernel.suggestions(text, cursor);
        let pair = |item: Completion| Pair { display: sanitize(&item.text).into_owned(), replacement: item.text };
        Ok((start, items.into_iter().map(pair).collect()))
    }
}
