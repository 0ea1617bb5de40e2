//! What the line editor asks while a person types: is it whole, how does it look, how may it go on.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use rustyline::{
    CompletionType, Context, Helper, Result,
    completion::{Completer, Pair},
    highlight::{CmdKind, Highlighter},
    hint::Hinter,
    validate::{ValidationContext, ValidationResult, Validator},
};

use drupe_preview::display_width;

use crate::{
    Preferences,
    ask_kernel::{AskKernel, Suggestions},
    commands::parse,
    gather::is_unfinished_soon,
    highlight::highlight,
    hint::{Hint, Hints},
    manual,
    menu::Menu,
    screen,
};

/// The editor's helper.
#[derive(Debug)]
pub(crate) struct Assist {
    colors: bool,
    /// Whether values are foreseen.
    foresees: bool,
    /// The columns of the prompt.
    prompt_width: usize,
    /// Enter ends the line, whatever it looks like, and no colours are shown: `.editor` reads text.
    pub(crate) line_by_line: bool,
    /// Whether nothing is typed at the moment.
    pub(crate) is_empty: Arc<AtomicBool>,
    /// Completes code.
    kernel: AskKernel,
    pub(crate) hints: Hints,
    /// The hint that is on the screen, and the column where it begins.
    drawn: RefCell<Option<(String, usize)>>,
    typed_to: Cell<usize>,
    /// Whether the text ends at the right edge: the terminal then holds back its line break, and the editor does not count on it.
    line_is_full: Cell<bool>,
    /// What the menu that is shown says of its entries.
    menu: RefCell<Menu>,
    /// Whether to mark brackets: not when the line is shown for the last time.
    marks: Cell<bool>,
}

impl Assist {
    pub(crate) fn new(colors: bool, kernel: AskKernel, preferences: &Preferences) -> Self {
        Self {
            colors,
            foresees: preferences.preview,
            prompt_width: display_width(&preferences.prompt),
            line_by_line: false,
            is_empty: Arc::new(AtomicBool::new(true)),
            hints: Hints::new(kernel.clone()),
            kernel,
            drawn: RefCell::default(),
            typed_to: Cell::default(),
            line_is_full: Cell::default(),
            menu: RefCell::default(),
            marks: Cell::new(true),
        }
    }
}

impl Assist {
    /// What erases the hint that Ctrl-C left on the screen, from the line below it; the next line is then the first that is free.
    pub(crate) fn erase_hint(&self) -> Option<String> {
        let (hint, column) = self.drawn.take()?;
        let below = hint.matches('\n').count();
        if below == 0 && column >= screen::size().columns {
            return None;
        }
        let rows = 1 + below;
        // What is below goes; of the line itself what comes after the text, if it is known where that is.
        Some(match hint.split('\n').next() {
            Some("") | None => format!("\x1b[{below}A\r\x1b[J"),
            Some(_) if column < screen::size().columns => format!("\x1b[{rows}A\r\x1b[{column}C\x1b[J\r\n"),
            Some(_) => format!("\x1b[{below}A\r\x1b[J"),
        })
    }
}

impl Helper for Assist {}

impl Validator for Assist {
    fn validate(&self, context: &mut ValidationContext) -> Result<ValidationResult> {
        let text = context.input();
        let is_whole = self.line_by_line || parse(text).is_some() || !is_unfinished_soon(text);
        // What is wrong with text that can never be whole, its run says.
        Ok(if is_whole { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

impl Hinter for Assist {
    type Hint = Hint;

    /// This is called whenever the text has changed.
    fn hint(&self, text: &str, cursor: usize, _: &Context<'_>) -> Option<Hint> {
        self.is_empty.store(text.is_empty(), Ordering::Relaxed);
        // Without colours a hint would look like something that was typed.
        if !self.colors || self.line_by_line {
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
        self.drawn.take();
        let (prompt, last) = text.rsplit_once('\n').map_or((self.prompt_width, text), |(_, last)| (0, last));
        self.typed_to.set(prompt + display_width(last));
        self.line_is_full.set(fills_line(prompt, last, screen::size().columns));
        if !self.colors || self.line_by_line || parse(text).is_some() {
            return Cow::Borrowed(text);
        }
        Cow::Owned(highlight(text, self.marks.get().then_some(cursor)))
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        self.drawn.replace(Some((hint.to_owned(), self.typed_to.get())));
        let held_back = if self.line_is_full.get() && hint.starts_with('\n') { "\n" } else { "" };
        Cow::Owned(
            held_back.to_owned() + &hint.split('\n').map(|line| format!("\x1b[90m{line}\x1b[0m")).collect::<Vec<_>>().join("\n"),
        )
    }

    fn highlight_candidate<'c>(&self, candidate: &'c str, _: CompletionType) -> Cow<'c, str> {
        self.menu.borrow().highlight(candidate)
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
        if let Some(completed) = manual::complete(typed) {
            return Ok(completed);
        }
        let Suggestions { start, items } = self.kernel.suggestions(text, cursor);
        let (menu, pairs) = Menu::of(items);
        self.menu.replace(menu);
        Ok((start, pairs))
    }
}

/// Whether `text`, from column `from` on, ends exactly where a line of `columns` does.
fn fills_line(from: usize, text: &str, columns: usize) -> bool {
    let mut column = from;
    for char in text.chars() {
        let width = display_width(char.encode_utf8(&mut [0; 4]));
        column = if column + width > columns { width } else { column + width };
    }
    column == columns
}

#[cfg(test)]
mod tests {
    use super::fills_line;

    #[test]
    fn the_right_edge_is_noticed() {
        assert!(fills_line(2, "12345678", 10) && fills_line(0, "日本語日本", 10) && fills_line(2, "1234567890 2345678", 10));
        assert!(!fills_line(2, "1234567", 10) && !fills_line(2, "123456789", 10) && !fills_line(0, "", 10));
        // A wide character that does not fit leaves a column free.
        assert!(fills_line(0, "1日本語日本語日本語", 10));
    }
}
