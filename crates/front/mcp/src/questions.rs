//! Questions of JavaScript to a person. The run stands still in its process until the answer is there, and uses no CPU
//! time meanwhile. **No code is run again for an answer.**

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use drupe_client::{
    Policy, RunId,
    host::{
        Dialogs, Pending,
        permissions::{Decision, PermissionRequest, Prompt},
    },
};
use tokio::sync::{oneshot, watch};

use crate::asked::{Asked, QuestionTold, Said, told};

/// How many questions are remembered that were answered, or could not be asked.
const MAX_TOLD: usize = 100;

/// The questions of a session.
#[derive(Debug)]
pub(crate) struct Questions {
    /// What a person may grant besides what is granted.
    grantable: Policy,
    state: Mutex<State>,
    /// Rings when a question comes or goes.
    bell: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    /// Whether the client of the last call can put questions to a person.
    can_ask: bool,
    last: u64,
    open: Vec<Open>,
    told: VecDeque<(Option<RunId>, QuestionTold)>,
}

#[derive(Debug)]
struct Open {
    number: u64,
    run: Option<RunId>,
    asked: Asked,
    answer: oneshot::Sender<Said>,
    /// A call of a tool is asking it.
    is_claimed: bool,
    /// What a client gives back with the answer, where answers come with another request.
    token: Option<String>,
    /// When a client was told of it last.
    told: Option<Instant>,
}

/// A question that a call of a tool asks. Dropped, it is for others to ask.
#[derive(Debug)]
pub(crate) struct Claim {
    questions: Arc<Questions>,
    pub(crate) number: u64,
    pub(crate) asked: Asked,
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut state = self.questions.state();
        if let Some(open) = state.open.iter_mut().find(|open| open.number == self.number) {
            open.is_claimed = false;
        }
        drop(state);
        self.questions.ring();
    }
}

