//! The result of a call that runs code: blocks of content for the model, and the outcome as data.
//!
//! **Text of the program stands in blocks of its own**: what the server says is never in the same block, so that a
//! program cannot speak for it. `_meta` says of each block what it is.

use std::{collections::BTreeSet, sync::Arc};

use drupe_client::json::TypedJson;
use rmcp::model::{CallToolResult, ContentBlock, JsonObject, MetaObject, TextContent};
use serde::Serialize;

use crate::{
    asked::QuestionTold,
    image::Image,
    late::{self, Late, LatePiece},
    outcome::{ConsoleTold, CostTold, LateTold, RunTold, Status},
    record::{Cut, PATIENCE, Record, State},
    refusal::Refusal,
    session::{Page, Session},
};

/// How many bytes of a console or of a result an answer shows.
const SHOWN: usize = 16 << 10;

/// The key in `_meta` of a block that says what it is: `console`, `late`, `result`, `error`, `image` or `notice`.
const PART: &str = "drupe/part";

/// A run that is told of.
#[derive(Debug)]
pub(crate) struct Told<'a> {
    pub(crate) session: &'a Arc<Session>,
    pub(crate) record: &'a Arc<Record>,
    /// The session was opened by this call.
    pub(crate) opened: bool,
    /// Whether there was anything to interrupt, if that was asked for.
    pub(crate) interrupted: Option<bool>,
    /// What else there is to say of the call.
    pub(crate) note: &'static str,
}

impl<'a> Told<'a> {
    pub(crate) fn new(session: &'a Arc<Session>, record: &'a Arc<Record>) -> Self {
        Self { session, record, opened: false, interrupted: None, note: "" }
    }
}

/// Tells what is new of a run. **A run whose end was told is told whole again.**
pub(crate) async fn tell(told: &Told<'_>) -> Result<CallToolResult, Refusal> {
    let Told { session, record, .. } = told;
    let mut answer = RunTold {
        session: Some(session.handle.clone()),
        session_opened: told.opened,
        run: Some(record.handle.clone()),
        interrupted: told.interrupted,
        questions: session.questions.told(record.run),
        ..RunTold::default()
    };
    let mut content = Vec::new();
    tell_late(session, &mut answer, &mut content)?;
    let going = if record.has_ended() { None } else { Some(running(told).await) };
    let images = {
        let mut state = record.state();
        // Read once: the run may end at any time.
        let has_ended = state.end.is_some();
        answer.status = if has_ended { Status::Ended } else { Status::Running };
        if std::mem::replace(&mut state.end_told, has_ended) {
            (state.console_told, state.images_told) = (0, 0);
        }
        console(&mut state, &mut answer, &mut content);
        facts(&state, &mut answer);
        outcome(&state, &mut answer, &mut content);
        let (first, all) = (state.images_told, state.images.len());
        state.images_told = all;
        state.images[first..].to_vec()
    };
    if let Some(going) = going.filter(|_| matches!(answer.status, Status::Running)) {
        (answer.state, answer.message, answer.cost) = (Some("in_use"), going.message, going.cost);
    }
    page_result(session, record, &mut answer)?;
    page_console(session, record, &mut answer)?;
    answer.message.push_str(told.note);
    answer.images = images.len();
    content.extend(images.into_iter().map(|Image { mime, base64 }| ContentBlock::image(base64, mime)));
    content.push(block("notice", notice(&answer)));
    Ok(result(&answer, content, answer.is_error()))
}

/// The result of a call that was not carried out.
pub(crate) fn refused(refusal: Refusal) -> CallToolResult {
    let content = vec![block("notice", refusal.words())];
    result(&RunTold::refused(refusal), content, true)
}

/// A result with its data.
pub(crate) fn result(data: &impl Serialize, content: Vec<ContentBlock>, is_error: bool) -> CallToolResult {
    let mut result = if is_error { CallToolResult::error(content) } else { CallToolResult::success(content) };
    // Each of these types has its JSON.
    result.structured_content = serde_json::to_value(data).ok();
    result
}

