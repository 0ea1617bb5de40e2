//! Hints in grey while a person types: the rest of the word, and below the line the value of the text.
//!
//! The kernel answers both. The editor waits a moment for the answer. A later answer is painted when it arrives, unless
//! the person has typed on.

use std::{
    cell::Cell,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use drupe_lexer::{Kind, tokens};
use drupe_preview::display_width;
use tokio::sync::mpsc;

use crate::{
    ask_kernel::{AskKernel, Foreseen},
    call_head::CallHead,
    screen,
};

/// How long a key press may wait for its hint.
const MOMENT: Duration = Duration::from_millis(10);
/// Keys that come faster are no person's: nothing waits between them.
const BURST: Duration = Duration::from_millis(4);
/// Printed above the line, this prints nothing, and the line is drawn anew.
const REPAINT: &str = "";

/// A line below for what may come.
const ROOM: &str = "\n ";

/// Makes hints.
#[derive(Debug)]
pub(crate) struct Hints {
    kernel: AskKernel,
    /// Prints above the line.
    printer: OnceLock<mpsc::Sender<String>>,
    /// The number of the newest hint: late answers to others are dropped.
    newest: Arc<AtomicU64>,
    /// When the last one was asked for.
    last: Cell<Option<Instant>>,
}

/// A hint, as rustyline shows it.
#[derive(Debug)]
pub(crate) struct Hint {
    first: Told,
    late: Arc<Late>,
}

/// What a hint says.
#[derive(Debug)]
struct Told {
    /// What the right arrow key appends to the line.
    rest: Option<String>,
    shown: String,
}

impl Hint {
    /// The rest of a word and what follows it, none of it from the kernel.
    pub(crate) fn known(rest: Option<String>, more: &str) -> Self {
        let shown = rest.clone().unwrap_or_default() + more;
        Self { first: Told { rest, shown }, late: Arc::default() }
    }

    fn told(&self) -> &Told {
        self.late.told.get().unwrap_or(&self.first)
    }
}

impl rustyline::hint::Hint for Hint {
    fn display(&self) -> &str {
        &self.told().shown
    }

    fn completion(&self) -> Option<&str> {
        self.told().rest.as_deref()
    }
}

/// Where an answer goes: to the editor that waits, or later to the screen.
#[derive(Debug, Default)]
struct Late {
    state: Mutex<State>,
    answered: Condvar,
    told: OnceLock<Told>,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Waiting,
    Answered(Foreseen),
    /// Nobody waits any more.
    Left,
}

impl Late {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, patience: Duration) -> Option<Foreseen> {
        let waiting = |state: &mut State| matches!(state, State::Waiting);
        let (mut state, _) =
            self.answered.wait_timeout_while(self.lock(), patience, waiting).unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *state, State::Left) {
            State::Answered(foreseen) => Some(foreseen),
            State::Waiting | State::Left => None,
        }
    }

    /// Hands the answer to whoever waits, or gives it back.
    fn answer(&self, foreseen: Foreseen) -> Option<Foreseen> {
        let mut state = self.lock();
        if matches!(*state, State::Left) {
            return Some(foreseen);
        }
        *state = State::Answered(foreseen);
        self.answered.notify_one();
        None
    }
}

impl Hints {
    pub(crate) fn new(kernel: AskKernel) -> Self {
        Self { kernel, printer: OnceLock::new(), newest: Arc::default(), last: Cell::default() }
    }

    /// Says where to print above the line, so that late answers can be shown.
    pub(crate) fn set_printer(&self, printer: mpsc::Sender<String>) {
        // There is one printer, and it is set once.
        drop(self.printer.set(printer));
    }

    /// Tells the person something, above the line.
    pub(crate) fn tell(&self, text: &str, colors: bool) {
        let Some(printer) = self.printer.get() else { return };
        let line = if colors { format!("\x1b[90m{text}\x1b[0m\n") } else { format!("{text}\n") };
        // A printer that is busy shows other lines.
        drop(printer.try_send(line));
    }

    /// No hint is wanted any more: late answers are dropped.
    pub(crate) fn forget(&self) {
        self.newest.fetch_add(1, Ordering::Relaxed);
    }

