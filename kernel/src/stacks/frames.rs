//! The `stack` of errors: V8's text, without the kernel's own frames and with positions in the user's text.

use drupe_protocol::{Position, event::Location};

use crate::{
    isolate::{
        marked::unmarked,
        peek,
        realm::Realm,
        scripts::{Scripts, is_guard, is_internal},
    },
    stacks::{located, said},
};

/// Where V8 says that its own functions are.
const NATIVE: &str = "<anonymous>";

/// What code is called that `eval` was given.
pub(crate) const EVAL: &str = "eval";

/// How V8 begins to say where code was evaluated.
const EVAL_AT: &str = "eval at ";

/// A message of more lines than this hides the frames behind it.
const MAX_LINES: usize = 1_000;

/// V8's callback for the first look at an error's `stack`.
///
/// Registering it switches off V8's own handling of `Error.prepareStackTrace`, on which npm packages rely: so it is
/// called from here.
pub(crate) fn prepare_stack_trace<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    error: v8::Local<'s, v8::Value>,
    sites: v8::Local<'s, v8::Array>,
) -> v8::Local<'s, v8::Value> {
    if let Some(stack) = user_stack(scope, error, sites) {
        return stack;
    }
    let realm = Realm::of(scope);
    // This runs the user's code, which may load what adds scripts.
    let (mut stack, asked) = header(scope, error);
    let at = located::of(scope, error);
    if let Some(at) = &at {
        stack.push_str(&format!("\n    at {}:{}:{}", at.script, at.position.line + 1, at.position.column + 1));
    }
    let scripts = realm.scripts.borrow();
    let mut lines = Lines::default();
    for index in 0..sites.length() {
        v8::scope!(let scope, scope);
        let site = sites.get_index(scope, index).and_then(|site| site_text(scope, &realm, site));
        if let Some(site) = site {
            lines.take(site, &scripts);
        }
    }
    lines.fill(scope, error, sites.length() as usize, &scripts);
    let within = at.filter(|_| located::is_within_frame(scope, error)).map(|at| at.script + ":");
    for (index, line) in lines.end().into_iter().enumerate() {
        if index == 0 && within.as_deref().is_some_and(|script| place(&line).1.starts_with(script)) {
            continue;
        }
        stack.push_str("\n    at ");
        stack.push_str(&line);
    }
    if let (Some(message), Ok(error)) = (asked, error.try_cast::<v8::Object>()) {
        said::note(scope, error, &stack, &message);
    }
    v8::String::new(scope, &stack).map_or_else(|| v8::undefined(scope).into(), Into::into)
}

/// The lines of a stack, as call sites bring them.
#[derive(Default)]
struct Lines {
    shown: Vec<String>,
    /// Where a guard of a constant threw: it stands for the assignment that its caller made.
    guarded: Option<String>,
    /// A native function's frame, until it is known whose call it was.
    held: Option<String>,
}

impl Lines {
    /// Takes the next site, as V8 writes it.
    fn take(&mut self, site: String, scripts: &Scripts) {
        let (function, at, _) = place(&site);
        let native = at == NATIVE;
        if is_guard(function) {
            self.guarded = Some(site);
            return;
        }
        let Some(line) = frame_line(&site, scripts, self.guarded.take().as_deref()) else {
            // What the kernel's own function called of the engine's.
            self.held = None;
            return;
        };
        let before = self.held.replace(line);
        self.shown.extend(before);
        if !native {
            self.shown.extend(self.held.take());
        }
    }

    /// Fills the places of the kernel's own frames with those behind the `limit` of V8's sites: V8 has captured more
    /// than it hands out, without the objects that frames were called on.
    fn fill(&mut self, scope: &mut v8::PinScope, error: v8::Local<v8::Value>, limit: usize, scripts: &Scripts) {
        if self.shown.len() + usize::from(self.held.is_some()) >= limit {
            return;
        }
        let Some(trace) = v8::Exception::get_stack_trace(scope, error) else { return };
        for index in limit..trace.get_frame_count() {
            if self.shown.len() >= limit {
                break;
            }
            v8::scope!(let scope, scope);
            if let Some(frame) = frame(scope, trace, index) {
                self.take(captured_site(scope, frame), scripts);
            }
        }
    }

    fn end(mut self) -> Vec<String> {
        self.shown.extend(self.held.take());
        self.shown
    }
}