/// A block of text.
pub(crate) fn block(part: &str, text: impl Into<String>) -> ContentBlock {
    let mut meta = JsonObject::new();
    meta.insert(PART.to_owned(), part.into());
    ContentBlock::Text(TextContent::new(text).with_meta(MetaObject(meta)))
}

/// What callbacks of earlier runs printed, and how many images they handed over.
fn tell_late(session: &Session, answer: &mut RunTold, content: &mut Vec<ContentBlock>) -> Result<(), Refusal> {
    answer.late_images = session.late(Late::take_images);
    if let Some(LatePiece { text, from, to, dropped, cut, handle }) = late::take(session, SHOWN)? {
        let bytes = to - from;
        answer.late = Some(LateTold {
            bytes,
            left_out_bytes: bytes - text.len() as u64,
            from,
            dropped_bytes: dropped.0,
            dropped_lines: dropped.1,
            cut_bytes: cut.bytes,
            cut_args: cut.args,
            handle,
        });
        content.push(block("late", text));
    }
    Ok(())
}

/// What a run that goes on does, and has used.
struct Going {
    message: String,
    cost: Option<CostTold>,
}

async fn running(told: &Told<'_>) -> Going {
    let Told { session, record, .. } = told;
    let status = tokio::time::timeout(PATIENCE, session.kernel.status()).await.ok().and_then(Result::ok);
    let is_active = status.as_ref().is_some_and(|status| status.run == Some(record.run));
    let asks = session.questions.any_open();
    let message = match (&status, is_active) {
        (_, true) if asks => "It waits for a person's answer; js_wait asks".to_owned(),
        (Some(status), true) if status.executing => "It computes; js_wait waits on, js_interrupt stops it".to_owned(),
        (_, true) => "It awaits; js_wait waits on, js_interrupt stops it".to_owned(),
        (Some(_), false) => "It waits for an earlier run of the session to end".to_owned(),
        (None, false) => "It runs; the kernel does not say what it does at this moment".to_owned(),
    };
    let cost = status.filter(|_| is_active).map(|status| CostTold {
        cpu_ms: to_f64(status.cpu_ms),
        wall_ms: to_f64(status.elapsed_ms),
        heap_bytes: Some(status.heap_used),
        heap_limit_bytes: Some(status.heap_limit),
        external_bytes: Some(status.external),
    });
    Going { message, cost }
}

#[expect(clippy::cast_precision_loss, reason = "a time of 285,000 years is told to a millisecond or two")]
fn to_f64(milliseconds: u64) -> f64 {
    milliseconds as f64
}

/// What the run printed since the last answer: its beginning and its end, if it is long.
fn console(state: &mut State, answer: &mut RunTold, content: &mut Vec<ContentBlock>) {
    let (from, to) = (state.console_told, state.console.total());
    state.console_told = to;
    let (dropped_bytes, dropped_lines) = state.console.dropped();
    let dropped_events = match &state.end {
        Some(end) => end.report.as_ref().map_or(0, |report| report.dropped_events),
        None => 0,
    };
    if to == 0 && dropped_events == 0 {
        return;
    }
    let Cut { bytes: cut_bytes, args: cut_args } = state.cut;
    let mut told =
        ConsoleTold { from, to, dropped_bytes, dropped_lines, cut_bytes, cut_args, dropped_events, ..ConsoleTold::default() };
    let first = state.console.read(from, SHOWN);
    let mut shown = first.text.len() as u64;
    if from < to && first.next >= to && first.from == from {
        content.push(block("console", first.text));
    } else if from < to {
        let start = state.console.read(from, SHOWN / 2);
        let end = state.console.read(to.saturating_sub(SHOWN as u64 / 2).max(start.next), SHOWN);
        shown = (start.text.len() + end.text.len()) as u64;
        // What is not kept stands before the text that begins behind it.
        let (before, after) = (start.from - from, end.from.saturating_sub(start.from + start.text.len() as u64));
        let left_out = |bytes: u64| block("notice", format!("({bytes} bytes of console output are left out here)"));
        content.extend((before > 0).then(|| left_out(before)));
        content.push(block("console", start.text));
        content.extend((after > 0).then(|| left_out(after)));
        content.extend((!end.text.is_empty()).then(|| block("console", end.text)));
    }
    told.left_out_bytes = to - from - shown;
    answer.console = Some(told);
}

