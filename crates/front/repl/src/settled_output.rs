//! Shows the earlier output of a run before a question or another program uses the terminal.

use std::future::{pending, ready};

use drupe_client::{Event, Origin, Run, host::stdio::Settling};
use tokio::sync::oneshot;

use crate::{ReplError, show::Show};

/// How much of what a run said before it asks something is shown before the question is. The rest waits: who never
/// stops talking would never be heard asking.
pub(crate) const SAID_BEFORE: usize = 1000;

/// Shows what `run` has said so far. Says whether something was not caught.
pub(crate) async fn show_said(run: &mut Run, show: &mut dyn Show) -> Result<bool, ReplError> {
    let (id, mut uncaught) = (run.id(), false);
    for _ in 0..SAID_BEFORE {
        tokio::select! {
            biased;
            Some(event) = run.next_event() => {
                uncaught |= is_uncaught(&event);
                show.event(Some(id), &event).map_err(ReplError::Output)?;
            }
            () = ready(()) => break,
        }
    }
    Ok(uncaught)
}

/// The next request to write what was said. Cancel safe.
pub(crate) async fn settle(settling: &mut Option<Settling>) -> oneshot::Sender<()> {
    match settling {
        Some(settling) => settling.next().await,
        None => pending().await,
    }
}

/// Whether something was thrown outside the chunk itself and not caught.
pub(crate) fn is_uncaught(event: &Event) -> bool {
    matches!(event, Event::Exception(uncaught) if uncaught.origin != Origin::Chunk)
}
