//! What callbacks of runs did after the ends of their runs: what they printed, and how many images they handed over.

use drupe_client::Event;

use crate::{
    record::{Cut, printed},
    refusal::Refusal,
    session::{Page, Session},
    transcript::{Piece, Transcript},
};

/// What callbacks of earlier runs of a session did.
#[derive(Debug, Default)]
pub(crate) struct Late {
    console: Transcript,
    /// What the texts of single calls of the console lack.
    cut: Cut,
    /// What calls have told of it.
    told: u64,
    /// The handle to page on in it, once there is any.
    page: Option<String>,
    /// Images that no call has told of yet.
    images: usize,
    /// Errors that nobody caught, and no call has told of yet.
    uncaught: usize,
}

/// What was printed late, and was not told before.
#[derive(Debug)]
pub(crate) struct LatePiece {
    pub(crate) text: String,
    pub(crate) from: u64,
    pub(crate) to: u64,
    /// Bytes and line ends that are not kept, of all that was printed late.
    pub(crate) dropped: (u64, u64),
    /// What single calls of the console lack, of all that was printed late.
    pub(crate) cut: Cut,
    /// Errors that nobody caught among it.
    pub(crate) uncaught: usize,
    /// Leads to all of it that is kept.
    pub(crate) handle: String,
}

impl Late {
    pub(crate) fn print(&mut self, text: &str) {
        self.console.push(text);
    }

    /// Takes an event, and what it prints.
    pub(crate) fn take(&mut self, event: &Event) {
        self.cut.add(event);
        self.uncaught += usize::from(matches!(event, Event::Exception(_)));
        if let Some(text) = printed(event) {
            self.print(&text);
        }
    }

    pub(crate) fn count_image(&mut self) {
        self.images += 1;
    }

    /// How many images came since the last call.
    pub(crate) fn take_images(&mut self) -> usize {
        std::mem::take(&mut self.images)
    }

    /// A part of what was printed, and how long all of it is.
    pub(crate) fn read(&self, from: u64, most: usize) -> (Piece, u64) {
        (self.console.read(from, most), self.console.total())
    }
}

/// What was printed late and was not told yet, at most `most` bytes of it. **What is left out, and what an answer that
/// was lost has told, is behind the handle.**
pub(crate) fn take(session: &Session, most: usize) -> Result<Option<LatePiece>, Refusal> {
    let (page, is_new) = session.late(|late| (late.page.clone(), late.told < late.console.total()));
    if !is_new {
        return Ok(None);
    }
    // One that made room for others is given out anew.
    let handle = match page.filter(|page| session.paged(page).is_some()) {
        Some(page) => page,
        None => session.page(Page::Late)?,
    };
    Ok(Some(session.late(|late| {
        late.page = Some(handle.clone());
        let to = late.console.total();
        let from = std::mem::replace(&mut late.told, to);
        let (text, dropped, cut) = (late.console.read(from, most).text, late.console.dropped(), late.cut);
        let uncaught = std::mem::take(&mut late.uncaught);
        LatePiece { text, from, to, dropped, cut, uncaught, handle }
    })))
}
