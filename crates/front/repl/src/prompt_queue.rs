//! Questions of running code to the person at the terminal: permissions, `alert`, `confirm`, `prompt`, standard
//! input.
//!
//! The kernel gets a [`PromptQueue`]. The front end that has the terminal takes the [`Questions`] from it, one after
//! another.

use std::collections::VecDeque;

use drupe_client::{
    RunId,
    host::{
        Dialogs, HostError, Pending, TypedInput,
        permissions::{Decision, PermissionRequest, Prompt},
    },
};
use tokio::sync::{mpsc, oneshot};

/// Takes questions for the person at the terminal, from any number of kernels. Clones are the same queue. When the
/// front end is gone, everything is refused.
#[derive(Clone, Debug)]
pub struct PromptQueue {
    questions: mpsc::UnboundedSender<Question>,
}

/// The questions that wait at a [`PromptQueue`], for a front end to ask.
#[derive(Debug)]
pub struct Questions {
    /// Calls that are open are bounded, and so are these.
    queue: mpsc::UnboundedReceiver<Question>,
    /// Came while the person was typing.
    deferred: VecDeque<Question>,
    /// Were asked, and are to be told of and asked again.
    again: VecDeque<Question>,
}

/// A queue, and the end that its questions come out of.
#[must_use]
pub fn prompt_queue() -> (PromptQueue, Questions) {
    let (questions, queue) = mpsc::unbounded_channel();
    (PromptQueue { questions }, Questions { queue, deferred: VecDeque::new(), again: VecDeque::new() })
}

/// A question, and who waits for the answer. Dropping it refuses it.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) run: Option<RunId>,
    pub(crate) matter: PromptRequest,
}

/// What is asked. **Texts are what the code says.**
#[derive(Debug)]
pub(crate) enum PromptRequest {
    Permission {
        request: PermissionRequest,
        answer: oneshot::Sender<Decision>,
    },
    Alert {
        message: String,
        answer: oneshot::Sender<()>,
    },
    Confirm {
        message: String,
        answer: oneshot::Sender<bool>,
    },
    Prompt {
        message: String,
        otherwise: Option<String>,
        answer: oneshot::Sender<Option<String>>,
    },
    /// Text of standard input, with its line breaks, or its end. JavaScript goes on meanwhile.
    Input {
        answer: oneshot::Sender<Option<String>>,
    },
}

/// What the person said to a permission for the session, to be confirmed to them.
pub(crate) type Granted = Option<PermissionRequest>;

impl Question {
    /// Resolves when nobody waits for the answer any more. Cancel safe.
    pub(crate) async fn withdrawn(&mut self) {
        match &mut self.matter {
            PromptRequest::Permission { answer, .. } => answer.closed().await,
            PromptRequest::Alert { answer, .. } => answer.closed().await,
            PromptRequest::Confirm { answer, .. } => answer.closed().await,
            PromptRequest::Prompt { answer, .. } => answer.closed().await,
            PromptRequest::Input { answer } => answer.closed().await,
        }
    }

    fn is_withdrawn(&self) -> bool {
        match &self.matter {
            PromptRequest::Permission { answer, .. } => answer.is_closed(),
            PromptRequest::Alert { answer, .. } => answer.is_closed(),
            PromptRequest::Confirm { answer, .. } => answer.is_closed(),
            PromptRequest::Prompt { answer, .. } => answer.is_closed(),
            PromptRequest::Input { answer } => answer.is_closed(),
        }
    }

    /// Whether it asks for standard input: what the code says meanwhile is shown.
    pub(crate) fn is_input(&self) -> bool {
        matches!(self.matter, PromptRequest::Input { .. })
    }

    /// Whether any text is an answer.
    pub(crate) fn is_text(&self) -> bool {
        !matches!(self.matter, PromptRequest::Permission { .. } | PromptRequest::Confirm { .. })
    }

    /// Answers with a line that was typed, or the text of standard input. The question comes back when that is no
    /// answer to it.
    pub(crate) fn answer(self, line: &str) -> Result<Granted, Self> {
        let word = line.trim().to_ascii_lowercase();
        // Who asked may have stopped waiting.
        match self.matter {
            PromptRequest::Permission { request, answer } => {
                let decision = match word.as_str() {
                    "y" | "yes" | "once" => Decision::Once,
                    "s" | "session" => Decision::Session,
                    "" | "n" | "no" | "deny" => Decision::Deny,
                    _ => return Err(Self { matter: PromptRequest::Permission { request, answer }, ..self }),
                };
                let _ = answer.send(decision);
                return Ok((decision == Decision::Session).then_some(request));
            }
            PromptRequest::Alert { answer, .. } => {
                let _ = answer.send(());
            }
            PromptRequest::Confirm { answer, .. } => {
                let _ = answer.send(matches!(word.as_str(), "y" | "yes"));
            }
            PromptRequest::Prompt { otherwise, answer, .. } => {
                let text = if line.is_empty() { otherwise.unwrap_or_default() } else { line.to_owned() };
                drop(answer.send(Some(text)));
            }
            PromptRequest::Input { answer } => drop(answer.send(Some(line.to_owned()))),
        }
        Ok(None)
    }

