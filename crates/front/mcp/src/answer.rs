//! The result of a call that runs code: blocks of content for the model, and the outcome as data.
//!
//! **Text of the program stands in blocks of its own**: what the server says is never in the same block, so that a
//! program cannot speak for it. `_meta` says of each block what it is.

use std::sync::Arc;

use drupe_client::json::TypedJson;
use rmcp::model::{CallToolResult, ContentBlock, JsonObject, MetaObject, TextContent};
use serde::Serialize;

use crate::{
    asked::question_for,
    going::Going,
    image::Image,
    late::{self, Late, LatePiece},
    notice::{details, notice},
    outcome::{RunTold, Status},
    parts::{ConsoleTold, EarlierTold, LateTold},
    record::{Cut, Record, State},
    refusal::Refusal,
    session::{Page, Session},
    wanted::Profile,
};

/// How many bytes of a console or of a result an answer shows.
const SHOWN: usize = 16 << 10;

/// How many bytes of a text the data has, which stands in a block as well: **a long text is in an answer once**.
pub(crate) const HEAD: usize = 1 << 10;

/// The key in `_meta` of a block that says what it is: `console`, `late`, `result`, `error`, `details` or `notice`.
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
    /// How many sessions were closed because the calls that opened them were cancelled.
    pub(crate) closed_unheard: usize,
    /// What else there is to say of the call.
    pub(crate) note: &'static str,
}

impl<'a> Told<'a> {
    pub(crate) fn new(session: &'a Arc<Session>, record: &'a Arc<Record>) -> Self {
        Self { session, record, opened: false, interrupted: None, closed_unheard: 0, note: "" }
    }
}

