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
    /// Wait to be asked, first to last.
    waiting: VecDeque<Waiting>,
}

/// A question that came at a time when it could not be asked.
#[derive(Debug)]
struct Waiting {
    question: Question,
    /// Whether the person was told of it.
    told: bool,
}

/// A queue, and the end that its questions come out of.
#[must_use]
pub fn prompt_queue() -> (PromptQueue, Questions) {
    let (questions, queue) = mpsc::unbounded_channel();
    (PromptQueue { questions }, Questions { queue, waiting: VecDeque::new() })
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
    /// A question that the person was told of, and that somebody still waits for.
    pub(crate) fn next_told(&mut self) -> Option<Question> {
        self.take(|waiting| waiting.told)
    }

    /// The same, but for requests for standard input.
    pub(crate) fn next_told_dialog(&mut self) -> Option<Question> {
        self.take(|waiting| waiting.told && !waiting.question.is_input())
    }

    fn take(&mut self, is_meant: impl Fn(&Waiting) -> bool) -> Option<Question> {
        self.waiting.retain(|waiting| !waiting.question.is_withdrawn());
        let at = self.waiting.iter().position(is_meant)?;
        self.waiting.remove(at).map(|waiting| waiting.question)
    }

    /// The next question that somebody still waits for; pending while there is none. Requests for standard input wait
    /// until `may_type`. Cancel safe.
    pub(crate) async fn next(&mut self, may_type: bool) -> Question {
        self.next_where(|waiting| may_type || !waiting.question.is_input()).await
    }

    /// The next question that the person was not told of yet; pending while there is none. Cancel safe.
    pub(crate) async fn next_untold(&mut self) -> Question {
        self.next_where(|waiting| !waiting.told).await
    }

    async fn next_where(&mut self, is_meant: impl Fn(&Waiting) -> bool) -> Question {
        loop {
            if let Some(question) = self.take(&is_meant) {
                return question;
            }
            match self.queue.recv().await {
                Some(question) => self.put_back(question, false),
                None => std::future::pending().await,
            }
        }
    }

    /// Asks it after all others. `told`: the person was told of it; otherwise they will be.
    pub(crate) fn put_back(&mut self, question: Question, told: bool) {
        self.waiting.push_back(Waiting { question, told });
    }

    /// Asks it before all others. `told`: the person was told of it.
    pub(crate) fn put_first(&mut self, question: Question, told: bool) {
        self.waiting.push_front(Waiting { question, told });
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use drupe_client::host::TypedInput;
    use tokio::time::timeout;

    use super::prompt_queue;

    #[tokio::test]
    async fn what_came_in_a_run_that_ends_is_told_at_the_prompt() {
        let (prompts, mut questions) = prompt_queue();
        let text = TypedInput::text(&prompts, Some(3));
        // A run is followed that may not ask for standard input yet.
        assert!(timeout(Duration::ZERO, questions.next(false)).await.is_err());
        assert!(questions.next_told().is_none(), "nobody was told");
        let question = questions.next_untold().await;
        questions.put_back(question, true);
        assert!(timeout(Duration::ZERO, questions.next_untold()).await.is_err(), "it is told once");
        assert!(questions.next_told_dialog().is_none(), "only an empty line begins to type");
        questions.next_told().unwrap().answer("typed\n").unwrap();
        assert_eq!(text.await.unwrap().as_deref(), Some("typed\n"));
    }
}