    /// The person will not answer. Standard input ends.
    pub(crate) fn refuse(self) {
        // Who asked may have stopped waiting.
        match self.matter {
            PromptRequest::Permission { answer, .. } => {
                let _ = answer.send(Decision::Deny);
            }
            PromptRequest::Alert { answer, .. } => {
                let _ = answer.send(());
            }
            PromptRequest::Confirm { answer, .. } => {
                let _ = answer.send(false);
            }
            PromptRequest::Prompt { answer, .. } | PromptRequest::Input { answer } => drop(answer.send(None)),
        }
    }
}

impl Questions {
    /// A question that came while the person was typing, and that somebody still waits for.
    pub(crate) fn next_deferred(&mut self) -> Option<Question> {
        self.next_deferred_where(|_| true)
    }

    /// The same, but for requests for standard input.
    pub(crate) fn next_deferred_dialog(&mut self) -> Option<Question> {
        self.next_deferred_where(|question| !question.is_input())
    }

    fn next_deferred_where(&mut self, is_meant: impl Fn(&Question) -> bool) -> Option<Question> {
        self.deferred.retain(|question| !question.is_withdrawn());
        self.deferred.iter().position(is_meant).and_then(|at| self.deferred.remove(at))
    }

    /// The next question that somebody still waits for; pending while there is none. Requests for standard input wait
    /// until `may_type`. Cancel safe.
    pub(crate) async fn next(&mut self, may_type: bool) -> Question {
        loop {
            if let Some(question) = self.next_deferred_where(|question| may_type || !question.is_input()) {
                return question;
            }
            let question = self.newest().await;
            self.deferred.push_back(question);
        }
    }

    /// The next question that comes from now on.
    pub(crate) async fn newest(&mut self) -> Question {
        if let Some(question) = self.again.pop_front() {
            return question;
        }
        match self.queue.recv().await {
            Some(question) => question,
            None => std::future::pending().await,
        }
    }

    /// It was asked, and what was followed is over: it is told of and asked again.
    pub(crate) fn put_back(&mut self, question: Question) {
        self.again.push_back(question);
    }

    /// Asks it before all others.
    pub(crate) fn put_first(&mut self, question: Question) {
        self.deferred.push_front(question);
    }

    /// Asks it later.
    pub(crate) fn deferred(&mut self, question: Question) {
        self.deferred.push_back(question);
    }
}

impl PromptQueue {
    fn ask<T: Send + 'static>(
        &self,
        run: Option<RunId>,
        matter: impl FnOnce(oneshot::Sender<T>) -> PromptRequest,
        refused: T,
    ) -> Pending<T> {
        let (answer, answered) = oneshot::channel();
        // A front end that is gone drops the question, which refuses it.
        drop(self.questions.send(Question { run, matter: matter(answer) }));
        Box::pin(async move { answered.await.unwrap_or(refused) })
    }
}

impl Prompt for PromptQueue {
    fn ask(&self, request: PermissionRequest) -> Pending<Decision> {
        self.ask(request.run, |answer| PromptRequest::Permission { request, answer }, Decision::Deny)
    }
}

impl Dialogs for PromptQueue {
    fn alert(&self, message: String, run: Option<RunId>) -> Pending<()> {
        self.ask(run, |answer| PromptRequest::Alert { message, answer }, ())
    }

    fn confirm(&self, message: String, run: Option<RunId>) -> Pending<bool> {
        self.ask(run, |answer| PromptRequest::Confirm { message, answer }, false)
    }

    fn prompt(&self, message: String, otherwise: Option<String>, run: Option<RunId>) -> Pending<Option<String>> {
        self.ask(run, |answer| PromptRequest::Prompt { message, otherwise, answer }, None)
    }
}

/// The error of a program that reads standard input when nobody is there to type it.
fn nobody_types() -> HostError {
    HostError::new("Error", "nobody types standard input: the question for it was stopped").with_code("ERR_NO_STDIN")
}

impl TypedInput for PromptQueue {
    fn text(&self, run: Option<RunId>) -> Pending<Result<Option<String>, HostError>> {
        let (answer, answered) = oneshot::channel();
        // A front end that is gone drops the question.
        drop(self.questions.send(Question { run, matter: PromptRequest::Input { answer } }));
        Box::pin(async move { answered.await.map_err(|_| nobody_types()) })
    }
}
