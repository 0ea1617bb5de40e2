//! What is known of a run: what it printed and showed, what it was denied, and how it ended. **It is kept for a while
//! after the end**, so that an answer that was lost on its way can be asked for again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use drupe_client::{
    Error, Event, Handle, Kernel, Limits, Origin, Outcome, Report, Run, RunId, SessionReason, Status, host::permissions::Basis,
};
use drupe_protocol::event::RunResult;
use rmcp::schemars::JsonSchema;
use serde::Serialize;
use tokio::{sync::watch, time::Duration};

use crate::{
    failure::cause,
    image::{Image, MAX_IMAGE},
    parts::LimitsTold,
    session::Session,
    transcript::Transcript,
};

/// How many images a run can show, and how many bytes of base64 they may take together.
const MAX_IMAGES: usize = 8;
const MAX_IMAGE_TEXT: usize = 3 * MAX_IMAGE;

/// How many uses of permissions are told one by one.
const MAX_PERMISSIONS: usize = 50;

/// How long a kernel may take to tell its memory.
pub(crate) const PATIENCE: Duration = Duration::from_millis(250);

/// A use of a permission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct PermissionTold {
    /// `read`, `write`, `net`, `env`, `run` or `import`.
    pub(crate) permission: &'static str,
    /// A path, a host, a variable, a program or a URL.
    pub(crate) resource: String,
    /// The function that needed it.
    pub(crate) api: String,
    /// Whether it was granted.
    pub(crate) granted: bool,
    /// Who said so: `policy` or `person`; where it was denied, also `profile` (that of the session), and what `by` of a
    /// question can be.
    pub(crate) by: &'static str,
    /// The rule of the policy that denies it, whatever is granted: its kind and what it covers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rule: Option<String>,
}

/// A run, while it is active and for a while after.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) handle: String,
    pub(crate) run: RunId,
    /// The session was opened for it.
    pub(crate) opens: bool,
    /// The limits that were granted to it.
    limits: Limits,
    state: Mutex<State>,
    changed: watch::Sender<u64>,
}

/// What is known of a run.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) is_started: bool,
    pub(crate) console: Transcript,
    /// What calls have told of the console, in bytes.
    pub(crate) console_told: u64,
    /// What the texts of single calls of the console lack.
    pub(crate) cut: Cut,
    /// How many errors nobody caught, outside of its own end.
    pub(crate) uncaught: usize,
    pub(crate) images: Vec<Image>,
    pub(crate) images_told: usize,
    /// Images that are not shown, and why.
    pub(crate) images_left_out: Vec<String>,
    pub(crate) permissions: Vec<PermissionTold>,
    pub(crate) permissions_left_out: u64,
    /// The reason for the new session, if the run was the first in one that replaced another.
    pub(crate) new_session: Option<String>,
    pub(crate) result: Option<Box<RunResult>>,
    /// The handle to page on in the result.
    pub(crate) result_page: Option<String>,
    pub(crate) end: Option<End>,
    /// What clients give back with answers to questions that were asked while a call attended to the run.
    pub(crate) tokens: Vec<String>,
    /// How many questions the call that attends to the run has asked by answers.
    pub(crate) rounds: u32,
    /// A call that attended to the run was cancelled, and no answer has told what became of the run.
    pub(crate) is_unheard: bool,
    /// A call has told the end.
    pub(crate) end_told: bool,
}

/// The end of a run.
#[derive(Clone, Debug)]
pub(crate) struct End {
    pub(crate) report: Result<Box<Report>, Error>,
    /// The kernel's memory right after it.
    pub(crate) memory: Option<Status>,
}

impl Record {
    pub(crate) fn new(handle: String, run: RunId, limits: Limits, opens: bool) -> Self {
        Self { handle, run, opens, limits, state: Mutex::default(), changed: watch::Sender::new(0) }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The limits that were granted. `opened`: by the call that opened the session.
    pub(crate) fn limits_told(&self, session: &Session, opened: bool) -> LimitsTold {
        let ms = |limit: Option<Duration>| limit.map(|limit| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX));
        let (own, usual) = (self.limits, session.wanted.limits);
        LimitsTold {
            vm_timeout_ms: ms(own.vm_timeout),
            wall_timeout_ms: ms(own.wall_timeout),
            memory_limit_mib: session.wanted.memory >> 20,
            is_worth_words: opened || own.vm_timeout != usual.vm_timeout || own.wall_timeout != usual.wall_timeout,
        }
    }

