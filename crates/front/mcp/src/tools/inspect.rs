//! `js_inspect`: looks into a session, without running any of its code.

use drupe_client::{Global, GlobalKind};
use rmcp::{
    model::{CallToolResult, ContentBlock},
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

use super::{
    Call,
    arguments::unused,
    pages::{self, ItemTold, MAX_TEXT, PageTold, USUAL_TEXT},
};
use crate::{
    answer::{HEAD, block, cut, result},
    outcome::Status,
    refusal::Refusal,
    session::{Page, Session},
};

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
    cursor: Option<u64>,
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

impl Args {
    /// Refuses what the look would not use.
    fn check(&self) -> Result<(), Refusal> {
        let of_session = [("session", self.session.is_some())];
        let of_code = [("code", self.code.is_some()), ("cursor", self.cursor.is_some())];
        let of_page = [("handle", self.handle.is_some()), ("from", self.from.is_some()), ("count", self.count.is_some())];
        match self.what {
            What::Names => unused("what=\"names\"", &[&of_code[..], &of_page].concat()),
            What::Complete => unused("what=\"complete\"", &of_page),
            What::Page => unused("what=\"page\"", &[&of_session[..], &of_code].concat()),
        }
    }
}

pub(crate) async fn call(call: &mut Call<'_>) -> Result<CallToolResult, Refusal> {
    let args: Args = call.args()?;
    args.check()?;
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
    let missing = || Refusal::of("bad_argument", "session", "This needs `session`, the handle of a session.");
    call.server.session(&call.caller, args.session.as_deref().ok_or_else(missing)?)
}

async fn names(session: &Session) -> Result<CallToolResult, Refusal> {
    if let Some(why) = session.death().await {
        return Err(Refusal::dead("session", &session.handle, &why));
    }
    let globals = session.kernel.globals().await.map_err(|error| session.refusal(&error))?;
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
    let content = listed(text, left_out);
    Ok(result(&Told { names: Some(names), left_out: Some(left_out), ..Told::default() }, content, false))
}

/// A list, and how much of it is left out.
fn listed(text: String, left_out: usize) -> Vec<ContentBlock> {
    let more =
        (left_out > 0).then(|| block("notice", format!("{left_out} more are left out here, of {}", left_out + MAX_LISTED)));
    std::iter::once(block("result", text)).chain(more).collect()
}

/// Whether a session begins with a name.
pub(super) fn is_ours(global: &Global) -> bool {
    global.kind == GlobalKind::Property && matches!(&*global.name, "display" | "host")
}

async fn complete(session: &Session, args: &Args) -> Result<CallToolResult, Refusal> {
    let missing = || Refusal::of("bad_argument", "code", "what=\"complete\" needs `code`, which is to be completed.");
    let code = args.code.clone().ok_or_else(missing)?;
    // One behind the end is the end.
    let cursor = args.cursor.map_or(u32::MAX, |cursor| u32::try_from(cursor).unwrap_or(u32::MAX));
    if let Some(why) = session.death().await {
        return Err(Refusal::dead("session", &session.handle, &why));
    }
    let completions = session.kernel.complete(code, cursor).await.map_err(|error| session.refusal(&error))?;
    let (start, end) = (completions.start, completions.end);
    let left_out = completions.items.len().saturating_sub(MAX_LISTED);
    let items = completions.items.into_iter().take(MAX_LISTED);
    let told = items.map(|item| CompletionTold { text: item.text, detail: item.detail, start, end }).collect::<Vec<_>>();
    let text = told.iter().map(|one| one.text.clone()).collect::<Vec<_>>().join("\n");
    let data = Told { completions: Some(told), left_out: Some(left_out), ..Told::default() };
    Ok(result(&data, listed(text, left_out), false))
}

async fn page(call: &Call<'_>, args: &Args) -> Result<CallToolResult, Refusal> {
    let needs = "what=\"page\" needs `handle`, the handle of a result or of a console, from an answer.";
    let missing = || Refusal::of("bad_argument", "handle", needs);
    let name = args.handle.as_deref().ok_or_else(missing)?;
    let found = call.server.find(&call.caller, |session| session.paged(name));
    let (session, page) = found.ok_or_else(|| call.server.unknown(&call.caller, "handle", name))?;
    let _attended = session.attend();
    let from = args.from.unwrap_or(0);
    let bytes = usize::try_from(args.count.unwrap_or(USUAL_TEXT).clamp(1, MAX_TEXT)).unwrap_or(usize::MAX);
    let mut told = match page {
        Page::Console(record) => {
            let record = record.upgrade().ok_or_else(|| Refusal::unknown("handle", name))?;
            let state = record.state();
            PageTold::of_console(state.console.read(from, bytes), state.console.total())
        }
        Page::Late => {
            let (piece, total) = session.late(|late| late.read(from, bytes));
            PageTold::of_console(piece, total)
        }
        Page::Object(handle) => {
            if let Some(why) = session.death().await {
                return Err(Refusal::dead("handle", &session.handle, &why));
            }
            pages::object(&session, handle, name, from, args.count).await?
        }
    };
    let place = told.place(from);
    let text = match (told.text.take(), &told.items) {
        (Some(text), _) => {
            told.text = Some(cut(&text, HEAD));
            told.text_bytes = Some(text.len() as u64);
            text
        }
        (None, Some(items)) => items.iter().map(ItemTold::line).collect::<Vec<_>>().join("\n"),
        (None, None) => String::new(),
    };
    let content = vec![block("result", text), block("notice", place)];
    Ok(result(&Told { page: Some(told), ..Told::default() }, content, false))
}
