//! Questions that a kernel answers at any time, also while a run is busy: completions, hover, the session's names, its
//! status, the contents of an object.

use std::ops::Range;

use drupe_protocol::{handles::Handle, introspection::CompleteReply};

use crate::{
    Completions, Error, Global, Inspection, Kernel, Page, Signature, Status,
    beside::beside,
    byte_offset,
    site::{CompletionSite, Named},
    specifiers,
    supervisor::{Command, CompleteAt, GetStatus, InspectAt, ListGlobals, PreviewOf, PropertiesOf, Question},
    transpiled::SMALL_SOURCE,
    utf16_offset, variables,
};

/// How many bytes of code are read for an answer; a person types far fewer.
const MAX_CODE: usize = 16 << 20;

/// Reads code: long code on another thread.
async fn read<T: Send + 'static>(
    code: String,
    reading: impl FnOnce(&str) -> Option<T> + Send + 'static,
) -> Result<Option<T>, Error> {
    if code.len() > MAX_CODE {
        return Err(Error::Encode(format!("the code is larger than {} MiB", MAX_CODE >> 20)));
    }
    if code.len() <= SMALL_SOURCE {
        return Ok(reading(&code));
    }
    Ok(beside(move |_| reading(&code)).await.ok().flatten())
}

impl Kernel {
    /// Completions at `cursor` in `code`, the most likely first. `cursor` counts UTF-16 code units
    /// ([`utf16_offset`](crate::utf16_offset) converts). It runs none of the session's code: facts that only a getter,
    /// a proxy or a call could tell are left out.
    ///
    /// It is answered within milliseconds while a run loops or awaits, without disturbing the run. Only a long built-in
    /// function delays it, or a run whose events are not read. **The answer's `id` means nothing here.**
    ///
    /// # Errors
    /// When the kernel is terminated or dies meanwhile, or cannot be launched.
    pub async fn complete(&self, code: impl Into<String>, cursor: u32) -> Result<Completions, Error> {
        let code = code.into();
        let end = utf16_offset(&code, byte_offset(&code, cursor));
        let site = read(code, move |code| CompletionSite::at(code, cursor)).await?;
        let typed = match site {
            Some(CompletionSite::Specifier(specifier)) => {
                return Ok(specifiers::complete(self.host(), self.session(), specifier).await);
            }
            Some(CompletionSite::Typed(typed)) => typed,
            None => return Ok(Completions { start: end, end, items: Vec::new() }),
        };
        let (start, end, prefix) = (typed.start, typed.end, typed.prefix.clone());
        let reply = self.ask(|answer| Command::Ask(Question::new(CompleteAt { typed }, answer))).await??;
        let CompleteReply { id: _, mut items, environment } = reply;
        if environment {
            variables::add(self.host(), &prefix, &mut items).await;
        }
        Ok(Completions { start, end, items })
    }

    /// The names that the session has beyond its initial ones. Each has its kind of declaration and the run of it, its
    /// type, size, and a short preview. Lexical names come first, then properties of the global object, each in the
    /// order of their creation. Answered like [`complete`](Self::complete).
    ///
    /// # Errors
    /// When the kernel is terminated or dies meanwhile, or cannot be launched.
    pub async fn globals(&self) -> Result<Vec<Global>, Error> {
        self.ask(|answer| Command::Ask(Question::new(ListGlobals, answer))).await?
    }

    /// The status: the active run, its times in milliseconds, the heap in bytes, and the line that is executing.
    /// Answered like [`complete`](Self::complete).
    ///
    /// # Errors
    /// When the kernel is terminated or dies meanwhile, or cannot be launched.
    pub async fn status(&self) -> Result<Status, Error> {
        self.ask(|answer| Command::Ask(Question::new(GetStatus, answer))).await?
    }

    /// Hover information for the name or member at `cursor` in `code`: kind, signature, doc comment, text, place, the
    /// shape of a class. `cursor` counts UTF-16 code units, and may be anywhere in the name or at its end. `None` if
    /// there is no name, and for facts that only a getter, a proxy or a call could tell. Answered like
    /// [`complete`](Self::complete).
    ///
    /// # Errors
    /// When the kernel is terminated or dies meanwhile, or cannot be launched.
    pub async fn inspect(&self, code: impl Into<String>, cursor: u32) -> Result<Option<Inspection>, Error> {
        let at = move |code: &str| {
            let named = Named::at(code, byte_offset(code, cursor))?;
            let alone = code.trim() == named.name;
            Some(InspectAt { named, alone })
        };
        self.inspect_at(read(code.into(), at).await?).await
    }

    /// Signature help: the function or class whose arguments are being typed at `cursor` in `code`, and its parameters,
    /// as an editor shows them after `f(`. `None` if no call is being typed, or if the called function is not known
    /// without running code. Answered like [`complete`](Self::complete).
    ///
    /// # Errors
    /// When the kernel is terminated or dies meanwhile, or cannot be launched.
    pub async fn signature(&self, code: impl Into<String>, cursor: u32) -> Result<Option<Signature>, Error> {
        let called = move |code: &str| {
            let named = Named::called(code.get(..byte_offset(code, cursor))?)?;
            Some(InspectAt { named, alone: false })
        };
        let inspection = self.inspect_at(read(code.into(), called).await?).await?;
        Ok(inspection.map(Signature::new))
    }

    async fn inspect_at(&self, at: Option<InspectAt>) -> Result<Option<Inspection>, Error> {
        let Some(at) = at else { return Ok(None) };
        self.ask(|answer| Command::Ask(Question::new(at, answer))).await?
    }

    /// The value of `code` on one line, without any effect on the session: nothing is declared, changed, printed or
    /// stored. `None` if the code is no expression, throws, has side effects or calls functions that may have some,
    /// awaits, or takes longer than 50 ms of CPU; or if a run is active or waits. If a newer question arrives, an older
    /// one is answered by `None`.
    ///
    /// While the kernel evaluates the code, later requests wait. A long built-in function, which V8 cannot stop, runs
    /// to its end.
    ///
    /// # Errors
    /// When the kernel is terminated or dies meanwhile.
    pub async fn preview(&self, code: impl Into<String>) -> Result<Option<String>, Error> {
        let code = code.into();
        self.ask(|answer| Command::Ask(Question::new(PreviewOf { code }, answer))).await?
    }

    /// A page of an object's contents. `range` counts positions: elements first, then entries of a `Map` or `Set`,
    /// internal slots, and properties. It runs none of the session's code. [`Page::total`](crate::Page::total) is the
    /// number of positions. The next page begins at [`Page::next`](crate::Page::next), which may be before the range's
    /// end: a page has at most [`MAX_PAGE`](crate::MAX_PAGE) positions, and fewer if they are large. Answered like
    /// [`complete`](Self::complete).
    ///
    /// # Errors
    /// [`Error::StaleHandle`] when the handle was released, explicitly or for newer ones, or belongs to a session that
    /// was replaced; and when the kernel is terminated or dies meanwhile.
    pub async fn properties(&self, handle: Handle, range: Range<u64>) -> Result<Page, Error> {
        let (start, count) = (range.start, u32::try_from(range.end.saturating_sub(range.start)).unwrap_or(u32::MAX));
        self.ask(|answer| Command::Ask(Question::new(PropertiesOf { handle, start, count }, answer))).await?
    }
}
