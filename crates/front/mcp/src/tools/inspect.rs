//! `js_inspect`: looks into a session, without running any of its code.

use drupe_client::{
    Global, GlobalKind, Handle, Property,
    preview::{Key, Node, Text},
};
use drupe_preview::{Options, render, sanitize};
use rmcp::{model::CallToolResult, schemars::JsonSchema};
use serde::{Deserialize, Serialize};

use super::Call;
use crate::{
    answer::{block, result},
    outcome::Status,
    refusal::Refusal,
    session::{Page, Session},
    transcript::{Dropped, Piece},
};

/// How many positions of an object a page has unless it is said, and at most.
const USUAL_COUNT: u64 = 100;
const MAX_COUNT: u64 = 1_000;

/// How many bytes of text a page has unless it is said, and at most.
const USUAL_TEXT: u64 = 16 << 10;
const MAX_TEXT: u64 = 256 << 10;

/// How many names and completions are listed.
const MAX_LISTED: usize = 500;

/// The arguments of `js_inspect`.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    what: What,
    /// For `names` and `complete`: the session's handle.
    session: Option<String>,
    /// For `complete`: the code.
    code: Option<String>,
    /// For `complete`: where in the code, in UTF-16 code units; its end unless said.
    cursor: Option<u32>,
    /// For `page`: the handle of a result or of a console, from an answer.
    handle: Option<String>,
    /// For `page`: where it begins: a position in an object, a UTF-16 code unit of a string, a byte of a console. 0
    /// unless said.
    from: Option<u64>,
    /// For `page`: how much: positions (100 unless said, at most 1000), or code units or bytes of text (16384, at most
    /// 262144).
    count: Option<u64>,
}

/// What to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(rename_all = "snake_case")]
enum What {
    Names,
    Complete,
    Page,
}

/// What a call of `js_inspect` comes to.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct Told {
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<Refusal>,
    /// The names of the session that are not there from the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    names: Option<Vec<NameTold>>,
    /// The completions, the most likely first.
    #[serde(skip_serializing_if = "Option::is_none")]
    completions: Option<Vec<CompletionTold>>,
    /// How many names or completions are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<PageTold>,
}

/// A name of the session.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
struct NameTold {
    name: String,
    /// `let`, `const`, `var`, `function`, `class`, `import`, `enum`, `namespace`, `lexical` or `property`.
    kind: &'static str,
    /// `typeof` of a primitive, the class of an object; `uninitialized` where its declaration was not reached.
    #[serde(rename = "type")]
    type_name: String,
    /// Characters, elements or bytes, of what has a length.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    /// The value on one line.
    preview: String,
}

/// A completion.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
struct CompletionTold {
    /// What replaces the text from `start` to `end` of the code.
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// In UTF-16 code units.
    start: u32,
    end: u32,
}

/// A page of something large.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
struct PageTold {
    /// Where it begins.
    from: u64,
    /// Where the next begins; as `total`: there is no more.
    next: u64,
    /// How many positions, code units or bytes there are.
    total: u64,
    /// The text of a string or of a console.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// The properties, elements and entries of an object.
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<Vec<ItemTold>>,
    /// A part of a console that is not kept, before or behind the text of this page.
    #[serde(skip_serializing_if = "Option::is_none")]
    dropped: Option<DroppedTold>,
}

/// A part of a console that is not kept.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
struct DroppedTold {
    /// Its first byte, of all that was printed.
    from: u64,
    /// The first byte behind it.
    to: u64,
    bytes: u64,
    /// Line ends in it. Absent if the page begins within it: they were counted together.
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<u64>,
}

/// One thing in an object.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
struct ItemTold {
    /// Its name, index or key; absent for items of a set.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// Its value, short.
    value: String,
    /// Leads to the value, if it is an object or a long string.
    #[serde(skip_serializing_if = "Option::is_none")]
    handle: Option<String>,
}

