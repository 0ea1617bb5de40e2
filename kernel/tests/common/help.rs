//! Questions of the control channel, and their answers.

use drupe_protocol::{
    Control, Reply, RunId,
    introspection::{Complete, CompleteReply, Completion, Global, Globals, Preview, Status, StatusReply},
};

use super::{
    TestKernel,
    site::{CompletionSite, Typed},
};

/// The completions of code, and the place that they belong to.
#[derive(Debug, Default)]
pub struct Completed {
    pub start: u32,
    pub end: u32,
    pub items: Vec<Completion>,
    pub environment: bool,
}

impl TestKernel {
    /// Completes at the end of `code`.
    pub fn complete(&mut self, code: &str) -> Completed {
        let cursor = u32::try_from(code.encode_utf16().count()).unwrap();
        self.complete_at(code, cursor)
    }

    pub fn complete_at(&mut self, code: &str, cursor: u32) -> Completed {
        let Some(CompletionSite::Typed(typed)) = CompletionSite::at(code, cursor) else { return Completed::default() };
        let Typed { object, prefix, quote, offers, start, end } = typed;
        match self.control(&Control::Complete(Complete { id: 77, object, prefix, quote, offers })) {
            Reply::Complete(CompleteReply { id, items, environment }) => {
                assert_eq!(id, 77);
                Completed { start, end, items, environment }
            }
            other => panic!("{other:?}"),
        }
    }

    /// The texts that complete `code`, the likeliest first.
    pub fn completed(&mut self, code: &str) -> Vec<String> {
        self.complete(code).items.into_iter().map(|item| item.text).collect()
    }

    pub fn item(&mut self, code: &str, text: &str) -> Completion {
        let items = self.complete(code).items;
        items.iter().find(|item| item.text == text).unwrap_or_else(|| panic!("{code}: no {text} in {items:?}")).clone()
    }

    pub fn globals(&mut self) -> Vec<Global> {
        match self.control(&Control::Globals(Globals { id: 5 })) {
            Reply::Globals(listed) => {
                assert_eq!(listed.id, 5);
                listed.names
            }
            other => panic!("{other:?}"),
        }
    }

    pub fn preview(&mut self, code: &str) -> Option<String> {
        match self.control(&Control::Preview(Preview { id: 8, code: code.to_owned() })) {
            Reply::Preview(previewed) => {
                assert_eq!(previewed.id, 8);
                previewed.text
            }
            other => panic!("{other:?}"),
        }
    }

    pub fn status(&mut self) -> StatusReply {
        match self.control(&Control::Status(Status { id: 6 })) {
            Reply::Status(told) => {
                assert_eq!(told.id, 6);
                told
            }
            other => panic!("{other:?}"),
        }
    }

    /// Starts `code`, and waits until it says something.
    pub fn start_and_hear(&mut self, code: &str) -> RunId {
        let run = self.start(code);
        self.console();
        run
    }
}