/// Tells what is new of a run. **A run whose end was told is told whole again.**
pub(crate) async fn tell(told: &Told<'_>) -> Result<CallToolResult, Refusal> {
    let Told { session, record, .. } = told;
    let questions = session.questions.told(record.run);
    let mut answer = RunTold {
        session: Some(session.handle.clone()),
        session_opened: told.opened,
        run: Some(record.handle.clone()),
        interrupted: told.interrupted,
        questions,
        limits: Some(record.limits_told(session, told.opened)),
        earlier: earlier(told),
        ..RunTold::default()
    };
    let mut content = Vec::new();
    tell_late(session, &mut answer, &mut content)?;
    let going = if record.has_ended() { None } else { Some(Going::of(session, record).await) };
    let images = {
        let mut state = record.state();
        // Read once: the run may end at any time.
        let has_ended = state.end.is_some();
        answer.status = if has_ended { Status::Ended } else { Status::Running };
        if std::mem::replace(&mut state.end_told, has_ended) {
            (state.console_told, state.images_told) = (0, 0);
        }
        console(&mut state, &mut answer, &mut content);
        facts(&state, session, &mut answer);
        outcome(&state, session.why_closed(), &mut answer, &mut content);
        let (first, all) = (state.images_told, state.images.len());
        state.images_told = all;
        state.images[first..].to_vec()
    };
    if let Some(going) = going.filter(|_| matches!(answer.status, Status::Running)) {
        (answer.state, answer.message, answer.cost) = (Some("in_use"), going.message, going.cost);
        answer.waits_for = going.waits_for;
    }
    page_result(session, record, &mut answer)?;
    page_console(session, record, &mut answer)?;
    answer.message.push_str(told.note);
    answer.images = images.len();
    content.extend(images.into_iter().map(|Image { mime, base64 }| ContentBlock::image(base64, mime)));
    content.extend(details(&answer).map(|details| block("details", details)));
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

/// What became of runs whose calls were cancelled: **no answer has told it**.
fn earlier(of: &Told<'_>) -> Vec<EarlierTold> {
    let Told { session, record, closed_unheard, .. } = of;
    let message = "a call that opened a session was cancelled before its answer, which stopped its run and closed the session";
    let closed = EarlierTold { run: None, outcome: None, state: Some("lost"), message: message.to_owned() };
    let mut told = vec![closed; *closed_unheard];
    for earlier in session.unheard() {
        let mut state = earlier.state();
        let Some(end) = &state.end else { continue };
        let mut of = RunTold::default();
        match &end.report {
            Ok(report) => of.end(report, None, state.new_session.as_deref()),
            Err(error) => of.failed(error, session.why_closed()),
        }
        let what = if earlier.run == record.run { "its call".to_owned() } else { format!("the call of run {}", earlier.handle) };
        let message = format!("{what} was cancelled before its answer, which stopped the run ({})", of.message);
        told.push(EarlierTold { run: Some(earlier.handle.clone()), outcome: of.outcome, state: of.state, message });
        state.is_unheard = false;
    }
    told
}

/// What callbacks of earlier runs printed, and how many images they handed over.
fn tell_late(session: &Session, answer: &mut RunTold, content: &mut Vec<ContentBlock>) -> Result<(), Refusal> {
    answer.late_images = session.late(Late::take_images);
    if let Some(LatePiece { text, from, to, dropped, cut, uncaught, handle }) = late::take(session, SHOWN)? {
        let bytes = to - from;
        answer.late = Some(LateTold {
            bytes,
            left_out_bytes: bytes - text.len() as u64,
            from,
            dropped_bytes: dropped.0,
            dropped_lines: dropped.1,
            cut_bytes: cut.bytes,
            cut_args: cut.args,
            uncaught,
            handle,
        });
        content.push(block("late", text));
    }
    Ok(())
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

fn facts(state: &State, session: &Session, answer: &mut RunTold) {
    answer.uncaught = state.uncaught;
    answer.images_left_out.clone_from(&state.images_left_out);
    answer.permissions.clone_from(&state.permissions);
    answer.permissions_left_out = state.permissions_left_out;
    for told in answer.permissions.iter_mut().filter(|told| told.granted) {
        // The policy was changed for it.
        if session.questions.has_granted(told.permission, &told.resource) {
            told.by = "person";
        }
    }
    // The question about one says who denied it.
    for told in answer.permissions.iter_mut().filter(|told| !told.granted) {
        let question = question_for(told.permission, &told.resource, &told.api);
        let asked = answer.questions.iter().rev().find(|asked| asked.kind == "permission" && asked.question == question);
        told.by = match asked {
            Some(asked) => asked.by,
            None if session.wanted.profile == Profile::Compute => "profile",
            None => told.by,
        };
    }
    answer.new_session.clone_from(&state.new_session);
}

/// The end of the run, if it has ended. `closed`: why its session is closed, if it is.
fn outcome(state: &State, closed: Option<&str>, answer: &mut RunTold, content: &mut Vec<ContentBlock>) {
    let Some(end) = &state.end else { return };
    let report = match &end.report {
        Ok(report) => report,
        Err(error) => return answer.failed(error, closed),
    };
    answer.end(report, end.memory.as_ref(), state.new_session.as_deref());
    if let Some(exception) = report.outcome.exception() {
        content.push(block("error", cut(&exception.to_string(), SHOWN)));
    }
    let Some(result) = state.result.as_ref().filter(|_| report.outcome.is_value()) else { return };
    // A statement has no value, and a console shows none.
    if result.text != "undefined" {
        content.push(block("result", cut(&result.text, SHOWN)));
    }
    answer.text = Some(cut(&result.text, HEAD));
    answer.text_bytes = (result.text.len() > HEAD).then_some(result.text.len() as u64);
    let is_long = |value: &serde_json::Value| value.as_str().is_some_and(|text| text.len() > HEAD);
    let value = result.value.as_ref().and_then(|value| serde_json::to_value(TypedJson(value)).ok());
    answer.value = value.filter(|value| !is_long(value));
}

/// The beginning of a text, and how much more of it there is.
pub(crate) fn cut(text: &str, most: usize) -> String {
    match text.floor_char_boundary(most) {
        end if end < text.len() => format!("{}… ({} bytes more)", &text[..end], text.len() - end),
        _ => text.to_owned(),
    }
}