impl Questions {
    pub(crate) fn new(grantable: Policy) -> Self {
        Self { grantable, state: Mutex::default(), bell: watch::Sender::new(0) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ring(&self) {
        self.bell.send_modify(|count| *count += 1);
    }

    /// Tells of changes.
    pub(crate) fn bell(&self) -> watch::Receiver<u64> {
        self.bell.subscribe()
    }

    /// Whether the client of the call that now attends to the session can put questions to a person.
    pub(crate) fn set_can_ask(&self, can_ask: bool) {
        self.state().can_ask = can_ask;
    }

    /// The first question that a call may ask, which attends to `run` since `begun`.
    ///
    /// One that no call asks, or has asked, is for every call of the session: the run of each waits for it. **One that
    /// a person has before them, because a client was told of it, is not put to them again** by calls that were there
    /// already, or come for other runs: only by a later call for its own run, whose client has come back without an
    /// answer. The question of a run that `is_over` is like one of the call's own.
    pub(crate) fn claim(self: &Arc<Self>, run: RunId, begun: Instant, is_over: impl Fn(RunId) -> bool) -> Option<Claim> {
        let mut state = self.state();
        let is_own = |of: Option<RunId>| of.is_none_or(|of| of == run || is_over(of));
        let may = |open: &Open| open.told.is_none_or(|told| told < begun && is_own(open.run));
        let open = state.open.iter_mut().find(|open| !open.is_claimed && may(open))?;
        open.is_claimed = true;
        Some(Claim { questions: self.clone(), number: open.number, asked: open.asked.clone() })
    }

    /// A client without elicitation attends: nobody can be asked what no client was told of.
    pub(crate) fn turn_down(&self) {
        let unasked = |open: &&Open| !open.is_claimed && open.token.is_none();
        loop {
            let number = self.state().open.iter().find(unasked).map(|open| open.number);
            let Some(number) = number else { return };
            self.answer(number, Said::Nothing, "nobody");
        }
    }

    /// Whether a question still waits for its answer.
    pub(crate) fn is_open(&self, number: u64) -> bool {
        self.state().open.iter().any(|open| open.number == number)
    }

    /// The questions that wait for an answer, the oldest first: the run of each, and its kind.
    pub(crate) fn waiting(&self) -> Vec<(Option<RunId>, &'static str)> {
        self.state().open.iter().map(|open| (open.run, open.asked.kind())).collect()
    }

    /// What a client gives back with its answer to a question; `make` makes it if there is none.
    pub(crate) fn token<E>(&self, number: u64, make: impl FnOnce() -> Result<String, E>) -> Result<Option<String>, E> {
        let mut state = self.state();
        let Some(open) = state.open.iter_mut().find(|open| open.number == number) else { return Ok(None) };
        if open.token.is_none() {
            open.token = Some(make()?);
        }
        open.told = Some(Instant::now());
        Ok(open.token.clone())
    }

    /// The question of a token, and its run.
    pub(crate) fn by_token(&self, token: &str) -> Option<(u64, Asked, Option<RunId>)> {
        let state = self.state();
        let open = state.open.iter().find(|open| open.token.as_deref() == Some(token))?;
        Some((open.number, open.asked.clone(), open.run))
    }

    /// Answers a question, as [`QuestionTold::by`] says by whom. One that is over is left alone.
    pub(crate) fn answer(&self, number: u64, said: Said, by: &'static str) {
        let mut state = self.state();
        let Some(at) = state.open.iter().position(|open| open.number == number) else { return };
        let open = state.open.remove(at);
        state.tell(open.run, told(&open.asked, &said, by));
        // One that nobody waits for was taken back at this moment.
        drop(open.answer.send(said));
        drop(state);
        self.ring();
    }

    /// The questions of a run that are over.
    pub(crate) fn told(&self, run: RunId) -> Vec<QuestionTold> {
        self.state().told.iter().filter(|(of, _)| *of == Some(run)).map(|(_, told)| told.clone()).collect()
    }

    /// Asks. `Nothing`: there is nobody.
    fn ask(self: &Arc<Self>, run: Option<RunId>, asked: Asked) -> Pending<Said> {
        let mut state = self.state();
        if !state.can_ask {
            let unasked = told(&asked, &Said::Nothing, "nobody");
            state.tell(run, unasked);
            return Box::pin(async { Said::Nothing });
        }
        state.last += 1;
        let number = state.last;
        let (answer, answered) = oneshot::channel();
        state.open.push(Open { number, run, asked, answer, is_claimed: false, token: None, told: None });
        drop(state);
        self.ring();
        let waiting = Waiting { questions: self.clone(), number };
        Box::pin(async move {
            let said = answered.await.unwrap_or(Said::Nothing);
            drop(waiting);
            said
        })
    }
}

/// JavaScript waits for an answer. Dropped, the question is taken back.
struct Waiting {
    questions: Arc<Questions>,
    number: u64,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut state = self.questions.state();
        let Some(at) = state.open.iter().position(|open| open.number == self.number) else { return };
        let open = state.open.remove(at);
        let taken_back = told(&open.asked, &Said::Nothing, "taken_back");
        state.tell(open.run, taken_back);
        drop(state);
        self.questions.ring();
    }
}

impl State {
    fn tell(&mut self, run: Option<RunId>, told: QuestionTold) {
        // The same question again, to a client that cannot ask, is one.
        let again = self.told.iter().any(|(of, one)| *of == run && told.by == "nobody" && *one == told);
        if !again {
            self.told.push_back((run, told));
        }
        while self.told.len() > MAX_TOLD {
            self.told.pop_front();
        }
    }
}

/// The questions of a session, as the client library asks them.
#[derive(Debug)]
pub(crate) struct Asking(pub(crate) Arc<Questions>);

impl Prompt for Asking {
    fn ask(&self, request: PermissionRequest) -> Pending<Decision> {
        let asked = Asked::Permission { permission: request.kind.name(), resource: request.resource, api: request.api };
        let said = self.0.ask(request.run, asked);
        Box::pin(async move {
            match said.await {
                Said::Permission(decision) => decision,
                Said::Declined => Decision::Deny,
                Said::Wrong(_) | Said::Confirm(_) | Said::Prompt(_) | Said::Dismissed | Said::Nothing => Decision::Failed,
            }
        })
    }

