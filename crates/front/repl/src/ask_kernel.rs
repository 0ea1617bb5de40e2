//! Completions of code. The editor's own thread requests them from the kernel, and waits only a moment.

use std::time::Duration;

use drupe_client::{Completion, Completions, Kernel, byte_offset, utf16_offset};
use drupe_lexer::is_name_part;
use tokio::runtime::Handle;

use crate::{call_head::CallHead, disk, programs, shell, source_file};

/// A kernel that is at a long built-in function answers later than a person waits.
const PATIENCE: Duration = Duration::from_millis(500);

/// A person reads no more than a screen of suggestions.
const MOST: usize = 200;

/// Asks a kernel, from a thread outside its runtime.
#[derive(Clone, Debug)]
pub(crate) struct AskKernel {
    kernel: Kernel,
    runtime: Handle,
}

/// What may stand in place of `text[start..cursor]`.
#[derive(Debug, Default)]
pub(crate) struct Suggestions {
    /// Byte offset.
    pub(crate) start: usize,
    pub(crate) items: Vec<Completion>,
}

/// What the kernel knows of a text.
#[derive(Debug, Default)]
pub(crate) struct Foreseen {
    /// How the last word goes on, as far as there is no choice.
    pub(crate) rest: Option<String>,
    /// The value.
    pub(crate) value: Option<String>,
    /// The head of the function whose arguments are typed.
    pub(crate) head: Option<CallHead>,
}

impl AskKernel {
    /// Must be called within the runtime that the kernel lives in.
    pub(crate) fn new(kernel: Kernel) -> Self {
        Self { kernel, runtime: Handle::current() }
    }

    /// Tells what the kernel foresees of `text` with the cursor at byte `cursor`, whenever it answers. Does not block.
    pub(crate) fn foresee(&self, text: String, cursor: usize, tell: impl FnOnce(Foreseen) + Send + 'static) {
        let kernel = self.kernel.clone();
        self.runtime.spawn(async move {
            let completions = async {
                let asked = cursor == text.len() && may_go_on(&text);
                if asked { kernel.complete(&*text, utf16_offset(&text, text.len())).await.ok() } else { None }
            };
            // The preview is asked for first and at once: of two the kernel answers the later one.
            let head = async {
                // Most of what is typed is no call.
                text[..cursor].contains('(').then_some(())?;
                let signature = kernel.signature(&text[..cursor], utf16_offset(&text, cursor)).await.ok().flatten()?;
                Some(CallHead::of(signature))
            };
            // What is not loaded yet is loaded for an answer only while nothing executes, and a preview does.
            let value_and_head = async {
                let value = kernel.preview(&*text).await;
                (value, head.await)
            };
            let ((value, head), completions) = tokio::join!(biased; value_and_head, completions);
            let rest = completions.and_then(|completions| rest(&text, completions));
            tell(Foreseen { rest, value: value.ok().flatten(), head });
        });
    }

    /// Whether the first word of a command of the shell is a name of the session. Blocks as
    /// [`suggestions`](Self::suggestions) does.
    pub(crate) fn names_a_variable(&self, command: &str) -> bool {
        let question = shell::names_a_variable(&self.kernel, command);
        self.runtime.block_on(async { tokio::time::timeout(PATIENCE, question).await }).unwrap_or(false)
    }

    /// What the path may go on with that is being typed. Blocks as [`suggestions`](Self::suggestions) does.
    pub(crate) fn paths(&self, site: disk::Site) -> Suggestions {
        let (start, policy) = (site.start, self.kernel.permissions().policy());
        let folder = self.kernel.working_folder();
        let list = source_file::on_a_thread(move || Ok(site.list(&policy, &folder)));
        let listed = self.runtime.block_on(async { tokio::time::timeout(PATIENCE, list).await });
        Suggestions { start, items: listed.ok().and_then(Result::ok).unwrap_or_default() }
    }

    /// The programs whose name is being typed, and what the kernel suggests there. Blocks as
    /// [`suggestions`](Self::suggestions) does.
    pub(crate) fn programs(&self, word: programs::Word, typed: &str) -> Suggestions {
        let (start, policy) = (word.start, self.kernel.permissions().policy());
        let list = source_file::on_a_thread(move || Ok(word.list(&policy)));
        let listed = self.runtime.block_on(async { tokio::time::timeout(PATIENCE, list).await });
        let mut items = listed.ok().and_then(Result::ok).unwrap_or_default();
        // What follows `!` may be an expression.
        let code = self.suggestions(typed, typed.len());
        if code.start == start && typed[..start].trim() == "!" {
            items.extend(code.items.into_iter().filter(|item| item.text.starts_with(&typed[start..])));
        }
        Suggestions { start, items }
    }

    /// What could stand at byte `cursor` of `text`. Nothing if the kernel does not answer soon. Blocks the calling
    /// thread, which **must not be the runtime's**.
    pub(crate) fn suggestions(&self, text: &str, cursor: usize) -> Suggestions {
        let question = self.kernel.complete(text, utf16_offset(text, cursor));
        let answer = self.runtime.block_on(async { tokio::time::timeout(PATIENCE, question).await });
        let Ok(Ok(completions)) = answer else { return Suggestions { start: cursor, items: Vec::new() } };
        let start = byte_offset(text, completions.start).min(cursor);
        let mut items = completions.items;
        // The kernel forgives wrong case. Where the case is right, its guesses would only keep the line from being
        // completed.
        let is_exact = |item: &Completion| item.text.starts_with(&text[start..cursor]);
        if items.iter().any(is_exact) {
            items.retain(is_exact);
        }
        items.truncate(MOST);
        Suggestions { start, items }
    }
}

/// Whether `text` ends with a word that is worth completing unasked.
fn may_go_on(text: &str) -> bool {
    let before = text.trim_end_matches(is_name_part);
    let word = &text[before.len()..];
    let enough = if before.ends_with('.') { 1 } else { 2 };
    word.chars().count() >= enough && !word.starts_with(|char: char| char.is_ascii_digit())
}

/// How `text` goes on, as far as all completions agree.
fn rest(text: &str, completions: Completions) -> Option<String> {
    let typed = &text[byte_offset(text, completions.start)..];
    let mut rests = completions.items.iter().filter_map(|item| item.text.strip_prefix(typed));
    let mut common = rests.next()?;
    for rest in rests {
        let same = common.char_indices().zip(rest.chars()).find(|((_, a), b)| a != b).map(|((at, _), _)| at);
        common = &common[..same.unwrap_or(common.len().min(rest.len()))];
    }
    (!common.is_empty() && !common.contains(char::is_control)).then(|| common.to_owned())
}
