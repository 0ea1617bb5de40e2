//! Not in upstream: a menu of completions below the line.

use crate::completion::{Candidate, Completer};
use crate::edit::State;
use crate::keymap::{InputState, Refresher as _};
use crate::tty::{Renderer as _, Term, Terminal};
use crate::{Cmd, Helper, Movement, Prompt, Result};

/// Shows `candidates` below the line, and puts the one that is chosen in place of what is between `start` and the cursor. What ended
/// the menu, if it is still to be done.
pub(crate) fn choose<H: Helper, P: Prompt + ?Sized>(
    rdr: &mut <Terminal as Term>::Reader,
    s: &mut State<'_, '_, H, P>,
    input_state: &mut InputState,
    completer: &H,
    start: usize,
    candidates: &[H::Candidate],
) -> Result<Option<Cmd>> {
    let typed = s.line.as_str().to_owned();
    let typed_pos = s.line.pos();
    let mark = s.changes.begin();
    let count = candidates.len();
    let mut selected = None;
    s.in_menu = true;
    let next = loop {
        let (rows, columns) = (usize::from(s.out.get_rows()), usize::from(s.out.get_columns()));
        let room = rows.saturating_sub(usize::from(s.line_rows())).max(1);
        let (text, beside, page) = completer.menu(candidates, selected, room, columns);
        s.show_menu(&format!("\n{text}"))?;
        let cmd = s.next_cmd(input_state, rdr, true, false)?;
        // Esc of Vi
        let cmd = if input_state.inserts() { cmd } else { Cmd::Abort };
        selected = match (cmd, selected) {
            (Cmd::Complete | Cmd::LineDownOrNextHistory(_) | Cmd::NextHistory, now) => {
                Some(now.map_or(0, |now| (now + 1) % count))
            }
            (Cmd::CompleteBackward | Cmd::LineUpOrPreviousHistory(_) | Cmd::PreviousHistory, now) => {
                Some(now.and_then(|now| now.checked_sub(1)).unwrap_or(count - 1))
            }
            (Cmd::Move(Movement::ForwardChar(_)) | Cmd::CompleteHint, Some(now)) => {
                Some(if now + beside < count { now + beside } else { now })
            }
            (Cmd::Move(Movement::BackwardChar(_)), Some(now)) => Some(now.checked_sub(beside).unwrap_or(now)),
            (Cmd::PageForward, now) => {
                let now = now.unwrap_or(0);
                let row = now % beside.max(1);
                Some((now + (row + page).min(beside.saturating_sub(1)) - row).min(count - 1))
            }
            (Cmd::PageBackward, now) => {
                let now = now.unwrap_or(0);
                Some(now - (now % beside.max(1)).min(page))
            }
            (Cmd::Repaint | Cmd::Noop, now) => now,
            (Cmd::Abort, _) => {
                s.line.update(&typed, typed_pos, &mut s.changes);
                break None;
            }
            (Cmd::AcceptLine | Cmd::AcceptOrInsertLine { .. } | Cmd::Newline, Some(_)) => break None,
            (cmd, _) => break Some(cmd),
        };
        if let Some(now) = selected {
            s.line.update(&typed, typed_pos, &mut s.changes);
            completer.update(&mut s.line, start, candidates[now].replacement(), &mut s.changes);
        }
    };
    s.in_menu = false;
    if next.is_none() && s.line.as_str() == typed {
        s.changes.truncate(mark);
    } else {
        s.changes.end();
    }
    s.refresh_line()?;
    Ok(next)
}