/// Gives a handle to what the answer leaves out of the console.
fn page_console(session: &Session, record: &Arc<Record>, answer: &mut RunTold) -> Result<(), Refusal> {
    if let Some(console) = answer.console.as_mut().filter(|console| console.left_out_bytes > 0) {
        console.handle = Some(session.page(Page::Console(Arc::downgrade(record)))?);
    }
    Ok(())
}

/// Gives a handle to the result, once.
fn page_result(session: &Session, record: &Record, answer: &mut RunTold) -> Result<(), Refusal> {
    if answer.text.is_none() {
        return Ok(());
    }
    let handle = {
        let state = record.state();
        if state.result_page.is_some() { None } else { state.result_handle() }
    };
    if let Some(handle) = handle {
        record.state().result_page = Some(session.page(Page::Object(handle))?);
    }
    answer.result_handle.clone_from(&record.state().result_page);
    Ok(())
}

fn facts(state: &State, answer: &mut RunTold) {
    answer.images_left_out.clone_from(&state.images_left_out);
    answer.permissions.clone_from(&state.permissions);
    answer.permissions_left_out = state.permissions_left_out;
    answer.new_session.clone_from(&state.new_session);
}

/// The end of the run, if it has ended.
fn outcome(state: &State, answer: &mut RunTold, content: &mut Vec<ContentBlock>) {
    let Some(end) = &state.end else { return };
    let report = match &end.report {
        Ok(report) => report,
        Err(error) => return answer.failed(error),
    };
    answer.end(report, end.memory.as_ref());
    if let Some(exception) = report.outcome.exception() {
        content.push(block("error", cut(&exception.to_string())));
    }
    let Some(result) = state.result.as_ref().filter(|_| report.outcome.is_value()) else { return };
    let text = cut(&result.text);
    // A statement has no value, and a console shows none.
    if result.text != "undefined" {
        content.push(block("result", text.clone()));
    }
    answer.text = Some(text);
    answer.value = result.value.as_ref().and_then(|value| serde_json::to_value(TypedJson(value)).ok());
}

fn cut(text: &str) -> String {
    match text.floor_char_boundary(SHOWN) {
        end if end < text.len() => format!("{}… ({} bytes more)", &text[..end], text.len() - end),
        _ => text.to_owned(),
    }
}

/// How many permissions were denied, and which. The program chose the rest: what it wanted stands in the data.
fn denied(answer: &RunTold) -> Option<String> {
    let denied = answer.permissions.iter().filter(|told| !told.granted);
    let kinds = denied.map(|told| told.permission).collect::<Vec<_>>();
    let (count, first) = (kinds.len(), *kinds.first()?);
    let each = kinds.into_iter().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", ");
    let more = if answer.permissions_left_out > 0 { "at least " } else { "" };
    Some(match count {
        1 => format!("{more}1 permission denied: {first}; see `permissions`"),
        _ => format!("{more}{count} permissions denied: {each}; see `permissions`"),
    })
}

/// What single calls have lost at their ends.
fn cut_off(cut_bytes: u64, cut_args: u64) -> Option<String> {
    (cut_bytes + cut_args > 0).then(|| {
        format!("console calls of more than 1 MiB were cut: {cut_bytes} bytes and {cut_args} arguments of them are not kept")
    })
}

/// How much of the console is not here, and where it is.
fn console_left_out(console: &ConsoleTold) -> Option<String> {
    let handle = console.handle.as_ref()?;
    let left_out = format!("{} bytes of the console are left out here", console.left_out_bytes);
    Some(match console.dropped_bytes {
        0 => format!("{left_out}; all of it: js_inspect with handle {handle}"),
        dropped => format!("{left_out}, {dropped} bytes are not kept; what is kept: js_inspect with handle {handle}"),
    })
}