    /// A hint for `text`, with the cursor at byte `cursor`.
    pub(crate) fn hint(&self, text: &str, cursor: usize) -> Option<Hint> {
        let number = self.newest.fetch_add(1, Ordering::Relaxed) + 1;
        if says_itself(text) {
            return None;
        }
        let now = Instant::now();
        let patience = match self.last.replace(Some(now)) {
            Some(last) if now - last < BURST => Duration::ZERO,
            _ => MOMENT,
        };
        let late = Arc::<Late>::default();
        let (answer, newest, printer) = (late.clone(), self.newest.clone(), self.printer.get().cloned());
        self.kernel.foresee(text.to_owned(), cursor, move |foreseen| {
            let Some(Foreseen { rest, value, head }) = answer.answer(foreseen) else { return };
            let below = lines_below(value, head);
            if rest.is_none() && below.is_none() || newest.load(Ordering::Relaxed) != number {
                return;
            }
            let shown = rest.clone().unwrap_or_default() + &below.unwrap_or_else(|| ROOM.to_owned());
            if answer.told.set(Told { rest, shown }).is_ok() {
                // A full queue draws the line anew, too.
                drop(printer.map(|printer| printer.try_send(REPAINT.to_owned())));
            }
        });
        let Some(Foreseen { rest, value, head }) = late.wait(patience) else {
            return Some(Hint { first: Told { rest: None, shown: ROOM.to_owned() }, late });
        };
        let value = value.filter(|value| value != text.trim() && value != "undefined");
        let shown = rest.clone().unwrap_or_default() + &lines_below(value, head).unwrap_or_default();
        (!shown.is_empty()).then_some(Hint { first: Told { rest, shown }, late })
    }
}

/// Whether the value of `text` is plain to see: there is none, or it is a literal.
fn says_itself(text: &str) -> bool {
    let mut tokens = tokens(text).filter(|token| token.kind != Kind::Space);
    match (tokens.next(), tokens.next()) {
        (None, _) => true,
        (Some(only), None) if only.kind == Kind::RegExp => !only.closed,
        (Some(only), None) => {
            use Kind::{Comment, Constant, Number, Open, Operator, String, Template};
            matches!(only.kind, Number | String | Template | Constant | Comment | Operator | Open)
        }
        _ => false,
    }
}

/// The value, or else the head of what is called, for the line below what is typed.
fn lines_below(value: Option<String>, head: Option<CallHead>) -> Option<String> {
    let columns = screen::size().columns;
    let line = value.map(|value| one_line(&value, columns)).or_else(|| head.map(|head| head.draw(columns)))?;
    Some(format!("\n{line}"))
}

/// The first line of `text`, harmless to terminals, cut to `columns`.
pub(crate) fn one_line(text: &str, columns: usize) -> String {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let mut line = String::with_capacity(first.len());
    let room = columns.saturating_sub(2);
    let mut width = 0;
    let mut whole = lines.next().is_none();
    for char in first.chars() {
        let char = if char.is_control() { '\u{fffd}' } else { char };
        width += display_width(char.encode_utf8(&mut [0; 4]));
        if width > room {
            whole = false;
            break;
        }
        line.push(char);
    }
    if !whole {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::{one_line, says_itself};

    #[test]
    fn values_are_cut_to_the_line() {
        assert_eq!(one_line("abc", 5), "abc");
        assert_eq!(one_line("abcd", 5), "abc…");
        assert_eq!(one_line("日本語", 6), "日本…");
        assert_eq!(one_line("a\nb", 80), "a…");
        assert_eq!(one_line("\x1b[31mred\x07", 80), "\u{fffd}[31mred\u{fffd}");
        assert_eq!(one_line("abc", 0), "…");
    }

    #[test]
    fn literals_need_no_preview() {
        for text in ["", " ", "5", "'five'", "true", "// five"] {
            assert!(says_itself(text), "{text}");
        }
        for text in ["5n+1", "five", "[5]", "`${five}`"] {
            assert!(!says_itself(text), "{text}");
        }
    }
}