pub(crate) async fn call(call: &mut Call<'_>) -> Result<CallToolResult, Refusal> {
    let args: Args = call.args()?;
    match args.what {
        What::Names => {
            let session = session(call, &args)?;
            let _attended = session.attend();
            names(&session).await
        }
        What::Complete => {
            let session = session(call, &args)?;
            let _attended = session.attend();
            complete(&session, &args).await
        }
        What::Page => page(call, &args).await,
    }
}

fn session(call: &Call<'_>, args: &Args) -> Result<std::sync::Arc<Session>, Refusal> {
    let missing = || Refusal::of("bad_argument", "session", "This takes the handle of a session.");
    call.server.session(&call.caller, args.session.as_deref().ok_or_else(missing)?)
}

async fn names(session: &Session) -> Result<CallToolResult, Refusal> {
    let globals = session.kernel.globals().await.map_err(|error| Refusal::failed(&error))?;
    // What the session begins with.
    let is_ours = |global: &Global| global.kind == GlobalKind::Property && matches!(&*global.name, "display" | "host");
    let own = globals.into_iter().filter(|global| !is_ours(global)).map(|global| NameTold {
        kind: global.kind.word(),
        type_name: global.type_name,
        size: global.size,
        preview: global.preview,
        name: global.name,
    });
    let mut names = own.collect::<Vec<_>>();
    let left_out = names.len().saturating_sub(MAX_LISTED);
    names.truncate(MAX_LISTED);
    let lines = names.iter().map(|one| format!("{} {}: {} = {}", one.kind, one.name, one.type_name, one.preview));
    let text =
        if names.is_empty() { "The session has no names of its own.".to_owned() } else { lines.collect::<Vec<_>>().join("\n") };
    Ok(result(&Told { names: Some(names), left_out: Some(left_out), ..Told::default() }, vec![block("result", text)], false))
}

async fn complete(session: &Session, args: &Args) -> Result<CallToolResult, Refusal> {
    let missing = || Refusal::of("bad_argument", "code", "This takes the code that is to be completed.");
    let code = args.code.clone().ok_or_else(missing)?;
    let cursor = args.cursor.unwrap_or(u32::MAX);
    let completions = session.kernel.complete(code, cursor).await.map_err(|error| Refusal::failed(&error))?;
    let (start, end) = (completions.start, completions.end);
    let left_out = completions.items.len().saturating_sub(MAX_LISTED);
    let items = completions.items.into_iter().take(MAX_LISTED);
    let told = items.map(|item| CompletionTold { text: item.text, detail: item.detail, start, end }).collect::<Vec<_>>();
    let text = told.iter().map(|one| one.text.clone()).collect::<Vec<_>>().join("\n");
    let data = Told { completions: Some(told), left_out: Some(left_out), ..Told::default() };
    Ok(result(&data, vec![block("result", text)], false))
}

async fn page(call: &Call<'_>, args: &Args) -> Result<CallToolResult, Refusal> {
    let missing = || Refusal::of("bad_argument", "handle", "This takes the handle of a result or of a console.");
    let name = args.handle.as_deref().ok_or_else(missing)?;
    let found = call.server.find(&call.caller, |session| session.paged(name));
    let (session, page) = found.ok_or_else(|| Refusal::unknown("page", name))?;
    let _attended = session.attend();
    let from = args.from.unwrap_or(0);
    let bytes = usize::try_from(args.count.unwrap_or(USUAL_TEXT).clamp(1, MAX_TEXT)).unwrap_or(usize::MAX);
    let told = match page {
        Page::Console(record) => {
            let record = record.upgrade().ok_or_else(|| Refusal::unknown("page", name))?;
            let state = record.state();
            PageTold::of_console(state.console.read(from, bytes), state.console.total())
        }
        Page::Late => {
            let (piece, total) = session.late(|late| late.read(from, bytes));
            PageTold::of_console(piece, total)
        }
        Page::Object(handle) => object(&session, handle, from, args.count).await?,
    };
    let text = match (&told.text, &told.items) {
        (Some(text), _) => text.clone(),
        (None, Some(items)) => items.iter().map(ItemTold::line).collect::<Vec<_>>().join("\n"),
        (None, None) => String::new(),
    };
    let content = vec![block("result", text), block("notice", told.place())];
    Ok(result(&Told { page: Some(told), ..Told::default() }, content, false))
}