/// A frame that V8 has captured, as V8 writes a call site.
fn captured_site(scope: &mut v8::PinScope, frame: v8::Local<v8::StackFrame>) -> String {
    let script = frame.get_script_name_or_source_url(scope).map(|name| name.to_rust_string_lossy(scope)).unwrap_or_default();
    let at = match (script.is_empty(), frame.is_eval()) {
        (false, _) => format!("{script}:{}:{}", frame.get_line_number(), frame.get_column()),
        (true, true) => format!("{EVAL_AT}{EVAL}, {NATIVE}:{}:{}", frame.get_line_number(), frame.get_column()),
        (true, false) => NATIVE.to_owned(),
    };
    let function = frame.get_function_name(scope).map(|name| name.to_rust_string_lossy(scope)).unwrap_or_default();
    match (function.is_empty(), frame.is_constructor()) {
        (true, false) => at,
        (true, true) => format!("new {NATIVE} ({at})"),
        (false, false) => format!("{function} ({at})"),
        (false, true) => format!("new {function} ({at})"),
    }
}

/// A call site as V8 writes it: by its own function, which runs nobody's code, and so may run where JavaScript is
/// switched off.
fn site_text(scope: &mut v8::PinScope, realm: &Realm, site: v8::Local<v8::Value>) -> Option<String> {
    v8::allow_javascript_execution_scope!(let scope, scope);
    let to_string = v8::Local::new(scope, realm.call_site_to_string.get()?);
    let text = to_string.call(scope, site, &[])?.try_cast::<v8::String>().ok()?;
    Some(text.to_rust_string_lossy(scope))
}

/// What the user's own `Error.prepareStackTrace` makes of it.
fn user_stack<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    error: v8::Local<'s, v8::Value>,
    sites: v8::Local<'s, v8::Array>,
) -> Option<v8::Local<'s, v8::Value>> {
    let (constructor, prepare) = formatter(scope)?;
    let sites = user_sites(scope, sites)?;
    prepare.call(scope, constructor.into(), &[error, sites.into()])
}

/// The `Error` that the user's code sees, and its function that formats stacks.
pub(crate) fn formatter<'s>(
    scope: &mut v8::PinScope<'s, '_>,
) -> Option<(v8::Local<'s, v8::Object>, v8::Local<'s, v8::Function>)> {
    let global = scope.get_current_context().global(scope);
    let key = v8::String::new(scope, "Error")?;
    let constructor = peek::data_property(scope, global, key.into())?.try_cast::<v8::Object>().ok()?;
    let key = v8::String::new(scope, "prepareStackTrace")?;
    let prepare = peek::data_property(scope, constructor, key.into())?.try_cast::<v8::Function>().ok()?;
    Some((constructor, prepare))
}

/// The call sites that are the user's: those of the kernel's own functions would hand these out.
fn user_sites<'s>(scope: &mut v8::PinScope<'s, '_>, sites: v8::Local<'s, v8::Array>) -> Option<v8::Local<'s, v8::Array>> {
    let realm = Realm::of(scope);
    let mut users = Vec::with_capacity(sites.length() as usize);
    for index in 0..sites.length() {
        let site = sites.get_index(scope, index)?;
        let text = site_text(scope, &realm, site);
        if text.is_none_or(|text| !is_internal(place(&text).1)) {
            users.push(site);
        }
    }
    Some(v8::Array::new_with_elements(scope, &users))
}

/// V8's text of a frame, `f (script:line:column)`, in three: what stands before the place, the place, what stands after
/// it.
fn place(site: &str) -> (&str, &str, &str) {
    match site.rfind('(') {
        Some(open) if site.ends_with(')') => (&site[..=open], &site[open + 1..site.len() - 1], ")"),
        _ => match site.strip_prefix("async ") {
            Some(place) => ("async ", place, ""),
            None => ("", site, ""),
        },
    }
}

/// `Name: message`, as V8 writes it. Accessors are asked where JavaScript may run: then the message comes besides.
fn header(scope: &mut v8::PinScope, error: v8::Local<v8::Value>) -> (String, Option<String>) {
    let Ok(object) = error.try_cast::<v8::Object>() else { return (String::new(), None) };
    let mut was_asked = false;
    let mut part = |key: &str| {
        let plain = plain_part(scope, object, key);
        plain.or_else(|| said::ask(scope, object, key).inspect(|_| was_asked = true))
    };
    let name = part("name").unwrap_or_else(|| "Error".to_owned());
    let message = part("message").unwrap_or_default();
    let text = match &*message {
        "" => name,
        message if name.is_empty() => message.to_owned(),
        message => format!("{name}: {message}"),
    };
    (unmarked(scope, text), was_asked.then_some(message))
}

/// A part of an error's first line, if it is plain data, as V8 writes it: what is undefined is as good as none.
fn plain_part(scope: &mut v8::PinScope, error: v8::Local<v8::Object>, key: &str) -> Option<String> {
    v8::scope!(let scope, scope);
    let error = v8::Local::new(scope, error);
    let key = v8::String::new(scope, key)?;
    let value = peek::data_property(scope, error, key.into())?;
    let is_plain = !(value.is_undefined() || value.is_object() || value.is_symbol());
    is_plain.then(|| value.to_rust_string_lossy(scope))
}

