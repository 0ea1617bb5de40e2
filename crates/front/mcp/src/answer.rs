//! The result of a call that runs code: blocks of content for the model, and the outcome as data.
//!
//! **Text of the program stands in blocks of its own**: what the server says is never in the same block, so that a
//! program cannot speak for it. `_meta` says of each block what it is.

use std::sync::Arc;

use drupe_client::json::TypedJson;
use rmcp::model::{CallToolResult, ContentBlock, JsonObject, MetaObject, TextContent};
use serde::Serialize;

use crate::{
    image::Image,
    outcome::{ConsoleTold, CostTold, LateTold, RunTold, Status},
    record::{PATIENCE, Record, State},
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
    late(session, &mut answer, &mut content);
    if !record.has_ended() {
        running(told, &mut answer).await;
    }
    let has_ended = record.has_ended();
    answer.status = if has_ended { Status::Ended } else { Status::Running };
    if has_ended {
        page_result(session, record)?;
    }
    let images = {
        let mut state = record.state();
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
    page_console(session, record, &mut answer)?;
    answer.images = images.len();
    content.extend(images.into_iter().map(|Image { mime, base64 }| ContentBlock::image(base64, mime)));
    content.push(block("notice", notice(&answer)));
    Ok(result(&answer, content, answer.is_error()))
}

/// The result of a call that was not carried out.
pub(crate) fn refused(refusal: Refusal) -> CallToolResult {
    let content = vec![block("notice", format!("{} Nothing was done ({}).", refusal.message, refusal.code))];
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

/// What callbacks of earlier runs printed.
fn late(session: &Session, answer: &mut RunTold, content: &mut Vec<ContentBlock>) {
    let Some((text, left_out_bytes)) = session.take_late(SHOWN) else { return };
    answer.late = Some(LateTold { bytes: text.len() as u64 + left_out_bytes, left_out_bytes });
    content.push(block("late", text));
}

/// What a run that goes on has used.
async fn running(told: &Told<'_>, answer: &mut RunTold) {
    let Told { session, record, .. } = told;
    answer.state = Some("in_use");
    let status = tokio::time::timeout(PATIENCE, session.kernel.status()).await.ok().and_then(Result::ok);
    let is_active = status.as_ref().is_some_and(|status| status.run == Some(record.run));
    let asks = session.questions.any_open();
    answer.message = match (&status, is_active) {
        (_, true) if asks => "It waits for a person's answer; js_wait asks".to_owned(),
        (Some(status), true) if status.executing => "It computes; js_wait waits on, js_interrupt stops it".to_owned(),
        (_, true) => "It awaits; js_wait waits on, js_interrupt stops it".to_owned(),
        (Some(_), false) => "It waits for an earlier run of the session to end".to_owned(),
        (None, false) => "It runs; the kernel does not say what it does at this moment".to_owned(),
    };
    if let Some(status) = status.filter(|_| is_active) {
        answer.cost = Some(CostTold {
            cpu_ms: to_f64(status.cpu_ms),
            wall_ms: to_f64(status.elapsed_ms),
            heap_bytes: Some(status.heap_used),
            heap_limit_bytes: Some(status.heap_limit),
            external_bytes: Some(status.external),
        });
    }
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
    let mut told = ConsoleTold { from, to, dropped_bytes, dropped_lines, dropped_events, ..ConsoleTold::default() };
    let first = state.console.read(from, SHOWN);
    let mut shown = first.text.len() as u64;
    if from < to && first.next >= to && first.from == from {
        content.push(block("console", first.text));
    } else if from < to {
        let start = state.console.read(from, SHOWN / 2);
        let end = state.console.read(to.saturating_sub(SHOWN as u64 / 2).max(start.next), SHOWN);
        shown = (start.text.len() + end.text.len()) as u64;
        let left_out = to - from - shown;
        content.push(block("console", start.text));
        content.push(block("notice", format!("({left_out} bytes of console output are left out here)")));
        content.push(block("console", end.text));
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
fn page_result(session: &Session, record: &Record) -> Result<(), Refusal> {
    let handle = {
        let state = record.state();
        if state.result_page.is_some() { None } else { state.result.as_ref().and_then(|result| result.handle) }
    };
    if let Some(handle) = handle {
        record.state().result_page = Some(session.page(Page::Object(handle))?);
    }
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
    answer.result_handle.clone_from(&state.result_page);
    answer.value = result.value.as_ref().and_then(|value| serde_json::to_value(TypedJson(value)).ok());
}

fn cut(text: &str) -> String {
    match text.floor_char_boundary(SHOWN) {
        end if end < text.len() => format!("{}… ({} bytes more)", &text[..end], text.len() - end),
        _ => text.to_owned(),
    }
}

/// The data in words, for clients that show a model only the blocks.
fn notice(answer: &RunTold) -> String {
    let mut parts = vec![answer.message.clone()];
    parts.extend(answer.new_session.as_ref().map(|why| format!("it began a new session, without earlier variables: {why}")));
    parts.extend(answer.lost.iter().map(|lost| format!("lost: {lost}")));
    parts.extend(answer.images_left_out.iter().cloned());
    let denied = answer.permissions.iter().filter(|told| !told.granted);
    parts.extend(denied.map(|told| format!("denied: {} {} ({})", told.permission, told.resource, told.api)));
    let unasked = answer.questions.iter().filter(|told| told.by == "nobody");
    parts.extend(unasked.map(|told| format!("nobody could be asked, so the {} got {}", told.kind, told.answer)));
    if let Some(ConsoleTold { handle: Some(handle), .. }) = &answer.console {
        parts.push(format!("all of the console: js_inspect with handle {handle}"));
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