/// A page of an object, or of a string.
async fn object(session: &Session, handle: Handle, from: u64, count: Option<u64>) -> Result<PageTold, Refusal> {
    let positions = count.unwrap_or(USUAL_COUNT).clamp(1, MAX_COUNT);
    let page =
        session.kernel.properties(handle, from..from.saturating_add(positions)).await.map_err(|error| Refusal::failed(&error))?;
    if let Node::String(_) = page.head {
        let units = count.unwrap_or(USUAL_TEXT).clamp(1, MAX_TEXT);
        return string(session, handle, from, page.total, units).await;
    }
    let items = page.items.into_iter().map(|item| ItemTold::of(session, &item)).collect::<Result<Vec<_>, _>>()?;
    Ok(PageTold { from: from.min(page.total), next: page.next, total: page.total, items: Some(items), ..PageTold::default() })
}

/// A page of a string. **No character is torn apart**: a page that would begin in the midst of one begins before it.
async fn string(session: &Session, handle: Handle, from: u64, total: u64, count: u64) -> Result<PageTold, Refusal> {
    let read = async |range: std::ops::Range<u64>| {
        let page = session.kernel.properties(handle, range).await.map_err(|error| Refusal::failed(&error))?;
        let Some(Node::String(piece)) = page.items.into_iter().next().map(|item| item.value) else { return Ok(None) };
        Ok::<_, Refusal>(Some((piece.text, page.next)))
    };
    let mut from = from.min(total);
    if from > 0 && from < total {
        let is_torn = |(text, next): (Text, u64)| next > from && text.as_str().chars().count() == 1;
        let around = read(from - 1..from + 1).await?;
        from -= u64::from(around.is_some_and(is_torn));
    }
    let (mut text, mut at) = (String::new(), from);
    let end = total.min(from.saturating_add(count));
    while at < end {
        let Some((piece, next)) = read(at..end).await?.filter(|(_, next)| *next > at) else { break };
        text.push_str(piece.as_str());
        at = next;
    }
    Ok(PageTold { from, next: at, total, text: Some(text), ..PageTold::default() })
}

impl PageTold {
    fn of_console(piece: Piece, total: u64) -> Self {
        let Piece { text, from, next, dropped } = piece;
        let dropped = dropped.map(|Dropped { from, to, lines }| DroppedTold { from, to, bytes: to - from, lines });
        Self { from, next, total, text: Some(text), items: None, dropped }
    }

    /// What the page is of the whole, in words.
    fn place(&self) -> String {
        let Self { from, next, total, .. } = self;
        let dropped = self.dropped.as_ref().map(|DroppedTold { from, to, bytes, lines }| {
            let lines = lines.map_or_else(String::new, |lines| format!(" with {lines} line ends"));
            format!("{bytes} bytes{lines}, {from} to {to}, are not kept; ")
        });
        // The text ends before what is not kept behind it.
        let end = self.dropped.as_ref().map(|dropped| dropped.from).filter(|end| end >= from).unwrap_or(*next);
        let more = if next < total { format!("the next page begins at {next}") } else { "there is no more".to_owned() };
        format!("{from} to {end} of {total}; {}{more}", dropped.unwrap_or_default())
    }
}

impl ItemTold {
    fn of(session: &Session, item: &Property) -> Result<Self, Refusal> {
        let short = Options { break_length: usize::MAX, ..Options::default() };
        let key = match &item.key {
            Key::Name(name) | Key::Hidden(name) => Some(sanitize(name).into_owned()),
            Key::Symbol(name) => Some(format!("Symbol({})", sanitize(name))),
            Key::Value(key) => Some(render(key, &short)),
            Key::Rejected => Some("<rejected>".to_owned()),
            Key::Item => None,
        };
        let handle = item.handle.map(|handle| session.page(Page::Object(handle))).transpose()?;
        Ok(Self { key, value: render(&item.value, &short), handle })
    }

    fn line(&self) -> String {
        match &self.key {
            Some(key) => format!("{key}: {}", self.value),
            None => self.value.clone(),
        }
    }
}