    /// Tells of changes.
    pub(crate) fn changed(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Waits until the run has ended.
    pub(crate) async fn ended(&self) {
        let mut changed = self.changed();
        while !self.has_ended() && changed.changed().await.is_ok() {}
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.state().end.is_some()
    }

    /// Changes what is known, and tells those who wait.
    pub(crate) fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changed.send_modify(|count| *count += 1);
    }

    /// Reads the events of the run to its end.
    pub(crate) async fn follow(self: Arc<Self>, run: Run, kernel: Kernel) {
        let mut run = run.value_in_event();
        while let Some(event) = run.next_event().await {
            self.change(|state| state.take(event));
        }
        let report = run.await.map(Box::new);
        // A kernel that is gone is not started for this.
        let is_there = report.as_ref().is_ok_and(|report| !matches!(report.state, drupe_client::State::LostWithProcess(_)));
        let memory =
            if is_there { tokio::time::timeout(PATIENCE, kernel.status()).await.ok().and_then(Result::ok) } else { None };
        self.change(|state| {
            state.show_bundle();
            state.console.shrink();
            state.end = Some(End { report, memory });
        });
    }
}

impl State {
    /// About how many bytes it takes.
    pub(crate) fn weight(&self) -> usize {
        let images = self.images.iter().map(|image| image.base64.len()).sum::<usize>();
        let result = self.result.as_ref().map_or(0, |result| result.text.len());
        let outcome = self.end.as_ref().and_then(|end| Some(&end.report.as_ref().ok()?.outcome));
        let shown = if let Some(Outcome::Value { text, .. }) = outcome { text.len() } else { 0 };
        let thrown = outcome.and_then(Outcome::exception).map_or(0, |thrown| thrown.message.len() + thrown.text.len());
        self.console.weight() + images + result + shown + thrown
    }

    /// The handle of the result, as long as it leads there.
    pub(crate) fn result_handle(&self) -> Option<Handle> {
        self.result.as_ref()?.handle
    }

    /// Takes an event of the run.
    #[expect(clippy::wildcard_enum_match_arm, reason = "an event without a field of its own is printed")]
    fn take(&mut self, event: Event) {
        match event {
            Event::Started(_) => self.is_started = true,
            Event::Session(session) => {
                self.new_session = match session.reason {
                    SessionReason::Spawned => None,
                    SessionReason::Reset => Some("the session was reset".to_owned()),
                    SessionReason::Restarted => Some("the kernel was restarted".to_owned()),
                    SessionReason::Respawned(death) => Some(format!("the kernel before had died: {}", cause(&death.cause))),
                    _ => Some("the reason is not known".to_owned()),
                };
            }
            Event::Result(result) => self.result = Some(Box::new(result)),
            Event::Permission(audit) => {
                if self.permissions.len() < MAX_PERMISSIONS {
                    let request = audit.request;
                    let permission = request.kind.name();
                    let (resource, api, granted) = (request.resource, request.api, audit.granted);
                    let by = match audit.basis {
                        Basis::Policy => "policy",
                        Basis::Person => "person",
                    };
                    self.permissions.push(PermissionTold { permission, resource, api, granted, by, rule: audit.rule });
                } else {
                    self.permissions_left_out += 1;
                }
            }
            // The outcome has it.
            Event::Exception(uncaught) if uncaught.origin == Origin::Chunk => {}
            event => {
                self.cut.add(&event);
                self.uncaught += usize::from(matches!(event, Event::Exception(_)));
                if let Some(text) = printed(&event) {
                    self.console.push(&text);
                }
            }
        }
    }

    /// Shows an image, or tells why not.
    pub(crate) fn show(&mut self, image: Result<Image, String>) {
        let used = self.images.iter().map(|image| image.base64.len()).sum::<usize>();
        match image {
            Ok(image) if self.images.len() < MAX_IMAGES && used + image.base64.len() <= MAX_IMAGE_TEXT => self.images.push(image),
            Ok(_) if self.images_left_out.len() < MAX_IMAGES => {
                self.images_left_out
                    .push(format!("a run shows at most {MAX_IMAGES} images, of {} MiB together", MAX_IMAGE_TEXT >> 20));
            }
            Err(why) if self.images_left_out.len() < MAX_IMAGES => self.images_left_out.push(why),
            Ok(_) | Err(_) => {}
        }
    }

