//! Questions of JavaScript to a person. The run stands still in its process until the answer is there, and uses no CPU
//! time meanwhile. **No code is run again for an answer.**

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use drupe_client::{
    Policy, RunId,
    host::{
        Pending,
        permissions::{Decision, PermissionRequest},
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
    /// What a person has granted for the session: permissions with their resources.
    granted: VecDeque<(&'static str, String)>,
    /// Runs that have ended, and whose callbacks were told to wait for nobody.
    turned_down: BTreeSet<RunId>,
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

    /// The client says no more: all questions are turned down, those that it was told of, too.
    pub(crate) fn end(&self) {
        let mut state = self.state();
        state.can_ask = false;
        let open = state.open.iter().map(|open| open.number).collect::<Vec<_>>();
        drop(state);
        open.into_iter().for_each(|number| self.answer(number, Said::Nothing, "nobody"));
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
        state.note_grant(&open.asked, &said);
        // One that nobody waits for was taken back at this moment.
        drop(open.answer.send(said));
        drop(state);
        self.ring();
    }

    /// Takes back the questions of a run that has ended, and turns down what its callbacks ask from now on. Returns the
    /// questions.
    pub(crate) fn take_back(&self, run: Option<RunId>) -> Vec<QuestionTold> {
        let mut state = self.state();
        let open = state.open.iter().filter(|open| open.run == run).map(|open| (open.number, open.asked.clone()));
        let open = open.collect::<Vec<_>>();
        state.turned_down.extend(run.filter(|_| !open.is_empty()));
        if state.turned_down.len() > MAX_TOLD {
            state.turned_down.pop_first();
        }
        drop(state);
        open.iter().for_each(|(number, _)| self.answer(*number, Said::Nothing, "taken_back"));
        open.iter().map(|(_, asked)| told(asked, &Said::Nothing, "taken_back")).collect()
    }

    /// The questions of a run that are over.
    pub(crate) fn told(&self, run: RunId) -> Vec<QuestionTold> {
        self.state().told.iter().filter(|(of, _)| *of == Some(run)).map(|(_, told)| told.clone()).collect()
    }

    /// Whether a person has granted this for the session.
    pub(crate) fn has_granted(&self, permission: &str, resource: &str) -> bool {
        self.state().granted.iter().any(|(kind, of)| *kind == permission && of == resource)
    }

    /// Whether a person can be asked for a permission. If nobody can, that is told as an answer.
    pub(crate) fn may_ask(&self, request: &PermissionRequest) -> bool {
        if !self.grantable.bounds(request) {
            return false;
        }
        let mut state = self.state();
        if !state.can_ask {
            let (permission, resource) = (request.kind.name(), request.resource.clone());
            let asked = Asked::Permission { permission, resource, api: request.api.clone() };
            state.tell(request.run, told(&asked, &Said::Nothing, "nobody"));
        }
        state.can_ask
    }

    /// Asks. `Nothing`: there is nobody.
    pub(crate) fn ask(self: &Arc<Self>, run: Option<RunId>, asked: Asked) -> Pending<Said> {
        let mut state = self.state();
        if !state.can_ask {
            let unasked = told(&asked, &Said::Nothing, "nobody");
            state.tell(run, unasked);
            return Box::pin(async { Said::Nothing });
        }
        if run.is_some_and(|run| state.turned_down.contains(&run)) {
            let again = told(&asked, &Said::Nothing, "taken_back");
            state.tell(run, again);
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
    fn note_grant(&mut self, asked: &Asked, said: &Said) {
        if let (Asked::Permission { permission, resource, .. }, Said::Permission(Decision::Session)) = (asked, said) {
            self.granted.push_back((permission, resource.clone()));
        }
        while self.granted.len() > MAX_TOLD {
            self.granted.pop_front();
        }
    }

    fn tell(&mut self, run: Option<RunId>, told: QuestionTold) {
        // The same question again that nobody was asked is one.
        let is_unasked = matches!(told.by, "nobody" | "taken_back");
        let again = self.told.iter().any(|(of, one)| *of == run && is_unasked && *one == told);
        if !again {
            self.told.push_back((run, told));
        }
        while self.told.len() > MAX_TOLD {
            self.told.pop_front();
        }
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
    async fn what_is_taken_back_is_not_asked_again() {
        let (questions, said) = asking(1);
        let told = questions.take_back(Some(1));
        assert_eq!((told.len(), &*told[0].answer, told[0].by), (1, "false", "taken_back"));
        assert_eq!(said.await, Said::Nothing);
        let again = questions.ask(Some(1), Asked::Confirm { message: "sure?".to_owned() });
        assert_eq!(again.await, Said::Nothing);
        assert!(questions.waiting().is_empty() && questions.take_back(Some(1)).is_empty());
        assert_eq!(questions.told(1).len(), 1, "the same question");
        let _other = questions.ask(Some(2), Asked::Confirm { message: "sure?".to_owned() });
        assert_eq!(questions.waiting(), [(Some(2), "confirm")]);
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
