//! Questions that a kernel answers at any time, also while a run is busy: completions, hover, the session's names, its
//! status, the contents of an object.

use std::ops::Range;

use drupe_protocol::{
    handles::{Handle, PropertiesListed as Page},
    help::{Completions, StatusTold},
};

use crate::{
    Error, Global, Inspection, Kernel, Signature, specifiers,
    supervisor::{Command, Question},
    variables,
};

impl Kernel {
    /// What could stand at `cursor` in `code`, the likeliest first; `cursor` counts UTF-16 code units
    /// ([`utf16_offset`](crate::utf16_offset) converts). None of the session's code runs for it: what only a getter, a proxy or a call could tell is not told.
    ///
    /// Answered within milliseconds while a run loops or awaits, without disturbing it; only a long built-in function delays it, or a
    /// run whose events nobody reads.
    /// **The answer's `id` means nothing here.**
    ///
    /// # Errors
    /// When the kernel is terminated or dies meanwhile, or cannot be launched.
    pub async fn complete(&self, code: impl Into<String>, cursor: u32) -> Result<Completions, Error> {
        let code = code.into();
        if let Some(completions) = specifiers::complete(self.host(), &code, cursor).await {
            return Ok(completions);
        }
        let mut completions =
            self.ask(|answer| Command::Help(Question::Complete { code: code.clone(), cursor, answer })).await??;
        if completions.environment {
            variables::add(self.host(), &code, &mut completions).await;
        }
        Ok(completions)
    }

    /// The names that the session has beyond those it began with: how declared and by which run, type, size, and a short preview;
    /// lexical ones first, then properties of the global object, each in the order of their making. Answered as
    /// [`complete`](Self::complete) is.
    ///
    /// # Errors
    /// When the kernel is terminated or dies meanwhile, or cannot be launched.
    pub async fn globals(&self) -> Result<Vec<Global>, Error> {
        self.ask(|answer| Command::Help(Question::Globals(answer))).await?
    }

    /// What is going on: the active run, its times in milliseconds, the heap in bytes, and the line that is executing. Answered as
    /// [`complete`](Self::complete) is.
    ///
    /// # Errors
    /// When the kernel is terminated or dies meanwhile, or cannot be launched.
    pub async fn status(&self) -> Result<StatusTold, Error> {
        self.ask(|answer| Command::Help(Question::Status(answer))).await?
    }

    /// What the name or member at `cursor` in `code` is: sort, signature, doc comment, text, place, the shape of a class; `cursor` counts
    /// UTF-16 code units, and may stand anywhere in the name or at its end. `None` for what is no name, and for what only a getter, a
    /// proxy or a call could tell. Answered as [`complete`](Self::complete) is.
    ///
    /// # Errors
    /// When the kernel is terminated or dies meanwhile, or cannot be launched.
    pub async fn inspect(&self, code: impl Into<String>, cursor: u32) -> Result<Option<Inspection>, Error> {
        let code = code.into();
        self.ask(|answer| Command::Help(Question::Inspect { code, cursor, call: false, answer })).await?
    }

    /// The function or class whose arguments are being typed at `cursor` in `code`, and its parameters: what an editor shows behind
    /// `f(`. `None` where no call is being typed, or what is called is not known without running code. Answered as
    /// [`complete`](Self::complete) is.
    ///
    /// # Errors
    /// When the kernel is terminated or dies meanwhile, or cannot be launched.
    pub async fn signature(&self, code: impl Into<String>, cursor: u32) -> Result<Option<Signature>, Error> {
        let code = code.into();
        let inspection = self.ask(|answer| Command::Help(Question::Inspect { code, cursor, call: true, answer })).await??;
        Ok(inspection.map(Signature::new))
    }

    /// The value of `code` on one line, without any effect on the session: nothing is declared, changed, printed or remembered. `None`
    /// where it cannot be known so: it is no expression, throws, has side effects or calls what may, awaits, or takes longer than 50 ms of
    /// CPU; or a run is active or waits. A question that a newer one overtakes is answered by `None`.
    ///
    /// While the kernel evaluates it, what comes next waits; a long built-in function, which V8 cannot stop, is waited for.
    ///
    /// # Errors
    /// When the kernel is terminated or dies meanwhile.
    pub async fn preview(&self, code: impl Into<String>) -> Result<Option<String>, Error> {
        let code = code.into();
        self.ask(|answer| Command::Help(Question::Preview { code, answer })).await?
    }

    /// A page of what is in an object: `range` counts positions, elements first, then entries of a `Map` or `Set`, internal slots, and
    /// properties. None of the session's code runs for it. [`Page::total`](crate::Page::total) says how many positions there are, and
    /// the next page begins at [`Page::next`](crate::Page::next), which may be short of the range's end: a page has at most
    /// [`MAX_PAGE`](crate::MAX_PAGE) positions, and fewer where they are large. Answered as [`complete`](Self::complete) is.
    ///
    /// # Errors
    /// [`Error::StaleHandle`] when the handle was released, explicitly or for newer ones, or belongs to a session that is gone; and
    /// when the kernel is terminated or dies meanwhile.
    pub async fn properties(&self, handle: Handle, range: Range<u64>) -> Result<Page, Error> {
        let (start, count) = (range.start, u32::try_from(range.end.saturating_sub(range.start)).unwrap_or(u32::MAX));
        self.ask(|answer| Command::Help(Question::Properties { handle, start, count, answer })).await?
    }
}