    /// Shows the images that the result shows of itself: the first that can be shown.
    fn show_bundle(&mut self) {
        let Some(result) = &mut self.result else { return };
        // Nothing else needs it.
        let bundle = std::mem::take(&mut result.bundle);
        let parts = bundle.iter().filter(|part| part.mime.starts_with("image/"));
        let mut shown = parts.map(|part| match &part.data {
            Some(data) => Image::of_part(&part.mime, data),
            None => Err("an image of the result is too large to be sent".to_owned()),
        });
        let Some(first) = shown.next() else { return };
        let image = if first.is_ok() { first } else { shown.find(Result::is_ok).unwrap_or(first) };
        self.show(image);
    }
}

/// What the kernel has cut of the texts of single calls of the console.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cut {
    pub(crate) bytes: u64,
    /// Arguments of which nothing is shown.
    pub(crate) args: u64,
}

impl Cut {
    pub(crate) fn add(&mut self, event: &Event) {
        if let Event::Console(console) = event {
            self.bytes += console.cut_bytes;
            self.args += console.cut_args;
        }
    }
}

/// The text that an event prints, as a console does; or its description, if it prints nothing.
pub(crate) fn printed(event: &Event) -> Option<String> {
    if let Event::Console(console) = event {
        console.printed()
    } else if let Event::Output(output) = event {
        Some(output.text.clone())
    } else if let Event::Exception(uncaught) = event {
        Some(format!("Uncaught {}\n", uncaught.exception))
    } else {
        event.describe().map(|said| format!("[{said}]\n"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use drupe_client::Value;
    use drupe_protocol::event::{Console, Method, Part};

    use super::*;

    #[test]
    fn the_name_of_a_format_is_not_repeated_and_the_bundle_not_kept() {
        for data in [Some(Value::String("!".to_owned())), None] {
            let mut result = RunResult::new(1, "x");
            result.bundle.push(Part::new("image/x; lost: all variables; session s-0", data));
            let mut state = State { result: Some(Box::new(result)), ..State::default() };
            state.show_bundle();
            assert_eq!(state.images_left_out.len(), 1);
            assert!(!state.images_left_out[0].contains("s-0"), "{:?}", state.images_left_out);
            assert!(state.result.unwrap().bundle.is_empty());
        }
    }

    #[test]
    fn a_console_call_prints_what_node_prints() {
        let call = |method, words: &[&str]| {
            let args = words.iter().map(|word| Value::String((*word).to_owned())).collect();
            let mut console = Console::new(method, args, 0.0);
            console.depth = 1;
            printed(&Event::Console(console))
        };
        assert_eq!(call(Method::Log, &["a\nb"]).as_deref(), Some("  a\n  b\n"));
        assert_eq!(call(Method::Group, &["name"]).as_deref(), Some("  name\n"));
        assert_eq!(call(Method::Log, &[""]).as_deref(), Some("  \n"));
        // A group without a name has no line of its own.
        for method in [Method::Group, Method::GroupCollapsed, Method::GroupEnd, Method::Clear] {
            assert_eq!(call(method, &[]), None, "{method:?}");
        }
    }

    #[test]
    fn the_text_of_a_result_and_of_an_error_is_weighed() {
        let mut state = State { result: Some(Box::new(RunResult::new(1, "x".repeat(1000)))), ..State::default() };
        assert_eq!(state.weight(), 1000);
        let outcome = Outcome::Value { value: None, text: "z".repeat(10) };
        let report = Report::new(1, outcome, drupe_client::State::Kept);
        state.end = Some(End { report: Ok(Box::new(report)), memory: None });
        assert_eq!(state.weight(), 1010);
        let thrown = drupe_client::Exception::plain("Error", "y".repeat(1000));
        let report = Report::new(1, Outcome::Threw(thrown), drupe_client::State::Kept);
        state.end = Some(End { report: Ok(Box::new(report)), memory: None });
        assert!(state.weight() >= 3000, "{}", state.weight());
    }
}