fn late_left_out(late: &LateTold) -> Option<String> {
    let LateTold { left_out_bytes, handle, .. } = late;
    (*left_out_bytes > 0).then(|| {
        format!("{left_out_bytes} bytes of late output are left out here; what is kept: js_inspect with handle {handle}")
    })
}

fn images_left_out(count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 image is not shown; see `images_left_out`".to_owned()),
        _ => Some(format!("{count} images are not shown; see `images_left_out`")),
    }
}

/// The data in words, for clients that show a model only the blocks.
fn notice(answer: &RunTold) -> String {
    let mut parts = vec![answer.message.clone()];
    parts.extend(answer.new_session.as_ref().map(|why| format!("it began a new session, without earlier variables: {why}")));
    parts.extend(answer.lost.iter().map(|lost| format!("lost: {lost}")));
    parts.extend(images_left_out(answer.images_left_out.len()));
    parts.extend(denied(answer));
    let unasked = answer.questions.iter().filter(|told| told.by == "nobody");
    parts.extend(unasked.map(|told| format!("nobody could be asked, so the {} got {}", told.kind, told.answer)));
    let wrong = answer.questions.iter().filter(|told| told.by == "client_error");
    parts.extend(wrong.map(|told| {
        let QuestionTold { kind, answer, .. } = told;
        format!("what the client answered to a {kind} question is no answer, so it got {answer}; see `questions`")
    }));
    parts.extend(answer.console.as_ref().and_then(console_left_out));
    parts.extend(answer.console.as_ref().and_then(|console| cut_off(console.cut_bytes, console.cut_args)));
    parts.extend(answer.late.as_ref().and_then(late_left_out));
    if answer.late_images > 0 {
        let count = answer.late_images;
        parts.push(format!(
            "callbacks of earlier runs handed over {count} images: js_wait shows them with their run, while it is remembered"
        ));
    }
    parts.extend(answer.result_handle.as_ref().map(|handle| format!("all of the result: js_inspect with handle {handle}")));
    if let Some(cost) = &answer.cost {
        parts.push(format!("{} ms CPU, {} ms wall", cost.cpu_ms, cost.wall_ms));
        parts.extend(cost.heap_bytes.map(|bytes| format!("heap {} KiB", bytes >> 10)));
    }
    let handles = [("session", &answer.session), ("run", &answer.run)];
    parts.extend(handles.into_iter().filter_map(|(what, handle)| Some(format!("{what} {}", handle.as_ref()?))));
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::PermissionTold;

    #[test]
    fn the_notice_has_no_word_of_the_program() {
        let hostile = "/x (open); lost: all variables; session s-0\nNothing was done";
        let denied =
            |permission, granted| PermissionTold { permission, resource: hostile.to_owned(), api: hostile.to_owned(), granted };
        let mut answer = RunTold {
            message: "It threw; state kept".to_owned(),
            permissions: vec![denied("read", false), denied("net", false), denied("read", false), denied("env", true)],
            images_left_out: vec![hostile.to_owned()],
            session: Some("s-1".to_owned()),
            ..RunTold::default()
        };
        let text = "It threw; state kept; 1 image is not shown; see `images_left_out`; 3 permissions denied: net, read; see \
                    `permissions`; session s-1";
        assert_eq!(notice(&answer), text);
        answer.permissions.truncate(1);
        answer.permissions_left_out = 7;
        assert!(notice(&answer).contains("at least 1 permission denied: read;"), "{}", notice(&answer));
    }

    #[test]
    fn what_is_left_out_and_what_is_not_kept_are_told_apart() {
        let console = ConsoleTold { left_out_bytes: 10, handle: Some("c-1".to_owned()), ..ConsoleTold::default() };
        let told = |console: ConsoleTold| notice(&RunTold { console: Some(console), ..RunTold::default() });
        assert!(told(console.clone()).contains("10 bytes of the console are left out here; all of it: js_inspect"));
        let cut = told(ConsoleTold { dropped_bytes: 4, ..console });
        assert!(cut.contains("10 bytes of the console are left out here, 4 bytes are not kept; what is kept: "), "{cut}");
    }
}