    fn is_there(&self, request: &PermissionRequest) -> bool {
        if !self.0.grantable.bounds(request) {
            return false;
        }
        let mut state = self.0.state();
        if !state.can_ask {
            let (permission, resource) = (request.kind.name(), request.resource.clone());
            let asked = Asked::Permission { permission, resource, api: request.api.clone() };
            state.tell(request.run, told(&asked, &Said::Nothing, "nobody"));
        }
        state.can_ask
    }
}

/// Answers `confirm` and `prompt`, and passes on what `alert` says.
pub(crate) struct Answering {
    pub(crate) questions: Arc<Questions>,
    /// Prints the text of an `alert`.
    pub(crate) print: Print,
}

/// Prints text of a run.
pub(crate) type Print = Box<dyn Fn(Option<RunId>, &str) + Send + Sync>;

impl Dialogs for Answering {
    fn alert(&self, message: String, run: Option<RunId>) -> Pending<()> {
        (self.print)(run, &message);
        Box::pin(async {})
    }

    fn confirm(&self, message: String, run: Option<RunId>) -> Pending<bool> {
        let said = self.questions.ask(run, Asked::Confirm { message });
        Box::pin(async move { said.await == Said::Confirm(true) })
    }

    fn prompt(&self, message: String, otherwise: Option<String>, run: Option<RunId>) -> Pending<Option<String>> {
        let said = self.questions.ask(run, Asked::Prompt { message, otherwise });
        Box::pin(async move {
            match said.await {
                Said::Prompt(text) => text,
                Said::Permission(_) | Said::Confirm(_) => None,
                Said::Declined | Said::Dismissed | Said::Nothing | Said::Wrong(_) => None,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::time::Duration;

    use super::*;

    fn asking(run: RunId) -> (Arc<Questions>, Pending<Said>) {
        let questions = Arc::new(Questions::new(Policy::none()));
        questions.set_can_ask(true);
        let said = questions.ask(Some(run), Asked::Confirm { message: "sure?".to_owned() });
        (questions, said)
    }

    fn token(questions: &Questions, claim: &Claim) -> String {
        questions.token(claim.number, || Ok::<_, ()>("q-1".to_owned())).unwrap().unwrap()
    }

    #[test]
    fn a_question_that_a_client_was_told_of_is_not_put_twice() {
        let (questions, _said) = asking(1);
        let begun = Instant::now();
        let claim = questions.claim(2, begun, |_| false).unwrap();
        assert!(questions.claim(1, begun, |_| false).is_none(), "it is claimed");
        token(&questions, &claim);
        drop(claim);
        assert!(questions.claim(1, begun, |_| false).is_none(), "it is before a person");
        assert!(questions.claim(2, begun, |_| false).is_none(), "it is before a person");
        let later = Instant::now() + Duration::from_secs(1);
        assert!(questions.claim(2, later, |_| false).is_none(), "another run's call");
        assert!(questions.claim(2, later, |run| run == 1).is_some(), "its run is over");
        assert!(questions.claim(1, later, |_| false).is_some(), "its client came back");
    }

    #[tokio::test]
    async fn an_answer_that_is_none_is_no_word_of_a_person() {
        let (questions, said) = asking(1);
        let wrong = Said::Wrong("\"yes\" must be a boolean".to_owned());
        questions.answer(1, wrong.clone(), "person");
        assert_eq!(said.await, wrong);
        let told = questions.told(1);
        assert_eq!(
            (told[0].by, &*told[0].answer, told[0].error.as_deref()),
            ("client_error", "false", Some("\"yes\" must be a boolean"))
        );
    }

    #[tokio::test]
    async fn what_nobody_can_be_asked_is_turned_down() {
        let (questions, said) = asking(1);
        questions.turn_down();
        assert_eq!(said.await, Said::Nothing);
        assert_eq!(questions.told(1)[0].by, "nobody");
        let (questions, _said) = asking(1);
        let claim = questions.claim(1, Instant::now(), |_| false).unwrap();
        token(&questions, &claim);
        drop(claim);
        questions.turn_down();
        assert_eq!(questions.waiting(), [(Some(1), "confirm")], "a person has it before them");
    }
}