/// One line of a stack in the user's coordinates, at the place of the frame that it was `guarded` by; `None` for the
/// kernel's own frames.
fn frame_line(site: &str, scripts: &Scripts, guarded: Option<&str>) -> Option<String> {
    if let Some(line) = eval_line(site) {
        return Some(line);
    }
    let (before, at, after) = place(site);
    if is_internal(at) {
        return None;
    }
    let at = guarded.map_or(at, |guarded| place(guarded).1);
    match map_place(at, scripts) {
        Mapped::Same => Some(format!("{before}{at}{after}")),
        Mapped::To(place) => Some(format!("{before}{place}{after}")),
        Mapped::Nowhere => None,
    }
}

/// The line of a frame in code that `eval` or `new Function` was given: V8 says besides where that was called, which is
/// the next frame.
fn eval_line(site: &str) -> Option<String> {
    let (function, rest) = match site.split_once(&format!("({EVAL_AT}")) {
        Some((function, rest)) => (function.trim_end(), rest.strip_suffix(')')?),
        None => ("", site.strip_prefix("async ").unwrap_or(site).strip_prefix(EVAL_AT)?),
    };
    let (_, at) = rest.rsplit_once(", ")?;
    let (line, column) = at.strip_prefix(NATIVE)?.strip_prefix(':')?.split_once(':')?;
    let (line, column) = (line.parse::<u32>().ok()?, column.parse::<u32>().ok()?);
    let place = format!("{EVAL}:{line}:{column}");
    Some(if matches!(function, "" | EVAL) { place } else { format!("{function} ({place})") })
}

/// What becomes of a place.
enum Mapped {
    Same,
    To(String),
    /// Nobody wrote the code there.
    Nowhere,
}

/// The places of the frames in a stack's text.
pub(crate) fn places(text: &str) -> impl Iterator<Item = Location> {
    text.lines().take(MAX_LINES).filter_map(|line| {
        let (_, at, _) = place(line.strip_prefix("    at ")?);
        let (script, line, column) = parts(at)?;
        let position = Position { line: line.checked_sub(1)?, column: column.checked_sub(1)? };
        Some(Location::new(script, position))
    })
}

/// `script:line:column` with a mapped position.
fn map_place(place: &str, scripts: &Scripts) -> Mapped {
    if scripts.is_empty() {
        return Mapped::Same;
    }
    let Some((script, line, column)) = parts(place) else { return Mapped::Same };
    match scripts.place(script, Position { line: line.saturating_sub(1), column: column.saturating_sub(1) }) {
        Some(Location { script, position, .. }) => Mapped::To(format!("{script}:{}:{}", position.line + 1, position.column + 1)),
        None => Mapped::Nowhere,
    }
}

/// The parts of `script:line:column`.
fn parts(place: &str) -> Option<(&str, u32, u32)> {
    let (rest, column) = place.rsplit_once(':')?;
    let (script, line) = rest.rsplit_once(':')?;
    Some((script, line.parse().ok()?, column.parse().ok()?))
}

/// The frame at `index`, counted from the innermost. V8 reads past the end of a trace that has no such frame, and **a
/// trace is empty where V8 itself called the native function**: for a promise, a timer, a bound function.
pub(crate) fn frame<'s>(
    scope: &v8::PinScope<'s, '_>,
    trace: v8::Local<'s, v8::StackTrace>,
    index: usize,
) -> Option<v8::Local<'s, v8::StackFrame>> {
    #[expect(clippy::disallowed_methods, reason = "the index is in bounds")]
    if index < trace.get_frame_count() { trace.get_frame(scope, index) } else { None }
}

/// Appends the user's frames of the executing stack to `text`, a line each.
pub(crate) fn append_current(scope: &mut v8::PinScope, text: &mut String) {
    let realm = Realm::of(scope);
    let scripts = realm.scripts.borrow();
    v8::scope!(let scope, scope);
    let Some(trace) = v8::StackTrace::current_stack_trace(scope, 50) else { return };
    for index in 0..trace.get_frame_count() {
        let Some(frame) = frame(scope, trace, index) else { continue };
        let name = frame.get_script_name_or_source_url(scope).map(|name| name.to_rust_string_lossy(scope));
        let Some(at) = scripts.location(name.unwrap_or_default(), frame.get_line_number(), frame.get_column()) else { continue };
        let function = frame.get_function_name(scope).map(|name| name.to_rust_string_lossy(scope)).unwrap_or_default();
        let place = format!("{}:{}:{}", at.script, at.position.line + 1, at.position.column + 1);
        if function.is_empty() {
            text.push_str(&format!("\n    at {place}"));
        } else {
            text.push_str(&format!("\n    at {function} ({place})"));
        }
    }
}
